package x86

import "forkscope/machine/cpu"

// Memory as instructions see it: a segment and an effective address. Each access checks the segment, then the pages; a
// false result means that an exception is pending and that nothing was changed.

// ea is the effective address of op's memory operand.
func (c *CPU) ea(op *Op) uint32 {
	a := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&31) + op.Disp
	if op.Flags&FlagAddr16 != 0 {
		a &= 0xffff
	}
	return a
}

// linear checks n bytes at seg:ea and returns their linear address, or raises #SS(0) or #GP(0).
func (c *CPU) linear(seg uint8, ea, n uint32, write bool) (la uint32, ok bool) {
	s := &c.seg[seg]
	if ea < s.lo || ea > s.hi || s.hi-ea < n-1 || write && !s.write || !write && !s.read {
		if s.flat() {
			return s.base + ea, true // a flat segment wraps
		}
		if seg == segSS {
			return 0, c.raiseErr(excSS, 0)
		}
		return 0, c.raiseErr(excGP, 0)
	}
	return s.base + ea, true
}

func (c *CPU) read8(seg uint8, ea uint32) (uint32, bool) {
	la, ok := c.linear(seg, ea, 1, false)
	if !ok {
		return 0, false
	}
	return c.load8(la)
}

func (c *CPU) read16(seg uint8, ea uint32) (uint32, bool) {
	la, ok := c.linear(seg, ea, 2, false)
	if !ok {
		return 0, false
	}
	return c.load16(la)
}

func (c *CPU) read32(seg uint8, ea uint32) (uint32, bool) {
	la, ok := c.linear(seg, ea, 4, false)
	if !ok {
		return 0, false
	}
	return c.load32(la)
}

func (c *CPU) read64(seg uint8, ea uint32) (uint64, bool) {
	la, ok := c.linear(seg, ea, 8, false)
	if !ok {
		return 0, false
	}
	if v, ok := c.quickRead64(la); ok {
		return v, true
	}
	return c.slowRead(la, 8, c.userBit())
}

// read80 reads an 80-bit floating-point number as significand and sign-exponent.
func (c *CPU) read80(seg uint8, ea uint32) (mant uint64, se uint16, ok bool) {
	la, ok := c.linear(seg, ea, 10, false)
	if !ok || !c.probeLinear(la, 10, 0) {
		return 0, 0, false
	}
	mant, ok = c.load64(la)
	if !ok {
		return 0, 0, false
	}
	hi, ok := c.load16(la + 8)
	return mant, uint16(hi), ok
}

func (c *CPU) read128(seg uint8, ea uint32) (lo, hi uint64, ok bool) {
	la, ok := c.linear(seg, ea, 16, false)
	if !ok {
		return 0, 0, false
	}
	if lo, ok = c.load64(la); !ok {
		return 0, 0, false
	}
	hi, ok = c.load64(la + 8)
	return lo, hi, ok
}

func (c *CPU) write8(seg uint8, ea, v uint32) bool {
	la, ok := c.linear(seg, ea, 1, true)
	return ok && c.store8(la, v)
}

func (c *CPU) write16(seg uint8, ea, v uint32) bool {
	la, ok := c.linear(seg, ea, 2, true)
	return ok && c.store16(la, v)
}

func (c *CPU) write32(seg uint8, ea, v uint32) bool {
	la, ok := c.linear(seg, ea, 4, true)
	return ok && c.store32(la, v)
}

func (c *CPU) write64(seg uint8, ea uint32, v uint64) bool {
	la, ok := c.linear(seg, ea, 8, true)
	return ok && c.store64(la, v)
}

func (c *CPU) write80(seg uint8, ea uint32, mant uint64, se uint16) bool {
	la, ok := c.linear(seg, ea, 10, true)
	return ok && c.probeLinear(la, 10, pfWrite) && c.store64(la, mant) && c.store16(la+8, uint32(se))
}

func (c *CPU) write128(seg uint8, ea uint32, lo, hi uint64) bool {
	la, ok := c.linear(seg, ea, 16, true)
	return ok && c.probeLinear(la, 16, pfWrite) && c.store64(la, lo) && c.store64(la+8, hi)
}

