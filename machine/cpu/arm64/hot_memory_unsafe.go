package arm64

import "unsafe"

const opSize = unsafe.Sizeof(op{})

// after is the next op of a block.
func after(o *op) *op { return (*op)(unsafe.Add(unsafe.Pointer(o), opSize)) }

// look finds the n bytes at va in a TLB. Accesses that cross a page are never found.
func look(t *tlb, va, n uint64) (p unsafe.Pointer, ok bool) {
	e := &t[va>>12&tlbMask]
	if (va+n-1)&^0xfff != e.tag {
		return nil, false
	}
	return unsafe.Add(e.page, va&0xfff), true
}

// address is where a load or store goes.
func address(c *CPU, o *op, f variant) uint64 {
	if f.mode == postIndexed {
		return c.x[o.rn]
	}
	if f.mode != registerOffset {
		return c.x[o.rn] + o.imm
	}
	m := c.x[o.rm]
	switch o.ra {
	case 2:
		m = uint64(uint32(m))
	case 6:
		m = uint64(int64(int32(m)))
	}
	return c.x[o.rn] + m<<(o.imm&63)
}

// writeBack sets the base register after an access.
func writeBack(c *CPU, o *op, va uint64, f variant) {
	if f.mode == postIndexed {
		c.x[o.rn] = va + o.imm
	}
	if f.mode == preIndexed {
		c.x[o.rn] = va
	}
}

func load(p unsafe.Pointer, f variant) uint64 {
	switch f.bytes {
	case 1:
		if f.signed {
			return cut(f, uint64(int64(*(*int8)(p))))
		}
		return uint64(*(*uint8)(p))
	case 2:
		if f.signed {
			return cut(f, uint64(int64(*(*int16)(p))))
		}
		return uint64(*(*uint16)(p))
	case 4:
		if f.signed {
			return uint64(int64(*(*int32)(p)))
		}
		return uint64(*(*uint32)(p))
	}
	return *(*uint64)(p)
}

func store(p unsafe.Pointer, f variant, v uint64) {
	switch f.bytes {
	case 1:
		*(*uint8)(p) = uint8(v)
	case 2:
		*(*uint16)(p) = uint16(v)
	case 4:
		*(*uint32)(p) = uint32(v)
	default:
		*(*uint64)(p) = v
	}
}

func hotLoad(c *CPU, o *op, s *frame, f variant) outcome {
	va := address(c, o, f)
	p, ok := look(s.reads, va, f.bytes)
	if !ok {
		return slow
	}
	v := load(p, f)
	writeBack(c, o, va, f)
	c.x[o.rd] = v
	return next
}

func hotStore(c *CPU, o *op, s *frame, f variant) outcome {
	va := address(c, o, f)
	p, ok := look(s.writes, va, f.bytes)
	if !ok {
		return slow
	}
	store(p, f, c.x[o.rd])
	writeBack(c, o, va, f)
	return next
}

func hotLoadPair(c *CPU, o *op, s *frame, f variant) outcome {
	va := address(c, o, f)
	p, ok := look(s.reads, va, 2*f.bytes)
	if !ok {
		return slow
	}
	v := load(p, f)
	w := load(unsafe.Add(p, f.bytes), f)
	writeBack(c, o, va, f)
	c.x[o.rd] = v
	c.x[o.ra] = w
	return next
}

func hotStorePair(c *CPU, o *op, s *frame, f variant) outcome {
	va := address(c, o, f)
	p, ok := look(s.writes, va, 2*f.bytes)
	if !ok {
		return slow
	}
	store(p, f, c.x[o.rd])
	store(unsafe.Add(p, f.bytes), f, c.x[o.ra])
	writeBack(c, o, va, f)
	return next
}

// loadVector gives a whole SIMD register, whose upper bytes a shorter load clears.
func loadVector(p unsafe.Pointer, f variant) vreg {
	if f.bytes == 16 {
		return *(*vreg)(p)
	}
	return vreg{load(p, f), 0}
}

func storeVector(p unsafe.Pointer, f variant, v *vreg) {
	if f.bytes == 16 {
		*(*vreg)(p) = *v
	} else {
		store(p, f, v[0])
	}
}

func hotLoadVector(c *CPU, o *op, s *frame, f variant) outcome {
	if c.fpTrap {
		return slow
	}
	va := address(c, o, f)
	p, ok := look(s.reads, va, f.bytes)
	if !ok {
		return slow
	}
	v := loadVector(p, f)
	c.v[o.rd&31] = v
	return next
}

func hotStoreVector(c *CPU, o *op, s *frame, f variant) outcome {
	if c.fpTrap {
		return slow
	}
	va := address(c, o, f)
	p, ok := look(s.writes, va, f.bytes)
	if !ok {
		return slow
	}
	storeVector(p, f, &c.v[o.rd&31])
	return next
}

func hotLoadVectors(c *CPU, o *op, s *frame, f variant) outcome {
	if c.fpTrap {
		return slow
	}
	va := address(c, o, f)
	p, ok := look(s.reads, va, 2*f.bytes)
	if !ok {
		return slow
	}
	v := loadVector(p, f)
	c.v[o.rd&31] = v
	w := loadVector(unsafe.Add(p, f.bytes), f)
	c.v[o.ra&31] = w
	return next
}

func hotStoreVectors(c *CPU, o *op, s *frame, f variant) outcome {
	if c.fpTrap {
		return slow
	}
	va := address(c, o, f)
	p, ok := look(s.writes, va, 2*f.bytes)
	if !ok {
		return slow
	}
	storeVector(p, f, &c.v[o.rd&31])
	storeVector(unsafe.Add(p, f.bytes), f, &c.v[o.ra&31])
	return next
}
