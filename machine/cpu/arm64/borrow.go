package arm64

import "forkscope/machine/cpu"

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

// captured is the processor's state proper: no memory, nothing decoded or cached. The level of the IRQ input and the timers are left
// out: they are devices, whose counterpart is in the guest's memory and goes on with it.
type captured struct {
	x                 [32]uint64 // X0..X30, the current SP
	flags             uint8
	v                 [32]vreg
	pc                uint64
	el                uint8
	spsel, pan        bool
	daif              uint64
	il, ss            bool
	sp                [2]uint64
	sys               sysregs
	fp                fpState
	monitor           monitor
	halted            bool
	stepped           uint64
	steppingExclusive bool
	lastException     struct{ now, vector uint64 }
	toUser            bool
	exit              cpu.Exit
	exiting           bool
}

// Capture copies the processor's state; see cpu.CPU.
func (c *CPU) Capture() cpu.State {
	return &captured{
		x: [32]uint64(c.x[:32]), flags: c.flags(), v: c.v, pc: c.pc, el: c.el, spsel: c.spsel, pan: c.pan, daif: c.daif,
		il: c.il, ss: c.ss, sp: c.sp, sys: c.sys, fp: c.fp, monitor: c.monitor, halted: c.halted,
		stepped: c.stepped, steppingExclusive: c.steppingExclusive, lastException: c.lastException,
		toUser: c.toUser, exit: c.exit, exiting: c.exiting,
	}
}

// Restore puts back what Capture took. Translations are forgotten, for the tables may be others now.
func (c *CPU) Restore(state cpu.State) {
	s := state.(*captured)
	copy(c.x[:], s.x[:])
	c.setFlags(s.flags)
	c.v, c.pc, c.el, c.spsel, c.pan, c.daif, c.il, c.ss = s.v, s.pc, s.el, s.spsel, s.pan, s.daif, s.il, s.ss
	c.sp, c.sys, c.fp, c.monitor, c.halted = s.sp, s.sys, s.fp, s.monitor, s.halted
	c.stepped, c.steppingExclusive, c.lastException = s.stepped, s.steppingExclusive, s.lastException
	c.toUser, c.exit, c.exiting = s.toUser, s.exit, s.exiting
	c.selfHostedChanged()
	c.contextChanged()
}
