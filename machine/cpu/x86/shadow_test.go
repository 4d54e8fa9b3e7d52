package x86

import (
	"encoding/binary"
	"testing"

	"forkscope/machine/cpu"
)

// Two shadow stacks of a page each, at these linear addresses; their pages are behind the tables of user64Machine.
const (
	shadowA     = nativeData + 0x10000
	shadowB     = nativeData + 0x12000 // with nothing between them
	physShadowA = 0x17000
	physShadowB = 0x18000
)

// TestShadowStack is a table of what the manual says (SDM vol. 1 chapter 17, vol. 2 of each instruction, vol. 3 §4.6 and §6.15). The host
// need not have shadow stacks, and QEMU has none; kernel/testdata/shstk.c compares what a program sees with Bochs.
func TestShadowStack(t *testing.T) {
	const (
		rdssp    = "\xf3\x48\x0f\x1e\xc8"             // rdsspq %rax
		saveprev = "\xf3\x0f\x01\xea"                 // saveprevssp
		rstor    = "\xf3\x0f\x01\x2b"                 // rstorssp (%rbx)
		incssp   = "\xf3\x48\x0f\xae\xe9"             // incsspq %rcx
		wrss     = "\x48\x0f\x38\xf6\x13"             // wrssq %rdx, (%rbx)
		wruss    = "\x66\x48\x0f\x38\xf5\x13"         // wrussq %rdx, (%rbx)
		mov      = "\x48\x89\x13"                     // movq %rdx, (%rbx)
		callNext = "\xe8\x00\x00\x00\x00\x59"         // call 1f; 1: popq %rcx
		call     = "\xe8\x01\x00\x00\x00\x90\xc3"     // call 1f; nop; 1: ret (to the nop, and again to nowhere)
		callRet  = "\xe8\x02\x00\x00\x00\xeb\x01\xc3" // call 1f; jmp 2f; 1: ret; 2:
		top      = shadowA + 0x1000
		topB     = shadowB + 0x1000
		entry    = nativeCode
	)
	// What is on the stacks before: a token to enter B, 64 bytes below its top, that is not aligned in the upper one.
	const tokenB = topB - 64
	for _, test := range []struct {
		name   string
		code   string
		rbx    uint64
		rcx    uint64
		ssp    uint64 // before; 0 is top
		vector int
		err    uint64
		after  uint64 // SSP
		at     uint64 // a word of the stacks, and what it is afterwards
		word   uint64
	}{
		{name: "a call and its return", code: callRet, vector: -1, after: top, at: top - 8, word: entry + 5},
		{name: "a call of what follows keeps nothing", code: callNext, vector: -1, after: top, at: top - 8},
		{name: "a return elsewhere", code: "\x48\x8d\x05\x02\x00\x00\x00\x50\xc3", ssp: top - 8, vector: excCP, err: 1, after: top - 8},
		{name: "one return too many", code: call, vector: excPF, err: 0x44, after: top, ssp: top},
		{name: "RDSSP", code: rdssp, vector: -1, after: top},
		{name: "INCSSP takes entries off", code: "\xe8\x00\x00\x00\x00" + incssp, rcx: 3, ssp: top - 24, vector: -1, after: top},
		{name: "INCSSP looks at the first entry", code: incssp, rcx: 1, ssp: top, vector: excPF, err: 0x44, after: top},
		{name: "INCSSP of nothing", code: incssp, rcx: 0x100, ssp: top, vector: -1, after: top},
		{name: "a store to a shadow stack", code: mov, rbx: top - 8, vector: excPF, err: 7, after: top},
		{name: "a shadow stack in an ordinary page", code: callRet, ssp: nativeBase + 64, vector: excPF, err: 0x47, after: nativeBase + 64},
		{name: "a shadow stack that is absent", code: callRet, ssp: shadowA, vector: excPF, err: 0x46, after: shadowA},
		{name: "WRSS", code: wrss, rbx: top - 8, vector: -1, after: top, at: top - 8, word: 0x1234},
		{name: "WRSS to an ordinary page", code: wrss, rbx: nativeBase, vector: excPF, err: 0x47, after: top},
		{name: "WRSS, misaligned", code: wrss, rbx: top - 12, vector: excGP, after: top},
		{name: "WRUSS is the kernel's", code: wruss, rbx: top - 8, vector: excGP, after: top},
		{name: "RSTORSSP", code: rstor, rbx: tokenB, vector: -1, after: tokenB, at: tokenB, word: top | 3},
		{name: "RSTORSSP of what is no token", code: rstor, rbx: topB - 8, vector: excCP, err: 4, after: top},
		{name: "RSTORSSP of a token for another place", code: rstor, rbx: topB - 128, vector: excCP, err: 4, after: top},
		{name: "RSTORSSP, misaligned", code: rstor, rbx: tokenB + 4, vector: excGP, after: top},
		{name: "RSTORSSP in an ordinary page", code: rstor, rbx: nativeBase, vector: excPF, err: 0x47, after: top},
		{name: "RSTORSSP and SAVEPREVSSP", code: rstor + saveprev, rbx: tokenB, vector: -1, after: tokenB + 8, at: top - 8, word: top | 1},
		{name: "there and back", code: rstor + saveprev + "\x48\xc7\xc3\xf8\x0f\x01\x20" + rstor, rbx: tokenB, vector: -1, after: top - 8, at: top - 8, word: tokenB + 8 | 3},
		{name: "SAVEPREVSSP without a token", code: saveprev, ssp: top - 8, vector: excGP, after: top - 8},
		{name: "SETSSBSY is the kernel's", code: "\xf3\x0f\x01\xe8", vector: excUD, after: top},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := user64Machine(t)
			c := m.c
			const shadowPage = ptePresent | pteUser | pteAccessed | pteDirty
			m.write64(phys64Tables+5<<12+0x10*8, physShadowA|shadowPage, 0, physShadowB|shadowPage)
			m.write64(physShadowB+0x1000-64, tokenB+8|token64)
			m.write64(physShadowB+0x1000-128, tokenB+8|token64)
			n := newInput([]byte(test.code))
			n.RFLAGS = 0x202
			n.Regs[regEBX], n.Regs[regECX], n.Regs[regEDX], n.Regs[regESP] = test.rbx, test.rcx, 0x1234, nativeBase+512
			binary.LittleEndian.PutUint64(n.Window[512:], nativeCode)
			m.load64(n)
			c.cr4 |= cr4CET
			c.setUserCET(cetShadow | cetWrite)
			if c.ssp = test.ssp; c.ssp == 0 {
				c.ssp = top
			}
			if e := m.upTo(m.clk.Retired + 1000); e.Reason != cpu.Halt {
				t.Fatalf("%v at %#x: %s", e.Reason, c.PC(), e.Detail)
			}
			vector, frame := int(c.ip-kernelBase-physStubs)/16, uint32(c.r[regESP]-kernelBase)
			err := m.read64(frame)
			if vector == endVector {
				vector = -1
			}
			if vector != test.vector || test.err != 0 && err != test.err {
				t.Errorf("exception %d with code %#x, want %d, %#x", vector, err, test.vector, test.err)
			}
			if got := c.msr.ssp[3]; got != test.after {
				t.Errorf("SSP %#x, want %#x", got, test.after)
			}
			if test.at != 0 {
				pa := physShadowA + uint32(test.at-shadowA)
				if test.at >= shadowB {
					pa = physShadowB + uint32(test.at-shadowB)
				}
				if got := m.read64(pa); got != test.word {
					t.Errorf("the word at %#x is %#x, want %#x", test.at, got, test.word)
				}
			}
			if test.code == rdssp && c.r[regEAX] != top {
				t.Errorf("RDSSP gives %#x", c.r[regEAX])
			}
		})
	}
}

// TestShadowStackOff: without one, RDSSP does nothing, and what changes it is no instruction.
func TestShadowStackOff(t *testing.T) {
	for code, vector := range map[string]int{"\xf3\x48\x0f\x1e\xc8": -1, "\xf3\x48\x0f\xae\xe9": excUD, "\xf3\x0f\x01\x2b": excUD, "\xf3\x0f\x01\xea": excUD,
		"\x48\x0f\x38\xf6\x13": excUD, "\x66\x48\x0f\x38\xf5\x13": excUD} {
		n := newInput([]byte(code))
		n.RFLAGS = 0x202
		n.Regs[regEBX], n.Regs[regESP] = nativeBase, nativeBase+512
		if r := user64Machine(t).run64(n); int(r.Trap)-1 != vector || r.Regs[regEAX] != 0 {
			t.Errorf("% x: exception %d, RAX %#x, want %d", code, int(r.Trap)-1, r.Regs[regEAX], vector)
		}
	}
}
