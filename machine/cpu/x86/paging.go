package x86

import (
	"math/bits"

	"forkscope/machine/cpu"
)

// Page-table entry bits (SDM vol. 3 §4.3, §4.4).
const (
	ptePresent  = 1 << 0
	pteWrite    = 1 << 1
	pteUser     = 1 << 2
	pteAccessed = 1 << 5
	pteDirty    = 1 << 6
	pteLarge    = 1 << 7
	pteGlobal   = 1 << 8
	pteNX       = 1 << 63
	pteRights   = pteWrite | pteUser

	// paeReserved are the address bits above the 36 that CPUID announces.
	paeReserved = 0x7ffffff << 36
)

// Page-fault error code bits (SDM vol. 3 §4.7). The low ones also say what an access wants.
const (
	pfProtection = 1 << 0
	pfWrite      = 1 << 1
	pfUser       = 1 << 2
	pfReserved   = 1 << 3
	pfFetch      = 1 << 4
	pfKey        = 1 << 5
	pfShadow     = 1 << 6
)

// translate gives the physical address of la for an access described by pfWrite, pfUser and pfFetch, and sets accessed
// and dirty bits. When the access is not allowed it raises #PF and returns false. c.leaf tells about the page.
func (c *CPU) translate(la uint64, access uint32) (pa uint64, ok bool) {
	c.leaf = 0
	if c.cr0&cr0PG == 0 {
		return la, true
	}
	if c.efer&eferLMA != 0 {
		return c.translateLong(la, access)
	}
	if c.cr4&cr4PAE != 0 {
		return c.translatePAE(la, access)
	}
	pdeAddr := c.cr3&^0xfff | la>>22<<2
	pde := uint32(c.physRead(pdeAddr, 4))
	if pde&ptePresent == 0 {
		return 0, c.pageFault(la, access)
	}
	if pde&pteLarge != 0 && c.cr4&cr4PSE != 0 {
		if pde&0x003fe000 != 0 { // no PSE-36, so these must be 0
			return 0, c.pageFault(la, access|pfReserved|pfProtection)
		}
		if !c.allowed(pde, access) {
			return 0, c.pageFault(la, access|pfProtection)
		}
		c.mark32(pdeAddr, pde, leafMarks(access))
		c.leaf = leafLarge | c.leafKind(pde)
		return uint64(pde&0xffc00000) | la&0x3fffff, true
	}
	pteAddr := uint64(pde&^0xfff) | la>>12&0x3ff<<2
	pte := uint32(c.physRead(pteAddr, 4))
	if pte&ptePresent == 0 {
		return 0, c.pageFault(la, access)
	}
	if !c.allowed(pte&pde|(pte|pde)&^7, access) {
		return 0, c.pageFault(la, access|pfProtection)
	}
	c.mark32(pdeAddr, pde, pteAccessed)
	c.mark32(pteAddr, pte, leafMarks(access))
	c.leaf = c.leafKind(pte)
	return uint64(pte&^0xfff) | la&0xfff, true
}

// leafKind describes a page that translate has found.
type leafKind uint8

const (
	leafGlobal leafKind = 1 << iota // a load of CR3 leaves its translation alone (SDM vol. 3 §4.10.2.4)
	leafLarge                       // 2 or 4 MB, of which the TLB holds parts of 4 KB
	leafHuge                        // 1 GB
)

func (c *CPU) leafKind(entry uint32) leafKind {
	if entry&pteGlobal != 0 && c.cr4&cr4PGE != 0 {
		return leafGlobal
	}
	return 0
}

func leafMarks(access uint32) uint32 {
	if access&pfWrite != 0 {
		return pteAccessed | pteDirty
	}
	return pteAccessed
}

// allowed checks user and write permission of a leaf combined with its parents.
func (c *CPU) allowed(pte, access uint32) bool {
	if access&pfUser != 0 {
		return pte&pteUser != 0 && (access&pfWrite == 0 || pte&pteWrite != 0)
	}
	return access&pfWrite == 0 || pte&pteWrite != 0 || c.cr0&cr0WP == 0
}

