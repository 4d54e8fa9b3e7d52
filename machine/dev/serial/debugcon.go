package serial

// DebugConsole is the port 0xE9 of Bochs and QEMU (there: isa-debugcon): each byte written is printed at once.
type DebugConsole struct{ Output func(byte) }

// Read gives 0xE9, by which a guest knows that the port is there.
func (d DebugConsole) Read(uint64, int) uint64 { return 0xe9 }

// Write prints the low byte.
func (d DebugConsole) Write(_ uint64, _ int, value uint64) { d.Output(byte(value)) }
