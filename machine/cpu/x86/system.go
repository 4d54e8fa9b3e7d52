package x86

const (
	dr6Fixed = 0xffff0ff0
	dr7Fixed = 0x400

	cr0Writable = cr0PE | cr0MP | cr0EM | cr0TS | cr0NE | cr0WP | cr0AM | cr0NW | cr0CD | cr0PG
	// what CPUID announces, and no more
	cr4Writable     = cr4TSD | cr4DE | cr4PSE | cr4PAE | cr4PGE | cr4PCE | cr4OSFXSR | cr4OSXMMEXCPT
	cr4WritableLong = cr4Writable | cr4UMIP | cr4FSGSBASE | cr4PCIDE | cr4OSXSAVE | cr4SMEP | cr4SMAP | cr4PKE | cr4CET
)

// privileged raises #GP(0) unless CPL is 0.
func (c *CPU) privileged() bool {
	if c.cpl != 0 {
		return c.raiseErr(excGP, 0)
	}
	return true
}

// setCR0 checks and sets CR0 (SDM vol. 3 §2.5).
func (c *CPU) setCR0(v uint32) bool {
	if v&cr0WP == 0 && c.cr4&cr4CET != 0 || v&cr0PG != 0 && v&cr0PE == 0 || v&cr0NW != 0 && v&cr0CD == 0 {
		return c.raiseErr(excGP, 0)
	}
	v = v&cr0Writable | cr0ET
	changed := v ^ c.cr0
	efer := c.efer
	if changed&cr0PG != 0 {
		switch {
		case v&cr0PG == 0:
			if c.mode&mode64 != 0 || c.cr4&cr4PCIDE != 0 {
				return c.raiseErr(excGP, 0)
			}
			efer &^= eferLMA
		case efer&eferLME != 0:
			if c.cr4&cr4PAE == 0 || c.seg[segCS].attr&attrL != 0 {
				return c.raiseErr(excGP, 0)
			}
			efer |= eferLMA
		case c.cr4&cr4PAE != 0 && !c.loadPDPTE(c.cr3):
			return false
		}
	}
	c.cr0, c.efer = v, efer
	if changed&(cr0PG|cr0WP|cr0PE) != 0 {
		c.flushTLB()
	}
	c.updateMode()
	return true
}

func (c *CPU) setCR3(v uint64) bool {
	switch {
	case c.long():
		if c.cr4&cr4PCIDE != 0 {
			v &^= 1 << 63 // it asks to keep the translations of the address space
		}
		if v>>physicalBits != 0 {
			return c.raiseErr(excGP, 0)
		}
	case c.cr0&cr0PG != 0 && c.cr4&cr4PAE != 0 && !c.loadPDPTE(v):
		return false
	}
	c.cr3 = v
	c.flushLocal()
	return true
}

func (c *CPU) setCR4(v uint32) bool {
	writable := uint32(cr4Writable)
	if c.cfg.Long {
		writable = cr4WritableLong
	}
	changed := v ^ c.cr4
	if v&^writable != 0 || c.long() && v&cr4PAE == 0 || changed&v&cr4PCIDE != 0 && (!c.long() || c.cr3&0xfff != 0) ||
		v&cr4CET != 0 && c.cr0&cr0WP == 0 {
		return c.raiseErr(excGP, 0)
	}
	if changed&(cr4PAE|cr4PGE|cr4PSE|cr4PCIDE|cr4SMEP|cr4SMAP|cr4PKE) != 0 {
		if v&cr4PAE != 0 && c.cr0&cr0PG != 0 && !c.long() && !c.loadPDPTE(c.cr3) {
			return false
		}
		c.flushTLB()
	}
	c.cr4 = v
	if changed&cr4CET != 0 {
		c.newEpoch(1)
	}
	c.updateMode()
	return true
}

// wordSize is the size of what is moved to and from control and debug registers.
func wordSize(op *Op) uint8 { return max(op.Size, 4) }

func execMOVFromCR(c *CPU, op *Op) bool {
	var v uint64
	switch op.Reg {
	case 0:
		v = uint64(c.cr0)
	case 2:
		v = c.cr2
	case 3:
		v = c.cr3
	case 4:
		v = uint64(c.cr4)
	case 8:
		v = c.cr8
	default:
		return c.raise(excUD)
	}
	if !c.privileged() {
		return false
	}
	c.setReg(op.RM, wordSize(op), v)
	return true
}

