package x86

// String instructions. Each iteration of a repeated one retires as one instruction of its own (one with a count of zero
// retires once too): the clock, interrupts, the debugger's steps and watchpoints all see the boundary between iterations.
// Such an instruction ends its block and leaves c.ip on itself while iterations remain.

// bulkMin is the number of iterations from which moving a page at a time is worth its setup.
const bulkMin = 8

type strOp struct {
	addrMask uint64
	delta    uint64
	size     uint8
}

func (c *CPU) strOp(op *Op) strOp {
	s := strOp{addrMask: op.addressMask(), delta: uint64(op.Size), size: op.Size}
	if c.eflags&flagDF != 0 {
		s.delta = -s.delta
	}
	return s
}

func (s *strOp) get(c *CPU, r int) uint64 { return c.r[r] & s.addrMask }

func (s *strOp) set(c *CPU, r int, v uint64) { setMasked(&c.r[r], v, s.addrMask) }

// setMasked changes the part of a register that is as wide as an address. Like every result of 32 bits, such a part clears the upper half.
func setMasked(r *uint64, v, mask uint64) {
	if mask == 0xffff {
		*r = *r&^mask | v&mask
		return
	}
	*r = v & mask
}

func (s *strOp) advance(c *CPU, r int) { s.set(c, r, c.r[r]+s.delta) }

// execString executes a string instruction: once when not repeated, else as many iterations as the run limit leaves.
func execString(c *CPU, op *Op) bool {
	s := c.strOp(op)
	if op.Flags&(FlagRep|FlagRepne) == 0 {
		return c.iterate(op, &s)
	}
	if (op.Cold == kINS || op.Cold == kOUTS) && !c.portAllowed(uint16(c.r[regEDX]), op.Size) {
		return false // even when the count is zero
	}
	if s.get(c, regECX) == 0 {
		return true
	}
	start := c.ip - uint64(op.Len)
	done := uint64(0)
	for {
		n := uint64(1)
		if bulk := c.repBulk(op, &s, done); bulk > 0 {
			n = bulk
		} else {
			if !c.iterate(op, &s) {
				c.retireIterations(done)
				return false
			}
			s.set(c, regECX, c.r[regECX]-1)
		}
		done += n
		if s.get(c, regECX) == 0 || c.repEnds(op) {
			break
		}
		if c.stop || c.base+uint64(c.idx)+done > c.fastUntil.Load() {
			c.ip = start
			break
		}
	}
	c.retireIterations(done - 1)
	return true
}

// retireIterations counts iterations of a repeated instruction beyond the one that the block counts.
func (c *CPU) retireIterations(n uint64) { c.base += n }

func (c *CPU) repEnds(op *Op) bool {
	if op.Cold != kCMPS && op.Cold != kSCAS {
		return false
	}
	return c.zf() == (op.Flags&FlagRepne != 0)
}

// iterate performs one iteration, without the count register.
func (c *CPU) iterate(op *Op, s *strOp) bool {
	switch op.Cold {
	case kMOVS:
		v, ok := c.read(op.Seg, s.get(c, regESI), s.size)
		if !ok || !c.write(segES, s.get(c, regEDI), v, s.size) {
			return false
		}
		s.advance(c, regESI)
		s.advance(c, regEDI)
	case kSTOS:
		if !c.write(segES, s.get(c, regEDI), c.reg(regEAX, s.size), s.size) {
			return false
		}
		s.advance(c, regEDI)
	case kLODS:
		v, ok := c.read(op.Seg, s.get(c, regESI), s.size)
		if !ok {
			return false
		}
		c.setReg(regEAX, s.size, v)
		s.advance(c, regESI)
	case kSCAS:
		v, ok := c.read(segES, s.get(c, regEDI), s.size)
		if !ok {
			return false
		}
		c.arithmetic(kCMP, c.reg(regEAX, s.size), v, s.size)
		s.advance(c, regEDI)
	case kCMPS:
		// The second operand first: that is the order in which processors fault.
		b, ok := c.read(segES, s.get(c, regEDI), s.size)
		if !ok {
			return false
		}
		a, ok := c.read(op.Seg, s.get(c, regESI), s.size)
		if !ok {
			return false
		}
		c.arithmetic(kCMP, a, b, s.size)
		s.advance(c, regESI)
		s.advance(c, regEDI)
	case kINS:
		port := uint16(c.r[regEDX])
		if !c.portAllowed(port, s.size) {
			return false
		}
		la, ok := c.linear(segES, s.get(c, regEDI), uint64(s.size), true)
		if !ok || !c.writable(la, uint64(s.size)) {
			return false
		}
		c.write(segES, s.get(c, regEDI), c.portIn(port, s.size), s.size)
		s.advance(c, regEDI)
	case kOUTS:
		port := uint16(c.r[regEDX])
		if !c.portAllowed(port, s.size) {
			return false
		}
		v, ok := c.read(op.Seg, s.get(c, regESI), s.size)
		if !ok {
			return false
		}
		c.portOut(port, s.size, v)
		s.advance(c, regESI)
	}
	return true
}

