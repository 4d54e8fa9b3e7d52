package x86

// Kinds of the x87. The comments name the operand form where the name does not.
const (
	kFWait = kindFPU + iota
	kFArithST0
	kFArithSTi
	kFArithSTiPop
	kFArithM32
	kFArithM64
	kFArithI16
	kFArithI32
	kFCom    // Sub: pops
	kFComM32 // Sub: pops
	kFComM64
	kFComI16
	kFComI32
	kFUCom
	kFComI  // Sub: pops
	kFUComI // Sub: pops
	kFTst
	kFXam
	kFLd
	kFLdM32
	kFLdM64
	kFLdM80
	kFILd16
	kFILd32
	kFILd64
	kFBLd
	kFSt      // Sub: pops
	kFStQuiet // D9 D8, the same without stack underflow
	kFStM32
	kFStM64
	kFStM80
	kFISt16
	kFISt32
	kFISt64
	kFISTTP16
	kFISTTP32
	kFISTTP64
	kFBSt
	kFLdConst
	kFXch
	kFCMov
	kFChs
	kFAbs
	kFSqrt
	kFRndInt
	kFScale
	kFXtract
	kFPrem // Sub 1: FPREM1
	kFFree // Sub: pops
	kFIncStp
	kFDecStp
	kFNop
	kFLdCW
	kFStCW
	kFStSW
	kFStSWAX
	kFClex
	kFInit
	kFLdEnv
	kFStEnv
	kFSave
	kFRstor
	kFTrans // Sub: which transcendental function
)

// Arithmetic operations as ModRM.reg encodes them. In the forms that store to ST(i) the opcode map has the
// reversed ones exchanged; the decoder undoes that.
const (
	fAdd = iota
	fMul
	fCom
	fComP
	fSub
	fSubR
	fDiv
	fDivR
)

// Transcendental functions, numbered as D9 F0-FF has them.
const (
	fF2XM1 = iota
	fFYL2X
	fFPTan
	fFPAtan
	fFYL2XP1
	fFSinCos
	fFSin
	fFCos
)

// decodeFPU chooses the kind of an escape instruction D8-DF, or of WAIT.
func decodeFPU(d *decoder, op *Op) bool {
	if d.opcode == 0x9b {
		op.Kind = kFWait
		return true
	}
	if op.Flags&FlagMem != 0 {
		return decodeFPUMem(op, d.opcode-0xd8)
	}
	return decodeFPUReg(op, d.opcode-0xd8)
}

type fpuForm struct {
	kind Kind
	sub  uint8
}

// fpuMemForms are the memory forms by escape byte and ModRM.reg, but for arithmetic (D8, DA, DC, DE).
var fpuMemForms = [8][8]fpuForm{
	1: {{kFLdM32, 0}, {}, {kFStM32, 0}, {kFStM32, 1}, {kFLdEnv, 0}, {kFLdCW, 0}, {kFStEnv, 0}, {kFStCW, 0}},
	3: {{kFILd32, 0}, {kFISTTP32, 1}, {kFISt32, 0}, {kFISt32, 1}, {}, {kFLdM80, 0}, {}, {kFStM80, 1}},
	5: {{kFLdM64, 0}, {kFISTTP64, 1}, {kFStM64, 0}, {kFStM64, 1}, {kFRstor, 0}, {}, {kFSave, 0}, {kFStSW, 0}},
	7: {{kFILd16, 0}, {kFISTTP16, 1}, {kFISt16, 0}, {kFISt16, 1}, {kFBLd, 0}, {kFILd64, 0}, {kFBSt, 1}, {kFISt64, 1}},
}

func decodeFPUMem(op *Op, esc uint8) bool {
	if esc&1 == 0 {
		arith := [4]Kind{kFArithM32, kFArithI32, kFArithM64, kFArithI16}
		com := [4]Kind{kFComM32, kFComI32, kFComM64, kFComI16}
		op.Sub = op.Reg
		op.Kind = arith[esc>>1]
		if op.Reg == fCom || op.Reg == fComP {
			op.Kind = com[esc>>1]
			op.Sub = op.Reg - fCom
		}
		return true
	}
	f := fpuMemForms[esc][op.Reg]
	op.Kind, op.Sub = f.kind, f.sub
	return f.kind != 0
}

