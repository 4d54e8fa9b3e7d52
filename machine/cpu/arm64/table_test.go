package arm64

import (
	"testing"
)

// TestRowsReachable: each row has an encoding that the decoder gives to it, and a function.
func TestRowsReachable(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	for i := range rows {
		w, ok := randomOf(r, i)
		if !ok {
			t.Errorf("%s: every encoding belongs to an earlier row", rows[i].name)
			continue
		}
		if rows[i].exec == nil && rows[i].simd == nil {
			t.Errorf("%s: %08x has no function", rows[i].name, w)
		}
		if rows[i].exec != nil && rows[i].simd != nil {
			t.Errorf("%s: executed in two ways", rows[i].name)
		}
	}
}

// TestRowsHaveOracle: every row is compared with the reference, or is a system instruction, which the probe image covers.
func TestRowsHaveOracle(t *testing.T) {
	buildIndex()
	covered := map[int]bool{}
	for _, i := range rowsOf(rowsImmediate, rowsRegister, rowsBranch, rowsMemory, rowsSIMDMemory, rowsFP, rowsSIMDSame, rowsSIMDMisc,
		rowsSIMDMove, rowsSIMDShift, rowsSIMDWide, rowsSIMDIndexed, rowsSystem, rowsAtomic, rowsSIMDExtension, rowsCrypto, halfRows()) {
		covered[i] = true
	}
	for i := range rows {
		if !covered[i] {
			t.Errorf("%s is in no family that a test compares", rows[i].name)
		}
	}
	t.Logf("%d rows", len(rows))
}
