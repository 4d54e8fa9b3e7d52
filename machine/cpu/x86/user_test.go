package x86

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
)

// userGuest is a kernel of four handlers (int 0x80 and sysenter, the timer, the debug trap, the page fault), and a program at CPL 3 that
// calls it by both instructions: plainly, in the shadow of a load of SS, and under its own single step.
const userGuest = `
	lgdt gdtr
	lidt idtr
	ljmp $8, $1f
1:	movw $0x10, %ax
	movw %ax, %ss
	movw %ax, %ds
	movw %ax, %es
	movw $0x28, %ax
	ltr %ax
	movl $0x174, %ecx
	movl $8, %eax
	xorl %edx, %edx
	wrmsr
	movl $0x175, %ecx
	movl $0x90000, %eax
	wrmsr
	movl $0x176, %ecx
	movl $entry, %eax
	wrmsr
	movl $3, %eax
	int $0x80
	pushl $0x23
	pushl $0x80000
	pushl $0x202
	pushl $0x1b
	pushl $user
	iret
user:	movw $0x23, %ax
	movw %ax, %ds
	movw %ax, %es
	xorl %ebx, %ebx
	xorl %esi, %esi
again:	incl %ebx
	movl $20, %ecx
2:	addl %ecx, %esi
	loop 2b
	movl $3, %eax
	int $0x80
	testl $7, %ebx
	jnz 4f
	movl $2000, %eax
	movl %esp, %ecx
	movl $3f, %edx
	sysenter
3:	movl %ss, %ecx
	movl $5, %eax
	movl %ecx, %ss
	int $0x80
4:	testl $15, %ebx
	jnz again
	pushf
	orl $0x100, (%esp)
	popf
	nop
	int $0x80
	pushf
	andl $~0x100, (%esp)
	popf
	jmp again
call:	incl calls
	movl $9, %eax
	iret
entry:	incl entries
	sti
	sysexit
irq:	incl ticks
	outb %al, $0x20
	iret
trap:	incl traps
	iret
fault:	popl %ss:code
	pushl %eax
	movl %cr2, %eax
	movl %eax, %ss:address
	popl %eax
	incl %ss:faults
	iret
	.balign 8
gdt:	.quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cffb000000ffff, 0x00cff3000000ffff
	.word 0x67, tss - _start, 0x8910, 0
gdtr:	.word 47
	.long gdt
idtr:	.word 256*8-1
	.long idt
	.balign 8
idt:	.long 0, 0
	.word trap - _start, 8, 0x8e00, 0x10
	.fill 12, 8, 0
	.word fault - _start, 8, 0x8e00, 0x10
	.fill 17, 8, 0
	.word irq - _start, 8, 0x8e00, 0x10
	.fill 95, 8, 0
	.word call - _start, 8, 0xee00, 0x10
tss:	.long 0, 0x90000, 0x10
	.fill 23, 4, 0
	.org 0x1000
calls:	.long 0
entries: .long 0
ticks:	.long 0
traps:	.long 0
faults:	.long 0
code:	.long 0
address: .long 0
`

// userCounters are what the kernel of userGuest counts.
type userCounters struct{ calls, entries, ticks, traps, faults, code, address uint32 }

func (m *machine) counters() (u userCounters) {
	for i, p := range []*uint32{&u.calls, &u.entries, &u.ticks, &u.traps, &u.faults, &u.code, &u.address} {
		*p = m.read32(testOrg + 0x1000 + 4*uint32(i))
	}
	return u
}

// place is a stop of the debugger.
type place struct {
	what    cpu.Reason
	now, pc uint64
}

