package arm64

import "math/bits"

// Bits of DBGBCR_EL1 and DBGWCR_EL1 (D13.3.2, D13.3.11). Where the two registers have a field, it is at the same place.
const (
	dbgEnable     = 1 << 0
	dbgPrivilege  = 1 // PMC, PAC: a bit for EL1, one for EL0
	dbgLSC        = 3 // of a watchpoint: a bit for loads, one for stores
	dbgBAS        = 5
	dbgSSC        = 14
	dbgLink       = 16
	dbgType       = 20 // of a breakpoint, 4 bits; of a watchpoint one, WT: it is linked
	dbgMask       = 24 // of a watchpoint
	typeLinked    = 1
	typeContext   = 3 // a context ID for others to be linked to
	sscSecureOnly = 2
)

// selfHosted is what the guest's breakpoint and watchpoint registers come to while MDSCR_EL1.MDE is set and the locks are off. It is
// derived: selfHostedChanged makes it anew. A page with one of them is reached by the slow path, so the others pay nothing.
type selfHosted struct {
	breaks  uint16 // the pairs that are on, a bit each
	watched uint16
	breakVA [breakPairs]uint64
	filter  uint64 // of the breakpoints' virtual pages, a bit for each number modulo 64
	watch   [watchPairs]struct{ addr, last uint64 }
}

// selfHostedChanged follows a change of the registers.
func (c *CPU) selfHostedChanged() {
	h := &c.selfHosted
	was := h.breaks | h.watched
	*h = selfHosted{}
	if c.sys.mdscr&mdscrMDE != 0 && c.sys.oslock|c.sys.osdlr == 0 {
		for i, bcr := range c.sys.dbgbcr {
			if va, ok := breakAddress(c.sys.dbgbvr[i], bcr); ok {
				h.breaks |= 1 << i
				h.breakVA[i] = va
				h.filter |= 1 << (va >> 12 & 63)
			}
		}
		for i, wcr := range c.sys.dbgwcr {
			if addr, size, ok := watchRange(c.sys.dbgwvr[i], wcr); ok {
				h.watched |= 1 << i
				h.watch[i].addr, h.watch[i].last = addr, addr+size-1
			}
		}
	}
	if was|h.breaks|h.watched != 0 {
		c.breakVersion++
		c.flushTLB()
	}
}

// breakAddress is the instruction that an address breakpoint stops at. A context breakpoint that stops anywhere is not there, as on QEMU.
func breakAddress(bvr, bcr uint64) (va uint64, ok bool) {
	bas := bcr >> dbgBAS & 15
	if bcr&dbgEnable == 0 || bcr>>dbgType&15 > typeLinked || bas == 0 {
		return 0, false
	}
	va = bvr &^ 3
	if bas == 0xc {
		va += 2 // the second T32 instruction of the word: here, nothing
	}
	return va, true
}

// watchRange is the bytes that a watchpoint watches: a power of two by MASK, or those of BAS, of which only the first run counts.
func watchRange(wvr, wcr uint64) (addr, size uint64, ok bool) {
	mask, bas := wcr>>dbgMask&31, wcr>>dbgBAS&0xff
	if wcr&dbgEnable == 0 || wcr>>dbgLSC&3 == 0 || mask == 1 || mask == 2 {
		return 0, 0, false
	}
	if mask != 0 {
		return wvr &^ (1<<mask - 1), 1 << mask, true
	}
	if wvr&4 != 0 {
		bas &= 15
	}
	if bas == 0 {
		return 0, 0, false
	}
	first := bits.TrailingZeros64(bas)
	return wvr&^3 + uint64(first), uint64(bits.TrailingZeros64(^(bas >> first))), true
}

func (h *selfHosted) breakAt(va uint64) bool {
	for i := range h.breakVA {
		if h.breaks>>i&1 != 0 && h.breakVA[i] == va {
			return true
		}
	}
	return false
}

// watching says whether some watchpoint touches the page of va.
func (h *selfHosted) watching(va uint64) bool {
	for i := range h.watch {
		if h.watched>>i&1 != 0 && va>>12 >= h.watch[i].addr>>12 && va>>12 <= h.watch[i].last>>12 {
			return true
		}
	}
	return false
}

// mayBreak is the cheap question before a block: may there be a breakpoint, the debugger's or the guest's, in the page of va?
func (c *CPU) mayBreak(va uint64) bool {
	return c.stops.May(va) || c.selfHosted.filter>>(va>>12&63)&1 != 0
}

// guestBreak takes the Breakpoint exception when the instruction at PC, which can be fetched, has one (D2.9).
func (c *CPU) guestBreak() bool {
	h := &c.selfHosted
	if h.breaks == 0 || !c.debugEnabled(c.el, c.daif) {
		return false
	}
	for i, bcr := range c.sys.dbgbcr {
		if h.breaks>>i&1 == 0 || h.breakVA[i] != c.pc || !c.matches(bcr, c.el, bcr>>dbgType&15 == typeLinked) {
			continue
		}
		c.sys.far = 0 // unknown by the manual, and this on QEMU
		c.raise(c.sameLevel(ecBreakLower), fscDebug, c.pc)
		return true
	}
	return false
}

// guestWatch takes the Watchpoint exception when the n bytes at va, accessed as from exception level el, touch one (D2.10).
func (c *CPU) guestWatch(va, n uint64, el uint8, write bool) bool {
	h := &c.selfHosted
	kind := uint64(1)
	if write {
		kind = 2
	}
	for i, wcr := range c.sys.dbgwcr {
		w := &h.watch[i]
		if h.watched>>i&1 == 0 || va > w.last || va+n <= w.addr || wcr>>dbgLSC&kind == 0 ||
			!c.debugEnabled(c.el, c.daif) || !c.matches(wcr, el, wcr>>dbgType&1 != 0) {
			continue
		}
		iss := uint64(fscDebug)
		if write {
			iss |= 1 << 6
		}
		c.sys.far = max(va, w.addr)
		c.raise(c.sameLevel(ecWatchLower), iss, c.pc)
		return true
	}
	return false
}

// matches looks at what a breakpoint or watchpoint asks for beside its address: privilege, security state (all here is Non-secure), and
// the context that it is linked to.
func (c *CPU) matches(control uint64, el uint8, linked bool) bool {
	privilege := uint64(1) // EL1
	if el == 0 {
		privilege = 2
	}
	if control>>dbgPrivilege&privilege == 0 || control>>dbgSSC&3 == sscSecureOnly {
		return false
	}
	if !linked {
		return true
	}
	i := control >> dbgLink & 15
	if i < breakPairs-contextPairs || i >= breakPairs {
		return false
	}
	bcr := c.sys.dbgbcr[i]
	return bcr&dbgEnable != 0 && bcr>>dbgType&15 == typeContext && uint32(c.sys.dbgbvr[i]) == uint32(c.sys.contextidr)
}
