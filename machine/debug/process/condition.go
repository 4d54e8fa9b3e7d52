package process

import (
	"forkscope/gdbstub"
	"forkscope/machine/debug/guest"
)

// condition lets the conditions of a process's breakpoint look at the thread that has reached it. It is on the CPU.
type condition struct {
	p *phases
	t *thread
}

// AgentRegister implements gdbstub.AgentEnv.
func (c condition) AgentRegister(reg int) (uint64, error) { return c.p.regs.number(reg) }

// AgentMemory implements gdbstub.AgentEnv.
func (c condition) AgentMemory(addr uint64, size int) (uint64, error) {
	var b [8]byte
	n, err := c.p.memory.read(c.t, c.p.guest.Arch().Pointer(addr), b[:size])
	if err != nil || n < size {
		return 0, gdbstub.ErrFault
	}
	return guest.LittleEndian(b[:size]), nil
}
