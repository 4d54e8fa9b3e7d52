package x86

import (
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
)

// Run executes instructions until the clock reaches o.Until or another reason to stop arises; see cpu.CPU.
func (c *CPU) Run(o *cpu.Orders) cpu.Exit {
	c.orders = *o
	c.until = min(o.Until.Retired, c.clk.Reaches(o.Time))
	if c.stops.Take(o) {
		c.newEpochs() // jump entries lead past the check for breakpoints
	}
	if c.watched.Take(o.Watches) {
		c.flushTLB()
	}
	c.raised = false
	exit := c.run()
	exit.Passed = o.Pass && !c.orders.Pass
	return exit
}

// run is Run with the orders taken. On each boundary it looks, in this order, at: requests, the end of the run, the debugger's wish to see each
// return to user mode, due events, the interrupt line, HLT, breakpoints. So a run that is cut at some mark and continued does the same as one that
// is not.
func (c *CPU) run() cpu.Exit {
	for {
		c.base, c.idx = c.clk.Retired, 0 // for accesses that are not an instruction's
		if exit, over := c.over(); over {
			return exit
		}
		if c.clk.Retired >= c.clk.Due {
			c.clk.RunDue()
			continue
		}
		if c.orders.Park && c.cpl == 3 {
			if !c.irq || c.eflags&flagIF == 0 {
				return cpu.Exit{Reason: cpu.Parked}
			}
			if c.shadow != shadowNone { // it would last for ever
				return cpu.Exit{Reason: cpu.Shadowed}
			}
			c.takeInterrupt()
			continue
		}
		if c.irq && c.eflags&flagIF != 0 && c.shadow == shadowNone {
			if !c.orders.Hold {
				c.halted = false
				c.takeInterrupt()
				continue
			}
			if !c.orders.Held {
				return cpu.Exit{Reason: cpu.Held}
			}
		}
		if c.halted {
			return cpu.Exit{Reason: cpu.Halt}
		}
		if pc := c.PC(); !c.orders.Pass && c.stops.At(pc) {
			if why, ok := c.stops.Reason(pc, c.cpl == 0, c.r[regESP]); ok {
				return cpu.Exit{Reason: why}
			}
		}
		c.advance(min(c.until, c.clk.Due))
		if c.atSyscall {
			c.atSyscall = false
			return cpu.Exit{Reason: cpu.Syscall}
		}
	}
}

// over looks at what ends a run before anything else happens on a boundary.
func (c *CPU) over() (exit cpu.Exit, over bool) {
	switch {
	case c.request.Load():
		c.request.Store(false)
		return cpu.Exit{Reason: cpu.Requested}, true
	case c.shutdown != "":
		return cpu.Exit{Reason: cpu.Shutdown, Detail: c.shutdown}, true
	case c.watch.hit:
		c.watch.hit = false
		return cpu.Exit{Reason: cpu.Watch, Watch: c.watch.point, Addr: c.watch.addr}, true
	case c.clk.Retired >= c.until && (c.clk.Now() >= c.orders.Time || !c.clk.Mark().Before(c.orders.Until)):
		return cpu.Exit{Reason: cpu.Limit}, true
	case c.raised:
		return cpu.Exit{Reason: cpu.Exception}, true
	case c.toUser:
		c.toUser = false
		return cpu.Exit{Reason: cpu.User}, c.orders.AtUser
	}
	return cpu.Exit{}, false
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

// advance executes at least one instruction, or the exception of one, and none after the first at or after deadline.
func (c *CPU) advance(deadline uint64) {
	if c.orders.Pass || c.shadow != shadowNone || c.eflags&careful != 0 || c.dr[7]&0xff != 0 {
		c.step()
		return
	}
	b := c.lookup(c.mode)
	if b == nil {
		c.deliver()
		return
	}
	left := deadline - c.clk.Retired
	if uint64(b.n) > left || c.mode&modeFlat == 0 && c.pastLimit(uint64(b.End-b.Off)) {
		c.step()
		return
	}
	until := uint64(0)
	if deadline == clock.Never || left > blockMax {
		until = deadline - blockMax
	}
	if pc := c.PC(); c.stops.May(pc) {
		// The first instruction has no breakpoint; see to the others of this block, and only this block.
		if b.Reach(c.stops.Version, pc, c.stops.First) < b.Len() {
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

// exec runs b and the blocks that follow it: 64-bit code has a switch of its own.
func (c *CPU) exec(b *block) {
	if mode(b.Mode)&mode64 != 0 {
		c.r[regPage] = c.ip - uint64(b.Off)
		c.exec64(b)
	} else {
		c.exec32(b)
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
func (c *CPU) pastLimit(size uint64) bool {
	last := c.ip + size - 1
	return last > c.seg[segCS].hi || last < c.ip
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
	if b != nil && c.pastLimit(uint64(b.ops[0].Len)) {
		c.raiseErr(excGP, 0)
		b = nil
	}
	if b == nil {
		c.orders.Pass, c.orders.PassWatch = false, false
		c.shadow = shadowNone
		c.deliver()
		return
	}
	c.watch.off = c.orders.Pass && c.orders.PassWatch
	shadow := c.shadow
	c.eflags &^= flagRF
	c.shadow = shadowNone
	c.noTrap = false
	c.fastUntil.Store(0)
	c.exec(b)
	c.watch.off = false
	c.orders.Pass, c.orders.PassWatch = false, false
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
		c.dr[6] |= uint64(hits)
		c.raise(excDB)
		c.deliver()
	}
}
