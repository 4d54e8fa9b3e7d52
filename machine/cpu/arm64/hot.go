package arm64

import "strings"

//go:generate go test -tags splice -run ^TestSpliced$ -update

// Most instructions that are executed are of few forms: ADD of 64-bit registers, LDR of 64 bits with an immediate. Each such form has a row of the
// type form, in its instruction's row, and a body, a function of hot_*.go. exec is a switch over all of them, with the bodies in place of calls;
// machine/cpu/splice writes it from interpret. What a form leaves aside (a miss in the TLB, a trap) its body returns as slow, and the function of the
// instruction's row does.

// outcome is how a body tells what comes next.
type outcome uint8

const (
	next  outcome = iota // the next op
	slow                 // nothing was done: the row's function is to do it
	taken                // a branch to offset
	fall                 // a branch that is not taken, or the end of the block
	away                 // a branch to the address that is in pc
)

// frame is what bodies know of the block that runs.
type frame struct {
	pc     uint64 // the address of its first instruction
	n      uint64 // how many instructions it has
	offset uint64 // where a branch goes, from pc on
	reads  *tlb   // for loads
	writes *tlb   // for stores
}

// form is a hot form of an instruction.
type form struct {
	name string
	// pattern has a 0 or 1 for each bit that words of this form have, from the top, and dots for the others; it may end early.
	pattern string
	// when looks at what the pattern cannot say. Nil accepts all.
	when func(w uint32) bool
	// body executes it: hotX(*CPU, *op, *frame) outcome, or with a variant as a last parameter if variant is not nil. No body
	// means that these words, though a later form's pattern has them, are left to the row's function.
	body    any
	variant *variant

	kind        uint16
	mask, value uint32
}

// variant is what is constant in a form of a body that serves many.
type variant struct {
	wide bool // 64-bit operands; else 32-bit ones
	op   operation
	b    source // the second operand
	// relation is what a comparison joined with a branch asks for.
	relation operation
	// Of loads and stores: the bytes of a register in memory, whether they are extended by their sign, and the addressing mode.
	bytes  uint64
	signed bool
	mode   mode
}

type operation uint8

const (
	opAdd operation = iota
	opSub
	opAnd
	opOrr
	opEor
	opBic
	opOrn
	opIncrement
	opInvert
	opNegate
	opEqual
	opNotEqual
	opLower  // unsigned
	opHigher // unsigned
	opLess
	opGreater
)

type source uint8

const (
	immediate    source = iota // op.imm
	register                   // rm
	shiftedLeft                // rm, by ra
	shiftedRight               // rm, by ra
	signExtended               // the low half of rm, then shifted left by ra
	zeroExtended
)

type mode uint8

const (
	plainOffset mode = iota // base and immediate
	registerOffset
	postIndexed
	preIndexed
)

// The kinds that are asked for by number; and the first that is not a form but a row.
const (
	kindEnd uint16 = iota
	kindUndefined
	kindBcond
	kindRow uint16 = 512
)

// special are the forms of these kinds, those before all others.
var special = []form{
	kindEnd:       {name: "End", body: hotEnd},
	kindUndefined: {name: "Undefined", body: hotUndefined},
	kindBcond:     {name: "Bcond", body: hotBcond},
}

// one is a form of a body, with a variant if that asks for one.
func one(name, pattern string, body any, v ...variant) []form {
	f := form{name: name, pattern: pattern, body: body}
	if v != nil {
		f.variant = &v[0]
	}
	return []form{f}
}

// both are the forms with operands of 64 and of 32 bits, between which bit 31 decides.
func both(name, pattern string, body any, v variant) []form {
	rest := strings.TrimPrefix(pattern, ".")
	wide := v
	wide.wide = true
	return append(one(name+"64", "1"+rest, body, wide), one(name+"32", "0"+rest, body, v)...)
}

// toSP are words whose result goes to SP: it is the row function's, since a change of SP's alignment changes how memory is reached.
var toSP = []form{{pattern: "........ ........ ........ ...11111"}}

// dispatch calls the body of o's form.
func dispatch(c *CPU, o *op, s *frame) outcome {
	if o.kind >= kindRow {
		return hotRow(c, o, s)
	}
	f := &forms[o.kind]
	if f.variant == nil {
		return f.body.(func(*CPU, *op, *frame) outcome)(c, o, s)
	}
	return f.body.(func(*CPU, *op, *frame, variant) outcome)(c, o, s, *f.variant)
}
