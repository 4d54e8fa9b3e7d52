package x86

// push pushes v on a flat stack.
func push(c *CPU, v uint32) bool {
	la := c.r[regESP] - 4
	if !store(c, la, v, 4) {
		return false
	}
	c.r[regESP] = la
	return true
}

func hotPush(c *CPU, op *Op, _ *frame, f form) outcome {
	switch f.op {
	case kPUSHImm:
		if !push(c, op.Imm) {
			return cold
		}
	case kPUSHReg:
		if !push(c, c.r[op.Reg&7]) {
			return cold
		}
	default:
		v, ok := operand(c, op, f, 4)
		if !ok {
			return cold
		}
		if !push(c, v) {
			return cold
		}
	}
	return next
}

func hotPop(c *CPU, op *Op, _ *frame, _ form) outcome {
	la := c.r[regESP]
	v, ok := load(c, la, 4)
	if !ok {
		return cold
	}
	c.r[regESP] = la + 4
	c.r[op.Reg&7] = v
	return next
}

func hotLeave(c *CPU, _ *Op, _ *frame, _ form) outcome {
	la := c.r[regEBP]
	v, ok := load(c, la, 4)
	if !ok {
		return cold
	}
	c.r[regESP] = la + 4
	c.r[regEBP] = v
	return next
}

func hotJump(*CPU, *Op, *frame, form) outcome { return taken }

func hotJumpIf(c *CPU, _ *Op, _ *frame, f form) outcome {
	if c.cond(f.cond) {
		return taken
	}
	return next
}

// behind is the EIP of the next instruction.
func behind(op *Op, s *frame) uint32 { return s.page + uint32(op.Off) + uint32(op.Len) }

func hotCall(c *CPU, op *Op, s *frame, _ form) outcome {
	if !push(c, behind(op, s)) {
		return cold
	}
	return taken
}

// hotIndirect is JMP and CALL to an address in a register or in memory.
func hotIndirect(c *CPU, op *Op, s *frame, f form) outcome {
	v, ok := operand(c, op, f, 4)
	if !ok {
		return cold
	}
	if f.op == kCALLRM {
		if !push(c, behind(op, s)) {
			return cold
		}
	}
	s.eip = v
	return indirect
}

func hotReturn(c *CPU, op *Op, s *frame, _ form) outcome {
	la := c.r[regESP]
	v, ok := load(c, la, 4)
	if !ok {
		return cold
	}
	c.r[regESP] = la + 4 + op.Imm2
	s.eip = v
	return indirect
}

// hotEnd is the end of a block.
func hotEnd(_ *CPU, _ *Op, _ *frame, f form) outcome {
	if f.op == kExit {
		return leave
	}
	return leaveNext
}

// hotOther is every kind that is no hot form.
func hotOther(*CPU, *Op, *frame) outcome { return cold }
