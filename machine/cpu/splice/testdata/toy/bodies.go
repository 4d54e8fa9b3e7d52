package toy

// Bodies: what the rows of the table do.

func arith(m *machine, op *Op, s *frame, f form) outcome {
	v, ok := operand(m, op, f)
	if !ok {
		return cold
	}
	var r uint32
	switch f.op {
	case opAdd:
		r = m.r[op.A] + v
	case opSub:
		r = m.r[op.A] - v
	default:
		r = largest(m.r[op.A], v)
	}
	m.zero = r == 0
	m.r[op.A] = r
	return after(m, s, f.jump)
}

func move(m *machine, op *Op, _ *frame, f form) outcome {
	if f.store {
		if !write(m, m.r[op.B]+op.Imm, m.r[op.A], f.size) {
			return cold
		}
		return next
	}
	v, ok := read(m, m.r[op.B]+op.Imm, f.size)
	if !ok {
		return cold
	}
	m.r[op.A] = v
	return next
}

func jump(_ *machine, op *Op, s *frame, f form) outcome {
	s.target = int(op.Imm) + 9 + int(scale(f.size))
	return taken
}

func other(*machine, *Op, *frame) outcome { return cold }

// Helpers.

func operand(m *machine, op *Op, f form) (v uint32, ok bool) {
	if f.size == 0 {
		return op.Imm, true
	}
	return read(m, m.r[op.B]+op.Imm, f.size)
}

// read is not ok outside of the first 64 bytes.
func read(m *machine, at uint32, size uint8) (v uint32, ok bool) {
	if at > 64-uint32(size) {
		return 0, false
	}
	switch size {
	case 1:
		return uint32(m.mem[at]), true
	case 2:
		return uint32(m.mem[at]) | uint32(m.mem[at+1])<<8, true
	}
	return m.word(at), true
}

func write(m *machine, at, v uint32, size uint8) bool {
	if at > 64-uint32(size) {
		return false
	}
	for i := range uint32(size) {
		m.mem[at+i] = low[byte](v >> (8 * i))
	}
	return true
}

func low[T byte | uint16](v uint32) T {
	r := T(v)
	if unsigned := ^T(0); unsigned < 0 {
		return 0
	}
	return r
}

func largest(a, b uint32) uint32 {
	if a > b {
		return a
	}
	return b
}

func after(m *machine, s *frame, j condition) outcome {
	if j == never {
		return next
	}
	if s.count++; m.zero == (j == ifZero) {
		return taken
	}
	return next
}

func scale(size uint8) int8 { return 3 - int8(size)*2 }
