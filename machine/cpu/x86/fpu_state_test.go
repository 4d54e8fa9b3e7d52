package x86

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"forkscope/machine/cpu/softfloat"
)

// execute runs one instruction and returns the vector it raised, or -1.
func execute(t *testing.T, c *CPU, code []byte) int {
	t.Helper()
	d := decoder{c: c, code: code}
	var op Op
	d.decode(&op, mode32)
	if d.short || int(op.Len) != len(code) {
		t.Fatalf("% x does not decode to its length", code)
	}
	c.ip = hostCode + uint64(op.Len)
	if op.Kind == kUD {
		return excUD
	}
	if !coldFunc[op.Kind](c, &op) {
		v := int(c.exc.vector)
		c.exc = exception{}
		return v
	}
	return -1
}

// TestFPUAvailability is SDM vol. 3, tables 2-2, 12-1 and 13-1: what CR0.EM, CR0.TS, CR0.MP, CR4.OSFXSR and a pending exception do to
// each family.
func TestFPUAvailability(t *testing.T) {
	const none = -1
	const em, ts, mp = cr0EM, cr0TS, cr0MP
	const pending = 1 << 30 // in place of a CR0 bit
	const noFXSR = 1 << 28
	for _, test := range []struct {
		name string
		code []byte
		want map[uint32]int
	}{
		{"fld1", []byte{0xd9, 0xe8}, map[uint32]int{0: none, em: excNM, ts: excNM, em | ts: excNM, mp: none, pending: excMF, pending | ts: excNM, noFXSR: none}},
		{"fwait", []byte{0x9b}, map[uint32]int{0: none, em: none, ts: none, mp: none, ts | mp: excNM, pending: excMF, pending | ts: excMF, pending | ts | mp: excNM}},
		{"fnstcw", []byte{0xd9, 0x7d, 0}, map[uint32]int{0: none, em: excNM, ts: excNM, pending: none}},
		{"fnstsw ax", []byte{0xdf, 0xe0}, map[uint32]int{0: none, em: excNM, ts: excNM, pending: none}},
		{"fnclex", []byte{0xdb, 0xe2}, map[uint32]int{0: none, em: excNM, ts: excNM, pending: none}},
		{"fninit", []byte{0xdb, 0xe3}, map[uint32]int{0: none, em: excNM, ts: excNM, pending: none}},
		{"fnsave", []byte{0xdd, 0x75, 0}, map[uint32]int{0: none, em: excNM, ts: excNM, pending: none}},
		{"frstor", []byte{0xdd, 0x65, 0}, map[uint32]int{0: none, em: excNM, ts: excNM, pending: excMF}},
		{"fldcw", []byte{0xd9, 0x6d, 0}, map[uint32]int{0: none, em: excNM, ts: excNM, pending: excMF}},
		{"fxsave", []byte{0x0f, 0xae, 0x45, 0}, map[uint32]int{0: none, em: excNM, ts: excNM, pending: none, noFXSR: none}},
		{"fxrstor", []byte{0x0f, 0xae, 0x4d, 0}, map[uint32]int{0: none, em: excNM, ts: excNM, pending: none, noFXSR: none}},
		{"paddb mm", []byte{0x0f, 0xfc, 0xc1}, map[uint32]int{0: none, em: excUD, ts: excNM, em | ts: excUD, pending: excMF, noFXSR: none}},
		{"emms", []byte{0x0f, 0x77}, map[uint32]int{0: none, em: excUD, ts: excNM, pending: excMF}},
		{"addps", []byte{0x0f, 0x58, 0xc1}, map[uint32]int{0: none, em: excUD, ts: excNM, em | ts: excUD, pending: none, noFXSR: excUD, noFXSR | ts: excUD}},
		{"paddb xmm", []byte{0x66, 0x0f, 0xfc, 0xc1}, map[uint32]int{0: none, em: excUD, ts: excNM, pending: none, noFXSR: excUD}},
		{"movdq2q", []byte{0xf2, 0x0f, 0xd6, 0xc1}, map[uint32]int{0: none, em: excUD, ts: excNM, pending: excMF, noFXSR: excUD}},
		{"cvtpi2ps mm", []byte{0x0f, 0x2a, 0xc1}, map[uint32]int{0: none, em: excUD, ts: excNM, pending: excMF, noFXSR: excUD}},
		{"ldmxcsr", []byte{0x0f, 0xae, 0x55, 24}, map[uint32]int{0: none, em: excUD, ts: excNM, pending: none, noFXSR: excUD}},
		{"movnti", []byte{0x0f, 0xc3, 0x45, 0}, map[uint32]int{0: none, em: none, ts: none, pending: none, noFXSR: none}},
		{"sfence", []byte{0x0f, 0xae, 0xf8}, map[uint32]int{0: none, em: none, ts: none, pending: none, noFXSR: none}},
		{"clflush", []byte{0x0f, 0xae, 0x7d, 0}, map[uint32]int{0: none, em: none, ts: none, pending: none, noFXSR: none}},
	} {
		for bits, want := range test.want {
			c := newFPUMachine(t, nativeData)
			c.r[regEBP] = hostData
			c.fpu.init()
			c.cr0 |= bits & (em | ts | mp)
			if bits&noFXSR != 0 {
				c.cr4 &^= cr4OSFXSR
			}
			if bits&pending != 0 {
				c.fpu.sw |= uint16(softfloat.DivByZero)
				c.fpu.setControl(cwInit &^ uint16(softfloat.DivByZero))
			}
			if got := execute(t, c, test.code); got != want {
				t.Errorf("%s with %#x: vector %d, want %d", test.name, bits, got, want)
			}
		}
	}
}

