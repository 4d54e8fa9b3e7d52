package gdbstub

import (
	"errors"
	"fmt"
)

// AgentEnv is what an agent expression can see: the thread that reached the breakpoint.
type AgentEnv interface {
	// AgentRegister is the register's value, zero-extended; registers are numbered as in the Description.
	AgentRegister(reg int) (uint64, error)
	// AgentMemory is the little-endian value of size 1, 2, 4 or 8 bytes of the thread's memory at addr, zero-extended.
	// The address may have more bits than the target's pointers; the excess counts for nothing.
	AgentMemory(addr uint64, size int) (uint64, error)
}

// AgentExpr is a checked agent expression (gdb manual, appendix "The GDB Agent Expression Mechanism"), the form in
// which gdb sends a breakpoint's conditions and commands. It holds no state: it may be evaluated any number of times.
type AgentExpr struct {
	code   []byte
	ops    []agentOp
	prints []agentPrint // what printf ops print
}

// agentOp is one decoded bytecode. For jumps arg is the index into ops, for printf that into prints.
type agentOp struct {
	op  byte
	arg int64
}

// The bytecodes and their numbers (gdb manual, "Bytecode Descriptions"). The floating-point ones, which no gdb ever
// sends, and those for tracepoints are not among them.
const (
	axAdd         = 0x02
	axSub         = 0x03
	axMul         = 0x04
	axDivSigned   = 0x05
	axDivUnsigned = 0x06
	axRemSigned   = 0x07
	axRemUnsigned = 0x08
	axLsh         = 0x09
	axRshSigned   = 0x0a
	axRshUnsigned = 0x0b
	axLogNot      = 0x0e
	axBitAnd      = 0x0f
	axBitOr       = 0x10
	axBitXor      = 0x11
	axBitNot      = 0x12
	axEqual       = 0x13
	axLessSigned  = 0x14
	axLessUns     = 0x15
	axExt         = 0x16
	axRef8        = 0x17
	axRef16       = 0x18
	axRef32       = 0x19
	axRef64       = 0x1a
	axIfGoto      = 0x20
	axGoto        = 0x21
	axConst8      = 0x22
	axConst16     = 0x23
	axConst32     = 0x24
	axConst64     = 0x25
	axReg         = 0x26
	axEnd         = 0x27
	axDup         = 0x28
	axPop         = 0x29
	axZeroExt     = 0x2a
	axSwap        = 0x2b
	axPick        = 0x32
	axRot         = 0x33
	axPrintf      = 0x34
)

// axOperand gives the operand's bytes per bytecode; -1 marks numbers that are not bytecodes of ours.
var axOperand = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for _, op := range []byte{axAdd, axSub, axMul, axDivSigned, axDivUnsigned, axRemSigned, axRemUnsigned, axLsh, axRshSigned,
		axRshUnsigned, axLogNot, axBitAnd, axBitOr, axBitXor, axBitNot, axEqual, axLessSigned, axLessUns,
		axRef8, axRef16, axRef32, axRef64, axEnd, axDup, axPop, axSwap, axRot} {
		t[op] = 0
	}
	for _, op := range []byte{axExt, axZeroExt, axConst8, axPick} {
		t[op] = 1
	}
	for _, op := range []byte{axIfGoto, axGoto, axConst16, axReg} {
		t[op] = 2
	}
	t[axPrintf] = 3 // the text that follows not counted
	t[axConst32], t[axConst64] = 4, 8
	return t
}()

const (
	axMaxCode  = 1 << 16 // jump operands have 16 bits, so no longer expression makes sense
	axMaxStack = 64
	// axMaxSteps bounds one evaluation: gdb never generates a loop, but a packet can hold one.
	axMaxSteps = 1 << 14
)

// Errors of an evaluation; memory and register errors of the environment come through as they are.
var (
	errAgentStack  = errors.New("agent expression: stack over- or underflow")
	errAgentDivide = errors.New("agent expression: division by zero")
	errAgentLoop   = errors.New("agent expression: does not end")
)

