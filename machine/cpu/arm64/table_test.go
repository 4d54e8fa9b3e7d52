package arm64

import (
	"reflect"
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

// TestFormsNamed: forms of one name, of several instructions, are the same form.
func TestFormsNamed(t *testing.T) {
	buildIndex()
	for i := range rows {
		for _, f := range rows[i].hot {
			if f.body == nil {
				continue
			}
			first := forms[f.kind]
			if reflect.ValueOf(f.body).Pointer() != reflect.ValueOf(first.body).Pointer() || !reflect.DeepEqual(f.variant, first.variant) {
				t.Errorf("%s: another form has the name %s", rows[i].name, f.name)
			}
		}
	}
}
