package x86

import (
	"testing"

	"forkscope/machine/cpu"
)

// runToHalt runs until HLT and fails the test on anything else.
func (m *machine) runToHalt() {
	m.t.Helper()
	if e := m.upTo(m.clk.Retired + 10_000_000); e.Reason != cpu.Halt {
		m.t.Fatalf("%v at %#x: %s", e.Reason, m.c.PC(), e.Detail)
	}
}

func TestSelfModifyingCode(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       uint32 // EAX at the end
	}{
		{"next instruction", `
			movb $7, patch+1
		patch:	movl $1, %eax
			hlt`, 7},
		{"same block, further on", `
			xorl %eax, %eax
			incl %eax
			movb $0x90, patch
			incl %eax
		patch:	incl %eax
			hlt`, 2},
		{"loop that patches itself", `
			movl $10, %ecx
			xorl %eax, %eax
		1:	addl $1, %eax
		patch:	addl $1, %eax
			incb patch+2
			loop 1b
			hlt`, 10 + 55},
		{"by a string instruction", `
			movl $new, %esi
			movl $patch, %edi
			movl $5, %ecx
			cld
			rep movsb
		patch:	movl $1, %eax
			hlt
		new:	movl $0x1234, %eax`, 0x1234},
		{"a repeated one, of itself, again and again", `
			xorl %eax, %eax
			movl $30, %edx
			cld
		1:	movl $new, %esi
			movl $patch, %edi
			movl $5, %ecx
		patch:	rep movsb	# the first iteration makes it nop; movsb
			addl %ecx, %eax
			movb $0xf3, patch
			decl %edx
			jnz 1b
			hlt
		new:	nop
			movsb`, 30 * 4},
		{"by push", `
			movl $patch + 5, %esp
			pushl $0x77
		patch:	movl $1, %eax
			hlt`, 0x77},
		{"behind a branch already decoded", `
			xorl %eax, %eax
			movl $2, %ecx
		1:	jmp 2f
		2:	addl $1, %eax
			movb $5, 2b + 2
			decl %ecx
			jnz 1b
			hlt`, 6},
		{"called routine", `
			movl $3, %ecx
			xorl %eax, %eax
		1:	call f
			incb f+2
			loop 1b
			hlt
			.balign 4096
		f:	addl $1, %eax
			ret`, 6},
		{"instruction that crosses a page", `
			movl $2, %ecx
			jmp 1f
			.org 4094
		1:	movl $1, %eax	# b8 01 | 00 00 00
			movb $9, 1b + 3
			loop 1b
			hlt`, 0x90001},
		{"data beside code stays fast and right", `
			movl $1000, %ecx
		1:	incl value
			loop 1b
			movl value, %eax
			hlt
			.balign 64
		value:	.long 0`, 1000},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, 2<<20)
			m.start(assemble(t, test.text))
			m.runToHalt()
			if got := uint32(m.c.r[regEAX]); got != test.want {
				t.Errorf("eax %#x, want %#x", got, test.want)
			}
		})
	}
}

// TestCodeChangedFromOutside writes code as a device or a debugger does.
func TestCodeChangedFromOutside(t *testing.T) {
	m := newMachine(t, 2<<20)
	m.start(assemble(t, "1: movl $1, %eax\n hlt\n jmp 1b"))
	m.runToHalt()
	m.write(testOrg+1, []byte{2})
	m.c.halted = false
	m.runToHalt()
	if m.c.r[regEAX] != 2 {
		t.Errorf("eax %d, want the new value 2", m.c.r[regEAX])
	}
}

