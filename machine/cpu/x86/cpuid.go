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

// What processors with long mode announce beside that.
const (
	longSignature = 0x000106a5 // family 6, model 26, stepping 5: the first that was x86-64-v2

	// Leaf 1, ECX.
	featCX16    = 1 << 13
	featPCID    = 1 << 17
	featXSAVE   = 1 << 26
	featOSXSAVE = 1 << 27

	// Leaf 7, EBX and ECX.
	leafFeatures = 7
	featFSGSBASE = 1 << 0
	featSMEP     = 1 << 7
	featINVPCID  = 1 << 10
	featSMAP     = 1 << 20
	featUMIP     = 1 << 2
	featPKU      = 1 << 3
	featOSPKE    = 1 << 4
	featShadow   = 1 << 7

	leafXSAVE = 13

	// Leaf 0x80000001, ECX and EDX.
	featLAHF     = 1 << 0
	featSYSCALL  = 1 << 11
	featGigabyte = 1 << 26
	featRDTSCP   = 1 << 27
	featLM       = 1 << 29
)

// The leaves by which a hypervisor tells a guest who it is and what it would have to measure: the convention that Linux, VMware and KVM share.
const (
	leafHypervisor = 0x40000000
	leafTiming     = 0x40000010 // EAX is the frequency of the time-stamp counter in kHz

	tscKHz = 1_000_000 // it counts nanoseconds
)

func execCPUID(c *CPU, op *Op) bool {
	leaf, last := uint32(c.r[regEAX]), uint32(2)
	if c.cfg.Long {
		last = leafXSAVE
	}
	switch {
	case leaf >= leafHypervisor && leaf <= leafTiming:
	case leaf >= 0x80000000 && leaf <= 0x80000008:
	case leaf > last:
		leaf = last
	}
	r := c.commonLeaf(leaf)
	if c.cfg.Long {
		c.longLeaf(leaf, &r)
	}
	c.r[regEAX], c.r[regEBX], c.r[regECX], c.r[regEDX] = uint64(r.a), uint64(r.b), uint64(r.c), uint64(r.d)
	return true
}

// leaf is what CPUID returns.
type leaf struct{ a, b, c, d uint32 }

func (c *CPU) commonLeaf(n uint32) (r leaf) {
	switch n {
	case 0:
		return leaf{2, 0x756e6547, 0x6c65746e, 0x49656e69} // GenuineIntel
	case 1:
		return leaf{cpuSignature, 8 << 8, featuresC, features} // a CLFLUSH line is 8*8 bytes
	case 2:
		return leaf{a: 0x00000001} // no cache or TLB descriptors
	case leafHypervisor:
		return leaf{leafTiming, word("fork"), word("scop"), word("e\x00\x00\x00")}
	case leafTiming:
		return leaf{a: tscKHz}
	case 0x80000000:
		return leaf{a: 0x80000008}
	case 0x80000001:
		return leaf{d: featNX}
	case 0x80000002:
		return leaf{word("fork"), word("scop"), word("e vi"), word("rtua")}
	case 0x80000003:
		return leaf{word("l P6"), word(" + S"), word("SE4."), word("2\x00\x00\x00")}
	case 0x80000008:
		return leaf{a: 32<<8 | 36}
	}
	return r
}

// longLeaf changes a leaf into that of a processor with long mode.
func (c *CPU) longLeaf(n uint32, r *leaf) {
	switch n {
	case 0:
		r.a = leafXSAVE
	case 1:
		r.a = longSignature
		r.c |= featCX16 | featPCID | featXSAVE
		if c.cr4&cr4OSXSAVE != 0 {
			r.c |= featOSXSAVE
		}
	case leafFeatures:
		if uint32(c.r[regECX]) == 0 {
			r.b = featFSGSBASE | featSMEP | featINVPCID | featSMAP
			r.c = featUMIP | featPKU | featShadow
			if c.cr4&cr4PKE != 0 {
				r.c |= featOSPKE
			}
		}
	case leafXSAVE:
		*r = c.xsaveLeaf(uint32(c.r[regECX]))
	case 0x80000001:
		r.c = featLAHF
		r.d |= featSYSCALL | featGigabyte | featRDTSCP | featLM
	case 0x80000003:
		*r = leaf{word("l x8"), word("6-64"), word("-v2\x00"), 0}
	case 0x80000008:
		r.a = 48<<8 | physicalBits
	}
}

