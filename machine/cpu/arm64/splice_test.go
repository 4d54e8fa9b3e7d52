package arm64

import (
	"flag"
	"os"
	"testing"

	"forkscope/machine/cpu/splice"
)

var update = flag.Bool("update", false, "write exec anew")

// TestSpliced writes exec from interpret and the table of forms, and compares it with what is there.
func TestSpliced(t *testing.T) {
	buildIndex()
	cfg := splice.Config{
		Dir: ".", Bodies: "hot_*.go", Skeleton: "interpret", Func: "exec", Dispatch: "dispatch", Tag: "o.kind", Type: "uint16",
		Prefix: "k", Names: "kindNames", Constraint: "!splice", Other: splice.Row{Body: hotRow},
		Comment: `exec is interpret in one piece, with the bodies of all forms in its switch: a call for each instruction would cost as much as the instruction,
and Go's inliner puts next to nothing into a function of this size.`,
	}
	for _, f := range forms {
		row := splice.Row{Name: f.name, Body: f.body}
		if f.variant != nil {
			row.Param = *f.variant
		}
		cfg.Rows = append(cfg.Rows, row)
	}
	got, err := splice.Generate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	const path = "exec_unsafe.go"
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, err := os.ReadFile(path); err != nil || string(got) != string(want) {
		t.Errorf("%s is not what would be written now (%v): go generate ./machine/cpu/arm64", path, err)
	}
}