// TestSIMDExceptionVector: #XM needs CR4.OSXMMEXCPT, without it the exception is #UD (SDM vol. 3, 2.5).
func TestSIMDExceptionVector(t *testing.T) {
	for _, test := range []struct{ clear, want uint32 }{{0, excXM}, {cr4OSXMMEXCPT, excUD}} {
		c := newFPUMachine(t, nativeData)
		c.cr4 &^= test.clear
		c.fpu.setMXCSR(mxcsrInit &^ (uint32(softfloat.DivByZero) << 7))
		c.fpu.xmm[0] = xmmReg{lo: math.Float64bits(1)}
		before := c.fpu.xmm
		if v := execute(t, c, []byte{0xf2, 0x0f, 0x5e, 0xc1}); v != int(test.want) {
			t.Errorf("divsd by zero without %#x: vector %d, want %d", test.clear, v, test.want)
		}
		if c.fpu.xmm != before || c.fpu.mxcsr&0x3f != uint32(softfloat.DivByZero) {
			t.Errorf("the destination must stay and ZE be set: %x %x", c.fpu.xmm[0], c.fpu.mxcsr)
		}
	}
}

// TestFaultLeavesFPU: a store that faults must be restartable, with stack and flags as before.
func TestFaultLeavesFPU(t *testing.T) {
	for _, code := range [][]byte{{0xdd, 0x5d, 0}, {0xd9, 0x5d, 0}, {0xdb, 0x7d, 0}, {0xdf, 0x7d, 0}, {0xdf, 0x75, 0}, {0xdd, 0x75, 0}, {0xd9, 0x75, 0}} {
		c := newFPUMachine(t, nativeData)
		c.fpu.init()
		execute(t, c, []byte{0xd9, 0xeb}) // fldpi
		execute(t, c, []byte{0xd9, 0xec}) // fldlg2
		c.seg[segSS].limit = hostData + 3
		c.seg[segSS].update()
		c.r[regEBP] = hostData
		before, memory := c.fpu, make([]byte, 128)
		c.mem.Read(hostData, memory)
		if v := execute(t, c, code); v != excSS {
			if code[0] == 0xd9 && code[1] == 0x5d { // four bytes just fit
				continue
			}
			t.Fatalf("% x: vector %d, want #SS", code, v)
		}
		c.fpu.env = before.env // what an operation leaves there means nothing to the next
		if c.fpu != before {
			t.Errorf("% x changed the FPU before its fault", code)
		}
		after := make([]byte, 128)
		c.mem.Read(hostData, after)
		if !bytes.Equal(memory, after) {
			t.Errorf("% x wrote memory before its fault", code)
		}
	}
}

