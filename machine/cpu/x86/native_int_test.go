package x86

import (
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"forkscope/scripts/oracle"
)

var (
	seedFlag  = flag.Uint64("x86.seed", 1, "seed of the random instruction tests")
	countFlag = flag.Int("x86.count", 0, "random instructions in the native tests (0: enough for a quick run)")
)

// generator makes random integer instructions that user code may execute, and that the host's 32-bit mode has in common with this CPU.
type generator struct {
	*rand.Rand
	// safe keeps the pointers in EBX, EBP, ESI, EDI and ESP, for sequences.
	safe bool
	// mode is that of the code segment; anySeg adds overrides of every segment; control adds what leaves straight-line code.
	mode            mode
	anySeg, control bool
	// selector is the register that must hold a selector of the LDT (the GDT is the host's own), or -1.
	selector int
	// undef are the flags that the last instruction left undefined.
	undef uint32
}

// interesting values for operands.
var interesting = []uint32{0, 1, 2, 7, 8, 15, 16, 31, 32, 33, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x99, 0x9a}

func (g *generator) value() uint32 {
	switch g.IntN(4) {
	case 0:
		return interesting[g.IntN(len(interesting))]
	case 1:
		return g.Uint32() >> g.IntN(32)
	}
	return g.Uint32()
}

// forbidden kinds change control flow, are privileged, read what differs between machines, or fault on the host only by its kernel.
func (g *generator) allowedKind(k Kind) bool {
	if g.control {
		switch k {
		case kMOVToSeg, kMOVFromSeg, kPUSHSeg, kPOPSeg, kLoadFar, kVERR, kVERW, kLAR, kLSL, kJMP, kJcc, kCALL, kJMPRM, kCALLRM, kRET,
			kJMPFar, kCALLFar, kJMPFarMem, kCALLFarMem, kRETF, kPOPF, kPUSHF, kENTER, kLOOP, kLOOPE, kLOOPNE, kJCXZ, kINT, kINT3, kINTO, kIRET:
			return true
		}
		return false
	}
	switch k {
	case kUD, kTooLong, kCPUID, kRDTSC, kRDPMC, kINT, kINT1, kSYSENTER, kSYSEXIT, kIRET, kHLT,
		kMOVToSeg, kMOVFromSeg, kPUSHSeg, kPOPSeg, kLoadFar, kLAR, kLSL, kVERR, kVERW, kSLDT, kSTR, kSGDT, kSIDT, kSMSW,
		kJMP, kJcc, kCALL, kJMPRM, kCALLRM, kRET, kJMPFar, kCALLFar, kJMPFarMem, kCALLFarMem, kRETF, kPOPF, kENTER,
		kLOOP, kLOOPE, kLOOPNE, kJCXZ, kPUSHF, kXSAVE, kXRSTOR, kXGETBV, kXSETBV, kRDPKRU, kWRPKRU, kCLAC, kRDTSCP, kINVPCID:
		return false
	}
	return true
}

// instruction returns the bytes of a random instruction.
func (g *generator) instruction() []byte {
	for {
		b, ok := g.try()
		if !ok {
			continue
		}
		var d decoder
		var op Op
		d.code = append(append([]byte{}, b...), make([]byte, 16)...)
		d.decode(&op, g.mode)
		if int(op.Len) != len(b) || !g.allowedKind(op.Kind) || op.Kind >= kindFPU {
			continue
		}
		if v := op.Imm & 0xff; op.Kind == kINT && (v == 0x80 || v == endVector) {
			continue // the host's system call; the end of a case here
		}
		if (op.Kind == kBSF || op.Kind == kBSR) && op.Flags&(FlagRep|FlagRepne) != 0 {
			continue // TZCNT and LZCNT on the host
		}
		if g.safe && !g.keepsPointers(&op) {
			continue
		}
		g.undef = undefinedFlags(&op)
		g.selector = -1
		switch op.Kind {
		case kLAR, kLSL, kVERR, kVERW:
			if op.Flags&FlagMem != 0 {
				continue
			}
			g.selector = int(op.RM)
		}
		return b
	}
}

