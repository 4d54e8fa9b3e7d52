package x86

import (
	"math/bits"
	"unsafe"
)

const opSize = unsafe.Sizeof(Op{})

// exec runs b, which starts at c.eip, and the blocks that follow it while the clock is at most fastUntil when one starts. It
// returns at an instruction boundary with c.eip and the clock exact, or with an exception pending and both at the
// instruction that raised it.
//
// This is the dispatch switch. A hot case does its work or goes to cold, where the op's general function does it.
func (c *CPU) exec(b *block) {
	c.stop = false
	page := c.eip - uint32(b.Off)
	now := c.clk.Retired
	var op *Op
	var eip uint32
	var next *block
enter:
	c.base = now
	op = unsafe.SliceData(b.ops)
	for {
		switch op.Kind {
		case hMOVrr:
			c.r[op.RM&7] = c.r[op.Reg&7]
		case hMOVri:
			c.r[op.Reg&7] = op.Imm
		case hLoad32:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			c.r[op.Reg&7] = v
		case hStore32:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			*(*uint32)(unsafe.Add(c.ram, la+e.delta)) = c.r[op.Reg&7]
		case hStore32i:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			*(*uint32)(unsafe.Add(c.ram, la+e.delta)) = op.Imm
		case hLEA:
			c.r[op.Reg&7] = c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
		case hLoad32B:
			la := c.r[op.Base&15] + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			c.r[op.Reg&7] = v
		case hStore32B:
			la := c.r[op.Base&15] + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			*(*uint32)(unsafe.Add(c.ram, la+e.delta)) = c.r[op.Reg&7]
		case hStore32iB:
			la := c.r[op.Base&15] + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			*(*uint32)(unsafe.Add(c.ram, la+e.delta)) = op.Imm
		case hLEAB:
			c.r[op.Reg&7] = c.r[op.Base&15] + op.Disp
		case hMOV8rr:
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) = *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2))
		case hMOV8ri:
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)) = uint8(op.Imm)
		case hLoad8:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)) = uint8(v)
		case hStore8:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			*(*uint8)(unsafe.Add(c.ram, la+e.delta)) = uint8(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)))
		case hStore8i:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			*(*uint8)(unsafe.Add(c.ram, la+e.delta)) = uint8(op.Imm)
		case hLoad16:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+1)|0xfff {
				goto cold
			}
			v := uint32(*(*uint16)(unsafe.Add(c.ram, la+e.delta)))
			c.r[op.Reg&7] = c.r[op.Reg&7]&^0xffff | v
		case hStore16:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+1)|0xfff {
				goto cold
			}
			*(*uint16)(unsafe.Add(c.ram, la+e.delta)) = uint16(c.r[op.Reg&7])
		case hStore16i:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+1)|0xfff {
				goto cold
			}
			*(*uint16)(unsafe.Add(c.ram, la+e.delta)) = uint16(op.Imm)
		case hMOVZX8r:
			c.r[op.Reg&7] = uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)))
		case hMOVSX8r:
			c.r[op.Reg&7] = uint32(int32(int8(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)))))
		case hMOVZX16r:
			c.r[op.Reg&7] = c.r[op.RM&7] & 0xffff
		case hMOVSX16r:
			c.r[op.Reg&7] = uint32(int32(int16(c.r[op.RM&7])))
		case hMOVZX8m:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			c.r[op.Reg&7] = v
		case hMOVSX8m:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			c.r[op.Reg&7] = uint32(int32(int8(v)))
		case hMOVZX16m:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+1)|0xfff {
				goto cold
			}
			v := uint32(*(*uint16)(unsafe.Add(c.ram, la+e.delta)))
			c.r[op.Reg&7] = v
		case hMOVSX16m:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+1)|0xfff {
				goto cold
			}
			v := uint32(*(*uint16)(unsafe.Add(c.ram, la+e.delta)))
			c.r[op.Reg&7] = uint32(int32(int16(v)))
		case hADDrr:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a + b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
		case hORrr:
			r := c.r[op.RM&7] | c.r[op.Reg&7]
			c.r[op.RM&7] = r
			c.fres, c.faux = r, 0
		case hADCrr:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a + b + c.cf()
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
		case hSBBrr:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b - c.cf()
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hANDrr:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.r[op.RM&7] = r
			c.fres, c.faux = r, 0
		case hSUBrr:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hXORrr:
			r := c.r[op.RM&7] ^ c.r[op.Reg&7]
			c.r[op.RM&7] = r
			c.fres, c.faux = r, 0
		case hCMPrr:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hADDri:
			a, b := c.r[op.RM&7], op.Imm
			r := a + b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
		case hORri:
			r := c.r[op.RM&7] | op.Imm
			c.r[op.RM&7] = r
			c.fres, c.faux = r, 0
		case hADCri:
			a, b := c.r[op.RM&7], op.Imm
			r := a + b + c.cf()
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
		case hSBBri:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b - c.cf()
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hANDri:
			r := c.r[op.RM&7] & op.Imm
			c.r[op.RM&7] = r
			c.fres, c.faux = r, 0
		case hSUBri:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hXORri:
			r := c.r[op.RM&7] ^ op.Imm
			c.r[op.RM&7] = r
			c.fres, c.faux = r, 0
		case hCMPri:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hADDrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a + b
			c.r[op.Reg&7] = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
		case hORrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := c.r[op.Reg&7] | v
			c.r[op.Reg&7] = r
			c.fres, c.faux = r, 0
		case hADCrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a + b + c.cf()
			c.r[op.Reg&7] = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
		case hSBBrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b - c.cf()
			c.r[op.Reg&7] = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hANDrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := c.r[op.Reg&7] & v
			c.r[op.Reg&7] = r
			c.fres, c.faux = r, 0
		case hSUBrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.r[op.Reg&7] = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hXORrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := c.r[op.Reg&7] ^ v
			c.r[op.Reg&7] = r
			c.fres, c.faux = r, 0
		case hCMPrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hADDmr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := *p, c.r[op.Reg&7]
			r := a + b
			*p = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
		case hORmr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := *p | c.r[op.Reg&7]
			*p = r
			c.fres, c.faux = r, 0
		case hADCmr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := *p, c.r[op.Reg&7]
			r := a + b + c.cf()
			*p = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
		case hSBBmr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := *p, c.r[op.Reg&7]
			r := a - b - c.cf()
			*p = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hANDmr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := *p & c.r[op.Reg&7]
			*p = r
			c.fres, c.faux = r, 0
		case hSUBmr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := *p, c.r[op.Reg&7]
			r := a - b
			*p = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hXORmr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := *p ^ c.r[op.Reg&7]
			*p = r
			c.fres, c.faux = r, 0
		case hCMPmr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hADDmi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := *p, op.Imm
			r := a + b
			*p = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
		case hORmi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := *p | op.Imm
			*p = r
			c.fres, c.faux = r, 0
		case hADCmi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := *p, op.Imm
			r := a + b + c.cf()
			*p = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
		case hSBBmi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := *p, op.Imm
			r := a - b - c.cf()
			*p = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hANDmi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := *p & op.Imm
			*p = r
			c.fres, c.faux = r, 0
		case hSUBmi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := *p, op.Imm
			r := a - b
			*p = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hXORmi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := *p ^ op.Imm
			*p = r
			c.fres, c.faux = r, 0
		case hCMPmi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
		case hTESTrr:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.fres, c.faux = r, 0
		case hTESTri:
			r := c.r[op.RM&7] & op.Imm
			c.fres, c.faux = r, 0
		case hTESTmi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := v & op.Imm
			c.fres, c.faux = r, 0
		case hTESTmr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := v & c.r[op.Reg&7]
			c.fres, c.faux = r, 0
		case hCMP8rr:
			a, b := uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)))
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
		case hCMP8ri:
			a, b := uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), op.Imm&0xff
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
		case hCMP8rm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			a, b := uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2))), v
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
		case hCMP8mr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			a, b := v, uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)))
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
		case hCMP8mi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			a, b := v, op.Imm&0xff
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
		case hTEST8rr:
			c.flagsLogic(uint32(int32(int8(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) & *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2))))))
		case hTEST8ri:
			c.flagsLogic(uint32(int32(int8(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) & uint8(op.Imm)))))
		case hTEST8mi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			c.flagsLogic(uint32(int32(int8(v & op.Imm))))
		case hALU8rr:
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) = uint8(c.arithmetic(op.Cold, uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2))), 1))
		case hALU8ri:
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) = uint8(c.arithmetic(op.Cold, uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), op.Imm&0xff, 1))
		case hALU8rm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)) = uint8(c.arithmetic(op.Cold, uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2))), v, 1))
		case hOR8rr:
			r := *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) | *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2))
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) = r
			c.fres, c.faux = uint32(int32(int8(r))), 0
		case hOR8ri:
			r := *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) | uint8(op.Imm)
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) = r
			c.fres, c.faux = uint32(int32(int8(r))), 0
		case hAND8rr:
			r := *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) & *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2))
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) = r
			c.fres, c.faux = uint32(int32(int8(r))), 0
		case hAND8ri:
			r := *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) & uint8(op.Imm)
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) = r
			c.fres, c.faux = uint32(int32(int8(r))), 0
		case hXOR8rr:
			r := *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) ^ *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2))
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) = r
			c.fres, c.faux = uint32(int32(int8(r))), 0
		case hXOR8ri:
			r := *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) ^ uint8(op.Imm)
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) = r
			c.fres, c.faux = uint32(int32(int8(r))), 0
		case hINCr:
			r := c.r[op.RM&7] + 1
			c.r[op.RM&7] = r
			over := (r & ^(r - 1)) >> 1 & (1 << 30)
			cf := c.faux & (1 << 31)
			c.fres, c.faux = r, cf|cf>>1^over|(r-1)&^r&auxAF
		case hDECr:
			r := c.r[op.RM&7] - 1
			c.r[op.RM&7] = r
			over := (^r & (r + 1)) >> 1 & (1 << 30)
			cf := c.faux & (1 << 31)
			c.fres, c.faux = r, cf|cf>>1^over|^(r+1)&r&auxAF
		case hINCm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := *p + 1
			*p = r
			over := (r & ^(r - 1)) >> 1 & (1 << 30)
			cf := c.faux & (1 << 31)
			c.fres, c.faux = r, cf|cf>>1^over|(r-1)&^r&auxAF
		case hDECm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			p := (*uint32)(unsafe.Add(c.ram, la+e.delta))
			r := *p - 1
			*p = r
			over := (^r & (r + 1)) >> 1 & (1 << 30)
			cf := c.faux & (1 << 31)
			c.fres, c.faux = r, cf|cf>>1^over|^(r+1)&r&auxAF
		case hNOTr:
			c.r[op.RM&7] = ^c.r[op.RM&7]
		case hNEGr:
			b := c.r[op.RM&7]
			c.r[op.RM&7] = -b
			r := -b
			c.fres, c.faux = r, (b|r)&auxMask
		case hSHLri:
			v, n := c.r[op.RM&7], op.Imm
			x := uint64(v) << (n & 63)
			r := uint32(x)
			c.r[op.RM&7] = r
			c.fres, c.faux = r, uint32(x>>32)<<31|r>>1&(1<<30)
		case hSHLrc:
			if n := c.r[regECX] & 31; n != 0 {
				v := c.r[op.RM&7]
				x := uint64(v) << (n & 63)
				r := uint32(x)
				c.r[op.RM&7] = r
				c.fres, c.faux = r, uint32(x>>32)<<31|r>>1&(1<<30)
			}
		case hSHRri:
			v, n := c.r[op.RM&7], op.Imm
			x := v >> ((n - 1) & 31)
			r := x >> 1
			c.r[op.RM&7] = r
			c.fres, c.faux = r, x<<31|(x<<30^r)&(1<<30)
		case hSHRrc:
			if n := c.r[regECX] & 31; n != 0 {
				v := c.r[op.RM&7]
				x := v >> ((n - 1) & 31)
				r := x >> 1
				c.r[op.RM&7] = r
				c.fres, c.faux = r, x<<31|(x<<30^r)&(1<<30)
			}
		case hSARri:
			v, n := c.r[op.RM&7], op.Imm
			x := uint32(int32(v) >> ((n - 1) & 31))
			r := uint32(int32(x) >> 1)
			c.r[op.RM&7] = r
			c.fres, c.faux = r, x<<31|x<<30&(1<<30)
		case hSARrc:
			if n := c.r[regECX] & 31; n != 0 {
				v := c.r[op.RM&7]
				x := uint32(int32(v) >> ((n - 1) & 31))
				r := uint32(int32(x) >> 1)
				c.r[op.RM&7] = r
				c.fres, c.faux = r, x<<31|x<<30&(1<<30)
			}
		case hROLri:
			r := bits.RotateLeft32(c.r[op.RM&7], int(op.Imm&31))
			c.r[op.RM&7] = r
			c.faux = c.faux&^(3<<30) | r<<31 | r>>1&(1<<30)
		case hRORri:
			r := bits.RotateLeft32(c.r[op.RM&7], -int(op.Imm&31))
			c.r[op.RM&7] = r
			c.faux = c.faux&^(3<<30) | r&(3<<30)
		case hIMULrr:
			s := int64(int32(c.r[op.Reg&7])) * int64(int32(c.r[op.RM&7]))
			c.r[op.Reg&7] = uint32(s)
			c.fres, c.faux = uint32(s), 0
			if s != int64(int32(s)) {
				c.faux = 1 << 31 // CF and OF
			}
		case hIMULrri:
			s := int64(int32(c.r[op.RM&7])) * int64(int32(op.Imm))
			c.r[op.Reg&7] = uint32(s)
			c.fres, c.faux = uint32(s), 0
			if s != int64(int32(s)) {
				c.faux = 1 << 31 // CF and OF
			}
		case hIMULrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			s := int64(int32(c.r[op.Reg&7])) * int64(int32(v))
			c.r[op.Reg&7] = uint32(s)
			c.fres, c.faux = uint32(s), 0
			if s != int64(int32(s)) {
				c.faux = 1 << 31 // CF and OF
			}
		case hMULr:
			p := uint64(c.r[regEAX]) * uint64(c.r[op.RM&7])
			c.r[regEAX], c.r[regEDX] = uint32(p), uint32(p>>32)
			c.flagsLogic(uint32(p))
			if p>>32 != 0 {
				c.faux = 1 << 31
			}
		case hCDQ:
			c.r[regEDX] = uint32(int32(c.r[regEAX]) >> 31)
		case hCWDE:
			c.r[regEAX] = uint32(int32(int16(c.r[regEAX])))
		case hXCHGrr:
			c.r[op.RM&7], c.r[op.Reg&7] = c.r[op.Reg&7], c.r[op.RM&7]
		case hBSWAP:
			c.r[op.Reg&7] = bits.ReverseBytes32(c.r[op.Reg&7])
		case hSETcc:
			v := uint8(0)
			if c.cond(op.Sub) {
				v = 1
			}
			*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) = v
		case hCMOVrr:
			if c.cond(op.Sub) {
				c.r[op.Reg&7] = c.r[op.RM&7]
			}
		case hNOP:
		case hPUSHr:
			la := c.r[regESP] - 4
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			*(*uint32)(unsafe.Add(c.ram, la+e.delta)) = c.r[op.Reg&7]
			c.r[regESP] = la
		case hPUSHi:
			la := c.r[regESP] - 4
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			*(*uint32)(unsafe.Add(c.ram, la+e.delta)) = op.Imm
			c.r[regESP] = la
		case hPUSHm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			la = c.r[regESP] - 4
			e = &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			*(*uint32)(unsafe.Add(c.ram, la+e.delta)) = v
			c.r[regESP] = la
		case hPOPr:
			la := c.r[regESP]
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			c.r[regESP] = la + 4
			c.r[op.Reg&7] = v
		case hLEAVE:
			la := c.r[regEBP]
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			c.r[regESP] = la + 4
			c.r[regEBP] = v
		case hJMP:
			goto taken
		case hCALL:
			la := c.r[regESP] - 4
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			*(*uint32)(unsafe.Add(c.ram, la+e.delta)) = page + uint32(op.Off) + uint32(op.Len)
			c.r[regESP] = la
			goto taken
		case hCALLr:
			target := c.r[op.RM&7]
			la := c.r[regESP] - 4
			e := &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			*(*uint32)(unsafe.Add(c.ram, la+e.delta)) = page + uint32(op.Off) + uint32(op.Len)
			c.r[regESP] = la
			eip = target
			goto indirect
		case hCALLm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			la = c.r[regESP] - 4
			e = &c.wr[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			*(*uint32)(unsafe.Add(c.ram, la+e.delta)) = page + uint32(op.Off) + uint32(op.Len)
			c.r[regESP] = la
			eip = v
			goto indirect
		case hJMPr:
			eip = c.r[op.RM&7]
			goto indirect
		case hJMPm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			eip = v
			goto indirect
		case hRET:
			la := c.r[regESP]
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			c.r[regESP] = la + 4 + op.Imm2
			eip = v
			goto indirect
		case hJO:
			if c.of() != 0 {
				goto taken
			}
		case hJNO:
			if c.of() == 0 {
				goto taken
			}
		case hJB:
			if c.faux>>31 != 0 {
				goto taken
			}
		case hJAE:
			if c.faux>>31 == 0 {
				goto taken
			}
		case hJE:
			if c.fres == 0 {
				goto taken
			}
		case hJNE:
			if c.fres != 0 {
				goto taken
			}
		case hJBE:
			if c.faux>>31 != 0 || c.fres == 0 {
				goto taken
			}
		case hJA:
			if c.faux>>31 == 0 && c.fres != 0 {
				goto taken
			}
		case hJS:
			if c.sf() != 0 {
				goto taken
			}
		case hJNS:
			if c.sf() == 0 {
				goto taken
			}
		case hJP:
			if c.pf() != 0 {
				goto taken
			}
		case hJNP:
			if c.pf() == 0 {
				goto taken
			}
		case hJL:
			if c.sf() != c.of() {
				goto taken
			}
		case hJGE:
			if c.sf() == c.of() {
				goto taken
			}
		case hJLE:
			if c.fres == 0 || c.sf() != c.of() {
				goto taken
			}
		case hJG:
			if c.fres != 0 && c.sf() == c.of() {
				goto taken
			}
		case hCMPrrJB:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a < b {
				goto taken2
			}
			goto skip
		case hCMPrrJAE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a >= b {
				goto taken2
			}
			goto skip
		case hCMPrrJE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a == b {
				goto taken2
			}
			goto skip
		case hCMPrrJNE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a != b {
				goto taken2
			}
			goto skip
		case hCMPrrJBE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMPrrJA:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a > b {
				goto taken2
			}
			goto skip
		case hCMPrrJS:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(r) < 0 {
				goto taken2
			}
			goto skip
		case hCMPrrJNS:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(r) >= 0 {
				goto taken2
			}
			goto skip
		case hCMPrrJL:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) < int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrrJGE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) >= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrrJLE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) <= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrrJG:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) > int32(b) {
				goto taken2
			}
			goto skip
		case hCMPriJB:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a < b {
				goto taken2
			}
			goto skip
		case hCMPriJAE:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a >= b {
				goto taken2
			}
			goto skip
		case hCMPriJE:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a == b {
				goto taken2
			}
			goto skip
		case hCMPriJNE:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a != b {
				goto taken2
			}
			goto skip
		case hCMPriJBE:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMPriJA:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a > b {
				goto taken2
			}
			goto skip
		case hCMPriJS:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(r) < 0 {
				goto taken2
			}
			goto skip
		case hCMPriJNS:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(r) >= 0 {
				goto taken2
			}
			goto skip
		case hCMPriJL:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) < int32(b) {
				goto taken2
			}
			goto skip
		case hCMPriJGE:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) >= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPriJLE:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) <= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPriJG:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) > int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrmJB:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a < b {
				goto taken2
			}
			goto skip
		case hCMPrmJAE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a >= b {
				goto taken2
			}
			goto skip
		case hCMPrmJE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a == b {
				goto taken2
			}
			goto skip
		case hCMPrmJNE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a != b {
				goto taken2
			}
			goto skip
		case hCMPrmJBE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMPrmJA:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a > b {
				goto taken2
			}
			goto skip
		case hCMPrmJS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(r) < 0 {
				goto taken2
			}
			goto skip
		case hCMPrmJNS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(r) >= 0 {
				goto taken2
			}
			goto skip
		case hCMPrmJL:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) < int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrmJGE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) >= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrmJLE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) <= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrmJG:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) > int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmrJB:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a < b {
				goto taken2
			}
			goto skip
		case hCMPmrJAE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a >= b {
				goto taken2
			}
			goto skip
		case hCMPmrJE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a == b {
				goto taken2
			}
			goto skip
		case hCMPmrJNE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a != b {
				goto taken2
			}
			goto skip
		case hCMPmrJBE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMPmrJA:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a > b {
				goto taken2
			}
			goto skip
		case hCMPmrJS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(r) < 0 {
				goto taken2
			}
			goto skip
		case hCMPmrJNS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(r) >= 0 {
				goto taken2
			}
			goto skip
		case hCMPmrJL:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) < int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmrJGE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) >= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmrJLE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) <= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmrJG:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) > int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmiJB:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a < b {
				goto taken2
			}
			goto skip
		case hCMPmiJAE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a >= b {
				goto taken2
			}
			goto skip
		case hCMPmiJE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a == b {
				goto taken2
			}
			goto skip
		case hCMPmiJNE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a != b {
				goto taken2
			}
			goto skip
		case hCMPmiJBE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMPmiJA:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if a > b {
				goto taken2
			}
			goto skip
		case hCMPmiJS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(r) < 0 {
				goto taken2
			}
			goto skip
		case hCMPmiJNS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(r) >= 0 {
				goto taken2
			}
			goto skip
		case hCMPmiJL:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) < int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmiJGE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) >= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmiJLE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) <= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmiJG:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != (la+3)|0xfff {
				goto cold
			}
			v := *(*uint32)(unsafe.Add(c.ram, la+e.delta))
			a, b := v, op.Imm
			r := a - b
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if int32(a) > int32(b) {
				goto taken2
			}
			goto skip
		case hTESTrrJE:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.fres, c.faux = r, 0
			if r == 0 {
				goto taken2
			}
			goto skip
		case hTESTrrJNE:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.fres, c.faux = r, 0
			if r != 0 {
				goto taken2
			}
			goto skip
		case hTESTrrJS:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.fres, c.faux = r, 0
			if int32(r) < 0 {
				goto taken2
			}
			goto skip
		case hTESTrrJNS:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.fres, c.faux = r, 0
			if int32(r) >= 0 {
				goto taken2
			}
			goto skip
		case hTESTrrJLE:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.fres, c.faux = r, 0
			if int32(r) <= 0 {
				goto taken2
			}
			goto skip
		case hTESTrrJG:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.fres, c.faux = r, 0
			if int32(r) > 0 {
				goto taken2
			}
			goto skip
		case hTEST8rrJE:
			r := uint32(int32(int8(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) & *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)))))
			c.fres, c.faux = r, 0
			if r == 0 {
				goto taken2
			}
			goto skip
		case hTEST8rrJNE:
			r := uint32(int32(int8(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) & *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)))))
			c.fres, c.faux = r, 0
			if r != 0 {
				goto taken2
			}
			goto skip
		case hTEST8rrJS:
			r := uint32(int32(int8(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) & *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)))))
			c.fres, c.faux = r, 0
			if int32(r) < 0 {
				goto taken2
			}
			goto skip
		case hTEST8rrJNS:
			r := uint32(int32(int8(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) & *(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)))))
			c.fres, c.faux = r, 0
			if int32(r) >= 0 {
				goto taken2
			}
			goto skip
		case hTEST8riJE:
			r := uint32(int32(int8(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) & uint8(op.Imm))))
			c.fres, c.faux = r, 0
			if r == 0 {
				goto taken2
			}
			goto skip
		case hTEST8riJNE:
			r := uint32(int32(int8(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2)) & uint8(op.Imm))))
			c.fres, c.faux = r, 0
			if r != 0 {
				goto taken2
			}
			goto skip
		case hCMP8riJE:
			a, b := uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), op.Imm&0xff
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a == b {
				goto taken2
			}
			goto skip
		case hCMP8riJNE:
			a, b := uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), op.Imm&0xff
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a != b {
				goto taken2
			}
			goto skip
		case hCMP8riJBE:
			a, b := uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), op.Imm&0xff
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMP8riJA:
			a, b := uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), op.Imm&0xff
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a > b {
				goto taken2
			}
			goto skip
		case hCMP8rrJE:
			a, b := uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)))
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a == b {
				goto taken2
			}
			goto skip
		case hCMP8rrJNE:
			a, b := uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)))
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a != b {
				goto taken2
			}
			goto skip
		case hCMP8rrJBE:
			a, b := uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)))
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMP8rrJA:
			a, b := uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.RM&3<<2|op.RM>>2))), uint32(*(*uint8)(unsafe.Add(unsafe.Pointer(&c.r), op.Reg&3<<2|op.Reg>>2)))
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a > b {
				goto taken2
			}
			goto skip
		case hCMP8miJE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			a, b := v, op.Imm&0xff
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a == b {
				goto taken2
			}
			goto skip
		case hCMP8miJNE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			a, b := v, op.Imm&0xff
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a != b {
				goto taken2
			}
			goto skip
		case hCMP8miJBE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			a, b := v, op.Imm&0xff
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMP8miJA:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			e := &c.rd[la>>12%tlbSize]
			if e.tag != la|0xfff {
				goto cold
			}
			v := uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta)))
			a, b := v, op.Imm&0xff
			r := a - b
			c.fres = uint32(int32(int8(r)))
			cv := ^a&b | (^a|b)&r
			c.faux = cv<<24&(3<<30) | cv&auxAF
			if a > b {
				goto taken2
			}
			goto skip
		case hDECrJE:
			r := c.r[op.RM&7] - 1
			c.r[op.RM&7] = r
			over := (^r & (r + 1)) >> 1 & (1 << 30)
			cf := c.faux & (1 << 31)
			c.fres, c.faux = r, cf|cf>>1^over|^(r+1)&r&auxAF
			if r == 0 {
				goto taken2
			}
			goto skip
		case hDECrJNE:
			r := c.r[op.RM&7] - 1
			c.r[op.RM&7] = r
			over := (^r & (r + 1)) >> 1 & (1 << 30)
			cf := c.faux & (1 << 31)
			c.fres, c.faux = r, cf|cf>>1^over|^(r+1)&r&auxAF
			if r != 0 {
				goto taken2
			}
			goto skip
		case hADDriJE:
			a, b := c.r[op.RM&7], op.Imm
			r := a + b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
			if r == 0 {
				goto taken2
			}
			goto skip
		case hADDriJNE:
			a, b := c.r[op.RM&7], op.Imm
			r := a + b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
			if r != 0 {
				goto taken2
			}
			goto skip
		case hSUBriJE:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if r == 0 {
				goto taken2
			}
			goto skip
		case hSUBriJNE:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if r != 0 {
				goto taken2
			}
			goto skip
		case hSUBrrJE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if r == 0 {
				goto taken2
			}
			goto skip
		case hSUBrrJNE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (^a&b|(^a|b)&r)&auxMask
			if r != 0 {
				goto taken2
			}
			goto skip
		case hANDriJE:
			r := c.r[op.RM&7] & op.Imm
			c.r[op.RM&7] = r
			c.fres, c.faux = r, 0
			if r == 0 {
				goto taken2
			}
			goto skip
		case hANDriJNE:
			r := c.r[op.RM&7] & op.Imm
			c.r[op.RM&7] = r
			c.fres, c.faux = r, 0
			if r != 0 {
				goto taken2
			}
			goto skip
		case hADDrrJE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a + b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
			if r == 0 {
				goto taken2
			}
			goto skip
		case hADDrrJNE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a + b
			c.r[op.RM&7] = r
			c.fres, c.faux = r, (a&b|(a|b)&^r)&auxMask
			if r != 0 {
				goto taken2
			}
			goto skip
		case kExit:
			c.clk.Retired = c.base + uint64(op.Idx)
			return
		case kExitNext:
			c.eip = page + uint32(op.Off)
			c.clk.Retired = c.base + uint64(op.Idx)
			return
		default:
			goto cold
		}
		op = (*Op)(unsafe.Add(unsafe.Pointer(op), opSize))
		continue
	skip: // the jump fused into this op was not taken
		op = (*Op)(unsafe.Add(unsafe.Pointer(op), 2*opSize))
		continue
	cold:
		c.idx = uint32(op.Idx)
		c.eip = page + uint32(op.Off) + uint32(op.Len)
		if !coldFunc[op.Cold%kindLast](c, op) {
			if !c.switched {
				c.eip = page + uint32(op.Off)
			}
			c.switched = false
			c.clk.Retired = c.base + uint64(op.Idx)
			return
		}
		if c.stop {
			c.clk.Retired = c.base + uint64(op.Idx) + 1
			return
		}
		op = (*Op)(unsafe.Add(unsafe.Pointer(op), opSize))
	}