// ParseAgentExpr decodes and checks an expression: all bytecodes known, all jumps to the start of one, and an end. It
// keeps no reference to code.
func ParseAgentExpr(code []byte) (*AgentExpr, error) {
	if len(code) == 0 || len(code) > axMaxCode {
		return nil, invalid("agent expression of %d bytes", len(code))
	}
	e := &AgentExpr{code: append([]byte(nil), code...)}
	index := make([]int32, len(code)) // byte offset → number of the op that starts there, plus 1
	for i := 0; i < len(code); {
		n, err := e.decode(i)
		if err != nil {
			return nil, err
		}
		index[i] = int32(len(e.ops))
		i += n
	}
	for i := range e.ops {
		if o := &e.ops[i]; o.op == axIfGoto || o.op == axGoto {
			if o.arg >= int64(len(code)) || index[o.arg] == 0 {
				return nil, invalid("agent expression: jump to %d", o.arg)
			}
			o.arg = int64(index[o.arg]) - 1
		}
	}
	return e, nil
}

// decode adds the op that begins at offset i of the code, and returns how many bytes it has.
func (e *AgentExpr) decode(i int) (int, error) {
	op, rest := e.code[i], e.code[i+1:]
	n := int(axOperand[op])
	if n < 0 {
		return 0, invalid("agent expression: bytecode %#02x at %d", op, i)
	}
	if n > len(rest) {
		return 0, invalid("agent expression: operand of %#02x at %d cut off", op, i)
	}
	var arg uint64
	for _, b := range rest[:n] {
		arg = arg<<8 | uint64(b)
	}
	switch op {
	case axExt, axZeroExt:
		if arg == 0 || arg > 64 {
			return 0, invalid("agent expression: extension from %d bits", arg)
		}
	case axPrintf:
		length := int(arg & 0xffff)
		if length > len(rest)-n {
			return 0, invalid("agent expression: text of printf at %d cut off", i)
		}
		p, err := parseAgentPrint(rest[n:n+length], int(arg>>16))
		if err != nil {
			return 0, err
		}
		arg = uint64(len(e.prints))
		e.prints = append(e.prints, p)
		n += length
	}
	e.ops = append(e.ops, agentOp{op, int64(arg)})
	return 1 + n, nil
}

// Code is the expression's bytes as they came; the caller must not change them.
func (e *AgentExpr) Code() []byte { return e.code }

// Eval runs the expression and returns what is on top of the stack at its end. It allocates nothing.
func (e *AgentExpr) Eval(env AgentEnv) (int64, error) {
	var m agentMachine
	return m.run(e, env, nil)
}

// agentMachine is the state of one evaluation. Its stack holds sp values.
type agentMachine struct {
	stack [axMaxStack + 1]int64
	sp    int
}

func (m *agentMachine) push(v int64) {
	m.stack[m.sp] = v
	m.sp++
}

// run evaluates an expression. What it prints goes to out, which may be nil for one that prints nothing.
func (m *agentMachine) run(e *AgentExpr, env AgentEnv, out *agentOutput) (int64, error) {
	for steps, pc := 0, 0; steps < axMaxSteps; steps++ {
		if pc >= len(e.ops) {
			return 0, fmt.Errorf("agent expression: %w: runs off its end", ErrInvalid)
		}
		o := e.ops[pc]
		pc++
		if m.sp < int(axPops[o.op]) || m.sp >= axMaxStack {
			return 0, errAgentStack
		}
		switch o.op {
		case axConst8, axConst16, axConst32, axConst64:
			m.push(o.arg)
		case axReg:
			v, err := env.AgentRegister(int(o.arg))
			if err != nil {
				return 0, err
			}
			m.push(int64(v))
		case axRef8, axRef16, axRef32, axRef64:
			top := &m.stack[m.sp-1]
			v, err := env.AgentMemory(uint64(*top), 1<<(o.op-axRef8))
			if err != nil {
				return 0, err
			}
			*top = int64(v)
		case axIfGoto:
			m.sp--
			if m.stack[m.sp] != 0 {
				pc = int(o.arg)
			}
		case axGoto:
			pc = int(o.arg)
		case axEnd:
			if m.sp == 0 && out == nil {
				return 0, errAgentStack
			}
			return m.stack[max(m.sp-1, 0)], nil
		case axPrintf:
			if err := m.print(&e.prints[o.arg], env, out); err != nil {
				return 0, err
			}
		default:
			if err := m.compute(o); err != nil {
				return 0, err
			}
		}
	}
	return 0, errAgentLoop
}

