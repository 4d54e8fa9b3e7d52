package arm64

import (
	"forkscope/machine/cpu/code"
	"forkscope/machine/mem"
)

const (
	wordsPerPage = mem.PageSize / 4
	// maxBlock bounds the instructions of a block, so that a limit never cuts off much decoded work.
	maxBlock = 128

	// codeMost bounds the memory of cached blocks, in bytes.
	codeMost = 32 << 20

	codeEntries = 256
	codeMask    = codeEntries - 1
	noTag       = 4 // no page address looks like this, and no PC without its bits 11:2, even a misaligned one
)

// block is straight-line code of one page. It is position independent: PC-relative operands count from its first instruction,
// so aliases of a physical page share it.
type block struct {
	code.Block[block]
	ops   []op // one unused op, the instructions, and one of kindEnd
	first *op  // &ops[0]
	words []uint32
	rows  []uint16 // table row of each instruction; noRow where undefined
	n     int
	page  *codePage

	// Where control goes: by the last branch taken, and by not taking it or running off the end.
	taken, next             *block
	takenInPage, nextInPage bool
}

type (
	codePage  = code.Page[block, *block]
	codeStore = code.Store[block, *block]
)

// Unlink forgets links to blocks that were dropped.
func (b *block) Unlink() {
	if b.taken != nil && !b.taken.Kept() {
		b.taken = nil
	}
	if b.next != nil && !b.next.Kept() {
		b.next = nil
	}
}

const noRow = 0xffff

func newOps(n int) []op { return make([]op, n+2) }

// decoder is where decodeBlock works.
type decoder struct {
	ops   [maxBlock + 2]op
	words [maxBlock]uint32
	rows  [maxBlock]uint16

	once   block  // the latest that is executed once
	onceAt uint64 // the clock's count when it was decoded, before it ran
}

// codeOwner is what the store of blocks asks for. No cache leads to blocks but by way of their page.
func (c *CPU) codeOwner() code.Owner[block] {
	return code.Owner[block]{
		Appears: func(pa uint64) { c.mmu.forgetWrites(c.ram.Pointer(pa)) },
		Gone:    func(*block) {},
		Hit: func(passing bool) {
			c.leave = c.leave || !passing || c.clock.Retired == c.decoder.onceAt
		},
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
	if c.code.Full() {
		c.code.MakeRoom()
		c.flushCodeTLB()
		c.leave = false // no block is running
	}
	page := c.code.At(pa)
	if !c.mayBreak(c.pc) {
		c.mmu.fillCode(c.el, c.pc, page)
	}
	if b := page.First(pa); b != nil {
		return b
	}
	return c.decodeBlock(page, pa)
}

// decodeBlock decodes from the address pa in page to the first branch, context-changing instruction or page end.
func (c *CPU) decodeBlock(page *codePage, pa uint64) *block {
	start := int(pa >> 2 & (wordsPerPage - 1))
	limit := min(wordsPerPage-start, maxBlock)
	d := &c.decoder
	n, takenInPage, once := 0, false, false
	for n < limit {
		at := uint32(start+n) * 4
		if once = c.code.Unsteady(page, at, at+4); once && n > 0 {
			once = false
			break
		}
		w := uint32(c.hostLoad(pa&^0xfff+uint64(at), 4))
		o := &d.ops[n+1]
		r := decode(w, uint64(n)*4, o)
		d.words[n], d.rows[n] = w, uint16(r)
		n++
		if r >= 0 && rows[r].branch {
			takenInPage = uint64(start)*4+o.imm < mem.PageSize
			break
		}
		if once || r < 0 || rows[r].ends {
			break
		}
	}
	for i := 1; i < n; i++ {
		fuse(&d.ops[i], &d.ops[i+1])
	}
	d.ops[n+1] = op{kind: kindEnd, single: kindEnd}
	var b *block
	if once {
		b = &d.once
		*b = block{ops: b.ops[:0], words: b.words[:0], rows: b.rows[:0]}
	} else {
		b = new(block)
	}
	b.Off, b.End = uint16(4*start), uint16(4*(start+n))
	b.page, b.n = page, n
	b.takenInPage, b.nextInPage = takenInPage, start+n < wordsPerPage
	b.ops = append(b.ops, d.ops[:n+2]...)
	b.words, b.rows = append(b.words, d.words[:n]...), append(b.rows, d.rows[:n]...)
	b.first = &b.ops[0]
	if once {
		d.onceAt = c.clock.Retired
		c.code.Passing(page, uint32(b.Off), uint32(b.End))
	} else {
		c.code.Add(page, b, b.size())
	}
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
