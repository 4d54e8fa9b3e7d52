package x86

// specialise gives ops their hot kinds where there are any, fuses compares with the jumps behind them, and lays out the
// exits of the block. It reports whether the block still ends by an instruction that sets c.eip.
func specialise(b *block, ops []Op, ended bool) ([]Op, bool) {
	links := uint8(0)
	for i := range ops {
		op := &ops[i]
		k, ok := hotKind(op)
		if !ok {
			continue
		}
		op.Kind = k
		if k == hJMP || k == hCALL || k >= hJO && k <= hJG {
			op.Imm2 = uint32(op.Off) + uint32(op.Len) + op.Imm
			op.Link = noLink
			if op.Imm2 < 0x1000 && links < noLink && !b.alone {
				op.Link = links
				links++
			}
		}
	}
	if mode(b.Mode)&modeStep == 0 {
		for i := 0; i+1 < len(ops); i++ {
			fuse(&ops[i], &ops[i+1])
		}
	}
	if ended {
		return ops, true
	}
	last := &ops[len(ops)-1]
	end := uint32(last.Off) + uint32(last.Len)
	on := Op{Kind: hJMP, Cold: kExitNext, Off: uint16(end), Imm2: end, Idx: b.n - 1, Link: noLink}
	if end < 0x1000 && links < noLink && !b.alone {
		on.Link = links
	}
	return append(ops, on), true
}

// The general functions look at Op.Cold, never at Op.Kind.
//
// hotKind returns the hot kind of an op in flat 32-bit code.
func hotKind(op *Op) (Kind, bool) {
	mem := op.Flags&FlagMem != 0
	if mem && (op.Flags&FlagAddr16 != 0 || op.Seg > segDS || op.Seg == segCS) {
		return 0, false
	}
	// Base and displacement only: the kinds whose name ends in B.
	simple := Kind(0)
	if op.Index == regZero {
		simple = 1
	}
	switch op.Size {
	case 4:
		return hotKind32(op, mem, simple)
	case 2:
		if op.Kind == kMOV && mem {
			switch op.Sub {
			case formRMReg:
				return hStore16, true
			case formRegRM:
				return hLoad16, true
			case formRMImm:
				return hStore16i, true
			}
		}
		return 0, false
	}
	return hotKind8(op, mem)
}

func either(mem bool, m, r Kind) (Kind, bool) {
	if mem {
		return m, true
	}
	return r, true
}

func hotKind32(op *Op, mem bool, simple Kind) (Kind, bool) {
	// B forms stand a fixed distance behind the general ones.
	simple *= hLoad32B - hLoad32
	switch k := op.Kind; {
	case k >= kADD && k <= kCMP:
		return hotALU(op, mem)
	case k >= kROL && k <= kSAR:
		return hotShift(op, mem)
	}
	switch op.Kind {
	case kMOV:
		return hotMOV(op, mem, simple)
	case kLEA:
		return hLEA + simple, op.Flags&FlagAddr16 == 0
	case kMOVZX8:
		return either(mem, hMOVZX8m, hMOVZX8r)
	case kMOVSX8:
		return either(mem, hMOVSX8m, hMOVSX8r)
	case kMOVZX16:
		return either(mem, hMOVZX16m, hMOVZX16r)
	case kMOVSX16:
		return either(mem, hMOVSX16m, hMOVSX16r)
	case kTEST:
		switch {
		case op.Sub == formRegImm:
			op.RM, op.Sub = regEAX, formRMImm
			return hTESTri, true
		case op.Sub == formRMImm:
			return either(mem, hTESTmi, hTESTri)
		}
		return either(mem, hTESTmr, hTESTrr)
	case kINC:
		return either(mem, hINCm, hINCr)
	case kDEC:
		return either(mem, hDECm, hDECr)
	case kNOT:
		return hNOTr, !mem
	case kNEG:
		return hNEGr, !mem
	case kMUL:
		return hMULr, !mem
	case kIMULRegRM:
		return either(mem, hIMULrm, hIMULrr)
	case kIMULRegRMImm:
		return hIMULrri, !mem
	case kCWD:
		return hCDQ, true
	case kCBW:
		return hCWDE, true
	case kXCHG:
		if op.Sub == formRegImm {
			op.RM, op.Sub = regEAX, formRMReg
		}
		return hXCHGrr, !mem
	case kBSWAP:
		return hBSWAP, true
	case kCMOVcc:
		return hCMOVrr, !mem
	case kNOP, kNOPRM:
		return hNOP, true
	case kPUSHReg:
		return hPUSHr, true
	case kPUSHImm:
		return hPUSHi, true
	case kPUSHRM:
		if !mem {
			op.Reg = op.RM
		}
		return either(mem, hPUSHm, hPUSHr)
	case kPOPReg:
		return hPOPr, true
	case kLEAVE:
		return hLEAVE, true
	case kJMP:
		return hJMP, true
	case kJcc:
		return hJO + Kind(op.Sub), true
	case kCALL:
		return hCALL, true
	case kCALLRM:
		return either(mem, hCALLm, hCALLr)
	case kJMPRM:
		return either(mem, hJMPm, hJMPr)
	case kRET:
		return hRET, true
	}
	return 0, false
}

