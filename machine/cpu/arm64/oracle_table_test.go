package arm64

import (
	"fmt"
	"strings"
	"testing"

	"forkscope/scripts/oracle"
)

// The comparisons that the table counts.
var (
	workData          = oracle.Work{Do: compareData}
	workSequences     = oracle.Work{Do: compareSequences}
	workMemory        = oracle.Work{Do: compareMemory}
	workAllocation    = oracle.Work{Do: compareAllocation}
	workBranches      = oracle.Work{Do: compareBranches}
	workCommon        = oracle.Work{Do: compareCommon}
	workFound         = oracle.Work{Do: compareFound}
	workExclusive     = oracle.Work{Do: compareExclusive}
	workUserRegisters = oracle.Work{Do: compareUserRegisters}
	workHardFloat     = oracle.Work{Do: compareHardFloat}
	workHardPairs     = oracle.Work{Do: compareHardPairs}
)

var works = []*oracle.Work{&workData, &workSequences, &workMemory, &workAllocation, &workBranches, &workCommon, &workFound, &workExclusive, &workUserRegisters, &workHardFloat, &workHardPairs}

// How often the oracle has been asked about each row of the instruction table, and about each kind of exec's switch.
var exercised struct {
	total int
	row   map[int]int
	kind  map[uint16]int
}

// countExercised notes the words of a case that was compared with the reference, as exec has them: the kind of a compare before a
// conditional branch is that of the pair.
func countExercised(words []uint32) {
	if exercised.row == nil {
		exercised.row, exercised.kind = map[int]int{}, map[uint16]int{}
	}
	ops := make([]op, len(words)+1)
	for i, w := range words {
		exercised.total++
		if r := decode(w, uint64(i)*4, &ops[i]); r >= 0 {
			exercised.row[r]++
		}
	}
	for i := range words {
		fuse(&ops[i], &ops[i+1])
		exercised.kind[ops[i].kind]++
		if ops[i].kind != ops[i].single {
			exercised.kind[ops[i].single]++
		}
	}
}

// notExercised gives the reason for each row that user code cannot be compared in; all of them run in the image of
// TestSystemProbe, on both sides, or in the test that is named.
var notExercised = map[string]string{
	"SVC":             "ends every case; the probe image shows what it tells the kernel",
	"HVC":             "the probe image powers off with one",
	"BRK":             "the probe image",
	"HLT":             "undefined without a debugger; the probe image, TestHLT",
	"ERET":            "privileged; each line of the probe image returns to its stub with one",
	"WFE":             "a hint; returns at once",
	"WFI":             "TestHalt",
	"HINT":            "no effect",
	"DSB":             "no effect with one processor",
	"DMB":             "no effect with one processor",
	"ISB":             "no effect: context changes end their block",
	"MSR (immediate)": "privileged; the probe image",
	"SYS":             "the probe image",
}

// TestOracleTable prints how often each row and each kind was compared with the reference, and fails for those that never were and have
// no reason.
func TestOracleTable(t *testing.T) {
	buildIndex()
	for _, w := range works {
		w.Needed(t)
	}
	var b strings.Builder
	for i := range rows {
		n, reason := exercised.row[i], notExercised[rows[i].name]
		if n == 0 && reason == "" {
			t.Errorf("%s (%s) was never compared with the reference", rows[i].name, rows[i].pattern)
		}
		fmt.Fprintf(&b, "\n%7d  %-42s %s", n, rows[i].name, reason)
	}
	for kind, f := range forms {
		n, reason := exercised.kind[uint16(kind)], ""
		switch uint16(kind) {
		case kindEnd:
			continue
		case kindUndefined:
			reason = "TestOracleAllocation"
		}
		if n == 0 && reason == "" {
			t.Errorf("%s was never compared with the reference", f.name)
		}
		fmt.Fprintf(&b, "\n%7d  %-42s %s", n, f.name, reason)
	}
	t.Logf("%d instructions compared, %d rows, %d kinds%s", exercised.total, len(rows), len(forms)-1, &b)
}
