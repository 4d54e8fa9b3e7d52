package x86

// String instructions. Each iteration of a repeated one retires as one instruction of its own (one with a count of zero
// retires once too): the clock, interrupts, the debugger's steps and watchpoints all see the boundary between iterations.
// Such an instruction ends its block and leaves c.eip on itself while iterations remain.

// bulkMin is the number of iterations from which moving a page at a time is worth its setup.
const bulkMin = 8

type strOp struct {
	addrMask uint32
	delta    uint32
	size     uint8
}

func (c *CPU) strOp(op *Op) strOp {
	s := strOp{addrMask: 0xffffffff, delta: uint32(op.Size), size: op.Size}
	if op.Flags&FlagAddr16 != 0 {
		s.addrMask = 0xffff
	}
	if c.eflags&flagDF != 0 {
		s.delta = -s.delta
	}
	return s
}

func (s *strOp) get(c *CPU, r int) uint32 { return c.r[r] & s.addrMask }

func (s *strOp) set(c *CPU, r int, v uint32) {
	c.r[r] = c.r[r]&^s.addrMask | v&s.addrMask
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
	start := c.eip - uint32(op.Len)
	done := uint64(0)
	for {
		n := uint64(1)
		if bulk := c.repBulk(op, &s, done); bulk > 0 {
			n = uint64(bulk)
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
			c.eip = start
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
		la, ok := c.linear(segES, s.get(c, regEDI), uint32(s.size), true)
		if !ok || !c.writable(la, uint32(s.size)) {
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
func (c *CPU) repBulk(op *Op, s *strOp, done uint64) uint32 {
	if op.Cold != kMOVS && op.Cold != kSTOS || s.delta>>31 != 0 || s.addrMask != 0xffffffff {
		return 0
	}
	size := uint32(s.size)
	n := c.r[regECX]
	// The boundary after the last of these iterations may be the limit, not beyond.
	until := c.fastUntil.Load()
	now := c.base + uint64(c.idx) + done
	if now >= until {
		return 0
	}
	n = uint32(min(uint64(n), until-now))
	if n < bulkMin {
		return 0
	}
	edi := c.r[regEDI]
	n = min(n, (0x1000-(c.seg[segES].base+edi)&0xfff)/size)
	var esi uint32
	if op.Cold == kMOVS {
		esi = c.r[regESI]
		n = min(n, (0x1000-(c.seg[op.Seg].base+esi)&0xfff)/size)
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
		c.r[regESI] = esi + n*size
	} else {
		fill(dst, c.r[regEAX], s.size)
	}
	c.r[regEDI] = edi + n*size
	c.r[regECX] -= n
	return n
}

// bulkSpan returns host memory for n bytes at seg:ea that lie in one page and can be accessed with no side effect.
func (c *CPU) bulkSpan(seg uint8, ea, n uint32, write bool) ([]byte, bool) {
	s := &c.seg[seg]
	if ea < s.lo || ea > s.hi || s.hi-ea < n-1 || write && !s.write || !write && !s.read {
		return nil, false
	}
	p := c.quickSpan(s.base+ea, n, write)
	return p, uint32(len(p)) == n
}

func fill(dst []byte, v uint32, size uint8) {
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
		if v == 0 {
			clear(dst)
			return
		}
		for i := 0; i+3 < len(dst); i += 4 {
			dst[i], dst[i+1], dst[i+2], dst[i+3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
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
