package softfloat

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

var ref16 = refFormat{"f16", 11, 11, -14, 15}

// refInteger rounds x to an integer in the direction mode.
func refInteger(x *big.Float, mode Rounding) (n *big.Int, inexact bool) {
	if x.Sign() == 0 {
		return new(big.Int), false
	}
	// An integer is a number whose quantum is one: use the reference rounding with that as the least exponent.
	f := refFormat{prec: 1 << 12, width: 1 << 12, emin: 1<<12 - 1, emax: 1 << 20}
	n, _, _, fl := refRound(f, mode, false, x, false)
	if x.Sign() < 0 {
		n.Neg(n)
	}
	return n, fl&Inexact != 0
}

var allModes = []Rounding{NearestEven, Down, Up, TowardZero, NearestAway, ToOdd}

// nearIntegers draws numbers around the limits of integers.
func nearIntegers(r *rand.Rand) uint64 {
	exp := uint64(1023 + r.IntN(70) - 4)
	if r.IntN(10) == 0 {
		return hard64(r)
	}
	return r.Uint64()&(1<<63) | exp<<52 | fraction(r, 52)
}

func TestIntegerConversions(t *testing.T) {
	r := seed(t)
	for range 60000 {
		mode := allModes[r.IntN(5)]
		a := nearIntegers(r)
		x := bigN(math.Float64frombits(a))
		fraction := r.IntN(20)
		scaled := new(big.Float).SetMantExp(x, fraction)
		want, inexact := refInteger(scaled, mode)
		for _, size := range []uint{32, 64} {
			for _, signed := range []bool{true, false} {
				e := Env{Round: mode, Rules: Arm}
				got := e.ToFixed64(a, size, signed, fraction)
				low, high := new(big.Int), new(big.Int).Lsh(big.NewInt(1), size)
				if signed {
					high.Rsh(high, 1)
					low.Neg(high)
				}
				high.Sub(high, big.NewInt(1))
				fl, w := Flags(0), new(big.Int).Set(want)
				if inexact {
					fl = Inexact
				}
				if w.Cmp(low) < 0 {
					w, fl = low, Invalid
				}
				if w.Cmp(high) > 0 {
					w, fl = high, Invalid
				}
				g := new(big.Int).SetUint64(got)
				if signed {
					g.SetInt64(int64(got))
				}
				if g.Cmp(w) != 0 || e.Flags != fl {
					t.Fatalf("%g × 2^%d to %d bits, signed %v, mode %d: %v flags %x, want %v flags %x", math.Float64frombits(a), fraction, size, signed, mode, g, e.Flags, w, fl)
				}
			}
		}
		// RoundInt gives the same integer as a number.
		e := Env{Round: mode, Rules: Arm}
		n, ne := refInteger(x, mode)
		got := math.Float64frombits(e.RoundInt64(a, false))
		if f, _ := new(big.Float).SetInt(n).Float64(); got != f || math.Signbit(got) != (a>>63 != 0) || (e.Flags == Inexact) != ne {
			t.Fatalf("round %g mode %d: %g flags %x, want %v", math.Float64frombits(a), mode, got, e.Flags, n)
		}
	}
}

func TestFromInteger(t *testing.T) {
	r := seed(t)
	for range 30000 {
		mode := allModes[r.IntN(5)]
		v := r.Uint64() >> r.IntN(64)
		if r.IntN(2) == 0 {
			v = ^v
		}
		shift := r.IntN(33)
		for _, signed := range []bool{true, false} {
			x := new(big.Float).SetPrec(refPrec).SetUint64(v)
			if signed {
				x.SetInt64(int64(v))
			}
			x.SetMantExp(x, -shift)
			for _, f := range []refFormat{ref32, ref64} {
				e := Env{Round: mode, Rules: Arm}
				var field int
				var frac uint64
				if f.prec == 24 {
					g := e.FromFixed32(v, signed, shift)
					field, frac = int(g>>23&0xff), uint64(g&(1<<23-1))
				} else {
					g := e.FromFixed64(v, signed, shift)
					field, frac = int(g>>52&0x7ff), g&(1<<52-1)
				}
				if x.Sign() == 0 {
					if field != 0 || frac != 0 {
						t.Fatalf("zero becomes %x %x", field, frac)
					}
					continue
				}
				sig, q, inf, fl := refRound(f, mode, true, x, false)
				wantField, wantFrac := f.encode(sig, q, inf)
				wantFrac &^= 1 << (f.width - 1)
				if field != wantField || frac != wantFrac || e.Flags != fl {
					t.Fatalf("%x / 2^%d signed %v mode %d to %s: %x %x flags %x, want %x %x flags %x", v, shift, signed, mode, f.name, field, frac, e.Flags, wantField, wantFrac, fl)
				}
			}
		}
	}
}

func TestNarrowing(t *testing.T) {
	r := seed(t)
	for range 60000 {
		mode := allModes[r.IntN(6)]
		a := r.Uint64()&(1<<63) | uint64(1023+r.IntN(60)-34)<<52 | fraction(r, 52)
		if r.IntN(3) == 0 {
			a = r.Uint64()&(1<<63) | uint64(1023+r.IntN(320)-160)<<52 | fraction(r, 52)
		}
		x := bigN(math.Float64frombits(a))
		for _, f := range []refFormat{ref16, ref32} {
			e := Env{Round: mode, Rules: Arm}
			var field int
			var frac uint64
			if f.prec == 11 {
				g := e.Convert64to16(a, false)
				field, frac = int(g>>10&0x1f), uint64(g&0x3ff)
			} else {
				g := e.Convert64to32(a)
				field, frac = int(g>>23&0xff), uint64(g&(1<<23-1))
			}
			sig, q, inf, fl := refRound(f, mode, true, x, false)
			wantField, wantFrac := f.encode(sig, q, inf)
			wantFrac &^= 1 << (f.width - 1)
			if field != wantField || frac != wantFrac || e.Flags != fl {
				t.Fatalf("%g to %s mode %d: %x %x flags %x, want %x %x flags %x", math.Float64frombits(a), f.name, mode, field, frac, e.Flags, wantField, wantFrac, fl)
			}
		}
	}
}

