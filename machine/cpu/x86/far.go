package x86

// Far transfers of control (SDM vol. 3 §5.8).

// pushAll writes items below sp on the stack segment ss, the first one highest, with the access rights of access (pfUser or 0).
// All are checked before any is written. A limit violation raises #SS with code. It returns the new stack pointer.
func (c *CPU) pushAll(ss *segment, sp uint64, items []uint64, size uint8, access, code uint32) (uint64, bool) {
	mask := uint64(0xffff)
	switch {
	case ss.hi == ^uint64(0): // of 64-bit mode
		mask = ss.hi
	case ss.attr&attrDB != 0:
		mask = 0xffffffff
	}
	n := uint64(size)
	for i := range items {
		ea := (sp - uint64(i+1)*n) & mask
		if !ss.allows(ea, n, true) && !ss.flat() || !canonical(ea) || !canonical(ea+n-1) {
			return 0, c.raiseErr(excSS, code)
		}
		if !c.probeAs(ss.start+ea, n, access|pfWrite) {
			return 0, false
		}
	}
	for _, v := range items {
		sp -= n
		c.slowWrite(ss.start+sp&mask, n, v, access)
	}
	return sp, true
}

// target is a checked destination of a far transfer.
type target struct {
	cs  segment
	ip  uint64
	la  uint64 // of the descriptor, and its high word
	hi  uint32
	cpl uint8
}

// codeTarget reads the descriptor of a code selector. It must be code, else #GP.
func (c *CPU) codeTarget(sel uint16, ip uint64, ext uint32) (t target, ok bool) {
	if isNull(sel) {
		return t, c.raiseErr(excGP, ext)
	}
	lo, hi, la, ok := c.descriptor(sel, excGP, ext)
	if !ok {
		return t, false
	}
	if !isCode(hi) {
		return t, c.raiseErr(excGP, uint32(sel&^3)|ext)
	}
	t = target{cs: newSegment(sel, lo, hi), ip: ip, la: la, hi: hi}
	if c.long() && hi&attrL != 0 {
		if hi&attrDB != 0 {
			return t, c.raiseErr(excGP, uint32(sel&^3)|ext)
		}
		t.cs.update64(false)
	}
	return t, true
}

// mode is that of code in the target.
func (t *target) mode() mode {
	if t.cs.hi == ^uint64(0) {
		return mode64
	}
	return 0
}

// present raises #NP when the target is not.
func (c *CPU) present(t *target, ext uint32) bool {
	return t.hi&attrPresent != 0 || c.raiseErr(excNP, uint32(t.cs.sel&^3)|ext)
}

// within raises #GP(0) when the instruction pointer is outside the target.
func (c *CPU) within(t *target, ext uint32) bool {
	if t.ip > t.cs.hi || !canonical(t.ip) {
		return c.raiseErr(excGP, ext)
	}
	return true
}

// enter makes t the running code at t.cpl.
func (c *CPU) enter(t *target) bool {
	if !c.markAccessed(t.hi, t.la) {
		return false
	}
	c.seg[segCS] = t.cs
	c.seg[segCS].sel = t.cs.sel&^3 | uint16(t.cpl)
	c.ip = t.ip
	c.setCPL(t.cpl)
	return true
}

// farDirect checks a JMP or CALL straight to a code segment: it never changes the privilege.
func (c *CPU) farDirect(sel uint16, ip uint64) (t target, ok bool) {
	t, ok = c.codeTarget(sel, ip, 0)
	if !ok {
		return t, false
	}
	dpl, rpl := dplOf(t.hi), uint8(sel&3)
	if isConforming(t.hi) && dpl > c.cpl || !isConforming(t.hi) && (rpl > c.cpl || dpl != c.cpl) {
		return t, c.raiseErr(excGP, uint32(sel&^3))
	}
	t.cpl = c.cpl
	return t, c.present(&t, 0)
}

