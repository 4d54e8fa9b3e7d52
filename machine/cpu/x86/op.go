package x86

// Kind says what an Op does. Hot kinds are cases of the dispatch switch; every other kind is a function in the coldFunc table.
// The ranges keep the families apart, so that each can grow without renumbering the others.
type Kind uint16

const (
	kindHot  Kind = 0    // cases of the dispatch switch
	kindInt  Kind = 512  // integer and system instructions
	kindFPU  Kind = 1024 // x87
	kindMMX  Kind = 1536 // MMX
	kindSSE  Kind = 2048 // SSE and SSE2
	kindSSE4 Kind = 3072 // SSE3, SSSE3 and SSE4
	kindLast Kind = 4096
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
	// Size is the operand size in bytes: 1, 2 or 4.
	Size uint8
	// Flags hold prefixes and the form of the r/m operand.
	Flags OpFlags
	// Reg is ModRM.reg, or the register in the opcode.
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
	// Disp, Imm and Imm2 are sign-extended to 32 bits where the instruction does so.
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
	FlagAddr16                     // 16-bit addressing: the effective address wraps at 64K
	FlagRep                        // F3
	FlagRepne                      // F2
	FlagLock                       // F0
	FlagOp16                       // 66
)

// regZero is an index into the register file that always reads 0, for addresses with no base or no index.
const regZero = 8

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

// coldFunc holds the functions of kinds that are not in the dispatch switch. A function finds c.eip at the next
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
