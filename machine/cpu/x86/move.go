package x86

import "math/bits"

func execMOV(c *CPU, op *Op) bool {
	switch op.Sub {
	case formRMReg:
		return c.setRM(op, c.reg(op.Reg, op.Size))
	case formRegRM:
		v, ok := c.rm(op)
		if ok {
			c.setReg(op.Reg, op.Size, v)
		}
		return ok
	case formRMImm:
		return c.setRM(op, op.immediate(op.Size))
	case formRegImm:
		c.setReg(op.Reg, op.Size, op.immediate(op.Size))
	case formAccMem:
		v, ok := c.read(op.Seg, op.moffs(), op.Size)
		if ok {
			c.setReg(regEAX, op.Size, v)
		}
		return ok
	case formMemAcc:
		return c.write(op.Seg, op.moffs(), c.reg(regEAX, op.Size), op.Size)
	}
	return true
}

// moffs is the address that an opcode has in place of ModRM.
func (op *Op) moffs() uint64 { return uint64(op.Imm2)<<32 | uint64(op.Disp) }

// execMOVImm64 is MOV with an immediate of 64 bits.
func execMOVImm64(c *CPU, op *Op) bool {
	c.r[op.Reg&31] = uint64(op.Imm2)<<32 | uint64(op.Imm)
	return true
}

func execMOVX(c *CPU, op *Op) bool {
	size := narrow(op.Cold)
	v, ok := c.rmSize(op, size)
	if !ok {
		return false
	}
	if extendsSign(op.Cold) {
		v = signExtend(v, size)
	}
	c.setReg(op.Reg, op.Size, v)
	return true
}

func execLEA(c *CPU, op *Op) bool {
	c.setReg(op.Reg, op.Size, c.ea(op))
	return true
}

func execXCHG(c *CPU, op *Op) bool {
	if op.Sub == formRegImm { // with the accumulator
		a, b := c.reg(regEAX, op.Size), c.reg(op.Reg, op.Size)
		c.setReg(regEAX, op.Size, b)
		c.setReg(op.Reg, op.Size, a)
		return true
	}
	v, ok := c.modify(op)
	if !ok {
		return false
	}
	r := c.reg(op.Reg, op.Size)
	if !c.setRM(op, r) {
		return false
	}
	c.setReg(op.Reg, op.Size, v)
	return true
}

func execXADD(c *CPU, op *Op) bool {
	a, ok := c.modify(op)
	if !ok {
		return false
	}
	b := c.reg(op.Reg, op.Size)
	// The register first: when both are the same register, the sum stays in it.
	if op.Flags&FlagMem == 0 {
		c.setReg(op.Reg, op.Size, a)
		return c.setRM(op, c.arithmetic(kADD, a, b, op.Size))
	}
	if !c.setRM(op, a+b) {
		return false
	}
	c.arithmetic(kADD, a, b, op.Size)
	c.setReg(op.Reg, op.Size, a)
	return true
}

// execCMPXCHG writes a destination in memory in any case, as the bus cycle does.
func execCMPXCHG(c *CPU, op *Op) bool {
	dst, ok := c.modify(op)
	if !ok {
		return false
	}
	acc := c.reg(regEAX, op.Size)
	if acc == dst {
		ok = c.setRM(op, c.reg(op.Reg, op.Size))
	} else {
		ok = op.Flags&FlagMem == 0 || c.setRM(op, dst)
		if ok {
			c.setReg(regEAX, op.Size, dst)
		}
	}
	if ok {
		c.arithmetic(kCMP, acc, dst, op.Size)
	}
	return ok
}

func execCMPXCHG8B(c *CPU, op *Op) bool {
	ea := c.ea(op)
	la, ok := c.linear(op.Seg, ea, 8, true)
	if !ok || !c.writable(la, 8) {
		return false
	}
	v, ok := c.read64(op.Seg, ea)
	if !ok {
		return false
	}
	f := c.arith() &^ flagZF
	want := c.pair()
	if v == want {
		if !c.store64(la, c.r[regECX]<<32|uint64(uint32(c.r[regEBX]))) {
			return false
		}
		f |= flagZF
	} else {
		if !c.store64(la, v) {
			return false
		}
		c.setPair(v)
	}
	c.setArith(f)
	return true
}

// execCMPXCHG16B wants its operand aligned.
func execCMPXCHG16B(c *CPU, op *Op) bool {
	ea := c.ea(op)
	la, ok := c.linear(op.Seg, ea, 16, true)
	if !ok {
		return false
	}
	if la&15 != 0 {
		return c.raiseErr(excGP, 0)
	}
	if !c.writable(la, 16) {
		return false
	}
	lo, hi, ok := c.read128(op.Seg, ea)
	if !ok {
		return false
	}
	f := c.arith() &^ flagZF
	if lo == c.r[regEAX] && hi == c.r[regEDX] {
		f |= flagZF
		if !c.write128(op.Seg, ea, c.r[regEBX], c.r[regECX]) {
			return false
		}
	} else {
		if !c.write128(op.Seg, ea, lo, hi) {
			return false
		}
		c.r[regEAX], c.r[regEDX] = lo, hi
	}
	c.setArith(f)
	return true
}

