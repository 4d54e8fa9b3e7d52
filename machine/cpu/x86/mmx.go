package x86

// Kinds of MMX, and of the SSE and SSE2 instructions that work on MMX registers.
const (
	kEmms         = kindMMX + iota
	kMMXLane      // Sub: lane operation
	kMMXUnpackLow // Sub: element width, log2 of bytes
	kMMXUnpackHigh
	kMMXPack     // Sub: pack operation
	kMMXShift    // Sub: shift operation
	kMMXShiftImm // Sub: shift operation
	kMMXLoadD
	kMMXStoreD
	kMMXLoadQ
	kMMXStoreQ
	kMMXStoreNT
	kMMXShufW
	kMMXInsW
	kMMXExtW
	kMMXMask
	kMMXMaskMov
)

func init() {
	def(kEmms, "emms", 0, (*CPU).emms)
	def(kMMXLane, "mmx lane", 0, (*CPU).mmxLane)
	def(kMMXUnpackLow, "punpckl mmx", 0, (*CPU).mmxUnpackLow)
	def(kMMXUnpackHigh, "punpckh mmx", 0, (*CPU).mmxUnpackHigh)
	def(kMMXPack, "pack mmx", 0, (*CPU).mmxPack)
	def(kMMXShift, "psxx mmx", 0, (*CPU).mmxShift)
	def(kMMXShiftImm, "psxx mmx,imm", 0, (*CPU).mmxShiftImm)
	def(kMMXLoadD, "movd mmx,r/m", 0, (*CPU).mmxLoadD)
	def(kMMXStoreD, "movd r/m,mmx", 0, (*CPU).mmxStoreD)
	def(kMMXLoadQ, "movq mmx,r/m", 0, (*CPU).mmxLoadQ)
	def(kMMXStoreQ, "movq r/m,mmx", 0, (*CPU).mmxStoreQ)
	def(kMMXStoreNT, "movntq", 0, (*CPU).mmxStoreQ)
	def(kMMXShufW, "pshufw", 0, (*CPU).mmxShufW)
	def(kMMXInsW, "pinsrw mmx", 0, (*CPU).mmxInsW)
	def(kMMXExtW, "pextrw mmx", 0, (*CPU).mmxExtW)
	def(kMMXMask, "pmovmskb mmx", 0, (*CPU).mmxMask)
	def(kMMXMaskMov, "maskmovq", 0, (*CPU).mmxMaskMov)
}

// checkMMX says whether an MMX instruction may execute; it waits as an x87 one does.
func (c *CPU) checkMMX() bool {
	if c.cr0&cr0EM != 0 {
		return c.raise(excUD)
	}
	return c.checkFPU()
}

// enterMMX is what every MMX instruction but EMMS does to the x87: TOP becomes 0 and all registers valid (SDM vol. 1, 9.5.1).
func (f *fpuState) enterMMX() {
	f.top = 0
	f.valid = 0xff
}

func (f *fpuState) mm(i uint8) uint64 { return f.reg[i&7].Sig }

// setMM writes an MMX register; the exponent of the x87 register it is part of becomes all ones.
func (f *fpuState) setMM(i uint8, v uint64) {
	f.reg[i&7].Sig = v
	f.reg[i&7].SE = 0xffff
}

func (c *CPU) emms(_ *Op) bool {
	if !c.checkMMX() {
		return false
	}
	c.fpu.valid = 0
	c.fpu.top = 0
	return true
}

// mmxSource reads the 64-bit r/m operand of an instruction on MMX registers.
func (c *CPU) mmxSource(op *Op) (uint64, bool) {
	if op.Flags&FlagMem != 0 {
		return c.read64(op.Seg, c.ea(op))
	}
	return c.fpu.mm(op.RM), true
}

// mmxResult completes an instruction whose result goes to an MMX register.
func (c *CPU) mmxResult(reg uint8, v uint64) bool {
	c.fpu.enterMMX()
	c.fpu.setMM(reg, v)
	return true
}

func (c *CPU) mmxLane(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	b, ok := c.mmxSource(op)
	return ok && c.mmxResult(op.Reg, laneOps[op.Sub](c.fpu.mm(op.Reg), b))
}

func (c *CPU) mmxUnpackLow(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	var b uint64
	ok := true
	if op.Flags&FlagMem != 0 { // only 32 bits of memory are read
		var v uint32
		v, ok = c.read32(op.Seg, c.ea(op))
		b = uint64(v)
	} else {
		b = c.fpu.mm(op.RM)
	}
	return ok && c.mmxResult(op.Reg, interleave(uint32(c.fpu.mm(op.Reg)), uint32(b), op.Sub))
}