// repBulk performs many iterations of MOVS or STOS upwards within a page in one go, and returns how many; 0 when
// one iteration must be taken at a time. It does exactly what the iterations would.
func (c *CPU) repBulk(op *Op, s *strOp, done uint64) uint64 {
	if op.Cold != kMOVS && op.Cold != kSTOS || s.delta>>63 != 0 || s.addrMask == 0xffff {
		return 0
	}
	size := uint64(s.size)
	n := s.get(c, regECX)
	// The boundary after the last of these iterations may be the limit, not beyond.
	until := c.fastUntil.Load()
	now := c.base + uint64(c.idx) + done
	if now >= until {
		return 0
	}
	n = min(n, until-now)
	if n < bulkMin {
		return 0
	}
	edi := s.get(c, regEDI)
	n = min(n, (0x1000-(c.seg[segES].start+edi)&0xfff)/size)
	var esi uint64
	if op.Cold == kMOVS {
		esi = s.get(c, regESI)
		n = min(n, (0x1000-(c.seg[op.Seg].start+esi)&0xfff)/size)
	}
	if n < bulkMin {
		return 0
	}
	dst, ok := c.bulkSpan(segES, edi, n*size, true)
	if !ok {
		return 0
	}
	if op.Cold == kMOVS {
		src, ok := c.bulkSpan(op.Seg, esi, n*size, false)
		if !ok {
			return 0
		}
		// Iterating upwards propagates when the destination overlaps the source from above; copy does not.
		if overlapsAbove(src, dst) {
			return 0
		}
		copy(dst, src)
		s.set(c, regESI, esi+n*size)
	} else {
		fill(dst, c.r[regEAX], s.size)
	}
	s.set(c, regEDI, edi+n*size)
	s.set(c, regECX, s.get(c, regECX)-n)
	return n
}

// bulkSpan returns host memory for n bytes at seg:ea that lie in one page and can be accessed with no side effect.
func (c *CPU) bulkSpan(seg uint8, ea, n uint64, write bool) ([]byte, bool) {
	s := &c.seg[seg]
	if !s.allows(ea, n, write) {
		return nil, false
	}
	p := c.quickSpan((s.start+ea)&c.mask, n, write)
	return p, uint64(len(p)) == n
}

func fill(dst []byte, v uint64, size uint8) {
	switch size {
	case 1:
		if uint8(v) == 0 {
			clear(dst)
			return
		}
		for i := range dst {
			dst[i] = byte(v)
		}
	case 2:
		for i := 0; i+1 < len(dst); i += 2 {
			dst[i], dst[i+1] = byte(v), byte(v>>8)
		}
	default:
		if v&sizeMask(size) == 0 {
			clear(dst)
			return
		}
		for n := int(size); len(dst) >= n; dst = dst[n:] {
			for i := range n {
				dst[i] = byte(v >> (8 * i))
			}
		}
	}
}

func init() {
	def(kMOVS, "movs", 0, execString)
	def(kSTOS, "stos", 0, execString)
	def(kLODS, "lods", 0, execString)
	def(kSCAS, "scas", 0, execString)
	def(kCMPS, "cmps", 0, execString)
	def(kINS, "ins", 0, execString)
	def(kOUTS, "outs", 0, execString)
}
