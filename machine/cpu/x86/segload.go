package x86

// realMode says whether segment registers are loaded with paragraphs: real mode and virtual-8086 mode.
func (c *CPU) realOrV86() bool { return c.cr0&cr0PE == 0 || c.eflags&flagVM != 0 }

func isNull(sel uint16) bool { return sel&^3 == 0 }

// descriptor reads the descriptor that sel selects and its linear address. Outside the table it raises vector with the
// selector (and ext, the EXT bit) as error code.
func (c *CPU) descriptor(sel uint16, vector uint8, ext uint32) (lo, hi uint32, la uint64, ok bool) {
	base, limit := c.gdt.base, c.gdt.limit
	if sel&4 != 0 {
		base, limit = c.ldt.base, c.ldt.limit
		if c.ldt.attr&attrPresent == 0 || isNull(c.ldt.sel) {
			return 0, 0, 0, c.raiseErr(vector, uint32(sel&^3)|ext)
		}
	}
	offset := uint32(sel &^ 7)
	if offset+7 > limit {
		return 0, 0, 0, c.raiseErr(vector, uint32(sel&^3)|ext)
	}
	la = base + uint64(offset)
	if lo, ok = c.sysRead(la, 4); !ok {
		return 0, 0, 0, false
	}
	hi, ok = c.sysRead(la+4, 4)
	return lo, hi, la, ok
}

// markAccessed sets the accessed bit of a code or data descriptor in memory.
func (c *CPU) markAccessed(hi uint32, la uint64) bool {
	if hi&attrAccessed != 0 {
		return true
	}
	return c.sysWrite(la+4, 4, hi|attrAccessed)
}

// newSegment builds a segment register from a descriptor.
func newSegment(sel uint16, lo, hi uint32) segment {
	s := segment{sel: sel}
	s.setDescriptor(lo, hi|attrAccessed)
	return s
}

// long reports whether the CPU is in long mode: 64-bit mode or compatibility mode.
func (c *CPU) long() bool { return c.efer&eferLMA != 0 }

// upperBase reads the upper half of the base that a system descriptor at la has in long mode.
func (c *CPU) upperBase(s *segment, la uint64) bool {
	if !c.long() {
		return true
	}
	upper, ok := c.sysRead(la+8, 4)
	s.base |= uint64(upper) << 32
	return ok && (canonical(s.base) || c.raiseErr(excGP, uint32(s.sel&^3)))
}

func dplOf(hi uint32) uint8 { return uint8(hi >> attrDPLShift & 3) }

// isCode and isData classify descriptors.
func isCode(hi uint32) bool { return hi&(attrS|attrCode) == attrS|attrCode }
func isWritableData(hi uint32) bool {
	return hi&(attrS|attrCode|attrRW) == attrS|attrRW
}
func isConforming(hi uint32) bool { return hi&attrDC != 0 }

// setSegReal loads a segment register as in real or virtual-8086 mode. Limit and size stay as they were in real mode.
func (c *CPU) setSegReal(n uint8, sel uint16) {
	s := &c.seg[n]
	s.sel, s.base = sel, uint64(sel)<<4
	if c.eflags&flagVM != 0 {
		s.limit = 0xffff
		s.attr = attrPresent | attrS | typeDataRW | attrAccessed | 3<<attrDPLShift
	} else {
		s.attr = s.attr&(attrDB|attrG) | attrPresent | attrS | typeDataRW | attrAccessed
	}
	s.update()
	c.updateMode()
}

// setBase changes the base of a segment alone.
func (c *CPU) setBase(n uint8, base uint64) {
	c.seg[n].base, c.seg[n].start = base, base
	c.updateMode()
}

// loadSeg loads ES, SS, DS, FS or GS with all checks (SDM vol. 2, MOV). Nothing changes when it returns false.
func (c *CPU) loadSeg(n uint8, sel uint16) bool {
	if c.realOrV86() {
		c.setSegReal(n, sel)
		return true
	}
	s, ok := c.checkSeg(n, sel, c.cpl, excGP)
	if !ok {
		return false
	}
	c.seg[n] = s
	c.updateMode()
	return true
}

// checkSeg checks the selector of a data or stack segment for use at privilege cpl. Bad selectors raise vector
// (#GP, or #TS in a task switch).
func (c *CPU) checkSeg(n uint8, sel uint16, cpl uint8, vector uint8) (segment, bool) {
	return c.checkSegFor(c.mode, n, sel, cpl, vector)
}

// checkSegFor is checkSeg for code of mode m: 64-bit code of the kernel may have a null SS.
func (c *CPU) checkSegFor(m mode, n uint8, sel uint16, cpl uint8, vector uint8) (segment, bool) {
	if isNull(sel) {
		if n == segSS && (m&mode64 == 0 || cpl == 3 || uint8(sel) != cpl) {
			return segment{}, c.raiseErr(vector, 0)
		}
		s := segment{sel: sel}
		s.update()
		return s, true
	}
	lo, hi, la, ok := c.descriptor(sel, vector, 0)
	if !ok {
		return segment{}, false
	}
	code := uint32(sel &^ 3)
	rpl := uint8(sel & 3)
	if n == segSS {
		if rpl != cpl || dplOf(hi) != cpl || !isWritableData(hi) {
			return segment{}, c.raiseErr(vector, code)
		}
		if hi&attrPresent == 0 {
			return segment{}, c.raiseErr(excSS, code)
		}
	} else {
		if hi&attrS == 0 || hi&(attrCode|attrRW) == attrCode {
			return segment{}, c.raiseErr(vector, code)
		}
		if (!isCode(hi) || !isConforming(hi)) && (rpl > dplOf(hi) || cpl > dplOf(hi)) {
			return segment{}, c.raiseErr(vector, code)
		}
		if hi&attrPresent == 0 {
			return segment{}, c.raiseErr(excNP, code)
		}
	}
	if !c.markAccessed(hi, la) {
		return segment{}, false
	}
	return newSegment(sel, lo, hi), true
}

