package process

import (
	"debug/elf"
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

// TLSAddress implements gdbstub.TLS for the variables of the program itself, whose block lies next to the thread pointer (arch.Thread).
// Those of shared libraries are where the C library alone knows.
func (s State) TLSAddress(id gdbstub.ThreadID, offset, linkMap uint64) (uint64, error) {
	v := s.view
	t := v.scene.set.thread(id)
	if t == nil {
		return 0, fmt.Errorf("%w: the kernel has no thread-local variables", gdbstub.ErrNotFound)
	}
	a := v.scene.guest.Arch()
	if linkMap != 0 {
		// l_prev is the fifth member of the public part of a link_map, and only the program's has none before it.
		if before, err := v.memory.word(t, linkMap+4*uint64(a.PointerSize())); err != nil || before != 0 {
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
	if a.Thread.Above {
		return tp + (a.Thread.Header+align-1)&^(align-1) + offset, nil
	}
	return a.Pointer(tp - (length+align-1)&^(align-1) + offset), nil
}

// word reads a pointer of the program's.
func (m *memory) word(t *thread, at uint64) (uint64, error) {
	b := make([]byte, m.guest.Arch().PointerSize())
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
	pointer := m.regs.named(m.guest.Arch().Thread.Pointer)
	if m.guest.Arch().Thread.Selector {
		return m.guest.OS.SegmentBase(task, pointer)
	}
	return pointer, nil
}

// tlsSegment reads the size in memory and the alignment of the program's segment of thread-local storage.
func (m *memory) tlsSegment(t *thread, task *introspect.Task) (length, align uint64, err error) {
	size := m.guest.Arch().PointerSize()
	headers, count := m.auxv(task, auxPHDR), min(m.auxv(task, auxPHNUM), 64)
	// Elf32_Phdr: where p_memsz and p_align are, and the whole's size; else Elf64_Phdr.
	entry, memsz, alignment := uint64(32), 20, 28
	if m.guest.Arch().Class == elf.ELFCLASS64 {
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

// handle is how the program itself names a thread, its pthread_t; nil where that is not known. Where the C library's struct pthread begins at the
// thread pointer, it is that. Where it lies below, its size is the C library's affair, but for that of GNU the kernel has been told where in it
// the thread's number is to be cleared at its end.
func (m *memory) handle(t *thread, task *introspect.Task) []byte {
	at, err := m.threadPointer(t, task)
	if err != nil || at == 0 {
		return nil
	}
	if within := m.guest.Arch().CLibrary.ThreadNumber; within != 0 {
		const most = 0x1000 // of a struct pthread
		number, err := m.guest.OS.Field(t.task, "task_struct", "clear_child_tid")
		if err != nil || number < within || number >= at || at-number > most {
			return nil
		}
		at = number - within
	}
	return binary.LittleEndian.AppendUint64(nil, at)[:m.guest.Arch().PointerSize()]
}
