package x86

import (
	"encoding/binary"
	"math"
	"testing"

	"forkscope/machine/cpu/softfloat"
)

// Cases in which the emulated and the real processor once differed, or in which the manual surprises.

// namedState is an FPU with every register 1.0 and valid, all exceptions masked.
func namedState() hostCase {
	var h hostCase
	h.eflags = 0x202
	h.regs[regEBP], h.regs[regEDI] = hostData, hostData
	binary.LittleEndian.PutUint16(h.fx[0:], 0x37f)
	h.fx[4] = 0xff
	binary.LittleEndian.PutUint32(h.fx[24:], mxcsrInit)
	for i := range 8 {
		h.setST(i, softfloat.F80{Sig: 1 << 63, SE: 0x3fff})
	}
	return h
}

func (h *hostCase) setST(i int, v softfloat.F80) {
	binary.LittleEndian.PutUint64(h.fx[32+16*i:], v.Sig)
	binary.LittleEndian.PutUint16(h.fx[40+16*i:], v.SE)
}

func (h *hostCase) setCW(cw uint16)     { binary.LittleEndian.PutUint16(h.fx[0:], cw) }
func (h *hostCase) setSW(sw uint16)     { binary.LittleEndian.PutUint16(h.fx[2:], sw) }
func (h *hostCase) setMXCSR(v uint32)   { binary.LittleEndian.PutUint32(h.fx[24:], v) }
func (h *hostCase) setXMM(lo, n uint64) { binary.LittleEndian.PutUint64(h.fx[160+16*n:], lo) }

func (h *hostCase) setFloats(n int, v ...float32) {
	for i, x := range v {
		binary.LittleEndian.PutUint32(h.fx[160+16*n+4*i:], math.Float32bits(x))
	}
}

