package arm64

import (
	"math"

	"forkscope/machine/cpu/softfloat"
)

// FPCR and FPSR (C5.2.7, C5.2.9).
const (
	fpcrFZ16 = 1 << 19
	fpcrFZ   = 1 << 24
	fpcrDN   = 1 << 25
	fpcrAHP  = 1 << 26
	fpcrMask = 3<<22 | fpcrFZ16 | fpcrFZ | fpcrDN | fpcrAHP

	fpsrQC   = 1 << 27
	fpsrMask = fpsrQC | 0x9f // IDC, IXC, UFC, OFC, DZC, IOC; NZCV is that of AArch32 and does not exist
)

// fpsrBits relates the flags of softfloat to the cumulative bits of FPSR.
var fpsrBits = [...]struct {
	flag softfloat.Flags
	bit  uint64
}{
	{softfloat.Invalid, 1 << 0}, {softfloat.DivByZero, 1 << 1}, {softfloat.Overflow, 1 << 2},
	{softfloat.Underflow, 1 << 3}, {softfloat.Inexact, 1 << 4}, {softfloat.Denormal, 1 << 7},
}

// fpState is the floating-point environment: env carries FPCR's modes, and collects FPSR's exceptions.
type fpState struct {
	env  softfloat.Env
	fpcr uint64
	qc   bool
	host bool // round to nearest, no flushing: the host's arithmetic may do
}

func (f *fpState) setFPCR(v uint64) {
	f.fpcr = v & fpcrMask
	flush := v&fpcrFZ != 0
	f.host = v&(3<<22|fpcrFZ) == 0
	f.env = softfloat.Env{
		Flags: f.env.Flags, Rules: softfloat.Arm,
		Round:       [4]softfloat.Rounding{softfloat.NearestEven, softfloat.Up, softfloat.Down, softfloat.TowardZero}[v>>22&3],
		FlushInputs: flush, FlushResults: flush, DefaultNaN: v&fpcrDN != 0,
	}
}

func (f *fpState) fpsr() (v uint64) {
	for _, b := range fpsrBits {
		if f.env.Flags&b.flag != 0 {
			v |= b.bit
		}
	}
	if f.qc {
		v |= fpsrQC
	}
	return v
}

func (f *fpState) setFPSR(v uint64) {
	f.env.Flags = 0
	for _, b := range fpsrBits {
		if v&b.bit != 0 {
			f.env.Flags |= b.flag
		}
	}
	f.qc = v&fpsrQC != 0
}

// with runs g under another rounding mode.
func (f *fpState) with(r softfloat.Rounding, g func() uint64) uint64 {
	old := f.env.Round
	f.env.Round = r
	v := g()
	f.env.Round = old
	return v
}

// Below, size is 1 for half, 2 for single and 3 for double precision, as in the vector instructions.

// format describes the fields of a floating-point number.
type format struct {
	sign, exponent, fraction uint64 // masks
	shift                    uint   // of the exponent
	one                      uint64
}

var formats = [4]format{
	1: {1 << 15, 0x1f << 10, 1<<10 - 1, 10, 0x3c00},
	2: {1 << 31, 0xff << 23, 1<<23 - 1, 23, 0x3f800000},
	3: {1 << 63, 0x7ff << 52, 1<<52 - 1, 52, 0x3ff0000000000000},
}

func isNaN(size uint, v uint64) bool {
	f := &formats[size]
	return v&f.exponent == f.exponent && v&f.fraction != 0
}

func isQuietNaN(size uint, v uint64) bool {
	f := &formats[size]
	return isNaN(size, v) && v&((f.fraction+1)>>1) != 0
}

func isInf(size uint, v uint64) bool { return v&^formats[size].sign == formats[size].exponent }

// isZero treats a denormal number that will be flushed as zero.
func (f *fpState) isZero(size uint, v uint64) bool {
	m := &formats[size]
	return v&^m.sign == 0 || v&m.exponent == 0 && f.flushes(size)
}

// flushed gives v, or the zero that replaces a flushed denormal.
func (f *fpState) flushed(size uint, v uint64) uint64 {
	if m := &formats[size]; v&m.exponent == 0 && v&m.fraction != 0 && f.flushes(size) {
		if size != 1 {
			f.env.Flags |= softfloat.Denormal
		}
		return v & m.sign
	}
	return v
}

// infinity gives ±∞ with the sign of v.
func infinity(size uint, v uint64) uint64 { return v&formats[size].sign | formats[size].exponent }

func neg(size uint, a uint64) uint64 { return a ^ formats[size].sign }

func abs(size uint, a uint64) uint64 { return a &^ formats[size].sign }

// max and min are FPMax and FPMin: NaNs propagate, and the zeros are ordered.
func (f *fpState) max(size uint, a, b uint64) uint64 { return f.extreme(size, a, b, softfloat.Greater) }
func (f *fpState) min(size uint, a, b uint64) uint64 { return f.extreme(size, a, b, softfloat.Less) }

func (f *fpState) extreme(size uint, a, b uint64, want softfloat.Order) uint64 {
	switch f.compare(size, a, b, false) {
	case softfloat.Unordered:
		return f.add(size, a, b) // gives the NaN
	case want:
		return f.flushed(size, a)
	case softfloat.Equal:
		if f.isZero(size, a) {
			a, b = f.flushed(size, a), f.flushed(size, b)
			if want == softfloat.Greater {
				return a & b
			}
			return a | b
		}
		return a
	}
	return f.flushed(size, b)
}

