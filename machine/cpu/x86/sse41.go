package x86

import "forkscope/machine/cpu/softfloat"

func init() {
	def(kSSEBlend, "blend", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg {
			n := uint32(op.Sub)
			for i := range 128 / n {
				if op.Imm>>i&1 != 0 {
					a.setElement(i, n, b.element(i, n))
				}
			}
			return a
		})
	})
	def(kSSEBlendV, "blendv", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg {
			lo, hi := signMask(c.fpu.xmm[0].lo, op.Sub), signMask(c.fpu.xmm[0].hi, op.Sub)
			return xmmReg{a.lo&^lo | b.lo&lo, a.hi&^hi | b.hi&hi}
		})
	})
	def(kSSETest, "ptest", 0, (*CPU).sseTest)
	def(kSSEExtend, "pmovx", 0, (*CPU).sseExtend)
	def(kSSEMinPos, "phminposuw", 0, func(c *CPU, op *Op) bool {
		return c.sseUnary(op, func(v xmmReg) xmmReg {
			least := ^uint64(0)
			for i := range uint32(8) {
				least = min(least, v.element(i, 16)<<16|uint64(i))
			}
			return xmmReg{lo: least>>16 | least&0xffff<<16}
		})
	})
	def(kSSESumDiff, "mpsadbw", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg { return sumDifferences(a, b, op.Imm) })
	})
	def(kSSERoundPS, "roundps", 0, func(c *CPU, op *Op) bool {
		return c.sseSettled(op, func(f *fpuState, _, b xmmReg) xmmReg {
			g := func(_, b uint32) uint32 { return f.round32(b, op.Imm) }
			return xmmReg{lanes32(0, b.lo, g), lanes32(0, b.hi, g)}
		})
	})
	def(kSSERoundPD, "roundpd", 0, func(c *CPU, op *Op) bool {
		return c.sseSettled(op, func(f *fpuState, _, b xmmReg) xmmReg { return xmmReg{f.round64(b.lo, op.Imm), f.round64(b.hi, op.Imm)} })
	})
	def(kSSERoundSS, "roundss", 0, (*CPU).sseRoundSS)
	def(kSSERoundSD, "roundsd", 0, (*CPU).sseRoundSD)
	def(kSSEDotPS, "dpps", 0, (*CPU).sseDotPS)
	def(kSSEDotPD, "dppd", 0, (*CPU).sseDotPD)
	def(kSSEExtract, "pextr", 0, (*CPU).sseExtract)
	def(kSSEInsert, "pinsr", 0, (*CPU).sseInsert)
	def(kSSEInsertPS, "insertps", 0, (*CPU).sseInsertPS)
}

// element is element i of those of n bits.
func (v *xmmReg) element(i, n uint32) uint64 {
	at := i * n
	return v.half(at>>6) >> (at & 63) & (1<<n - 1)
}

// setElement sets element i of those of n bits to the low bits of x.
func (v *xmmReg) setElement(i, n uint32, x uint64) {
	half, at := &v.lo, i*n
	if at >= 64 {
		half, at = &v.hi, at-64
	}
	mask := (uint64(1)<<n - 1) << at
	*half = *half&^mask | x<<at&mask
}

// signMask fills each element of n bits with its top bit.
func signMask(v uint64, n uint8) uint64 {
	t := v & (^uint64(0) / (1<<n - 1) << (n - 1))
	return t | (t - t>>(n-1))
}

func (c *CPU) sseTest(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM(op)
	if ok {
		a := c.fpu.xmm[op.Reg&15]
		c.setZPC(a.lo&b.lo|a.hi&b.hi == 0, false, b.lo&^a.lo|b.hi&^a.hi == 0)
	}
	return ok
}

// sseExtend is PMOVSX and PMOVZX, which read no more of memory than they extend.
func (c *CPU) sseExtend(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	from, to := uint32(8)<<(op.Sub&3), uint32(8)<<(op.Sub>>2&3)
	v := c.fpu.xmm[op.RM&15].lo
	if op.Flags&FlagMem != 0 {
		var ok bool
		if v, ok = c.read(op.Seg, c.ea(op), uint8(16*from/to)); !ok {
			return false
		}
	}
	var r xmmReg
	for i := range 128 / to {
		x := v >> (i * from) << (64 - from)
		if op.Sub&(1<<4) != 0 {
			x = uint64(int64(x) >> (64 - from))
		} else {
			x >>= 64 - from
		}
		r.setElement(i, to, x)
	}
	return c.setXMM(op.Reg, r)
}

// sumDifferences is MPSADBW: sums of the differences of four bytes of b, chosen by imm, and each four of eleven bytes of a.
func sumDifferences(a, b xmmReg, imm uint32) (r xmmReg) {
	x, y := a.bytes(), b.bytes()
	for i := range uint32(8) {
		sum := uint64(0)
		for k := range uint32(4) {
			p, q := x[imm&4+i+k], y[imm&3*4+k]
			sum += uint64(max(p, q) - min(p, q))
		}
		r.setElement(i, 16, sum)
	}
	return r
}

