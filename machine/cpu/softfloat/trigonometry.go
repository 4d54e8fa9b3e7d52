package softfloat

import "math/bits"

// The processor's π has 66 bits (SDM vol. 1, 8.3.8), so that far from zero its sine is not quite that of the real line. Arguments are
// reduced by exactly this π, as integers in units of 2^-65 of π/2.
const (
	halfPiHi = 0x3 // π/2 × 2^65, bits 64-65
	halfPiLo = 0x243f6a8885a308d3
)

// reduce takes a multiple of π/2 from |n|, which is less than 2^63: n = ±(quadrant × π/2 + r), |r| ≤ π/4.
func reduce(n *num) (r wide, quadrant uint) {
	if n.exp < -1 || n.exp == -1 && n.sig < 0xc90fdaa22168c234 {
		r = n.wide()
		r.sign = false
		return r, 0
	}
	// sig × 2^(exp-63) is sig × 2^(exp+2) units. Divide bit by bit.
	var hi, lo uint64
	for i := 63 + int(n.exp) + 2; i >= 0; i-- {
		hi = hi<<1 | lo>>63
		lo <<= 1
		if at := i - int(n.exp) - 2; at >= 0 {
			lo |= n.sig >> at & 1
		}
		quadrant <<= 1
		l, c := bits.Sub64(lo, halfPiLo, 0)
		if h, c := bits.Sub64(hi, halfPiHi, c); c == 0 {
			hi, lo = h, l
			quadrant |= 1
		}
	}
	// The nearer multiple: is the rest above a half?
	l, c := bits.Sub64(halfPiLo, lo, 0)
	h, _ := bits.Sub64(halfPiHi, hi, c)
	if h < hi || h == hi && l < lo {
		hi, lo = h, l
		quadrant++
		r.sign = true
	}
	if hi|lo == 0 {
		return wide{}, quadrant
	}
	// hi:lo as a 128-bit integer is in units of 2^-65, a wide number's are 2^(exp-127).
	r.exp, r.hi, r.lo = normalize(127-65, hi, lo)
	return r, quadrant
}

// sinSeries gives the sine of r, |r| ≤ π/4.
func sinSeries(r wide) wide {
	if r.isZero() {
		return r
	}
	u := r.mul(r).fixed()
	s := fixedOne
	for k := uint64(16); k >= 1; k-- {
		s = fixedOne.sub(u.mul(s).div(2 * k * (2*k + 1)))
	}
	if s == fixedOne {
		return r.below()
	}
	return r.mul(s.wide(0, false))
}

// cosSeries gives the cosine of r, |r| ≤ π/4.
func cosSeries(r wide) wide {
	u := r.mul(r).fixed()
	s := fixedOne
	for k := uint64(17); k >= 1; k-- {
		s = fixedOne.sub(u.mul(s).div(2 * k * (2*k - 1)))
	}
	if s == fixedOne && !r.isZero() {
		return s.wide(0, false).below()
	}
	return s.wide(0, false)
}

// sinCos gives sine and cosine of the reduced argument of n.
func sinCos(n *num) (sin, cos wide) {
	r, q := reduce(n)
	sin, cos = sinSeries(r), cosSeries(r)
	switch q & 3 {
	case 1:
		sin, cos = cos, sin.neg()
	case 2:
		sin, cos = sin.neg(), cos.neg()
	case 3:
		sin, cos = cos.neg(), sin
	}
	if n.sign {
		sin = sin.neg()
	}
	return sin, cos
}

// Angle says what FSIN and its like make of their operand.
type Angle uint8

const (
	// InRange: there is a result.
	InRange Angle = iota
	// OutOfRange: the magnitude is 2^63 or more, nothing happens but C2 (SDM vol. 1, 8.3.8).
	OutOfRange
	// NotANumber: NaN or infinity; the NaN is the result.
	NotANumber
)

// angle handles operands without a sine. special is what to deliver for NotANumber.
func (e *Env) angle(n *num) (a Angle, special F80) {
	switch {
	case n.isNaN():
		return NotANumber, e.pack80(e.propagate1(*n))
	case n.class == infinity:
		return NotANumber, e.pack80(e.invalid())
	case n.class == finite && n.exp >= 63:
		return OutOfRange, F80{}
	}
	e.operand(n)
	return InRange, F80{}
}

var one80 = F80{intBit, f80Bias}

