package process

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

// write writes page by page. What of the pages the program itself may not write at once is made its own by the program: a page fault
// of a write, after a system call that takes the write protection away for that moment, where there is one.
func (e *errands) write(t *thread, va uint64, p []byte) (int, error) {
	if !e.guest.OS.UserAddress(va) {
		return 0, fmt.Errorf("%w at %#x", gdbstub.ErrFault, va)
	}
	done := 0
	for done < len(p) {
		n := min(len(p)-done, int(pageSize-va%pageSize))
		if err := e.writePage(t, va, p[done:done+n]); err != nil {
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

func (e *errands) writePage(t *thread, va uint64, p []byte) error {
	task, err := e.task(t)
	if err != nil {
		return err
	}
	m, ok, err := e.guest.OS.MappingAt(&task, va)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", gdbstub.ErrFault, err)
	case !ok:
		return fmt.Errorf("%w at %#x", gdbstub.ErrFault, va)
	}
	root, err := e.guest.OS.PageTable(&task)
	if err != nil {
		return err
	}
	pa, ok := e.guest.CPU().Translate(e.guest.CPU().Space(), root)
	if !ok {
		return fmt.Errorf("%w: the page tables of thread %d", gdbstub.ErrFault, t.id.TID)
	}
	space := cpu.Space(pa)
	if !e.guest.CPU().Writable(space, va) {
		if err := e.makeWritable(t, &m, va); err != nil {
			return err
		}
	}
	n, err := e.guest.Write(space, va, p)
	if err == nil && n < len(p) {
		err = fmt.Errorf("%w at %#x", gdbstub.ErrFault, va+uint64(n))
	}
	return err
}
