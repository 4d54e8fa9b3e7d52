package x86

// The stack. The width of ESP used for addresses follows SS.B, the size of an item the operand size.

// stackMask is 0xffffffff or, for a 16-bit stack segment, 0xffff.
func (c *CPU) stackMask() uint32 {
	if c.seg[segSS].attr&attrDB != 0 {
		return 0xffffffff
	}
	return 0xffff
}

func (c *CPU) setSP(v uint32) {
	m := c.stackMask()
	c.r[regESP] = c.r[regESP]&^m | v&m
}

// push writes v below the top of the stack and moves ESP; when it fails, ESP is as before.
func (c *CPU) push(v uint32, size uint8) bool {
	m := c.stackMask()
	sp := (c.r[regESP] - uint32(size)) & m
	if !c.write(segSS, sp, v, size) {
		return false
	}
	c.r[regESP] = c.r[regESP]&^m | sp
	return true
}

// peek reads the item at offset bytes above the top of the stack.
func (c *CPU) peek(offset uint32, size uint8) (uint32, bool) {
	return c.read(segSS, (c.r[regESP]+offset)&c.stackMask(), size)
}

func execPUSH(c *CPU, op *Op) bool {
	switch op.Cold {
	case kPUSHReg:
		return c.push(c.reg(op.Reg, op.Size), op.Size)
	case kPUSHImm:
		return c.push(op.Imm, op.Size)
	case kPUSHSeg:
		sel := uint32(c.seg[op.Sub].sel)
		if op.Size == 4 { // a 16-bit write in a 32-bit slot, as on current processors
			m := c.stackMask()
			sp := (c.r[regESP] - 4) & m
			if !c.write16(segSS, sp, sel) {
				return false
			}
			c.r[regESP] = c.r[regESP]&^m | sp
			return true
		}
		return c.push(sel, 2)
	}
	v, ok := c.rm(op)
	return ok && c.push(v, op.Size)
}

func execPOP(c *CPU, op *Op) bool {
	v, ok := c.peek(0, op.Size)
	if !ok {
		return false
	}
	old := c.r[regESP]
	c.setSP(old + uint32(op.Size))
	if op.Cold == kPOPReg {
		c.setReg(op.Reg, op.Size, v)
		return true
	}
	// An address based on ESP uses it after the increment.
	if !c.setRM(op, v) {
		c.r[regESP] = old
		return false
	}
	return true
}

func execPUSHA(c *CPU, op *Op) bool {
	m := c.stackMask()
	size := uint32(op.Size)
	sp := c.r[regESP]
	// All eight or none.
	for i := uint32(1); i <= 8; i++ {
		la, ok := c.linear(segSS, (sp-i*size)&m, size, true)
		if !ok || !c.writable(la, size) {
			return false
		}
	}
	for i := range uint8(8) {
		c.write(segSS, (sp-uint32(i+1)*size)&m, c.reg(i, op.Size), op.Size)
	}
	c.setSP(sp - 8*size)
	return true
}

func execPOPA(c *CPU, op *Op) bool {
	var v [8]uint32
	for i := range v {
		var ok bool
		if v[i], ok = c.peek(uint32(i)*uint32(op.Size), op.Size); !ok {
			return false
		}
	}
	for i := range uint8(8) {
		if 7-i != regESP {
			c.setReg(7-i, op.Size, v[i])
		}
	}
	c.setSP(c.r[regESP] + 8*uint32(op.Size))
	return true
}

func (c *CPU) iopl() uint8 { return uint8(c.eflags >> 12 & 3) }

func execPUSHF(c *CPU, op *Op) bool {
	if c.eflags&flagVM != 0 && c.iopl() < 3 {
		return c.raiseErr(excGP, 0)
	}
	return c.push(c.getFlags()&^(flagVM|flagRF), op.Size)
}

func execPOPF(c *CPU, op *Op) bool {
	if c.eflags&flagVM != 0 && c.iopl() < 3 {
		return c.raiseErr(excGP, 0)
	}
	v, ok := c.peek(0, op.Size)
	if !ok {
		return false
	}
	c.setSP(c.r[regESP] + uint32(op.Size))
	mask := uint32(flagsArith | flagTF | flagDF | flagNT)
	if op.Size == 4 {
		mask |= flagAC | flagID
		if c.eflags&flagVM == 0 {
			mask |= flagRF // cleared: the image is taken with RF 0
			v &^= flagRF
		}
	}
	if c.cpl == 0 {
		mask |= flagIOPL
	}
	if c.cpl <= c.iopl() {
		mask |= flagIF
	}
	c.setFlags(v, mask)
	return true
}

// setFlags loads the bits in mask from v.
func (c *CPU) setFlags(v, mask uint32) {
	f := c.getFlags()&^mask | v&mask
	c.setArith(f)
	changed := c.eflags ^ f
	c.eflags = f &^ flagsArith &^ 2
	if changed&flagAC != 0 {
		c.updateMode()
	}
}

// execENTER writes the frame as it goes, like the processor. Registers change only at the end. The frame pointer that it makes is all of
// ESP when the operand size is 32, whatever the stack's.
func execENTER(c *CPU, op *Op) bool {
	size := uint32(op.Size)
	level := op.Imm & 31
	m := c.stackMask()
	sp, bp := c.r[regESP], c.r[regEBP]
	put := func(v uint32) bool {
		sp = sp&^m | (sp-size)&m
		return c.write(segSS, sp&m, v, op.Size)
	}
	if !put(c.reg(regEBP, op.Size)) {
		return false
	}
	top := sp
	if level > 0 {
		for i := uint32(1); i < level; i++ {
			v, ok := c.read(segSS, (bp-i*size)&m, op.Size)
			if !ok || !put(v) {
				return false
			}
		}
		if !put(top) {
			return false
		}
	}
	sp -= op.Imm2
	// The new top of the stack must be writable too.
	la, ok := c.linear(segSS, sp&m, size, true)
	if !ok || !c.writable(la, size) {
		return false
	}
	c.setReg(regEBP, op.Size, top)
	c.setSP(sp)
	return true
}

func execLEAVE(c *CPU, op *Op) bool {
	m := c.stackMask()
	v, ok := c.read(segSS, c.r[regEBP]&m, op.Size)
	if !ok {
		return false
	}
	c.setSP(c.r[regEBP] + uint32(op.Size))
	c.setReg(regEBP, op.Size, v)
	return true
}

func init() {
	def(kPUSHReg, "push", 0, execPUSH)
	def(kPUSHRM, "push.rm", 0, execPUSH)
	def(kPUSHImm, "push.imm", 0, execPUSH)
	def(kPUSHSeg, "push.seg", 0, execPUSH)
	def(kPOPReg, "pop", 0, execPOP)
	def(kPOPRM, "pop.rm", 0, execPOP)
	def(kPUSHA, "pusha", 0, execPUSHA)
	def(kPOPA, "popa", 0, execPOPA)
	def(kPUSHF, "pushf", 0, execPUSHF)
	def(kPOPF, "popf", 0, execPOPF)
	def(kENTER, "enter", 0, execENTER)
	def(kLEAVE, "leave", 0, execLEAVE)
}
