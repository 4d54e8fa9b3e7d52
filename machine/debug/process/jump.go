package process

import (
	"fmt"
	"math/bits"

	"forkscope/kernel/introspect"
	"forkscope/machine/debug/guest"
)

// glibc scrambles the program counter in a jmp_buf. A debugger that finds it there, on its way over a longjmp, takes it for an address, so a
// breakpoint of a process's at an address where nothing is is looked for also where such a scrambled address leads.

// auxRandom is the entry of the auxiliary vector with the address of 16 random bytes (Linux's linux/auxvec.h).
const auxRandom = 25

// unscrambled is the address that glibc has hidden in a jmp_buf as va, if it is one that a call returns to. The first pointer's worth of the
// random bytes guards stacks, and the second is XORed to the addresses; i386 rotates the result to the left by 9 bits. Of va, a debugger
// has kept no more than the bits that make an address, on arm64 56.
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
	guard := b[:m.guest.PointerSize()]
	if !read(m.auxv(&task, auxRandom)+uint64(len(guard)), guard) {
		return 0, false
	}
	at := va
	if !m.guest.ARM64() {
		at = uint64(bits.RotateLeft32(uint32(va), -9))
	}
	at = (at ^ guest.LittleEndian(guard)) & (1<<56 - 1)
	return at, m.guest.OS.UserAddress(at) && m.returnsTo(at, read)
}

// auxv is the value of an entry of a task's auxiliary vector, 0 where there is none.
func (m *memory) auxv(t *introspect.Task, key uint64) uint64 {
	vector, err := m.guest.OS.Auxv(t)
	if err != nil {
		return 0
	}
	size := m.guest.PointerSize()
	for ; len(vector) >= 2*size; vector = vector[2*size:] {
		if guest.LittleEndian(vector[:size]) == key {
			return guest.LittleEndian(vector[size : 2*size])
		}
	}
	return 0
}

// returnsTo reports whether the instruction before va is a call: on arm64 bl or blr, on i386 call with a distance, or with a register or
// memory operand (opcode ff /2) of any length.
func (m *memory) returnsTo(va uint64, read func(uint64, []byte) bool) bool {
	if m.guest.ARM64() {
		var b [4]byte
		if va&3 != 0 || !read(va-4, b[:]) {
			return false
		}
		word := uint32(guest.LittleEndian(b[:]))
		return word&0xfc000000 == 0x94000000 || word&0xfffffc1f == 0xd63f0000
	}
	var b [7]byte
	if !read(va-uint64(len(b)), b[:]) {
		return false
	}
	if b[2] == 0xe8 {
		return true
	}
	for i, op := range b[:6] {
		if op == 0xff && b[i+1]>>3&7 == 2 {
			return true
		}
	}
	return false
}

// aboutJump is what a debugger is told of a breakpoint that was found that way: its program counter shows another address than the
// breakpoint's.
func aboutJump(va uint64) string {
	return fmt.Sprintf("Here longjmp comes back; %#x is how the C library keeps this address.\n", va)
}
