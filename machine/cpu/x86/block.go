package x86

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
	// opsMax bounds the memory of cached blocks: when so many ops are held, all are dropped.
	opsMax = 1 << 19
)

// block is a run of decoded instructions with one entry and, at branches, several exits. All of it but the last
// instruction's last bytes lies in one page.
type block struct {
	ops []Op // ended by an op that leaves the block
	// links are the blocks of the same page to which the branches lead.
	links [blockLinks]*block
	off   uint16 // of the first instruction in its page
	end   uint16 // offset after the last byte, at most 0x1000
	mode  mode
	n     uint8 // instructions, fused ones counted singly
	// cross is the offset in RAM of the second page, for a block whose single instruction crosses into it; 0 for others
	// (page 0 never is a second page that matters: the reset page's predecessor is the top of memory).
	crosses bool
	cross   uint32
	alt     *block // another mode's block at the same offset

	// breakFree: at the linear address breakPC and with version breakVersion of the stops, none is behind the first instruction.
	breakVersion uint64
	breakPC      uint32
	breakFree    bool
}

// codePage holds the blocks that start in one page of RAM.
type codePage struct {
	index  [0x1000]uint16 // by offset: 1 + position in blocks of the first block there
	blocks []*block
	bytes  [0x1000 / 64]uint64 // which bytes are decoded, also by blocks that cross into this page
	before []uint32            // offsets of pages whose blocks cross into this one
}

type codeCache struct {
	pages []*codePage // by page of RAM
	used  []uint32    // offsets of pages that have a codePage
	ops   int
}

// jumpEntry finds the block for an EIP in flat code without a look at page tables.
type jumpEntry struct {
	tag   uint64 // EIP and epoch
	block *block
}

func (cc *codeCache) init(size uint64) {
	cc.pages = make([]*codePage, size>>12)
}

// bumpEpoch makes every jump entry invalid. Epochs are even for CPL 0-2 and odd for CPL 3.
func (c *CPU) bumpEpoch() {
	c.epoch += 2
	if c.epoch < 2 {
		*c.jump = [jumpSize]jumpEntry{}
		c.epoch += 2
	}
	c.fastUntil.Store(0) // the running chain must not follow stale entries
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
	c.epoch = c.epoch&^1 | user
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

// codePageAt returns the codePage of RAM offset off, and makes it if there is none.
func (c *CPU) codePageAt(off uint32) *codePage {
	p := c.code.pages[off>>12]
	if p != nil {
		return p
	}
	p = &codePage{}
	c.code.pages[off>>12] = p
	c.code.used = append(c.code.used, off&^0xfff)
	c.mem.MarkCode(uint64(c.ramBase + off))
	// Stores to the page must now take the slow path.
	page := off &^ 0xfff
	for _, t := range []*tlb{&c.tlbs[1], &c.tlbs[3]} {
		for i := range t {
			if e := &t[i]; e.tag != 0 && e.tag&^0xfff+e.delta == page {
				*e = tlbEntry{}
			}
		}
	}
	return p
}

func (c *CPU) isCode(off uint32) bool { return c.code.pages[off>>12] != nil }

// wroteCode drops the blocks of off's page when size bytes there, just written, were decoded.
func (c *CPU) wroteCode(off, size uint32) {
	p := c.code.pages[off>>12]
	if p == nil {
		return
	}
	for i := off & 0xfff; i < off&0xfff+size; i++ {
		if p.bytes[i>>6&63]&(1<<(i&63)) != 0 {
			c.dropOffset(off)
			return
		}
	}
}

// dropPage forgets the blocks of the page at physical address pa, which was changed from outside.
func (c *CPU) dropPage(pa uint32) { c.dropOffset(pa - c.ramBase) }

func (c *CPU) dropOffset(off uint32) {
	p := c.code.pages[off>>12]
	if p == nil {
		return
	}
	c.code.pages[off>>12] = nil
	c.mem.ClearCode(uint64(c.ramBase + off))
	for _, b := range p.blocks {
		c.code.ops -= len(b.ops)
	}
	for i, u := range c.code.used {
		if u == off&^0xfff {
			last := len(c.code.used) - 1
			c.code.used[i] = c.code.used[last]
			c.code.used = c.code.used[:last]
			break
		}
	}
	for _, before := range p.before {
		c.dropOffset(before)
	}
	c.bumpEpoch()
	c.stop = true
}

// dropAll forgets every block.
func (c *CPU) dropAll() {
	for _, off := range c.code.used {
		c.code.pages[off>>12] = nil
		c.mem.ClearCode(uint64(c.ramBase + off))
	}
	c.code.used = c.code.used[:0]
	c.code.ops = 0
	c.bumpEpoch()
	c.stop = true
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
		c.bumpEpoch() // a jump entry is valid only while its page is in the TLB, see flushPage
	}
	c.enterTLB(codeTLBs+user, la, uint32(o), c.leaf)
	return uint32(o), true, true
}

// lookup returns the block at CS:EIP for the mode m, decoding it if need be. It returns nil with an exception pending when
// the code cannot be fetched. A block outside RAM is decoded anew each time.
func (c *CPU) lookup(m mode) *block {
	cs := &c.seg[segCS]
	if c.eip > cs.hi || c.eip < cs.lo {
		c.raiseErr(excGP, 0)
		return nil
	}
	la := cs.base + c.eip
	off, inRAM, ok := c.fetchOffset(la)
	if !ok {
		return nil
	}
	if !inRAM {
		return c.decodeForeign(la, m)
	}
	p := c.codePageAt(off)
	if i := p.index[off&0xfff]; i != 0 {
		for b := p.blocks[i-1]; b != nil; b = b.alt {
			if b.mode != m {
				continue
			}
			if b.crosses {
				off2, in2, ok := c.fetchOffset((la | 0xfff) + 1)
				if !ok {
					return nil
				}
				if !in2 || off2 != b.cross {
					continue
				}
			}
			return b
		}
	}
	if c.code.ops > opsMax {
		c.dropAll()
		p = c.codePageAt(off)
	}
	b := c.decodeBlock(la, off, m)
	if b == nil {
		return nil
	}
	p.add(b)
	c.code.ops += len(b.ops)
	if b.crosses {
		second := c.codePageAt(b.cross)
		second.before = append(second.before, off)
		for i := range uint32(b.ops[0].Len) - (0x1000 - off&0xfff) {
			second.bytes[i>>6] |= 1 << (i & 63)
		}
	}
	return b
}

func (p *codePage) add(b *block) {
	if i := p.index[b.off]; i != 0 {
		b.alt = p.blocks[i-1].alt
		p.blocks[i-1].alt = b
		p.blocks = append(p.blocks, b) // only so that its ops are counted
	} else {
		p.blocks = append(p.blocks, b)
		p.index[b.off] = uint16(len(p.blocks))
	}
	for i := b.off; i < b.end; i++ {
		p.bytes[i>>6] |= 1 << (i & 63)
	}
}

// chainSlow is chain without a valid jump entry; it makes one where it may.
func (c *CPU) chainSlow(eip uint32) *block {
	if c.stops.May(uint64(eip)) {
		return nil
	}
	c.eip = eip
	b := c.lookup(c.mode)
	if b == nil || b.crosses {
		return nil
	}
	if c.fastUntil.Load() == 0 {
		return nil // blocks were dropped to make room
	}
	c.jump[(eip^eip>>12)%jumpSize] = jumpEntry{jumpTag(eip, c.epoch), b}
	return b
}
