package x86

import (
	"math"

	"forkscope/machine/cpu/code"
)

// decoder turns bytes into one Op at a time. Families other than the integer one get it to read what follows their opcode.
type decoder struct {
	c    *CPU
	code []byte // from the instruction on, to the end of what may be read
	pos  int
	// short: the instruction goes on beyond code.
	short bool

	opcode byte // last opcode byte
	modrm  byte
	// prefix is the mandatory prefix of an SSE opcode: 0, 0x66, 0xf3 or 0xf2.
	prefix byte
	end    bool // the instruction ends the block

	mode        mode
	op16        bool
	rex         byte  // the REX prefix, or 0
	segOverride uint8 // segment register number plus 1
	lock        bool
	rep         OpFlags
}

// maxLength is the longest instruction in bytes.
const maxLength = 15

func (d *decoder) imm8() uint8 {
	if d.pos >= len(d.code) {
		d.short = true
		return 0
	}
	b := d.code[d.pos]
	d.pos++
	return b
}

func (d *decoder) imm16() uint32 {
	lo := uint32(d.imm8())
	return lo | uint32(d.imm8())<<8
}

func (d *decoder) imm32() uint32 {
	lo := d.imm16()
	return lo | d.imm16()<<16
}

// signed8 is imm8, sign-extended.
func (d *decoder) signed8() uint32 { return uint32(int8(d.imm8())) }

// modRM reads ModRM and what belongs to it into op.
func (d *decoder) modRM(op *Op) {
	m := d.imm8()
	d.modrm = m
	op.Reg = m>>3&7 | d.rex<<1&8
	if m >= 0xc0 {
		op.RM = m&7 | d.rex<<3&8
		return
	}
	op.Flags |= FlagMem
	if op.Flags&FlagAddr16 != 0 {
		d.address16(op, m)
	} else {
		d.addressSIB(op, m)
	}
	if d.segOverride != 0 {
		op.Seg = d.segOverride - 1
	}
}

func (d *decoder) address16(op *Op, m byte) {
	pair := [8][2]uint8{
		{regEBX, regESI}, {regEBX, regEDI}, {regEBP, regESI}, {regEBP, regEDI},
		{regESI, regZero}, {regEDI, regZero}, {regEBP, regZero}, {regEBX, regZero},
	}[m&7]
	op.Base, op.Index, op.Scale, op.Seg = pair[0], pair[1], 0, segDS
	switch m >> 6 {
	case 0:
		if m&7 == 6 {
			op.Base = regZero
			op.Disp = d.imm16()
			return
		}
	case 1:
		op.Disp = d.signed8()
	case 2:
		op.Disp = d.imm16()
	}
	if op.Base == regEBP {
		op.Seg = segSS
	}
}

// addressSIB reads an address of 32 or 64 bits: a base, an index and a displacement.
func (d *decoder) addressSIB(op *Op, m byte) {
	rm := m & 7
	op.Base, op.Index, op.Scale, op.Seg = rm|d.rex<<3&8, regZero, 0, segDS
	if rm == 4 {
		sib := d.imm8()
		rm = sib & 7
		op.Base = rm | d.rex<<3&8
		if x := sib>>3&7 | d.rex<<2&8; x != 4 {
			op.Index, op.Scale = x, sib>>6
		}
	}
	if op.Base == regESP || op.Base == regEBP {
		op.Seg = segSS
	}
	switch m >> 6 {
	case 0:
		if rm == regEBP {
			op.Base, op.Seg = regZero, segDS
			op.Disp = d.imm32()
			if d.mode&mode64 != 0 && m&7 == 5 {
				op.Base = regPage // relative to the next instruction, see place
			}
		}
	case 1:
		op.Disp = d.signed8()
	case 2:
		op.Disp = d.imm32()
	}
}

// place says where in its page the op is, which was decoded from d.
func (op *Op) place(off uint64) {
	op.Off = uint16(off)
	if op.Base == regPage {
		disp := int64(int32(op.Disp)) + int64(off) + int64(op.Len)
		if op.Disp = uint32(disp); disp > math.MaxInt32 {
			op.Index = regFar
		}
	}
}

// beyond reports whether the target of a branch is further from its page than 32 bits say.
func (op *Op) beyond(m mode) bool {
	return m&mode64 != 0 && int64(int32(op.Imm))+int64(op.Off)+int64(op.Len) > math.MaxInt32
}

