package arm64

import (
	"math/bits"
	"unsafe"
)

const opSize = unsafe.Sizeof(op{})

// exec runs blocks, starting with b at virtual address pc and count now, until one does not fit before the count stop, the
// next is not at hand, or an instruction needs Run's attention. It leaves pc and clock.Now exact.
//
// Labels instead of loops and calls keep the state of the machine in registers: next is the dispatch of one op, enter that of a block.
func (c *CPU) exec(b *block, pc, now, stop uint64) {
	var (
		n, i uint64
		a, m uint64
		va   uint64
		p    unsafe.Pointer
		o    *op
		link **block
		nb   *block
		e    *codeEntry
		r    *row
		t    *tlbEntry
		st   status
		hit  bool
		x    = &c.x
		rt   = c.rtlb
		wt   = c.wtlb
	)
enter:
	n = uint64(b.n)
	if now+n > stop {
		c.pc, c.clock.Retired = pc, now
		return
	}
	p = unsafe.Pointer(b.first)
next:
	p = unsafe.Add(p, opSize)
	o = (*op)(p)
	switch o.kind {
	case kEnd:
		goto fall
	case kNop:
		goto next
	case kAdr:
		x[o.rd] = pc + o.imm
		goto next
	case kAdrp:
		x[o.rd] = pc&^0xfff + o.imm
		goto next
	case kAddI64:
		x[o.rd] = x[o.rn] + o.imm
		goto next
	case kAddI32:
		x[o.rd] = uint64(uint32(x[o.rn] + o.imm))
		goto next
	case kAddSP:
		a = (x[o.rn] + o.imm) << (o.ra & 63) >> (o.ra & 63)
		x[regSP] = a
		if a&15 != 0 || c.spBad {
			i = (uint64(uintptr(p))-uint64(uintptr(unsafe.Pointer(b.first))))/uint64(opSize) - 1
			if c.checkSP() {
				c.pc, c.clock.Retired = pc+4*i+4, now+i+1
				return
			}
		}
		goto next
	case kAddsI64:
		a, m = x[o.rn], o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsAdd
		x[o.rd] = a + m
		goto next
	case kAddsI32:
		a, m = x[o.rn]<<32, o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsAdd
		x[o.rd] = (a + m) >> 32
		goto next
	case kSubsI64:
		a, m = x[o.rn], o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		goto next
	case kSubsI32:
		a, m = x[o.rn]<<32, o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		goto next
	case kAddR64:
		x[o.rd] = x[o.rn] + x[o.rm]
		goto next
	case kAddR32:
		x[o.rd] = uint64(uint32(x[o.rn] + x[o.rm]))
		goto next
	case kSubR64:
		x[o.rd] = x[o.rn] - x[o.rm]
		goto next
	case kSubR32:
		x[o.rd] = uint64(uint32(x[o.rn] - x[o.rm]))
		goto next
	case kAddsR64:
		a, m = x[o.rn], x[o.rm]
		c.flagA, c.flagB, c.flagKind = a, m, flagsAdd
		x[o.rd] = a + m
		goto next
	case kAddsR32:
		a, m = x[o.rn]<<32, x[o.rm]<<32
		c.flagA, c.flagB, c.flagKind = a, m, flagsAdd
		x[o.rd] = (a + m) >> 32
		goto next
	case kSubsR64:
		a, m = x[o.rn], x[o.rm]
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		goto next
	case kSubsR32:
		a, m = x[o.rn]<<32, x[o.rm]<<32
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		goto next
	case kAddL64:
		x[o.rd] = x[o.rn] + x[o.rm]<<(o.ra&63)
		goto next
	case kAddL32:
		x[o.rd] = uint64(uint32(x[o.rn] + x[o.rm]<<(o.ra&63)))
		goto next
	case kSubL64:
		x[o.rd] = x[o.rn] - x[o.rm]<<(o.ra&63)
		goto next
	case kSubL32:
		x[o.rd] = uint64(uint32(x[o.rn] - x[o.rm]<<(o.ra&63)))
		goto next
	case kAddSxtw:
		x[o.rd] = x[o.rn] + uint64(int64(int32(x[o.rm])))<<(o.ra&63)
		goto next
	case kAddUxtw:
		x[o.rd] = x[o.rn] + uint64(uint32(x[o.rm]))<<(o.ra&63)
		goto next
	case kAndI:
		x[o.rd] = x[o.rn] & o.imm
		goto next
	case kOrrI64:
		x[o.rd] = x[o.rn] | o.imm
		goto next
	case kOrrI32:
		x[o.rd] = uint64(uint32(x[o.rn])) | o.imm
		goto next
	case kEorI64:
		x[o.rd] = x[o.rn] ^ o.imm
		goto next
	case kEorI32:
		x[o.rd] = uint64(uint32(x[o.rn])) ^ o.imm
		goto next
	case kAndsI64:
		a = x[o.rn] & o.imm
		c.flagA, c.flagB, c.flagKind = a, 0, flagsAdd
		x[o.rd] = a
		goto next
	case kAndsI32:
		a = x[o.rn] & o.imm
		c.flagA, c.flagB, c.flagKind = a<<32, 0, flagsAdd
		x[o.rd] = a
		goto next
	case kAndR64:
		x[o.rd] = x[o.rn] & x[o.rm]
		goto next
	case kAndR32:
		x[o.rd] = uint64(uint32(x[o.rn] & x[o.rm]))
		goto next
	case kOrrR64:
		x[o.rd] = x[o.rn] | x[o.rm]
		goto next
	case kOrrR32:
		x[o.rd] = uint64(uint32(x[o.rn] | x[o.rm]))
		goto next
	case kEorR64:
		x[o.rd] = x[o.rn] ^ x[o.rm]
		goto next
	case kEorR32:
		x[o.rd] = uint64(uint32(x[o.rn] ^ x[o.rm]))
		goto next
	case kBicR64:
		x[o.rd] = x[o.rn] &^ x[o.rm]
		goto next
	case kBicR32:
		x[o.rd] = uint64(uint32(x[o.rn] &^ x[o.rm]))
		goto next
	case kOrnR64:
		x[o.rd] = x[o.rn] | ^x[o.rm]
		goto next
	case kOrnR32:
		x[o.rd] = uint64(uint32(x[o.rn] | ^x[o.rm]))
		goto next
	case kAndsR64:
		a = x[o.rn] & x[o.rm]
		c.flagA, c.flagB, c.flagKind = a, 0, flagsAdd
		x[o.rd] = a
		goto next
	case kAndsR32:
		a = uint64(uint32(x[o.rn] & x[o.rm]))
		c.flagA, c.flagB, c.flagKind = a<<32, 0, flagsAdd
		x[o.rd] = a
		goto next
	case kOrrL64:
		x[o.rd] = x[o.rn] | (x[o.rm] << (o.ra & 63))
		goto next
	case kEorL64:
		x[o.rd] = x[o.rn] ^ (x[o.rm] << (o.ra & 63))
		goto next
	case kAndL64:
		x[o.rd] = x[o.rn] & (x[o.rm] << (o.ra & 63))
		goto next
	case kOrrL32:
		x[o.rd] = uint64(uint32(x[o.rn] | (x[o.rm] << (o.ra & 63))))
		goto next
	case kEorL32:
		x[o.rd] = uint64(uint32(x[o.rn] ^ (x[o.rm] << (o.ra & 63))))
		goto next
	case kEorRight64:
		x[o.rd] = x[o.rn] ^ x[o.rm]>>(o.ra&63)
		goto next
	case kEorRight32:
		x[o.rd] = uint64(uint32(x[o.rn]) ^ uint32(x[o.rm])>>(o.ra&31))
		goto next
	case kMovI:
		x[o.rd] = o.imm
		goto next
	case kMov64:
		x[o.rd] = x[o.rm]
		goto next
	case kMov32:
		x[o.rd] = uint64(uint32(x[o.rm]))
		goto next
	case kMovk64:
		x[o.rd] = x[o.rd]&^(0xffff<<(o.rm&63)) | o.imm<<(o.rm&63)
		goto next
	case kMovk32:
		x[o.rd] = uint64(uint32(x[o.rd]&^(0xffff<<(o.rm&63)) | o.imm<<(o.rm&63)))
		goto next
	case kUbfx:
		x[o.rd] = x[o.rn] >> (o.rm & 63) & o.imm
		goto next
	case kUbfiz:
		x[o.rd] = (x[o.rn] & o.imm) << (o.rm & 63)
		goto next
	case kSbfx64:
		x[o.rd] = uint64(int64(x[o.rn]<<(o.ra&63)) >> (o.rm & 63))
		goto next
	case kSbfx32:
		x[o.rd] = uint64(uint32(int64(x[o.rn]<<(o.ra&63)) >> (o.rm & 63)))
		goto next
	case kSxtw:
		x[o.rd] = uint64(int64(int32(x[o.rn])))
		goto next
	case kBfi64:
		x[o.rd] = x[o.rd]&^(o.imm<<(o.rm&63)) | (x[o.rn]&o.imm)<<(o.rm&63)
		goto next
	case kBfi32:
		x[o.rd] = uint64(uint32(x[o.rd]&^(o.imm<<(o.rm&63)) | (x[o.rn]&o.imm)<<(o.rm&63)))
		goto next
	case kBfxil64:
		x[o.rd] = x[o.rd]&^o.imm | x[o.rn]>>(o.rm&63)&o.imm
		goto next
	case kBfxil32:
		x[o.rd] = uint64(uint32(x[o.rd]&^o.imm | x[o.rn]>>(o.rm&63)&o.imm))
		goto next
	case kExtr64:
		x[o.rd] = x[o.rm]>>(o.ra&63) | x[o.rn]<<1<<(^o.ra&63)
		goto next
	case kExtr32:
		x[o.rd] = uint64(uint32((x[o.rn]<<32 | uint64(uint32(x[o.rm]))) >> (o.ra & 63)))
		goto next
	case kCsel64:
		a = x[o.rm]
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			a = x[o.rn]
		}
		x[o.rd] = a
		goto next
	case kCsel32:
		a = uint64(uint32(x[o.rm]))
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			a = uint64(uint32(x[o.rn]))
		}
		x[o.rd] = a
		goto next
	case kCsinc64:
		a = x[o.rm] + 1
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			a = x[o.rn]
		}
		x[o.rd] = a
		goto next
	case kCsinc32:
		a = uint64(uint32(x[o.rm] + 1))
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			a = uint64(uint32(x[o.rn]))
		}
		x[o.rd] = a
		goto next
	case kCsinv64:
		a = ^x[o.rm]
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			a = x[o.rn]
		}
		x[o.rd] = a
		goto next
	case kCsinv32:
		a = uint64(^uint32(x[o.rm]))
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			a = uint64(uint32(x[o.rn]))
		}
		x[o.rd] = a
		goto next
	case kCsneg64:
		a = -x[o.rm]
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			a = x[o.rn]
		}
		x[o.rd] = a
		goto next
	case kCsneg32:
		a = uint64(-uint32(x[o.rm]))
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			a = uint64(uint32(x[o.rn]))
		}
		x[o.rd] = a
		goto next
	case kCcmpI64:
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			c.flagA, c.flagB, c.flagKind = x[o.rn], o.imm, flagsSub
		} else {
			c.nzcv = o.rd
		}
		goto next
	case kCcmpR64:
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			c.flagA, c.flagB, c.flagKind = x[o.rn], x[o.rm], flagsSub
		} else {
			c.nzcv = o.rd
		}
		goto next
	case kCcmpI32:
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			c.flagA, c.flagB, c.flagKind = x[o.rn]<<32, o.imm<<32, flagsSub
		} else {
			c.nzcv = o.rd
		}
		goto next
	case kCcmpR32:
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.ra&15]>>(c.nzcv&15)&1 != 0 {
			c.flagA, c.flagB, c.flagKind = x[o.rn]<<32, x[o.rm]<<32, flagsSub
		} else {
			c.nzcv = o.rd
		}
		goto next
	case kMadd64:
		x[o.rd] = x[o.ra] + x[o.rn]*x[o.rm]
		goto next
	case kMadd32:
		x[o.rd] = uint64(uint32(x[o.ra] + x[o.rn]*x[o.rm]))
		goto next
	case kMsub64:
		x[o.rd] = x[o.ra] - x[o.rn]*x[o.rm]
		goto next
	case kMsub32:
		x[o.rd] = uint64(uint32(x[o.ra] - x[o.rn]*x[o.rm]))
		goto next
	case kSmaddl:
		x[o.rd] = x[o.ra] + uint64(int64(int32(x[o.rn]))*int64(int32(x[o.rm])))
		goto next
	case kUmaddl:
		x[o.rd] = x[o.ra] + uint64(uint32(x[o.rn]))*uint64(uint32(x[o.rm]))
		goto next
	case kSmulh:
		a, _ = bits.Mul64(x[o.rn], x[o.rm])
		a -= uint64(int64(x[o.rn])>>63) & x[o.rm]
		a -= uint64(int64(x[o.rm])>>63) & x[o.rn]
		x[o.rd] = a
		goto next
	case kUmulh:
		x[o.rd], _ = bits.Mul64(x[o.rn], x[o.rm])
		goto next
	case kUdiv64:
		a = 0
		if x[o.rm] != 0 {
			a = x[o.rn] / x[o.rm]
		}
		x[o.rd] = a
		goto next
	case kUdiv32:
		a = 0
		if uint32(x[o.rm]) != 0 {
			a = uint64(uint32(x[o.rn]) / uint32(x[o.rm]))
		}
		x[o.rd] = a
		goto next
	case kSdiv64:
		a = 0
		if x[o.rm] != 0 {
			a = uint64(int64(x[o.rn]) / int64(x[o.rm])) // Go defines the overflow as the hardware does
		}
		x[o.rd] = a
		goto next
	case kSdiv32:
		a = 0
		if uint32(x[o.rm]) != 0 {
			a = uint64(uint32(int32(x[o.rn]) / int32(x[o.rm])))
		}
		x[o.rd] = a
		goto next
	case kLslv64:
		x[o.rd] = x[o.rn] << (x[o.rm] & 63)
		goto next
	case kLslv32:
		x[o.rd] = uint64(uint32(x[o.rn]) << (x[o.rm] & 31))
		goto next
	case kLsrv64:
		x[o.rd] = x[o.rn] >> (x[o.rm] & 63)
		goto next
	case kLsrv32:
		x[o.rd] = uint64(uint32(x[o.rn]) >> (x[o.rm] & 31))
		goto next
	case kAsrv64:
		x[o.rd] = uint64(int64(x[o.rn]) >> (x[o.rm] & 63))
		goto next
	case kAsrv32:
		x[o.rd] = uint64(uint32(int32(x[o.rn]) >> (x[o.rm] & 31)))
		goto next
	case kClz64:
		x[o.rd] = uint64(bits.LeadingZeros64(x[o.rn]))
		goto next
	case kClz32:
		x[o.rd] = uint64(bits.LeadingZeros32(uint32(x[o.rn])))
		goto next
	case kRev64:
		x[o.rd] = bits.ReverseBytes64(x[o.rn])
		goto next
	case kRev32:
		x[o.rd] = uint64(bits.ReverseBytes32(uint32(x[o.rn])))
		goto next
	case kB:
		goto taken
	case kBl:
		x[30] = pc + 4*n
		goto taken
	case kBr:
		pc = x[o.rn]
		now += n
		goto lookup
	case kBlr:
		a = x[o.rn]
		x[30] = pc + 4*n
		pc = a
		now += n
		goto lookup
	case kBcond:
		if c.flagKind != flagsPacked {
			c.packFlags()
		}
		if condMask[o.rm&15]>>(c.nzcv&15)&1 != 0 {
			goto taken
		}
		goto fall
	case kCbz64:
		if x[o.rn] == 0 {
			goto taken
		}
		goto fall
	case kCbz32:
		if uint32(x[o.rn]) == 0 {
			goto taken
		}
		goto fall
	case kCbnz64:
		if x[o.rn] != 0 {
			goto taken
		}
		goto fall
	case kCbnz32:
		if uint32(x[o.rn]) != 0 {
			goto taken
		}
		goto fall
	case kTbz:
		if x[o.rn]>>(o.rm&63)&1 == 0 {
			goto taken
		}
		goto fall
	case kTbnz:
		if x[o.rn]>>(o.rm&63)&1 != 0 {
			goto taken
		}
		goto fall
	case kCmpI64Eq:
		a, m = x[o.rn], o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a == m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpI64Lo:
		a, m = x[o.rn], o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a < m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpI64Hi:
		a, m = x[o.rn], o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a > m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpI64Lt:
		a, m = x[o.rn], o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (int64(a) < int64(m)) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpI64Gt:
		a, m = x[o.rn], o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (int64(a) > int64(m)) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpI32Eq:
		a, m = x[o.rn]<<32, o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a == m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpI32Lo:
		a, m = x[o.rn]<<32, o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a < m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpI32Hi:
		a, m = x[o.rn]<<32, o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a > m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpI32Lt:
		a, m = x[o.rn]<<32, o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (int64(a) < int64(m)) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpI32Gt:
		a, m = x[o.rn]<<32, o.imm
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (int64(a) > int64(m)) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpR64Eq:
		a, m = x[o.rn], x[o.rm]
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a == m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpR64Lo:
		a, m = x[o.rn], x[o.rm]
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a < m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpR64Hi:
		a, m = x[o.rn], x[o.rm]
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a > m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpR64Lt:
		a, m = x[o.rn], x[o.rm]
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (int64(a) < int64(m)) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpR64Gt:
		a, m = x[o.rn], x[o.rm]
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = a - m
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (int64(a) > int64(m)) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpR32Eq:
		a, m = x[o.rn]<<32, x[o.rm]<<32
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a == m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpR32Lo:
		a, m = x[o.rn]<<32, x[o.rm]<<32
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a < m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpR32Hi:
		a, m = x[o.rn]<<32, x[o.rm]<<32
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (a > m) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpR32Lt:
		a, m = x[o.rn]<<32, x[o.rm]<<32
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (int64(a) < int64(m)) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kCmpR32Gt:
		a, m = x[o.rn]<<32, x[o.rm]<<32
		c.flagA, c.flagB, c.flagKind = a, m, flagsSub
		x[o.rd] = (a - m) >> 32
		p = unsafe.Add(p, opSize)
		o = (*op)(p)
		if (int64(a) > int64(m)) != (o.ra != 0) {
			goto taken
		}
		goto fall
	case kLdrX:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = *(*uint64)(unsafe.Add(t.page, va&0xfff))
		goto next
	case kLdrW:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(*(*uint32)(unsafe.Add(t.page, va&0xfff)))
		goto next
	case kLdrH:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+1)&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(*(*uint16)(unsafe.Add(t.page, va&0xfff)))
		goto next
	case kLdrB:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if va&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(*(*uint8)(unsafe.Add(t.page, va&0xfff)))
		goto next
	case kLdrSW:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(int64(*(*int32)(unsafe.Add(t.page, va&0xfff))))
		goto next
	case kLdrSH64:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+1)&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(int64(*(*int16)(unsafe.Add(t.page, va&0xfff))))
		goto next
	case kLdrSH32:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+1)&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(uint32(int32(*(*int16)(unsafe.Add(t.page, va&0xfff)))))
		goto next
	case kLdrSB64:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if va&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(int64(*(*int8)(unsafe.Add(t.page, va&0xfff))))
		goto next
	case kLdrSB32:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if va&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(uint32(int32(*(*int8)(unsafe.Add(t.page, va&0xfff)))))
		goto next
	case kStrX:
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		*(*uint64)(unsafe.Add(t.page, va&0xfff)) = x[o.rd]
		goto next
	case kStrW:
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		*(*uint32)(unsafe.Add(t.page, va&0xfff)) = uint32(x[o.rd])
		goto next
	case kStrH:
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+1)&^0xfff != t.tag {
			goto slow
		}
		*(*uint16)(unsafe.Add(t.page, va&0xfff)) = uint16(x[o.rd])
		goto next
	case kStrB:
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if va&^0xfff != t.tag {
			goto slow
		}
		*(*uint8)(unsafe.Add(t.page, va&0xfff)) = uint8(x[o.rd])
		goto next
	case kLdrXIdx:
		m = x[o.rm]
		switch o.ra {
		case 2:
			m = uint64(uint32(m))
		case 6:
			m = uint64(int64(int32(m)))
		}
		va = x[o.rn] + m<<(o.imm&63)
		t = &rt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = *(*uint64)(unsafe.Add(t.page, va&0xfff))
		goto next
	case kLdrWIdx:
		m = x[o.rm]
		switch o.ra {
		case 2:
			m = uint64(uint32(m))
		case 6:
			m = uint64(int64(int32(m)))
		}
		va = x[o.rn] + m<<(o.imm&63)
		t = &rt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(*(*uint32)(unsafe.Add(t.page, va&0xfff)))
		goto next
	case kLdrHIdx:
		m = x[o.rm]
		switch o.ra {
		case 2:
			m = uint64(uint32(m))
		case 6:
			m = uint64(int64(int32(m)))
		}
		va = x[o.rn] + m<<(o.imm&63)
		t = &rt[va>>12&tlbMask]
		if (va+1)&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(*(*uint16)(unsafe.Add(t.page, va&0xfff)))
		goto next
	case kLdrBIdx:
		m = x[o.rm]
		switch o.ra {
		case 2:
			m = uint64(uint32(m))
		case 6:
			m = uint64(int64(int32(m)))
		}
		va = x[o.rn] + m<<(o.imm&63)
		t = &rt[va>>12&tlbMask]
		if va&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(*(*uint8)(unsafe.Add(t.page, va&0xfff)))
		goto next
	case kLdrSWIdx:
		m = x[o.rm]
		switch o.ra {
		case 2:
			m = uint64(uint32(m))
		case 6:
			m = uint64(int64(int32(m)))
		}
		va = x[o.rn] + m<<(o.imm&63)
		t = &rt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(int64(*(*int32)(unsafe.Add(t.page, va&0xfff))))
		goto next
	case kStrXIdx:
		m = x[o.rm]
		switch o.ra {
		case 2:
			m = uint64(uint32(m))
		case 6:
			m = uint64(int64(int32(m)))
		}
		va = x[o.rn] + m<<(o.imm&63)
		t = &wt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		*(*uint64)(unsafe.Add(t.page, va&0xfff)) = x[o.rd]
		goto next
	case kStrWIdx:
		m = x[o.rm]
		switch o.ra {
		case 2:
			m = uint64(uint32(m))
		case 6:
			m = uint64(int64(int32(m)))
		}
		va = x[o.rn] + m<<(o.imm&63)
		t = &wt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		*(*uint32)(unsafe.Add(t.page, va&0xfff)) = uint32(x[o.rd])
		goto next
	case kStrHIdx:
		m = x[o.rm]
		switch o.ra {
		case 2:
			m = uint64(uint32(m))
		case 6:
			m = uint64(int64(int32(m)))
		}
		va = x[o.rn] + m<<(o.imm&63)
		t = &wt[va>>12&tlbMask]
		if (va+1)&^0xfff != t.tag {
			goto slow
		}
		*(*uint16)(unsafe.Add(t.page, va&0xfff)) = uint16(x[o.rd])
		goto next
	case kStrBIdx:
		m = x[o.rm]
		switch o.ra {
		case 2:
			m = uint64(uint32(m))
		case 6:
			m = uint64(int64(int32(m)))
		}
		va = x[o.rn] + m<<(o.imm&63)
		t = &wt[va>>12&tlbMask]
		if va&^0xfff != t.tag {
			goto slow
		}
		*(*uint8)(unsafe.Add(t.page, va&0xfff)) = uint8(x[o.rd])
		goto next
	case kLdrXPost:
		va = x[o.rn]
		t = &rt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		a = *(*uint64)(unsafe.Add(t.page, va&0xfff))
		x[o.rn] = va + o.imm
		x[o.rd] = a
		goto next
	case kLdrWPost:
		va = x[o.rn]
		t = &rt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		a = uint64(*(*uint32)(unsafe.Add(t.page, va&0xfff)))
		x[o.rn] = va + o.imm
		x[o.rd] = a
		goto next
	case kLdrBPost:
		va = x[o.rn]
		t = &rt[va>>12&tlbMask]
		if va&^0xfff != t.tag {
			goto slow
		}
		a = uint64(*(*uint8)(unsafe.Add(t.page, va&0xfff)))
		x[o.rn] = va + o.imm
		x[o.rd] = a
		goto next
	case kStrXPost:
		va = x[o.rn]
		t = &wt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		*(*uint64)(unsafe.Add(t.page, va&0xfff)) = x[o.rd]
		x[o.rn] = va + o.imm
		goto next
	case kStrWPost:
		va = x[o.rn]
		t = &wt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		*(*uint32)(unsafe.Add(t.page, va&0xfff)) = uint32(x[o.rd])
		x[o.rn] = va + o.imm
		goto next
	case kStrBPost:
		va = x[o.rn]
		t = &wt[va>>12&tlbMask]
		if va&^0xfff != t.tag {
			goto slow
		}
		*(*uint8)(unsafe.Add(t.page, va&0xfff)) = uint8(x[o.rd])
		x[o.rn] = va + o.imm
		goto next
	case kLdrXPre:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		a = *(*uint64)(unsafe.Add(t.page, va&0xfff))
		x[o.rn] = va
		x[o.rd] = a
		goto next
	case kLdrWPre:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		a = uint64(*(*uint32)(unsafe.Add(t.page, va&0xfff)))
		x[o.rn] = va
		x[o.rd] = a
		goto next
	case kLdrBPre:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if va&^0xfff != t.tag {
			goto slow
		}
		a = uint64(*(*uint8)(unsafe.Add(t.page, va&0xfff)))
		x[o.rn] = va
		x[o.rd] = a
		goto next
	case kStrXPre:
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		*(*uint64)(unsafe.Add(t.page, va&0xfff)) = x[o.rd]
		x[o.rn] = va
		goto next
	case kStrWPre:
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		*(*uint32)(unsafe.Add(t.page, va&0xfff)) = uint32(x[o.rd])
		x[o.rn] = va
		goto next
	case kStrBPre:
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if va&^0xfff != t.tag {
			goto slow
		}
		*(*uint8)(unsafe.Add(t.page, va&0xfff)) = uint8(x[o.rd])
		x[o.rn] = va
		goto next
	case kLdpX:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+15)&^0xfff != t.tag {
			goto slow
		}
		a, m = *(*uint64)(unsafe.Add(t.page, va&0xfff)), *(*uint64)(unsafe.Add(t.page, va&0xfff+8))
		x[o.rd] = a
		x[o.ra] = m
		goto next
	case kStpX:
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+15)&^0xfff != t.tag {
			goto slow
		}
		*(*uint64)(unsafe.Add(t.page, va&0xfff)) = x[o.rd]
		*(*uint64)(unsafe.Add(t.page, va&0xfff+8)) = x[o.ra]
		goto next
	case kLdpXPost:
		va = x[o.rn]
		t = &rt[va>>12&tlbMask]
		if (va+15)&^0xfff != t.tag {
			goto slow
		}
		a, m = *(*uint64)(unsafe.Add(t.page, va&0xfff)), *(*uint64)(unsafe.Add(t.page, va&0xfff+8))
		x[o.rn] = va + o.imm
		x[o.rd] = a
		x[o.ra] = m
		goto next
	case kStpXPost:
		va = x[o.rn]
		t = &wt[va>>12&tlbMask]
		if (va+15)&^0xfff != t.tag {
			goto slow
		}
		*(*uint64)(unsafe.Add(t.page, va&0xfff)) = x[o.rd]
		*(*uint64)(unsafe.Add(t.page, va&0xfff+8)) = x[o.ra]
		x[o.rn] = va + o.imm
		goto next
	case kLdpXPre:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+15)&^0xfff != t.tag {
			goto slow
		}
		a, m = *(*uint64)(unsafe.Add(t.page, va&0xfff)), *(*uint64)(unsafe.Add(t.page, va&0xfff+8))
		x[o.rn] = va
		x[o.rd] = a
		x[o.ra] = m
		goto next
	case kStpXPre:
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+15)&^0xfff != t.tag {
			goto slow
		}
		*(*uint64)(unsafe.Add(t.page, va&0xfff)) = x[o.rd]
		*(*uint64)(unsafe.Add(t.page, va&0xfff+8)) = x[o.ra]
		x[o.rn] = va
		goto next
	case kLdpW:
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		x[o.rd] = uint64(*(*uint32)(unsafe.Add(t.page, va&0xfff)))
		x[o.ra] = uint64(*(*uint32)(unsafe.Add(t.page, va&0xfff+4)))
		goto next
	case kStpW:
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		*(*uint32)(unsafe.Add(t.page, va&0xfff)) = uint32(x[o.rd])
		*(*uint32)(unsafe.Add(t.page, va&0xfff+4)) = uint32(x[o.ra])
		goto next
	case kLdrQ:
		if c.fpTrap {
			goto slow
		}
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+15)&^0xfff != t.tag {
			goto slow
		}
		c.v[o.rd&31] = vreg{*(*uint64)(unsafe.Add(t.page, va&0xfff)), *(*uint64)(unsafe.Add(t.page, va&0xfff+8))}
		goto next
	case kLdrD:
		if c.fpTrap {
			goto slow
		}
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		c.v[o.rd&31] = vreg{*(*uint64)(unsafe.Add(t.page, va&0xfff)), 0}
		goto next
	case kLdrS:
		if c.fpTrap {
			goto slow
		}
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		c.v[o.rd&31] = vreg{uint64(*(*uint32)(unsafe.Add(t.page, va&0xfff))), 0}
		goto next
	case kStrQ:
		if c.fpTrap {
			goto slow
		}
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+15)&^0xfff != t.tag {
			goto slow
		}
		*(*vreg)(unsafe.Add(t.page, va&0xfff)) = c.v[o.rd&31]
		goto next
	case kStrD:
		if c.fpTrap {
			goto slow
		}
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+7)&^0xfff != t.tag {
			goto slow
		}
		*(*uint64)(unsafe.Add(t.page, va&0xfff)) = c.v[o.rd&31][0]
		goto next
	case kStrS:
		if c.fpTrap {
			goto slow
		}
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+3)&^0xfff != t.tag {
			goto slow
		}
		*(*uint32)(unsafe.Add(t.page, va&0xfff)) = uint32(c.v[o.rd&31][0])
		goto next
	case kLdpQ:
		if c.fpTrap {
			goto slow
		}
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+31)&^0xfff != t.tag {
			goto slow
		}
		c.v[o.rd&31] = *(*vreg)(unsafe.Add(t.page, va&0xfff))
		c.v[o.ra&31] = *(*vreg)(unsafe.Add(t.page, va&0xfff+16))
		goto next
	case kLdpD:
		if c.fpTrap {
			goto slow
		}
		va = x[o.rn] + o.imm
		t = &rt[va>>12&tlbMask]
		if (va+15)&^0xfff != t.tag {
			goto slow
		}
		c.v[o.rd&31] = vreg{*(*uint64)(unsafe.Add(t.page, va&0xfff)), 0}
		c.v[o.ra&31] = vreg{*(*uint64)(unsafe.Add(t.page, va&0xfff+8)), 0}
		goto next
	case kStpQ:
		if c.fpTrap {
			goto slow
		}
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+31)&^0xfff != t.tag {
			goto slow
		}
		*(*vreg)(unsafe.Add(t.page, va&0xfff)) = c.v[o.rd&31]
		*(*vreg)(unsafe.Add(t.page, va&0xfff+16)) = c.v[o.ra&31]
		goto next
	case kStpD:
		if c.fpTrap {
			goto slow
		}
		va = x[o.rn] + o.imm
		t = &wt[va>>12&tlbMask]
		if (va+15)&^0xfff != t.tag {
			goto slow
		}
		*(*uint64)(unsafe.Add(t.page, va&0xfff)) = c.v[o.rd&31][0]
		*(*uint64)(unsafe.Add(t.page, va&0xfff+8)) = c.v[o.ra&31][0]
		goto next
	case kUndefined:
	default:
		r = &rows[o.kind-kindRow]
		if r.simd != nil && !c.fpTrap {
			r.simd(c, uint32(o.imm))
			goto next
		}
	}