// keepsPointers says whether op leaves the registers that hold pointers.
func (g *generator) keepsPointers(op *Op) bool {
	switch op.Kind {
	case kPUSHReg, kPUSHRM, kPUSHImm, kPUSHA, kPOPA, kLEAVE, kMOVS, kCMPS, kSTOS, kLODS, kSCAS, kINS, kOUTS, kIN, kOUT,
		kBOUND, kARPL, kCLI, kSTI, kCLTS, kLMSW, kINVLPG, kINVD, kWBINVD, kLGDT, kLIDT, kLLDT, kLTR, kRDMSR, kWRMSR,
		kMOVFromCR, kMOVToCR, kMOVFromDR, kMOVToDR, kINT3, kINTO, kDIV, kIDIV, kAAM, kXLAT, kSTD:
		return false
	case kPOPReg:
		return op.Reg < 3
	}
	dst := func(r uint8) bool { return r < 3 || op.Size == 1 && r&3 < 3 }
	if op.Flags&FlagMem == 0 && !dst(op.RM) {
		return false
	}
	return dst(op.Reg)
}

const (
	// undefAtFault marks instructions whose arithmetic flags are not compared when they fault.
	undefAtFault = 1 << 31
	// partialAtFault marks instructions that processors leave half done when they fault, in a way that a restart repairs.
	partialAtFault = 1 << 30
)

// With LDT code an INT3 at the end is the plain end.
func plainEnd(n *nativeCase, r *nativeResult) bool {
	return n.Segs[segCS] != 0 && r.Trap == excBP+1 && r.EIP == n.CodeLen+1
}

// undefinedFlags is the table's mask, and what it cannot say: shifts depend on the count.
func undefinedFlags(op *Op) uint32 {
	u := kinds[op.Kind].undef
	switch op.Kind {
	case kPUSHA, kPOPA, kENTER:
		u |= partialAtFault
	case kCMPS, kSCAS:
		// At a fault in a repeated one, processors restore the flags from before the first iteration. Here each iteration
		// retires, so they are those of the last complete one. They cannot matter to the code.
		if op.Flags&(FlagRep|FlagRepne) != 0 {
			u |= undefAtFault
		}
	case kROL, kROR, kRCL, kRCR, kSHL, kSHR, kSAL, kSAR, kSHLD, kSHRD:
		u |= flagOF // unless the count is 1
		if op.Sub == formRMOne || op.Sub == formRMImm && uint64(op.Imm)&countMask(op.Size) == 1 {
			u &^= flagOF
		}
		if op.Kind >= kSHL && op.Kind <= kSAL && op.Size < 4 {
			u |= flagCF // counts beyond the width
		}
		if op.Kind == kSHLD || op.Kind == kSHRD {
			if op.Size == 2 {
				u |= flagsArith
			}
		}
	}
	return u
}

func (g *generator) try() ([]byte, bool) {
	var b []byte
	if g.anySeg && g.IntN(2) == 0 {
		b = append(b, [...]byte{0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x64, 0x65}[g.IntN(8)])
	}
	for g.IntN(8) == 0 {
		if g.anySeg && g.IntN(4) == 0 {
			b = append(b, 0x67)
		}
		b = append(b, [...]byte{0x66, 0x66, 0x66, 0xf2, 0xf3, 0x3e, 0x36, 0x26}[g.IntN(8)])
	}
	op := byte(g.IntN(256))
	e := &oneByte[op]
	if g.IntN(4) == 0 {
		e = &twoByte[op]
		if e.enc&encF3 != 0 {
			b = append(b, 0xf3)
		}
		b = append(b, 0x0f)
	} else if op == 0x0f {
		return nil, false
	}
	b = append(b, op)
	if e.kind == kUD && e.group == nil || e.enc&(encSSE|encFPU) != 0 {
		return nil, false
	}
	if e.enc&encModRM != 0 && g.mode&mode32 != 0 {
		b = g.modRM(b)
	}
	if e.enc&encMoffs != 0 && !g.anySeg {
		return binary.LittleEndian.AppendUint32(b, nativeBase+uint32(g.IntN(nativeWindow))), true
	}
	// The right number of immediate bytes is found by trying.
	n := g.IntN(6)
	if g.mode&mode32 == 0 && e.enc&encModRM != 0 {
		m := byte(g.Uint32())
		if g.IntN(2) == 0 {
			m = m&^0xc0 | 0x40 // one byte of displacement
		}
		b = append(b, m)
	}
	if e.enc&encMoffs != 0 || g.IntN(4) == 0 { // an address or a target
		v := g.offset()
		b = binary.LittleEndian.AppendUint32(b, v)
		b = b[:len(b)-g.IntN(2)*2]
		n = 0
	}
	for range n {
		v := g.value()
		b = append(b, byte(v))
	}
	return b, len(b) <= 15
}

