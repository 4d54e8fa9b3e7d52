package arm64

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math/rand"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/code"
	"forkscope/machine/snapshot"
)

// Instructions of the tests below, as words.
const (
	wNop     = 0xd503201f
	wWFI     = 0xd503207f
	wRet     = 0xd65f03c0
	wSelf    = 0x14000000 // b .
	wISB     = 0xd5033fdf
	wERET    = 0xd69f03e0
	wDAIFClr = 0xd50342ff // msr daifclr, #2
	wDAIFSet = 0xd50342df
)

func movz(rd, v uint32) uint32         { return 0xd2800000 | v<<5 | rd }
func addi(rd, rn, v uint32) uint32     { return 0x91000000 | v<<10 | rn<<5 | rd }
func subsi(rd, rn, v uint32) uint32    { return 0xf1000000 | v<<10 | rn<<5 | rd }
func ldr(rt, rn, off uint32) uint32    { return 0xf9400000 | off/8<<10 | rn<<5 | rt }
func str(rt, rn, off uint32) uint32    { return 0xf9000000 | off/8<<10 | rn<<5 | rt }
func strw(rt, rn, off uint32) uint32   { return 0xb9000000 | off/4<<10 | rn<<5 | rt }
func stpPre(rt, rt2, rn uint32) uint32 { return 0xa9bf0000 | rt2<<10 | rn<<5 | rt } // stp rt, rt2, [rn, #-16]!
func b(off int) uint32                 { return 0x14000000 | uint32(off/4)&0x3ffffff }
func bl(off int) uint32                { return 0x94000000 | uint32(off/4)&0x3ffffff }
func bne(off int) uint32               { return 0x54000001 | uint32(off/4)&0x7ffff<<5 }
func msr(reg uint32, rt uint32) uint32 { return 0xd5100000 | reg<<5 | rt }
func mrs(reg uint32, rt uint32) uint32 { return 0xd5300000 | reg<<5 | rt }
func key(op0, op1, crn, crm, op2 uint32) uint32 {
	return op0&1<<14 | op1<<11 | crn<<7 | crm<<3 | op2
}

var (
	regCVAL   = key(3, 3, 14, 3, 2)
	regCTL    = key(3, 3, 14, 3, 1)
	regCNTVCT = key(3, 3, 14, 0, 2)
)

// kernelBoard is a CPU at EL1 with RAM mapped onto itself.
func kernelBoard(tb testing.TB) *board {
	m := newBoard(tb, 1<<20, noBus{})
	m.mapIdentity(testBase+0x80000, 1)
	m.sys.vbar = testBase + 0x10000
	m.SetPC(testBase)
	return m
}

// digestState writes the state of a part to h.
func digestState(h hash.Hash, p snapshot.Part) {
	v := snapshot.NewDigest(h)
	p.State(v)
	v.Finish()
}

func (b *board) digest() string {
	h := sha256.New()
	digestState(h, b.CPU)
	fmt.Fprint(h, b.clock.Now())
	h.Write(b.ram.Bytes())
	return fmt.Sprintf("%x", h.Sum(nil))
}

func (b *board) expect(t *testing.T, e cpu.Exit, reason cpu.Reason, pc uint64) {
	t.Helper()
	if e.Reason != reason || b.PC() != pc {
		t.Fatalf("ended with %v %s at %#x (ESR %#x FAR %#x ELR %#x), want %v at %#x",
			e.Reason, e.Detail, b.PC(), b.sys.esr, b.sys.far, b.sys.elr, reason, pc)
	}
}

// TestRunIsExact: a limit stops after exactly that many instructions, whatever the blocks.
func TestRunIsExact(t *testing.T) {
	m := kernelBoard(t)
	for i := uint32(0); i < 300; i++ {
		m.code(testBase+uint64(i)*4, addi(0, 0, 1))
	}
	r := rand.New(rand.NewSource(1))
	for done := uint64(0); done < 290; {
		n := uint64(1 + r.Intn(9))
		m.expect(t, m.Run(m.clock.Retired+n), cpu.Limit, testBase+(done+n)*4)
		if done += n; m.x[0] != done || m.clock.Retired != done {
			t.Fatalf("after %d instructions x0 is %d and the clock %d", done, m.x[0], m.clock.Retired)
		}
	}
}

