package arm64

import (
	"slices"
	"strings"

	"forkscope/machine/cpu/softfloat"
)

// FEAT_FP16: the arithmetic on halves. Its rules are those of the other precisions, but for flushing, which FPCR.FZ16 governs and
// which does not set FPSR.IDC.

// half runs g with FPCR.FZ16 in place of FPCR.FZ.
func (f *fpState) half(g func(e *softfloat.Env) uint64) uint64 {
	in, out := f.env.FlushInputs, f.env.FlushResults
	f.env.FlushInputs, f.env.FlushResults = f.flushes(1), f.flushes(1)
	v := g(&f.env)
	f.env.FlushInputs, f.env.FlushResults = in, out
	return v
}

// flushes says whether denormal numbers of the precision count as zeros.
func (f *fpState) flushes(size uint) bool {
	if size == 1 {
		return f.fpcr&fpcrFZ16 != 0
	}
	return f.env.FlushInputs
}

func (f *fpState) half2(op func(e *softfloat.Env, a, b uint16) uint16, a, b uint64) uint64 {
	return f.half(func(e *softfloat.Env) uint64 { return uint64(op(e, uint16(a), uint16(b))) })
}

// Where the words of half precision differ from the others: the size of a lane in each group of instructions.
func sameSize(w uint32) uint {
	if w>>21&1 == 0 {
		return 1
	}
	return fpSize(w)
}

func miscSize(w uint32) uint {
	if w>>19&3 == 3 {
		return 1
	}
	return fpSize(w)
}

func acrossSize(w uint32) uint {
	if !simdU(w) {
		return 1
	}
	return fpSize(w)
}

func elementSize(w uint32) uint {
	if w>>23&1 == 0 {
		return 1
	}
	return fpSize(w)
}

// halfRows derives the rows of half precision from those of the others: the same operations, in encodings that differ by fixed bits.
func halfRows() (out []row) {
	derive := func(rows []row, from string, to func(p []byte)) {
		for _, r := range rows {
			p := []byte(strings.ReplaceAll(r.pattern, " ", ""))
			if r.name[0] != 'F' && !strings.HasPrefix(r.name, "SCVTF") || !matches(p, from) {
				continue
			}
			to(p)
			r.pattern, r.valid = string(p), nil
			r.name = strings.TrimSuffix(r.name, ")") + ", half)"
			if !strings.Contains(r.name, "(") {
				r.name = strings.Replace(r.name, ", half", " (half", 1)
			}
			out = append(out, r)
		}
	}
	// Three same: 22:21 become 10, and 15:14, which are 11 there, 00.
	derive(rowsSIMDSame, "...01110..1.....11...1..........", func(p []byte) {
		p[9], p[10], p[16], p[17] = '1', '0', '0', '0'
	})
	derive(rowsSIMDSame, "...11110..1.....11...1..........", func(p []byte) {
		p[9], p[10], p[16], p[17] = '1', '0', '0', '0'
	})
	// Two-register miscellaneous: 22:17 become 111100. The conversions between precisions have opcode 1011x or 1010x (FCVTXN) and stay.
	for _, class := range []string{"...01110..10000.....10..........", "...11110..10000.....10.........."} {
		derive(slices.DeleteFunc(slices.Clone(rowsSIMDMisc), func(r row) bool {
			return strings.HasPrefix(r.name, "FCVTN ") || r.name == "FCVTN" || strings.HasPrefix(r.name, "FCVTX") || r.name == "FCVTL"
		}), class, func(p []byte) { copy(p[9:], "111100") })
	}
	// Across lanes and pairs of a scalar: U becomes 0, size x0; across lanes, Q is free.
	derive(rowsSIMDMisc, "01101110..11000.....10..........", func(p []byte) { p[1], p[2] = 'q', '0' })
	derive(rowsSIMDMisc, "01111110..11000.....10..........", func(p []byte) { p[2], p[9] = '0', '0' })
	// By element: size is 00.
	derive(rowsSIMDIndexed, "...01111................", func(p []byte) { p[8], p[9] = '0', '0' })
	derive(rowsSIMDIndexed, "...11111................", func(p []byte) { p[8], p[9] = '0', '0' })
	return append(out,
		row{name: "FMOV (vector, immediate, half)", pattern: "0q001111 00000abc 111111de fghddddd", simd: simdFMOVHalf},
		row{name: "FMOV (half, general)", pattern: "f0011110 1110011o 000000nn nnnddddd", simd: simdFMOVGeneralHalf})
}

// matches says whether the fixed bits of p are those of the template, in which a dot is any.
func matches(p []byte, template string) bool {
	for i := range template {
		if template[i] != '.' && p[i] != template[i] {
			return false
		}
	}
	return true
}

func simdFMOVHalf(c *CPU, w uint32) {
	c.v[w&31] = replicate(w, 1, expandImm8(1, uint64(w>>16&7<<5|w>>5&31)))
}

func simdFMOVGeneralHalf(c *CPU, w uint32) {
	if w>>16&1 == 0 {
		c.setX(w, c.fpReg(1, w>>5), true)
		return
	}
	c.setFP(w, c.x[fieldRn(w)]&0xffff)
}
