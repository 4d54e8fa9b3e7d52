package code

// Block is what the store knows of a block of decoded instructions. A CPU's block embeds it, and sets the exported fields before Add.
type Block[B any] struct {
	// Off is where its first instruction begins and End where its last one ends, as offsets in the page.
	Off, End uint16
	// Mode tells blocks of the same bytes apart that were decoded for different modes of the CPU.
	Mode uint8
	// Over is how many bytes of it lie in another page, whose physical address is Into: those of an instruction that crosses, which is the only
	// one of its block. End is then PageSize.
	Over uint8
	Into uint64
	// Host is for a translator: where the host code is that does what the block does, or 0, which it always is without one. Such code is good as
	// long as the block is kept; Owner.Gone says when that ends.
	Host uintptr

	next  *B // another one that starts in the same slot
	kept  bool
	page  uint32 // number in RAM of the page it starts in
	bytes uint32
	reach reach
}

// reach is what Reach has found out.
type reach struct{ version, pc, to uint64 }

// Held is a pointer to a CPU's block.
type Held[B any] interface {
	*B
	// Base is the Block that it embeds.
	Base() *Block[B]
	// Unlink makes it forget which of its exits lead to dropped blocks.
	Unlink()
}

// Base is b.
func (b *Block[B]) Base() *Block[B] { return b }

// Next is another block that starts at about the same place; see Page.First.
func (b *Block[B]) Next() *B { return b.next }

// Kept reports whether b is in the store.
func (b *Block[B]) Kept() bool { return b.kept }

// Len is its length in bytes.
func (b *Block[B]) Len() uint64 { return uint64(b.End-b.Off) + uint64(b.Over) }

// Reach returns how many bytes of the block, which is at the virtual address pc, can be run before the CPU has to look whether to stop: up to the first
// address behind pc that stop gives. stop returns the first place in [from, to) that needs a look, or to. It is asked once for each pc
// and version, which changes when its answers do.
func (b *Block[B]) Reach(version, pc uint64, stop func(from, to uint64) uint64) uint64 {
	if b.reach.to == 0 || b.reach.version != version || b.reach.pc != pc {
		b.reach = reach{version, pc, stop(pc+1, pc+b.Len()) - pc}
	}
	return b.reach.to
}
