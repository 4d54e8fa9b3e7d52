package x86

import "forkscope/machine/cpu"

// FaultWrite takes the page fault that a write of the program to va would raise; see cpu.CPU.
func (c *CPU) FaultWrite(va uint64) {
	if c.cpl != 3 || c.shutdown != "" {
		return
	}
	code := uint32(pfUser | pfWrite)
	if _, _, ok := c.find(c.Space(), va); ok {
		code |= pfProtection
	}
	c.shadow = shadowNone
	c.pageFault(va, code)
	c.deliver()
}

// EnterSyscall takes interrupt 0x80, or in 64-bit mode SYSCALL, with the next instruction as its return address; see cpu.CPU.
func (c *CPU) EnterSyscall() {
	if c.cpl != 3 || c.shutdown != "" {
		return
	}
	c.shadow = shadowNone
	c.base, c.idx = c.clk.Retired, 0
	if c.mode&mode64 != 0 {
		c.syscall()
		c.entered()
		return
	}
	if !c.softInterrupt(syscallVector) {
		c.deliver()
		return
	}
	c.entered()
}

// Writable walks the tables of space for va without side effects.
func (c *CPU) Writable(space cpu.Space, va uint64) bool {
	const both = pteUser | pteWrite
	_, rights, ok := c.find(space, va)
	return ok && rights&both == both
}
