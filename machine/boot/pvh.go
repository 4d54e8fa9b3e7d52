package boot

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"forkscope/machine/cpu/arch"
	"forkscope/machine/mem"
)

// Numbers of Xen's direct boot of kernels (PVH): its documentation "x86/HVM direct boot ABI", and of its ELF notes.
const (
	pvhMagic   = 0x336ec578
	pvhVersion = 1 // the first with a memory map

	pvhNoteName  = "Xen"
	pvhNoteEntry = 18 // XEN_ELFNOTE_PHYS32_ENTRY

	pvhInfoAddr   = 0x9000
	pvhInfoSize   = 56
	pvhModuleSize = 32
)

// PVHEntry is how such a kernel starts: 32-bit flat segments, no paging, interrupts off.
type PVHEntry struct {
	// EIP is the entry point, EBX the address of the start information.
	EIP, EBX uint32
}

// LoadPVH loads a 64-bit kernel with an entry point for PVH into ram, which begins at 0. The initrd becomes the first module, at the end of RAM, where
// QEMU puts it.
func LoadPVH(ram *mem.RAM, f Files) (PVHEntry, error) {
	im, err := loadELF(ram, f.Kernel, arch.X8664)
	if err != nil {
		return PVHEntry{}, fmt.Errorf("kernel: %w", err)
	}
	entry, ok := findPVH(f.Kernel)
	if !ok {
		return PVHEntry{}, errors.New("kernel: ELF file without a note that gives an entry point for PVH")
	}
	if entry < im.low || entry >= im.high {
		return PVHEntry{}, fmt.Errorf("kernel: entry point %#x for PVH is in no loaded segment", entry)
	}
	info, err := pvhInfo(ram, f, im.high)
	if err != nil {
		return PVHEntry{}, err
	}
	if im.low < pvhInfoAddr+uint64(len(info)) && pvhInfoAddr < im.high {
		return PVHEntry{}, fmt.Errorf("kernel: loaded at %#x to %#x, over the start information at %#x", im.low, im.high, pvhInfoAddr)
	}
	ram.Write(pvhInfoAddr, info)
	return PVHEntry{EIP: uint32(entry), EBX: pvhInfoAddr}, nil
}

// findPVH looks for the note with the physical address where the kernel starts.
func findPVH(kernel []byte) (entry uint64, ok bool) {
	file, err := elf.NewFile(strings.NewReader(string(kernel)))
	if err != nil {
		return 0, false
	}
	for _, p := range file.Progs {
		if p.Type != elf.PT_NOTE || p.Off > uint64(len(kernel)) || p.Filesz > uint64(len(kernel))-p.Off {
			continue
		}
		for notes := kernel[p.Off : p.Off+p.Filesz]; len(notes) >= 12; {
			le := binary.LittleEndian
			nameSize, size, kind := uint64(le.Uint32(notes)), uint64(le.Uint32(notes[4:])), le.Uint32(notes[8:])
			at := 12 + (nameSize+3)&^3 // of what the note says
			end := at + (size+3)&^3
			if end > uint64(len(notes)) {
				break
			}
			if kind == pvhNoteEntry && string(notes[12:12+nameSize]) == pvhNoteName+"\x00" {
				switch size {
				case 4:
					return uint64(le.Uint32(notes[at:])), true
				case 8:
					return le.Uint64(notes[at:]), true
				}
			}
			notes = notes[end:]
		}
	}
	return 0, false
}

// pvhInfo loads the initrd behind the kernel, which ends at high, and builds the start information with all it points to.
func pvhInfo(ram *mem.RAM, f Files, high uint64) ([]byte, error) {
	if strings.ContainsRune(f.Cmdline, 0) {
		return nil, errors.New("command line: contains a NUL byte")
	}
	le := binary.LittleEndian
	memory := pcMemory(mbUsable(ram), ram.Size())
	modulesAt := uint64(pvhInfoAddr + pvhInfoSize)
	memoryAt := modulesAt + pvhModuleSize
	cmdlineAt := memoryAt + uint64(24*len(memory))

	size := f.initrdSize()
	initrdAt := (mbUsable(ram) - min(size, mbUsable(ram))) &^ (mem.PageSize - 1)
	modules := uint32(0)
	if size > 0 {
		if initrdAt < pageAlign(high) {
			return nil, fmt.Errorf("initrd: %d bytes do not fit behind the kernel, which ends at %#x, into %d bytes of RAM", size, high, ram.Size())
		}
		f.writeInitrd(ram, initrdAt)
		modules = 1
	} else {
		initrdAt = 0
	}
	var info []byte
	word := func(v uint32) { info = le.AppendUint32(info, v) }
	long := func(v uint64) { info = le.AppendUint64(info, v) }
	word(pvhMagic)
	word(pvhVersion)
	word(0) // flags
	word(modules)
	long(modulesAt)
	long(cmdlineAt)
	long(0) // no RSDP
	long(memoryAt)
	word(uint32(len(memory)))
	word(0)

	long(initrdAt)
	long(size)
	long(0) // its command line
	long(0)
	for _, r := range memory {
		long(r.base)
		long(r.end - r.base)
		word(r.kind)
		word(0)
	}
	info = append(append(info, f.Cmdline...), 0)
	if end := pvhInfoAddr + len(info); end > mbLowEnd || uint64(end) > ram.Size() {
		return nil, fmt.Errorf("command line: %d bytes are too long", len(f.Cmdline))
	}
	return info, nil
}
