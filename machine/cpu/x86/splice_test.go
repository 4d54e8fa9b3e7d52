package x86

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"forkscope/machine/cpu/splice"
)

var updateSplice = flag.Bool("x86.splice", false, "write exec_unsafe.go and exec64_unsafe.go anew")

// formName is the name of a form in the switch and in the table of coverage.
func formName(f form, kinds map[Kind]string) string {
	name := strings.TrimSuffix(kinds[f.op][1:], "cc")
	if f.size == 1 || f.size == 2 || f.size == 8 {
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
	list := allHot(false)
	checkSpliced(t, "exec_unsafe.go", kinds, list, splice.Config{
		Func: "exec32", Prefix: "h", Params: "hotForms32",
		Comment: "exec32 is execPlain with the bodies of the forms of 16-bit and 32-bit code in place of calls.",
	})
	checkSpliced(t, "exec64_unsafe.go", kinds, allHot(true), splice.Config{
		Func: "exec64", Prefix: "w", Params: "hotForms64", First: len(list),
		Comment: "exec64 is execPlain with the bodies of the forms of 64-bit code.",
	})
}

func checkSpliced(t *testing.T, path string, kinds map[Kind]string, list []hotForm, cfg splice.Config) {
	t.Helper()
	cfg.Dir, cfg.Bodies, cfg.Skeleton, cfg.Dispatch = ".", "hot*.go flags.go alu.go", "execPlain", "dispatch"
	cfg.Tag, cfg.Type, cfg.Constraint, cfg.Other = "op.Kind", "Kind", "!splice", splice.Row{Body: hotOther}
	for _, f := range list {
		cfg.Rows = append(cfg.Rows, splice.Row{Name: formName(f.form, kinds), Body: f.body, Param: f.form})
	}
	got, err := splice.Generate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if *updateSplice {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || string(got) != string(want) {
		t.Errorf("%s is not what the table and the bodies give (%v): go generate ./machine/cpu/x86", path, err)
	}
}
