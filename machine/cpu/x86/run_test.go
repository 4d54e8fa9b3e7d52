package x86

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/snapshot"
)

// digestState writes the state of a part to h.
func digestState(h hash.Hash, p snapshot.Part) {
	v := snapshot.NewDigest(h)
	p.State(v)
	v.Finish()
}

func (m *machine) digest() string {
	h := sha256.New()
	digestState(h, m.c)
	h.Write(m.ram.Bytes())
	return fmt.Sprintf("%d %x", m.clk.Now(), h.Sum(nil)[:8])
}

// busy is a guest that does a little of everything while a timer interrupts it: calls, string instructions, port input,
// self-modification, RDTSC, and HLT.
const busy = `
	lgdt gdtr
	lidt idtr
	ljmp $8, $1f
1:	movw $16, %ax
	movw %ax, %ss
	movw %ax, %ds
	movw %ax, %es
	cld
	sti
again:	movl $0x200000, %edi
	movl $300, %ecx
	movl %ebx, %eax
	rep stosl
	movl $0x200000, %esi
	movl $0x201001, %edi
	movl $700, %ecx
	rep movsb
	movl $0x201001, %edi
	movl $900, %ecx
	repe scasb
	call f
	rdtsc
	addl %eax, %ebx
	inb $0x40, %al
	addl %eax, %ebx
	incb f + 2
	pushf
	cli
	addl $1, ticks + 4
	popf
	movl ticks, %eax
	testl $7, %eax
	jnz again
	incl ticks
	hlt
	jmp again
	.balign 4096
f:	addl $1, %ebx
	movl $20, %ecx
2:	imull %ecx, %ebx
	adcl $3, %ebx
	loop 2b
	ret
irq:	incl ticks
	outb %al, $0x20
	iret
	.balign 8
gdt:	.quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:	.word 23
	.long gdt
idtr:	.word 256*8-1
	.long idt
	.balign 8
idt:	.fill 32, 8, 0
	.word irq - _start, 8, 0x8e00, 0x10
	.balign 4096
ticks:	.quad 0
`

// timed starts code with a timer that raises INTR at odd intervals until the guest writes port 0x20.
func timed(t testing.TB, code []byte) *machine {
	m := newMachine(t, 4<<20)
	var tick clock.Event
	n := uint64(0)
	tick.Fire = func() {
		n++
		m.c.SetIRQ(true)
		m.clk.Schedule(&tick, m.clk.Now()+997+n*n%1013)
	}
	m.clk.Schedule(&tick, 500)
	m.bus.onOut = func(port uint16, size int, v uint32) {
		if port == 0x20 {
			m.c.SetIRQ(false)
		}
	}
	m.bus.onIn = func(port uint16, size int) uint32 { return uint32(m.clk.Now()) }
	m.start(code)
	return m
}

// runTo runs to the count, in pieces of at most step counts, skipping the clock when the CPU waits.
func (m *machine) runTo(count, step uint64) {
	m.t.Helper()
	for m.clk.Now() < count {
		switch e := m.runUntil(min(count, m.clk.Now()+step)); e.Reason {
		case cpu.Limit:
		case cpu.Halt:
			if !m.skip(count) {
				m.t.Fatal("halted for ever")
			}
		default:
			m.t.Fatalf("%v at %#x: %s", e.Reason, m.c.PC(), e.Detail)
		}
	}
}

func TestCutsDoNotMatter(t *testing.T) {
	code := assemble(t, busy)
	for _, end := range []uint64{1000, 12345, 100_000} {
		want := ""
		for _, step := range []uint64{clock.Never >> 1, 1, 2, 7, 63, 64, 65, 1000} {
			m := timed(t, code)
			m.runTo(end, step)
			got := m.digest()
			if want == "" {
				want = got
			} else if got != want {
				t.Errorf("to %d in steps of %d: %s, in one run: %s", end, step, got, want)
			}
		}
	}
}