// stepForPlaces runs instruction by instruction without any of the debugger's wishes, and says where they would have stopped: when the
// privilege has become 3, and before those system calls of the given numbers that get to their handler.
func (m *machine) stepForPlaces(end uint64, numbers *cpu.SyscallSet) (places []place) {
	for m.clk.Now() < end {
		before, user, number := place{cpu.Syscall, m.clk.Now(), m.c.PC()}, m.c.cpl == 3, m.c.r[regEAX]
		if e := m.runUntil(m.clk.Now() + 1); e.Reason != cpu.Limit {
			m.t.Fatalf("%v at %#x: %s", e.Reason, m.c.PC(), e.Detail)
		}
		handler := uint64(m.read32(uint32(m.c.idt.base)+0x80*8)&0xffff | testOrg)
		if user && m.c.cpl == 0 && (m.c.ip == handler || m.c.ip == m.c.msr.sysenterEIP) && numbers.Has(number) {
			places = append(places, before)
		}
		if !user && m.c.cpl == 3 && m.clk.Now() < end {
			places = append(places, place{cpu.User, m.clk.Now(), m.c.PC()})
		}
	}
	return places
}

// stopAtPlaces runs in pieces of at most step counts with the debugger's wishes in force, and goes on after each stop.
func (m *machine) stopAtPlaces(end, step uint64) (places []place) {
	for m.clk.Now() < end {
		e := m.runUntil(min(end, m.clk.Now()+step))
		switch e.Reason {
		case cpu.Limit:
			continue
		case cpu.User, cpu.Syscall:
			places = append(places, place{e.Reason, m.clk.Now(), m.c.PC()})
			if m.c.cpl != 3 {
				m.t.Fatalf("%v in kernel mode at %#x", e.Reason, m.c.PC())
			}
		default:
			m.t.Fatalf("%v at %#x: %s", e.Reason, m.c.PC(), e.Detail)
		}
		m.o.Pass = e.Reason == cpu.Syscall
	}
	return places
}

func TestStopsAtTheBorderOfUserMode(t *testing.T) {
	code := assemble(t, userGuest)
	some := &cpu.SyscallSet{}
	some.Add(3)
	some.Add(9)
	for _, test := range []struct {
		name    string
		numbers *cpu.SyscallSet
	}{{"every call", &cpu.SyscallSet{All: true}}, {"calls 3 and 9", some}, {"no call", &cpu.SyscallSet{}}} {
		t.Run(test.name, func(t *testing.T) {
			const end = 30_000
			m := timed(t, code)
			want := m.stepForPlaces(end, test.numbers)
			u, digest := m.counters(), m.digest()
			if u.calls == 0 || u.entries == 0 || u.ticks == 0 || u.traps == 0 {
				t.Fatalf("the guest does too little: %+v", u)
			}
			for _, step := range []uint64{clock.Never >> 1, 1, 2, 13, 64, 1000} {
				m := timed(t, code)
				m.o.AtUser = true
				m.o.Syscalls = test.numbers
				got := m.stopAtPlaces(end, step)
				if !slices.Equal(got, want) {
					t.Errorf("in steps of %d: %d stops, by single steps there are %d", step, len(got), len(want))
				}
				if got := m.digest(); got != digest {
					t.Errorf("in steps of %d: the stops changed the run", step)
				}
			}
		})
	}
}

// toUser runs to the n-th return to CPL 3 from now.
func (m *machine) toUser(n int) {
	m.t.Helper()
	m.o.AtUser = true
	for range n {
		for {
			e := m.runUntil(m.clk.Now() + 100_000)
			if e.Reason == cpu.User {
				break
			}
			m.t.Fatalf("%v at %#x: %s", e.Reason, m.c.PC(), e.Detail)
		}
	}
}

