package splice

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
)

// skeleton is the loop that is written again.
type skeleton struct {
	*source
	decl     *ast.FuncDecl
	dispatch *ast.SwitchStmt
	// args are what the bodies' parameters stand for.
	args []binding
	// frame is the struct variable whose address is passed, or nil; fields are its fields.
	frame  types.Object
	fields []*ast.Field
	// locals are names that bodies must leave alone.
	locals   []string
	outcomes []outcome
	// next is the label of the outcome that comes first: where a case ends.
	next string
	wide map[string]bool // labels that are jumped to
}

// outcome is a clause of the skeleton's switch.
type outcome struct {
	value constant.Value
	label string
	body  []ast.Stmt
	jump  bool // it is only a goto, to label
}

func (p *source) skeleton(name, dispatch string) (*skeleton, error) {
	sk := &skeleton{source: p, wide: map[string]bool{}}
	for _, f := range p.files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == name && fn.Body != nil {
				sk.decl = fn
			}
		}
	}
	if sk.decl == nil {
		return nil, fmt.Errorf("no function %s", name)
	}
	var call *ast.CallExpr
	ast.Inspect(sk.decl, func(n ast.Node) bool {
		if loop, ok := n.(*ast.ForStmt); ok && len(loop.Body.List) > 0 {
			if sw, ok := loop.Body.List[len(loop.Body.List)-1].(*ast.SwitchStmt); ok && sw.Init == nil {
				if c, ok := sw.Tag.(*ast.CallExpr); ok {
					if id, ok := c.Fun.(*ast.Ident); ok && id.Name == dispatch {
						sk.dispatch, call = sw, c
					}
				}
			}
		}
		return true
	})
	if call == nil {
		return nil, fmt.Errorf("%s has no for loop that ends with switch %s(…)", name, dispatch)
	}
	for _, a := range call.Args {
		sk.arg(a)
	}
	for _, c := range sk.dispatch.Body.List {
		sk.outcome(c.(*ast.CaseClause))
	}
	return sk, nil
}

// arg notes what the bodies get as one parameter.
func (sk *skeleton) arg(e ast.Expr) {
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		if id, ok := u.X.(*ast.Ident); ok && sk.frame == nil {
			sk.setFrame(id)
			return
		}
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		sk.fail(e, "an argument of the dispatch is a variable, or the address of one")
	}
	sk.locals = append(sk.locals, id.Name)
	sk.args = append(sk.args, binding{expr: ast.NewIdent(id.Name), stable: true})
}

func (sk *skeleton) setFrame(id *ast.Ident) {
	sk.frame = sk.info.Uses[id]
	named, ok := sk.frame.Type().(*types.Named)
	if !ok {
		sk.fail(id, "%s is not of a struct type with a name", id.Name)
	}
	b := binding{fields: map[string]binding{}, stable: true}
	ast.Inspect(sk.fileOf(named.Obj().Pos()), func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok && sk.info.Defs[spec.Name] == types.Object(named.Obj()) {
			if s, ok := spec.Type.(*ast.StructType); ok {
				sk.fields = s.Fields.List
			}
		}
		return true
	})
	for _, f := range sk.fields {
		for _, n := range f.Names {
			b.fields[n.Name] = binding{expr: ast.NewIdent(n.Name)}
			sk.locals = append(sk.locals, n.Name)
		}
	}
	sk.args = append(sk.args, b)
}

func (sk *skeleton) fileOf(pos token.Pos) *ast.File {
	i := slices.IndexFunc(sk.files, func(f *ast.File) bool { return f.FileStart <= pos && pos < f.FileEnd })
	return sk.files[i]
}

func (sk *skeleton) outcome(c *ast.CaseClause) {
	if len(c.List) == 0 {
		sk.fail(c, "the dispatch has a default: name the outcomes")
	}
	for _, b := range c.Body {
		ast.Inspect(b, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.SelectStmt:
				return false
			case *ast.BranchStmt:
				if n.Tok == token.BREAK && n.Label == nil || n.Tok == token.FALLTHROUGH {
					sk.fail(n, "%s in a case of the dispatch", n.Tok)
				}
			}
			return true
		})
	}
	for _, e := range c.List {
		id, ok := e.(*ast.Ident)
		v := sk.info.Types[e].Value
		if !ok || v == nil {
			sk.fail(e, "a case of the dispatch is a constant with a name")
		}
		o := outcome{value: v, label: sk.info.Uses[id].Name()}
		if e == c.List[0] {
			o.body = c.Body
		} else {
			o.label, o.jump = sk.outcomes[len(sk.outcomes)-1].label, true
		}
		if len(c.Body) == 1 {
			if b, ok := c.Body[0].(*ast.BranchStmt); ok && b.Tok == token.GOTO {
				o.label, o.jump, o.body = b.Label.Name, true, nil
			}
		}
		sk.outcomes = append(sk.outcomes, o)
	}
	if sk.next == "" && !sk.outcomes[0].jump {
		sk.next = sk.outcomes[0].label
	}
}

// label is where a body goes that returns v.
func (sk *skeleton) label(v constant.Value) string {
	for _, o := range sk.outcomes {
		if constant.Compare(o.value, token.EQL, v) {
			return o.label
		}
	}
	return ""
}

