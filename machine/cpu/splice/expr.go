package splice

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
)

// operand is an expression of the result.
type operand struct {
	binding
	// folded: the source is no constant, but value is known here.
	folded bool
}

func (s *splicer) typeOf(x ast.Expr) types.Type {
	if t := s.info.TypeOf(x); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

// known returns an expression for a value that was found.
func (s *splicer) foldedTo(v constant.Value, t types.Type) operand {
	v = wrap(v, t)
	return operand{binding{expr: s.literal(v, t), value: v, stable: true}, true}
}

// expr puts an expression of the source into the result.
func (s *splicer) expr(x ast.Expr, e *env) operand {
	if b, ok := s.known[x]; ok {
		return operand{b, b.value != nil}
	}
	if v := s.info.Types[x].Value; v != nil {
		if s.usesLocalConst(x) {
			return s.foldedTo(v, s.typeOf(x))
		}
		return operand{binding{expr: raw(x), value: v, stable: true}, false}
	}
	plain := func(x ast.Expr) operand { return operand{binding: binding{expr: x}} }
	switch x := x.(type) {
	case *ast.Ident:
		return s.variable(x, e)
	case *ast.ParenExpr:
		o := s.expr(x.X, e)
		switch o.expr.(type) {
		case *ast.BinaryExpr, *ast.UnaryExpr, *ast.StarExpr:
			o.expr = &ast.ParenExpr{X: o.expr}
		}
		return o
	case *ast.UnaryExpr:
		return s.unary(x, e)
	case *ast.BinaryExpr:
		return s.binary(x, e)
	case *ast.CallExpr:
		return s.callExpr(x, e)
	case *ast.SelectorExpr:
		return s.selector(x, e)
	case *ast.IndexExpr:
		if s.info.Types[x.X].IsType() {
			return plain(s.raw(x, e))
		}
		return plain(&ast.IndexExpr{X: s.whole(x.X, e), Index: s.whole(x.Index, e)})
	case *ast.SliceExpr:
		y := &ast.SliceExpr{X: s.whole(x.X, e), Slice3: x.Slice3}
		for _, p := range []struct {
			to   *ast.Expr
			from ast.Expr
		}{{&y.Low, x.Low}, {&y.High, x.High}, {&y.Max, x.Max}} {
			if p.from != nil {
				*p.to = s.whole(p.from, e)
			}
		}
		return plain(y)
	case *ast.StarExpr:
		return plain(&ast.StarExpr{X: s.whole(x.X, e)})
	case *ast.TypeAssertExpr:
		return plain(&ast.TypeAssertExpr{X: s.whole(x.X, e), Type: s.raw(x.Type, e)})
	case *ast.CompositeLit:
		y := &ast.CompositeLit{}
		if x.Type != nil {
			y.Type = s.raw(x.Type, e)
		}
		for _, el := range x.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				y.Elts = append(y.Elts, &ast.KeyValueExpr{Key: s.raw(kv.Key, e), Value: s.whole(kv.Value, e)})
				continue
			}
			y.Elts = append(y.Elts, s.whole(el, e))
		}
		return plain(y)
	case *ast.ArrayType, *ast.StructType, *ast.MapType, *ast.FuncType, *ast.InterfaceType, *ast.ChanType:
		return plain(s.raw(x, e))
	}
	s.fail(x, "%T cannot be spliced", x)
	return operand{}
}

// list is expr for several that stand beside each other. One that may not be moved behind what a later one needs before it gets a variable.
func (s *splicer) list(xs []ast.Expr, e *env) []operand {
	pre, called := s.pre, s.called
	list := make([]operand, len(xs))
	tied := make([]bool, len(xs))
	any := called
	for i, x := range xs {
		var mine []ast.Stmt
		if pre != nil {
			s.pre = &mine
		}
		s.called = called
		list[i] = s.expr(x, e)
		tied[i] = s.called
		any = any || s.called
		if len(mine) > 0 {
			for j := range i {
				if tied[j] {
					id := ast.NewIdent(s.name("v"))
					*pre = append(*pre, assign(token.DEFINE, id, list[j].expr))
					list[j], tied[j] = operand{binding: binding{expr: id, stable: true}}, false
				}
			}
			*pre = append(*pre, mine...)
		}
	}
	s.pre, s.called = pre, any
	return list
}

