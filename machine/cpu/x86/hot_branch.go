package x86

// stackSize is the size of what the form pushes and pops.
func stackSize(f form) uint8 {
	if f.long {
		return 8
	}
	return 4
}

// stackPointer is the stack pointer, moved by so many bytes.
func stackPointer(c *CPU, by uint64, f form) uint64 {
	if f.long {
		return c.r[regESP] + by
	}
	return uint64(*lower(&c.r[regESP]) + uint32(by))
}

// push pushes v on a flat stack.
func push(c *CPU, v uint64, f form) bool {
	la := stackPointer(c, -uint64(stackSize(f)), f)
	if !store(c, la, v, stackSize(f)) {
		return false
	}
	setReg(c, f, regESP, stackSize(f), la)
	return true
}

func hotPush(c *CPU, op *Op, _ *frame, f form) outcome {
	switch f.op {
	case kPUSHImm:
		if !push(c, op.immediate(stackSize(f)), f) {
			return cold
		}
	case kPUSHReg:
		if !push(c, c.reg(op.Reg, stackSize(f)), f) {
			return cold
		}
	default:
		v, ok := operand(c, op, f, stackSize(f))
		if !ok {
			return cold
		}
		if !push(c, v, f) {
			return cold
		}
	}
	return next
}

func hotPop(c *CPU, op *Op, _ *frame, f form) outcome {
	v, ok := load(c, stackPointer(c, 0, f), stackSize(f))
	if !ok {
		return cold
	}
	setReg(c, f, regESP, stackSize(f), stackPointer(c, uint64(stackSize(f)), f))
	setReg(c, f, op.Reg, stackSize(f), v)
	return next
}

func hotLeave(c *CPU, _ *Op, _ *frame, f form) outcome {
	la := c.reg(regEBP, stackSize(f))
	v, ok := load(c, la, stackSize(f))
	if !ok {
		return cold
	}
	setReg(c, f, regESP, stackSize(f), la+uint64(stackSize(f)))
	setReg(c, f, regEBP, stackSize(f), v)
	return next
}

func hotJump(*CPU, *Op, *frame, form) outcome { return taken }

func hotJumpIf(c *CPU, _ *Op, _ *frame, f form) outcome {
	if c.condition(f.cond, f.long) {
		return taken
	}
	return next
}

// behind is the address of the next instruction.
func behind(op *Op, s *frame) uint64 { return s.page + uint64(op.Off) + uint64(op.Len) }

func hotCall(c *CPU, op *Op, s *frame, f form) outcome {
	if !push(c, behind(op, s), f) {
		return cold
	}
	return taken
}

// hotIndirect is JMP and CALL to an address in a register or in memory.
func hotIndirect(c *CPU, op *Op, s *frame, f form) outcome {
	v, ok := operand(c, op, f, stackSize(f))
	if !ok {
		return cold
	}
	if f.long && !canonical(v) {
		return cold
	}
	if f.op == kCALLRM {
		if !push(c, behind(op, s), f) {
			return cold
		}
	}
	s.ip = v
	return indirect
}

func hotReturn(c *CPU, op *Op, s *frame, f form) outcome {
	v, ok := load(c, stackPointer(c, 0, f), stackSize(f))
	if !ok {
		return cold
	}
	if f.long && !canonical(v) {
		return cold
	}
	setReg(c, f, regESP, stackSize(f), stackPointer(c, uint64(stackSize(f))+uint64(op.Imm2), f))
	s.ip = v
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
