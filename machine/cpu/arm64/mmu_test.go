package arm64

import (
	"math/rand"
	"testing"

	"forkscope/machine/cpu"
)

// modelWalk is the translation of DDI 0487 section D5.2 written down slowly: one level after the other, field by field.
func modelWalk(b *board, va uint64, ttbr [2]uint64, tcr uint64) (pa uint64, perm uint8, fsc uint8) {
	wxn := b.sys.sctlr>>19&1 == 1
	bit := func(v uint64, n int) uint64 { return v >> n & 1 }
	field := func(v uint64, hi, lo int) uint64 { return v >> lo & (1<<(hi-lo+1) - 1) }
	half := bit(va, 55)
	size := field(tcr, 5, 0)
	disabled, ignore := bit(tcr, 7), bit(tcr, 37)
	if half == 1 {
		size, disabled, ignore = field(tcr, 21, 16), bit(tcr, 23), bit(tcr, 38)
	}
	if size < 16 {
		size = 16
	}
	if size > 39 {
		size = 39
	}
	inputBits := 64 - int(size)
	topBit := 63
	if ignore == 1 {
		topBit = 55
	}
	for n := topBit; n >= inputBits; n-- {
		if bit(va, n) != half {
			return 0, 0, fscTranslation
		}
	}
	if disabled == 1 {
		return 0, 0, fscTranslation
	}
	outputBits := map[uint64]int{0: 32, 1: 36}[field(tcr, 34, 32)]
	if outputBits == 0 {
		outputBits = physicalBits
	}
	tooLarge := func(a uint64) bool { return field(a, 47, 0)>>outputBits != 0 }

	level := 3
	for bits := inputBits - 12; bits > 9; bits -= 9 {
		level--
	}
	lowOf := map[int]int{0: 39, 1: 30, 2: 21, 3: 12}
	entries := uint64(1) << (inputBits - lowOf[level])
	base := field(ttbr[half], 47, 0)
	base -= base % max(entries*8, 64)
	if tooLarge(base) {
		return 0, 0, fscAddressSize | fscPresent
	}
	index := field(va, inputBits-1, lowOf[level])
	readOnly, noUser, noUserExec, noKernelExec := false, false, false, false
	for {
		l := uint8(level)
		if !b.ram.Contains(base+index*8, 8) {
			return 0, 0, fscExternalWalk + l
		}
		d := b.load64(base + index*8)
		kind := field(d, 1, 0)
		if kind&1 == 0 || level == 0 && kind == 1 || level == 3 && kind == 1 {
			return 0, 0, fscTranslation + l
		}
		if tooLarge(d) {
			return 0, 0, fscAddressSize + l | fscPresent
		}
		if level < 3 && kind == 3 {
			noUser = noUser || bit(d, 61) == 1
			readOnly = readOnly || bit(d, 62) == 1
			noUserExec = noUserExec || bit(d, 60) == 1
			noKernelExec = noKernelExec || bit(d, 59) == 1
			base = field(d, 47, 12) << 12
			level++
			index = field(va, lowOf[level]+8, lowOf[level])
			continue
		}
		if bit(d, 10) == 0 {
			return 0, 0, fscAccessFlag + l
		}
		noUser = noUser || bit(d, 6) == 0
		readOnly = readOnly || bit(d, 7) == 1
		noKernelExec = noKernelExec || bit(d, 53) == 1
		noUserExec = noUserExec || bit(d, 54) == 1
		low := lowOf[level]
		pa = field(d, 47, low)<<low | field(va, low-1, 0)
		set := func(n int, yes bool) {
			if yes {
				perm |= 1 << n
			}
		}
		set(permRead+1, true)
		set(permWrite+1, !readOnly)
		set(permRead, !noUser)
		set(permWrite, !noUser && !readOnly)
		set(permExec, !noUserExec && !(wxn && !noUser && !readOnly))
		set(permExec+1, !noKernelExec && (noUser || readOnly) && !(wxn && !readOnly))
		return pa, perm, 0
	}
}

