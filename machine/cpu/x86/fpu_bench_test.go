package x86

import (
	"encoding/binary"
	"math"
	"testing"
)

// benchmarkOps runs a sequence of instructions on memory at hostData, the way the interpreter does.
func benchmarkOps(b *testing.B, codes ...[]byte) {
	c := newFPUMachine(b, nativeData)
	c.fpu.init()
	c.fpu.setMXCSR(mxcsrInit)
	var m [64]byte
	for i, v := range []float64{1.1, 2.7182818, 1 / 3.0, -0.75, 1e10, 2, 0.5, 3} {
		binary.LittleEndian.PutUint64(m[8*i:], math.Float64bits(v))
	}
	c.mem.Write(hostData, m[:])
	c.r[regEBP] = hostData
	ops := make([]Op, len(codes))
	for i, code := range codes {
		d := decoder{c: c, code: code}
		d.decode(&ops[i], mode32)
	}
	for range b.N {
		for i := range ops {
			coldFunc[ops[i].Kind](c, &ops[i])
		}
	}
	if c.fpu.sw&swSF != 0 {
		b.Fatal("the sequence does not balance the stack")
	}
}

// BenchmarkX87 is x = a*b + c - d on the x87: fld, fmul, fadd, fsub, fstp.
func BenchmarkX87(b *testing.B) {
	benchmarkOps(b, []byte{0xdd, 0x45, 0}, []byte{0xdc, 0x4d, 8}, []byte{0xdc, 0x45, 16}, []byte{0xdc, 0x65, 24}, []byte{0xdd, 0x5d, 32})
}

// BenchmarkSSE is the same with SSE2: movsd, mulsd, addsd, subsd, movsd.
func BenchmarkSSE(b *testing.B) {
	benchmarkOps(b, []byte{0xf2, 0x0f, 0x10, 0x45, 0}, []byte{0xf2, 0x0f, 0x59, 0x45, 8}, []byte{0xf2, 0x0f, 0x58, 0x45, 16},
		[]byte{0xf2, 0x0f, 0x5c, 0x45, 24}, []byte{0xf2, 0x0f, 0x11, 0x45, 32})
}

func BenchmarkFSin(b *testing.B) {
	benchmarkOps(b, []byte{0xdd, 0x45, 0}, []byte{0xd9, 0xfe}, []byte{0xdd, 0xd8})
}

func BenchmarkFYL2X(b *testing.B) {
	benchmarkOps(b, []byte{0xd9, 0xe8}, []byte{0xdd, 0x45, 0}, []byte{0xd9, 0xf1}, []byte{0xdd, 0xd8})
}
