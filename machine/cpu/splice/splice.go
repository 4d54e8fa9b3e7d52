// Package splice writes the big function of an interpreter from small ones.
//
// An interpreter in Go is fastest as one function with one switch: a call for each instruction costs as much as the instruction,
// and Go's own inliner leaves a function that has become large with a budget of 20 nodes for each callee, which a look-up in a TLB
// exceeds. Written by hand such a function repeats everything for each operand form. So people write
//
//   - bodies: ordinary functions, one for a family of instructions, that return an outcome, a constant of an integer type (one without a result has the first):
//     func hotLoad(c *CPU, op *Op, s *frame, f form) outcome {
//     v, ok := load(c, address(c, op, f), f.size)
//     if !ok {
//     return cold
//     }
//     setReg(c, op.Reg, f.size, v)
//     return next
//     }
//   - helpers, called by bodies: look-ups, flags, register access;
//   - rows, each a name, a body and a constant for the body's last parameter;
//   - a skeleton: the loop around a switch over what the body of the present instruction returns, which works as it is:
//     for {
//     switch dispatch(c, op, &s) {
//     case next:
//     op = after(op)
//     case cold:
//     …
//     }
//     }
//
// and [Generate] writes the skeleton again with a switch over all rows in place of the call of dispatch. Each case is the row's body with all
// that it calls, and what it calls, as far as it is declared in the files of bodies, put in place. Conditions on constants are decided, so one
// body serves many rows; a return of an outcome becomes a jump to what the skeleton does for it. A test of a result that is known where the
// helper returns it (the ok above) becomes the helper's own branch.
//
// # What can be spliced
//
// Functions and methods of the files that match Config.Bodies. Calls of any other function stay calls, for Go's inliner or none.
//   - Statements: assignments, definitions, var, if, switch, for, range, blocks, returns, expressions. Not: defer, go, select, labels, goto, fallthrough, closures, break out of a switch.
//   - Generic functions whose calls name their types: load[uint8](…).
//   - Parameters and results of any type. Results that have names are variables, and may be returned by a bare return.
//   - A parameter that is a constant, or a struct of constants (p.size), is known as such in all that is called with it. Switches and ifs that
//     it decides leave only what is chosen. Constants are also computed through helpers: isLogic(p.op) is decided if isLogic is spliced.
//   - The skeleton may pass the address of one local struct variable (&s above, declared by var s frame or s := frame{…}). Its fields become variables
//     of the generated function, so they can be kept in registers. Bodies use its fields only.
//   - A call that needs statements is put before the statement that contains it. It must be the only call there that does, or come before the others: `f(c) + g(c)`, where g
//     is more than an expression, is an error, as is such a call behind && or ||, or in the condition of a for.
//   - A return from inside an if goes on at the end of the call. All that follows the if is then its else; an if from which one path returns and another
//     goes on is an error unless what returns is a jump (return cold).
//
// What cannot be spliced is reported with its position. The generated file is compiled like any other, so Go checks what was written.
//
// # How a CPU uses it
//
// Its table of rows is an ordinary variable, and a test of the package passes it to Generate and compares the result with the file, or writes the file when asked
// to (go generate). What is executed comes from the file, so a row's number is its place in the list of names there (Config.Names): a row that is not in the file yet is no case,
// and what decodes must not use it. Under a build constraint that leaves the generated file out (Config.Constraint), the skeleton itself is the interpreter,
// so the file can be written even when the one that is there does not compile any more.
package splice

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/constant"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"reflect"
	"runtime"
	"slices"
	"strings"
)

// Config says what to generate.
type Config struct {
	// Dir is the folder of the package. Its tests and generated files are not read.
	Dir string
	// Bodies are patterns (path.Match), with spaces between them, of the names of files whose functions are spliced.
	Bodies string
	// Skeleton is the name of the function or method to write again, Func that of the new one.
	Skeleton, Func string
	// Dispatch is the function that the skeleton's switch calls.
	Dispatch string
	// Tag is what the new switch looks at, and Type its type: "op.Kind", "Kind".
	Tag, Type string
	// Prefix begins the names of the constants that the new switch's cases are. The first of them is First.
	Prefix string
	First  int
	// Names and Params are variables to hold the rows' names and their bodies' parameters by these constants. Either may be empty.
	Names, Params string
	// Constraint is a build constraint for the file, or empty: one that is off while the file is written anew lets it be wrong.
	Constraint string
	// Comment describes the new function.
	Comment string

	Rows []Row
	// Other is the default case.
	Other Row
}

