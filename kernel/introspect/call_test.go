package introspect

import (
	"debug/elf"
	"encoding/binary"
	"testing"

	"forkscope/machine/cpu/arch"
)

// toys are architectures that there are no machines of: their ways to call functions lie between those of the ones that there are.
var toys = []*arch.Arch{
	{ // x86-64's way, with fewer registers: arguments in registers, then on the stack, as the return address is
		Name: "toy64", Class: elf.ELFCLASS64, Registers: arch.Registers{PC: "pc", SP: "sp", FP: "fp"},
		Function: arch.Function{Arguments: []string{"a", "b"}, Result: "r"},
	},
	{ // 32 bits, a register for the return address, all arguments on the stack
		Name: "toy32", Class: elf.ELFCLASS32, Registers: arch.Registers{PC: "pc", SP: "sp", FP: "fp"},
		Function: arch.Function{Result: "r", Return: "link"},
	},
}

// symbols are all that a call asks an image's types for.
type symbols struct{ Types }

func (symbols) Symbol(name string) (uint64, bool) { return 0x4000, name == "function" }

// A call that was prepared is seen by the function as it was meant, on whatever architecture.
func TestCalls(t *testing.T) {
	for _, a := range append(arch.All(), toys...) {
		t.Run(a.Name, func(t *testing.T) {
			memory := fakeMemory{}
			image := &Image{Arch: a, Order: binary.LittleEndian, PointerSize: a.PointerSize()}
			k := &Kernel{Image: image, types: symbols{}, mem: words{Memory: memory, order: image.Order, pointer: image.PointerSize}}
			args := []uint64{11, 12, 13, 14, 15, 16, 17, 18, 19, 20}
			const top, ret = 0x8007, 0x5000
			call, err := k.Call("function", top, ret, args...)
			if err != nil {
				t.Fatal(err)
			}
			memory.write(call.SP, call.Stack)
			registers := map[string]uint64{}
			for _, r := range call.Registers {
				registers[r.Register] = r.Value
			}
			frame := k.CallFrame(func(name string) uint64 {
				v, ok := registers[name]
				if !ok {
					t.Errorf("register %s was not set", name)
				}
				return v
			})
			for i, want := range args {
				if got, err := frame.Argument(i); got != want || err != nil {
					t.Errorf("argument %d is %d, %v", i, got, err)
				}
			}
			if got, err := frame.Return(); got != ret || err != nil {
				t.Errorf("it returns to %#x, %v", got, err)
			}
			if sp := frame.SP(); sp%16 != 0 || sp > top || call.SP+uint64(len(call.Stack)) > top {
				t.Errorf("the arguments on the stack are at %#x, %d bytes from %#x on, where there is room below %#x", sp, len(call.Stack), call.SP, top)
			}
			if registers[a.Registers.PC] != 0x4000 || registers[a.Registers.SP] != call.SP {
				t.Errorf("pc and sp are %v", registers)
			}
			if _, err := k.Call("nothing", top, ret); err == nil {
				t.Error("a function that there is not was called")
			}
		})
	}
}
