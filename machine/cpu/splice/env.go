package splice

import (
	"go/ast"
	"go/constant"
	"go/types"
)

// binding is what a variable of the source stands for in the result.
type binding struct {
	expr  ast.Expr       // usually the variable's new name
	value constant.Value // what it is known to be, or nil
	// fields is not nil for a struct whose fields are known one by one.
	fields map[string]binding
	// stable: expr keeps its value, so another variable with the same value can be the same one.
	stable bool
}

// env maps variables to what they stand for. It only grows, so each path can have its own.
type env struct {
	object types.Object
	binding
	outer *env
}

func (e *env) bind(o types.Object, b binding) *env {
	if o == nil {
		return e
	}
	return &env{o, b, e}
}

func (e *env) of(o types.Object) (binding, bool) {
	for ; e != nil; e = e.outer {
		if e.object == o {
			return e.binding, true
		}
	}
	return binding{}, false
}

// flow says where control goes from a list of statements; there can be several ways. The higher bits are the ends of calls that are being spliced.
type flow uint64

const (
	falls  flow = 1 << iota // behind the list
	leaves                  // to a label, or out of the function
	firstJoin
)

const joins = ^(firstJoin - 1)

// result is one value that a return gives.
type result = binding

// context is the function that is being spliced.
type context struct {
	fn string
	// ret makes the statements for a return. depth is how many ifs it is inside of.
	ret   func(results []result, depth int) ([]ast.Stmt, flow)
	depth int
	// named are the variables of named results.
	named []ast.Expr
}

func (c *context) deeper() *context {
	d := *c
	d.depth++
	return &d
}

// splicer builds one case.
type splicer struct {
	*source
	row  string
	used map[string]bool // names
	// pre receives the statements that must come before the one that is being built; nil where there can be none.
	pre *[]ast.Stmt
	// called: a call is part of what was built of the present statement, so no statements may be put before it.
	called bool
	// calls is how many calls are being spliced, within each other; ends of them are flows.
	calls, depth int
	// known are the results of calls in a condition that is looked at, while one of the call's returns is.
	known map[ast.Expr]binding
}

// name returns an unused name like that of the variable.
func (s *splicer) name(like string) string {
	n := like
	for i := 2; s.used[n] || s.types.Scope().Lookup(n) != nil || types.Universe.Lookup(n) != nil || s.isImport(n); i++ {
		n = like + string(rune('0'+i))
		if i > 9 {
			n = like + string(rune('0'+i/10)) + string(rune('0'+i%10))
		}
	}
	s.used[n] = true
	return n
}

// open returns the end of a call that is to be spliced.
func (s *splicer) open() flow {
	s.calls++
	return firstJoin << (s.calls - 1)
}

func (s *splicer) close() { s.calls-- }

func (s *splicer) isImport(n string) bool {
	for _, f := range s.files {
		for _, i := range f.Imports {
			if o := s.info.Implicits[i]; o != nil && o.Name() == n {
				return true
			}
		}
	}
	return false
}

// declare gives a variable of the source its name in the result.
func (s *splicer) declare(o types.Object, e *env) (*ast.Ident, *env) {
	id := ast.NewIdent(s.name(o.Name()))
	return id, e.bind(o, binding{expr: id, stable: !s.changed[o]})
}
