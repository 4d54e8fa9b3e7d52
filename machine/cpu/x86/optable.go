package x86

// encoding describes one opcode: what to read after it and which kind it is.
type encoding struct {
	kind Kind
	enc  encFlags
	sub  uint8
	// group, when not nil, gives the entry by ModRM.reg; enc and sub of this entry apply to all of it.
	group *[8]encoding
	// registers, when not nil, has by the low six bits of ModRM what the register form is.
	registers map[byte]encoding
	// long, when not nil, is the entry of 64-bit mode: no64, or what the opcode means there.
	long *encoding
}

type encFlags uint32

const (
	encModRM   encFlags = 1 << iota
	encByte             // operands of one byte
	encWord             // operands of two bytes whatever the prefixes
	encImm8             // an immediate byte, sign-extended
	encImm              // an immediate of the operand size
	encImm16            // an immediate of two bytes, before any other
	encRel8             // a displacement byte relative to the next instruction
	encRel              // the same of the operand size
	encReg              // a register in the opcode's low bits
	encCond             // a condition in the opcode's low bits
	encMoffs            // an offset of the address size
	encFar              // offset of the operand size, then a selector
	encMem              // the register form is undefined
	encRegOnly          // ModRM always names registers (control and debug registers)
	encLock             // LOCK is allowed on a memory destination
	encEnd              // ends the block
	encSSE              // the SSE family decodes it
	encFPU              // the x87 family decodes it
	encRep              // repeats with F3 and F2
	encByteRM           // the r/m operand alone has one byte
	encImm64            // with REX.W the immediate has 8 bytes
	encStack            // in 64-bit mode operands have 8 bytes where others have 4
	encNear             // in 64-bit mode they have 8 bytes, whatever the prefixes
	encNoREXW           // REX.W has no effect
	encF3               // undefined without F3
)

// no64 is the entry of what 64-bit mode lacks.
var no64 = &encoding{kind: kUD}

func group(e ...encoding) *[8]encoding {
	var g [8]encoding
	for i := range g {
		g[i].kind = kUD
		if i < len(e) && e[i].kind != 0 {
			g[i] = e[i]
		}
	}
	return &g
}

func sameGroup(first Kind) *[8]encoding {
	var g [8]encoding
	for i := range g {
		g[i].kind = first + Kind(i)
	}
	return &g
}

