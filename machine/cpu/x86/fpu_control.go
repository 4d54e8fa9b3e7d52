package x86

import "forkscope/machine/cpu/softfloat"

func init() {
	def(kFLdCW, "fldcw", 0, (*CPU).fLdCW)
	def(kFStCW, "fnstcw", 0, (*CPU).fStCW)
	def(kFStSW, "fnstsw m16", 0, (*CPU).fStSW)
	def(kFStSWAX, "fnstsw ax", 0, (*CPU).fStSWAX)
	def(kFClex, "fnclex", 0, (*CPU).fClex)
	def(kFInit, "fninit", 0, (*CPU).fInit)
	def(kFLdEnv, "fldenv", 0, (*CPU).fLdEnv)
	def(kFStEnv, "fnstenv", 0, (*CPU).fStEnv)
	def(kFSave, "fnsave", 0, (*CPU).fSave)
	def(kFRstor, "frstor", 0, (*CPU).fRstor)
}

func (c *CPU) fLdCW(op *Op) bool {
	_, v, ok := c.fpuOperand16(op)
	if !ok {
		return false
	}
	c.fpu.setControl(v)
	return true
}

func (c *CPU) fStCW(op *Op) bool {
	return c.checkFPUControl() && c.write16(op.Seg, c.ea(op), uint32(c.fpu.cw))
}

func (c *CPU) fStSW(op *Op) bool {
	return c.checkFPUControl() && c.write16(op.Seg, c.ea(op), uint32(c.fpu.status()))
}

func (c *CPU) fStSWAX(_ *Op) bool {
	if !c.checkFPUControl() {
		return false
	}
	c.setReg(regEAX, 2, uint64(c.fpu.status()))
	return true
}

func (c *CPU) fClex(_ *Op) bool {
	if !c.checkFPUControl() {
		return false
	}
	c.fpu.sw &= swCC
	return true
}

func (c *CPU) fInit(_ *Op) bool {
	if !c.checkFPUControl() {
		return false
	}
	c.fpu.init()
	return true
}

// envLayout says how FNSTENV, FLDENV, FNSAVE and FRSTOR see the environment (SDM vol. 1, figures 8-9 to 8-12): with 32-bit
// or 16-bit fields, and with selectors or, in real and virtual-8086 mode, linear addresses.
func (c *CPU) envLayout(op *Op) (field uint32, linear bool) {
	field = 4
	if op.Size == 2 {
		field = 2
	}
	return field, c.cr0&cr0PE == 0 || c.eflags&flagVM != 0
}

// packEnv gives the seven fields of the environment.
func (c *CPU) packEnv(field uint32, linear bool) [7]uint32 {
	f := &c.fpu
	e := [7]uint32{uint32(f.cw), uint32(f.status()), uint32(f.tagWord())}
	if linear {
		ip := uint32(f.fip) + uint32(f.fcs)<<4
		dp := uint32(f.fdp) + uint32(f.fds)<<4
		e[3], e[4] = ip&0xffff, ip>>16<<12|uint32(f.fop)
		e[5], e[6] = dp&0xffff, dp>>16<<12
		if field == 4 {
			for _, i := range []int{0, 1, 2, 3, 5} {
				e[i] |= 0xffff0000
			}
		}
		return e
	}
	e[3], e[4] = uint32(f.fip), uint32(f.fcs)
	e[5], e[6] = uint32(f.fdp), uint32(f.fds)
	if field == 4 {
		e[4] |= uint32(f.fop) << 16
		for _, i := range []int{0, 1, 2, 6} {
			e[i] |= 0xffff0000
		}
	}
	return e
}

func (c *CPU) unpackEnv(e [7]uint32, field uint32, linear bool) {
	f := &c.fpu
	f.setStatus(uint16(e[1]))
	f.setTagWord(uint16(e[2]))
	switch {
	case linear:
		high := uint32(0xf000)
		if field == 4 {
			high = 0x0ffff000
		}
		f.fip, f.fdp = uint64(e[3]&0xffff|e[4]&high<<4), uint64(e[5]&0xffff|e[6]&high<<4)
		f.fop = uint16(e[4] & 0x7ff)
		f.fcs, f.fds = 0, 0
	default:
		f.fip, f.fcs = uint64(e[3]), uint16(e[4])
		f.fdp, f.fds = uint64(e[5]), uint16(e[6])
		f.fop = 0
		if field == 4 {
			f.fop = uint16(e[4] >> 16 & 0x7ff)
		}
	}
	f.setControl(uint16(e[0]))
}

func (c *CPU) writeEnv(op *Op, ea uint64) (size uint64, ok bool) {
	field, linear := c.envLayout(op)
	for i, v := range c.packEnv(field, linear) {
		at := ea + uint64(i)*uint64(field)
		if field == 4 {
			ok = c.write32(op.Seg, at, v)
		} else {
			ok = c.write16(op.Seg, at, v&0xffff)
		}
		if !ok {
			return 0, false
		}
	}
	return 7 * uint64(field), true
}

func (c *CPU) readEnv(op *Op, ea uint64) (e [7]uint32, size uint64, ok bool) {
	field, _ := c.envLayout(op)
	for i := range e {
		at := ea + uint64(i)*uint64(field)
		if field == 4 {
			e[i], ok = c.read32(op.Seg, at)
		} else {
			e[i], ok = c.read16(op.Seg, at)
		}
		if !ok {
			return e, 0, false
		}
	}
	return e, 7 * uint64(field), true
}

func (c *CPU) fStEnv(op *Op) bool {
	if !c.checkFPUControl() {
		return false
	}
	ea := c.ea(op)
	field, _ := c.envLayout(op)
	if !c.probe(op.Seg, ea, 7*uint64(field), true) {
		return false
	}
	if _, ok := c.writeEnv(op, ea); !ok {
		return false
	}
	c.fpu.setControl(c.fpu.cw | 0x3f)
	return true
}

func (c *CPU) fLdEnv(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	e, _, ok := c.readEnv(op, c.ea(op))
	if !ok {
		return false
	}
	field, linear := c.envLayout(op)
	c.unpackEnv(e, field, linear)
	return true
}

// fSave stores the environment and ST(0) to ST(7), and initialises.
func (c *CPU) fSave(op *Op) bool {
	if !c.checkFPUControl() {
		return false
	}
	ea := c.ea(op)
	field, _ := c.envLayout(op)
	if !c.probe(op.Seg, ea, 7*uint64(field)+80, true) {
		return false
	}
	size, ok := c.writeEnv(op, ea)
	if !ok {
		return false
	}
	for i := range uint8(8) {
		st := c.fpu.st(i)
		if !c.write80(op.Seg, ea+size+10*uint64(i), st.Sig, st.SE) {
			return false
		}
	}
	c.fpu.init()
	return true
}

func (c *CPU) fRstor(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	ea := c.ea(op)
	e, size, ok := c.readEnv(op, ea)
	if !ok {
		return false
	}
	var st [8]softfloat.F80
	for i := range st {
		if st[i].Sig, st[i].SE, ok = c.read80(op.Seg, ea+size+10*uint64(i)); !ok {
			return false
		}
	}
	field, linear := c.envLayout(op)
	c.unpackEnv(e, field, linear)
	for i := range st {
		*c.fpu.st(uint8(i)) = st[i]
	}
	return true
}
