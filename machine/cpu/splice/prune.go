package splice

import (
	"go/ast"
	"go/token"
	"slices"
)

// prune takes out what nothing uses: variables for arguments that a constant has made superfluous, and ifs that have become empty. Names are unique
// in a case, so they are counted as such.
func prune(list []ast.Stmt, outer []string) []ast.Stmt {
	for {
		p := &pruner{reads: map[string]int{}, outer: outer}
		for _, s := range list {
			ast.Inspect(s, p.count)
		}
		list = p.list(list)
		if !p.changed {
			return list
		}
	}
}

type pruner struct {
	reads   map[string]int
	outer   []string // names that are not the case's own
	changed bool
}

// count counts the names that are read.
func (p *pruner) count(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, x := range n.Lhs {
			if _, ok := x.(*ast.Ident); !ok || n.Tok != token.ASSIGN && n.Tok != token.DEFINE {
				ast.Inspect(x, p.count)
			}
		}
		for _, x := range n.Rhs {
			ast.Inspect(x, p.count)
		}
		return false
	case *ast.ValueSpec:
		for _, x := range n.Values {
			ast.Inspect(x, p.count)
		}
		return false
	case *ast.SelectorExpr:
		ast.Inspect(n.X, p.count)
		return false
	case *ast.Ident:
		p.reads[n.Name]++
	}
	return true
}

func (p *pruner) list(list []ast.Stmt) (out []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if p.assign(s); len(s.Lhs) == 0 {
				p.changed = true
				continue
			}
		case *ast.DeclStmt:
			if spec := s.Decl.(*ast.GenDecl).Specs[0].(*ast.ValueSpec); len(spec.Names) == 1 && p.dead(spec.Names[0]) && (len(spec.Values) == 0 || pure(spec.Values[0])) {
				p.changed = true
				continue
			}
		case *ast.IfStmt:
			s.Body.List = p.list(s.Body.List)
			if e, ok := s.Else.(*ast.BlockStmt); ok {
				if e.List = p.list(e.List); len(e.List) == 0 {
					s.Else = nil
				}
			}
			if len(s.Body.List) == 0 && s.Else == nil && pure(s.Cond) {
				p.changed = true
				continue
			}
		case *ast.SwitchStmt:
			for _, c := range s.Body.List {
				c.(*ast.CaseClause).Body = p.list(c.(*ast.CaseClause).Body)
			}
		case *ast.ForStmt:
			s.Body.List = p.list(s.Body.List)
		case *ast.RangeStmt:
			s.Body.List = p.list(s.Body.List)
		}
		out = append(out, s)
	}
	return out
}

func (p *pruner) dead(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && p.reads[id.Name] == 0 && !slices.Contains(p.outer, id.Name)
}

// assign takes out the parts of an assignment to variables that are never read.
func (p *pruner) assign(s *ast.AssignStmt) {
	if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
		return
	}
	if len(s.Lhs) != len(s.Rhs) {
		named := false
		for i, x := range s.Lhs {
			if p.dead(x) {
				s.Lhs[i] = ast.NewIdent("_")
			}
			named = named || !blank(s.Lhs[i])
		}
		if !named {
			s.Tok = token.ASSIGN
		}
		return
	}
	var lhs, rhs []ast.Expr
	for i, x := range s.Lhs {
		if p.dead(x) && pure(s.Rhs[i]) {
			p.changed = true
			continue
		}
		lhs, rhs = append(lhs, x), append(rhs, s.Rhs[i])
	}
	s.Lhs, s.Rhs = lhs, rhs
}

// pure reports whether an expression does nothing but have a value.
func pure(x ast.Expr) (ok bool) {
	ok = true
	ast.Inspect(x, func(n ast.Node) bool {
		c, isCall := n.(*ast.CallExpr)
		if !isCall {
			return true
		}
		switch f := ast.Unparen(c.Fun).(type) {
		case *ast.Ident:
			ok = ok && basicTypes[f.Name]
		case *ast.StarExpr, *ast.ArrayType:
		case *ast.SelectorExpr:
			id, isID := f.X.(*ast.Ident)
			ok = ok && isID && id.Name == "unsafe"
		default:
			ok = false
		}
		return ok
	})
	return ok
}

var basicTypes = map[string]bool{
	"bool": true, "int": true, "int8": true, "int16": true, "int32": true, "int64": true, "uint": true, "uint8": true, "uint16": true, "uint32": true,
	"uint64": true, "uintptr": true, "byte": true, "float32": true, "float64": true,
}
