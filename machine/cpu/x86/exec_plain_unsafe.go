package x86

import "unsafe"

const opSize = unsafe.Sizeof(Op{})

//go:generate go test -tags splice -run TestSpliced -x86.splice

// execPlain runs b, which starts at c.ip, and the blocks that follow it while the clock is at most fastUntil when one starts. It
// returns at an instruction boundary with c.ip and the clock exact, or with an exception pending and both at the
// instruction that raised it.
//
// It is what exec is written from (RATIONALE.md says why), and does the same, with a call for each op.
func (c *CPU) execPlain(b *block) {
	c.stop = false
	s := frame{page: c.ip - uint64(b.Off)}
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
			c.ip = (s.page + uint64(op.Off) + uint64(op.Len)) & c.mask
			if !coldFunc[op.Cold%kindLast](c, op) {
				if !c.switched {
					c.ip = s.page + uint64(op.Off)
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
			c.ip = (s.page + uint64(op.Off)) & c.mask
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
	s.ip = (s.page + uint64(int32(op.Imm2))) & c.mask
	if now <= c.fastUntil.Load() {
		if to = c.chain(s.ip); to != nil {
			if op.Link != noLink {
				b.links[op.Link%blockLinks] = to
			}
			s.page = s.ip &^ 0xfff
			b = to
			goto enter
		}
	}
	c.ip = s.ip
	c.clk.Retired = now
	return
indirect:
	now = c.base + uint64(op.Idx) + 1
	if now <= c.fastUntil.Load() {
		if to = c.chain(s.ip); to != nil {
			s.page = s.ip &^ 0xfff
			b = to
			goto enter
		}
	}
	c.ip = s.ip
	c.clk.Retired = now
}

// dispatch does a hot form by its body.
func dispatch(c *CPU, op *Op, s *frame) outcome {
	if int(op.Kind) < len(hotBodies) {
		return hotBodies[op.Kind](c, op, s, hotForms[op.Kind])
	}
	return hotOther(c, op, s)
}

// chain finds the block for ip in flat code, or returns nil when the run loop must look at it: a breakpoint may be near, the
// block crosses a page, or an exception is pending.
func (c *CPU) chain(ip uint64) *block {
	c.r[regPage] = ip &^ 0xfff
	e := &c.jump[jumpIndex(ip)]
	if e.tag == ip^c.epoch {
		return e.block
	}
	return c.chainSlow(ip)
}