// timerProgram takes timer interrupts while it computes: the handler counts in x20 and sets the timer again.
func timerProgram(t *testing.T) *board {
	m := kernelBoard(t)
	irq := uint64(testBase + 0x10280)
	m.code(testBase,
		movz(1, 50), msr(regCVAL, 1), movz(1, 1), msr(regCTL, 1), wDAIFClr,
		// a loop that mixes everything: flags, memory, calls, masked stretches
		subsi(2, 2, 1), addi(3, 3, 7), str(3, 5, 8), ldr(4, 5, 8), bl(20), wDAIFSet, addi(6, 6, 1), wDAIFClr, bne(-32),
		addi(7, 7, 1), wRet)
	m.code(irq, addi(20, 20, 1), mrs(regCNTVCT, 21), addi(21, 21, 37), msr(regCVAL, 21), wERET)
	m.SetX(5, testBase+0x8000)
	m.SetX(2, 1000000)
	return m
}

// TestDeterminism: the same program ends in the same state however its run is cut.
func TestDeterminism(t *testing.T) {
	const end = 30000
	build := func() *board {
		m := timerProgram(t)
		m.timer[TimerVirtual].line = m.SetIRQ
		return m
	}
	whole := build()
	whole.expectRun(t, end)
	if whole.x[20] < 40 || whole.x[7] < 100 {
		t.Fatalf("the program took %d interrupts and %d calls", whole.x[20], whole.x[7])
	}
	want := whole.digest()
	for name, step := range map[string]func(r *rand.Rand) uint64{
		"single steps":  func(*rand.Rand) uint64 { return 1 },
		"random pieces": func(r *rand.Rand) uint64 { return uint64(1 + r.Intn(50)) },
	} {
		m := build()
		r := rand.New(rand.NewSource(2))
		for m.clock.Retired < end {
			m.expectRun(t, min(end, m.clock.Retired+step(r)))
		}
		if got := m.digest(); got != want {
			t.Errorf("%s: digest %s, in one run %s", name, got, want)
		}
	}
	// With a breakpoint in the page, blocks run another way.
	m := build()
	m.o.Breaks.Add(testBase + 0xff8)
	m.o.Breaks.Add(testBase + 0x1c)
	for m.clock.Retired < end {
		m.o.Pass = true
		if e := m.Run(end); e.Reason != cpu.Limit && e.Reason != cpu.Break {
			t.Fatalf("ended with %v at %#x", e.Reason, m.PC())
		}
	}
	if got := m.digest(); got != want {
		t.Errorf("with breakpoints: digest %s, without %s", got, want)
	}
}

func (b *board) expectRun(t *testing.T, limit uint64) {
	t.Helper()
	if e := b.Run(limit); e.Reason != cpu.Limit {
		t.Fatalf("ended with %v %s at %#x", e.Reason, e.Detail, b.PC())
	}
}

// TestTimer: the line rises at the exact count, and falls when the timer is moved on.
func TestTimer(t *testing.T) {
	m := kernelBoard(t)
	var edges []uint64
	level := false
	m.timer[TimerVirtual].line = func(l bool) {
		if l != level {
			level = l
			edges = append(edges, m.clock.Retired)
		}
	}
	m.code(testBase, movz(1, 10), msr(regCVAL, 1), movz(1, 1), msr(regCTL, 1), b(0))
	m.expectRun(t, 1000)
	if want := clock.Time(10, counterHz); len(edges) != 1 || edges[0] != want {
		t.Fatalf("edges at %v, want one at %d", edges, want)
	}
	m.code(testBase+0x100, movz(1, 50), msr(regCVAL, 1), b(0))
	m.SetPC(testBase + 0x100)
	m.expectRun(t, 2000)
	if len(edges) != 1 || !level {
		t.Fatalf("edges at %v: count 1001 is past 50 ticks, so the line must stay high", edges)
	}
	m.code(testBase+0x200, movz(1, 200), msr(regCVAL, 1), b(0))
	m.SetPC(testBase + 0x200)
	m.expectRun(t, 10000)
	if want := clock.Time(200, counterHz); len(edges) != 3 || edges[1] != 2001 || edges[2] != want {
		t.Fatalf("edges at %v, want low at 2001 and high at %d", edges, want)
	}
}