func (c *CPU) pageFault(la uint64, code uint32) bool {
	if code&pfFetch != 0 && !(c.cr4&cr4PAE != 0 && c.efer&eferNXE != 0 || c.cr4&cr4SMEP != 0) {
		code &^= pfFetch
	}
	c.cr2 = la
	return c.raiseErr(excPF, code)
}

func (c *CPU) mark32(addr uint64, entry, bits uint32) {
	if entry&bits != bits {
		c.physWrite(addr, 4, uint64(entry|bits))
	}
}

func (c *CPU) mark64(addr, entry uint64, bits uint32) {
	if entry&uint64(bits) != uint64(bits) {
		c.physWrite(addr, 8, entry|uint64(bits))
	}
}

// translatePAE walks three levels (SDM vol. 3 §4.4). The top level is held in the CPU since MOV CR3.
func (c *CPU) translatePAE(la uint64, access uint32) (pa uint64, ok bool) {
	pdpte := c.pdpte[la>>30]
	if pdpte&ptePresent == 0 {
		return 0, c.pageFault(la, access)
	}
	reserved := uint64(paeReserved)
	if c.efer&eferNXE == 0 {
		reserved |= pteNX
	}
	pdeAddr := pdpte&^0xfff&^paeReserved | la>>21&0x1ff<<3
	pde := c.physRead(pdeAddr, 8)
	if pde&ptePresent == 0 {
		return 0, c.pageFault(la, access)
	}
	if pde&reserved != 0 {
		return 0, c.pageFault(la, access|pfReserved|pfProtection)
	}
	if pde&pteLarge != 0 {
		if pde&0x1fe000 != 0 {
			return 0, c.pageFault(la, access|pfReserved|pfProtection)
		}
		if !c.allowed(uint32(pde), access) || access&pfFetch != 0 && pde&pteNX != 0 {
			return 0, c.pageFault(la, access|pfProtection)
		}
		c.mark64(pdeAddr, pde, leafMarks(access))
		c.leaf = leafLarge | c.leafKind(uint32(pde))
		return pde&0xfffe00000 | la&0x1fffff, true
	}
	pteAddr := pde&0xffffff000 | la>>12&0x1ff<<3
	pte := c.physRead(pteAddr, 8)
	if pte&ptePresent == 0 {
		return 0, c.pageFault(la, access)
	}
	if pte&reserved != 0 {
		return 0, c.pageFault(la, access|pfReserved|pfProtection)
	}
	if !c.allowed(uint32(pte&pde), access) || access&pfFetch != 0 && (pte|pde)&pteNX != 0 {
		return 0, c.pageFault(la, access|pfProtection)
	}
	c.mark64(pdeAddr, pde, pteAccessed)
	c.mark64(pteAddr, pte, leafMarks(access))
	c.leaf = c.leafKind(uint32(pte))
	return pte&0xffffff000 | la&0xfff, true
}

// loadPDPTE reads the four top entries of PAE paging, as MOV to CR3 and some MOVs to CR0 and CR4 do. It raises #GP(0) when
// a present one has reserved bits set, and then changes nothing.
func (c *CPU) loadPDPTE(cr3 uint64) bool {
	var e [4]uint64
	for i := range e {
		e[i] = c.physRead(cr3&0xffffffe0+uint64(8*i), 8)
		if e[i]&ptePresent != 0 && e[i]&(0x1e6|paeReserved|pteNX) != 0 {
			return c.raiseErr(excGP, 0)
		}
	}
	c.pdpte = e
	return true
}

// Translate walks the tables of space for va without side effects.
func (c *CPU) Translate(space cpu.Space, va uint64) (pa uint64, ok bool) {
	pa, _, ok = c.find(space, va)
	return pa, ok
}

