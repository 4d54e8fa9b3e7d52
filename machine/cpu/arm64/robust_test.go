package arm64

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"testing"
	"time"

	"forkscope/machine/cpu"
)

var (
	robustTime = flag.Duration("robust.time", 0, "how long to execute random code, beyond the first programs")
	robustSeed = flag.Int64("robust.seed", 1, "seed of the random code; 0 takes the time")
)

// TestRandomCode executes random words, at both exception levels, with random tables and devices that answer: whatever happens is the
// guest's affair, and never a panic, an endless loop without progress, or a change outside the guest's memory.
func TestRandomCode(t *testing.T) {
	seed := *robustSeed
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	buildIndex()
	runs, counts := 0, uint64(0)
	for start := time.Now(); runs < 400 || time.Since(start) < *robustTime; runs++ {
		r := rand.New(rand.NewSource(seed + int64(runs)))
		code := make([]byte, 4096)
		r.Read(code)
		for i := 0; i < len(code); i += 4 { // mostly instructions that exist
			if r.Intn(8) != 0 {
				if w, ok := randomInstruction(r); ok {
					binary.LittleEndian.PutUint32(code[i:], w)
				}
			}
		}
		counts += runRandomCode(t, code, r.Uint64())
	}
	t.Logf("-robust.seed=%d: %d programs, %d instructions", seed, runs, counts)
	if counts < 100_000 {
		t.Errorf("%d programs executed %d instructions", runs, counts)
	}
}

// randomInstruction gives a word of some row, and more often than the rows would, a system register or maintenance instruction that exists.
func randomInstruction(r *rand.Rand) (w uint32, ok bool) {
	switch r.Intn(16) {
	case 0:
		return msr(uint32(sysregTable[r.Intn(len(sysregTable))].key()), r.Uint32()&31) | r.Uint32()&(1<<21), true
	case 1:
		return tlbiForms[r.Intn(len(tlbiForms))]&^31 | r.Uint32()&31, true
	case 2: // DC and AT by the registers' addresses
		return []uint32{0xd50b7420, 0xd50b7a20, 0xd50b7e20, 0xd5087620, 0xd5087800, 0xd5087900}[r.Intn(6)] | r.Uint32()&31, true
	}
	return randomOf(r, r.Intn(len(rows)))
}

func FuzzCode(f *testing.F) {
	f.Add([]byte{0x1f, 0x20, 0x03, 0xd5}, uint64(1))
	f.Add([]byte{0x20, 0x00, 0x20, 0xf8, 0x82, 0x7c, 0x20, 0x48}, uint64(7))
	f.Fuzz(func(t *testing.T, code []byte, seed uint64) { runRandomCode(t, code, seed) })
}

// FuzzDecode decodes one word: slots stay within CPU.x, and whatever exec does by kind has a function to fall back on.
func FuzzDecode(f *testing.F) {
	buildIndex()
	for i := range rows {
		f.Add(rows[i].value, uint64(i)*4)
	}
	f.Fuzz(checkDecode)
}

func checkDecode(t *testing.T, w uint32, off uint64) {
	off &= 0xffc
	var o, again op
	r := decode(w, off, &o)
	if decode(w, off, &again) != r || o != again {
		t.Fatalf("%08x: decoded in two ways", w)
	}
	switch {
	case r < 0:
		if o.kind != kindUndefined || o.imm != uint64(w) {
			t.Fatalf("%08x: no row, but kind %d", w, o.kind)
		}
		return
	case w&rows[r].mask != rows[r].value:
		t.Fatalf("%08x: row %s does not match", w, rows[r].name)
	case o.kind >= kindRow && (int(o.kind-kindRow) != r || rows[r].exec == nil && rows[r].simd == nil):
		t.Fatalf("%08x: kind %d of row %d", w, o.kind, r)
	case o.kind < kindRow && int(o.kind) >= len(forms):
		t.Fatalf("%08x: kind %d is no form", w, o.kind)
	}
	for _, slot := range []uint8{o.rd, o.rn} {
		if slot > regDiscard && o.kind < kindRow {
			t.Fatalf("%08x: slot %d", w, slot)
		}
	}
}

// TestDecodeRandom is FuzzDecode's property for many words.
func TestDecodeRandom(t *testing.T) {
	buildIndex()
	r := rand.New(rand.NewSource(6))
	for range 300000 {
		checkDecode(t, r.Uint32(), r.Uint64())
	}
}

type echoBus struct{ noBus }

