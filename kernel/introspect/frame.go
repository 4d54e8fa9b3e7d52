package introspect

import "debug/elf"

// switchFrame lists where task_struct keeps the registers of a task that is not on the CPU. The names are Linux's.
func switchFrame(m elf.Machine) []struct{ register, path string } {
	type list = []struct{ register, path string }
	if m == elf.EM_AARCH64 {
		return list{
			{"x19", "thread.cpu_context.x19"}, {"x20", "thread.cpu_context.x20"}, {"x21", "thread.cpu_context.x21"},
			{"x22", "thread.cpu_context.x22"}, {"x23", "thread.cpu_context.x23"}, {"x24", "thread.cpu_context.x24"},
			{"x25", "thread.cpu_context.x25"}, {"x26", "thread.cpu_context.x26"}, {"x27", "thread.cpu_context.x27"},
			{"x28", "thread.cpu_context.x28"}, {"x29", "thread.cpu_context.fp"}, {"sp", "thread.cpu_context.sp"},
			{"pc", "thread.cpu_context.pc"},
		}
	}
	return list{{"esp", "thread.esp"}, {"eip", "thread.eip"}}
}

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
// On arm64 the frame holds the address cpu_switch_to returns to, and its last instruction, ret, is the first that the task
// executes when it comes back; so such a task is shown there, with that address in x30. A task that has never run is shown
// at ret_from_fork, where it will start.
func (k *Kernel) SwitchFrame(addr uint64) ([]Saved, error) {
	out := make([]Saved, 0, len(k.at.frame)+1)
	for _, r := range k.at.frame {
		v, err := k.read(addr, r.at)
		if err != nil {
			return nil, err
		}
		out = append(out, Saved{Register: r.name, Addr: addr + uint64(r.at.Offset), Value: v, Size: int(r.at.Size)})
	}
	if k.at.parked != 0 {
		pc := &out[len(out)-1]
		if pc.Value != k.at.fresh && pc.Value != 0 {
			out = append(out, Saved{Register: "x30", Addr: pc.Addr, Value: pc.Value, Size: pc.Size})
			out[len(out)-2] = Saved{Register: "pc", Value: k.at.parked}
		}
	}
	return out, nil
}
