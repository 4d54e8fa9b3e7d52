package splice

import (
	"go/ast"
	"go/constant"
	"go/token"
	"maps"
	"slices"
)

// block puts a list of statements of the source into the result.
func (s *splicer) block(list []ast.Stmt, e *env, ctx *context) (out []ast.Stmt, fl flow) {
	for i, st := range list {
		var more []ast.Stmt
		rest := list[i+1:]
		switch st := st.(type) {
		case *ast.BlockStmt:
			more, fl = s.block(slices.Concat(st.List, rest), e, ctx)
			return append(out, more...), fl
		case *ast.IfStmt:
			more, fl = s.ifStmt(st, rest, e, ctx)
			return append(out, more...), fl
		case *ast.SwitchStmt:
			more, fl = s.switchStmt(st, rest, e, ctx)
			return append(out, more...), fl
		case *ast.ReturnStmt:
			more, fl = s.returnStmt(st, e, ctx)
			return append(out, more...), fl
		case *ast.ExprStmt:
			if fn, _ := s.callee(st.X); fn != nil {
				more, fl = s.callStmt(&call{x: st.X}, rest, e, ctx)
				return append(out, more...), fl
			}
		case *ast.AssignStmt:
			if fn, _ := s.callee(st.Rhs[0]); fn != nil && len(st.Rhs) == 1 && (st.Tok == token.ASSIGN || st.Tok == token.DEFINE) {
				more, fl = s.callStmt(&call{x: st.Rhs[0], lhs: st.Lhs, define: st.Tok == token.DEFINE}, rest, e, ctx)
				return append(out, more...), fl
			}
		}
		more, e, fl = s.simple(st, e, ctx)
		out = append(out, more...)
		if fl != falls {
			return out, fl
		}
	}
	return out, falls
}

// hoisting collects in out what must come before the statement that f builds.
func (s *splicer) hoisting(out *[]ast.Stmt, f func()) {
	pre, called := s.pre, s.called
	s.pre, s.called = out, false
	f()
	s.pre, s.called = pre, called
}

// simple is for the statements that need no look at what follows.
func (s *splicer) simple(st ast.Stmt, e *env, ctx *context) (out []ast.Stmt, _ *env, fl flow) {
	fl = falls
	s.hoisting(&out, func() {
		switch st := st.(type) {
		case *ast.EmptyStmt:
		case *ast.ExprStmt:
			x := s.whole(st.X, e)
			out = append(out, &ast.ExprStmt{X: x})
		case *ast.IncDecStmt:
			x := s.whole(st.X, e)
			out = append(out, &ast.IncDecStmt{X: x, Tok: st.Tok})
		case *ast.AssignStmt:
			e = s.assign(st, &out, e)
		case *ast.DeclStmt:
			e = s.declStmt(st, &out, e)
		case *ast.ForStmt:
			var more ast.Stmt
			more, fl = s.forStmt(st, e, ctx)
			out = append(out, more)
		case *ast.RangeStmt:
			x := s.whole(st.X, e)
			var more ast.Stmt
			more, fl = s.rangeStmt(st, x, e, ctx)
			out = append(out, more)
		case *ast.BranchStmt:
			if st.Label != nil || st.Tok != token.BREAK && st.Tok != token.CONTINUE {
				s.fail(st, "%s cannot be spliced", st.Tok)
			}
			out, fl = append(out, &ast.BranchStmt{Tok: st.Tok}), leaves
		default:
			s.fail(st, "%T cannot be spliced", st)
		}
	})
	return out, e, fl
}

// assign puts out an assignment or definition. A variable that is only another name, or a constant, needs none.
func (s *splicer) assign(st *ast.AssignStmt, out *[]ast.Stmt, e *env) *env {
	lhs := make([]ast.Expr, len(st.Lhs))
	for i, x := range st.Lhs {
		if st.Tok != token.DEFINE && !blank(x) {
			lhs[i] = s.whole(x, e)
		}
	}
	rhs := s.list(st.Rhs, e)
	y := &ast.AssignStmt{Tok: st.Tok}
	inner := e
	for i, x := range st.Lhs {
		id, _ := x.(*ast.Ident)
		if st.Tok == token.DEFINE {
			o := s.info.Defs[id]
			if o != nil && len(rhs) == len(st.Lhs) && !s.changed[o] && s.sameAs(rhs[i]) {
				inner = inner.bind(o, rhs[i].binding)
				continue
			}
			switch {
			case blank(x):
			case o != nil:
				lhs[i], inner = s.declare(o, inner)
			default:
				lhs[i] = s.whole(x, e)
			}
		}
		if blank(x) {
			lhs[i] = ast.NewIdent("_")
		}
		y.Lhs = append(y.Lhs, lhs[i])
		if len(rhs) == len(st.Lhs) {
			if rhs[i].expr == nil {
				s.fail(st, "a struct of which only fields are known cannot be assigned")
			}
			y.Rhs = append(y.Rhs, rhs[i].expr)
		}
	}
	if len(rhs) != len(st.Lhs) {
		y.Rhs = []ast.Expr{rhs[0].expr}
	}
	if len(y.Lhs) > 0 {
		if y.Tok == token.DEFINE && !slices.ContainsFunc(st.Lhs, func(x ast.Expr) bool { return !blank(x) && s.info.Defs[x.(*ast.Ident)] != nil }) {
			y.Tok = token.ASSIGN
		}
		*out = append(*out, y)
	}
	return inner
}

