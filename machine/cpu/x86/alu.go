package x86

// Operands of any size. Values are zero-extended to 64 bits.

func (c *CPU) reg(n, size uint8) uint64 {
	switch size {
	case 1:
		return uint64(*c.byteReg(n))
	case 2:
		return uint64(uint16(*lower(&c.r[n&31])))
	case 4:
		return uint64(*lower(&c.r[n&31]))
	}
	return c.r[n&31]
}

// setReg writes a register. A result of 32 bits clears the upper half, a smaller one leaves the rest (SDM vol. 1 §3.4.1.1).
func (c *CPU) setReg(n, size uint8, v uint64) {
	switch size {
	case 1:
		*c.byteReg(n) = uint8(v)
	case 2:
		c.r[n&31] = c.r[n&31]&^0xffff | v&0xffff
	case 4:
		c.r[n&31] = uint64(uint32(v))
	default:
		c.r[n&31] = v
	}
}

// read and write access an operand of size 1, 2, 4 or 8.
func (c *CPU) read(seg uint8, ea uint64, size uint8) (uint64, bool) {
	la, ok := c.linear(seg, ea, uint64(size), false)
	if !ok {
		return 0, false
	}
	return c.loadSize(la, size)
}

func (c *CPU) write(seg uint8, ea, v uint64, size uint8) bool {
	la, ok := c.linear(seg, ea, uint64(size), true)
	return ok && c.storeSize(la, v, size)
}

// rm reads the r/m operand.
func (c *CPU) rm(op *Op) (uint64, bool) { return c.rmSize(op, op.Size) }

func (c *CPU) rmSize(op *Op, size uint8) (uint64, bool) {
	if op.Flags&FlagMem == 0 {
		return c.reg(op.RM, size), true
	}
	return c.read(op.Seg, c.ea(op), size)
}

// setRM writes the r/m operand.
func (c *CPU) setRM(op *Op, v uint64) bool { return c.setRMSize(op, v, op.Size) }

func (c *CPU) setRMSize(op *Op, v uint64, size uint8) bool {
	if op.Flags&FlagMem == 0 {
		c.setReg(op.RM, size, v)
		return true
	}
	return c.write(op.Seg, c.ea(op), v, size)
}

// modify reads the r/m operand, for an instruction that then writes it: the write is known to succeed.
func (c *CPU) modify(op *Op) (uint64, bool) {
	if op.Flags&FlagMem == 0 {
		return c.reg(op.RM, op.Size), true
	}
	la, ok := c.linear(op.Seg, c.ea(op), uint64(op.Size), true)
	if !ok || !c.writable(la, uint64(op.Size)) {
		return 0, false
	}
	return c.loadSize(la, op.Size)
}

// writable checks that n bytes at la can be written, quickly when the TLB knows.
func (c *CPU) writable(la, n uint64) bool {
	if c.wr[la>>12&(tlbSize-1)].tag == (la+n-1)|0xfff {
		return true
	}
	return c.probeLinear(la, n, pfWrite)
}

// immediate is the immediate operand, zero-extended from size bytes.
func (op *Op) immediate(size uint8) uint64 {
	switch size {
	case 1:
		return uint64(uint8(op.Imm))
	case 2:
		return uint64(uint16(op.Imm))
	case 4:
		return uint64(op.Imm)
	}
	return uint64(int32(op.Imm))
}

// operands fetches the two operands of a two-operand form; dst is read for an instruction that writes it when modify is set.
func (c *CPU) operands(op *Op, modify bool) (dst, src uint64, ok bool) {
	switch op.Sub {
	case formRegRM:
		src, ok = c.rm(op)
		return c.reg(op.Reg, op.Size), src, ok
	case formRegImm:
		return c.reg(op.Reg, op.Size), op.immediate(op.Size), true
	case formRMImm:
		src = op.immediate(op.Size)
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
func (c *CPU) setDst(op *Op, v uint64) bool {
	if op.Sub == formRegRM || op.Sub == formRegImm {
		c.setReg(op.Reg, op.Size, v)
		return true
	}
	return c.setRM(op, v)
}

func sizeMask(size uint8) uint64 { return ^uint64(0) >> ((64 - 8*uint(size)) & 63) }

// arithmetic performs one of the eight ALU operations and sets the flags.
func (c *CPU) arithmetic(k Kind, a, b uint64, size uint8) uint64 {
	r := c.result(k, a, b)
	c.resultFlags(k, a, b, r, size, true)
	return r
}

func (c *CPU) result(k Kind, a, b uint64) uint64 {
	switch k {
	case kADD:
		return a + b
	case kOR:
		return a | b
	case kADC:
		return a + b + uint64(c.cf())
	case kSBB:
		return a - b - uint64(c.cf())
	case kAND:
		return a & b
	case kXOR:
		return a ^ b
	}
	return a - b // SUB, CMP
}

// resultFlags sets the flags by the operands and the result.
func (c *CPU) resultFlags(k Kind, a, b, r uint64, size uint8, long bool) {
	switch k {
	case kOR, kAND, kXOR:
		c.setResult(r, size, long)
		c.faux = 0
	case kADD, kADC:
		c.carryFlags(a&b|(a|b)&^r, r, size, long)
	default:
		c.carryFlags(^a&b|(^a|b)&r, r, size, long)
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
		c.flagsLogic(a&b, op.Size)
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
	al, ah := uint32(c.r[regEAX])&0xff, uint32(c.r[regEAX])>>8&0xff
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
		c.setReg(regEAX, 1, uint64(r))
		c.flagsLogic(uint64(r), 1)
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
		c.flagsLogic(c.r[regEAX], 1)
		c.setArith(c.arith()&^(flagCF|flagAF) | f)
	case kAAM:
		base := op.Imm & 0xff
		if base == 0 {
			return c.raise(excDE)
		}
		c.setReg(regEAX, 2, uint64(al/base<<8|al%base))
		c.flagsLogic(c.r[regEAX], 1)
	case kAAD:
		c.setReg(regEAX, 2, uint64((al+ah*(op.Imm&0xff))&0xff))
		c.flagsLogic(c.r[regEAX], 1)
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
