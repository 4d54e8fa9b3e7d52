package arm64

// debugRegisters are the self-hosted debug registers (D13.3) as far as kernels probe them: the OS lock and software step
// work, the breakpoint and watchpoint registers are storage.
// The debugger's own breakpoints are not here; the guest never sees those.
func debugRegisters() []sysreg {
	reg := func(name string, op1, crn, crm, op2 uint8, field func(c *CPU) *uint64, mask uint64) sysreg {
		return sysreg{name: name, op0: 2, op1: op1, crn: crn, crm: crm, op2: op2, field: field, mask: mask, quiet: true}
	}
	zero := func(name string, op1, crn, crm, op2 uint8) sysreg {
		return sysreg{name: name, op0: 2, op1: op1, crn: crn, crm: crm, op2: op2, constant: true}
	}
	t := []sysreg{
		reg("OSDTRRX_EL1", 0, 0, 0, 2, func(c *CPU) *uint64 { return &c.sys.osdtrrx }, 1<<32-1),
		reg("MDCCINT_EL1", 0, 0, 2, 0, func(c *CPU) *uint64 { return &c.sys.mdccint }, 3<<29),
		{name: "MDSCR_EL1", op0: 2, crm: 2, op2: 2, field: func(c *CPU) *uint64 { return &c.sys.mdscr }, mask: 1<<32 - 1},
		reg("OSDTRTX_EL1", 0, 0, 3, 2, func(c *CPU) *uint64 { return &c.sys.osdtrtx }, 1<<32-1),
		reg("OSECCR_EL1", 0, 0, 6, 2, func(c *CPU) *uint64 { return &c.sys.oseccr }, 1<<32-1),
		zero("MDRAR_EL1", 0, 1, 0, 0),
		{name: "OSLAR_EL1", op0: 2, crn: 1, crm: 0, op2: 4, write: func(c *CPU, v uint64) { c.sys.oslock = v & 1 }},
		{name: "OSLSR_EL1", op0: 2, crn: 1, crm: 1, op2: 4, read: func(c *CPU) uint64 { return 1<<3 | c.sys.oslock<<1 }},
		reg("OSDLR_EL1", 0, 1, 3, 4, func(c *CPU) *uint64 { return &c.sys.osdlr }, 1),
		zero("DBGAUTHSTATUS_EL1", 0, 7, 14, 6),
		zero("MDCCSR_EL0", 3, 0, 1, 0),
		{name: "DBGCLAIMSET_EL1", op0: 2, crn: 7, crm: 8, op2: 6, quiet: true,
			read: func(*CPU) uint64 { return 0xff }, write: func(c *CPU, v uint64) { c.sys.dbgclaim |= v & 0xff }},
		{name: "DBGCLAIMCLR_EL1", op0: 2, crn: 7, crm: 9, op2: 6, quiet: true,
			read: func(c *CPU) uint64 { return c.sys.dbgclaim }, write: func(c *CPU, v uint64) { c.sys.dbgclaim &^= v }},
	}
	for i := range uint8(debugPairs) {
		t = append(t,
			reg("DBGBVR_EL1", 0, 0, i, 4, func(c *CPU) *uint64 { return &c.sys.dbgbvr[i] }, 0),
			reg("DBGBCR_EL1", 0, 0, i, 5, func(c *CPU) *uint64 { return &c.sys.dbgbcr[i] }, 1<<32-1),
			reg("DBGWVR_EL1", 0, 0, i, 6, func(c *CPU) *uint64 { return &c.sys.dbgwvr[i] }, 0),
			reg("DBGWCR_EL1", 0, 0, i, 7, func(c *CPU) *uint64 { return &c.sys.dbgwcr[i] }, 1<<32-1),
		)
	}
	return t
}
