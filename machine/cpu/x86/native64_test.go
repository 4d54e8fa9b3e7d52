package x86

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/mem"
	"forkscope/scripts/oracle"
)

// The host is the oracle for 64-bit mode itself: the same bytes, registers and memory, faults included.

const family64 = "x86-64 instructions"

// generator64 makes random instructions of 64-bit mode that user code may execute.
type generator64 struct {
	*rand.Rand
	// safe keeps the registers that hold pointers, for sequences.
	safe bool
	// undef are the flags that the last instruction left undefined.
	undef uint32
	// floats: it was one of x87, MMX or SSE.
	floats bool
}

// pointers64 are the registers that hold addresses in the window.
var pointers64 = []uint8{regEBX, regESP, regEBP, regESI, regEDI, regR9, regR12, regR13, regR14}

// notHere are the kinds that are not compared so: privileged in ways that Linux mends, different between processors, or about what the host has in its
// own tables.
var notHere = map[Kind]bool{
	kUD: true, kTooLong: true, kCPUID: true, kRDTSC: true, kRDTSCP: true, kRDPMC: true, kINT: true, kINT3: true, kINT1: true, kIRET: true, kHLT: true,
	kSYSENTER: true, kSYSEXIT: true, kSYSCALL: true, kSYSRET: true, kSWAPGS: true, kBASE: true, kMOVToSeg: true, kPOPSeg: true, kLoadFar: true,
	kLAR: true, kLSL: true, kVERR: true, kVERW: true, kSLDT: true, kSTR: true, kSGDT: true, kSIDT: true, kSMSW: true, kJMPFar: true, kCALLFar: true,
	kJMPFarMem: true, kCALLFarMem: true, kRETF: true, kPOPF: true, kXSAVE: true, kXRSTOR: true, kXGETBV: true, kXSETBV: true, kRDPKRU: true, kWRPKRU: true,
	kCLAC: true, kINVPCID: true, kFXSave: true, kFXRstor: true, kFSave: true, kFStEnv: true, kFRstor: true, kFLdEnv: true, kSSERcpPS: true, kSSERcpSS: true, kFTrans: true,
	kMMXMaskMov: true, kSSEMaskMov: true,
}

func (g *generator64) value() uint64 {
	switch g.IntN(6) {
	case 0:
		return signExtend(uint64(interesting[g.IntN(len(interesting))]), 4)
	case 1:
		return uint64(interesting[g.IntN(len(interesting))]) << 32
	case 2:
		return g.Uint64() >> g.IntN(64)
	case 3:
		return uint64(g.Uint32())
	case 4:
		return []uint64{1 << 63, 1<<63 - 1, 1 << 47, 0xffff800000000000, 1<<47 - 1}[g.IntN(5)]
	}
	return g.Uint64()
}

// instruction returns the bytes of a random instruction.
func (g *generator64) instruction() []byte {
	for {
		b := g.try()
		op, ok := decode64(b)
		if !ok || notHere[op.Kind] {
			continue
		}
		if (op.Kind == kBSF || op.Kind == kBSR) && op.Flags&(FlagRep|FlagRepne) != 0 {
			continue // TZCNT and LZCNT on the host
		}
		if slices.Contains(b[:min(6, len(b))], 0x64) {
			continue // FS is the C library's
		}
		if op.Size == 2 && (op.Kind == kSHLD || op.Kind == kSHRD) && !(op.Sub == formRMImm && op.Imm&31 <= 16) {
			continue // the result of a larger count is undefined
		}
		if nearBranch(op.Kind) && op.Flags&(FlagOp16|FlagRep|FlagRepne) != 0 {
			continue // processors differ
		}
		if op.Kind == kNOPRM && b[slices.Index(b, 0x0f)+1] == 0x0d && op.Flags&FlagMem == 0 {
			continue // reserved
		}
		if g.safe && !g.keepsPointers(&op, b) {
			continue
		}
		g.undef, g.floats = undefinedFlags(&op), op.Kind >= kindFPU
		return b
	}
}

// decode64 decodes one instruction, and says whether the bytes are no more.
func decode64(b []byte) (op Op, ok bool) {
	d := decoder{code: append(slices.Clone(b), make([]byte, 16)...)}
	d.decode(&op, mode64|modeFlat)
	return op, int(op.Len) == len(b)
}

