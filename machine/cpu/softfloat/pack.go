package softfloat

import "math/bits"

// unpack takes apart a number of one of the interchange formats.
func (e *Env) unpack(f *format, v uint64) num {
	fracBits := f.prec - 1
	frac := v & (1<<fracBits - 1)
	maxExp := uint64(1)<<f.expBits - 1
	exp := v >> fracBits & maxExp
	n := num{sign: v>>fracBits > maxExp}
	switch {
	case exp-1 < maxExp-1:
		n.class = finite
		n.sig = frac<<(64-f.prec) | intBit
		n.exp = int32(exp) - f.bias
	case exp == 0:
		if frac == 0 {
			return n
		}
		if e.FlushInputs {
			if e.Rules == Arm && f.prec != binary16.prec {
				e.Flags |= Denormal
			}
			return n
		}
		shift := uint(bits.LeadingZeros64(frac))
		n.class = finite
		n.denorm = true
		n.sig = frac << shift
		n.exp = f.emin - int32(shift-(64-f.prec))
	default:
		n.sig = frac<<(64-f.prec) | intBit
		switch {
		case frac == 0:
			n.class = infinity
		case n.sig&quiet != 0:
			n.class = quietNaN
		default:
			n.class = signallingNaN
		}
	}
	return n
}

func (e *Env) unpack32(v uint32) num { return e.unpack(&binary32, uint64(v)) }
func (e *Env) unpack64(v uint64) num { return e.unpack(&binary64, v) }

// unpack80 takes apart an extended number. A pseudo-denormal (exponent field 0, integer bit set) counts as a denormal whose
// exponent is that of field 1 (SDM vol. 1, 8.2.2).
func unpack80(v F80) num {
	n := num{sig: v.Sig, sign: v.SE&0x8000 != 0}
	exp := int32(v.SE & 0x7fff)
	switch {
	case exp == 0:
		if v.Sig == 0 {
			return n
		}
		n.class = finite
		n.denorm = true
		shift := bits.LeadingZeros64(v.Sig)
		n.sig <<= shift
		n.exp = f80Emin - int32(shift)
	case v.Sig&intBit == 0:
		n.class = unsupported
	case exp == 0x7fff:
		switch {
		case v.Sig<<1 == 0:
			n.class = infinity
		case v.Sig&quiet != 0:
			n.class = quietNaN
		default:
			n.class = signallingNaN
		}
	default:
		n.class = finite
		n.exp = exp - f80Bias
	}
	return n
}

func signBit(sign bool, at uint) uint64 {
	if sign {
		return 1 << at
	}
	return 0
}

// pack puts together any result for one of the interchange formats, rounding a finite one.
func (e *Env) pack(f *format, n num) uint64 {
	fracBits := f.prec - 1
	top := signBit(n.sign, fracBits+f.expBits)
	maxExp := (uint64(1)<<f.expBits - 1) << fracBits
	switch n.class {
	case zero:
		return top
	case finite:
		return e.round(f, n.sign, n.exp, n.sig, 0)
	case infinity:
		return top | maxExp
	}
	if e.DefaultNaN {
		n = e.defaultNaN()
		top = signBit(n.sign, fracBits+f.expBits)
	}
	return top | maxExp | n.sig&^intBit>>(64-f.prec)
}

func (e *Env) pack32(n num) uint32 { return uint32(e.pack(&binary32, n)) }
func (e *Env) pack64(n num) uint64 { return e.pack(&binary64, n) }

// pack80 puts together any extended result, rounding a finite one.
func (e *Env) pack80(n num) F80 {
	switch n.class {
	case zero:
		return F80{0, uint16(signBit(n.sign, 15))}
	case finite:
		return e.round80(n.sign, n.exp, n.sig, 0)
	case infinity:
		return F80{intBit, uint16(signBit(n.sign, 15)) | 0x7fff}
	}
	return F80{n.sig, uint16(signBit(n.sign, 15)) | 0x7fff}
}

// shiftRight shifts x right by n places, setting the lowest bit when a one is lost.
func shiftRight(x uint64, n uint) uint64 {
	if n >= 64 {
		if x != 0 {
			return 1
		}
		return 0
	}
	r := x >> n
	if r<<n != x {
		r |= 1
	}
	return r
}

