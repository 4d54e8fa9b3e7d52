// Package scripts holds builders and checks; its tests check the repository itself.
package scripts

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"forkscope/machine/cpu/arch"
)

const module = "forkscope"

// floors says which packages of ours a package may import: an entry covers the folder and all below it, and the
// longest entry that covers a package counts. Packages of one entry may import each other.
var floors = map[string][]string{
	"gdbstub":               {},
	"guests":                {},
	"kernel":                {},
	"kernel/introspect":     {"kernel/syscalls", "machine/cpu/arch"},
	"kernel/syscalls":       {},
	"scripts":               {"machine/cpu/arch"},
	"machine/snapshot":      {},
	"machine/mem":           {"machine/snapshot"},
	"machine/clock":         {"machine/snapshot"},
	"machine/bus":           {"machine/mem", "machine/clock", "machine/snapshot"},
	"machine/cpu":           {"machine/mem", "machine/clock", "machine/snapshot"},
	"machine/cpu/softfloat": {},
	"machine/cpu/arch":      {"gdbstub"}, // registers are described in gdb's terms
	"machine/cpu/code":      {"machine/mem"},
	"machine/cpu/x86":       {"machine/cpu", "machine/cpu/code", "machine/cpu/softfloat", "machine/mem", "machine/clock", "machine/snapshot"},
	"machine/cpu/arm64":     {"machine/cpu", "machine/cpu/code", "machine/cpu/softfloat", "machine/mem", "machine/clock", "machine/snapshot"},
	"machine/cpu/cputest":   {"machine/cpu", "machine/mem", "machine/clock", "machine/snapshot"},
	"machine/dev":           {"machine/bus", "machine/mem", "machine/clock", "machine/snapshot"},
	"machine/boot":          {"machine/bus", "machine/cpu", "machine/mem", "machine/clock", "machine/snapshot"},
	"machine/timeline":      {"machine/clock"},
	"machine/board":         {"machine/bus", "machine/boot", "machine/cpu", "machine/dev", "machine/mem", "machine/clock", "machine/snapshot"},
	"machine":               {"machine/board", "machine/boot", "machine/bus", "machine/cpu", "machine/dev", "machine/mem", "machine/clock", "machine/snapshot", "machine/timeline"},
	"machine/debug": {"machine", "machine/cpu", "machine/clock", "machine/debug/control", "machine/debug/guest", "machine/debug/kernel", "machine/debug/process",
		"machine/debug/guestfs", "machine/debug/osdata", "gdbstub", "kernel/introspect"},
	"machine/debug/control": {"machine", "machine/cpu", "machine/clock", "gdbstub"},
	"machine/debug/guest":   {"machine", "machine/cpu", "machine/clock", "machine/debug/control", "gdbstub", "kernel/introspect"},
	"machine/debug/kernel":  {"machine", "machine/cpu", "machine/clock", "machine/debug/control", "machine/debug/guest", "gdbstub", "kernel/introspect"},
	"machine/debug/process": {"machine/cpu", "machine/clock", "machine/debug/control", "machine/debug/guest", "gdbstub", "kernel/introspect"},
	"machine/debug/guestfs": {"machine/cpu", "gdbstub", "kernel/introspect"},
	"machine/debug/osdata":  {"machine/cpu", "gdbstub", "kernel/introspect"},
	// What tests of what is read out of a guest have in common.
	"machine/debug/debugtest": {"machine", "machine/cpu", "machine/clock", "kernel/introspect"},
	"cmd":                     {"machine", "gdbstub", "kernel", "guests", "scripts"},
}

// onlyIn names outside modules that one folder alone may use.
var onlyIn = map[string]string{
	"github.com/urfave/cli/v2": "cmd",
	"forkscope/guests":         "cmd",
	"forkscope/kernel":         "cmd",
}

func TestImports(t *testing.T) {
	eachFile(t, func(file string) {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := forbidden(path.Dir(file), name, strings.HasSuffix(file, "_test.go")); why != "" {
				t.Errorf("%s imports %s: %s", file, name, why)
			}
			if name == "unsafe" && !strings.HasSuffix(file, "_unsafe.go") && path.Dir(file) != "machine/mem" {
				t.Errorf("%s imports unsafe: only files ending in _unsafe.go and machine/mem may", file)
			}
		}
	})
}

// forbidden says why pkg must not import name, or nothing. Tests may reach further within the machine, never upwards.
func forbidden(pkg, name string, test bool) string {
	if folder, ok := onlyIn[name]; ok && !under(pkg, folder) && !test {
		return "only " + folder + " may"
	}
	ours, ok := strings.CutPrefix(name, module+"/")
	if !ok {
		return ""
	}
	best := floorOf(pkg)
	if best == "" {
		return "the package is on no floor; add it to the table"
	}
	if floorOf(ours) == best {
		return ""
	}
	for _, a := range floors[best] {
		if ours == a || (a != "machine" && under(ours, a)) || (best == "cmd" && under(ours, a)) {
			return ""
		}
	}
	if test && ours == "scripts/oracle" {
		return "" // what tests tell of their comparisons
	}
	if test && (under(pkg, "machine") && under(ours, "machine") && !under(ours, "machine/debug")) {
		return ""
	}
	if test && under(pkg, "machine/debug") {
		return ""
	}
	return "floor " + best + " may not"
}

