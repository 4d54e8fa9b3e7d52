package x86

func init() {
	def(kSSEMovA, "movaps xmm,r/m", 0, func(c *CPU, op *Op) bool { return c.sseUnary(op, func(v xmmReg) xmmReg { return v }) })
	def(kSSEMovU, "movups xmm,r/m", 0, (*CPU).sseMovU)
	def(kSSEMovAStore, "movaps r/m,xmm", 0, func(c *CPU, op *Op) bool { return c.sseStore(op, true) })
	def(kSSEMovUStore, "movups r/m,xmm", 0, func(c *CPU, op *Op) bool { return c.sseStore(op, false) })
	def(kSSEMovNT, "movntps", 0, func(c *CPU, op *Op) bool { return c.sseStore(op, true) })
	def(kSSEMovSS, "movss xmm,r/m", 0, (*CPU).sseMovSS)
	def(kSSEMovSSStore, "movss r/m,xmm", 0, (*CPU).sseMovSSStore)
	def(kSSEMovSD, "movsd xmm,r/m", 0, (*CPU).sseMovSD)
	def(kSSEMovSDStore, "movsd r/m,xmm", 0, (*CPU).sseMovSDStore)
	def(kSSEMovLP, "movlps xmm,r/m", 0, (*CPU).sseMovLP)
	def(kSSEMovLPStore, "movlps m,xmm", 0, func(c *CPU, op *Op) bool {
		return c.checkSSE() && c.write64(op.Seg, c.ea(op), c.fpu.xmm[op.Reg&15].lo)
	})
	def(kSSEMovHP, "movhps xmm,r/m", 0, (*CPU).sseMovHP)
	def(kSSEMovHPStore, "movhps m,xmm", 0, func(c *CPU, op *Op) bool {
		return c.checkSSE() && c.write64(op.Seg, c.ea(op), c.fpu.xmm[op.Reg&15].hi)
	})
	def(kSSEMovQ, "movq xmm,r/m", 0, (*CPU).sseMovQ)
	def(kSSEMovQStore, "movq r/m,xmm", 0, (*CPU).sseMovQStore)
	def(kSSEMovD, "movd xmm,r/m", 0, (*CPU).sseMovD)
	def(kSSEMovDStore, "movd r/m,xmm", 0, (*CPU).sseMovDStore)
	def(kSSEMovQ2DQ, "movq2dq", 0, (*CPU).sseMovQ2DQ)
	def(kSSEMovDQ2Q, "movdq2q", 0, (*CPU).sseMovDQ2Q)
	def(kSSEMovNTI, "movnti", 0, (*CPU).sseMovNTI)
	def(kSSEMovMskPS, "movmskps", 0, (*CPU).sseMovMskPS)
	def(kSSEMovMskPD, "movmskpd", 0, (*CPU).sseMovMskPD)
	def(kFXSave, "fxsave", 0, (*CPU).fxsave)
	def(kFXRstor, "fxrstor", 0, (*CPU).fxrstor)
	def(kLdMXCSR, "ldmxcsr", 0, (*CPU).ldMXCSR)
	def(kStMXCSR, "stmxcsr", 0, (*CPU).stMXCSR)
	def(kFence, "fence", 0, func(*CPU, *Op) bool { return true })
	def(kCLFlush, "clflush", 0, (*CPU).clflush)
}

// sseUnary sets the destination to g of an aligned 128-bit source.
func (c *CPU) sseUnary(op *Op, g func(xmmReg) xmmReg) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM(op)
	if ok {
		c.fpu.xmm[op.Reg&15] = g(v)
	}
	return ok
}

// sseBinary sets the destination to g of itself and an aligned 128-bit source.
func (c *CPU) sseBinary(op *Op, g func(a, b xmmReg) xmmReg) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM(op)
	if ok {
		d := &c.fpu.xmm[op.Reg&15]
		*d = g(*d, v)
	}
	return ok
}

func (c *CPU) sseMovU(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	if op.Flags&FlagMem == 0 {
		c.fpu.xmm[op.Reg&15] = c.fpu.xmm[op.RM&15]
		return true
	}
	lo, hi, ok := c.read128(op.Seg, c.ea(op))
	if ok {
		c.fpu.xmm[op.Reg&15] = xmmReg{lo, hi}
	}
	return ok
}

