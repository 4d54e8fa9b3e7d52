package x86

import (
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
)

// Run executes instructions until the clock reaches limit or another reason to stop arises; see cpu.CPU.
//
// On each boundary it looks, in this order, at: requests, the limit, the debugger's wish to see each return to user mode, due
// events, the interrupt line, HLT, breakpoints. So a run that is cut at some count and continued does the same as one that is not.
func (c *CPU) Run(limit uint64) cpu.Exit {
	if g := c.dbg.Version(); g != c.breakGen {
		c.breakGen = g
		c.bumpEpoch() // jump entries lead past the check for breakpoints
	}
	c.raised = false
	for {
		c.base, c.idx = c.clk.Retired, 0 // for accesses that are not an instruction's
		if c.request.Load() {
			c.request.Store(false)
			return cpu.Exit{Reason: cpu.Requested}
		}
		if c.shutdown != "" {
			return cpu.Exit{Reason: cpu.Shutdown, Detail: c.shutdown}
		}
		if c.watch.hit {
			c.watch.hit = false
			return cpu.Exit{Reason: cpu.Watch, Watch: c.watch.point, Addr: c.watch.addr}
		}
		if c.clk.Retired >= limit {
			return cpu.Exit{Reason: cpu.Limit}
		}
		if c.raised {
			return cpu.Exit{Reason: cpu.Exception}
		}
		if c.toUser {
			c.toUser = false
			if c.dbg.AtUser {
				return cpu.Exit{Reason: cpu.User}
			}
		}
		if c.clk.Retired >= c.clk.Due {
			c.clk.RunDue()
			continue
		}
		if c.dbg.Park && c.cpl == 3 {
			if !c.irq || c.eflags&flagIF == 0 {
				return cpu.Exit{Reason: cpu.Halt}
			}
			c.shadow = shadowNone // it would last for ever
			c.takeInterrupt()
			continue
		}
		if c.irq && c.eflags&flagIF != 0 && c.shadow == shadowNone && !c.dbg.HoldInterrupts {
			c.halted = false
			c.takeInterrupt()
			continue
		}
		if c.halted {
			return cpu.Exit{Reason: cpu.Halt}
		}
		if !c.dbg.StepOver && c.dbg.BreakAt(c.PC()) {
			return cpu.Exit{Reason: cpu.Break}
		}
		c.advance(min(limit, c.clk.Due))
		if c.atSyscall {
			c.atSyscall = false
			return cpu.Exit{Reason: cpu.Syscall}
		}
	}
}

func (c *CPU) takeInterrupt() {
	c.base, c.idx = c.clk.Retired, 0
	vector := uint8(0)
	if c.cfg.AckIRQ != nil {
		vector = c.cfg.AckIRQ()
	}
	if !c.interrupt(vector, fromHardware, false, 0) {
		c.deliver()
		return
	}
	c.entered()
}

// careful are the flags that need a look at each instruction.
const careful = flagTF | flagRF

// advance executes at least one instruction, or the exception of one, and none at or after deadline.
func (c *CPU) advance(deadline uint64) {
	if c.dbg.StepOver || c.shadow != shadowNone || c.eflags&careful != 0 || c.dr[7]&0xff != 0 {
		c.step()
		return
	}
	b := c.lookup(c.mode)
	if b == nil {
		c.deliver()
		return
	}
	left := deadline - c.clk.Retired
	if uint64(b.n) > left || c.mode&modeFlat == 0 && c.pastLimit(uint32(b.end-b.off)) {
		c.step()
		return
	}
	until := uint64(0)
	if deadline == clock.Never || left > blockMax {
		until = deadline - blockMax
	}
	if pc := c.PC(); c.dbg.MayBreak(pc) {
		// The first instruction has no breakpoint; see to the others of this block, and only this block.
		if b.breakVersion != c.breakGen || b.breakPC != uint32(pc) {
			b.breakVersion, b.breakPC = c.breakGen, uint32(pc)
			b.breakFree = !c.dbg.BreakIn(pc+1, pc+uint64(b.end-b.off))
		}
		if !b.breakFree {
			c.step()
			return
		}
		until = 0
	}
	c.fastUntil.Store(until)
	if c.request.Load() {
		return
	}
	c.exec(b)
	if c.exc.pending {
		c.fault()
	}
}

// fault delivers the exception of an instruction that did not complete.
func (c *CPU) fault() {
	c.watch.hit = false
	c.dbHits = 0
	c.shadow = shadowNone
	c.deliver()
}

// pastLimit reports whether the last of the size bytes of code at EIP, at least one, lies outside CS.
func (c *CPU) pastLimit(size uint32) bool {
	last := c.eip + size - 1
	return last > c.seg[segCS].hi || last < c.eip
}

// step executes one instruction, with all that can happen around it: the debugger's step over a breakpoint, the guest's
// single-step trap and debug registers, and the interrupt shadow.
func (c *CPU) step() {
	trap := c.eflags&flagTF != 0
	resume := c.eflags & flagRF
	if resume == 0 && c.dr[7]&0xff != 0 && c.instructionBreak() {
		c.deliver()
		return
	}
	b := c.lookup(c.mode | modeStep)
	if b != nil && c.pastLimit(uint32(b.ops[0].Len)) {
		c.raiseErr(excGP, 0)
		b = nil
	}
	if b == nil {
		c.dbg.StepOver, c.dbg.PassWatch = false, false
		c.shadow = shadowNone
		c.deliver()
		return
	}
	c.watch.off = c.dbg.StepOver && c.dbg.PassWatch
	shadow := c.shadow
	c.eflags &^= flagRF
	c.shadow = shadowNone
	c.noTrap = false
	c.fastUntil.Store(0)
	c.exec(b)
	c.watch.off = false
	c.dbg.StepOver, c.dbg.PassWatch = false, false
	if c.atSyscall {
		c.eflags |= resume
		c.shadow = shadow
		return
	}
	if c.exc.pending {
		c.eflags |= resume
		c.fault()
		return
	}
	if c.shadow == shadowSS {
		return // data breakpoints wait for the next instruction, the single-step trap is lost
	}
	hits := c.dbHits
	c.dbHits = 0
	if trap && !c.noTrap {
		hits |= dr6BS
	}
	if hits != 0 {
		c.dr[6] |= hits
		c.raise(excDB)
		c.deliver()
	}
}