// TestBreakpointsAndWatchpointsAreInvisible compares a run that stops at each of many breakpoints and watchpoints with one that does not.
func TestBreakpointsAndWatchpointsAreInvisible(t *testing.T) {
	code := assemble(t, busy)
	const end = 60_000
	plain := timed(t, code)
	plain.runTo(end, clock.Never>>1)

	m := timed(t, code)
	d := &m.o
	for off := range uint64(len(code)) {
		if off%5 == 0 {
			d.Breaks.Add(testOrg + off)
		}
	}
	d.Watches.Add(cpu.Watchpoint{Addr: 0x201100, Len: 8, Kind: cpu.WatchAccess})
	d.Watches.Add(cpu.Watchpoint{Addr: testOrg + 0x2000, Len: 4, Kind: cpu.WatchWrite})
	breaks, watches := 0, 0
	for m.clk.Now() < end {
		e := m.runUntil(end)
		switch e.Reason {
		case cpu.Break:
			breaks++
			if !d.Breaks.Has(m.c.PC()) {
				t.Fatalf("break at %#x, where there is no breakpoint", m.c.PC())
			}
			d.Pass = true
		case cpu.Watch:
			watches++
		case cpu.Halt:
			m.skip(end)
		case cpu.Limit:
		default:
			t.Fatalf("%v %s", e.Reason, e.Detail)
		}
	}
	if breaks == 0 || watches == 0 {
		t.Errorf("%d breaks, %d watches", breaks, watches)
	}
	if got, want := m.digest(), plain.digest(); got != want {
		t.Errorf("with stops %s, without %s", got, want)
	}
}

// TestBreakpointIsExact counts the stops at one instruction of a hot loop.
func TestBreakpointIsExact(t *testing.T) {
	m := newMachine(t, 2<<20)
	m.start(assemble(t, `
		movl $100, %ecx
	1:	addl $2, %eax
		nop
		cmpl $3, %eax
		je 2f
		loop 1b
	2:	hlt`))
	d := &m.o
	// The compare (fused with its jump), and the jump itself.
	for _, at := range []uint64{testOrg + 9, testOrg + 12} {
		d.Breaks.Add(at)
	}
	hits := map[uint64]int{}
	var clocks []uint64
	for {
		e := m.runUntil(10_000)
		if e.Reason == cpu.Halt {
			break
		}
		if e.Reason != cpu.Break {
			t.Fatal(e)
		}
		hits[m.c.PC()]++
		clocks = append(clocks, m.clk.Now())
		d.Pass = true
	}
	if hits[testOrg+9] != 100 || hits[testOrg+12] != 100 {
		t.Errorf("hits %v, want 100 each", hits)
	}
	for i, c := range clocks {
		if want := uint64(1 + 2 + i/2*5 + i%2); c != want {
			t.Fatalf("stop %d at count %d, want %d", i, c, want)
		}
	}
	if m.clk.Now() != 1+100*5+1 {
		t.Errorf("the clock shows %d at the end", m.clk.Now())
	}
}

// TestWatchpoint looks at when a watchpoint stops, on plain, string and pair accesses.
func TestWatchpoint(t *testing.T) {
	for _, test := range []struct {
		name, text string
		watch      cpu.Watchpoint
		clock      uint64 // count at the stop, 0 for none
		addr       uint64
	}{
		{"store", "nop\n movl %eax, 0x180000\n nop\n hlt", cpu.Watchpoint{Addr: 0x180002, Len: 1, Kind: cpu.WatchWrite}, 2, 0x180002},
		{"store beside", "movl %eax, 0x180000\n hlt", cpu.Watchpoint{Addr: 0x180004, Len: 4, Kind: cpu.WatchWrite}, 0, 0},
		{"load is no write", "movl 0x180000, %eax\n hlt", cpu.Watchpoint{Addr: 0x180000, Len: 4, Kind: cpu.WatchWrite}, 0, 0},
		{"load", "movl 0x180000, %eax\n hlt", cpu.Watchpoint{Addr: 0x180000, Len: 4, Kind: cpu.WatchRead}, 1, 0x180000},
		{"read-modify-write", "incl 0x180000\n hlt", cpu.Watchpoint{Addr: 0x180000, Len: 4, Kind: cpu.WatchWrite}, 1, 0x180000},
		{"push", "movl $0x180008, %esp\n push %eax\n push %eax\n hlt", cpu.Watchpoint{Addr: 0x180000, Len: 4, Kind: cpu.WatchAccess}, 3, 0x180000},
		{"tenth iteration", "movl $0x180000, %edi\n movl $100, %ecx\n rep stosb\n hlt", cpu.Watchpoint{Addr: 0x180009, Len: 1, Kind: cpu.WatchWrite}, 12, 0x180009},
		{"across a page", "movl %eax, 0x180ffe\n hlt", cpu.Watchpoint{Addr: 0x181000, Len: 1, Kind: cpu.WatchWrite}, 1, 0x181000},
		{"pair", "cmpxchg8b 0x180000\n hlt", cpu.Watchpoint{Addr: 0x180004, Len: 4, Kind: cpu.WatchWrite}, 1, 0x180004},
		{"x87", "fninit\n fld1\n fstpt 0x180000\n hlt", cpu.Watchpoint{Addr: 0x180008, Len: 2, Kind: cpu.WatchWrite}, 3, 0x180008},
		{"sse", "movups %xmm0, 0x180000\n hlt", cpu.Watchpoint{Addr: 0x18000c, Len: 2, Kind: cpu.WatchWrite}, 1, 0x18000c},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, 2<<20)
			m.start(assemble(t, test.text))
			m.c.cr4 |= cr4OSFXSR
			m.o.Watches.Add(test.watch)
			e := m.runUntil(10_000)
			if test.clock == 0 {
				if e.Reason != cpu.Halt {
					t.Errorf("%v at count %d", e.Reason, m.clk.Now())
				}
				return
			}
			if e.Reason != cpu.Watch || m.clk.Now() != test.clock || e.Addr != test.addr || e.Watch != test.watch {
				t.Errorf("%v at count %d, address %#x; want count %d, %#x", e.Reason, m.clk.Now(), e.Addr, test.clock, test.addr)
			}
			// The instruction is over: going on does not stop again for it.
			for e.Reason == cpu.Watch {
				now := m.clk.Now()
				if e = m.runUntil(10_000); e.Reason == cpu.Watch && m.clk.Now() == now {
					t.Fatal("stopped again without progress")
				}
			}
			// With Pass the first instruction is not watched.
		})
	}
}