// compute does an op that needs the stack alone.
func (m *agentMachine) compute(o agentOp) error {
	top := &m.stack[m.sp-1]
	switch o.op {
	case axExt:
		shift := uint(64 - o.arg)
		*top = *top << shift >> shift
	case axZeroExt:
		shift := uint(64 - o.arg)
		*top = int64(uint64(*top) << shift >> shift)
	case axLogNot:
		*top = truth(*top == 0)
	case axBitNot:
		*top = ^*top
	case axDup:
		m.push(*top)
	case axPop:
		m.sp--
	case axPick:
		if o.arg >= int64(m.sp) {
			return errAgentStack
		}
		m.push(m.stack[m.sp-1-int(o.arg)])
	case axSwap:
		below := &m.stack[m.sp-2]
		*below, *top = *top, *below
	case axRot:
		// a b c ⇒ c a b, the top on the right.
		s := m.stack[m.sp-3 : m.sp]
		s[0], s[1], s[2] = s[2], s[0], s[1]
	default:
		v, err := binaryOp(o.op, m.stack[m.sp-2], *top)
		if err != nil {
			return err
		}
		m.sp--
		m.stack[m.sp-1] = v
	}
	return nil
}

// binaryOp computes a op b, b having been on top of the stack.
func binaryOp(op byte, a, b int64) (int64, error) {
	switch op {
	case axAdd:
		return a + b, nil
	case axSub:
		return a - b, nil
	case axMul:
		return a * b, nil
	case axDivSigned, axDivUnsigned, axRemSigned, axRemUnsigned:
		if b == 0 {
			return 0, errAgentDivide
		}
		switch op {
		case axDivSigned:
			return a / b, nil
		case axDivUnsigned:
			return int64(uint64(a) / uint64(b)), nil
		case axRemSigned:
			return a % b, nil
		}
		return int64(uint64(a) % uint64(b)), nil
	case axLsh:
		return a << uint64(b), nil
	case axRshSigned:
		return a >> uint64(b), nil
	case axRshUnsigned:
		return int64(uint64(a) >> uint64(b)), nil
	case axBitAnd:
		return a & b, nil
	case axBitOr:
		return a | b, nil
	case axBitXor:
		return a ^ b, nil
	case axEqual:
		return truth(a == b), nil
	case axLessSigned:
		return truth(a < b), nil
	case axLessUns:
		return truth(uint64(a) < uint64(b)), nil
	}
	panic(fmt.Sprintf("BUG: agent bytecode %#02x passed the check", op))
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// axPops is how many values each bytecode needs on the stack.
var axPops = func() (t [256]int8) {
	for i := range t {
		t[i] = 2 // the binary operators, and swap
	}
	for _, op := range []byte{axConst8, axConst16, axConst32, axConst64, axReg, axGoto, axEnd} {
		t[op] = 0
	}
	for _, op := range []byte{axRef8, axRef16, axRef32, axRef64, axExt, axZeroExt, axLogNot, axBitNot, axDup, axPop, axPick,
		axIfGoto, axPrintf} {
		t[op] = 1
	}
	t[axRot] = 3
	return t
}()
