package softfloat

import "testing"

var sink80 F80

func BenchmarkAdd80(b *testing.B) {
	e := Env{Precision: 64}
	x, y := F80{0xc90fdaa22168c235, 0x4000}, F80{0xadf85458a2bb4a9a, 0x3ff8}
	for range b.N {
		sink80 = e.Add80(x, y)
	}
}

func BenchmarkMul80(b *testing.B) {
	e := Env{Precision: 64}
	x, y := F80{0xc90fdaa22168c235, 0x4000}, F80{0xadf85458a2bb4a9a, 0x3ff8}
	for range b.N {
		sink80 = e.Mul80(x, y)
	}
}

func BenchmarkDiv80(b *testing.B) {
	e := Env{Precision: 64}
	x, y := F80{0xc90fdaa22168c235, 0x4000}, F80{0xadf85458a2bb4a9a, 0x3ff8}
	for range b.N {
		sink80 = e.Div80(x, y)
	}
}

func BenchmarkSqrt80(b *testing.B) {
	e := Env{Precision: 64}
	x := F80{0xc90fdaa22168c235, 0x4000}
	for range b.N {
		sink80 = e.Sqrt80(x)
	}
}

func BenchmarkAdd64(b *testing.B) {
	e := Env{Rules: SSE}
	var s uint64
	for range b.N {
		s ^= e.Add64(0x400921fb54442d18, 0x3fe5bf0a8b145769)
	}
	sink80.Sig = s
}
