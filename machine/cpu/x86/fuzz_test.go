package x86

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"forkscope/machine/cpu"
)

var fuzzTime = flag.Duration("x86.fuzz", 2*time.Second, "how long TestRandomCode runs")

// randomMachine is filled with random bytes, page tables among them, and started in a random mode.
func randomMachine(m *machine, rng *rand.Rand) {
	ram := m.ram.Bytes()
	page := make([]byte, 0x1000)
	for at := 0; at < len(ram); at += 0x1000 {
		switch rng.IntN(3) {
		case 0:
			clear(page)
		default:
			for i := range page {
				page[i] = byte(rng.Uint32())
			}
			for range rng.IntN(200) { // make it resemble code that does something
				s := seeds[rng.IntN(len(seeds))]
				copy(page[rng.IntN(0x1000-len(s)):], s)
			}
		}
		m.ram.Write(uint64(at), page)
	}
	// Page tables: a directory in page 1 whose entries lead to pages 2 to 5, which map RAM with random rights.
	for i := range uint32(1024) {
		m.write32(0x1000+4*i, (rng.Uint32()%4+2)<<12|rng.Uint32()&0x67|1)
	}
	for p := range uint32(4) {
		for i := range uint32(1024) {
			v := rng.Uint32()%uint32(len(ram)>>12)<<12 | rng.Uint32()&0x67 | 1
			if rng.IntN(32) == 0 {
				v = rng.Uint32()
			}
			m.write32((p+2)<<12+4*i, v)
		}
	}
	c := m.c
	c.SetProtectedFlat(Entry{})
	for i := range 8 {
		c.r[i] = uint64(rng.Uint32())
	}
	c.ip = uint64(rng.Uint32()) % uint64(len(ram))
	c.cr3 = 0x1000
	// Descriptors: mostly sensible ones, so that far transfers and interrupts get somewhere.
	for i := range uint32(256) {
		lo, hi := rng.Uint32(), rng.Uint32()
		if rng.IntN(2) == 0 {
			lo, hi = 0xffff, 0xcf0000|rng.Uint32()&0xff00|0x8000
		}
		m.write32(0x6000+8*i, lo, hi)
		m.write32(0x7000+8*i, uint32(rng.IntN(32))<<19|rng.Uint32()&0xffff, rng.Uint32()&0xfff00|0x8e00&-uint32(rng.IntN(2)))
	}
	c.gdt = tableRegister{0x6000, 0x7ff}
	c.idt = tableRegister{0x7000, 0x7ff}
	if rng.IntN(2) == 0 {
		c.cr4 = rng.Uint32() & cr4Writable
		c.efer = uint64(rng.IntN(2)) * eferNXE
		c.setCR0(rng.Uint32()&(cr0PG|cr0WP|cr0TS|cr0EM|cr0MP|cr0NE) | cr0PE)
		c.exc = exception{}
	}
	switch rng.IntN(5) {
	case 0:
		c.setFlat(0x23, 0x2b, 3, mode32)
	case 1:
		c.eflags |= flagVM
		c.setCPL(3)
		for i := range uint8(6) {
			c.setSegReal(i, uint16(rng.IntN(0x1000)))
		}
		c.ip &= 0xffff
	case 2:
		c.SetReal(uint16(rng.IntN(0x1000)), Entry{EIP: rng.Uint32() & 0xffff, ESP: rng.Uint32()})
	}
	c.setFlags(rng.Uint32(), flagsArith|flagDF|flagIF|flagIOPL|flagNT|flagAC)
	if rng.IntN(16) == 0 {
		c.eflags |= flagTF
	}
	if rng.IntN(16) == 0 {
		c.dr[7] = uint64(rng.Uint32()&0xffff2fff | dr7Fixed)
		for i := range 4 {
			c.dr[i] = rng.Uint64() % uint64(len(ram))
		}
	}
}

