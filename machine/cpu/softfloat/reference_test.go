package softfloat

import (
	"flag"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// refPrec is enough for every exact product and for a sticky bit far below any rounding position.
const refPrec = 300

// refFormat describes a target of the reference rounding.
type refFormat struct {
	name       string
	prec       int // bits to which a normal result is rounded
	width      int // bits of the significand field, integer bit included
	emin, emax int
}

var (
	ref32    = refFormat{"f32", 24, 24, -126, 127}
	ref64    = refFormat{"f64", 53, 53, -1022, 1023}
	ref80    = refFormat{"f80", 64, 64, -16382, 16383}
	ref80p53 = refFormat{"f80/53", 53, 64, -16382, 16383}
	ref80p24 = refFormat{"f80/24", 24, 64, -16382, 16383}
)

// refRound rounds |x| (sticky: plus a little) the slow way, on integers, and says which flags that raises.
// The result is an integer count of quanta 2^(q), or inf.
func refRound(f refFormat, mode Rounding, before bool, x *big.Float, sticky bool) (sig *big.Int, q int, inf bool, fl Flags) {
	neg := x.Sign() < 0
	exp := x.MantExp(nil) - 1 // |x| in [2^exp, 2^(exp+1))
	roundAt := func(q int) (*big.Int, bool) {
		// |x| / 2^q as integer and fraction, on 2^-400 quanta of the fraction.
		m := new(big.Float).SetMantExp(new(big.Float).Abs(x), -q+400)
		n, _ := m.Int(nil)
		unit := new(big.Int).Lsh(big.NewInt(1), 400)
		i, r := new(big.Int).QuoRem(n, unit, new(big.Int))
		if sticky || m.IsInt() == false {
			r.Lsh(r, 1)
			r.Add(r, big.NewInt(1))
			unit.Lsh(unit, 1)
		}
		if r.Sign() == 0 {
			return i, false
		}
		twice := new(big.Int).Lsh(r, 1)
		c := twice.Cmp(unit)
		up := false
		switch mode {
		case NearestEven:
			up = c > 0 || c == 0 && i.Bit(0) == 1
		case NearestAway:
			up = c >= 0
		case Down:
			up = neg
		case Up:
			up = !neg
		case ToOdd:
			up = i.Bit(0) == 0
		}
		if up {
			i.Add(i, big.NewInt(1))
		}
		return i, true
	}
	free, _ := roundAt(exp - f.prec + 1)
	freeExp := exp - f.prec + free.BitLen()
	tiny := exp < f.emin
	if !before {
		tiny = freeExp < f.emin
	}
	q = max(exp, f.emin) - f.prec + 1
	sig, inexact := roundAt(q)
	if inexact {
		fl |= Inexact
		if tiny {
			fl |= Underflow
		}
	}
	if sig.BitLen()+q-1 > f.emax {
		fl |= Overflow | Inexact
		switch mode {
		case NearestEven, NearestAway:
			inf = true
		case Down:
			inf = neg
		case Up:
			inf = !neg
		}
		if !inf {
			sig = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(f.prec)), big.NewInt(1))
			q = f.emax - f.prec + 1
		}
	}
	return sig, q, inf, fl
}

// encode gives sign, exponent field and significand field as the formats hold them.
func (f refFormat) encode(sig *big.Int, q int, inf bool) (field int, frac uint64) {
	top := uint64(1) << (f.width - 1)
	if inf {
		return f.emax*2 + 1, top
	}
	if sig.Sign() == 0 {
		return 0, 0
	}
	e := sig.BitLen() - 1 + q
	shift := q - (max(e, f.emin) - f.width + 1)
	s := new(big.Int).Set(sig)
	if shift < 0 {
		s.Rsh(s, uint(-shift))
	} else {
		s.Lsh(s, uint(shift))
	}
	frac = s.Uint64()
	if frac&top == 0 {
		return 0, frac
	}
	return e + f.emax, frac
}

func big80(v F80) *big.Float {
	exp := max(int(v.SE&0x7fff), 1)
	r := new(big.Float).SetPrec(refPrec).SetMode(big.ToZero).SetUint64(v.Sig)
	r.SetMantExp(r, exp-16383-63)
	if v.SE&0x8000 != 0 {
		r.Neg(r)
	}
	return r
}

func bigN(v float64) *big.Float {
	return new(big.Float).SetPrec(refPrec).SetMode(big.ToZero).SetFloat64(v)
}

