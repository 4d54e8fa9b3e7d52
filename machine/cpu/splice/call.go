package splice

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
)

// call is a statement that is one call of a function to be spliced.
type call struct {
	x      ast.Expr
	lhs    []ast.Expr // what gets the results
	define bool
	test   *ast.IfStmt // the if whose condition is the call, or its negation
}

// callStmt is a call and all that follows it. It is tried in three ways: with what follows decided at each return, with one return that goes on,
// and with variables for the results.
func (s *splicer) callStmt(c *call, rest []ast.Stmt, e *env, ctx *context) ([]ast.Stmt, flow) {
	names := maps.Clone(s.used)
	if len(rest) > 0 && c.define {
		if st, ok := rest[0].(*ast.IfStmt); ok && st.Init == nil {
			if out, fl, ok := s.decided(c, st, rest[1:], e, ctx); ok {
				return out, fl
			}
			s.used = maps.Clone(names)
		}
	}
	if out, fl, ok := s.once(c, rest, e, ctx); ok {
		return out, fl
	}
	s.used = names
	return s.withVariables(c, rest, e, ctx)
}

// decided splices a call before an if that each return of the call decides.
func (s *splicer) decided(c *call, test *ast.IfStmt, after []ast.Stmt, e *env, ctx *context) (out []ast.Stmt, fl flow, ok bool) {
	join := s.open()
	ok = true
	goesOn := 0
	var ahead *env
	fn, args := s.callee(c.x)
	out, fl = s.splice(c.x, fn, args, e, func(results []result, depth int) (out []ast.Stmt, fl flow) {
		inner := e
		if c.test == nil {
			out, inner = s.define(c, results, e)
		} else {
			defer s.with(c.x, results[0])()
		}
		v := s.constant(test.Cond, inner)
		if v == nil || !ok {
			ok = false
			return nil, leaves
		}
		var list []ast.Stmt
		if constant.BoolVal(v) {
			list = test.Body.List
		} else if test.Else != nil {
			list = []ast.Stmt{test.Else}
		}
		if list == nil {
			goesOn += 1 + depth
			ahead = inner
			return out, join
		}
		in := ctx
		if depth > 0 {
			in = ctx.deeper()
		}
		more, fl := s.block(list, inner, in)
		if fl&falls != 0 {
			ok, fl = false, leaves
		}
		return append(out, more...), fl
	})
	s.close()
	switch {
	case !ok || goesOn > 1:
		return nil, 0, false
	case goesOn == 0:
		return out, fl, true
	case fl&^join&joins != 0 && len(after) > 0:
		return nil, 0, false // what follows would have to stand inside
	}
	more, rfl := s.block(after, ahead, ctx)
	return append(out, more...), fl&^join | rfl, true
}

// with makes a call's result known until the function it returns is called.
func (s *splicer) with(x ast.Expr, b binding) func() {
	outer := s.known
	s.known = maps.Clone(outer)
	if s.known == nil {
		s.known = map[ast.Expr]binding{}
	}
	s.known[x] = b
	return func() { s.known = outer }
}

// once splices a call that goes on after one return only.
func (s *splicer) once(c *call, rest []ast.Stmt, e *env, ctx *context) (out []ast.Stmt, fl flow, ok bool) {
	join := s.open()
	returns := 0
	ahead := e
	fn, args := s.callee(c.x)
	out, fl = s.splice(c.x, fn, args, e, func(results []result, depth int) (out []ast.Stmt, fl flow) {
		returns += 1 + depth
		if c.define {
			out, ahead = s.define(c, results, e)
		} else if len(c.lhs) > 0 {
			y := &ast.AssignStmt{Tok: token.ASSIGN}
			s.hoisting(&out, func() {
				for i, x := range c.lhs {
					s.setTo(y, x, results[i].expr, e)
				}
			})
			out = append(out, y)
		}
		return out, join
	})
	s.close()
	if returns > 1 {
		return nil, 0, false
	}
	if fl&join == 0 {
		return out, fl, true
	}
	more, rfl := s.block(rest, ahead, ctx)
	return append(out, more...), fl&^join | rfl, true
}

// setTo adds to an assignment.
func (s *splicer) setTo(y *ast.AssignStmt, to ast.Expr, from ast.Expr, e *env) {
	if from == nil {
		s.fail(to, "a struct of which only fields are known cannot be assigned")
	}
	if blank(to) {
		y.Lhs = append(y.Lhs, ast.NewIdent("_"))
	} else {
		y.Lhs = append(y.Lhs, s.whole(to, e))
	}
	y.Rhs = append(y.Rhs, from)
}