// sameAs reports whether a variable with the operand's value can be the operand itself.
func (s *splicer) sameAs(o operand) bool { return o.value != nil || o.stable }

func blank(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == "_"
}

func (s *splicer) declStmt(st *ast.DeclStmt, out *[]ast.Stmt, e *env) *env {
	d := st.Decl.(*ast.GenDecl)
	if d.Tok == token.CONST {
		return e // its uses are literals
	}
	if d.Tok != token.VAR {
		s.fail(st, "a type declared in a function cannot be spliced")
	}
	for _, sp := range d.Specs {
		spec := sp.(*ast.ValueSpec)
		y := &ast.ValueSpec{}
		for _, v := range spec.Values {
			y.Values = append(y.Values, s.whole(v, e))
		}
		if spec.Type != nil {
			y.Type = s.raw(spec.Type, e)
		}
		for _, id := range spec.Names {
			n := ast.NewIdent("_")
			if o := s.info.Defs[id]; o != nil && id.Name != "_" {
				n, e = s.declare(o, e)
			}
			y.Names = append(y.Names, n)
		}
		*out = append(*out, &ast.DeclStmt{Decl: &ast.GenDecl{Tok: token.VAR, Specs: []ast.Spec{y}}})
	}
	return e
}

// ifStmt is an if and all that follows it.
func (s *splicer) ifStmt(st *ast.IfStmt, rest []ast.Stmt, e *env, ctx *context) (out []ast.Stmt, fl flow) {
	if st.Init != nil {
		return s.block(slices.Concat([]ast.Stmt{st.Init, &ast.IfStmt{If: st.If, Cond: st.Cond, Body: st.Body, Else: st.Else}}, rest), e, ctx)
	}
	cond := ast.Unparen(st.Cond)
	if u, ok := cond.(*ast.UnaryExpr); ok && u.Op == token.NOT {
		cond = ast.Unparen(u.X)
	}
	if _, decided := s.known[cond]; !decided {
		if fn, _ := s.callee(cond); fn != nil {
			names := maps.Clone(s.used)
			if out, fl, ok := s.decided(&call{x: cond, test: st}, st, rest, e, ctx); ok {
				return out, fl
			}
			s.used = names
		}
	}
	var c operand
	s.hoisting(&out, func() { c = s.expr(st.Cond, e) })
	var els []ast.Stmt
	if st.Else != nil {
		els = []ast.Stmt{st.Else}
	}
	if c.value != nil {
		chosen := els
		if constant.BoolVal(c.value) {
			chosen = st.Body.List
		}
		more, fl := s.block(slices.Concat(chosen, rest), e, ctx)
		return append(out, more...), fl
	}
	names := maps.Clone(s.used)
	in := ctx.deeper()
	y, yfl := s.block(st.Body.List, e, in)
	n, nfl := s.block(els, e, in)
	after := rest
	if all := yfl | nfl; all&joins != 0 && all&falls != 0 {
		// What follows belongs to the side that goes on.
		s.used = names
		after = nil
		switch {
		case yfl&falls == 0 && nfl&joins == 0:
			y, yfl = s.block(st.Body.List, e, in)
			n, nfl = s.block(slices.Concat(els, rest), e, in)
		case nfl&falls == 0 && yfl&joins == 0:
			y, yfl = s.block(slices.Concat(st.Body.List, rest), e, in)
			n, nfl = s.block(els, e, in)
		default:
			s.fail(st, "%s: one path of this if returns while another goes on: put what follows into its else", ctx.fn)
		}
		if (yfl|nfl)&joins == 0 {
			s.fail(st, "%s: no path returns", ctx.fn)
		}
	}
	out = append(out, ifElse(c.expr, y, n))
	if fl = yfl | nfl; after == nil || fl&falls == 0 {
		return out, fl
	}
	more, rfl := s.block(after, e, ctx)
	return append(out, more...), fl&^falls | rfl
}

func ifElse(cond ast.Expr, y, n []ast.Stmt) ast.Stmt {
	if len(y) == 0 && len(n) > 0 {
		return &ast.IfStmt{Cond: &ast.UnaryExpr{Op: token.NOT, X: &ast.ParenExpr{X: cond}}, Body: &ast.BlockStmt{List: n}}
	}
	st := &ast.IfStmt{Cond: cond, Body: &ast.BlockStmt{List: y}}
	if len(n) > 0 {
		st.Else = &ast.BlockStmt{List: n}
	}
	return st
}

