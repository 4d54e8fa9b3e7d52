package x86

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"forkscope/machine/cpu/softfloat"
)

// The transcendental functions are correctly rounded here and within one unit in the last place on the processor, so their results are
// compared as numbers.

// transCase draws operands in the domain of each function, and near its edges.
func transCase(r *rand.Rand) hostCase {
	forms := []uint8{0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff}
	h := hostCase{code: []byte{0xd9, forms[r.IntN(len(forms))]}}
	randomState(r, &h, 3)
	if r.IntN(3) != 0 {
		h.fx[4] = 0xff &^ (1 << ((h.fx[3]>>3 + 7) & 7))
	}
	put := func(i int, sig uint64, se uint16) {
		binary.LittleEndian.PutUint64(h.fx[32+16*i:], sig)
		binary.LittleEndian.PutUint16(h.fx[40+16*i:], se)
	}
	if r.IntN(4) == 0 {
		return h // any operands
	}
	sig, sign := randomBits(r, 63)|1<<63, uint16(r.Uint32())&0x8000
	near := func(low, high int) uint16 { return uint16(0x3fff + low + r.IntN(high-low)) }
	switch h.code[1] {
	case 0xf0: // |x| < 1
		put(0, sig, sign|near(-70, 0))
		if r.IntN(2) == 0 {
			put(0, sig, sign|near(-5, 0))
		}
	case 0xf1: // x > 0, near 1 at times
		put(0, sig, near(-3, 3))
		if r.IntN(2) == 0 {
			put(0, sig, near(-16000, 16000))
		}
		put(1, r.Uint64()|1<<63, sign|near(-10, 10))
	case 0xf9:
		put(0, sig, sign|near(-70, -2))
		if r.IntN(2) == 0 {
			put(0, sig, sign|near(-6, -2))
		}
		put(1, r.Uint64()|1<<63, sign|near(-10, 10))
	case 0xf3:
		put(0, sig, sign|near(-8, 8))
		put(1, r.Uint64()|1<<63, uint16(r.Uint32())&0x8000|near(-8, 8))
		if r.IntN(4) == 0 {
			put(1, r.Uint64()|1<<63, uint16(r.Uint32())&0x8000|near(-100, 100))
		}
	default: // angles
		put(0, sig, sign|near(-40, 64))
		switch r.IntN(4) {
		case 0:
			put(0, sig, sign|near(-6, 4))
		case 1: // near a multiple of π/2
			e := softfloat.Env{Precision: 64}
			m := e.Mul80(softfloat.F80{Sig: 0xc90fdaa22168c235, SE: 0x3fff}, softfloat.FromInt80(int64(r.IntN(1000))))
			put(0, m.Sig, sign|m.SE)
		}
	}
	return h
}

// ulps gives the distance between two results in units of the last place; far is returned when they are not comparable.
func ulps(a, b softfloat.F80) uint64 {
	const far = 1 << 62
	if a == b {
		return 0
	}
	if a.SE>>15 != b.SE>>15 || softfloat.Classify(a) == softfloat.NaN80 || softfloat.Classify(b) == softfloat.NaN80 {
		return far
	}
	if a.SE&0x7fff > b.SE&0x7fff || a.SE == b.SE && a.Sig > b.Sig {
		a, b = b, a
	}
	switch max(b.SE&0x7fff, 1) - max(a.SE&0x7fff, 1) { // denormals have the scale of exponent 1
	case 0:
		return b.Sig - a.Sig
	case 1:
		return b.Sig - 1<<63 + (^a.Sig+1)>>1
	}
	return far
}

func TestTranscendentalAgainstHost(t *testing.T) { workTranscendental.Needed(t) }

func compareTranscendental(t *testing.T) {
	r := hostRandom(t)
	cases := make([]hostCase, *hostCases)
	for i := range cases {
		cases[i] = transCase(r)
	}
	want := askHost(t, familyX87, cases)
	c := newFPUMachine(t, nativeData)
	total, same := map[uint8]int{}, map[uint8]int{}
	reported := map[string]bool{}
	for i := range cases {
		h := &cases[i]
		got := runOurs(t, c, h)
		name := h.code[1]
		if name == 0xf9 && outOfDomain(h) || leastNormal(h) {
			continue
		}
		total[name]++
		// The processor's C1 tells how it rounded what it had, which need not lie on the same side as the exact result.
		ignore := uint16(0)
		if want[i].fx[2]&^h.fx[2]&swSF == 0 {
			ignore = swC1
		}
		if !hostFixTrans(&want[i], &got) {
			same[name]++
		}
		if d := differences(h, &want[i], &got, ignore); len(d) != 0 {
			key := fmt.Sprint(name, d[0][:3])
			if !reported[key] {
				reported[key] = true
				t.Errorf("%s\n  %s", describe(h), d)
			}
		}
	}
	for name, n := range total {
		t.Logf("d9 %02x: %d of %d results are the host's to the last bit", name, same[name], n)
		if same[name]*10 < n*8 {
			t.Errorf("d9 %02x: too few", name)
		}
	}
}

// outOfDomain says whether ST(0) is a number for which FYL2XP1 is not defined.
func outOfDomain(h *hostCase) bool {
	exp := binary.LittleEndian.Uint16(h.fx[40:]) & 0x7fff
	return exp >= 0x3ffd && (exp > 0x3ffd || binary.LittleEndian.Uint64(h.fx[32:]) > 0x95f619980c4336f7) && exp != 0x7fff
}

// leastNormal says whether ST(0) is ±2^-16382, the sine of which is a little less: tiny when exact, not tiny as processors have it.
func leastNormal(h *hostCase) bool {
	return binary.LittleEndian.Uint64(h.fx[32:]) == 1<<63 && binary.LittleEndian.Uint16(h.fx[40:])&0x7fff <= 1
}

// hostFixTrans makes results of ours that are within one unit of the host's the host's, and says whether it changed one.
func hostFixTrans(want, got *hostResult) bool {
	changed := false
	for i := range 2 {
		p := 32 + 16*i
		w := softfloat.F80{Sig: binary.LittleEndian.Uint64(want.fx[p:]), SE: binary.LittleEndian.Uint16(want.fx[p+8:])}
		g := softfloat.F80{Sig: binary.LittleEndian.Uint64(got.fx[p:]), SE: binary.LittleEndian.Uint16(got.fx[p+8:])}
		if w != g && ulps(w, g) <= 1 {
			copy(got.fx[p:p+10], want.fx[p:p+10])
			changed = true
		}
	}
	return changed
}