// Row is one case of the switch.
type Row struct {
	Name string
	// Body is a function declared in a file of bodies, its parameters being those of Dispatch and, unless Param is nil, one more.
	Body any
	// Param is a number, a string, a bool or a struct of them.
	Param any
}

// Generate returns the text of a file of the package: constants for the rows, their names, and the function. A row's constant is its place in the list.
func Generate(cfg Config) ([]byte, error) {
	p, err := load(cfg.Dir, cfg.Bodies)
	if err != nil {
		return nil, err
	}
	fn, err := generate(p, &cfg)
	if err != nil {
		return nil, fmt.Errorf("splice %s: %w", cfg.Func, err)
	}
	var b bytes.Buffer
	b.WriteString("// Code generated by machine/cpu/splice from " + cfg.Skeleton + " and the table of hot forms; DO NOT EDIT.\n\n")
	if cfg.Constraint != "" {
		b.WriteString("//go:build " + cfg.Constraint + "\n\n")
	}
	b.WriteString("package " + p.types.Name() + "\n\n")
	b.WriteString(p.importsOf(fn))
	b.WriteString("const (\n")
	for i, r := range cfg.Rows {
		b.WriteString(cfg.Prefix + r.Name)
		if i == 0 {
			b.WriteString(" " + cfg.Type + " = iota")
			if cfg.First != 0 {
				fmt.Fprintf(&b, " + %d", cfg.First)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString(")\n\n")
	if err := p.lists(&b, &cfg); err != nil {
		return nil, err
	}
	for line := range strings.Lines(strings.TrimSpace(cfg.Comment)) {
		b.WriteString("// " + strings.TrimSpace(line) + "\n")
	}
	if err := printer.Fprint(&b, token.NewFileSet(), fn); err != nil {
		return nil, err
	}
	b.WriteString("\n")
	text, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("splice %s: the result is no Go: %w\n%s", cfg.Func, err, b.Bytes())
	}
	return text, nil
}

// lists writes what is known of the rows by number.
func (p *source) lists(b *bytes.Buffer, cfg *Config) error {
	if cfg.Names != "" {
		fmt.Fprintf(b, "// %[1]s holds the names of the rows that are in the switch.\nvar %[1]s = []string{\n", cfg.Names)
		for _, r := range cfg.Rows {
			fmt.Fprintf(b, "%s%s: %q,\n", cfg.Prefix, r.Name, r.Name)
		}
		b.WriteString("}\n\n")
	}
	if cfg.Params == "" {
		return nil
	}
	s := &splicer{source: p}
	t := p.types.Scope().Lookup(reflect.TypeOf(cfg.Rows[0].Param).Name())
	if t == nil {
		return fmt.Errorf("splice %s: the type of a row's parameter is not declared in the package", cfg.Func)
	}
	fmt.Fprintf(b, "// %[1]s holds what the rows in the switch tell their bodies.\nvar %[1]s = []%[2]s{\n", cfg.Params, t.Name())
	for _, r := range cfg.Rows {
		if cfg.First == 0 {
			fmt.Fprintf(b, "%s%s: ", cfg.Prefix, r.Name)
		}
		if err := printer.Fprint(b, token.NewFileSet(), s.composite(constantOf(reflect.ValueOf(r.Param)), t.Type())); err != nil {
			return err
		}
		b.WriteString(",\n")
	}
	b.WriteString("}\n\n")
	return nil
}

// composite writes a parameter.
func (s *splicer) composite(v binding, t types.Type) ast.Expr {
	fields, ok := t.Underlying().(*types.Struct)
	if !ok {
		return bare(v.value)
	}
	lit := &ast.CompositeLit{}
	for f := range fields.Fields() {
		value := v.fields[f.Name()].value
		x := bare(value)
		if name := s.nameOf(value, f.Type()); name != "" {
			x = ast.NewIdent(name)
		}
		lit.Elts = append(lit.Elts, &ast.KeyValueExpr{Key: ast.NewIdent(f.Name()), Value: x})
	}
	return lit
}

// generate writes the skeleton anew.
func generate(p *source, cfg *Config) (fn *ast.FuncDecl, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *unsupported:
			err = e
		default:
			panic(e)
		}
	}()
	tag, err := parser.ParseExpr(cfg.Tag)
	if err != nil {
		return nil, fmt.Errorf("tag: %w", err)
	}
	sk, err := p.skeleton(cfg.Skeleton, cfg.Dispatch)
	if err != nil {
		return nil, err
	}
	cases := make([]ast.Stmt, 0, len(cfg.Rows)+1)
	for _, r := range append(slices.Clip(cfg.Rows), cfg.Other) {
		body, err := p.row(sk, r)
		if err != nil {
			return nil, err
		}
		clause := &ast.CaseClause{Body: body}
		if len(cases) < len(cfg.Rows) {
			clause.List = []ast.Expr{ast.NewIdent(cfg.Prefix + r.Name)}
		}
		cases = append(cases, clause)
	}
	return sk.write(cfg.Func, &ast.SwitchStmt{Tag: tag, Body: &ast.BlockStmt{List: cases}}), nil
}

