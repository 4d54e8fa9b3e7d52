package oracle

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestNotes: what tests tell lands in the file, one line each.
func TestNotes(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notes")
	t.Setenv("FORKSCOPE_ORACLES", name)
	t.Setenv("FORKSCOPE_STRICT", "")
	Compared("a family", "an oracle", 3)
	Absent("a family", "another", "it is\nnot\there")
	skipped := false
	t.Run("missing", func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		Missing(t, "a family", "a third", "nobody has it")
	})
	if !skipped {
		t.Error("a test whose oracle is missing goes on")
	}
	p, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const want = "compared\ta family\tan oracle\t3\nmissing\ta family\tanother\tit is not here\nmissing\ta family\ta third\tnobody has it\n"
	if string(p) != want {
		t.Errorf("got %q, want %q", p, want)
	}
}

func TestFamilies(t *testing.T) {
	f := Families()
	if len(f) == 0 || !slices.IsSorted(f) || len(slices.Compact(slices.Clone(f))) != len(f) {
		t.Errorf("the list is empty, unsorted or has one twice: %q", f)
	}
}

// TestWork: comparisons are made once, whoever needs them, and all who need them share their end.
func TestWork(t *testing.T) {
	made := 0
	w := Work{Do: func(*testing.T) { made++ }}
	w.Needed(t)
	w.Needed(t)
	if made != 1 {
		t.Errorf("made %d times", made)
	}
	w = Work{Do: func(t *testing.T) { t.Skip("no oracle") }}
	for range 2 {
		skipped := false
		t.Run("skipped", func(t *testing.T) {
			defer func() { skipped = t.Skipped() }()
			w.Needed(t)
		})
		if !skipped {
			t.Error("comparisons that could not be made count as made")
		}
	}
}
