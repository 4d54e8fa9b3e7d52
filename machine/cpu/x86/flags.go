package x86

import "math/bits"

// The arithmetic flags are not computed when an instruction sets them, but kept as two words from which each can be had
// with a few operations and no branch:
//
//	fres  the result, sign-extended to 32 bits
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
func (c *CPU) sf() uint32 { return (c.fres>>31 ^ c.faux) & 1 }
func (c *CPU) af() uint32 { return c.faux >> 3 & 1 }
func (c *CPU) zf() bool   { return c.fres == 0 }
func (c *CPU) pf() uint32 {
	return uint32(bits.OnesCount8(uint8(c.fres)^uint8(c.faux>>8))&1) ^ 1
}

// arith returns the arithmetic flags in their places.
func (c *CPU) arith() uint32 {
	f := c.cf() | c.pf()<<2 | c.af()<<4 | c.sf()<<7 | c.of()<<11
	if c.fres == 0 {
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
func (c *CPU) cond(cc cond) bool {
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
		return c.fres == 0
	case condNE:
		return c.fres != 0
	case condBE:
		return c.cf() != 0 || c.fres == 0
	case condA:
		return c.cf() == 0 && c.fres != 0
	case condS:
		return c.sf() != 0
	case condNS:
		return c.sf() == 0
	case condP:
		return c.pf() != 0
	case condNP:
		return c.pf() == 0
	case condL:
		return c.sf() != c.of()
	case condGE:
		return c.sf() == c.of()
	case condLE:
		return c.fres == 0 || c.sf() != c.of()
	}
	return c.fres != 0 && c.sf() == c.of()
}

func (c *CPU) flagsLogic(r uint32) {
	c.fres = r
	c.faux = 0
}

// The same for an operand of size bytes. Values are zero-extended; bits of r beyond the size are ignored.

// signExtend sign-extends the low size bytes of v.
func signExtend(v uint32, size uint8) uint32 {
	s := 32 - 8*uint32(size)
	return uint32(int32(v<<(s&31)) >> (s & 31))
}

// flagsCarry sets the flags by the carries out of each bit.
func (c *CPU) flagsCarry(cv, r uint32, size uint8) {
	if size == 4 {
		c.fres, c.faux = r, cv&auxMask
		return
	}
	s := 32 - 8*uint32(size)
	c.fres = signExtend(r, size)
	c.faux = cv<<(s&31)&(3<<30) | cv&auxAF
}

func (c *CPU) flagsAdd(a, b, r uint32, size uint8) { c.flagsCarry(a&b|(a|b)&^r, r, size) }
func (c *CPU) flagsSub(a, b, r uint32, size uint8) { c.flagsCarry(^a&b|(^a|b)&r, r, size) }

func (c *CPU) flagsLogicN(r uint32, size uint8) {
	c.fres = signExtend(r, size)
	c.faux = 0
}

// flagsInc and flagsDec leave CF.
func (c *CPU) flagsInc(r uint32, size uint8) {
	cf := c.cf()
	c.flagsAdd(r-1, 1, r, size)
	c.setCF(cf)
}

func (c *CPU) flagsDec(r uint32, size uint8) {
	cf := c.cf()
	c.flagsSub(r+1, 1, r, size)
	c.setCF(cf)
}
