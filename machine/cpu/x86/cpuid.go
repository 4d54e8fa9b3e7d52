package x86

// cpuSignature is family 6, model 13, stepping 8: a P6. What it has beyond that model, the feature bits tell.
const cpuSignature = 0x000006d8

// Feature bits of CPUID leaf 1, EDX: what this CPU has and no more.
const (
	featFPU  = 1 << 0
	featDE   = 1 << 2
	featPSE  = 1 << 3
	featTSC  = 1 << 4
	featMSR  = 1 << 5
	featPAE  = 1 << 6
	featCX8  = 1 << 8
	featSEP  = 1 << 11
	featPGE  = 1 << 13
	featCMOV = 1 << 15
	featCLFS = 1 << 19
	featMMX  = 1 << 23
	featFXSR = 1 << 24
	featSSE  = 1 << 25
	featSSE2 = 1 << 26

	features = featFPU | featDE | featPSE | featTSC | featMSR | featPAE | featCX8 | featSEP | featPGE | featCMOV |
		featCLFS | featMMX | featFXSR | featSSE | featSSE2

	// Leaf 1, ECX.
	featSSE3       = 1 << 0
	featSSSE3      = 1 << 9
	featSSE41      = 1 << 19
	featSSE42      = 1 << 20
	featPOPCNT     = 1 << 23
	featHypervisor = 1 << 31 // the leaves from 0x40000000 are there

	featuresC = featSSE3 | featSSSE3 | featSSE41 | featSSE42 | featPOPCNT | featHypervisor

	featNX = 1 << 20 // leaf 0x80000001
)

// The leaves by which a hypervisor tells a guest who it is and what it would have to measure: the convention that Linux, VMware and KVM share.
const (
	leafHypervisor = 0x40000000
	leafTiming     = 0x40000010 // EAX is the frequency of the time-stamp counter in kHz

	tscKHz = 1_000_000 // it counts nanoseconds
)

func execCPUID(c *CPU, op *Op) bool {
	var a, b, cx, d uint32
	leaf := c.r[regEAX]
	switch {
	case leaf >= leafHypervisor && leaf <= leafTiming:
	case leaf >= 0x80000000 && leaf <= 0x80000008:
	case leaf > 2:
		leaf = 2
	}
	switch leaf {
	case 0:
		a, b, d, cx = 2, 0x756e6547, 0x49656e69, 0x6c65746e // GenuineIntel
	case 1:
		a, b, cx, d = cpuSignature, 8<<8, featuresC, features // a CLFLUSH line is 8*8 bytes
	case 2:
		a = 0x00000001 // no cache or TLB descriptors
	case leafHypervisor:
		a, b, cx, d = leafTiming, word("fork"), word("scop"), word("e\x00\x00\x00")
	case leafTiming:
		a = tscKHz
	case 0x80000000:
		a = 0x80000008
	case 0x80000001:
		d = featNX
	case 0x80000002:
		a, b, cx, d = word("fork"), word("scop"), word("e vi"), word("rtua")
	case 0x80000003:
		a, b, cx, d = word("l P6"), word(" + S"), word("SE4."), word("2\x00\x00\x00")
	case 0x80000008:
		a = 32<<8 | 36
	}
	c.r[regEAX], c.r[regEBX], c.r[regECX], c.r[regEDX] = a, b, cx, d
	return true
}