// randomLongMachine is randomMachine for a processor with long mode, mostly in it.
func randomLongMachine(m *machine, rng *rand.Rand) {
	randomMachine(m, rng)
	if rng.IntN(4) == 0 {
		return
	}
	c := m.c
	// A page of each upper level, and pages 4 and 5 of the lowest, which map RAM with random rights.
	pages := uint64(len(m.ram.Bytes()) >> 12)
	for i := range uint32(512) {
		m.write64(0x1000+8*i, 0x2000|rng.Uint64()&0x26|ptePresent)
		m.write64(0x2000+8*i, 0x3000|rng.Uint64()&0x26|ptePresent)
		m.write64(0x3000+8*i, (rng.Uint64()&1+4)<<12|rng.Uint64()&0x26|ptePresent)
		for p := range uint32(2) {
			v := rng.Uint64()%pages<<12 | rng.Uint64()&0x67 | uint64(rng.IntN(2))<<59 | ptePresent
			switch rng.IntN(32) {
			case 0:
				v = rng.Uint64()
			case 1:
				v |= pteNX
			}
			m.write64((p+4)<<12+8*i, v)
		}
	}
	for i := range uint32(256) {
		lo, hi := rng.Uint32(), rng.Uint32()
		if rng.IntN(2) == 0 {
			lo, hi = 0xffff, 0xaf0000|rng.Uint32()&0x40ff00|0x8000
		}
		m.write32(0x6000+8*i, lo, hi)
		m.write32(0x7000+16*i, uint32(rng.IntN(32))<<19|rng.Uint32()&0xffff, rng.Uint32()&0xfff07|0x8e00&-uint32(rng.IntN(2)), 0, 0)
	}
	c.SetProtectedFlat(Entry{})
	for i := range 16 {
		c.r[i] = rng.Uint64() >> rng.IntN(64)
	}
	c.gdt, c.idt = tableRegister{0x6000, 0x7ff}, tableRegister{0x7000, 0xfff}
	c.tr = segment{sel: 0x40, base: uint64(rng.IntN(0x10000)), limit: 0x67, attr: attrPresent | sysTSS32Busy}
	c.msr.star, c.msr.lstar, c.msr.fmask = rng.Uint64(), rng.Uint64()>>17, rng.Uint64()>>32
	c.msr.ssp[3] = rng.Uint64() >> 40 &^ 7
	c.xcr0 = xsaveX87 | rng.Uint64()&xsaveAll
	c.cr3 = 0x1000
	c.cr0 = cr0PE | cr0PG | cr0ET | rng.Uint32()&cr0WP
	c.efer = eferLME | eferLMA | rng.Uint64()&(eferSCE|eferNXE)
	c.cr4 = cr4PAE | rng.Uint32()&cr4WritableLong
	c.pkru = rng.Uint32()
	c.msr.userCET = rng.Uint64() & cetWritable
	if cpl := uint8(rng.IntN(2) * 3); rng.IntN(8) == 0 {
		c.setFlat(uint16(8|cpl), uint16(16|cpl), cpl, mode32)
	} else {
		c.setFlat(uint16(8|cpl), uint16(16|cpl), cpl, mode64)
	}
	c.ip = rng.Uint64() % (1 << 21)
	c.setFlags(rng.Uint32(), flagsArith|flagDF|flagIF|flagIOPL|flagNT|flagAC)
	c.flushTLB()
}

// seeds are encodings that random bytes seldom hit.
var seeds = [][]byte{
	{0x0f, 0x20, 0xc0}, {0x0f, 0x22, 0xd8}, {0x0f, 0x22, 0xe0}, {0xf3, 0xa4}, {0xf3, 0xab}, {0xf2, 0xae}, {0xcf}, {0xcb}, {0xea}, {0x9a},
	{0x0f, 0x00, 0xd8}, {0x0f, 0x01, 0x16}, {0xcd, 0x80}, {0x0f, 0x34}, {0x0f, 0x35}, {0xc8, 0x10, 0, 3}, {0xff, 0x1c, 0x24}, {0x8e, 0xd0},
	{0x0f, 0xae, 0x04, 0x24}, {0xdd, 0x34, 0x24}, {0x66, 0x0f, 0x6f, 0x04, 0x24}, {0xeb, 0xf0}, {0x0f, 0x84, 0, 0, 0, 0}, {0x74, 0xe0}, {0xe2, 0xf8},
	{0xb8}, {0x81, 0xc4}, {0x89, 0x04, 0x24}, {0x0f, 0xc7, 0x0c, 0x24}, {0xfb}, {0xf4}, {0x0f, 0x30}, {0x0f, 0x32}, {0x0f, 0x23, 0xf8}, {0x17}, {0x9d},
	{0x0f, 0x05}, {0x48, 0x0f, 0x07}, {0x0f, 0x01, 0xf8}, {0x48, 0xcf}, {0x48, 0xcb}, {0x0f, 0xae, 0x24, 0x24}, {0x0f, 0xae, 0x2c, 0x24}, {0x0f, 0xc7, 0x64, 0x24},
	{0x48, 0x8b, 0x05}, {0x0f, 0x01, 0xef}, {0xf3, 0x0f, 0x01, 0xea}, {0xf3, 0x0f, 0x01, 0x2c}, {0xf3, 0x48, 0x0f, 0xae, 0xe8}, {0x0f, 0x01, 0xcb},
	{0x0f, 0x38}, {0x66, 0x0f, 0x38}, {0x66, 0x0f, 0x3a}, {0xf2, 0x0f, 0x38, 0xf1}, {0xf3, 0x0f, 0xb8},
}

