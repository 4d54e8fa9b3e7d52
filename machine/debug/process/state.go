package process

import (
	"fmt"

	"forkscope/gdbstub"
)

// State is the registers and the memory of a process's threads.
type State struct{ view *View }

// State returns them.
func (v *View) State() State { return State{v} }

// find is the thread with an id.
func (s State) find(id gdbstub.ThreadID) (*thread, error) {
	if t := s.view.scene.set.thread(id); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("%w: no thread %d", gdbstub.ErrNotFound, id.TID)
}

// ReadRegisters fills in the user-mode registers of a thread, wherever they are.
func (s State) ReadRegisters(id gdbstub.ThreadID, f *gdbstub.RegisterFile) error {
	t, err := s.find(id)
	if err != nil {
		return err
	}
	return s.view.regs.read(t, f)
}

// WriteRegister changes a user-mode register of a thread. One that sleeps is taken out of its system call first.
func (s State) WriteRegister(id gdbstub.ThreadID, reg int, value []byte) error {
	t, err := s.find(id)
	if err != nil {
		return err
	}
	s.view.scene.guest.Forget()
	if err := s.view.errands.rouse(t); err != nil {
		return err
	}
	return s.view.regs.write(t, reg, value)
}

// ReadMemory reads memory as a thread sees it. Pages that the program has not touched yet read as what it would find there; looking at
// them does not bring them in.
func (s State) ReadMemory(id gdbstub.ThreadID, va uint64, p []byte) (int, error) {
	t, err := s.find(id)
	if err != nil {
		return 0, err
	}
	return s.view.memory.read(t, va, p)
}

// WriteMemory writes memory as a thread sees it and as Linux does it for a debugger: copy on write is broken, so that a parent or child
// that shares the page keeps its own, and a page of a program's file stays as it is for others.
func (s State) WriteMemory(id gdbstub.ThreadID, va uint64, p []byte) (int, error) {
	t, err := s.find(id)
	if err != nil {
		return 0, err
	}
	s.view.scene.guest.Forget()
	return s.view.errands.write(t, va, p)
}
