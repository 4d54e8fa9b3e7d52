package arm64

import "forkscope/machine/cpu"

// FaultWrite takes the Data Abort that a write of the program to va would raise; see cpu.CPU.
func (c *CPU) FaultWrite(va uint64) {
	if c.el != 0 {
		return
	}
	c.halted = false
	_, fsc, _ := c.walk(va, c.sys.ttbr0, c.sys.ttbr1)
	if fsc == 0 {
		fsc = fscPermission + 3
	}
	c.dataAbort(va, fsc, access{write: true})
}

// EnterSyscall takes the exception of svc #0 with the next instruction as its preferred return address; see cpu.CPU.
func (c *CPU) EnterSyscall() {
	if c.el != 0 {
		return
	}
	c.halted = false
	c.raise(ecSVC, 0, c.pc)
}

// Writable walks the tables of space, without effects.
func (c *CPU) Writable(space cpu.Space, va uint64) bool {
	e, fsc, _ := c.walk(va, uint64(space), c.sys.ttbr1)
	return fsc == 0 && e.perm>>permWrite&1 != 0
}