func execMOVToCR(c *CPU, op *Op) bool {
	if op.Reg != 0 && op.Reg != 2 && op.Reg != 3 && op.Reg != 4 && op.Reg != 8 {
		return c.raise(excUD)
	}
	if !c.privileged() {
		return false
	}
	v := c.reg(op.RM, wordSize(op))
	switch op.Reg {
	case 2:
		c.cr2 = v
		return true
	case 3:
		return c.setCR3(v)
	case 8: // the task priority, which nothing asks for without a local APIC
		if v > 15 {
			return c.raiseErr(excGP, 0)
		}
		c.cr8 = v
		return true
	}
	if v>>32 != 0 {
		return c.raiseErr(excGP, 0)
	}
	if op.Reg == 0 {
		return c.setCR0(uint32(v))
	}
	return c.setCR4(uint32(v))
}

// execMSW is SMSW, LMSW and CLTS. LMSW can set PE but not clear it.
func execMSW(c *CPU, op *Op) bool {
	switch op.Cold {
	case kSMSW:
		if !c.allowedUser() {
			return false
		}
		if op.Flags&FlagMem != 0 {
			return c.setRMSize(op, uint64(c.cr0), 2)
		}
		return c.setRM(op, uint64(c.cr0))
	case kCLTS:
		if !c.privileged() {
			return false
		}
		c.cr0 &^= cr0TS
		return true
	}
	if !c.privileged() {
		return false
	}
	v, ok := c.rmSize(op, 2)
	if !ok {
		return false
	}
	return c.setCR0(c.cr0&^(cr0MP|cr0EM|cr0TS) | uint32(v)&(cr0PE|cr0MP|cr0EM|cr0TS))
}

func execINVLPG(c *CPU, op *Op) bool {
	if !c.privileged() {
		return false
	}
	if la := (c.seg[op.Seg].start + c.ea(op)) & c.mask; canonical(la) {
		c.flushPage(la)
	}
	return true
}

// execCache is INVD and WBINVD: there is no cache to write back.
func execCache(c *CPU, op *Op) bool { return c.privileged() }

// allowedUser raises #GP(0) where UMIP keeps user mode from looking at system registers.
func (c *CPU) allowedUser() bool { return c.cr4&cr4UMIP == 0 || c.privileged() }

// execTable is SGDT, SIDT, LGDT and LIDT.
func execTable(c *CPU, op *Op) bool {
	ea := c.ea(op)
	if !c.allowedUser() && (op.Cold == kSGDT || op.Cold == kSIDT) {
		return false
	}
	t := &c.gdt
	if op.Cold == kSIDT || op.Cold == kLIDT {
		t = &c.idt
	}
	if op.Cold == kSGDT || op.Cold == kSIDT {
		n := uint8(max(op.Size, 4)) // bytes of the base
		return c.probe(op.Seg, ea, 2+uint64(n), true) && c.write16(op.Seg, ea, t.limit) && c.write(op.Seg, ea+2, t.base, n)
	}
	if !c.privileged() {
		return false
	}
	limit, ok := c.read16(op.Seg, ea)
	if !ok {
		return false
	}
	base, ok := c.read(op.Seg, ea+2, max(op.Size, 4))
	if !ok {
		return false
	}
	if !canonical(base) {
		return c.raiseErr(excGP, 0)
	}
	if op.Size == 2 {
		base &= 0xffffff
	}
	*t = tableRegister{base: base, limit: limit}
	return true
}

// execStoreSel is SLDT and STR.
func execStoreSel(c *CPU, op *Op) bool {
	if c.realOrV86() {
		return c.raise(excUD)
	}
	if !c.allowedUser() {
		return false
	}
	v := uint64(c.ldt.sel)
	if op.Cold == kSTR {
		v = uint64(c.tr.sel)
	}
	if op.Flags&FlagMem != 0 {
		return c.setRMSize(op, v, 2)
	}
	return c.setRM(op, v)
}

func execLLDT(c *CPU, op *Op) bool {
	if c.realOrV86() {
		return c.raise(excUD)
	}
	if !c.privileged() {
		return false
	}
	v, ok := c.rmSize(op, 2)
	if !ok {
		return false
	}
	s, ok := c.checkLDT(uint16(v), excGP)
	if ok {
		c.ldt = s
	}
	return ok
}

// checkLDT reads an LDT descriptor; a null selector gives an LDT that cannot be used.
func (c *CPU) checkLDT(sel uint16, vector uint8) (segment, bool) {
	if isNull(sel) {
		return segment{sel: sel}, true
	}
	code := uint32(sel &^ 3)
	if sel&4 != 0 {
		return segment{}, c.raiseErr(vector, code)
	}
	lo, hi, la, ok := c.descriptor(sel, vector, 0)
	if !ok {
		return segment{}, false
	}
	if hi&(attrS|attrTypeMask) != sysLDT {
		return segment{}, c.raiseErr(vector, code)
	}
	if hi&attrPresent == 0 {
		if vector == excTS {
			return segment{}, c.raiseErr(excTS, code)
		}
		return segment{}, c.raiseErr(excNP, code)
	}
	s := segment{sel: sel}
	s.setDescriptor(lo, hi)
	return s, c.upperBase(&s, la)
}

