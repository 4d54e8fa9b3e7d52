package x86

import "fmt"

// interruptKind says where an interrupt comes from.
type interruptKind uint8

const (
	fromHardware  interruptKind = iota // external, or an exception found by the processor
	fromSoftware                       // INT n, INT3, INTO: the gate's DPL counts
	fromException                      // as fromHardware, but EXT is 0 when the delivery of it faults for its own reasons
)

// interrupt delivers vector. On failure it returns false with the new exception pending and the state as before.
func (c *CPU) interrupt(vector uint8, kind interruptKind, hasCode bool, code uint32) bool {
	c.halted = false
	c.noTrap = true
	if c.cr0&cr0PE == 0 {
		return c.interruptReal(vector)
	}
	ext := uint32(1)
	if kind == fromSoftware {
		ext = 0
	}
	if c.long() {
		return c.interruptLong(vector, ext, hasCode, code)
	}
	entry := uint32(vector)*8 + 2 | ext
	if uint32(vector)*8+7 > c.idt.limit {
		return c.raiseErr(excGP, entry)
	}
	lo, ok := c.sysRead(c.idt.base+uint64(vector)*8, 4)
	if !ok {
		return false
	}
	hi, ok := c.sysRead(c.idt.base+uint64(vector)*8+4, 4)
	if !ok {
		return false
	}
	size, trap := uint8(4), false
	switch hi & (attrS | attrTypeMask) {
	case sysInt16:
		size = 2
	case sysTrap16:
		size, trap = 2, true
	case sysInt32, sysTaskGate:
	case sysTrap32:
		trap = true
	default:
		return c.raiseErr(excGP, entry)
	}
	if kind == fromSoftware && dplOf(hi) < c.cpl {
		return c.raiseErr(excGP, entry)
	}
	if hi&attrPresent == 0 {
		return c.raiseErr(excNP, entry)
	}
	if hi&(attrS|attrTypeMask) == sysTaskGate {
		var errorCode *uint32
		if hasCode {
			errorCode = &code
		}
		return c.switchTask(uint16(lo>>16), switchInterrupt, errorCode)
	}
	offset := lo & 0xffff
	if size == 4 {
		offset |= hi & 0xffff0000
	}
	return c.interruptGate(uint16(lo>>16), uint64(offset), ext, size, trap, hasCode, code)
}

// interruptGate enters a handler through an interrupt or trap gate (SDM vol. 3 §6.12.1).
func (c *CPU) interruptGate(sel uint16, offset uint64, ext uint32, size uint8, trap, hasCode bool, code uint32) bool {
	t, ok := c.codeTarget(sel, offset, ext)
	if !ok {
		return false
	}
	dpl := dplOf(t.hi)
	if dpl > c.cpl {
		return c.raiseErr(excGP, uint32(sel&^3)|ext)
	}
	if !c.present(&t, ext) || !c.within(&t, ext) {
		return false
	}
	v86 := c.eflags&flagVM != 0
	flags := c.getFlags()
	var buf [10]uint64
	items := buf[:0]
	ss, esp, access := c.seg[segSS], c.r[regESP], c.userBit()
	inner := !isConforming(t.hi) && dpl < c.cpl
	ssCode := uint32(0)
	switch {
	case inner:
		if v86 && dpl != 0 {
			return c.raiseErr(excGP, uint32(sel&^3)|ext)
		}
		if ss, esp, ok = c.innerStack(dpl, ext); !ok {
			return false
		}
		access, ssCode = 0, uint32(ss.sel&^3)|ext
		if v86 {
			for _, n := range [...]uint8{segGS, segFS, segDS, segES} {
				items = append(items, uint64(c.seg[n].sel))
			}
		}
		items = append(items, uint64(c.seg[segSS].sel), c.r[regESP])
		t.cpl = dpl
	case v86:
		return c.raiseErr(excGP, uint32(sel&^3)|ext)
	default:
		t.cpl = c.cpl
	}
	items = append(items, uint64(flags), uint64(c.seg[segCS].sel), c.ip)
	if hasCode {
		items = append(items, uint64(code))
	}
	sp, ok := c.pushAll(&ss, esp, items, size, access, ssCode)
	if !ok {
		return false
	}
	if v86 {
		c.eflags &^= flagVM
	}
	if !c.enter(&t) {
		c.eflags = flags &^ flagsArith &^ 2
		return false
	}
	if inner {
		c.setStack(ss, sp)
	} else {
		c.setSP(sp)
	}
	if v86 {
		for _, n := range [...]uint8{segGS, segFS, segDS, segES} {
			c.seg[n] = segment{}
			c.seg[n].update()
		}
		c.updateMode()
	}
	c.eflags &^= flagTF | flagNT | flagRF | flagVM
	if !trap {
		c.eflags &^= flagIF
	}
	return true
}