func (c *CPU) mmxUnpackHigh(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	b, ok := c.mmxSource(op)
	return ok && c.mmxResult(op.Reg, interleave(uint32(c.fpu.mm(op.Reg)>>32), uint32(b>>32), op.Sub))
}

func (c *CPU) mmxPack(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	b, ok := c.mmxSource(op)
	return ok && c.mmxResult(op.Reg, packOps[op.Sub](c.fpu.mm(op.Reg), b))
}

func (c *CPU) mmxShift(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	n, ok := c.mmxSource(op)
	return ok && c.mmxResult(op.Reg, shiftOps[op.Sub](c.fpu.mm(op.Reg), n))
}

func (c *CPU) mmxShiftImm(op *Op) bool {
	return c.checkMMX() && c.mmxResult(op.RM, shiftOps[op.Sub](c.fpu.mm(op.RM), uint64(op.Imm&0xff)))
}

func (c *CPU) mmxLoadD(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	v, ok := c.rmSize(op, max(op.Size, 4))
	return ok && c.mmxResult(op.Reg, v)
}

func (c *CPU) mmxStoreD(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	if !c.setRMSize(op, c.fpu.mm(op.Reg), max(op.Size, 4)) {
		return false
	}
	c.fpu.enterMMX()
	return true
}

func (c *CPU) mmxLoadQ(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	v, ok := c.mmxSource(op)
	return ok && c.mmxResult(op.Reg, v)
}

func (c *CPU) mmxStoreQ(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	v := c.fpu.mm(op.Reg)
	if op.Flags&FlagMem == 0 {
		return c.mmxResult(op.RM, v)
	}
	if !c.write64(op.Seg, c.ea(op), v) {
		return false
	}
	c.fpu.enterMMX()
	return true
}

func (c *CPU) mmxShufW(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	v, ok := c.mmxSource(op)
	return ok && c.mmxResult(op.Reg, shuffleWords(v, op.Imm))
}

// mmxInsW is PINSRW; like PEXTRW and PMOVMSKB it exists for MMX registers since SSE.
func (c *CPU) mmxInsW(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	w, ok := c.source16(op)
	if !ok {
		return false
	}
	at := op.Imm & 3 * 16
	return c.mmxResult(op.Reg, c.fpu.mm(op.Reg)&^(0xffff<<at)|uint64(w)<<at)
}

// source16 reads a 16-bit operand from memory or the low half of a general register.
func (c *CPU) source16(op *Op) (uint16, bool) {
	if op.Flags&FlagMem != 0 {
		v, ok := c.read16(op.Seg, c.ea(op))
		return uint16(v), ok
	}
	return uint16(c.r[op.RM&31]), true
}

func (c *CPU) mmxExtW(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	c.r[op.Reg&31] = uint64(uint32(c.fpu.mm(op.RM) >> (op.Imm & 3 * 16) & 0xffff))
	c.fpu.enterMMX()
	return true
}

func (c *CPU) mmxMask(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	c.r[op.Reg&31] = uint64(signMask8(c.fpu.mm(op.RM)))
	c.fpu.enterMMX()
	return true
}

func (c *CPU) mmxMaskMov(op *Op) bool {
	if !c.checkMMX() {
		return false
	}
	if !c.maskedStore(op, []uint64{c.fpu.mm(op.Reg)}, []uint64{c.fpu.mm(op.RM)}) {
		return false
	}
	c.fpu.enterMMX()
	return true
}

// maskedStore writes at DS:EDI (or the override) the bytes of data whose mask byte has its top bit set. The pages are checked for
// those bytes only; a mask of zeros accesses nothing, which the manual leaves to the implementation.
func (c *CPU) maskedStore(op *Op, data, mask []uint64) bool {
	edi := c.r[regEDI]
	for _, store := range []bool{false, true} {
		for i := range 8 * len(data) {
			if mask[i/8]>>(i%8*8+7)&1 == 0 {
				continue
			}
			ok := true
			if store {
				ok = c.write8(op.Seg, (edi+uint64(i))&op.addressMask(), uint32(data[i/8]>>(i%8*8)&0xff))
			} else {
				ok = c.probe(op.Seg, (edi+uint64(i))&op.addressMask(), 1, true)
			}
			if !ok {
				return false
			}
		}
	}
	return true
}
