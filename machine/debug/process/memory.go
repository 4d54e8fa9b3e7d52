package process

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

// memory reads the memory of processes.
type memory struct {
	*scene
	regs *registers
}

// read reads it as a thread sees it. Pages that the program has not touched yet read as what it would find there; looking at them does not
// bring them in.
func (m *memory) read(t *thread, va uint64, p []byte) (int, error) {
	g := m.guest
	if !g.OS.UserAddress(va) {
		return 0, fmt.Errorf("%w at %#x", gdbstub.ErrFault, va)
	}
	if m.inUserMode(t) {
		if n, err := g.Read(g.CPU().Space(), va, p); n == len(p) && err == nil {
			return n, nil
		}
	}
	task, err := m.task(t)
	if err != nil {
		return 0, err
	}
	n, err := g.OS.ReadUser(&task, func(root, va uint64) (uint64, bool) { return g.CPU().Translate(cpu.Space(root), va) }, va, p)
	if n == 0 && err != nil {
		return 0, fmt.Errorf("%w: %w", gdbstub.ErrFault, err)
	}
	return n, nil
}

const pageSize = 1 << 12