func word(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// msrs are the model-specific registers that are kept in the CPU.
type msrs struct {
	tscOffset                            uint64 // what WRMSR made the difference to the clock
	apicBase                             uint64
	sysenterCS, sysenterESP, sysenterEIP uint32
	pat                                  uint64
	miscEnable                           uint64
}

// Numbers of model-specific registers (SDM vol. 4).
const (
	msrTSC         = 0x10
	msrPlatformID  = 0x17
	msrAPICBase    = 0x1b
	msrBIOSSign    = 0x8b
	msrSysenterCS  = 0x174
	msrSysenterESP = 0x175
	msrSysenterEIP = 0x176
	msrMiscEnable  = 0x1a0
	msrPAT         = 0x277
	msrEFER        = 0xc0000080
)

// tsc is the time-stamp counter: the clock's nanoseconds, exact in the middle of a block.
func (c *CPU) tsc() uint64 {
	return c.clk.At(c.base+uint64(c.idx)) + c.msr.tscOffset
}

func execRDTSC(c *CPU, op *Op) bool {
	if c.cr4&cr4TSD != 0 && c.cpl != 0 {
		return c.raiseErr(excGP, 0)
	}
	t := c.tsc()
	c.r[regEAX], c.r[regEDX] = uint32(t), uint32(t>>32)
	return true
}

// execRDPMC: the two counters of the P6 count nothing.
func execRDPMC(c *CPU, op *Op) bool {
	if c.cr0&cr0PE != 0 && c.cr4&cr4PCE == 0 && c.cpl != 0 || c.r[regECX] > 1 {
		return c.raiseErr(excGP, 0)
	}
	c.r[regEAX], c.r[regEDX] = 0, 0
	return true
}

func execRDMSR(c *CPU, op *Op) bool {
	if !c.privileged() {
		return false
	}
	var v uint64
	switch c.r[regECX] {
	case msrTSC:
		v = c.tsc()
	case msrAPICBase:
		v = c.msr.apicBase
	case msrPlatformID, msrBIOSSign:
	case msrSysenterCS:
		v = uint64(c.msr.sysenterCS)
	case msrSysenterESP:
		v = uint64(c.msr.sysenterESP)
	case msrSysenterEIP:
		v = uint64(c.msr.sysenterEIP)
	case msrMiscEnable:
		v = c.msr.miscEnable
	case msrPAT:
		v = c.msr.pat
	case msrEFER:
		v = c.efer
	default:
		return c.raiseErr(excGP, 0)
	}
	c.r[regEAX], c.r[regEDX] = uint32(v), uint32(v>>32)
	return true
}

func execWRMSR(c *CPU, op *Op) bool {
	if !c.privileged() {
		return false
	}
	v := uint64(c.r[regEDX])<<32 | uint64(c.r[regEAX])
	switch c.r[regECX] {
	case msrTSC:
		c.msr.tscOffset += v - c.tsc()
	case msrAPICBase:
		c.msr.apicBase = v
	case msrBIOSSign:
	case msrSysenterCS:
		c.msr.sysenterCS = uint32(v)
	case msrSysenterESP:
		c.msr.sysenterESP = uint32(v)
	case msrSysenterEIP:
		c.msr.sysenterEIP = uint32(v)
	case msrMiscEnable:
		c.msr.miscEnable = v
	case msrPAT:
		c.msr.pat = v
	case msrEFER:
		if v&^eferNXE != 0 {
			return c.raiseErr(excGP, 0)
		}
		c.efer = v
		c.flushTLB()
	default:
		return c.raiseErr(excGP, 0)
	}
	return true
}

// execSYSENTER and execSYSEXIT switch between flat segments derived from one selector (SDM vol. 2).
func execSYSENTER(c *CPU, op *Op) bool {
	if c.stopsAtSyscall() {
		return false
	}
	if c.cr0&cr0PE == 0 || isNull(uint16(c.msr.sysenterCS)) {
		return c.raiseErr(excGP, 0)
	}
	c.eflags &^= flagVM | flagIF | flagRF
	cs := uint16(c.msr.sysenterCS) &^ 3
	c.setFlat(cs, cs+8, 0)
	c.r[regESP] = c.msr.sysenterESP
	c.eip = c.msr.sysenterEIP
	return true
}

func execSYSEXIT(c *CPU, op *Op) bool {
	if c.cr0&cr0PE == 0 || isNull(uint16(c.msr.sysenterCS)) || c.cpl != 0 {
		return c.raiseErr(excGP, 0)
	}
	cs := uint16(c.msr.sysenterCS)&^3 + 16
	c.setFlat(cs|3, (cs+8)|3, 3)
	c.r[regESP] = c.r[regECX]
	c.eip = c.r[regEDX]
	return true
}

// setFlat loads CS and SS with 4 GB segments without reading descriptors.
func (c *CPU) setFlat(cs, ss uint16, cpl uint8) {
	common := uint32(attrPresent | attrS | attrAccessed | attrDB | attrG | uint32(cpl)<<attrDPLShift)
	c.seg[segCS] = segment{sel: cs, limit: 0xffffffff, attr: common | typeCodeRX}
	c.seg[segCS].update()
	c.seg[segSS] = segment{sel: ss, limit: 0xffffffff, attr: common | typeDataRW}
	c.seg[segSS].update()
	c.setCPL(cpl)
}

func init() {
	def(kCPUID, "cpuid", 0, execCPUID)
	def(kRDTSC, "rdtsc", 0, execRDTSC)
	def(kRDPMC, "rdpmc", 0, execRDPMC)
	def(kRDMSR, "rdmsr", 0, execRDMSR)
	def(kWRMSR, "wrmsr", 0, execWRMSR)
	def(kSYSENTER, "sysenter", 0, execSYSENTER)
	def(kSYSEXIT, "sysexit", 0, execSYSEXIT)
}
