package x86

import "forkscope/machine/cpu/code"

// mode selects among the ways the same bytes decode and run.
type mode uint8

const (
	mode32   mode = 1 << iota // CS.D: 32-bit operands and addresses by default
	modeFlat                  // CS, SS, DS and ES are flat, SS.B is set: the hot kinds may be used
	modeStep                  // blocks of one instruction, nothing fused
)

const (
	// blockMax is the most instructions in a block; a run limit nearer than this is approached in steps.
	blockMax = 64
	// blockLinks is the number of slots for branches to the same page. The last one is never filled.
	blockLinks = 8
	noLink     = blockLinks - 1

	jumpSize = 4096
	// codeMost bounds the memory of cached blocks, in bytes.
	codeMost = 32 << 20
)

// block is a run of decoded instructions with one entry and, at branches, several exits. All of it but the last
// instruction's last bytes lies in one page.
type block struct {
	ops []Op // ended by an op that leaves the block
	// links are the blocks of the same page to which the branches lead.
	links [blockLinks]*block
	n     uint8 // instructions, fused ones counted singly
	// alone: the block is one instruction that does not lie in one page of RAM, or is not kept. No link or jump entry leads to it.
	alone bool
	// jumps is how many addresses the block was entered in the jump cache for, where 2 stands for more, too; jumpEIP is the first.
	jumps   uint8
	jumpEIP uint32

	code.Block[block] // behind what exec reads
}

type (
	codePage  = code.Page[block, *block]
	codeStore = code.Store[block, *block]
)

// Unlink forgets links to blocks that were dropped.
func (b *block) Unlink() {
	for i, to := range b.links {
		if to != nil && !to.Kept() {
			b.links[i] = nil
		}
	}
}

// jumpEntry finds the block for an EIP in flat code without a look at page tables.
type jumpEntry struct {
	tag   uint64 // EIP and epoch
	block *block
}

// newEpoch makes every jump entry of a privilege, user or not, invalid. Epochs are even for CPL 0-2 and odd for CPL 3.
func (c *CPU) newEpoch(user uint32) {
	c.epochs[user] += 2
	if c.epochs[user] < 2 {
		*c.jump = [jumpSize]jumpEntry{}
		c.epochs[user] += 2
	}
	if c.epoch&1 == user {
		c.epoch = c.epochs[user]
		c.fastUntil.Store(0) // the running chain must not follow stale entries
	}
}

// newEpochs makes every jump entry invalid.
func (c *CPU) newEpochs() {
	c.newEpoch(0)
	c.newEpoch(1)
}

func jumpTag(eip, epoch uint32) uint64 { return uint64(epoch)<<32 | uint64(eip) }

// noTLB never has an entry: with alignment checks on, every access takes the slow path.
var noTLB tlb

// updateMode recomputes what depends on segments and privilege. It is called whenever one of them changes.
func (c *CPU) updateMode() {
	user := uint32(0)
	if c.cpl == 3 {
		user = 1
	}
	c.rd, c.wr = &c.tlbs[user<<1], &c.tlbs[user<<1|1]
	c.alignCheck = user != 0 && c.cr0&cr0AM != 0 && c.eflags&flagAC != 0
	if c.alignCheck {
		c.rd, c.wr = &noTLB, &noTLB
	}
	c.epoch = c.epochs[user]
	var m mode
	if c.seg[segCS].attr&attrDB != 0 {
		m = mode32
		cs := &c.seg[segCS]
		if cs.base == 0 && cs.hi == 0xffffffff && c.seg[segSS].attr&attrDB != 0 &&
			c.seg[segSS].flat() && c.seg[segDS].flat() && c.seg[segES].flat() {
			m |= modeFlat
		}
	}
	c.mode = m
}

// codeOwner is what the store of blocks asks for.
func (c *CPU) codeOwner() code.Owner[block] {
	return code.Owner[block]{
		Appears: func(pa uint64) { c.slowStores(uint32(pa) - c.ramBase) },
		Gone:    c.forgetJumps,
		Hit: func(passing bool) {
			c.stop = c.stop || !passing || c.base == c.onceBase
		},
	}
}

// forgetJumps takes a dropped block out of the jump cache.
func (c *CPU) forgetJumps(b *block) {
	switch b.jumps {
	case 0:
	case 1:
		if e := &c.jump[jumpIndex(b.jumpEIP)]; e.block == b {
			*e = jumpEntry{}
		}
	default:
		c.newEpochs()
	}
	b.jumps = 0
}

