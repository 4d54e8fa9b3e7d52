package arm64

// op is one decoded instruction. 16 bytes: exec steps through them by address.
type op struct {
	kind   uint16 // what exec does; may cover the following op as well
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

// Kinds of op that exec's switch knows. Those from kindRow on are rows of the instruction table, run by their function.
// A kind that ends in 64 or 32 has that operand size; I is an immediate, R a register, L a register shifted left.
const (
	kEnd uint16 = iota // past the last instruction of a block that does not end in a branch
	kNop
	kUndefined
	kAdr
	kAdrp
	kAddI64
	kAddI32
	kAddSP // add or subtract an immediate, result to SP
	kAddsI64
	kAddsI32
	kSubsI64
	kSubsI32
	kAddR64
	kAddR32
	kSubR64
	kSubR32
	kAddsR64
	kAddsR32
	kSubsR64
	kSubsR32
	kAddL64
	kAddL32
	kSubL64
	kSubL32
	kAddSxtw
	kAddUxtw
	kAndI
	kOrrI64
	kOrrI32
	kEorI64
	kEorI32
	kAndsI64
	kAndsI32
	kAndR64
	kAndR32
	kOrrR64
	kOrrR32
	kEorR64
	kEorR32
	kBicR64
	kBicR32
	kOrnR64
	kOrnR32
	kAndsR64
	kAndsR32
	kOrrL64
	kEorL64
	kAndL64
	kOrrL32
	kEorL32
	kEorRight64 // EOR with the register shifted right
	kEorRight32
	kMovI
	kMov64
	kMov32
	kMovk64
	kMovk32
	kUbfx
	kUbfiz
	kSbfx64
	kSbfx32
	kSxtw
	kBfi64
	kBfi32
	kBfxil64
	kBfxil32
	kExtr64
	kExtr32
	kCsel64
	kCsel32
	kCsinc64
	kCsinc32
	kCsinv64
	kCsinv32
	kCsneg64
	kCsneg32
	kCcmpI64
	kCcmpI32
	kCcmpR64
	kCcmpR32
	kMadd64
	kMadd32
	kMsub64
	kMsub32
	kSmaddl
	kUmaddl
	kSmulh
	kUmulh
	kUdiv64
	kUdiv32
	kSdiv64
	kSdiv32
	kLslv64
	kLslv32
	kLsrv64
	kLsrv32
	kAsrv64
	kAsrv32
	kClz64
	kClz32
	kRev64
	kRev32
	kB
	kBl
	kBr
	kBlr
	kBcond
	kCbz64
	kCbz32
	kCbnz64
	kCbnz32
	kTbz
	kTbnz
	// A compare and the conditional branch after it: ra of the branch inverts the sense.
	kCmpI64Eq
	kCmpI64Lo
	kCmpI64Hi
	kCmpI64Lt
	kCmpI64Gt
	kCmpI32Eq
	kCmpI32Lo
	kCmpI32Hi
	kCmpI32Lt
	kCmpI32Gt
	kCmpR64Eq
	kCmpR64Lo
	kCmpR64Hi
	kCmpR64Lt
	kCmpR64Gt
	kCmpR32Eq
	kCmpR32Lo
	kCmpR32Hi
	kCmpR32Lt
	kCmpR32Gt
	// Loads and stores: base and immediate; base and register (Idx); post- and pre-indexed.
	kLdrX
	kLdrW
	kLdrH
	kLdrB
	kLdrSW
	kLdrSH64
	kLdrSH32
	kLdrSB64
	kLdrSB32
	kStrX
	kStrW
	kStrH
	kStrB
	kLdrXIdx
	kLdrWIdx
	kLdrHIdx
	kLdrBIdx
	kLdrSWIdx
	kStrXIdx
	kStrWIdx
	kStrHIdx
	kStrBIdx
	kLdrXPost
	kLdrWPost
	kLdrBPost
	kStrXPost
	kStrWPost
	kStrBPost
	kLdrXPre
	kLdrWPre
	kLdrBPre
	kStrXPre
	kStrWPre
	kStrBPre
	kLdpX
	kLdpXPost
	kLdpXPre
	kStpX
	kStpXPost
	kStpXPre
	kLdpW
	kStpW
	kLdrQ
	kLdrD
	kLdrS
	kStrQ
	kStrD
	kStrS
	kLdpQ
	kLdpD
	kStpQ
	kStpD
	kindRow
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