taken2: // by a fused jump: two instructions retire
	now = c.base + uint64(op.Idx) + 2
	goto follow
taken:
	now = c.base + uint64(op.Idx) + 1
follow:
	next = b.links[op.Link%blockLinks]
	if next != nil && now <= c.fastUntil.Load() {
		b = next
		goto enter
	}
	eip = page + op.Imm2
	if now <= c.fastUntil.Load() {
		if next = c.chain(eip); next != nil {
			if op.Link != noLink {
				b.links[op.Link%blockLinks] = next
			}
			page = eip &^ 0xfff
			b = next
			goto enter
		}
	}
	c.eip = eip
	c.clk.Retired = now
	return
indirect:
	now = c.base + uint64(op.Idx) + 1
	if now <= c.fastUntil.Load() {
		if next = c.chain(eip); next != nil {
			page = eip &^ 0xfff
			b = next
			goto enter
		}
	}
	c.eip = eip
	c.clk.Retired = now
}

// chain finds the block for eip in flat code, or returns nil when the run loop must look at it: a breakpoint may be near, the
// block crosses a page, or an exception is pending.
func (c *CPU) chain(eip uint32) *block {
	e := &c.jump[jumpIndex(eip)]
	if e.tag == jumpTag(eip, c.epoch) {
		return e.block
	}
	return c.chainSlow(eip)
}
