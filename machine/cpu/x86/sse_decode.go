package x86

// Kinds of SSE and SSE2 instructions on XMM registers.
const (
	kSSEMovA = kindSSE + iota
	kSSEMovU
	kSSEMovAStore
	kSSEMovUStore
	kSSEMovNT
	kSSEMovSS
	kSSEMovSSStore
	kSSEMovSD
	kSSEMovSDStore
	kSSEMovLP // MOVLPS/MOVLPD, MOVHLPS
	kSSEMovLPStore
	kSSEMovHP // MOVHPS/MOVHPD, MOVLHPS
	kSSEMovHPStore
	kSSEMovQ
	kSSEMovQStore
	kSSEMovD
	kSSEMovDStore
	kSSEMovQ2DQ
	kSSEMovDQ2Q
	kSSEMovNTI
	kSSEMovMskPS
	kSSEMovMskPD
	kSSEUnpckLPS
	kSSEUnpckHPS
	kSSEUnpckLPD
	kSSEUnpckHPD
	kSSEShufPS
	kSSEShufPD
	kSSEArithPS // Sub: operation
	kSSEArithPD
	kSSEArithSS
	kSSEArithSD
	kSSECmpPS
	kSSECmpPD
	kSSECmpSS
	kSSECmpSD
	kSSEComISS // Sub 1: quiet (UCOMISS)
	kSSEComISD
	kSSERcpPS // Sub 1: RSQRTPS
	kSSERcpSS
	kSSECvtPI2PS
	kSSECvtPI2PD
	kSSECvtSI2SS
	kSSECvtSI2SD
	kSSECvtPS2PI // Sub 1: truncates
	kSSECvtPD2PI
	kSSECvtSS2SI
	kSSECvtSD2SI
	kSSECvtPS2PD
	kSSECvtPD2PS
	kSSECvtSS2SD
	kSSECvtSD2SS
	kSSECvtDQ2PS
	kSSECvtPS2DQ // Sub 1: truncates
	kSSECvtDQ2PD
	kSSECvtPD2DQ
	kSSELane
	kSSEUnpackLow
	kSSEUnpackHigh
	kSSEPack
	kSSEShift
	kSSEShiftImm
	kSSEShiftBytes // Sub 1: left
	kSSEShufD
	kSSEShufLW
	kSSEShufHW
	kSSEInsW
	kSSEExtW
	kSSEMask
	kSSEMaskMov
	kFXSave
	kFXRstor
	kLdMXCSR
	kStMXCSR
	kFence
	kCLFlush
)

// Floating-point operations, the Sub of kSSEArith*; opcode 0F 51 and 0F 58-5F.
const (
	sseSqrt = iota
	sseAdd
	sseMul
	sseSub
	sseMin
	sseDiv
	sseMax
)

// Operand forms.
const (
	formImm  = 1 << iota // an immediate byte follows
	formMem              // memory only
	formReg              // register only
	formNoRM             // no ModRM
	formByte             // the operand is a byte
)

type sseForm struct {
	kind Kind
	sub  uint8
	form uint8
}

// sseMap is a map of opcodes, by mandatory prefix.
type sseMap [4][256]sseForm

// Mandatory prefixes: none, 66, F3, F2.
const (
	np = iota
	p66
	pF3
	pF2
)

func (t *sseMap) put(prefix int, opcode uint8, kind Kind, sub, form uint8) {
	if t[prefix][opcode].kind != 0 {
		panic("BUG: SSE opcode defined twice")
	}
	t[prefix][opcode] = sseForm{kind, sub, form}
}

// sseForms are the instructions 0F xx.
var sseForms = buildSSEForms()

