package x86

// Near transfers of control. (The hot forms in flat code are in the dispatch switch.)

// jumpTo sets the instruction pointer within the present code segment, or raises #GP(0).
func (c *CPU) jumpTo(target uint64, size uint8) bool {
	target &= sizeMask(size)
	if target > c.seg[segCS].hi || !canonical(target) {
		return c.raiseErr(excGP, 0)
	}
	c.ip = target
	return true
}

func execJMP(c *CPU, op *Op) bool { return c.jumpTo(c.ip+uint64(int32(op.Imm)), op.Size) }

func execJcc(c *CPU, op *Op) bool {
	if !c.cond(cond(op.Sub)) {
		return true
	}
	return c.jumpTo(c.ip+uint64(int32(op.Imm)), op.Size)
}

func execJMPRM(c *CPU, op *Op) bool {
	t, ok := c.rm(op)
	return ok && c.jumpTo(t, op.Size)
}

// callTo pushes the return address before it compares the target with the limit, as processors do; a bad target leaves it in memory, below ESP.
func (c *CPU) callTo(target uint64, size uint8) bool {
	if !canonical(target) { // nothing is written then (SDM vol. 2, CALL), but the stack is looked at first
		return c.probe(segSS, (c.r[regESP]-uint64(size))&c.stackMask(), uint64(size), true) && c.raiseErr(excGP, 0)
	}
	sp := c.r[regESP]
	shadow := c.mode&modeShadow != 0 && target != c.ip // a call of what follows is how code finds its own address
	if shadow {
		if _, ok := c.shadowPage(c.ssp-uint64(size), pfWrite); !ok {
			return false
		}
	}
	if !c.push(c.ip, size) {
		return false
	}
	if shadow {
		c.shadowPush(c.ip, size)
	}
	if !c.jumpTo(target, size) {
		c.r[regESP] = sp
		return false
	}
	return true
}

func execCALL(c *CPU, op *Op) bool { return c.callTo(c.ip+uint64(int32(op.Imm)), op.Size) }

func execCALLRM(c *CPU, op *Op) bool {
	t, ok := c.rm(op)
	return ok && c.callTo(t, op.Size)
}

func execRET(c *CPU, op *Op) bool {
	t, ok := c.peek(0, op.Size)
	if !ok || !c.jumpTo(t, op.Size) || c.mode&modeShadow != 0 && !c.shadowReturn(t, op.Size) {
		return false
	}
	c.setSP(c.r[regESP] + uint64(op.Size) + uint64(op.Imm2))
	return true
}

// execLOOP is LOOP, LOOPE, LOOPNE and JECXZ. The counter's width is the address size.
func execLOOP(c *CPU, op *Op) bool {
	mask := op.addressMask()
	count := c.r[regECX] & mask
	var taken bool
	if op.Cold == kJCXZ {
		taken = count == 0
	} else {
		count = (count - 1) & mask
		taken = count != 0 && (op.Cold == kLOOP || c.zf() == (op.Cold == kLOOPE))
	}
	if taken && !c.jumpTo(c.ip+uint64(int32(op.Imm)), op.Size) {
		return false
	}
	if op.Cold != kJCXZ {
		setMasked(&c.r[regECX], count, mask)
	}
	return true
}

func execBOUND(c *CPU, op *Op) bool {
	ea := c.ea(op)
	lo, ok := c.read(op.Seg, ea, op.Size)
	if !ok {
		return false
	}
	v := int64(signExtend(c.reg(op.Reg, op.Size), op.Size))
	if v < int64(signExtend(lo, op.Size)) {
		return c.raise(excBR) // the upper bound is not even read
	}
	hi, ok := c.read(op.Seg, ea+uint64(op.Size), op.Size)
	if !ok {
		return false
	}
	if v > int64(signExtend(hi, op.Size)) {
		return c.raise(excBR)
	}
	return true
}

func init() {
	def(kJMP, "jmp", 0, execJMP)
	def(kJcc, "jcc", 0, execJcc)
	def(kJMPRM, "jmp.rm", 0, execJMPRM)
	def(kCALL, "call", 0, execCALL)
	def(kCALLRM, "call.rm", 0, execCALLRM)
	def(kRET, "ret", 0, execRET)
	def(kLOOPNE, "loopne", 0, execLOOP)
	def(kLOOPE, "loope", 0, execLOOP)
	def(kLOOP, "loop", 0, execLOOP)
	def(kJCXZ, "jecxz", 0, execLOOP)
	def(kBOUND, "bound", 0, execBOUND)
}
