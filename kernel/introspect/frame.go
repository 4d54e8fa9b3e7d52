package introspect

// Saved is a register that guest memory holds for a task.
type Saved struct {
	// Register is gdb's name of it; Addr the kernel virtual address it is kept at, 0 for one that follows from where the task is.
	Register string
	Addr     uint64
	Value    uint64
	// Size is the length in bytes of what is kept at Addr; the register's own bytes come first, as all guests are little-endian.
	Size int
	// Live marks a register of UserFrame that, for the task on the CPU, is to be taken from the CPU: the kernel saves it only
	// when it switches to another task.
	Live bool
}

// SwitchFrame returns the registers saved for the task at addr when it left the CPU. Registers that cpu_switch_to does
// not save (its caller did, or they were dead) are not in the list.
//
// Where a kernel's frame holds the address cpu_switch_to returns to (arm64), its last instruction, ret, is the first that the task
// executes when it comes back; so such a task is shown there, with that address in the register for it. A task that has never run is shown
// at ret_from_fork, where it will start. Where the frame is on the stack (x86-64), so is that address, and the task is shown there, with the frame popped.
func (k *Kernel) SwitchFrame(addr uint64) ([]Saved, error) {
	out := make([]Saved, 0, len(k.at.switched)+len(k.at.frame.registers)+1)
	add := func(base uint64, list []savedRegister) error {
		for _, r := range list {
			v, err := k.mem.read(base, r.at)
			if err != nil {
				return err
			}
			out = append(out, Saved{Register: r.name, Addr: base + uint64(r.at.Offset), Value: v, Size: int(r.at.Size)})
		}
		return nil
	}
	if err := add(addr, k.at.switched); err != nil {
		return nil, err
	}
	a := k.Image.Arch
	if f := &k.at.frame; len(f.registers) > 0 {
		top, err := k.mem.read(addr, f.pointer)
		if err != nil {
			return nil, err
		}
		if err := add(top, f.registers); err != nil {
			return nil, err
		}
		return append(out, Saved{Register: a.Registers.SP, Value: top + f.size}), nil
	}
	for i, pc := range out {
		if k.at.parked != 0 && pc.Register == a.Registers.PC && pc.Value != k.at.variables[retFromFork].addr && pc.Value != 0 {
			out[i] = Saved{Register: pc.Register, Value: k.at.parked}
			out = append(out, Saved{Register: a.Function.Return, Addr: pc.Addr, Value: pc.Value, Size: pc.Size})
			break
		}
	}
	return out, nil
}