var (
	groupALU = func() *[8]encoding {
		g := sameGroup(kADD)
		for i := range 7 {
			g[i].enc = encLock
		}
		return g
	}()
	groupShift = sameGroup(kROL)

	groupF6 = group(
		encoding{kind: kTEST, enc: encImm, sub: formRMImm}, encoding{kind: kTEST, enc: encImm, sub: formRMImm},
		encoding{kind: kNOT, enc: encLock}, encoding{kind: kNEG, enc: encLock},
		encoding{kind: kMUL}, encoding{kind: kIMUL}, encoding{kind: kDIV}, encoding{kind: kIDIV})
	groupFE = group(encoding{kind: kINC, enc: encLock}, encoding{kind: kDEC, enc: encLock})
	groupFF = group(
		encoding{kind: kINC, enc: encLock}, encoding{kind: kDEC, enc: encLock},
		encoding{kind: kCALLRM, enc: encEnd | encNear}, encoding{kind: kCALLFarMem, enc: encEnd | encMem},
		encoding{kind: kJMPRM, enc: encEnd | encNear}, encoding{kind: kJMPFarMem, enc: encEnd | encMem},
		encoding{kind: kPUSHRM, enc: encStack})
	group8F  = group(encoding{kind: kPOPRM, enc: encStack})
	groupMOV = group(encoding{kind: kMOV, enc: encImm, sub: formRMImm})

	group0F00 = group(
		encoding{kind: kSLDT}, encoding{kind: kSTR}, encoding{kind: kLLDT, enc: encEnd}, encoding{kind: kLTR, enc: encEnd},
		encoding{kind: kVERR}, encoding{kind: kVERW})
	group0F01 = group(
		encoding{kind: kSGDT, enc: encMem | encNear}, encoding{kind: kSIDT, enc: encMem | encNear},
		encoding{kind: kLGDT, enc: encMem | encEnd | encNear}, encoding{kind: kLIDT, enc: encMem | encEnd | encNear},
		encoding{kind: kSMSW}, encoding{kind: kRSTORSSP, enc: encMem | encF3}, encoding{kind: kLMSW, enc: encEnd}, encoding{kind: kINVLPG, enc: encMem | encEnd})
	groupBT = group(
		encoding{}, encoding{}, encoding{}, encoding{},
		encoding{kind: kBT}, encoding{kind: kBTS, enc: encLock}, encoding{kind: kBTR, enc: encLock}, encoding{kind: kBTC, enc: encLock})
	// The register forms of 0F 01.
	registers0F01 = map[byte]encoding{
		0x0a: {kind: kCLAC}, 0x0b: {kind: kCLAC, sub: 1},
		0x10: {kind: kXGETBV}, 0x11: {kind: kXSETBV, enc: encEnd},
		0x2a: {kind: kSAVEPREVSSP, enc: encF3}, 0x2e: {kind: kRDPKRU}, 0x2f: {kind: kWRPKRU, enc: encEnd},
		0x38: {kind: kUD, long: &encoding{kind: kSWAPGS}}, 0x39: {kind: kRDTSCP},
	}
	group0FC7 = group(encoding{}, encoding{kind: kCMPXCHG8B, enc: encLock | encMem}, encoding{}, encoding{kind: kXRSTOR, enc: encMem, sub: xsaveCompact | xsaveSupervisor},
		encoding{kind: kXSAVE, enc: encMem, sub: xsaveCompact}, encoding{kind: kXSAVE, enc: encMem, sub: xsaveCompact | xsaveSupervisor})
)

// oneByte and twoByte (after 0F) are the opcode maps (SDM vol. 2 appendix A).
var oneByte, twoByte = buildOneByte(), buildTwoByte()

