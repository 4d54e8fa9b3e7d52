package softfloat

import "math/bits"

// Order is the result of a comparison.
type Order int8

const (
	// Less, Equal and Greater say how the first operand lies to the second.
	Less Order = iota - 1
	Equal
	Greater
	// Unordered: at least one operand is a NaN (or, of 80 bits, an unsupported encoding).
	Unordered
)

// compare orders a and b. A signalling NaN raises Invalid, and so does a quiet one when signalling.
func (e *Env) compare(a, b num, signalling bool) Order {
	if a.isNaN() || b.isNaN() {
		if signalling || a.class >= signallingNaN || b.class >= signallingNaN {
			e.Flags |= Invalid
		}
		return Unordered
	}
	e.operands(&a, &b)
	if a.class == zero && b.class == zero {
		return Equal
	}
	if a.sign != b.sign && a.class != zero && b.class != zero {
		if a.sign {
			return Less
		}
		return Greater
	}
	sign := a.sign
	if a.class == zero {
		sign = b.sign
	}
	r := Equal
	switch {
	case a.class != b.class: // zero < finite < infinity in magnitude
		r = order(a.class < b.class)
	case a.class == infinity:
		return Equal
	case a.exp != b.exp:
		r = order(a.exp < b.exp)
	case a.sig != b.sig:
		r = order(a.sig < b.sig)
	}
	if sign {
		r = -r
	}
	return r
}

func order(less bool) Order {
	if less {
		return Less
	}
	return Greater
}

// Compare32 orders a and b; signalling makes quiet NaNs raise Invalid as signalling ones do.
func (e *Env) Compare32(a, b uint32, signalling bool) Order {
	return e.compare(e.unpack32(a), e.unpack32(b), signalling)
}

// Compare64 orders a and b; signalling makes quiet NaNs raise Invalid as signalling ones do.
func (e *Env) Compare64(a, b uint64, signalling bool) Order {
	return e.compare(e.unpack64(a), e.unpack64(b), signalling)
}

// Compare80 orders a and b; signalling makes quiet NaNs raise Invalid as signalling ones do.
func (e *Env) Compare80(a, b F80, signalling bool) Order {
	return e.compare(unpack80(a), unpack80(b), signalling)
}

// Class80 is what FXAM tells of a register that is not empty.
type Class80 uint8

const (
	// Unsupported80 and the others are the classes of SDM vol. 1, table 8-3.
	Unsupported80 Class80 = iota
	NaN80
	Normal80
	Infinity80
	Zero80
	Denormal80
)

// Classify gives the class of a.
func Classify(a F80) Class80 {
	exp := a.SE & 0x7fff
	switch {
	case exp == 0 && a.Sig == 0:
		return Zero80
	case exp == 0:
		return Denormal80
	case a.Sig&intBit == 0:
		return Unsupported80
	case exp != 0x7fff:
		return Normal80
	case a.Sig == intBit:
		return Infinity80
	}
	return NaN80
}

// Scale80 gives a × 2^trunc(b) (FSCALE). Precision control does not apply.
func (e *Env) Scale80(a, b F80) F80 {
	x, y := unpack80(a), unpack80(b)
	if x.isNaN() || y.isNaN() {
		return e.pack80(e.propagate(x, y))
	}
	if y.class == infinity && (x.class == infinity && y.sign || x.class == zero && !y.sign) {
		return e.pack80(e.invalid())
	}
	e.operands(&x, &y)
	switch {
	case y.class == infinity:
		if y.sign {
			return e.pack80(num{sign: x.sign})
		}
		return e.pack80(num{class: infinity, sign: x.sign})
	case x.class != finite:
		return e.pack80(x)
	}
	const far = 0x10000 // farther than any sum of exponents that is representable
	var n int32
	switch {
	case y.class == zero || y.exp < 0:
	case y.exp > 16:
		n = far
	default:
		n = int32(y.sig >> (63 - y.exp))
	}
	if y.sign {
		n = -n
	}
	precision := e.Precision
	e.Precision = 64
	r := e.round80(x.sign, x.exp+n, x.sig, 0)
	e.Precision = precision
	return r
}