// shiftRight128 is shiftRight for a pair of words.
func shiftRight128(hi, lo uint64, n uint) (uint64, uint64) {
	switch {
	case n == 0:
		return hi, lo
	case n < 64:
		l := hi<<(64-n) | lo>>n
		if lo<<(64-n) != 0 {
			l |= 1
		}
		return hi >> n, l
	case n < 128:
		l := shiftRight(hi, n-64)
		if lo != 0 {
			l |= 1
		}
		return 0, l
	}
	if hi|lo != 0 {
		return 0, 1
	}
	return 0, 0
}

// normalize shifts a non-zero pair left until bit 63 of hi is set.
func normalize(exp int32, hi, lo uint64) (int32, uint64, uint64) {
	if hi == 0 {
		exp -= 64
		hi, lo = lo, 0
	}
	if s := bits.LeadingZeros64(hi); s != 0 {
		exp -= int32(s)
		hi = hi<<s | lo>>(64-s)
		lo <<= s
	}
	return exp, hi, lo
}

// away says whether a magnitude whose dropped bits are low (half being half a unit of the last kept place) is rounded up.
func (e *Env) away(sign bool, odd bool, low, half uint64) bool {
	switch e.Round {
	case NearestEven:
		return low > half || low == half && odd
	case Down:
		return sign && low != 0
	case Up:
		return !sign && low != 0
	case NearestAway:
		return low >= half
	}
	return false
}

// round gives the bits of ±(hi.lo) × 2^exp, hi having bit 63 set, rounded to one of the interchange formats.
func (e *Env) round(f *format, sign bool, exp int32, hi, lo uint64) uint64 {
	if lo != 0 {
		hi |= 1
	}
	drop := 64 - f.prec
	half := uint64(1) << (drop - 1)
	mask := half<<1 - 1
	tiny := false
	field := exp + f.bias
	if exp < f.emin {
		tiny = true
		if e.Rules != Arm && exp == f.emin-1 {
			// Tiny unless rounding with an unlimited exponent reaches the least normal number.
			tiny = !(hi>>drop == 1<<f.prec-1 && e.away(sign, true, hi&mask, half))
		}
		if tiny && e.FlushResults && e.Unmasked&Underflow == 0 {
			e.Flags |= Underflow
			if e.Rules != Arm {
				e.Flags |= Inexact
			}
			return signBit(sign, f.prec-1+f.expBits)
		}
		if tiny && e.Unmasked&Underflow != 0 {
			// The trap handler is told of inexactness with respect to the precision alone.
			e.Flags |= Underflow
			if hi&mask != 0 {
				e.Flags |= Inexact
			}
			return signBit(sign, f.prec-1+f.expBits)
		}
		hi = shiftRight(hi, uint(f.emin-exp))
		field = 0
	}
	low := hi & mask
	sig := hi >> drop
	up := e.away(sign, sig&1 != 0, low, half)
	if low != 0 {
		e.Flags |= Inexact
		e.RoundedUp = up
		if tiny {
			e.Flags |= Underflow
		}
		if e.Round == ToOdd {
			sig |= 1
		}
	}
	if up {
		sig++
	}
	if sig>>f.prec != 0 { // carried to the next power of two; the fraction is zero
		sig >>= 1
		field++
	}
	top := signBit(sign, f.prec-1+f.expBits)
	if field > f.emax+f.bias {
		return top | e.overflow(f, sign, low != 0)
	}
	if field != 0 {
		field-- // the integer bit of sig adds one to the field
	}
	return top | (uint64(field)<<(f.prec-1) + sig)
}

// overflow gives the magnitude delivered for a result too large for f.
func (e *Env) overflow(f *format, sign bool, inexact bool) uint64 {
	e.Flags |= Overflow
	if e.Unmasked&Overflow == 0 || inexact {
		e.Flags |= Inexact
	}
	inf := uint64(f.emax+f.bias+1) << (f.prec - 1)
	if e.overflowsToInfinity(sign) {
		e.RoundedUp = true
		return inf
	}
	e.RoundedUp = false
	return inf - 1
}