// modRM appends a register or memory operand; memory ones are based on a register that holds a pointer.
func (g *generator) modRM(b []byte) []byte {
	reg := byte(g.IntN(8)) << 3
	if g.IntN(2) == 0 {
		return append(b, 0xc0|reg|byte(g.IntN(8)))
	}
	disp := byte(int8(g.IntN(256) - 128))
	switch g.IntN(8) {
	case 0: // [esp+disp8]
		return append(b, 0x44|reg, 0x24, disp)
	case 1: // [base+disp32]
		b = append(b, 0x80|reg|[...]byte{3, 5, 6, 7}[g.IntN(4)])
		return binary.LittleEndian.AppendUint32(b, uint32(g.IntN(256)-128))
	case 2: // absolute
		b = append(b, 0x05|reg)
		return binary.LittleEndian.AppendUint32(b, nativeBase+uint32(g.IntN(nativeWindow)))
	case 3: // [base+index*scale+disp8], whatever the index holds
		return append(b, 0x44|reg, byte(g.IntN(256)), disp)
	case 4: // [base]
		return append(b, reg|[...]byte{3, 6, 7}[g.IntN(3)])
	}
	return append(b, 0x40|reg|[...]byte{3, 5, 6, 7}[g.IntN(4)], disp)
}

// snippet returns a few instructions that transfer control within themselves; at is the linear address at which they will be.
func (g *generator) snippet(at uint32) []byte {
	skipped := [][]byte{{0x40}, {0xd1, 0xc2}, {0x31, 0xc1}, {0x83, 0xc0, 7}, {0x0f, 0xca}}[g.IntN(5)]
	imm32 := binary.LittleEndian.AppendUint32
	base := [...]byte{3, 5, 6, 7}[g.IntN(4)]
	disp := byte(int8(g.IntN(256) - 128))
	switch g.IntN(37) {
	case 6: // push and pop
		return []byte{0x50 + byte(g.IntN(8)), 0x58 + byte(g.IntN(3))}
	case 7: // the same from memory
		return []byte{0xff, 0x70 | base, disp, 0x58 + byte(g.IntN(3))}
	case 8: // push ebp; mov ebp, esp; leave
		return []byte{0x55, 0x89, 0xe5, 0xc9}
	case 9:
		return append([]byte{0xeb, byte(len(skipped))}, skipped...)
	case 10: // mov ecx, small; mov with [base+ecx*scale+disp8]
		b := []byte{0xb9, byte(g.IntN(16)), 0, 0, 0}
		size := 4
		if g.IntN(2) == 0 {
			b, size = append(b, 0x66), 2
		}
		sib := byte(g.IntN(4))<<6 | 1<<3 | base
		switch g.IntN(3) {
		case 0:
			return append(b, 0x8b, 0x44|byte(g.IntN(3))<<3, sib, disp)
		case 1:
			return append(b, 0x89, 0x44|byte(g.IntN(8))<<3, sib, disp)
		}
		return append(b, imm32([]byte{0xc7, 0x44, sib, disp}, g.value())[:4+size]...)
	case 11: // an ALU operation on memory and an immediate
		return imm32([]byte{0x81, 0x40 | byte(g.IntN(8))<<3 | base, disp}, g.value())
	case 12: // cmp of memory and an immediate, jcc
		return append([]byte{0x83, 0x78 | base, disp, byte(g.value()), 0x70 | byte(g.IntN(16)), byte(len(skipped))}, skipped...)
	case 13: // add, sub, and, cmp of a register and an immediate, je or jne
		r := [...]byte{0, 4, 5, 7}[g.IntN(4)]<<3 | byte(g.IntN(3))
		return append([]byte{0x83, 0xc0 | r, byte(g.value()), 0x74 | byte(g.IntN(2)), byte(len(skipped))}, skipped...)
	case 14: // the same of two registers, and test
		op := [...]byte{0x01, 0x21, 0x29, 0x39, 0x85}[g.IntN(5)]
		return append([]byte{op, 0xc0 | byte(g.IntN(8))<<3 | byte(g.IntN(3)), 0x74 | byte(g.IntN(2)), byte(len(skipped))}, skipped...)
	case 15: // movzx, movsx from memory
		return []byte{0x0f, [...]byte{0xb6, 0xb7, 0xbe, 0xbf}[g.IntN(4)], 0x40 | byte(g.IntN(3))<<3 | base, disp}
	case 0: // call the next instruction
		return append([]byte{0xe8, 0, 0, 0, 0, 0x58 + byte(g.IntN(3))}, skipped...)
	case 1: // push, ret
		b := imm32([]byte{0x68}, at+6+uint32(len(skipped)))
		return append(append(b, 0xc3), skipped...)
	case 2: // mov reg; jmp or call reg
		r := byte(g.IntN(3))
		b := imm32([]byte{0xb8 + r}, at+7+uint32(len(skipped)))
		if g.IntN(2) == 0 {
			return append(append(b, 0xff, 0xe0|r), skipped...)
		}
		return append(append(append(b, 0xff, 0xd0|r), skipped...), 0x5a)
	case 3: // the same through memory
		m := nativeBase + uint32(g.IntN(nativeWindow-4))
		b := imm32(imm32([]byte{0xc7, 0x05}, m), at+16+uint32(len(skipped)))
		if g.IntN(2) == 0 {
			return append(imm32(append(b, 0xff, 0x25), m), skipped...)
		}
		return append(append(imm32(append(b, 0xff, 0x15), m), skipped...), 0x5a)
	case 4: // loop, loope, loopne, jecxz forwards
		return append([]byte{0xe0 + byte(g.IntN(4)), byte(len(skipped))}, skipped...)
	case 5: // a counted loop
		b := append([]byte{0xb9, byte(g.IntN(6) + 1), 0, 0, 0}, skipped[0], 0x90)
		if len(skipped) > 1 {
			b = append(b[:5], 0x40, 0x90)
		}
		return append(b, [][]byte{{0x49, 0x75, 0xfb}, {0xe2, 0xfc}, {0x83, 0xe9, 1, 0x75, 0xf9}}[g.IntN(3)]...)
	}
	// A compare, or anything that sets flags, and a conditional jump.
	var b []byte
	switch op := []byte{0x39, 0x3b, 0x85, 0x38, 0x3a, 0x84, 0x83, 0x80, 0xf6, 0x29, 0x01, 0x21, 0x49, 0x3c, 0x3d, 0xa8}[g.IntN(16)]; op {
	case 0x83, 0x80:
		ext := []byte{7, 7, 7, 5, 4, 0}[g.IntN(6)] << 3
		b = append(g.modRM([]byte{op}), 0)
		b[1] = b[1]&^0x38 | ext
		if b[1] >= 0xc0 {
			b[1] = b[1]&^7 | byte(g.IntN(3))
		}
		b[len(b)-1] = byte(g.value())
	case 0xf6:
		b = append(g.modRM([]byte{op}), 0)
		b[1] &^= 0x38
		b[len(b)-1] = byte(g.value())
	case 0x49:
		b = []byte{0x48 + byte(g.IntN(3))}
	case 0x3c, 0xa8:
		b = []byte{op, byte(g.value())}
	case 0x3d:
		b = imm32([]byte{op}, g.value())
	case 0x29, 0x01, 0x21:
		b = []byte{op, 0xc0 | byte(g.IntN(8))<<3 | byte(g.IntN(3))}
	default:
		b = g.modRM([]byte{op})
		if g.IntN(3) == 0 && b[1] >= 0xc0 { // equal operands
			b[1] = 0xc0 | b[1]&7 | b[1]&7<<3
		}
	}
	cc := byte(g.IntN(16))
	if g.IntN(4) == 0 {
		b = imm32(append(b, 0x0f, 0x80|cc), uint32(len(skipped)))
	} else {
		b = append(b, 0x70|cc, byte(len(skipped)))
	}
	return append(b, skipped...)
}

