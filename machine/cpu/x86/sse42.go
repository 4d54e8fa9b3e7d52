package x86

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

func init() {
	def(kSSEString, "pcmpxstrx", 0, (*CPU).sseString)
	def(kCRC32, "crc32", 0, execCRC32)
	def(kPOPCNT, "popcnt", 0, execPOPCNT)
}

func execPOPCNT(c *CPU, op *Op) bool {
	v, ok := c.rm(op)
	if ok {
		c.setReg(op.Reg, op.Size, uint64(bits.OnesCount64(v)))
		c.setZPC(v == 0, false, false)
	}
	return ok
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// execCRC32 adds bytes to a sum as it is. The library's sums are inverted at both ends.
func execCRC32(c *CPU, op *Op) bool {
	v, ok := c.rm(op)
	if ok {
		p := binary.LittleEndian.AppendUint64(nil, v)
		sum := uint32(c.r[op.Reg&31])
		c.r[op.Reg&31] = uint64(^crc32.Update(^sum, castagnoli, p[:op.Size]))
	}
	return ok
}

// What distinguishes PCMPESTRM, PCMPESTRI, PCMPISTRM and PCMPISTRI, in Sub.
const (
	stringIndex    = 1 << iota // the result is an index in ECX, and not a mask in XMM0
	stringImplicit             // the strings end at a zero element, and not where EAX and EDX say
)

// The immediate byte (SDM vol. 2, 4.1).
const (
	stringWords  = 1 << 0 // elements are words, and not bytes
	stringSigned = 1 << 1
	stringLast   = 1 << 6 // the index is that of the last match; the mask has whole elements
)

// sseString compares strings in an XMM register and in an operand that need not be aligned.
func (c *CPU) sseString(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	a, b := c.fpu.xmm[op.Reg&15], c.fpu.xmm[op.RM&15]
	if op.Flags&FlagMem != 0 {
		var ok bool
		if b.lo, b.hi, ok = c.read128(op.Seg, c.ea(op)); !ok {
			return false
		}
	}
	n := 16 >> (op.Imm & stringWords)
	x, y := newText(a, n, op.Imm), newText(b, n, op.Imm)
	if op.Sub&stringImplicit == 0 {
		x.len, y.len = explicitLength(c.reg(regEAX, max(op.Size, 4)), op.Size, n), explicitLength(c.reg(regEDX, max(op.Size, 4)), op.Size, n)
	}
	r := x.compare(&y, op.Imm>>2&3)
	switch op.Imm >> 4 & 3 { // polarity
	case 1:
		r ^= 1<<n - 1
	case 3:
		r ^= 1<<y.len - 1
	}
	c.setArith(bit(r != 0, flagCF) | bit(y.len < n, flagZF) | bit(x.len < n, flagSF) | bit(r&1 != 0, flagOF))
	switch {
	case op.Sub&stringIndex == 0 && op.Imm&stringLast == 0:
		return c.setXMM(0, xmmReg{lo: uint64(r)})
	case op.Sub&stringIndex == 0:
		return c.setXMM(0, spread(^uint64(0), 128/uint32(n), r))
	case r == 0:
		c.r[regECX] = uint64(n)
	case op.Imm&stringLast == 0:
		c.r[regECX] = uint64(bits.TrailingZeros32(r))
	default:
		c.r[regECX] = uint64(bits.Len32(r) - 1)
	}
	return true
}

// bit is flag if on, else 0.
func bit(on bool, flag uint32) uint32 {
	if on {
		return flag
	}
	return 0
}

// explicitLength is the absolute value of a register, at most n.
func explicitLength(v uint64, size uint8, n int) int {
	l := int64(signExtend(v, max(size, 4)))
	if l < 0 {
		v = uint64(-l)
	}
	return int(min(v, uint64(n)))
}

// text is a string of n elements, of which the first len count.
type text struct {
	e      [16]int32
	n, len int
}

// newText takes v apart. Its length is up to the first zero.
func newText(v xmmReg, n int, imm uint32) (t text) {
	t.n, t.len = n, n
	width := 128 / uint32(n)
	for i := n - 1; i >= 0; i-- {
		t.e[i] = int32(v.element(uint32(i), width))
		if imm&stringSigned != 0 {
			t.e[i] = t.e[i] << (32 - width) >> (32 - width)
		}
		if t.e[i] == 0 {
			t.len = i
		}
	}
	return t
}

// compare gives a bit for each element of s, by what t says of it (SDM vol. 2, 4.1.3 and table 4-7): it is one of t, in one of the ranges of t, equal to
// that of t, or where the whole of t begins.
func (t *text) compare(s *text, how uint32) (r uint32) {
	for j := range s.n {
		var yes bool
		switch how {
		case 0:
			yes = j < s.len && t.contains(s.e[j])
		case 1:
			yes = j < s.len && t.spans(s.e[j])
		case 2:
			yes = j < s.len && j < t.len && s.e[j] == t.e[j] || j >= s.len && j >= t.len
		default:
			yes = t.begins(s, j)
		}
		if yes {
			r |= 1 << j
		}
	}
	return r
}

func (t *text) contains(v int32) bool {
	for _, e := range t.e[:t.len] {
		if e == v {
			return true
		}
	}
	return false
}

// spans takes the elements of t by two, as ranges.
func (t *text) spans(v int32) bool {
	for i := 0; i+1 < t.len; i += 2 {
		if t.e[i] <= v && v <= t.e[i+1] {
			return true
		}
	}
	return false
}

// begins says whether s from j on, as far as it is in the register, begins as t does.
func (t *text) begins(s *text, j int) bool {
	for i := 0; i < t.len && j+i < s.n; i++ {
		if j+i >= s.len || s.e[j+i] != t.e[i] {
			return false
		}
	}
	return true
}
