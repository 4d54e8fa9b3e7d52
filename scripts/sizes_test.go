package scripts

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a reader can hold in his head. Methods count with those promoted from embedded fields, and functions in lines from "func" to the last brace.
const (
	maxFields  = 20
	maxMethods = 40
	maxLines   = 60
)

// sized are the folders that TestSizes reads, with all below them.
var sized = []string{"machine/debug", "gdbstub", "cmd"}

// oversized are the types and functions that are too large still. One that has become small enough must go from the list.
var oversized []string

// TestSizes: no type has more fields or methods, and no function more lines, than the bounds. Tests and generated files don't count, nor do
// functions that are one composite literal.
func TestSizes(t *testing.T) {
	found := map[string]string{}
	imports := exportData(t)
	for _, folder := range sized {
		err := filepath.WalkDir(filepath.Join("..", folder), func(dir string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case !e.IsDir():
				return nil
			case e.Name() == "testdata":
				return filepath.SkipDir
			}
			return measure(dir, imports, found)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, size := range found {
		if !slices.Contains(oversized, name) {
			t.Errorf("%s has %s", name, size)
		}
	}
	for _, name := range oversized {
		if found[name] == "" {
			t.Errorf("%s is within the bounds: take it from the list", name)
		}
	}
}

// measure adds what is too large in the package of a folder.
func measure(dir string, imports importer.Lookup, found map[string]string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(files, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if ast.IsGenerated(f) {
			continue
		}
		if slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"testing"` }) {
			return nil // a package for tests
		}
		parsed = append(parsed, f)
	}
	pkg, err := filepath.Rel("..", dir)
	if err != nil {
		return err
	}
	for _, f := range parsed {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && !table(fn) {
				if n := lines(files, fn); n > maxLines {
					found[pkg+"."+funcName(fn)] = fmt.Sprintf("%d lines", n)
				}
			}
		}
	}
	measureTypes(pkg, files, parsed, imports, found)
	return nil
}

// exportData finds the compiled packages that those measured import, of which the types are needed where they are embedded.
func exportData(t *testing.T) importer.Lookup {
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for _, folder := range sized {
		args = append(args, "./"+folder+"/...")
	}
	list := exec.Command("go", args...)
	list.Dir, list.Stderr = "..", os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	file := map[string]string{}
	for _, line := range strings.Split(string(out), "\n") {
		if name, export, ok := strings.Cut(line, " "); ok {
			file[name] = export
		}
	}
	return func(name string) (io.ReadCloser, error) {
		if file[name] == "" {
			return nil, fmt.Errorf("%s is not compiled", name)
		}
		return os.Open(file[name])
	}
}

// measureTypes looks at the types of one package.
func measureTypes(pkg string, files *token.FileSet, parsed []*ast.File, imports importer.Lookup, found map[string]string) {
	if len(parsed) == 0 {
		return
	}
	conf := types.Config{Importer: importer.ForCompiler(files, "gc", imports), Error: func(error) {}, FakeImportC: true}
	// Errors come from files that were left out because they are of another system, or generated.
	p, _ := conf.Check(module+"/"+pkg, files, parsed, nil)
	for _, name := range p.Scope().Names() {
		obj, ok := p.Scope().Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() {
			continue
		}
		var over []string
		if s, ok := obj.Type().Underlying().(*types.Struct); ok && s.NumFields() > maxFields {
			over = append(over, fmt.Sprintf("%d fields", s.NumFields()))
		}
		t := obj.Type()
		if !types.IsInterface(t) {
			t = types.NewPointer(t)
		}
		if n := types.NewMethodSet(t).Len(); n > maxMethods {
			over = append(over, fmt.Sprintf("%d methods", n))
		}
		if len(over) > 0 {
			found[pkg+"."+name] = strings.Join(over, ", ")
		}
	}
}

func lines(files *token.FileSet, n ast.Node) int {
	return files.Position(n.End()).Line - files.Position(n.Pos()).Line + 1
}

func funcName(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return fn.Name.Name
	}
	t := fn.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	return types.ExprString(t) + "." + fn.Name.Name
}

// table reports whether a function is one composite literal.
func table(fn *ast.FuncDecl) bool {
	if fn.Body == nil || len(fn.Body.List) != 1 {
		return false
	}
	r, ok := fn.Body.List[0].(*ast.ReturnStmt)
	return ok && len(r.Results) > 0 && slices.ContainsFunc(r.Results, func(e ast.Expr) bool {
		if u, ok := e.(*ast.UnaryExpr); ok {
			e = u.X
		}
		_, ok := e.(*ast.CompositeLit)
		return ok
	})
}