func buildOneByte() *[256]encoding {
	var t [256]encoding
	for i := range t {
		t[i].kind = kUD
	}
	for i := range 8 { // the ALU block 00-3F
		o, k := i<<3, kADD+Kind(i)
		lock := encLock
		if k == kCMP {
			lock = 0
		}
		t[o] = encoding{kind: k, enc: encModRM | encByte | lock, sub: formRMReg}
		t[o+1] = encoding{kind: k, enc: encModRM | lock, sub: formRMReg}
		t[o+2] = encoding{kind: k, enc: encModRM | encByte, sub: formRegRM}
		t[o+3] = encoding{kind: k, enc: encModRM, sub: formRegRM}
		t[o+4] = encoding{kind: k, enc: encByte | encImm, sub: formRegImm}
		t[o+5] = encoding{kind: k, enc: encImm, sub: formRegImm}
	}
	for i, seg := range []uint8{segES, segCS, segSS, segDS} {
		t[0x06+i*8] = encoding{kind: kPUSHSeg, sub: seg, long: no64}
		if seg != segCS {
			t[0x07+i*8] = encoding{kind: kPOPSeg, enc: encEnd, sub: seg, long: no64}
		}
	}
	t[0x27], t[0x2f] = encoding{kind: kDAA, long: no64}, encoding{kind: kDAS, long: no64}
	t[0x37], t[0x3f] = encoding{kind: kAAA, long: no64}, encoding{kind: kAAS, long: no64}
	for i := range 8 {
		t[0x40+i] = encoding{kind: kINC, enc: encReg}
		t[0x48+i] = encoding{kind: kDEC, enc: encReg}
		t[0x50+i] = encoding{kind: kPUSHReg, enc: encReg | encStack}
		t[0x58+i] = encoding{kind: kPOPReg, enc: encReg | encStack}
		t[0x90+i] = encoding{kind: kXCHG, enc: encReg, sub: formRegImm}
		t[0xb0+i] = encoding{kind: kMOV, enc: encReg | encByte | encImm, sub: formRegImm}
		t[0xb8+i] = encoding{kind: kMOV, enc: encReg | encImm | encImm64, sub: formRegImm}
		t[0xd8+i] = encoding{enc: encFPU | encModRM}
	}
	t[0x60], t[0x61] = encoding{kind: kPUSHA, long: no64}, encoding{kind: kPOPA, long: no64}
	t[0x62] = encoding{kind: kBOUND, enc: encModRM | encMem, long: no64}
	t[0x63] = encoding{kind: kARPL, enc: encModRM | encWord, long: &encoding{kind: kMOVSX32, enc: encModRM}}
	t[0x68] = encoding{kind: kPUSHImm, enc: encImm | encStack}
	t[0x69] = encoding{kind: kIMULRegRMImm, enc: encModRM | encImm}
	t[0x6a] = encoding{kind: kPUSHImm, enc: encImm8 | encStack}
	t[0x6b] = encoding{kind: kIMULRegRMImm, enc: encModRM | encImm8}
	t[0x6c] = encoding{kind: kINS, enc: encByte | encEnd | encRep}
	t[0x6d] = encoding{kind: kINS, enc: encEnd | encRep | encNoREXW}
	t[0x6e] = encoding{kind: kOUTS, enc: encByte | encEnd | encRep}
	t[0x6f] = encoding{kind: kOUTS, enc: encEnd | encRep | encNoREXW}
	for i := range 16 {
		t[0x70+i] = encoding{kind: kJcc, enc: encRel8 | encCond | encNear}
	}
	t[0x80] = encoding{enc: encModRM | encByte | encImm, sub: formRMImm, group: groupALU}
	t[0x81] = encoding{enc: encModRM | encImm, sub: formRMImm, group: groupALU}
	t[0x82] = t[0x80]
	t[0x82].long = no64
	t[0x83] = encoding{enc: encModRM | encImm8, sub: formRMImm, group: groupALU}
	t[0x84] = encoding{kind: kTEST, enc: encModRM | encByte, sub: formRMReg}
	t[0x85] = encoding{kind: kTEST, enc: encModRM, sub: formRMReg}
	t[0x86] = encoding{kind: kXCHG, enc: encModRM | encByte | encLock, sub: formRMReg}
	t[0x87] = encoding{kind: kXCHG, enc: encModRM | encLock, sub: formRMReg}
	t[0x88] = encoding{kind: kMOV, enc: encModRM | encByte, sub: formRMReg}
	t[0x89] = encoding{kind: kMOV, enc: encModRM, sub: formRMReg}
	t[0x8a] = encoding{kind: kMOV, enc: encModRM | encByte, sub: formRegRM}
	t[0x8b] = encoding{kind: kMOV, enc: encModRM, sub: formRegRM}
	t[0x8c] = encoding{kind: kMOVFromSeg, enc: encModRM}
	t[0x8d] = encoding{kind: kLEA, enc: encModRM | encMem}
	t[0x8e] = encoding{kind: kMOVToSeg, enc: encModRM | encWord | encEnd}
	t[0x8f] = encoding{enc: encModRM, group: group8F}
	t[0x98], t[0x99] = encoding{kind: kCBW}, encoding{kind: kCWD}
	t[0x9a] = encoding{kind: kCALLFar, enc: encFar | encEnd, long: no64}
	t[0x9b] = encoding{enc: encFPU}
	t[0x9c], t[0x9d] = encoding{kind: kPUSHF, enc: encStack}, encoding{kind: kPOPF, enc: encEnd | encStack}
	t[0x9e], t[0x9f] = encoding{kind: kSAHF}, encoding{kind: kLAHF}
	t[0xa0] = encoding{kind: kMOV, enc: encByte | encMoffs, sub: formAccMem}
	t[0xa1] = encoding{kind: kMOV, enc: encMoffs, sub: formAccMem}
	t[0xa2] = encoding{kind: kMOV, enc: encByte | encMoffs, sub: formMemAcc}
	t[0xa3] = encoding{kind: kMOV, enc: encMoffs, sub: formMemAcc}
	t[0xa8] = encoding{kind: kTEST, enc: encByte | encImm, sub: formRegImm}
	t[0xa9] = encoding{kind: kTEST, enc: encImm, sub: formRegImm}
	for i, k := range []Kind{0xa4: kMOVS, 0xa6: kCMPS, 0xaa: kSTOS, 0xac: kLODS, 0xae: kSCAS} {
		if k != 0 {
			t[i] = encoding{kind: k, enc: encByte | encRep}
			t[i+1] = encoding{kind: k, enc: encRep}
		}
	}
	t[0xc0] = encoding{enc: encModRM | encByte | encImm8, sub: formRMImm, group: groupShift}
	t[0xc1] = encoding{enc: encModRM | encImm8, sub: formRMImm, group: groupShift}
	t[0xc2] = encoding{kind: kRET, enc: encImm16 | encEnd | encNear}
	t[0xc3] = encoding{kind: kRET, enc: encEnd | encNear}
	t[0xc4] = encoding{kind: kLoadFar, enc: encModRM | encMem | encEnd, sub: segES, long: no64}
	t[0xc5] = encoding{kind: kLoadFar, enc: encModRM | encMem | encEnd, sub: segDS, long: no64}
	t[0xc6] = encoding{enc: encModRM | encByte, group: groupMOV}
	t[0xc7] = encoding{enc: encModRM, group: groupMOV}
	t[0xc8] = encoding{kind: kENTER, enc: encImm16 | encImm8 | encStack}
	t[0xc9] = encoding{kind: kLEAVE, enc: encStack}
	t[0xca] = encoding{kind: kRETF, enc: encImm16 | encEnd}
	t[0xcb] = encoding{kind: kRETF, enc: encEnd}
	t[0xcc] = encoding{kind: kINT3, enc: encEnd}
	t[0xcd] = encoding{kind: kINT, enc: encImm8 | encEnd}
	t[0xce] = encoding{kind: kINTO, enc: encEnd, long: no64}
	t[0xcf] = encoding{kind: kIRET, enc: encEnd}
	t[0xd0] = encoding{enc: encModRM | encByte, sub: formRMOne, group: groupShift}
	t[0xd1] = encoding{enc: encModRM, sub: formRMOne, group: groupShift}
	t[0xd2] = encoding{enc: encModRM | encByte, sub: formRMCL, group: groupShift}
	t[0xd3] = encoding{enc: encModRM, sub: formRMCL, group: groupShift}
	t[0xd4] = encoding{kind: kAAM, enc: encImm8, long: no64}
	t[0xd5] = encoding{kind: kAAD, enc: encImm8, long: no64}
	t[0xd6] = encoding{kind: kSALC, long: no64}
	t[0xd7] = encoding{kind: kXLAT}
	t[0xe0] = encoding{kind: kLOOPNE, enc: encRel8 | encEnd | encNear}
	t[0xe1] = encoding{kind: kLOOPE, enc: encRel8 | encEnd | encNear}
	t[0xe2] = encoding{kind: kLOOP, enc: encRel8 | encEnd | encNear}
	t[0xe3] = encoding{kind: kJCXZ, enc: encRel8 | encEnd | encNear}
	t[0xe4] = encoding{kind: kIN, enc: encByte | encImm8 | encEnd, sub: formRegImm}
	t[0xe5] = encoding{kind: kIN, enc: encImm8 | encEnd | encNoREXW, sub: formRegImm}
	t[0xe6] = encoding{kind: kOUT, enc: encByte | encImm8 | encEnd, sub: formRegImm}
	t[0xe7] = encoding{kind: kOUT, enc: encImm8 | encEnd | encNoREXW, sub: formRegImm}
	t[0xe8] = encoding{kind: kCALL, enc: encRel | encEnd | encNear}
	t[0xe9] = encoding{kind: kJMP, enc: encRel | encEnd | encNear}
	t[0xea] = encoding{kind: kJMPFar, enc: encFar | encEnd, long: no64}
	t[0xeb] = encoding{kind: kJMP, enc: encRel8 | encEnd | encNear}
	t[0xec] = encoding{kind: kIN, enc: encByte | encEnd}
	t[0xed] = encoding{kind: kIN, enc: encEnd | encNoREXW}
	t[0xee] = encoding{kind: kOUT, enc: encByte | encEnd}
	t[0xef] = encoding{kind: kOUT, enc: encEnd | encNoREXW}
	t[0xf1] = encoding{kind: kINT1, enc: encEnd}
	t[0xf4] = encoding{kind: kHLT, enc: encEnd}
	t[0xf5] = encoding{kind: kCMC}
	t[0xf6] = encoding{enc: encModRM | encByte, group: groupF6}
	t[0xf7] = encoding{enc: encModRM, group: groupF6}
	t[0xf8], t[0xf9] = encoding{kind: kCLC}, encoding{kind: kSTC}
	t[0xfa], t[0xfb] = encoding{kind: kCLI, enc: encEnd}, encoding{kind: kSTI, enc: encEnd}
	t[0xfc], t[0xfd] = encoding{kind: kCLD}, encoding{kind: kSTD}
	t[0xfe] = encoding{enc: encModRM | encByte, group: groupFE}
	t[0xff] = encoding{enc: encModRM, group: groupFF}
	return &t
}

