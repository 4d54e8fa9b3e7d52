// Package arm64 is an ARMv8-A processor (A64 only, EL0 and EL1) as an interpreter of decoded blocks: ARMv8.0 with those extensions
// up to 8.2 that its ID registers announce.
//
// Each instruction is decoded once into an op of fixed size; ops of straight-line code form a block; blocks are cached
// per physical page and dropped when the page is written. Memory is reached through a software TLB with host pointers.
// The host must be little-endian. Manual sections named in comments are those of the Arm Architecture Reference
// Manual for A-profile (DDI 0487).
package arm64

import (
	"sync/atomic"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/code"
	"forkscope/machine/mem"
)

// The two timers a Config.TimerLine drives.
const (
	TimerVirtual  = iota // CNTV, PPI 27 on the virt board
	TimerPhysical        // CNTP at non-secure EL1, PPI 30 on the virt board
	timers
)

// Config is what a CPU needs of its board.
type Config struct {
	RAM   *mem.RAM
	Clock *clock.Clock
	Bus   cpu.Bus
	// HVC is the firmware behind the hvc instruction (PSCI): x0..x3 in, x0 out, and whether the CPU then waits for an interrupt as in
	// wfi. Nil means Undefined.
	HVC func(x *[4]uint64) (wait bool)
	// HLT is what a host debugger does at hlt #imm, such as semihosting; X and SetX are its arguments. Not handled, or nil, means Undefined.
	HLT func(imm uint16) (handled bool)
	// TimerLine are the output wires of the generic timer, by TimerVirtual and TimerPhysical. Nil is not connected.
	TimerLine [timers]func(level bool)
	// Log receives one line for a person, such as an undefined instruction. Nil is silent.
	Log func(message string)
}

// CPU is one processor. It implements cpu.CPU.
type CPU struct {
	// x holds X0..X30, then the current SP, then a slot that always reads 0 and one that swallows writes.
	// 256 entries, so that a byte indexes it without a bounds check.
	x [256]uint64

	// The condition flags, lazily: flagKind says whether nzcv holds them packed, or they are those of
	// flagA+flagB or flagA-flagB (32-bit operands are kept shifted left by 32, which gives the same flags).
	flagA, flagB uint64
	flagKind     uint8
	nzcv         uint8 // N is bit 3, Z 2, C 1, V 0

	fpTrap bool // FP and SIMD instructions trap at the present EL (CPACR_EL1.FPEN)
	rtlb   *tlb // for loads at the present EL; the empty TLB when each access needs the slow path
	wtlb   *tlb // for stores
	xtlb   *codeTLB

	v [32]vreg

	pc     uint64
	el     uint8 // 0 or 1
	spsel  bool  // PSTATE.SP
	pan    bool  // PSTATE.PAN: data that EL0 may access is out of EL1's reach
	daif   uint64
	il, ss bool // PSTATE.IL, PSTATE.SS
	sp     [2]uint64
	spBad  bool // the current SP is misaligned and SCTLR_EL1 asks for the check

	sys sysregs
	fp  fpState

	monitor monitor
	timer   [timers]timer

	irq    bool // the IRQ input
	halted bool

	// Of the guest's software step: what the last step's syndrome will say, and whether a load-exclusive ran.
	stepped           uint64
	steppingExclusive bool

	lastException struct{ now, vector uint64 }
	raised        bool // an instruction has raised an exception, and Run has not told yet (Orders.AtException)
	toUser        bool // the CPU came to EL0, and Run has not told yet (Orders.AtUser)
	exit          cpu.Exit
	exiting       bool
	requested     atomic.Bool

	ram     *mem.RAM
	ramBase uint64
	ramSize uint64
	clock   *clock.Clock
	bus     cpu.Bus
	hvc     func(x *[4]uint64) bool
	hlt     func(imm uint16) bool
	log     func(string)

	orders       cpu.Orders // of the run; Pass and PassWatch are cleared when they are done with
	until        uint64     // the count of instructions at which it may be over
	stops        cpu.Stops
	watched      cpu.Watched
	breakVersion uint64 // of all breakpoints, for what blocks know of them; never 0
	selfHosted   selfHosted

	mmu      mmuState
	code     *codeStore
	decoder  decoder
	scratch  block
	leave    bool // the running instruction must be the last of its block
	reported map[uint64]bool
}