// randomDescriptor is mostly a valid one that points into the tables or the data after them.
func randomDescriptor(r *rand.Rand, tables uint64, n int) uint64 {
	d := tables + uint64(r.Intn(n))<<12 | 3
	if r.Intn(3) != 0 {
		d |= 1 << 10
	}
	if r.Intn(6) == 0 {
		d &^= uint64(1 + r.Intn(3))
	}
	if r.Intn(3) == 0 {
		d |= r.Uint64() & (0x3fff<<50 | 0xff0)
	}
	if r.Intn(10) == 0 {
		d |= 1 << (30 + r.Intn(18))
	}
	return d
}

// TestWalkAgainstModel compares walks of random tables, sizes and addresses.
func TestWalkAgainstModel(t *testing.T) {
	const tables, n = testBase + 0x10000, 16
	r := rand.New(rand.NewSource(3))
	m := newBoard(t, 1<<20, noBus{})
	found := map[uint8]int{}
	for range 300 {
		for i := uint64(0); i < n*512; i++ {
			m.store(tables+i*8, randomDescriptor(r, tables, n+4))
		}
		for range 200 {
			m.sys.sctlr = sctlrReset | sctlrM | uint64(r.Intn(2))*sctlrWXN
			m.sys.tcr = uint64(16+r.Intn(24)) | uint64(16+r.Intn(24))<<16 | uint64(r.Intn(4))<<37 | uint64(r.Intn(3))<<32
			if r.Intn(10) == 0 {
				m.sys.tcr |= 1 << 7
			}
			m.sys.ttbr0 = tables + uint64(r.Intn(n))<<12 | uint64(r.Intn(4))<<48
			m.sys.ttbr1 = tables + uint64(r.Intn(n))<<12 + uint64(r.Intn(64))<<6
			va := r.Uint64() >> r.Intn(40)
			if r.Intn(2) == 0 {
				va = ^va
			}
			if r.Intn(4) == 0 {
				va ^= uint64(r.Intn(256)) << 56
			}
			e, fsc, _ := m.walk(va, m.sys.ttbr0, m.sys.ttbr1)
			pa, perm, want := modelWalk(m, va, [2]uint64{m.sys.ttbr0, m.sys.ttbr1}, m.sys.tcr)
			found[want]++
			if fsc != want || fsc == 0 && (e.pa|va&0xfff != pa || e.perm != perm) {
				t.Fatalf("va %#x tcr %#x: got %#x perm %06b fault %#x, want %#x perm %06b fault %#x",
					va, m.sys.tcr, e.pa|va&0xfff, e.perm, fsc, pa, perm, want)
			}
		}
	}
	if found[0] < 1000 || len(found) < 12 {
		t.Errorf("the random tables lead to too few results: %v", found)
	}
}

// tlbiForms are VMALLE1, VAE1, ASIDE1, VAAE1, VALE1 and VAALE1 with operand X1, each for this processor and for all.
var tlbiForms = []uint32{
	0xd508871f, 0xd5088721, 0xd5088741, 0xd5088761, 0xd50887a1, 0xd50887e1,
	0xd508831f, 0xd5088321, 0xd5088341, 0xd5088361, 0xd50883a1, 0xd50883e1,
}

