package process

import (
	"encoding/binary"
	"fmt"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine/debug/guest"
)

// Entries of the auxiliary vector, and the segment's type (Linux's linux/auxvec.h, System V gABI "Program Header").
const (
	auxPHDR  = 3
	auxPHNUM = 5
	segTLS   = 7
)

// TLSAddress implements gdbstub.TLS for the variables of the program itself, whose block lies next to the thread pointer: on i386 below
// it, on arm64 above it and two words of the C library's ("ELF Handling For Thread-Local Storage", variants II and I). Those of shared
// libraries are where the C library alone knows.
func (s State) TLSAddress(id gdbstub.ThreadID, offset, linkMap uint64) (uint64, error) {
	v := s.view
	t := v.scene.set.thread(id)
	if t == nil {
		return 0, fmt.Errorf("%w: the kernel has no thread-local variables", gdbstub.ErrNotFound)
	}
	size := v.scene.guest.PointerSize()
	if linkMap != 0 {
		// l_prev is the fifth member of the public part of a link_map, and only the program's has none before it.
		if before, err := v.memory.word(t, linkMap+4*uint64(size)); err != nil || before != 0 {
			return 0, fmt.Errorf("%w: where the thread-local variables of shared libraries are is not known", gdbstub.ErrNotFound)
		}
	}
	task, err := v.scene.task(t)
	if err != nil {
		return 0, err
	}
	tp, err := v.memory.threadPointer(t, &task)
	if err != nil {
		return 0, err
	}
	length, align, err := v.memory.tlsSegment(t, &task)
	if err != nil {
		return 0, err
	}
	if v.scene.guest.ARM64() {
		return tp + (16+align-1)&^(align-1) + offset, nil
	}
	return uint64(uint32(tp - (length+align-1)&^(align-1) + offset)), nil
}

// word reads a pointer of the program's.
func (m *memory) word(t *thread, at uint64) (uint64, error) {
	b := make([]byte, m.guest.PointerSize())
	if n, err := m.read(t, at, b); err != nil || n < len(b) {
		return 0, fmt.Errorf("%w at %#x", gdbstub.ErrFault, at)
	}
	return guest.LittleEndian(b), nil
}

// threadPointer is what the program finds its thread-local storage by.
func (m *memory) threadPointer(t *thread, task *introspect.Task) (uint64, error) {
	if m.onCPU() != t {
		return m.guest.OS.UserTLS(task)
	}
	if m.guest.ARM64() {
		return m.regs.named("tpidr"), nil
	}
	return m.guest.OS.SegmentBase(task, m.regs.named("gs"))
}

// tlsSegment reads the size in memory and the alignment of the program's segment of thread-local storage.
func (m *memory) tlsSegment(t *thread, task *introspect.Task) (length, align uint64, err error) {
	size := m.guest.PointerSize()
	headers, count := m.auxv(task, auxPHDR), min(m.auxv(task, auxPHNUM), 64)
	// Elf32_Phdr and Elf64_Phdr: where p_type, p_memsz and p_align are, and the whole's size.
	entry, memsz, alignment := uint64(32), 20, 28
	if size == 8 {
		entry, memsz, alignment = 56, 40, 48
	}
	for i := range count {
		b := make([]byte, entry)
		if n, err := m.read(t, headers+i*entry, b); err != nil || n < len(b) {
			break
		}
		if binary.LittleEndian.Uint32(b) == segTLS {
			return guest.LittleEndian(b[memsz : memsz+size]), max(guest.LittleEndian(b[alignment:alignment+size]), 1), nil
		}
	}
	return 0, 0, fmt.Errorf("%w: the program has no thread-local variables", gdbstub.ErrNotFound)
}

// tidAt is where the C library of GNU has a thread's number in its struct pthread on arm64.
const tidAt = 0xd0

// handle is how the program itself names a thread, its pthread_t; nil where that is not known. On i386 it is the thread pointer. On arm64 the
// thread pointer is behind the struct pthread, whose size is the C library's affair, but for that of GNU the kernel has been told where in it
// the thread's number is to be cleared at its end.
func (m *memory) handle(t *thread, task *introspect.Task) []byte {
	at, err := m.threadPointer(t, task)
	if err != nil || at == 0 {
		return nil
	}
	if !m.guest.ARM64() {
		return binary.LittleEndian.AppendUint32(nil, uint32(at))
	}
	const most = 0x1000 // of a struct pthread
	number, err := m.guest.OS.Field(t.task, "task_struct", "clear_child_tid")
	if err != nil || number < tidAt || number >= at || at-number > most {
		return nil
	}
	return binary.LittleEndian.AppendUint64(nil, number-tidAt)
}
