package arm64

import (
	"testing"

	"forkscope/machine/cpu"
)

// TestExternalAborts: where no device answers, loads, stores and fetches tell so, and change nothing.
func TestExternalAborts(t *testing.T) {
	const hole, data = 0x20000000, testBase + 0x8000
	for _, c := range []struct {
		name string
		word uint32
	}{
		{"load", ldr(0, 1, 0)},
		{"store", str(0, 1, 0)},
		{"pair", 0xa9400020 | 3<<10},
		{"atomic", 0xf8200020},
		{"post-index", 0xf8408420},
		{"vector", 0x3dc00020},
		{"fetch", 0xd61f0020},
	} {
		m := kernelBoard(t)
		m.sys.cpacr = cpacrFP
		m.contextChanged()
		m.code(testBase, c.word)
		m.code(testBase+0x10200, wWFI)
		m.SetX(0, 5)
		m.SetX(1, hole)
		m.SetX(3, 6)
		m.v[0] = vreg{7, 8}
		if e := m.Run(10); e.Reason != cpu.Halt {
			t.Fatalf("%s: %v at %#x", c.name, e.Reason, m.PC())
		}
		class := uint64(ecDataLower + 1)
		elr := uint64(testBase)
		if c.name == "fetch" {
			class, elr = ecInstrLower+1, hole
		}
		if m.sys.esr>>26 != class || m.sys.esr&0x3f != fscExternal || m.sys.far != hole || m.sys.elr != elr {
			t.Errorf("%s: ESR %#x FAR %#x ELR %#x", c.name, m.sys.esr, m.sys.far, m.sys.elr)
		}
		if write := m.sys.esr>>6&1 == 1; write != (c.name == "store") {
			t.Errorf("%s: WnR %v", c.name, write)
		}
		if m.x[0] != 5 || m.x[1] != hole || m.x[3] != 6 || m.v[0] != (vreg{7, 8}) {
			t.Errorf("%s: registers have changed", c.name)
		}
	}
}

// TestRestart: an access that faults on its second page leaves registers and memory as they were, so that it runs again once the
// page is there; and a watchpoint on its last byte does the same.
func TestRestart(t *testing.T) {
	const (
		tables = testBase + 0x80000
		user   = 0x10_0000_0000
		frames = testBase + 0x40000
		at     = user + 0x1000 - 8
	)
	for _, c := range []struct {
		name  string
		word  uint32
		store bool
		last  uint64 // offset of a byte beyond the border
	}{
		{"LDP X0, X3, [X1], #16", 0xa8c10020 | 3<<10, false, 15},
		{"STP X0, X3, [X1], #16", 0xa8810020 | 3<<10, true, 15},
		{"LDP Q0, Q3, [X1], #32", 0xacc10020 | 3<<10, false, 31},
		{"STP Q0, Q3, [X1], #32", 0xac810020 | 3<<10, true, 31},
		{"LD4 {V0.16B-V3.16B}, [X1], #64", 0x4cdf0020, false, 63},
		{"ST4 {V0.16B-V3.16B}, [X1], #64", 0x4c9f0020, true, 63},
		{"LD1 {V0.16B-V3.16B}, [X1], #64", 0x4cdf2020, false, 40},
		{"LDR Q0, [X1], #16", 0x3cc10420, false, 15},
		{"STR Q0, [X1], #16", 0x3c810420, true, 8},
	} {
		m := kernelBoard(t)
		m.sys.cpacr = cpacrFP
		m.contextChanged()
		m.store(tables+0x1000+8*64, tables+0x2000|3) // the table of the gigabyte of user
		m.store(tables+0x2000, tables+0x3000|3)
		m.store(tables+0x3000, frames|1<<10|3<<8|3)
		m.store(tables+0x3008, 0)
		for i := uint64(0); i < 0x2000; i += 8 {
			m.store(frames+i, i*0x9e3779b97f4a7c15)
		}
		m.flushTLB()
		m.code(testBase, c.word, wWFI)
		m.code(testBase+0x10200, wWFI)
		for i := range uint64(4) {
			m.v[i] = vreg{i + 100, i + 200}
		}
		m.SetX(0, 5)
		m.SetX(1, at)
		m.SetX(3, 6)
		before, vectors := m.x, m.v
		memory := string(m.ram.Bytes()[frames-testBase : frames-testBase+0x2000])
		unchanged := func(when string) {
			t.Helper()
			if m.x != before || m.v != vectors || string(m.ram.Bytes()[frames-testBase:frames-testBase+0x2000]) != memory {
				t.Errorf("%s: %s: the instruction has happened in part", c.name, when)
			}
		}
		if e := m.Run(10); e.Reason != cpu.Halt || m.sys.esr>>26 != ecDataLower+1 || m.sys.far != user+0x1000 || m.sys.elr != testBase {
			t.Fatalf("%s: %v, ESR %#x FAR %#x ELR %#x", c.name, e.Reason, m.sys.esr, m.sys.far, m.sys.elr)
		}
		unchanged("after the fault")
		m.store(tables+0x3008, frames+0x1000|1<<10|3<<8|3)
		m.flushTLB()
		m.halted = false
		w := cpu.Watchpoint{Addr: at + c.last, Len: 1, Kind: cpu.WatchRead}
		if c.store {
			w.Kind = cpu.WatchWrite
		}
		m.o.Watches.Add(w)
		m.SetPC(testBase)
		if e := m.Run(m.clock.Retired + 10); e.Reason != cpu.Watch || e.Watch != w || m.PC() != testBase {
			t.Fatalf("%s: %v at %#x, want the watchpoint", c.name, e.Reason, m.PC())
		}
		unchanged("at the watchpoint")
		m.o.Watches.Remove(w)
		if e := m.Run(m.clock.Retired + 10); e.Reason != cpu.Halt || m.PC() != testBase+8 || m.x[1] <= at {
			t.Fatalf("%s: %v at %#x, x1 %#x", c.name, e.Reason, m.PC(), m.x[1])
		}
		if c.store == (string(m.ram.Bytes()[frames-testBase:frames-testBase+0x2000]) == memory) {
			t.Errorf("%s: memory has changed: %v", c.name, !c.store)
		}
	}
}

