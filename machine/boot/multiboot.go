package boot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"forkscope/machine/cpu/arch"
	"forkscope/machine/mem"
)

// Numbers of the Multiboot Specification 0.6.96.
const (
	// MultibootMagic is in EAX when the kernel starts.
	MultibootMagic = 0x2badb002

	mbHeaderMagic = 0x1badb002
	mbSearch      = 8192 // the header lies within so many bytes of the file
	mbKludge      = 1 << 16
	mbKnown       = 0x7 // the requirements this loader understands: aligned modules, memory information, video mode (which it may ignore)

	mbInfoMemory  = 1 << 0
	mbInfoCmdline = 1 << 2
	mbInfoModules = 1 << 3
	mbInfoMap     = 1 << 6
	mbInfoLoader  = 1 << 9

	mbInfoAddr = 0x9000 // as on QEMU
	mbInfoSize = 120
	mbLowEnd   = 0x9fc00 // of usable memory below 1 MiB; firmware keeps the last KiB
	mbHigh     = 1 << 20

	// mbTop is what QEMU's firmware keeps for its tables at the end of RAM; so a kernel sees the same memory on both.
	mbTop = 128 << 10
)

// kernelName stands before the command line, where boot loaders put the kernel's file name.
const kernelName = "vmlinux"

// MultibootEntry is how a multiboot kernel starts: 32-bit flat segments, no paging, interrupts off, EAX = MultibootMagic.
type MultibootEntry struct {
	// EIP is the entry point, EBX the address of the multiboot information.
	EIP, EBX uint32
}

// LoadMultiboot loads a multiboot 1 kernel into ram, which begins at 0. The initrd becomes the first module, on the page after the kernel.
func LoadMultiboot(ram *mem.RAM, f Files) (MultibootEntry, error) {
	im, err := loadMultibootKernel(ram, f.Kernel)
	if err != nil {
		return MultibootEntry{}, fmt.Errorf("kernel: %w", err)
	}
	info, err := multibootInfo(ram, f, pageAlign(im.high))
	if err != nil {
		return MultibootEntry{}, err
	}
	if im.low < mbInfoAddr+uint64(len(info)) && mbInfoAddr < im.high {
		return MultibootEntry{}, fmt.Errorf("kernel: loaded at %#x to %#x, over the multiboot information at %#x", im.low, im.high, mbInfoAddr)
	}
	ram.Write(mbInfoAddr, info)
	return MultibootEntry{EIP: uint32(im.entry), EBX: mbInfoAddr}, nil
}

func loadMultibootKernel(ram *mem.RAM, kernel []byte) (image, error) {
	if isELF(kernel) {
		if _, _, err := readELF(kernel, arch.I386); err != nil { // the wrong machine says more than the missing header
			return image{}, err
		}
	}
	at, flags, ok := findMultiboot(kernel)
	switch {
	case !ok && isELF(kernel):
		return image{}, fmt.Errorf("ELF file without a multiboot header in its first %d bytes", mbSearch)
	case !ok && len(kernel) > 0x206 && string(kernel[0x202:0x206]) == "HdrS":
		return image{}, errors.New("a Linux bzImage; a multiboot ELF file is wanted")
	case !ok:
		return image{}, errors.New("neither an ELF file nor a multiboot image")
	case flags&0xffff&^mbKnown != 0:
		return image{}, fmt.Errorf("multiboot header asks for unknown features %#x", flags&0xffff&^mbKnown)
	case isELF(kernel):
		return loadELF(ram, kernel, arch.I386)
	case flags&mbKludge == 0:
		return image{}, errors.New("multiboot image that is not an ELF file and gives no load addresses")
	}
	return loadKludge(ram, kernel, at)
}

// findMultiboot looks for the header: magic, flags and a checksum that makes their sum 0, on a multiple of four.
func findMultiboot(kernel []byte) (at int, flags uint32, ok bool) {
	le := binary.LittleEndian
	for at := 0; at+12 <= min(len(kernel), mbSearch); at += 4 {
		magic, flags, sum := le.Uint32(kernel[at:]), le.Uint32(kernel[at+4:]), le.Uint32(kernel[at+8:])
		if magic == mbHeaderMagic && magic+flags+sum == 0 {
			return at, flags, true
		}
	}
	return 0, 0, false
}

