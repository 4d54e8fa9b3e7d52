package arm64

import (
	"slices"

	"forkscope/machine/mem"
)

const (
	wordsPerPage = mem.PageSize / 4
	// maxBlock bounds the instructions of a block, so that a limit never cuts off much decoded work.
	maxBlock = 128

	// opsMax bounds the memory of decoded code: when so many ops are held, all are dropped. pageOps is what a page itself
	// costs, in ops.
	opsMax  = 1 << 19
	pageOps = wordsPerPage / 2

	codeEntries = 256
	codeMask    = codeEntries - 1
	noTag       = 4 // no page address looks like this, and no PC without its bits 11:2, even a misaligned one
)

// block is straight-line code of one page. It is position independent: PC-relative operands count from its first instruction,
// so aliases of a physical page share it.
type block struct {
	ops   []op // one unused op, the instructions, and one of kindEnd
	first *op  // &ops[0]
	words []uint32
	rows  []uint16 // table row of each instruction; noRow where undefined
	n     int
	page  *codePage

	// Where control goes: by the last branch taken, and by not taking it or running off the end.
	taken, next             *block
	takenInPage, nextInPage bool

	// The breakpoint-free run at breakPC, as of breakVersion of the breakpoint set.
	breakVersion, breakPC, breakFree uint64
}

const noRow = 0xffff

func newOps(n int) []op { return make([]op, n+2) }

// codePage holds the blocks of one physical page, by the word they start at.
type codePage struct {
	pa      uint64
	ops     int // what it holds, counted against opsMax
	blocks  [wordsPerPage]*block
	decoded [wordsPerPage / 64]uint64 // the words that some block holds
}

type codeCache struct {
	pages   map[uint64]*codePage // by physical address
	ops     int                  // the sum over pages
	decoder struct {             // where decodeBlock works
		ops   [maxBlock + 2]op
		words [maxBlock]uint32
		rows  [maxBlock]uint16
	}
}

// codeEntry maps a virtual page to its code, for one exception level. Pages with breakpoints are never entered.
type codeEntry struct {
	tag  uint64
	page *codePage
}

type codeTLB [codeEntries]codeEntry

// findBlock returns the block at PC, decoded if need be. It returns nil when the fetch raised an exception.
func (c *CPU) findBlock() *block {
	if c.il {
		c.raise(ecIllegalState, 0, c.pc)
		return nil
	}
	c.pc = c.canonical(c.pc)
	if c.pc&3 != 0 {
		c.sys.far = c.pc
		c.raise(ecPCAlignment, 0, c.pc)
		return nil
	}
	e, fsc := c.translate(c.pc, c.el)
	if fsc == 0 && e.perm>>(permExec+c.el)&1 == 0 {
		fsc = fscPermission + e.level
	}
	pa := e.pa | c.pc&0xfff
	if fsc == 0 && !c.ram.Contains(pa, 4) {
		fsc = fscExternal
	}
	if fsc != 0 {
		c.instructionAbort(c.pc, fsc)
		return nil
	}
	if c.code.ops > opsMax {
		c.dropAll()
	}
	page := c.code.pages[e.pa]
	if page == nil {
		page = &codePage{pa: e.pa, ops: pageOps}
		c.code.pages[e.pa] = page
		c.code.ops += pageOps
		c.ram.MarkCode(e.pa)
		c.flushWrites() // stores to this page must be seen from now on
	}
	if !c.mayBreak(c.pc) {
		c.mmu.fillCode(c.el, c.pc, page)
	}
	i := pa >> 2 & (wordsPerPage - 1)
	if page.blocks[i] == nil {
		page.blocks[i] = c.decodeBlock(page, int(i))
	}
	return page.blocks[i]
}

// decodeBlock decodes from word start of page to the first branch, context-changing instruction or page end.
func (c *CPU) decodeBlock(page *codePage, start int) *block {
	limit := min(wordsPerPage-start, maxBlock)
	d := &c.code.decoder
	b := &block{page: page}
	for b.n < limit {
		w := uint32(c.hostLoad(page.pa+uint64(start+b.n)*4, 4))
		o := &d.ops[b.n+1]
		r := decode(w, uint64(b.n)*4, o)
		page.decoded[(start+b.n)/64] |= 1 << ((start + b.n) % 64)
		d.words[b.n], d.rows[b.n] = w, uint16(r)
		b.n++
		if r >= 0 && rows[r].branch {
			b.takenInPage = uint64(start)*4+o.imm < mem.PageSize
		}
		if r < 0 || rows[r].ends {
			break
		}
	}
	b.nextInPage = start+b.n < wordsPerPage
	for i := 1; i < b.n; i++ {
		fuse(&d.ops[i], &d.ops[i+1])
	}
	d.ops[b.n+1] = op{kind: kindEnd, single: kindEnd}
	b.ops = slices.Clone(d.ops[:b.n+2])
	b.words, b.rows = slices.Clone(d.words[:b.n]), slices.Clone(d.rows[:b.n])
	b.first = &b.ops[0]
	page.ops += len(b.ops)
	c.code.ops += len(b.ops)
	return b
}

// prefix returns the first n instructions of b as a block of their own, valid until the next call.
func (c *CPU) prefix(b *block, n int) *block {
	s := &c.scratch
	for i := 1; i <= n; i++ {
		s.ops[i] = b.ops[i]
		s.ops[i].kind = s.ops[i].single
	}
	s.ops[n+1] = op{kind: kindEnd, single: kindEnd}
	s.first, s.words, s.rows, s.n, s.page = &s.ops[0], b.words[:n], b.rows[:n], n, b.page
	s.taken, s.next = nil, nil
	return s
}

// dropPage forgets the blocks of the physical page pa, whose contents changed. The running block must end.
func (c *CPU) dropPage(pa uint64) {
	pa &^= mem.PageSize - 1
	page := c.code.pages[pa]
	if page == nil {
		return
	}
	c.code.ops -= page.ops
	delete(c.code.pages, pa)
	c.ram.ClearCode(pa)
	c.flushCodeTLB()
}

// dropAll forgets all decoded code, between two blocks.
func (c *CPU) dropAll() {
	for pa := range c.code.pages {
		c.ram.ClearCode(pa)
	}
	clear(c.code.pages)
	c.code.ops = 0
	c.flushCodeTLB()
}

// holdsCode says whether any of the n bytes at pa, which do not cross the page, are part of a decoded block.
func (c *CPU) holdsCode(pa, n uint64) bool {
	page := c.code.pages[pa&^(mem.PageSize-1)]
	if page == nil {
		return false
	}
	for i := pa & 0xfff / 4; i <= (pa&0xfff+n-1)/4; i++ {
		if page.decoded[i/64]>>(i%64)&1 != 0 {
			return true
		}
	}
	return false
}

// execWord runs one instruction by its table row; pc and clock.Now are those of the instruction.
func (c *CPU) execWord(w uint32, r uint16) status {
	if r == noRow {
		return c.undefined(w)
	}
	row := &rows[r]
	if row.simd != nil {
		if c.fpTrap {
			return c.trapFP()
		}
		row.simd(c, w)
		return stNext
	}
	return row.exec(c, w)
}
