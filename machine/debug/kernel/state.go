package kernel

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

// State is the memory and the registers of the kernel's tasks.
type State struct{ View *View }

// space is the page-table root of a task: its own mm's, or the CPU's for the task on it and for kernel threads.
func (s State) space(id gdbstub.ThreadID) (cpu.Space, error) {
	v, g := s.View, s.View.guest
	if g.OS == nil || id == v.OnCPU() {
		return g.CPU().Space(), nil
	}
	t, err := v.find(id)
	if err != nil {
		return 0, err
	}
	root, err := g.OS.PageTable(&t)
	if err != nil {
		return 0, err
	}
	if root == 0 {
		return g.CPU().Space(), nil
	}
	pa, ok := g.CPU().Translate(g.CPU().Space(), root)
	if !ok {
		return 0, fmt.Errorf("%w: the page tables of task %d at %#x", gdbstub.ErrFault, t.PID, root)
	}
	return cpu.Space(pa), nil
}

// ReadMemory reads memory as a task sees it. Devices are not memory: reading one could change it.
func (s State) ReadMemory(id gdbstub.ThreadID, addr uint64, dst []byte) (int, error) {
	v := s.View
	space, err := s.space(id)
	if err != nil {
		return 0, err
	}
	return v.guest.Read(space, addr, dst)
}

// WriteMemory writes memory as a task sees it. Like the kernel's own access by ptrace it heeds no write protection, but it does not
// break copy on write: a page shared by parent and child changes in both.
func (s State) WriteMemory(id gdbstub.ThreadID, addr uint64, src []byte) (int, error) {
	v := s.View
	space, err := s.space(id)
	if err != nil {
		return 0, err
	}
	v.guest.Forget()
	return v.guest.Write(space, addr, src)
}

// ReadPhysical implements gdbstub.PhysicalMemory.
func (s State) ReadPhysical(addr uint64, dst []byte) (int, error) {
	return physical(s.View.guest.ReadPhysical(addr, dst), addr, len(dst))
}

// WritePhysical implements gdbstub.PhysicalMemory.
func (s State) WritePhysical(addr uint64, src []byte) (int, error) {
	s.View.guest.Forget()
	return physical(s.View.guest.WritePhysical(addr, src), addr, len(src))
}

func physical(n int, addr uint64, wanted int) (int, error) {
	if n == 0 && wanted > 0 {
		return 0, fmt.Errorf("%w: no RAM at physical address %#x", gdbstub.ErrFault, addr)
	}
	return n, nil
}

// ReadRegisters reads a task's registers. The task on the CPU has the CPU's; any other has those of its switch frame, and the rest are
// not available.
func (s State) ReadRegisters(id gdbstub.ThreadID, f *gdbstub.RegisterFile) error {
	v, g := s.View, s.View.guest
	if g.OS == nil || id == v.OnCPU() {
		for i := range g.Description.Registers() {
			f.Set(i, g.Register(i))
		}
		return nil
	}
	t, err := v.find(id)
	if err != nil {
		return err
	}
	frame, err := g.OS.SwitchFrame(t.Addr)
	if err != nil {
		return err
	}
	for _, r := range frame {
		f.SetUint(g.Description.Index(r.Register), r.Value)
	}
	return nil
}

// WriteRegister changes a register of a task. For one off the CPU it changes the switch frame.
func (s State) WriteRegister(id gdbstub.ThreadID, reg int, value []byte) error {
	v, g := s.View, s.View.guest
	if g.OS == nil || id == v.OnCPU() {
		if err := g.SetRegister(reg, value); err != nil {
			return err
		}
		g.Forget()
		v.reported.valid = v.reported.valid && reg != g.PC
		return nil
	}
	t, err := v.find(id)
	if err != nil {
		return err
	}
	frame, err := g.OS.SwitchFrame(t.Addr)
	if err != nil {
		return err
	}
	for _, r := range frame {
		if g.Description.Index(r.Register) == reg && r.Addr != 0 {
			_, err := s.WriteMemory(v.OnCPU(), r.Addr, value)
			return err
		}
	}
	return fmt.Errorf("%w: the switch frame of task %d does not hold %s", gdbstub.ErrUnavailable, t.PID, g.RegisterName(reg))
}
