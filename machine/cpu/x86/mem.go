package x86

import "forkscope/machine/cpu"

// Memory as instructions see it: a segment and an effective address. Each access checks the segment, then the pages; a
// false result means that an exception is pending and that nothing was changed.

// ea is the effective address of op's memory operand.
func (c *CPU) ea(op *Op) uint64 {
	if op.Flags&FlagAddr32 != 0 {
		return uint64(*lower(&c.r[op.Base&31]) + *lower(&c.r[op.Index&31])<<(op.Scale&31) + op.Disp)
	}
	return (c.r[op.Base&31] + c.r[op.Index&31]<<(op.Scale&63) + uint64(int32(op.Disp))) & op.addressMask()
}

// linear checks n bytes at seg:ea and returns their linear address, or raises #SS(0) or #GP(0).
func (c *CPU) linear(seg uint8, ea, n uint64, write bool) (la uint64, ok bool) {
	s := &c.seg[seg]
	la = (s.start + ea) & c.mask
	if s.allows(ea, n, write) || s.flat() { // a flat segment wraps
		if canonical(la) && canonical(la+n-1) {
			return la, true
		}
	}
	if seg == segSS {
		return 0, c.raiseErr(excSS, 0)
	}
	return 0, c.raiseErr(excGP, 0)
}

func (c *CPU) read16(seg uint8, ea uint64) (uint32, bool) {
	la, ok := c.linear(seg, ea, 2, false)
	if !ok {
		return 0, false
	}
	return c.load16(la)
}

func (c *CPU) read32(seg uint8, ea uint64) (uint32, bool) {
	la, ok := c.linear(seg, ea, 4, false)
	if !ok {
		return 0, false
	}
	return c.load32(la)
}

func (c *CPU) read64(seg uint8, ea uint64) (uint64, bool) {
	la, ok := c.linear(seg, ea, 8, false)
	if !ok {
		return 0, false
	}
	return c.load64(la)
}

