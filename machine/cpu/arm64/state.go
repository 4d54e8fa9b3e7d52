package arm64

import (
	"forkscope/machine/cpu"
	"forkscope/machine/snapshot"
)

// State goes over the processor's state; see cpu.CPU.
func (c *CPU) State(v *snapshot.Visitor) {
	v.Section("arm64")
	c.own(v)
	snapshot.Bool(v, "irq", &c.irq)
	for i, name := range [timers]string{"cntv", "cntp"} {
		snapshot.Uint(v, name+" ctl", &c.timer[i].ctl)
		snapshot.Uint(v, name+" cval", &c.timer[i].cval)
	}
	if v.Loading() {
		c.raised, c.toUser = false, false
	}
}

// Capture copies the processor's own state; see cpu.CPU.
func (c *CPU) Capture() cpu.State { return snapshot.Keep(c.borrowed) }

// Restore puts back what Capture took.
func (c *CPU) Restore(state cpu.State) { state.PutBack(c.borrowed) }

// borrowed is what a debugger that borrows the processor gives back: all but the level of the IRQ input and the timers, which are devices whose counterpart
// is in the guest's memory and goes on with it; and what Run has not yet told.
func (c *CPU) borrowed(v *snapshot.Visitor) {
	c.own(v)
	snapshot.Bool(v, "to user", &c.toUser)
}

// detailMost bounds the sentence that says why the processor cannot go on, in bytes.
const detailMost = 1024

// own is the processor's state proper: no memory, nothing decoded or cached.
func (c *CPU) own(v *snapshot.Visitor) {
	snapshot.Uints(v, "x", c.x[:31])
	sp0, sp1 := c.spOf(0), c.spOf(1)
	snapshot.Uint(v, "sp_el0", &sp0)
	snapshot.Uint(v, "sp_el1", &sp1)
	snapshot.Uint(v, "pc", &c.pc)
	flags := c.flags()
	snapshot.Uint(v, "nzcv", &flags)
	snapshot.Uint(v, "daif", &c.daif)
	snapshot.Uint(v, "el", &c.el)
	snapshot.Bool(v, "spsel", &c.spsel)
	snapshot.Bool(v, "pan", &c.pan)
	snapshot.Bool(v, "il", &c.il)
	snapshot.Bool(v, "ss", &c.ss)
	for i := range c.v {
		snapshot.Uints(v, "v", c.v[i][:])
	}
	c.fp.state(v)
	c.sys.state(v)
	snapshot.Bool(v, "monitor", &c.monitor.valid)
	snapshot.Uint(v, "monitor address", &c.monitor.pa)
	snapshot.Uint(v, "monitor size", &c.monitor.n)
	snapshot.Uint(v, "stepped", &c.stepped)
	snapshot.Bool(v, "halted", &c.halted)
	snapshot.Uint(v, "last exception at", &c.lastException.now)
	snapshot.Uint(v, "last exception vector", &c.lastException.vector)
	snapshot.Bool(v, "shut down", &c.exiting) // what else ends Run has ended it
	snapshot.String(v, "shutdown", &c.exit.Detail, detailMost)
	if !v.Loading() {
		return
	}
	v.Check(c.el <= 1, "el")
	v.Check(c.monitor.n <= 16, "monitor size")
	c.el &= 1
	c.sp = [2]uint64{sp0, sp1}
	c.x[regSP] = c.sp[c.spBank()]
	c.setFlags(flags & 15)
	c.exit = cpu.Exit{Reason: cpu.Shutdown, Detail: c.exit.Detail}
	c.flushTLB()
	c.selfHostedChanged()
	c.contextChanged()
}

func (f *fpState) state(v *snapshot.Visitor) {
	fpcr, fpsr := f.fpcr, f.fpsr()
	snapshot.Uint(v, "fpcr", &fpcr)
	snapshot.Uint(v, "fpsr", &fpsr)
	if v.Loading() {
		f.setFPCR(fpcr)
		f.setFPSR(fpsr)
	}
}

func (s *sysregs) state(v *snapshot.Visitor) {
	for _, r := range [...]struct {
		name string
		at   *uint64
	}{
		{"sctlr", &s.sctlr}, {"actlr", &s.actlr}, {"cpacr", &s.cpacr}, {"ttbr0", &s.ttbr0}, {"ttbr1", &s.ttbr1}, {"tcr", &s.tcr},
		{"mair", &s.mair}, {"amair", &s.amair}, {"vbar", &s.vbar}, {"esr", &s.esr}, {"far", &s.far}, {"elr", &s.elr}, {"spsr", &s.spsr},
		{"par", &s.par}, {"afsr0", &s.afsr0}, {"afsr1", &s.afsr1}, {"contextidr", &s.contextidr}, {"tpidr_el0", &s.tpidr0},
		{"tpidrro", &s.tpidrro}, {"tpidr_el1", &s.tpidr1}, {"csselr", &s.csselr}, {"cntkctl", &s.cntkctl}, {"mdscr", &s.mdscr},
		{"mdccint", &s.mdccint}, {"oslock", &s.oslock}, {"osdlr", &s.osdlr}, {"dbgclaim", &s.dbgclaim}, {"osdtrrx", &s.osdtrrx},
		{"osdtrtx", &s.osdtrtx}, {"oseccr", &s.oseccr},
	} {
		snapshot.Uint(v, r.name, r.at)
	}
	snapshot.Uints(v, "dbgbvr", s.dbgbvr[:])
	snapshot.Uints(v, "dbgbcr", s.dbgbcr[:])
	snapshot.Uints(v, "dbgwvr", s.dbgwvr[:])
	snapshot.Uints(v, "dbgwcr", s.dbgwcr[:])
}
