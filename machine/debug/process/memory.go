package process

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

// ReadMemory reads memory as a thread sees it. Pages that the program has not touched yet read as what it would find there; looking at
// them does not bring them in.
func (s State) ReadMemory(id gdbstub.ThreadID, va uint64, p []byte) (int, error) {
	t, err := s.find(id)
	if err != nil {
		return 0, err
	}
	return s.view.readMemory(t, va, p)
}

func (v *View) readMemory(t *thread, va uint64, p []byte) (int, error) {
	g := v.guest
	if !g.OS.UserAddress(va) {
		return 0, fmt.Errorf("%w at %#x", gdbstub.ErrFault, va)
	}
	if v.inUserMode(t) {
		if n, err := g.Read(g.CPU().Space(), va, p); n == len(p) && err == nil {
			return n, nil
		}
	}
	task, err := v.task(t)
	if err != nil {
		return 0, err
	}
	n, err := g.OS.ReadUser(&task, func(root, va uint64) (uint64, bool) { return g.CPU().Translate(cpu.Space(root), va) }, va, p)
	if n == 0 && err != nil {
		return 0, fmt.Errorf("%w: %w", gdbstub.ErrFault, err)
	}
	return n, nil
}

// WriteMemory writes memory as a thread sees it and as Linux does it for a debugger: copy on write is broken, so that a parent or child
// that shares the page keeps its own, and a page of a program's file stays as it is for others.
func (s State) WriteMemory(id gdbstub.ThreadID, va uint64, p []byte) (int, error) {
	t, err := s.find(id)
	if err != nil {
		return 0, err
	}
	s.view.guest.Forget()
	return s.view.writeMemory(t, va, p)
}

const pageSize = 1 << 12

// writeMemory writes page by page. What of the pages the program itself may not write at once is made its own by the program: a page fault
// of a write, after a system call that takes the write protection away for that moment, where there is one.
func (v *View) writeMemory(t *thread, va uint64, p []byte) (int, error) {
	if !v.guest.OS.UserAddress(va) {
		return 0, fmt.Errorf("%w at %#x", gdbstub.ErrFault, va)
	}
	done := 0
	for done < len(p) {
		n := min(len(p)-done, int(pageSize-va%pageSize))
		if err := v.writePage(t, va, p[done:done+n]); err != nil {
			if done > 0 {
				break
			}
			return 0, err
		}
		done += n
		va += uint64(n)
	}
	return done, nil
}

func (v *View) writePage(t *thread, va uint64, p []byte) error {
	task, err := v.task(t)
	if err != nil {
		return err
	}
	m, ok, err := v.guest.OS.MappingAt(&task, va)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", gdbstub.ErrFault, err)
	case !ok:
		return fmt.Errorf("%w at %#x", gdbstub.ErrFault, va)
	}
	root, err := v.guest.OS.PageTable(&task)
	if err != nil {
		return err
	}
	pa, ok := v.guest.CPU().Translate(v.guest.CPU().Space(), root)
	if !ok {
		return fmt.Errorf("%w: the page tables of thread %d", gdbstub.ErrFault, t.id.TID)
	}
	space := cpu.Space(pa)
	if !v.guest.CPU().Writable(space, va) {
		if err := v.makeWritable(t, &m, va); err != nil {
			return err
		}
	}
	n, err := v.guest.Write(space, va, p)
	if err == nil && n < len(p) {
		err = fmt.Errorf("%w at %#x", gdbstub.ErrFault, va+uint64(n))
	}
	return err
}
