package arm64

// vreg is a SIMD&FP register: its low and its high 64 bits.
type vreg [2]uint64

// loadReg reads 1 << size bytes of the span at off into register rt: a vector register, or a general one with extension to
// 64 (ext 2) or 32 bits (ext 3).
func (c *CPU) loadReg(s *span, off uint64, size uint, simd bool, ext, rt uint32) bool {
	if size == 4 {
		lo, ok := c.load(s, off, 8)
		hi, ok2 := uint64(0), false
		if ok {
			hi, ok2 = c.load(s, off+8, 8)
		}
		if ok2 {
			c.v[rt&31] = vreg{lo, hi}
		}
		return ok2
	}
	v, ok := c.load(s, off, 1<<size)
	if !ok {
		return false
	}
	switch {
	case simd:
		c.v[rt&31] = vreg{v, 0}
		return true
	case ext >= 2:
		v = signed(v, 8<<size)
	}
	c.setX(rt, v, ext != 3)
	return true
}

// storeReg writes 1 << size bytes of register rt.
func (c *CPU) storeReg(s *span, off uint64, size uint, simd bool, rt uint32) bool {
	if !simd {
		return c.store(s, off, 1<<size, c.x[read31(rt&31)])
	}
	v := c.v[rt&31]
	if size < 4 {
		return c.store(s, off, 1<<size, v[0])
	}
	return c.store(s, off, 8, v[0]) && c.store(s, off+8, 8, v[1])
}

// writeBack sets the base register after the access succeeded.
func (c *CPU) writeBack(w uint32, v uint64) {
	rn := fieldRnSP(w)
	c.x[rn] = v
	if rn == regSP && c.checkSP() {
		c.leave = true
	}
}

func execLiteral(c *CPU, w uint32) status {
	simd := w>>26&1 != 0
	if simd && c.fpTrap {
		return c.trapFP()
	}
	size, ext := uint(2+w>>30), uint32(1)
	if !simd && w>>30 == 2 {
		size, ext = 2, 2
	}
	va := c.pc + signed(uint64(w>>5&0x7ffff)<<2, 21)
	s, ok := c.resolve(va, 1<<size, access{align: 1 << size})
	if !ok || !c.loadReg(&s, 0, size, simd, ext, w) {
		return stFault
	}
	return c.done()
}

// execSingle runs every form of LDR and STR with a base register.
func execSingle(c *CPU, w uint32) status {
	simd := w>>26&1 != 0
	if simd && c.fpTrap {
		return c.trapFP()
	}
	size, opc := sizeOf(w), w>>22&3
	load := opc != 0
	if simd {
		load = opc&1 != 0
		opc = 1
	}
	base, ok := c.base(w)
	if !ok {
		return stFault
	}
	va, back, after := base, false, base
	a := access{write: !load, align: 1 << size}
	imm9 := signed(uint64(w>>12&0x1ff), 9)
	switch {
	case w>>24&1 != 0:
		va += uint64(w>>10&0xfff) << size
	case w>>21&1 != 0:
		m := extend(c.x[fieldRm(w)], w>>13&7)
		if w>>12&1 != 0 {
			m <<= size
		}
		va += m
	case w>>10&3 == 1:
		back, after = true, base+imm9
	case w>>10&3 == 3:
		va += imm9
		back, after = true, va
	default:
		va += imm9
		a.unpriv = w>>10&3 == 2
	}
	s, ok := c.resolve(va, 1<<size, a)
	if !ok {
		return stFault
	}
	if !load {
		if !c.storeReg(&s, 0, size, simd, w) {
			return stFault
		}
		if back {
			c.writeBack(w, after)
		}
		return c.done()
	}
	old := c.x[fieldRnSP(w)]
	if back {
		c.x[fieldRnSP(w)] = after // before the register is loaded, which may be the same one
	}
	if !c.loadReg(&s, 0, size, simd, opc, w) {
		c.x[fieldRnSP(w)] = old
		return stFault
	}
	if back && fieldRnSP(w) == regSP && c.checkSP() {
		c.leave = true
	}
	return c.done()
}

