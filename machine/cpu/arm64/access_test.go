package arm64

import (
	"math/rand"
	"testing"
)

// modelAccess says, in the order of the manual's AArch64.MemSingle, which fault an access has and at which address, given the slow walk.
func modelAccess(b *board, va, n uint64, a access) (pa [2]uint64, at uint64, fsc uint8) {
	el := b.el
	if a.unpriv {
		el = 0
	}
	misaligned := va%a.align != 0
	if misaligned && (a.ordered || b.sys.sctlr>>1&1 == 1) {
		return pa, va, fscAlignment
	}
	pages := []uint64{va}
	if last := va + n - 1; last>>12 != va>>12 {
		pages = append(pages, last&^0xfff)
	}
	for i, at := range pages {
		p, perm, fsc := modelWalk(b, at, [2]uint64{b.sys.ttbr0, b.sys.ttbr1}, b.sys.tcr)
		if fsc != 0 {
			return pa, at, fsc
		}
		d, level := modelDescriptor(b, at)
		allowed := perm>>(permRead+el)&1 != 0
		if a.write && !a.cache {
			allowed = perm>>(permWrite+el)&1 != 0
		}
		if el == 1 && b.pan && !a.cache && perm>>permRead&1 != 0 {
			allowed = false
		}
		if !allowed {
			return pa, at, fscPermission + level
		}
		if attribute := b.sys.mair >> (d >> 2 % 8 * 8) & 0xff; misaligned && attribute>>4 == 0 {
			return pa, at, fscAlignment
		}
		pa[i] = p
	}
	return pa, 0, 0
}

// modelDescriptor follows the tables once more, to the descriptor of a page that is known to be mapped.
func modelDescriptor(b *board, va uint64) (d uint64, level uint8) {
	size, table := b.sys.tcr&63, b.sys.ttbr0
	if va>>55&1 == 1 {
		size, table = b.sys.tcr>>16&63, b.sys.ttbr1
	}
	size = min(max(size, 16), 39)
	inputBits := 64 - size
	low := uint64(12)
	level = 3
	for low+9 < inputBits {
		low += 9
		level--
	}
	top := inputBits
	table &= 1<<48 - 1
	table -= table % max(uint64(8)<<(inputBits-low), 64)
	for {
		index := va >> low & (1<<(top-low) - 1)
		d = b.load64(table + index*8)
		if level == 3 || d&2 == 0 {
			return d, level
		}
		table, top = d&(1<<48-1)&^0xfff, low
		low -= 9
		level++
	}
}

