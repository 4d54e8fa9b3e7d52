package x86

// Shadow stacks of user mode (SDM vol. 1 chapter 17, vol. 3 §4.6 and §6.15 #CP): a second stack of return addresses, in pages that other stores cannot
// change. SSP points to its top while the CPU is in user mode, and is in IA32_PL3_SSP while it is not. The kernel has none of its own: S_CET
// stays 0.

// Bits of IA32_U_CET, and what is reserved.
const (
	cetShadow   = 1 << 0
	cetWrite    = 1 << 1 // WRSS may be used
	cetWritable = cetShadow | cetWrite
)

// Error codes of #CP.
const (
	cpNearRet = 1
	cpRestore = 4
)

// Bits of a token on a shadow stack.
const (
	token64       = 1 << 0 // of 64-bit mode
	tokenPrevious = 1 << 1 // it leads to the stack that was left, else to the one to be entered
)

// shadowed reports whether code runs with a shadow stack.
func (c *CPU) shadowed() bool { return c.cpl == 3 && c.cr4&cr4CET != 0 && c.msr.userCET&cetShadow != 0 }

// userSSP is where the shadow stack pointer of user mode is at present.
func (c *CPU) userSSP() *uint64 {
	if c.shadowed() {
		return &c.ssp
	}
	return &c.msr.ssp[3]
}

// shadowPage finds the place of an access to a shadow stack: it must be to a page that is dirty but cannot be written, while all levels above it
// allow writing.
func (c *CPU) shadowPage(la uint64, access uint32) (pa uint64, ok bool) {
	access |= pfUser
	w := c.walk(c.cr3, la)
	if !w.ok {
		if w.reserved {
			access |= pfReserved | pfProtection
		}
		return 0, c.pageFault(la, access|pfShadow)
	}
	above := uint64(pteWrite)
	for _, e := range w.entry[:w.n-1] {
		above &= e
	}
	if w.rights&pteUser == 0 || above == 0 || w.leaf()&(pteWrite|pteDirty) != pteDirty {
		return 0, c.pageFault(la, access|pfShadow|pfProtection)
	}
	if c.locked(&w, access) {
		return 0, c.pageFault(la, access|pfShadow|pfProtection|pfKey)
	}
	for i := range w.n {
		c.mark64(w.at[i], w.entry[i], pteAccessed)
	}
	return w.frame() | la&(1<<w.shift-1), true
}

// shadowRead and shadowWrite access size aligned bytes of a shadow stack.
func (c *CPU) shadowRead(la uint64, size uint8) (v uint64, ok bool) {
	pa, ok := c.shadowPage(la, 0)
	if !ok {
		return 0, false
	}
	return c.readPage(la, pa, uint64(size), pfUser), true
}

func (c *CPU) shadowWrite(la, v uint64, size uint8) bool {
	pa, ok := c.shadowPage(la, pfWrite)
	if !ok {
		return false
	}
	if off := pa - uint64(c.ramBase); off < uint64(c.ramSize) {
		c.mem.MarkDirty(pa)
		c.ramStore(off, v, size)
		c.code.Wrote(pa, uint64(size))
	}
	return true
}

// shadowPush keeps a return address. Nothing has changed when it fails.
func (c *CPU) shadowPush(v uint64, size uint8) bool {
	if !c.shadowWrite(c.ssp-uint64(size), v, size) {
		return false
	}
	c.ssp -= uint64(size)
	return true
}

// shadowReturn compares a return address with the one that was kept.
func (c *CPU) shadowReturn(ip uint64, size uint8) bool {
	v, ok := c.shadowRead(c.ssp, size)
	if !ok {
		return false
	}
	if v != ip {
		return c.raiseErr(excCP, cpNearRet)
	}
	c.ssp += uint64(size)
	return true
}

// execINCSSP takes entries off, and looks at the first and the last of them.
func execINCSSP(c *CPU, op *Op) bool {
	if !c.shadowed() {
		return c.lacks(op)
	}
	n, size := c.r[op.RM&31]&0xff, uint64(op.Size)
	if n > 0 {
		for _, at := range []uint64{c.ssp, c.ssp + (n-1)*size} {
			if _, ok := c.shadowRead(at, op.Size); !ok {
				return false
			}
		}
	}
	c.ssp += n * size
	return true
}