// Extract80 takes a apart into its unbiased exponent and its significand with exponent 0 (FXTRACT).
func (e *Env) Extract80(a F80) (exponent, significand F80) {
	n := unpack80(a)
	switch {
	case n.isNaN():
		r := e.pack80(e.propagate1(n))
		return r, r
	case n.class == infinity:
		return F80{intBit, 0x7fff}, a
	case n.class == zero:
		e.Flags |= DivByZero
		return F80{intBit, 0xffff}, a
	}
	e.operand(&n)
	return FromInt80(int64(n.exp)), F80{n.sig, uint16(signBit(n.sign, 15)) | f80Bias}
}

// Remainder80 is one step of FPREM (nearest false: quotient truncated) or FPREM1 (nearest true: IEEE remainder).
// quotient holds the low bits of the quotient; partial says that the reduction is incomplete and the step is to be repeated.
func (e *Env) Remainder80(a, b F80, nearest bool) (r F80, quotient uint64, partial bool) {
	x, y := unpack80(a), unpack80(b)
	if x.isNaN() || y.isNaN() {
		return e.pack80(e.propagate(x, y)), 0, false
	}
	if x.class == infinity || y.class == zero {
		return e.pack80(e.invalid()), 0, false
	}
	e.operands(&x, &y)
	precision := e.Precision
	e.Precision = 64
	defer func() { e.Precision = precision }()
	if x.class == zero || y.class == infinity {
		return e.pack80(x), 0, false
	}
	d := x.exp - y.exp
	if d < -1 || d < 0 && !nearest {
		return e.pack80(x), 0, false
	}
	steps := d
	if d >= 64 {
		// How far one step goes is the implementation's choice between 32 and 63 places.
		steps = d&31 | 32
		partial = true
	}
	exp := x.exp - steps
	var rest uint64
	if d == -1 { // |x| < |y|, in units of x's exponent: y has twice its significand
		rest, exp = x.sig, x.exp
		// Compare with y/2, which has the same exponent as x.
		if rest > y.sig {
			// Nearer to y than to 0.
			r = e.subtractRemainder(!x.sign, y, rest, exp)
			return r, 1, false
		}
		return e.pack80(x), 0, false
	}
	// x = sig × 2^steps in units of y's last place: divide bit by bit in words.
	hi, lo := uint64(0), x.sig
	if steps == 0 {
		quotient = 0
		rest = lo
		if rest >= y.sig {
			rest -= y.sig
			quotient = 1
		}
	} else {
		var q0 uint64
		if lo >= y.sig {
			lo -= y.sig
			q0 = 1
		}
		hi, lo = lo>>(64-steps), lo<<steps
		quotient, rest = bits.Div64(hi, lo, y.sig)
		quotient += q0 << steps
	}
	sign := x.sign
	if nearest && !partial {
		if h := y.sig - rest; rest > h || rest == h && quotient&1 != 0 {
			rest = h
			sign = !sign
			quotient++
		}
	}
	if rest == 0 {
		return F80{0, uint16(signBit(x.sign, 15))}, quotient, partial
	}
	rexp, sig, _ := normalize(exp, rest, 0)
	return e.round80(sign, rexp, sig, 0), quotient, partial
}

// subtractRemainder gives the magnitude y - rest/2 (in y's units), for a rest one exponent below y.
func (e *Env) subtractRemainder(sign bool, y num, rest uint64, exp int32) F80 {
	hi, lo := y.sig>>63, y.sig<<1
	l, c := bits.Sub64(lo, rest, 0)
	h := hi - c
	if h|l == 0 {
		return F80{0, uint16(signBit(!sign, 15))}
	}
	// h:l is in units of x's last place, that is h has weight 2^(exp+1).
	e2, sig, low := normalize(exp+64, h, l)
	return e.round80(sign, e2, sig, low)
}

// MinMax32 gives MINSS, or MAXSS when greater: the first operand if it lies so, else the second, also when either is a NaN.
func (e *Env) MinMax32(a, b uint32, greater bool) uint32 {
	x, y := e.unpack32(a), e.unpack32(b)
	want := Less
	if greater {
		want = Greater
	}
	r, n := b, y
	if e.compare(x, y, true) == want {
		r, n = a, x
	}
	if n.class == zero { // a denormal may have been flushed
		r &= 1 << 31
	}
	return r
}

// MinMax64 gives MINSD, or MAXSD when greater.
func (e *Env) MinMax64(a, b uint64, greater bool) uint64 {
	x, y := e.unpack64(a), e.unpack64(b)
	want := Less
	if greater {
		want = Greater
	}
	r, n := b, y
	if e.compare(x, y, true) == want {
		r, n = a, x
	}
	if n.class == zero {
		r &= 1 << 63
	}
	return r
}
