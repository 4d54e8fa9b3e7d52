package gdbstub

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// agentPrint is what the bytecode printf prints: the text of a gdb dprintf, cut at its conversions.
type agentPrint struct {
	pieces []printPiece
	args   int
}

// printPiece is one conversion, or text without any (verb 0).
type printPiece struct {
	text      []byte
	flags     string // of "-+ #0"
	width     int
	precision int // -1 is none
	verb      byte
	size      printSize
}

// printSize is how much of a 64-bit argument counts.
type printSize uint8

const (
	printInt  printSize = iota // 32 bits
	printLong                  // as wide as a pointer of the program
	printWide                  // 64 bits
)

// agentOutput is where printf prints.
type agentOutput struct {
	text []byte
	long int // bits of the program's long
}

const (
	maxPrintArgs  = 32
	maxPrintWidth = 4096
	// maxPrintString bounds a string of the program's, whose end may be missing.
	maxPrintString = 64 << 10
)

// parseAgentPrint checks the operand of printf: the format as the user wrote it, with its escapes, ended by a zero byte, and the number of its
// arguments.
func parseAgentPrint(format []byte, args int) (agentPrint, error) {
	format, end, terminated := bytes.Cut(format, []byte{0})
	if !terminated || len(end) > 0 || args > maxPrintArgs {
		return agentPrint{}, invalid("agent printf")
	}
	p := agentPrint{args: args}
	var text []byte
	for i := 0; i < len(format); {
		c := format[i]
		i++
		switch {
		case c == '\\' && i < len(format):
			e, ok := printEscapes[format[i]]
			if !ok {
				return p, invalid("agent printf: escape \\%c", format[i])
			}
			text = append(text, e)
			i++
		case c == '%' && i < len(format) && format[i] == '%':
			text = append(text, '%')
			i++
		case c == '%':
			piece, n, err := parseConversion(format[i:])
			if err != nil {
				return p, err
			}
			i += n
			p.pieces = append(p.pieces, printPiece{text: text}, piece)
			text = nil
			args--
		default:
			text = append(text, c)
		}
	}
	if args != 0 {
		return p, invalid("agent printf: the format and its arguments do not agree in number")
	}
	p.pieces = append(p.pieces, printPiece{text: text})
	return p, nil
}

var printEscapes = map[byte]byte{'\\': '\\', '"': '"', 'a': '\a', 'b': '\b', 'e': 0x1b, 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}

// parseConversion takes what follows a '%', and says how many bytes it has. gdb sends no floating-point arguments.
func parseConversion(format []byte) (p printPiece, n int, err error) {
	for n < len(format) && strings.IndexByte("-+ #0", format[n]) >= 0 {
		n++
	}
	p.flags, p.precision = string(format[:n]), -1
	number := func() (v int) {
		for ; n < len(format) && format[n] >= '0' && format[n] <= '9'; n++ {
			v = min(10*v+int(format[n]-'0'), maxPrintWidth)
		}
		return v
	}
	p.width = number()
	if n < len(format) && format[n] == '.' {
		n++
		p.precision = number()
	}
	long := n
	for n < len(format) && strings.IndexByte("hlzjt", format[n]) >= 0 {
		n++
	}
	switch string(format[long:n]) {
	case "", "h", "hh":
	case "l", "z", "t":
		p.size = printLong
	case "ll", "j":
		p.size = printWide
	default:
		return p, n, invalid("agent printf: length %q", format[long:n])
	}
	if n == len(format) || strings.IndexByte("diouxXcsp", format[n]) < 0 {
		return p, n, invalid("agent printf: conversion %q", format[:min(n+1, len(format))])
	}
	p.verb = format[n]
	if p.verb == 'p' {
		p.size = printLong
	}
	return p, n + 1, nil
}

// print takes its arguments off the stack, where the last one is deepest. Above them lie a channel and a function, which gdb leaves 0.
func (m *agentMachine) print(p *agentPrint, env AgentEnv, out *agentOutput) error {
	if m.sp < p.args+2 {
		return errAgentStack
	}
	if out == nil {
		return errAgentPrint
	}
	m.sp -= 2
	for i := range p.pieces {
		piece := &p.pieces[i]
		if piece.verb == 0 {
			out.text = append(out.text, piece.text...)
			continue
		}
		m.sp--
		out.text = piece.append(out.text, m.stack[m.sp], env, out.long)
	}
	return nil
}

var errAgentPrint = errors.New("agent expression: prints where only a value is wanted")

// append formats one argument as C's printf does.
func (p *printPiece) append(dst []byte, v int64, env AgentEnv, long int) []byte {
	bits := [...]int{printInt: 32, printLong: long, printWide: 64}[p.size]
	unsigned := uint64(v) << (64 - bits) >> (64 - bits)
	switch p.verb {
	case 'd', 'i':
		return fmt.Appendf(dst, p.spec(p.flags, p.precision, 'd'), v<<(64-bits)>>(64-bits))
	case 'c':
		return fmt.Appendf(dst, p.spec(p.flags, -1, 's'), []byte{byte(v)})
	case 's':
		return fmt.Appendf(dst, p.spec(p.flags, -1, 's'), p.guestString(uint64(v), env))
	case 'p':
		if unsigned == 0 {
			return fmt.Appendf(dst, p.spec(p.flags, -1, 's'), "(nil)")
		}
		return fmt.Appendf(dst, p.spec(p.flags+"#", p.precision, 'x'), unsigned)
	}
	flags := p.flags
	if unsigned == 0 || p.verb == 'u' {
		flags = strings.ReplaceAll(flags, "#", "")
	}
	verb := p.verb
	if verb == 'u' {
		verb = 'd'
		flags = strings.NewReplacer("+", "", " ", "").Replace(flags)
	}
	return fmt.Appendf(dst, p.spec(flags, p.precision, verb), unsigned)
}

// spec is the conversion in the notation of package fmt, which has the same flags with the same meaning.
func (p *printPiece) spec(flags string, precision int, verb byte) string {
	s := "%" + flags
	if p.width > 0 {
		s += fmt.Sprint(p.width)
	}
	if precision >= 0 {
		s += fmt.Sprintf(".%d", precision)
	}
	return s + string(verb)
}

// guestString reads a string of the program's, as far as it can be read.
func (p *printPiece) guestString(addr uint64, env AgentEnv) []byte {
	if addr == 0 {
		return []byte("(null)")
	}
	limit := maxPrintString
	if p.precision >= 0 {
		limit = min(limit, p.precision)
	}
	var s []byte
	for len(s) < limit {
		c, err := env.AgentMemory(addr+uint64(len(s)), 1)
		if err != nil {
			return fmt.Appendf(s, "<%v>", err)
		}
		if c == 0 {
			break
		}
		s = append(s, byte(c))
	}
	return s
}
