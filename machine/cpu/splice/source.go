package splice

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// source is the package as it is written: what is declared, what each name stands for, and which expressions are constants.
type source struct {
	fset  *token.FileSet
	files []*ast.File
	types *types.Package
	info  types.Info
	// bodies are the functions that are spliced, by their object.
	bodies map[types.Object]*ast.FuncDecl
	// changed are the variables that are assigned to after their declaration, or whose address is taken.
	changed map[types.Object]bool
}

// unsupported is what cannot be spliced.
type unsupported struct {
	pos  token.Position
	text string
}

func (u *unsupported) Error() string { return u.pos.String() + ": " + u.text }

func (p *source) fail(n ast.Node, form string, args ...any) {
	pos := p.fset.Position(n.Pos())
	pos.Filename = filepath.Base(pos.Filename)
	panic(&unsupported{pos, fmt.Sprintf(form, args...)})
}

// noImports leaves out what other packages declare: the package's own names are all that is asked for.
type noImports struct{}

func (noImports) Import(name string) (*types.Package, error) {
	if name == "unsafe" {
		return types.Unsafe, nil
	}
	return nil, fmt.Errorf("%s is not read", name)
}

func load(dir, pattern string) (*source, error) {
	p := &source{fset: token.NewFileSet(), bodies: map[types.Object]*ast.FuncDecl{}, changed: map[types.Object]bool{}}
	p.info = types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Implicits: map[ast.Node]types.Object{},
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	spliced := map[*ast.File]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(p.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if ast.IsGenerated(f) {
			continue
		}
		p.files = append(p.files, f)
		for one := range strings.FieldsSeq(pattern) {
			match, err := path.Match(one, filepath.Base(name))
			if err != nil {
				return nil, fmt.Errorf("pattern %q: %w", one, err)
			}
			spliced[f] = spliced[f] || match
		}
	}
	if len(p.files) == 0 {
		return nil, fmt.Errorf("no Go files in %s", dir)
	}
	conf := types.Config{Importer: noImports{}, Error: func(error) {}, Sizes: types.SizesFor("gc", "amd64")}
	p.types, _ = conf.Check(p.files[0].Name.Name, p.fset, p.files, &p.info) // what is missing is imported or generated
	for _, f := range p.files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && spliced[f] && fn.Body != nil {
				p.bodies[p.info.Defs[fn.Name]] = fn
			}
		}
		ast.Inspect(f, p.noteChanges)
	}
	return p, nil
}

// noteChanges finds the variables that do not keep their first value.
func (p *source) noteChanges(n ast.Node) bool {
	change := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok {
			if o := p.info.Uses[id]; o != nil { // a definition is in Defs
				p.changed[o] = true
			}
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, e := range n.Lhs {
			change(e)
		}
	case *ast.IncDecStmt:
		change(n.X)
	case *ast.RangeStmt:
		change(n.Key)
		change(n.Value)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			change(n.X)
		}
	case *ast.ValueSpec:
		if n.Values == nil {
			for _, id := range n.Names {
				p.changed[p.info.Defs[id]] = true
			}
		}
	}
	return true
}

// params lists a function's parameters, the receiver first; one without a name is nil.
func (p *source) params(fn *ast.FuncDecl) (list []types.Object) {
	for _, fields := range []*ast.FieldList{fn.Recv, fn.Type.Params} {
		if fields == nil {
			continue
		}
		for _, f := range fields.List {
			if len(f.Names) == 0 {
				list = append(list, nil)
			}
			for _, id := range f.Names {
				list = append(list, p.info.Defs[id]) // nil for _
			}
		}
	}
	return list
}

// callee returns the declaration of the function that a call calls, when it is one to be spliced, and the arguments, the receiver first.
func (p *source) callee(e ast.Expr) (*ast.FuncDecl, []ast.Expr) {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return nil, nil
	}
	fun := ast.Unparen(call.Fun)
	switch f := fun.(type) {
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	switch f := fun.(type) {
	case *ast.Ident:
		if fn := p.bodies[p.info.Uses[f]]; fn != nil {
			return fn, call.Args
		}
	case *ast.SelectorExpr:
		if s := p.info.Selections[f]; s != nil && s.Kind() == types.MethodVal {
			if fn := p.bodies[s.Obj()]; fn != nil {
				return fn, append([]ast.Expr{f.X}, call.Args...)
			}
		}
	}
	return nil, nil
}

// importsOf is the import declaration for what fn uses.
func (p *source) importsOf(fn *ast.FuncDecl) string {
	used := map[string]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok {
				used[id.Name] = true
			}
		}
		return true
	})
	var paths []string
	for _, f := range p.files {
		for _, i := range f.Imports {
			full, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				continue
			}
			name, spec := path.Base(full), i.Path.Value
			if i.Name != nil {
				name, spec = i.Name.Name, i.Name.Name+" "+spec
			}
			if used[name] && !slices.Contains(paths, spec) {
				paths = append(paths, spec)
			}
		}
	}
	if paths == nil {
		return ""
	}
	slices.Sort(paths)
	return "import (\n" + strings.Join(paths, "\n") + "\n)\n\n"
}

// nameOf returns the name of a constant of a type declared in the package, or nothing.
func (p *source) nameOf(v constant.Value, t types.Type) string {
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Pkg() != p.types {
		return ""
	}
	best := ""
	var at token.Pos
	for _, name := range p.types.Scope().Names() {
		c, ok := p.types.Scope().Lookup(name).(*types.Const)
		if ok && types.Identical(c.Type(), t) && constant.Compare(c.Val(), token.EQL, v) && (best == "" || c.Pos() < at) {
			best, at = name, c.Pos()
		}
	}
	return best
}
