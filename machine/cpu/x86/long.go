package x86

// Transfers between privilege levels in long mode (SDM vol. 3 §6.14, vol. 2 SYSCALL, SYSRET, SWAPGS).

// interruptLong delivers a vector through a gate of the 64-bit IDT.
func (c *CPU) interruptLong(vector uint8, ext uint32, hasCode bool, code uint32) bool {
	entry := uint32(vector)*8 + 2 | ext
	if uint32(vector)*16+15 > c.idt.limit {
		return c.raiseErr(excGP, entry)
	}
	var gate [3]uint32
	for i := range gate {
		var ok bool
		if gate[i], ok = c.sysRead(c.idt.base+uint64(vector)*16+uint64(4*i), 4); !ok {
			return false
		}
	}
	lo, hi := gate[0], gate[1]
	typ := hi & (attrS | attrTypeMask)
	if typ != sysInt32 && typ != sysTrap32 || ext == 0 && dplOf(hi) < c.cpl {
		return c.raiseErr(excGP, entry)
	}
	if hi&attrPresent == 0 {
		return c.raiseErr(excNP, entry)
	}
	t, ok := c.codeTarget(uint16(lo>>16), uint64(gate[2])<<32|uint64(hi&0xffff0000|lo&0xffff), ext)
	if !ok {
		return false
	}
	dpl := dplOf(t.hi)
	if t.mode() != mode64 || dpl > c.cpl {
		return c.raiseErr(excGP, uint32(t.cs.sel&^3)|ext)
	}
	if !c.present(&t, ext) || !c.within(&t, ext) {
		return false
	}
	t.cpl = c.cpl
	if !isConforming(t.hi) {
		t.cpl = dpl
	}
	flags := c.getFlags()
	if !c.enterLong(&t, hi&7, ext, uint64(flags), hasCode, code) {
		return false
	}
	c.eflags &^= flagTF | flagNT | flagRF | flagVM
	if typ == sysInt32 {
		c.eflags &^= flagIF
	}
	return true
}

// enterLong pushes the frame of an interrupt and goes to its handler, on the stack of the interrupt stack table or of the privilege level.
func (c *CPU) enterLong(t *target, ist, ext uint32, flags uint64, hasCode bool, code uint32) bool {
	sp, ss := c.r[regESP], c.seg[segSS]
	at := uint64(0)
	switch {
	case ist != 0:
		at = 0x1c + 8*uint64(ist)
	case t.cpl != c.cpl:
		at = 4 + 8*uint64(t.cpl)
	}
	if at != 0 {
		var ok bool
		if sp, ok = c.innerStackLong(at, ext); !ok {
			return false
		}
	}
	access := uint32(0)
	if t.cpl == 3 {
		access = pfUser
	}
	stack := segment{attr: ss.attr}
	stack.update64(false)
	items := []uint64{uint64(ss.sel), c.r[regESP], flags, uint64(c.seg[segCS].sel), c.ip}
	if hasCode {
		items = append(items, uint64(code))
	}
	sp, ok := c.pushAll(&stack, sp&^15, items, 8, access, ext)
	if !ok {
		return false
	}
	if t.cpl != c.cpl {
		ss = segment{sel: uint16(t.cpl)}
	}
	if !c.enter(t) {
		return false
	}
	c.seg[segSS] = ss
	c.r[regESP] = sp
	c.updateMode()
	return true
}

// innerStackLong reads a stack pointer from the TSS.
func (c *CPU) innerStackLong(at uint64, ext uint32) (sp uint64, ok bool) {
	if at+7 > uint64(c.tr.limit) {
		return 0, c.raiseErr(excTS, uint32(c.tr.sel&^3)|ext)
	}
	for i := range uint64(2) {
		v, ok := c.sysRead(c.tr.base+at+4*i, 4)
		if !ok {
			return 0, false
		}
		sp |= uint64(v) << (32 * i)
	}
	if !canonical(sp) {
		return 0, c.raiseErr(excSS, ext)
	}
	return sp, true
}

