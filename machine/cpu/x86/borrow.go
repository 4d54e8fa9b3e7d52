package x86

import "forkscope/machine/cpu"

// SyscallNumber is EAX, where Linux's ABI has the number of a system call.
func (c *CPU) SyscallNumber() uint64 { return uint64(c.r[regEAX]) }

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
	c.pageFault(uint32(c.PC()), pfUser|pfFetch)
	c.deliver()
}

// Settle ends the interrupt shadow of STI, MOV SS or POP SS.
func (c *CPU) Settle() { c.shadow = shadowNone }

// captured is the processor's state proper: no memory, nothing decoded or cached, and not the level of INTR, which is a device's.
type captured struct {
	r                  [16]uint32
	fres, faux         uint32
	eip, eflags        uint32
	seg                [6]segment
	cpl                uint8
	exc                exception
	cr0, cr2, cr3, cr4 uint32
	dr                 [8]uint32
	efer               uint64
	pdpte              [4]uint64
	gdt, idt           tableRegister
	ldt, tr            segment
	msr                msrs
	fpu                fpuState
	switched, noTrap   bool
	dbHits             uint32
	lastEntry          uint64
	halted             bool
	shadow             shadow
	shutdown           string
	toUser             bool
}

// Capture copies the processor's state; see cpu.CPU.
func (c *CPU) Capture() cpu.State {
	return &captured{
		r: c.r, fres: c.fres, faux: c.faux, eip: c.eip, eflags: c.eflags, seg: c.seg, cpl: c.cpl, exc: c.exc,
		cr0: c.cr0, cr2: c.cr2, cr3: c.cr3, cr4: c.cr4, dr: c.dr, efer: c.efer, pdpte: c.pdpte,
		gdt: c.gdt, idt: c.idt, ldt: c.ldt, tr: c.tr, msr: c.msr, fpu: c.fpu,
		switched: c.switched, noTrap: c.noTrap, dbHits: c.dbHits, lastEntry: c.lastEntry,
		halted: c.halted, shadow: c.shadow, shutdown: c.shutdown, toUser: c.toUser,
	}
}

// Restore puts back what Capture took. Translations are forgotten, for the tables may be others now.
func (c *CPU) Restore(state cpu.State) {
	s := state.(*captured)
	c.r, c.fres, c.faux, c.eip, c.eflags, c.seg, c.cpl, c.exc = s.r, s.fres, s.faux, s.eip, s.eflags, s.seg, s.cpl, s.exc
	c.cr0, c.cr2, c.cr3, c.cr4, c.dr, c.efer, c.pdpte = s.cr0, s.cr2, s.cr3, s.cr4, s.dr, s.efer, s.pdpte
	c.gdt, c.idt, c.ldt, c.tr, c.msr, c.fpu = s.gdt, s.idt, s.ldt, s.tr, s.msr, s.fpu
	c.switched, c.noTrap, c.dbHits, c.lastEntry = s.switched, s.noTrap, s.dbHits, s.lastEntry
	c.halted, c.shadow, c.shutdown, c.toUser = s.halted, s.shadow, s.shutdown, s.toUser
	c.flushTLB()
	c.updateMode()
}
