package arm64

import "forkscope/machine/cpu/softfloat"

// The reciprocal and reciprocal square root estimates have 8 bits of fraction (shared pseudocode RecipEstimate, RecipSqrtEstimate).

func recipEstimate(a uint64) uint64 {
	a = a*2 + 1
	b := uint64(1<<19) / a
	return (b + 1) / 2
}

func rsqrtEstimate(a uint64) uint64 {
	if a < 256 {
		a = a*2 + 1
	} else {
		a = (a>>1<<1 + 1) * 2
	}
	b := uint64(512)
	for a*(b+1)*(b+1) < 1<<28 {
		b++
	}
	return (b + 1) / 2
}

// recip is FRECPE.
func (f *fpState) recip(size uint, a uint64) uint64 {
	m := &formats[size]
	if isNaN(size, a) {
		return f.propagate(size, a)
	}
	a = f.flushed(size, a)
	sign := a & m.sign
	if isInf(size, a) {
		return sign
	}
	if a == sign {
		f.env.Flags |= softfloat.DivByZero
		return infinity(size, a)
	}
	bias := int(m.one >> m.shift)
	exp := int(a & m.exponent >> m.shift)
	fraction := a & m.fraction << (52 - m.shift)
	if exp == 0 && fraction>>50 == 0 { // the reciprocal overflows
		f.env.Flags |= softfloat.Overflow | softfloat.Inexact
		switch f.env.Round {
		case softfloat.NearestEven:
			return infinity(size, a)
		case softfloat.Up:
			if sign == 0 {
				return infinity(size, a)
			}
		case softfloat.Down:
			if sign != 0 {
				return infinity(size, a)
			}
		}
		return sign | (m.exponent - 1)
	}
	if f.flushes(size) && exp >= 2*bias-1 {
		f.env.Flags |= softfloat.Underflow
		return sign
	}
	if exp == 0 {
		if fraction>>51 == 0 {
			exp = -1
			fraction <<= 2
		} else {
			fraction <<= 1
		}
		fraction &= 1<<52 - 1
	}
	estimate := recipEstimate(256 | fraction>>44)
	exp = 2*bias - 1 - exp
	fraction = estimate & 0xff << 44
	switch exp {
	case 0:
		fraction = 1<<51 | fraction>>1
	case -1:
		fraction = 1<<50 | fraction>>2
		exp = 0
	}
	return sign | uint64(exp)<<m.shift | fraction>>(52-m.shift)
}

// rsqrt is FRSQRTE.
func (f *fpState) rsqrt(size uint, a uint64) uint64 {
	m := &formats[size]
	if isNaN(size, a) {
		return f.propagate(size, a)
	}
	a = f.flushed(size, a)
	switch {
	case a&^m.sign == 0:
		f.env.Flags |= softfloat.DivByZero
		return infinity(size, a)
	case a&m.sign != 0:
		return f.sqrt(size, a) // Invalid, and the default NaN
	case isInf(size, a):
		return 0
	}
	bias := int(m.one >> m.shift)
	exp := int(a & m.exponent >> m.shift)
	fraction := a & m.fraction << (52 - m.shift)
	if exp == 0 {
		for fraction>>51 == 0 {
			fraction <<= 1
			exp--
		}
		fraction = fraction << 1 & (1<<52 - 1)
	}
	scaled := 256 | fraction>>44
	if exp&1 != 0 {
		scaled = 128 | fraction>>45
	}
	exp = (3*bias - 1 - exp) / 2
	return uint64(exp)<<m.shift | rsqrtEstimate(scaled)&0xff<<44>>(52-m.shift)
}

// recipExponent is FRECPX.
func (f *fpState) recipExponent(size uint, a uint64) uint64 {
	m := &formats[size]
	if isNaN(size, a) {
		return f.propagate(size, a)
	}
	a = f.flushed(size, a)
	if a&m.exponent == 0 {
		return a&m.sign | (m.exponent - (m.fraction + 1))
	}
	return a&m.sign | ^a&m.exponent
}

// recipInteger and rsqrtInteger are URECPE and URSQRTE.
func recipInteger(a uint64) uint64 {
	if a>>31 == 0 {
		return 0xffffffff
	}
	return recipEstimate(a>>23) << 23
}

func rsqrtInteger(a uint64) uint64 {
	if a>>30 == 0 {
		return 0xffffffff
	}
	return rsqrtEstimate(a>>23) << 23
}