// prefixes reads prefixes and returns the first opcode byte.
func (d *decoder) prefixes(op *Op) byte {
	d.op16 = d.mode&(mode32|mode64) == 0
	addr67 := false
	for {
		b := d.imm8()
		switch b {
		case 0x66:
			d.op16 = d.mode&(mode32|mode64) != 0
			op.Flags |= FlagOp16
		case 0x67:
			addr67 = true
		case 0x26, 0x2e, 0x36, 0x3e:
			if d.mode&mode64 == 0 {
				d.segOverride = b>>3&3 + 1
			}
		case 0x64, 0x65:
			d.segOverride = b - 0x64 + segFS + 1
		case 0xf0:
			d.lock = true
			op.Flags |= FlagLock
		case 0xf2:
			d.rep = FlagRepne
		case 0xf3:
			d.rep = FlagRep
		default:
			if b&0xf0 != 0x40 || d.mode&mode64 == 0 {
				op.Flags |= d.mode.addressFlag(addr67)
				return b
			}
			d.rex = b // it counts only when it is the last prefix
			if d.pos > maxLength || d.short {
				return 0
			}
			continue
		}
		d.rex = 0
		if d.pos > maxLength || d.short {
			return 0
		}
	}
}

// addressFlag is the flag of the address size, with prefix 67 or without.
func (m mode) addressFlag(other bool) OpFlags {
	switch {
	case m&mode64 != 0 && !other:
		return 0
	case m&mode64 != 0 || m&mode32 != 0 != other:
		return FlagAddr32
	}
	return FlagAddr16
}

// REX bits; the others are 40.
const (
	rexB = 1 << 0
	rexX = 1 << 1
	rexR = 1 << 2
	rexW = 1 << 3
)

// decode reads one instruction from d.code. When it does not fit, d.short is set and op is worthless.
func (d *decoder) decode(op *Op, m mode) {
	*op = Op{Base: regZero, Index: regZero, Seg: segDS}
	d.pos, d.short, d.end, d.lock, d.rep, d.segOverride, d.prefix, d.rex = 0, false, false, false, 0, 0, 0, 0
	d.mode = m
	b := d.prefixes(op)
	table := oneByte
	if b == 0x0f {
		table = twoByte
		b = d.imm8()
	}
	d.opcode = b
	op.Opcode = uint16(b)
	op.Flags |= d.rep
	op.Size = 4
	switch {
	case d.rex&rexW != 0:
		op.Size = 8
		op.Flags |= FlagREXW
	case d.op16:
		op.Size = 2
	}
	e := &table[b]
	if e.long != nil && m&mode64 != 0 {
		e = e.long
	}
	var ok bool
	switch {
	case e.enc&encSSE != 0:
		d.prefix = 0
		switch {
		case d.rep == FlagRep:
			d.prefix = 0xf3
		case d.rep == FlagRepne:
			d.prefix = 0xf2
		case op.Flags&FlagOp16 != 0:
			d.prefix = 0x66
		}
		ok = decodeSSE(d, op) && !d.lock
	case e.enc&encFPU != 0:
		if e.enc&encModRM != 0 {
			d.modRM(op)
			op.Reg &= 7
			op.RM &= 7
			op.Opcode = uint16(b&7)<<8 | uint16(d.modrm)
		}
		ok = decodeFPU(d, op) && !d.lock
	default:
		ok = d.integer(op, e)
	}
	switch {
	case d.pos > maxLength:
		op.Kind, d.end = kTooLong, true
		d.short = false
	case !ok:
		op.Kind, d.end = kUD, true
	}
	op.Len = uint8(min(d.pos, maxLength))
	op.Cold = op.Kind
}

// size is the operand size of an instruction.
func (d *decoder) size(op *Op, enc encFlags) uint8 {
	long := d.mode&mode64 != 0
	switch {
	case enc&encByte != 0:
		return 1
	case enc&encWord != 0:
		return 2
	case enc&encNear != 0 && long:
		return 8
	case enc&encStack != 0 && long && op.Size == 4:
		return 8
	case enc&encNoREXW != 0 && op.Size == 8:
		return 4
	}
	return op.Size
}

// byteRegister is the number of a register of one byte: without REX, 4 to 7 are the second bytes of the first four.
func (d *decoder) byteRegister(n uint8) uint8 {
	if d.rex == 0 && n >= 4 {
		return n - 4 + firstHigh
	}
	return n
}