// trigResult rounds a sine, which is a multiple of 2^-130 and can be zero only for a zero operand.
func (e *Env) trigResult(a wide) F80 {
	if a.isZero() {
		return F80{0, uint16(signBit(a.sign, 15))}
	}
	return e.inexactResult(a)
}

// SinCos80 gives sine and cosine of a (FSIN, FCOS, FSINCOS).
func (e *Env) SinCos80(a F80, wantSin, wantCos bool) (sin, cos F80, angle Angle) {
	n := unpack80(a)
	angle, nan := e.angle(&n)
	switch {
	case angle == NotANumber:
		return nan, nan, angle
	case angle == OutOfRange:
		return a, a, angle
	case n.class == zero:
		return a, one80, angle
	}
	s, c := sinCos(&n)
	if wantSin {
		sin = e.trigResult(s)
	}
	if wantCos {
		cos = e.trigResult(c)
	}
	return sin, cos, angle
}

// Tan80 gives the tangent of a (FPTAN).
func (e *Env) Tan80(a F80) (F80, Angle) {
	n := unpack80(a)
	angle, nan := e.angle(&n)
	switch {
	case angle == NotANumber:
		return nan, angle
	case angle == OutOfRange || n.class == zero:
		return a, angle
	}
	r, quadrant := reduce(&n)
	s, c := sinSeries(r), cosSeries(r)
	var w wide
	switch {
	case quadrant&1 == 0 && r.exp < -60:
		w = r // the tangent is larger by less than can be seen
	case quadrant&1 == 0:
		w = s.quotient(c)
	case r.exp < -60:
		w = r.reciprocal().below().neg()
	default:
		w = c.quotient(s).neg()
	}
	w.sign = w.sign != n.sign
	return e.inexactResult(w), angle
}

// atanTable holds atan(i/32).
var atanTable = func() (t [33]wide) {
	for i := int64(1); i <= 32; i++ {
		// The difference of two arcs: atan(i/32) - atan((i-1)/32) = atan(32/(1024+i(i-1))).
		t[i] = t[i-1].add(atanSeries(wideInt(32).quotient(wideInt(1024 + i*(i-1)))))
	}
	return t
}()

// atanSeries gives atan(t), |t| ≤ 1/31.
func atanSeries(t wide) wide {
	if t.isZero() {
		return t
	}
	u := t.mul(t).fixed()
	var s fixedPoint
	for k := uint64(13); ; k-- {
		s = fixedOne.div(2*k + 1).sub(u.mul(s))
		if k == 0 {
			break
		}
	}
	if s == fixedOne {
		return t.below()
	}
	return t.mul(s.wide(0, false))
}

// arcTangent gives atan(q), 0 ≤ q ≤ 1.
func arcTangent(q wide) wide {
	if q.exp < -6 {
		return atanSeries(q)
	}
	f := q.fixed()                      // 62 is the place of the integer bit
	i := int64((f.hi>>(62-6) + 1) >> 1) // nearest multiple of 1/32
	c := wide{}
	if i != 0 {
		c = wideInt(i)
		c.exp -= 5
	}
	t := q.add(c.neg()).quotient(wideInt(1).add(q.mul(c)))
	return atanTable[i].add(atanSeries(t))
}

// Atan80 gives the angle of the point (x, y) (FPATAN).
func (e *Env) Atan80(y, x F80) F80 {
	b, a := unpack80(y), unpack80(x)
	if a.isNaN() || b.isNaN() {
		return e.pack80(e.propagate(a, b))
	}
	e.operands(&a, &b)
	sign := b.sign
	result := func(w wide) F80 {
		w.sign = sign
		return e.inexactResult(w)
	}
	switch {
	case b.class == infinity && a.class == infinity:
		w := wideHalfPi
		w.exp-- // π/4
		if a.sign {
			w = widePi.add(w.neg())
		}
		return result(w)
	case b.class == infinity || a.class == zero && b.class != zero:
		return result(wideHalfPi)
	case a.class == infinity || b.class == zero:
		if a.sign {
			return result(widePi)
		}
		return F80{0, uint16(signBit(sign, 15))}
	}
	p, q := a.wide(), b.wide()
	p.sign, q.sign = false, false
	var w wide
	switch {
	case q.absLess(p):
		w = arcTangent(q.quotient(p))
		if a.sign {
			w = widePi.add(w.neg())
		}
	default:
		w = arcTangent(p.quotient(q))
		if a.sign {
			w = wideHalfPi.add(w)
		} else {
			w = wideHalfPi.add(w.neg())
		}
	}
	return result(w)
}