// TestInterruptShadow: after STI and MOV SS one more instruction completes before an interrupt.
func TestInterruptShadow(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       uint32
	}{
		{"sti", "sti\n incl %ebx\n incl %ebx\n hlt", 1},
		{"sti when on", "sti\n nop\n nop\n", 0},
		{"sti hlt", "sti\n hlt\n hlt", 0},
		{"popf has none", "pushl $0x202\n popf\n incl %ebx\n hlt", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t, 2<<20)
			m.start(assemble(t, `
				lgdt gdtr
				lidt idtr
				`+test.text+`
			irq:	hlt
				.balign 8
			gdt:	.quad 0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
			gdtr:	.word 31
				.long gdt
			idtr:	.word 33*8-1
				.long idt
				.balign 8
			idt:	.fill 32, 8, 0
				.word irq - _start, 16, 0x8e00, 0x10`))
			m.c.SetIRQ(true)
			for range 100 {
				m.runUntil(m.clk.Now() + 1)
				if m.c.eflags&flagIF == 0 && m.clk.Now() > 4 && m.c.halted {
					break
				}
			}
			if uint32(m.c.r[regEBX]) != test.want {
				t.Errorf("%d instructions before the interrupt, want %d", m.c.r[regEBX], test.want)
			}
		})
	}
}

func TestRequestExit(t *testing.T) {
	m := newMachine(t, 2<<20)
	m.start(assemble(t, "1: jmp 1b"))
	m.c.RequestExit()
	if e := m.runUntil(clock.Never); e.Reason != cpu.Requested {
		t.Error(e)
	}
	done := make(chan cpu.Exit)
	go func() { done <- m.runUntil(clock.Never) }()
	m.c.RequestExit()
	if e := <-done; e.Reason != cpu.Requested {
		t.Error(e)
	}
}

func TestShutdown(t *testing.T) {
	m := newMachine(t, 2<<20)
	m.start(assemble(t, "lidt 1f\n int3\n 1: .word 0\n .long 0"))
	e := m.runUntil(1000)
	if e.Reason != cpu.Shutdown || e.Detail == "" {
		t.Errorf("%v %q", e.Reason, e.Detail)
	}
	if e := m.runUntil(2000); e.Reason != cpu.Shutdown {
		t.Errorf("then %v", e.Reason)
	}
}

func TestUndefinedIsReportedOnce(t *testing.T) {
	m := userMachine(t)
	for range 3 {
		n := newNativeCase([]byte{0x0f, 0x04, 0x90})
		if r := m.run(n); r.Trap != excUD+1 || r.EIP != 0 {
			t.Errorf("exception %d at +%#x", int(r.Trap)-1, r.EIP)
		}
	}
	if len(m.undefined) != 1 || m.undefined[0].PC != nativeCode || m.undefined[0].Bytes[1] != 4 {
		t.Errorf("reports %+v, want one", m.undefined)
	}
}