func (echoBus) ReadMMIO(pa uint64, _ int) (uint64, bool) {
	return pa * 0x9e3779b97f4a7c15, pa>>40 == 0 && pa&64 == 0
}
func (echoBus) WriteMMIO(pa uint64, _ int, _ uint64) bool { return pa&64 == 0 }

// randomSpace makes page tables: the identity, or pages of random frames and rights among which most are those of the identity.
func randomSpace(r *rand.Rand, m *board, tables uint64) {
	for i := uint64(0); i < 8*512; i++ {
		m.store(tables+i*8, randomDescriptor(r, testBase, 256))
	}
	m.mapIdentity(tables, r.Intn(2))
	if r.Intn(3) == 0 {
		return
	}
	m.store(tables+0x1000+8, tables+0x2000|3)
	m.store(tables+0x2000, tables+0x3000|3)
	for i := uint64(0); i < 256; i++ {
		d := testBase + i<<12 | 1<<10 | 3 | uint64(r.Intn(4))<<6
		switch r.Intn(8) {
		case 0:
			d = randomDescriptor(r, testBase, 256)
		case 1:
			d |= uint64(r.Intn(4))<<53 | uint64(r.Intn(8))<<2 | uint64(r.Intn(2))<<11
		}
		m.store(tables+0x3000+i*8, d)
	}
	m.sys.mair = 0x44ff00ffff | r.Uint64()<<40
	m.flushTLB()
}

// runRandomCode returns how many instructions were executed.
func runRandomCode(t *testing.T, code []byte, seed uint64) uint64 {
	r := rand.New(rand.NewSource(int64(seed)))
	m := makeBoard(t, 1<<20, echoBus{})
	defer m.ram.Close()
	m.timer[TimerVirtual].line = m.SetIRQ
	randomSpace(r, m, testBase+0x80000)
	m.sys.cpacr = uint64(r.Intn(4)) << 20
	m.sys.vbar = testBase + uint64(r.Intn(16))<<12
	m.sys.elr = testBase
	m.sys.mdscr, m.sys.oslock = uint64(r.Intn(2)*r.Intn(2))|uint64(r.Intn(2))<<13, uint64(r.Intn(2))
	m.pan, m.ss = r.Intn(2) == 0, r.Intn(2) == 0
	m.contextChanged()
	if len(code) > 0 {
		for at := uint64(0); at < 0x20000; at += uint64(len(code)+3) &^ 3 {
			m.ram.Write(testBase+at, code[:min(len(code), int(0x20000-at))])
		}
	}
	for i := range 31 {
		m.SetX(i, testBase+uint64(r.Intn(1<<20))&^7)
	}
	m.SetPC(testBase)
	// A program that hangs the emulator stops the whole test, with its number; nothing else could.
	hang := time.AfterFunc(10*time.Minute, func() {
		fmt.Fprintf(os.Stderr, "the program of seed %d hangs: %x\n", seed, code)
		panic("the emulator hangs")
	})
	defer hang.Stop()
	for range 40 {
		before := m.clock.Retired
		switch e := m.Run(before + 500); e.Reason {
		case cpu.Shutdown:
			return m.clock.Retired
		case cpu.Break, cpu.Watch, cpu.Syscall:
			m.o.Pass = true
		case cpu.Halt:
			m.clock.Retired++
			m.halted = false
		}
		if m.x[regZero] != 0 {
			t.Fatal("the zero register is not zero")
		}
		if m.clock.Retired > before+501 {
			t.Fatalf("a run of 500 took %d", m.clock.Retired-before)
		}
		switch at := testBase + uint64(r.Intn(1<<17)); r.Intn(24) {
		case 0:
			m.o.Breaks.Add(at&^3&0xfff | testBase)
		case 1:
			m.o.Watches.Add(cpu.Watchpoint{Addr: at, Len: 1 << r.Intn(7), Kind: cpu.WatchKind(1 + r.Intn(3))})
		case 2:
			m.o.Hold = !m.o.Hold
		case 4:
			m.o.AtUser = !m.o.AtUser
		case 5:
			m.o.Syscalls = &cpu.SyscallSet{All: true}
		case 6:
			m.EnterKernel()
		case 7:
			s := m.Capture()
			m.Run(m.clock.Retired + 20)
			m.Restore(s)
		case 3: // a device writes
			m.ram.Write(at, []byte{byte(at), 1, 2, 3})
		}
		if r.Intn(4) == 0 { // leave a dead end
			m.SetPC(testBase + uint64(r.Intn(1024))*4)
			m.daif = uint64(r.Intn(16)) << 6
		}
	}
	return m.clock.Retired
}
