package softfloat

import (
	"math"
	"math/bits"
)

// exact is a result before rounding: a special value, or ±(hi.lo) × 2^exp with the lowest bit of lo sticky.
type exact struct {
	num
	lo uint64
}

func special(n num) exact { return exact{num: n} }

func (e *Env) finish(f *format, r exact) uint64 {
	if r.class == finite {
		return e.round(f, r.sign, r.exp, r.sig, r.lo)
	}
	return e.pack(f, r.num)
}

func (e *Env) finishExtended(r exact) F80 {
	if r.class == finite {
		return e.round80(r.sign, r.exp, r.sig, r.lo)
	}
	return e.pack80(r.num)
}

// add gives a+b, or a-b when subtract.
func (e *Env) add(a, b num, subtract bool) exact {
	if a.class != finite || b.class != finite {
		if a.isNaN() || b.isNaN() {
			return special(e.propagate(a, b))
		}
		b.sign = b.sign != subtract
		switch {
		case a.class == infinity:
			if b.class == infinity && a.sign != b.sign {
				return special(e.invalid())
			}
			e.operands(&a, &b)
			return special(a)
		case b.class == infinity:
			e.operands(&a, &b)
			return special(b)
		}
		e.operands(&a, &b)
		switch {
		case a.class == finite:
			return special(a)
		case b.class == finite:
			return special(b)
		}
		if a.sign != b.sign {
			a.sign = e.Round == Down
		}
		return special(a)
	}
	b.sign = b.sign != subtract
	e.operands(&a, &b)
	return e.addFinite(exact{num: a}, exact{num: b})
}

// addFinite adds two finite numbers, each of up to 128 bits.
func (e *Env) addFinite(a, b exact) exact {
	if a.exp < b.exp || a.exp == b.exp && (a.sig < b.sig || a.sig == b.sig && a.lo < b.lo) {
		a, b = b, a
	}
	bhi, blo := shiftRight128(b.sig, b.lo, uint(a.exp-b.exp))
	var c uint64
	if a.sign == b.sign {
		a.lo, c = bits.Add64(a.lo, blo, 0)
		a.sig, c = bits.Add64(a.sig, bhi, c)
		if c != 0 {
			a.lo = a.sig<<63 | a.lo>>1 | a.lo&1
			a.sig = a.sig>>1 | intBit
			a.exp++
		}
		return a
	}
	a.lo, c = bits.Sub64(a.lo, blo, 0)
	a.sig, _ = bits.Sub64(a.sig, bhi, c)
	if a.sig|a.lo == 0 {
		return special(num{sign: e.Round == Down})
	}
	a.exp, a.sig, a.lo = normalize(a.exp, a.sig, a.lo)
	return a
}

func (e *Env) mul(a, b num) exact {
	if a.class != finite || b.class != finite {
		if a.isNaN() || b.isNaN() {
			return special(e.propagate(a, b))
		}
		if a.class == infinity && b.class == zero || a.class == zero && b.class == infinity {
			return special(e.invalid())
		}
		e.operands(&a, &b)
		r := num{class: zero, sign: a.sign != b.sign}
		if a.class == infinity || b.class == infinity {
			r.class = infinity
		}
		return special(r)
	}
	e.operands(&a, &b)
	return mulFinite(a, b)
}

func mulFinite(a, b num) exact {
	hi, lo := bits.Mul64(a.sig, b.sig)
	exp := a.exp + b.exp + 1
	if hi&intBit == 0 {
		hi = hi<<1 | lo>>63
		lo <<= 1
		exp--
	}
	return exact{num{sig: hi, exp: exp, class: finite, sign: a.sign != b.sign}, lo}
}