func TestFPURegistersForGDB(t *testing.T) {
	c := newFPUMachine(t, nativeData)
	c.fpu.init()
	execute(t, c, []byte{0xd9, 0xe8}) // fld1
	execute(t, c, []byte{0xd9, 0xee}) // fldz
	for name, want := range map[string]string{
		"st0":   "00000000000000000000",
		"st1":   "0000000000000080ff3f",
		"fctrl": "7f030000",
		"fstat": "00300000", // TOP is 6
		"ftag":  "ff1f0000", // R7 valid, R6 zero, the rest empty
		"fop":   "ee010000",
		"fioff": "00000010",
		"mxcsr": "801f0000",
	} {
		if name == "mxcsr" {
			c.fpu.setMXCSR(mxcsrInit)
		}
		if got := fmt.Sprintf("%x", c.fpuRegister(name)); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if c.fpuRegister("st8") != nil || c.fpuRegister("xmm") != nil || c.fpuRegister("eax") != nil {
		t.Error("names that are not ours must give nil")
	}
	// What was read can be written back, and changes nothing.
	before := c.fpu
	for _, r := range registers32 {
		if p := c.fpuRegister(r.Name); p != nil {
			if len(p)*8 != r.Bits {
				t.Errorf("%s: %d bits, listed as %d", r.Name, len(p)*8, r.Bits)
			}
			if err := c.setFPURegister(r.Name, p); err != nil {
				t.Error(err)
			}
		}
	}
	if c.fpu != before {
		t.Error("writing back what was read changed the FPU")
	}
	value := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, 1), 2)
	if err := c.setFPURegister("xmm3", value); err != nil || c.fpu.xmm[3] != (xmmReg{1, 2}) {
		t.Errorf("xmm3: %v %v", err, c.fpu.xmm[3])
	}
	for name, v := range map[string]uint32{"mxcsr": 0x10000, "fctrl": 0x10000, "ftag": 0xfffff, "fop": 0x800, "nothing": 0} {
		if c.setFPURegister(name, binary.LittleEndian.AppendUint32(nil, v)) == nil {
			t.Errorf("%s took %#x", name, v)
		}
	}
}

// TestReciprocals: RCPSS and RSQRTSS are within 1.5 × 2^-12 of the exact value (SDM vol. 2), and agree with the host on everything that is
// not a matter of accuracy.
func TestReciprocalsAgainstHost(t *testing.T) { workReciprocals.Needed(t) }

func compareReciprocals(t *testing.T) {
	r := hostRandom(t)
	var cases []hostCase
	for range *hostCases / 4 {
		h := hostCase{code: []byte{0xf3, 0x0f, 0x52 + uint8(r.IntN(2)), 0xc1}}
		if r.IntN(4) == 0 {
			h.code = h.code[1:] // the four at once
		}
		randomState(r, &h, 0)
		for lane := 0; lane < 16; lane += 4 {
			binary.LittleEndian.PutUint32(h.fx[176+lane:], random32(r))
		}
		cases = append(cases, h)
	}
	want := askHost(t, familySSE, cases)
	c := newFPUMachine(t, nativeData)
	for i := range cases {
		h := &cases[i]
		got := runOurs(t, c, h)
		lanes := 1
		if h.code[0] == 0x0f {
			lanes = 4
		}
		root := h.code[len(h.code)-2] == 0x52
		for lane := 0; lane < 4*lanes; lane += 4 {
			compareReciprocal(t, h, &want[i], &got, lane, root)
		}
		if d := differences(h, &want[i], &got, 0); len(d) != 0 {
			t.Fatalf("%s\n%s", describe(h), d)
		}
	}
}

// compareReciprocal looks at the element at byte offset lane of XMM0, an estimate for that of XMM1, and makes the two results equal where
// the manual lets processors differ.
func compareReciprocal(t *testing.T, h *hostCase, want, got *hostResult, lane int, root bool) {
	t.Helper()
	in := math.Float32frombits(binary.LittleEndian.Uint32(h.fx[176+lane:]))
	w := binary.LittleEndian.Uint32(want.fx[160+lane:])
	g := binary.LittleEndian.Uint32(got.fx[160+lane:])
	exact := 1 / float64(in)
	if root {
		exact = 1 / math.Sqrt(float64(in))
	}
	if w == g {
		return
	}
	if v := math.Float32bits(in) &^ (1 << 31); v < 0x7e7fe000 || v > 0x7e800000 || root { // else both may flush, just below 2^126
		if e := math.Abs(float64(math.Float32frombits(g))/exact - 1); !(e <= 1.5/4096) && math.Abs(exact) > 0x1p-126 && w<<1 != 0 {
			t.Fatalf("% x of %g: ours %g, the host's %g, exact %g", h.code, in, math.Float32frombits(g), math.Float32frombits(w), exact)
		}
		if w<<1 == 0 || w>>23&0xff == 0xff || g<<1 == 0 || g>>23&0xff == 0xff {
			t.Fatalf("% x of %g: ours %x, the host's %x", h.code, in, g, w)
		}
	}
	copy(got.fx[160+lane:164+lane], want.fx[160+lane:164+lane])
}
