package arm64

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/scripts/oracle"
)

// assemble builds a flat binary to run at org.
func assemble(t testing.TB, org uint64, text string) []byte {
	t.Helper()
	const prefix = "aarch64-linux-gnu-"
	dir := t.TempDir()
	source, elf, out := filepath.Join(dir, "a.S"), filepath.Join(dir, "elf"), filepath.Join(dir, "out")
	if err := os.WriteFile(source, []byte(".globl _start\n_start:\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][]string{
		{"gcc", "-nostdlib", "-static", "-march=armv8.2-a", fmt.Sprintf("-Wl,-Ttext=%#x,--build-id=none", org), "-o", elf, source},
		{"objcopy", "-O", "binary", elf, out},
	} {
		if _, err := exec.LookPath(prefix + c[0]); err != nil {
			oracle.Missing(t, "code in assembly", "compiler for AArch64", err.Error())
		}
		if message, err := exec.Command(prefix+c[0], c[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", c[0], err, message)
		}
	}
	p, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// userGuest is a kernel of two handlers (synchronous exceptions, the timer) and a program at EL0 that calls it: plainly, with another
// immediate, and under a software step that call 5 turns on and call 7 off. Now and then the program waits.
const userGuest = `
	ldr x0, =vectors
	msr vbar_el1, x0
	mov x0, #3 << 20
	msr cpacr_el1, x0
	msr oslar_el1, xzr
	ldr x0, =0x40008000
	mov sp, x0
	ldr x20, =counters
	mov x8, #3
	svc #0
	bl arm
	mov x0, #1
	msr cntv_ctl_el0, x0
	msr spsr_el1, xzr
	ldr x0, =user
	msr elr_el1, x0
	eret
arm:	mrs x0, cntvct_el0
	add x0, x0, #60
	msr cntv_cval_el0, x0
	ret
user:	ldr x0, =0x40009000
	mov sp, x0
	mov x2, #0
again:	add x2, x2, #1
	mov x1, #20
2:	add x3, x3, x1, lsl #3
	ucvtf d1, x3
	subs x1, x1, #1
	b.ne 2b
	mov x8, #64
	svc #0
	tst x2, #3
	b.ne again
	mov x8, #2000
	svc #1234
	tst x2, #15
	b.ne again
	wfi
	mov x8, #5
	svc #0
	nop
	mov x8, #64
	svc #0
	mov x8, #7
	svc #0
	b again
	.balign 2048
vectors: .space 0x200
	eret
	.balign 128
	.space 0x180
	stp x0, x1, [sp, #-32]!
	stp x2, x3, [sp, #16]
	mrs x0, esr_el1
	mrs x2, spsr_el1
	mrs x3, mdscr_el1
	lsr x1, x0, #26
	cmp x1, #0x32
	b.eq step
	cmp x1, #0x20
	b.eq fault
	b call
	.balign 128
	stp x0, x30, [sp, #-32]!
	ldr x0, [x20, #8]
	add x0, x0, #1
	str x0, [x20, #8]
	bl arm
	ldp x0, x30, [sp], #32
	eret
	.balign 2048
step:	ldr x0, [x20, #16]
	add x0, x0, #1
	str x0, [x20, #16]
	b again1
fault:	str x0, [x20, #32]
	mrs x0, far_el1
	str x0, [x20, #40]
	ldr x0, [x20, #24]
	add x0, x0, #1
	str x0, [x20, #24]
	b out
call:	ldr x0, [x20]
	add x0, x0, #1
	str x0, [x20]
	cmp x8, #5
	b.eq 1f
	cmp x8, #7
	b.ne out
	bic x3, x3, #1
	b out
1:	orr x3, x3, #1
again1:	orr x2, x2, #1 << 21
out:	msr spsr_el1, x2
	msr mdscr_el1, x3
	ldp x2, x3, [sp, #16]
	ldp x0, x1, [sp], #32
	eret
	.ltorg
	.org 0x4000
counters: .space 64
`

// userCounters are what the kernel of userGuest counts and notes.
type userCounters struct{ calls, ticks, steps, faults, esr, far uint64 }

func (b *board) counters() (u userCounters) {
	for i, p := range []*uint64{&u.calls, &u.ticks, &u.steps, &u.faults, &u.esr, &u.far} {
		*p = b.load64(testBase + 0x4000 + 8*uint64(i))
	}
	return u
}

// userMachine starts code with the virtual timer wired to the interrupt input.
func userMachine(t testing.TB, code []byte) *board {
	m := newBoard(t, 1<<20, noBus{})
	m.timer[TimerVirtual].line = m.SetIRQ
	m.ram.Write(testBase, code)
	m.SetPC(testBase)
	return m
}

// place is a stop of the debugger.
type place struct {
	what    cpu.Reason
	now, pc uint64
}

// stepForPlaces runs instruction by instruction without any of the debugger's wishes, and says where they would have stopped: when the
// exception level has become 0, and before those system calls of the given numbers that get to their vector.
func (b *board) stepForPlaces(t *testing.T, end uint64, numbers *cpu.SyscallSet) (places []place) {
	for b.clock.Now() < end {
		before, user, number := place{cpu.Syscall, b.clock.Now(), b.pc}, b.el == 0, b.x[8]
		switch e := b.run(b.clock.Now() + 1); e.Reason {
		case cpu.Halt:
			b.skip(end)
		case cpu.Limit:
		default:
			t.Fatalf("%v at %#x: %s", e.Reason, b.pc, e.Detail)
		}
		if user && b.pc == b.sys.vbar+0x400 && b.sys.esr>>26 == ecSVC && numbers.Has(number) {
			places = append(places, before)
		}
		if !user && b.el == 0 && b.clock.Now() < end {
			places = append(places, place{cpu.User, b.clock.Now(), b.pc})
		}
	}
	return places
}

// stopAtPlaces runs in pieces of at most step counts with the debugger's wishes in force, and goes on after each stop.
func (b *board) stopAtPlaces(t *testing.T, end, step uint64) (places []place) {
	for b.clock.Now() < end {
		e := b.run(min(end, b.clock.Now()+step))
		switch e.Reason {
		case cpu.Limit:
			continue
		case cpu.Halt:
			b.skip(end)
			continue
		case cpu.User, cpu.Syscall:
			places = append(places, place{e.Reason, b.clock.Now(), b.pc})
			if b.el != 0 {
				t.Fatalf("%v in kernel mode at %#x", e.Reason, b.pc)
			}
		default:
			t.Fatalf("%v at %#x: %s", e.Reason, b.pc, e.Detail)
		}
		b.o.Pass = e.Reason == cpu.Syscall
	}
	return places
}

func TestStopsAtTheBorderOfUserMode(t *testing.T) {
	code := assemble(t, testBase, userGuest)
	some := &cpu.SyscallSet{}
	some.Add(64)
	some.Add(7)
	for _, test := range []struct {
		name    string
		numbers *cpu.SyscallSet
	}{{"every call", &cpu.SyscallSet{All: true}}, {"calls 64 and 7", some}, {"no call", &cpu.SyscallSet{}}} {
		t.Run(test.name, func(t *testing.T) {
			const end = 60_000
			m := userMachine(t, code)
			want := m.stepForPlaces(t, end, test.numbers)
			u, digest := m.counters(), m.digest()
			if u.calls == 0 || u.ticks == 0 || u.steps == 0 || u.faults != 0 {
				t.Fatalf("the guest does not do what it should: %+v", u)
			}
			for _, step := range []uint64{clock.Never >> 1, 1, 2, 13, 64, 1000} {
				m := userMachine(t, code)
				m.o.AtUser = true
				m.o.Syscalls = test.numbers
				if got := m.stopAtPlaces(t, end, step); !slices.Equal(got, want) {
					t.Errorf("in steps of %d: %d stops, by single steps there are %d", step, len(got), len(want))
				}
				if got := m.digest(); got != digest {
					t.Errorf("in steps of %d: the stops changed the run", step)
				}
			}
		})
	}
}

// toUser runs to the n-th return to EL0 from now.
func (b *board) toUser(t *testing.T, n int) {
	t.Helper()
	b.o.AtUser = true
	for range n {
		for {
			e := b.run(b.clock.Now() + 100_000)
			if e.Reason == cpu.User {
				break
			}
			if e.Reason != cpu.Halt || !b.skip(clock.Never) {
				t.Fatalf("%v at %#x: %s", e.Reason, b.pc, e.Detail)
			}
		}
	}
}

// TestUserExitIsNotLost: a limit, a request and an interrupt at the same boundary come before it or after it, and the exit still
// comes; once the CPU is back in the kernel there is nothing to tell.
func TestUserExitIsNotLost(t *testing.T) {
	code := assemble(t, testBase, userGuest)
	m := userMachine(t, code)
	m.toUser(t, 5)
	at := m.clock.Now()
	fresh := func() *board {
		m := userMachine(t, code)
		m.toUser(t, 4)
		if e := m.run(at); e.Reason != cpu.Limit || m.el != 0 {
			t.Fatalf("%v at EL%d", e.Reason, m.el)
		}
		return m
	}
	check := func(what string, m *board, want cpu.Reason) {
		t.Helper()
		if e := m.run(at + 1); e.Reason != want || want == cpu.User && m.clock.Now() != at {
			t.Errorf("%s: %v at count %d, want %v at %d", what, e.Reason, m.clock.Now(), want, at)
		}
	}
	m = fresh()
	check("after a limit", m, cpu.User)
	check("once told", m, cpu.Limit)
	m = fresh()
	m.RequestExit()
	check("a request", m, cpu.Requested)
	check("after a request", m, cpu.User)
	m = fresh()
	m.SetIRQ(true)
	check("with an interrupt", m, cpu.User)
	check("then the interrupt", m, cpu.Limit)
	if m.el != 1 {
		t.Error("the interrupt was not taken")
	}
	m = fresh()
	m.EnterKernel()
	check("back in the kernel", m, cpu.Limit)
	m = fresh()
	m.o.AtUser = false
	check("without the wish", m, cpu.Limit)
}

// program is what the running program has in its registers.
func (b *board) program() (p struct {
	x          [32]uint64
	pc, pstate uint64
	v          [32]vreg
}) {
	p.x, p.pc, p.pstate, p.v = [32]uint64(b.x[:32]), b.pc, b.pstate(), b.v
	return p
}

// TestPark: a parked program makes no progress while the kernel's timer goes on, and goes on itself afterwards as if nothing had
// happened, also when it is parked in wfi.
func TestPark(t *testing.T) {
	code := assemble(t, testBase, userGuest)
	for _, waiting := range []bool{false, true} {
		m := userMachine(t, code)
		m.toUser(t, 7)
		d := &m.o
		if waiting {
			for d.AtUser = false; !m.halted; {
				m.run(m.clock.Now() + 1)
			}
			d.AtUser = true
		}
		was, before := m.program(), m.counters()
		d.Park, d.Hold = true, true
		returns, halts := uint64(0), uint64(0)
		for end := m.clock.Now() + 20_000; m.clock.Now() < end; {
			switch e := m.run(end); e.Reason {
			case cpu.User:
				returns++
				if m.program() != was {
					t.Fatal("the parked program has changed")
				}
			case cpu.Parked:
				halts++
				if m.el != 0 {
					t.Fatal("waits in the kernel")
				}
				m.skip(end)
			case cpu.Limit:
			default:
				t.Fatalf("%v %s", e.Reason, e.Detail)
			}
		}
		u := m.counters()
		if u.ticks < before.ticks+5 || u.ticks-before.ticks != returns || halts < returns {
			t.Errorf("%d ticks while parked, %d returns, %d halts", u.ticks-before.ticks, returns, halts)
		}
		// Masked interrupts do not take it out.
		m.daif |= daifI
		m.SetIRQ(true)
		if e := m.run(m.clock.Now() + 10); e.Reason != cpu.Parked || m.el != 0 {
			t.Errorf("interrupts off: %v at EL%d", e.Reason, m.el)
		}
		m.daif &^= daifI
		m.SetIRQ(false)
		d.Park, d.Hold = false, false
		m.toUser(t, 40)
		if now := m.counters(); now.calls < u.calls+5 {
			t.Error("the program does not go on")
		}
	}
}

// TestEnterKernel: the kernel sees the Instruction Abort of a fetch, and the program does not see anything.
func TestEnterKernel(t *testing.T) {
	m := userMachine(t, assemble(t, testBase, userGuest))
	m.o.Hold = true
	m.toUser(t, 20)
	kernel, stepping := 0, 0
	for i := range uint64(200) {
		m.run(m.clock.Now() + 1 + i%31)
		was, before, now := m.program(), m.counters(), m.clock.Now()
		m.EnterKernel()
		if m.clock.Now() != now || m.el != 1 {
			t.Fatalf("EL%d at count %d, want 1 at %d", m.el, m.clock.Now(), now)
		}
		if was.pstate>>2&3 != 0 {
			kernel++
			if m.program() != was {
				t.Fatal("EnterKernel did something in kernel mode")
			}
			continue
		}
		if m.sys.mdscr&mdscrSS != 0 {
			stepping++
		}
		m.toUser(t, 1)
		after := m.counters()
		if after.faults != before.faults+1 || after.esr != ecInstrLower<<26|1<<25|7 || after.far != was.pc || after.calls != before.calls {
			t.Fatalf("the kernel saw %+v, before %+v; the program was at %#x", after, before, was.pc)
		}
		if got := m.program(); got != was {
			t.Fatalf("the program has changed: %+v, it was %+v", got, was)
		}
	}
	if kernel == 0 || stepping == 0 {
		t.Errorf("%d times in the kernel, %d times under its step", kernel, stepping)
	}
}

// stranger changes every kind of register that code can change without touching memory, for more than a thousand instructions.
const stranger = `
	mov x30, #100
1:	mul x0, x30, x30
	eor x1, x0, x1, ror #3
	eor x2, x1, x0
	fmov d0, x1
	fmov d31, x2
	fdiv d3, d0, d31
	adds x28, x28, x2
	mov x18, x28
	subs x30, x30, #1
	b.ne 1b
	mov x0, #0x3000000
	msr fpcr, x0
	ldr x0, =0x0800009f
	msr fpsr, x0
	mov sp, x1
	msr spsel, #0
	mov sp, x2
	msr spsel, #1
	msr pan, #1
	msr elr_el1, x1
	msr spsr_el1, x2
	msr esr_el1, x1
	msr far_el1, x2
	msr par_el1, x1
	msr ttbr0_el1, x1
	msr ttbr1_el1, x2
	msr tcr_el1, x1
	msr mair_el1, x2
	msr vbar_el1, x1
	msr contextidr_el1, x2
	msr tpidr_el0, x1
	msr tpidrro_el0, x2
	msr tpidr_el1, x1
	msr cntkctl_el1, x2
	msr cpacr_el1, xzr
	msr dbgbvr0_el1, x1
	msr dbgwvr1_el1, x2
	msr mdscr_el1, xzr
	mov x0, #1
	msr oslar_el1, x0
	clrex
	msr daifclr, #15
	cmp x1, x1
	wfi
`

const strangerOrg = testBase + 0x20000

// TestCaptureRestore borrows the CPU at many moments, in both modes, for code that turns all registers over. Afterwards, state, memory and
// the rest of the run are as without. (The timer stays off: it goes on meanwhile.)
func TestCaptureRestore(t *testing.T) {
	code := assemble(t, testBase, userGuest)
	other := assemble(t, strangerOrg, stranger)
	const end = 10_000
	state := func(m *board) string { // without the clock
		h := sha256.New()
		digestState(h, m.CPU)
		h.Write(m.ram.Bytes())
		return fmt.Sprintf("%x", h.Sum(nil)[:8])
	}
	build := func() *board {
		m := userMachine(t, code)
		m.timer[TimerVirtual].line = func(bool) {}
		m.ram.Write(strangerOrg, other)
		return m
	}
	run := func(m *board, limit uint64) { // past the program's waits
		if e := m.run(limit); e.Reason == cpu.Halt {
			m.halted = false
		} else if e.Reason != cpu.Limit {
			t.Fatalf("%v %s", e.Reason, e.Detail)
		}
	}
	plain := build()
	for plain.clock.Now() < end {
		run(plain, end)
	}
	m := build()
	modes, stepping, waiting := [2]int{}, 0, 0
	lent := uint64(0) // counts of the strangers
	for i := uint64(0); m.clock.Now()-lent < end; i++ {
		if e := m.run(min(m.clock.Now()+37+i%5, end+lent)); e.Reason == cpu.Halt {
			waiting++
		}
		m.monitor = monitor{true, testBase, 8} // nothing of the guest's depends on it
		before := state(m)
		s := m.Capture()
		modes[m.el]++
		if m.sys.mdscr&mdscrSS != 0 {
			stepping++
			m.sys.mdscr = 0
		}
		m.setMode(1, true)
		m.sys.vbar, m.daif, m.halted = 0, daifMask, false
		m.il, m.ss = false, false
		m.contextChanged()
		m.SetPC(strangerOrg)
		now := m.clock.Now()
		if e := m.run(now + 100_000); e.Reason != cpu.Halt || m.clock.Now()-now < 1000 {
			t.Fatalf("the stranger: %v %s after %d at %#x", e.Reason, e.Detail, m.clock.Now()-now, m.pc)
		}
		lent += m.clock.Now() - now
		if state(m) == before {
			t.Fatal("the stranger changed nothing")
		}
		m.Restore(s)
		if got := state(m); got != before {
			t.Fatalf("at count %d, EL%d: state %s after Restore, %s before", now-lent, m.el, got, before)
		}
		m.halted = false
	}
	if modes[0] == 0 || modes[1] == 0 || stepping == 0 || waiting == 0 {
		t.Errorf("borrowed %v times by EL, %d under the guest's step, %d waiting", modes, stepping, waiting)
	}
	if got, want := m.counters(), plain.counters(); got != want || got.calls == 0 {
		t.Errorf("the guest counts %+v, unborrowed %+v", got, want)
	}
	if got, want := m.program(), plain.program(); got != want {
		t.Errorf("registers %v, unborrowed %v", got, want)
	}
}