// Slots of CPU.x beyond X30.
const (
	regSP      = 31
	regZero    = 32 // always 0
	regDiscard = 33 // written, never meaningfully read
)

// sliceCounts bounds how long Run goes without looking at RequestExit, in instructions.
const sliceCounts = 1 << 16

// New returns a CPU at EL1h with the MMU off, all interrupts masked and PC 0.
func New(cfg Config) *CPU {
	c := &CPU{
		ram: cfg.RAM, ramBase: cfg.RAM.Base(), ramSize: cfg.RAM.Size(),
		clock: cfg.Clock, bus: cfg.Bus, hvc: cfg.HVC, hlt: cfg.HLT, log: cfg.Log,
		el: 1, spsel: true, daif: daifMask, reported: make(map[uint64]bool), breakVersion: 1,
	}
	buildIndex()
	c.sys.reset()
	c.fp.setFPCR(0)
	c.initTimers(cfg.TimerLine)
	c.initMMU()
	c.code = code.New[block, *block](c.ram, codeMost, c.codeOwner())
	c.scratch.ops = newOps(maxBlock)
	c.ram.OnClean(c.flushWrites)
	c.contextChanged()
	return c
}

// SetPC sets the address of the next instruction.
func (c *CPU) SetPC(pc uint64) { c.pc = pc }

// X is general register i (0 to 30).
func (c *CPU) X(i int) uint64 { return c.x[i] }

// SetX sets general register i (0 to 30).
func (c *CPU) SetX(i int, v uint64) { c.x[i] = v }

// PC is the virtual address of the next instruction.
func (c *CPU) PC() uint64 { return c.pc }

// Privileged says whether the CPU is at EL1.
func (c *CPU) Privileged() bool { return c.el != 0 }

// Halted says whether the CPU waits in wfi.
func (c *CPU) Halted() bool { return c.halted }

// Flush forgets every translation.
func (c *CPU) Flush() { c.flushTLB() }

// RequestExit makes Run return with Requested at an instruction boundary. Any goroutine may call it.
func (c *CPU) RequestExit() { c.requested.Store(true) }

// SetIRQ drives the IRQ input.
func (c *CPU) SetIRQ(level bool) { c.irq = level }

// Run implements cpu.CPU.
func (c *CPU) Run(o *cpu.Orders) cpu.Exit {
	c.orders = *o
	c.until = min(o.Until.Retired, c.clock.Reaches(o.Time))
	if c.stops.Take(o) {
		c.breakVersion++
		c.flushCodeTLB() // pages with breakpoints are not in it
	}
	if c.watched.Take(o.Watches) {
		c.flushTLB()
	}
	c.raised = false
	exit := c.run()
	exit.Passed = o.Pass && !c.orders.Pass
	return exit
}

// run is Run with the orders taken. At each instruction boundary the order is: exit requests, the end of the run, the debugger's wish to see each
// return to EL0, due events, interrupts, breakpoints, the instruction; so a run cut in two goes exactly as one in one piece.
func (c *CPU) run() cpu.Exit {
	for {
		if exit, over := c.over(); over {
			return exit
		}
		now := c.clock.Retired
		if now >= c.clock.Due {
			c.clock.RunDue()
			continue
		}
		if c.orders.Park && c.el == 0 {
			if !c.irq || c.daif&daifI != 0 {
				return cpu.Exit{Reason: cpu.Parked}
			}
			c.halted = false
			c.takeIRQ()
			continue
		}
		if c.irq && !c.orders.Hold {
			c.halted = false
			if c.daif&daifI == 0 {
				c.takeIRQ()
				continue
			}
		}
		if c.irq && c.orders.Hold && !c.orders.Held && (c.halted || c.daif&daifI == 0) {
			return cpu.Exit{Reason: cpu.Held}
		}
		if c.halted {
			return cpu.Exit{Reason: cpu.Halt}
		}
		if c.sys.mdscr&mdscrSS != 0 && c.stepEnabled(c.el, c.daif) {
			c.softStep()
			continue
		}
		c.runBlocks(max(now+1, min(c.until, c.clock.Due, now+sliceCounts)))
	}
}