// maxNum and minNum prefer a number to a quiet NaN.
func (f *fpState) maxNum(size uint, a, b uint64) uint64 {
	a, b = preferNumber(size, a, b, formats[size].sign)
	return f.max(size, a, b)
}

func (f *fpState) minNum(size uint, a, b uint64) uint64 {
	a, b = preferNumber(size, a, b, 0)
	return f.min(size, a, b)
}

// preferNumber replaces the one quiet NaN of a and b by the infinity of the given sign.
func preferNumber(size uint, a, b, sign uint64) (uint64, uint64) {
	switch {
	case isQuietNaN(size, a) && !isNaN(size, b):
		a = infinity(size, sign)
	case isQuietNaN(size, b) && !isNaN(size, a):
		b = infinity(size, sign)
	}
	return a, b
}

// mulX is FMULX: zero times infinity is two.
func (f *fpState) mulX(size uint, a, b uint64) uint64 {
	if isInf(size, a) && f.isZero(size, b) || f.isZero(size, a) && isInf(size, b) {
		f.flushed(size, a)
		f.flushed(size, b)
		return (a^b)&formats[size].sign | two(size)
	}
	return f.mul(size, a, b)
}

func two(size uint) uint64 { return formats[size].one + formats[size].fraction + 1 }

// recipStep is FRECPS: 2 - a×b.
func (f *fpState) recipStep(size uint, a, b uint64) uint64 {
	if isInf(size, a) && f.isZero(size, b) || f.isZero(size, a) && isInf(size, b) {
		f.flushed(size, a)
		f.flushed(size, b)
		return two(size)
	}
	return f.mulAdd(size, two(size), neg(size, a), b)
}

// rsqrtStep is FRSQRTS: (3 - a×b) / 2, as 1.5 - (a/2)×b, since the halving must not round.
func (f *fpState) rsqrtStep(size uint, a, b uint64) uint64 {
	m := &formats[size]
	oneAndHalf := m.one | (m.fraction+1)>>1
	if isInf(size, a) && f.isZero(size, b) || f.isZero(size, a) && isInf(size, b) {
		f.flushed(size, a)
		f.flushed(size, b)
		return oneAndHalf
	}
	a = neg(size, a)
	step := m.fraction + 1
	switch {
	case isNaN(size, a) || isNaN(size, b) || isInf(size, a) || isInf(size, b):
	case a&m.exponent >= 2*step:
		a -= step
	case b&m.exponent >= 2*step:
		b -= step
	}
	return f.mulAdd(size, oneAndHalf, a, b)
}

// roundInt rounds to an integral number; quietly means that Inexact is not reported.
func (f *fpState) roundInt(size uint, a uint64, quietly bool) uint64 {
	if size == 1 {
		return f.half(func(e *softfloat.Env) uint64 { return uint64(e.RoundInt16(uint16(a), quietly)) })
	}
	if size == 3 {
		return f.env.RoundInt64(a, quietly)
	}
	return uint64(f.env.RoundInt32(uint32(a), quietly))
}

// toFixed converts to an integer of bits bits with fraction fractional ones.
func (f *fpState) toFixed(size uint, a uint64, bits uint, signed bool, fraction int) uint64 {
	if size == 1 {
		return f.half(func(e *softfloat.Env) uint64 { return e.ToFixed16(uint16(a), bits, signed, fraction) })
	}
	if size == 3 {
		return f.env.ToFixed64(a, bits, signed, fraction)
	}
	return f.env.ToFixed32(uint32(a), bits, signed, fraction)
}

func (f *fpState) fromFixed(size uint, v uint64, signed bool, fraction int) uint64 {
	if size == 1 {
		return f.half(func(e *softfloat.Env) uint64 { return uint64(e.FromFixed16(v, signed, fraction)) })
	}
	if size == 3 && signed && fraction == 0 && f.onHost() {
		return math.Float64bits(float64(int64(v)))
	}
	if size == 3 {
		return f.env.FromFixed64(v, signed, fraction)
	}
	return uint64(f.env.FromFixed32(uint64(v), signed, fraction))
}

// convert changes the format: sizes 1 (half), 2 and 3.
func (f *fpState) convert(to, from uint, v uint64) uint64 {
	alternative := f.fpcr&fpcrAHP != 0
	if to == 1 && alternative && isNaN(from, v) { // the format has no NaNs: a zero of the same sign, even with FPCR.DN
		f.env.Flags |= softfloat.Invalid
		return v & formats[from].sign >> (8<<from - 16)
	}
	switch to<<2 | from {
	case 1<<2 | 2:
		return uint64(f.env.Convert32to16(uint32(v), alternative))
	case 1<<2 | 3:
		return uint64(f.env.Convert64to16(v, alternative))
	case 2<<2 | 1:
		return uint64(f.env.Convert16to32(uint16(v), alternative))
	case 3<<2 | 1:
		return f.env.Convert16to64(uint16(v), alternative)
	case 2<<2 | 3:
		return uint64(f.env.Convert64to32(v))
	}
	return f.env.Convert32to64(uint32(v))
}

// propagate gives the NaN that results from the NaN a.
func (f *fpState) propagate(size uint, a uint64) uint64 { return f.add(size, a, 0) }