// callGateLong goes through a call gate of long mode; there are no task gates, and no other system descriptors that can be called.
func (c *CPU) callGateLong(sel uint16, hi uint32, call bool) bool {
	bad := func(vector uint8) bool { return c.raiseErr(vector, uint32(sel&^3)) }
	if hi&attrTypeMask != sysCall32 {
		return bad(excGP)
	}
	if hi&attrPresent == 0 {
		return bad(excNP)
	}
	lo, hi, la, ok := c.descriptor(sel, excGP, 0)
	if !ok {
		return false
	}
	upper, ok := c.sysRead(la+8, 4)
	if !ok {
		return false
	}
	code := uint16(lo >> 16)
	t, ok := c.codeTarget(code, uint64(upper)<<32|uint64(hi&0xffff0000|lo&0xffff), 0)
	if !ok {
		return false
	}
	dpl := dplOf(t.hi)
	if t.mode() != mode64 || dpl > c.cpl || !call && !isConforming(t.hi) && dpl != c.cpl {
		return c.raiseErr(excGP, uint32(code&^3))
	}
	if !c.present(&t, 0) || !c.within(&t, 0) {
		return false
	}
	t.cpl = c.cpl
	if !isConforming(t.hi) {
		t.cpl = dpl
	}
	if !call {
		return c.enter(&t)
	}
	sp, items, access := c.r[regESP], []uint64{uint64(c.seg[segCS].sel), c.ip}, c.userBit()
	ss := c.seg[segSS]
	if t.cpl != c.cpl {
		items = append([]uint64{uint64(ss.sel), sp}, items...)
		if sp, ok = c.innerStackLong(4+8*uint64(t.cpl), 0); !ok {
			return false
		}
		ss, access = segment{sel: uint16(t.cpl)}, 0
	}
	stack := segment{}
	stack.update64(false)
	if sp, ok = c.pushAll(&stack, sp, items, 8, access, 0); !ok || !c.enter(&t) {
		return false
	}
	c.setStack(ss, sp)
	return true
}

func execSYSCALL(c *CPU, op *Op) bool {
	if c.efer&eferSCE == 0 {
		return c.raise(excUD)
	}
	if c.stopsAtSyscall() {
		return false
	}
	c.syscall()
	return true
}

// syscall enters the kernel with the next instruction as the return address. The single-step trap is not taken before the kernel has masked it.
func (c *CPU) syscall() {
	c.noTrap = true
	c.r[regECX], c.r[regR11] = c.ip, uint64(c.getFlags()&^flagRF)
	c.setFlags(uint32(c.r[regR11])&^uint32(c.msr.fmask), ^uint32(0)&^flagVM)
	cs := uint16(c.msr.star>>32) &^ 3
	c.setFlat(cs, cs+8, 0, mode64)
	c.ip = c.msr.lstar
}

// execSYSRET goes back to 64-bit code, or without REX.W to compatibility mode.
func execSYSRET(c *CPU, op *Op) bool {
	if c.efer&eferSCE == 0 {
		return c.raise(excUD)
	}
	if !c.privileged() {
		return false
	}
	ip, cs, m := c.r[regECX], uint16(c.msr.star>>48), mode32
	if op.Size == 8 {
		if !canonical(ip) {
			return c.raiseErr(excGP, 0)
		}
		cs, m = cs+16, mode64
	}
	c.setFlags(uint32(c.r[regR11]), flagsArith|flagTF|flagIF|flagDF|flagIOPL|flagNT|flagRF|flagAC|flagVIF|flagVIP|flagID)
	c.eflags &^= flagRF
	c.setFlat(cs|3, uint16(c.msr.star>>48)+8|3, 3, m)
	c.ip = ip & c.mask
	return true
}

func execSWAPGS(c *CPU, op *Op) bool {
	if !c.privileged() {
		return false
	}
	base := c.msr.kernelGSBase
	c.msr.kernelGSBase = c.seg[segGS].base
	c.setBase(segGS, base)
	return true
}

// execBase is RDFSBASE, RDGSBASE, WRFSBASE and WRGSBASE, in the order of ModRM.reg.
func execBase(c *CPU, op *Op) bool {
	if c.cr4&cr4FSGSBASE == 0 {
		return c.raise(excUD)
	}
	n := segFS + op.Sub&1
	if op.Sub < 2 {
		c.setReg(op.RM, op.Size, c.seg[n].base)
		return true
	}
	v := c.reg(op.RM, op.Size)
	if !canonical(v) {
		return c.raiseErr(excGP, 0)
	}
	c.setBase(n, v)
	return true
}

func init() {
	def(kSYSCALL, "syscall", 0, execSYSCALL)
	def(kSYSRET, "sysret", 0, execSYSRET)
	def(kSWAPGS, "swapgs", 0, execSWAPGS)
	def(kBASE, "rdfsbase", 0, execBase)
}