// TestAccessAgainstModel compares what becomes of accesses of every kind through random tables: fault, level, address and WnR in
// ESR_EL1 and FAR_EL1, or the physical bytes.
func TestAccessAgainstModel(t *testing.T) {
	const tables, n = testBase + 0x10000, 16
	r := rand.New(rand.NewSource(5))
	m := newBoard(t, 1<<20, noBus{})
	found := map[uint8]int{}
	for range 100 {
		for i := uint64(0); i < n*512; i++ {
			d := randomDescriptor(r, tables, n+4)
			if r.Intn(2) == 0 {
				d |= 1<<10 | uint64(r.Intn(4))<<6 // accessible, by whom is another matter
			}
			m.store(tables+i*8, d)
		}
		m.sys.mair = 0xff<<(8*r.Intn(8)) | 0x44<<(8*r.Intn(8))
		m.sys.tcr = uint64(16+r.Intn(24)) | uint64(16+r.Intn(24))<<16 | uint64(r.Intn(4))<<37 | uint64(r.Intn(3))<<32
		m.sys.ttbr0 = tables + uint64(r.Intn(n))<<12 | uint64(r.Intn(4))<<48
		m.sys.ttbr1 = tables + uint64(r.Intn(n))<<12
		m.sys.sctlr = sctlrReset | sctlrM
		m.flushTLB() // once a round: the accesses of a round share the cached translations
		for range 600 {
			m.sys.sctlr = m.sys.sctlr&^sctlrA | uint64(r.Intn(3)/2)*sctlrA
			m.pan = r.Intn(2) == 0
			el := uint8(r.Intn(2))
			m.setMode(el, el != 0)
			va := r.Uint64() >> (16 + r.Intn(24))
			if r.Intn(2) == 0 {
				va = ^va
			}
			if r.Intn(3) == 0 {
				va = va&^0xfff | 0xff8 | va&7
			}
			a := access{align: 1 << r.Intn(4), write: r.Intn(2) == 0, unpriv: r.Intn(4) == 0, ordered: r.Intn(4) == 0, cache: r.Intn(8) == 0}
			if a.cache {
				a = access{align: 1, cache: true}
			}
			size := a.align << r.Intn(2)
			pa, at, want := modelAccess(m, va, size, a)
			m.sys.esr, m.sys.far = 0, 0
			s, ok := m.resolve(va, size, a)
			fsc := uint8(m.sys.esr & 0x3f)
			found[want]++
			switch {
			case ok != (want == 0):
				t.Fatalf("%+v of %d bytes at %#x, EL%d PAN %v: ok %v, want fault %#x", a, size, va, el, m.pan, ok, want)
			case ok && (s.pa[0] != pa[0] || s.split < size && s.pa[1] != pa[1]):
				t.Fatalf("%+v of %d bytes at %#x: at %#x, want %#x", a, size, va, s.pa, pa)
			case !ok:
				class, isWrite := uint64(ecDataLower+el), m.sys.esr>>6&1 == 1
				if fsc != want&0x3f || m.sys.far != at || m.sys.esr>>26 != class || isWrite != (a.write || a.cache) || m.sys.esr>>8&1 == 1 != a.cache {
					t.Fatalf("%+v of %d bytes at %#x, EL%d: ESR %#x FAR %#x, want fault %#x at %#x", a, size, va, el, m.sys.esr, m.sys.far, want, at)
				}
			}
		}
	}
	t.Logf("accesses by fault status: %v", found)
	for _, f := range []uint8{0, fscAlignment, fscAccessFlag + 1, fscAccessFlag + 2, fscAccessFlag + 3, fscPermission + 1, fscPermission + 2,
		fscPermission + 3, fscTranslation, fscTranslation + 1, fscTranslation + 2, fscTranslation + 3, fscAddressSize + 1 | fscPresent} {
		if found[f] < 10 {
			t.Errorf("fault status %#x came up %d times", f, found[f])
		}
	}
}

// TestTimerEdges: the registers at the borders of their ranges.
func TestTimerEdges(t *testing.T) {
	m := kernelBoard(t)
	level := false
	m.timer[TimerVirtual].line = func(l bool) { level = l }
	read := func(name string) uint64 { return namedSysreg(name).get(m.CPU) }
	write := func(name string, v uint64) { namedSysreg(name).set(m.CPU, v) }
	m.clock.Retired = 1 << 40
	now := m.counter()
	for _, c := range []struct {
		name      string
		tval, ctl uint64
		cval      uint64
		line      bool
		wantCtl   uint64
	}{
		{"past", 1<<32 - 1, 1, now - 1, true, 5},
		{"present", 0, 1, now, true, 5},
		{"future", 1, 1, now + 1, false, 1},
		{"farthest future", 1<<31 - 1, 1, now + 1<<31 - 1, false, 1},
		{"farthest past", 1 << 31, 1, now - 1<<31, true, 5},
		{"upper half ignored", 0xabcd << 32, 1, now, true, 5},
		{"masked", 0, 3, now, false, 7},
		{"disabled", 0, 0, now, false, 0},
		{"disabled and masked", 0, 2, now, false, 2},
		{"other bits of control", 0, 0xfd, now, true, 5},
	} {
		write("CNTV_TVAL_EL0", c.tval)
		write("CNTV_CTL_EL0", c.ctl)
		if got := read("CNTV_CVAL_EL0"); got != c.cval {
			t.Errorf("%s: CVAL %#x, want %#x", c.name, got, c.cval)
		}
		if got := read("CNTV_TVAL_EL0"); got != c.tval&(1<<32-1) {
			t.Errorf("%s: TVAL %#x, want %#x", c.name, got, c.tval)
		}
		if got := read("CNTV_CTL_EL0"); got != c.wantCtl || level != c.line {
			t.Errorf("%s: CTL %#x, line %v, want %#x, %v", c.name, got, level, c.wantCtl, c.line)
		}
	}
	write("CNTV_CVAL_EL0", ^uint64(0)) // compared as an unsigned number: not for centuries
	write("CNTV_CTL_EL0", 1)
	if level || read("CNTV_CTL_EL0") != 1 {
		t.Error("the greatest compare value is in the past")
	}
}

func namedSysreg(name string) *sysreg {
	for i := range sysregTable {
		if sysregTable[i].name == name {
			return &sysregTable[i]
		}
	}
	panic("BUG: no register " + name)
}
