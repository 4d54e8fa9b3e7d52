// Package scripts holds builders and checks; its tests check the repository itself.
package scripts

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "forkscope"

// floors says which packages of ours a package may import: an entry covers the folder and all below it, and the
// longest entry that covers a package counts. Packages of one entry may import each other.
var floors = map[string][]string{
	"gdbstub":               {},
	"guests":                {},
	"kernel":                {},
	"kernel/introspect":     {},
	"scripts":               {},
	"machine/snapshot":      {},
	"machine/mem":           {"machine/snapshot"},
	"machine/clock":         {"machine/snapshot"},
	"machine/bus":           {"machine/mem", "machine/clock", "machine/snapshot"},
	"machine/cpu":           {"machine/mem", "machine/clock", "machine/snapshot"},
	"machine/cpu/softfloat": {},
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
	"machine/debug/guest":   {"machine", "machine/cpu", "machine/debug/control", "gdbstub", "kernel/introspect"},
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
	root := ".."
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && file != root && (strings.HasPrefix(e.Name(), ".") || e.Name() == "testdata" || e.Name() == "build") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		pkg := path.Dir(filepath.ToSlash(rel))
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := forbidden(pkg, name, strings.HasSuffix(file, "_test.go")); why != "" {
				t.Errorf("%s imports %s: %s", rel, name, why)
			}
			if name == "unsafe" && !strings.HasSuffix(file, "_unsafe.go") && pkg != "machine/mem" {
				t.Errorf("%s imports unsafe: only files ending in _unsafe.go and machine/mem may", rel)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
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
	} {
		if forbidden(c.pkg, c.name, false) == "" {
			t.Errorf("%s importing %s was not seen as forbidden", c.pkg, c.name)
		}
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
