package softfloat

import "math/bits"

// Convert32to64 widens a; NaNs are quieted.
func (e *Env) Convert32to64(a uint32) uint64 { return e.pack64(e.widen(e.unpack32(a))) }

// Convert64to32 narrows a.
func (e *Env) Convert64to32(a uint64) uint32 { return e.pack32(e.widen(e.unpack64(a))) }

// Convert32to80 widens a.
func (e *Env) Convert32to80(a uint32) F80 {
	if r, ok := Widen32(a); ok {
		return r
	}
	return wide80(e.widen(e.unpack32(a)))
}

// Convert64to80 widens a.
func (e *Env) Convert64to80(a uint64) F80 {
	if r, ok := Widen64(a); ok {
		return r
	}
	return wide80(e.widen(e.unpack64(a)))
}

// Convert80to32 narrows a; like the x87, it does not report a denormal operand.
func (e *Env) Convert80to32(a F80) uint32 { return e.pack32(e.narrow(unpack80(a))) }

// Convert80to64 narrows a; like the x87, it does not report a denormal operand.
func (e *Env) Convert80to64(a F80) uint64 {
	if r, ok := e.fastNarrow64(a); ok {
		return r
	}
	return e.pack64(e.narrow(unpack80(a)))
}

// Convert16to32 widens a half; alternative chooses Arm's format without infinities and NaNs (FPCR.AHP).
func (e *Env) Convert16to32(a uint16, alternative bool) uint32 {
	return e.pack32(e.widen(e.unpack16(a, alternative)))
}

// Convert16to64 widens a half.
func (e *Env) Convert16to64(a uint16, alternative bool) uint64 {
	return e.pack64(e.widen(e.unpack16(a, alternative)))
}

// Convert32to16 narrows a to a half.
func (e *Env) Convert32to16(a uint32, alternative bool) uint16 {
	return e.half(e.unpack32(a), alternative)
}

// Convert64to16 narrows a to a half.
func (e *Env) Convert64to16(a uint64, alternative bool) uint16 {
	return e.half(e.unpack64(a), alternative)
}

func (e *Env) unpack16(a uint16, alternative bool) num {
	flush := e.FlushInputs
	e.FlushInputs = false // halves are flushed under no rule that uses these conversions
	defer func() { e.FlushInputs = flush }()
	if alternative && a&0x7c00 == 0x7c00 {
		return num{sig: uint64(a&0x3ff|0x400) << 53, exp: alternative16.emax, class: finite, sign: a&0x8000 != 0}
	}
	return e.unpack(&binary16, uint64(a))
}

func (e *Env) half(n num, alternative bool) uint16 {
	n = e.widen(n)
	flush := e.FlushResults
	e.FlushResults = false
	defer func() { e.FlushResults = flush }()
	if !alternative {
		return uint16(e.pack(&binary16, n))
	}
	sign := uint16(signBit(n.sign, 15))
	switch n.class {
	case quietNaN:
		e.Flags |= Invalid
		return sign
	case infinity:
		e.Flags |= Invalid
		return sign | 0x7fff
	}
	// Overflow saturates, and is an invalid operation instead.
	before := e.Flags
	e.Flags &^= Overflow
	v := uint16(e.pack(&alternative16, n))
	if e.Flags&Overflow != 0 {
		e.Flags = before | Invalid
		return sign | 0x7fff
	}
	e.Flags |= before
	return v
}

// widen handles NaNs and denormals of an operand that is converted to another format.
func (e *Env) widen(n num) num {
	if n.isNaN() {
		return e.propagate1(n)
	}
	e.operand(&n)
	return n
}

func (e *Env) narrow(n num) num {
	if n.isNaN() {
		return e.propagate1(n)
	}
	return n
}

// wide80 encodes a number that the extended format holds exactly.
func wide80(n num) F80 {
	se := uint16(signBit(n.sign, 15))
	switch n.class {
	case zero:
		return F80{0, se}
	case finite:
		return F80{n.sig, se | uint16(n.exp+f80Bias)}
	case infinity:
		return F80{intBit, se | 0x7fff}
	}
	return F80{n.sig, se | 0x7fff}
}

// integer rounds a finite number to an integer in direction e.Round. inRange is false when the magnitude needs more than 64 bits.
func (e *Env) integer(n num) (mag uint64, inRange, inexact, up bool) {
	if n.class == zero {
		return 0, true, false, false
	}
	if n.exp > 63 {
		return 0, false, false, false
	}
	var lo uint64
	mag, lo = shiftRight128(n.sig, 0, uint(63-n.exp))
	if lo == 0 {
		return mag, true, false, false
	}
	up = e.away(n.sign, mag&1 != 0, lo, intBit)
	if e.Round == ToOdd {
		mag |= 1
	}
	if up {
		mag++
		if mag == 0 {
			return 0, false, true, true
		}
	}
	return mag, true, true, up
}

// toSigned converts to a signed integer of size bits. Out of range and NaN give Invalid, and the integer indefinite (most
// negative) value, or under the Arm rules the nearest representable one and 0 for a NaN.
func (e *Env) toSigned(n num, size uint) int64 {
	limit := uint64(1) << (size - 1)
	if n.class <= finite {
		mag, ok, inexact, up := e.integer(n)
		if ok && (mag < limit || n.sign && mag == limit) {
			if inexact {
				e.Flags |= Inexact
				e.RoundedUp = up
			}
			if n.sign {
				return -int64(mag)
			}
			return int64(mag)
		}
	}
	e.Flags |= Invalid
	switch {
	case e.Rules != Arm || n.sign && !n.isNaN():
		return -int64(limit)
	case n.isNaN():
		return 0
	}
	return int64(limit - 1)
}