// find is Translate, with those of pteUser and pteWrite that all levels have.
func (c *CPU) find(space cpu.Space, va uint64) (pa uint64, rights uint32, ok bool) {
	const all = pteRights
	la, root := va, uint64(space)
	if c.efer&eferLMA != 0 {
		w := c.walk(root, la)
		return w.frame() | la&(1<<w.shift-1), uint32(w.rights) & all, w.ok
	}
	if va>>32 != 0 {
		return 0, 0, false
	}
	if c.cr0&cr0PG == 0 {
		return va, all, true
	}
	if c.cr4&cr4PAE != 0 {
		e := c.physRead(root&^31+la>>30<<3, 8)
		if space == c.Space() {
			e = c.pdpte[la>>30]
		}
		if e&ptePresent == 0 {
			return 0, 0, false
		}
		e = c.physRead(e&0xffffff000|la>>21&0x1ff<<3, 8)
		if e&ptePresent == 0 {
			return 0, 0, false
		}
		rights = uint32(e) & all
		if e&pteLarge != 0 {
			return e&0xfffe00000 | la&0x1fffff, rights, true
		}
		e = c.physRead(e&0xffffff000|la>>12&0x1ff<<3, 8)
		return e&0xffffff000 | la&0xfff, rights & uint32(e), e&ptePresent != 0
	}
	e := uint32(c.physRead(root&^0xfff|la>>22<<2, 4))
	if e&ptePresent == 0 {
		return 0, 0, false
	}
	rights = e & all
	if e&pteLarge != 0 && c.cr4&cr4PSE != 0 {
		return uint64(e&0xffc00000) | la&0x3fffff, rights, true
	}
	e = uint32(c.physRead(uint64(e&^0xfff)|la>>12&0x3ff<<2, 4))
	return uint64(e&^0xfff) | la&0xfff, rights & e, e&ptePresent != 0
}

// physRead reads a paging structure. Outside RAM it reads 0, an entry that is not present.
func (c *CPU) physRead(pa uint64, size uint32) uint64 {
	off := pa - uint64(c.ramBase)
	if off >= uint64(c.ramSize) {
		return 0
	}
	if size == 8 {
		return c.ramLoad64(uint32(off))
	}
	return uint64(c.ramLoad32(uint32(off)))
}

func (c *CPU) physWrite(pa uint64, size uint32, v uint64) {
	off := pa - uint64(c.ramBase)
	if off >= uint64(c.ramSize) || uint32(off)-c.romOffset < c.romSize {
		return
	}
	if size == 8 {
		c.ramStore64(uint32(off), v)
	} else {
		c.ramStore32(uint32(off), uint32(v))
	}
	c.mem.MarkDirty(pa)
	c.code.Wrote(pa, uint64(size))
}

// The TLBs by number: those for data, of the kernel and of user mode, each for reading and for writing, those for code, of the kernel and of user
// mode, and those for the data of the kernel when it may access what is the user's (SMAP), which only a CPU with long mode has.
const (
	codeTLBs = 4
	openTLBs = codeTLBs + 2
	allTLBs  = openTLBs + 2
)

// tlbCount is how many TLBs the CPU has.
func (c *CPU) tlbCount() uint32 {
	if c.cfg.Long {
		return allTLBs
	}
	return openTLBs
}

// forCode reports whether a TLB is one for code.
func forCode(k uint32) bool { return k&^1 == codeTLBs }

// dataTLB is the number of the TLB for an access.
func (c *CPU) dataTLB(access uint32) uint32 {
	write := access >> 1 & 1
	switch {
	case access&pfUser != 0:
		return 2 | write
	case c.open():
		return openTLBs | write
	}
	return write
}

// open reports whether EFLAGS.AC lifts SMAP (SDM vol. 3 §4.6).
func (c *CPU) open() bool { return c.cr4&cr4SMAP != 0 && c.eflags&flagAC != 0 }

func (c *CPU) tlb(k uint32) *tlb {
	switch {
	case k < codeTLBs:
		return &c.tlbs[k]
	case k < openTLBs:
		return &c.xtlb[k-codeTLBs]
	}
	return &c.tlbs[k-2]
}

// enterTLB enters the page of la, at off in RAM and of kind leaf, in TLB number k.
func (c *CPU) enterTLB(k uint32, la, off uint64, leaf leafKind) {
	c.tlb(k).set(la, off)
	word, bit := la>>18&(tlbSize/64-1), uint64(1)<<(la>>12&63)
	c.filled[k][word] |= bit
	if leaf&leafGlobal != 0 {
		c.global[k][word] |= bit
	} else {
		c.global[k][word] &^= bit
	}
	if leaf&leafLarge != 0 {
		c.large[la>>28&15] |= 1 << (la >> 22 & 63)
	}
	c.huge = c.huge || leaf&leafHuge != 0
}

