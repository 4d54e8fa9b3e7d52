package softfloat

// Operand is an operand of 80-bit arithmetic, already taken apart. One made from a shorter format remembers that it was a
// denormal or a signalling NaN there, which the x87 reports when it computes with such a memory operand.
type Operand struct{ n num }

// Operand80 makes an operand of an extended number.
func Operand80(a F80) Operand { return Operand{unpack80(a)} }

// Operand32 makes an operand of a binary32.
func Operand32(a uint32) Operand { return Operand{new(Env).unpack32(a)} }

// Operand64 makes an operand of a binary64.
func Operand64(a uint64) Operand { return Operand{new(Env).unpack64(a)} }

// OperandInt makes an operand of an integer.
func OperandInt(v int64) Operand { return Operand{fromSigned(v)} }

// Add gives a+b in the extended format, as do the next three their results.
func (e *Env) Add(a, b Operand) F80 { return e.finishExtended(e.add(a.n, b.n, false)) }

// Sub gives a-b.
func (e *Env) Sub(a, b Operand) F80 { return e.finishExtended(e.add(a.n, b.n, true)) }

// Mul gives a×b.
func (e *Env) Mul(a, b Operand) F80 { return e.finishExtended(e.mul(a.n, b.n)) }

// Div gives a/b.
func (e *Env) Div(a, b Operand) F80 { return e.finishExtended(e.div(a.n, b.n)) }

// Compare orders a and b; signalling makes quiet NaNs raise Invalid as signalling ones do.
func (e *Env) Compare(a, b Operand, signalling bool) Order { return e.compare(a.n, b.n, signalling) }
