package arm64

// flushASID forgets the translations of the address space: those of the lower half, and all others if some of the upper half are not global.
func (c *CPU) flushASID() {
	if c.mmu.upperLocal {
		c.flushTLB()
		return
	}
	c.flushHalf(0)
}

// flushHalf forgets the translations of the lower half, 0, or the upper one, 1.
func (c *CPU) flushHalf(half uint64) {
	m := &c.mmu
	for view := range dataViews {
		m.readFilled[view].drop(func(i uint16) bool { return dropHalf(&m.read[view][i].tag, half) })
		m.writeFilled[view].drop(func(i uint16) bool { return dropHalf(&m.write[view][i].tag, half) })
	}
	for el := range 2 {
		m.codeFilled[el].drop(func(i uint16) bool { return dropHalf(&m.code[el][i].tag, half) })
	}
	m.pagesFilled.drop(func(i uint16) bool { return dropHalf(&m.pages[i].tag, half) })
	m.large[half] = false
	if half == 1 {
		m.upperLocal = false
	}
}

// dropHalf empties the entry of which tag is if it is of that half, and reports whether it is empty.
func dropHalf(tag *uint64, half uint64) bool {
	if *tag>>55&1 == half {
		*tag = noTag
	}
	return *tag == noTag
}

// asid is the present address space identifier (D5.9.1).
func (c *CPU) asid() uint64 {
	if c.sys.tcr>>22&1 != 0 { // TCR_EL1.A1
		return c.asidOf(c.sys.ttbr1)
	}
	return c.asidOf(c.sys.ttbr0)
}

// asidOf is the one in a TTBR or in the operand of a TLBI.
func (c *CPU) asidOf(v uint64) uint64 {
	if c.sys.tcr>>36&1 == 0 { // TCR_EL1.AS: 8 bits
		return v >> 48 & 0xff
	}
	return v >> 48
}

// execSYS runs the cache, translation and TLB maintenance instructions (C5.3, C5.4, C5.5).
func execSYS(c *CPU, w uint32) status {
	op1, crn, crm, op2 := w>>16&7, w>>12&15, w>>8&15, w>>5&7
	v := c.x[fieldRt(w)]
	switch op1<<12 | crn<<8 | crm<<4 | op2 {
	case 0x3741: // DC ZVA
		if c.el == 0 && c.sys.sctlr&sctlrDZE == 0 {
			return c.trapSystem(w)
		}
		return c.zeroBlock(v)
	case 0x37a1, 0x37b1, 0x37c1, 0x37e1, 0x3751: // DC CVAC, CVAU, CVAP, CIVAC; IC IVAU
		if c.el == 0 && c.sys.sctlr&sctlrUCI == 0 {
			return c.trapSystem(w)
		}
		if _, ok := c.resolve(v, 1, access{cache: true, align: 1}); !ok {
			return stFault
		}
		return stNext
	}
	if c.el == 0 {
		return c.undefined(w)
	}
	switch op1<<12 | crn<<8 | crm<<4 | op2 {
	case 0x0710, 0x0750, 0x0762, 0x07a2, 0x07e2: // IC IALLUIS, IALLU; DC ISW, CSW, CISW: the caches are coherent
		return stNext
	case 0x0761: // DC IVAC
		if _, ok := c.resolve(v, 1, access{cache: true, align: 1}); !ok {
			return stFault
		}
		return stNext
	case 0x0780, 0x0781, 0x0782, 0x0783: // AT S1E1R, S1E1W, S1E0R, S1E0W
		c.addressTranslate(v, op2&1 != 0, op2&2 == 0, false)
		return stNext
	case 0x0790, 0x0791: // AT S1E1RP, S1E1WP
		c.addressTranslate(v, op2&1 != 0, true, c.pan)
		return stNext
	case 0x0830, 0x0870: // TLBI VMALLE1
		c.flushTLB()
		return stEnd
	case 0x0832, 0x0872: // TLBI ASIDE1
		if c.asidOf(v) == c.asid() { // nothing is held of the others
			c.flushASID()
		}
		return stEnd
	case 0x0831, 0x0871, 0x0833, 0x0873, 0x0835, 0x0875, 0x0837, 0x0877: // TLBI VAE1, VAAE1, VALE1, VAALE1
		c.flushPage(signed(v<<12, 56))
		return stEnd
	}
	return c.undefined(w)
}

// zeroBlock is DC ZVA.
func (c *CPU) zeroBlock(va uint64) status {
	aligned := va &^ (zvaBytes - 1)
	s, ok := c.resolve(aligned, zvaBytes, access{write: true, align: 1})
	if !ok {
		if !c.exiting && c.sys.esr>>26 == c.sameLevel(ecDataLower) {
			c.sys.far = va // as the register has it (D13.2.40)
		}
		return stFault
	}
	e, fsc := c.translate(aligned, c.el)
	if s.device || fsc == 0 && e.device {
		c.dataAbort(va, fscAlignment, access{write: true})
		return stFault
	}
	for off := uint64(0); off < zvaBytes; off += 8 {
		c.store(&s, off, 8, 0)
	}
	return c.done()
}

// addressTranslate is AT S1E1R and its relatives: the result, or the fault, goes to PAR_EL1 (D13.2.96).
func (c *CPU) addressTranslate(va uint64, write, privileged, pan bool) {
	need := uint8(permRead)
	if write {
		need = permWrite
	}
	if privileged {
		need++
	}
	e, fsc := c.translate(va, 1)
	if fsc == 0 && (e.perm>>need&1 == 0 || pan && e.userData()) {
		fsc = fscPermission + e.level
	}
	if fsc != 0 {
		c.sys.par = 1<<11 | uint64(fsc&0x3f)<<1 | 1
		return
	}
	share := e.share
	if e.device {
		share = 2 // Device memory is always Outer Shareable
	}
	c.sys.par = uint64(e.attr)<<56 | e.pa | 1<<11 | uint64(share)<<7
}