// TestCodeUnderTwoMappings runs the same physical page at two addresses, and changes it through a third.
func TestCodeUnderTwoMappings(t *testing.T) {
	m := newMachine(t, 2<<20)
	m.start(assemble(t, `
		movl $0x1000, %eax	# page directory with 4 MB pages: 0, 0x400000 and 0x800000 are all physical 0
		movl $0x83, (%eax)
		movl $0x83, 4(%eax)
		movl $0x83, 8(%eax)
		movl %eax, %cr3
		movl $0x10, %eax	# PSE
		movl %eax, %cr4
		movl $0x80000001, %eax
		movl %eax, %cr0
		call f
		movl %eax, %ebx
		movl $f + 0x400000, %ecx
		call *%ecx
		movl %eax, %esi
		movb $6, f + 1 + 0x800000
		call f
		movl %eax, %edi
		movl $f + 0x400000, %ecx
		call *%ecx
		hlt
	f:	movl $5, %eax
		call 1f
	1:	popl %ebp
		ret`))
	m.runToHalt()
	r := &m.c.r
	if r[regEBX] != 5 || r[regESI] != 5 || r[regEDI] != 6 || r[regEAX] != 6 {
		t.Errorf("results %d %d %d %d, want 5 5 6 6", r[regEBX], r[regESI], r[regEDI], r[regEAX])
	}
	if want := uint64(0x400000); r[regEBP]&0xff400000 != want {
		t.Errorf("the last call saw EIP %#x, want it at %#x", r[regEBP], want)
	}
}

// pagingProlog maps the first 4 MB one to one by a table at 0x2000 and installs a page-fault handler that stops with the error code
// in EAX, CR2 in EDX and the faulting EIP in EBX.
const pagingProlog = `
	movl $0x2003, 0x1000
	movl $0x2000, %edi
	movl $3, %eax
	movl $1024, %ecx
1:	stosl
	addl $0x1000, %eax
	loop 1b
	lgdt gdtr
	lidt idtr
	ljmp $8, $1f
1:	movw $16, %ax
	movw %ax, %ss
	movw %ax, %ds
	movw %ax, %es
	movl $0x1000, %eax
	movl %eax, %cr3
	movl $0x80010001, %eax
	movl %eax, %cr0
	jmp test
	.balign 8
gdt:	.quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:	.word 23
	.long gdt
idtr:	.word 256*8-1
	.long idt
	.balign 8
idt:	.fill 14, 8, 0
	.word pf - _start, 8, 0x8e00, 0x10
pf:	popl %eax
	movl (%esp), %ebx
	movl %cr2, %edx
	hlt
	.balign 4096
test:
`

func TestInstructionAcrossPages(t *testing.T) {
	m := newMachine(t, 2<<20)
	// The second page is absent at first; the handler's place is taken by this test.
	m.start(assemble(t, pagingProlog+`
		movl $page2, %eax
		shrl $12, %eax
		movl $0, 0x2000(,%eax,4)
		invlpg page2
		jmp 1f
		.org 0x3000 - 3
	1:	movl $0x11223344, %ecx
	page2 = 1b + 3
		hlt`))
	m.runToHalt()
	r := &m.c.r
	page2 := uint64(testOrg + 0x3000)
	if r[regEAX] != 0 || r[regEDX] != page2 || r[regEBX] != page2-3 {
		t.Fatalf("error code %#x cr2 %#x eip %#x, want 0, %#x, %#x", r[regEAX], r[regEDX], r[regEBX], page2, page2-3)
	}
	run := func(want uint64) {
		t.Helper()
		m.c.halted = false
		m.c.ip = page2 - 3
		m.runToHalt()
		if r[regECX] != want {
			t.Errorf("ecx %#x, want %#x", r[regECX], want)
		}
	}
	m.write32(uint32(0x2000+page2>>12*4), uint32(page2|3))
	run(0x11223344)
	// Another page there, without a change of the first one.
	m.write(0x80000, []byte{0xaa, 0xbb, 0xf4}) // the rest of the immediate, and hlt
	m.write32(uint32(0x2000+page2>>12*4), 0x80000|3)
	m.c.flushPage(page2)
	run(0xbbaa3344)
	m.write(0x80000, []byte{0x01})
	run(0xbb013344)
}