func execLTR(c *CPU, op *Op) bool {
	if c.realOrV86() {
		return c.raise(excUD)
	}
	if !c.privileged() {
		return false
	}
	v, ok := c.rmSize(op, 2)
	if !ok {
		return false
	}
	sel := uint16(v)
	if isNull(sel) {
		return c.raiseErr(excGP, 0)
	}
	if sel&4 != 0 {
		return c.raiseErr(excGP, uint32(sel&^3))
	}
	lo, hi, la, ok := c.descriptor(sel, excGP, 0)
	if !ok {
		return false
	}
	if t := hi & (attrS | attrTypeMask); t != sysTSS32 && (t != sysTSS16 || c.long()) {
		return c.raiseErr(excGP, uint32(sel&^3))
	}
	if hi&attrPresent == 0 {
		return c.raiseErr(excNP, uint32(sel&^3))
	}
	s := segment{sel: sel}
	s.setDescriptor(lo, hi|sysBusyBit)
	if !c.upperBase(&s, la) || !c.sysWrite(la+4, 4, hi|sysBusyBit) {
		return false
	}
	c.tr = s
	return true
}

// execIF is CLI and STI. After STI one more instruction completes before an interrupt is taken.
func execIF(c *CPU, op *Op) bool {
	if c.cr0&cr0PE != 0 && c.cpl > c.iopl() {
		return c.raiseErr(excGP, 0)
	}
	if op.Cold == kCLI {
		c.eflags &^= flagIF
		return true
	}
	if c.eflags&flagIF == 0 {
		c.eflags |= flagIF
		c.shadow = shadowSTI
	}
	return true
}

func execHLT(c *CPU, op *Op) bool {
	if !c.privileged() {
		return false
	}
	c.halted = true
	return true
}

// execUD raises #UD, and reports the address once.
func execUD(c *CPU, op *Op) bool {
	c.reportUndefined(c.PC() - uint64(op.Len))
	return c.raise(excUD)
}

// lacks raises #UD for an instruction that is not enabled, or that only processors with long mode have.
func (c *CPU) lacks(op *Op) bool {
	if c.cfg.Long {
		return c.raise(excUD)
	}
	return execUD(c, op)
}

func execTooLong(c *CPU, op *Op) bool { return c.raiseErr(excGP, 0) }

func (c *CPU) reportUndefined(la uint64) {
	if c.cfg.Log == nil || c.reported[la] || len(c.reported) >= 4096 {
		return
	}
	c.reported[la] = true
	r := Report{PC: la}
	for i := range uint64(maxLength) {
		pa, ok := c.Translate(c.Space(), la+i)
		if !ok || pa-uint64(c.ramBase) >= uint64(c.ramSize) {
			break
		}
		r.Bytes = append(r.Bytes, c.ramLoad8(uint32(pa)-c.ramBase))
	}
	// The bytes of UD2 are a request for the exception, not an unknown instruction.
	if len(r.Bytes) >= 2 && r.Bytes[0] == 0x0f && r.Bytes[1] == 0x0b {
		return
	}
	c.cfg.Log(r)
}

func init() {
	def(kUD, "undefined", 0, execUD)
	def(kTooLong, "too.long", 0, execTooLong)
	def(kMOVFromCR, "mov.from.cr", flagsArith, execMOVFromCR)
	def(kMOVToCR, "mov.to.cr", flagsArith, execMOVToCR)
	def(kSMSW, "smsw", 0, execMSW)
	def(kLMSW, "lmsw", 0, execMSW)
	def(kCLTS, "clts", 0, execMSW)
	def(kINVLPG, "invlpg", 0, execINVLPG)
	def(kINVD, "invd", 0, execCache)
	def(kWBINVD, "wbinvd", 0, execCache)
	def(kSGDT, "sgdt", 0, execTable)
	def(kSIDT, "sidt", 0, execTable)
	def(kLGDT, "lgdt", 0, execTable)
	def(kLIDT, "lidt", 0, execTable)
	def(kSLDT, "sldt", 0, execStoreSel)
	def(kSTR, "str", 0, execStoreSel)
	def(kLLDT, "lldt", 0, execLLDT)
	def(kLTR, "ltr", 0, execLTR)
	def(kCLI, "cli", 0, execIF)
	def(kSTI, "sti", 0, execIF)
	def(kHLT, "hlt", 0, execHLT)
}
