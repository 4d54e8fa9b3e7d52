package introspect

import (
	"encoding/binary"
	"fmt"
)

// CallFrame is a kernel function's call, seen at its first instruction.
type CallFrame struct {
	k   *Kernel
	reg func(name string) uint64
}

// CallFrame looks at the call of the kernel function whose first instruction the CPU is at; reg reads a CPU register by
// gdb's name.
func (k *Kernel) CallFrame(reg func(name string) uint64) CallFrame { return CallFrame{k, reg} }

// Argument is the n-th argument, from 0, if it and those before are numbers no longer than a pointer. A narrower one has
// undefined bits above.
func (c CallFrame) Argument(n int) (uint64, error) {
	f := &c.k.Image.Arch.Function
	if n < len(f.Arguments) {
		return c.reg(f.Arguments[n]), nil
	}
	v, err := c.k.mem.pointerAt(c.SP() + uint64((n-len(f.Arguments))*c.k.Image.PointerSize))
	if err != nil {
		return 0, fmt.Errorf("argument %d of a kernel function: %w", n, err)
	}
	return v, nil
}

// Return is the address that the function will return to.
func (c CallFrame) Return() (addr uint64, err error) {
	a := c.k.Image.Arch
	if a.Function.Return != "" {
		return c.reg(a.Function.Return), nil
	}
	if addr, err = c.k.mem.pointerAt(c.reg(a.Registers.SP)); err != nil {
		return 0, fmt.Errorf("return address of a kernel function: %w", err)
	}
	return addr, nil
}

// SP is the stack pointer when the function has returned: with it a return to the same address by another task, or by a
// recursive call, is told apart.
func (c CallFrame) SP() uint64 {
	a := c.k.Image.Arch
	sp := c.reg(a.Registers.SP)
	if a.Function.Return == "" {
		sp += uint64(a.PointerSize()) // the return address
	}
	return sp
}

// Result is the function's result, once it has returned. A narrower one than a pointer has undefined bits above.
func (c CallFrame) Result() uint64 { return c.reg(c.k.Image.Arch.Function.Result) }

// RegisterValue is a value for a CPU register by gdb's name.
type RegisterValue struct {
	Register string
	Value    uint64
}

// Call is how a debugger makes the CPU call a kernel function: write Stack at SP, then set Registers.
type Call struct {
	SP        uint64
	Stack     []byte
	Registers []RegisterValue
}

// Call prepares the call of the kernel function of that name, to return to ret. sp is a kernel stack pointer with room
// below it, where what is not passed in registers is to be written.
func (k *Kernel) Call(function string, sp, ret uint64, args ...uint64) (Call, error) {
	pc, ok := k.types.Symbol(function)
	if !ok {
		return Call{}, fmt.Errorf("kernel image has no symbol %q", function)
	}
	a, word := k.Image.Arch, k.Image.Arch.PointerSize()
	inRegisters := min(len(args), len(a.Function.Arguments))
	const align = 16 // of the first argument on the stack, in every ABI
	c := Call{SP: (sp&^(align-1) - uint64((len(args)-inRegisters)*word)) &^ (align - 1)}
	push := func(v uint64) { c.Stack = append(c.Stack, binary.LittleEndian.AppendUint64(nil, v)[:word]...) }
	set := func(register string, v uint64) { c.Registers = append(c.Registers, RegisterValue{register, v}) }
	if a.Function.Return == "" {
		c.SP -= uint64(word)
		push(ret)
	} else {
		set(a.Function.Return, ret)
	}
	for i, v := range args {
		if i < inRegisters {
			set(a.Function.Arguments[i], v)
		} else {
			push(v)
		}
	}
	set(a.Registers.FP, 0)
	set(a.Registers.SP, c.SP)
	set(a.Registers.PC, pc)
	return c, nil
}
