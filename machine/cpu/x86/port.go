package x86

// portAllowed checks an I/O access against CPL, IOPL and the permission bitmap of the TSS (SDM vol. 1 §19.5).
func (c *CPU) portAllowed(port uint16, size uint8) bool {
	if c.cr0&cr0PE == 0 || c.cpl <= c.iopl() && c.eflags&flagVM == 0 {
		return true
	}
	if c.tr.attr&attrTypeMask != sysTSS32Busy || c.tr.limit < 0x67 {
		return c.raiseErr(excGP, 0)
	}
	start, ok := c.sysRead(c.tr.base+0x66, 2)
	if !ok {
		return false
	}
	at := start + uint32(port>>3)
	if at+1 > c.tr.limit { // two bytes are always read
		return c.raiseErr(excGP, 0)
	}
	bits, ok := c.sysRead(c.tr.base+uint64(at), 2)
	if !ok {
		return false
	}
	if bits>>(port&7)&(1<<size-1) != 0 {
		return c.raiseErr(excGP, 0)
	}
	return true
}

// portIn and portOut reach the device with an exact clock, and end the block after the instruction.
func (c *CPU) portIn(port uint16, size uint8) uint64 {
	c.sync()
	c.stop = true
	c.portWatch(uint64(port), uint64(size))
	return uint64(c.bus.In(port, int(size))) & sizeMask(size)
}

func (c *CPU) portOut(port uint16, size uint8, v uint64) {
	c.sync()
	c.stop = true
	c.portWatch(uint64(port), uint64(size))
	c.bus.Out(port, int(size), uint32(v&sizeMask(size)))
}

func portOf(c *CPU, op *Op) uint16 {
	if op.Sub == formRegImm {
		return uint16(op.Imm & 0xff)
	}
	return uint16(c.r[regEDX])
}

func execIN(c *CPU, op *Op) bool {
	port := portOf(c, op)
	if !c.portAllowed(port, op.Size) {
		return false
	}
	c.setReg(regEAX, op.Size, c.portIn(port, op.Size))
	return true
}

func execOUT(c *CPU, op *Op) bool {
	port := portOf(c, op)
	if !c.portAllowed(port, op.Size) {
		return false
	}
	c.portOut(port, op.Size, c.reg(regEAX, op.Size))
	return true
}

func init() {
	def(kIN, "in", 0, execIN)
	def(kOUT, "out", 0, execOUT)
}
