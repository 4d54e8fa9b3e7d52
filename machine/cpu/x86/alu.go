package x86

// Operands of any size. Values are zero-extended to 32 bits.

func (c *CPU) reg(n, size uint8) uint32 {
	switch size {
	case 1:
		return uint32(*c.byteReg(n))
	case 2:
		return c.r[n&7] & 0xffff
	}
	return c.r[n&7]
}

func (c *CPU) setReg(n, size uint8, v uint32) {
	switch size {
	case 1:
		*c.byteReg(n) = uint8(v)
	case 2:
		c.r[n&7] = c.r[n&7]&0xffff0000 | v&0xffff
	default:
		c.r[n&7] = v
	}
}

// read and write access an operand of size 1, 2 or 4.
func (c *CPU) read(seg uint8, ea uint32, size uint8) (uint32, bool) {
	switch size {
	case 1:
		return c.read8(seg, ea)
	case 2:
		return c.read16(seg, ea)
	}
	return c.read32(seg, ea)
}

func (c *CPU) write(seg uint8, ea, v uint32, size uint8) bool {
	switch size {
	case 1:
		return c.write8(seg, ea, v)
	case 2:
		return c.write16(seg, ea, v)
	}
	return c.write32(seg, ea, v)
}

// rm reads the r/m operand.
func (c *CPU) rm(op *Op) (uint32, bool) { return c.rmSize(op, op.Size) }

func (c *CPU) rmSize(op *Op, size uint8) (uint32, bool) {
	if op.Flags&FlagMem == 0 {
		return c.reg(op.RM, size), true
	}
	return c.read(op.Seg, c.ea(op), size)
}

// setRM writes the r/m operand.
func (c *CPU) setRM(op *Op, v uint32) bool { return c.setRMSize(op, v, op.Size) }

func (c *CPU) setRMSize(op *Op, v uint32, size uint8) bool {
	if op.Flags&FlagMem == 0 {
		c.setReg(op.RM, size, v)
		return true
	}
	return c.write(op.Seg, c.ea(op), v, size)
}

// modify reads the r/m operand, for an instruction that then writes it: the write is known to succeed.
func (c *CPU) modify(op *Op) (uint32, bool) {
	if op.Flags&FlagMem == 0 {
		return c.reg(op.RM, op.Size), true
	}
	ea := c.ea(op)
	la, ok := c.linear(op.Seg, ea, uint32(op.Size), true)
	if !ok || !c.writable(la, uint32(op.Size)) {
		return 0, false
	}
	return c.read(op.Seg, ea, op.Size)
}

// writable checks that n bytes at la can be written, quickly when the TLB knows.
func (c *CPU) writable(la, n uint32) bool {
	if c.wr[la>>12&(tlbSize-1)].tag == (la+n-1)|0xfff {
		return true
	}
	return c.probeLinear(la, n, pfWrite)
}

// operands fetches the two operands of a two-operand form; dst is read for an instruction that writes it when modify is set.
func (c *CPU) operands(op *Op, modify bool) (dst, src uint32, ok bool) {
	switch op.Sub {
	case formRegRM:
		src, ok = c.rm(op)
		return c.reg(op.Reg, op.Size), src, ok
	case formRegImm:
		return c.reg(op.Reg, op.Size), op.Imm & sizeMask(op.Size), true
	case formRMImm:
		src = op.Imm & sizeMask(op.Size)
	default:
		src = c.reg(op.Reg, op.Size)
	}
	if modify {
		dst, ok = c.modify(op)
	} else {
		dst, ok = c.rm(op)
	}
	return dst, src, ok
}

// setDst writes the destination of a two-operand form.
func (c *CPU) setDst(op *Op, v uint32) bool {
	if op.Sub == formRegRM || op.Sub == formRegImm {
		c.setReg(op.Reg, op.Size, v)
		return true
	}
	return c.setRM(op, v)
}

func sizeMask(size uint8) uint32 { return 0xffffffff >> ((32 - 8*uint32(size)) & 31) }

// arithmetic performs one of the eight ALU operations and sets the flags.
func (c *CPU) arithmetic(k Kind, a, b uint32, size uint8) uint32 {
	r := c.result(k, a, b)
	c.resultFlags(k, a, b, r, size)
	return r
}

func (c *CPU) result(k Kind, a, b uint32) uint32 {
	switch k {
	case kADD:
		return a + b
	case kOR:
		return a | b
	case kADC:
		return a + b + c.cf()
	case kSBB:
		return a - b - c.cf()
	case kAND:
		return a & b
	case kXOR:
		return a ^ b
	}
	return a - b // SUB, CMP
}

