package x86

// Hot forms are the instructions, in the forms that compiled code consists of, that the dispatch switch does itself. hotTable has them, exec_unsafe.go the switch.

// form is one hot form: a case of the switch.
type form struct {
	op    Kind  // the general kind
	size  uint8 // of the operands, in bytes
	shape shape
	// long: the form is for 64-bit mode.
	long bool
	// cond is the condition of Jcc, SETcc and CMOVcc, and for others that of the conditional jump behind, which the case does too; or noCond.
	cond cond
}

// fused reports whether the form does the conditional jump behind it too.
func (f form) fused() bool { return f.cond != noCond && !conditional(f.op) }

// shape says what the operands are, the destination first.
type shape uint8

const (
	none shape = iota // implied
	rr                // r/m register, register
	ri                // r/m register, immediate
	rc                // r/m register, CL
	rx                // r/m register alone, or with a register that is implied by the instruction's kind
	rm                // register, memory
	mr                // memory, register
	mi                // memory, immediate
	mx                // memory alone, or with a register that is implied by the instruction's kind
	rb                // as rm, mr, mi and mx, the address being base and displacement
	br
	bi
	bx
	shapes
)

func (s shape) simple() bool { return s == rb || s == br || s == bi || s == bx }

// simpler is the shape for an address of base and displacement.
var simpler = [shapes]shape{rm: rb, mr: br, mi: bi, mx: bx}

var shapeNames = [shapes]string{"", "rr", "ri", "rc", "r", "rm", "mr", "mi", "m", "rb", "br", "bi", "b"}

// cond is a condition code as encoded, or noCond.
type cond uint8

const (
	condO cond = iota
	condNO
	condB
	condAE
	condE
	condNE
	condBE
	condA
	condS
	condNS
	condP
	condNP
	condL
	condGE
	condLE
	condG
	noCond
)

var condNames = [noCond + 1]string{"O", "NO", "B", "AE", "E", "NE", "BE", "A", "S", "NS", "P", "NP", "L", "GE", "LE", "G", ""}

// conditional reports whether a kind has a condition of its own.
func conditional(k Kind) bool { return k == kJcc || k == kSETcc || k == kCMOVcc }

// outcome is what a body returns.
type outcome uint8

const (
	// next: go on with the op behind.
	next outcome = iota
	// skip: go on behind that, which is the jump that was fused into this op and not taken.
	skip
	// cold: nothing was done; the general function is to.
	cold
	// taken: jump to op.Imm2.
	taken
	// taken2: the same by the fused jump, so two instructions retire.
	taken2
	// indirect: jump to frame.ip.
	indirect
	// leave: the block is over and c.ip set; leaveNext: it is over and goes on behind.
	leave
	leaveNext
)

// frame is what bodies share with the loop that calls them.
type frame struct {
	page uint64 // address of the start of the block's page
	ip   uint64 // where an indirect jump leads
}

// body does what a hot form does, or nothing and returns cold. It is spliced into exec, see exec_plain_unsafe.go.
type body func(c *CPU, op *Op, s *frame, f form) outcome

// hotRow is a row of hotTable: a form for each kind, size and shape.
type hotRow struct {
	kinds  []Kind
	sizes  sizes
	shapes []shape
	body   body
	// conds are the conditions of Jcc, SETcc and CMOVcc; for other kinds those of conditional jumps that may be fused into the form.
	conds []cond
}

// sizes are the operand sizes, in bytes, of which there are forms in 32-bit and in 64-bit code.
type sizes [2][]uint8

// hotForm is a form with its body.
type hotForm struct {
	form
	body body
}

// all lists the forms of a row that have a size.
func (r *hotRow) all(size uint8, long bool) (list []hotForm) {
	for _, k := range r.kinds {
		for _, s := range r.shapes {
			f := form{k, size, s, long, noCond}
			if !conditional(k) {
				list = append(list, hotForm{f, r.body})
			}
			for _, f.cond = range r.conds {
				list = append(list, hotForm{f, r.body})
			}
		}
	}
	return list
}

