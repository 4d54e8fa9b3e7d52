package arm64

func hotNop(*CPU, *op, *frame) outcome { return next }

// hotEnd stands behind the last instruction of a block that does not end in a branch.
func hotEnd(*CPU, *op, *frame) outcome { return fall }

func hotUndefined(*CPU, *op, *frame) outcome { return slow }

// hotRow runs what has no hot form: FP and SIMD data instructions at once, since they cannot fault, and others by way of slow.
func hotRow(c *CPU, o *op, _ *frame) outcome {
	r := &rows[o.kind-kindRow]
	if r.simd != nil && !c.fpTrap {
		r.simd(c, uint32(o.imm))
		return next
	}
	return slow
}

func hotB(_ *CPU, o *op, s *frame) outcome {
	s.offset = o.imm
	return taken
}

func hotBl(c *CPU, o *op, s *frame) outcome {
	c.x[30] = s.pc + 4*s.n
	s.offset = o.imm
	return taken
}

func hotBr(c *CPU, o *op, s *frame) outcome {
	s.pc = c.x[o.rn]
	return away
}

func hotBlr(c *CPU, o *op, s *frame) outcome {
	to := c.x[o.rn]
	c.x[30] = s.pc + 4*s.n
	s.pc = to
	return away
}

func hotBcond(c *CPU, o *op, s *frame) outcome {
	s.offset = o.imm
	if condition(c, o.rm) {
		return taken
	}
	return fall
}

func hotCbz(c *CPU, o *op, s *frame, f variant) outcome {
	s.offset = o.imm
	v := cut(f, c.x[o.rn])
	if f.op == opEqual {
		if v == 0 {
			return taken
		}
	} else if v != 0 {
		return taken
	}
	return fall
}

func hotTbz(c *CPU, o *op, s *frame, f variant) outcome {
	s.offset = o.imm
	v := c.x[o.rn] >> (o.rm & 63) & 1
	if f.op == opEqual {
		if v == 0 {
			return taken
		}
	} else if v != 0 {
		return taken
	}
	return fall
}

// compared says whether a comparison holds; 32-bit operands are in the upper halves.
func compared(f variant, a, b uint64) bool {
	switch f.relation {
	case opEqual:
		return a == b
	case opLower:
		return a < b
	case opHigher:
		return a > b
	case opLess:
		return int64(a) < int64(b)
	}
	return int64(a) > int64(b)
}

// hotCompareBranch is a comparison and the conditional branch after it, whose ra inverts the sense.
func hotCompareBranch(c *CPU, o *op, s *frame, f variant) outcome {
	a, b := addFlags(c, o, f)
	branch := after(o)
	s.offset = branch.imm
	if compared(f, a, b) != (branch.ra != 0) {
		return taken
	}
	return fall
}