// raw copies an expression as it is, but for the type parameters in it.
func (s *splicer) raw(x ast.Expr, e *env) ast.Expr {
	types := func(x ast.Expr) (ast.Expr, bool) {
		if id, ok := x.(*ast.Ident); ok {
			if _, ok := s.info.Uses[id].(*types.TypeName); ok {
				b, ok := e.of(s.info.Uses[id])
				return b.expr, ok
			}
		}
		return nil, false
	}
	if y, ok := types(x); ok {
		return y
	}
	return (&cloner{expr: types}).node(x).(ast.Expr)
}

// whole is expr for where the value is needed as a whole.
func (s *splicer) whole(x ast.Expr, e *env) ast.Expr {
	o := s.expr(x, e)
	if o.expr == nil {
		s.fail(x, "only fields of this struct can be used here")
	}
	return o.expr
}

func (s *splicer) variable(x *ast.Ident, e *env) operand {
	o := s.info.Uses[x]
	if b, ok := e.of(o); ok {
		if b.value != nil {
			return s.foldedTo(b.value, o.Type())
		}
		if id, ok := b.expr.(*ast.Ident); ok {
			b.expr = ast.NewIdent(id.Name)
		}
		return operand{b, false}
	}
	if v, ok := o.(*types.Var); ok && v.Parent() != s.types.Scope() && v.Parent() != types.Universe {
		s.fail(x, "%s has no value here", x.Name)
	}
	return operand{binding: binding{expr: ast.NewIdent(x.Name)}}
}

// usesLocalConst reports whether x names a constant that is declared in a function.
func (s *splicer) usesLocalConst(x ast.Expr) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			c, ok := s.info.Uses[id].(*types.Const)
			found = found || ok && c.Pkg() == s.types && c.Parent() != s.types.Scope()
		}
		return true
	})
	return found
}

func (s *splicer) unary(x *ast.UnaryExpr, e *env) operand {
	o := s.expr(x.X, e)
	if o.folded && x.Op != token.AND {
		t := s.typeOf(x)
		var size uint
		if b, ok := t.Underlying().(*types.Basic); ok && b.Info()&types.IsUnsigned != 0 {
			size = uint(sizes.Sizeof(b)) * 8
		}
		return s.foldedTo(constant.UnaryOp(x.Op, o.value, size), t)
	}
	if o.expr == nil {
		s.fail(x, "the address of this struct can only be an argument")
	}
	return operand{binding: binding{expr: &ast.UnaryExpr{Op: x.Op, X: o.expr}}}
}

func (s *splicer) binary(x *ast.BinaryExpr, e *env) operand {
	l := s.expr(x.X, e)
	if x.Op == token.LAND || x.Op == token.LOR {
		return s.logical(x, l, e)
	}
	r := s.expr(x.Y, e)
	if l.expr == nil || r.expr == nil {
		s.fail(x, "only fields of this struct can be used here")
	}
	if l.value != nil && r.value != nil && (l.folded || r.folded) {
		if v := fold(x.Op, l.value, r.value); v != nil {
			return s.foldedTo(v, s.typeOf(x))
		}
	}
	if v := s.truth(x.Op, l, r); v != nil {
		return operand{binding: binding{expr: v}}
	}
	shift := x.Op == token.SHL || x.Op == token.SHR
	if l.folded && !shift {
		l.expr = bare(l.value)
	}
	if r.folded {
		r.expr = bare(r.value)
	}
	return operand{binding: binding{expr: &ast.BinaryExpr{X: l.expr, Op: x.Op, Y: r.expr}}}
}

// truth simplifies a comparison with true or false.
func (s *splicer) truth(op token.Token, l, r operand) ast.Expr {
	if l.folded {
		l, r = r, l
	}
	if !r.folded || r.value.Kind() != constant.Bool || op != token.EQL && op != token.NEQ {
		return nil
	}
	if constant.BoolVal(r.value) == (op == token.EQL) {
		return l.expr
	}
	return &ast.UnaryExpr{Op: token.NOT, X: &ast.ParenExpr{X: l.expr}}
}

func (s *splicer) logical(x *ast.BinaryExpr, l operand, e *env) operand {
	decides := x.Op == token.LOR // the value of the left side that makes the right side not count
	if l.value != nil {
		if constant.BoolVal(l.value) == decides {
			return s.foldedTo(l.value, types.Typ[types.Bool])
		}
		return s.expr(x.Y, e)
	}
	pre := s.pre
	s.pre = nil
	r := s.expr(x.Y, e)
	s.pre = pre
	if r.value != nil && constant.BoolVal(r.value) != decides {
		return l
	}
	return operand{binding: binding{expr: &ast.BinaryExpr{X: l.expr, Op: x.Op, Y: r.expr}}}
}

