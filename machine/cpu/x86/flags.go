package x86

import "math/bits"

// The arithmetic flags are not computed when an instruction sets them, but kept as two words from which each can be had
// with a few operations and no branch:
//
//	fres  the result, sign-extended to 64 bits; outside of 64-bit mode its lower half alone counts, and is all that hot forms set
//	faux  bit 31: carry (borrow) out of the operand's top bit = CF
//	      bit 30: carry out of the bit below it; OF is the difference of the two
//	      bit 3:  carry out of bit 3 = AF
//	      bits 8-15: a byte to be combined with the result's low byte before its parity is taken
//	      bit 0: inverts the sign of the result
//
// The last two are 0 after arithmetic. They are there so that any combination of flags can be loaded (POPF).
const (
	auxMask = 0xc0000008
	auxAF   = 1 << 3
)

func (c *CPU) cf() uint32 { return c.faux >> 31 }
func (c *CPU) of() uint32 { return (c.faux>>31 ^ c.faux>>30) & 1 }
func (c *CPU) af() uint32 { return c.faux >> 3 & 1 }
func (c *CPU) sf() uint32 { return c.sign(c.mode&mode64 != 0) }
func (c *CPU) zf() bool   { return c.isZero(c.mode&mode64 != 0) }
func (c *CPU) pf() uint32 {
	return uint32(bits.OnesCount8(uint8(c.fres)^uint8(c.faux>>8))&1) ^ 1
}

// sign and isZero are SF and ZF in 64-bit mode or outside.

func (c *CPU) sign(long bool) uint32 {
	if long {
		return (uint32(c.fres>>63) ^ c.faux) & 1
	}
	return (*lower(&c.fres)>>31 ^ c.faux) & 1
}

func (c *CPU) isZero(long bool) bool {
	if long {
		return c.fres == 0
	}
	return *lower(&c.fres) == 0
}

// setResult sets fres for a result of size bytes.
func (c *CPU) setResult(r uint64, size uint8, long bool) {
	if long {
		c.fres = signExtend(r, size)
	} else {
		*lower(&c.fres) = uint32(signExtend(r, size))
	}
}

// arith returns the arithmetic flags in their places.
func (c *CPU) arith() uint32 {
	f := c.cf() | c.pf()<<2 | c.af()<<4 | c.sf()<<7 | c.of()<<11
	if c.zf() {
		f |= flagZF
	}
	return f
}

// setArith loads the arithmetic flags from f, an EFLAGS image.
func (c *CPU) setArith(f uint32) {
	cf, of := f&1, f>>11&1
	aux := cf<<31 | (cf^of)<<30 | f>>4&1<<3 | f>>7&1
	pf := f >> 2 & 1
	if f&flagZF != 0 {
		c.fres = 0 // even parity by itself
		aux |= (pf ^ 1) << 8
	} else {
		c.fres = 1 // odd parity by itself
		aux |= pf << 8
	}
	c.faux = aux
}

// getFlags returns the whole EFLAGS register; bit 1 reads 1.
func (c *CPU) getFlags() uint32 { return c.eflags | c.arith() | 2 }

// setZPC sets ZF, PF and CF and clears OF, SF and AF, as the floating-point compares do.
func (c *CPU) setZPC(zf, pf, cf bool) {
	var f uint32
	if zf {
		f |= flagZF
	}
	if pf {
		f |= flagPF
	}
	if cf {
		f |= flagCF
	}
	c.setArith(f)
}

// setCF changes only CF.
func (c *CPU) setCF(cf uint32) {
	of := c.of()
	c.faux = c.faux&^(3<<30) | cf<<31 | (cf^of)<<30
}

// setCFOF changes only CF and OF.
func (c *CPU) setCFOF(cf, of uint32) { c.faux = c.faux&^(3<<30) | cf<<31 | (cf^of)<<30 }

// cond evaluates condition code cc as encoded in Jcc, SETcc and CMOVcc (SDM vol. 1 appendix B).
func (c *CPU) cond(cc cond) bool { return c.condition(cc, c.mode&mode64 != 0) }

func (c *CPU) condition(cc cond, long bool) bool {
	switch cc {
	case condO:
		return c.of() != 0
	case condNO:
		return c.of() == 0
	case condB:
		return c.cf() != 0
	case condAE:
		return c.cf() == 0
	case condE:
		return c.isZero(long)
	case condNE:
		return !c.isZero(long)
	case condBE:
		return c.cf() != 0 || c.isZero(long)
	case condA:
		return c.cf() == 0 && !c.isZero(long)
	case condS:
		return c.sign(long) != 0
	case condNS:
		return c.sign(long) == 0
	case condP:
		return c.pf() != 0
	case condNP:
		return c.pf() == 0
	case condL:
		return c.sign(long) != c.of()
	case condGE:
		return c.sign(long) == c.of()
	case condLE:
		return c.isZero(long) || c.sign(long) != c.of()
	}
	return !c.isZero(long) && c.sign(long) == c.of()
}

// What follows is for an operand of size bytes. Values are zero-extended; bits of r beyond the size are ignored.

// signExtend sign-extends the low size bytes of v.
func signExtend(v uint64, size uint8) uint64 {
	switch size {
	case 1:
		return uint64(int8(v))
	case 2:
		return uint64(int16(v))
	case 4:
		return uint64(int32(v))
	}
	return v
}

// carryFlags sets the flags by the carries out of each bit.
func (c *CPU) carryFlags(cv, r uint64, size uint8, long bool) {
	c.setResult(r, size, long)
	switch size {
	case 8:
		c.faux = uint32(cv>>32)&(3<<30) | uint32(cv)&auxAF
	case 4:
		c.faux = uint32(cv) & auxMask
	case 2:
		c.faux = uint32(cv)<<16&(3<<30) | uint32(cv)&auxAF
	default:
		c.faux = uint32(cv)<<24&(3<<30) | uint32(cv)&auxAF
	}
}

func (c *CPU) flagsAdd(a, b, r uint64, size uint8) { c.carryFlags(a&b|(a|b)&^r, r, size, true) }
func (c *CPU) flagsSub(a, b, r uint64, size uint8) { c.carryFlags(^a&b|(^a|b)&r, r, size, true) }

func (c *CPU) flagsLogic(r uint64, size uint8) {
	c.fres = signExtend(r, size)
	c.faux = 0
}

// flagsInc and flagsDec leave CF.
func (c *CPU) flagsInc(r uint64, size uint8) {
	cf := c.cf()
	c.flagsAdd(r-1, 1, r, size)
	c.setCF(cf)
}

func (c *CPU) flagsDec(r uint64, size uint8) {
	cf := c.cf()
	c.flagsSub(r+1, 1, r, size)
	c.setCF(cf)
}