// fpuRegForms are the register forms by escape byte and ModRM.reg that do not depend on ModRM.rm otherwise than as ST(i). The
// encodings that the manual does not list but every processor executes are included (DC D0, DC D8, DD C8, DE D0, DF C0-D8, D9 D8).
var fpuRegForms = [8][8]fpuForm{
	0: {{kFArithST0, fAdd}, {kFArithST0, fMul}, {kFCom, 0}, {kFCom, 1},
		{kFArithST0, fSub}, {kFArithST0, fSubR}, {kFArithST0, fDiv}, {kFArithST0, fDivR}},
	1: {{kFLd, 0}, {kFXch, 0}, {}, {kFStQuiet, 1}},
	2: {{kFCMov, 2}, {kFCMov, 4}, {kFCMov, 6}, {kFCMov, 10}},
	3: {{kFCMov, 3}, {kFCMov, 5}, {kFCMov, 7}, {kFCMov, 11}, {}, {kFUComI, 0}, {kFComI, 0}},
	4: {{kFArithSTi, fAdd}, {kFArithSTi, fMul}, {kFCom, 0}, {kFCom, 1},
		{kFArithSTi, fSubR}, {kFArithSTi, fSub}, {kFArithSTi, fDivR}, {kFArithSTi, fDiv}},
	5: {{kFFree, 0}, {kFXch, 0}, {kFSt, 0}, {kFSt, 1}, {kFUCom, 0}, {kFUCom, 1}},
	6: {{kFArithSTiPop, fAdd}, {kFArithSTiPop, fMul}, {kFCom, 1}, {},
		{kFArithSTiPop, fSubR}, {kFArithSTiPop, fSub}, {kFArithSTiPop, fDivR}, {kFArithSTiPop, fDiv}},
	7: {{kFFree, 1}, {kFXch, 0}, {kFSt, 1}, {kFSt, 1}, {}, {kFUComI, 1}, {kFComI, 1}},
}

func decodeFPUReg(op *Op, esc uint8) bool {
	f := fpuRegForms[esc][op.Reg]
	switch esc {
	case 1:
		switch op.Reg {
		case 2:
			if op.RM == 0 {
				f = fpuForm{kFNop, 0}
			}
		case 4:
			f = [8]fpuForm{{kFChs, 0}, {kFAbs, 0}, {}, {}, {kFTst, 0}, {kFXam, 0}}[op.RM]
		case 5:
			if op.RM < 7 {
				f = fpuForm{kFLdConst, op.RM}
			}
		case 6:
			f = [8]fpuForm{{kFTrans, fF2XM1}, {kFTrans, fFYL2X}, {kFTrans, fFPTan}, {kFTrans, fFPAtan},
				{kFXtract, 0}, {kFPrem, 1}, {kFDecStp, 0}, {kFIncStp, 0}}[op.RM]
		case 7:
			f = [8]fpuForm{{kFPrem, 0}, {kFTrans, fFYL2XP1}, {kFSqrt, 0}, {kFTrans, fFSinCos},
				{kFRndInt, 0}, {kFScale, 0}, {kFTrans, fFSin}, {kFTrans, fFCos}}[op.RM]
		}
	case 2:
		if op.Reg == 5 && op.RM == 1 { // FUCOMPP
			f = fpuForm{kFUCom, 2}
		}
	case 3:
		if op.Reg == 4 {
			// DB E0, E1 and E4 enabled 8087 and 80287 features and do nothing since.
			f = [8]fpuForm{{kFNop, 1}, {kFNop, 1}, {kFClex, 0}, {kFInit, 0}, {kFNop, 1}}[op.RM]
		}
	case 6:
		if op.Reg == 3 && op.RM == 1 { // FCOMPP
			f = fpuForm{kFCom, 2}
		}
	case 7:
		if op.Reg == 4 && op.RM == 0 {
			f = fpuForm{kFStSWAX, 0}
		}
	}
	op.Kind, op.Sub = f.kind, f.sub
	return f.kind != 0
}
