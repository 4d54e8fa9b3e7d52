package arm64

// debugRegisters are the guest's own self-hosted debug registers (D13.3): the OS lock, software step (softstep.go), breakpoints and
// watchpoints (selfhosted.go). The debugger's breakpoints are not here; the guest never sees those.
func debugRegisters() []sysreg {
	reg := func(name string, op1, crn, crm, op2 uint8, field func(c *CPU) *uint64, mask uint64) sysreg {
		return sysreg{name: name, op0: 2, op1: op1, crn: crn, crm: crm, op2: op2, field: field, mask: mask, quiet: true}
	}
	// pair is a register whose change alters what is watched.
	pair := func(name string, i, op2 uint8, field func(c *CPU) *uint64, valid func(v uint64) uint64) sysreg {
		return sysreg{name: name, op0: 2, crm: i, op2: op2, read: func(c *CPU) uint64 { return *field(c) }, write: func(c *CPU, v uint64) {
			*field(c) = valid(v)
			c.selfHostedChanged()
		}}
	}
	zero := func(name string, op1, crn, crm, op2 uint8) sysreg {
		return sysreg{name: name, op0: 2, op1: op1, crn: crn, crm: crm, op2: op2, constant: true}
	}
	t := []sysreg{
		reg("OSDTRRX_EL1", 0, 0, 0, 2, func(c *CPU) *uint64 { return &c.sys.osdtrrx }, 1<<32-1),
		reg("MDCCINT_EL1", 0, 0, 2, 0, func(c *CPU) *uint64 { return &c.sys.mdccint }, 3<<29),
		{name: "MDSCR_EL1", op0: 2, crm: 2, op2: 2, field: func(c *CPU) *uint64 { return &c.sys.mdscr }, mask: 1<<32 - 1,
			changed: func(c *CPU, _ uint64) { c.selfHostedChanged() }},
		reg("OSDTRTX_EL1", 0, 0, 3, 2, func(c *CPU) *uint64 { return &c.sys.osdtrtx }, 1<<32-1),
		reg("OSECCR_EL1", 0, 0, 6, 2, func(c *CPU) *uint64 { return &c.sys.oseccr }, 1<<32-1),
		zero("MDRAR_EL1", 0, 1, 0, 0),
		{name: "OSLAR_EL1", op0: 2, crn: 1, crm: 0, op2: 4, write: func(c *CPU, v uint64) {
			c.sys.oslock = v & 1
			c.selfHostedChanged()
		}},
		{name: "OSLSR_EL1", op0: 2, crn: 1, crm: 1, op2: 4, read: func(c *CPU) uint64 { return 1<<3 | c.sys.oslock<<1 }},
		reg("OSDLR_EL1", 0, 1, 3, 4, func(c *CPU) *uint64 { return &c.sys.osdlr }, 1),
		zero("DBGAUTHSTATUS_EL1", 0, 7, 14, 6),
		zero("MDCCSR_EL0", 3, 0, 1, 0),
		{name: "DBGCLAIMSET_EL1", op0: 2, crn: 7, crm: 8, op2: 6, quiet: true,
			read: func(*CPU) uint64 { return 0xff }, write: func(c *CPU, v uint64) { c.sys.dbgclaim |= v & 0xff }},
		{name: "DBGCLAIMCLR_EL1", op0: 2, crn: 7, crm: 9, op2: 6, quiet: true,
			read: func(c *CPU) uint64 { return c.sys.dbgclaim }, write: func(c *CPU, v uint64) { c.sys.dbgclaim &^= v }},
	}
	for i := range uint8(breakPairs) {
		t = append(t,
			pair("DBGBVR_EL1", i, 4, func(c *CPU) *uint64 { return &c.sys.dbgbvr[i] }, func(v uint64) uint64 { return v }),
			pair("DBGBCR_EL1", i, 5, func(c *CPU) *uint64 { return &c.sys.dbgbcr[i] }, breakControl))
	}
	for i := range uint8(watchPairs) {
		t = append(t,
			pair("DBGWVR_EL1", i, 6, func(c *CPU) *uint64 { return &c.sys.dbgwvr[i] }, func(v uint64) uint64 { return v &^ 3 }),
			pair("DBGWCR_EL1", i, 7, func(c *CPU) *uint64 { return &c.sys.dbgwcr[i] }, func(v uint64) uint64 { return v }))
	}
	return t
}

// breakControl is what DBGBCR_EL1 keeps of v: a byte of BAS is selected with the other of its halfword.
func breakControl(v uint64) uint64 {
	const low, high = 1 << dbgBAS, 4 << dbgBAS
	return v&^((low|high)<<1) | v&(low|high)<<1
}