// offset is an offset into the segments of the LDT that harness.c sets up, often near a limit.
func (g *generator) offset() uint32 {
	switch g.IntN(4) {
	case 0:
		return []uint32{0, 0x1ff, 0x3ff, 0xbff, 0xfff, 0xffff, 0x2fff, 0xffffffff}[g.IntN(8)] + uint32(g.IntN(24)) - 12
	case 1:
		return uint32(g.IntN(0x400))
	}
	return 0xc00 + uint32(g.IntN(0x400))
}

// segmentState fills registers for code with segments of the LDT.
func (g *generator) segmentState(n *nativeCase) {
	g.state(n)
	for i := range n.Regs {
		if i == regEAX || i == regECX || i == regEDX {
			continue
		}
		n.Regs[i] = g.offset()
		if g.mode&mode32 == 0 && g.IntN(8) != 0 {
			n.Regs[i] &= 0xffff
		}
	}
	data := func() uint32 {
		return []uint32{ldtSelector(0), ldtSelector(1), ldtSelector(2), ldtSelector(3), ldtSelector(4), ldtSelector(5), ldtSelector(8), ldtSelector(11), 0x2b, 0}[g.IntN(10)]
	}
	stack := []uint32{ldtSelector(0), ldtSelector(2), ldtSelector(3), ldtSelector(8), ldtSelector(8), ldtSelector(0)}[g.IntN(6)]
	code := []uint32{ldtSelector(5), ldtSelector(6), ldtSelector(5), ldtSelector(10)}[g.IntN(4)]
	if g.mode&mode32 == 0 {
		code = ldtSelector(7)
	}
	n.Segs = [6]uint32{data(), code, stack, data(), data(), data()}
	n.Regs[regESP] = 0xc40 + uint32(g.IntN(0xe0))*4
	if g.IntN(8) == 0 {
		n.Regs[regESP] = g.offset()
	}
	if g.control {
		// Words that are useful as selectors, offsets and flags.
		for i := 0; i < len(n.Window); i += 4 {
			v := g.controlValue()
			if g.mode&mode32 == 0 && g.IntN(2) == 0 {
				v = v&0xffff | g.controlValue()<<16
			}
			binary.LittleEndian.PutUint32(n.Window[i:], v)
		}
		for _, r := range []int{regEAX, regECX, regEDX} {
			n.Regs[r] = g.controlValue()
		}
		if g.selector >= 0 {
			n.Regs[g.selector] = g.controlValue() | 4
		}
	}
}