func (c *CPU) interruptReal(vector uint8) bool {
	if uint32(vector)*4+3 > c.idt.limit {
		return c.raiseErr(excGP, 0)
	}
	v, ok := c.sysRead(c.idt.base+uint64(vector)*4, 4)
	if !ok {
		return false
	}
	items := []uint64{uint64(c.getFlags()), uint64(c.seg[segCS].sel), c.ip}
	sp, ok := c.pushAll(&c.seg[segSS], c.r[regESP], items, 2, 0, 0)
	if !ok {
		return false
	}
	c.setSP(sp)
	c.eflags &^= flagIF | flagTF | flagAC | flagRF
	c.setSegReal(segCS, uint16(v>>16))
	c.ip = uint64(v & 0xffff)
	return true
}

// entered notes an exception or interrupt entry. An entry takes no time, but a second one at the same count (the handler's first
// instruction faulted) takes one count, so that a guest in an endless chain of them still reaches limits and timers.
func (c *CPU) entered() {
	if c.lastEntry == c.clk.Retired+1 {
		c.clk.Retired++
	}
	c.lastEntry = c.clk.Retired + 1
	c.clk.Enter()
}

// contributory says whether an exception adds up to a double fault with another one (SDM vol. 3 table 6-5).
func contributory(vector uint8) bool {
	return vector == excDE || vector >= excTS && vector <= excGP || vector == excCP
}

// deliver takes the pending exception to its handler, through double fault to shutdown if that fails.
func (c *CPU) deliver() {
	c.base, c.idx = c.clk.Retired, 0
	e := c.exc
	first := e
	for tries := 0; ; tries++ {
		c.exc = exception{}
		if isFault(e.vector) || e.fault {
			c.eflags |= flagRF // the pushed image has it, so that a restart does not break again
		}
		hasCode := e.hasCode && c.cr0&cr0PE != 0
		if c.interrupt(e.vector, fromException, hasCode, e.code) {
			c.raised = c.orders.AtException
			c.entered()
			return
		}
		next := c.exc
		switch {
		case e.vector == excDF:
			c.exc = exception{}
			c.clk.Enter() // as the handler that cannot be entered: the moment after it is another one
			c.shutdown = fmt.Sprintf("triple fault at %#x: exception %d could not be delivered, nor the double fault for it",
				c.PC(), first.vector)
			return
		case contributory(e.vector) && contributory(next.vector),
			e.vector == excPF && (contributory(next.vector) || next.vector == excPF):
			e = exception{vector: excDF, hasCode: true}
		default:
			e = next
		}
		if tries > 8 {
			panic("BUG: x86 exception delivery does not end")
		}
	}
}

// isFault says whether the exception is reported at the instruction that caused it and RF is set in the pushed image.
func isFault(vector uint8) bool {
	switch vector {
	case excDB, excNMI, excBP, excOF, excDF, excMC:
		return false
	}
	return true
}

// softInterrupt is INT n, INT3 and INTO. It delivers at once, with EIP at the next instruction.
func (c *CPU) softInterrupt(vector uint8) bool {
	if c.eflags&flagVM != 0 && c.iopl() < 3 && vector != excBP && vector != excOF {
		return c.raiseErr(excGP, 0)
	}
	return c.interrupt(vector, fromSoftware, false, 0)
}