func execMOVFromSeg(c *CPU, op *Op) bool {
	n := op.Reg & 7 // REX.R does not count
	if n > segGS {
		return c.raise(excUD)
	}
	v := uint64(c.seg[n].sel)
	if op.Flags&FlagMem != 0 {
		return c.setRMSize(op, v, 2)
	}
	return c.setRM(op, v)
}

func execMOVToSeg(c *CPU, op *Op) bool {
	n := op.Reg & 7
	if n > segGS || n == segCS {
		return c.raise(excUD)
	}
	v, ok := c.rmSize(op, 2)
	if !ok || !c.loadSeg(n, uint16(v)) {
		return false
	}
	if n == segSS {
		c.shadow = shadowSS
	}
	return true
}

func execPOPSeg(c *CPU, op *Op) bool {
	v, ok := c.peek(0, 2) // never more than the selector
	if !ok {
		return false
	}
	m := c.stackMask() // of the old stack segment
	if !c.loadSeg(op.Sub, uint16(v)) {
		return false
	}
	c.r[regESP] = c.r[regESP]&^m | (c.r[regESP]+uint64(op.Size))&m
	if op.Sub == segSS {
		c.shadow = shadowSS
	}
	return true
}

// execLoadFar is LES, LDS, LSS, LFS and LGS.
func execLoadFar(c *CPU, op *Op) bool {
	ea := c.ea(op)
	v, ok := c.read(op.Seg, ea, op.Size)
	if !ok {
		return false
	}
	sel, ok := c.read16(op.Seg, ea+uint64(op.Size))
	if !ok || !c.loadSeg(op.Sub, uint16(sel)) {
		return false
	}
	c.setReg(op.Reg, op.Size, v)
	return true
}

// visible looks up a descriptor for LAR, LSL, VERR and VERW: ok is false when the selector cannot be used, which is no fault;
// fault is true when an exception is pending.
func (c *CPU) visible(sel uint16) (lo, hi uint32, ok, fault bool) {
	if isNull(sel) {
		return 0, 0, false, false
	}
	saved := c.exc
	lo, hi, _, found := c.descriptor(sel, excGP, 0)
	if !found {
		if c.exc.vector == excGP {
			c.exc = saved
			return 0, 0, false, false
		}
		return 0, 0, false, true
	}
	if !isCode(hi) || !isConforming(hi) {
		if d := dplOf(hi); c.cpl > d || uint8(sel&3) > d {
			return 0, 0, false, false
		}
	}
	return lo, hi, true, false
}

func (c *CPU) setZF(on bool) {
	f := c.arith() &^ flagZF
	if on {
		f |= flagZF
	}
	c.setArith(f)
}

// execLAR is LAR and LSL.
func execLAR(c *CPU, op *Op) bool {
	if c.realOrV86() {
		return c.raise(excUD)
	}
	sel, ok := c.rmSize(op, 2)
	if !ok {
		return false
	}
	lo, hi, ok, fault := c.visible(uint16(sel))
	if fault {
		return false
	}
	if ok && hi&attrS == 0 {
		switch hi & attrTypeMask {
		case sysLDT, sysTSS32, sysTSS32Busy:
		case sysTSS16, sysTSS16Busy:
			ok = !c.long()
		case sysCall32:
			ok = op.Cold == kLAR
		case sysCall16, sysTaskGate:
			ok = op.Cold == kLAR && !c.long()
		default:
			ok = false
		}
	}
	c.setZF(ok)
	if !ok {
		return true
	}
	v := hi & 0x00ffff00 // the limit's high bits come along, on processors too
	if op.Cold == kLSL {
		s := segment{}
		s.setDescriptor(lo, hi)
		v = s.limit
	}
	c.setReg(op.Reg, op.Size, uint64(v))
	return true
}

// execVERR is VERR and VERW.
func execVERR(c *CPU, op *Op) bool {
	if c.realOrV86() {
		return c.raise(excUD)
	}
	sel, ok := c.rmSize(op, 2)
	if !ok {
		return false
	}
	_, hi, ok, fault := c.visible(uint16(sel))
	if fault {
		return false
	}
	ok = ok && hi&attrS != 0
	if op.Cold == kVERR {
		ok = ok && hi&(attrCode|attrRW) != attrCode
	} else {
		ok = ok && isWritableData(hi)
	}
	c.setZF(ok)
	return true
}

func execARPL(c *CPU, op *Op) bool {
	if c.realOrV86() {
		return c.raise(excUD)
	}
	dst, ok := c.rm(op)
	if !ok {
		return false
	}
	rpl := c.reg(op.Reg, 2) & 3
	lower := dst&3 < rpl
	if lower && !c.setRM(op, dst&^3|rpl) {
		return false
	}
	c.setZF(lower)
	return true
}

func init() {
	def(kMOVFromSeg, "mov.sreg", 0, execMOVFromSeg)
	def(kMOVToSeg, "mov.to.sreg", 0, execMOVToSeg)
	def(kPOPSeg, "pop.sreg", 0, execPOPSeg)
	def(kLoadFar, "lds", 0, execLoadFar)
	def(kLAR, "lar", 0, execLAR)
	def(kLSL, "lsl", 0, execLAR)
	def(kVERR, "verr", 0, execVERR)
	def(kVERW, "verw", 0, execVERR)
	def(kARPL, "arpl", 0, execARPL)
}
