package arm64

// Bits of MDSCR_EL1.
const (
	mdscrSS  = 1 << 0
	mdscrKDE = 1 << 13
	mdscrMDE = 1 << 15
)

// debugEnabled says whether debug exceptions other than BRK's are taken from exception level el with the given DAIF (D2.4).
func (c *CPU) debugEnabled(el uint8, daif uint64) bool {
	if c.sys.oslock|c.sys.osdlr != 0 {
		return false
	}
	return el == 0 || c.sys.mdscr&mdscrKDE != 0 && daif&daifD == 0
}

// stepEnabled says whether software step (D2.12) is in force at exception level el with the given DAIF.
func (c *CPU) stepEnabled(el uint8, daif uint64) bool {
	return c.sys.mdscr&mdscrSS != 0 && c.debugEnabled(el, daif)
}

// softStep runs one instruction under the guest's own single step, or, after one, takes the Software Step exception. PSTATE.SS
// says which of the two is due.
func (c *CPU) softStep() {
	if !c.ss {
		iss := uint64(0x22) | c.stepped
		c.stepped = 0
		c.raise(c.sameLevel(ecStepLower), iss, c.pc)
		return
	}
	c.steppingExclusive = false
	now := c.clock.Retired
	c.runBlocks(now + 1)
	if c.clock.Retired != now {
		c.ss = false
		c.stepped = stepISV
		if c.steppingExclusive {
			c.stepped |= stepEX
		}
	}
}

// What ESR_EL1 tells of the instruction that was stepped (D13.2.37): that the next bit is valid, and a load-exclusive.
const (
	stepISV = 1 << 24
	stepEX  = 1 << 6
)
