package arm64

import "forkscope/machine/cpu"

// Fault status codes (ESR_ELx.ISS.DFSC and IFSC); the level is added where there is one.
const (
	fscAddressSize  = 0x00
	fscTranslation  = 0x04
	fscAccessFlag   = 0x08
	fscPermission   = 0x0c
	fscExternal     = 0x10
	fscExternalWalk = 0x14
	fscAlignment    = 0x21
	fscDebug        = 0x22

	// translate returns address-size faults with this bit, because their code at level 0 is 0, which says "no fault".
	fscPresent = 0x80
)

// Bits of pageEntry.perm: shift by the exception level.
const (
	permRead  = 0
	permWrite = 2
	permExec  = 4
)

// physicalBits is the size of a physical address, ID_AA64MMFR0_EL1.PARange 40 bits.
const physicalBits = 40

// pageEntry is the result of a walk for one page of 4 KB: what the architecture calls a TLB entry.
type pageEntry struct {
	tag    uint64 // the virtual page, or noTag
	pa     uint64
	perm   uint8
	level  uint8 // of the descriptor, for permission faults
	device bool
	global bool
	attr   uint8 // MAIR attribute
	share  uint8
}

// userData says that EL0 may access the page, so that PSTATE.PAN keeps EL1 from it.
func (e *pageEntry) userData() bool { return e.perm&(1<<permRead) != 0 }

const pageEntries = 512

// mmuState holds the walk cache and what is derived from it.
type mmuState struct {
	fast
	pages       [pageEntries]pageEntry
	pagesFilled filled
	// large says, for the lower and the upper half, that some entry came from a block mapping, or has a tagged
	// address: invalidating one page then invalidates all of the half.
	large [2]bool
	// upperLocal says that some entry of the upper half is not global, so that a change of ASID reaches it.
	upperLocal bool
}

func (c *CPU) initMMU() {
	c.mmu.init()
	for i := range c.mmu.pages {
		c.mmu.pages[i].tag = noTag
	}
}

// flushTLB forgets every translation.
func (c *CPU) flushTLB() {
	m := &c.mmu
	m.flush()
	for _, i := range m.pagesFilled.list {
		m.pages[i].tag = noTag
	}
	m.pagesFilled.list = m.pagesFilled.list[:0]
	m.large = [2]bool{}
	m.upperLocal = false
}

// flushPage forgets the translation of va, whatever its ASID.
func (c *CPU) flushPage(va uint64) {
	m := &c.mmu
	if half := va >> 55 & 1; m.large[half] {
		c.flushHalf(half)
		return
	}
	if e := &m.pages[va>>12&(pageEntries-1)]; e.tag == va&^0xfff {
		e.tag = noTag
	}
	m.forget(va)
}

// flushWrites makes the next store to each page take the slow path.
func (c *CPU) flushWrites() { c.mmu.flushWrites() }

// flushCodeTLB makes the next branch to each page take the slow path.
func (c *CPU) flushCodeTLB() { c.mmu.flushCode() }

// contextChanged recomputes what depends on the exception level and the system registers. The running block must end.
func (c *CPU) contextChanged() {
	bad := c.spMisaligned()
	c.spBad = bad
	view := c.dataView(c.el)
	c.rtlb, c.wtlb = &c.mmu.read[view], &c.mmu.write[view]
	if bad || c.sys.sctlr&sctlrA != 0 {
		c.rtlb, c.wtlb = emptyTLB, emptyTLB
	}
	c.xtlb = &c.mmu.code[c.el]
	switch c.sys.cpacr >> 20 & 3 {
	case 3:
		c.fpTrap = false
	case 1:
		c.fpTrap = c.el == 0
	default:
		c.fpTrap = true
	}
}

// dataView is the view of data accesses as from exception level el.
func (c *CPU) dataView(el uint8) uint8 {
	if el != 0 && c.pan {
		return viewPAN
	}
	return el
}

func (c *CPU) spMisaligned() bool {
	check := uint64(sctlrSA0)
	if c.el != 0 {
		check = sctlrSA
	}
	return c.x[regSP]&15 != 0 && c.sys.sctlr&check != 0
}

// checkSP follows a change of SP; it reports whether memory is reached another way from now on.
func (c *CPU) checkSP() bool {
	if c.spMisaligned() == c.spBad {
		return false
	}
	c.contextChanged()
	return true
}

// tagged says whether the top byte of va is ignored (TCR_EL1.TBI0, TBI1).
func (c *CPU) tagged(va uint64) bool {
	return c.sys.tcr>>(37+va>>55&1)&1 != 0
}

// canonical removes an address tag that translation ignores; branches do this to the PC (D1.1, AArch64.BranchAddr).
func (c *CPU) canonical(va uint64) uint64 {
	if top := va >> 55; top == 0 || top == 0x1ff || !c.tagged(va) {
		return va
	}
	return signed(va, 56)
}