// toUnsigned converts to an unsigned integer of size bits, out of range as toSigned; x86 has no such instruction here.
func (e *Env) toUnsigned(n num, size uint) uint64 {
	most := ^uint64(0) >> (64 - size)
	if n.class <= finite {
		mag, ok, inexact, up := e.integer(n)
		if ok && mag <= most && (!n.sign || mag == 0) {
			if inexact {
				e.Flags |= Inexact
				e.RoundedUp = up
			}
			return mag
		}
	}
	e.Flags |= Invalid
	if n.isNaN() || n.sign {
		return 0
	}
	return most
}

// ToSigned32 converts a binary32 to a signed integer of size (32 or 64) bits.
func (e *Env) ToSigned32(a uint32, size uint) int64 { return e.toSigned(e.unpack32(a), size) }

// ToSigned64 converts a binary64 to a signed integer of size (32 or 64) bits.
func (e *Env) ToSigned64(a uint64, size uint) int64 { return e.toSigned(e.unpack64(a), size) }

// ToSigned80 converts an extended number to a signed integer of size (16, 32 or 64) bits.
func (e *Env) ToSigned80(a F80, size uint) int64 { return e.toSigned(unpack80(a), size) }

// ToUnsigned32 converts a binary32 to an unsigned integer of size (32 or 64) bits.
func (e *Env) ToUnsigned32(a uint32, size uint) uint64 { return e.toUnsigned(e.unpack32(a), size) }

// ToUnsigned64 converts a binary64 to an unsigned integer of size (32 or 64) bits.
func (e *Env) ToUnsigned64(a uint64, size uint) uint64 { return e.toUnsigned(e.unpack64(a), size) }

func fromSigned(v int64) num {
	if v < 0 {
		n := fromUnsigned(uint64(-v))
		n.sign = true
		return n
	}
	return fromUnsigned(uint64(v))
}

func fromUnsigned(v uint64) num {
	if v == 0 {
		return num{}
	}
	s := bits.LeadingZeros64(v)
	return num{sig: v << s, exp: int32(63 - s), class: finite}
}

// FromSigned32 converts v to binary32.
func (e *Env) FromSigned32(v int64) uint32 { return e.pack32(fromSigned(v)) }

// FromSigned64 converts v to binary64.
func (e *Env) FromSigned64(v int64) uint64 { return e.pack64(fromSigned(v)) }

// FromUnsigned32 converts v to binary32.
func (e *Env) FromUnsigned32(v uint64) uint32 { return e.pack32(fromUnsigned(v)) }

// FromUnsigned64 converts v to binary64.
func (e *Env) FromUnsigned64(v uint64) uint64 { return e.pack64(fromUnsigned(v)) }

// FromFixed32 converts v / 2^fraction to binary32; signed says how to read v.
func (e *Env) FromFixed32(v uint64, signed bool, fraction int) uint32 {
	return e.pack32(fixed(v, signed, fraction))
}

// FromFixed64 converts v / 2^fraction to binary64; signed says how to read v.
func (e *Env) FromFixed64(v uint64, signed bool, fraction int) uint64 {
	return e.pack64(fixed(v, signed, fraction))
}

func fixed(v uint64, signed bool, fraction int) num {
	n := fromUnsigned(v)
	if signed {
		n = fromSigned(int64(v))
	}
	n.exp -= int32(fraction)
	return n
}

// ToFixed32 converts a × 2^fraction to an integer of size bits; the result is sign- or zero-extended.
func (e *Env) ToFixed32(a uint32, size uint, signed bool, fraction int) uint64 {
	return e.toFixed(e.unpack32(a), size, signed, fraction)
}

// ToFixed64 converts a × 2^fraction to an integer of size bits; the result is sign- or zero-extended.
func (e *Env) ToFixed64(a uint64, size uint, signed bool, fraction int) uint64 {
	return e.toFixed(e.unpack64(a), size, signed, fraction)
}

func (e *Env) toFixed(n num, size uint, signed bool, fraction int) uint64 {
	n.exp += int32(fraction)
	if signed {
		return uint64(e.toSigned(n, size))
	}
	return e.toUnsigned(n, size)
}

// FromInt80 converts v exactly.
func FromInt80(v int64) F80 { return wide80(fromSigned(v)) }

// RoundInt32 rounds a to an integral value in its own format; quietly means that Inexact is not reported.
func (e *Env) RoundInt32(a uint32, quietly bool) uint32 {
	return e.pack32(e.roundInt(e.unpack32(a), quietly))
}

// RoundInt64 rounds a to an integral value in its own format; quietly means that Inexact is not reported.
func (e *Env) RoundInt64(a uint64, quietly bool) uint64 {
	return e.pack64(e.roundInt(e.unpack64(a), quietly))
}

// RoundInt80 rounds a to an integral value (FRNDINT). Precision control does not apply.
func (e *Env) RoundInt80(a F80) F80 {
	r := e.roundInt(unpack80(a), false)
	return wide80(r)
}

func (e *Env) roundInt(n num, quietly bool) num {
	if n.isNaN() {
		return e.propagate1(n)
	}
	e.operand(&n)
	if n.class != finite || n.exp >= 63 {
		return n
	}
	mag, _, inexact, up := e.integer(n)
	if inexact && !quietly {
		e.Flags |= Inexact
		e.RoundedUp = up
	}
	r := fromUnsigned(mag)
	r.sign = n.sign
	return r
}