// TestTranslationChanges runs loads and stores while page tables, ASIDs and permissions change, with the maintenance that
// the architecture asks for, and compares each access with a fresh walk.
func TestTranslationChanges(t *testing.T) {
	const (
		tables = testBase + 0x40000 // two spaces of three tables each
		frames = testBase + 0x80000
		code   = testBase + 0x1000
		vector = testBase + 0x10000
		pages  = 8
	)
	r := rand.New(rand.NewSource(4))
	m := newBoard(t, 1<<20, noBus{})
	ttbr := func(space int) uint64 { return tables + uint64(space)*0x4000 | uint64(space+1)<<48 }
	leaf := func(space int, page uint64) uint64 { return tables + uint64(space)*0x4000 + 0x3000 + page*8 }
	for space := range 2 {
		base := tables + uint64(space)*0x4000
		m.store(base, base+0x1000|3)
		m.store(base+0x1000, base+0x2000|3)
		m.store(base+0x2000, base+0x3000|3)
	}
	// The kernel half: RAM by blocks, at its own address with the top bits set.
	kernel := uint64(0xffff_0000_0000_0000)
	m.store(tables+0x8000, tables+0x9000|3)
	m.store(tables+0x9000+8, testBase|1<<10|3<<8|1)
	m.sys.mair = 0xff
	m.sys.tcr = 16 | 16<<16 | 2<<32
	m.sys.ttbr0, m.sys.ttbr1 = ttbr(0), tables+0x8000
	m.sys.vbar = kernel | vector
	m.sys.sctlr |= sctlrM
	m.flushTLB()
	for i := uint64(0); i < 16; i++ {
		m.code(vector+i*128, wWFI)
	}
	const svc = oracleEnd
	m.code(code, ldr(0, 1, 0), svc, str(2, 1, 0), svc, 0xf8400820, svc, 0xf8000822, svc) // the latter two LDTR and STTR
	for i := range 6000 {
		space, page := r.Intn(2), uint64(r.Intn(pages))
		m.halted = false
		switch r.Intn(6) {
		case 0, 1:
			d := frames + uint64(r.Intn(6))<<12 | 1<<11 | uint64(r.Intn(2))<<10 | 3<<8 | uint64(r.Intn(4))<<6 | 3
			if page == 0 { // the user's code
				d = code&^0xfff | 1<<11 | 1<<10 | 3<<8 | 3<<6 | 3
			}
			m.store(leaf(space, page), d)
			// Any of the TLBI that reach the entry, by the CPU itself.
			m.setMode(1, true)
			m.code(code+0x40, tlbiForms[r.Intn(len(tlbiForms))], wISB)
			m.SetX(1, uint64(space+1)<<48|page)
			m.SetPC(kernel | code + 0x40)
			m.expectRun(t, m.clock.Retired+2)
			continue
		case 2:
			m.setMode(1, true)
			m.SetX(1, ttbr(space))
			m.code(code+0x60, msr(key(3, 0, 2, 0, 0), 1), wISB)
			m.SetPC(kernel | code + 0x60)
			m.expectRun(t, m.clock.Retired+2)
			continue
		}
		el, write, unprivileged := uint8(r.Intn(2)), r.Intn(2), r.Intn(4) == 0
		m.pan = r.Intn(2) == 0
		as := el
		if unprivileged {
			as = 0
		}
		va := page<<12 | uint64(r.Intn(512))*8
		if page == 0 {
			continue
		}
		pa, perm, fsc := modelWalk(m, va, [2]uint64{m.sys.ttbr0, m.sys.ttbr1}, m.sys.tcr)
		if fsc == 0 && (perm>>(uint8(write)*permWrite+as)&1 == 0 || as != 0 && m.pan && perm&1 != 0) {
			fsc = fscPermission + 3
		}
		value := r.Uint64()
		var before uint64
		if fsc == 0 {
			before = m.load64(pa)
		}
		m.setMode(el, el != 0)
		pc := kernel | code + uint64(write)*8
		if el == 0 {
			// User code runs from a user page, whose first page maps the code when it has been set up.
			if d := m.load64(m.sys.ttbr0&^(0xffff<<48) + 0x3000); d&3 != 3 {
				continue
			}
			pc = uint64(write) * 8
		}
		if unprivileged {
			pc += 16
		}
		m.SetX(1, va)
		m.SetX(2, value)
		m.SetPC(pc)
		if e := m.Run(m.clock.Retired + 100); e.Reason != cpu.Halt {
			t.Fatalf("access %d: %v at %#x", i, e.Reason, m.PC())
		}
		ec := m.sys.esr >> 26
		if fsc != 0 {
			if ec != uint64(ecDataLower+el) || uint8(m.sys.esr&0x3f) != fsc&0x3f || m.sys.far != va {
				t.Fatalf("access %d to %#x: ESR %#x FAR %#x, want fault %#x", i, va, m.sys.esr, m.sys.far, fsc)
			}
			continue
		}
		if ec != ecSVC {
			t.Fatalf("access %d to %#x at EL%d: ESR %#x FAR %#x, want none (pa %#x)", i, va, el, m.sys.esr, m.sys.far, pa)
		}
		if write == 1 && m.load64(pa) != value || write == 0 && m.x[0] != before {
			t.Fatalf("access %d to %#x went to another place than %#x", i, va, pa)
		}
	}
}

