package debug

import (
	"fmt"
	"math/bits"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
	"forkscope/machine/cpu"
)

// A breakpoint is looked for at its address. Where the debugger and the CPU name the same instruction differently it is looked for at a
// second address too:
//
//   - A kernel's code is linked to addresses that only its page tables bring; until they do, the CPU executes it where it is loaded.
//   - glibc scrambles the program counter in a jmp_buf. A debugger that finds it there, on its way over a longjmp, takes it for an
//     address.

// loadedAt is where the kernel's own bytes of va are loaded, if that is another address.
func (d *Debugger) loadedAt(va uint64) (uint64, bool) {
	if d.image == nil {
		return 0, false
	}
	pa, ok := d.image.LoadAddress(va)
	return pa, ok && pa != va
}

// secondPlace is the other address at which a breakpoint is to be looked for, if there is one. p is the process it belongs to, nil for
// the kernel.
func (d *Debugger) secondPlace(p *process, va uint64) (uint64, bool) {
	switch {
	case p == nil:
		return d.loadedAt(va)
	case len(p.threads) > 0:
		return d.unscrambled(p.threads[0], va)
	}
	return 0, false
}

// about reports whether the instruction at pc, which is next, is the one that the kernel's debugger knows by the address va.
func (d *Debugger) about(va, pc uint64) bool {
	at, ok := d.loadedAt(va)
	return va == pc || ok && at == pc && d.runsLoaded(pc)
}

// runsLoaded reports whether the kernel's access to va is one to that physical address.
func (d *Debugger) runsLoaded(va uint64) bool {
	pa, ok := d.cpu.Translate(d.cpu.Space(), va)
	return d.cpu.Privileged() && ok && pa == va
}

// aboutPlace is what a debugger is told of a breakpoint that was reached where its program counter shows another address.
func (d *Debugger) aboutPlace(b *gdbstub.Breakpoint) string {
	pc := d.cpu.PC()
	if pc == b.Address {
		return fmt.Sprintf("Breakpoint at the linear address %#x.\n", pc)
	}
	if _, ok := d.loadedAt(b.Address); !ok {
		return fmt.Sprintf("Here longjmp comes back; %#x is how the C library keeps this address.\n", b.Address)
	}
	text := fmt.Sprintf("Breakpoint at %#x, which the kernel executes at %#x until its page tables are in use.\n", b.Address, pc)
	if d.files.Exec != "" && !d.hinted[d.files.Exec] {
		d.hinted[d.files.Exec] = true
		text += fmt.Sprintf("Its symbols there can be had by: add-symbol-file target:%s -o %#x\n", d.files.Exec, pc-b.Address)
	}
	return text
}

// auxRandom is the entry of the auxiliary vector with the address of 16 random bytes (Linux's linux/auxvec.h).
const auxRandom = 25

// unscrambled is the address that glibc has hidden in a jmp_buf as va, if it is one that a call returns to. The first pointer's worth of
// the random bytes guards stacks, and the second is XORed to the addresses; i386 rotates the result to the left by 9 bits.
// Of va, a debugger has kept no more than the bits that make an address, on arm64 56.
func (d *Debugger) unscrambled(t *thread, va uint64) (uint64, bool) {
	read := func(va uint64, b []byte) bool {
		n, err := d.readUser(t, va, b)
		return err == nil && n == len(b)
	}
	var b [8]byte
	if read(va, b[:1]) {
		return 0, false // an address like any other
	}
	task, err := d.task(t)
	if err != nil {
		return 0, false
	}
	guard := b[:d.image.PointerSize]
	if !read(d.auxv(&task, auxRandom)+uint64(len(guard)), guard) {
		return 0, false
	}
	at := va
	if d.machine.Arch() == machine.I386 {
		at = uint64(bits.RotateLeft32(uint32(va), -9))
	}
	at = (at ^ littleEndian(guard)) & (1<<56 - 1)
	return at, d.kernel.UserAddress(at) && returnsTo(d.machine.Arch(), at, read)
}

// auxv is the value of an entry of a task's auxiliary vector, 0 where there is none.
func (d *Debugger) auxv(t *introspect.Task, key uint64) uint64 {
	vector, err := d.kernel.Auxv(t)
	if err != nil {
		return 0
	}
	size := d.image.PointerSize
	for ; len(vector) >= 2*size; vector = vector[2*size:] {
		if littleEndian(vector[:size]) == key {
			return littleEndian(vector[size : 2*size])
		}
	}
	return 0
}

// returnsTo reports whether the instruction before va is a call: on arm64 bl or blr, on i386 call with a distance, or with a register or
// memory operand (opcode ff /2) of any length.
func returnsTo(arch string, va uint64, read func(uint64, []byte) bool) bool {
	if arch == machine.ARM64 {
		var b [4]byte
		if va&3 != 0 || !read(va-4, b[:]) {
			return false
		}
		word := uint32(littleEndian(b[:]))
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

// loadedWatch is the watchpoint on the same bytes where the kernel is loaded, if that is elsewhere.
func (d *Debugger) loadedWatch(w cpu.Watchpoint) (cpu.Watchpoint, bool) {
	at, ok := d.loadedAt(w.Addr)
	w.Addr = at
	return w, ok
}