func hotMOV(op *Op, mem bool, simple Kind) (Kind, bool) {
	switch op.Sub {
	case formRMReg:
		if mem {
			return hStore32 + simple, true
		}
		return hMOVrr, true
	case formRegRM:
		if mem {
			return hLoad32 + simple, true
		}
		op.Reg, op.RM, op.Sub = op.RM, op.Reg, formRMReg
		return hMOVrr, true
	case formRMImm:
		if mem {
			return hStore32i + simple, true
		}
		op.Reg, op.Sub = op.RM, formRegImm
		return hMOVri, true
	case formRegImm:
		return hMOVri, true
	case formAccMem:
		op.Reg, op.Sub = regEAX, formRegRM
		return hLoad32B, true
	case formMemAcc:
		op.Reg, op.Sub = regEAX, formRMReg
		return hStore32B, true
	}
	return 0, false
}

func hotALU(op *Op, mem bool) (Kind, bool) {
	n := op.Kind - kADD
	switch op.Sub {
	case formRMReg:
		if mem {
			return hADDmr + n, true
		}
		return hADDrr + n, true
	case formRegRM:
		if mem {
			return hADDrm + n, true
		}
		op.Reg, op.RM, op.Sub = op.RM, op.Reg, formRMReg
		return hADDrr + n, true
	case formRegImm:
		op.RM, op.Sub = regEAX, formRMImm
		return hADDri + n, true
	}
	if mem {
		return hADDmi + n, true
	}
	return hADDri + n, true
}

func hotShift(op *Op, mem bool) (Kind, bool) {
	if mem {
		return 0, false
	}
	if op.Sub == formRMCL {
		switch op.Kind {
		case kSHL, kSAL:
			return hSHLrc, true
		case kSHR:
			return hSHRrc, true
		case kSAR:
			return hSARrc, true
		}
		return 0, false
	}
	if op.Sub == formRMOne {
		op.Imm, op.Sub = 1, formRMImm
	}
	op.Imm &= 31
	if op.Imm == 0 {
		return hNOP, true
	}
	switch op.Kind {
	case kROL:
		return hROLri, true
	case kROR:
		return hRORri, true
	case kSHL, kSAL:
		return hSHLri, true
	case kSHR:
		return hSHRri, true
	case kSAR:
		return hSARri, true
	}
	return 0, false
}