// TestUserExitIsNotLost: a limit, a request and an event at the same boundary come first or later, and the exit still comes; once the
// CPU is back in the kernel there is nothing to tell.
func TestUserExitIsNotLost(t *testing.T) {
	code := assemble(t, userGuest)
	m := timed(t, code)
	m.toUser(5)
	at := m.clk.Now()
	fresh := func() *machine {
		m := timed(t, code)
		m.toUser(4)
		if e := m.runUntil(at); e.Reason != cpu.Limit || m.c.cpl != 3 {
			t.Fatalf("%v at CPL %d", e.Reason, m.c.cpl)
		}
		return m
	}
	check := func(what string, m *machine, want cpu.Reason) {
		t.Helper()
		if e := m.runUntil(at + 1); e.Reason != want || want == cpu.User && m.clk.Now() != at {
			t.Errorf("%s: %v at count %d, want %v at %d", what, e.Reason, m.clk.Now(), want, at)
		}
	}
	m = fresh()
	check("after a limit", m, cpu.User)
	check("once told", m, cpu.Limit)
	m = fresh()
	m.c.RequestExit()
	check("a request", m, cpu.Requested)
	check("after a request", m, cpu.User)
	m = fresh()
	m.c.SetIRQ(true)
	check("with an interrupt", m, cpu.User)
	check("then the interrupt", m, cpu.Limit)
	if m.c.cpl != 0 {
		t.Error("the interrupt was not taken")
	}
	m = fresh()
	m.c.EnterKernel()
	check("back in the kernel", m, cpu.Limit)
	m = fresh()
	m.o.AtUser = false
	check("without the wish", m, cpu.Limit)
}

// TestPark: a parked program makes no progress while the kernel's timer goes on, and goes on itself afterwards as if nothing had happened.
func TestPark(t *testing.T) {
	code := assemble(t, userGuest)
	m := timed(t, code)
	m.toUser(7)
	d := &m.o
	was, before := m.program(), m.counters()
	d.Park, d.Hold = true, true
	returns, halts := 0, 0
	for end := m.clk.Now() + 20_000; m.clk.Now() < end; {
		switch e := m.runUntil(end); e.Reason {
		case cpu.User:
			returns++
			if got := m.program(); got != was {
				t.Fatalf("the parked program has changed: %v, it was %v", got, was)
			}
		case cpu.Parked:
			halts++
			if m.c.cpl != 3 || m.c.Halted() {
				t.Fatalf("waits at CPL %d", m.c.cpl)
			}
			m.skip(end)
		case cpu.Limit:
		default:
			t.Fatalf("%v %s", e.Reason, e.Detail)
		}
	}
	u := m.counters()
	if u.ticks < before.ticks+5 || int(u.ticks-before.ticks) != returns || halts < returns {
		t.Errorf("%d ticks while parked, %d returns, %d halts", u.ticks-before.ticks, returns, halts)
	}
	// Masked interrupts do not take it out.
	flags := m.c.eflags
	m.c.eflags &^= flagIF
	m.c.SetIRQ(true)
	if e := m.runUntil(m.clk.Now() + 10); e.Reason != cpu.Parked || m.c.cpl != 3 {
		t.Errorf("interrupts off: %v at CPL %d", e.Reason, m.c.cpl)
	}
	m.c.eflags = flags
	// The shadow of a load of SS would last for ever.
	m.c.shadow = shadowSS
	d.AtUser = false
	if e := m.runUntil(m.clk.Now() + 1); e.Reason != cpu.Shadowed || m.c.cpl != 3 {
		t.Errorf("in the shadow: %v at CPL %d", e.Reason, m.c.cpl)
	}
	m.c.Settle()
	if e := m.runUntil(m.clk.Now() + 1); e.Reason != cpu.Limit || m.c.cpl != 0 {
		t.Errorf("after the shadow: %v at CPL %d", e.Reason, m.c.cpl)
	}
	d.Park, d.Hold = false, false
	m.runTo(m.clk.Now()+5000, 1000)
	if now := m.counters(); now.calls <= u.calls {
		t.Error("the program does not go on")
	}
}

// program returns the registers of the running program: the general ones, EIP and EFLAGS.
func (m *machine) program() [10]uint64 {
	return [10]uint64(append(slices.Clone(m.c.r[:8]), m.c.ip, uint64(m.c.getFlags())))
}