// TestHalt: wfi retires, then waits; an interrupt wakes it even when masked.
func TestHalt(t *testing.T) {
	m := kernelBoard(t)
	m.code(testBase, wWFI, addi(0, 0, 1), wSelf)
	m.expect(t, m.Run(100), cpu.Halt, testBase+4)
	if m.clock.Retired != 1 || !m.Halted() {
		t.Fatalf("clock %d, halted %v", m.clock.Retired, m.Halted())
	}
	m.o.Hold = true
	m.SetIRQ(true)
	m.expect(t, m.Run(100), cpu.Halt, testBase+4)
	m.o.Hold = false
	m.expect(t, m.Run(3), cpu.Limit, testBase+8)
	if m.x[0] != 1 {
		t.Fatalf("x0 is %d", m.x[0])
	}
}

func TestRequestExit(t *testing.T) {
	m := kernelBoard(t)
	m.code(testBase, addi(0, 0, 1), b(-4))
	m.RequestExit()
	m.expect(t, m.Run(100), cpu.Requested, testBase)
	go m.RequestExit()
	if e := m.Run(1 << 60); e.Reason != cpu.Requested {
		t.Fatalf("ended with %v", e.Reason)
	}
}

func TestBreakpoints(t *testing.T) {
	m := kernelBoard(t)
	m.code(testBase, addi(0, 0, 1), addi(1, 1, 1), addi(2, 2, 1), subsi(3, 3, 1), bne(-16), wSelf)
	m.SetX(3, 5)
	d := &m.o
	d.Breaks.Add(testBase)
	d.Breaks.Add(testBase + 8)
	m.expect(t, m.Run(1000), cpu.Break, testBase)
	if m.clock.Retired != 0 {
		t.Fatal("the instruction at the breakpoint was executed")
	}
	for i := range uint64(4) {
		d.Pass = true
		m.expect(t, m.Run(1000), cpu.Break, testBase+8)
		d.Pass = true
		m.expect(t, m.Run(1000), cpu.Break, testBase)
		if m.x[0] != i+1 || m.x[2] != i+1 {
			t.Fatalf("x0 %d x2 %d", m.x[0], m.x[2])
		}
	}
	d.Breaks.Remove(testBase)
	d.Pass = true
	m.expect(t, m.Run(1000), cpu.Break, testBase+8)
	d.Breaks.Remove(testBase + 8)
	m.expect(t, m.Run(1000), cpu.Limit, testBase+0x14)
	// Set while the code has long been cached.
	m.SetX(3, 1<<40)
	m.SetPC(testBase)
	m.expectRun(t, m.clock.Retired+5000)
	d.Breaks.Add(testBase + 4)
	m.expect(t, m.Run(m.clock.Retired+5000), cpu.Break, testBase+4)
	// On the fused pair's branch.
	d.Breaks.Remove(testBase + 4)
	d.Breaks.Add(testBase + 16)
	m.expect(t, m.Run(m.clock.Retired+5000), cpu.Break, testBase+16)
}