func TestNamedCasesAgainstHost(t *testing.T) {
	nan := softfloat.F80{Sig: 3 << 62, SE: 0x7fff}
	denormal := softfloat.F80{Sig: 1 << 20}
	tests := []struct {
		name  string
		code  []byte
		setup func(h *hostCase)
	}{
		{"FCMOV leaves C1", []byte{0xda, 0xc1}, func(h *hostCase) { h.setSW(swC1) }},
		{"FCOMI leaves C1", []byte{0xdb, 0xf1}, func(h *hostCase) { h.setSW(swC1) }},
		{"FFREE clears C1", []byte{0xdd, 0xc3}, func(h *hostCase) { h.setSW(swC1) }},
		{"FLD of an empty register into a full stack underflows", []byte{0xd9, 0xc3}, func(h *hostCase) { h.fx[4] = 0xf7; h.setSW(swC1) }},
		{"FPREM with a NaN leaves C0 and C3", []byte{0xd9, 0xf8}, func(h *hostCase) { h.setSW(swCC); h.setST(1, nan) }},
		{"FPREM of 2^70+1 by 3 is partial", []byte{0xd9, 0xf8}, func(h *hostCase) {
			h.setST(0, softfloat.F80{Sig: 1<<63 | 1, SE: 0x3fff + 70})
			h.setST(1, softfloat.F80{Sig: 3 << 62, SE: 0x4000})
		}},
		{"FPREM1 of a tie", []byte{0xd9, 0xf5}, func(h *hostCase) { h.setST(0, softfloat.FromInt80(3)); h.setST(1, softfloat.FromInt80(2)) }},
		{"D9 D8 pops an empty register quietly", []byte{0xd9, 0xda}, func(h *hostCase) { h.fx[4] = 0xfe }},
		{"FSCALE far beyond overflow, unmasked", []byte{0xd9, 0xfd}, func(h *hostCase) { h.setCW(0xf77); h.setST(1, softfloat.FromInt80(1<<40)) }},
		{"FSCALE far beyond underflow, unmasked", []byte{0xd9, 0xfd}, func(h *hostCase) { h.setCW(0xf6f); h.setST(1, softfloat.FromInt80(-1<<40)) }},
		{"FSCALE overflow, unmasked, wraps the exponent", []byte{0xd9, 0xfd}, func(h *hostCase) { h.setCW(0x377); h.setST(1, softfloat.FromInt80(20000)) }},
		{"FLD m32 of a denormal loads it although DE traps", []byte{0xd9, 0x45, 0}, func(h *hostCase) { h.setCW(0x37d); h.fx[4] = 0x7f; h.mem[0] = 1 }},
		{"FADD m32 of a denormal does not add when DE traps", []byte{0xd8, 0x45, 0}, func(h *hostCase) { h.setCW(0x37d); h.mem[0] = 1 }},
		{"a denormal divided by zero raises ZE alone", []byte{0xd8, 0xf1}, func(h *hostCase) { h.setST(0, denormal); h.setST(1, softfloat.F80{}) }},
		{"FST m32 of a tiny number, unmasked, does not store", []byte{0xd9, 0x55, 0}, func(h *hostCase) {
			h.setCW(0x36f)
			h.setST(0, softfloat.F80{Sig: 1<<63 | 1, SE: 0x3f00})
		}},
		{"FST m64 rounds up: C1", []byte{0xdd, 0x55, 0}, func(h *hostCase) { h.setST(0, softfloat.F80{Sig: 1<<63 | 0x7ff, SE: 0x3fff}) }},
		{"FISTP m16 of 32768", []byte{0xdf, 0x5d, 0}, func(h *hostCase) { h.setST(0, softfloat.FromInt80(32768)) }},
		{"FBSTP of 10^18", []byte{0xdf, 0x75, 0}, func(h *hostCase) { h.setST(0, softfloat.FromInt80(1e18)) }},
		{"FBLD of digits above 9", []byte{0xdf, 0x65, 0}, func(h *hostCase) { h.fx[4] = 0x7f; h.mem[0], h.mem[9] = 0xff, 0x80 }},
		{"an unsupported operand is invalid", []byte{0xd8, 0xc1}, func(h *hostCase) { h.setST(1, softfloat.F80{Sig: 1, SE: 0x3fff}) }},
		{"a pseudo-denormal is a denormal", []byte{0xd8, 0xc1}, func(h *hostCase) { h.setST(1, softfloat.F80{Sig: 1 << 63}) }},
		{"precision control cuts a sum to 24 bits", []byte{0xd8, 0xc1}, func(h *hostCase) {
			h.setCW(0x07f)
			h.setST(1, softfloat.F80{Sig: 1<<63 | 1<<39, SE: 0x3fff})
		}},
		{"the smaller of two NaNs with equal significands is the positive one", []byte{0xd8, 0xc1}, func(h *hostCase) {
			h.setST(0, softfloat.F80{Sig: nan.Sig, SE: 0xffff})
			h.setST(1, nan)
		}},
		{"FXAM of an empty register tells its sign", []byte{0xd9, 0xe5}, func(h *hostCase) { h.fx[4] = 0xfe; h.setST(0, softfloat.F80{Sig: 1 << 63, SE: 0xbfff}) }},
		{"F2XM1 of 1 is reported inexact", []byte{0xd9, 0xf0}, func(*hostCase) {}},
		{"FYL2X of a power of two is reported inexact", []byte{0xd9, 0xf1}, func(h *hostCase) { h.setST(0, softfloat.FromInt80(8)) }},
		{"FSIN out of range sets C2", []byte{0xd9, 0xfe}, func(h *hostCase) { h.setST(0, softfloat.F80{Sig: 1 << 63, SE: 0x3fff + 63}) }},
		{"a pending exception is raised by the next waiting instruction", []byte{0xd9, 0xe8}, func(h *hostCase) { h.setCW(0x37b); h.setSW(4) }},
		{"FNCLEX does not wait", []byte{0xdb, 0xe2}, func(h *hostCase) { h.setCW(0x37b); h.setSW(4) }},
		{"CVTTPS2PI enters the MMX state before #XM", []byte{0x0f, 0x2c, 0xc0}, func(h *hostCase) {
			h.setSW(3 << 11)
			h.fx[4] = 0
			h.setMXCSR(mxcsrInit &^ 0x1000)
			h.setXMM(0x3fc00000, 0)
		}},
		{"MULSD underflow, unmasked: no PE when only the range is too small", []byte{0xf2, 0x0f, 0x59, 0xc1}, func(h *hostCase) {
			h.setMXCSR(mxcsrInit &^ 0x800)
			h.setXMM(0x0010000000000001, 0)
			h.setXMM(0x3fe0000000000000, 1)
		}},
		{"flush to zero of an exact denormal", []byte{0xf2, 0x0f, 0x59, 0xc1}, func(h *hostCase) {
			h.setMXCSR(mxcsrInit | mxcsrFTZ)
			h.setXMM(0x0010000000000000, 0)
			h.setXMM(0x3fe0000000000000, 1)
		}},
		{"denormals are zeros for MINSD, too", []byte{0xf2, 0x0f, 0x5d, 0xc1}, func(h *hostCase) {
			h.setMXCSR(mxcsrInit | mxcsrDAZ)
			h.setXMM(1, 0)
			h.setXMM(0x8000000000000002, 1)
		}},
		{"MAXSS of a NaN gives the second operand", []byte{0xf3, 0x0f, 0x5f, 0xc1}, func(h *hostCase) { h.setXMM(0x7fc00001, 0); h.setXMM(0x3f800000, 1) }},
		{"MINSD of zeros gives the second operand", []byte{0xf2, 0x0f, 0x5d, 0xc1}, func(h *hostCase) { h.setXMM(1<<63, 0) }},
		{"ADDSD of two NaNs gives the first", []byte{0xf2, 0x0f, 0x58, 0xc1}, func(h *hostCase) { h.setXMM(0x7ff0000000000001, 0); h.setXMM(0x7ff8000000000002, 1) }},
		{"DPPS stops at an overflow of a product, unmasked, before the sum is invalid", []byte{0x66, 0x0f, 0x3a, 0x40, 0xc1, 0xff}, func(h *hostCase) {
			h.setMXCSR(mxcsrInit &^ 0x400)
			h.setFloats(0, 3e38, 3e38, 0, 0)
			h.setFloats(1, 10, -10, 0, 0)
		}},
		{"DPPS stops at an overflow of the first sums, unmasked, before the last is invalid", []byte{0x66, 0x0f, 0x3a, 0x40, 0xc1, 0xff}, func(h *hostCase) {
			h.setMXCSR(mxcsrInit &^ 0x400)
			h.setFloats(0, 3e38, 3e38, 3e38, 3e38)
			h.setFloats(1, 1, 1, -1, -1)
		}},
		{"DPPS of a first sum that overflows, unmasked, and a second that is invalid", []byte{0x66, 0x0f, 0x3a, 0x40, 0xc1, 0xff}, func(h *hostCase) {
			inf := float32(math.Inf(1))
			h.setMXCSR(mxcsrInit &^ 0x400)
			h.setFloats(0, 3e38, 3e38, inf, inf)
			h.setFloats(1, 1, 1, 1, -1)
		}},
		{"DPPS of a first sum that is invalid, and a second that overflows, unmasked", []byte{0x66, 0x0f, 0x3a, 0x40, 0xc1, 0xff}, func(h *hostCase) {
			inf := float32(math.Inf(1))
			h.setMXCSR(mxcsrInit &^ 0x400)
			h.setFloats(0, inf, inf, 3e38, 3e38)
			h.setFloats(1, 1, -1, 1, 1)
		}},
		{"HADDPS of a denormal and an overflow, DE unmasked", []byte{0xf2, 0x0f, 0x7c, 0xc1}, func(h *hostCase) {
			h.setMXCSR(mxcsrInit &^ 0x100)
			h.setFloats(0, 3e38, 3e38, 1e-40, 1)
		}},
		{"FISTTP of -2.5 rounds toward zero whatever the control word says", []byte{0xdb, 0x4d, 0}, func(h *hostCase) {
			h.setCW(0x77f)
			h.setST(0, softfloat.F80{Sig: 5 << 61, SE: 0xc000})
		}},
		{"PCMPESTRI of lengths beyond the register", []byte{0x66, 0x0f, 0x3a, 0x61, 0xc1, 0x08}, func(h *hostCase) {
			h.regs[regEAX], h.regs[regEDX] = 0x80000000, 17
		}},
		{"PCMPISTRI of memory that is not aligned", []byte{0x66, 0x0f, 0x3a, 0x63, 0x45, 3, 0x18}, func(*hostCase) {}},
		{"LDDQU of memory that is not aligned", []byte{0xf2, 0x0f, 0xf0, 0x45, 3}, func(*hostCase) {}},
		{"PMULLD of memory that is not aligned", []byte{0x66, 0x0f, 0x38, 0x40, 0x45, 8}, func(*hostCase) {}},
		{"PABSB mmx of memory that is not aligned", []byte{0x0f, 0x38, 0x1c, 0x45, 3}, func(*hostCase) {}},
		{"LOCK before CRC32", []byte{0xf0, 0xf2, 0x0f, 0x38, 0xf1, 0xc1}, func(*hostCase) {}},
		{"LOCK before POPCNT of memory", []byte{0xf0, 0xf3, 0x0f, 0xb8, 0x45, 0}, func(*hostCase) {}},
		{"POPCNT without its prefix", []byte{0x0f, 0xb8, 0xc1}, func(*hostCase) {}},
		{"PMULLD without its prefix", []byte{0x0f, 0x38, 0x40, 0xc1}, func(*hostCase) {}},
		{"PABSB with F3", []byte{0xf3, 0x0f, 0x38, 0x1c, 0xc1}, func(*hostCase) {}},
		{"MOVAPS not aligned", []byte{0x0f, 0x28, 0x45, 8}, func(*hostCase) {}},
		{"LDMXCSR of reserved bits", []byte{0x0f, 0xae, 0x55, 0}, func(h *hostCase) { h.mem[2] = 1 }},
		{"FXRSTOR of reserved MXCSR bits", []byte{0x0f, 0xae, 0x4d, 0}, func(h *hostCase) { h.mem[26] = 1 }},
		{"MASKMOVQ of some bytes", []byte{0x0f, 0xf7, 0xc1}, func(h *hostCase) { h.setST(1, softfloat.F80{Sig: 0x80007f00ff0080ff}) }},
	}
	cases := make([]hostCase, len(tests))
	for i, test := range tests {
		cases[i] = namedState()
		cases[i].code = test.code
		test.setup(&cases[i])
	}
	want := askHost(t, familyMix, cases)
	c := newFPUMachine(t, nativeData)
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := &cases[i]
			got := runOurs(t, c, h)
			ignore := uint16(0)
			if transcendental(h.code) {
				ignore = swC1
			}
			for _, d := range differences(h, &want[i], &got, ignore) {
				t.Error(d)
			}
		})
	}
}
