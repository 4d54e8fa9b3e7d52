package x86

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// What a hot body and a general function can change, in a machine of 16 pages without paging.
const (
	hotPage  = 0x3000 // of the op, for its EIP
	hotData  = 0x5000 // and the page behind it
	hotStack = 0x9000
)

type hotState struct {
	r     [32]uint64
	flags uint32
	data  [0x2000]byte
	stack [0x2000]byte
}

func stateOfHot(m *machine) (s hotState) {
	s.r, s.flags = m.c.r, m.c.getFlags()
	m.ram.Read(hotData, s.data[:])
	m.ram.Read(hotStack, s.stack[:])
	return s
}

func (s *hotState) load(m *machine) {
	m.c.r = s.r
	m.c.setFlags(s.flags, flagsArith)
	m.write(hotData, s.data[:])
	m.write(hotStack, s.stack[:])
}

// touches reports whether a form reads or writes memory.
func (f form) touches() bool {
	switch f.op {
	case kLEA:
		return false
	case kPUSHReg, kPUSHImm, kPUSHRM, kPOPReg, kLEAVE, kCALL, kCALLRM, kRET:
		return true
	}
	return f.shape >= rm
}

// randomHot makes an op of the form as the decoder does, and a state to run it in. Its memory operand, or the stack, crosses into the next page when it is to.
func randomHot(rng *rand.Rand, f form, cross bool) (op Op, s hotState) {
	s.r[regFar] = 1 << 32
	registers := 8
	if f.long {
		registers = 16
	}
	for i := range registers {
		s.r[i] = uint64(rng.Uint32())
		if f.long {
			s.r[i] = rng.Uint64()
		}
		if rng.IntN(4) == 0 {
			s.r[i] = []uint64{0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x80, 0xff}[rng.IntN(7)]
			if f.long && rng.IntN(2) == 0 {
				s.r[i] = signExtend(s.r[i], 4)
			}
		}
	}
	if rng.IntN(4) == 0 { // equal operands
		s.r[rng.IntN(registers)] = s.r[rng.IntN(registers)]
	}
	register := func() uint8 { return uint8(rng.IntN(registers)) }
	s.flags = rng.Uint32()&flagsArith | 2 // bit 1 reads 1
	for i := range 64 {
		s.data[0x1000-32+i], s.stack[0x1000-32+i] = byte(rng.Uint32()), byte(rng.Uint32())
	}
	op = Op{Cold: f.op, Size: f.size, Off: uint16(rng.IntN(0xff0)), Len: uint8(1 + rng.IntN(8)), Seg: segDS, Imm2: rng.Uint32(),
		Reg: register(), RM: register(), Base: regZero, Index: regZero, Imm: rng.Uint32()}
	switch f.shape {
	case ri, mi, bi:
		op.Sub = formRMImm
	case rm, rb:
		op.Sub = formRegRM
	case rc:
		op.Sub = formRMCL
	}
	if f.op >= kROL && f.op <= kSAR && f.shape == ri {
		op.Imm = 1 + op.Imm%uint32(countMask(f.size))
	}
	if f.size == 1 {
		if f.shape == ri || f.shape == mi {
			op.Imm = uint32(int8(op.Imm))
		}
		op.Reg, op.RM = uint8(rng.IntN(registers+4)), uint8(rng.IntN(registers+4))
		if !f.long { // the first four and their second bytes
			op.Reg, op.RM = op.Reg&3+op.Reg&4<<2, op.RM&3+op.RM&4<<2
		}
	}
	if f.op == kMOVZX8 || f.op == kMOVSX8 {
		op.RM = op.RM&3 + op.RM&4<<2
	}
	if !f.long {
		op.Flags = FlagAddr32
	}
	if conditional(f.op) {
		op.Sub = uint8(f.cond)
	}
	switch f.op {
	case kPUSHReg, kPOPReg, kBSWAP: // the register is in the opcode
		op.RM = op.Reg
	case kRET:
		op.Imm2 &= 0xff
	case kJMP, kCALL, kJcc: // what specialise does
		if f.long {
			op.Imm = uint32(int32(op.Imm) >> 1) // not beyond what 32 bits say of the target
		}
		op.Imm2 = uint32(op.Off) + uint32(op.Len) + op.Imm
	}
	at := uint64(0x1000 - 32 + rng.IntN(24))
	if cross {
		at = 0x1000 - 1
	}
	s.r[regESP], s.r[regEBP] = hotStack+at, hotStack+at
	if f.op == kPUSHReg || f.op == kPUSHImm || f.op == kPUSHRM || f.op == kCALL || f.op == kCALLRM {
		s.r[regESP] += uint64(stackSize(f))
	}
	if f.shape >= rm {
		op.Flags |= FlagMem
		if op.Base = register(); rng.IntN(9) == 0 {
			op.Base = regZero
		}
		if !f.shape.simple() && rng.IntN(4) > 0 {
			if op.Index = register(); op.Index == regESP {
				op.Index = regZero
			}
			op.Scale = uint8(rng.IntN(4))
		}
		op.Disp = uint32(hotData + at - s.r[op.Base] - s.r[op.Index]<<op.Scale)
		if f.long { // the base makes up for what a displacement does not reach
			op.Base = []uint8{regEAX, regEBX, regESI, regR8, regR13}[rng.IntN(5)]
			if op.Index == op.Base {
				op.Index = regZero
			}
			s.r[op.Base] = hotData + at - s.r[op.Index]<<op.Scale - uint64(int32(op.Disp))
		}
	}
	if f.long && rng.IntN(2) == 0 { // an address that can be jumped to
		to := rng.Uint64() >> 17
		binary.LittleEndian.PutUint64(s.data[at:], to)
		binary.LittleEndian.PutUint64(s.stack[at:], to)
		if (f.op == kJMPRM || f.op == kCALLRM) && f.shape == rx && op.RM != regESP {
			s.r[op.RM] = to
		}
	}
	return op, s
}

