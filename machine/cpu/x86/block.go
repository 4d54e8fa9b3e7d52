package x86

import "forkscope/machine/cpu/code"

// mode selects among the ways the same bytes decode and run.
type mode uint8

const (
	mode32     mode = 1 << iota // CS.D: 32-bit operands and addresses by default
	mode64                      // CS.L in long mode: 64-bit mode, in which operands have 32 bits and addresses 64 by default
	modeFlat                    // CS, SS, DS and ES are flat, SS.B is set: the hot kinds may be used
	modeStep                    // blocks of one instruction, nothing fused
	modeShadow                  // user mode has a shadow stack: calls and returns are not hot
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
	// jumps is how many addresses the block was entered in the jump cache for, where 2 stands for more, too; jumpIP is the first.
	jumps  uint8
	jumpIP uint64

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

// jumpEntry finds the block for an address in flat code without a look at page tables.
type jumpEntry struct {
	tag   uint64 // address and epoch
	block *block
}

// An epoch is in the upper bits of a tag, where all bits of an address are equal: one bit for CPL 3, one for 64-bit mode, and a count. With the topmost
// bit clear no epoch is another one's complement.
const (
	epochUser  = 1 << 48
	epoch64    = 1 << 49
	epochStep  = 1 << 50
	epochFirst = epochStep
	epochEnd   = 1 << 63
)

// newEpoch makes every jump entry of a privilege, user or not, invalid.
func (c *CPU) newEpoch(user uint32) {
	c.epochs[user] += epochStep
	if c.epochs[user] >= epochEnd {
		*c.jump = [jumpSize]jumpEntry{}
		c.epochs[user] = epochFirst | uint64(user)*epochUser
	}
	if c.user() == user {
		c.epoch = c.epochs[user] | c.epoch&epoch64
		c.fastUntil.Store(0) // the running chain must not follow stale entries
	}
}

// user is 1 at CPL 3 and 0 else.
func (c *CPU) user() uint32 { return uint32(c.epoch/epochUser) & 1 }

// newEpochs makes every jump entry invalid.
func (c *CPU) newEpochs() {
	c.newEpoch(0)
	c.newEpoch(1)
}

// noTLB never has an entry: with alignment checks on, every access takes the slow path.
var noTLB tlb

// updateMode recomputes what depends on segments and privilege. It is called whenever one of them changes.
func (c *CPU) updateMode() {
	user := uint32(0)
	if c.cpl == 3 {
		user = 1
	}
	c.rd, c.wr = &c.tlbs[user<<1], &c.tlbs[user<<1|1]
	if user == 0 && c.open() {
		c.rd, c.wr = c.tlb(openTLBs), c.tlb(openTLBs|1)
	}
	c.alignCheck = user != 0 && c.cr0&cr0AM != 0 && c.eflags&flagAC != 0
	if c.alignCheck {
		c.rd, c.wr = &noTLB, &noTLB
	}
	c.epoch = c.epochs[user]
	c.mask = 0xffffffff
	was, cs := c.mode, &c.seg[segCS]
	c.mode = 0
	switch {
	case c.efer&eferLMA != 0 && cs.attr&attrL != 0:
		if was&mode64 == 0 {
			c.fres = signExtend(c.fres, 4)
		}
		c.mode, c.mask = mode64|modeFlat, ^uint64(0)
		c.epoch |= epoch64
		if c.shadowed() {
			c.mode |= modeShadow
		}
		for i := range c.seg {
			c.seg[i].update64(i >= segFS)
		}
		return
	case cs.attr&attrDB != 0:
		c.mode = mode32
	}
	if was&mode64 != 0 {
		for i := range c.seg {
			c.seg[i].update()
		}
	}
	if c.mode == mode32 && cs.start == 0 && cs.hi == 0xffffffff && c.seg[segSS].attr&attrDB != 0 &&
		c.seg[segSS].flat() && c.seg[segDS].flat() && c.seg[segES].flat() {
		c.mode |= modeFlat
	}
	if c.shadowed() {
		c.mode = c.mode&^modeFlat | modeShadow
	}
}

// codeOwner is what the store of blocks asks for.
func (c *CPU) codeOwner() code.Owner[block] {
	return code.Owner[block]{
		Appears: func(pa uint64) { c.slowStores(pa - uint64(c.ramBase)) },
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
		if e := &c.jump[jumpIndex(b.jumpIP)]; e.block == b {
			*e = jumpEntry{}
		}
	default:
		c.newEpochs()
	}
	b.jumps = 0
}

// fetchOffset translates a code address. inRAM is false for code in a device (a ROM); off is then the physical address.
func (c *CPU) fetchOffset(la uint64) (off uint64, inRAM, ok bool) {
	user := c.user()
	if e := &c.xtlb[user][la>>12&(tlbSize-1)]; e.tag == la|0xfff {
		return la + e.delta, true, true
	}
	pa, ok := c.translate(la, c.userBit()|pfFetch)
	if !ok {
		return 0, false, false
	}
	o := pa - uint64(c.ramBase)
	if o >= uint64(c.ramSize) {
		return pa, false, true
	}
	if e := &c.xtlb[user][la>>12&(tlbSize-1)]; e.tag != 0 {
		c.newEpoch(user) // a jump entry is valid only while its page is in the TLB, see flushPage
	}
	c.enterTLB(codeTLBs+user, la, o, c.leaf)
	return o, true, true
}

// codePlace is where code is that is to be executed.
type codePlace struct {
	la, off uint64 // its linear address, and its offset in RAM
	page    *codePage
}

// locate finds the place of CS:EIP. ok is false with an exception pending when the code cannot be fetched; for code that is not in RAM page is nil.
func (c *CPU) locate() (at codePlace, ok bool) {
	cs := &c.seg[segCS]
	if c.ip > cs.hi || c.ip < cs.lo {
		return at, c.raiseErr(excGP, 0)
	}
	at.la = (cs.start + c.ip) & c.mask
	if !canonical(at.la) {
		return at, c.raiseErr(excGP, 0)
	}
	off, inRAM, ok := c.fetchOffset(at.la)
	if ok && inRAM {
		at.off, at.page = off, c.code.At(uint64(c.ramBase)+off)
	}
	return at, ok
}

// known returns the block at a place for the mode m, or nil when there is none. ok is false with an exception pending when its second page cannot be
// fetched.
func (c *CPU) known(at codePlace, m mode) (b *block, ok bool) {
	for b = at.page.First(at.off); b != nil; b = b.Next() {
		if b.Off != uint16(at.off&0xfff) || b.Mode != uint8(m) {
			continue
		}
		if b.Over != 0 {
			off, inRAM, ok := c.fetchOffset(((at.la | 0xfff) + 1) & c.mask)
			if !ok {
				return nil, false
			}
			if !inRAM || uint64(c.ramBase)+off != b.Into {
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
		at.page = c.code.At(uint64(c.ramBase) + at.off)
	}
	return c.decodeBlock(at, m)
}

func jumpIndex(ip uint64) uint64 { return (ip ^ ip>>12) % jumpSize }

// chainSlow is chain without a valid jump entry; it makes one where it may.
func (c *CPU) chainSlow(ip uint64) *block {
	if c.stops.May(ip) {
		return nil
	}
	c.ip = ip
	at, ok := c.locate()
	if !ok || at.page == nil {
		return nil
	}
	b, ok := c.known(at, c.mode)
	if b == nil && ok && !c.code.Full() && !c.code.Unsteady(at.page, uint32(at.off&0xfff), uint32(at.off&0xfff+maxLength)) {
		b = c.decodeBlock(at, c.mode)
	}
	if b == nil || b.alone {
		return nil
	}
	if c.stop || c.fastUntil.Load() == 0 {
		return nil // setting an accessed bit has changed code, or a translation was forgotten
	}
	c.jump[jumpIndex(ip)] = jumpEntry{ip ^ c.epoch, b}
	if b.jumps == 0 {
		b.jumps, b.jumpIP = 1, ip
	} else if b.jumpIP != ip {
		b.jumps = 2
	}
	return b
}