// execRDSSP does nothing without a shadow stack, so that code can ask for one.
func execRDSSP(c *CPU, op *Op) bool {
	if c.shadowed() {
		c.setReg(op.RM, op.Size, c.ssp)
	}
	return true
}

// tokenMode is the bit of a token for the mode of the code.
func (c *CPU) tokenMode() uint64 {
	if c.mode&mode64 != 0 {
		return token64
	}
	return 0
}

// execRSTORSSP goes to the shadow stack whose token the operand is, and leaves there a token for the way back.
func execRSTORSSP(c *CPU, op *Op) bool {
	if !c.shadowed() {
		return c.lacks(op)
	}
	la, ok := c.linear(op.Seg, c.ea(op), 8, true)
	if !ok {
		return false
	}
	if la&7 != 0 {
		return c.raiseErr(excGP, 0)
	}
	if _, ok := c.shadowPage(la, pfWrite); !ok {
		return false
	}
	token, ok := c.shadowRead(la, 8)
	if !ok {
		return false
	}
	if token&3 != c.tokenMode() || token&^c.mask != 0 || (token&^token64-8)&^7 != la {
		return c.raiseErr(excCP, cpRestore)
	}
	if !c.shadowWrite(la, c.ssp|c.tokenMode()|tokenPrevious, 8) {
		return false
	}
	c.ssp = la
	c.setArith(uint32(token>>2) & flagCF)
	return true
}

// execSAVEPREVSSP turns the token that RSTORSSP has left into one on the stack that it leads to.
func execSAVEPREVSSP(c *CPU, op *Op) bool {
	if !c.shadowed() {
		return c.lacks(op)
	}
	if c.ssp&7 != 0 || c.cf() != 0 && c.mode&mode64 != 0 {
		return c.raiseErr(excGP, 0)
	}
	token, ok := c.shadowRead(c.ssp, 8)
	if !ok {
		return false
	}
	size := uint64(8)
	if c.cf() != 0 {
		size = 12 // over a hole that aligned it
	}
	if token&tokenPrevious == 0 || token&^c.mask != 0 {
		return c.raiseErr(excGP, 0)
	}
	old := token &^ 3
	at := (old &^ 7) - 8
	if old&7 != 0 && !c.shadowWrite(old-4, 0, 4) || !c.shadowWrite(at, old|c.tokenMode(), 8) {
		return false
	}
	c.ssp += size
	return true
}

// execWRSS is WRSSD and WRSSQ, and the kernel's WRUSSD and WRUSSQ for user mode's shadow stacks (Sub 1).
func execWRSS(c *CPU, op *Op) bool {
	if op.Sub == 1 {
		if c.cr4&cr4CET == 0 {
			return c.lacks(op)
		}
		if !c.privileged() {
			return false
		}
	} else if !c.shadowed() || c.msr.userCET&cetWrite == 0 {
		return c.lacks(op)
	}
	size := max(op.Size, 4)
	la, ok := c.linear(op.Seg, c.ea(op), uint64(size), true)
	if !ok {
		return false
	}
	if la&uint64(size-1) != 0 {
		return c.raiseErr(excGP, 0)
	}
	return c.shadowWrite(la, c.reg(op.Reg, size), size)
}

// setUserCET changes whether user mode has a shadow stack, and with it how its code is executed.
func (c *CPU) setUserCET(v uint64) {
	c.msr.userCET = v
	c.newEpoch(1)
	c.updateMode()
}

func init() {
	def(kINCSSP, "incssp", 0, execINCSSP)
	def(kRDSSP, "rdssp", 0, execRDSSP)
	def(kRSTORSSP, "rstorssp", 0, execRSTORSSP)
	def(kSAVEPREVSSP, "saveprevssp", 0, execSAVEPREVSSP)
	def(kWRSS, "wrss", 0, execWRSS)
}