func (e *Env) div(a, b num) exact {
	if a.class != finite || b.class != finite {
		if a.isNaN() || b.isNaN() {
			return special(e.propagate(a, b))
		}
		if a.class == b.class { // 0/0, ∞/∞
			return special(e.invalid())
		}
		r := num{sign: a.sign != b.sign}
		switch {
		case a.class == infinity || b.class == zero:
			if a.class == finite {
				e.Flags |= DivByZero
			} else {
				e.operands(&a, &b)
			}
			r.class = infinity
		default:
			e.operands(&a, &b)
		}
		return special(r)
	}
	e.operands(&a, &b)
	exp := a.exp - b.exp
	hi, lo := a.sig, uint64(0)
	if a.sig >= b.sig {
		hi, lo = a.sig>>1, a.sig<<63
	} else {
		exp--
	}
	q, r := bits.Div64(hi, lo, b.sig)
	lo = 0
	if r != 0 {
		// The rest decides the round bit and the sticky bit: compare it with half the divisor.
		switch h := b.sig - r; {
		case r > h:
			lo = intBit | 1
		case r == h:
			lo = intBit
		default:
			lo = 1
		}
	}
	return exact{num{sig: q, exp: exp, class: finite, sign: a.sign != b.sign}, lo}
}

func (e *Env) sqrt(a num) exact {
	switch {
	case a.isNaN():
		return special(e.propagate1(a))
	case a.class == zero:
		return special(a)
	case a.sign:
		return special(e.invalid())
	case a.class == infinity:
		return special(a)
	}
	e.operand(&a)
	// The radicand as a 128-bit integer in [2^126, 2^128), so that its root has 64 bits.
	hi, lo := a.sig, uint64(0)
	if a.exp&1 == 0 {
		hi, lo = a.sig>>1, a.sig<<63
	}
	q, rest, restHi := sqrt128(hi, lo)
	var sticky uint64
	switch {
	case restHi || rest > q:
		sticky = intBit | 1
	case rest != 0:
		sticky = 1
	}
	return exact{num{sig: q, exp: a.exp >> 1, class: finite}, sticky}
}

// sqrt128 gives the integer root of hi:lo, hi having one of its two top bits set, and the rest, which has up to 65 bits.
func sqrt128(hi, lo uint64) (q, rest uint64, restHi bool) {
	// The host's root is right to about 52 bits, one Newton step makes that 64 give or take the last unit.
	est := math.Sqrt(float64(hi)) * (1 << 32)
	if est >= 1<<64 {
		q = math.MaxUint64
	} else {
		q = uint64(est)
	}
	if hi < q {
		d, _ := bits.Div64(hi, lo, q)
		s, c := bits.Add64(q, d, 0)
		q = s>>1 | c<<63
	} else {
		q = math.MaxUint64
	}
	for {
		h, l := bits.Mul64(q, q)
		r, b := bits.Sub64(lo, l, 0)
		rh, b2 := bits.Sub64(hi, h, b)
		if b2 != 0 {
			q--
			continue
		}
		// The root is right when the rest is at most 2q.
		if rh > 1 || rh == 1 && r > q<<1 && q>>63 != 0 || rh == 1 && q>>63 == 0 || rh == 0 && q>>63 == 0 && r > q<<1 {
			q++
			continue
		}
		return q, r, rh != 0
	}
}

// fma gives a×b+c with one rounding. It is exact for formats whose products fit in 128 bits with 22 to spare, so not for F80.
func (e *Env) fma(a, b, c num) exact {
	invalidProduct := a.class == infinity && b.class == zero || a.class == zero && b.class == infinity
	if a.isNaN() || b.isNaN() || c.isNaN() {
		if e.Rules == Arm {
			if invalidProduct && c.class == quietNaN {
				return special(e.invalid())
			}
			// The addend comes first; a signalling NaN before a quiet one, over all three.
			if c.class != signallingNaN && (a.class == signallingNaN || b.class == signallingNaN) || !c.isNaN() {
				return special(e.propagate(a, b))
			}
			return special(e.propagate(c, a))
		}
		if a.isNaN() || b.isNaN() {
			if c.class == signallingNaN {
				e.Flags |= Invalid
			}
			return special(e.propagate(a, b))
		}
		return special(e.propagate1(c))
	}
	if invalidProduct {
		return special(e.invalid())
	}
	e.operands(&a, &b)
	e.operand(&c)
	sign := a.sign != b.sign
	if a.class == infinity || b.class == infinity {
		if c.class == infinity && c.sign != sign {
			return special(e.invalid())
		}
		return special(num{class: infinity, sign: sign})
	}
	if c.class == infinity {
		return special(c)
	}
	if a.class == zero || b.class == zero {
		if c.class == zero && c.sign != sign {
			c.sign = e.Round == Down
		}
		return special(c)
	}
	p := mulFinite(a, b)
	if c.class == zero {
		return p
	}
	return e.addFinite(p, exact{num: c})
}