// TestFaultLeavesRegisters runs single instructions at CPL 3 that fault half way. The data page is followed by a read-only page,
// an absent one, and a writable one.
func TestFaultLeavesRegisters(t *testing.T) {
	const (
		readOnly = nativeData + 0x1000
		absent   = nativeData + 0x2000
		writable = nativeData + 0x3000
	)
	for _, test := range []struct {
		text      string
		esp, edi  uint32
		code, cr2 uint32
	}{
		{text: "addl %ecx, 0x20001000", code: 7, cr2: readOnly},
		{text: "incl 0x20001004", code: 7, cr2: readOnly + 4},
		{text: "movl %ecx, 0x20000ffe", code: 7, cr2: readOnly},
		{text: "movl %ecx, 0x20002ffe", code: 6, cr2: absent + 0xffe},
		{text: "movl 0x20001ffe, %ecx", code: 4, cr2: absent},
		{text: "movl 0x20002ffe, %ecx", code: 4, cr2: absent + 0xffe},
		{text: "xchgl %ecx, 0x20002010", code: 6, cr2: absent + 0x10},
		{text: "cmpxchgl %ecx, 0x20002010", code: 6, cr2: absent + 0x10},
		{text: "cmpxchg8b 0x20000ffc", code: 7, cr2: readOnly},
		{text: "xaddl %ecx, 0x20001000", code: 7, cr2: readOnly},
		{text: "btsl %ecx, 0x20001000-0x2468ac8", code: 7, cr2: readOnly + 4},
		{text: "shll $3, 0x20000fff", code: 7, cr2: readOnly},
		{text: "popl 0x20001000", esp: nativeData + 64, code: 7, cr2: readOnly},
		{text: "popl 4(%esp)", esp: absent - 8, code: 6, cr2: absent},
		{text: "pushl 0x20002000", esp: nativeData + 64, code: 4, cr2: absent},
		{text: "pushl %ecx", esp: readOnly + 2, code: 7, cr2: readOnly},
		{text: "movsl", edi: absent, code: 6, cr2: absent},
		{text: "stosl", edi: readOnly - 2, code: 7, cr2: readOnly},
		{text: "pushal", esp: writable + 8, code: 6, cr2: absent + 0xffc},
		{text: "popal", esp: absent - 8, code: 4, cr2: absent},
		{text: "enter $8, $0", esp: writable + 8, code: 6, cr2: absent + 0xffc},
		{text: "call .", esp: writable, code: 6, cr2: absent + 0xffc},
		{text: "ret", esp: absent, code: 4, cr2: absent},
		{text: "sidt 0x20000ffc", code: 7, cr2: readOnly},
		{text: "fnsave 0x20000fc0", code: 7, cr2: readOnly},
		{text: "movups %xmm0, 0x20000ff8", code: 7, cr2: readOnly},
		{text: "lcall *0x20001ffc", esp: nativeData + 64, code: 4, cr2: absent},
		{text: "lds 0x20001ffd, %ecx", code: 4, cr2: absent},
	} {
		t.Run(test.text, func(t *testing.T) {
			m := userMachine(t)
			m.write32(physTables+0x2004, 0xe000|ptePresent|pteUser, 0, 0xf000|ptePresent|pteUser|pteWrite)
			n := newNativeCase(assemble(t, test.text))
			n.Regs = [8]uint32{1, 0x12345678, 3, 4, test.esp, nativeData, nativeData, test.edi}
			n.EFLAGS = 0x202 | flagCF | flagAF
			r := m.run(n)
			if r.Trap != excPF+1 || r.Error != test.code || r.CR2 != test.cr2 {
				t.Errorf("exception %d code %#x cr2 %#x, want 14, %#x, %#x", int(r.Trap)-1, r.Error, r.CR2, test.code, test.cr2)
			}
			if r.EIP != 0 || r.Regs != n.Regs || r.EFLAGS&^flagRF != n.EFLAGS {
				t.Errorf("eip +%#x eflags %#x registers %x, want 0, %#x, %x", r.EIP, r.EFLAGS, r.Regs, n.EFLAGS, n.Regs)
			}
			var page [0x1000]byte
			m.ram.Read(physData, page[:])
			if page != [0x1000]byte{} {
				t.Error("memory was written")
			}
		})
	}
}
