package x86

import "forkscope/machine/cpu/softfloat"

// Status word bits (SDM vol. 1, 8.1.3). The exception flags in bits 0-5 are those of softfloat.
const (
	swSF = 1 << 6 // stack fault
	swES = 1 << 7 // an unmasked exception is pending
	swC0 = 1 << 8
	swC1 = 1 << 9
	swC2 = 1 << 10
	swC3 = 1 << 14
	swB  = 1 << 15 // busy: follows ES since the 80387
	swCC = swC0 | swC1 | swC2 | swC3

	// cwFixed is read as one and cwMask has the bits of the control word that exist.
	cwFixed = 1 << 6
	cwMask  = 0x1f3f
	cwInit  = 0x037f
)

// fpuState is the x87, MMX and SSE state of a CPU.
type fpuState struct {
	// reg are the physical registers R0-R7; ST(i) is reg[(top+i)&7], MMi is the significand of reg[i].
	reg [8]softfloat.F80
	top uint8
	// valid has a bit for each physical register that is not empty.
	valid uint8
	// cw and sw are the control and status words; sw is kept without its TOP field.
	cw, sw uint16
	// env holds the rounding, precision and masks of cw.
	env softfloat.Env

	// The last non-control instruction and its memory operand, if any.
	fop      uint16
	fcs, fds uint16
	fip, fdp uint64

	xmm   [16]xmmReg
	mxcsr uint32
	// sse holds the rounding and masks of mxcsr. ssePlain: round to nearest and all exceptions masked.
	sse      softfloat.Env
	ssePlain bool
}

// reset gives the power-on state (SDM vol. 3, table 9-1).
func (f *fpuState) reset() {
	*f = fpuState{}
	f.setControl(0x0040)
	f.valid = 0xff // R0-R7 hold +0.0 with tag 01 (zero)
	f.setMXCSR(mxcsrInit)
}

// init is FNINIT: the registers keep their contents, as empty ones.
func (f *fpuState) init() {
	f.setControl(cwInit)
	f.sw, f.top, f.valid = 0, 0, 0
	f.fop, f.fcs, f.fds, f.fip, f.fdp = 0, 0, 0, 0, 0
}

// setControl loads the control word.
func (f *fpuState) setControl(cw uint16) {
	cw = cw&cwMask | cwFixed
	f.cw = cw
	f.env = softfloat.Env{
		Rules:     softfloat.X87,
		Round:     softfloat.Rounding(cw >> 10 & 3),
		Unmasked:  softfloat.Flags(^cw & 0x3f),
		Precision: [4]uint8{24, 64, 53, 64}[cw>>8&3],
	}
	f.summarize()
}

// summarize sets or clears ES and B after the flags or the masks were loaded.
func (f *fpuState) summarize() {
	f.sw &^= swES | swB
	if f.sw&^f.cw&0x3f != 0 {
		f.sw |= swES | swB
	}
}

// status gives the status word with TOP.
func (f *fpuState) status() uint16 { return f.sw | uint16(f.top)<<11 }

func (f *fpuState) setStatus(sw uint16) {
	f.top = uint8(sw >> 11 & 7)
	f.sw = sw &^ (7 << 11)
}

// tagWord gives the full tag word, which is worked out from the registers' contents (SDM vol. 1, 8.1.7).
func (f *fpuState) tagWord() uint16 {
	var tw uint16
	for i := range f.reg {
		tag := uint16(3)
		if f.valid>>i&1 != 0 {
			switch softfloat.Classify(f.reg[i]) {
			case softfloat.Normal80:
				tag = 0
			case softfloat.Zero80:
				tag = 1
			default:
				tag = 2
			}
		}
		tw |= tag << (2 * i)
	}
	return tw
}

// setTagWord keeps of a full tag word which registers are empty.
func (f *fpuState) setTagWord(tw uint16) {
	f.valid = 0
	for i := range f.reg {
		if tw>>(2*i)&3 != 3 {
			f.valid |= 1 << i
		}
	}
}

// st gives ST(i).
func (f *fpuState) st(i uint8) *softfloat.F80 { return &f.reg[(f.top+i)&7] }

func (f *fpuState) isEmpty(i uint8) bool { return f.valid>>((f.top+i)&7)&1 == 0 }

func (f *fpuState) set(i uint8, v softfloat.F80) {
	n := (f.top + i) & 7
	f.reg[n] = v
	f.valid |= 1 << n
}

func (f *fpuState) pop() {
	f.valid &^= 1 << f.top
	f.top = (f.top + 1) & 7
}

// push puts v on the stack, the register of which the caller has found empty.
func (f *fpuState) push(v softfloat.F80) {
	f.top = (f.top - 1) & 7
	f.reg[f.top] = v
	f.valid |= 1 << f.top
}

// stackFault raises a stack overflow or underflow and says whether it is masked.
func (f *fpuState) stackFault(overflow bool) bool {
	f.sw |= uint16(softfloat.Invalid) | swSF
	if overflow {
		f.sw |= swC1
	}
	if f.env.Unmasked&softfloat.Invalid != 0 {
		f.sw |= swES | swB
		return false
	}
	return true
}

// begin prepares for an operation.
func (f *fpuState) begin() {
	f.sw &^= swC1
	f.env.Flags = 0
	f.env.RoundedUp = false
}

const beforeResult = softfloat.Invalid | softfloat.Denormal | softfloat.DivByZero

// settle enters the exceptions of an operation into the status word. It returns false when an unmasked one forbids the result, which
// then is not stored, nor the stack popped. Overflow and underflow do so only for results that go to memory.
func (f *fpuState) settle(toMemory bool) bool {
	fl := f.env.Flags
	if fl == 0 {
		return true
	}
	if un := fl & f.env.Unmasked; un != 0 {
		f.sw |= swES | swB
		if un&beforeResult != 0 {
			f.sw |= uint16(fl & beforeResult)
			return false
		}
		if toMemory && un&(softfloat.Overflow|softfloat.Underflow) != 0 {
			f.sw |= uint16(fl &^ softfloat.Inexact)
			return false
		}
	}
	f.sw |= uint16(fl)
	if fl&softfloat.Inexact != 0 && f.env.RoundedUp {
		f.sw |= swC1
	}
	return true
}

// checkFPU says whether a waiting x87 instruction may execute: the FPU must be there, and no exception pending.
func (c *CPU) checkFPU() bool {
	if c.cr0&(cr0EM|cr0TS) != 0 {
		return c.raise(excNM)
	}
	if c.fpu.sw&swES != 0 {
		return c.raise(excMF)
	}
	return true
}

// checkFPUControl is checkFPU for the instructions that do not wait (FNxxx).
func (c *CPU) checkFPUControl() bool {
	if c.cr0&(cr0EM|cr0TS) != 0 {
		return c.raise(excNM)
	}
	return true
}

// lastInstruction records op as the last non-control instruction.
func (c *CPU) lastInstruction(op *Op) {
	f := &c.fpu
	f.fop = op.Opcode & 0x7ff
	f.fip = c.ip - uint64(op.Len)
	f.fcs = c.seg[segCS].sel
}

// lastOperand records the address of its memory operand, too.
func (c *CPU) lastOperand(op *Op, ea uint64) {
	c.lastInstruction(op)
	c.fpu.fdp = ea
	c.fpu.fds = c.seg[op.Seg].sel
}