func nearBranch(k Kind) bool {
	switch k {
	case kJMP, kJcc, kCALL, kJMPRM, kCALLRM, kRET, kLOOP, kLOOPE, kLOOPNE, kJCXZ:
		return true
	}
	return false
}

// keepsPointers says whether op leaves the registers that hold pointers, and goes on behind itself.
func (g *generator64) keepsPointers(op *Op, b []byte) bool {
	if nearBranch(op.Kind) {
		return false
	}
	switch op.Kind {
	case kPUSHReg, kPUSHRM, kPUSHImm, kPUSHSeg, kPUSHF, kENTER, kLEAVE, kMOVS, kCMPS, kSTOS, kLODS, kSCAS, kINS, kOUTS, kIN, kOUT, kPOPReg, kPOPRM,
		kCLI, kSTI, kCLTS, kLMSW, kINVLPG, kINVD, kWBINVD, kLGDT, kLIDT, kLLDT, kLTR, kRDMSR, kWRMSR, kCMPXCHG16B, kSSEString,
		kMOVFromCR, kMOVToCR, kMOVFromDR, kMOVToDR, kDIV, kIDIV, kXLAT, kSTD, kLdMXCSR, kFLdCW, kFLdEnv, kFRstor:
		return false
	}
	if op.Kind >= kindFPU && op.Kind < kindSSE {
		return true // x87 and MMX: their exceptions wait for the next one
	}
	free := func(r uint8) bool { return r < 19 && !slices.Contains(pointers64, r) }
	return (op.Flags&FlagMem != 0 || free(op.RM)) && free(op.Reg)
}

func (g *generator64) try() []byte {
	var b []byte
	for g.IntN(8) == 0 {
		b = append(b, [...]byte{0x66, 0x66, 0x66, 0xf2, 0xf3, 0x3e, 0x36, 0x26, 0x65, 0x67}[g.IntN(10)])
	}
	family := g.IntN(16)
	var escape []byte
	switch {
	case family < 9:
	case family < 11:
		escape = []byte{0x0f}
	default:
		if p := g.IntN(4); p > 0 {
			b = append(b, [...]byte{0x66, 0xf2, 0xf3}[p-1])
		}
		escape = [][]byte{{0x0f}, {0x0f}, {0x0f, 0x38}, {0x0f, 0x3a}}[g.IntN(4)]
	}
	rex := byte(0)
	if g.IntN(4) != 0 {
		rex = 0x40 | byte(g.IntN(16))
		b = append(b, rex)
	}
	b = append(b, escape...)
	op := byte(g.IntN(256))
	if len(escape) > 1 {
		op = [...]byte{0, 0x10, 0x20, 0x30, 0x40, 0x60, 0xf0}[g.IntN(7)] | byte(g.IntN(16))
	}
	b = append(b, op)
	e := encoding{enc: encModRM}
	switch len(escape) {
	case 0:
		e = oneByte[op]
	case 1:
		e = twoByte[op]
	}
	if e.long != nil {
		e = *e.long
	}
	if e.enc&(encModRM|encSSE) != 0 {
		b = g.modRM(b, rex)
	}
	if e.enc&encMoffs != 0 {
		return binary.LittleEndian.AppendUint64(b, nativeBase+uint64(g.IntN(nativeWindow)))
	}
	// The right number of immediate bytes is found by trying.
	for range [...]int{0, 0, 0, 1, 1, 1, 2, 3, 4, 4, 8}[g.IntN(11)] {
		b = append(b, byte(g.value()))
	}
	return b
}

