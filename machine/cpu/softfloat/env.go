// Package softfloat computes IEEE 754 arithmetic bit by bit, for guests whose results and exception flags must be those of their
// own hardware whatever the host does: binary16 (conversions), binary32, binary64 and the 80-bit extended format of the x87,
// in every rounding mode, with x87 precision control, flush to zero, and the NaN rules of x87, SSE and Arm.
//
// Values travel as their bits: uint16, uint32, uint64 and F80. All operations are methods of Env, which says how to
// round and collects what happened.
package softfloat

// Rounding is a rounding direction. The first four have the numbers of the x87 control word and MXCSR.
type Rounding uint8

const (
	// NearestEven rounds to nearest, ties to the even significand.
	NearestEven Rounding = iota
	// Down rounds towards minus infinity.
	Down
	// Up rounds towards plus infinity.
	Up
	// TowardZero truncates.
	TowardZero
	// NearestAway rounds to nearest, ties away from zero (Arm FRINTA, FCVTA*).
	NearestAway
	// ToOdd truncates and sets the last bit of an inexact result (Arm FCVTXN).
	ToOdd
)

// Flags is a set of exceptions, with the bits of the x87 status word and MXCSR.
type Flags uint8

const (
	// Invalid is an operation without a meaningful result, or a signalling NaN (IE, IOC).
	Invalid Flags = 1 << iota
	// Denormal is a denormal operand (DE); under the Arm rules, a denormal operand that was flushed to zero (IDC).
	Denormal
	// DivByZero is an exact infinite result from finite operands (ZE, DZC).
	DivByZero
	// Overflow is a result too large for the format (OE, OFC).
	Overflow
	// Underflow is a tiny result that lost accuracy, or any tiny result when the exception is not masked (UE, UFC).
	Underflow
	// Inexact is a result that is not exact (PE, IXC).
	Inexact

	// AllFlags is the set of all six.
	AllFlags = Invalid | Denormal | DivByZero | Overflow | Underflow | Inexact
)

// Rules chooses between the architectures where IEEE 754 leaves them free: which NaN of several is returned, the default NaN,
// when tininess is detected, and what an integer conversion gives when out of range.
type Rules uint8

const (
	// X87: a quiet NaN before a signalling one, then the larger significand (SDM vol. 1, table 4-7).
	X87 Rules = iota
	// SSE: the first operand if it is a NaN.
	SSE
	// Arm: a signalling NaN before a quiet one, then the first (Arm ARM, FPProcessNaNs). Tininess before rounding.
	Arm
)

// Env is the floating-point environment of one operation or many.
type Env struct {
	// Flags collects exceptions; nothing here clears them.
	Flags Flags
	// Unmasked holds the exceptions that will trap. Only Overflow and Underflow change results here: an 80-bit result is then
	// delivered with its exponent wrapped by 24576 (SDM vol. 1, 8.5.4), and Underflow reports tiny results even when exact.
	Unmasked Flags
	Round    Rounding
	Rules    Rules
	// Precision is the number of significand bits to which 80-bit arithmetic rounds: 24, 53, or 64 (anything else).
	Precision uint8
	// RoundedUp says whether the last inexact result is larger in magnitude than the exact one (x87 C1).
	RoundedUp bool
	// FlushInputs takes denormal operands of 16, 32 and 64 bits as zeros (MXCSR.DAZ, FPCR.FZ).
	FlushInputs bool
	// FlushResults gives zero for tiny results of 32 and 64 bits (MXCSR.FTZ, FPCR.FZ).
	FlushResults bool
	// DefaultNaN replaces every NaN result by the default NaN (FPCR.DN).
	DefaultNaN bool
}

// F80 is a number in the x87 extended format: sign and biased exponent, and a significand whose integer bit is explicit.
type F80 struct {
	Sig uint64
	SE  uint16
}

// The format of a number: significand bits with the integer bit, width and bias of the exponent field, and the least and
// greatest exponent of a normal number.
type format struct {
	prec, expBits    uint
	bias, emin, emax int32
}

var (
	binary16 = format{11, 5, 15, -14, 15}
	binary32 = format{24, 8, 127, -126, 127}
	binary64 = format{53, 11, 1023, -1022, 1023}
	// alternative16 is Arm's half precision without infinities and NaNs.
	alternative16 = format{11, 5, 15, -14, 16}
)

const (
	f80Bias = 16383
	f80Emin = -16382
	f80Emax = 16383
	f80Wrap = 24576
	intBit  = 1 << 63
	quiet   = 1 << 62
)

type class uint8

const (
	zero class = iota
	finite
	infinity
	quietNaN
	signallingNaN
	// unsupported is an 80-bit encoding that processors since the 80387 refuse: unnormal, pseudo-infinity, pseudo-NaN.
	unsupported
)

// num is an operand taken apart. A finite one is sig/2^63 × 2^exp with bit 63 of sig set. A NaN keeps its payload as the 80-bit
// format has it, so that moving it between formats is a shift.
type num struct {
	sig    uint64
	exp    int32
	class  class
	sign   bool
	denorm bool
}

func (n *num) isNaN() bool { return n.class >= quietNaN }

// DefaultNaN80 is the x87's real indefinite.
var DefaultNaN80 = F80{Sig: intBit | quiet, SE: 0xffff}

func (e *Env) defaultNaN() num {
	return num{sig: intBit | quiet, class: quietNaN, sign: e.Rules != Arm}
}

// invalid raises Invalid and gives the default NaN.
func (e *Env) invalid() num {
	e.Flags |= Invalid
	return e.defaultNaN()
}

// propagate gives the NaN that results from a and b, at least one of which is a NaN or unsupported.
func (e *Env) propagate(a, b num) num {
	if a.class == unsupported || b.class == unsupported {
		return e.invalid()
	}
	if a.class == signallingNaN || b.class == signallingNaN {
		e.Flags |= Invalid
	}
	if e.DefaultNaN {
		return e.defaultNaN()
	}
	r := a
	switch e.Rules {
	case X87:
		switch {
		case !a.isNaN():
			r = b
		case !b.isNaN():
		case a.class != b.class:
			if b.class == quietNaN {
				r = b
			}
		default:
			as, bs := a.sig|quiet, b.sig|quiet
			if bs > as || bs == as && a.sign && !b.sign {
				r = b
			}
		}
	case SSE:
		if !a.isNaN() {
			r = b
		}
	case Arm:
		if a.class != signallingNaN && b.class == signallingNaN || !a.isNaN() {
			r = b
		}
	}
	r.sig |= quiet
	r.class = quietNaN
	return r
}

// propagate1 is propagate for one operand.
func (e *Env) propagate1(a num) num {
	return e.propagate(a, a)
}

// operands raises Denormal for finite operands; it comes after the NaN checks, which go first.
func (e *Env) operands(a, b *num) {
	if (a.denorm || b.denorm) && e.Rules != Arm {
		e.Flags |= Denormal
	}
}

func (e *Env) operand(a *num) {
	if a.denorm && e.Rules != Arm {
		e.Flags |= Denormal
	}
}
