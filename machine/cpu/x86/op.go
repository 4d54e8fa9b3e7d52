package x86

// Kind says what an Op does. Hot kinds are cases of the dispatch switch; every other kind is a function in the coldFunc table.
// The ranges keep the families apart, so that each can grow without renumbering the others.
type Kind uint16

const (
	kindHot  Kind = 0    // cases of the dispatch switches
	kindInt  Kind = 2048 // integer and system instructions
	kindFPU  Kind = 3072 // x87
	kindMMX  Kind = 4096 // MMX
	kindSSE  Kind = 5120 // SSE and SSE2
	kindSSE4 Kind = 6144 // SSE3, SSSE3 and SSE4
	kindLast Kind = 8192
)

// Op is one decoded instruction (or a fused pair). It holds no pointers, so the garbage collector never scans blocks of them.
type Op struct {
	Kind Kind
	// Off is the offset of the first byte in its page; the EIP of the instruction is the block's page EIP plus Off.
	Off uint16
	// Len is the length in bytes.
	Len uint8
	// Idx is how many instructions of the block retire before this one.
	Idx uint8
	// Size is the operand size in bytes: 1, 2, 4 or 8.
	Size uint8
	// Flags hold prefixes and the form of the r/m operand.
	Flags OpFlags
	// Reg is ModRM.reg with REX.R, or the register in the opcode. Registers of one byte have numbers of their own, see byteReg.
	Reg uint8
	// RM is the register of ModRM.rm when FlagMem is clear.
	RM uint8
	// Seg is the segment register of the memory operand, overrides applied.
	Seg uint8
	// Base and Index are register numbers, or regZero where absent. Scale is the shift of Index.
	Base, Index, Scale uint8
	// Sub refines Kind: an operand form, a condition, or what the family wants.
	Sub uint8
	// Link is the slot in the block's links of a branch.
	Link uint8
	// Disp and Imm are sign-extended to 32 bits where the instruction does so, and from there on where they are used. The few
	// immediates and addresses of 64 bits have their upper half in Imm2.
	Disp uint32
	Imm  uint32
	Imm2 uint32
	// Opcode is the last opcode byte; for x87, the low three bits of the escape byte in bits 8-10 and ModRM in bits 0-7.
	Opcode uint16
	// Cold is the general kind of a hot op, and Kind itself for others.
	Cold Kind
}

// OpFlags hold prefixes and the form of the r/m operand.
type OpFlags uint8

const (
	FlagMem    OpFlags = 1 << iota // the r/m operand is in memory
	FlagAddr16                     // 16-bit addresses: the effective address wraps at 64K
	FlagAddr32                     // 32-bit addresses; with neither flag they have 64 bits
	FlagRep                        // F3
	FlagRepne                      // F2
	FlagLock                       // F0
	FlagOp16                       // 66
	FlagREXW                       // REX.W
)

// addressMask cuts an address to the address size.
func (op *Op) addressMask() uint64 {
	return [...]uint64{^uint64(0), 0xffff, 0xffffffff, 0xffff}[op.Flags/FlagAddr16&3]
}

// Indices into the register file beyond the general registers, for addresses.
const (
	regZero = 16 + iota // always 0: no base, or no index
	regPage             // the address of the page of the running block, from which the operands count that are relative to RIP
	regFar              // always 1<<32, for such an operand further than a displacement reaches from there
)

// Register numbers as encoded.
const (
	regEAX = iota
	regECX
	regEDX
	regEBX
	regESP
	regEBP
	regESI
	regEDI
	regR8
	regR9
	regR10
	regR11
	regR12
	regR13
	regR14
	regR15
)

// Segment register numbers as encoded.
const (
	segES = iota
	segCS
	segSS
	segDS
	segFS
	segGS
)

// coldFunc holds the functions of kinds that are not in the dispatch switch. A function finds c.ip at the next
// instruction. It returns true when the instruction has completed, false after c.raise (registers and memory as before).
var coldFunc [kindLast]func(c *CPU, op *Op) bool

// kindInfo describes a kind for tests and reports.
type kindInfo struct {
	name string
	// undef are the EFLAGS bits the manual leaves undefined.
	undef uint32
}

var kinds [kindLast]kindInfo

// def enters a cold kind in the instruction table.
func def(k Kind, name string, undef uint32, f func(c *CPU, op *Op) bool) {
	if coldFunc[k] != nil {
		panic("BUG: x86 kind " + name + " defined twice, first as " + kinds[k].name)
	}
	coldFunc[k] = f
	kinds[k] = kindInfo{name, undef}
}

// Name is the kind's name in the instruction table.
func (k Kind) Name() string { return kinds[k%kindLast].name }
