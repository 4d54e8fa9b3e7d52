package arm64

// rowsAtomic are the single-copy atomic read-modify-write instructions of FEAT_LSE, and the weaker acquire of FEAT_LRCPC (C4.1.88).
var rowsAtomic = []row{
	{name: "LDADD/LDCLR/LDEOR/LDSET", pattern: "zz111000 AR1sssss 00oo00nn nnnttttt", exec: execAtomic},
	{name: "LDSMAX/LDSMIN/LDUMAX/LDUMIN", pattern: "zz111000 AR1sssss 01oo00nn nnnttttt", exec: execAtomic},
	{name: "SWP", pattern: "zz111000 AR1sssss 100000nn nnnttttt", exec: execAtomic},
	{name: "LDAPR", pattern: "zz111000 10111111 110000nn nnnttttt", exec: execLDAPR},
	{name: "CAS", pattern: "zz001000 1A1sssss R11111nn nnnttttt", exec: execCAS},
	{name: "CASP", pattern: "0z001000 0A1ssss0 R11111nn nnntttt0", exec: execCASP},
}

// resolveUpdate resolves the n bytes at va for a read and a write. A fault that the read alone would have found is reported as that
// of a read (D13.2.37, WnR of atomic instructions).
func (c *CPU) resolveUpdate(va, n uint64) (s span, ok bool) {
	if _, ok = c.resolve(va, n, access{ordered: true, align: n}); !ok {
		return s, false
	}
	return c.resolve(va, n, access{write: true, ordered: true, align: n})
}

// updated is what an atomic instruction stores, given the old value and the operand.
func updated(w uint32, size uint, old, v uint64) uint64 {
	v = laneCut(size, v)
	switch w >> 12 & 15 {
	case 0:
		return old + v
	case 1:
		return old &^ v
	case 2:
		return old ^ v
	case 3:
		return old | v
	case 4:
		return laneMax(nil, size, false, old, v)
	case 5:
		return laneMin(nil, size, false, old, v)
	case 6:
		return max(old, v)
	case 7:
		return min(old, v)
	}
	return v // SWP
}

func execAtomic(c *CPU, w uint32) status {
	size := uint(w >> 30)
	va, ok := c.base(w)
	if !ok {
		return stFault
	}
	s, ok := c.resolveUpdate(va, 1<<size)
	if !ok {
		return stFault
	}
	old, ok := c.load(&s, 0, 1<<size)
	if !ok || !c.store(&s, 0, 1<<size, updated(w, size, old, c.x[fieldRm(w)])) {
		return stFault
	}
	c.setX(w, old, true)
	return c.done()
}

// execCAS stores Rt if memory equals Rs. Whether it does or not, the access needs permission to write.
func execCAS(c *CPU, w uint32) status {
	size := uint(w >> 30)
	va, ok := c.base(w)
	if !ok {
		return stFault
	}
	s, ok := c.resolveUpdate(va, 1<<size)
	if !ok {
		return stFault
	}
	old, ok := c.load(&s, 0, 1<<size)
	if !ok {
		return stFault
	}
	if old == laneCut(size, c.x[fieldRm(w)]) && !c.store(&s, 0, 1<<size, c.x[fieldRt(w)]) {
		return stFault
	}
	c.setX(w>>16, old, true)
	return c.done()
}

// execCASP is execCAS for two adjacent words in pairs of registers of which the first is even.
func execCASP(c *CPU, w uint32) status {
	size := uint(2 + w>>30)
	n := uint64(1) << size
	va, ok := c.base(w)
	if !ok {
		return stFault
	}
	s, ok := c.resolveUpdate(va, 2*n)
	if !ok {
		return stFault
	}
	var old [2]uint64
	equal := true
	for i := range uint32(2) {
		if old[i], ok = c.load(&s, uint64(i)*n, n); !ok {
			return stFault
		}
		equal = equal && old[i] == laneCut(size, c.x[read31(w>>16&31+i)])
	}
	if equal && !(c.store(&s, 0, n, c.x[fieldRt(w)]) && c.store(&s, n, n, c.x[read31(w&31+1)])) {
		return stFault
	}
	c.setX(w>>16, old[0], true)
	c.setX(w>>16+1, old[1], true)
	return c.done()
}

func execLDAPR(c *CPU, w uint32) status {
	size := uint(w >> 30)
	va, ok := c.base(w)
	if !ok {
		return stFault
	}
	s, ok := c.resolve(va, 1<<size, access{ordered: true, align: 1 << size})
	if !ok || !c.loadReg(&s, 0, size, false, 1, w) {
		return stFault
	}
	return c.done()
}
