package arm64

import (
	"testing"
)

// TestRowsReachable: each row has an encoding that the decoder gives to it, and some kind executes it.
func TestRowsReachable(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	for i := range rows {
		w, ok := randomOf(r, i)
		if !ok {
			t.Errorf("%s: every encoding belongs to an earlier row", rows[i].name)
			continue
		}
		var o op
		decode(w, 0, &o)
		if o.kind >= kindRow && rows[i].exec == nil && rows[i].simd == nil {
			t.Errorf("%s: %08x is not executed by anything", rows[i].name, w)
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

// TestMemoryRowsFallBack: exec leaves every load and store whose TLB entry is missing to the row's function.
func TestMemoryRowsFallBack(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	for _, i := range rowsOf(rowsMemory) {
		for range 50 {
			w, _ := randomOf(r, i)
			var o op
			decode(w, 0, &o)
			if o.kind >= kLdrX && o.kind < kindRow && rows[i].exec == nil {
				t.Fatalf("%s: %08x has kind %d and no function", rows[i].name, w, o.kind)
			}
		}
	}
}
