package x86

// Hardware task switches (SDM vol. 3 §7.3).

type taskSwitchKind uint8

const (
	switchJump taskSwitchKind = iota
	switchCall
	switchInterrupt
	switchReturn
)

func switchKind(call bool) taskSwitchKind {
	if call {
		return switchCall
	}
	return switchJump
}

// returnTask is IRET with NT set: back to the task whose selector the TSS holds.
func (c *CPU) returnTask() bool {
	link, ok := c.sysRead(c.tr.base, 2)
	return ok && c.switchTask(uint16(link), switchReturn, nil)
}

// tssLayout says where a 32-bit or 16-bit TSS keeps the registers it saves and loads.
type tssLayout struct {
	size                    uint32 // of an item
	cr3, eip, flags, regs   uint32
	segs, segCount, ldt     uint32
	segStep, trapAt, length uint32
}

var (
	tss32Layout = tssLayout{size: 4, cr3: 0x1c, eip: 0x20, flags: 0x24, regs: 0x28, segs: 0x48, segCount: 6, segStep: 4, ldt: 0x60, trapAt: 0x64, length: 0x67}
	tss16Layout = tssLayout{size: 2, eip: 0x0e, flags: 0x10, regs: 0x12, segs: 0x22, segCount: 4, segStep: 2, ldt: 0x2a, length: 0x2b}
)

// switchTask leaves the running task for the one whose TSS sel selects. errorCode, if not nil, is pushed in the new task.
// Faults found before the switch are reported in the old task, later ones (bad segments) in the new.
func (c *CPU) switchTask(sel uint16, kind taskSwitchKind, errorCode *uint32) bool {
	vector := uint8(excGP)
	if kind == switchReturn {
		vector = excTS
	}
	code := uint32(sel &^ 3)
	if isNull(sel) || sel&4 != 0 {
		return c.raiseErr(vector, code)
	}
	lo, hi, la, ok := c.descriptor(sel, vector, 0)
	if !ok {
		return false
	}
	typ := hi & (attrS | attrTypeMask)
	want32, want16 := uint32(sysTSS32), uint32(sysTSS16)
	if kind == switchReturn {
		want32, want16 = sysTSS32Busy, sysTSS16Busy
	}
	if typ != want32 && typ != want16 {
		return c.raiseErr(vector, code)
	}
	if hi&attrPresent == 0 {
		return c.raiseErr(excNP, code)
	}
	next := segment{sel: sel}
	next.setDescriptor(lo, hi|sysBusyBit)
	layout := &tss16Layout
	if typ == want32 {
		layout = &tss32Layout
	}
	if next.limit < layout.length {
		return c.raiseErr(excTS, code)
	}
	old := &tss16Layout
	if c.tr.attr&attrTypeMask == sysTSS32Busy {
		old = &tss32Layout
	}
	if c.tr.limit < old.length || c.tr.attr == 0 {
		return c.raiseErr(excTS, uint32(c.tr.sel&^3))
	}
	if !c.probeAs(c.tr.base, uint64(old.length)+1, pfWrite) || !c.probeAs(next.base, uint64(layout.length)+1, pfWrite) {
		return false
	}
	state := c.readTSS(&next, layout)

	flags := c.getFlags()
	if kind == switchReturn {
		flags &^= flagNT
	}
	c.saveTSS(old, flags)
	if kind == switchJump || kind == switchReturn {
		c.setBusy(c.tr.sel, false)
	}
	oldSel := c.tr.sel
	if kind == switchCall || kind == switchInterrupt {
		c.slowWrite(next.base, 2, uint64(oldSel), 0)
		state.flags |= flagNT
	}
	if kind != switchReturn {
		c.slowWrite(la+4, 4, uint64(hi|sysBusyBit), 0)
	}
	c.tr = next
	c.cr0 |= cr0TS
	c.switched = true
	defer func() { c.switched = c.exc.pending }()
	return c.loadTask(&state, layout, errorCode)
}

type taskState struct {
	cr3, eip, flags uint32
	regs            [8]uint32
	segs            [6]uint16
	ldt             uint16
	trap            bool
}

