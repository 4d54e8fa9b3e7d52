package x86

// SyscallNumber is EAX, where Linux's ABI has the number of a system call.
func (c *CPU) SyscallNumber() uint64 { return c.r[regEAX] & c.mask }

// syscallVector is the interrupt by which Linux's programs call their kernel.
const syscallVector = 0x80

// stopsAtSyscall says whether the system call instruction that is about to execute is to end Run instead. Virtual-8086 code makes no
// system calls: there the instruction is its monitor's affair.
func (c *CPU) stopsAtSyscall() bool {
	s := c.orders.Syscalls
	if s == nil || c.cpl != 3 || c.eflags&flagVM != 0 || c.orders.Pass || !s.Has(c.SyscallNumber()) {
		return false
	}
	c.atSyscall = true
	return true
}

// EnterKernel takes the page fault that a fetch of the next instruction would raise if its page were not mapped; see cpu.CPU. The
// error code says "not present", the one cause that a kernel finds nothing wrong with once the page is there.
func (c *CPU) EnterKernel() {
	if c.cpl != 3 || c.shutdown != "" {
		return
	}
	c.shadow = shadowNone
	c.pageFault(c.PC(), pfUser|pfFetch)
	c.deliver()
}

// Settle ends the interrupt shadow of STI, MOV SS or POP SS.
func (c *CPU) Settle() { c.shadow = shadowNone }
