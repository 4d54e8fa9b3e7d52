package arm64

import "unsafe"

// interpret runs blocks, starting with b at virtual address at and count now, until one does not fit before the count stop, the
// next is not at hand, or an instruction needs Run's attention. It leaves pc and clock.Now exact.
//
// It is what exec is written from, and does the same by calling the bodies. Labels instead of loops and calls keep the state of the
// machine in registers: the loop is the dispatch of one op, enter that of a block.
func (c *CPU) interpret(b *block, at, now, stop uint64) {
	var (
		o    *op
		i    uint64
		link **block
		nb   *block
		e    *codeEntry
		st   status
		hit  bool
	)
	s := frame{pc: at, reads: c.rtlb, writes: c.wtlb}
enter:
	s.n = uint64(b.n)
	if now+s.n > stop {
		c.pc, c.clock.Retired = s.pc, now
		return
	}
	o = b.first
	for {
		o = (*op)(unsafe.Add(unsafe.Pointer(o), opSize))
		switch dispatch(c, o, &s) {
		case next:
		case slow: // by the row's function, from the word, with everything an access can run into
			i = (uint64(uintptr(unsafe.Pointer(o)))-uint64(uintptr(unsafe.Pointer(b.first))))/uint64(opSize) - 1
			c.pc, c.clock.Retired = s.pc+4*i, now+i
			st = c.execWord(b.words[i], b.rows[i])
			if st == stNext {
				continue
			}
			if st == stEnd {
				c.pc += 4
			}
			if st != stFault {
				c.clock.Retired++
			}
			return
		case taken:
			now += s.n
			s.pc += s.offset
			link, hit = &b.taken, b.takenInPage
			goto follow
		case fall:
			now += s.n
			s.pc += 4 * s.n
			link, hit = &b.next, b.nextInPage
			goto follow
		case away:
			now += s.n
			goto lookup
		}
	}
follow:
	// A link never leaves the page, so it holds as long as both blocks do: the store of blocks cuts it when one is dropped.
	nb = *link
	if nb != nil {
		b = nb
		goto enter
	}
	if hit {
		nb = b.page.Slots[s.pc>>2&(wordsPerPage-1)]
		if nb != nil {
			*link = nb
			b = nb
			goto enter
		}
	}
lookup:
	e = &c.xtlb[s.pc>>12&codeMask]
	if e.tag == s.pc&^0xffc {
		nb = e.page.Slots[s.pc>>2&(wordsPerPage-1)]
		if nb != nil {
			b = nb
			goto enter
		}
	}
	c.pc, c.clock.Retired = s.pc, now
}