// TestWatchpoints: an access stops before it has any effect, pairs and write-back included.
func TestWatchpoints(t *testing.T) {
	m := kernelBoard(t)
	const data = testBase + 0x8000
	m.code(testBase,
		str(0, 5, 0), // not watched
		ldr(1, 5, 8), // watched for writing only
		str(0, 5, 8),
		stpPre(0, 0, 6), // the second word of the pair
		0xb8004420|7<<5, // str w0, [x7], #4
		wSelf)
	m.SetX(0, 77)
	m.SetX(5, data)
	m.SetX(6, data+0x20)
	m.SetX(7, data+12)
	m.expectRun(t, 1) // the page is in the TLB now
	m.SetPC(testBase)
	d := &m.o
	w := cpu.Watchpoint{Addr: data + 8, Len: 8, Kind: cpu.WatchWrite}
	pair := cpu.Watchpoint{Addr: data + 0x18, Len: 4, Kind: cpu.WatchWrite}
	d.Watches.Add(w)
	d.Watches.Add(pair)
	check := func(pc uint64, want cpu.Watchpoint, addr uint64) {
		t.Helper()
		e := m.Run(1000)
		m.expect(t, e, cpu.Watch, pc)
		if e.Watch != want || e.Addr != addr {
			t.Fatalf("watch %+v at %#x, want %+v at %#x", e.Watch, e.Addr, want, addr)
		}
		if again := m.Run(1000); again.Reason != cpu.Watch {
			t.Fatalf("the second try ended with %v", again.Reason)
		}
		d.Pass, d.PassWatch = true, true
		m.expect(t, m.Run(m.clock.Retired+1), cpu.Limit, pc+4)
	}
	m.expect(t, m.Run(m.clock.Retired+2), cpu.Limit, testBase+8)
	check(testBase+8, w, data+8)
	if m.load64(data+8) != 77 {
		t.Fatal("Pass did not store")
	}
	x6 := m.x[6]
	e := m.Run(1000)
	if e.Reason != cpu.Watch || m.x[6] != x6 || m.load64(data+0x10) != 0 {
		t.Fatalf("%v: x6 %#x, memory %#x: the pair has happened in part", e.Reason, m.x[6], m.load64(data+0x10))
	}
	check(testBase+12, pair, data+0x18)
	if m.x[6] != x6-16 || m.load64(data+0x18) != 77 {
		t.Fatal("Pass did not store the pair")
	}
	check(testBase+16, w, data+12)
	d.Watches.Remove(w)
	d.Watches.Remove(pair)
	m.SetPC(testBase)
	m.expect(t, m.Run(m.clock.Retired+100), cpu.Limit, testBase+20)
	d.Watches.Add(cpu.Watchpoint{Addr: data, Len: 64, Kind: cpu.WatchRead})
	m.SetPC(testBase)
	m.expect(t, m.Run(m.clock.Retired+100), cpu.Watch, testBase+4)
}

// TestSelfModifyingCode: a store to code is seen by the next instruction, from this block, another one, and from outside.
func TestSelfModifyingCode(t *testing.T) {
	m := kernelBoard(t)
	m.code(testBase,
		strw(1, 2, 12), // replaces the fourth instruction
		wNop, wNop,
		movz(0, 1),
		wSelf)
	m.SetX(1, uint64(movz(0, 2)))
	m.SetX(2, testBase)
	m.expect(t, m.Run(5), cpu.Limit, testBase+16)
	if m.x[0] != 2 {
		t.Errorf("the running block kept the old instruction: x0 is %d", m.x[0])
	}
	m.SetPC(testBase + 12)
	m.code(testBase+12, movz(0, 3)) // as a device would
	m.Run(m.clock.Retired + 1)
	if m.x[0] != 3 {
		t.Errorf("a write from outside was not seen: x0 is %d", m.x[0])
	}
	// A function called again and again while it is patched from another page.
	const fn = testBase + 0x2000
	m.code(fn, movz(0, 0), wRet)
	m.code(testBase+0x1000, bl(0x1000), strw(1, 2, 0), addi(1, 1, 32), b(-12))
	m.SetX(1, uint64(movz(0, 1)))
	m.SetX(2, fn)
	m.SetPC(testBase + 0x1000)
	for i := uint64(0); i < 50; i++ {
		m.Run(m.clock.Retired + 6)
		if m.x[0] != i {
			t.Fatalf("call %d saw %d", i, m.x[0])
		}
	}
	// Data beside code in one page does not drop the code.
	m.SetPC(fn + 0x100)
	m.code(fn+0x100, str(1, 2, 0x800), b(-4))
	m.expectRun(t, m.clock.Retired+10)
	b := m.CPU.code.At(fn).First(fn + 0x100)
	m.expectRun(t, m.clock.Retired+10)
	if b == nil || !b.Kept() {
		t.Error("a store beside the code dropped it")
	}
}