// tail takes the jumps to the first outcome from where a case ends anyway, and notes the others.
func (sk *skeleton) tail(list []ast.Stmt) []ast.Stmt {
	list = dropTail(list, sk.next)
	for _, s := range list {
		ast.Inspect(s, func(n ast.Node) bool {
			if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO {
				sk.wide[b.Label.Name] = true
			}
			return true
		})
	}
	return list
}

func dropTail(list []ast.Stmt, label string) []ast.Stmt {
	if len(list) == 0 {
		return list
	}
	switch s := list[len(list)-1].(type) {
	case *ast.BranchStmt:
		if s.Tok == token.GOTO && s.Label.Name == label {
			return list[:len(list)-1]
		}
	case *ast.IfStmt:
		s.Body.List = dropTail(s.Body.List, label)
		switch e := s.Else.(type) {
		case *ast.BlockStmt:
			if e.List = dropTail(e.List, label); len(e.List) == 0 {
				s.Else = nil
			}
		case *ast.IfStmt:
			dropTail([]ast.Stmt{e}, label)
		}
	case *ast.SwitchStmt:
		for _, c := range s.Body.List {
			clause := c.(*ast.CaseClause)
			clause.Body = dropTail(clause.Body, label)
		}
	}
	return list
}

// write returns the skeleton with sw in place of the dispatch.
func (sk *skeleton) write(name string, sw *ast.SwitchStmt) *ast.FuncDecl {
	c := &cloner{expr: sk.frameField, stmt: func(s ast.Stmt) ([]ast.Stmt, bool) {
		if s == ast.Stmt(sk.dispatch) {
			return sk.outcomeCode(sw), true
		}
		return sk.frameDeclared(s)
	}}
	fn := c.node(sk.decl).(*ast.FuncDecl)
	fn.Name, fn.Doc = ast.NewIdent(name), nil
	return fn
}

// frameField gives the variable that stands for a field of the frame.
func (sk *skeleton) frameField(e ast.Expr) (ast.Expr, bool) {
	if s, ok := e.(*ast.SelectorExpr); ok && sk.frame != nil {
		if id, ok := s.X.(*ast.Ident); ok && sk.info.Uses[id] == sk.frame {
			return ast.NewIdent(s.Sel.Name), true
		}
	}
	return nil, false
}

// frameDeclared gives the declarations of the variables in place of that of the frame.
func (sk *skeleton) frameDeclared(s ast.Stmt) ([]ast.Stmt, bool) {
	var lit *ast.CompositeLit
	switch s := s.(type) {
	case *ast.DeclStmt:
		spec, ok := s.Decl.(*ast.GenDecl).Specs[0].(*ast.ValueSpec)
		if !ok || sk.frame == nil || sk.info.Defs[spec.Names[0]] != sk.frame {
			return nil, false
		}
	case *ast.AssignStmt:
		id, ok := s.Lhs[0].(*ast.Ident)
		if !ok || s.Tok != token.DEFINE || sk.frame == nil || sk.info.Defs[id] != sk.frame {
			return nil, false
		}
		if lit, ok = s.Rhs[0].(*ast.CompositeLit); !ok {
			sk.fail(s, "%s is not defined by a literal", id.Name)
		}
	default:
		return nil, false
	}
	c := &cloner{expr: sk.frameField}
	var out []ast.Stmt
	for _, f := range sk.fields {
		for _, n := range f.Names {
			spec := &ast.ValueSpec{Names: []*ast.Ident{ast.NewIdent(n.Name)}, Type: c.node(f.Type).(ast.Expr)}
			if lit != nil {
				for _, e := range lit.Elts {
					kv, ok := e.(*ast.KeyValueExpr)
					if !ok {
						sk.fail(e, "the fields of a frame have keys")
					}
					if kv.Key.(*ast.Ident).Name == n.Name {
						spec.Values = []ast.Expr{c.node(kv.Value).(ast.Expr)}
					}
				}
			}
			out = append(out, &ast.DeclStmt{Decl: &ast.GenDecl{Tok: token.VAR, Specs: []ast.Spec{spec}}})
		}
	}
	return out, true
}

// outcomeCode is the switch and behind it what is done for each outcome. The first one follows a case that ends; the others are jumped to.
func (sk *skeleton) outcomeCode(sw *ast.SwitchStmt) []ast.Stmt {
	c := &cloner{expr: sk.frameField, stmt: sk.frameDeclared}
	out := []ast.Stmt{sw}
	if sk.next == "" { // every case ends with a jump
		sk.next = "-"
	}
	for i, o := range sk.outcomes {
		if o.jump || i > 0 && !sk.wide[o.label] {
			continue
		}
		var body []ast.Stmt
		for _, s := range o.body {
			body = append(body, c.node(s).(ast.Stmt))
		}
		if !ends(body) {
			body = append(body, &ast.BranchStmt{Tok: token.CONTINUE})
		}
		if sk.wide[o.label] {
			// In a block of its own, since a goto may not jump over the variables of another one.
			out = append(out, &ast.LabeledStmt{Label: ast.NewIdent(o.label), Stmt: &ast.BlockStmt{List: body}})
		} else {
			out = append(out, &ast.BlockStmt{List: body})
		}
	}
	return out
}

// ends reports whether control never reaches the end of list.
func ends(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch s := list[len(list)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok == token.GOTO || s.Tok == token.CONTINUE
	}
	return false
}