// hard32, hard64 and hard80 draw finite operands near each other and near every edge.
func hard64(r *rand.Rand) uint64 {
	var exp uint64
	switch r.IntN(8) {
	case 0:
		exp = uint64(r.IntN(3))
	case 1:
		exp = 0x7fe - uint64(r.IntN(3))
	case 2:
		exp = uint64(r.IntN(0x7ff))
	case 3:
		exp = 0x1ff + uint64(r.IntN(4))
	default:
		exp = 0x3ff + uint64(r.IntN(120)) - 60
	}
	return r.Uint64()&(1<<63) | exp<<52 | fraction(r, 52)
}

func hard32(r *rand.Rand) uint32 {
	var exp uint32
	switch r.IntN(6) {
	case 0:
		exp = uint32(r.IntN(3))
	case 1:
		exp = 0xfe - uint32(r.IntN(3))
	case 2:
		exp = uint32(r.IntN(0xff))
	case 3:
		exp = 0x3e + uint32(r.IntN(4))
	default:
		exp = 0x7f + uint32(r.IntN(56)) - 28
	}
	return r.Uint32()&(1<<31) | exp<<23 | uint32(fraction(r, 23))
}

func hard80(r *rand.Rand) F80 {
	var exp uint16
	switch r.IntN(8) {
	case 0:
		exp = uint16(r.IntN(3))
	case 1:
		exp = 0x7ffe - uint16(r.IntN(3))
	case 2:
		exp = uint16(r.IntN(0x7fff))
	case 3:
		exp = 0x1fff + uint16(r.IntN(4)) - 2
	default:
		exp = 0x3fff + uint16(r.IntN(140)) - 70
	}
	v := F80{fraction(r, 63), exp | uint16(r.Uint32())&0x8000}
	if exp != 0 {
		v.Sig |= 1 << 63
	}
	return v
}

// fraction draws a field of n bits: sparse, dense, or near a rounding position of a narrower format.
func fraction(r *rand.Rand, n int) uint64 {
	mask := uint64(1)<<n - 1
	switch r.IntN(7) {
	case 0:
		return 0
	case 1:
		return mask
	case 2:
		return 1 << r.IntN(n)
	case 3:
		return mask &^ (1 << r.IntN(n))
	case 4:
		return (mask << r.IntN(n)) & mask
	case 5: // few leading bits, so that products are exact or ties
		return r.Uint64() & mask &^ (mask >> (1 + r.IntN(n)))
	}
	return r.Uint64() & mask
}

var seedFlag = flag.Uint64("softfloat.seed", 1, "seed of the random operands; 0 is the time")

