package arm64

import (
	"strings"
	"testing"
)

// The hard operands of each precision: zeros, the least and greatest denormal and normal numbers, one and its neighbours,
// numbers that lie on and beside ties, the limits of the integer types, infinities, NaNs of both kinds and signs.
var (
	hard64 = []uint64{
		0, 1, 2, 0x0008000000000000, 0x000fffffffffffff, 0x0010000000000000, 0x0010000000000001, 0x001fffffffffffff,
		0x3ca0000000000000, 0x3fdfffffffffffff, 0x3fe0000000000000, 0x3fe0000000000001, 0x3fefffffffffffff, 0x3ff0000000000000,
		0x3ff0000000000001, 0x3ff8000000000000, 0x4000000000000000, 0x4008000000000000, 0x4330000000000001, 0x433fffffffffffff,
		0x41dfffffffc00000, 0x41dfffffffe00000, 0x41efffffffe00000, 0x43dfffffffffffff, 0x43e0000000000000, 0x43f0000000000000,
		0x47efffffe0000000, 0x47effffff0000000, 0x3810000000000000, 0x380fffffffffffff, 0x36a0000000000000, 0x3690000000000000,
		0x5fe0000000000000, 0x7fe0000000000000, 0x7fefffffffffffff, 0x7ff0000000000000, 0x7ff0000000000001, 0x7ff7ffffffffffff,
		0x7ff8000000000000, 0x7fffffffffffffff,
	}
	hard32 = []uint64{
		0, 1, 2, 0x00400000, 0x007fffff, 0x00800000, 0x00800001, 0x00ffffff, 0x33800000, 0x3effffff, 0x3f000000, 0x3f000001, 0x3f7fffff,
		0x3f800000, 0x3f800001, 0x3fc00000, 0x40000000, 0x40400000, 0x4b000001, 0x4b7fffff, 0x4effffff, 0x4f000000, 0x4f7fffff,
		0x5effffff, 0x5f000000, 0x5f800000, 0x477fe000, 0x477ff000, 0x38800000, 0x387fe000, 0x33000000, 0x5f000000, 0x7f000000,
		0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fffffff, 0x34000000,
	}
	hard16 = []uint64{
		0, 1, 2, 0x0200, 0x03ff, 0x0400, 0x0401, 0x07ff, 0x1000, 0x37ff, 0x3800, 0x3801, 0x3bff, 0x3c00, 0x3c01, 0x3e00, 0x4000, 0x4200,
		0x6401, 0x67ff, 0x7000, 0x7800, 0x7bff, 0x7c00, 0x7c01, 0x7dff, 0x7e00, 0x7fff, 0x5bff, 0x57ff,
	}
)

// hardOperands are the same with both signs.
var hardOperands = [4][]uint64{1: withSigns(1, hard16), 2: withSigns(2, hard32), 3: withSigns(3, hard64)}

func withSigns(size uint, values []uint64) (out []uint64) {
	for _, v := range values {
		out = append(out, v, v|formats[size].sign)
	}
	return out
}

// floatRows are the rows with floating-point operands, by the table families and names.
func floatRows() (out []int) {
	for _, i := range rowsOf(rowsFP, rowsSIMDSame, rowsSIMDMisc, rowsSIMDShift, rowsSIMDIndexed, halfRows()) {
		if n := rows[i].name; n[0] == 'F' || strings.Contains(n, "CVTF") {
			out = append(out, i)
		}
	}
	return out
}

// TestOracleHardFloat compares every floating-point row with hard operands, in each rounding mode, with and without flushing and
// default NaNs, one instruction at a time, so that the flags are each one's own. The long check covers all pairs of
// operands of the scalar operations.
func TestOracleHardFloat(t *testing.T) { workHardFloat.Needed(t) }

func compareHardFloat(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	var cases []oracleCase
	for _, i := range floatRows() {
		for n := range *oracleCases {
			w, ok := randomOf(r, i)
			if !ok {
				t.Fatalf("%s: no valid encoding found", rows[i].name)
			}
			s := randomState(r)
			size := uint(1 + r.Intn(3))
			for k := range s.v {
				for lane := range 16 >> size {
					s.v[k].set(size, lane, hardOperands[size][r.Intn(len(hardOperands[size]))])
				}
			}
			s.fpsr = 0
			s.fpcr = uint64(n%4)<<22 | uint64(r.Intn(3)/2)*fpcrFZ16
			if n/4%2 != 0 {
				s.fpcr |= uint64(r.Intn(8)) << 24
			}
			cases = append(cases, oracleCase{rows[i].name, []uint32{w}, s})
		}
	}
	compare(t, cases)
}

// TestOracleHardPairs runs the scalar operations of two operands on pairs of hard operands, fourteen of them in a case, each
// with FPSR read and cleared after it; -oracle.cases decides how many of the pairs; 700 and more take all.
func TestOracleHardPairs(t *testing.T) { workHardPairs.Needed(t) }

func compareHardPairs(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	const (
		mrsFPSR, msrFPSR = 0xd53b4420, 0xd51b443f // of X0, and of XZR
		perCase          = 14
	)
	ops := []uint32{0x1e600800, 0x1e601800, 0x1e602800, 0x1e603800, 0x1e604800, 0x1e605800, 0x1e606800, 0x1e607800, 0x1e608800, // FMUL to FNMUL
		0x1f400000, 0x1f408000, 0x5e60dc00, 0x5e60fc00, 0x5ee0fc00, 0x7ee0d400} // FMADD FMSUB FMULX FRECPS FRSQRTS FABD
	var cases []oracleCase
	for _, op := range ops {
		for _, size := range []uint{2, 3} {
			word := op
			if size == 2 {
				word &^= 1 << 22
			}
			values := hardOperands[size]
			pairs := r.Perm(len(values) * len(values))
			if n := perCase * max(4, *oracleCases**oracleCases/1000); n < len(pairs) {
				pairs = pairs[:n]
			}
			for mode := range uint64(8) { // four of them with FZ, DN or both
				for at := 0; at+perCase <= len(pairs); at += perCase {
					s := randomState(r)
					s.fpsr, s.fpcr = 0, mode&3<<22
					if mode > 3 {
						s.fpcr |= uint64(1+r.Intn(3)) << 24
					}
					var words []uint32
					for k, p := range pairs[at : at+perCase] {
						// The pair in one register, its second half moved to V29; the addend of FMADD is V30.
						s.v[k].set(size, 0, values[p/len(values)])
						s.v[k].set(size, 1, values[p%len(values)])
						rd := uint32(14 + k)
						second := uint32(0x5e0c0400) // MOV S29, Vk.S[1]
						if size == 3 {
							second = 0x5e180400
						}
						second |= uint32(k)<<5 | 29
						words = append(words, second, word|29<<16|30<<10*(word>>24&1)|uint32(k)<<5|rd, mrsFPSR|uint32(k), msrFPSR)
					}
					s.v[30].set(size, 0, values[r.Intn(len(values))])
					cases = append(cases, oracleCase{"hard pairs", words, s})
				}
			}
		}
	}
	compare(t, cases)
}
