package softfloat

// The operations on halves obey FlushInputs and FlushResults, which the conversions between formats do not: an Env for Arm's
// half precision has FPCR.FZ16 there.

func (e *Env) unpackHalf(v uint16) num { return e.unpack(&binary16, uint64(v)) }

// Add16 gives a+b.
func (e *Env) Add16(a, b uint16) uint16 {
	return uint16(e.finish(&binary16, e.add(e.unpackHalf(a), e.unpackHalf(b), false)))
}

// Sub16 gives a-b.
func (e *Env) Sub16(a, b uint16) uint16 {
	return uint16(e.finish(&binary16, e.add(e.unpackHalf(a), e.unpackHalf(b), true)))
}

// Mul16 gives a×b.
func (e *Env) Mul16(a, b uint16) uint16 {
	return uint16(e.finish(&binary16, e.mul(e.unpackHalf(a), e.unpackHalf(b))))
}

// Div16 gives a/b.
func (e *Env) Div16(a, b uint16) uint16 {
	return uint16(e.finish(&binary16, e.div(e.unpackHalf(a), e.unpackHalf(b))))
}

// Sqrt16 gives the square root of a.
func (e *Env) Sqrt16(a uint16) uint16 {
	return uint16(e.finish(&binary16, e.sqrt(e.unpackHalf(a))))
}

// MulAdd16 gives a×b+c, rounded once.
func (e *Env) MulAdd16(a, b, c uint16) uint16 {
	return uint16(e.finish(&binary16, e.fma(e.unpackHalf(a), e.unpackHalf(b), e.unpackHalf(c))))
}

// Compare16 orders a and b; signalling makes quiet NaNs raise Invalid as signalling ones do.
func (e *Env) Compare16(a, b uint16, signalling bool) Order {
	return e.compare(e.unpackHalf(a), e.unpackHalf(b), signalling)
}

// RoundInt16 rounds a to an integral value in its own format; quietly means that Inexact is not reported.
func (e *Env) RoundInt16(a uint16, quietly bool) uint16 {
	return uint16(e.pack(&binary16, e.roundInt(e.unpackHalf(a), quietly)))
}

// FromFixed16 converts v / 2^fraction to binary16; signed says how to read v.
func (e *Env) FromFixed16(v uint64, signed bool, fraction int) uint16 {
	return uint16(e.pack(&binary16, fixed(v, signed, fraction)))
}

// ToFixed16 converts a × 2^fraction to an integer of size bits; the result is sign- or zero-extended.
func (e *Env) ToFixed16(a uint16, size uint, signed bool, fraction int) uint64 {
	return e.toFixed(e.unpackHalf(a), size, signed, fraction)
}