func execBSWAP(c *CPU, op *Op) bool {
	if op.Size == 2 { // undefined; processors give 0
		c.setReg(op.Reg, 2, 0)
		return true
	}
	c.setReg(op.Reg, op.Size, bits.ReverseBytes64(c.r[op.Reg&31])>>(64-8*uint(op.Size)))
	return true
}

func execSETcc(c *CPU, op *Op) bool {
	v := uint64(0)
	if c.cond(cond(op.Sub)) {
		v = 1
	}
	return c.setRM(op, v)
}

// execCMOVcc reads its source in any case, and clears the upper half of a 32-bit destination in any case.
func execCMOVcc(c *CPU, op *Op) bool {
	v, ok := c.rm(op)
	if !ok {
		return false
	}
	if !c.cond(cond(op.Sub)) {
		v = c.reg(op.Reg, op.Size)
	}
	c.setReg(op.Reg, op.Size, v)
	return true
}

func execConvert(c *CPU, op *Op) bool {
	if op.Cold == kCBW {
		c.setReg(regEAX, op.Size, signExtend(c.r[regEAX], op.Size/2))
		return true
	}
	c.setReg(regEDX, op.Size, uint64(int64(signExtend(c.r[regEAX], op.Size))>>63))
	return true
}

func execXLAT(c *CPU, op *Op) bool {
	v, ok := c.read(op.Seg, (c.r[regEBX]+c.r[regEAX]&0xff)&op.addressMask(), 1)
	if ok {
		c.setReg(regEAX, 1, v)
	}
	return ok
}

// execFlag is the group of one-byte instructions on single flags, LAHF, SAHF and SALC.
func execFlag(c *CPU, op *Op) bool {
	switch op.Cold {
	case kCLC:
		c.setCF(0)
	case kSTC:
		c.setCF(1)
	case kCMC:
		c.setCF(c.cf() ^ 1)
	case kCLD:
		c.eflags &^= flagDF
	case kSTD:
		c.eflags |= flagDF
	case kLAHF:
		c.r[regEAX] = c.r[regEAX]&^0xff00 | uint64(c.arith()&0xff|2)<<8
	case kSAHF:
		ah := uint32(c.r[regEAX]) >> 8 & (flagSF | flagZF | flagAF | flagPF | flagCF)
		c.setArith(ah | c.arith()&flagOF)
	case kSALC:
		c.setReg(regEAX, 1, uint64(-c.cf()))
	}
	return true
}

func execNOP(c *CPU, op *Op) bool { return true }

func init() {
	def(kMOV, "mov", 0, execMOV)
	def(kMOVImm64, "movabs", 0, execMOVImm64)
	def(kMOVZX8, "movzx", 0, execMOVX)
	def(kMOVZX16, "movzx16", 0, execMOVX)
	def(kMOVSX8, "movsx", 0, execMOVX)
	def(kMOVSX16, "movsx16", 0, execMOVX)
	def(kMOVSX32, "movsxd", 0, execMOVX)
	def(kLEA, "lea", 0, execLEA)
	def(kXCHG, "xchg", 0, execXCHG)
	def(kXADD, "xadd", 0, execXADD)
	def(kCMPXCHG, "cmpxchg", 0, execCMPXCHG)
	def(kCMPXCHG8B, "cmpxchg8b", 0, execCMPXCHG8B)
	def(kCMPXCHG16B, "cmpxchg16b", 0, execCMPXCHG16B)
	def(kBSWAP, "bswap", 0, execBSWAP)
	def(kSETcc, "setcc", 0, execSETcc)
	def(kCMOVcc, "cmovcc", 0, execCMOVcc)
	def(kCBW, "cbw", 0, execConvert)
	def(kCWD, "cwd", 0, execConvert)
	def(kXLAT, "xlat", 0, execXLAT)
	def(kLAHF, "lahf", 0, execFlag)
	def(kSAHF, "sahf", 0, execFlag)
	def(kSALC, "salc", 0, execFlag)
	def(kCLC, "clc", 0, execFlag)
	def(kSTC, "stc", 0, execFlag)
	def(kCMC, "cmc", 0, execFlag)
	def(kCLD, "cld", 0, execFlag)
	def(kSTD, "std", 0, execFlag)
	def(kNOP, "nop", 0, execNOP)
	def(kNOPRM, "nop.rm", 0, execNOP)
}