// page is translate by way of the TLB.
func (c *CPU) page(la uint64, access uint32) (pa uint64, ok bool) {
	k := c.dataTLB(access)
	i := la >> 12 & (tlbSize - 1)
	e := &c.tlb(k)[i]
	if e.tag|1 != la|0xfff {
		return c.translate(la, access)
	}
	c.leaf = 0
	if c.global[k][i>>6]>>(i&63)&1 != 0 {
		c.leaf = leafGlobal
	}
	return uint64(c.ramBase) + la + e.delta, true
}

// flushTLB forgets every translation.
func (c *CPU) flushTLB() {
	c.global = [allTLBs][tlbSize / 64]uint64{}
	c.flushLocal()
	c.large, c.huge = [16]uint64{}, false
	c.newEpochs()
}

// flushLocal forgets every translation but those of global pages (SDM vol. 3 §4.10.4.1, MOV to CR3).
func (c *CPU) flushLocal() {
	for k := range c.tlbCount() {
		t, lost := c.tlb(k), uint64(0)
		for w := range c.filled[k] {
			drop := c.filled[k][w] &^ c.global[k][w]
			lost |= drop
			c.filled[k][w] &^= drop
			for ; drop != 0; drop &= drop - 1 {
				t[w<<6+bits.TrailingZeros64(drop)] = tlbEntry{}
			}
		}
		if lost != 0 && forCode(k) {
			c.newEpoch(k - codeTLBs) // of this privilege; a kernel in global pages goes on as it was
		}
	}
}

// everyPage, for slowStores, is all of RAM.
const everyPage = ^uint64(0)

// slowStores makes the next store to each address of the page at off in RAM take the slow path. The translations are not forgotten: whether
// they are there can be seen by the guest, in dirty bits, and must not depend on what was decoded.
func (c *CPU) slowStores(off uint64) {
	for k := uint32(1); k < c.tlbCount(); k += 2 {
		if forCode(k) {
			continue
		}
		t := c.tlb(k)
		for w, word := range c.filled[k] {
			for ; word != 0; word &= word - 1 {
				e := &t[w<<6+bits.TrailingZeros64(word)]
				if off == everyPage || e.tag&^0xfff+e.delta == off&^0xfff {
					e.tag &^= 1
				}
			}
		}
	}
}

// flushPage forgets the translation of la's page, global or not: all of it, when it is a large one. Blocks found by way of it are
// looked up again.
func (c *CPU) flushPage(la uint64) {
	switch {
	case c.huge:
		c.flushRange(la, 30)
	case c.large[la>>28&15]>>(la>>22&63)&1 != 0:
		c.flushRange(la, 22)
	default:
		c.forget(la)
	}
}

// flushRange forgets all translations of the 1<<shift bytes around la.
func (c *CPU) flushRange(la uint64, shift uint) {
	for k := range c.tlbCount() {
		for w, word := range c.filled[k] {
			for ; word != 0; word &= word - 1 {
				if tag := c.tlb(k)[w<<6+bits.TrailingZeros64(word)].tag; tag>>shift == la>>shift {
					c.forget(tag)
				}
			}
		}
	}
}

// forget drops the entries of the page of 4 KB at la.
func (c *CPU) forget(la uint64) {
	for k := range c.tlbCount() {
		e := &c.tlb(k)[la>>12&(tlbSize-1)]
		if e.tag|1 != la|0xfff {
			continue
		}
		*e = tlbEntry{}
		c.filled[k][la>>18&(tlbSize/64-1)] &^= 1 << (la >> 12 & 63)
		if forCode(k) {
			c.newEpoch(k - codeTLBs)
		}
	}
}

// setCPL changes the privilege level and with it the translations in use. A change to CPL 3 ends the block for Run to see.
func (c *CPU) setCPL(cpl uint8) {
	if cpl != 3 {
		c.toUser = false
	} else if c.cpl != 3 && c.orders.AtUser {
		c.toUser, c.stop = true, true
	}
	was := c.shadowed()
	c.cpl = cpl
	switch is := c.shadowed(); {
	case was && !is:
		c.msr.ssp[3] = c.ssp
	case is && !was:
		c.ssp = c.msr.ssp[3]
	}
	c.updateMode()
}