func (c *CPU) sseStore(op *Op, aligned bool) bool {
	if !c.checkSSE() {
		return false
	}
	v := c.fpu.xmm[op.Reg&15]
	if op.Flags&FlagMem == 0 {
		c.fpu.xmm[op.RM&15] = v
		return true
	}
	return c.writeXMM(op, v, aligned)
}

// sseMovSS clears the rest of the register when it loads from memory, and keeps it when it moves between registers.
func (c *CPU) sseMovSS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM32(op)
	if !ok {
		return false
	}
	d := &c.fpu.xmm[op.Reg&15]
	if op.Flags&FlagMem != 0 {
		*d = xmmReg{lo: uint64(v)}
	} else {
		d.lo = d.lo&^0xffffffff | uint64(v)
	}
	return true
}

func (c *CPU) sseMovSSStore(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v := uint32(c.fpu.xmm[op.Reg&15].lo)
	if op.Flags&FlagMem != 0 {
		return c.write32(op.Seg, c.ea(op), v)
	}
	d := &c.fpu.xmm[op.RM&15]
	d.lo = d.lo&^0xffffffff | uint64(v)
	return true
}

func (c *CPU) sseMovSD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM64(op)
	if !ok {
		return false
	}
	d := &c.fpu.xmm[op.Reg&15]
	d.lo = v
	if op.Flags&FlagMem != 0 {
		d.hi = 0
	}
	return true
}

func (c *CPU) sseMovSDStore(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v := c.fpu.xmm[op.Reg&15].lo
	if op.Flags&FlagMem != 0 {
		return c.write64(op.Seg, c.ea(op), v)
	}
	c.fpu.xmm[op.RM&15].lo = v
	return true
}

// sseMovLP is MOVLPS and MOVLPD; its register form is MOVHLPS, which takes the high half.
func (c *CPU) sseMovLP(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.fpu.xmm[op.RM&15].hi, true
	if op.Flags&FlagMem != 0 {
		v, ok = c.read64(op.Seg, c.ea(op))
	}
	if ok {
		c.fpu.xmm[op.Reg&15].lo = v
	}
	return ok
}

// sseMovHP is MOVHPS and MOVHPD; its register form is MOVLHPS, which takes the low half.
func (c *CPU) sseMovHP(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM64(op)
	if ok {
		c.fpu.xmm[op.Reg&15].hi = v
	}
	return ok
}

func (c *CPU) sseMovQ(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM64(op)
	if ok {
		c.fpu.xmm[op.Reg&15] = xmmReg{lo: v}
	}
	return ok
}

func (c *CPU) sseMovQStore(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v := c.fpu.xmm[op.Reg&15].lo
	if op.Flags&FlagMem != 0 {
		return c.write64(op.Seg, c.ea(op), v)
	}
	c.fpu.xmm[op.RM&15] = xmmReg{lo: v}
	return true
}

func (c *CPU) sseMovD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.rmSize(op, max(op.Size, 4))
	if ok {
		c.fpu.xmm[op.Reg&15] = xmmReg{lo: v}
	}
	return ok
}

func (c *CPU) sseMovDStore(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	return c.setRMSize(op, c.fpu.xmm[op.Reg&15].lo, max(op.Size, 4))
}

// checkSSEMMX is for instructions that use registers of both kinds.
func (c *CPU) checkSSEMMX() bool {
	return c.checkSSE() && c.checkFPU()
}

func (c *CPU) sseMovQ2DQ(op *Op) bool {
	if !c.checkSSEMMX() {
		return false
	}
	c.fpu.xmm[op.Reg&15] = xmmReg{lo: c.fpu.mm(op.RM)}
	c.fpu.enterMMX()
	return true
}

func (c *CPU) sseMovDQ2Q(op *Op) bool {
	return c.checkSSEMMX() && c.mmxResult(op.Reg, c.fpu.xmm[op.RM&15].lo)
}

// sseMovNTI stores a general register. It needs neither SSE state nor its enabling.
func (c *CPU) sseMovNTI(op *Op) bool {
	return c.write(op.Seg, c.ea(op), c.reg(op.Reg, max(op.Size, 4)), max(op.Size, 4))
}

func (c *CPU) sseMovMskPS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v := c.fpu.xmm[op.RM&15]
	c.r[op.Reg&31] = uint64(uint32(v.lo>>31&1 | v.lo>>63<<1 | v.hi>>31&1<<2 | v.hi>>63<<3))
	return true
}

func (c *CPU) sseMovMskPD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v := c.fpu.xmm[op.RM&15]
	c.r[op.Reg&31] = uint64(uint32(v.lo>>63 | v.hi>>63<<1))
	return true
}

