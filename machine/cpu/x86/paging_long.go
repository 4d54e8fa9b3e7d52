package x86

// Paging in long mode (SDM vol. 3 §4.5): four levels, with pages of 4 KB, 2 MB and 1 GB.

const (
	physicalBits = 40
	pageFrame    = 1<<physicalBits - 1<<12
	longReserved = 1<<52 - 1<<physicalBits
)

// pageWalk is a way from the root to a page, or as far as it goes.
type pageWalk struct {
	at, entry [4]uint64 // of each level, the root's first
	n         int
	shift     uint   // the page is 1<<shift bytes
	rights    uint64 // those of pteWrite and pteUser that all levels have, and pteNX when one of them has it
	ok        bool
	reserved  bool // it ends at an entry with reserved bits set
}

// leaf is the last entry.
func (w *pageWalk) leaf() uint64 { return w.entry[w.n-1] }

// frame is the physical address of the page.
func (w *pageWalk) frame() uint64 { return w.leaf() & pageFrame &^ (1<<w.shift - 1) }

// walk goes through the tables at root to the page of la.
func (c *CPU) walk(root, la uint64) (w pageWalk) {
	table := root & pageFrame
	w.rights = pteRights
	for w.shift = 39; ; w.shift -= 9 {
		at := table + la>>w.shift&0x1ff<<3
		e := c.physRead(at, 8)
		w.at[w.n], w.entry[w.n] = at, e
		w.n++
		if e&ptePresent == 0 {
			return w
		}
		if w.reserved = e&c.reservedBits(w.shift, e) != 0; w.reserved {
			return w
		}
		w.rights = w.rights&pteNX | w.rights&e | e&pteNX
		if w.shift == 12 || e&pteLarge != 0 {
			w.ok = true
			return w
		}
		table = e & pageFrame
	}
}

// reservedBits are the bits that must be 0 in a present entry for 1<<shift bytes.
func (c *CPU) reservedBits(shift uint, entry uint64) uint64 {
	r := uint64(longReserved)
	if c.efer&eferNXE == 0 {
		r |= pteNX
	}
	switch {
	case shift == 39:
		r |= pteLarge
	case shift > 12 && entry&pteLarge != 0:
		r |= 1<<shift - 1<<13 // bit 12 is the page attribute table's
	}
	return r
}

func (c *CPU) translateLong(la uint64, access uint32) (pa uint64, ok bool) {
	w := c.walk(c.cr3, la)
	switch {
	case w.reserved:
		return 0, c.pageFault(la, access|pfReserved|pfProtection)
	case !w.ok:
		return 0, c.pageFault(la, access)
	case !c.allowed(uint32(w.rights), access) || access&pfFetch != 0 && w.rights&pteNX != 0 || c.keptFrom(w.rights, access):
		return 0, c.pageFault(la, access|pfProtection)
	case c.locked(&w, access):
		return 0, c.pageFault(la, access|pfProtection|pfKey)
	}
	for i := range w.n - 1 {
		c.mark64(w.at[i], w.entry[i], pteAccessed)
	}
	c.mark64(w.at[w.n-1], w.leaf(), leafMarks(access))
	c.leaf = c.leafKind(uint32(w.leaf()))
	switch w.shift {
	case 21:
		c.leaf |= leafLarge
	case 30:
		c.leaf |= leafHuge
	}
	return w.frame() | la&(1<<w.shift-1), true
}

// keptFrom reports whether SMEP or SMAP keep the kernel from a page of the user's.
func (c *CPU) keptFrom(rights uint64, access uint32) bool {
	if access&pfUser != 0 || rights&pteUser == 0 {
		return false
	}
	if access&pfFetch != 0 {
		return c.cr4&cr4SMEP != 0
	}
	return c.cr4&cr4SMAP != 0 && c.eflags&flagAC == 0
}

// locked reports whether the page's protection key forbids an access to data (SDM vol. 3 §4.6.2).
func (c *CPU) locked(w *pageWalk, access uint32) bool {
	if c.cr4&cr4PKE == 0 || access&pfFetch != 0 || w.rights&pteUser == 0 {
		return false
	}
	rights := c.pkru >> (w.leaf() >> 59 & 15 * 2)
	return rights&1 != 0 || rights&2 != 0 && access&pfWrite != 0 && (access&pfUser != 0 || c.cr0&cr0WP != 0)
}

// setPKRU loads the rights of protection keys: for each a bit that forbids access and one that forbids writing.
func (c *CPU) setPKRU(v uint32) {
	if v != c.pkru {
		c.pkru = v
		c.flushTLB()
	}
}