// over looks at what ends a run before anything else happens on a boundary.
func (c *CPU) over() (exit cpu.Exit, over bool) {
	switch {
	case c.exiting:
		c.exiting = false
		return c.exit, true
	case c.requested.Load():
		c.requested.Store(false)
		return cpu.Exit{Reason: cpu.Requested}, true
	case c.clock.Retired >= c.until && (c.clock.Now() >= c.orders.Time || !c.clock.Mark().Before(c.orders.Until)):
		return cpu.Exit{Reason: cpu.Limit}, true
	case c.raised:
		return cpu.Exit{Reason: cpu.Exception}, true
	case c.toUser:
		c.toUser = false
		return cpu.Exit{Reason: cpu.User}, c.orders.AtUser
	}
	return cpu.Exit{}, false
}

// runBlocks finds the block at PC and executes from there, up to the count stop or until something needs Run's attention.
func (c *CPU) runBlocks(stop uint64) {
	c.leave = false
	if e := &c.xtlb[c.pc>>12&codeMask]; e.tag == c.pc&^0xffc && !c.orders.Pass && !c.il {
		// Known code, in a page without breakpoints.
		if b := e.page.Slots[c.pc>>2&(wordsPerPage-1)]; b != nil {
			if left := stop - c.clock.Retired; uint64(b.n) > left {
				b = c.prefix(b, int(left))
			}
			c.exec(b, c.pc, c.clock.Retired, stop)
			return
		}
	}
	if c.orders.Pass {
		// The one instruction that may pass a breakpoint or watchpoint.
		if b := c.findBlock(); b != nil && !c.guestBreak() {
			c.exec(c.prefix(b, 1), c.pc, c.clock.Retired, c.clock.Retired+1)
		}
		if !c.exiting {
			c.orders.Pass, c.orders.PassWatch = false, false
		}
		return
	}
	if c.stops.At(c.pc) {
		if why, ok := c.stops.Reason(c.pc, c.el != 0, c.x[regSP]); ok {
			c.stop(cpu.Exit{Reason: why})
			return
		}
	}
	b := c.findBlock()
	if b == nil {
		return // the fetch raised an exception
	}
	if c.guestBreak() {
		return
	}
	n := uint64(b.n)
	if left := stop - c.clock.Retired; n > left {
		n = left
	}
	if c.mayBreak(c.pc) {
		// Up to the first breakpoint; the page's other blocks come back here, for they are not in the code TLB.
		n = c.untilBreak(b, n)
		stop = c.clock.Retired + n
	}
	if n < uint64(b.n) {
		b = c.prefix(b, int(n))
	}
	c.exec(b, c.pc, c.clock.Retired, stop)
}

// untilBreak returns how many of the first n instructions of b, which starts at PC, come before the next breakpoint.
func (c *CPU) untilBreak(b *block, n uint64) uint64 {
	return min(n, b.Reach(c.breakVersion, c.pc, c.firstBreak)/4)
}

// firstBreak returns the first instruction in [from, to) that has a breakpoint, or to.
func (c *CPU) firstBreak(from, to uint64) uint64 {
	for at := (from + 3) &^ 3; at < to; at += 4 {
		if c.stops.At(at) || c.selfHosted.breakAt(at) {
			return at
		}
	}
	return to
}

// stop makes Run return e before the next instruction.
func (c *CPU) stop(e cpu.Exit) {
	c.exit = e
	c.exiting = true
}