slow: // the op by its row's function, from the word, with everything an access can run into
	i = (uint64(uintptr(p))-uint64(uintptr(unsafe.Pointer(b.first))))/uint64(opSize) - 1
	c.pc, c.clock.Retired = pc+4*i, now+i
	st = c.execWord(b.words[i], b.rows[i])
	switch st {
	case stNext:
		goto next
	case stEnd:
		c.pc += 4
		c.clock.Retired++
	case stJump:
		c.clock.Retired++
	}
	return

taken:
	now += n
	pc += o.imm
	link, hit = &b.taken, b.takenInPage
	goto follow
fall:
	now += n
	pc += 4 * n
	link, hit = &b.next, b.nextInPage
follow:
	// A link never leaves the page, so it holds as long as both blocks do: the store of blocks cuts it when one is dropped.
	nb = *link
	if nb != nil {
		b = nb
		goto enter
	}
	if hit {
		nb = b.page.Slots[pc>>2&(wordsPerPage-1)]
		if nb != nil {
			*link = nb
			b = nb
			goto enter
		}
	}
lookup:
	e = &c.xtlb[pc>>12&codeMask]
	if e.tag == pc&^0xffc {
		nb = e.page.Slots[pc>>2&(wordsPerPage-1)]
		if nb != nil {
			b = nb
			goto enter
		}
	}
	c.pc, c.clock.Retired = pc, now
}