// probe checks that n (at most 4096) bytes at seg:ea can be accessed, so that accesses there cannot fault.
func (c *CPU) probe(seg uint8, ea, n uint32, write bool) bool {
	la, ok := c.linear(seg, ea, n, write)
	if !ok {
		return false
	}
	if write {
		return c.probeLinear(la, n, pfWrite)
	}
	return c.probeLinear(la, n, 0)
}

// probeLinear checks the pages of n bytes at la for an access by the present privilege.
func (c *CPU) probeLinear(la, n, write uint32) bool {
	return c.probeAs(la, n, write|c.userBit())
}

func (c *CPU) probeAs(la, n, access uint32) bool {
	if c.alignCheck && access&pfUser != 0 && n <= 8 && n&(n-1) == 0 && la&(n-1) != 0 {
		return c.raiseErr(excAC, 0)
	}
	if _, ok := c.page(la, access); !ok {
		return false
	}
	if last := la + n - 1; last>>12 != la>>12 {
		_, ok := c.page(last&^0xfff, access)
		return ok
	}
	return true
}

// userBit is pfUser at CPL 3: what the access right checks of paging need to know.
func (c *CPU) userBit() uint32 {
	if c.cpl == 3 {
		return pfUser
	}
	return 0
}

// load and store access linear addresses with the present privilege.

func (c *CPU) load8(la uint32) (uint32, bool) {
	if v, ok := c.quickRead8(la); ok {
		return v, true
	}
	v, ok := c.slowRead(la, 1, c.userBit())
	return uint32(v), ok
}

func (c *CPU) load16(la uint32) (uint32, bool) {
	if v, ok := c.quickRead16(la); ok {
		return v, true
	}
	v, ok := c.slowRead(la, 2, c.userBit())
	return uint32(v), ok
}

func (c *CPU) load32(la uint32) (uint32, bool) {
	if v, ok := c.quickRead32(la); ok {
		return v, true
	}
	v, ok := c.slowRead(la, 4, c.userBit())
	return uint32(v), ok
}

func (c *CPU) load64(la uint32) (uint64, bool) {
	if v, ok := c.quickRead64(la); ok {
		return v, true
	}
	return c.slowRead(la, 8, c.userBit())
}

func (c *CPU) store8(la, v uint32) bool {
	return c.quickWrite8(la, v) || c.slowWrite(la, 1, uint64(v), c.userBit())
}

func (c *CPU) store16(la, v uint32) bool {
	return c.quickWrite16(la, v) || c.slowWrite(la, 2, uint64(v), c.userBit())
}

func (c *CPU) store32(la, v uint32) bool {
	return c.quickWrite32(la, v) || c.slowWrite(la, 4, uint64(v), c.userBit())
}

func (c *CPU) store64(la uint32, v uint64) bool {
	return c.quickWrite64(la, v) || c.slowWrite(la, 8, v, c.userBit())
}

// sysRead and sysWrite are the accesses the processor makes by itself (descriptors, TSS): they count as CPL 0.

func (c *CPU) sysRead(la, size uint32) (uint32, bool) {
	if e := &c.tlbs[0][la>>12&(tlbSize-1)]; e.tag == (la+size-1)|0xfff {
		if size == 4 {
			return c.ramLoad32(la + e.delta), true
		}
		return uint32(c.ramLoad16(la + e.delta)), true
	}
	v, ok := c.slowRead(la, size, 0)
	return uint32(v), ok
}

func (c *CPU) sysWrite(la, size, v uint32) bool { return c.slowWrite(la, size, uint64(v), 0) }

// slowRead reads size bytes (1 to 8) at la through the page tables, with pfUser or 0 in access. It enters the page in the TLB when
// the fast path may have it.
func (c *CPU) slowRead(la, size, access uint32) (uint64, bool) {
	if c.alignCheck && access != 0 && la&(size-1) != 0 {
		return 0, c.raiseErr(excAC, 0)
	}
	first := 0x1000 - la&0xfff
	if size <= first {
		pa, ok := c.page(la, access)
		if !ok {
			return 0, false
		}
		return c.readPage(la, pa, size, access), true
	}
	// Both pages before either: a device must not be read by an instruction that then faults.
	pa, ok := c.page(la, access)
	if !ok {
		return 0, false
	}
	leaf := c.leaf
	pa2, ok := c.page(la+first, access)
	if !ok {
		return 0, false
	}
	leaf2 := c.leaf
	var v uint64
	for i := range size {
		p := pa + uint64(i)
		c.leaf = leaf
		if i >= first {
			p = pa2 + uint64(i-first)
			c.leaf = leaf2
		}
		v |= c.readPage(la+i, p, 1, access) << (8 * i)
	}
	return v, true
}

