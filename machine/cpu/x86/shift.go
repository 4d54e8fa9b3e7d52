package x86

import "math/bits"

// shift performs a rotate or shift of the group C0/C1/D0-D3 and sets its flags. count is already masked to 5 bits and not 0.
// OF is defined for counts of 1 only; for others it is what the same formula gives, as on current processors.
func (c *CPU) shift(k Kind, v, count uint32, size uint8) uint32 {
	width := 8 * uint32(size)
	mask := sizeMask(size)
	top := width - 1
	var r, cf uint32
	switch k {
	case kROL:
		n := count % width
		r = (v<<n | v>>(width-n)) & mask
		cf = r & 1
		c.setCFOF(cf, r>>top^cf)
		return r
	case kROR:
		n := count % width
		r = (v>>n | v<<(width-n)) & mask
		c.setCFOF(r>>top, (r>>top^r>>(top-1))&1)
		return r
	case kRCL, kRCR:
		// A rotation of width+1 bits with CF on top.
		n := count % (width + 1)
		x := uint64(c.cf())<<width | uint64(v)
		if k == kRCR {
			x = x>>n | x<<(width+1-n)
		} else {
			x = x<<n | x>>(width+1-n)
		}
		r, cf = uint32(x)&mask, uint32(x>>width&1)
		if k == kRCR {
			c.setCFOF(cf, (r>>top^r>>(top-1))&1)
		} else {
			c.setCFOF(cf, r>>top^cf)
		}
		return r
	case kSHL, kSAL:
		x := uint64(v) << count
		r, cf = uint32(x)&mask, uint32(x>>width&1)
		c.flagsLogicN(r, size)
		c.setCFOF(cf, r>>top^cf)
	case kSHR:
		x := uint64(v) << 1 >> count
		r, cf = uint32(x>>1), uint32(x&1)
		c.flagsLogicN(r, size)
		c.setCFOF(cf, (r<<1^r)>>top&1)
	default: // SAR
		s := int64(int32(signExtend(v, size)))
		r, cf = uint32(s>>count)&mask, uint32(s>>(count-1)&1)
		c.flagsLogicN(r, size)
		c.setCFOF(cf, 0)
	}
	return r
}

func execShift(c *CPU, op *Op) bool {
	count := uint32(1)
	switch op.Sub {
	case formRMImm:
		count = op.Imm & 31
	case formRMCL:
		count = c.r[regECX] & 31
	}
	v, ok := c.modify(op)
	if !ok {
		return false
	}
	if count != 0 {
		v = c.shift(op.Cold, v, count, op.Size)
	}
	return c.setRM(op, v)
}

// execDoubleShift is SHLD and SHRD. For 16-bit operands and counts above 16 the result is undefined; this gives what the
// operand followed by the source and the operand again would.
func execDoubleShift(c *CPU, op *Op) bool {
	count := op.Imm & 31
	if op.Sub == formRMCL {
		count = c.r[regECX] & 31
	}
	v, ok := c.modify(op)
	if !ok {
		return false
	}
	if count == 0 {
		return c.setRM(op, v)
	}
	src := c.reg(op.Reg, op.Size)
	width := 8 * uint32(op.Size)
	var r, cf uint32
	if op.Cold == kSHLD {
		if width == 32 {
			x := uint64(v)<<32 | uint64(src)
			r, cf = uint32(x<<count>>32), v>>(32-count)&1
		} else {
			x := uint64(v)<<32 | uint64(src)<<16 | uint64(v)
			r, cf = uint32(x<<count>>32)&0xffff, uint32(x>>(48-count)&1)
		}
	} else {
		if width == 32 {
			x := uint64(src)<<32 | uint64(v)
			r, cf = uint32(x>>count), v>>(count-1)&1
		} else {
			x := uint64(v)<<32 | uint64(src)<<16 | uint64(v)
			r, cf = uint32(x>>count)&0xffff, uint32(x>>(count-1)&1)
		}
	}
	if !c.setRM(op, r) {
		return false
	}
	c.flagsLogicN(r, op.Size)
	c.setCFOF(cf, (r^v)>>(width-1)&1)
	return true
}

// execBitTest is BT, BTS, BTR and BTC. A register bit offset reaches beyond a memory operand (SDM vol. 2 §3.1.1.9).
func execBitTest(c *CPU, op *Op) bool {
	width := 8 * uint32(op.Size)
	var bit uint32
	if op.Sub == formRMImm {
		bit = op.Imm & (width - 1)
	} else {
		bit = c.reg(op.Reg, op.Size)
	}
	moved := *op
	if op.Flags&FlagMem != 0 && op.Sub != formRMImm {
		elements := uint32(int32(signExtend(bit, op.Size)) >> (3 + uint(op.Size)>>1)) // /16 or /32
		moved.Disp += elements * uint32(op.Size)
	}
	bit &= width - 1
	var v uint32
	var ok bool
	if op.Cold == kBT {
		v, ok = c.rm(&moved)
	} else {
		v, ok = c.modify(&moved)
	}
	if !ok {
		return false
	}
	cf := v >> bit & 1
	switch op.Cold {
	case kBTS:
		ok = c.setRM(&moved, v|1<<bit)
	case kBTR:
		ok = c.setRM(&moved, v&^(1<<bit))
	case kBTC:
		ok = c.setRM(&moved, v^1<<bit)
	}
	if ok {
		c.setCF(cf)
	}
	return ok
}

// execBitScan is BSF and BSR. A zero source leaves the destination, as all Intel processors do.
func execBitScan(c *CPU, op *Op) bool {
	v, ok := c.rm(op)
	if !ok {
		return false
	}
	c.flagsLogicN(v, op.Size)
	if v == 0 {
		return true
	}
	n := uint32(bits.TrailingZeros32(v))
	if op.Cold == kBSR {
		n = 31 - uint32(bits.LeadingZeros32(v))
	}
	c.setReg(op.Reg, op.Size, n)
	c.setArith(c.arith() &^ flagZF)
	return true
}

func init() {
	// ROL to RCR change only CF and OF; OF and (for SHL and SHR with large counts) CF depend on the count, see undefinedShiftFlags.
	for i, name := range []string{"rol", "ror", "rcl", "rcr", "shl", "shr", "sal", "sar"} {
		undef := uint32(0)
		if i >= 4 {
			undef = flagAF
		}
		def(kROL+Kind(i), name, undef, execShift)
	}
	def(kSHLD, "shld", flagAF, execDoubleShift)
	def(kSHRD, "shrd", flagAF, execDoubleShift)
	rest := uint32(flagOF | flagSF | flagAF | flagPF)
	def(kBT, "bt", rest, execBitTest)
	def(kBTS, "bts", rest, execBitTest)
	def(kBTR, "btr", rest, execBitTest)
	def(kBTC, "btc", rest, execBitTest)
	rest = flagOF | flagSF | flagAF | flagPF | flagCF
	def(kBSF, "bsf", rest, execBitScan)
	def(kBSR, "bsr", rest, execBitScan)
}