func hotKind8(op *Op, mem bool) (Kind, bool) {
	switch op.Kind {
	case kMOV:
		switch op.Sub {
		case formRMReg:
			return either(mem, hStore8, hMOV8rr)
		case formRegRM:
			if !mem {
				op.Reg, op.RM, op.Sub = op.RM, op.Reg, formRMReg
			}
			return either(mem, hLoad8, hMOV8rr)
		case formRMImm:
			if !mem {
				op.Reg, op.Sub = op.RM, formRegImm
			}
			return either(mem, hStore8i, hMOV8ri)
		case formRegImm:
			return hMOV8ri, true
		case formAccMem:
			op.Reg, op.Sub = regEAX, formRegRM
			return hLoad8, true
		case formMemAcc:
			op.Reg, op.Sub = regEAX, formRMReg
			return hStore8, true
		}
	case kCMP:
		switch op.Sub {
		case formRMReg:
			return either(mem, hCMP8mr, hCMP8rr)
		case formRegRM:
			if !mem {
				op.Reg, op.RM, op.Sub = op.RM, op.Reg, formRMReg
			}
			return either(mem, hCMP8rm, hCMP8rr)
		case formRegImm:
			op.RM, op.Sub = regEAX, formRMImm
			return hCMP8ri, true
		}
		return either(mem, hCMP8mi, hCMP8ri)
	case kTEST:
		switch op.Sub {
		case formRMReg:
			return hTEST8rr, !mem
		case formRegImm:
			op.RM, op.Sub = regEAX, formRMImm
			return hTEST8ri, true
		}
		return either(mem, hTEST8mi, hTEST8ri)
	case kSETcc:
		return hSETcc, !mem
	case kADD, kOR, kADC, kSBB, kAND, kSUB, kXOR:
		return hotALU8(op, mem)
	}
	return 0, false
}

func hotALU8(op *Op, mem bool) (Kind, bool) {
	rr, ri := hALU8rr, hALU8ri
	switch op.Kind {
	case kOR:
		rr, ri = hOR8rr, hOR8ri
	case kAND:
		rr, ri = hAND8rr, hAND8ri
	case kXOR:
		rr, ri = hXOR8rr, hXOR8ri
	}
	switch op.Sub {
	case formRMReg:
		return rr, !mem
	case formRegRM:
		if !mem {
			op.Reg, op.RM, op.Sub = op.RM, op.Reg, formRMReg
		}
		return either(mem, hALU8rm, rr)
	case formRegImm:
		op.RM, op.Sub = regEAX, formRMImm
		return ri, true
	}
	return ri, !mem
}

// fusion gives, for the first kind of a pair, the fused kind by condition code; 0 where the pair is not fused (hMOVrr, kind 0, is
// never fused).
var fusion = func() map[Kind]*[16]Kind {
	m := make(map[Kind]*[16]Kind)
	for _, f := range []struct {
		k    Kind
		base Kind
	}{{hCMPrr, hCMPrrJB}, {hCMPri, hCMPriJB}, {hCMPrm, hCMPrmJB}, {hCMPmr, hCMPmrJB}, {hCMPmi, hCMPmiJB}} {
		t := new([16]Kind)
		k := f.base
		for cc := range t {
			switch cc {
			case 0, 1, 10, 11: // overflow and parity
			default:
				t[cc] = k
				k++
			}
		}
		m[f.k] = t
	}
	m[hTESTrr] = &[16]Kind{4: hTESTrrJE, 5: hTESTrrJNE, 8: hTESTrrJS, 9: hTESTrrJNS, 12: hTESTrrJS, 13: hTESTrrJNS, 14: hTESTrrJLE, 15: hTESTrrJG}
	m[hTEST8rr] = &[16]Kind{4: hTEST8rrJE, 5: hTEST8rrJNE, 8: hTEST8rrJS, 9: hTEST8rrJNS, 12: hTEST8rrJS, 13: hTEST8rrJNS}
	m[hTEST8ri] = &[16]Kind{4: hTEST8riJE, 5: hTEST8riJNE}
	for k, e := range map[Kind]Kind{hCMP8ri: hCMP8riJE, hCMP8rr: hCMP8rrJE, hCMP8mi: hCMP8miJE} { // the order does not matter
		m[k] = &[16]Kind{4: e, 5: e + 1, 6: e + 2, 7: e + 3}
	}
	for k, e := range map[Kind]Kind{hDECr: hDECrJE, hADDri: hADDriJE, hSUBri: hSUBriJE, hSUBrr: hSUBrrJE, hANDri: hANDriJE, hADDrr: hADDrrJE} {
		m[k] = &[16]Kind{4: e, 5: e + 1}
	}
	return m
}()

// fuse turns op into one that also does the conditional jump behind it, which stays in the block.
func fuse(op, jump *Op) {
	if jump.Kind < hJO || jump.Kind > hJG {
		return
	}
	t := fusion[op.Kind]
	if t == nil {
		return
	}
	if k := t[jump.Kind-hJO]; k != 0 {
		op.Kind = k
		op.Imm2, op.Link = jump.Imm2, jump.Link
	}
}