// Add32, Sub32, Mul32, Div32 and the others of this kind are the arithmetic operations on the format their name ends with.
func (e *Env) Add32(a, b uint32) uint32 {
	return uint32(e.finish(&binary32, e.add(e.unpack32(a), e.unpack32(b), false)))
}

// Sub32 gives a-b.
func (e *Env) Sub32(a, b uint32) uint32 {
	return uint32(e.finish(&binary32, e.add(e.unpack32(a), e.unpack32(b), true)))
}

// Mul32 gives a×b.
func (e *Env) Mul32(a, b uint32) uint32 {
	return uint32(e.finish(&binary32, e.mul(e.unpack32(a), e.unpack32(b))))
}

// Div32 gives a/b.
func (e *Env) Div32(a, b uint32) uint32 {
	return uint32(e.finish(&binary32, e.div(e.unpack32(a), e.unpack32(b))))
}

// Sqrt32 gives the square root of a.
func (e *Env) Sqrt32(a uint32) uint32 { return uint32(e.finish(&binary32, e.sqrt(e.unpack32(a)))) }

// MulAdd32 gives a×b+c, rounded once.
func (e *Env) MulAdd32(a, b, c uint32) uint32 {
	return uint32(e.finish(&binary32, e.fma(e.unpack32(a), e.unpack32(b), e.unpack32(c))))
}

// Add64 gives a+b.
func (e *Env) Add64(a, b uint64) uint64 {
	return e.finish(&binary64, e.add(e.unpack64(a), e.unpack64(b), false))
}

// Sub64 gives a-b.
func (e *Env) Sub64(a, b uint64) uint64 {
	return e.finish(&binary64, e.add(e.unpack64(a), e.unpack64(b), true))
}

// Mul64 gives a×b.
func (e *Env) Mul64(a, b uint64) uint64 {
	return e.finish(&binary64, e.mul(e.unpack64(a), e.unpack64(b)))
}

// Div64 gives a/b.
func (e *Env) Div64(a, b uint64) uint64 {
	return e.finish(&binary64, e.div(e.unpack64(a), e.unpack64(b)))
}

// Sqrt64 gives the square root of a.
func (e *Env) Sqrt64(a uint64) uint64 { return e.finish(&binary64, e.sqrt(e.unpack64(a))) }

// MulAdd64 gives a×b+c, rounded once.
func (e *Env) MulAdd64(a, b, c uint64) uint64 {
	return e.finish(&binary64, e.fma(e.unpack64(a), e.unpack64(b), e.unpack64(c)))
}

// Add80 gives a+b.
func (e *Env) Add80(a, b F80) F80 {
	if r, ok := e.fastAdd(a, b, 0); ok {
		return r
	}
	return e.finishExtended(e.add(unpack80(a), unpack80(b), false))
}

// Sub80 gives a-b.
func (e *Env) Sub80(a, b F80) F80 {
	if r, ok := e.fastAdd(a, b, 0x8000); ok {
		return r
	}
	return e.finishExtended(e.add(unpack80(a), unpack80(b), true))
}

// Mul80 gives a×b.
func (e *Env) Mul80(a, b F80) F80 {
	if r, ok := e.fastMul(a, b); ok {
		return r
	}
	return e.finishExtended(e.mul(unpack80(a), unpack80(b)))
}

// Div80 gives a/b.
func (e *Env) Div80(a, b F80) F80 {
	if r, ok := e.fastDiv(a, b); ok {
		return r
	}
	return e.finishExtended(e.div(unpack80(a), unpack80(b)))
}

// Sqrt80 gives the square root of a.
func (e *Env) Sqrt80(a F80) F80 { return e.finishExtended(e.sqrt(unpack80(a))) }