// integer reads the operands of e, an entry of the opcode maps.
func (d *decoder) integer(op *Op, e *encoding) bool {
	enc := e.enc
	op.Kind, op.Sub = e.kind, e.sub
	if enc&encRegOnly != 0 {
		d.modrm = d.imm8()
		op.Reg, op.RM = d.modrm>>3&7|d.rex<<1&8, d.modrm&7|d.rex<<3&8
	} else if enc&encModRM != 0 {
		d.modRM(op)
	}
	if e.group != nil {
		op.Reg &= 7
		g := &e.group[op.Reg]
		if r, ok := e.registers[d.modrm&0x3f]; ok && d.modrm >= 0xc0 {
			g = &r
		}
		if g.long != nil && d.mode&mode64 != 0 {
			g = g.long
		}
		op.Kind = g.kind
		enc |= g.enc
		if g.sub != 0 {
			op.Sub = g.sub
		}
	}
	op.Size = d.size(op, enc)
	if enc&encReg != 0 {
		op.Reg = d.opcode&7 | d.rex<<3&8
		op.RM = op.Reg
	}
	if enc&encByte != 0 {
		op.Reg, op.RM = d.byteRegister(op.Reg), d.byteRegister(op.RM)
	}
	if enc&encByteRM != 0 {
		op.RM = d.byteRegister(op.RM)
	}
	if enc&encCond != 0 {
		op.Sub = d.opcode & 15
	}
	d.immediates(op, enc)
	if op.Flags&FlagMem == 0 && enc&encMoffs == 0 && d.segOverride != 0 {
		op.Seg = d.segOverride - 1
	}
	if op.Kind == kUD {
		d.end = true
		return true
	}
	d.end = enc&encEnd != 0 || enc&encRep != 0 && d.rep != 0
	if op.Kind == kJcc && (d.mode&modeFlat == 0 || op.Size == 2) {
		d.end = true // the hot forms let the block go on
	}
	switch {
	case op.Kind == kXCHG && enc&encReg != 0 && op.Reg == 0:
		op.Kind = kNOP
	case op.Kind == kCMPXCHG8B && op.Size == 8:
		op.Kind = kCMPXCHG16B
	case op.Kind == kNOPRM && d.opcode == 0x1e && d.rep == FlagRep && op.Flags&FlagMem == 0 && op.Reg&7 == 1:
		op.Kind, op.Size = kRDSSP, max(op.Size, 4)
	}
	if d.lock && (enc&encLock == 0 || op.Flags&FlagMem == 0 || op.Sub == formRegRM && op.Kind <= kCMP && op.Kind >= kADD) {
		return false
	}
	if enc&encF3 != 0 && d.rep != FlagRep {
		return false
	}
	return enc&encMem == 0 || op.Flags&FlagMem != 0
}

func (d *decoder) immediates(op *Op, enc encFlags) {
	if enc&encImm16 != 0 {
		op.Imm2 = d.imm16()
	}
	switch {
	case enc&encImm8 != 0, enc&encImm != 0 && op.Size == 1, enc&encRel8 != 0:
		op.Imm = d.signed8()
	case enc&(encImm|encFar) != 0 && op.Size == 2:
		op.Imm = d.imm16()
	case enc&encImm64 != 0 && op.Size == 8:
		op.Kind = kMOVImm64
		op.Imm, op.Imm2 = d.imm32(), d.imm32()
	case enc&(encImm|encFar) != 0:
		op.Imm = d.imm32()
	case enc&encRel != 0 && op.Size == 2:
		op.Imm = uint32(int16(d.imm16()))
	case enc&encRel != 0:
		op.Imm = d.imm32()
	}
	if enc&encFar != 0 {
		op.Imm2 = d.imm16()
	}
	if enc&encMoffs != 0 {
		op.Flags |= FlagMem
		switch {
		case op.Flags&FlagAddr16 != 0:
			op.Disp = d.imm16()
		case op.Flags&FlagAddr32 != 0:
			op.Disp = d.imm32()
		default:
			op.Disp, op.Imm2 = d.imm32(), d.imm32()
		}
		if d.segOverride != 0 {
			op.Seg = d.segOverride - 1
		}
	}
}

// decodeBlock decodes the block at a place. It returns nil with an exception pending
// when the first instruction reaches into a page that cannot be fetched.
func (c *CPU) decodeBlock(at codePlace, m mode) *block {
	d := &c.dec
	d.c = c
	page := c.ramPage(at.off)
	start := uint32(at.off & 0xfff)
	ops := c.dec0[:0]
	pos := start
	limit := blockMax
	if m&modeStep != 0 {
		limit = 1
	}
	ended, unsteady := false, false
	for len(ops) < limit && pos < 0x1000 {
		n := len(ops)
		ops = append(ops, Op{})
		op := &ops[n]
		d.code = page[pos:]
		d.decode(op, m)
		if d.short && n == 0 {
			return c.decodeCrossing(at, m)
		}
		unsteady = !d.short && c.code.Unsteady(at.page, pos, pos+uint32(op.Len))
		if d.short || unsteady && n > 0 {
			ops, unsteady = ops[:n], false
			break
		}
		op.place(uint64(pos))
		op.Idx = uint8(n)
		pos += uint32(op.Len)
		if ended = d.end || op.Kind == kJcc && op.beyond(m); ended || unsteady {
			break
		}
	}
	var b *block
	if unsteady {
		b = c.aloneBlock()
		c.code.Passing(at.page, start, pos)
	} else {
		b = new(block)
	}
	b.Off, b.End, b.Mode, b.n = uint16(start), uint16(pos), uint8(m), uint8(len(ops))
	c.finishBlock(b, ops, ended)
	if !unsteady {
		c.code.Add(at.page, b, b.size())
	}
	return b
}