func seed(t *testing.T) *rand.Rand {
	s := *seedFlag
	if s == 0 {
		s = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", s)
	return rand.New(rand.NewPCG(s, 1))
}

// operate computes the reference for op on finite operands: x truncated to refPrec bits, and whether that lost anything.
func operate(op string, a, b, c *big.Float) (x *big.Float, sticky bool) {
	x = new(big.Float).SetPrec(refPrec).SetMode(big.ToZero)
	switch op {
	case "add":
		x.Add(a, b)
	case "sub":
		x.Sub(a, b)
	case "mul":
		x.Mul(a, b)
	case "div":
		x.Quo(a, b)
	case "fma":
		p := new(big.Float).SetPrec(refPrec).SetMode(big.ToZero).Mul(a, b)
		x.Add(p, c)
	case "sqrt":
		m := new(big.Float).SetPrec(refPrec)
		e := a.MantExp(m)
		if e&1 != 0 {
			m.SetMantExp(m, 1)
			e--
		}
		n, _ := new(big.Float).SetMantExp(m, 500).Int(nil)
		root := new(big.Int).Sqrt(n)
		sticky = new(big.Int).Mul(root, root).Cmp(n) != 0
		x.SetInt(root)
		x.SetMantExp(x, e/2-250)
		return x, sticky
	}
	return x, x.Acc() != big.Exact
}

func TestArithmeticAgainstIntegers(t *testing.T) {
	r := seed(t)
	modes := []Rounding{NearestEven, Down, Up, TowardZero, NearestAway, ToOdd}
	formats := []refFormat{ref32, ref64, ref80, ref80p53, ref80p24}
	n := 1500
	if testing.Short() {
		n = 300
	}
	for _, f := range formats {
		for _, op := range []string{"add", "sub", "mul", "div", "sqrt", "fma"} {
			if op == "fma" && f.width == 64 {
				continue
			}
			for _, mode := range modes {
				if mode == ToOdd && f.width == 64 {
					continue
				}
				for _, rules := range []Rules{SSE, Arm} {
					if rules == Arm && f.width == 64 {
						continue
					}
					for range n {
						checkOne(t, r, f, op, mode, rules)
						if t.Failed() {
							return
						}
					}
				}
			}
		}
	}
}

func checkOne(t *testing.T, r *rand.Rand, f refFormat, op string, mode Rounding, rules Rules) {
	e := Env{Round: mode, Rules: rules, Precision: uint8(f.prec)}
	var a, b, c *big.Float
	var gotField int
	var gotFrac uint64
	var gotSign bool
	var in [3]any
	switch f.width {
	case 64:
		x, y := hard80(r), hard80(r)
		if op == "sqrt" {
			x.SE &= 0x7fff
		}
		in = [3]any{x, y}
		a, b = big80(x), big80(y)
		var g F80
		switch op {
		case "add":
			g = e.Add80(x, y)
		case "sub":
			g = e.Sub80(x, y)
		case "mul":
			g = e.Mul80(x, y)
		case "div":
			g = e.Div80(x, y)
		case "sqrt":
			g = e.Sqrt80(x)
		}
		gotSign, gotField, gotFrac = g.SE>>15 != 0, int(g.SE&0x7fff), g.Sig
	case 53:
		x, y, z := hard64(r), hard64(r), hard64(r)
		if op == "sqrt" {
			x &^= 1 << 63
		}
		in = [3]any{x, y, z}
		a, b, c = bigN(math.Float64frombits(x)), bigN(math.Float64frombits(y)), bigN(math.Float64frombits(z))
		var g uint64
		switch op {
		case "add":
			g = e.Add64(x, y)
		case "sub":
			g = e.Sub64(x, y)
		case "mul":
			g = e.Mul64(x, y)
		case "div":
			g = e.Div64(x, y)
		case "sqrt":
			g = e.Sqrt64(x)
		case "fma":
			g = e.MulAdd64(x, y, z)
		}
		gotSign, gotField, gotFrac = g>>63 != 0, int(g>>52&0x7ff), g&(1<<52-1)
		if gotField != 0 {
			gotFrac |= 1 << 52
		}
	case 24:
		x, y, z := hard32(r), hard32(r), hard32(r)
		if op == "sqrt" {
			x &^= 1 << 31
		}
		in = [3]any{x, y, z}
		f32 := func(v uint32) *big.Float { return bigN(float64(math.Float32frombits(v))) }
		a, b, c = f32(x), f32(y), f32(z)
		var g uint32
		switch op {
		case "add":
			g = e.Add32(x, y)
		case "sub":
			g = e.Sub32(x, y)
		case "mul":
			g = e.Mul32(x, y)
		case "div":
			g = e.Div32(x, y)
		case "sqrt":
			g = e.Sqrt32(x)
		case "fma":
			g = e.MulAdd32(x, y, z)
		}
		gotSign, gotField, gotFrac = g>>31 != 0, int(g>>23&0xff), uint64(g&(1<<23-1))
		if gotField != 0 {
			gotFrac |= 1 << 23
		}
	}
	if op == "div" && b.Sign() == 0 {
		return // TestSpecial and the comparison with hardware have these
	}
	x, sticky := operate(op, a, b, c)
	if x.Sign() == 0 {
		// The sign of a zero: that of the operands where they agree, else of the rounding direction.
		negative := mode == Down
		switch op {
		case "add":
			if a.Signbit() == b.Signbit() {
				negative = a.Signbit()
			}
		case "sub":
			if a.Signbit() != b.Signbit() {
				negative = a.Signbit()
			}
		case "mul", "div":
			negative = a.Signbit() != b.Signbit()
		case "sqrt":
			negative = false
		case "fma":
			if p := a.Signbit() != b.Signbit(); p == c.Signbit() {
				negative = p
			}
		}
		if gotSign != negative || gotField != 0 || gotFrac != 0 || e.Flags&^Denormal != 0 {
			t.Errorf("%s %s mode %d rules %d %x: got %v %x %x flags %x, want zero", f.name, op, mode, rules, in, gotSign, gotField, gotFrac, e.Flags)
		}
		return
	}
	sig, q, inf, fl := refRound(f, mode, rules == Arm, x, sticky)
	field, frac := f.encode(sig, q, inf)
	if gotSign != (x.Sign() < 0) || gotField != field || gotFrac != frac || e.Flags&^Denormal != fl {
		t.Errorf("%s %s mode %d rules %d %x: got %v %x %x flags %x, want %v %x %x flags %x", f.name, op, mode, rules, in,
			gotSign, gotField, gotFrac, e.Flags, x.Sign() < 0, field, frac, fl)
	}
}