// resultFlags sets the flags by the operands and the result.
func (c *CPU) resultFlags(k Kind, a, b, r uint32, size uint8) {
	switch k {
	case kOR, kAND, kXOR:
		c.flagsLogicN(r, size)
	case kADD, kADC:
		c.flagsAdd(a, b, r, size)
	default:
		c.flagsSub(a, b, r, size)
	}
}

func execALU(c *CPU, op *Op) bool {
	a, b, ok := c.operands(op, true)
	if !ok {
		return false
	}
	return c.setDst(op, c.arithmetic(op.Cold, a, b, op.Size))
}

func execCMP(c *CPU, op *Op) bool {
	a, b, ok := c.operands(op, false)
	if ok {
		c.arithmetic(kCMP, a, b, op.Size)
	}
	return ok
}

func execTEST(c *CPU, op *Op) bool {
	a, b, ok := c.operands(op, false)
	if ok {
		c.flagsLogicN(a&b, op.Size)
	}
	return ok
}

func execUnary(c *CPU, op *Op) bool {
	a, ok := c.modify(op)
	if !ok {
		return false
	}
	switch op.Cold {
	case kNOT:
		a = ^a
	case kNEG:
		r := -a
		c.flagsSub(0, a, r, op.Size)
		a = r
	case kINC:
		a++
		c.flagsInc(a, op.Size)
	case kDEC:
		a--
		c.flagsDec(a, op.Size)
	}
	return c.setRM(op, a)
}

// execAdjust is the decimal and ASCII adjustments (SDM vol. 2).
func execAdjust(c *CPU, op *Op) bool {
	al, ah := c.r[regEAX]&0xff, c.r[regEAX]>>8&0xff
	oldCF := c.cf()
	switch op.Cold {
	case kDAA, kDAS:
		cf, af, r := uint32(0), uint32(0), al
		sign := uint32(1)
		if op.Cold == kDAS {
			sign = ^uint32(0)
		}
		if al&15 > 9 || c.af() != 0 {
			r += 6 * sign
			af = flagAF
			cf = oldCF | r>>8&1
		}
		if al > 0x99 || oldCF != 0 {
			r += 0x60 * sign
			cf = 1
		} else if op.Cold == kDAA {
			cf = 0
		}
		c.setReg(regEAX, 1, r)
		c.flagsLogicN(r, 1)
		c.setArith(c.arith()&^(flagCF|flagAF) | cf | af)
	case kAAA, kAAS:
		var f uint32
		if al&15 > 9 || c.af() != 0 {
			ax := c.r[regEAX] & 0xffff
			if op.Cold == kAAA {
				ax += 0x106
			} else {
				ax -= 6
				ax -= 0x100
			}
			c.setReg(regEAX, 2, ax)
			f = flagAF | flagCF
		}
		c.setReg(regEAX, 1, c.r[regEAX]&15)
		c.flagsLogicN(c.r[regEAX], 1)
		c.setArith(c.arith()&^(flagCF|flagAF) | f)
	case kAAM:
		base := op.Imm & 0xff
		if base == 0 {
			return c.raise(excDE)
		}
		c.setReg(regEAX, 2, al/base<<8|al%base)
		c.flagsLogicN(c.r[regEAX], 1)
	case kAAD:
		c.setReg(regEAX, 2, (al+ah*(op.Imm&0xff))&0xff)
		c.flagsLogicN(c.r[regEAX], 1)
	}
	return true
}

func init() {
	for i, name := range []string{"add", "or", "adc", "sbb", "and", "sub", "xor"} {
		undef := uint32(0)
		if name == "or" || name == "and" || name == "xor" {
			undef = flagAF
		}
		def(kADD+Kind(i), name, undef, execALU)
	}
	def(kCMP, "cmp", 0, execCMP)
	def(kTEST, "test", flagAF, execTEST)
	def(kNOT, "not", 0, execUnary)
	def(kNEG, "neg", 0, execUnary)
	def(kINC, "inc", 0, execUnary)
	def(kDEC, "dec", 0, execUnary)
	def(kDAA, "daa", flagOF, execAdjust)
	def(kDAS, "das", flagOF, execAdjust)
	def(kAAA, "aaa", flagOF|flagSF|flagZF|flagPF, execAdjust)
	def(kAAS, "aas", flagOF|flagSF|flagZF|flagPF, execAdjust)
	def(kAAM, "aam", flagOF|flagAF|flagCF, execAdjust)
	def(kAAD, "aad", flagOF|flagAF|flagCF, execAdjust)
}