// modRM appends a register or memory operand; memory ones are based on a register that holds a pointer.
func (g *generator64) modRM(b []byte, rex byte) []byte {
	reg := byte(g.IntN(8)) << 3
	if g.IntN(2) == 0 {
		return append(b, 0xc0|reg|byte(g.IntN(8)))
	}
	disp := byte(int8(g.IntN(256) - 128))
	base := [...]byte{3, 5, 6, 7}[g.IntN(4)]
	if rex&rexB != 0 {
		base = [...]byte{1, 5, 6}[g.IntN(3)] // R9, R13, R14
	}
	imm32 := binary.LittleEndian.AppendUint32
	switch g.IntN(8) {
	case 0: // [rsp or r12+disp8]
		return append(b, 0x44|reg, 0x24, disp)
	case 1: // [base+disp32]
		return imm32(append(b, 0x80|reg|base), uint32(g.IntN(256)-128))
	case 2: // relative to RIP
		return imm32(append(b, 0x05|reg), nativeBase+300+uint32(g.IntN(400))-nativeCode)
	case 3: // [base+index*scale+disp8], whatever the index holds
		return append(b, 0x44|reg, byte(g.IntN(256)), disp)
	case 4: // absolute
		return imm32(append(b, 0x04|reg, 0x25), nativeBase+uint32(g.IntN(nativeWindow)))
	}
	return append(b, 0x40|reg|base, disp)
}

// snippet returns a few instructions that transfer control within themselves, or combine to one hot form.
func (g *generator64) snippet() []byte {
	skipped := [][]byte{{0xff, 0xc0}, {0x48, 0xd1, 0xc2}, {0x31, 0xc1}, {0x48, 0x83, 0xc0, 7}, {0x0f, 0xca}}[g.IntN(5)]
	imm32 := binary.LittleEndian.AppendUint32
	r := [...]byte{0, 1, 2}[g.IntN(3)]
	switch g.IntN(16) {
	case 12: // and rbx, -16; cmpxchg16b [rbx], perhaps with what is there
		b := []byte{0x48, 0x83, 0xe3, 0xf0}
		if g.IntN(2) == 0 {
			b = append(b, 0x48, 0x8b, 0x03, 0x48, 0x8b, 0x53, 0x08)
		}
		return append(b, 0x48, 0x0f, 0xc7, 0x0b)
	case 10: // mov ecx, small; mov with [base+rcx*scale+disp8]
		return g.indexed()
	case 11: // shifts by a number, neg, not, mul
		b := []byte{0x40 | byte(g.IntN(2))<<3}
		if g.IntN(3) > 0 {
			return append(b, 0xc1, 0xc0|byte(g.IntN(8))<<3|r, byte(g.Uint32()))
		}
		return append(b, 0xf7, 0xc0|byte(2+g.IntN(4))<<3|r)
	case 0: // push and pop
		return [][]byte{{0x50 + byte(g.IntN(8)), 0x58 + r}, {0x41, 0x50 + byte(g.IntN(8)), 0x58 + r}, {0x6a, byte(g.value()), 0x58 + r},
			{0xff, 0xf0 | byte(g.IntN(8)), 0x58 + r}, {0xff, 0x73, byte(g.IntN(64)), 0x58 + r}}[g.IntN(5)]
	case 1: // push rbp; mov rbp, rsp; leave
		return []byte{0x55, 0x48, 0x89, 0xe5, 0xc9}
	case 2:
		return append([]byte{0xeb, byte(len(skipped))}, skipped...)
	case 3: // call over some code, and take the address off
		return append(append(imm32([]byte{0xe8}, uint32(len(skipped))), skipped...), 0x58+r)
	case 4: // lea rax, [rip+3]; call or jmp rax; pop
		return append(append(imm32([]byte{0x48, 0x8d, 0x05}, 2), [][]byte{{0xff, 0xe0}, {0xff, 0xd0, 0x5a}}[g.IntN(2)]...), skipped...)
	case 5: // lea rax, [rip+n]; mov [rbx], rax; jmp [rbx] or call [rbx], pop
		b := imm32([]byte{0x48, 0x8d, 0x05}, 5)
		b = append(b, 0x48, 0x89, 0x03)
		return append(append(b, [][]byte{{0xff, 0x23}, {0xff, 0x13, 0x5a}}[g.IntN(2)]...), skipped...)
	case 6: // lea rax, [rip+2]; push rax; ret
		return append(imm32([]byte{0x48, 0x8d, 0x05}, 2), 0x50, 0xc3)
	case 7: // a counted loop
		return append([]byte{0xb9, byte(g.IntN(6) + 1), 0, 0, 0, 0xff, 0xc0}, [][]byte{{0xff, 0xc9, 0x75, 0xfa}, {0xe2, 0xfc}, {0x48, 0x83, 0xe9, 1, 0x75, 0xf8}}[g.IntN(3)]...)
	case 8: // a shift by cl
		return []byte{0xb1, byte(g.Uint32()), 0x40 | byte(g.IntN(2))<<3, 0xd3, 0xe0 | byte(g.IntN(4))<<3 | r}
	case 9: // movzx, movsx, movsxd, movabs
		b := []byte{0x40 | byte(g.IntN(2))<<3, 0x0f, [...]byte{0xb6, 0xb7, 0xbe, 0xbf}[g.IntN(4)]}
		switch g.IntN(4) {
		case 0:
			b = []byte{0x48, 0x63}
		case 1:
			return binary.LittleEndian.AppendUint64([]byte{0x48, 0xb8 + r}, g.value())
		}
		return append(b, 0x43|r<<3, byte(g.IntN(64)))
	}
	// What sets flags, and a conditional jump.
	b := []byte{0x40 | byte(g.IntN(2))<<3}
	disp := byte(g.IntN(64))
	switch g.IntN(8) {
	case 0: // cmp, test, add, sub, and, or of two registers
		b = append(b, [...]byte{0x39, 0x85, 0x01, 0x29, 0x21, 0x09, 0x38, 0x84}[g.IntN(8)], 0xc0|byte(g.IntN(3))<<3|r)
		if g.IntN(3) == 0 {
			b[len(b)-1] = 0xc0 | r<<3 | r
		}
	case 1: // cmp with memory
		b = append(b, [...]byte{0x39, 0x3b, 0x38, 0x3a, 0x85, 0x84}[g.IntN(6)], 0x43|r<<3, disp)
	case 2, 3: // an operation with an immediate byte
		b = append(b, [...]byte{0x83, 0x83, 0x80}[g.IntN(3)], 0xc0|[...]byte{7, 7, 0, 4, 5}[g.IntN(5)]<<3|r, byte(g.value()))
	case 4: // on memory
		b = append(b, [...]byte{0x83, 0x83, 0x80}[g.IntN(3)], 0x43|[...]byte{7, 7, 7, 0, 1, 2, 3, 4, 5, 6}[g.IntN(10)]<<3, disp, byte(g.value()))
	case 5: // with one of four bytes
		b = imm32(append(b, 0x81, 0xc0|byte(g.IntN(8))<<3|r), uint32(g.value()))
	case 6: // dec
		b = append(b, 0xff, 0xc8|r)
	default: // test with an immediate
		b = [][]byte{{0xa8, byte(g.value())}, {0xf6, 0xc0 | r, byte(g.value())}, {0xf6, 0x43, disp, byte(g.value())}, imm32(append(b, 0xf7, 0xc0|r), uint32(g.value()))}[g.IntN(4)]
	}
	b = append(b, 0x70|byte(g.IntN(16)), byte(len(skipped)))
	return append(b, skipped...)
}