func (c *CPU) readTSS(tss *segment, l *tssLayout) taskState {
	get := func(at, size uint32) uint32 {
		v, _ := c.sysRead(tss.base+uint64(at), uint64(size)) // probed
		return v
	}
	s := taskState{eip: get(l.eip, l.size), flags: get(l.flags, l.size), ldt: uint16(get(l.ldt, 2))}
	for i := range s.regs {
		s.regs[i] = get(l.regs+uint32(i)*l.size, l.size)
		if l.size == 2 {
			s.regs[i] |= 0xffff0000
		}
	}
	for i := range l.segCount {
		s.segs[i] = uint16(get(l.segs+i*l.segStep, 2))
	}
	if l.size == 4 {
		s.cr3 = get(l.cr3, 4)
		s.trap = get(l.trapAt, 2)&1 != 0
	}
	return s
}

func (c *CPU) saveTSS(l *tssLayout, flags uint32) {
	put := func(at uint32, v uint64) { c.slowWrite(c.tr.base+uint64(at), uint64(l.size), v, 0) }
	put(l.eip, c.ip)
	put(l.flags, uint64(flags))
	for i := range uint32(8) {
		put(l.regs+i*l.size, c.r[i])
	}
	for i := range l.segCount {
		c.slowWrite(c.tr.base+uint64(l.segs+i*l.segStep), 2, uint64(c.seg[i].sel), 0)
	}
}

// setBusy changes the busy bit of a TSS descriptor.
func (c *CPU) setBusy(sel uint16, busy bool) {
	la := c.gdt.base + uint64(sel&^7) + 4
	hi, ok := c.sysRead(la, 4)
	if !ok {
		return
	}
	if busy {
		hi |= sysBusyBit
	} else {
		hi &^= sysBusyBit
	}
	c.sysWrite(la, 4, hi)
}

// loadTask loads the new task's registers. From here on faults belong to the new task.
func (c *CPU) loadTask(s *taskState, l *tssLayout, errorCode *uint32) bool {
	if l.size == 4 && c.cr0&cr0PG != 0 {
		if uint64(s.cr3) != c.cr3 && !c.setCR3(uint64(s.cr3)) {
			return false
		}
	}
	for i, v := range s.regs {
		c.r[i] = uint64(v)
	}
	c.ip = uint64(s.eip)
	c.setArith(s.flags)
	c.eflags = s.flags & (flagTF | flagIF | flagDF | flagIOPL | flagNT | flagRF | flagVM | flagAC | flagVIF | flagVIP | flagID)
	c.dr[7] &^= 0x155 // local breakpoint enables
	for i := range c.seg {
		c.seg[i] = segment{sel: s.segs[i]}
		c.seg[i].update()
	}
	c.ldt = segment{sel: s.ldt}
	ldt, ok := c.checkLDT(s.ldt, excTS)
	if !ok {
		return false
	}
	c.ldt = ldt
	if c.eflags&flagVM != 0 {
		for i, sel := range s.segs {
			c.setSegReal(uint8(i), sel)
		}
		c.setCPL(3)
		return c.pushTaskError(errorCode, l)
	}
	cs := s.segs[segCS]
	cpl := uint8(cs & 3)
	if isNull(cs) {
		return c.raiseErr(excTS, 0)
	}
	lo, hi, la, ok := c.descriptor(cs, excTS, 0)
	if !ok {
		return false
	}
	if !isCode(hi) || isConforming(hi) && dplOf(hi) > cpl || !isConforming(hi) && dplOf(hi) != cpl {
		return c.raiseErr(excTS, uint32(cs&^3))
	}
	if hi&attrPresent == 0 {
		return c.raiseErr(excNP, uint32(cs&^3))
	}
	if !c.markAccessed(hi, la) {
		return false
	}
	c.seg[segCS] = newSegment(cs, lo, hi)
	c.setCPL(cpl)
	for _, n := range [...]uint8{segSS, segES, segDS, segFS, segGS} {
		seg, ok := c.checkSeg(n, s.segs[n], cpl, excTS)
		if !ok {
			c.updateMode()
			return false
		}
		c.seg[n] = seg
	}
	c.updateMode()
	if !c.pushTaskError(errorCode, l) {
		return false
	}
	if c.ip > c.seg[segCS].hi {
		return c.raiseErr(excGP, 0)
	}
	if s.trap {
		c.dr[6] |= 1 << 15 // BT
		return c.raise(excDB)
	}
	return true
}

func (c *CPU) pushTaskError(errorCode *uint32, l *tssLayout) bool {
	if errorCode == nil {
		return true
	}
	return c.push(uint64(*errorCode), uint8(l.size))
}