// define gives the variables that a call defines their values.
func (s *splicer) define(c *call, results []result, e *env) (out []ast.Stmt, _ *env) {
	if len(results) != len(c.lhs) {
		s.fail(c.x, "a call of %d results defines %d variables", len(results), len(c.lhs))
	}
	inner := e
	for i, x := range c.lhs {
		r := results[i]
		o := s.info.Defs[x.(*ast.Ident)]
		switch {
		case blank(x):
			if hasCall(r.expr) {
				out = append(out, assign(token.ASSIGN, ast.NewIdent("_"), r.expr))
			}
		case o == nil:
			out = append(out, assign(token.ASSIGN, s.whole(x, e), r.expr))
		case !s.changed[o] && (r.value != nil || r.stable):
			inner = inner.bind(o, r)
		default:
			var id *ast.Ident
			id, inner = s.declare(o, inner)
			from := r.expr
			if r.value != nil {
				from = s.literal(wrap(r.value, o.Type()), o.Type())
			}
			out = append(out, assign(token.DEFINE, id, from))
		}
	}
	return out, inner
}

func hasCall(x ast.Expr) (found bool) {
	if x == nil {
		return false
	}
	ast.Inspect(x, func(n ast.Node) bool {
		_, ok := n.(*ast.CallExpr)
		found = found || ok
		return !found
	})
	return found
}

// withVariables splices a call whose results are kept in variables, since it returns in several places.
func (s *splicer) withVariables(c *call, rest []ast.Stmt, e *env, ctx *context) (out []ast.Stmt, fl flow) {
	fn, args := s.callee(c.x)
	ahead := e
	var to []ast.Expr
	if c.define {
		for i, x := range c.lhs {
			o := s.info.Defs[x.(*ast.Ident)]
			if blank(x) || o == nil {
				to = append(to, nil)
				continue
			}
			var id *ast.Ident
			id, ahead = s.declare(o, ahead)
			out = append(out, s.varOf(id, c.x, fn, i, e))
			to = append(to, id)
		}
	} else {
		to = make([]ast.Expr, len(c.lhs))
	}
	join := s.open()
	more, fl := s.splice(c.x, fn, args, e, func(results []result, _ int) (out []ast.Stmt, fl flow) {
		y := &ast.AssignStmt{Tok: token.ASSIGN}
		s.hoisting(&out, func() {
			for i, x := range to {
				if x != nil {
					y.Lhs, y.Rhs = append(y.Lhs, x), append(y.Rhs, results[i].expr)
				} else {
					s.setTo(y, c.lhs[i], results[i].expr, e)
				}
			}
		})
		if len(y.Lhs) > 0 {
			out = append(out, y)
		}
		return out, join
	})
	s.close()
	out = append(out, more...)
	if fl&join == 0 {
		return out, fl
	}
	more, rfl := s.block(rest, ahead, ctx)
	return append(out, more...), fl&^join | rfl
}

// varOf declares a variable for a result of fn.
func (s *splicer) varOf(id *ast.Ident, at ast.Node, fn *ast.FuncDecl, i int, e *env) ast.Stmt {
	inner := s.typeArgs(at, fn, e)
	for _, f := range fn.Type.Results.List {
		if i -= max(1, len(f.Names)); i < 0 {
			return declared(id, s.raw(f.Type, inner), nil)
		}
	}
	panic("BUG: a result too many")
}

func declared(id *ast.Ident, t, value ast.Expr) ast.Stmt {
	spec := &ast.ValueSpec{Names: []*ast.Ident{id}, Type: t}
	if value != nil {
		spec.Values = []ast.Expr{value}
	}
	return &ast.DeclStmt{Decl: &ast.GenDecl{Tok: token.VAR, Specs: []ast.Spec{spec}}}
}

// returnStmt is a return of the function that is being spliced.
func (s *splicer) returnStmt(st *ast.ReturnStmt, e *env, ctx *context) (out []ast.Stmt, fl flow) {
	if len(st.Results) == 1 {
		if fn, args := s.callee(st.Results[0]); fn != nil {
			return s.splice(st.Results[0], fn, args, e, func(results []result, depth int) ([]ast.Stmt, flow) {
				return ctx.ret(results, ctx.depth+depth)
			})
		}
	}
	var results []result
	if len(st.Results) == 0 {
		for _, x := range ctx.named {
			results = append(results, binding{expr: x})
		}
	}
	s.hoisting(&out, func() {
		for _, o := range s.list(st.Results, e) {
			results = append(results, o.binding)
		}
	})
	more, fl := ctx.ret(results, ctx.depth)
	return append(out, more...), fl
}

