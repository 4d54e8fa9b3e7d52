package arm64

// op is one decoded instruction. 16 bytes: exec steps through them by address.
type op struct {
	kind   uint16 // what exec does: a place in forms, or kindRow and a place in rows; may cover the following op as well
	single uint16 // what this instruction alone does
	rd     uint8  // slots of CPU.x, or numbers of vector registers
	rn     uint8
	rm     uint8 // or a shift amount, or a condition
	ra     uint8 // or a second register of a pair, or a second shift amount
	imm    uint64
}

// status is what executing an instruction by function says to exec.
type status uint8

const (
	stNext  status = iota // retired; go on with the next op
	stEnd                 // retired; go on at the next address, but look at interrupts and limits first
	stJump                // retired, and CPU.pc is set
	stFault               // not retired: an exception was taken, or Run is to return
)

// The lazy flag kinds of CPU.flagKind.
const (
	flagsPacked uint8 = iota
	flagsAdd
	flagsSub
)

// condMask[cond] has a bit set for each value of nzcv for which the condition holds (C1.2.4).
var condMask = func() (m [16]uint16) {
	for cond := range m {
		for nzcv := 0; nzcv < 16; nzcv++ {
			n, z, c, v := nzcv&8 != 0, nzcv&4 != 0, nzcv&2 != 0, nzcv&1 != 0
			holds := [8]bool{z, c, n, v, c && !z, n == v, n == v && !z, true}[cond>>1]
			if cond&1 != 0 && cond != 15 {
				holds = !holds
			}
			if holds {
				m[cond] |= 1 << nzcv
			}
		}
	}
	return m
}()

// flags returns NZCV packed, N in bit 3.
func (c *CPU) flags() uint8 {
	if c.flagKind != flagsPacked {
		c.packFlags()
	}
	return c.nzcv
}

func (c *CPU) setFlags(nzcv uint8) {
	c.nzcv = nzcv & 15
	c.flagKind = flagsPacked
}

// holds says whether condition cond is true.
func (c *CPU) holds(cond uint8) bool { return condMask[cond&15]>>(c.flags()&15)&1 != 0 }

func (c *CPU) packFlags() {
	a, b := c.flagA, c.flagB
	var r, carry, overflow uint64
	if c.flagKind == flagsAdd {
		r = a + b
		if r < a {
			carry = 2
		}
		overflow = ((a ^ r) & (b ^ r)) >> 63
	} else {
		r = a - b
		if a >= b {
			carry = 2
		}
		overflow = ((a ^ b) & (a ^ r)) >> 63
	}
	f := r>>63<<3 | carry | overflow
	if r == 0 {
		f |= 4
	}
	c.nzcv = uint8(f)
	c.flagKind = flagsPacked
}