// TestExceptionLoop: a vector that faults at once can never go on.
func TestExceptionLoop(t *testing.T) {
	m := kernelBoard(t)
	m.code(testBase, 0)
	m.sys.vbar = 0xff00_0000_0000
	e := m.Run(1000)
	if e.Reason != cpu.Shutdown || e.Detail == "" {
		t.Fatalf("ended with %v %q", e.Reason, e.Detail)
	}
	if len(m.logs) != 1 {
		t.Errorf("messages %q, want one about the undefined instruction", m.logs)
	}
}

// TestASIDSwitch: after TTBR0_EL1 changes, the same address is another page, and back again.
func TestASIDSwitch(t *testing.T) {
	m := kernelBoard(t)
	const user = 0x10_0000_0000 // root entry 0, level 1 entry 64
	for i, space := range []uint64{testBase + 0x90000, testBase + 0xa0000} {
		m.store(space, space+0x1000|3)
		m.store(space+0x1000+8, 1<<30|1<<10|3<<8|1) // RAM onto itself
		m.store(space+0x1000+8*64, space+0x2000|3)
		m.store(space+0x2000, space+0x3000|3)
		m.store(space+0x3000, testBase+0x20000+uint64(i)<<12|1<<11|1<<10|3<<8|3)
		m.store(testBase+0x20000+uint64(i)<<12, uint64(100+i))
	}
	ttbr0 := key(3, 0, 2, 0, 0)
	m.code(testBase, msr(ttbr0, 1), wISB, ldr(3, 5, 0), msr(ttbr0, 2), wISB, ldr(4, 5, 0), addi(3, 3, 0), b(-28))
	m.SetX(1, testBase+0x90000|1<<48)
	m.SetX(2, testBase+0xa0000|2<<48)
	m.SetX(5, user)
	for range 10 {
		m.expectRun(t, m.clock.Retired+8)
		if m.x[3] != 100 || m.x[4] != 101 {
			t.Fatalf("x3 %d x4 %d", m.x[3], m.x[4])
		}
	}
	if got := m.Space(); got != testBase+0xa0000 {
		t.Errorf("space %#x", got)
	}
	for i, space := range []cpu.Space{testBase + 0x90000, testBase + 0xa0000} {
		if pa, ok := m.Translate(space, user+0x123); !ok || pa != testBase+0x20123+uint64(i)<<12 {
			t.Errorf("Translate(%#x) = %#x, %v", space, pa, ok)
		}
	}
	if _, ok := m.Translate(testBase+0x90000, user+0x5000); ok {
		t.Error("an unmapped page translates")
	}
}

// TestCodeIsBounded: a guest with more code than is kept decoded runs on, and the decoded code stays within its bound.
func TestCodeIsBounded(t *testing.T) {
	const (
		words = 3 << 20 / 4
		most  = 4 << 20
	)
	m := newBoard(t, 4<<20, noBus{})
	m.CPU.code = code.New[block, *block](m.ram, most, m.codeOwner())
	p := make([]byte, 4*words)
	for i := range words {
		binary.LittleEndian.PutUint32(p[4*i:], addi(0, 0, 1))
	}
	m.ram.Write(testBase, p)
	for range 2 {
		m.SetPC(testBase)
		for done := uint64(0); done < words; done += 1000 {
			m.expectRun(t, m.clock.Retired+min(1000, words-done))
			if held := m.CPU.code.Bytes(); held > most+1<<14 {
				t.Fatalf("%d bytes are held", held)
			}
		}
	}
	if m.x[0] != 2*words {
		t.Errorf("x0 is %d after %d additions", m.x[0], 2*words)
	}
}