// loadKludge loads an image by the addresses in its multiboot header (3.1.3).
func loadKludge(ram *mem.RAM, kernel []byte, at int) (image, error) {
	if at+32 > len(kernel) {
		return image{}, errors.New("truncated: the file ends within the multiboot header")
	}
	field := func(i int) uint64 { return uint64(binary.LittleEndian.Uint32(kernel[at+4*i:])) }
	header, load, loadEnd, bssEnd, entry := field(3), field(4), field(5), field(6), field(7)
	if header < load || header-load > uint64(at) {
		return image{}, fmt.Errorf("multiboot header at file offset %#x cannot be at %#x when the image is at %#x", at, header, load)
	}
	data := kernel[uint64(at)-(header-load):]
	if loadEnd != 0 {
		if loadEnd < load || loadEnd-load > uint64(len(data)) {
			return image{}, fmt.Errorf("truncated: the image to load at %#x to %#x is longer than the file", load, loadEnd)
		}
		data = data[:loadEnd-load]
	}
	end := max(load+uint64(len(data)), bssEnd)
	if !ram.Contains(load, end-load) {
		return image{}, fmt.Errorf("image at physical %#x to %#x lies outside RAM (0 to %#x)", load, end, ram.Size())
	}
	if entry < load || entry >= end {
		return image{}, fmt.Errorf("entry point %#x is not in the image", entry)
	}
	ram.Write(load, data)
	clearRAM(ram, load+uint64(len(data)), end)
	return image{load, end, entry}, nil
}

// multibootInfo loads the initrd at moduleAt and builds the information structure with all it points to (3.3).
func multibootInfo(ram *mem.RAM, f Files, moduleAt uint64) ([]byte, error) {
	if strings.ContainsRune(f.Cmdline, 0) {
		return nil, errors.New("command line: contains a NUL byte")
	}
	le := binary.LittleEndian
	info := make([]byte, mbInfoSize)
	put := func(at int, v uint64) { le.PutUint32(info[at:], uint32(v)) }
	here := func() uint64 { return mbInfoAddr + uint64(len(info)) }
	text := func(s string) uint64 {
		at := here()
		info = append(append(info, s...), 0)
		return at
	}
	flags := uint64(mbInfoMemory | mbInfoCmdline | mbInfoMap | mbInfoLoader)
	put(4, mbLowEnd>>10)
	put(8, (mbUsable(ram)-mbHigh)>>10)
	put(16, text(strings.TrimSuffix(kernelName+" "+f.Cmdline, " ")))
	put(64, text("forkscope"))
	if size := f.initrdSize(); size > 0 {
		end := moduleAt + size
		if end > mbUsable(ram) {
			return nil, fmt.Errorf("initrd: %d bytes at %#x do not fit into %d bytes of RAM", size, moduleAt, ram.Size())
		}
		f.writeInitrd(ram, moduleAt)
		name := text("initrd")
		info = append(info, make([]byte, -len(info)&3)...)
		flags |= mbInfoModules
		put(20, 1)
		put(24, here())
		for _, v := range []uint64{moduleAt, end, name, 0} {
			info = le.AppendUint32(info, uint32(v))
		}
	}
	info = append(info, make([]byte, -len(info)&3)...)
	memoryMap := mbMap(mbUsable(ram), ram.Size())
	put(44, uint64(len(memoryMap)))
	put(48, here())
	put(0, flags)
	info = append(info, memoryMap...)
	if mbInfoAddr+len(info) > mbLowEnd || uint64(mbInfoAddr+len(info)) > ram.Size() {
		return nil, fmt.Errorf("command line: %d bytes are too long", len(f.Cmdline))
	}
	return info, nil
}

// mbUsable is where the RAM that a kernel may use ends.
func mbUsable(ram *mem.RAM) uint64 { return max(ram.Size()-mbTop, mbHigh) }

// memoryRange is a part of a PC's memory.
type memoryRange struct {
	base, end uint64
	kind      uint32
}

// pcMemory is what firmware tells of a PC's memory: usable RAM is kind 1, what firmware itself uses 2.
func pcMemory(usable, size uint64) []memoryRange {
	list := []memoryRange{{0, mbLowEnd, 1}, {mbLowEnd, 0xa0000, 2}, {0xf0000, mbHigh, 2}, {mbHigh, usable, 1}, {usable, size, 2}}
	return slices.DeleteFunc(list, func(r memoryRange) bool { return r.end <= r.base })
}

func mbMap(usable, size uint64) []byte {
	var p []byte
	le := binary.LittleEndian
	for _, r := range pcMemory(usable, size) {
		p = le.AppendUint32(p, 20)
		p = le.AppendUint64(p, r.base)
		p = le.AppendUint64(p, r.end-r.base)
		p = le.AppendUint32(p, r.kind)
	}
	return p
}
