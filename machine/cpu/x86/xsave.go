package x86

// XSAVE and its kin (SDM vol. 1 chapter 13), of processors with long mode: x87 state, SSE state and the rights of protection keys.

// Components of the state, as bits of XCR0 and of the header of an area.
const (
	xsaveX87  = 1 << 0
	xsaveSSE  = 1 << 1
	xsavePKRU = 1 << 9
	xsaveAll  = xsaveX87 | xsaveSSE | xsavePKRU

	xsaveHeader   = 512 // offset of the header, behind what FXSAVE stores
	xsaveExtended = 576 // offset of what is behind that
	// Where PKRU is in an area that is not compacted, and how large the area is then.
	xsavePKRUOffset = xsaveExtended
	xsavePKRUSize   = 8
	xsaveMost       = xsavePKRUOffset + xsavePKRUSize

	xcompCompacted = 1 << 63
)

// What distinguishes XSAVE, XSAVEOPT, XSAVEC and XSAVES, and XRSTOR and XRSTORS, in Sub.
const (
	xsaveOptimised  = 1 << iota
	xsaveCompact    // the extended components that are saved follow each other
	xsaveSupervisor // it is for CPL 0 alone
)

// checkXSAVE says whether the instructions may execute.
func (c *CPU) checkXSAVE(op *Op) bool {
	switch {
	case c.cr4&cr4OSXSAVE == 0:
		return c.lacks(op)
	case c.cr0&cr0TS != 0:
		return c.raise(excNM)
	case op.Sub&xsaveSupervisor != 0:
		return c.privileged()
	}
	return true
}

// area finds the memory operand, which must be aligned to 64 bytes.
func (c *CPU) xsaveArea(op *Op) (ea uint64, ok bool) {
	ea = c.ea(op)
	if (c.seg[op.Seg].start+ea)&63 != 0 {
		return 0, c.raiseErr(excGP, 0)
	}
	return ea, true
}

// inUse are the components that are not in their initial state.
func (c *CPU) inUse() uint64 {
	f := &c.fpu
	var used uint64
	if f.cw != cwInit || f.status() != 0 || f.valid != 0 || f.fop != 0 || f.fip != 0 || f.fdp != 0 || f.fcs != 0 || f.fds != 0 {
		used |= xsaveX87
	}
	for _, v := range f.reg {
		if v.Sig != 0 || v.SE != 0 {
			used |= xsaveX87
		}
	}
	if f.mxcsr != mxcsrInit {
		used |= xsaveSSE
	}
	for _, v := range f.xmm {
		if v != (xmmReg{}) {
			used |= xsaveSSE
		}
	}
	if c.pkru != 0 {
		used |= xsavePKRU
	}
	return used
}

func execXSAVE(c *CPU, op *Op) bool {
	if !c.checkXSAVE(op) {
		return false
	}
	ea, ok := c.xsaveArea(op)
	if !ok {
		return false
	}
	want := c.pair() & c.xcr0
	used := c.inUse()
	compact := op.Sub&xsaveCompact != 0
	save := want
	if op.Sub != 0 {
		save &= used // what is in its initial state is not written
	}
	size := uint64(xsaveExtended)
	if want&xsavePKRU != 0 {
		size = xsaveMost
	}
	if !c.probe(op.Seg, ea, size, true) {
		return false
	}
	words := c.fpu.legacyImage(op.Size == 8)
	put := func(from, to int) {
		for i := from / 8; i < to/8; i++ {
			c.write64(op.Seg, ea+8*uint64(i), words[i])
		}
	}
	if save&xsaveX87 != 0 {
		put(0, 24)
		put(32, 160)
	}
	if save&xsaveSSE != 0 || !compact && want&xsaveSSE != 0 {
		put(24, 32)
	}
	if save&xsaveSSE != 0 {
		put(160, c.legacyArea())
	}
	if save&xsavePKRU != 0 {
		c.write64(op.Seg, ea+xsavePKRUOffset, uint64(c.pkru))
	}
	if compact {
		return c.write64(op.Seg, ea+xsaveHeader, want&used) && c.write64(op.Seg, ea+xsaveHeader+8, want|xcompCompacted)
	}
	was, ok := c.read64(op.Seg, ea+xsaveHeader)
	return ok && c.write64(op.Seg, ea+xsaveHeader, was&^want|want&used)
}

func execXRSTOR(c *CPU, op *Op) bool {
	if !c.checkXSAVE(op) {
		return false
	}
	ea, ok := c.xsaveArea(op)
	if !ok {
		return false
	}
	var header [8]uint64
	for i := range header {
		if header[i], ok = c.read64(op.Seg, ea+xsaveHeader+8*uint64(i)); !ok {
			return false
		}
	}
	there, comp := header[0], header[1]
	compact := comp&xcompCompacted != 0
	bad := there&^c.xcr0 != 0 || op.Sub&xsaveSupervisor != 0 && !compact
	if compact {
		bad = bad || comp&^xcompCompacted&^c.xcr0 != 0 || there&^comp != 0
	} else {
		bad = bad || comp != 0
	}
	for _, v := range header[2:] {
		bad = bad || v != 0
	}
	if bad {
		return c.raiseErr(excGP, 0)
	}
	want := c.pair() & c.xcr0
	var words [fxArea / 8]uint64
	n := c.legacyArea() / 8
	for i := range words[:n] {
		if words[i], ok = c.read64(op.Seg, ea+8*uint64(i)); !ok {
			return false
		}
	}
	pkru := uint64(0)
	if want&there&xsavePKRU != 0 {
		if pkru, ok = c.read64(op.Seg, ea+xsavePKRUOffset); !ok {
			return false
		}
	}
	loadsMXCSR := want&xsaveSSE != 0 && (!compact || there&xsaveSSE != 0)
	if loadsMXCSR && uint32(words[3])&^mxcsrMask != 0 {
		return c.raiseErr(excGP, 0)
	}
	c.loadComponents(want, there, &words, op.Size == 8, loadsMXCSR, n, uint32(pkru))
	return true
}