func (g *generator) controlValue() uint32 {
	switch g.IntN(6) {
	case 0:
		return ldtSelector(uint32(g.IntN(13))) ^ uint32(g.IntN(4))*uint32(g.IntN(2))
	case 1:
		return []uint32{0x2b, 0x23, 0, 3, 0x202, 0x202 | g.Uint32()&flagsArith}[g.IntN(6)]
	case 2:
		return g.value() &^ (flagTF | flagAC | flagNT | flagVM)
	}
	return uint32(g.IntN(48))
}

// state fills registers and memory.
func (g *generator) state(n *nativeCase) {
	for i := range n.Regs {
		n.Regs[i] = g.value()
	}
	for _, r := range []int{regEBX, regEBP, regESI, regEDI, regESP} {
		if g.IntN(16) != 0 || g.safe {
			n.Regs[r] = nativeBase + 256 + uint32(g.IntN(512))
		}
	}
	n.Regs[regESP] = nativeBase + 256 + uint32(g.IntN(128))*4
	if g.IntN(16) == 0 && !g.safe { // at the end of the page
		n.Regs[[]int{regEBX, regESI, regEDI}[g.IntN(3)]] = nativeData + 0x1000 - uint32(g.IntN(8))
	}
	if g.IntN(2) == 0 { // a small count
		n.Regs[regECX] = n.Regs[regECX]&^0xff | uint32(g.IntN(40))
	}
	n.EFLAGS = 0x202 | g.Uint32()&flagsArith
	if !g.safe && g.IntN(4) == 0 {
		n.EFLAGS |= flagDF
	}
	if !g.safe && g.IntN(8) == 0 {
		n.EFLAGS |= flagAC
	}
	for i := range n.Window {
		n.Window[i] = byte(g.value())
	}
}

// Families of comparisons, for the closing table of scripts/test.
const (
	familyInteger  = "x86 integer instructions"
	familySegments = "x86 segments and 16-bit code"
)

// asked are the oracles that are asked about a case.
type asked struct {
	host  *nativeCase // as 64-bit mode has it
	at    map[uint32]uint32
	bochs bool
}