// aloneBlock is for a block that is executed once, now. It is good until the next such block.
func (c *CPU) aloneBlock() *block {
	c.onceBase = c.clk.Retired
	b := &c.once
	b.Block, b.alone = code.Block[block]{}, true // it has no links
	return b
}

// decodeCrossing decodes an instruction that starts in the page of a place and ends in the next.
func (c *CPU) decodeCrossing(at codePlace, m mode) *block {
	next := ((at.la | 0xfff) + 1) & c.mask
	if cs := &c.seg[segCS]; (next-cs.start)&c.mask > cs.hi {
		c.raiseErr(excGP, 0) // before the page of what is beyond the segment is looked at
		return nil
	}
	second, inRAM, ok := c.fetchOffset(next)
	if !ok {
		return nil
	}
	if !inRAM {
		return c.decodeForeign(at.la, m)
	}
	var buf [2 * maxLength]byte
	n := copy(buf[:maxLength], c.ramPage(at.off)[at.off&0xfff:])
	copy(buf[n:], c.ramPage(second)[:maxLength])
	d := &c.dec
	d.code = buf[:n+maxLength]
	var op Op
	d.decode(&op, m)
	op.place(at.off & 0xfff)
	over, page2 := uint32(d.pos-n), c.code.At(uint64(c.ramBase)+second)
	var b *block
	first := uint32(at.off & 0xfff)
	unsteady := c.code.Unsteady(at.page, first, 0x1000) || c.code.Unsteady(page2, 0, over)
	if unsteady {
		b = c.aloneBlock()
		c.code.Passing(at.page, first, 0x1000)
		c.code.Passing(page2, 0, over)
	} else {
		b = &block{alone: true}
	}
	b.Off, b.End, b.Mode, b.n = op.Off, 0x1000, uint8(m), 1
	b.Into, b.Over = uint64(c.ramBase)+second, uint8(over)
	c.finishBlock(b, append(c.dec0[:0], op), d.end)
	if !unsteady {
		c.code.Add(at.page, b, b.size())
	}
	return b
}

// decodeForeign decodes one instruction that is not in RAM. The block is not kept.
func (c *CPU) decodeForeign(la uint64, m mode) *block {
	var buf [maxLength + 1]byte
	d := &c.dec
	d.c = c
	var op Op
	for n := range buf {
		v, ok := c.fetchByte((la + uint64(n)) & c.mask)
		if !ok {
			return nil
		}
		buf[n] = v
		d.code = buf[:n+1]
		if d.decode(&op, m); !d.short {
			break
		}
	}
	op.place(la & 0xfff)
	b := c.aloneBlock()
	b.Off, b.End, b.Mode, b.n = op.Off, 0x1000, uint8(m), 1
	c.finishBlock(b, append(c.dec0[:0], op), d.end)
	return b
}

func (c *CPU) fetchByte(la uint64) (byte, bool) {
	off, inRAM, ok := c.fetchOffset(la)
	if !ok {
		return 0, false
	}
	if inRAM {
		return c.ramLoad8(uint32(off)), true
	}
	v, ok := c.bus.ReadMMIO(off, 1)
	if !ok {
		v = 0xff
	}
	return byte(v), true
}

// finishBlock turns decoded instructions into the ops that run.
func (c *CPU) finishBlock(b *block, ops []Op, ended bool) {
	last := ops[len(ops)-1]
	if h := hotSets[mode(b.Mode)&^modeStep]; h != nil {
		ops, ended = h.specialise(b, ops, ended)
	}
	end := &hotEnds[b.Mode&^uint8(modeStep)]
	tail := Op{Kind: end.exitNext, Cold: kExitNext, Off: last.Off + uint16(last.Len), Idx: b.n}
	if ended {
		tail.Kind, tail.Cold = end.exit, kExit
	}
	c.dec0 = ops
	if n := len(ops) + 1; cap(b.ops) < n {
		b.ops = make([]Op, n)
	} else {
		b.ops = b.ops[:n]
	}
	copy(b.ops, ops)
	b.ops[len(ops)] = tail
}
