package guest

import (
	"fmt"

	"forkscope/gdbstub"
)

// describe builds the target description: gdb's standard registers, then whatever else the processor has. It names its registers as gdb
// does, so names connect the two.
func (g *Guest) describe() error {
	desc := g.Arch().Registers.Describe("none")
	standard := make(map[string]bool)
	for _, f := range desc.Features {
		for _, r := range f.Registers {
			standard[r.Name] = true
		}
	}
	numbers := make(map[string]int)
	own := g.CPU().Registers()
	for i, r := range own {
		numbers[r.Name] = i
		if standard[r.Name] {
			continue
		}
		n := len(desc.Features)
		if desc.Features[n-1].Name != r.Feature {
			desc.Features = append(desc.Features, gdbstub.Feature{Name: r.Feature})
			n++
		}
		f := &desc.Features[n-1]
		f.Registers = append(f.Registers, gdbstub.Register{Name: r.Name, Bits: r.Bits, Type: r.Type, Group: r.Group})
	}
	if err := desc.Init(); err != nil {
		return err
	}
	g.numbers = nil
	for _, r := range desc.Registers() {
		i, ok := numbers[r.Name]
		if !ok || own[i].Bits != r.Bits {
			return fmt.Errorf("BUG: the CPU has no register %s of %d bits", r.Name, r.Bits)
		}
		g.numbers = append(g.numbers, i)
	}
	g.Description = desc
	g.PC, g.SP = desc.Generic("pc"), desc.Generic("sp")
	return nil
}

// Register reads a register of the processor by its number in the description. The bytes are valid until the next call.
func (g *Guest) Register(reg int) []byte {
	return g.CPU().ReadRegister(g.numbers[reg], g.scratch[:])
}

// SetRegister writes one.
func (g *Guest) SetRegister(reg int, value []byte) error {
	return g.Control.WriteRegister(g.numbers[reg], value)
}

// ShownPC is the program counter as the debugger sees it: on i386 an offset in the code segment, where the processor's PC, and with it
// every breakpoint's address, is linear.
func (g *Guest) ShownPC() uint64 { return LittleEndian(g.Register(g.PC)) }

// StackPointer is the processor's.
func (g *Guest) StackPointer() uint64 { return LittleEndian(g.Register(g.SP)) }

// Value reads a register of the processor by its name, 0 where it has none of it.
func (g *Guest) Value(name string) uint64 {
	reg := g.Description.Index(name)
	if reg < 0 {
		return 0
	}
	return LittleEndian(g.Register(reg))
}

// SetValue writes a register of the processor by its name.
func (g *Guest) SetValue(name string, v uint64) error {
	reg := g.Description.Index(name)
	if reg < 0 {
		return fmt.Errorf("BUG: there is no register %s", name)
	}
	b := make([]byte, g.Description.Registers()[reg].Bits/8)
	for i := range b {
		b[i] = byte(v)
		v >>= 8
	}
	return g.SetRegister(reg, b)
}

// SetResult makes the function that has just returned have returned v.
func (g *Guest) SetResult(v uint64) error { return g.SetValue(g.Arch().Function.Result, v) }

// RegisterName is a register's name by its number in the description.
func (g *Guest) RegisterName(reg int) string { return g.Description.Registers()[reg].Name }