// indexed is a move with an address that has an index.
func (g *generator64) indexed() []byte {
	b := []byte{0xb9, byte(g.IntN(16)), 0, 0, 0}
	size := 4
	if g.IntN(3) == 0 {
		b, size = append(b, 0x66), 2
	}
	b = append(b, 0x40|byte(g.IntN(2))<<3)
	if b[len(b)-1] != 0x40 {
		size = 4
	}
	sib := byte(g.IntN(4))<<6 | 1<<3 | [...]byte{3, 5, 6, 7}[g.IntN(4)]
	disp := byte(g.IntN(64))
	switch g.IntN(3) {
	case 0:
		return append(b, 0x8b, 0x44|byte(g.IntN(3))<<3, sib, disp)
	case 1:
		return append(b, 0x89, 0x44|byte(g.IntN(8))<<3, sib, disp)
	}
	return append(append(b, 0xc7, 0x44, sib, disp), binary.LittleEndian.AppendUint32(nil, uint32(g.value()))[:size]...)
}

// state fills registers and memory.
func (g *generator64) state(n *hostInput) {
	for i := range n.Regs {
		n.Regs[i] = g.value()
	}
	for _, r := range pointers64 {
		if g.IntN(16) != 0 || g.safe {
			n.Regs[r] = nativeBase + 256 + uint64(g.IntN(512))
		}
	}
	n.Regs[regESP] = nativeBase + 256 + uint64(g.IntN(128))*4
	if g.safe { // SSE operands are aligned more often, and the stack does not meet the others
		n.Regs[regESP] = nativeBase + 256 + uint64(g.IntN(16))*8
	}
	if g.IntN(2) == 0 {
		for _, r := range pointers64 {
			n.Regs[r] &^= 15
		}
	}
	if g.IntN(16) == 0 && !g.safe { // at the end of the page
		n.Regs[[]int{regEBX, regESI, regEDI, regR9, regR14}[g.IntN(5)]] = nativeData + 0x1000 - uint64(g.IntN(8))
	}
	if g.IntN(2) == 0 { // a small count
		n.Regs[regECX] = n.Regs[regECX]&^0xff | uint64(g.IntN(70))
	}
	if g.IntN(2) == 0 {
		n.Regs[regECX] &= 0xff
	}
	n.RFLAGS = 0x202 | uint64(g.Uint32()&flagsArith)
	if !g.safe && g.IntN(4) == 0 {
		n.RFLAGS |= flagDF
	}
	if !g.safe && g.IntN(8) == 0 {
		n.RFLAGS |= flagAC
	}
	for i := range n.Window {
		n.Window[i] = byte(g.value())
	}
	var h hostCase
	randomState(g.Rand, &h, 4*(1-b2i(g.safe)))
	n.FX = h.fx
	for i := range 8 {
		randomVector(g.Rand, n.FX[288+16*i:])
	}
	for i := 0; i < len(n.Window); i += 64 {
		copy(n.Window[i:], h.mem[:16])
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func newInput(code []byte) *hostInput {
	n := &hostInput{CodeLen: uint64(len(code))}
	copy(n.Code[:], code)
	return n
}

// Physical memory of the machine for 64-bit user code, beside that of userMachine: the root, and seven more tables.
const (
	phys64Tables = 0xe000
	user64Code   = 0x33
	user64Data   = 0x2b
)

func newLongMachine(t testing.TB, size uint64) *machine {
	ram, err := mem.New(0, size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ram.Close() })
	m := &machine{t: t, ram: ram, clk: clock.New(1), bus: &testBus{}}
	m.c = New(Config{RAM: ram, Clock: m.clk, Bus: m.bus, Long: true, AckIRQ: func() uint8 { return 0x20 },
		Log: func(r Report) { m.undefined = append(m.undefined, r) }})
	m.bus.c = m.c
	m.o = cpu.Orders{Breaks: &cpu.BreakSet{}, Watches: &cpu.WatchSet{}, Held: true}
	return m
}

func (m *machine) write64(pa uint32, v ...uint64) {
	for i, x := range v {
		m.write32(pa+uint32(8*i), uint32(x), uint32(x>>32))
	}
}

func (m *machine) read64(pa uint32) uint64 { return uint64(m.read32(pa)) | uint64(m.read32(pa+4))<<32 }

// user64Machine is set up as Linux sets up a 64-bit process, as far as that process can see.
func user64Machine(t testing.TB) *machine {
	m := newLongMachine(t, 1<<20)
	m.write64(physGDT, 0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0, 0x00cff3000000ffff, 0x00affb000000ffff)
	m.write64(physTSS+4, kernelBase+physStackTop)
	m.write32(physTSS+0x64, 0x68<<16) // no I/O permission bitmap
	for v := range uint32(256) {
		dpl := uint32(0)
		if v == endVector || v == excBP || v == excOF {
			dpl = 3
		}
		stub := uint32(kernelBase + physStubs + v*16)
		m.write32(physIDT+v*16, 0x10<<16|stub&0xffff, stub&0xffff0000|0x8e00|dpl<<13)
		m.write(stub-kernelBase, []byte{0x0f, 0xae, 0x04, 0x25, 0, physFXOut >> 8 & 0xff, 0, kernelBase >> 24, 0xf4})
	}
	const present = ptePresent | pteWrite | pteUser
	table := func(i uint32) uint32 { return phys64Tables + i<<12 }
	m.write64(table(0), uint64(table(1)|present))
	m.write64(table(1), uint64(table(2)|present), uint64(table(3)|present))
	m.write64(table(2)+nativeCode>>21*8, uint64(table(4)|present))
	m.write64(table(2)+nativeData>>21*8, uint64(table(5)|present))
	m.write64(table(3)+(kernelBase>>21&0x1ff)*8, uint64(table(6)|present))
	m.write64(table(4), physCode|present)
	m.write64(table(5), physData|present|pteNX)
	for i := range uint64(0x18) {
		m.write64(table(6)+8*uint32(i), i<<12|ptePresent|pteWrite)
	}
	return m
}

// load64 sets the machine up before the case's code.
func (m *machine) load64(n *hostInput) {
	c := m.c
	var page [0x1000]byte
	for i := range page {
		page[i] = 0xcc
	}
	copy(page[:], n.Code[:n.CodeLen])
	copy(page[n.CodeLen:], []byte{0xcd, endVector})
	m.write(physCode, page[:])
	clear(page[:])
	copy(page[0x1000-nativeWindow:], n.Window[:])
	m.write(physData, page[:])
	c.Reset()
	c.gdt, c.idt = tableRegister{kernelBase + physGDT, 0x37}, tableRegister{kernelBase + physIDT, 0xfff}
	c.tr = segment{sel: 0x40, base: kernelBase + physTSS, limit: 0x67, attr: attrPresent | sysTSS32Busy}
	c.efer = eferSCE | eferLME | eferLMA | eferNXE
	c.cr3 = phys64Tables
	c.cr4 = cr4PAE | cr4OSFXSR | cr4OSXMMEXCPT
	c.cr0 = cr0PE | cr0PG | cr0WP | cr0NE | cr0MP | cr0ET | cr0AM
	for i := range c.seg {
		c.seg[i] = segment{}
	}
	c.setFlat(user64Code, user64Data, 3, mode64)
	c.setFlags(uint32(n.RFLAGS), ^uint32(0))
	loadImage(&c.fpu, &n.FX)
	for i := range c.fpu.xmm {
		c.fpu.xmm[i] = xmmReg{binary.LittleEndian.Uint64(n.FX[160+16*i:]), binary.LittleEndian.Uint64(n.FX[168+16*i:])}
	}
	copy(c.r[:16], n.Regs[:])
	c.ip = nativeCode
	c.flushTLB()
	c.updateMode()
}

// run64 executes a case and reports its result in the harness's terms.
func (m *machine) run64(n *hostInput) (r hostOutput) {
	m.load64(n)
	c := m.c
	if exit := m.upTo(m.clk.Retired + 200_000); exit.Reason != cpu.Halt {
		r.Trap = 256
		return r
	}
	vector := uint64(c.ip-kernelBase-physStubs) / 16
	frame := uint32(c.r[regESP] - kernelBase)
	if vector != endVector {
		r.Trap = vector + 1
		switch vector {
		case excDF, excTS, excNP, excSS, excGP, excPF, excAC:
			r.Error = m.read64(frame)
			frame += 8
		}
		if vector == excPF {
			r.CR2 = c.cr2
		}
	}
	r.RIP = m.read64(frame) - nativeCode
	if vector == endVector {
		r.RIP -= 2
	}
	r.RFLAGS = m.read64(frame + 16)
	copy(r.Regs[:], c.r[:16])
	r.Regs[regESP] = m.read64(frame + 24)
	m.ram.Read(physFXOut, r.FX[:])
	m.ram.Read(physData+0x1000-nativeWindow, r.Window[:])
	return r
}

// difference64 describes how two results differ, apart from the flags in undef.
func difference64(theirs, ours *hostOutput, undef uint32) string {
	var s string
	add := func(format string, args ...any) { s += fmt.Sprintf(format+"; ", args...) }
	if theirs.Trap != ours.Trap {
		add("exception %d there, %d here (-1 is none)", int(theirs.Trap)-1, int(ours.Trap)-1)
	}
	if theirs.RIP != ours.RIP {
		add("rip +%#x there, +%#x here", theirs.RIP, ours.RIP)
	}
	for i, name := range generalNames {
		if theirs.Regs[i] != ours.Regs[i] {
			add("%s %016x there, %016x here", name, theirs.Regs[i], ours.Regs[i])
		}
	}
	if d := (theirs.RFLAGS ^ ours.RFLAGS) &^ uint64(undef); d != 0 {
		add("rflags %08x there, %08x here (differ in %#x)", theirs.RFLAGS, ours.RFLAGS, d)
	}
	if theirs.Trap != 0 && (theirs.Error != ours.Error || theirs.Trap == excPF+1 && theirs.CR2 != ours.CR2) {
		add("error code %#x cr2 %#x there, %#x %#x here", theirs.Error, theirs.CR2, ours.Error, ours.CR2)
	}
	for i := range theirs.Window {
		if theirs.Window[i] != ours.Window[i] {
			add("memory at +%#x: %02x there, %02x here", i, theirs.Window[i], ours.Window[i])
			break
		}
	}
	for _, f := range []struct {
		name   string
		at, to int
	}{{"control", 0, 2}, {"status", 2, 4}, {"tags", 4, 5}, {"mxcsr", 24, 28}, {"st0-7", 32, 160}, {"xmm0-15", 160, 416}} {
		for i := f.at; i < f.to; i++ {
			if theirs.FX[i] != ours.FX[i] && (f.name != "st0-7" || i%16 < 10) {
				add("%s at +%d: %x there, %x here", f.name, i-f.at, theirs.FX[i&^7:i&^7+8], ours.FX[i&^7:i&^7+8])
				break
			}
		}
	}
	return s
}

// compare64 runs the cases here and on the host, and reports the first mismatches.
func compare64(t *testing.T, cases []*hostInput, undef []uint32) {
	t.Helper()
	if why := hostReady(t); why != "" {
		oracle.Missing(t, family64, hostName, why)
	}
	m := user64Machine(t)
	var sent []*hostInput
	var ours []hostOutput
	var masks []uint32
	for i, n := range cases {
		r := m.run64(n)
		mask := undef[i]
		switch {
		case r.Trap == 256, r.Trap == excPF+1 && (r.CR2 >= 1<<47-0x1000 || r.CR2>>22 == kernelBase>>22): // what the host's kernel has is not shown
			continue
		case r.Trap != 0 && r.RIP-n.CodeLen-1 < 16: // in what ends the code
			continue
		case r.Trap != 0 && mask&partialAtFault != 0:
			continue
		case r.Trap != 0 && mask&undefAtFault != 0:
			mask |= flagsArith
		}
		sent, ours, masks = append(sent, n), append(ours, r), append(masks, mask)
		m.count64(n)
	}
	theirs := runHost64(t, sent)
	bad := 0
	for i, n := range sent {
		if d := difference64(&theirs[i], &ours[i], masks[i]); d != "" {
			if bad++; bad <= 12 {
				t.Errorf("% x\nregs %x rflags %08x\n%s", n.Code[:min(n.CodeLen, 64)], n.Regs, n.RFLAGS, d)
			}
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d cases differ", bad, len(sent))
	}
	oracle.Compared(family64, hostName, len(sent))
}

// count64 counts what a case executed, as countNative does.
func (m *machine) count64(n *hostInput) {
	c := m.c
	blocks := m.decodedOps()
	m.load64(n)
	for range 2000 {
		if c.halted {
			return
		}
		user, off := c.cpl == 3, uint16(c.PC()&0xfff)
		page := uint32(nativeData) >> 12 % tlbSize
		warm := c.rd[page].tag != 0 && c.wr[page].tag != 0
		op, exit, ok := stepOp(m)
		if exit.Reason != cpu.Limit && exit.Reason != cpu.Halt {
			return
		}
		if !user || !ok {
			continue
		}
		k := op.Cold
		if was, found := blocks[off]; found && (warm || !touchesMemory(&was)) {
			k = was.Kind
		}
		countExercised(byHost64, k)
	}
}

// TestNative64Single compares single random instructions of 64-bit mode with the host, faults included.
func TestNative64Single(t *testing.T) { workSingle64.Needed(t) }

func compareSingle64(t *testing.T) {
	count := *countFlag
	if count == 0 {
		count = 30000
	}
	t.Logf("seed %d", *seedFlag)
	g := &generator64{Rand: rand.New(rand.NewPCG(*seedFlag, 21))}
	for done := 0; done < count && !t.Failed(); done += 10000 {
		var cases []*hostInput
		var undef []uint32
		for range min(10000, count-done) {
			code := g.instruction()
			for range 8 { // room to jump to
				code = append(code, 0x90)
			}
			n := newInput(code)
			g.state(n)
			if g.floats {
				n.RFLAGS &^= flagAC // what it asks of more than 8 bytes depends on the processor
			}
			cases, undef = append(cases, n), append(undef, g.undef)
		}
		compare64(t, cases, undef)
	}
}

// TestNative64Sequence compares runs of random instructions of 64-bit mode.
func TestNative64Sequence(t *testing.T) { workSequence64.Needed(t) }

func compareSequence64(t *testing.T) {
	count := *countFlag
	if count == 0 {
		count = 60000
	}
	t.Logf("seed %d", *seedFlag)
	g := &generator64{Rand: rand.New(rand.NewPCG(*seedFlag, 22)), safe: true}
	for done := 0; done < count && !t.Failed(); {
		var cases []*hostInput
		for len(cases) < 1000 && done < count {
			var code []byte
			for len(code) < 320 {
				if g.IntN(2) == 0 {
					code = append(code, g.defined(g.snippet())...)
					done += 2
				}
				part := g.instruction()
				if g.undef != 0 {
					part = g.defined(part)
				}
				code = append(code, part...)
				done++
			}
			n := newInput(code)
			g.state(n)
			cases = append(cases, n)
		}
		compare64(t, cases, make([]uint32, len(cases)))
	}
}

// defined gives every flag a value after code that leaves some undefined: cmp ecx, imm32.
func (g *generator64) defined(code []byte) []byte {
	return binary.LittleEndian.AppendUint32(append(slices.Clone(code), 0x81, 0xf9), uint32(g.value()))
}

// TestNative64Thin asks the host again about the hot forms of 64-bit code that it has hardly met.
func TestNative64Thin(t *testing.T) { workThin64.Needed(t) }

func compareThin64(t *testing.T) {
	workSingle64.Needed(t)
	workSequence64.Needed(t)
	g := &generator64{Rand: rand.New(rand.NewPCG(*seedFlag, 23)), safe: true}
	for range 8 {
		wanted := map[Kind]int{}
		for k, f := range hotForms {
			if n := exercised[byHost64].kind[k]; f.long && n < thinCount && f.size != 0 {
				wanted[Kind(k)] = thinCount - n
			}
		}
		if n := exercised[byHost64].kind[kCMPXCHG16B]; n < thinCount {
			wanted[kCMPXCHG16B] = thinCount - n
		}
		parts := g.parts(t, wanted)
		if len(parts) == 0 || t.Failed() {
			break
		}
		g.runParts(t, parts)
	}
}

// parts samples instructions and snippets that become the wanted kinds.
func (g *generator64) parts(t *testing.T, wanted map[Kind]int) (parts [][]byte) {
	scratch := newLongMachine(t, 1<<20).c
	scratch.set64()
	for range 600_000 {
		if len(wanted) == 0 {
			break
		}
		b := g.snippet()
		if g.IntN(2) == 0 {
			if b = g.instruction(); g.undef != 0 {
				b = g.defined(b)
			}
		}
		kinds := scratch.kindsIn(b, mode64|modeFlat)
		if slices.Contains(kinds, kXCHG) {
			continue // hosts punish a lock across cache lines by a wait
		}
		for _, k := range kinds {
			if wanted[k] > 0 {
				parts = append(parts, b)
				if wanted[k]--; wanted[k] == 0 {
					delete(wanted, k)
				}
				break
			}
		}
	}
	return parts
}

// runParts compares the parts, a few to a case, each after an instruction that brings the data's page into the TLB.
func (g *generator64) runParts(t *testing.T, parts [][]byte) {
	t.Helper()
	warm := append(binary.LittleEndian.AppendUint32([]byte{0x83, 0x04, 0x25}, nativeBase+64), 1) // add dword [nativeBase+64], 1
	var cases []*hostInput
	for len(parts) > 0 {
		code := slices.Clone(warm)
		for len(parts) > 0 && len(code)+len(parts[0]) < 64 {
			code, parts = append(code, g.defined(parts[0])...), parts[1:]
		}
		n := newInput(code)
		g.state(n)
		cases = append(cases, n)
	}
	compare64(t, cases, make([]uint32, len(cases)))
}