// TestEnterKernel: the kernel sees the page fault of a fetch, and the program does not see anything.
func TestEnterKernel(t *testing.T) {
	m := timed(t, assemble(t, userGuest))
	m.o.Hold = true
	m.toUser(20)
	for range 30 {
		m.runUntil(m.clk.Now() + 7)
		if m.c.cpl != 3 {
			now, c := m.clk.Now(), m.program()
			m.c.EnterKernel()
			if m.c.cpl == 3 || m.clk.Now() != now || m.program() != c {
				t.Fatal("EnterKernel did something in kernel mode")
			}
			continue
		}
		was, before, now := m.program(), m.counters(), m.clk.Now()
		m.c.EnterKernel()
		if m.c.cpl != 0 || m.clk.Now() != now {
			t.Fatalf("CPL %d at count %d, want 0 at %d", m.c.cpl, m.clk.Now(), now)
		}
		m.toUser(1)
		after := m.counters()
		if after.faults != before.faults+1 || after.code != pfUser || uint64(after.address) != was[8] || after.calls != before.calls {
			t.Fatalf("the kernel saw %+v, before %+v; the program was at %#x", after, before, was[8])
		}
		got := m.program()
		got[9] &^= flagRF // as every fault leaves it, until the instruction is over
		if got != was {
			t.Fatalf("the program has changed: %v, it was %v", got, was)
		}
	}
}

// stranger changes every kind of register that code can change without touching memory, for more than a thousand instructions.
const stranger = `
	movl $100, %ecx
1:	fninit
	fldpi
	fsqrt
	pcmpeqb %xmm3, %xmm3
	fldl2e
	fsin
	movl %ecx, %eax
	imull $77777, %eax
	movl %eax, %ebx
	bswap %ebx
	std
	addl %eax, %esi
	adcl %ebx, %edi
	movl %esi, %ebp
	loop 1b
	pcmpeqb %mm2, %mm2
	movl $0x174, %ecx
	xorl %eax, %eax
	xorl %edx, %edx
	wrmsr
	movl $0x10, %ecx
	wrmsr
	movl $0x155, %eax
	movl %eax, %dr7
	movl $0x1234, %eax
	movl %eax, %dr1
	movl %eax, %cr2
	movl $0x7000, %eax
	movl %eax, %cr3
	movl $0x210, %eax
	movl %eax, %cr4
	movl %cr0, %eax
	xorl $0x10008, %eax
	movl %eax, %cr0
	xorl %eax, %eax
	movw %ax, %fs
	movw %ax, %gs
	movw %ax, %es
	lldt %ax
	lgdt %cs:limits
	lidt %cs:limits
	sti
	hlt
limits:	.word 7
	.long 0x5000
`

const strangerOrg = 0x300000

