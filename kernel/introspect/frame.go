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
// at ret_from_fork, where it will start.
func (k *Kernel) SwitchFrame(addr uint64) ([]Saved, error) {
	out := make([]Saved, 0, len(k.at.switched)+1)
	for _, r := range k.at.switched {
		v, err := k.mem.read(addr, r.at)
		if err != nil {
			return nil, err
		}
		out = append(out, Saved{Register: r.name, Addr: addr + uint64(r.at.Offset), Value: v, Size: int(r.at.Size)})
	}
	a := k.Image.Arch
	for i, pc := range out {
		if k.at.parked != 0 && pc.Register == a.Registers.PC && pc.Value != k.at.variables[retFromFork].addr && pc.Value != 0 {
			out[i] = Saved{Register: pc.Register, Value: k.at.parked}
			out = append(out, Saved{Register: a.Function.Return, Addr: pc.Addr, Value: pc.Value, Size: pc.Size})
			break
		}
	}
	return out, nil
}