func (s *splicer) selector(x *ast.SelectorExpr, e *env) operand {
	if id, ok := x.X.(*ast.Ident); ok {
		if _, ok := s.info.Uses[id].(*types.PkgName); ok {
			return operand{binding: binding{expr: s.raw(x, e)}}
		}
	}
	o := s.expr(x.X, e)
	if o.fields == nil {
		return operand{binding: binding{expr: &ast.SelectorExpr{X: o.expr, Sel: ast.NewIdent(x.Sel.Name)}}}
	}
	f, ok := o.fields[x.Sel.Name]
	switch {
	case f.value != nil:
		return s.foldedTo(f.value, s.typeOf(x))
	case !ok || f.expr == nil && f.fields == nil:
		s.fail(x, "the value of %s is not known", x.Sel.Name)
	}
	return operand{f, false}
}

func (s *splicer) callExpr(x *ast.CallExpr, e *env) operand {
	fun := s.info.Types[x.Fun]
	if fun.IsType() && len(x.Args) == 1 {
		o := s.expr(x.Args[0], e)
		if basic, ok := fun.Type.Underlying().(*types.Basic); ok && o.folded && basic.Info()&(types.IsInteger|types.IsBoolean) != 0 {
			return s.foldedTo(o.value, fun.Type)
		}
		if o.expr == nil {
			s.fail(x, "only fields of this struct can be used here")
		}
		return operand{binding: binding{expr: &ast.CallExpr{Fun: s.raw(x.Fun, e), Args: []ast.Expr{o.expr}}}}
	}
	if fn, args := s.callee(x); fn != nil {
		return s.value(x, fn, args, e)
	}
	y := &ast.CallExpr{Ellipsis: x.Ellipsis}
	if sel, ok := x.Fun.(*ast.SelectorExpr); ok {
		y.Fun = s.selector(sel, e).expr
	} else if id, ok := x.Fun.(*ast.Ident); ok && !fun.IsBuiltin() {
		y.Fun = s.variable(id, e).expr
	} else {
		y.Fun = s.raw(x.Fun, e)
	}
	first := 0
	if len(x.Args) > 0 && s.info.Types[x.Args[0]].IsType() { // of make and new
		y.Args, first = append(y.Args, s.raw(x.Args[0], e)), 1
	}
	for i, o := range s.list(x.Args[first:], e) {
		if o.expr == nil {
			s.fail(x.Args[first+i], "only fields of this struct can be used here")
		}
		y.Args = append(y.Args, o.expr)
	}
	if !fun.IsBuiltin() && !s.isUnsafe(x.Fun) {
		s.called = true
	}
	return operand{binding: binding{expr: y}}
}

func (s *splicer) isUnsafe(f ast.Expr) bool {
	sel, ok := f.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == "unsafe"
}

// value splices a call whose one result is part of an expression.
func (s *splicer) value(x *ast.CallExpr, fn *ast.FuncDecl, args []ast.Expr, e *env) operand {
	pre, called := s.pre, s.called
	var res operand
	join := s.open()
	defer s.close()
	returns := 0
	names := maps.Clone(s.used)
	out, fl := s.splice(x, fn, args, e, func(results []result, depth int) ([]ast.Stmt, flow) {
		if len(results) != 1 {
			s.fail(x, "%s does not have one result", fn.Name.Name)
		}
		returns += 1 + depth
		res = operand{results[0], results[0].value != nil}
		return nil, join
	})
	if returns > 1 {
		s.used = names
		id := ast.NewIdent(s.name("v"))
		out, fl = s.splice(x, fn, args, e, func(results []result, _ int) ([]ast.Stmt, flow) {
			return []ast.Stmt{assign(token.ASSIGN, id, results[0].expr)}, join
		})
		out = append([]ast.Stmt{s.varOf(id, x, fn, 0, e)}, out...)
		res = operand{binding: binding{expr: id, stable: true}}
	}
	if fl != join {
		s.fail(x, "%s does not always return", fn.Name.Name)
	}
	switch {
	case len(out) == 0:
	case pre == nil:
		s.fail(x, "%s needs statements before this one, where there can be none", fn.Name.Name)
	case called:
		s.fail(x, "%s needs statements before this one, which has called something already: make it a statement", fn.Name.Name)
	default:
		*pre = append(*pre, out...)
	}
	s.pre, s.called = pre, called || res.value == nil && !res.stable
	if res.folded {
		res.expr = s.literal(res.value, s.typeOf(x))
	}
	return res
}
