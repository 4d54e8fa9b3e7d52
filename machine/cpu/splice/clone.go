package splice

import (
	"go/ast"
	"go/token"
	"reflect"
)

// cloner copies syntax without its positions.
type cloner struct {
	// expr and stmt may be nil; they replace a node when they return true.
	expr func(ast.Expr) (ast.Expr, bool)
	stmt func(ast.Stmt) ([]ast.Stmt, bool)
}

func raw(x ast.Expr) ast.Expr { return (&cloner{}).node(x).(ast.Expr) }

func (c *cloner) node(n ast.Node) ast.Node {
	return c.value(reflect.ValueOf(n)).Interface().(ast.Node)
}

var (
	posType  = reflect.TypeFor[token.Pos]()
	stmtList = reflect.TypeFor[[]ast.Stmt]()
)

func (c *cloner) value(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		if x, ok := v.Interface().(ast.Expr); ok && c.expr != nil {
			if y, ok := c.expr(x); ok {
				return reflect.ValueOf(y)
			}
		}
		return c.value(v.Elem())
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		if v.Type() == reflect.TypeFor[*ast.CommentGroup]() {
			return reflect.Zero(v.Type())
		}
		p := reflect.New(v.Type().Elem())
		for i := range v.Elem().NumField() {
			f := v.Elem().Field(i)
			if f.Type() == posType {
				// Some positions say more than where.
				switch name := v.Elem().Type().Field(i).Name; name {
				case "Ellipsis", "Lparen", "Assign":
					if f.Int() != 0 && (name != "Lparen" || v.Elem().Type() == reflect.TypeFor[ast.GenDecl]()) {
						p.Elem().Field(i).SetInt(1)
					}
				}
				continue
			}
			p.Elem().Field(i).Set(c.value(f))
		}
		return p
	case reflect.Slice:
		if v.Type() == stmtList && c.stmt != nil {
			return reflect.ValueOf(c.list(v.Interface().([]ast.Stmt)))
		}
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), 0, v.Len())
		for i := range v.Len() {
			out = reflect.Append(out, c.value(v.Index(i)))
		}
		return out
	}
	return v
}

func (c *cloner) list(list []ast.Stmt) (out []ast.Stmt) {
	for _, s := range list {
		if more, ok := c.stmt(s); ok {
			out = append(out, more...)
			continue
		}
		out = append(out, c.node(s).(ast.Stmt))
	}
	return out
}