func word(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// msrs are the model-specific registers that are kept in the CPU.
type msrs struct {
	tscOffset                            uint64 // what WRMSR made the difference to the clock
	apicBase                             uint64
	sysenterCS, sysenterESP, sysenterEIP uint64
	pat                                  uint64
	miscEnable                           uint64
	star, lstar, cstar, fmask            uint64
	kernelGSBase, tscAux                 uint64
	userCET                              uint64
	ssp                                  [4]uint64 // of privilege levels
	sspTable                             uint64
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
	msrXSS         = 0xda0
	msrUserCET     = 0x6a0
	msrKernelCET   = 0x6a2
	msrPL0SSP      = 0x6a4
	msrPL3SSP      = 0x6a7
	msrSSPTable    = 0x6a8
	msrEFER        = 0xc0000080
	msrSTAR        = 0xc0000081
	msrLSTAR       = 0xc0000082
	msrCSTAR       = 0xc0000083
	msrFMASK       = 0xc0000084
	msrFSBase      = 0xc0000100
	msrGSBase      = 0xc0000101
	msrKernelGS    = 0xc0000102
	msrTSCAux      = 0xc0000103
)

// tsc is the time-stamp counter: the clock's nanoseconds, exact in the middle of a block.
func (c *CPU) tsc() uint64 {
	return c.clk.At(c.base+uint64(c.idx)) + c.msr.tscOffset
}

// pair is EDX:EAX.
func (c *CPU) pair() uint64 { return c.r[regEDX]<<32 | uint64(uint32(c.r[regEAX])) }

func (c *CPU) setPair(v uint64) { c.r[regEDX], c.r[regEAX] = v>>32, uint64(uint32(v)) }

func execRDTSC(c *CPU, op *Op) bool {
	if c.cr4&cr4TSD != 0 && c.cpl != 0 {
		return c.raiseErr(excGP, 0)
	}
	t := c.tsc()
	c.setPair(t)
	return true
}

// execRDPMC: the two counters of the P6 count nothing.
func execRDPMC(c *CPU, op *Op) bool {
	if c.cr0&cr0PE != 0 && c.cr4&cr4PCE == 0 && c.cpl != 0 || uint32(c.r[regECX]) > 1 {
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
	switch uint32(c.r[regECX]) {
	case msrTSC:
		v = c.tsc()
	case msrAPICBase:
		v = c.msr.apicBase
	case msrPlatformID, msrBIOSSign:
	case msrXSS, msrKernelCET: // no component is the supervisor's, and it has no shadow stack
		if !c.cfg.Long {
			return c.raiseErr(excGP, 0)
		}
	case msrSysenterCS:
		v = c.msr.sysenterCS
	case msrSysenterESP:
		v = c.msr.sysenterESP
	case msrSysenterEIP:
		v = c.msr.sysenterEIP
	case msrMiscEnable:
		v = c.msr.miscEnable
	case msrPAT:
		v = c.msr.pat
	case msrEFER:
		v = c.efer
	case msrFSBase, msrGSBase:
		if !c.cfg.Long {
			return c.raiseErr(excGP, 0)
		}
		v = c.seg[segFS+uint32(c.r[regECX])-msrFSBase].base
	default:
		p := c.longMSR(uint32(c.r[regECX]))
		if p == nil {
			return c.raiseErr(excGP, 0)
		}
		v = *p
	}
	c.setPair(v)
	return true
}

// longMSR returns a register that processors with long mode have, or nil.
func (c *CPU) longMSR(n uint32) *uint64 {
	if !c.cfg.Long {
		return nil
	}
	switch n {
	case msrSTAR:
		return &c.msr.star
	case msrLSTAR:
		return &c.msr.lstar
	case msrCSTAR:
		return &c.msr.cstar
	case msrFMASK:
		return &c.msr.fmask
	case msrKernelGS:
		return &c.msr.kernelGSBase
	case msrUserCET:
		return &c.msr.userCET
	case msrPL0SSP, msrPL0SSP + 1, msrPL0SSP + 2, msrPL3SSP:
		return &c.msr.ssp[n-msrPL0SSP]
	case msrSSPTable:
		return &c.msr.sspTable
	case msrTSCAux:
		return &c.msr.tscAux
	}
	return nil
}

func execWRMSR(c *CPU, op *Op) bool {
	if !c.privileged() {
		return false
	}
	v := c.pair()
	switch uint32(c.r[regECX]) {
	case msrTSC:
		c.msr.tscOffset += v - c.tsc()
	case msrAPICBase:
		c.msr.apicBase = v
	case msrBIOSSign:
	case msrXSS, msrKernelCET:
		if !c.cfg.Long || v != 0 {
			return c.raiseErr(excGP, 0)
		}
	case msrSysenterCS:
		c.msr.sysenterCS = uint64(uint32(v))
	case msrSysenterESP, msrSysenterEIP:
		if !c.cfg.Long {
			v = uint64(uint32(v))
		}
		if !canonical(v) {
			return c.raiseErr(excGP, 0)
		}
		if uint32(c.r[regECX]) == msrSysenterESP {
			c.msr.sysenterESP = v
		} else {
			c.msr.sysenterEIP = v
		}
	case msrMiscEnable:
		c.msr.miscEnable = v
	case msrPAT:
		c.msr.pat = v
	case msrEFER:
		return c.setEFER(v)
	default:
		return c.setLongMSR(uint32(c.r[regECX]), v)
	}
	return true
}

// setEFER checks and sets EFER, whose LMA is the processor's.
func (c *CPU) setEFER(v uint64) bool {
	writable := uint64(eferNXE)
	if c.cfg.Long {
		writable |= eferSCE | eferLME
	}
	v &^= eferLMA
	if v&^writable != 0 || (v^c.efer)&eferLME != 0 && c.cr0&cr0PG != 0 {
		return c.raiseErr(excGP, 0)
	}
	c.efer = v | c.efer&eferLMA
	c.flushTLB()
	return true
}

func (c *CPU) setLongMSR(n uint32, v uint64) bool {
	p := c.longMSR(n)
	switch n {
	case msrFSBase, msrGSBase, msrLSTAR, msrCSTAR, msrKernelGS, msrSSPTable:
		if !canonical(v) {
			p = nil
		}
	case msrPL0SSP, msrPL0SSP + 1, msrPL0SSP + 2, msrPL3SSP:
		if !canonical(v) || v&3 != 0 {
			p = nil
		}
	case msrUserCET:
		if v&^cetWritable != 0 {
			p = nil
		}
	case msrFMASK, msrTSCAux:
		if v>>32 != 0 {
			p = nil
		}
	}
	switch {
	case (n == msrFSBase || n == msrGSBase) && c.cfg.Long && canonical(v):
		c.setBase(uint8(segFS+n-msrFSBase), v)
	case p == nil:
		return c.raiseErr(excGP, 0)
	case n == msrUserCET:
		c.setUserCET(v)
	default:
		*p = v
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
	cs, m := uint16(c.msr.sysenterCS)&^3, mode32
	if c.long() {
		m = mode64
	}
	c.setFlat(cs, cs+8, 0, m)
	c.r[regESP] = c.msr.sysenterESP & c.mask
	c.ip = c.msr.sysenterEIP & c.mask
	return true
}

func execSYSEXIT(c *CPU, op *Op) bool {
	if c.cr0&cr0PE == 0 || isNull(uint16(c.msr.sysenterCS)) || c.cpl != 0 {
		return c.raiseErr(excGP, 0)
	}
	cs, m := uint16(c.msr.sysenterCS)&^3+16, mode32
	if op.Size == 8 {
		if !canonical(c.r[regECX]) || !canonical(c.r[regEDX]) {
			return c.raiseErr(excGP, 0)
		}
		cs, m = cs+16, mode64
	}
	c.setFlat(cs|3, (cs+8)|3, 3, m)
	c.r[regESP] = c.r[regECX] & c.mask
	c.ip = c.r[regEDX] & c.mask
	return true
}

// setFlat loads CS and SS with 4 GB segments, for code of mode32 or mode64, without reading descriptors.
func (c *CPU) setFlat(cs, ss uint16, cpl uint8, m mode) {
	common := uint32(attrPresent | attrS | attrAccessed | attrDB | attrG | uint32(cpl)<<attrDPLShift)
	c.seg[segCS] = segment{sel: cs, limit: 0xffffffff, attr: common | typeCodeRX}
	if m == mode64 {
		c.seg[segCS].attr ^= attrDB | attrL
	}
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
