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
	page := c.eip - uint32(b.off)
	now := c.clk.Now
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
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			c.r[op.Reg&7] = v
		case hStore32:
			if !c.quickWrite32(c.r[op.Base&15]+c.r[op.Index&15]<<(op.Scale&3)+op.Disp, c.r[op.Reg&7]) {
				goto cold
			}
		case hStore32i:
			if !c.quickWrite32(c.r[op.Base&15]+c.r[op.Index&15]<<(op.Scale&3)+op.Disp, op.Imm) {
				goto cold
			}
		case hLEA:
			c.r[op.Reg&7] = c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
		case hLoad32B:
			la := c.r[op.Base&15] + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			c.r[op.Reg&7] = v
		case hStore32B:
			if !c.quickWrite32(c.r[op.Base&15]+op.Disp, c.r[op.Reg&7]) {
				goto cold
			}
		case hStore32iB:
			if !c.quickWrite32(c.r[op.Base&15]+op.Disp, op.Imm) {
				goto cold
			}
		case hLEAB:
			c.r[op.Reg&7] = c.r[op.Base&15] + op.Disp
		case hMOV8rr:
			c.setReg(op.RM, 1, c.reg(op.Reg, 1))
		case hMOV8ri:
			c.setReg(op.Reg, 1, op.Imm)
		case hLoad8:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			c.setReg(op.Reg, 1, v)
		case hStore8:
			if !c.quickWrite8(c.r[op.Base&15]+c.r[op.Index&15]<<(op.Scale&3)+op.Disp, c.r[op.Reg&3]>>(op.Reg&4<<1)) {
				goto cold
			}
		case hStore8i:
			if !c.quickWrite8(c.r[op.Base&15]+c.r[op.Index&15]<<(op.Scale&3)+op.Disp, op.Imm) {
				goto cold
			}
		case hLoad16:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead16(la)
			if !ok {
				goto cold
			}
			c.r[op.Reg&7] = c.r[op.Reg&7]&^0xffff | v
		case hStore16:
			if !c.quickWrite16(c.r[op.Base&15]+c.r[op.Index&15]<<(op.Scale&3)+op.Disp, c.r[op.Reg&7]) {
				goto cold
			}
		case hStore16i:
			if !c.quickWrite16(c.r[op.Base&15]+c.r[op.Index&15]<<(op.Scale&3)+op.Disp, op.Imm) {
				goto cold
			}
		case hMOVZX8r:
			c.r[op.Reg&7] = c.r[op.RM&3] >> (op.RM & 4 << 1) & 0xff
		case hMOVSX8r:
			c.r[op.Reg&7] = uint32(int32(int8(c.r[op.RM&3] >> (op.RM & 4 << 1))))
		case hMOVZX16r:
			c.r[op.Reg&7] = c.r[op.RM&7] & 0xffff
		case hMOVSX16r:
			c.r[op.Reg&7] = uint32(int32(int16(c.r[op.RM&7])))
		case hMOVZX8m:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			c.r[op.Reg&7] = v
		case hMOVSX8m:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			c.r[op.Reg&7] = uint32(int32(int8(v)))
		case hMOVZX16m:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead16(la)
			if !ok {
				goto cold
			}
			c.r[op.Reg&7] = v
		case hMOVSX16m:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead16(la)
			if !ok {
				goto cold
			}
			c.r[op.Reg&7] = uint32(int32(int16(v)))
		case hADDrr:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a + b
			c.r[op.RM&7] = r
			c.flagsAdd32(a, b, r)
		case hORrr:
			r := c.r[op.RM&7] | c.r[op.Reg&7]
			c.r[op.RM&7] = r
			c.flagsLogic(r)
		case hADCrr:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a + b + c.cf()
			c.r[op.RM&7] = r
			c.flagsAdd32(a, b, r)
		case hSBBrr:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b - c.cf()
			c.r[op.RM&7] = r
			c.flagsSub32(a, b, r)
		case hANDrr:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.r[op.RM&7] = r
			c.flagsLogic(r)
		case hSUBrr:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.r[op.RM&7] = r
			c.flagsSub32(a, b, r)
		case hXORrr:
			r := c.r[op.RM&7] ^ c.r[op.Reg&7]
			c.r[op.RM&7] = r
			c.flagsLogic(r)
		case hCMPrr:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.flagsSub32(a, b, r)
		case hADDri:
			a, b := c.r[op.RM&7], op.Imm
			r := a + b
			c.r[op.RM&7] = r
			c.flagsAdd32(a, b, r)
		case hORri:
			r := c.r[op.RM&7] | op.Imm
			c.r[op.RM&7] = r
			c.flagsLogic(r)
		case hADCri:
			a, b := c.r[op.RM&7], op.Imm
			r := a + b + c.cf()
			c.r[op.RM&7] = r
			c.flagsAdd32(a, b, r)
		case hSBBri:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b - c.cf()
			c.r[op.RM&7] = r
			c.flagsSub32(a, b, r)
		case hANDri:
			r := c.r[op.RM&7] & op.Imm
			c.r[op.RM&7] = r
			c.flagsLogic(r)
		case hSUBri:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.r[op.RM&7] = r
			c.flagsSub32(a, b, r)
		case hXORri:
			r := c.r[op.RM&7] ^ op.Imm
			c.r[op.RM&7] = r
			c.flagsLogic(r)
		case hCMPri:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.flagsSub32(a, b, r)
		case hADDrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			r := a + b
			c.r[op.Reg&7] = r
			c.flagsAdd32(a, b, r)
		case hORrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			r := c.r[op.Reg&7] | v
			c.r[op.Reg&7] = r
			c.flagsLogic(r)
		case hADCrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			r := a + b + c.cf()
			c.r[op.Reg&7] = r
			c.flagsAdd32(a, b, r)
		case hSBBrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			r := a - b - c.cf()
			c.r[op.Reg&7] = r
			c.flagsSub32(a, b, r)
		case hANDrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			r := c.r[op.Reg&7] & v
			c.r[op.Reg&7] = r
			c.flagsLogic(r)
		case hSUBrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.r[op.Reg&7] = r
			c.flagsSub32(a, b, r)
		case hXORrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			r := c.r[op.Reg&7] ^ v
			c.r[op.Reg&7] = r
			c.flagsLogic(r)
		case hCMPrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			r := a - b
			c.flagsSub32(a, b, r)
		case hADDmr:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			a, b := *p, c.r[op.Reg&7]
			r := a + b
			*p = r
			c.flagsAdd32(a, b, r)
		case hORmr:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			r := *p | c.r[op.Reg&7]
			*p = r
			c.flagsLogic(r)
		case hADCmr:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			a, b := *p, c.r[op.Reg&7]
			r := a + b + c.cf()
			*p = r
			c.flagsAdd32(a, b, r)
		case hSBBmr:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			a, b := *p, c.r[op.Reg&7]
			r := a - b - c.cf()
			*p = r
			c.flagsSub32(a, b, r)
		case hANDmr:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			r := *p & c.r[op.Reg&7]
			*p = r
			c.flagsLogic(r)
		case hSUBmr:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			a, b := *p, c.r[op.Reg&7]
			r := a - b
			*p = r
			c.flagsSub32(a, b, r)
		case hXORmr:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			r := *p ^ c.r[op.Reg&7]
			*p = r
			c.flagsLogic(r)
		case hCMPmr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			r := a - b
			c.flagsSub32(a, b, r)
		case hADDmi:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			a, b := *p, op.Imm
			r := a + b
			*p = r
			c.flagsAdd32(a, b, r)
		case hORmi:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			r := *p | op.Imm
			*p = r
			c.flagsLogic(r)
		case hADCmi:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			a, b := *p, op.Imm
			r := a + b + c.cf()
			*p = r
			c.flagsAdd32(a, b, r)
		case hSBBmi:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			a, b := *p, op.Imm
			r := a - b - c.cf()
			*p = r
			c.flagsSub32(a, b, r)
		case hANDmi:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			r := *p & op.Imm
			*p = r
			c.flagsLogic(r)
		case hSUBmi:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			a, b := *p, op.Imm
			r := a - b
			*p = r
			c.flagsSub32(a, b, r)
		case hXORmi:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			r := *p ^ op.Imm
			*p = r
			c.flagsLogic(r)
		case hCMPmi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			r := a - b
			c.flagsSub32(a, b, r)
		case hTESTrr:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.flagsLogic(r)
		case hTESTri:
			r := c.r[op.RM&7] & op.Imm
			c.flagsLogic(r)
		case hTESTmi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			r := v & op.Imm
			c.flagsLogic(r)
		case hTESTmr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			r := v & c.r[op.Reg&7]
			c.flagsLogic(r)
		case hCMP8rr:
			c.flagsSub8(c.r[op.RM&3]>>(op.RM&4<<1)&0xff, c.r[op.Reg&3]>>(op.Reg&4<<1)&0xff)
		case hCMP8ri:
			c.flagsSub8(c.r[op.RM&3]>>(op.RM&4<<1)&0xff, op.Imm&0xff)
		case hCMP8rm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			c.flagsSub8(c.r[op.Reg&3]>>(op.Reg&4<<1)&0xff, v)
		case hCMP8mr:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			c.flagsSub8(v, c.r[op.Reg&3]>>(op.Reg&4<<1)&0xff)
		case hCMP8mi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			c.flagsSub8(v, op.Imm&0xff)
		case hTEST8rr:
			c.flagsLogic(uint32(int32(int8(c.r[op.RM&3] >> (op.RM & 4 << 1) & (c.r[op.Reg&3] >> (op.Reg & 4 << 1))))))
		case hTEST8ri:
			c.flagsLogic(uint32(int32(int8(c.r[op.RM&3] >> (op.RM & 4 << 1) & op.Imm))))
		case hTEST8mi:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			c.flagsLogic(uint32(int32(int8(v & op.Imm))))
		case hALU8rr:
			c.setReg(op.RM, 1, c.arithmetic(op.Cold, c.reg(op.RM, 1), c.reg(op.Reg, 1), 1))
		case hALU8ri:
			c.setReg(op.RM, 1, c.arithmetic(op.Cold, c.reg(op.RM, 1), op.Imm&0xff, 1))
		case hALU8rm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			c.setReg(op.Reg, 1, c.arithmetic(op.Cold, c.reg(op.Reg, 1), v, 1))
		case hINCr:
			r := c.r[op.RM&7] + 1
			c.r[op.RM&7] = r
			c.flagsInc32(r)
		case hDECr:
			r := c.r[op.RM&7] - 1
			c.r[op.RM&7] = r
			c.flagsDec32(r)
		case hINCm:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			r := *p + 1
			*p = r
			c.flagsInc32(r)
		case hDECm:
			p := c.quickModify32(c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp)
			if p == nil {
				goto cold
			}
			r := *p - 1
			*p = r
			c.flagsDec32(r)
		case hNOTr:
			c.r[op.RM&7] = ^c.r[op.RM&7]
		case hNEGr:
			b := c.r[op.RM&7]
			c.r[op.RM&7] = -b
			c.flagsSub32(0, b, -b)
		case hSHLri:
			c.r[op.RM&7] = c.shl32(c.r[op.RM&7], op.Imm)
		case hSHLrc:
			if n := c.r[regECX] & 31; n != 0 {
				c.r[op.RM&7] = c.shl32(c.r[op.RM&7], n)
			}
		case hSHRri:
			c.r[op.RM&7] = c.shr32(c.r[op.RM&7], op.Imm)
		case hSHRrc:
			if n := c.r[regECX] & 31; n != 0 {
				c.r[op.RM&7] = c.shr32(c.r[op.RM&7], n)
			}
		case hSARri:
			c.r[op.RM&7] = c.sar32(c.r[op.RM&7], op.Imm)
		case hSARrc:
			if n := c.r[regECX] & 31; n != 0 {
				c.r[op.RM&7] = c.sar32(c.r[op.RM&7], n)
			}
		case hROLri:
			r := bits.RotateLeft32(c.r[op.RM&7], int(op.Imm&31))
			c.r[op.RM&7] = r
			c.setCFOF(r&1, r>>31^r&1)
		case hRORri:
			r := bits.RotateLeft32(c.r[op.RM&7], -int(op.Imm&31))
			c.r[op.RM&7] = r
			c.setCFOF(r>>31, (r>>31^r>>30)&1)
		case hIMULrr:
			s := int64(int32(c.r[op.Reg&7])) * int64(int32(c.r[op.RM&7]))
			c.r[op.Reg&7] = uint32(s)
			c.flagsIMUL32(s)
		case hIMULrri:
			s := int64(int32(c.r[op.RM&7])) * int64(int32(op.Imm))
			c.r[op.Reg&7] = uint32(s)
			c.flagsIMUL32(s)
		case hIMULrm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			s := int64(int32(c.r[op.Reg&7])) * int64(int32(v))
			c.r[op.Reg&7] = uint32(s)
			c.flagsIMUL32(s)
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
			v := uint32(0)
			if c.cond(op.Sub) {
				v = 1
			}
			c.setReg(op.RM, 1, v)
		case hCMOVrr:
			if c.cond(op.Sub) {
				c.r[op.Reg&7] = c.r[op.RM&7]
			}
		case hNOP:
		case hPUSHr:
			if !c.quickWrite32(c.r[regESP]-4, c.r[op.Reg&7]) {
				goto cold
			}
			c.r[regESP] -= 4
		case hPUSHi:
			if !c.quickWrite32(c.r[regESP]-4, op.Imm) {
				goto cold
			}
			c.r[regESP] -= 4
		case hPUSHm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			if !c.quickWrite32(c.r[regESP]-4, v) {
				goto cold
			}
			c.r[regESP] -= 4
		case hPOPr:
			v, ok := c.quickRead32(c.r[regESP])
			if !ok {
				goto cold
			}
			c.r[regESP] += 4
			c.r[op.Reg&7] = v
		case hLEAVE:
			v, ok := c.quickRead32(c.r[regEBP])
			if !ok {
				goto cold
			}
			c.r[regESP] = c.r[regEBP] + 4
			c.r[regEBP] = v
		case hJMP:
			goto taken
		case hCALL:
			if !c.quickWrite32(c.r[regESP]-4, page+uint32(op.Off)+uint32(op.Len)) {
				goto cold
			}
			c.r[regESP] -= 4
			goto taken
		case hCALLr:
			target := c.r[op.RM&7]
			if !c.quickWrite32(c.r[regESP]-4, page+uint32(op.Off)+uint32(op.Len)) {
				goto cold
			}
			c.r[regESP] -= 4
			eip = target
			goto indirect
		case hCALLm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			if !c.quickWrite32(c.r[regESP]-4, page+uint32(op.Off)+uint32(op.Len)) {
				goto cold
			}
			c.r[regESP] -= 4
			eip = v
			goto indirect
		case hJMPr:
			eip = c.r[op.RM&7]
			goto indirect
		case hJMPm:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			eip = v
			goto indirect
		case hRET:
			v, ok := c.quickRead32(c.r[regESP])
			if !ok {
				goto cold
			}
			c.r[regESP] += 4 + op.Imm2
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
			c.flagsSub32(a, b, a-b)
			if a < b {
				goto taken2
			}
			goto skip
		case hCMPrrJAE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if a >= b {
				goto taken2
			}
			goto skip
		case hCMPrrJE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if a == b {
				goto taken2
			}
			goto skip
		case hCMPrrJNE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if a != b {
				goto taken2
			}
			goto skip
		case hCMPrrJBE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMPrrJA:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if a > b {
				goto taken2
			}
			goto skip
		case hCMPrrJS:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a-b) < 0 {
				goto taken2
			}
			goto skip
		case hCMPrrJNS:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a-b) >= 0 {
				goto taken2
			}
			goto skip
		case hCMPrrJL:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a) < int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrrJGE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a) >= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrrJLE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a) <= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrrJG:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a) > int32(b) {
				goto taken2
			}
			goto skip
		case hCMPriJB:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if a < b {
				goto taken2
			}
			goto skip
		case hCMPriJAE:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if a >= b {
				goto taken2
			}
			goto skip
		case hCMPriJE:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if a == b {
				goto taken2
			}
			goto skip
		case hCMPriJNE:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if a != b {
				goto taken2
			}
			goto skip
		case hCMPriJBE:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMPriJA:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if a > b {
				goto taken2
			}
			goto skip
		case hCMPriJS:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a-b) < 0 {
				goto taken2
			}
			goto skip
		case hCMPriJNS:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a-b) >= 0 {
				goto taken2
			}
			goto skip
		case hCMPriJL:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a) < int32(b) {
				goto taken2
			}
			goto skip
		case hCMPriJGE:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a) >= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPriJLE:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a) <= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPriJG:
			a, b := c.r[op.RM&7], op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a) > int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrmJB:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if a < b {
				goto taken2
			}
			goto skip
		case hCMPrmJAE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if a >= b {
				goto taken2
			}
			goto skip
		case hCMPrmJE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if a == b {
				goto taken2
			}
			goto skip
		case hCMPrmJNE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if a != b {
				goto taken2
			}
			goto skip
		case hCMPrmJBE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMPrmJA:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if a > b {
				goto taken2
			}
			goto skip
		case hCMPrmJS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if int32(a-b) < 0 {
				goto taken2
			}
			goto skip
		case hCMPrmJNS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if int32(a-b) >= 0 {
				goto taken2
			}
			goto skip
		case hCMPrmJL:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if int32(a) < int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrmJGE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if int32(a) >= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrmJLE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if int32(a) <= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPrmJG:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := c.r[op.Reg&7], v
			c.flagsSub32(a, b, a-b)
			if int32(a) > int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmrJB:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if a < b {
				goto taken2
			}
			goto skip
		case hCMPmrJAE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if a >= b {
				goto taken2
			}
			goto skip
		case hCMPmrJE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if a == b {
				goto taken2
			}
			goto skip
		case hCMPmrJNE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if a != b {
				goto taken2
			}
			goto skip
		case hCMPmrJBE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMPmrJA:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if a > b {
				goto taken2
			}
			goto skip
		case hCMPmrJS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a-b) < 0 {
				goto taken2
			}
			goto skip
		case hCMPmrJNS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a-b) >= 0 {
				goto taken2
			}
			goto skip
		case hCMPmrJL:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a) < int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmrJGE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a) >= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmrJLE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a) <= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmrJG:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, c.r[op.Reg&7]
			c.flagsSub32(a, b, a-b)
			if int32(a) > int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmiJB:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if a < b {
				goto taken2
			}
			goto skip
		case hCMPmiJAE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if a >= b {
				goto taken2
			}
			goto skip
		case hCMPmiJE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if a == b {
				goto taken2
			}
			goto skip
		case hCMPmiJNE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if a != b {
				goto taken2
			}
			goto skip
		case hCMPmiJBE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMPmiJA:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if a > b {
				goto taken2
			}
			goto skip
		case hCMPmiJS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a-b) < 0 {
				goto taken2
			}
			goto skip
		case hCMPmiJNS:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a-b) >= 0 {
				goto taken2
			}
			goto skip
		case hCMPmiJL:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a) < int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmiJGE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a) >= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmiJLE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a) <= int32(b) {
				goto taken2
			}
			goto skip
		case hCMPmiJG:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead32(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm
			c.flagsSub32(a, b, a-b)
			if int32(a) > int32(b) {
				goto taken2
			}
			goto skip
		case hTESTrrJE:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.flagsLogic(r)
			if r == 0 {
				goto taken2
			}
			goto skip
		case hTESTrrJNE:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.flagsLogic(r)
			if r != 0 {
				goto taken2
			}
			goto skip
		case hTESTrrJS:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.flagsLogic(r)
			if int32(r) < 0 {
				goto taken2
			}
			goto skip
		case hTESTrrJNS:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.flagsLogic(r)
			if int32(r) >= 0 {
				goto taken2
			}
			goto skip
		case hTESTrrJLE:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.flagsLogic(r)
			if int32(r) <= 0 {
				goto taken2
			}
			goto skip
		case hTESTrrJG:
			r := c.r[op.RM&7] & c.r[op.Reg&7]
			c.flagsLogic(r)
			if int32(r) > 0 {
				goto taken2
			}
			goto skip
		case hTEST8rrJE:
			r := uint32(int32(int8(c.r[op.RM&3] >> (op.RM & 4 << 1) & (c.r[op.Reg&3] >> (op.Reg & 4 << 1)))))
			c.flagsLogic(r)
			if r == 0 {
				goto taken2
			}
			goto skip
		case hTEST8rrJNE:
			r := uint32(int32(int8(c.r[op.RM&3] >> (op.RM & 4 << 1) & (c.r[op.Reg&3] >> (op.Reg & 4 << 1)))))
			c.flagsLogic(r)
			if r != 0 {
				goto taken2
			}
			goto skip
		case hTEST8rrJS:
			r := uint32(int32(int8(c.r[op.RM&3] >> (op.RM & 4 << 1) & (c.r[op.Reg&3] >> (op.Reg & 4 << 1)))))
			c.flagsLogic(r)
			if int32(r) < 0 {
				goto taken2
			}
			goto skip
		case hTEST8rrJNS:
			r := uint32(int32(int8(c.r[op.RM&3] >> (op.RM & 4 << 1) & (c.r[op.Reg&3] >> (op.Reg & 4 << 1)))))
			c.flagsLogic(r)
			if int32(r) >= 0 {
				goto taken2
			}
			goto skip
		case hTEST8riJE:
			r := uint32(int32(int8(c.r[op.RM&3] >> (op.RM & 4 << 1) & op.Imm)))
			c.flagsLogic(r)
			if r == 0 {
				goto taken2
			}
			goto skip
		case hTEST8riJNE:
			r := uint32(int32(int8(c.r[op.RM&3] >> (op.RM & 4 << 1) & op.Imm)))
			c.flagsLogic(r)
			if r != 0 {
				goto taken2
			}
			goto skip
		case hCMP8riJE:
			a, b := c.r[op.RM&3]>>(op.RM&4<<1)&0xff, op.Imm&0xff
			c.flagsSub8(a, b)
			if a == b {
				goto taken2
			}
			goto skip
		case hCMP8riJNE:
			a, b := c.r[op.RM&3]>>(op.RM&4<<1)&0xff, op.Imm&0xff
			c.flagsSub8(a, b)
			if a != b {
				goto taken2
			}
			goto skip
		case hCMP8riJBE:
			a, b := c.r[op.RM&3]>>(op.RM&4<<1)&0xff, op.Imm&0xff
			c.flagsSub8(a, b)
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMP8riJA:
			a, b := c.r[op.RM&3]>>(op.RM&4<<1)&0xff, op.Imm&0xff
			c.flagsSub8(a, b)
			if a > b {
				goto taken2
			}
			goto skip
		case hCMP8rrJE:
			a, b := c.r[op.RM&3]>>(op.RM&4<<1)&0xff, c.r[op.Reg&3]>>(op.Reg&4<<1)&0xff
			c.flagsSub8(a, b)
			if a == b {
				goto taken2
			}
			goto skip
		case hCMP8rrJNE:
			a, b := c.r[op.RM&3]>>(op.RM&4<<1)&0xff, c.r[op.Reg&3]>>(op.Reg&4<<1)&0xff
			c.flagsSub8(a, b)
			if a != b {
				goto taken2
			}
			goto skip
		case hCMP8rrJBE:
			a, b := c.r[op.RM&3]>>(op.RM&4<<1)&0xff, c.r[op.Reg&3]>>(op.Reg&4<<1)&0xff
			c.flagsSub8(a, b)
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMP8rrJA:
			a, b := c.r[op.RM&3]>>(op.RM&4<<1)&0xff, c.r[op.Reg&3]>>(op.Reg&4<<1)&0xff
			c.flagsSub8(a, b)
			if a > b {
				goto taken2
			}
			goto skip
		case hCMP8miJE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm&0xff
			c.flagsSub8(a, b)
			if a == b {
				goto taken2
			}
			goto skip
		case hCMP8miJNE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm&0xff
			c.flagsSub8(a, b)
			if a != b {
				goto taken2
			}
			goto skip
		case hCMP8miJBE:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm&0xff
			c.flagsSub8(a, b)
			if a <= b {
				goto taken2
			}
			goto skip
		case hCMP8miJA:
			la := c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
			v, ok := c.quickRead8(la)
			if !ok {
				goto cold
			}
			a, b := v, op.Imm&0xff
			c.flagsSub8(a, b)
			if a > b {
				goto taken2
			}
			goto skip
		case hDECrJE:
			r := c.r[op.RM&7] - 1
			c.r[op.RM&7] = r
			c.flagsDec32(r)
			if r == 0 {
				goto taken2
			}
			goto skip
		case hDECrJNE:
			r := c.r[op.RM&7] - 1
			c.r[op.RM&7] = r
			c.flagsDec32(r)
			if r != 0 {
				goto taken2
			}
			goto skip
		case hADDriJE:
			a, b := c.r[op.RM&7], op.Imm
			r := a + b
			c.r[op.RM&7] = r
			c.flagsAdd32(a, b, r)
			if r == 0 {
				goto taken2
			}
			goto skip
		case hADDriJNE:
			a, b := c.r[op.RM&7], op.Imm
			r := a + b
			c.r[op.RM&7] = r
			c.flagsAdd32(a, b, r)
			if r != 0 {
				goto taken2
			}
			goto skip
		case hSUBriJE:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.r[op.RM&7] = r
			c.flagsSub32(a, b, r)
			if r == 0 {
				goto taken2
			}
			goto skip
		case hSUBriJNE:
			a, b := c.r[op.RM&7], op.Imm
			r := a - b
			c.r[op.RM&7] = r
			c.flagsSub32(a, b, r)
			if r != 0 {
				goto taken2
			}
			goto skip
		case hSUBrrJE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.r[op.RM&7] = r
			c.flagsSub32(a, b, r)
			if r == 0 {
				goto taken2
			}
			goto skip
		case hSUBrrJNE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a - b
			c.r[op.RM&7] = r
			c.flagsSub32(a, b, r)
			if r != 0 {
				goto taken2
			}
			goto skip
		case hANDriJE:
			r := c.r[op.RM&7] & op.Imm
			c.r[op.RM&7] = r
			c.flagsLogic(r)
			if r == 0 {
				goto taken2
			}
			goto skip
		case hANDriJNE:
			r := c.r[op.RM&7] & op.Imm
			c.r[op.RM&7] = r
			c.flagsLogic(r)
			if r != 0 {
				goto taken2
			}
			goto skip
		case hADDrrJE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a + b
			c.r[op.RM&7] = r
			c.flagsAdd32(a, b, r)
			if r == 0 {
				goto taken2
			}
			goto skip
		case hADDrrJNE:
			a, b := c.r[op.RM&7], c.r[op.Reg&7]
			r := a + b
			c.r[op.RM&7] = r
			c.flagsAdd32(a, b, r)
			if r != 0 {
				goto taken2
			}
			goto skip
		case kExit:
			c.clk.Now = c.base + uint64(op.Idx)
			return
		case kExitNext:
			c.eip = page + uint32(op.Off)
			c.clk.Now = c.base + uint64(op.Idx)
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
			c.clk.Now = c.base + uint64(op.Idx)
			return
		}
		if c.stop {
			c.clk.Now = c.base + uint64(op.Idx) + 1
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
	c.clk.Now = now
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
	c.clk.Now = now
}

// chain finds the block for eip in flat code, or returns nil when the run loop must look at it: a breakpoint may be near, the
// block crosses a page, or an exception is pending.
func (c *CPU) chain(eip uint32) *block {
	e := &c.jump[(eip^eip>>12)%jumpSize]
	if e.tag == jumpTag(eip, c.epoch) {
		return e.block
	}
	return c.chainSlow(eip)
}
