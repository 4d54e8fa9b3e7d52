package x86

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"forkscope/machine/cpu/splice"
)

var updateSplice = flag.Bool("x86.splice", false, "write exec_unsafe.go anew")

// formName is the name of a form in the switch and in the table of coverage.
func formName(f form, kinds map[Kind]string) string {
	name := strings.TrimSuffix(kinds[f.op][1:], "cc")
	if f.size == 1 || f.size == 2 {
		name += fmt.Sprint(8 * f.size)
	}
	name += shapeNames[f.shape]
	if f.fused() {
		name += "J"
	}
	return name + condNames[f.cond]
}

// TestSpliced writes exec_unsafe.go from the table and the bodies, and compares it with what is there.
func TestSpliced(t *testing.T) {
	kinds := kindNames(t)
	cfg := splice.Config{
		Dir: ".", Bodies: "hot*.go flags.go alu.go", Skeleton: "execPlain", Func: "exec", Dispatch: "dispatch", Tag: "op.Kind", Type: "Kind", Prefix: "h",
		Params: "hotForms", Constraint: "!splice", Other: splice.Row{Body: hotOther},
		Comment: "exec is execPlain with its bodies in place of calls.",
	}
	for _, f := range allHot() {
		cfg.Rows = append(cfg.Rows, splice.Row{Name: formName(f.form, kinds), Body: f.body, Param: f.form})
	}
	got, err := splice.Generate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	const path = "exec_unsafe.go"
	if *updateSplice {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || string(got) != string(want) {
		t.Errorf("%s is not what the table and the bodies give (%v): go generate ./machine/cpu/x86", path, err)
	}
}
