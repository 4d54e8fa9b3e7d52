package debug

import (
	"encoding/binary"
	"fmt"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
)

// Entries of the auxiliary vector, and the segment's type (Linux's linux/auxvec.h, System V gABI "Program Header").
const (
	auxPHDR  = 3
	auxPHNUM = 5
	segTLS   = 7
)

// TLSAddress implements gdbstub.TLS for the variables of the program itself, whose block lies next to the thread pointer: on
// i386 below it, on arm64 above it and two words of the C library's ("ELF Handling For Thread-Local Storage", variants II and
// I). Those of shared libraries are where the C library alone knows.
func (d *Debugger) TLSAddress(id gdbstub.ThreadID, offset, linkMap uint64) (uint64, error) {
	t := d.thread(id)
	if t == nil {
		return 0, fmt.Errorf("%w: the kernel has no thread-local variables", gdbstub.ErrNotFound)
	}
	size := d.image.PointerSize
	word := func(at uint64) (uint64, error) {
		b := make([]byte, size)
		if n, err := d.readUser(t, at, b); err != nil || n < size {
			return 0, fmt.Errorf("%w at %#x", gdbstub.ErrFault, at)
		}
		return littleEndian(b), nil
	}
	if linkMap != 0 {
		// l_prev is the fifth member of the public part of a link_map, and only the program's has none before it.
		if before, err := word(linkMap + 4*uint64(size)); err != nil || before != 0 {
			return 0, fmt.Errorf("%w: where the thread-local variables of shared libraries are is not known", gdbstub.ErrNotFound)
		}
	}
	task, err := d.task(t)
	if err != nil {
		return 0, err
	}
	tp, err := d.threadPointer(t, &task)
	if err != nil {
		return 0, err
	}
	length, align, err := d.tlsSegment(t, &task)
	if err != nil {
		return 0, err
	}
	if d.machine.Arch() == machine.ARM64 {
		return tp + (16+align-1)&^(align-1) + offset, nil
	}
	return uint64(uint32(tp - (length+align-1)&^(align-1) + offset)), nil
}

// threadPointer is what the program finds its thread-local storage by.
func (d *Debugger) threadPointer(t *thread, task *introspect.Task) (uint64, error) {
	if d.threadOnCPU() != t {
		return d.kernel.UserTLS(task)
	}
	if d.machine.Arch() == machine.ARM64 {
		return littleEndian(d.cpu.ReadRegister(d.user.numbers[d.user.index["tpidr"]], d.scratch[:])), nil
	}
	return d.kernel.SegmentBase(task, littleEndian(d.cpu.ReadRegister(d.user.numbers[d.user.index["gs"]], d.scratch[:])))
}

// tlsSegment reads the size in memory and the alignment of the program's segment of thread-local storage.
func (d *Debugger) tlsSegment(t *thread, task *introspect.Task) (length, align uint64, err error) {
	size := d.image.PointerSize
	headers, count := d.auxv(task, auxPHDR), min(d.auxv(task, auxPHNUM), 64)
	// Elf32_Phdr and Elf64_Phdr: where p_type, p_memsz and p_align are, and the whole's size.
	entry, memsz, alignment := uint64(32), 20, 28
	if size == 8 {
		entry, memsz, alignment = 56, 40, 48
	}
	for i := range count {
		b := make([]byte, entry)
		if n, err := d.readUser(t, headers+i*entry, b); err != nil || n < len(b) {
			break
		}
		if binary.LittleEndian.Uint32(b) == segTLS {
			return littleEndian(b[memsz : memsz+size]), max(littleEndian(b[alignment:alignment+size]), 1), nil
		}
	}
	return 0, 0, fmt.Errorf("%w: the program has no thread-local variables", gdbstub.ErrNotFound)
}
