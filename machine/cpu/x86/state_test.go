package x86

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"forkscope/machine/snapshot"
	"forkscope/machine/snapshot/statetest"
)

// TestStateIsComplete looks for fields of the CPU that State does not go over.
func TestStateIsComplete(t *testing.T) {
	const (
		zero      = "always 0"
		flags     = "in EFLAGS"
		running   = "of the instruction or block that runs; Run begins with it anew"
		derived   = "worked out from what is visited"
		cache     = "a cache, empty after a load"
		wiring    = "wiring"
		debugger  = "the debugger's"
		delivered = "delivered before Run returns"
	)
	reasons := map[string]string{
		"r":    zero, // the slots beyond the registers, and constants
		"fres": flags, "faux": flags, "eflags": flags,
		"base": running, "idx": running, "fastUntil": running, "stop": running, "leaf": running, "switched": running, "noTrap": running,
		"rd": derived, "wr": derived, "mode": derived, "mask": derived, "alignCheck": derived,
		"seg.start": derived, "seg.read": derived, "seg.write": derived, "seg.lo": derived, "seg.hi": derived,
		"ldt.start": derived, "ldt.read": derived, "ldt.write": derived, "ldt.lo": derived, "ldt.hi": derived,
		"tr.start": derived, "tr.read": derived, "tr.write": derived, "tr.lo": derived, "tr.hi": derived,
		"fpu.env": derived, "fpu.sse": derived, "fpu.ssePlain": derived,
		"tlbs": cache, "xtlb": cache, "global": cache, "large": cache, "huge": cache, "filled": cache, "jump": cache, "epoch": cache, "epochs": cache, "code": cache, "once": cache, "onceBase": cache,
		"ram": wiring, "ramBase": wiring, "ramSize": wiring, "romOffset": wiring, "romSize": wiring, "cfg": wiring, "clk": wiring, "mem": wiring,
		"exc":    delivered,
		"raised": debugger, "toUser": debugger, "atSyscall": debugger, "watch": debugger, "orders": debugger, "until": debugger, "stops": debugger, "watched": debugger,
		"request":  "the host's",
		"reported": "the host's: what the log has said",
		"dec":      "scratch of the decoder", "dec0": "scratch of the decoder",
	}
	statetest.Complete(t, newMachine(t, 1<<20).c, reasons)
}

// TestStateRoundTrip gives every field that is visited a random value and loads it into another CPU.
func TestStateRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		a, b := newMachine(t, 1<<20).c, newMachine(t, 1<<20).c
		scramble(a, rng)
		a.irq, a.toUser = rng.IntN(2) == 0, true
		var file bytes.Buffer
		if err := snapshot.Save(&file, a.State); err != nil {
			t.Fatal(err)
		}
		was := file.String()
		if err := snapshot.Load(&file, b.State); err != nil {
			t.Fatal(err)
		}
		if again := saved(t, b); again != was {
			t.Fatal("what was loaded is another state")
		}
		if b.mode != a.mode || b.alignCheck != a.alignCheck || b.seg != a.seg || b.fpu != a.fpu || b.getFlags() != a.getFlags() || b.toUser {
			t.Fatal("what follows from the state was not worked out")
		}
		// Borrowed and given back, the CPU is as it was, but for INTR.
		kept := a.Capture()
		scramble(a, rng)
		a.irq = b.irq
		a.toUser = false
		a.Restore(kept)
		if saved(t, a) != was || !a.toUser || b.mode != a.mode || b.seg != a.seg || b.fpu != a.fpu {
			t.Fatal("the CPU was not given back as it was")
		}
	}
}