// oraclesFor says who can be asked about a case that had result r here.
func oraclesFor(t testing.TB, n *nativeCase, r *nativeResult) (a asked) {
	fault := func(vectors ...uint32) bool { return r.Trap > 0 && slices.Contains(vectors, r.Trap-1) }
	// The monitor has the rest of its memory behind the 16 pages that userMachine maps for CPL 0.
	hidden := fault(excPF) && r.CR2 >= kernelBase+0x10000 && r.CR2 < kernelBase+bochsMB<<20
	a.bochs = bochsReady(t) == "" && !hidden
	// The host maps nothing for CPL 0 below 4 GiB, and has no segment limits.
	if hostReady(t) != "" || n.Segs[segCS] != 0 || fault(excPF) && r.CR2>>22 == kernelBase>>22 || fault(excGP, excSS) && r.Error == 0 && !privileged(n) {
		return a
	}
	if e, ok := encode64(n.Code[:n.CodeLen]); ok {
		c := *n
		a.host, a.at = &c, e.at
		c.CodeLen = uint32(len(e.code))
		copy(c.Code[:], e.code)
	}
	return a
}

// privileged says whether a case is about one instruction that CPL 3 may not execute.
func privileged(n *nativeCase) bool {
	switch op := n.first(); op.Kind {
	case kCLI, kSTI, kIN, kOUT, kINS, kOUTS, kHLT, kCLTS, kLMSW, kINVLPG, kINVD, kWBINVD, kLGDT, kLIDT, kLLDT, kLTR, kRDMSR, kWRMSR,
		kMOVFromCR, kMOVToCR, kMOVFromDR, kMOVToDR:
		return true
	}
	return false
}

// compareNative runs the cases here and on the oracles that can be asked about them, and reports the first mismatches.
func compareNative(t *testing.T, family string, cases []*nativeCase, undef []uint32) {
	t.Helper()
	needOracle(t, family)
	m := userMachine(t)
	byOracle := map[string]*batch{hostName: {}, bochsName: {}}
	for i, n := range cases {
		r := m.run(n)
		if r.Trap == 256 { // endless, or too long for the test
			continue
		}
		mask := undef[i]
		if r.Trap != 0 && !plainEnd(n, &r) {
			if mask&partialAtFault != 0 {
				continue
			}
			if mask&undefAtFault != 0 {
				mask |= flagsArith
			}
		}
		a := oraclesFor(t, n, &r)
		var columns []int
		if a.host != nil {
			byOracle[hostName].add(n, a.host, r, mask, a.at)
			columns = append(columns, byHostInt)
		}
		if a.bochs {
			byOracle[bochsName].add(n, n, r, mask, nil)
			columns = append(columns, byBochs)
		}
		if columns != nil {
			countNative(m, n, m.decodedOps(), columns)
		}
	}
	byOracle[hostName].compare(t, family, hostName, runHost)
	byOracle[bochsName].compare(t, family, bochsName, runBochs)
}

// needOracle ends the test when there is nobody to ask.
func needOracle(t testing.TB, family string) {
	t.Helper()
	why := [2]string{hostReady(t), bochsReady(t)}
	switch {
	case why[1] == "" && (why[0] == "" || family == familySegments):
	case why[1] != "" && (why[0] != "" || family == familySegments):
		oracle.Missing(t, family, bochsName, why[1])
	case why[0] != "":
		oracle.Absent(family, hostName, why[0])
	default:
		oracle.Absent(family, bochsName, why[1])
	}
}

// batch is what one oracle is asked.
type batch struct {
	cases []*nativeCase // as written
	sent  []*nativeCase // as the oracle has them
	ours  []nativeResult
	masks []uint32
	at    []map[uint32]uint32
}

func (b *batch) add(n, sent *nativeCase, r nativeResult, mask uint32, at map[uint32]uint32) {
	b.cases, b.sent, b.ours = append(b.cases, n), append(b.sent, sent), append(b.ours, r)
	b.masks, b.at = append(b.masks, mask), append(b.at, at)
}

func (b *batch) compare(t *testing.T, family, name string, run func(testing.TB, []*nativeCase) []nativeResult) {
	t.Helper()
	if len(b.cases) == 0 {
		return
	}
	theirs := run(t, b.sent)
	bad, compared := 0, 0
	for i, n := range b.cases {
		w := &theirs[i]
		if b.at[i] != nil {
			if at, ok := b.at[i][w.EIP]; ok {
				w.EIP = at
			}
			w.Segs = b.ours[i].Segs // not asked
		}
		if name == bochsName && bochsDeviates(n, w, &b.ours[i]) {
			continue
		}
		compared++
		if d := difference(name, w, &b.ours[i], b.masks[i]); d != "" {
			if bad++; bad <= 5 {
				t.Errorf("case %d: % x\nregs %08x eflags %08x segments %#x\n%s", i, n.Code[:n.CodeLen], n.Regs, n.EFLAGS, n.Segs, d)
			}
		}
	}
	if bad > 0 {
		t.Errorf("%s: %d of %d cases differ", name, bad, compared)
	}
	oracle.Compared(family, name, compared)
}

