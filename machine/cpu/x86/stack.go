package x86

// The stack. The width of the stack pointer follows SS.B, but for 64-bit mode, where it is all of RSP; the size of an item is the operand size.

// stackMask is the bits of the stack pointer that are in use.
func (c *CPU) stackMask() uint64 {
	switch {
	case c.mode&mode64 != 0:
		return ^uint64(0)
	case c.seg[segSS].attr&attrDB != 0:
		return 0xffffffff
	}
	return 0xffff
}

func (c *CPU) setSP(v uint64) {
	m := c.stackMask()
	c.r[regESP] = c.r[regESP]&^m | v&m
}

// push writes v below the top of the stack and moves the stack pointer; when it fails, that is as before.
func (c *CPU) push(v uint64, size uint8) bool {
	m := c.stackMask()
	sp := (c.r[regESP] - uint64(size)) & m
	if !c.write(segSS, sp, v, size) {
		return false
	}
	c.r[regESP] = c.r[regESP]&^m | sp
	return true
}

// peek reads the item at offset bytes above the top of the stack.
func (c *CPU) peek(offset uint64, size uint8) (uint64, bool) {
	return c.read(segSS, (c.r[regESP]+offset)&c.stackMask(), size)
}

// pushedSelector is how many bytes of a slot of so many a selector takes: a slot of 32 bits is written as 16, as on current processors.
func pushedSelector(size uint8) uint8 {
	if size == 4 {
		return 2
	}
	return size
}

func execPUSH(c *CPU, op *Op) bool {
	switch op.Cold {
	case kPUSHReg:
		return c.push(c.reg(op.Reg, op.Size), op.Size)
	case kPUSHImm:
		return c.push(op.immediate(op.Size), op.Size)
	case kPUSHSeg:
		m := c.stackMask()
		sp := (c.r[regESP] - uint64(op.Size)) & m
		if !c.write(segSS, sp, uint64(c.seg[op.Sub].sel), pushedSelector(op.Size)) {
			return false
		}
		c.r[regESP] = c.r[regESP]&^m | sp
		return true
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
	c.setSP(old + uint64(op.Size))
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
	size := uint64(op.Size)
	sp := c.r[regESP]
	// All eight or none.
	for i := uint64(1); i <= 8; i++ {
		la, ok := c.linear(segSS, (sp-i*size)&m, size, true)
		if !ok || !c.writable(la, size) {
			return false
		}
	}
	for i := range uint8(8) {
		c.write(segSS, (sp-uint64(i+1)*size)&m, c.reg(i, op.Size), op.Size)
	}
	c.setSP(sp - 8*size)
	return true
}

func execPOPA(c *CPU, op *Op) bool {
	var v [8]uint64
	for i := range v {
		var ok bool
		if v[i], ok = c.peek(uint64(i)*uint64(op.Size), op.Size); !ok {
			return false
		}
	}
	for i := range uint8(8) {
		if 7-i != regESP {
			c.setReg(7-i, op.Size, v[i])
		}
	}
	c.setSP(c.r[regESP] + 8*uint64(op.Size))
	return true
}

func (c *CPU) iopl() uint8 { return uint8(c.eflags >> 12 & 3) }

func execPUSHF(c *CPU, op *Op) bool {
	if c.eflags&flagVM != 0 && c.iopl() < 3 {
		return c.raiseErr(excGP, 0)
	}
	return c.push(uint64(c.getFlags()&^(flagVM|flagRF)), op.Size)
}

func execPOPF(c *CPU, op *Op) bool {
	if c.eflags&flagVM != 0 && c.iopl() < 3 {
		return c.raiseErr(excGP, 0)
	}
	v, ok := c.peek(0, op.Size)
	if !ok {
		return false
	}
	c.setSP(c.r[regESP] + uint64(op.Size))
	mask := uint32(flagsArith | flagTF | flagDF | flagNT)
	if op.Size >= 4 {
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
	c.setFlags(uint32(v), mask)
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
	size := uint64(op.Size)
	level := op.Imm & 31
	m := c.stackMask()
	sp, bp := c.r[regESP], c.r[regEBP]
	put := func(v uint64) bool {
		sp = sp&^m | (sp-size)&m
		return c.write(segSS, sp&m, v, op.Size)
	}
	if !put(c.reg(regEBP, op.Size)) {
		return false
	}
	top := sp
	if level > 0 {
		for i := uint64(1); i < uint64(level); i++ {
			v, ok := c.read(segSS, (bp-i*size)&m, op.Size)
			if !ok || !put(v) {
				return false
			}
		}
		if !put(top) {
			return false
		}
	}
	sp -= uint64(op.Imm2)
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
	c.setSP(c.r[regEBP] + uint64(op.Size))
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