// execPair runs every form of LDP, LDPSW and STP.
func execPair(c *CPU, w uint32) status {
	simd := w>>26&1 != 0
	if simd && c.fpTrap {
		return c.trapFP()
	}
	size, ext := uint(2+w>>31), uint32(1)
	if simd {
		size = uint(2 + w>>30)
	} else if w>>30 == 1 {
		size, ext = 2, 2
	}
	base, ok := c.base(w)
	if !ok {
		return stFault
	}
	load, mode := w>>22&1 != 0, w>>23&3
	offset := signed(uint64(w>>15&0x7f), 7) << size
	va := base
	if mode != 1 {
		va += offset
	}
	n := uint64(1) << size
	s, ok := c.resolve(va, 2*n, access{write: !load, align: n})
	if !ok {
		return stFault
	}
	rt, rt2 := w&31, w>>10&31
	if load {
		x, v := c.x[write31(rt)], c.v[rt]
		if !c.loadReg(&s, 0, size, simd, ext, rt) {
			return stFault
		}
		if !c.loadReg(&s, n, size, simd, ext, rt2) {
			c.x[write31(rt)], c.v[rt] = x, v
			return stFault
		}
	} else if !c.storeReg(&s, 0, size, simd, rt) || !c.storeReg(&s, n, size, simd, rt2) {
		return stFault
	}
	loaded := load && !simd && w>>5&31 != regSP && (rt == w>>5&31 || rt2 == w>>5&31)
	if mode&1 != 0 && !loaded { // a base that is also loaded keeps what it got, as with execSingle; the architecture leaves it open
		c.writeBack(w, base+offset)
	}
	return c.done()
}

// monitor is the exclusive monitor: the physical bytes claimed by the last load-exclusive (B2.9).
type monitor struct {
	valid bool
	pa, n uint64
}

// execExclusive runs the exclusive loads and stores.
func execExclusive(c *CPU, w uint32) status {
	size, pair, load := uint(w>>30), w>>21&1 != 0, w>>22&1 != 0
	n := uint64(1) << size
	total := n
	if pair {
		total *= 2
	}
	va, ok := c.base(w)
	if !ok {
		return stFault
	}
	s, ok := c.resolve(va, total, access{write: !load, ordered: true, align: total})
	if !ok {
		return stFault
	}
	if load {
		c.steppingExclusive = true
		var a, b uint64
		if a, ok = c.load(&s, 0, n); ok && pair {
			b, ok = c.load(&s, n, n)
		}
		if !ok {
			return stFault
		}
		c.setX(w, a, true)
		if pair {
			c.setX(w>>10, b, true)
		}
		c.monitor = monitor{true, s.pa[0], total}
		return c.done()
	}
	pass := c.monitor == monitor{true, s.pa[0], total}
	if pass {
		if !c.storeReg(&s, 0, size, false, w) || pair && !c.storeReg(&s, n, size, false, w>>10) {
			return stFault
		}
	}
	c.monitor = monitor{}
	result := uint64(1)
	if pass {
		result = 0
	}
	c.setX(w>>16, result, true)
	return c.done()
}

// execOrdered runs load-acquire and store-release. With one processor the order is that of the program.
func execOrdered(c *CPU, w uint32) status {
	size, load := uint(w>>30), w>>22&1 != 0
	va, ok := c.base(w)
	if !ok {
		return stFault
	}
	s, ok := c.resolve(va, 1<<size, access{write: !load, ordered: true, align: 1 << size})
	if !ok {
		return stFault
	}
	if load {
		ok = c.loadReg(&s, 0, size, false, 1, w)
	} else {
		ok = c.storeReg(&s, 0, size, false, w)
	}
	if !ok {
		return stFault
	}
	return c.done()
}

// rowsSIMDMemory are the structure loads and stores (C4.1.88, LD1 to LD4, ST1 to ST4).
var rowsSIMDMemory = []row{
	{name: "LDn/STn (multiple)", pattern: "0q001100 0L000000 oooozznn nnnttttt", valid: validMultiple, exec: execMultiple},
	{name: "LDn/STn (multiple, post-index)", pattern: "0q001100 1L0mmmmm oooozznn nnnttttt", valid: validMultiple, exec: execMultiple},
	{name: "LDn/STn (single)", pattern: "0q001101 0LR00000 oooSzznn nnnttttt", valid: validSingleStructure, exec: execSingleStructure},
	{name: "LDn/STn (single, post-index)", pattern: "0q001101 1LRmmmmm oooSzznn nnnttttt", valid: validSingleStructure, exec: execSingleStructure},
}