// farTransfer is JMP or CALL to sel:offset.
func (c *CPU) farTransfer(sel uint16, offset uint64, size uint8, call bool) bool {
	offset &= sizeMask(size)
	if c.realOrV86() {
		if offset > c.seg[segCS].hi {
			return c.raiseErr(excGP, 0)
		}
		if call {
			items := []uint64{uint64(c.seg[segCS].sel), c.ip}
			sp, ok := c.pushAll(&c.seg[segSS], c.r[regESP], items, size, c.userBit(), 0)
			if !ok {
				return false
			}
			c.setSP(sp)
		}
		c.setSegReal(segCS, sel)
		c.ip = offset
		return true
	}
	if isNull(sel) {
		return c.raiseErr(excGP, 0)
	}
	lo, hi, _, ok := c.descriptor(sel, excGP, 0)
	if !ok {
		return false
	}
	if hi&attrS != 0 {
		t, ok := c.farDirect(sel, offset)
		if !ok {
			return false
		}
		if call {
			items := []uint64{uint64(c.seg[segCS].sel), c.ip}
			sp, ok := c.pushAll(&c.seg[segSS], c.r[regESP], items, size, c.userBit(), 0)
			// The offset is looked at after the pushes, as processors do.
			if !ok || !c.within(&t, 0) || !c.enter(&t) {
				return false
			}
			c.setSP(sp)
			return true
		}
		return c.within(&t, 0) && c.enter(&t)
	}
	if dplOf(hi) < c.cpl || dplOf(hi) < uint8(sel&3) {
		return c.raiseErr(excGP, uint32(sel&^3))
	}
	if c.long() {
		return c.callGateLong(sel, hi, call)
	}
	switch hi & attrTypeMask {
	case sysCall16, sysCall32:
		if hi&attrPresent == 0 {
			return c.raiseErr(excNP, uint32(sel&^3))
		}
		return c.callGate(lo, hi, call)
	case sysTaskGate:
		if hi&attrPresent == 0 {
			return c.raiseErr(excNP, uint32(sel&^3))
		}
		return c.switchTask(uint16(lo>>16), switchKind(call), nil)
	case sysTSS16, sysTSS32:
		return c.switchTask(sel, switchKind(call), nil)
	}
	return c.raiseErr(excGP, uint32(sel&^3))
}

// callGate goes through a call gate, perhaps to a more privileged stack (SDM vol. 3 §5.8.4, §5.8.5).
func (c *CPU) callGate(lo, hi uint32, call bool) bool {
	size := uint8(2)
	offset := lo & 0xffff
	if hi&attrTypeMask == sysCall32 {
		size = 4
		offset |= hi & 0xffff0000
	}
	sel := uint16(lo >> 16)
	t, ok := c.codeTarget(sel, uint64(offset), 0)
	if !ok {
		return false
	}
	dpl := dplOf(t.hi)
	if dpl > c.cpl || !call && !isConforming(t.hi) && dpl != c.cpl {
		return c.raiseErr(excGP, uint32(sel&^3))
	}
	t.cpl = c.cpl
	if !c.present(&t, 0) || !c.within(&t, 0) {
		return false
	}
	if !call {
		return c.enter(&t)
	}
	ret := []uint64{uint64(c.seg[segCS].sel), c.ip}
	if isConforming(t.hi) || dpl == c.cpl {
		sp, ok := c.pushAll(&c.seg[segSS], c.r[regESP], ret, size, c.userBit(), 0)
		if !ok || !c.enter(&t) {
			return false
		}
		c.setSP(sp)
		return true
	}
	ss, esp, ok := c.innerStack(dpl, 0)
	if !ok {
		return false
	}
	items := []uint64{uint64(c.seg[segSS].sel), c.r[regESP]}
	for i := hi & 31; i > 0; i-- {
		v, ok := c.peek(uint64(i-1)*uint64(size), size)
		if !ok {
			return false
		}
		items = append(items, v)
	}
	items = append(items, ret...)
	sp, ok := c.pushAll(&ss, esp, items, size, 0, uint32(ss.sel&^3))
	if !ok {
		return false
	}
	t.cpl = dpl
	if !c.enter(&t) {
		return false
	}
	c.setStack(ss, sp)
	return true
}

// setStack switches to another stack. The bits of ESP that a 16-bit stack does not use stay as they were, whichever way the switch goes:
// by a return they are what kernels know as the leak of their stack pointer.
func (c *CPU) setStack(ss segment, sp uint64) {
	c.seg[segSS] = ss
	c.setSP(sp)
	c.updateMode()
}

