package softfloat

import "math/bits"

// The common case of extended arithmetic: normal operands, normal result, round to nearest at 64 bits. Each function here gives
// what its general counterpart does, or ok false.

func (e *Env) plain() bool { return e.Round == NearestEven && e.Precision != 53 && e.Precision != 24 }

// isNormal says whether v is a normal number.
func (v F80) isNormal() bool { return v.SE&0x7fff-1 < 0x7ffe && v.Sig&intBit != 0 }

// nearest rounds hi.lo, whose biased exponent is exp, to nearest.
func (e *Env) nearest(sign uint16, exp int32, hi, lo uint64) (r F80, ok bool) {
	if lo != 0 {
		up := lo > intBit || lo == intBit && hi&1 != 0
		if up {
			hi++
			if hi == 0 {
				hi = intBit
				exp++
			}
		}
		if uint32(exp-1) >= 0x7ffe {
			return F80{}, false
		}
		e.Flags |= Inexact
		e.RoundedUp = up
	} else if uint32(exp-1) >= 0x7ffe {
		return F80{}, false
	}
	return F80{hi, sign | uint16(exp)}, true
}

// fastAdd adds a and b, b's sign being inverted by flip (0x8000 or 0).
func (e *Env) fastAdd(a, b F80, flip uint16) (r F80, ok bool) {
	if !e.plain() || !a.isNormal() || !b.isNormal() {
		return F80{}, false
	}
	b.SE ^= flip
	ea, eb := a.SE&0x7fff, b.SE&0x7fff
	if ea < eb || ea == eb && a.Sig < b.Sig {
		a, b, ea, eb = b, a, eb, ea
	}
	d := ea - eb
	if d >= 64 {
		return F80{}, false
	}
	exp := int32(ea)
	hi, lo := b.Sig>>d, b.Sig<<(64-d)
	if (a.SE^b.SE)&0x8000 == 0 {
		var c uint64
		hi, c = bits.Add64(a.Sig, hi, 0)
		if c != 0 {
			lo = hi<<63 | lo>>1 | lo&1
			hi = hi>>1 | intBit
			exp++
		}
	} else {
		var c uint64
		lo, c = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(a.Sig, hi, c)
		if hi == 0 { // zero, or nearly
			return F80{}, false
		}
		if s := bits.LeadingZeros64(hi); s != 0 {
			hi = hi<<s | lo>>(64-s)
			lo <<= s
			exp -= int32(s)
		}
	}
	return e.nearest(a.SE&0x8000, exp, hi, lo)
}

func (e *Env) fastMul(a, b F80) (r F80, ok bool) {
	if !e.plain() || !a.isNormal() || !b.isNormal() {
		return F80{}, false
	}
	hi, lo := bits.Mul64(a.Sig, b.Sig)
	exp := int32(a.SE&0x7fff) + int32(b.SE&0x7fff) - f80Bias + 1
	if hi&intBit == 0 {
		hi = hi<<1 | lo>>63
		lo <<= 1
		exp--
	}
	return e.nearest((a.SE^b.SE)&0x8000, exp, hi, lo)
}

func (e *Env) fastDiv(a, b F80) (r F80, ok bool) {
	if !e.plain() || !a.isNormal() || !b.isNormal() {
		return F80{}, false
	}
	exp := int32(a.SE&0x7fff) - int32(b.SE&0x7fff) + f80Bias
	hi, lo := a.Sig, uint64(0)
	if a.Sig >= b.Sig {
		hi, lo = a.Sig>>1, a.Sig<<63
	} else {
		exp--
	}
	q, rest := bits.Div64(hi, lo, b.Sig)
	lo = 0
	if rest != 0 { // a quotient of 64-bit numbers is never half way
		lo = 1
		if rest > b.Sig-rest {
			lo = intBit | 1
		}
	}
	return e.nearest((a.SE^b.SE)&0x8000, exp, q, lo)
}

// Widen64 gives the extended form of a binary64 that is normal; ok is false for any other.
func Widen64(a uint64) (r F80, ok bool) {
	exp := uint16(a>>52) & 0x7ff
	if exp-1 >= 0x7fe {
		return F80{}, false
	}
	return F80{a<<11 | intBit, uint16(a>>48)&0x8000 | (exp + f80Bias - 1023)}, true
}

// Widen32 gives the extended form of a binary32 that is normal; ok is false for any other.
func Widen32(a uint32) (r F80, ok bool) {
	exp := uint16(a>>23) & 0xff
	if exp-1 >= 0xfe {
		return F80{}, false
	}
	return F80{uint64(a)<<40 | intBit, uint16(a>>16)&0x8000 | (exp + f80Bias - 127)}, true
}

// fastNarrow64 rounds a normal number to a normal binary64, to nearest.
func (e *Env) fastNarrow64(a F80) (r uint64, ok bool) {
	exp := a.SE&0x7fff - (f80Bias - 1023)
	if e.Round != NearestEven || exp-1 >= 0x7fe || a.Sig&intBit == 0 {
		return 0, false
	}
	low := a.Sig & 0x7ff
	r = uint64(exp)<<52 + a.Sig<<1>>12
	if low != 0 {
		up := low > 0x400 || low == 0x400 && r&1 != 0
		if up {
			r++ // a carry goes into the exponent
			if r>>52 == 0x7ff {
				return 0, false
			}
		}
		e.Flags |= Inexact
		e.RoundedUp = up
	}
	return r | uint64(a.SE&0x8000)<<48, true
}