// row is the body of a row's case.
func (p *source) row(sk *skeleton, r Row) ([]ast.Stmt, error) {
	name := runtime.FuncForPC(reflect.ValueOf(r.Body).Pointer()).Name()
	name = name[strings.LastIndex(name, ".")+1:]
	fn := p.types.Scope().Lookup(name)
	decl := p.bodies[fn]
	if decl == nil {
		return nil, fmt.Errorf("row %s: %s is not a function of the files of bodies", r.Name, name)
	}
	args := sk.args
	if r.Param != nil {
		args = append(slices.Clip(args), constantOf(reflect.ValueOf(r.Param)))
	}
	params := p.params(decl)
	if len(params) != len(args) {
		return nil, fmt.Errorf("row %s: %s has %d parameters, it would be called with %d", r.Name, name, len(params), len(args))
	}
	s := &splicer{source: p, row: r.Name, used: map[string]bool{}}
	for _, n := range sk.locals {
		s.used[n] = true
	}
	var e *env
	for i, param := range params {
		if param == nil {
			continue
		}
		e = e.bind(param, args[i])
	}
	ctx := &context{fn: name, ret: func(results []result, _ int) ([]ast.Stmt, flow) {
		if len(results) == 0 && sk.next != "" {
			return []ast.Stmt{&ast.BranchStmt{Tok: token.GOTO, Label: ast.NewIdent(sk.next)}}, leaves
		}
		if len(results) != 1 || results[0].value == nil {
			s.fail(decl, "%s returns an outcome that is not known", name)
		}
		label := sk.label(results[0].value)
		if label == "" {
			s.fail(decl, "%s returns %s, for which the skeleton has no case", name, results[0].value)
		}
		return []ast.Stmt{&ast.BranchStmt{Tok: token.GOTO, Label: ast.NewIdent(label)}}, leaves
	}}
	out, fl := s.block(decl.Body.List, e, ctx)
	if fl&falls != 0 {
		more, _ := ctx.ret(nil, 0)
		out = append(out, more...)
	}
	return sk.tail(prune(out, sk.locals)), nil
}

// constantOf is the binding of a parameter to a value that is known now.
func constantOf(v reflect.Value) binding {
	switch v.Kind() {
	case reflect.Struct:
		b := binding{fields: map[string]binding{}, stable: true}
		for i := range v.NumField() {
			b.fields[v.Type().Field(i).Name] = constantOf(v.Field(i))
		}
		return b
	case reflect.Bool:
		return binding{value: constant.MakeBool(v.Bool()), stable: true}
	case reflect.String:
		return binding{value: constant.MakeString(v.String()), stable: true}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binding{value: constant.MakeInt64(v.Int()), stable: true}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return binding{value: constant.MakeUint64(v.Uint()), stable: true}
	}
	return binding{} // of no use: an expression that needs it is reported
}
