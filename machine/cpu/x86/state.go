package x86

import (
	"forkscope/machine/cpu"
	"forkscope/machine/snapshot"
)

// State goes over the processor's state; see cpu.CPU.
func (c *CPU) State(v *snapshot.Visitor) {
	v.Section("x86")
	c.own(v)
	snapshot.Bool(v, "intr", &c.irq)
	c.fpu.state(v)
	if v.Loading() {
		c.watch, c.raised, c.toUser = watchState{}, false, false
	}
}

// Capture copies the processor's own state; see cpu.CPU.
func (c *CPU) Capture() cpu.State { return snapshot.Keep(c.borrowed) }

// Restore puts back what Capture took.
func (c *CPU) Restore(state cpu.State) { state.PutBack(c.borrowed) }

// borrowed is what a debugger that borrows the processor gives back: all but the level of INTR, which is a device's, and what Run has not yet told.
func (c *CPU) borrowed(v *snapshot.Visitor) {
	c.own(v)
	c.fpu.state(v)
	snapshot.Bool(v, "to user", &c.toUser)
}

// shutdownMost bounds the sentence that says why the processor cannot go on, in bytes.
const shutdownMost = 1024

// own is the processor's state proper: no memory, nothing decoded or cached.
func (c *CPU) own(v *snapshot.Visitor) {
	for i, name := range generalNames {
		snapshot.Uint(v, name, &c.r[i])
	}
	snapshot.Uint(v, "rip", &c.ip)
	flags := c.getFlags()
	snapshot.Uint(v, "rflags", &flags)
	for i := range c.seg {
		c.seg[i].state(v, &segmentNames[i])
	}
	c.ldt.state(v, &segmentNames[6])
	c.tr.state(v, &segmentNames[7])
	snapshot.Uint(v, "gdtr", &c.gdt.base)
	snapshot.Uint(v, "gdtr limit", &c.gdt.limit)
	snapshot.Uint(v, "idtr", &c.idt.base)
	snapshot.Uint(v, "idtr limit", &c.idt.limit)
	snapshot.Uint(v, "cr0", &c.cr0)
	snapshot.Uint(v, "cr2", &c.cr2)
	snapshot.Uint(v, "cr3", &c.cr3)
	snapshot.Uint(v, "cr4", &c.cr4)
	snapshot.Uint(v, "cr8", &c.cr8)
	snapshot.Uint(v, "pkru", &c.pkru)
	snapshot.Uint(v, "xcr0", &c.xcr0)
	snapshot.Uint(v, "ssp", &c.ssp)
	snapshot.Uints(v, "dr", c.dr[:])
	snapshot.Uints(v, "pdpte", c.pdpte[:])
	snapshot.Uint(v, "efer", &c.efer)
	snapshot.Uint(v, "cpl", &c.cpl)
	c.msr.state(v)
	snapshot.Uint(v, "data breakpoints hit", &c.dbHits)
	snapshot.Uint(v, "last entry", &c.lastEntry)
	snapshot.Bool(v, "halted", &c.halted)
	snapshot.Uint(v, "interrupt shadow", &c.shadow)
	snapshot.String(v, "shutdown", &c.shutdown, shutdownMost)
	if !v.Loading() {
		return
	}
	v.Check(c.cpl <= 3, "cpl")
	v.Check(c.shadow <= shadowSS, "interrupt shadow")
	c.eflags = flags &^ flagsArith &^ 2
	c.setArith(flags)
	c.exc = exception{}
	c.flushTLB()
	c.updateMode()
}

// segmentNames are the names of a segment register's fields: by number, then LDTR and TR.
var segmentNames = func() (names [8][4]string) {
	for i, n := range [...]string{"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"} {
		names[i] = [4]string{n, n + " base", n + " limit", n + " attributes"}
	}
	return names
}()

func (s *segment) state(v *snapshot.Visitor, names *[4]string) {
	snapshot.Uint(v, names[0], &s.sel)
	snapshot.Uint(v, names[1], &s.base)
	snapshot.Uint(v, names[2], &s.limit)
	snapshot.Uint(v, names[3], &s.attr)
	if v.Loading() {
		s.update()
	}
}

func (m *msrs) state(v *snapshot.Visitor) {
	snapshot.Uint(v, "tsc offset", &m.tscOffset)
	snapshot.Uint(v, "apic base", &m.apicBase)
	snapshot.Uint(v, "sysenter cs", &m.sysenterCS)
	snapshot.Uint(v, "sysenter esp", &m.sysenterESP)
	snapshot.Uint(v, "sysenter eip", &m.sysenterEIP)
	snapshot.Uint(v, "pat", &m.pat)
	snapshot.Uint(v, "misc enable", &m.miscEnable)
	snapshot.Uint(v, "star", &m.star)
	snapshot.Uint(v, "lstar", &m.lstar)
	snapshot.Uint(v, "cstar", &m.cstar)
	snapshot.Uint(v, "fmask", &m.fmask)
	snapshot.Uint(v, "kernel gs base", &m.kernelGSBase)
	snapshot.Uint(v, "tsc aux", &m.tscAux)
	snapshot.Uint(v, "user cet", &m.userCET)
	snapshot.Uints(v, "ssp of levels", m.ssp[:])
	snapshot.Uint(v, "ssp table", &m.sspTable)
}

func (f *fpuState) state(v *snapshot.Visitor) {
	for i := range f.reg {
		snapshot.Uint(v, "r", &f.reg[i].Sig)
		snapshot.Uint(v, "r", &f.reg[i].SE)
	}
	snapshot.Uint(v, "top", &f.top)
	snapshot.Uint(v, "valid", &f.valid)
	snapshot.Uint(v, "control", &f.cw)
	snapshot.Uint(v, "status", &f.sw)
	snapshot.Uint(v, "opcode", &f.fop)
	snapshot.Uint(v, "code selector", &f.fcs)
	snapshot.Uint(v, "instruction", &f.fip)
	snapshot.Uint(v, "data selector", &f.fds)
	snapshot.Uint(v, "data", &f.fdp)
	for i := range f.xmm {
		snapshot.Uint(v, "xmm", &f.xmm[i].lo)
		snapshot.Uint(v, "xmm", &f.xmm[i].hi)
	}
	snapshot.Uint(v, "mxcsr", &f.mxcsr)
	if v.Loading() {
		v.Check(f.top <= 7, "top")
		f.top &= 7
		sw := f.sw
		f.setControl(f.cw)
		f.sw = sw
		f.setMXCSR(f.mxcsr)
	}
}
