package x86

import (
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
)

// TestNativeFound are the cases in which the integer unit once differed from the host's processor, or in which the manual
// leaves open what processors do.
func TestNativeFound(t *testing.T) {
	const end = nativeData + 0x1000 // of the data page; nothing is mapped beyond
	segments := func(code uint32) [6]uint32 {
		return [6]uint32{ldtSelector(0), ldtSelector(code), ldtSelector(0), ldtSelector(0), 0, 0}
	}
	selector := byte(ldtSelector(10)) // code of 64 bytes
	for _, test := range []struct {
		name   string
		code   []byte
		vector int // -1 is none
		cr2    uint32
		set    func(n *nativeCase)
	}{
		{"BOUND below the lower bound does not read the upper one", []byte{0x62, 0x07}, excBR, 0,
			func(n *nativeCase) { n.Regs[regEDI] = end - 4; n.Window[nativeWindow-4] = 5 }},
		{"BOUND at the lower bound reads the upper one", []byte{0x62, 0x07}, excPF, end,
			func(n *nativeCase) { n.Regs[regEDI] = end - 4 }},
		{"INS of nothing asks for the permission", []byte{0xf3, 0x6c}, excGP, 0, func(n *nativeCase) { n.Regs[regECX] = 0 }},
		{"OUTS of nothing asks for the permission", []byte{0xf3, 0x6f}, excGP, 0, func(n *nativeCase) { n.Regs[regECX] = 0 }},
		{"a far CALL beyond the limit has pushed", []byte{0x9a, 0, 1, 0, 0, selector, 0}, excGP, 0,
			func(n *nativeCase) { n.Segs = segments(5); n.Regs[regESP] = 0xd00 }},
		{"a near CALL beyond the limit has pushed", []byte{0xff, 0xd0}, excGP, 0,
			func(n *nativeCase) { n.Segs = segments(5); n.Regs[regESP], n.Regs[regEAX] = 0xd00, 0x2000 }},
		{"a relative CALL beyond the limit has pushed", []byte{0xe8, 0, 0x20, 0, 0}, excGP, 0,
			func(n *nativeCase) { n.Segs = segments(5); n.Regs[regESP] = 0xd00 }},
		{"RETF reads the selector first", []byte{0xcb}, excPF, end + 2, func(n *nativeCase) { n.Regs[regESP] = end - 2 }},
		{"RETF reads no more of the selector than 16 bits", []byte{0xcb}, excGP, 0, func(n *nativeCase) { n.Regs[regESP] = end - 6 }},
		{"IRET reads the flags first", []byte{0xcf}, excPF, end + 4, func(n *nativeCase) { n.Regs[regESP] = end - 4 }},
		{"POP of a segment register reads 16 bits", []byte{0x07}, -1, 0,
			func(n *nativeCase) { n.Regs[regESP] = end - 2; n.Window[nativeWindow-2] = 0x2b }},
		{"POP FS reads 16 bits", []byte{0x0f, 0xa1}, -1, 0, func(n *nativeCase) { n.Regs[regESP] = end - 2 }},
		{"LAR gives the limit's high bits too", []byte{0x0f, 0x02, 0xc1}, -1, 0, func(n *nativeCase) { n.Regs[regECX] = 0x23 }},
		{"ENTER has written the frame as far as it got", []byte{0xc8, 8, 0, 3}, excPF, nativeData - 4,
			func(n *nativeCase) { n.Regs[regESP], n.Regs[regEBP] = end-64, nativeData }},
		{"ENTER wants the new top writable", []byte{0xc8, 0, 0x20, 0}, excPF, end - 64 - 4 - 0x2000,
			func(n *nativeCase) { n.Regs[regESP] = end - 64 }},
		{"a read-modify-write of an absent page is a write", []byte{0xff, 0x07}, excPF, end, func(n *nativeCase) { n.Regs[regEDI] = end }},
		{"so is a comparison that would exchange", []byte{0x0f, 0xb1, 0x0f}, excPF, end, func(n *nativeCase) { n.Regs[regEDI] = end }},
		{"a bit test is a read", []byte{0x0f, 0xba, 0x27, 3}, excPF, end, func(n *nativeCase) { n.Regs[regEDI] = end }},
		{"CMPS reads its operands in the processor's order", []byte{0xa7}, excPF, 0,
			func(n *nativeCase) { n.Regs[regESI], n.Regs[regEDI] = end, end+0x10 }},
		{"MOVS reads before it writes", []byte{0xa5}, excPF, end, func(n *nativeCase) { n.Regs[regESI], n.Regs[regEDI] = end, end+0x10 }},
		{"a misaligned load under AC", []byte{0x8b, 0x07}, excAC, 0,
			func(n *nativeCase) { n.Regs[regEDI] = nativeBase + 1; n.EFLAGS |= flagAC }},
		{"POPF that sets AC, then a misaligned store", []byte{0x9d, 0x89, 0x07}, excAC, 0, func(n *nativeCase) {
			n.Regs[regEDI], n.Regs[regESP] = nativeBase+3, nativeBase
			n.Window[0], n.Window[2] = 2, flagAC>>16
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newNativeCase(test.code)
			n.Regs[regESP] = nativeBase + 512
			test.set(n)
			if n.Segs[segCS] != 0 {
				n.EFLAGS |= 2
			}
			compareNative(t, familyInteger, []*nativeCase{n}, []uint32{0})
			ours := userMachine(t).run(n)
			if int(ours.Trap)-1 != test.vector || test.cr2 != 0 && ours.CR2 != test.cr2 {
				t.Errorf("exception %d cr2 %#x; the case is about %d, %#x", int(ours.Trap)-1, ours.CR2, test.vector, test.cr2)
			}
		})
	}
}

// TestExceptionChainTakesTime: handlers that fault at their first instruction for ever leave room for limits and events.
func TestExceptionChainTakesTime(t *testing.T) {
	m := newMachine(t, 2<<20)
	m.start(assemble(t, `
		lidt idtr
		lgdt gdtr
		ljmp $8, $handler
	handler: movl $0x90000, %esp
		ud2
	idtr:	.word 255
		.long idt
	gdtr:	.word 15
		.long gdt
		.balign 8
	gdt:	.quad 0, 0x00cf9b000000ffff
	idt:	.fill 6, 8, 0
		.word fault - _start, 8, 0x8e00, 0x10
	fault:	ud2`))
	fired := false
	event := clock.Event{Fire: func() { fired = true }}
	m.clk.Schedule(&event, 200)
	// Each entry pushes 12 bytes, which last for a while.
	if e := m.upTo(400); e.Reason != cpu.Limit || m.clk.Retired != 400 || !fired {
		t.Errorf("%v at count %d, event %v", e.Reason, m.clk.Retired, fired)
	}
}
