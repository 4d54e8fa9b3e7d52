package arm64

import (
	"math"

	"forkscope/machine/cpu/softfloat"
)

// The host's arithmetic gives the guest's result, bit for bit, when the guest rounds to nearest, flushes nothing, and
// the result is a normal number well above the smallest: then no flag but Inexact can arise. Where Inexact is already
// set, nothing is left to find out. Everything else goes to softfloat.

// onHost says whether the host's arithmetic may be tried.
func (f *fpState) onHost() bool { return f.host && f.env.Flags&softfloat.Inexact != 0 }

// normal64 and normal32 accept results that cannot have underflowed before rounding, overflowed, or come from NaNs.
func normal64(r uint64) bool { return r>>52&0x7ff-2 < 0x7fd }
func normal32(r uint32) bool { return r>>23&0xff-2 < 0xfd }

func (f *fpState) add(size uint, a, b uint64) uint64 {
	if size == 3 {
		if f.onHost() {
			if r := math.Float64bits(math.Float64frombits(a) + math.Float64frombits(b)); normal64(r) {
				return r
			}
		}
		return f.env.Add64(a, b)
	}
	if size == 1 {
		return f.half2((*softfloat.Env).Add16, a, b)
	}
	if f.onHost() {
		if r := math.Float32bits(math.Float32frombits(uint32(a)) + math.Float32frombits(uint32(b))); normal32(r) {
			return uint64(r)
		}
	}
	return uint64(f.env.Add32(uint32(a), uint32(b)))
}

func (f *fpState) sub(size uint, a, b uint64) uint64 {
	if size == 3 {
		if f.onHost() {
			if r := math.Float64bits(math.Float64frombits(a) - math.Float64frombits(b)); normal64(r) {
				return r
			}
		}
		return f.env.Sub64(a, b)
	}
	if size == 1 {
		return f.half2((*softfloat.Env).Sub16, a, b)
	}
	if f.onHost() {
		if r := math.Float32bits(math.Float32frombits(uint32(a)) - math.Float32frombits(uint32(b))); normal32(r) {
			return uint64(r)
		}
	}
	return uint64(f.env.Sub32(uint32(a), uint32(b)))
}

func (f *fpState) mul(size uint, a, b uint64) uint64 {
	if size == 3 {
		if f.onHost() {
			if r := math.Float64bits(math.Float64frombits(a) * math.Float64frombits(b)); normal64(r) {
				return r
			}
		}
		return f.env.Mul64(a, b)
	}
	if size == 1 {
		return f.half2((*softfloat.Env).Mul16, a, b)
	}
	if f.onHost() {
		if r := math.Float32bits(math.Float32frombits(uint32(a)) * math.Float32frombits(uint32(b))); normal32(r) {
			return uint64(r)
		}
	}
	return uint64(f.env.Mul32(uint32(a), uint32(b)))
}

func (f *fpState) div(size uint, a, b uint64) uint64 {
	if size == 3 {
		if f.onHost() {
			if r := math.Float64bits(math.Float64frombits(a) / math.Float64frombits(b)); normal64(r) {
				return r
			}
		}
		return f.env.Div64(a, b)
	}
	if size == 1 {
		return f.half2((*softfloat.Env).Div16, a, b)
	}
	if f.onHost() {
		if r := math.Float32bits(math.Float32frombits(uint32(a)) / math.Float32frombits(uint32(b))); normal32(r) {
			return uint64(r)
		}
	}
	return uint64(f.env.Div32(uint32(a), uint32(b)))
}

func (f *fpState) sqrt(size uint, a uint64) uint64 {
	if size == 3 {
		if f.onHost() {
			if r := math.Float64bits(math.Sqrt(math.Float64frombits(a))); normal64(r) {
				return r
			}
		}
		return f.env.Sqrt64(a)
	}
	if size == 1 {
		return f.half(func(e *softfloat.Env) uint64 { return uint64(e.Sqrt16(uint16(a))) })
	}
	if f.onHost() {
		// The square root of a single, rounded to double and then to single, is rounded rightly: 53 >= 2×24 + 2.
		if r := math.Float32bits(float32(math.Sqrt(float64(math.Float32frombits(uint32(a)))))); normal32(r) {
			return uint64(r)
		}
	}
	return uint64(f.env.Sqrt32(uint32(a)))
}

// mulAdd gives n×m+a, rounded once.
func (f *fpState) mulAdd(size uint, a, n, m uint64) uint64 {
	if size == 3 {
		if f.onHost() {
			r := math.Float64bits(math.FMA(math.Float64frombits(n), math.Float64frombits(m), math.Float64frombits(a)))
			if normal64(r) {
				return r
			}
		}
		return f.env.MulAdd64(n, m, a)
	}
	if size == 1 {
		return f.half(func(e *softfloat.Env) uint64 { return uint64(e.MulAdd16(uint16(n), uint16(m), uint16(a))) })
	}
	if f.onHost() {
		if r, ok := hostMulAdd32(uint32(a), uint32(n), uint32(m)); ok {
			return uint64(r)
		}
	}
	return uint64(f.env.MulAdd32(uint32(n), uint32(m), uint32(a)))
}

// hostMulAdd32 computes in double: the product is exact there, and the sum is rounded to odd, so that rounding it to single
// rounds once.
func hostMulAdd32(a, n, m uint32) (uint32, bool) {
	p := float64(math.Float32frombits(n)) * float64(math.Float32frombits(m))
	c := float64(math.Float32frombits(a))
	sum := p + c
	back := sum - p
	rest := (p - (sum - back)) + (c - back)
	s := math.Float64bits(sum)
	if rest != 0 && s&1 == 0 {
		if (rest > 0) == (sum > 0) {
			s++
		} else {
			s--
		}
	}
	r := math.Float32bits(float32(math.Float64frombits(s)))
	return r, normal32(r)
}

func (f *fpState) compare(size uint, a, b uint64, signalling bool) softfloat.Order {
	if size == 3 {
		if f.host {
			x, y := math.Float64frombits(a), math.Float64frombits(b)
			switch {
			case x < y:
				return softfloat.Less
			case x > y:
				return softfloat.Greater
			case x == y:
				return softfloat.Equal
			}
		}
		return f.env.Compare64(a, b, signalling)
	}
	if size == 1 {
		var o softfloat.Order
		f.half(func(e *softfloat.Env) uint64 {
			o = e.Compare16(uint16(a), uint16(b), signalling)
			return 0
		})
		return o
	}
	if f.host {
		x, y := math.Float32frombits(uint32(a)), math.Float32frombits(uint32(b))
		switch {
		case x < y:
			return softfloat.Less
		case x > y:
			return softfloat.Greater
		case x == y:
			return softfloat.Equal
		}
	}
	return f.env.Compare32(uint32(a), uint32(b), signalling)
}

// truncate is toFixed towards zero without fraction bits, where the result is in range.
func (f *fpState) truncate(size uint, a uint64, bits uint, signed bool) (uint64, bool) {
	if !f.onHost() || !signed || size == 1 {
		return 0, false
	}
	v := math.Float64frombits(a)
	if size == 2 {
		v = float64(math.Float32frombits(uint32(a)))
	}
	limit := float64(uint64(1) << (bits - 1))
	if v < limit && v > -limit {
		return uint64(int64(v)), true
	}
	return 0, false
}
