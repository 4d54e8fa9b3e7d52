// Package boot puts a kernel, its initramfs and what a boot loader tells it into RAM, as QEMU's -kernel does: multiboot 1 for the i386
// machine, the Linux boot protocol for arm64.
package boot

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"

	"forkscope/machine/cpu/arch"
	"forkscope/machine/mem"
)

// Files is what there is to load.
type Files struct {
	Kernel []byte
	// Initrd is archives that are loaded behind each other, each at the beginning of a page; without any there is no initrd.
	Initrd  [][]byte
	Cmdline string
	// Flat says that an arm64 kernel without a header that names its format is the bytes to load.
	Flat bool
}

// image is a kernel that has been loaded.
type image struct {
	low, high uint64 // physical addresses, high exclusive
	entry     uint64 // physical
}

// segment is a loadable program header.
type segment struct {
	offset, vaddr, paddr, fileSize, memSize uint64
}

// isELF says whether a file begins like an ELF file.
func isELF(file []byte) bool { return len(file) >= 4 && string(file[:4]) == elf.ELFMAG }

// loadELF loads an executable for an architecture by its segments' physical addresses.
func loadELF(ram *mem.RAM, file []byte, a *arch.Arch) (image, error) {
	entry, segments, err := readELF(file, a)
	if err != nil {
		return image{}, err
	}
	im := image{low: ^uint64(0)}
	entryFound := false
	for _, s := range segments {
		end := s.paddr + s.memSize
		if !ram.Contains(s.paddr, s.memSize) {
			return image{}, fmt.Errorf("segment at physical %#x of %d bytes lies outside RAM (%#x to %#x)",
				s.paddr, s.memSize, ram.Base(), ram.Base()+ram.Size())
		}
		ram.Write(s.paddr, file[s.offset:s.offset+s.fileSize])
		clearRAM(ram, s.paddr+s.fileSize, end)
		im.low, im.high = min(im.low, s.paddr), max(im.high, end)
		if !entryFound && entry-s.paddr < s.memSize {
			im.entry, entryFound = entry, true
		}
	}
	for _, s := range segments { // an entry point given as a virtual address
		if !entryFound && entry-s.vaddr < s.memSize {
			im.entry, entryFound = entry-s.vaddr+s.paddr, true
		}
	}
	if !entryFound {
		return image{}, fmt.Errorf("entry point %#x is in no loaded segment", entry)
	}
	return im, nil
}

// readELF checks the headers and returns the entry point and the non-empty loadable segments, all within the file.
func readELF(file []byte, a *arch.Arch) (entry uint64, segments []segment, err error) {
	if !isELF(file) {
		return 0, nil, errors.New("not an ELF file")
	}
	headerSize := 52
	if a.Class == elf.ELFCLASS64 {
		headerSize = 64
	}
	if len(file) < 20 {
		return 0, nil, fmt.Errorf("truncated ELF file of %d bytes", len(file))
	}
	le := binary.LittleEndian
	class, got := elf.Class(file[elf.EI_CLASS]), elf.Machine(le.Uint16(file[18:]))
	switch {
	case elf.Data(file[elf.EI_DATA]) != elf.ELFDATA2LSB:
		return 0, nil, errors.New("not a little-endian ELF file")
	case got != a.Machine:
		return 0, nil, fmt.Errorf("ELF file for %s, where %s is wanted", machineName(got), machineName(a.Machine))
	case class != a.Class:
		return 0, nil, fmt.Errorf("ELF file of class %d, where %d is wanted", class, a.Class)
	case len(file) < headerSize:
		return 0, nil, fmt.Errorf("truncated ELF file of %d bytes", len(file))
	case elf.Type(le.Uint16(file[16:])) != elf.ET_EXEC:
		return 0, nil, fmt.Errorf("ELF file of type %d, where an executable (%d) is wanted", le.Uint16(file[16:]), uint16(elf.ET_EXEC))
	}
	var table uint64
	var entrySize, count, wantSize uint64
	if class == elf.ELFCLASS32 {
		entry, table, wantSize = uint64(le.Uint32(file[24:])), uint64(le.Uint32(file[28:])), 32
		entrySize, count = uint64(le.Uint16(file[42:])), uint64(le.Uint16(file[44:]))
	} else {
		entry, table, wantSize = le.Uint64(file[24:]), le.Uint64(file[32:]), 56
		entrySize, count = uint64(le.Uint16(file[54:])), uint64(le.Uint16(file[56:]))
	}
	size := uint64(len(file))
	if count > 0 && entrySize < wantSize {
		return 0, nil, fmt.Errorf("program headers of %d bytes, where %d are wanted", entrySize, wantSize)
	}
	if table > size || count*entrySize > size-table {
		return 0, nil, fmt.Errorf("truncated: the program headers end beyond the file's %d bytes", size)
	}
	for i := range count {
		s, load := readSegment(file[table+i*entrySize:], class)
		if !load || s.memSize == 0 {
			continue
		}
		if s.offset > size || s.fileSize > size-s.offset {
			return 0, nil, fmt.Errorf("truncated: segment %d ends beyond the file's %d bytes", i, size)
		}
		if s.fileSize > s.memSize {
			return 0, nil, fmt.Errorf("segment %d has %d bytes in the file and only %d in memory", i, s.fileSize, s.memSize)
		}
		segments = append(segments, s)
	}
	if len(segments) == 0 {
		return 0, nil, errors.New("no loadable segment")
	}
	return entry, segments, nil
}

func readSegment(p []byte, class elf.Class) (s segment, load bool) {
	le := binary.LittleEndian
	load = elf.ProgType(le.Uint32(p)) == elf.PT_LOAD
	if class == elf.ELFCLASS32 {
		word := func(at int) uint64 { return uint64(le.Uint32(p[at:])) }
		return segment{word(4), word(8), word(12), word(16), word(20)}, load
	}
	word := func(at int) uint64 { return le.Uint64(p[at:]) }
	return segment{word(8), word(16), word(24), word(32), word(40)}, load
}

func machineName(m elf.Machine) string {
	if a := arch.OfELF(m); a != nil {
		return a.Name
	}
	switch m {
	case elf.EM_RISCV:
		return "RISC-V"
	case elf.EM_ARM:
		return "32-bit Arm"
	}
	return fmt.Sprintf("machine %d", int(m))
}

// clearRAM zeroes what is not zero already, so that fresh RAM stays untouched on the host.
func clearRAM(ram *mem.RAM, from, to uint64) {
	all := ram.Bytes()[from-ram.Base() : to-ram.Base()]
	var zero [mem.PageSize]byte
	for len(all) > 0 {
		n := min(len(all), len(zero))
		for _, b := range all[:n] {
			if b != 0 {
				ram.Write(from, zero[:n])
				break
			}
		}
		all, from = all[n:], from+uint64(n)
	}
}

// initrdSize is how many bytes of RAM the initrd takes.
func (f Files) initrdSize() uint64 {
	var size uint64
	for _, a := range f.Initrd {
		if len(a) > 0 {
			size = pageAlign(size) + uint64(len(a))
		}
	}
	return size
}

// writeInitrd puts the initrd into RAM that is zero, at the beginning of a page.
func (f Files) writeInitrd(ram *mem.RAM, at uint64) {
	for _, a := range f.Initrd {
		ram.Write(at, a)
		at += pageAlign(uint64(len(a)))
	}
}

func pageAlign(pa uint64) uint64 { return (pa + mem.PageSize - 1) &^ (mem.PageSize - 1) }
