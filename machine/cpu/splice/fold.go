package splice

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

var sizes = types.SizesFor("gc", "amd64")

// fold computes a binary operation on constants, or returns nil.
func fold(op token.Token, l, r constant.Value) constant.Value {
	switch op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return constant.MakeBool(constant.Compare(l, op, r))
	case token.SHL, token.SHR:
		if n, ok := constant.Uint64Val(r); ok && n < 64 {
			return constant.Shift(l, op, uint(n))
		}
		return nil
	case token.QUO, token.REM:
		if constant.Sign(r) == 0 {
			return nil
		}
		if op == token.QUO && l.Kind() == constant.Int {
			op = token.QUO_ASSIGN // integer division
		}
	}
	return constant.BinaryOp(l, op, r)
}

// wrap is v as an integer type holds it.
func wrap(v constant.Value, t types.Type) constant.Value {
	if _, ok := t.(*types.TypeParam); ok {
		return v
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsInteger == 0 || b.Info()&types.IsUntyped != 0 || v.Kind() != constant.Int {
		return v
	}
	bits := uint(sizes.Sizeof(b)) * 8
	one := constant.MakeInt64(1)
	mod := constant.Shift(one, token.SHL, bits)
	v = constant.BinaryOp(v, token.AND, constant.BinaryOp(mod, token.SUB, one))
	if b.Info()&types.IsUnsigned == 0 && constant.Compare(v, token.GEQ, constant.Shift(one, token.SHL, bits-1)) {
		v = constant.BinaryOp(v, token.SUB, mod)
	}
	return v
}

// literal writes a value so that it has type t wherever it stands.
func (s *splicer) literal(v constant.Value, t types.Type) ast.Expr {
	if name := s.nameOf(v, t); name != "" {
		return ast.NewIdent(name)
	}
	switch t := t.(type) {
	case *types.Named:
		return &ast.CallExpr{Fun: ast.NewIdent(t.Obj().Name()), Args: []ast.Expr{bare(v)}}
	case *types.Basic:
		if t.Info()&types.IsInteger != 0 && t.Info()&types.IsUntyped == 0 && t.Kind() != types.Int {
			return &ast.CallExpr{Fun: ast.NewIdent(t.Name()), Args: []ast.Expr{bare(v)}}
		}
	}
	return bare(v)
}

// bare writes a value as it is.
func bare(v constant.Value) ast.Expr {
	switch v.Kind() {
	case constant.Bool:
		return ast.NewIdent(v.ExactString())
	case constant.String:
		return &ast.BasicLit{Kind: token.STRING, Value: v.ExactString()}
	}
	if constant.Sign(v) < 0 {
		return &ast.UnaryExpr{Op: token.SUB, X: bare(constant.UnaryOp(token.SUB, v, 0))}
	}
	return &ast.BasicLit{Kind: token.INT, Value: v.ExactString()}
}

func assign(tok token.Token, to ast.Expr, from ast.Expr) ast.Stmt {
	return &ast.AssignStmt{Lhs: []ast.Expr{to}, Tok: tok, Rhs: []ast.Expr{from}}
}
