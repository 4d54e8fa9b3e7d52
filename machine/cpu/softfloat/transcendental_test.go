package softfloat

import (
	"math/big"
	"testing"
)

// The references are plain series at 300 bits; what they lose is far below where a result of 64 bits is rounded.

func newBig(v float64) *big.Float { return new(big.Float).SetPrec(refPrec).SetFloat64(v) }

func op2(f func(z, x, y *big.Float) *big.Float, x, y *big.Float) *big.Float {
	return f(newBig(0), x, y)
}

func mul(x, y *big.Float) *big.Float { return op2((*big.Float).Mul, x, y) }
func quo(x, y *big.Float) *big.Float { return op2((*big.Float).Quo, x, y) }
func add(x, y *big.Float) *big.Float { return op2((*big.Float).Add, x, y) }
func sub(x, y *big.Float) *big.Float { return op2((*big.Float).Sub, x, y) }

// bigLn gives ln(x) for x between ½ and 2, through 2 atanh((x-1)/(x+1)). given is x-1 where that is known better.
func bigLn(x, given *big.Float) *big.Float {
	if given == nil {
		given = sub(x, newBig(1))
	}
	z := quo(given, add(newBig(2), given))
	u, power, sum := mul(z, z), z, newBig(0)
	for k := 1; k < 250; k += 2 {
		sum = add(sum, quo(power, newBig(float64(k))))
		power = mul(power, u)
	}
	return mul(sum, newBig(2))
}

func bigLog2(x *big.Float) *big.Float {
	m := newBig(0)
	e := x.MantExp(m)
	return add(quo(bigLn(m, nil), bigLn(newBig(2), nil)), newBig(float64(e)))
}

func bigExp2m1(x *big.Float) *big.Float {
	t := mul(x, bigLn(newBig(2), nil))
	term, sum := t, newBig(0)
	for n := 2; n < 90; n++ {
		sum = add(sum, term)
		term = quo(mul(term, t), newBig(float64(n)))
	}
	return sum
}

func bigAtan(x *big.Float) *big.Float {
	for range 5 {
		root := newBig(0).Sqrt(add(newBig(1), mul(x, x)))
		x = quo(x, add(newBig(1), root))
	}
	u, power, sum := mul(x, x), x, newBig(0)
	for k := 1; k < 90; k += 2 {
		t := quo(power, newBig(float64(k)))
		if k&2 == 0 {
			sum = add(sum, t)
		} else {
			sum = sub(sum, t)
		}
		power = mul(power, u)
	}
	return mul(sum, newBig(32))
}

// bigSinCos gives sine and cosine of x as reduced by the 66-bit π.
func bigSinCos(x *big.Float) (sin, cos *big.Float) {
	halfPi := new(big.Int).Lsh(big.NewInt(halfPiHi), 64)
	halfPi.Add(halfPi, new(big.Int).SetUint64(halfPiLo))
	// In units of 2^-265, of which x is a multiple.
	n, _ := newBig(0).SetMantExp(x, 265).Int(nil)
	halfPi.Lsh(halfPi, 200)
	n.Add(n, new(big.Int).Rsh(halfPi, 1)) // to the nearest multiple
	q, r := new(big.Int).DivMod(n, halfPi, new(big.Int))
	r.Sub(r, new(big.Int).Rsh(halfPi, 1))
	t := new(big.Float).SetPrec(refPrec).SetInt(r)
	t.SetMantExp(t, -265)
	sin, cos = newBig(0), newBig(0)
	term := newBig(1)
	for k := 0; k < 100; k++ {
		switch k & 3 {
		case 0:
			cos = add(cos, term)
		case 1:
			sin = add(sin, term)
		case 2:
			cos = sub(cos, term)
		case 3:
			sin = sub(sin, term)
		}
		term = quo(mul(term, t), newBig(float64(k+1)))
	}
	for range new(big.Int).And(q, big.NewInt(3)).Int64() {
		sin, cos = cos, newBig(0).Neg(sin)
	}
	return sin, cos
}

