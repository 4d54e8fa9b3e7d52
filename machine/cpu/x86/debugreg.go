package x86

import "forkscope/machine/cpu"

// The guest's own debug registers (SDM vol. 3 §17.2). While any breakpoint is enabled the CPU runs an instruction at a time.

const (
	dr6BD = 1 << 13
	dr6BS = 1 << 14
	dr6BT = 1 << 15
	dr7GD = 1 << 13
)

// breakpoint types in DR7.
const (
	dr7Exec = iota
	dr7Write
	dr7IO
	dr7ReadWrite
)

func (c *CPU) drEnabled(i uint) bool   { return c.dr[7]>>(2*i)&3 != 0 }
func (c *CPU) drType(i uint) uint32    { return uint32(c.dr[7] >> (16 + 4*i) & 3) }
func (c *CPU) drLength(i uint) uint64  { return [4]uint64{1, 2, 8, 4}[c.dr[7]>>(18+4*i)&3] }
func (c *CPU) drAddress(i uint) uint64 { return c.dr[i] &^ (c.drLength(i) - 1) }

// instructionBreak raises #DB when an enabled instruction breakpoint is at CS:EIP.
func (c *CPU) instructionBreak() bool {
	la := c.PC()
	hits := uint64(0)
	for i := range uint(4) {
		if c.drEnabled(i) && c.drType(i) == dr7Exec && c.dr[i] == la {
			hits |= 1 << i
		}
	}
	if hits == 0 {
		return false
	}
	c.dr[6] |= hits
	c.raise(excDB)
	c.exc.fault = true
	return true
}

// guestWatch notes data breakpoints that an access touches; the trap follows the instruction. It returns true when the page
// has one.
func (c *CPU) guestWatch(la, size uint64, kind cpu.WatchKind) bool {
	watched := false
	for i := range uint(4) {
		typ := c.drType(i)
		if !c.drEnabled(i) || typ != dr7Write && typ != dr7ReadWrite {
			continue
		}
		at, n := c.drAddress(i), c.drLength(i)
		if at>>12 != la>>12 {
			continue
		}
		watched = true
		if typ == dr7Write && kind != cpu.WatchWrite {
			continue
		}
		if la < at+n && at < la+size {
			c.dbHits |= 1 << i
		}
	}
	return watched
}

// portWatch notes I/O breakpoints, which there are with CR4.DE, that an access touches; the trap follows the instruction.
func (c *CPU) portWatch(port, size uint64) {
	if c.cr4&cr4DE == 0 {
		return
	}
	for i := range uint(4) {
		at := c.drAddress(i)
		if c.drEnabled(i) && c.drType(i) == dr7IO && port < at+c.drLength(i) && at < port+size {
			c.dbHits |= 1 << i
		}
	}
}

// debugRegister checks the number of a MOV to or from a debug register: DR4 and DR5 are other names of DR6 and DR7 unless
// CR4.DE is set.
func (c *CPU) debugRegister(n uint8) (uint8, bool) {
	if n > 7 {
		return 0, c.raise(excUD)
	}
	if n == 4 || n == 5 {
		if c.cr4&cr4DE != 0 {
			return 0, c.raise(excUD)
		}
		n += 2
	}
	if !c.privileged() {
		return 0, false
	}
	if c.dr[7]&dr7GD != 0 {
		c.dr[6] |= dr6BD
		c.dr[7] &^= dr7GD
		c.raise(excDB)
		c.exc.fault = true
		return 0, false
	}
	return n, true
}

func execMOVFromDR(c *CPU, op *Op) bool {
	n, ok := c.debugRegister(op.Reg)
	if ok {
		c.setReg(op.RM, wordSize(op), c.dr[n])
	}
	return ok
}

func execMOVToDR(c *CPU, op *Op) bool {
	n, ok := c.debugRegister(op.Reg)
	if !ok {
		return false
	}
	v := c.reg(op.RM, wordSize(op))
	if n >= 6 && v>>32 != 0 {
		return c.raiseErr(excGP, 0)
	}
	switch n {
	case 6:
		v = v&(dr6BD|dr6BS|dr6BT|0xf) | dr6Fixed
	case 7:
		v = v&0xffff2fff | dr7Fixed
		c.flushTLB() // watched pages leave the fast path
	}
	c.dr[n] = v
	if n < 4 {
		c.flushTLB()
	}
	return true
}

func init() {
	def(kMOVFromDR, "mov.from.dr", flagsArith, execMOVFromDR)
	def(kMOVToDR, "mov.to.dr", flagsArith, execMOVToDR)
}