// read80 reads an 80-bit floating-point number as significand and sign-exponent.
func (c *CPU) read80(seg uint8, ea uint64) (mant uint64, se uint16, ok bool) {
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

func (c *CPU) read128(seg uint8, ea uint64) (lo, hi uint64, ok bool) {
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

func (c *CPU) write8(seg uint8, ea uint64, v uint32) bool {
	la, ok := c.linear(seg, ea, 1, true)
	return ok && c.store8(la, v)
}

func (c *CPU) write16(seg uint8, ea uint64, v uint32) bool {
	la, ok := c.linear(seg, ea, 2, true)
	return ok && c.store16(la, v)
}

func (c *CPU) write32(seg uint8, ea uint64, v uint32) bool {
	la, ok := c.linear(seg, ea, 4, true)
	return ok && c.store32(la, v)
}

func (c *CPU) write64(seg uint8, ea uint64, v uint64) bool {
	la, ok := c.linear(seg, ea, 8, true)
	return ok && c.store64(la, v)
}

func (c *CPU) write80(seg uint8, ea uint64, mant uint64, se uint16) bool {
	la, ok := c.linear(seg, ea, 10, true)
	return ok && c.probeLinear(la, 10, pfWrite) && c.store64(la, mant) && c.store16(la+8, uint32(se))
}

func (c *CPU) write128(seg uint8, ea uint64, lo, hi uint64) bool {
	la, ok := c.linear(seg, ea, 16, true)
	return ok && c.probeLinear(la, 16, pfWrite) && c.store64(la, lo) && c.store64(la+8, hi)
}

// probe checks that n (at most 4096) bytes at seg:ea can be accessed, so that accesses there cannot fault.
func (c *CPU) probe(seg uint8, ea, n uint64, write bool) bool {
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
func (c *CPU) probeLinear(la, n uint64, write uint32) bool {
	return c.probeAs(la, n, write|c.userBit())
}

func (c *CPU) probeAs(la, n uint64, access uint32) bool {
	if c.alignCheck && access&pfUser != 0 && n <= 8 && n&(n-1) == 0 && la&(n-1) != 0 {
		return c.raiseErr(excAC, 0)
	}
	if _, ok := c.page(c.wrap(la), access); !ok {
		return false
	}
	if last := la + n - 1; last>>12 != la>>12 {
		_, ok := c.page(c.wrap(last)&^0xfff, access)
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

func (c *CPU) load8(la uint64) (uint32, bool) {
	if v, ok := c.quickRead8(la); ok {
		return v, true
	}
	v, ok := c.slowRead(la, 1, c.userBit())
	return uint32(v), ok
}

func (c *CPU) load16(la uint64) (uint32, bool) {
	if v, ok := c.quickRead16(la); ok {
		return v, true
	}
	v, ok := c.slowRead(la, 2, c.userBit())
	return uint32(v), ok
}

func (c *CPU) load32(la uint64) (uint32, bool) {
	if v, ok := c.quickRead32(la); ok {
		return v, true
	}
	v, ok := c.slowRead(la, 4, c.userBit())
	return uint32(v), ok
}

func (c *CPU) load64(la uint64) (uint64, bool) {
	if v, ok := c.quickRead64(la); ok {
		return v, true
	}
	return c.slowRead(la, 8, c.userBit())
}

func (c *CPU) store8(la uint64, v uint32) bool {
	return c.quickWrite8(la, v) || c.slowWrite(la, 1, uint64(v), c.userBit())
}

func (c *CPU) store16(la uint64, v uint32) bool {
	return c.quickWrite16(la, v) || c.slowWrite(la, 2, uint64(v), c.userBit())
}

func (c *CPU) store32(la uint64, v uint32) bool {
	return c.quickWrite32(la, v) || c.slowWrite(la, 4, uint64(v), c.userBit())
}

func (c *CPU) store64(la, v uint64) bool {
	return c.quickWrite64(la, v) || c.slowWrite(la, 8, v, c.userBit())
}

// loadSize and storeSize are the same for an operand of size 1, 2, 4 or 8.

func (c *CPU) loadSize(la uint64, size uint8) (uint64, bool) {
	e := &c.rd[la>>12%tlbSize]
	if e.tag == (la+uint64(size)-1)|0xfff {
		return c.ramLoad(la+e.delta, size), true
	}
	return c.slowRead(la, uint64(size), c.userBit())
}

func (c *CPU) storeSize(la, v uint64, size uint8) bool {
	e := &c.wr[la>>12%tlbSize]
	if e.tag == (la+uint64(size)-1)|0xfff {
		c.ramStore(la+e.delta, v, size)
		return true
	}
	return c.slowWrite(la, uint64(size), v, c.userBit())
}

// sysRead and sysWrite are the accesses the processor makes by itself (descriptors, TSS): they count as CPL 0.

func (c *CPU) sysRead(la, size uint64) (uint32, bool) {
	if e := &c.tlbs[0][la>>12&(tlbSize-1)]; e.tag == (la+size-1)|0xfff {
		return uint32(c.ramLoad(la+e.delta, uint8(size))), true
	}
	v, ok := c.slowRead(la, size, 0)
	return uint32(v), ok
}

func (c *CPU) sysWrite(la, size uint64, v uint32) bool { return c.slowWrite(la, size, uint64(v), 0) }

// wrap cuts a linear address to 32 bits outside of long mode.
func (c *CPU) wrap(la uint64) uint64 {
	if c.efer&eferLMA == 0 {
		return uint64(uint32(la))
	}
	return la
}

// slowRead reads size bytes (1 to 8) at la through the page tables, with pfUser or 0 in access. It enters the page in the TLB when
// the fast path may have it.
func (c *CPU) slowRead(la, size uint64, access uint32) (uint64, bool) {
	if c.alignCheck && access != 0 && la&(size-1) != 0 {
		return 0, c.raiseErr(excAC, 0)
	}
	la = c.wrap(la)
	first := 0x1000 - la&0xfff
	pa, ok := c.page(la, access)
	if !ok {
		return 0, false
	}
	if size <= first {
		return c.readPage(la, pa, size, access), true
	}
	// Both pages before either: a device must not be read by an instruction that then faults.
	leaf, la2 := c.leaf, c.wrap(la+first)
	pa2, ok := c.page(la2, access)
	if !ok {
		return 0, false
	}
	leaf2 := c.leaf
	var v uint64
	c.leaf = leaf
	for i := range first {
		v |= c.readPage(la+i, pa+i, 1, access) << (8 * i)
	}
	c.leaf = leaf2
	for i := range size - first {
		v |= c.readPage(la2+i, pa2+i, 1, access) << (8 * (first + i))
	}
	return v, true
}

// readPage reads an operand that lies in one page.
func (c *CPU) readPage(la, pa, size uint64, access uint32) uint64 {
	watched := c.watchAccess(la, size, cpu.WatchRead)
	off := pa - uint64(c.ramBase)
	if off < uint64(c.ramSize) {
		if !watched {
			c.enterTLB(c.dataTLB(access), la, off, c.leaf)
		}
		return c.ramLoad(off, uint8(size))
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
func (c *CPU) slowWrite(la, size, v uint64, access uint32) bool {
	if c.alignCheck && access != 0 && la&(size-1) != 0 {
		return c.raiseErr(excAC, 0)
	}
	access |= pfWrite
	la = c.wrap(la)
	first := 0x1000 - la&0xfff
	pa, ok := c.page(la, access)
	if !ok {
		return false
	}
	if size <= first {
		c.writePage(la, pa, size, v, access)
		return true
	}
	leaf, la2 := c.leaf, c.wrap(la+first)
	pa2, ok := c.page(la2, access)
	if !ok {
		return false
	}
	leaf2 := c.leaf
	c.leaf = leaf
	for i := range first {
		c.writePage(la+i, pa+i, 1, v>>(8*i), access)
	}
	c.leaf = leaf2
	for i := range size - first {
		c.writePage(la2+i, pa2+i, 1, v>>(8*(first+i)), access)
	}
	return true
}

func (c *CPU) writePage(la, pa, size, v uint64, access uint32) {
	watched := c.watchAccess(la, size, cpu.WatchWrite)
	off := pa - uint64(c.ramBase)
	if off < uint64(c.ramSize) {
		if uint32(off)-c.romOffset < c.romSize {
			return
		}
		c.mem.MarkDirty(pa) // also for the stores that come by way of the TLB
		c.ramStore(off, v, uint8(size))
		if !watched {
			c.cacheStore(c.dataTLB(access)&^1, la, off)
		}
		if c.mem.IsCode(pa) {
			c.code.Wrote(pa, size)
		}
		return
	}
	c.sync()
	c.stop = true
	c.bus.WriteMMIO(pa, int(size), v)
}

// cacheStore enters the page of a store in TLB number k, for loads, and in the one behind it, for stores. With code in the page, stores keep to the slow path,
// but walk no tables.
func (c *CPU) cacheStore(k uint32, la, off uint64) {
	e := &c.tlb(k | 1)[la>>12&(tlbSize-1)]
	isCode := c.mem.IsCode(uint64(c.ramBase) + off)
	if e.tag|1 != la|0xfff || !isCode {
		c.enterTLB(k, la, off, c.leaf)
		c.enterTLB(k|1, la, off, c.leaf)
	}
	if isCode {
		e.tag &^= 1
	}
}

// watchAccess tells the debugger's watchpoints of an access. It returns true when the page must stay on the slow path.
func (c *CPU) watchAccess(la, size uint64, kind cpu.WatchKind) bool {
	if c.dr[7]&0xff != 0 && c.guestWatch(la, size, kind) {
		return true
	}
	if !c.watched.Page(la) {
		return false
	}
	if !c.watch.hit && !c.watch.off {
		if w, addr, ok := c.watched.Hit(la, size, kind); ok {
			c.watch.hit, c.watch.point, c.watch.addr = true, w, addr
			c.stop = true
		}
	}
	return true
}