// loadComponents puts what an area has of the wanted components in place, and what it lacks in its initial state.
func (c *CPU) loadComponents(want, there uint64, words *[fxArea / 8]uint64, wide, loadsMXCSR bool, n int, pkru uint32) {
	f := &c.fpu
	if want&xsaveX87 != 0 {
		f.init()
		clear(f.reg[:])
		if there&xsaveX87 != 0 {
			f.loadX87(words, wide)
		}
	}
	if want&xsaveSSE != 0 {
		for i := range f.xmm[:(n-20)/2] {
			f.xmm[i] = xmmReg{}
			if there&xsaveSSE != 0 {
				f.xmm[i] = xmmReg{words[20+2*i], words[21+2*i]}
			}
		}
		f.setMXCSR(mxcsrInit)
	}
	if loadsMXCSR {
		f.setMXCSR(uint32(words[3]))
	}
	if want&xsavePKRU != 0 {
		c.setPKRU(pkru)
	}
}

// xsaveLeaf is what CPUID says of the components (SDM vol. 1, 13.2).
func (c *CPU) xsaveLeaf(sub uint32) leaf {
	size := uint32(xsaveExtended)
	if c.xcr0&xsavePKRU != 0 {
		size = xsaveMost
	}
	switch sub {
	case 0:
		return leaf{xsaveAll, size, xsaveMost, 0}
	case 1:
		return leaf{a: 0xf, b: size} // XSAVEOPT, XSAVEC, XGETBV of 1, XSAVES
	case 9:
		return leaf{a: xsavePKRUSize, b: xsavePKRUOffset}
	}
	return leaf{}
}

// execXCR is XGETBV and XSETBV.
func execXCR(c *CPU, op *Op) bool {
	if c.cr4&cr4OSXSAVE == 0 {
		return c.lacks(op)
	}
	n := uint32(c.r[regECX])
	if op.Cold == kXGETBV {
		switch n {
		case 0:
			c.setPair(c.xcr0)
		case 1: // those of them that are in use
			c.setPair(c.xcr0 & c.inUse())
		default:
			return c.raiseErr(excGP, 0)
		}
		return true
	}
	v := c.pair()
	if !c.privileged() {
		return false
	}
	if n != 0 || v&xsaveX87 == 0 || v&^xsaveAll != 0 {
		return c.raiseErr(excGP, 0)
	}
	c.xcr0 = v
	return true
}

// execPKRU is RDPKRU and WRPKRU.
func execPKRU(c *CPU, op *Op) bool {
	switch {
	case c.cr4&cr4PKE == 0:
		return c.lacks(op)
	case uint32(c.r[regECX]) != 0 || op.Cold == kWRPKRU && uint32(c.r[regEDX]) != 0:
		return c.raiseErr(excGP, 0)
	case op.Cold == kRDPKRU:
		c.setPair(uint64(c.pkru))
	default:
		c.setPKRU(uint32(c.r[regEAX]))
	}
	return true
}

// execAC is CLAC and STAC.
func execAC(c *CPU, op *Op) bool {
	if c.cpl != 0 || !c.cfg.Long {
		return c.lacks(op)
	}
	c.setFlags(uint32(op.Sub)*flagAC, flagAC)
	return true
}

func execRDTSCP(c *CPU, op *Op) bool {
	if !c.cfg.Long {
		return c.lacks(op)
	}
	if !execRDTSC(c, op) {
		return false
	}
	c.r[regECX] = c.msr.tscAux
	return true
}

// execINVPCID forgets what it is asked to and, since translations have no tags here, more (SDM vol. 2, INVPCID).
func execINVPCID(c *CPU, op *Op) bool {
	if !c.cfg.Long {
		return c.lacks(op)
	}
	if !c.privileged() {
		return false
	}
	lo, hi, ok := c.read128(op.Seg, c.ea(op))
	if !ok {
		return false
	}
	what := c.reg(op.Reg, 8) & c.mask
	switch {
	case what > 3, lo>>12 != 0, what == 0 && !canonical(hi), what < 2 && lo != 0 && c.cr4&cr4PCIDE == 0:
		return c.raiseErr(excGP, 0)
	case what == 0:
		c.flushPage(hi)
	case what == 2:
		c.flushTLB()
	default:
		c.flushLocal()
	}
	return true
}

func init() {
	def(kXSAVE, "xsave", 0, execXSAVE)
	def(kXRSTOR, "xrstor", 0, execXRSTOR)
	def(kXGETBV, "xgetbv", 0, execXCR)
	def(kXSETBV, "xsetbv", 0, execXCR)
	def(kRDPKRU, "rdpkru", 0, execPKRU)
	def(kWRPKRU, "wrpkru", 0, execPKRU)
	def(kCLAC, "clac", 0, execAC)
	def(kRDTSCP, "rdtscp", 0, execRDTSCP)
	def(kINVPCID, "invpcid", 0, execINVPCID)
}
