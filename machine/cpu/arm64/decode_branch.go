package arm64

import "slices"

// Branches (C4.1.87).
var rowsBranch = []row{
	{name: "B", pattern: "000101ii iiiiiiii iiiiiiii iiiiiiii", operands: operandsB, exec: execB, ends: true, branch: true,
		hot: one("B", "", hotB)},
	{name: "BL", pattern: "100101ii iiiiiiii iiiiiiii iiiiiiii", operands: operandsB, exec: execB, ends: true, branch: true,
		hot: one("Bl", "", hotBl)},
	{name: "B.cond", pattern: "01010100 iiiiiiii iiiiiiii iii0cccc", operands: operandsBcond, exec: execBcond, ends: true, branch: true,
		hot: one("Bcond", "", hotBcond)},
	{name: "CBZ", pattern: "f0110100 iiiiiiii iiiiiiii iiittttt", operands: operandsCbz, exec: execCbz, ends: true, branch: true,
		hot: both("Cbz", "", hotCbz, variant{op: opEqual})},
	{name: "CBNZ", pattern: "f0110101 iiiiiiii iiiiiiii iiittttt", operands: operandsCbz, exec: execCbz, ends: true, branch: true,
		hot: both("Cbnz", "", hotCbz, variant{op: opNotEqual})},
	{name: "TBZ", pattern: "b0110110 bbbbbiii iiiiiiii iiittttt", operands: operandsTbz, exec: execTbz, ends: true, branch: true,
		hot: one("Tbz", "", hotTbz, variant{op: opEqual})},
	{name: "TBNZ", pattern: "b0110111 bbbbbiii iiiiiiii iiittttt", operands: operandsTbz, exec: execTbz, ends: true, branch: true,
		hot: one("Tbnz", "", hotTbz, variant{op: opNotEqual})},
	{name: "BR", pattern: "11010110 00011111 000000nn nnn00000", operands: operandsBr, exec: execBr, ends: true,
		hot: one("Br", "", hotBr)},
	{name: "BLR", pattern: "11010110 00111111 000000nn nnn00000", operands: operandsBr, exec: execBr, ends: true,
		hot: one("Blr", "", hotBlr)},
	{name: "RET", pattern: "11010110 01011111 000000nn nnn00000", operands: operandsBr, exec: execBr, ends: true,
		hot: one("Br", "", hotBr)},
}

func operandsB(w uint32, off uint64, o *op) { o.imm = signed(uint64(w)<<2, 28) + off }

func operandsBcond(w uint32, off uint64, o *op) {
	o.rm, o.imm = uint8(w&15), signed(uint64(w>>5)<<2, 21)+off
}

func operandsCbz(w uint32, off uint64, o *op) {
	o.rn, o.imm = fieldRt(w), signed(uint64(w>>5)<<2, 21)+off
}

func operandsTbz(w uint32, off uint64, o *op) {
	o.rn, o.rm, o.imm = fieldRt(w), uint8(w>>31<<5|w>>19&31), signed(uint64(w>>5)<<2, 16)+off
}

func operandsBr(w uint32, _ uint64, o *op) { o.rn = fieldRn(w) }

// jump ends a branch: to offset bytes from it if it is taken, or to the next instruction.
func (c *CPU) jump(taken bool, offset uint64) status {
	if !taken {
		offset = 4
	}
	c.pc += offset
	return stJump
}

func execB(c *CPU, w uint32) status {
	if w>>31 != 0 {
		c.x[30] = c.pc + 4
	}
	return c.jump(true, signed(uint64(w)<<2, 28))
}

func execBcond(c *CPU, w uint32) status {
	return c.jump(c.holds(uint8(w&15)), signed(uint64(w>>5)<<2, 21))
}

func execCbz(c *CPU, w uint32) status {
	v := c.x[fieldRt(w)]
	if !is64(w) {
		v = uint64(uint32(v))
	}
	return c.jump((v == 0) == (w>>24&1 == 0), signed(uint64(w>>5)<<2, 21))
}

func execTbz(c *CPU, w uint32) status {
	bit := c.x[fieldRt(w)] >> (w>>31<<5 | w>>19&31) & 1
	return c.jump(bit == uint64(w>>24&1), signed(uint64(w>>5)<<2, 16))
}

func execBr(c *CPU, w uint32) status {
	target := c.x[fieldRn(w)]
	if w>>21&3 == 1 {
		c.x[30] = c.pc + 4
	}
	c.pc = target
	return stJump
}

// joint is the form of a comparison and the conditional branch after it.
type joint struct {
	compare string // the form that the comparison has by itself
	cond    uint8  // the condition that holds when the form's relation does
	form
}

var joints = slices.Concat(
	jointsOf("CmpI64", "SubsI64", variant{op: opSub, b: immediate, wide: true}),
	jointsOf("CmpI32", "SubsI32", variant{op: opSub, b: immediate}),
	jointsOf("CmpR64", "SubsR64", variant{op: opSub, b: register, wide: true}),
	jointsOf("CmpR32", "SubsR32", variant{op: opSub, b: register}),
)

func jointsOf(name, compare string, v variant) (out []joint) {
	for _, r := range []struct {
		suffix   string
		cond     uint8
		relation operation
	}{{"Eq", 0, opEqual}, {"Lo", 3, opLower}, {"Hi", 8, opHigher}, {"Lt", 11, opLess}, {"Gt", 12, opGreater}} {
		v.relation = r.relation
		out = append(out, joint{compare, r.cond, one(name+r.suffix, "", hotCompareBranch, v)[0]})
	}
	return out
}

// joined gives the joint of a kind of comparison and a pair of conditions (the condition and its opposite).
var joined [kindRow][8]*joint

// fuse joins a compare and the conditional branch after it into one kind. Both keep their own op and their single kind.
func fuse(cmp, branch *op) {
	if branch.kind != kindBcond || cmp.kind >= kindRow {
		return
	}
	if j := joined[cmp.kind][branch.rm>>1&7]; j != nil {
		cmp.kind = j.kind
		branch.ra = (branch.rm ^ j.cond) & 1 // what is asked for is that the relation holds, or that it does not
	}
}
