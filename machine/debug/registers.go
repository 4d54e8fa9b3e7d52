package debug

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine"
)

// describe builds the target description: gdb's standard registers, then whatever else the CPU has. The CPU names its
// registers as gdb does, so names connect the two.
func (d *Debugger) describe(arch string) error {
	desc := gdbstub.I386("none")
	if arch == machine.ARM64 {
		desc = gdbstub.AArch64("none")
	}
	standard := make(map[string]bool)
	for _, f := range desc.Features {
		for _, r := range f.Registers {
			standard[r.Name] = true
		}
	}
	numbers := make(map[string]int)
	for i, r := range d.cpu.Registers() {
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
	d.numbers = nil
	for _, r := range desc.Registers() {
		i, ok := numbers[r.Name]
		if !ok || d.cpu.Registers()[i].Bits != r.Bits {
			return fmt.Errorf("BUG: the CPU has no register %s of %d bits", r.Name, r.Bits)
		}
		d.numbers = append(d.numbers, i)
	}
	d.description = desc
	d.pc, d.sp = desc.Generic("pc"), desc.Generic("sp")
	return nil
}

// register reads a register of the CPU by its number in the description. The bytes are valid until the next call.
func (d *Debugger) register(reg int) []byte { return d.cpu.ReadRegister(d.numbers[reg], d.scratch[:]) }

// shownPC is the program counter as the debugger sees it: on i386 an offset in the code segment, where the CPU's PC, and
// with it every breakpoint's address, is linear.
func (d *Debugger) shownPC() uint64 { return littleEndian(d.register(d.pc)) }

// ReadRegisters implements gdbstub.Registers. The task on the CPU has the CPU's registers; any other has those of its
// switch frame, and the rest are not available.
func (d *Debugger) ReadRegisters(id gdbstub.ThreadID, f *gdbstub.RegisterFile) error {
	if t := d.thread(id); t != nil {
		return d.readUserRegisters(t, f)
	}
	if d.kernel == nil || id == d.onCPU() {
		for i := range d.numbers {
			f.Set(i, d.register(i))
		}
		return nil
	}
	t, err := d.find(id)
	if err != nil {
		return err
	}
	frame, err := d.kernel.SwitchFrame(t.Addr)
	if err != nil {
		return err
	}
	for _, r := range frame {
		f.SetUint(d.description.Index(r.Register), r.Value)
	}
	return nil
}

// WriteRegister implements gdbstub.Registers. For a task off the CPU it changes the switch frame.
func (d *Debugger) WriteRegister(id gdbstub.ThreadID, reg int, value []byte) error {
	if t := d.thread(id); t != nil {
		d.forget()
		return d.writeUserRegister(t, reg, value)
	}
	if d.kernel == nil || id == d.onCPU() {
		if err := d.cpu.WriteRegister(d.numbers[reg], value); err != nil {
			return err
		}
		d.forget()
		d.reported.valid = d.reported.valid && reg != d.pc
		return nil
	}
	t, err := d.find(id)
	if err != nil {
		return err
	}
	frame, err := d.kernel.SwitchFrame(t.Addr)
	if err != nil {
		return err
	}
	for _, r := range frame {
		if d.description.Index(r.Register) == reg && r.Addr != 0 {
			_, err := d.WriteMemory(d.onCPU(), r.Addr, value)
			return err
		}
	}
	return fmt.Errorf("%w: the switch frame of task %d does not hold %s", gdbstub.ErrUnavailable, t.PID, d.description.Registers()[reg].Name)
}

// AgentRegister implements gdbstub.AgentEnv for the task on the CPU.
func (d *Debugger) AgentRegister(reg int) (uint64, error) {
	if reg < 0 || reg >= len(d.numbers) {
		return 0, fmt.Errorf("%w: register %d", gdbstub.ErrInvalid, reg)
	}
	b := d.register(reg)
	if len(b) <= 8 {
		return littleEndian(b), nil
	}
	return 0, fmt.Errorf("%w: register %s in a condition", gdbstub.ErrInvalid, d.description.Registers()[reg].Name)
}

// AgentMemory implements gdbstub.AgentEnv for the task on the CPU.
func (d *Debugger) AgentMemory(addr uint64, size int) (uint64, error) {
	if d.machine.Arch() == machine.I386 {
		addr = uint64(uint32(addr))
	}
	b := d.scratch[:size]
	if err := (kernelMemory{d}).ReadMemory(addr, b); err != nil {
		return 0, err
	}
	return littleEndian(b), nil
}

func littleEndian(b []byte) uint64 {
	var v uint64
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v
}
