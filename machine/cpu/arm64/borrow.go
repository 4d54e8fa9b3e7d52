package arm64

// SyscallNumber is X8, where Linux's ABI has the number of a system call.
func (c *CPU) SyscallNumber() uint64 { return c.x[8] }

// EnterKernel takes the Instruction Abort that a fetch of the next instruction would raise if its page had no level 3 descriptor;
// see cpu.CPU.
func (c *CPU) EnterKernel() {
	if c.el != 0 {
		return
	}
	c.halted = false // wfi may complete at any time (D1.17)
	c.instructionAbort(c.pc, fscTranslation+3)
}

// Settle has nothing to do: no instruction holds interrupts off until the next.
func (c *CPU) Settle() {}