// fetchOffset translates a code address. inRAM is false for code in a device (a ROM); off is then the physical address.
func (c *CPU) fetchOffset(la uint32) (off uint32, inRAM, ok bool) {
	user := c.epoch & 1
	if e := &c.xtlb[user][la>>12&(tlbSize-1)]; e.tag == la|0xfff {
		return la + e.delta, true, true
	}
	pa, ok := c.translate(la, c.userBit()|pfFetch)
	if !ok {
		return 0, false, false
	}
	o := pa - uint64(c.ramBase)
	if o >= uint64(c.ramSize) {
		return uint32(pa), false, true
	}
	if e := &c.xtlb[user][la>>12&(tlbSize-1)]; e.tag != 0 {
		c.newEpoch(user) // a jump entry is valid only while its page is in the TLB, see flushPage
	}
	c.enterTLB(codeTLBs+user, la, uint32(o), c.leaf)
	return uint32(o), true, true
}

// codePlace is where code is that is to be executed.
type codePlace struct {
	la, off uint32 // its linear address, and its offset in RAM
	page    *codePage
}

// locate finds the place of CS:EIP. ok is false with an exception pending when the code cannot be fetched; for code that is not in RAM page is nil.
func (c *CPU) locate() (at codePlace, ok bool) {
	cs := &c.seg[segCS]
	if c.eip > cs.hi || c.eip < cs.lo {
		return at, c.raiseErr(excGP, 0)
	}
	at.la = cs.base + c.eip
	off, inRAM, ok := c.fetchOffset(at.la)
	if ok && inRAM {
		at.off, at.page = off, c.code.At(uint64(c.ramBase+off))
	}
	return at, ok
}

// known returns the block at a place for the mode m, or nil when there is none. ok is false with an exception pending when its second page cannot be
// fetched.
func (c *CPU) known(at codePlace, m mode) (b *block, ok bool) {
	for b = at.page.First(uint64(at.off)); b != nil; b = b.Next() {
		if b.Off != uint16(at.off&0xfff) || b.Mode != uint8(m) {
			continue
		}
		if b.Over != 0 {
			off, inRAM, ok := c.fetchOffset((at.la | 0xfff) + 1)
			if !ok {
				return nil, false
			}
			if !inRAM || uint64(c.ramBase+off) != b.Into {
				continue
			}
		}
		return b, true
	}
	return nil, true
}

// lookup returns the block at CS:EIP for the mode m, decoding it if need be. It returns nil with an exception pending when
// the code cannot be fetched. A block outside RAM is decoded anew each time.
func (c *CPU) lookup(m mode) *block {
	at, ok := c.locate()
	if !ok {
		return nil
	}
	if at.page == nil {
		return c.decodeForeign(at.la, m)
	}
	b, ok := c.known(at, m)
	if b != nil || !ok {
		return b
	}
	if c.code.Full() {
		c.code.MakeRoom()
		c.newEpochs()
		at.page = c.code.At(uint64(c.ramBase + at.off))
	}
	return c.decodeBlock(at, m)
}

func jumpIndex(eip uint32) uint32 { return (eip ^ eip>>12) % jumpSize }

// chainSlow is chain without a valid jump entry; it makes one where it may.
func (c *CPU) chainSlow(eip uint32) *block {
	if c.stops.May(uint64(eip)) {
		return nil
	}
	c.eip = eip
	at, ok := c.locate()
	if !ok || at.page == nil {
		return nil
	}
	b, ok := c.known(at, c.mode)
	if b == nil && ok && !c.code.Full() && !c.code.Unsteady(at.page, at.off&0xfff, at.off&0xfff+maxLength) {
		b = c.decodeBlock(at, c.mode)
	}
	if b == nil || b.alone {
		return nil
	}
	if c.stop || c.fastUntil.Load() == 0 {
		return nil // setting an accessed bit has changed code, or a translation was forgotten
	}
	c.jump[jumpIndex(eip)] = jumpEntry{jumpTag(eip, c.epoch), b}
	if b.jumps == 0 {
		b.jumps, b.jumpEIP = 1, eip
	} else if b.jumpEIP != eip {
		b.jumps = 2
	}
	return b
}