// structureShape gives, by the opcode field, the registers of each structure and how many times it repeats.
var structureShape = [16][2]int{
	0: {4, 1}, 2: {1, 4}, 4: {3, 1}, 6: {1, 3}, 7: {1, 1}, 8: {2, 1}, 10: {1, 2},
}

func validMultiple(w uint32) bool {
	shape := structureShape[w>>12&15]
	return shape[0] != 0 && !(shape[0] > 1 && w>>10&3 == 3 && w>>30 == 0)
}

func (c *CPU) structureBack(w uint32, base, total uint64) {
	if w>>23&1 == 0 {
		return
	}
	step := total
	if rm := w >> 16 & 31; rm != 31 {
		step = c.x[rm]
	}
	c.writeBack(w, base+step)
}

func execMultiple(c *CPU, w uint32) status {
	if c.fpTrap {
		return c.trapFP()
	}
	shape := structureShape[w>>12&15]
	structure, repeat := shape[0], shape[1]
	size := uint(w >> 10 & 3)
	bytes := 8 << (w >> 30 & 1)
	lanes := bytes >> size
	load := w>>22&1 != 0
	base, ok := c.base(w)
	if !ok {
		return stFault
	}
	total := uint64(bytes * structure * repeat)
	s, ok := c.resolve(base, total, access{write: !load, align: 1 << size})
	if !ok {
		return stFault
	}
	var regs [4]vreg
	off := uint64(0)
	for r := range repeat {
		for lane := range lanes {
			for k := range structure {
				reg := (w + uint32(r+k)) & 31
				if load {
					v, ok := c.load(&s, off, 1<<size)
					if !ok {
						return stFault
					}
					regs[r+k].set(size, lane, v)
				} else if !c.store(&s, off, 1<<size, c.v[reg].get(size, lane)) {
					return stFault
				}
				off += 1 << size
			}
		}
	}
	if load {
		for k := range structure * repeat {
			c.v[(w+uint32(k))&31] = regs[k]
		}
	}
	c.structureBack(w, base, total)
	return c.done()
}

// singleShape decodes the lane forms: log2 of the element size, the lane, and whether it is a replicating load.
func singleShape(w uint32) (size uint, lane int, replicate, ok bool) {
	q, s, sz := int(w>>30&1), int(w>>12&1), int(w>>10&3)
	switch w >> 14 & 3 {
	case 0:
		return 0, q<<3 | s<<2 | sz, false, true
	case 1:
		return 1, q<<2 | s<<1 | sz>>1, false, sz&1 == 0
	case 2:
		if sz == 1 {
			return 3, q, false, s == 0
		}
		return 2, q<<1 | s, false, sz == 0
	}
	return uint(sz), 0, true, w>>22&1 != 0 && s == 0
}

func validSingleStructure(w uint32) bool {
	_, _, _, ok := singleShape(w)
	return ok
}

func execSingleStructure(c *CPU, w uint32) status {
	if c.fpTrap {
		return c.trapFP()
	}
	size, lane, replicate, _ := singleShape(w)
	structure := int(w>>13&1<<1|w>>21&1) + 1
	load := w>>22&1 != 0
	base, ok := c.base(w)
	if !ok {
		return stFault
	}
	total := uint64(structure) << size
	s, ok := c.resolve(base, total, access{write: !load, align: 1 << size})
	if !ok {
		return stFault
	}
	var values [4]uint64
	for k := range structure {
		off := uint64(k) << size
		if !load {
			if !c.store(&s, off, 1<<size, c.v[(w+uint32(k))&31].get(size, lane)) {
				return stFault
			}
		} else if values[k], ok = c.load(&s, off, 1<<size); !ok {
			return stFault
		}
	}
	if load {
		for k := range structure {
			r := &c.v[(w+uint32(k))&31]
			if !replicate {
				r.set(size, lane, values[k])
				continue
			}
			*r = vreg{}
			for i := range 8 << (w >> 30 & 1) >> size {
				r.set(size, i, values[k])
			}
		}
	}
	c.structureBack(w, base, total)
	return c.done()
}