// TestRandomCode runs random bytes in every mode. Whatever the guest does, the emulator neither panics nor hangs, and time goes on.
func TestRandomCode(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	machines := []*machine{newMachine(t, 64<<12), newLongMachine(t, 64<<12)}
	for _, m := range machines {
		m.bus.onMMIO = func(pa uint64, size int, v uint64, write bool) uint64 { return pa * 0x9e3779b97f4a7c15 }
	}
	reasons := map[cpu.Reason]int{}
	for round, start := uint64(0), time.Now(); round < 500 || time.Since(start) < *fuzzTime; round++ {
		rng := rand.New(rand.NewPCG(*seedFlag, round))
		m := machines[round%2]
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Fatalf("seed %d round %d: %v at eip %#x", *seedFlag, round, p, m.c.ip)
				}
			}()
			if m.c.cfg.Long {
				randomLongMachine(m, rng)
			} else {
				randomMachine(m, rng)
			}
			m.c.SetIRQ(rng.IntN(2) == 0)
			d := &m.o
			d.AtUser, d.Syscalls, d.Pass = rng.IntN(2) == 0, nil, false
			if rng.IntN(2) == 0 {
				d.Syscalls = &cpu.SyscallSet{All: true}
			}
			limit := m.clk.Retired + 2000
			for m.clk.Retired < limit {
				before := m.clk.Retired
				e := m.upTo(min(limit, m.clk.Retired+uint64(rng.IntN(300)+1)))
				reasons[e.Reason]++
				switch rng.IntN(16) {
				case 0:
					m.c.EnterKernel()
				case 1:
					s := m.c.Capture()
					m.upTo(m.clk.Retired + 20)
					m.c.Restore(s)
				}
				if e.Reason == cpu.User || e.Reason == cpu.Syscall {
					d.Pass = e.Reason == cpu.Syscall
					continue
				}
				if e.Reason == cpu.Halt || e.Reason == cpu.Shutdown {
					break
				}
				if m.clk.Retired == before {
					t.Fatalf("seed %d round %d: no progress at eip %#x", *seedFlag, round, m.c.ip)
				}
				if m.c.r[regZero] != 0 || m.c.r[regFar] != 1<<32 {
					t.Fatalf("seed %d round %d: the constant registers hold %#x, %#x", *seedFlag, round, m.c.r[regZero], m.c.r[regFar])
				}
			}
		}()
		m.bus.out = m.bus.out[:0]
		clear(m.c.reported)
		m.undefined = m.undefined[:0]
	}
	if reasons[cpu.Limit] == 0 || reasons[cpu.Shutdown] == 0 || reasons[cpu.Halt] == 0 || reasons[cpu.User] == 0 {
		t.Errorf("ends: %v; the rounds should end in more ways", reasons)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, uint8(mode32|modeFlat))
	}
	f.Fuzz(func(t *testing.T, p []byte, m uint8) {
		var d decoder
		var op Op
		d.code = p
		d.decode(&op, mode(m))
		if d.short {
			return
		}
		if op.Len == 0 || int(op.Len) > maxLength || int(op.Len) > len(p) {
			t.Errorf("% x: length %d", p, op.Len)
		}
		if op.Kind >= kindLast || coldFunc[op.Kind] == nil && op.Kind != kExit {
			t.Errorf("% x: kind %d has no function", p, op.Kind)
		}
		if op.Base > regFar || op.Index > regFar || op.Scale > 3 || op.Seg > segGS {
			t.Errorf("% x: operand %+v", p, op)
		}
	})
}