// The immediate byte of ROUNDPS and the like (SDM vol. 2, table 4-20): the rounding mode in bits 0-1, and these.
const (
	roundByMXCSR = 1 << 2
	roundQuietly = 1 << 3 // no PE
)

// roundingBy takes the rounding mode from an immediate byte, and returns what sets it back and forgets about denormal operands, which these
// instructions do not report.
func (f *fpuState) roundingBy(imm uint32) func() {
	mode := f.sse.Round
	if imm&roundByMXCSR == 0 {
		f.sse.Round = softfloat.Rounding(imm & 3)
	}
	return func() {
		f.sse.Round = mode
		f.sse.Flags &^= softfloat.Denormal
	}
}

func (f *fpuState) round32(v, imm uint32) uint32 {
	defer f.roundingBy(imm)()
	return f.sse.RoundInt32(v, imm&roundQuietly != 0)
}

func (f *fpuState) round64(v uint64, imm uint32) uint64 {
	defer f.roundingBy(imm)()
	return f.sse.RoundInt64(v, imm&roundQuietly != 0)
}

func (c *CPU) sseRoundSS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM32(op)
	if !ok {
		return false
	}
	r := c.fpu.round32(v, op.Imm)
	if !c.sseSettle() {
		return false
	}
	c.fpu.xmm[op.Reg&15].setElement(0, 32, uint64(r))
	return true
}

func (c *CPU) sseRoundSD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM64(op)
	if !ok {
		return false
	}
	r := c.fpu.round64(v, op.Imm)
	if !c.sseSettle() {
		return false
	}
	c.fpu.xmm[op.Reg&15].lo = r
	return true
}

// sseDotPS takes the exceptions of each step before the next (SDM vol. 2, DPPS).
func (c *CPU) sseDotPS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	f := &c.fpu
	a := f.xmm[op.Reg&15]
	var p [4]uint32
	for i := range uint32(4) {
		if op.Imm>>(4+i)&1 != 0 {
			p[i] = f.arith32(sseMul, uint32(a.element(i, 32)), uint32(b.element(i, 32)))
		}
	}
	if !c.sseSettle() {
		return false
	}
	lo, hi := f.arith32(sseAdd, p[0], p[1]), f.arith32(sseAdd, p[2], p[3])
	if !c.sseSettle() {
		return false
	}
	sum := f.arith32(sseAdd, lo, hi)
	return c.sseSettle() && c.setXMM(op.Reg, spread(uint64(sum), 32, op.Imm))
}

func (c *CPU) sseDotPD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	f := &c.fpu
	a := f.xmm[op.Reg&15]
	var lo, hi uint64
	if op.Imm&(1<<4) != 0 {
		lo = f.arith64(sseMul, a.lo, b.lo)
	}
	if op.Imm&(1<<5) != 0 {
		hi = f.arith64(sseMul, a.hi, b.hi)
	}
	if !c.sseSettle() {
		return false
	}
	sum := f.arith64(sseAdd, lo, hi)
	return c.sseSettle() && c.setXMM(op.Reg, spread(sum, 64, op.Imm))
}

// spread puts x into the elements of n bits that have a bit in where.
func spread(x uint64, n, where uint32) (r xmmReg) {
	for i := range 128 / n {
		if where>>i&1 != 0 {
			r.setElement(i, n, x)
		}
	}
	return r
}

// elementSize is that of what PEXTRx and PINSRx move: REX.W makes 8 bytes of 4.
func elementSize(op *Op) uint8 {
	if op.Sub == 2 && op.Size == 8 {
		return 8
	}
	return 1 << (op.Sub & 3)
}

// sseExtract is PEXTRB, PEXTRW to memory, PEXTRD, PEXTRQ and EXTRACTPS; a general register is filled with zeros.
func (c *CPU) sseExtract(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	size := elementSize(op)
	v := c.fpu.xmm[op.Reg&15].element(op.Imm&(16/uint32(size)-1), 8*uint32(size))
	if op.Flags&FlagMem == 0 {
		size = 8
	}
	return c.setRMSize(op, v, size)
}

// sseInsert is PINSRB, PINSRD and PINSRQ.
func (c *CPU) sseInsert(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	size := elementSize(op)
	v := c.r[op.RM&31]
	if op.Flags&FlagMem != 0 {
		var ok bool
		if v, ok = c.read(op.Seg, c.ea(op), size); !ok {
			return false
		}
	}
	c.fpu.xmm[op.Reg&15].setElement(op.Imm&(16/uint32(size)-1), 8*uint32(size), v)
	return true
}

func (c *CPU) sseInsertPS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v := c.fpu.xmm[op.RM&15].element(op.Imm>>6, 32)
	if op.Flags&FlagMem != 0 {
		var ok bool
		if v, ok = c.read(op.Seg, c.ea(op), 4); !ok {
			return false
		}
	}
	d := &c.fpu.xmm[op.Reg&15]
	d.setElement(op.Imm>>4&3, 32, v)
	keep := spread(^uint64(0), 32, ^op.Imm)
	d.lo, d.hi = d.lo&keep.lo, d.hi&keep.hi
	return true
}