func buildSSEForms() (t sseMap) {
	put := t.put
	both := func(opcode uint8, kind Kind, sub, form uint8) {
		put(np, opcode, kind, sub, form)
		put(p66, opcode, kind, sub, form)
	}
	four := func(opcode uint8, ps, pd, ss, sd Kind, sub, form uint8) {
		for i, k := range []Kind{ps, pd, ss, sd} {
			if k != 0 {
				put(i, opcode, k, sub, form)
			}
		}
	}
	four(0x10, kSSEMovU, kSSEMovU, kSSEMovSS, kSSEMovSD, 0, 0)
	four(0x11, kSSEMovUStore, kSSEMovUStore, kSSEMovSSStore, kSSEMovSDStore, 0, 0)
	put(np, 0x12, kSSEMovLP, 0, 0)
	put(p66, 0x12, kSSEMovLP, 0, formMem)
	put(pF3, 0x12, kSSEMovDup32, 0xa0, 0)
	put(pF2, 0x12, kSSEMovDup64, 0, 0)
	both(0x13, kSSEMovLPStore, 0, formMem)
	four(0x14, kSSEUnpckLPS, kSSEUnpckLPD, 0, 0, 0, 0)
	four(0x15, kSSEUnpckHPS, kSSEUnpckHPD, 0, 0, 0, 0)
	put(np, 0x16, kSSEMovHP, 0, 0)
	put(p66, 0x16, kSSEMovHP, 0, formMem)
	put(pF3, 0x16, kSSEMovDup32, 0xf5, 0)
	both(0x17, kSSEMovHPStore, 0, formMem)
	both(0x28, kSSEMovA, 0, 0)
	both(0x29, kSSEMovAStore, 0, 0)
	four(0x2a, kSSECvtPI2PS, kSSECvtPI2PD, kSSECvtSI2SS, kSSECvtSI2SD, 0, 0)
	both(0x2b, kSSEMovNT, 0, formMem)
	four(0x2c, kSSECvtPS2PI, kSSECvtPD2PI, kSSECvtSS2SI, kSSECvtSD2SI, 1, 0)
	four(0x2d, kSSECvtPS2PI, kSSECvtPD2PI, kSSECvtSS2SI, kSSECvtSD2SI, 0, 0)
	four(0x2e, kSSEComISS, kSSEComISD, 0, 0, 1, 0)
	four(0x2f, kSSEComISS, kSSEComISD, 0, 0, 0, 0)
	four(0x50, kSSEMovMskPS, kSSEMovMskPD, 0, 0, 0, formReg)
	four(0x52, kSSERcpPS, 0, kSSERcpSS, 0, 1, 0)
	four(0x53, kSSERcpPS, 0, kSSERcpSS, 0, 0, 0)
	for opcode, sub := range map[uint8]uint8{0x51: sseSqrt, 0x58: sseAdd, 0x59: sseMul, 0x5c: sseSub, 0x5d: sseMin, 0x5e: sseDiv, 0x5f: sseMax} {
		four(opcode, kSSEArithPS, kSSEArithPD, kSSEArithSS, kSSEArithSD, sub, 0)
	}
	for opcode, sub := range map[uint8]uint8{0x54: lanePAnd, 0x55: lanePAndN, 0x56: lanePOr, 0x57: lanePXor} {
		both(opcode, kSSELane, sub, 0)
	}
	four(0x5a, kSSECvtPS2PD, kSSECvtPD2PS, kSSECvtSS2SD, kSSECvtSD2SS, 0, 0)
	put(np, 0x5b, kSSECvtDQ2PS, 0, 0)
	put(p66, 0x5b, kSSECvtPS2DQ, 0, 0)
	put(pF3, 0x5b, kSSECvtPS2DQ, 1, 0)
	four(0xc2, kSSECmpPS, kSSECmpPD, kSSECmpSS, kSSECmpSD, 0, formImm)
	put(np, 0xc3, kSSEMovNTI, 0, formMem)
	four(0xc6, kSSEShufPS, kSSEShufPD, 0, 0, 0, formImm)
	four(0x7c, 0, kSSEHAddPD, 0, kSSEHAddPS, sseAdd, 0)
	four(0x7d, 0, kSSEHAddPD, 0, kSSEHAddPS, sseSub, 0)
	four(0xd0, 0, kSSEAddSubPD, 0, kSSEAddSubPS, 0, 0)
	put(pF2, 0xf0, kSSEMovU, 0, formMem) // LDDQU
	put(p66, 0xe6, kSSECvtPD2DQ, 1, 0)
	put(pF3, 0xe6, kSSECvtDQ2PD, 0, 0)
	put(pF2, 0xe6, kSSECvtPD2DQ, 0, 0)

	// Integers, on MMX registers and with 66 on XMM registers.
	pair := func(opcode uint8, mmx, xmm Kind, sub, form uint8) {
		put(np, opcode, mmx, sub, form)
		put(p66, opcode, xmm, sub, form)
	}
	for opcode, sub := range laneOpcodes {
		pair(opcode, kMMXLane, kSSELane, sub, 0)
	}
	for i := range uint8(3) {
		pair(0x60+i, kMMXUnpackLow, kSSEUnpackLow, i, 0)
		pair(0x68+i, kMMXUnpackHigh, kSSEUnpackHigh, i, 0)
	}
	put(p66, 0x6c, kSSEUnpckLPD, 0, 0) // PUNPCKLQDQ moves the same bits as UNPCKLPD
	put(p66, 0x6d, kSSEUnpckHPD, 0, 0)
	pair(0x63, kMMXPack, kSSEPack, packSSWB, 0)
	pair(0x67, kMMXPack, kSSEPack, packUSWB, 0)
	pair(0x6b, kMMXPack, kSSEPack, packSSDW, 0)
	pair(0x6e, kMMXLoadD, kSSEMovD, 0, 0)
	pair(0x7e, kMMXStoreD, kSSEMovDStore, 0, 0)
	pair(0x6f, kMMXLoadQ, kSSEMovA, 0, 0)
	pair(0x7f, kMMXStoreQ, kSSEMovAStore, 0, 0)
	put(pF3, 0x6f, kSSEMovU, 0, 0)
	put(pF3, 0x7f, kSSEMovUStore, 0, 0)
	put(pF3, 0x7e, kSSEMovQ, 0, 0)
	put(p66, 0xd6, kSSEMovQStore, 0, 0)
	put(pF3, 0xd6, kSSEMovQ2DQ, 0, formReg)
	put(pF2, 0xd6, kSSEMovDQ2Q, 0, formReg)
	four(0x70, kMMXShufW, kSSEShufD, kSSEShufHW, kSSEShufLW, 0, formImm)
	put(np, 0x77, kEmms, 0, formNoRM)
	pair(0xc4, kMMXInsW, kSSEInsW, 0, formImm)
	pair(0xc5, kMMXExtW, kSSEExtW, 0, formImm|formReg)
	pair(0xd7, kMMXMask, kSSEMask, 0, formReg)
	pair(0xe7, kMMXStoreNT, kSSEMovNT, 0, formMem)
	pair(0xf7, kMMXMaskMov, kSSEMaskMov, 0, formReg)
	for opcode, sub := range map[uint8]uint8{0xd1: shiftRLW, 0xd2: shiftRLD, 0xd3: shiftRLQ, 0xe1: shiftRAW,
		0xe2: shiftRAD, 0xf1: shiftLLW, 0xf2: shiftLLD, 0xf3: shiftLLQ} {
		pair(opcode, kMMXShift, kSSEShift, sub, 0)
	}
	return t
}

