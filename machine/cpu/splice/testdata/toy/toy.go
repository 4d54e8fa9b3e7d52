// Package toy is a small machine whose interpreter is spliced, to test package splice.
package toy

type Op struct {
	Kind uint8
	A, B uint8
	Imm  uint32
}

type machine struct {
	r    [4]uint32
	mem  [128]byte
	zero bool
	slow int
}

func (m *machine) word(at uint32) uint32 {
	return uint32(m.mem[at]) | uint32(m.mem[at+1])<<8 | uint32(m.mem[at+2])<<16 | uint32(m.mem[at+3])<<24
}

// frame is what bodies share with the loop.
type frame struct {
	target int
	count  uint64
}

type outcome uint8

const (
	next outcome = iota
	cold
	taken
)

type operation uint8

const (
	opAdd operation = iota
	opSub
	opMax
)

type condition uint8

const (
	never condition = iota
	ifZero
	unlessZero
)

// form says which of a body's forms a row is.
type form struct {
	op    operation
	size  uint8
	store bool
	jump  condition
}

// Row is one row of the table.
type Row struct {
	Name string
	Body func(*machine, *Op, *frame, form) outcome
	Form form
}

// Table has a row for each kind.
var Table = []Row{
	{"AddImm", arith, form{op: opAdd}},
	{"SubImm", arith, form{op: opSub}},
	{"MaxImm", arith, form{op: opMax}},
	{"AddByte", arith, form{op: opAdd, size: 1}},
	{"SubWord", arith, form{op: opSub, size: 4}},
	{"SubJump", arith, form{op: opSub, jump: ifZero}},
	{"MaxHalfJump", arith, form{op: opMax, size: 2, jump: unlessZero}},
	{"Load", move, form{size: 4}},
	{"LoadByte", move, form{size: 1}},
	{"Store", move, form{size: 4, store: true}},
	{"Jump", jump, form{size: 1}},
	{"JumpBack", jump, form{size: 2}},
}

// Other is what kinds without a row do.
var Other = other

func dispatch(m *machine, op *Op, s *frame) outcome {
	if int(op.Kind) < len(Table) {
		return Table[op.Kind].Body(m, op, s, Table[op.Kind].Form)
	}
	return other(m, op, s)
}

// plain is the interpreter, and the skeleton of the spliced one.
func plain(m *machine, code []Op, limit uint64) uint64 {
	s := frame{count: 0}
	at := 0
	for {
		if s.count > limit {
			return s.count
		}
		op := &code[at%len(code)]
		switch dispatch(m, op, &s) {
		case next:
			at++
			s.count++
		case cold:
			was := m.slow
			m.slow = was*31 + int(op.Kind)
			at++
			s.count++
		case taken:
			at = s.target + int(op.A)
			s.count++
		}
	}
}

// New returns a machine with those registers, and functions that run code on it both ways and tell what it holds.
func New(r [4]uint32) (both [2]func(code []Op, limit uint64) uint64, state func() any) {
	m := &machine{r: r}
	return [2]func([]Op, uint64) uint64{
		func(code []Op, limit uint64) uint64 { return plain(m, code, limit) },
		func(code []Op, limit uint64) uint64 { return fast(m, code, limit) },
	}, func() any { return *m }
}
