package x86

import "math/bits"

// shift performs a rotate or shift of the group C0/C1/D0-D3 and sets its flags. count is already masked and not 0.
// OF is defined for counts of 1 only; for others it is what the same formula gives, as on current processors.
func (c *CPU) shift(k Kind, v uint64, count uint, size uint8) uint64 {
	width := 8 * uint(size)
	mask := sizeMask(size)
	top := width - 1
	bit := func(x uint64, n uint) uint32 { return uint32(x>>n) & 1 } // 0 beyond the last one
	var r uint64
	var cf uint32
	switch k {
	case kROL:
		n := count % width
		r = (v<<n | v>>(width-n)) & mask
		cf = bit(r, 0)
		c.setCFOF(cf, bit(r, top)^cf)
		return r
	case kROR:
		n := count % width
		r = (v>>n | v<<(width-n)) & mask
		c.setCFOF(bit(r, top), bit(r, top)^bit(r, top-1))
		return r
	case kRCL, kRCR:
		return c.rotateCarry(k, v, count%(width+1), size)
	case kSHL, kSAL:
		r, cf = v<<count&mask, bit(v<<(count-1), top)
		c.flagsLogic(r, size)
		c.setCFOF(cf, bit(r, top)^cf)
	case kSHR:
		x := v >> (count - 1)
		r, cf = x>>1, bit(x, 0)
		c.flagsLogic(r, size)
		c.setCFOF(cf, bit(r<<1^r, top))
	default: // SAR
		x := int64(signExtend(v, size)) >> (count - 1)
		r, cf = uint64(x>>1)&mask, bit(uint64(x), 0)
		c.flagsLogic(r, size)
		c.setCFOF(cf, 0)
	}
	return r
}

// rotateCarry is RCL and RCR: a rotation of one bit more, CF on top, by n.
func (c *CPU) rotateCarry(k Kind, v uint64, n uint, size uint8) uint64 {
	width, top := 8*uint(size), 8*uint(size)-1
	if k == kRCR {
		n = width + 1 - n // to the left
	}
	// CF is bit width. Shifts by the width of v and more give 0.
	cf := uint64(c.cf())
	r := v<<n | cf<<(n-1) | v>>(width+1-n)
	carry := uint32(v>>(width-n)) & 1
	switch n {
	case 0, width + 1:
		r, carry = v, uint32(cf)
	}
	r &= sizeMask(size)
	if k == kRCR {
		c.setCFOF(carry, uint32(r>>top^r>>(top-1))&1)
	} else {
		c.setCFOF(carry, uint32(r>>top)&1^carry)
	}
	return r
}

// countMask is what a shift's count is masked by.
func countMask(size uint8) uint64 {
	if size == 8 {
		return 63
	}
	return 31
}

// shiftCount is the masked count of a shift.
func (c *CPU) shiftCount(op *Op) uint {
	switch op.Sub {
	case formRMImm:
		return uint(uint64(op.Imm) & countMask(op.Size))
	case formRMCL:
		return uint(c.r[regECX] & countMask(op.Size))
	}
	return 1
}

func execShift(c *CPU, op *Op) bool {
	v, ok := c.modify(op)
	if !ok {
		return false
	}
	if count := c.shiftCount(op); count != 0 {
		v = c.shift(op.Cold, v, count, op.Size)
	}
	return c.setRM(op, v)
}

// execDoubleShift is SHLD and SHRD. For 16-bit operands and counts above 16 the result is undefined; this gives what the
// operand followed by the source and the operand again would.
func execDoubleShift(c *CPU, op *Op) bool {
	count := c.shiftCount(op)
	v, ok := c.modify(op)
	if !ok {
		return false
	}
	if count == 0 {
		return c.setRM(op, v)
	}
	src := c.reg(op.Reg, op.Size)
	width := 8 * uint(op.Size)
	var r, cf uint64
	switch {
	case width == 16 && op.Cold == kSHLD:
		x := v<<32 | src<<16 | v
		r, cf = x<<count>>32&0xffff, x>>(48-count)
	case width == 16:
		x := v<<32 | src<<16 | v
		r, cf = x>>count&0xffff, x>>(count-1)
	case op.Cold == kSHLD:
		r, cf = v<<count|src>>(width-count), v>>(width-count)
	default:
		r, cf = v>>count|src<<(width-count), v>>(count-1)
	}
	r &= sizeMask(op.Size)
	if !c.setRM(op, r) {
		return false
	}
	c.flagsLogic(r, op.Size)
	c.setCFOF(uint32(cf&1), uint32((r^v)>>(width-1)&1))
	return true
}

// execBitTest is BT, BTS, BTR and BTC. A register bit offset reaches beyond a memory operand (SDM vol. 2 §3.1.1.9).
func execBitTest(c *CPU, op *Op) bool {
	bit := uint64(op.Imm)
	if op.Sub != formRMImm {
		bit = c.reg(op.Reg, op.Size)
	}
	if op.Flags&FlagMem != 0 {
		return c.bitTestMemory(op, bit)
	}
	bit &= 8*uint64(op.Size) - 1
	v := c.reg(op.RM, op.Size)
	if op.Cold != kBT {
		c.setReg(op.RM, op.Size, changeBit(op.Cold, v, bit))
	}
	c.setCF(uint32(v >> bit & 1))
	return true
}

func (c *CPU) bitTestMemory(op *Op, bit uint64) bool {
	width, size := 8*uint64(op.Size), uint64(op.Size)
	ea := c.ea(op)
	if op.Sub != formRMImm {
		elements := int64(signExtend(bit, op.Size)) >> bits.TrailingZeros64(width)
		ea = (ea + uint64(elements)*size) & op.addressMask()
	}
	bit &= width - 1
	la, ok := c.linear(op.Seg, ea, size, op.Cold != kBT)
	if !ok || op.Cold != kBT && !c.writable(la, size) {
		return false
	}
	v, ok := c.loadSize(la, op.Size)
	if !ok || op.Cold != kBT && !c.storeSize(la, changeBit(op.Cold, v, bit), op.Size) {
		return false
	}
	c.setCF(uint32(v >> bit & 1))
	return true
}

func changeBit(k Kind, v, bit uint64) uint64 {
	switch k {
	case kBTS:
		return v | 1<<bit
	case kBTR:
		return v &^ (1 << bit)
	case kBTC:
		return v ^ 1<<bit
	}
	return v
}

// execBitScan is BSF and BSR. A zero source leaves the destination, as all Intel processors do.
func execBitScan(c *CPU, op *Op) bool {
	v, ok := c.rm(op)
	if !ok {
		return false
	}
	c.flagsLogic(v, op.Size)
	if v == 0 {
		return true
	}
	n := bits.TrailingZeros64(v)
	if op.Cold == kBSR {
		n = 63 - bits.LeadingZeros64(v)
	}
	c.setReg(op.Reg, op.Size, uint64(n))
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