// set64 puts a CPU without paging into 64-bit mode, as no processor can be.
func (c *CPU) set64() {
	c.efer |= eferLME | eferLMA
	c.seg[segCS].attr = c.seg[segCS].attr&^attrDB | attrL
	c.updateMode()
}

// TestHotRows runs each body of the table and the general function on the same states, with the TLB empty and full.
func TestHotRows(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	kinds := kindNames(t)
	m := newMachine(t, 16<<12)
	for _, f := range append(allHot(false), allHot(true)...) {
		m.c.SetProtectedFlat(Entry{})
		if f.long {
			m.c.set64()
		}
		t.Run(formName(f.form, kinds), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(*seedFlag, uint64(f.op)<<32|uint64(f.size)<<16|uint64(f.shape)<<8|uint64(f.cond)))
			outcomes := map[outcome]int{}
			for i := range 160 {
				cross := f.touches() && f.size > 1 && i%8 == 0
				op, s := randomHot(rng, f.form, cross)
				compareHot(t, m, f, op, s, cross, outcomes)
				if t.Failed() {
					return
				}
			}
			toAnywhere := f.long && f.op == kJMPRM
			if f.touches() != (outcomes[cold] > 0) && !toAnywhere || len(outcomes) == 1 && outcomes[cold] > 0 {
				t.Errorf("outcomes: %v", outcomes)
			}
		})
	}
}

