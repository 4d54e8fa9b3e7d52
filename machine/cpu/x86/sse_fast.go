package x86

import (
	"math"

	"forkscope/machine/cpu/softfloat"
)

// The host's IEEE arithmetic does the common cases, in which it cannot differ: round to nearest, all exceptions masked, operands and
// result zero or well inside the normal range. Whether the result is exact follows from the rest of the operation, which
// is representable there and is not even computed when PE is set already. All else is left to softfloat.

// middle64 says whether the exponent of v is so far from both ends that the rest of an operation on such numbers is exact, too.
func middle64(v uint64) bool { return v>>52&0x7ff-128 < 0x7ff-256 }

func zeroOrMiddle64(v uint64) bool { return middle64(v) || v<<1 == 0 }

func normal32(v uint32) bool { return v>>23&0xff-1 < 0xfe }

func zeroOrNormal32(v uint32) bool { return normal32(v) || v<<1 == 0 }

func zeroOrNormal64(v uint64) bool { return v>>52&0x7ff-1 < 0x7fe || v<<1 == 0 }

func (f *fpuState) fast64(op uint8, a, b uint64) (r uint64, ok bool) {
	if !f.ssePlain || !zeroOrMiddle64(b) || op != sseSqrt && !zeroOrMiddle64(a) {
		return 0, false
	}
	x, y := math.Float64frombits(a), math.Float64frombits(b)
	var z, rest float64 // rest is zero when z is exact
	known := f.mxcsr&uint32(softfloat.Inexact) != 0
	zeroFactor := false
	switch op {
	case sseAdd, sseSub:
		if op == sseSub {
			y = -y
		}
		z = x + y
		if !known {
			w := z - x
			rest = (x - (z - w)) + (y - w)
		}
		zeroFactor = true
	case sseMul:
		z = x * y
		if !known {
			rest = math.FMA(x, y, -z)
		}
		zeroFactor = x == 0 || y == 0
	case sseDiv:
		if y == 0 {
			return 0, false
		}
		z = x / y
		if !known {
			rest = math.FMA(z, y, -x)
		}
		zeroFactor = x == 0
	case sseSqrt:
		if y < 0 {
			return 0, false
		}
		z = math.Sqrt(y)
		if !known {
			rest = math.FMA(z, z, -y)
		}
		zeroFactor = true
	case sseMin:
		if x < y {
			return a, true
		}
		return b, true
	case sseMax:
		if x > y {
			return a, true
		}
		return b, true
	}
	r = math.Float64bits(z)
	if !middle64(r) && !(zeroFactor && z == 0) { // a zero is exact only when it does not come from underflow
		return 0, false
	}
	if rest != 0 {
		f.mxcsr |= uint32(softfloat.Inexact)
	}
	return r, true
}

// fast32 is fast64 for binary32. The rest is computed in binary64, where products of binary32 are exact.
func (f *fpuState) fast32(op uint8, a, b uint32) (r uint32, ok bool) {
	if !f.ssePlain || !zeroOrNormal32(b) || op != sseSqrt && !zeroOrNormal32(a) {
		return 0, false
	}
	x, y := math.Float32frombits(a), math.Float32frombits(b)
	var z float32
	var exact, zeroFactor bool
	switch op {
	case sseAdd, sseSub:
		if op == sseSub {
			y = -y
		}
		z = x + y
		w := z - x
		exact = (x-(z-w))+(y-w) == 0
		zeroFactor = true
	case sseMul:
		z = x * y
		exact = float64(z) == float64(x)*float64(y)
		zeroFactor = x == 0 || y == 0
	case sseDiv:
		if y == 0 {
			return 0, false
		}
		z = x / y
		exact = float64(z)*float64(y) == float64(x)
		zeroFactor = x == 0
	case sseSqrt:
		if y < 0 {
			return 0, false
		}
		z = float32(math.Sqrt(float64(y)))
		exact = float64(z)*float64(z) == float64(y)
		zeroFactor = true
	case sseMin:
		if x < y {
			return a, true
		}
		return b, true
	case sseMax:
		if x > y {
			return a, true
		}
		return b, true
	}
	r = math.Float32bits(z)
	// The least exponents may have been rounded up from a tiny result, and the rest of a sum is not representable there.
	if r>>23&0xff-26 >= 0xff-26 && !(zeroFactor && z == 0) {
		return 0, false
	}
	if !exact {
		f.mxcsr |= uint32(softfloat.Inexact)
	}
	return r, true
}

// order32 and order64 compare; only NaNs and denormals need more than the host's comparison.
func (f *fpuState) order32(a, b uint32, signalling bool) softfloat.Order {
	if zeroOrNormal32(a) && zeroOrNormal32(b) {
		return orderOf(float64(math.Float32frombits(a)), float64(math.Float32frombits(b)))
	}
	return f.sse.Compare32(a, b, signalling)
}

func (f *fpuState) order64(a, b uint64, signalling bool) softfloat.Order {
	if zeroOrNormal64(a) && zeroOrNormal64(b) {
		return orderOf(math.Float64frombits(a), math.Float64frombits(b))
	}
	return f.sse.Compare64(a, b, signalling)
}

func orderOf(x, y float64) softfloat.Order {
	switch {
	case x < y:
		return softfloat.Less
	case x > y:
		return softfloat.Greater
	}
	return softfloat.Equal
}

// widen32 is CVTSS2SD.
func (f *fpuState) widen32(v uint32) uint64 {
	if zeroOrNormal32(v) {
		return math.Float64bits(float64(math.Float32frombits(v)))
	}
	return f.sse.Convert32to64(v)
}

// narrow64 is CVTSD2SS.
func (f *fpuState) narrow64(v uint64) uint32 {
	if f.ssePlain && v>>52&0x7ff-(1023-120) < 240 {
		x := math.Float64frombits(v)
		z := float32(x)
		if float64(z) != x {
			f.mxcsr |= uint32(softfloat.Inexact)
		}
		return math.Float32bits(z)
	}
	return f.sse.Convert64to32(v)
}