func execINT(c *CPU, op *Op) bool {
	switch op.Cold {
	case kINT3:
		return c.interrupt(excBP, fromSoftware, false, 0)
	case kINTO:
		if c.of() == 0 {
			return true
		}
		return c.interrupt(excOF, fromSoftware, false, 0)
	case kINT1:
		return c.interrupt(excDB, fromHardware, false, 0)
	}
	if op.Imm&0xff == syscallVector && c.mode&mode64 == 0 && c.stopsAtSyscall() {
		return false
	}
	return c.softInterrupt(uint8(op.Imm))
}

func execIRET(c *CPU, op *Op) bool {
	size := uint64(op.Size)
	if c.cr0&cr0PE != 0 && c.eflags&flagVM == 0 && c.eflags&flagNT != 0 {
		if c.long() {
			return c.raiseErr(excGP, 0)
		}
		return c.returnTask()
	}
	if c.eflags&flagVM != 0 && c.iopl() < 3 {
		return c.raiseErr(excGP, 0)
	}
	image, ok := c.peek(2*size, op.Size) // from the top down: the order in which processors fault
	if !ok {
		return false
	}
	v, ok := c.peek(size, 2)
	if !ok {
		return false
	}
	sel, flags := uint16(v), uint32(image)
	ip, ok := c.peek(0, op.Size)
	if !ok {
		return false
	}
	mask := uint32(flagsArith | flagTF | flagDF | flagNT)
	if op.Size >= 4 {
		mask |= flagRF | flagAC | flagID
	}
	if c.realOrV86() {
		if ip > c.seg[segCS].hi {
			return c.raiseErr(excGP, 0)
		}
		mask |= flagIF
		if c.eflags&flagVM == 0 {
			mask |= flagIOPL
		}
		c.setSP(c.r[regESP] + 3*size)
		c.setFlags(flags, mask)
		c.setSegReal(segCS, sel)
		c.ip = ip
		return true
	}
	if op.Size == 4 && flags&flagVM != 0 && c.cpl == 0 && !c.long() {
		return c.returnV86(ip, sel, flags)
	}
	if c.cpl <= c.iopl() {
		mask |= flagIF
	}
	if c.cpl == 0 {
		mask |= flagIOPL
		if op.Size >= 4 {
			mask |= flagVIF | flagVIP
		}
	}
	t, ok := c.returnTarget(sel, ip)
	if !ok {
		return false
	}
	if t.cpl == c.cpl && c.mode&mode64 == 0 {
		if !c.enter(&t) {
			return false
		}
		c.setSP(c.r[regESP] + 3*size)
	} else if !c.returnOuter(&t, 3*size, 0, op.Size) {
		return false
	}
	c.setFlags(flags, mask)
	return true
}

// returnV86 enters virtual-8086 mode (SDM vol. 3 §20.2.5).
func (c *CPU) returnV86(ip uint64, cs uint16, flags uint32) bool {
	var v [6]uint64 // ESP SS ES DS FS GS
	for i := range v {
		var ok bool
		if v[i], ok = c.peek(uint64(12+4*i), 4); !ok {
			return false
		}
	}
	c.setArith(flags)
	c.eflags = flags & (flagTF | flagIF | flagDF | flagIOPL | flagNT | flagRF | flagVM | flagAC | flagVIF | flagVIP | flagID)
	c.setCPL(3)
	c.seg[segCS].limit = 0xffff
	c.setSegReal(segCS, cs)
	c.setSegReal(segSS, uint16(v[1]))
	c.setSegReal(segES, uint16(v[2]))
	c.setSegReal(segDS, uint16(v[3]))
	c.setSegReal(segFS, uint16(v[4]))
	c.setSegReal(segGS, uint16(v[5]))
	c.r[regESP] = v[0]
	c.ip = ip & 0xffff
	c.updateMode()
	return true
}

func init() {
	def(kINT, "int", 0, execINT)
	def(kINT3, "int3", 0, execINT)
	def(kINT1, "int1", 0, execINT)
	def(kINTO, "into", 0, execINT)
	def(kIRET, "iret", 0, execIRET)
}