// compareHot compares one body with the general function on one state.
func compareHot(t *testing.T, m *machine, f hotForm, op Op, s hotState, cross bool, outcomes map[outcome]int) {
	t.Helper()
	c := m.c
	where := func() string { return fmt.Sprintf("%+v\nregisters %x flags %#x", op, s.r[:16], s.flags) }
	run := func() (outcome, frame, hotState) {
		s.load(m)
		fr := frame{page: hotPage}
		out := f.body(c, &op, &fr, f.form)
		outcomes[out]++
		return out, fr, stateOfHot(m)
	}
	c.flushTLB()
	if out, fr, got := run(); f.touches() && (out != cold || got != s || fr != frame{page: hotPage}) {
		t.Errorf("without a TLB entry: outcome %d, or something changed\n%s", out, where())
	}
	if f.op == kExit || f.op == kExitNext {
		if out, _, got := run(); got != s || out != leave && out != leaveNext {
			t.Errorf("outcome %d, or something changed\n%s", out, where())
		}
		return
	}
	s.load(m)
	behind := uint64(hotPage) + uint64(op.Off) + uint64(op.Len)
	c.ip = behind
	if !coldFunc[f.op](c, &op) {
		if f.long && c.exc.vector == excGP && (f.op == kJMPRM || f.op == kCALLRM || f.op == kRET) { // not canonical
			c.exc = exception{}
			if out, _, _ := run(); out != cold {
				t.Errorf("outcome %d where the general function raises #GP\n%s", out, where())
			}
			return
		}
		t.Fatalf("the general function raised %+v\n%s", c.exc, where())
	}
	want, ip := stateOfHot(m), c.ip
	for _, la := range []uint64{hotData, hotData + 0x1000, hotStack, hotStack + 0x1000} {
		v, _ := c.load8(la)
		c.store8(la, v) // so that the pages are in the TLBs
	}
	out, fr, got := run()
	if cross && out == cold {
		return
	}
	if got != want {
		i := slices.Index(diffs(&got, &want), true)
		t.Errorf("registers %x flags %#x, the general function gives %x %#x (%d)\n%s", got.r[:16], got.flags, want.r[:16], want.flags, i, where())
	}
	// Where it goes on.
	to := behind
	switch out {
	case taken, taken2:
		to = (fr.page + uint64(int32(op.Imm2))) & c.mask
	case indirect:
		to = fr.ip
	case cold:
		t.Errorf("with a TLB entry: nothing was done\n%s", where())
	}
	jump := false
	if f.fused() {
		want.load(m)
		if jump = c.cond(f.cond); jump {
			ip = (hotPage + uint64(int32(op.Imm2))) & c.mask
		}
	}
	if ip != to || f.fused() && out != taken2 && out != skip || !f.fused() && (out == taken2 || out == skip) {
		t.Errorf("outcome %d, on to %#x; the general function goes to %#x\n%s", out, to, ip, where())
	}
}

// diffs says which parts of two states differ.
func diffs(a, b *hotState) []bool {
	return []bool{a.r != b.r, a.flags != b.flags, a.data != b.data, a.stack != b.stack}
}

// TestPlain runs random code through the switch and through the skeleton it is written from.
func TestPlain(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	g := &generator{Rand: rand.New(rand.NewPCG(*seedFlag, 11)), mode: mode32 | modeFlat, safe: true}
	var machines [2]*machine
	for i := range machines {
		machines[i] = newMachine(t, 16<<12)
		machines[i].c.SetProtectedFlat(Entry{})
		machines[i].upTo(0) // takes the orders
	}
	retired := uint64(0)
	for round := range 2000 {
		var code []byte
		for range 6 {
			if g.IntN(2) == 0 {
				code = append(code, g.instruction()...)
			} else {
				code = append(code, g.snippet(hotPage+uint32(len(code)))...)
			}
		}
		var s hotState
		for i := range 8 {
			s.r[i] = uint64(g.Uint32())
		}
		for _, r := range []int{regEBX, regEBP, regESI, regEDI} {
			s.r[r] = hotData + uint64(g.IntN(0x1000))
		}
		s.r[regESP], s.r[regFar] = hotStack+0x800, 1<<32
		s.flags = g.Uint32() & flagsArith
		var states [2]hotState
		var ends [2]string
		for i, m := range machines {
			m.c.SetProtectedFlat(Entry{EIP: hotPage})
			m.write(hotPage, append(slices.Clone(code), make([]byte, 64)...))
			s.load(m)
			m.c.fastUntil.Store(m.clk.Retired + 100)
			start := m.clk.Retired
			for range 8 { // blocks
				b := m.c.lookup(m.c.mode)
				if b == nil {
					break
				}
				if i == 0 {
					m.c.exec(b)
				} else {
					m.c.execPlain(b)
				}
				if m.c.exc.pending || m.c.halted {
					break
				}
			}
			states[i], ends[i] = stateOfHot(m), fmt.Sprintf("%#x after %d, exception %+v", m.c.ip, m.clk.Retired-start, m.c.exc)
			retired += m.clk.Retired - start
			m.c.exc = exception{}
		}
		if states[0] != states[1] || ends[0] != ends[1] {
			t.Fatalf("seed %d round %d: % x\n%s\n%s\n%x\n%x", *seedFlag, round, code, ends[0], ends[1], states[0].r, states[1].r)
		}
	}
	if retired < 20_000 {
		t.Errorf("only %d instructions retired", retired)
	}
}