// fxArea is how much of the 512-byte area FXSAVE writes (SDM vol. 1, table 10-2): up to XMM15, or outside of 64-bit mode XMM7.
const (
	fxArea   = 416
	fxArea32 = 288
)

// legacyImage is the area's contents. wide: the x87 pointers have 64 bits, and no selectors.
func (f *fpuState) legacyImage(wide bool) (words [fxArea / 8]uint64) {
	tags := uint64(f.valid) // the abridged tag word has a bit per physical register
	words = [fxArea / 8]uint64{
		uint64(f.cw) | uint64(f.status())<<16 | tags<<32 | uint64(f.fop)<<48,
		f.fip, f.fdp,
		uint64(f.mxcsr) | mxcsrMask<<32,
	}
	if !wide {
		words[1] = uint64(uint32(f.fip)) | uint64(f.fcs)<<32
		words[2] = uint64(uint32(f.fdp)) | uint64(f.fds)<<32
	}
	for i := range uint8(8) {
		words[4+2*i], words[5+2*i] = f.st(i).Sig, uint64(f.st(i).SE)
	}
	for i, v := range f.xmm {
		words[20+2*i], words[21+2*i] = v.lo, v.hi
	}
	return words
}

// loadX87 takes the x87 state from a legacy image.
func (f *fpuState) loadX87(words *[fxArea / 8]uint64, wide bool) {
	f.setStatus(uint16(words[0] >> 16))
	f.valid = uint8(words[0] >> 32)
	f.fop = uint16(words[0] >> 48 & 0x7ff)
	if wide {
		f.fip, f.fcs, f.fdp, f.fds = words[1], 0, words[2], 0
	} else {
		f.fip, f.fcs = uint64(uint32(words[1])), uint16(words[1]>>32)
		f.fdp, f.fds = uint64(uint32(words[2])), uint16(words[2]>>32)
	}
	for i := range uint8(8) {
		st := f.st(i)
		st.Sig, st.SE = words[4+2*i], uint16(words[5+2*i])
	}
	f.setControl(uint16(words[0]))
}

// legacyArea is how much of the area belongs to the mode.
func (c *CPU) legacyArea() int {
	if c.mode&mode64 != 0 {
		return fxArea
	}
	return fxArea32
}

// fxsave stores the x87 and SSE state. It does not wait for pending exceptions.
func (c *CPU) fxsave(op *Op) bool {
	if !c.checkFPUControl() {
		return false
	}
	ea := c.ea(op)
	if !c.aligned16(op, ea) || !c.probe(op.Seg, ea, 512, true) {
		return false
	}
	words := c.fpu.legacyImage(op.Size == 8)
	for i, v := range words[:c.legacyArea()/8] {
		if !c.write64(op.Seg, ea+8*uint64(i), v) {
			return false
		}
	}
	return true
}

func (c *CPU) fxrstor(op *Op) bool {
	if !c.checkFPUControl() {
		return false
	}
	ea := c.ea(op)
	if !c.aligned16(op, ea) || !c.probe(op.Seg, ea, 512, false) {
		return false
	}
	var words [fxArea / 8]uint64
	n := c.legacyArea() / 8
	for i := range words[:n] {
		var ok bool
		if words[i], ok = c.read64(op.Seg, ea+8*uint64(i)); !ok {
			return false
		}
	}
	if uint32(words[3])&^mxcsrMask != 0 {
		return c.raiseErr(excGP, 0)
	}
	f := &c.fpu
	f.loadX87(&words, op.Size == 8)
	f.setMXCSR(uint32(words[3]))
	for i := range f.xmm[:(n-20)/2] {
		f.xmm[i] = xmmReg{words[20+2*i], words[21+2*i]}
	}
	return true
}

func (c *CPU) ldMXCSR(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.read32(op.Seg, c.ea(op))
	if !ok {
		return false
	}
	if v&^mxcsrMask != 0 {
		return c.raiseErr(excGP, 0)
	}
	c.fpu.setMXCSR(v)
	return true
}

func (c *CPU) stMXCSR(op *Op) bool {
	return c.checkSSE() && c.write32(op.Seg, c.ea(op), c.fpu.mxcsr)
}

// clflush has no cache to flush, but faults as a load of a byte does.
func (c *CPU) clflush(op *Op) bool {
	return c.probe(op.Seg, c.ea(op), 1, false)
}