func saved(t *testing.T, c *CPU) string {
	t.Helper()
	var file bytes.Buffer
	if err := snapshot.Save(&file, c.State); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// scramble gives the CPU's own state random values that it could have.
func scramble(c *CPU, rng *rand.Rand) {
	u := func() uint32 { return rng.Uint32() }
	w := func() uint64 { return uint64(rng.Uint32()) }
	for i := range c.r[:16] {
		c.r[i] = w()
	}
	c.ip, c.eflags = w(), u()&(flagTF|flagIF|flagDF|flagIOPL|flagNT|flagRF|flagVM|flagAC|flagVIF|flagVIP|flagID)
	c.setArith(u())
	for _, s := range []*segment{&c.seg[0], &c.seg[1], &c.seg[2], &c.seg[3], &c.seg[4], &c.seg[5], &c.ldt, &c.tr} {
		*s = segment{sel: uint16(u()), base: w(), limit: u(), attr: u()}
		if rng.IntN(2) == 0 {
			s.base, s.limit, s.attr = 0, 0xffffffff, attrPresent|attrS|attrDB|typeDataRW
		}
		s.update()
	}
	c.gdt, c.idt = tableRegister{w(), u()}, tableRegister{w(), u()}
	c.cr0, c.cr2, c.cr3, c.cr4 = u(), w(), w(), u()
	for i := range c.dr {
		c.dr[i] = w()
	}
	for i := range c.pdpte {
		c.pdpte[i] = rng.Uint64()
	}
	c.cr8, c.pkru, c.xcr0, c.ssp = w(), u(), w(), w()
	c.efer, c.cpl = rng.Uint64()&eferNXE, uint8(u()&3)
	c.msr = msrs{rng.Uint64(), rng.Uint64(), w(), w(), w(), rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.Uint64(), w(), rng.Uint64(), w(), w(), [4]uint64{w(), w(), w(), w()}, w()}
	c.dbHits, c.lastEntry, c.halted, c.shadow = u(), rng.Uint64(), u()&1 == 0, shadow(rng.IntN(3))
	c.shutdown = []string{"", "triple fault"}[rng.IntN(2)]
	f := &c.fpu
	for i := range f.reg {
		f.reg[i].Sig, f.reg[i].SE = rng.Uint64(), uint16(u())
	}
	for i := range f.xmm {
		f.xmm[i] = xmmReg{rng.Uint64(), rng.Uint64()}
	}
	f.top, f.valid = uint8(u()&7), uint8(u())
	f.sw = uint16(u()) &^ (7 << 11)
	f.setControl(uint16(u()))
	f.setMXCSR(u() & 0xffff)
	f.fop, f.fcs, f.fds, f.fip, f.fdp = uint16(u()), uint16(u()), uint16(u()), w(), w()
	c.updateMode()
}

// TestFlushes takes accessed and dirty bits out of a page table behind the CPU's back: it sets them again only after its translations were forgotten. A
// page that RAM calls clean is dirty again by the first store.
func TestFlushes(t *testing.T) {
	m := newTLBMachine(t, false, true)
	const page, pte = tlbPages, tlbSpaceA + 0x1000
	bits := func() uint32 { return m.read32(pte) & (pteAccessed | pteDirty) }
	clear := func() {
		m.do(snippetWrite, 1, page)
		m.do(snippetRead, 0, page)
		m.write32(pte, m.read32(pte)&^(pteAccessed|pteDirty))
		m.do(snippetRead, 0, page)
		m.do(snippetWrite, 1, page)
		if bits() != 0 {
			t.Fatalf("cached, the page is looked up again: %#x", bits())
		}
	}
	clear()
	m.c.Flush()
	if m.do(snippetRead, 0, page); bits() != pteAccessed {
		t.Errorf("after a flush, a read has set %#x", bits())
	}
	clear()
	var file bytes.Buffer
	if err := snapshot.Save(&file, m.c.State); err != nil {
		t.Fatal(err)
	}
	if err := snapshot.Load(&file, m.c.State); err != nil {
		t.Fatal(err)
	}
	if m.do(snippetWrite, 1, page); bits() != pteAccessed|pteDirty {
		t.Errorf("after a load, a store has set %#x", bits())
	}
	clear()
	m.ram.Clean()
	if m.do(snippetRead, 0, page); bits() != 0 || len(m.ram.Dirty()) != 0 {
		t.Errorf("of a clean page, a read has set %#x; dirty are %#x", bits(), m.ram.Dirty())
	}
	if m.do(snippetWrite, 1, page); !slices.Contains(m.ram.Dirty(), tlbFrames) {
		t.Errorf("after a store the page is not dirty; those are %#x", m.ram.Dirty())
	}
}

func BenchmarkCapture(b *testing.B) {
	m := newMachine(b, 1<<20)
	for b.Loop() {
		m.c.Restore(m.c.Capture())
	}
}
