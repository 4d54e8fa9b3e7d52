package softfloat

import "math/bits"

// Arithmetic wider than the extended format, for the functions that have no exact result. Errors of a few units of the last
// of 126 bits disappear when the result is rounded to 64.

// fixedPoint is an unsigned number with 2 integer bits and 126 fraction bits.
type fixedPoint struct{ hi, lo uint64 }

var fixedOne = fixedPoint{1 << 62, 0}

func (a fixedPoint) add(b fixedPoint) fixedPoint {
	lo, c := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(a.hi, b.hi, c)
	return fixedPoint{hi, lo}
}

func (a fixedPoint) sub(b fixedPoint) fixedPoint {
	lo, c := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, c)
	return fixedPoint{hi, lo}
}

func (a fixedPoint) less(b fixedPoint) bool { return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo }

// mul gives the product, truncated.
func (a fixedPoint) mul(b fixedPoint) fixedPoint {
	h, l := bits.Mul64(a.hi, b.hi)
	h1, l1 := bits.Mul64(a.hi, b.lo)
	h2, l2 := bits.Mul64(a.lo, b.hi)
	h3, _ := bits.Mul64(a.lo, b.lo)
	m, c1 := bits.Add64(l1, l2, 0)
	m, c2 := bits.Add64(m, h3, 0)
	l, c1 = bits.Add64(l, h1, c1)
	h += c1
	l, c2 = bits.Add64(l, h2, c2)
	h += c2
	return fixedPoint{h<<2 | l>>62, l<<2 | m>>62}
}

// div gives a/n.
func (a fixedPoint) div(n uint64) fixedPoint {
	q, r := a.hi/n, a.hi%n
	lo, _ := bits.Div64(r, a.lo, n)
	return fixedPoint{q, lo}
}

// shr gives a/2^n.
func (a fixedPoint) shr(n uint) fixedPoint {
	switch {
	case n == 0:
		return a
	case n < 64:
		return fixedPoint{a.hi >> n, a.hi<<(64-n) | a.lo>>n}
	case n < 128:
		return fixedPoint{0, a.hi >> (n - 64)}
	}
	return fixedPoint{}
}

// wide is ±(hi.lo)/2^127 × 2^exp, with the top bit set unless it is zero.
type wide struct {
	hi, lo uint64
	exp    int32
	sign   bool
}

var (
	wideLn2    = wide{0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af, -1, false}
	wideLog2E  = wide{0xb8aa3b295c17f0bb, 0xbe87fed0691d3e88, 0, false}
	widePi     = wide{0xc90fdaa22168c234, 0xc4c6628b80dc1cd1, 1, false}
	wideHalfPi = wide{0xc90fdaa22168c234, 0xc4c6628b80dc1cd1, 0, false}
)

func (n *num) wide() wide { return wide{n.sig, 0, n.exp, n.sign} }

func (a wide) isZero() bool { return a.hi == 0 }

// fixed gives |a|, which must be less than 4; what lies below 126 fraction bits is lost.
func (a wide) fixed() fixedPoint {
	if a.exp == 1 {
		return fixedPoint{a.hi, a.lo}
	}
	return fixedPoint{a.hi, a.lo}.shr(uint(1 - a.exp))
}

// wide gives f × 2^exp.
func (a fixedPoint) wide(exp int32, sign bool) wide {
	if a.hi|a.lo == 0 {
		return wide{}
	}
	e, hi, lo := normalize(1+exp, a.hi, a.lo)
	return wide{hi, lo, e, sign}
}

// below gives a number of slightly smaller magnitude, for a series whose correction is too small to see. The sticky bit of
// inexactResult would put the result on the other side of a.
func (a wide) below() wide {
	var c uint64
	a.lo, c = bits.Sub64(a.lo, 2, 0)
	a.hi -= c
	a.exp, a.hi, a.lo = normalize(a.exp, a.hi, a.lo)
	return a
}

func (a wide) mul(b wide) wide {
	if a.isZero() || b.isZero() {
		return wide{}
	}
	p := fixedPoint{a.hi >> 1, a.hi<<63 | a.lo>>1}.mul(fixedPoint{b.hi >> 1, b.hi<<63 | b.lo>>1}) // in [1,4)
	return p.wide(a.exp+b.exp, a.sign != b.sign)
}

// reciprocal gives 1/a for a non-zero a: one Newton step from 64 bits.
func (a wide) reciprocal() wide {
	b := fixedPoint{a.hi >> 1, a.hi<<63 | a.lo>>1} // in [1,2)
	if b == fixedOne {
		return wide{intBit, 0, -a.exp, a.sign}
	}
	// Start from 63 bits: 2^126/hi.
	q, _ := bits.Div64(1<<62, 0, a.hi)
	r := fixedPoint{q >> 1, q << 63}
	// r += r(1-br), the bracket having either sign.
	p := b.mul(r)
	if p.less(fixedOne) {
		r = r.add(r.mul(fixedOne.sub(p)))
	} else {
		r = r.sub(r.mul(p.sub(fixedOne)))
	}
	return r.wide(-a.exp, a.sign)
}

func (a wide) quotient(b wide) wide { return a.mul(b.reciprocal()) }

func (a wide) add(b wide) wide {
	if a.isZero() {
		return b
	}
	if b.isZero() {
		return a
	}
	if a.exp < b.exp || a.exp == b.exp && (a.hi < b.hi || a.hi == b.hi && a.lo < b.lo) {
		a, b = b, a
	}
	bhi, blo := shiftRight128(b.hi, b.lo, uint(a.exp-b.exp))
	var c uint64
	if a.sign == b.sign {
		a.lo, c = bits.Add64(a.lo, blo, 0)
		a.hi, c = bits.Add64(a.hi, bhi, c)
		if c != 0 {
			a.lo = a.hi<<63 | a.lo>>1
			a.hi = a.hi>>1 | intBit
			a.exp++
		}
		return a
	}
	a.lo, c = bits.Sub64(a.lo, blo, 0)
	a.hi, _ = bits.Sub64(a.hi, bhi, c)
	if a.hi|a.lo == 0 {
		return wide{}
	}
	a.exp, a.hi, a.lo = normalize(a.exp, a.hi, a.lo)
	return a
}

func (a wide) neg() wide {
	a.sign = !a.sign
	return a
}

// absLess compares magnitudes.
func (a wide) absLess(b wide) bool {
	if a.isZero() || b.isZero() {
		return a.isZero() && !b.isZero()
	}
	return a.exp < b.exp || a.exp == b.exp && (a.hi < b.hi || a.hi == b.hi && a.lo < b.lo)
}

// wideInt gives n exactly.
func wideInt(n int64) wide {
	u := fromSigned(n)
	if n == 0 {
		return wide{}
	}
	return u.wide()
}

// inexactResult rounds a result that cannot be exact to the extended format; precision control does not apply.
func (e *Env) inexactResult(a wide) F80 {
	precision := e.Precision
	e.Precision = 64
	r := e.round80(a.sign, a.exp, a.hi, a.lo|1)
	e.Precision = precision
	return r
}

// exactResult is for results that happen to be exact before rounding.
func (e *Env) exactResult(a wide) F80 {
	if a.isZero() {
		return F80{0, uint16(signBit(a.sign, 15))}
	}
	precision := e.Precision
	e.Precision = 64
	r := e.round80(a.sign, a.exp, a.hi, a.lo)
	e.Precision = precision
	return r
}