// TestCaptureRestore borrows the CPU at many moments, in both modes, for code that turns all registers over. Afterwards, state, memory and
// the rest of the run are as without.
func TestCaptureRestore(t *testing.T) {
	code := assemble(t, userGuest)
	other := assembleFiles(t, strangerOrg, nil, map[string]string{"a.S": ".globl _start\n_start:\n" + stranger})
	const end = 10_000
	state := func(m *machine) string { // without the clock
		h := sha256.New()
		digestState(h, m.c)
		h.Write(m.ram.Bytes())
		return fmt.Sprintf("%x", h.Sum(nil)[:8])
	}
	build := func() *machine {
		m := newMachine(t, 4<<20)
		m.write(strangerOrg, other)
		m.start(code)
		m.c.setCR4(cr4OSFXSR)
		return m
	}
	plain := build()
	plain.runTo(end, end)
	m := build()
	modes := [4]int{}
	lent := uint64(0) // counts of the strangers
	for i := uint64(0); m.clk.Now()-lent < end; i++ {
		m.runUntil(min(m.clk.Now()+97+i%5, end+lent))
		before := state(m)
		s := m.c.Capture()
		modes[m.c.cpl]++
		m.c.setFlat(8, 0x10, 0, mode32)
		m.c.seg[segDS], m.c.seg[segES] = m.c.seg[segSS], m.c.seg[segSS]
		m.c.updateMode()
		m.c.ip, m.c.eflags, m.c.shadow = strangerOrg, 0, shadowNone
		now := m.clk.Now()
		if e := m.runUntil(now + 100_000); e.Reason != cpu.Halt || m.clk.Now()-now < 1000 {
			t.Fatalf("the stranger: %v after %d at %#x", e.Reason, m.clk.Now()-now, m.c.PC())
		}
		lent += m.clk.Now() - now
		if state(m) == before {
			t.Fatal("the stranger changed nothing")
		}
		m.c.Restore(s)
		if got := state(m); got != before {
			t.Fatalf("at count %d, CPL %d: state %s after Restore, %s before", now-lent, m.c.cpl, got, before)
		}
	}
	if modes[0] == 0 || modes[3] == 0 {
		t.Errorf("borrowed %v times by CPL", modes)
	}
	if got, want := m.counters(), plain.counters(); got != want || got.calls == 0 {
		t.Errorf("the guest counts %+v, unborrowed %+v", got, want)
	}
	if got, want := m.program(), plain.program(); got != want {
		t.Errorf("registers %v, unborrowed %v", got, want)
	}
}

// TestSyscallInShadow: stopping before a system call in the shadow of a load of SS keeps the shadow.
func TestSyscallInShadow(t *testing.T) {
	m := timed(t, assemble(t, userGuest))
	m.o.Syscalls = &cpu.SyscallSet{}
	m.o.Syscalls.Add(5)
	if e := m.runUntil(100_000); e.Reason != cpu.Syscall || m.c.SyscallNumber() != 5 {
		t.Fatalf("%v, EAX %d", e.Reason, m.c.SyscallNumber())
	}
	calls := m.counters().calls
	m.c.SetIRQ(true)
	m.o.Pass = true
	if e := m.runUntil(m.clk.Now() + 1); e.Reason != cpu.Limit || uint32(m.c.ip)&0xffff != m.read32(uint32(m.c.idt.base)+0x80*8)&0xffff {
		t.Errorf("%v at %#x, want the handler of the call", e.Reason, m.c.PC())
	}
	if e := m.runUntil(m.clk.Now() + 1); e.Reason != cpu.Limit || m.counters().calls != calls+1 {
		t.Errorf("%v after %d calls, before there were %d", e.Reason, m.counters().calls, calls)
	}
}

// TestRestoreForgetsTranslations: after a change of page tables in between, the CPU uses the old ones again.
func TestRestoreForgetsTranslations(t *testing.T) {
	m := newMachine(t, 4<<20)
	const dirA, dirB, data = 0x200000, 0x201000, 0x300000
	large := uint32(ptePresent | pteWrite | pteLarge)
	m.write32(dirA, large, large) // RAM twice
	m.write32(dirB, large, dirB+0x1000|ptePresent|pteWrite)
	m.write32(dirB+0x1000, data|ptePresent)
	m.write32(0, 'A')
	m.write32(data, 'B')
	m.start(assemble(t, "1: movl 0x400000, %eax\n jmp 1b"))
	m.c.setCR4(cr4PSE)
	m.c.setCR3(dirA)
	m.c.setCR0(m.c.cr0 | cr0PG)
	read := func(want uint32) {
		t.Helper()
		m.c.r[regEAX] = 0
		if e := m.runUntil(m.clk.Now() + 10); e.Reason != cpu.Limit || uint32(m.c.r[regEAX]) != want {
			t.Errorf("%v, read %q, want %q", e.Reason, rune(m.c.r[regEAX]), rune(want))
		}
	}
	read('A')
	s := m.c.Capture()
	m.c.setCR3(dirB)
	read('B')
	m.c.Restore(s)
	read('A')
}