// floorOf is the longest entry of the table that covers a package.
func floorOf(pkg string) string {
	best := ""
	for entry := range floors {
		if under(pkg, entry) && len(entry) > len(best) {
			best = entry
		}
	}
	return best
}

func under(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }

func TestForbiddenEdgesAreSeen(t *testing.T) {
	for _, c := range []struct{ pkg, name string }{
		{"gdbstub", "forkscope/machine"},
		{"machine/cpu/x86", "forkscope/machine/bus"},
		{"machine/dev/serial", "forkscope/machine/cpu"},
		{"machine", "forkscope/machine/debug"},
		{"machine/cpu", "forkscope/machine/cpu/x86"},
		{"kernel/introspect", "forkscope/machine/mem"},
		{"machine", "forkscope/kernel"},
		{"machine/new", "forkscope/machine/debug"},
		{"machine/debug/control", "forkscope/kernel/introspect"},
		{"machine/debug/control", "forkscope/machine/debug/guest"},
		{"machine/debug/guest", "forkscope/machine/debug/process"},
		{"machine/debug/kernel", "forkscope/machine/debug/process"},
		{"machine/debug/process", "forkscope/machine/debug/kernel"},
		{"machine/debug/process", "forkscope/machine/debug"},
		{"machine/debug", "github.com/urfave/cli/v2"},
		{"machine/debug/guestfs", "forkscope/machine"},
		{"machine/debug/guestfs", "forkscope/machine/debug"},
		{"machine/debug/osdata", "forkscope/machine/debug/guestfs"},
		{"machine/debug", "forkscope/machine/debug/debugtest"},
		{"machine/cpu/arch", "forkscope/machine/cpu"},
		{"gdbstub", "forkscope/machine/cpu/arch"},
		{"kernel/introspect", "forkscope/machine/cpu"},
	} {
		if forbidden(c.pkg, c.name, false) == "" {
			t.Errorf("%s importing %s was not seen as forbidden", c.pkg, c.name)
		}
	}
}

// asksByName says where code may name an architecture: what is one's own, and tables with a row for each. All else asks machine/cpu/arch. An entry
// covers a file, or a folder and all below it.
var asksByName = map[string]string{
	"gdbstub/registers_aarch64.go":        "gdb's registers",
	"gdbstub/registers_x86.go":            "gdb's registers",
	"machine/cpu":                         "the processors and the values",
	"machine/boot":                        "the loaders",
	"machine/arm64.go":                    "puts a machine together",
	"machine/pc.go":                       "puts a machine together",
	"machine/debug/debugtest":             "what tests expect",
	"kernel/kernel.go":                    "images: the built-in kernels",
	"guests/guests.go":                    "images: the initial file systems",
	"kernel/introspect/forkscope.go":      "machines: the names of a family of kernels",
	"cmd/forkscope/machines.go":           "hosts: compilers and folders of libraries",
	"cmd/forkscope/inferiors/programs.go": "targets, seesLongjmp: compilers of tests, what gdb does",
	"scripts/bench/target.go":             "targets: what is compared",
}

// One who adds an architecture finds every place by the tables above, and no place takes another's answer for the new one.
func TestArchitecturesAreNotAskedByName(t *testing.T) {
	names := map[string]bool{"aarch64": true, "EM_AARCH64": true, "EM_386": true, "I386": true, "ARM64": true}
	for _, name := range arch.Names() {
		names[name] = true
	}
	used := map[string]bool{}
	eachFile(t, func(file string) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			name := ""
			switch n := n.(type) {
			case *ast.BasicLit:
				name, _ = strconv.Unquote(n.Value)
			case *ast.SelectorExpr:
				name = n.Sel.Name
			}
			if !names[name] {
				return true
			}
			for entry := range asksByName {
				if under(file, entry) {
					used[entry] = true
					return true
				}
			}
			t.Errorf("%s names %s: machine/cpu/arch is to be asked instead", file, name)
			return true
		})
	})
	for entry := range asksByName {
		if !used[entry] {
			t.Errorf("%s names no architecture any more; take it out of the table", entry)
		}
	}
}

// eachFile goes over the Go files of the repository.
func eachFile(t *testing.T, f func(file string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(file string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && file != ".." && (strings.HasPrefix(e.Name(), ".") || e.Name() == "testdata" || e.Name() == "build"):
			return filepath.SkipDir
		case strings.HasSuffix(file, ".go"):
			f(strings.TrimPrefix(filepath.ToSlash(file), "../"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTopLevel(t *testing.T) {
	allowed := map[string]bool{
		"cmd": true, "gdbstub": true, "machine": true, "kernel": true, "guests": true, "scripts": true, "build": true,
		"go.mod": true, "go.sum": true, "README.md": true, "LICENSE": true,
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !allowed[e.Name()] && !strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s is at the top level; it belongs into a folder", e.Name())
		}
	}
}