func TestTranscendentalsAreCorrectlyRounded(t *testing.T) {
	r := seed(t)
	number := func(low, high int) F80 {
		return F80{fraction(r, 63) | 1<<63, uint16(f80Bias + low + r.IntN(high-low))}
	}
	check := func(name string, mode Rounding, got F80, e *Env, want *big.Float, in ...F80) {
		t.Helper()
		if want.Sign() == 0 {
			return
		}
		round := func(v *big.Float) (F80, Flags) {
			sig, q, inf, fl := refRound(ref80, mode, false, v, true)
			field, frac := ref80.encode(sig, q, inf)
			if v.Sign() < 0 {
				field |= 0x8000
			}
			return F80{frac, uint16(field)}, fl
		}
		rounded, fl := round(want)
		if got == rounded && e.Flags&^Denormal == fl {
			return
		}
		// The functions compute with 126 bits: what is nearer than that to a boundary of rounding may fall on its other side.
		for _, side := range []float64{1, -1} {
			near := add(want, mul(want, newBig(0).SetMantExp(newBig(side), -120)))
			if r, f := round(near); r == got && f == e.Flags&^Denormal {
				return
			}
		}
		t.Fatalf("%s %x mode %d: %04x:%016x flags %x, want %04x:%016x flags %x", name, in, mode, got.SE, got.Sig, e.Flags, rounded.SE, rounded.Sig, fl)
	}
	// y/x is 2^-126 above a number of 64 bits.
	e := &Env{Round: 2, Precision: 64}
	y, x := F80{1 << 63, 0x3fc4}, F80{1<<63 | 1, 0x4004}
	check("atan near a boundary", e.Round, e.Atan80(y, x), e, bigAtan(quo(big80(y), big80(x))), y, x)
	for range 1500 {
		mode := Rounding(r.IntN(4))
		env := func() *Env { return &Env{Round: mode, Precision: []uint8{24, 53, 64}[r.IntN(3)]} }
		sign := func(v F80) F80 { v.SE |= uint16(r.Uint32()) & 0x8000; return v }

		x := sign(number(-70, 0))
		e := env()
		check("2^x-1", mode, e.Exp2m1(x), e, bigExp2m1(big80(x)), x)

		x = number(-3, 3)
		if r.IntN(2) == 0 {
			x = number(-16000, 16000)
		}
		y := sign(number(-5, 5))
		if x.Sig != 1<<63 {
			e = env()
			check("y log2 x", mode, e.Log80(y, x), e, mul(big80(y), bigLog2(big80(x))), y, x)
		}

		x = sign(number(-70, -2))
		e = env()
		check("y log2(x+1)", mode, e.Log1p80(y, x), e, mul(big80(y), quo(bigLn(nil, big80(x)), bigLn(newBig(2), nil))), y, x)

		x, y = number(-8, 8), sign(number(-60, 60))
		e = env()
		check("atan", mode, e.Atan80(y, x), e, bigAtan(quo(big80(y), big80(x))), y, x)

		x = sign(number(-60, 63))
		if r.IntN(2) == 0 { // near a multiple of π/2
			m := Env{Precision: 64}
			x = sign(m.Mul80(F80{0xc90fdaa22168c235, f80Bias}, FromInt80(int64(r.IntN(2000)))))
		}
		if sin, cos := bigSinCos(big80(x)); x.Sig != 0 {
			e = env()
			g, _, _ := e.SinCos80(x, true, false)
			check("sin", mode, g, e, sin, x)
			e = env()
			_, g, _ = e.SinCos80(x, false, true)
			check("cos", mode, g, e, cos, x)
			e = env()
			g, _ = e.Tan80(x)
			check("tan", mode, g, e, quo(sin, cos), x)
		}
	}
}
