package arm64

import (
	"encoding/binary"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/mem"
)

const testBase = 0x40000000

// noBus is a machine without devices.
type noBus struct{}

func (noBus) ReadMMIO(uint64, int) (uint64, bool) { return 0, false }
func (noBus) WriteMMIO(uint64, int, uint64) bool  { return false }
func (noBus) In(uint16, int) uint32               { return 0 }
func (noBus) Out(uint16, int, uint32)             {}

// board is a CPU with RAM at testBase.
type board struct {
	*CPU
	ram   *mem.RAM
	clock *clock.Clock
	logs  []string
	o     cpu.Orders // of the next run
}

func newBoard(tb testing.TB, size uint64, bus cpu.Bus) *board {
	tb.Helper()
	b := makeBoard(tb, size, bus)
	tb.Cleanup(func() {
		if err := b.ram.Close(); err != nil {
			tb.Error(err)
		}
	})
	return b
}

// makeBoard leaves it to the caller to close the RAM.
func makeBoard(tb testing.TB, size uint64, bus cpu.Bus) *board {
	tb.Helper()
	ram, err := mem.New(testBase, size)
	if err != nil {
		tb.Fatal(err)
	}
	b := &board{ram: ram, clock: clock.New(1)}
	b.o = cpu.Orders{Breaks: &cpu.BreakSet{}, Watches: &cpu.WatchSet{}, Held: true}
	b.CPU = New(Config{RAM: ram, Clock: b.clock, Bus: bus, Log: func(s string) { b.logs = append(b.logs, s) }})
	return b
}

// Run runs by the orders until the clock shows retired instructions.
func (b *board) Run(retired uint64) cpu.Exit {
	b.o.Until, b.o.Time = clock.Mark{Retired: retired}, clock.Never
	e := b.CPU.Run(&b.o)
	if e.Passed {
		b.o.Pass, b.o.PassWatch = false, false
	}
	return e
}

func (b *board) code(pa uint64, words ...uint32) {
	for i, w := range words {
		var p [4]byte
		binary.LittleEndian.PutUint32(p[:], w)
		b.ram.Write(pa+uint64(i)*4, p[:])
	}
}

func (b *board) store(pa, v uint64) {
	var p [8]byte
	binary.LittleEndian.PutUint64(p[:], v)
	b.ram.Write(pa, p[:])
}

func (b *board) load64(pa uint64) uint64 {
	var p [8]byte
	b.ram.Read(pa, p[:])
	return binary.LittleEndian.Uint64(p[:])
}

// mapIdentity turns the MMU on with the first 4 GB mapped onto themselves as Normal memory, by 1 GB blocks, for both levels
// of privilege (read and write; executable at the level el). The tables take 8 KB at pa.
func (b *board) mapIdentity(pa uint64, el int) {
	b.store(pa, pa+0x1000|3)
	for i := uint64(0); i < 4; i++ {
		d := i<<30 | 1<<10 | 3<<8 | 1
		if el == 0 {
			d |= 1 << 6 // AP: EL0 too, which takes EL1's right to execute
		}
		b.store(pa+0x1000+8*i, d)
	}
	c := b.CPU
	c.sys.mair = 0xff
	c.sys.tcr = 16 | 16<<16 | 2<<32
	c.sys.ttbr0 = pa
	c.sys.ttbr1 = pa
	c.sys.sctlr |= sctlrM
	c.flushTLB()
	c.setMode(uint8(el), el != 0)
}

// integerLoop is what gcc -O2 makes of a loop of multiplications, shifts, table loads and stores and unpredictable branches:
// x0 turns, x1 a buffer of 1 KB.
var integerLoop = []uint32{
	0xb40003e0, 0x52884808, 0xd2800003, 0x52800044, 0x52800022, 0x72a001e8, 0x1400000a, 0x4a020084, 0x92402465,
	0x91000463, 0x6b08009f, 0x54000069, 0x38656825, 0x4b050084, 0xeb03001f, 0x540001c0, 0x531b6845, 0x92401c87,
	0x4b0200a5, 0x0b4214a2, 0x0b030042, 0x92401c46, 0xb8667825, 0x0b0300a5, 0xb8267825, 0x3707fdc2, 0xb8677825,
	0x0b050084, 0x17ffffec, 0x0b020080, 0xd65f03c0, 0xd2800060, 0xd65f03c0,
}

func BenchmarkIntegerLoop(b *testing.B) {
	m := newBoard(b, 1<<20, noBus{})
	m.mapIdentity(testBase+0x10000, 1)
	m.code(testBase, integerLoop...)
	m.SetX(0, 1<<60)
	m.SetX(1, testBase+0x8000)
	m.SetPC(testBase)
	b.ResetTimer()
	if e := m.Run(uint64(b.N)); e.Reason != cpu.Limit {
		b.Fatal(e, m.logs, m.clock.Retired)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Minstr/s")
}

// run is the CPU's Run with a limit that counts what was skipped too.
func (b *board) run(limit uint64) cpu.Exit { return b.Run(b.clock.Reaches(limit)) }

// skip moves an idle guest's clock on to the next event, and no further than limit. It reports whether there was one.
func (b *board) skip(limit uint64) bool {
	next := b.clock.Next()
	b.clock.SkipTo(min(next, limit))
	return next != clock.Never
}