func buildTwoByte() *[256]encoding {
	var t [256]encoding
	for i := range t {
		t[i].kind = kUD
	}
	t[0x00] = encoding{enc: encModRM, group: group0F00}
	t[0x01] = encoding{enc: encModRM, group: group0F01, registers: registers0F01}
	t[0x02] = encoding{kind: kLAR, enc: encModRM}
	t[0x03] = encoding{kind: kLSL, enc: encModRM}
	t[0x06] = encoding{kind: kCLTS, enc: encEnd}
	t[0x08], t[0x09] = encoding{kind: kINVD, enc: encEnd}, encoding{kind: kWBINVD, enc: encEnd}
	t[0x0d] = encoding{kind: kNOPRM, enc: encModRM}
	for i := 0x18; i < 0x20; i++ { // PREFETCHh and the hint NOPs
		t[i] = encoding{kind: kNOPRM, enc: encModRM}
	}
	t[0x05] = encoding{kind: kUD, long: &encoding{kind: kSYSCALL, enc: encEnd}}
	t[0x07] = encoding{kind: kUD, long: &encoding{kind: kSYSRET, enc: encEnd}}
	t[0x20] = encoding{kind: kMOVFromCR, enc: encModRM | encRegOnly | encNear}
	t[0x21] = encoding{kind: kMOVFromDR, enc: encModRM | encRegOnly | encNear}
	t[0x22] = encoding{kind: kMOVToCR, enc: encModRM | encRegOnly | encEnd | encNear}
	t[0x23] = encoding{kind: kMOVToDR, enc: encModRM | encRegOnly | encEnd | encNear}
	t[0x30] = encoding{kind: kWRMSR, enc: encEnd}
	t[0x31] = encoding{kind: kRDTSC}
	t[0x32] = encoding{kind: kRDMSR}
	t[0x33] = encoding{kind: kRDPMC}
	t[0x34] = encoding{kind: kSYSENTER, enc: encEnd}
	t[0x35] = encoding{kind: kSYSEXIT, enc: encEnd}
	for i := range 16 {
		t[0x40+i] = encoding{kind: kCMOVcc, enc: encModRM | encCond}
		t[0x80+i] = encoding{kind: kJcc, enc: encRel | encCond | encNear}
		t[0x90+i] = encoding{kind: kSETcc, enc: encModRM | encByte | encCond}
	}
	sse := encoding{enc: encSSE}
	for _, r := range [][2]int{{0x10, 0x17}, {0x28, 0x2f}, {0x50, 0x7f}, {0x38, 0x38}, {0x3a, 0x3a}, {0xae, 0xae}, {0xc2, 0xc6}, {0xd0, 0xfe}} {
		for i := r[0]; i <= r[1]; i++ {
			t[i] = sse
		}
	}
	t[0xa0] = encoding{kind: kPUSHSeg, enc: encStack, sub: segFS}
	t[0xa1] = encoding{kind: kPOPSeg, enc: encEnd | encStack, sub: segFS}
	t[0xa2] = encoding{kind: kCPUID}
	t[0xa3] = encoding{kind: kBT, enc: encModRM, sub: formRMReg}
	t[0xa4] = encoding{kind: kSHLD, enc: encModRM | encImm8, sub: formRMImm}
	t[0xa5] = encoding{kind: kSHLD, enc: encModRM, sub: formRMCL}
	t[0xa8] = encoding{kind: kPUSHSeg, enc: encStack, sub: segGS}
	t[0xa9] = encoding{kind: kPOPSeg, enc: encEnd | encStack, sub: segGS}
	t[0xab] = encoding{kind: kBTS, enc: encModRM | encLock, sub: formRMReg}
	t[0xac] = encoding{kind: kSHRD, enc: encModRM | encImm8, sub: formRMImm}
	t[0xad] = encoding{kind: kSHRD, enc: encModRM, sub: formRMCL}
	t[0xaf] = encoding{kind: kIMULRegRM, enc: encModRM}
	t[0xb0] = encoding{kind: kCMPXCHG, enc: encModRM | encByte | encLock}
	t[0xb1] = encoding{kind: kCMPXCHG, enc: encModRM | encLock}
	t[0xb2] = encoding{kind: kLoadFar, enc: encModRM | encMem | encEnd, sub: segSS}
	t[0xb3] = encoding{kind: kBTR, enc: encModRM | encLock, sub: formRMReg}
	t[0xb4] = encoding{kind: kLoadFar, enc: encModRM | encMem | encEnd, sub: segFS}
	t[0xb5] = encoding{kind: kLoadFar, enc: encModRM | encMem | encEnd, sub: segGS}
	t[0xb6] = encoding{kind: kMOVZX8, enc: encModRM | encByteRM}
	t[0xb7] = encoding{kind: kMOVZX16, enc: encModRM}
	t[0xb8] = encoding{kind: kPOPCNT, enc: encModRM | encF3}
	t[0xb9] = encoding{kind: kUD, enc: encModRM}
	t[0xba] = encoding{enc: encModRM | encImm8, sub: formRMImm, group: groupBT}
	t[0xbb] = encoding{kind: kBTC, enc: encModRM | encLock, sub: formRMReg}
	t[0xbc] = encoding{kind: kBSF, enc: encModRM}
	t[0xbd] = encoding{kind: kBSR, enc: encModRM}
	t[0xbe] = encoding{kind: kMOVSX8, enc: encModRM | encByteRM}
	t[0xbf] = encoding{kind: kMOVSX16, enc: encModRM}
	t[0xc0] = encoding{kind: kXADD, enc: encModRM | encByte | encLock}
	t[0xc1] = encoding{kind: kXADD, enc: encModRM | encLock}
	t[0xc7] = encoding{enc: encModRM, group: group0FC7}
	for i := range 8 {
		t[0xc8+i] = encoding{kind: kBSWAP, enc: encReg}
	}
	return &t
}