// splice puts the body of fn in place of a call of it.
func (s *splicer) splice(at ast.Node, fn *ast.FuncDecl, args []ast.Expr, e *env, ret func([]result, int) ([]ast.Stmt, flow)) (out []ast.Stmt, fl flow) {
	if s.depth++; s.depth > 30 {
		s.fail(at, "%s calls itself", fn.Name.Name)
	}
	defer func() { s.depth-- }()
	params := s.params(fn)
	if len(params) != len(args) {
		s.fail(at, "%s has %d parameters and is called with %d", fn.Name.Name, len(params), len(args))
	}
	once := s.usedOnce(fn)
	inner := s.typeArgs(at, fn, e)
	for i, p := range params {
		inner = s.bindParam(&out, fn, p, args[i], p != nil && once[p], e, inner)
	}
	ctx := &context{fn: fn.Name.Name, ret: ret}
	if fn.Type.Results != nil {
		for _, f := range fn.Type.Results.List {
			for _, id := range f.Names {
				o := s.info.Defs[id]
				if o == nil || !s.uses(fn.Body, o) {
					continue
				}
				var v *ast.Ident
				s.changed[o] = true
				v, inner = s.declare(o, inner)
				out = append(out, declared(v, s.raw(f.Type, inner), nil))
				ctx.named = append(ctx.named, v)
			}
		}
	}
	body, fl := s.block(fn.Body.List, inner, ctx)
	out = append(out, body...)
	if fl&falls != 0 {
		more, rfl := ret(nil, 0)
		out, fl = append(out, more...), fl&^falls|rfl
	}
	return out, fl
}

// typeArgs binds the type parameters of fn to the types that the call names.
func (s *splicer) typeArgs(at ast.Node, fn *ast.FuncDecl, e *env) (inner *env) {
	if fn.Type.TypeParams == nil {
		return nil
	}
	var args []ast.Expr
	switch f := ast.Unparen(ast.Unparen(at.(ast.Expr)).(*ast.CallExpr).Fun).(type) {
	case *ast.IndexExpr:
		args = []ast.Expr{f.Index}
	case *ast.IndexListExpr:
		args = f.Indices
	}
	for _, f := range fn.Type.TypeParams.List {
		for _, id := range f.Names {
			if len(args) == 0 {
				s.fail(at, "a call of %s names its types", fn.Name.Name)
			}
			inner = inner.bind(s.info.Defs[id], binding{expr: s.raw(args[0], e), stable: true})
			args = args[1:]
		}
	}
	return inner
}

// bindParam gives a parameter its argument.
func (s *splicer) bindParam(out *[]ast.Stmt, fn *ast.FuncDecl, p types.Object, arg ast.Expr, once bool, e, inner *env) *env {
	if u, ok := arg.(*ast.UnaryExpr); ok && u.Op == token.AND {
		if id, ok := u.X.(*ast.Ident); ok { // the address of a struct that is known by its fields
			if b, _ := e.of(s.info.Uses[id]); b.fields != nil {
				return inner.bind(p, b)
			}
		}
	}
	var a operand
	bind := func() { a = s.expr(arg, e) }
	if once {
		// It stands where the parameter stood.
		pre, called := s.pre, s.called
		var mine []ast.Stmt
		s.pre, s.called = &mine, false
		bind()
		s.pre = pre
		if len(mine) == 0 && !s.called {
			s.called = called
			return inner.bind(p, a.binding)
		}
		s.called = s.called || called
		*out = append(*out, mine...)
	} else {
		s.hoisting(out, bind)
	}
	switch {
	case p == nil:
		if hasCall(a.expr) {
			*out = append(*out, assign(token.ASSIGN, ast.NewIdent("_"), a.expr))
		}
		return inner
	case a.fields != nil, !s.changed[p] && s.sameAs(a):
		return inner.bind(p, a.binding)
	}
	id, inner := s.declare(p, inner)
	from := a.expr
	switch t := s.typeOf(arg); {
	case a.value != nil:
		if _, generic := p.Type().(*types.TypeParam); generic {
			*out = append(*out, declared(id, s.paramType(fn, p, inner), bare(a.value)))
			return inner
		}
		from = s.literal(wrap(a.value, p.Type()), p.Type())
	case !types.Identical(t, p.Type()) && t != types.Typ[types.UntypedBool]:
		*out = append(*out, declared(id, s.paramType(fn, p, inner), from))
		return inner
	}
	*out = append(*out, assign(token.DEFINE, id, from))
	return inner
}

func (s *splicer) paramType(fn *ast.FuncDecl, p types.Object, inner *env) ast.Expr {
	for _, f := range fn.Type.Params.List {
		for _, id := range f.Names {
			if s.info.Defs[id] == p {
				return s.raw(f.Type, inner)
			}
		}
	}
	return s.raw(fn.Recv.List[0].Type, inner)
}

// usedOnce finds the parameters of a function that is one return of an expression which stand in it once.
func (s *splicer) usedOnce(fn *ast.FuncDecl) map[types.Object]bool {
	if len(fn.Body.List) != 1 {
		return nil
	}
	ret, ok := fn.Body.List[0].(*ast.ReturnStmt)
	if !ok {
		return nil
	}
	counts := map[types.Object]int{}
	ast.Inspect(ret, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			counts[s.info.Uses[id]]++
		}
		return true
	})
	once := map[types.Object]bool{}
	for o, n := range counts {
		once[o] = n == 1 && !s.changed[o]
	}
	return once
}

func (s *splicer) uses(body *ast.BlockStmt, o types.Object) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && s.info.Uses[id] == o
		return !found
	})
	return found
}
