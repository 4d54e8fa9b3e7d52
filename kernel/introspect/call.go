package introspect

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"strconv"
)

// CallFrame is a kernel function's call, seen at its first instruction.
type CallFrame struct {
	k   *Kernel
	reg func(name string) uint64
}

// CallFrame looks at the call of the kernel function whose first instruction the CPU is at; reg reads a CPU register by
// gdb's name. On i386 the arguments are on the stack above the return address (System V ABI i386, 3.2.3), on arm64 in x0 to
// x7, and the return address in x30 (AAPCS64, 6.4.1).
func (k *Kernel) CallFrame(reg func(name string) uint64) CallFrame { return CallFrame{k, reg} }

// Argument is the n-th argument, from 0, if it and those before are numbers no longer than a pointer. A narrower one has
// undefined bits above.
func (c CallFrame) Argument(n int) (uint64, error) {
	if c.k.Image.Machine == elf.EM_AARCH64 {
		if n > 7 {
			return 0, fmt.Errorf("argument %d is not in a register", n)
		}
		return c.reg("x" + strconv.Itoa(n)), nil
	}
	v, err := c.k.mem.pointerAt(c.reg("esp") + 4 + 4*uint64(n))
	if err != nil {
		return 0, fmt.Errorf("argument %d of a kernel function: %w", n, err)
	}
	return v, nil
}

// Return is the address that the function will return to.
func (c CallFrame) Return() (addr uint64, err error) {
	if c.k.Image.Machine == elf.EM_AARCH64 {
		return c.reg("x30"), nil
	}
	if addr, err = c.k.mem.pointerAt(c.reg("esp")); err != nil {
		return 0, fmt.Errorf("return address of a kernel function: %w", err)
	}
	return addr, nil
}

// SP is the stack pointer when the function has returned: with it a return to the same address by another task, or by a
// recursive call, is told apart.
func (c CallFrame) SP() uint64 {
	if c.k.Image.Machine == elf.EM_AARCH64 {
		return c.reg("sp")
	}
	return c.reg("esp") + 4
}

// Result is the function's result, once it has returned. A narrower one than a pointer has undefined bits above.
func (c CallFrame) Result() uint64 {
	if c.k.Image.Machine == elf.EM_AARCH64 {
		return c.reg("x0")
	}
	return c.reg("eax")
}

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
// below it; on arm64 nothing is written there, and on i386 the arguments and the return address.
func (k *Kernel) Call(function string, sp, ret uint64, args ...uint64) (Call, error) {
	pc, ok := k.types.Symbol(function)
	if !ok {
		return Call{}, fmt.Errorf("kernel image has no symbol %q", function)
	}
	sp &^= 15
	if k.Image.Machine == elf.EM_AARCH64 {
		if len(args) > 8 {
			return Call{}, fmt.Errorf("call of %s with %d arguments", function, len(args))
		}
		c := Call{SP: sp}
		for i, a := range args {
			c.Registers = append(c.Registers, RegisterValue{"x" + strconv.Itoa(i), a})
		}
		c.Registers = append(c.Registers, RegisterValue{"x29", 0}, RegisterValue{"x30", ret}, RegisterValue{"sp", sp}, RegisterValue{"pc", pc})
		return c, nil
	}
	c := Call{SP: (sp-4*uint64(len(args)))&^15 - 4}
	for _, v := range append([]uint64{ret}, args...) {
		c.Stack = binary.LittleEndian.AppendUint32(c.Stack, uint32(v))
	}
	c.Registers = []RegisterValue{{"ebp", 0}, {"esp", c.SP}, {"eip", pc}}
	return c, nil
}
