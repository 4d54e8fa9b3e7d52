package arm64

import "forkscope/machine/cpu"

// access describes a data access to resolve.
type access struct {
	write   bool
	unpriv  bool   // as if from EL0 (LDTR, STTR, DC by VA at EL0)
	ordered bool   // must be aligned whatever SCTLR_EL1.A says: exclusives, acquire and release
	align   uint64 // the alignment of one element, in bytes
	cache   bool   // cache maintenance: ESR.CM, and always reported as a write
}

// span is the physical place of an access: one piece, or two when it crosses a page.
type span struct {
	va, n  uint64
	pa     [2]uint64
	split  uint64 // bytes in the first page
	device bool   // outside RAM
}

// resolve translates the n (at most 64) bytes at va and checks everything that can stop the access, so that after it
// loads and stores in the span have their effect or find an external abort. On false an exception was taken or Run is to return.
func (c *CPU) resolve(va, n uint64, a access) (s span, ok bool) {
	el := c.el
	if a.unpriv {
		el = 0
	}
	s = span{va: va, n: n, split: n}
	if left := 0x1000 - va&0xfff; left < n {
		s.split = left
	}
	misaligned := va&(a.align-1) != 0
	if misaligned && (a.ordered || c.sys.sctlr&sctlrA != 0) {
		c.dataAbort(va, fscAlignment, a)
		return s, false
	}
	for i, at := range [2]uint64{va, va + s.split} {
		if i == 1 && s.split == n {
			break
		}
		e, fsc := c.translate(at, el)
		need := uint8(permRead)
		if a.write && !a.cache {
			need = permWrite
		}
		if fsc == 0 && (e.perm>>(need+el)&1 == 0 || el != 0 && c.pan && !a.cache && e.userData()) {
			fsc = fscPermission + e.level
		}
		if fsc == 0 && misaligned && e.device {
			fsc = fscAlignment
		}
		if fsc != 0 {
			c.dataAbort(at, fsc, a)
			return s, false
		}
		s.pa[i] = e.pa | at&0xfff
		if !c.ram.Contains(s.pa[i], 1) {
			s.device = true
			continue
		}
		if !e.device { // misaligned accesses to Device memory fault, so exec must not reach it
			c.cachePage(at, e.pa, el, a)
		}
	}
	if !(c.orders.Pass && c.orders.PassWatch) && !a.cache {
		kind := cpu.WatchRead
		if a.write {
			kind = cpu.WatchWrite
		}
		if w, addr, hit := c.watched.Hit(va, n, kind); hit {
			c.stop(cpu.Exit{Reason: cpu.Watch, Watch: w, Addr: addr})
			return s, false
		}
	}
	if c.selfHosted.watched != 0 && !a.cache && c.guestWatch(va, n, el, a.write) {
		return s, false
	}
	return s, true
}

// cachePage lets exec reach the page directly from now on, if nothing about it needs a look at every access.
func (c *CPU) cachePage(va, pa uint64, el uint8, a access) {
	if c.watched.Page(va) || a.cache || c.selfHosted.watching(va) {
		return
	}
	if view := c.dataView(el); !a.write {
		c.fillRead(view, va, pa)
	} else if !c.ram.IsCode(pa) {
		c.fillWrite(view, va, pa)
	}
}

// at gives the physical address of byte off of the span.
func (s *span) at(off uint64) uint64 {
	if off >= s.split {
		return s.pa[1] + off - s.split
	}
	return s.pa[0] + off
}

// load reads size (1, 2, 4, 8) bytes at offset off of the span.
func (c *CPU) load(s *span, off, size uint64) (v uint64, ok bool) {
	if off < s.split && off+size > s.split {
		for i := range size {
			b, ok := c.load(s, off+i, 1)
			if !ok {
				return 0, false
			}
			v |= b << (8 * i)
		}
		return v, true
	}
	pa := s.at(off)
	if c.ram.Contains(pa, size) {
		return c.hostLoad(pa, size), true
	}
	c.leave = true
	if v, ok = c.bus.ReadMMIO(pa, int(size)); !ok {
		c.dataAbort(s.va+off, fscExternal, access{})
	}
	return v, ok
}

// store writes size (1, 2, 4, 8) bytes at offset off of the span.
func (c *CPU) store(s *span, off, size, v uint64) bool {
	if off < s.split && off+size > s.split {
		for i := range size {
			if !c.store(s, off+i, 1, v>>(8*i)&0xff) {
				return false
			}
		}
		return true
	}
	pa := s.at(off)
	if c.ram.Contains(pa, size) {
		if c.ram.IsCode(pa) {
			c.code.Wrote(pa, size)
		}
		c.ram.MarkDirty(pa)
		c.hostStore(pa, size, v)
		return true
	}
	c.leave = true
	if size < 8 {
		v &= 1<<(8*size) - 1
	}
	if !c.bus.WriteMMIO(pa, int(size), v) {
		c.dataAbort(s.va+off, fscExternal, access{write: true})
		return false
	}
	return true
}

// done is the status of a memory instruction that has completed.
func (c *CPU) done() status {
	if c.leave {
		return stEnd
	}
	return stNext
}

// base reads the base register of a load or store, with the alignment check of SP. On false the exception was taken.
func (c *CPU) base(w uint32) (va uint64, ok bool) {
	rn := fieldRnSP(w)
	if rn == regSP && c.spBad {
		c.raise(ecSPAlignment, 0, c.pc)
		return 0, false
	}
	return c.x[rn], true
}