// translate returns the entry of va's page, walking the tables if it is not cached. fsc is a fault status, or 0.
// Permissions are the caller's business.
func (c *CPU) translate(va uint64, el uint8) (e *pageEntry, fsc uint8) {
	e = &c.mmu.pages[va>>12&(pageEntries-1)]
	if e.tag == va&^0xfff {
		return e, 0
	}
	var w pageEntry
	w, fsc, large := c.walk(va, c.sys.ttbr0, c.sys.ttbr1)
	if fsc != 0 {
		return e, fsc
	}
	w.tag = va &^ 0xfff
	if e.tag == noTag {
		if len(c.mmu.pagesFilled.list) == pageEntries {
			c.flushTLB()
		}
		c.mmu.pagesFilled.list = append(c.mmu.pagesFilled.list, uint16(va>>12&(pageEntries-1)))
	}
	*e = w
	if !w.global && va>>55&1 != 0 {
		c.mmu.upperLocal = true
	}
	if large || c.canonical(va) != va {
		c.mmu.large[va>>55&1] = true
	}
	return e, 0
}

// walk reads the translation tables for va (D5.2, AArch64.TranslationTableWalk): 4 KB granule, stage 1 of EL1&0.
// large says that the entry is part of a block mapping.
func (c *CPU) walk(va, ttbr0, ttbr1 uint64) (e pageEntry, fsc uint8, large bool) {
	if c.sys.sctlr&sctlrM == 0 {
		if c.canonical(va)>>physicalBits != 0 {
			return e, fscAddressSize | fscPresent, false
		}
		// Data accesses are Device-nGnRnE with the MMU off (D5.2.9).
		return pageEntry{pa: c.canonical(va) &^ 0xfff, perm: 0x3f, device: true, global: true, share: 2}, 0, false
	}
	tcr := c.sys.tcr
	upper := va >> 55 & 1
	ttbr, size, disabled := ttbr0, tcr&63, tcr>>7&1
	if upper != 0 {
		ttbr, size, disabled = ttbr1, tcr>>16&63, tcr>>23&1
	}
	size = min(max(size, 16), 39)
	top := int64(va) >> (64 - size)
	if c.tagged(va) {
		top = int64(signed(va, 56)) >> (64 - size)
	}
	if top != -int64(upper) || disabled != 0 {
		return e, fscTranslation, false
	}
	outBits := [8]uint{32, 36, 40, 42, 44, 48, 48, 48}[tcr>>32&7]
	outBits = min(outBits, physicalBits)
	vaBits := 64 - uint(size)
	level := 4 - (vaBits-4)/9 // 48 bits start at level 0, 39 at 1, 30 at 2
	shift := 39 - 9*level
	table := ttbr & (1<<48 - 1) &^ (max(uint64(8)<<(vaBits-shift), 64) - 1)
	if table>>outBits != 0 {
		return e, fscAddressSize | fscPresent, false
	}
	first := uint64(1)<<(vaBits-shift) - 1
	var apTable, pxnTable, uxnTable uint64
	for ; ; level++ {
		lvl := uint8(level)
		at := table + (va>>shift&first)*8
		if !c.ram.Contains(at, 8) {
			return e, fscExternalWalk + lvl, false
		}
		d := c.hostLoad(at, 8)
		if d&1 == 0 || level == 3 && d&2 == 0 || level == 0 && d&2 == 0 {
			return e, fscTranslation + lvl, false
		}
		if d&(1<<48-1)>>outBits != 0 {
			return e, fscAddressSize + lvl | fscPresent, false
		}
		if level < 3 && d&2 != 0 {
			apTable |= d >> 61 & 3
			uxnTable |= d >> 60 & 1
			pxnTable |= d >> 59 & 1
			table = d & (1<<48 - 1) &^ 0xfff
			shift -= 9
			first = 511
			continue
		}
		if d>>10&1 == 0 {
			return e, fscAccessFlag + lvl, false
		}
		block := uint64(1)<<shift - 1
		ap := d >> 6 & 3 &^ (apTable & 1) // bit 0: EL0 may access; bit 1: read-only
		ap |= apTable & 2
		e = pageEntry{
			pa:     d&(1<<48-1)&^0xfff&^block | va&block&^0xfff,
			level:  lvl,
			attr:   uint8(c.sys.mair >> (d >> 2 & 7 * 8)),
			share:  uint8(d >> 8 & 3),
			global: d>>11&1 == 0,
		}
		e.device = e.attr&0xf0 == 0
		e.perm = permissions(ap, d>>53&1|pxnTable != 0, d>>54&1|uxnTable != 0, c.sys.sctlr&sctlrWXN != 0)
		return e, 0, level < 3
	}
}

// permissions gives pageEntry.perm (D5.4).
func permissions(ap uint64, pxn, uxn, wxn bool) uint8 {
	perm := uint8(1) << (permRead + 1)
	user, writable := ap&1 != 0, ap&2 == 0
	if user {
		perm |= 1 << permRead
	}
	if writable {
		perm |= 1 << (permWrite + 1)
		if user {
			perm |= 1 << permWrite
		}
	}
	if !uxn && !(wxn && writable && user) {
		perm |= 1 << permExec
	}
	if !pxn && !(user && writable) && !(wxn && writable) {
		perm |= 1 << (permExec + 1)
	}
	return perm
}

// Space identifies the user page tables in use.
func (c *CPU) Space() cpu.Space { return cpu.Space(c.sys.ttbr0 & (1<<48 - 2)) }

// Paging says whether the MMU is on.
func (c *CPU) Paging() bool { return c.sys.sctlr&sctlrM != 0 }

// Translate walks the tables of space, without permission checks and without effects.
func (c *CPU) Translate(space cpu.Space, va uint64) (pa uint64, ok bool) {
	e, fsc, _ := c.walk(va, uint64(space), c.sys.ttbr1)
	return e.pa | va&0xfff, fsc == 0
}