// TestHalves goes through all halves: widening is exact, and narrowing what was widened gives it back.
func TestHalves(t *testing.T) {
	for v := range 1 << 16 {
		h := uint16(v)
		e := Env{Rules: Arm}
		w := math.Float32frombits(e.Convert16to32(h, false))
		exp, frac := int(h>>10&0x1f), float64(h&0x3ff)
		var want float64
		switch exp {
		case 0x1f:
			want = math.Inf(1)
			if frac != 0 {
				want = math.NaN()
			}
		case 0:
			want = math.Ldexp(frac, -24)
		default:
			want = math.Ldexp(1024+frac, exp-25)
		}
		if h>>15 != 0 {
			want = -want
		}
		if float64(w) != want && !(w != w && want != want) {
			t.Fatalf("%04x is %g, want %g", h, w, want)
		}
		back := e.Convert32to16(math.Float32bits(w), false)
		if want != want {
			h |= 0x200 // quieted
		}
		if back != h || e.Flags&^Invalid != 0 || (e.Flags != 0) != (exp == 0x1f && h != uint16(v)) {
			t.Fatalf("%04x comes back as %04x, flags %x", h, back, e.Flags)
		}
		// Arm's alternative format has numbers where IEEE has infinities and NaNs.
		e = Env{Rules: Arm}
		if exp == 0x1f {
			want = math.Copysign(math.Ldexp(1024+frac, exp-25), float64(1)-2*float64(h>>15))
		}
		if w := math.Float64frombits(e.Convert16to64(uint16(v), true)); w != want {
			t.Fatalf("alternative %04x is %g, want %g", v, w, want)
		}
		if back := e.Convert64to16(math.Float64bits(want), true); back != uint16(v) || e.Flags != 0 {
			t.Fatalf("alternative %04x comes back as %04x, flags %x", v, back, e.Flags)
		}
	}
	e := Env{Rules: Arm}
	if got := e.Convert32to16(math.Float32bits(131100), true); got != 0x7fff || e.Flags != Invalid {
		t.Errorf("alternative half of 131100: %04x flags %x, want saturation and Invalid", got, e.Flags)
	}
}

// TestArmRules is the pseudocode of FPProcessNaNs, FPMulAdd and FPUnpack (Arm ARM, J1.3.3).
func TestArmRules(t *testing.T) {
	const qA, qB, sA, sB = 0x7fc00001, 0xffc00002, 0x7f800001, 0xff800002
	const inf, minusInf, one, denormal, def = 0x7f800000, 0xff800000, 0x3f800000, 1, 0x7fc00000
	for _, test := range []struct {
		name    string
		env     Env
		compute func(e *Env) uint32
		want    uint32
		flags   Flags
	}{
		{"quiet first", Env{}, func(e *Env) uint32 { return e.Add32(qA, qB) }, qA, 0},
		{"signalling before quiet", Env{}, func(e *Env) uint32 { return e.Add32(qA, sB) }, sB | 1<<22, Invalid},
		{"first signalling", Env{}, func(e *Env) uint32 { return e.Mul32(sA, sB) }, sA | 1<<22, Invalid},
		{"default NaN", Env{DefaultNaN: true}, func(e *Env) uint32 { return e.Mul32(qA, one) }, def, 0},
		{"invalid", Env{}, func(e *Env) uint32 { return e.Sub32(inf, inf) }, def, Invalid},
		{"addend's NaN first", Env{}, func(e *Env) uint32 { return e.MulAdd32(qA, one, qB) }, qB, 0},
		{"signalling factor before quiet addend", Env{}, func(e *Env) uint32 { return e.MulAdd32(one, sA, qB) }, sA | 1<<22, Invalid},
		{"∞×0+NaN", Env{}, func(e *Env) uint32 { return e.MulAdd32(inf, 0, qB) }, def, Invalid},
		{"∞×1-∞", Env{}, func(e *Env) uint32 { return e.MulAdd32(inf, one, minusInf) }, def, Invalid},
		{"flushed input", Env{FlushInputs: true, FlushResults: true}, func(e *Env) uint32 { return e.Add32(denormal, one) }, one, Denormal},
		{"flushed result", Env{FlushInputs: true, FlushResults: true}, func(e *Env) uint32 { return e.Mul32(0x00800000, 0x3f000000) }, 0, Underflow},
		{"denormal operand is no exception", Env{}, func(e *Env) uint32 { return e.Add32(denormal, denormal) }, 2, 0},
		{"widened signalling NaN", Env{}, func(e *Env) uint32 { return uint32(e.Convert32to64(sA) >> 32) }, 0x7ff80000, Invalid},
	} {
		e := test.env
		e.Rules = Arm
		if got := test.compute(&e); got != test.want || e.Flags != test.flags {
			t.Errorf("%s: %08x flags %x, want %08x flags %x", test.name, got, e.Flags, test.want, test.flags)
		}
	}
}