func (e *Env) overflowsToInfinity(sign bool) bool {
	switch e.Round {
	case NearestEven, NearestAway:
		return true
	case Down:
		return sign
	case Up:
		return !sign
	}
	return false
}

// round80 gives ±(hi.lo) × 2^exp, hi having bit 63 set, rounded to the extended format and to e.Precision. Precision control
// leaves the exponent range as it is, and a denormal result is rounded at the same bit of the register as a normal one.
func (e *Env) round80(sign bool, exp int32, hi, lo uint64) F80 {
	se := uint16(signBit(sign, 15))
	if e.Precision != 24 && e.Precision != 53 {
		if lo == 0 && uint32(exp-f80Emin) <= f80Emax-f80Emin {
			return F80{hi, se | uint16(exp+f80Bias)}
		}
		return e.round80full(se, exp, hi, lo)
	}
	if lo != 0 {
		hi |= 1
	}
	drop := 64 - uint(e.Precision)
	half := uint64(1) << (drop - 1)
	mask := half<<1 - 1
	tiny := false
	if exp < f80Emin {
		carries := hi|mask == ^uint64(0) && e.away(sign, true, hi&mask, half)
		tiny = exp < f80Emin-1 || !carries
		switch {
		case tiny && e.Unmasked&Underflow != 0:
			e.Flags |= Underflow
			if exp += f80Wrap; exp < f80Emin { // too small even so, as only FSCALE can make it
				e.Flags |= Inexact
				e.RoundedUp = false
				return F80{0, se}
			}
		default:
			hi = shiftRight(hi, uint(f80Emin-exp))
			exp = f80Emin
		}
	}
	low := hi & mask
	up := e.away(sign, hi>>drop&1 != 0, low, half)
	if low != 0 {
		e.Flags |= Inexact
		e.RoundedUp = up
		if tiny {
			e.Flags |= Underflow
		}
	}
	hi &^= mask
	if up {
		hi += mask + 1
		if hi == 0 {
			hi = intBit
			exp++
		}
	}
	return e.finish80(se, exp, hi, low != 0)
}

func (e *Env) round80full(se uint16, exp int32, hi, lo uint64) F80 {
	sign := se != 0
	const half = 1 << 63
	tiny := false
	if exp < f80Emin {
		carries := hi == ^uint64(0) && e.away(sign, true, lo, half)
		tiny = exp < f80Emin-1 || !carries
		switch {
		case tiny && e.Unmasked&Underflow != 0:
			e.Flags |= Underflow
			if exp += f80Wrap; exp < f80Emin { // too small even so, as only FSCALE can make it
				e.Flags |= Inexact
				e.RoundedUp = false
				return F80{0, se}
			}
		default:
			hi, lo = shiftRight128(hi, lo, uint(f80Emin-exp))
			exp = f80Emin
		}
	}
	if lo != 0 {
		up := e.away(sign, hi&1 != 0, lo, half)
		e.Flags |= Inexact
		e.RoundedUp = up
		if tiny {
			e.Flags |= Underflow
		}
		if up {
			hi++
			if hi == 0 {
				hi = intBit
				exp++
			}
		}
	}
	return e.finish80(se, exp, hi, lo != 0)
}

// finish80 encodes a rounded significand, or an overflow.
func (e *Env) finish80(se uint16, exp int32, hi uint64, inexact bool) F80 {
	if hi&intBit == 0 { // denormal, exp being that of field 1
		return F80{hi, se}
	}
	if exp <= f80Emax {
		return F80{hi, se | uint16(exp+f80Bias)}
	}
	e.Flags |= Overflow
	if e.Unmasked&Overflow != 0 {
		exp -= f80Wrap
		if exp <= f80Emax {
			return F80{hi, se | uint16(exp+f80Bias)}
		}
		// Too large even so, as only FSCALE can make it.
		e.Flags |= Inexact
		e.RoundedUp = true
		return F80{intBit, se | 0x7fff}
	}
	e.Flags |= Inexact
	if e.overflowsToInfinity(se != 0) {
		e.RoundedUp = true
		return F80{intBit, se | 0x7fff}
	}
	e.RoundedUp = false
	sig := ^uint64(0)
	switch e.Precision {
	case 24, 53:
		sig <<= 64 - e.Precision
	}
	return F80{sig, se | 0x7ffe}
}