// innerStack reads the stack of privilege dpl from the TSS.
func (c *CPU) innerStack(dpl uint8, ext uint32) (ss segment, sp uint64, ok bool) {
	tss32 := c.tr.attr&attrTypeMask == sysTSS32Busy
	at, n := uint32(dpl)*4+2, uint32(2)
	if tss32 {
		at, n = uint32(dpl)*8+4, 4
	}
	if at+n+1 > c.tr.limit {
		return ss, 0, c.raiseErr(excTS, uint32(c.tr.sel&^3)|ext)
	}
	esp, ok := c.sysRead(c.tr.base+uint64(at), uint64(n))
	if !ok {
		return ss, 0, false
	}
	v, ok := c.sysRead(c.tr.base+uint64(at+n), 2)
	if !ok {
		return ss, 0, false
	}
	sel := uint16(v)
	if isNull(sel) {
		return ss, 0, c.raiseErr(excTS, ext)
	}
	lo, hi, la, ok := c.descriptor(sel, excTS, ext)
	if !ok {
		return ss, 0, false
	}
	if uint8(sel&3) != dpl || dplOf(hi) != dpl || !isWritableData(hi) {
		return ss, 0, c.raiseErr(excTS, uint32(sel&^3)|ext)
	}
	if hi&attrPresent == 0 {
		return ss, 0, c.raiseErr(excSS, uint32(sel&^3)|ext)
	}
	if !c.markAccessed(hi, la) {
		return ss, 0, false
	}
	return newSegment(sel, lo, hi), uint64(esp), true
}

func execJMPFar(c *CPU, op *Op) bool {
	return c.farTransfer(uint16(op.Imm2), uint64(op.Imm), op.Size, op.Cold == kCALLFar)
}

func execJMPFarMem(c *CPU, op *Op) bool {
	ea := c.ea(op)
	offset, ok := c.read(op.Seg, ea, op.Size)
	if !ok {
		return false
	}
	sel, ok := c.read16(op.Seg, ea+uint64(op.Size))
	return ok && c.farTransfer(uint16(sel), offset, op.Size, op.Cold == kCALLFarMem)
}

func execRETF(c *CPU, op *Op) bool {
	size := uint64(op.Size)
	v, ok := c.peek(size, 2) // the selector first, and no more of it: that is how processors fault
	if !ok {
		return false
	}
	ip, ok := c.peek(0, op.Size)
	if !ok {
		return false
	}
	sel := uint16(v)
	if c.realOrV86() {
		if ip > c.seg[segCS].hi {
			return c.raiseErr(excGP, 0)
		}
		c.setSP(c.r[regESP] + 2*size + uint64(op.Imm2))
		c.setSegReal(segCS, sel)
		c.ip = ip
		return true
	}
	t, ok := c.returnTarget(sel, ip)
	if !ok {
		return false
	}
	if t.cpl == c.cpl {
		if !c.enter(&t) {
			return false
		}
		c.setSP(c.r[regESP] + 2*size + uint64(op.Imm2))
		return true
	}
	return c.returnOuter(&t, 2*size+uint64(op.Imm2), uint64(op.Imm2), op.Size)
}

// returnTarget checks the code segment a RETF or IRET goes back to.
func (c *CPU) returnTarget(sel uint16, ip uint64) (t target, ok bool) {
	t, ok = c.codeTarget(sel, ip, 0)
	if !ok {
		return t, false
	}
	rpl, dpl := uint8(sel&3), dplOf(t.hi)
	if rpl < c.cpl || isConforming(t.hi) && dpl > rpl || !isConforming(t.hi) && dpl != rpl {
		return t, c.raiseErr(excGP, uint32(sel&^3))
	}
	t.cpl = rpl
	return t, c.present(&t, 0) && c.within(&t, 0)
}

// returnOuter goes to a less privileged level, whose SS:ESP is at offset above the top of the stack.
func (c *CPU) returnOuter(t *target, offset, release uint64, size uint8) bool {
	esp, ok := c.peek(offset, size)
	if !ok {
		return false
	}
	v, ok := c.peek(offset+uint64(size), size)
	if !ok {
		return false
	}
	ss, ok := c.checkSegFor(t.mode(), segSS, uint16(v), t.cpl, excGP)
	if !ok || !c.enter(t) {
		return false
	}
	c.setStack(ss, esp+release)
	c.dropPrivileged()
	return true
}

// dropPrivileged clears data segments that the new privilege level may not use.
func (c *CPU) dropPrivileged() {
	for _, n := range [...]uint8{segES, segDS, segFS, segGS} {
		s := &c.seg[n]
		if s.attr == 0 {
			continue
		}
		if (s.attr&attrCode == 0 || !isConforming(s.attr)) && s.dpl() < c.cpl {
			*s = segment{}
			s.update()
		}
	}
	c.updateMode()
}

func init() {
	def(kJMPFar, "jmp.far", 0, execJMPFar)
	def(kCALLFar, "call.far", 0, execJMPFar)
	def(kJMPFarMem, "jmp.far.m", 0, execJMPFarMem)
	def(kCALLFarMem, "call.far.m", 0, execJMPFarMem)
	def(kRETF, "retf", 0, execRETF)
}