// switchStmt is a switch and all that follows it.
func (s *splicer) switchStmt(st *ast.SwitchStmt, rest []ast.Stmt, e *env, ctx *context) (out []ast.Stmt, fl flow) {
	if st.Init != nil {
		return s.block(slices.Concat([]ast.Stmt{st.Init, &ast.SwitchStmt{Switch: st.Switch, Tag: st.Tag, Body: st.Body}}, rest), e, ctx)
	}
	tag := operand{binding: binding{value: constant.MakeBool(true)}}
	if st.Tag != nil {
		s.hoisting(&out, func() { tag = s.expr(st.Tag, e) })
	}
	if tag.value != nil {
		if chosen, ok := s.choose(st, tag.value, e); ok {
			more, fl := s.block(slices.Concat(chosen, rest), e, ctx)
			return append(out, more...), fl
		}
	}
	y := &ast.SwitchStmt{Body: &ast.BlockStmt{}}
	if st.Tag != nil {
		y.Tag = tag.expr
	}
	whole := false // there is a default
	for _, c := range st.Body.List {
		clause := c.(*ast.CaseClause)
		body, cfl := s.block(clause.Body, e, ctx.deeper())
		z := &ast.CaseClause{Body: body}
		for _, x := range clause.List {
			z.List = append(z.List, s.expr(x, e).expr)
		}
		whole = whole || clause.List == nil
		y.Body.List = append(y.Body.List, z)
		fl |= cfl
	}
	if !whole {
		fl |= falls
	}
	out = append(out, y)
	if fl&falls == 0 {
		return out, fl
	}
	if fl&joins != 0 {
		s.fail(st, "%s: one case of this switch returns while another goes on", ctx.fn)
	}
	more, rfl := s.block(rest, e, ctx)
	return append(out, more...), fl&^falls | rfl
}

// choose finds the clause of a switch that a known value selects, if all conditions before it are known.
func (s *splicer) choose(st *ast.SwitchStmt, tag constant.Value, e *env) (body []ast.Stmt, ok bool) {
	var chosen *ast.CaseClause
	for _, c := range st.Body.List {
		clause := c.(*ast.CaseClause)
		if clause.List == nil && chosen == nil {
			chosen = clause // unless another one is met
		}
		for _, x := range clause.List {
			v := s.constant(x, e)
			if v == nil {
				return nil, false
			}
			if constant.Compare(tag, token.EQL, v) {
				return s.clause(clause), true
			}
		}
	}
	if chosen == nil {
		return nil, true
	}
	return s.clause(chosen), true
}

// clause is the body of a clause that stands for the whole switch.
func (s *splicer) clause(c *ast.CaseClause) []ast.Stmt {
	for _, st := range c.Body {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt:
				return false
			case *ast.BranchStmt:
				if n.Tok != token.CONTINUE {
					s.fail(n, "%s out of a switch cannot be spliced", n.Tok)
				}
			}
			return true
		})
	}
	return c.Body
}

// constant returns the value of an expression that contains no calls, or nil.
func (s *splicer) constant(x ast.Expr, e *env) constant.Value {
	calls := false
	ast.Inspect(x, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			if _, ok := s.known[c]; ok {
				return false
			}
			calls = calls || !s.info.Types[c.Fun].IsType()
		}
		return true
	})
	if calls {
		return nil
	}
	return s.expr(x, e).value
}

func (s *splicer) forStmt(st *ast.ForStmt, e *env, ctx *context) (ast.Stmt, flow) {
	y := &ast.ForStmt{}
	one := func(st ast.Stmt) ast.Stmt {
		if st == nil {
			return nil
		}
		var out []ast.Stmt
		out, e, _ = s.simple(st, e, ctx)
		if len(out) != 1 {
			s.fail(st, "what a for begins with must stay one statement")
		}
		return out[0]
	}
	y.Init = one(st.Init)
	s.pre = nil
	if st.Cond != nil {
		y.Cond = s.whole(st.Cond, e)
	}
	y.Post = one(st.Post)
	return y, s.loop(&y.Body, st.Body, e, ctx)
}

func (s *splicer) rangeStmt(st *ast.RangeStmt, x ast.Expr, e *env, ctx *context) (ast.Stmt, flow) {
	y := &ast.RangeStmt{Tok: st.Tok, X: x}
	for _, v := range []struct {
		to   *ast.Expr
		from ast.Expr
	}{{&y.Key, st.Key}, {&y.Value, st.Value}} {
		switch id, _ := v.from.(*ast.Ident); {
		case v.from == nil:
		case blank(v.from):
			*v.to = ast.NewIdent("_")
		case st.Tok == token.DEFINE:
			*v.to, e = s.declare(s.info.Defs[id], e)
		default:
			*v.to = s.whole(v.from, e)
		}
	}
	return y, s.loop(&y.Body, st.Body, e, ctx)
}

func (s *splicer) loop(to **ast.BlockStmt, body *ast.BlockStmt, e *env, ctx *context) flow {
	list, fl := s.block(body.List, e, ctx.deeper())
	if fl&joins != 0 {
		s.fail(body, "%s: a return from inside a loop cannot be spliced", ctx.fn)
	}
	*to = &ast.BlockStmt{List: list}
	return falls
}