// decodeSSE chooses the kind of an instruction 0F xx, 0F 38 xx or 0F 3A xx of MMX and SSE; false for what is none.
func decodeSSE(d *decoder, op *Op) bool {
	prefix := np
	switch d.prefix {
	case 0x66:
		prefix = p66
	case 0xf3:
		prefix = pF3
	case 0xf2:
		prefix = pF2
	}
	forms := &sseForms
	switch d.opcode {
	case 0x71, 0x72, 0x73:
		return decodeSSEShift(d, op, prefix)
	case 0xae:
		d.modRM(op)
		return decodeSSEState(d, op, prefix)
	case 0x38:
		forms, d.opcode = sse38, d.imm8()
	case 0x3a:
		forms, d.opcode = sse3A, d.imm8()
	}
	f := forms[prefix][d.opcode]
	if f.kind == 0 {
		return false
	}
	if f.form&formNoRM == 0 {
		d.modRM(op)
	}
	memory := op.Flags&FlagMem != 0
	if f.form&formMem != 0 && !memory || f.form&formReg != 0 && memory {
		return false
	}
	if f.form&formImm != 0 {
		op.Imm = uint32(d.imm8()) & 0xff
	}
	if f.form&formByte != 0 {
		op.Size = 1
		op.RM = d.byteRegister(op.RM)
	}
	op.Kind, op.Sub = f.kind, f.sub
	if d.segOverride != 0 { // MASKMOVQ and MASKMOVDQU have an implied memory operand
		op.Seg = d.segOverride - 1
	}
	return true
}

// sseShiftGroups are 0F 71, 72 and 73 by ModRM.reg; 255 is undefined, and 254 the byte shifts, which MMX lacks.
var sseShiftGroups = [3][8]uint8{
	{255, 255, shiftRLW, 255, shiftRAW, 255, shiftLLW, 255},
	{255, 255, shiftRLD, 255, shiftRAD, 255, shiftLLD, 255},
	{255, 255, shiftRLQ, 254, 255, 255, shiftLLQ, 254},
}

func decodeSSEShift(d *decoder, op *Op, prefix int) bool {
	d.modRM(op)
	sub := sseShiftGroups[d.opcode-0x71][op.Reg&7]
	if prefix > 1 || op.Flags&FlagMem != 0 || sub == 255 || sub == 254 && prefix == 0 {
		return false
	}
	op.Imm = uint32(d.imm8()) & 0xff
	switch {
	case sub == 254:
		op.Kind, op.Sub = kSSEShiftBytes, op.Reg>>2&1
	case prefix == 0:
		op.Kind, op.Sub = kMMXShiftImm, sub
	default:
		op.Kind, op.Sub = kSSEShiftImm, sub
	}
	return true
}

// decodeSSEState chooses among 0F AE.
func decodeSSEState(d *decoder, op *Op, prefix int) bool {
	reg := op.Reg & 7
	mem := [8]sseForm{{kind: kFXSave}, {kind: kFXRstor}, {kind: kLdMXCSR}, {kind: kStMXCSR}, {kind: kXSAVE}, {kind: kXRSTOR},
		{kind: kXSAVE, sub: xsaveOptimised}, {kind: kCLFlush}}
	regs := [8]Kind{5: kFence, 6: kFence, 7: kFence}
	switch {
	case prefix == pF3 && op.Flags&FlagMem == 0 && reg < 4 && d.mode&mode64 != 0:
		op.Kind, op.Sub = kBASE, reg
		op.Size = max(op.Size, 4)
	case prefix == pF3 && op.Flags&FlagMem == 0 && reg == 5:
		op.Kind, op.Size = kINCSSP, max(op.Size, 4)
	case prefix != np:
		return false
	case op.Flags&FlagMem != 0:
		op.Kind, op.Sub = mem[reg].kind, mem[reg].sub
	default:
		op.Kind = regs[reg]
	}
	return op.Kind != 0
}