// readPage reads an operand that lies in one page.
func (c *CPU) readPage(la uint32, pa uint64, size, access uint32) uint64 {
	watched := c.watchAccess(la, size, cpu.WatchRead)
	off := pa - uint64(c.ramBase)
	if off < uint64(c.ramSize) {
		if !watched {
			c.enterTLB(access>>1&2, la, uint32(off), c.leaf)
		}
		switch size {
		case 1:
			return uint64(c.ramLoad8(uint32(off)))
		case 2:
			return uint64(c.ramLoad16(uint32(off)))
		case 4:
			return uint64(c.ramLoad32(uint32(off)))
		}
		return c.ramLoad64(uint32(off))
	}
	c.sync()
	c.stop = true
	v, ok := c.bus.ReadMMIO(pa, int(size))
	if !ok {
		v = ^uint64(0)
	}
	if size < 8 {
		v &= 1<<(8*size) - 1
	}
	return v
}

// slowWrite writes size bytes (1 to 8) at la through the page tables; all of them or none.
func (c *CPU) slowWrite(la, size uint32, v uint64, access uint32) bool {
	if c.alignCheck && access != 0 && la&(size-1) != 0 {
		return c.raiseErr(excAC, 0)
	}
	access |= pfWrite
	first := 0x1000 - la&0xfff
	pa, ok := c.page(la, access)
	if !ok {
		return false
	}
	if size <= first {
		c.writePage(la, pa, size, v, access)
		return true
	}
	leaf := c.leaf
	pa2, ok := c.page(la+first, access)
	if !ok {
		return false
	}
	leaf2 := c.leaf
	for i := range size {
		p := pa + uint64(i)
		c.leaf = leaf
		if i >= first {
			p = pa2 + uint64(i-first)
			c.leaf = leaf2
		}
		c.writePage(la+i, p, 1, v>>(8*i), access)
	}
	return true
}

func (c *CPU) writePage(la uint32, pa uint64, size uint32, v uint64, access uint32) {
	watched := c.watchAccess(la, size, cpu.WatchWrite)
	off := pa - uint64(c.ramBase)
	if off < uint64(c.ramSize) {
		off := uint32(off)
		if off-c.romOffset < c.romSize {
			return
		}
		c.mem.MarkDirty(pa) // also for the stores that come by way of the TLB
		switch size {
		case 1:
			c.ramStore8(off, uint8(v))
		case 2:
			c.ramStore16(off, uint16(v))
		case 4:
			c.ramStore32(off, uint32(v))
		default:
			c.ramStore64(off, v)
		}
		if !watched {
			c.cacheStore(access>>1&2, la, off)
		}
		if c.mem.IsCode(pa) {
			c.code.Wrote(pa, uint64(size))
		}
		return
	}
	c.sync()
	c.stop = true
	c.bus.WriteMMIO(pa, int(size), v)
}

// cacheStore enters the page of a store by user (2) or not (0) in the TLBs for loads and for stores. With code in the page, stores keep to the slow path,
// but walk no tables.
func (c *CPU) cacheStore(user, la, off uint32) {
	e := &c.tlbs[user|1][la>>12&(tlbSize-1)]
	isCode := c.mem.IsCode(uint64(c.ramBase + off))
	if e.tag|1 != la|0xfff || !isCode {
		c.enterTLB(user, la, off, c.leaf)
		c.enterTLB(user|1, la, off, c.leaf)
	}
	if isCode {
		e.tag &^= 1
	}
}

// watchAccess tells the debugger's watchpoints of an access. It returns true when the page must stay on the slow path.
func (c *CPU) watchAccess(la, size uint32, kind cpu.WatchKind) bool {
	if c.dr[7]&0xff != 0 && c.guestWatch(la, size, kind) {
		return true
	}
	if !c.watched.Page(uint64(la)) {
		return false
	}
	if !c.watch.hit && !c.watch.off {
		if w, addr, ok := c.watched.Hit(uint64(la), uint64(size), kind); ok {
			c.watch.hit, c.watch.point, c.watch.addr = true, w, addr
			c.stop = true
		}
	}
	return true
}
