package x86

// Entry is what a loader sets before the first instruction.
type Entry struct {
	EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI uint32
	EIP                                    uint32
}

// SetProtectedFlat puts the CPU into 32-bit protected mode without paging, with flat 4 GB segments, interrupts off and
// the registers of s, as Multiboot 1 §3.2 and the Linux 32-bit boot protocol want it. The selectors are those of the Linux boot
// protocol (CS 0x10, others 0x18); no GDT is loaded.
func (c *CPU) SetProtectedFlat(s Entry) {
	c.Reset()
	c.cr0 = cr0PE | cr0ET
	c.setFlat(0x10, 0x18, 0, mode32)
	for _, n := range [...]uint8{segES, segDS, segFS, segGS} {
		c.seg[n] = c.seg[segSS]
	}
	c.gdt, c.idt = tableRegister{}, tableRegister{}
	c.setState(s)
	c.updateMode()
}

// SetReal puts the CPU into real mode with all data segments at 0 and CS:EIP at cs:s.EIP.
func (c *CPU) SetReal(cs uint16, s Entry) {
	c.Reset()
	c.setSegReal(segCS, cs)
	c.setState(s)
	c.updateMode()
}

func (c *CPU) setState(s Entry) {
	for i, v := range [...]uint32{s.EAX, s.ECX, s.EDX, s.EBX, s.ESP, s.EBP, s.ESI, s.EDI} {
		c.r[i] = uint64(v)
	}
	c.ip = uint64(s.EIP)
	c.eflags = 0
	c.setArith(0)
}