// TestNativeSingle compares single random instructions with the host, faults included.
func TestNativeSingle(t *testing.T) { workSingle.Needed(t) }

func compareSingle(t *testing.T) {
	count := *countFlag
	if count == 0 {
		count = 30000
	}
	t.Logf("seed %d", *seedFlag)
	g := &generator{Rand: rand.New(rand.NewPCG(*seedFlag, 1)), mode: mode32 | modeFlat}
	const batch = 10000
	for done := 0; done < count; done += batch {
		var cases []*nativeCase
		var undef []uint32
		for range min(batch, count-done) {
			n := newNativeCase(g.instruction())
			g.state(n)
			cases = append(cases, n)
			undef = append(undef, g.undef)
		}
		compareNative(t, familyInteger, cases, undef)
		if t.Failed() {
			return
		}
	}
}

// TestNativeSequence compares runs of random instructions, so that flags and results feed later instructions.
func TestNativeSequence(t *testing.T) { workSequence.Needed(t) }

func compareSequence(t *testing.T) {
	count := *countFlag
	if count == 0 {
		count = 80000
	}
	t.Logf("seed %d", *seedFlag)
	g := &generator{Rand: rand.New(rand.NewPCG(*seedFlag, 2)), mode: mode32 | modeFlat, safe: true}
	for done := 0; done < count; {
		var cases []*nativeCase
		var undef []uint32
		for len(cases) < 2000 && done < count {
			only64 := len(cases)%2 == 0 // for the host too; the others are for Bochs alone
			var code []byte
			for len(code) < 320 {
				for g.IntN(2) == 0 && len(code) < 320 {
					part := g.snippet(nativeCode + uint32(len(code)))
					if _, ok := encode64(part); only64 && !ok {
						continue
					}
					code = append(code, part...)
					code = append(code, 0x81, 0xf9) // AF may be undefined, see below
					code = binary.LittleEndian.AppendUint32(code, g.value())
					done += 3
				}
				part := g.instruction()
				if _, ok := encode64(part); only64 && !ok {
					continue
				}
				code = append(code, part...)
				done++
				if g.undef != 0 {
					code = append(code, 0x81, 0xf9) // cmp ecx, imm32 gives every flag a value
					code = binary.LittleEndian.AppendUint32(code, g.value())
				}
			}
			n := newNativeCase(code)
			g.state(n)
			cases = append(cases, n)
			undef = append(undef, 0)
		}
		compareNative(t, familyInteger, cases, undef)
		if t.Failed() {
			return
		}
	}
}

// TestNativeSegments compares single instructions in segments with limits: expand-up and -down, read-only, execute-only, 16-bit.
func TestNativeSegments(t *testing.T) { workSegments.Needed(t) }

func compareSegments(t *testing.T) {
	for i, mode := range []mode{mode32, 0} {
		for j, control := range []bool{false, true} {
			name := []string{"32-bit", "16-bit"}[i] + []string{"", " control"}[j]
			t.Run(name, func(t *testing.T) {
				t.Logf("seed %d", *seedFlag)
				g := &generator{Rand: rand.New(rand.NewPCG(*seedFlag, uint64(4+2*i+j))), mode: mode, anySeg: true, control: control}
				count := *countFlag / 10 // each loads segments many times over
				if count == 0 {
					count = 5000
				}
				for done := 0; done < count; done += 5000 {
					var cases []*nativeCase
					var undef []uint32
					for range min(5000, count-done) {
						code := g.instruction()
						if control {
							for range 48 { // room to jump to
								code = append(code, 0x90)
							}
						}
						n := newNativeCase(code)
						g.segmentState(n)
						cases = append(cases, n)
						undef = append(undef, g.undef)
					}
					compareNative(t, familySegments, cases, undef)
					if t.Failed() {
						return
					}
				}
			})
		}
	}
}
