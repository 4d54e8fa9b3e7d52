package x86

import "unsafe"

const opSize = unsafe.Sizeof(Op{})

//go:generate go test -tags splice -run TestSpliced -x86.splice

// execPlain runs b, which starts at c.eip, and the blocks that follow it while the clock is at most fastUntil when one starts. It
// returns at an instruction boundary with c.eip and the clock exact, or with an exception pending and both at the
// instruction that raised it.
//
// It is what exec is written from (RATIONALE.md says why), and does the same, with a call for each op.
func (c *CPU) execPlain(b *block) {
	c.stop = false
	s := frame{page: c.eip - uint32(b.Off)}
	now := c.clk.Retired
	var op *Op
	var to *block
enter:
	c.base = now
	op = unsafe.SliceData(b.ops)
	for {
		switch dispatch(c, op, &s) {
		case next:
			op = (*Op)(unsafe.Add(unsafe.Pointer(op), opSize))
		case skip:
			op = (*Op)(unsafe.Add(unsafe.Pointer(op), 2*opSize))
		case cold:
			c.idx = uint32(op.Idx)
			c.eip = s.page + uint32(op.Off) + uint32(op.Len)
			if !coldFunc[op.Cold%kindLast](c, op) {
				if !c.switched {
					c.eip = s.page + uint32(op.Off)
				}
				c.switched = false
				c.clk.Retired = c.base + uint64(op.Idx)
				return
			}
			if c.stop {
				c.clk.Retired = c.base + uint64(op.Idx) + 1
				return
			}
			op = (*Op)(unsafe.Add(unsafe.Pointer(op), opSize))
		case taken:
			goto taken
		case taken2:
			goto taken2
		case indirect:
			goto indirect
		case leave:
			c.clk.Retired = c.base + uint64(op.Idx)
			return
		case leaveNext:
			c.eip = s.page + uint32(op.Off)
			c.clk.Retired = c.base + uint64(op.Idx)
			return
		}
	}

taken2:
	now = c.base + uint64(op.Idx) + 2
	goto follow
taken:
	now = c.base + uint64(op.Idx) + 1
follow:
	to = b.links[op.Link%blockLinks]
	if to != nil && now <= c.fastUntil.Load() {
		b = to
		goto enter
	}
	s.eip = s.page + op.Imm2
	if now <= c.fastUntil.Load() {
		if to = c.chain(s.eip); to != nil {
			if op.Link != noLink {
				b.links[op.Link%blockLinks] = to
			}
			s.page = s.eip &^ 0xfff
			b = to
			goto enter
		}
	}
	c.eip = s.eip
	c.clk.Retired = now
	return
indirect:
	now = c.base + uint64(op.Idx) + 1
	if now <= c.fastUntil.Load() {
		if to = c.chain(s.eip); to != nil {
			s.page = s.eip &^ 0xfff
			b = to
			goto enter
		}
	}
	c.eip = s.eip
	c.clk.Retired = now
}

// dispatch does a hot form by its body.
func dispatch(c *CPU, op *Op, s *frame) outcome {
	if int(op.Kind) < len(hotBodies) {
		return hotBodies[op.Kind](c, op, s, hotForms[op.Kind])
	}
	return hotOther(c, op, s)
}

// chain finds the block for eip in flat code, or returns nil when the run loop must look at it: a breakpoint may be near, the
// block crosses a page, or an exception is pending.
func (c *CPU) chain(eip uint32) *block {
	e := &c.jump[jumpIndex(eip)]
	if e.tag == jumpTag(eip, c.epoch) {
		return e.block
	}
	return c.chainSlow(eip)
}
