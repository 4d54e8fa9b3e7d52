package x86

import "encoding/binary"

func init() {
	def(kMMXShufB, "pshufb mmx", 0, func(c *CPU, op *Op) bool {
		return c.mmxBinary(op, func(a, b uint64) uint64 {
			return bytes8(0, b, func(_, k uint8) uint8 { return uint8(a>>(k&7*8)) &^ uint8(int8(k)>>7) })
		})
	})
	def(kSSEShufB, "pshufb xmm", 0, func(c *CPU, op *Op) bool { return c.sseBinary(op, shuffleBytes) })
	def(kMMXAlign, "palignr mmx", 0, func(c *CPU, op *Op) bool {
		return c.mmxBinary(op, func(a, b uint64) uint64 { return shiftPair(a, b, 8*op.Imm) })
	})
	def(kSSEAlign, "palignr xmm", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg {
			w := [...]uint64{b.lo, b.hi, a.lo, a.hi, 0, 0, 0}
			i, n := min(op.Imm/8, 4), op.Imm%8*8
			return xmmReg{shiftPair(w[i+1], w[i], n), shiftPair(w[i+2], w[i+1], n)}
		})
	})
}

// mmxBinary sets the destination to g of itself and a 64-bit source.
func (c *CPU) mmxBinary(op *Op, g func(a, b uint64) uint64) bool {
	if !c.checkMMX() {
		return false
	}
	b, ok := c.mmxSource(op)
	return ok && c.mmxResult(op.Reg, g(c.fpu.mm(op.Reg), b))
}

// bytes are the 16 bytes of v, the lowest first; ofBytes is the way back.
func (v xmmReg) bytes() (b [16]byte) {
	binary.LittleEndian.PutUint64(b[:], v.lo)
	binary.LittleEndian.PutUint64(b[8:], v.hi)
	return b
}

func ofBytes(b [16]byte) xmmReg {
	return xmmReg{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])}
}

// shuffleBytes picks bytes of v by the low four bits of those of order, or zero where their top bit is set.
func shuffleBytes(v, order xmmReg) xmmReg {
	from, to := v.bytes(), order.bytes()
	for i, k := range to {
		to[i] = from[k&15] &^ byte(int8(k)>>7)
	}
	return ofBytes(to)
}

// shiftPair is the low half of hi:lo >> n.
func shiftPair(hi, lo uint64, n uint32) uint64 {
	if n < 64 {
		return lo>>n | hi<<(64-n)
	}
	return hi >> (n - 64)
}