// allHot lists the forms of the table in its order: those of 64-bit mode, which have a switch of their own, or the others.
func allHot(long bool) (list []hotForm) {
	for i := range hotTable {
		r := &hotTable[i]
		in := r.sizes[0]
		if long {
			in = r.sizes[1]
		}
		for _, size := range in {
			list = append(list, r.all(size, long)...)
		}
	}
	return list
}

// hotCell is what there is of one kind, size and shape.
type hotCell struct {
	kind  Kind         // without a condition
	conds [noCond]Kind // by condition; notHot where there is none
}

const notHot Kind = kindLast

// hotSet finds the forms of a mode.
type hotSet struct {
	addresses OpFlags                                    // of memory operands
	index     [kExitNext + 1 - kindInt][9][shapes]uint16 // 1 + position in cells
	cells     []hotCell
}

var (
	// hotKinds are the numbers of forms: their places in hotForms, which is generated with the switch.
	hotKinds = map[form]Kind{}
	hotSets  [256]*hotSet // by mode
	// hotForms and hotBodies are by number.
	hotForms  []form
	hotBodies []body
)

func init() {
	for i, generated := range [][]form{hotForms32, hotForms64} {
		list := allHot(i == 1)
		if generated == nil { // there is no switch: exec_plain_unsafe.go calls the bodies
			for i := range list {
				generated = append(generated, list[i].form)
			}
		}
		for _, f := range generated {
			hotKinds[f] = Kind(len(hotForms))
			hotForms = append(hotForms, f)
		}
		hotBodies = append(hotBodies, make([]body, len(generated))...)
		set := &hotSet{addresses: []OpFlags{FlagAddr32, 0}[i]}
		hotSets[[]mode{mode32 | modeFlat, mode64 | modeFlat}[i]] = set
		for _, f := range list {
			k, ok := hotKinds[f.form]
			if !ok {
				continue // not generated yet
			}
			hotBodies[k] = f.body
			set.add(f.form, k)
		}
		for _, m := range []mode{0, mode32, mode32 | modeFlat, mode64 | modeFlat} {
			if m&mode64 != 0 == (i == 1) {
				hotEnds[m] = ends{set.kindOf(kExit), set.kindOf(kExitNext), set.kindOf(kJMP)}
				hotEnds[m|modeShadow] = hotEnds[m]
			}
		}
	}
	hotSets[mode64|modeFlat|modeShadow] = hotSets[mode64|modeFlat].without(kCALL, kCALLRM, kRET)
}

// without is the set but for some kinds.
func (h *hotSet) without(kinds ...Kind) *hotSet {
	s := *h
	for _, k := range kinds {
		s.index[k-kindInt] = [9][shapes]uint16{}
	}
	return &s
}

// ends are the kinds that end blocks.
type ends struct{ exit, exitNext, jump Kind }

// hotEnds are by mode.
var hotEnds [256]ends

// kindOf is the kind of the one form of an instruction.
func (h *hotSet) kindOf(k Kind) Kind {
	for _, row := range h.index[k-kindInt] {
		if row[none] != 0 {
			return h.cells[row[none]-1].kind
		}
	}
	return notHot
}

func (h *hotSet) add(f form, k Kind) {
	at := &h.index[f.op-kindInt][f.size][f.shape]
	if *at == 0 {
		cell := hotCell{kind: notHot}
		for i := range cell.conds {
			cell.conds[i] = notHot
		}
		h.cells = append(h.cells, cell)
		*at = uint16(len(h.cells))
	}
	if cell := &h.cells[*at-1]; f.cond == noCond {
		cell.kind = k
	} else {
		cell.conds[f.cond] = k
	}
}