// TestTLBIByASID: TLBI ASIDE1 drops the entries of its ASID and keeps global ones and those of others; an entry that is not global is never used
// under another ASID (D5.9.1, D5.10.2).
func TestTLBIByASID(t *testing.T) {
	const (
		tables = testBase + 0x40000 // two spaces of a table chain each, then the kernel's
		frames = testBase + 0x80000
		user   = 0x3000 // the four are in different places of a direct-mapped cache
		kernel = uint64(0xffff_0000_0000_0000)
		global = kernel | 0x5000 // mapped by pages, below RAM
		local  = kernel | 0x6000
		code   = kernel | testBase | 0x1000
		nG     = 1 << 11
		leaf   = 1<<10 | 3<<8 | 3
	)
	m := newBoard(t, 1<<20, noBus{})
	chain := func(root uint64) { // down to the table of the first 2 MB
		m.store(root, root+0x1000|3)
		m.store(root+0x1000, root+0x2000|3)
		m.store(root+0x2000, root+0x3000|3)
	}
	chain(tables)
	chain(tables + 0x4000)
	chain(tables + 0x8000)
	m.store(tables+0x8000+0x1000+8, testBase|1<<10|3<<8|1)
	for i := uint64(0); i < 8; i++ {
		m.store(frames+i<<12, 100+i)
	}
	// put maps a page of a table chain to a frame.
	put := func(root, va, frame, attributes uint64) {
		m.store(root+0x3000+va>>12&511*8, frames+frame<<12|attributes|leaf)
	}
	const spaceA, spaceB, kernelRoot = tables, tables + 0x4000, tables + 0x8000
	m.sys.mair = 0xff
	m.sys.tcr = 16 | 16<<16 | 2<<32
	m.sys.ttbr0, m.sys.ttbr1 = spaceA|1<<48, kernelRoot
	m.sys.vbar = kernel | testBase | 0x10000
	m.sys.sctlr |= sctlrM
	m.flushTLB()
	m.setMode(1, true)
	do := func(x1 uint64, words ...uint32) uint64 {
		m.code(testBase+0x1000, words...)
		m.SetX(1, x1)
		m.SetPC(code)
		m.expectRun(t, m.clock.Retired+uint64(len(words)))
		return m.x[2]
	}
	read := func(va uint64) uint64 { return do(va, ldr(2, 1, 0)) - 100 }
	expect := func(what string, u, g, l uint64) {
		t.Helper()
		if a, b, c := read(user), read(global), read(local); a != u || b != g || c != l {
			t.Fatalf("%s: frames %d %d %d, want %d %d %d", what, a, b, c, u, g, l)
		}
	}
	invalidate := func(asid uint64) { do(asid<<48, 0xd5088741, wISB) }
	space := func(ttbr0 uint64) { do(ttbr0, msr(key(3, 0, 2, 0, 0), 1), wISB) }

	put(spaceA, user, 0, nG)
	put(spaceB, user, 1, nG)
	put(kernelRoot, global, 2, 0)
	put(kernelRoot, local, 3, 0)
	expect("at first", 0, 2, 3)
	put(spaceA, user, 4, nG)
	put(kernelRoot, global, 5, 0)
	invalidate(2)
	expect("after another ASID's", 0, 2, 3)
	invalidate(1 << 8) // 8-bit ASIDs: number 0
	expect("after the ASID 256", 0, 2, 3)
	invalidate(1)
	expect("after the present ASID's", 4, 2, 3)
	invalidate(1<<8 | 1) // the upper 8 bits do not count
	space(spaceB | 2<<48)
	expect("in the other space", 1, 2, 3)
	put(spaceA, user, 0, nG)
	invalidate(1)
	space(spaceA | 1<<48)
	expect("back, after a TLBI from elsewhere", 0, 2, 3)
	do(local>>12, 0xd5088761, wISB) // VAAE1
	put(kernelRoot, local, 6, nG)
	expect("after VAAE1, in a half with a block mapping", 0, 5, 6)
	put(kernelRoot, local, 7, nG)
	space(spaceB | 2<<48)
	if got := read(local); got != 7 {
		t.Errorf("frame %d is seen by an entry of another ASID, want 7", got)
	}
	put(kernelRoot, local, 6, nG)
	invalidate(2)
	if got := read(local); got != 6 {
		t.Errorf("frame %d in the upper half after a TLBI of its ASID, want 6", got)
	}
}
