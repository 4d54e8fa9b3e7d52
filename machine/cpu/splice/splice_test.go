package splice_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"forkscope/machine/cpu/splice"
	"forkscope/machine/cpu/splice/testdata/toy"
)

var update = flag.Bool("update", false, "write testdata anew")

// TestToy writes the toy's interpreter, compares it with what is there, and runs what is there and the skeleton on random code.
func TestToy(t *testing.T) {
	cfg := splice.Config{
		Dir: "testdata/toy", Bodies: "bodies.go", Skeleton: "plain", Func: "fast", Dispatch: "dispatch",
		Tag: "op.Kind", Type: "uint8", Prefix: "k", Names: "names", Comment: "fast is plain in one piece.\n", Other: splice.Row{Body: toy.Other},
	}
	for _, r := range toy.Table {
		cfg.Rows = append(cfg.Rows, splice.Row{Name: r.Name, Body: r.Body, Param: r.Form})
	}
	got, err := splice.Generate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/toy/fast.go"
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return // what runs below is what was there
	}
	if want, err := os.ReadFile(path); err != nil || string(got) != string(want) {
		t.Errorf("%s is not what would be written now (%v): go test -update", path, err)
	}
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 0))
		code := make([]toy.Op, 20)
		for i := range code {
			code[i] = toy.Op{Kind: uint8(rng.IntN(len(toy.Table) + 1)), A: uint8(rng.IntN(4)), B: uint8(rng.IntN(4)), Imm: uint32(rng.IntN(70))}
		}
		r := [4]uint32{0, rng.Uint32() % 70, 5, rng.Uint32()}
		plain, plainState := toy.New(r)
		fast, fastState := toy.New(r)
		if a, b := plain[0](code, 200), fast[1](code, 200); a != b || plainState() != fastState() {
			t.Fatalf("seed %d: %d and %d instructions\nplain %+v\nfast  %+v", seed, a, b, plainState(), fastState())
		}
	}
}

// TestErrors: what cannot be spliced is refused with the place and the reason. Each file of testdata/errors is a package with one such
// body, and ends with the message.
func TestErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".go"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, want, _ := strings.Cut(string(text), "\n// error: ")
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err = splice.Generate(splice.Config{
				Dir: dir, Bodies: "*.go", Skeleton: "plain", Func: "fast", Dispatch: "dispatch", Tag: "kind", Type: "int", Prefix: "k", Names: "names",
				Rows: []splice.Row{{Name: "Row", Body: body, Param: 3}}, Other: splice.Row{Body: other},
			})
			if err == nil || err.Error() != "splice fast: "+strings.TrimSpace(want) {
				t.Errorf("%v, not %s", err, want)
			}
		})
	}
}

// They stand for the functions of the same names in the files.
func body(*int, int) int { return 0 }
func other(*int) int     { return 0 }