// find returns the cell for an op in flat code, or nil. It may rewrite the op so that its general function does the same as before.
func (h *hotSet) find(op *Op) *hotCell {
	if op.Cold < kindInt || op.Cold > kExitNext {
		return nil
	}
	mem := op.Flags&FlagMem != 0
	if mem && (op.Flags&(FlagAddr16|FlagAddr32) != h.addresses || op.Seg > segDS || op.Seg == segCS) {
		return nil
	}
	s := op.shape()
	row := &h.index[op.Cold-kindInt][op.Size]
	at := uint16(0)
	if op.Index == regZero && simpler[s] != none {
		at = row[simpler[s]]
	}
	if at == 0 {
		at = row[s]
	}
	if at == 0 {
		at = row[none]
	}
	if at == 0 {
		return nil
	}
	return &h.cells[at-1]
}

// shape returns the shape of the op's operands. Register operands are put in the order of the shape, and what an opcode implies into fields.
func (op *Op) shape() shape {
	mem := op.Flags&FlagMem != 0
	pick := func(r, m shape) shape {
		if mem {
			return m
		}
		return r
	}
	switch k := op.Cold; {
	case k >= kROL && k <= kSAR:
		switch op.Sub {
		case formRMCL:
			return pick(rc, none)
		case formRMOne:
			op.Imm, op.Sub = 1, formRMImm
		}
		if op.Imm &= uint32(countMask(op.Size)); op.Imm == 0 {
			return none // it leaves the flags alone
		}
		return pick(ri, mi)
	case k == kXCHG && op.Sub == formRegImm: // with the accumulator
		op.RM, op.Sub = regEAX, formRMReg
		return rr
	case k >= kADD && k <= kCMP || k == kMOV || k == kTEST || k == kXCHG:
	default:
		return pick(rx, mx)
	}
	switch op.Sub {
	case formRMReg:
		return pick(rr, mr)
	case formRegRM:
		if !mem {
			op.Reg, op.RM, op.Sub = op.RM, op.Reg, formRMReg
		}
		return pick(rr, rm)
	case formAccMem, formMemAcc:
		if op.Flags&FlagAddr32 == 0 {
			return none // the address has 64 bits
		}
		if op.Sub == formMemAcc {
			op.Sub = formRMReg
			return mr
		}
		op.Sub = formRegRM // the accumulator is register 0
		return rm
	}
	return pick(ri, mi)
}

// specialise gives ops their hot kinds where there are any, fuses conditional jumps into the ops before them, and lays out the
// exits of the block. It reports whether the block still ends by an instruction that sets c.ip.
func (h *hotSet) specialise(b *block, ops []Op, ended bool) ([]Op, bool) {
	links := uint8(0)
	link := func(target uint32) uint8 {
		if target >= 0x1000 || links >= noLink || b.alone {
			return noLink
		}
		links++
		return links - 1
	}
	var before *hotCell // of the op before, when a jump may be fused into it
	for i := range ops {
		op := &ops[i]
		cell := h.find(op)
		if cell == nil {
			before = nil
			continue
		}
		k := cell.kind
		if conditional(op.Cold) {
			k = cell.conds[op.Sub&15]
		}
		if k != notHot {
			op.Kind = k
		}
		switch op.Cold {
		case kJMP, kCALL, kJcc:
			if op.beyond(mode(b.Mode)) {
				op.Kind, before = op.Cold, nil
				continue
			}
			op.Imm2 = uint32(op.Off) + uint32(op.Len) + op.Imm
			op.Link = link(op.Imm2)
			if op.Cold == kJcc && before != nil && mode(b.Mode)&modeStep == 0 {
				fuse(&ops[i-1], op, before)
			}
		}
		if before = cell; conditional(op.Cold) {
			before = nil
		}
	}
	if ended {
		return ops, true
	}
	last := &ops[len(ops)-1]
	end := uint32(last.Off) + uint32(last.Len)
	return append(ops, Op{Kind: hotEnds[b.Mode&^uint8(modeStep)].jump, Cold: kExitNext, Off: uint16(end), Imm2: end, Idx: b.n - 1, Link: link(end)}), true
}

// fuse turns op into one that also does the conditional jump behind it, which stays in the block for when op's memory is not at hand.
func fuse(op, jump *Op, cell *hotCell) {
	if k := cell.conds[jump.Sub&15]; k != notHot {
		op.Kind = k
		op.Imm2, op.Link = jump.Imm2, jump.Link
	}
}