// TestMonitorAndExceptions: an exception return clears the exclusive monitor (B2.9), so a store-exclusive after it fails; so does one of another size.
func TestMonitorAndExceptions(t *testing.T) {
	m := kernelBoard(t)
	m.SetX(1, testBase+0x8000)
	m.SetX(7, 9)
	const (
		ldxr, stxr, stxrWord = 0xc85f7c25, 0xc8097c27, 0x88097c27 // x5, [x1]; w9, x7, [x1]; w9, w7, [x1]
	)
	m.code(testBase, ldxr, oracleEnd, stxr, ldxr, stxrWord, stxr, ldxr, stxr, wWFI)
	m.code(testBase+0x10200, wERET)
	var results []uint64
	for range 3 {
		for m.PC() != testBase+8 && m.PC() != testBase+0x10 && m.PC() != testBase+0x1c {
			m.expectRun(t, m.clock.Retired+1)
		}
		m.expectRun(t, m.clock.Retired+1)
		results = append(results, m.x[9])
	}
	if results[0] != 1 || results[1] != 1 || results[2] != 0 || m.load64(testBase+0x8000) != 9 {
		t.Errorf("store-exclusives after an exception, of another size, and right after the load gave %v; want 1 1 0", results)
	}
}

// TestWatchpointAtomics: a watchpoint for reading and one for writing both stop an atomic, before it has an effect.
func TestWatchpointAtomics(t *testing.T) {
	const data = testBase + 0x8000
	for _, word := range []uint32{0xf8200020, 0xf8208020, 0xc8a07c22, 0x48207c22} { // LDADD, SWP, CAS, CASP
		for _, kind := range []cpu.WatchKind{cpu.WatchRead, cpu.WatchWrite} {
			m := kernelBoard(t)
			m.code(testBase, word, wWFI)
			m.SetX(1, data)
			m.SetX(0, 0)
			m.SetX(2, 3)
			w := cpu.Watchpoint{Addr: data, Len: 4, Kind: kind}
			m.o.Watches.Add(w)
			if e := m.Run(10); e.Reason != cpu.Watch || e.Watch != w || m.PC() != testBase || m.load64(data) != 0 {
				t.Errorf("%08x, kind %v: %v at %#x", word, kind, e.Reason, m.PC())
			}
			m.o.Pass, m.o.PassWatch = true, true
			if e := m.Run(10); e.Reason != cpu.Halt {
				t.Errorf("%08x, kind %v: the second try ended with %v", word, kind, e.Reason)
			}
		}
	}
}

// TestHLT: with a host debugger that knows the number, hlt is a call to it; with another number it is undefined.
func TestHLT(t *testing.T) {
	m := kernelBoard(t)
	m.hlt = func(imm uint16) bool {
		m.SetX(0, m.X(0)+uint64(imm))
		return imm == 0xf000
	}
	m.code(testBase, 0xd45e0000, addi(0, 0, 1), 0xd4400020, wWFI)
	m.code(testBase+0x10200, wWFI)
	if e := m.Run(10); e.Reason != cpu.Halt || m.x[0] != 0xf002 || m.sys.elr != testBase+8 || m.sys.esr != 1<<25 {
		t.Errorf("%v, x0 %#x, ESR %#x ELR %#x", e.Reason, m.x[0], m.sys.esr, m.sys.elr)
	}
}

// TestMisalignedBranch: branches to misaligned addresses, the first page's among them, whose page bits and low bits looked like an
// unused entry of the code TLB.
func TestMisalignedBranch(t *testing.T) {
	for _, target := range []uint64{1, 2, 3, 5, 0xffd, testBase + 1, testBase + 0x5002, 1 << 55, 1<<56 | 1} {
		m := kernelBoard(t)
		m.code(testBase+0x3000, 0xd61f0020) // br x1
		m.code(testBase+0x10200, wWFI)
		m.SetX(1, target)
		m.SetPC(testBase + 0x3000)
		e := m.Run(10)
		class := uint64(ecPCAlignment)
		if target&3 == 0 {
			class = ecInstrLower + 1
		}
		if e.Reason != cpu.Halt || m.sys.esr>>26 != class || m.sys.far != target || m.sys.elr != target {
			t.Errorf("br %#x: %v, ESR %#x FAR %#x ELR %#x", target, e.Reason, m.sys.esr, m.sys.far, m.sys.elr)
		}
	}
}
