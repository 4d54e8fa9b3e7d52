package process

import (
	"fmt"

	"forkscope/kernel/introspect"
	"forkscope/machine/debug/guest"
)

// glibc scrambles the program counter in a jmp_buf. A debugger that finds it there, on its way over a longjmp, takes it for an address, so a
// breakpoint of a process's at an address where nothing is is looked for also where such a scrambled address leads.

// auxRandom is the entry of the auxiliary vector with the address of 16 random bytes (Linux's linux/auxvec.h).
const auxRandom = 25

// unscrambled is the address that glibc has hidden in a jmp_buf as va, if it is one that a call returns to. The first pointer's worth of the
// random bytes guards stacks, and the second is XORed to the addresses; some architectures rotate the result to the left. Of va, a debugger
// has kept no more than the bits that make an address.
func (m *memory) unscrambled(t *thread, va uint64) (uint64, bool) {
	read := func(va uint64, b []byte) bool {
		n, err := m.read(t, va, b)
		return err == nil && n == len(b)
	}
	var b [8]byte
	if read(va, b[:1]) {
		return 0, false // an address like any other
	}
	task, err := m.task(t)
	if err != nil {
		return 0, false
	}
	a := m.guest.Arch()
	guard := b[:a.PointerSize()]
	if !read(m.auxv(&task, auxRandom)+uint64(len(guard)), guard) {
		return 0, false
	}
	width, rotated := 8*a.PointerSize(), a.CLibrary.Rotate
	at := a.Pointer(va)>>rotated | a.Pointer(va<<(width-rotated))
	at = (at ^ guest.LittleEndian(guard)) & (1<<a.Registers.AddressBits - 1)
	return at, m.guest.OS.UserAddress(at) && m.returnsTo(at, read)
}

// auxv is the value of an entry of a task's auxiliary vector, 0 where there is none.
func (m *memory) auxv(t *introspect.Task, key uint64) uint64 {
	vector, err := m.guest.OS.Auxv(t)
	if err != nil {
		return 0
	}
	size := m.guest.Arch().PointerSize()
	for ; len(vector) >= 2*size; vector = vector[2*size:] {
		if guest.LittleEndian(vector[:size]) == key {
			return guest.LittleEndian(vector[size : 2*size])
		}
	}
	return 0
}

// returnsTo reports whether the instruction before va is a call.
func (m *memory) returnsTo(va uint64, read func(uint64, []byte) bool) bool {
	code := &m.guest.Arch().Code
	before := make([]byte, code.CallLength)
	return read(va-uint64(len(before)), before) && code.IsCall(va, before)
}

// aboutJump is what a debugger is told of a breakpoint that was found that way: its program counter shows another address than the
// breakpoint's.
func aboutJump(va uint64) string {
	return fmt.Sprintf("Here longjmp comes back; %#x is how the C library keeps this address.\n", va)
}
