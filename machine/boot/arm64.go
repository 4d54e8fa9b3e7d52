package boot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"forkscope/machine/cpu/arch"
	"forkscope/machine/mem"
)

// The header of a Linux arm64 Image, 64 bytes, and where QEMU puts things around it.
const (
	imageHeader     = 64
	imageMagicAt    = 56
	imageMagic      = "ARM\x64"
	imageOldOffset  = 0x80000 // text_offset of kernels that leave image_size 0
	imageMinOffset  = 0x1000  // QEMU keeps the first page of RAM for its boot code,
	imageMoveOffset = 2 << 20 // and moves an image that would lie over it

	initrdMax = 128 << 20 // the initrd goes to the middle of RAM, or so far from its start
	fdtAlign  = 2 << 20
)

// ARM64Entry is how an arm64 kernel starts: at PC, MMU off, X0 = the address of the device tree, X1 to X3 zero.
type ARM64Entry struct {
	PC, X0 uint64
}

// LoadARM64 loads an ELF file by its physical addresses, a Linux Image by its header, or with f.Flat bytes without a header at 0x80000
// from the start of ram, where QEMU puts them. fdt makes the device tree from where
// the initrd is (both addresses 0 when there is none).
func LoadARM64(ram *mem.RAM, f Files, fdt func(initrdStart, initrdEnd uint64) []byte) (ARM64Entry, error) {
	im, err := loadARM64Kernel(ram, f)
	if err != nil {
		return ARM64Entry{}, fmt.Errorf("kernel: %w", err)
	}
	if strings.ContainsRune(f.Cmdline, 0) {
		return ARM64Entry{}, errors.New("command line: contains a NUL byte")
	}
	after := pageAlign(im.high)
	middle := ram.Base() + pageAlign(min(ram.Size()/2, initrdMax))
	place := func(what string, size uint64, at ...uint64) (uint64, error) {
		for _, pa := range at {
			if ram.Contains(pa, size) {
				return pa, nil
			}
		}
		return 0, fmt.Errorf("%s: %d bytes do not fit behind the kernel into %d bytes of RAM", what, size, ram.Size())
	}
	var start, end uint64
	free := max(after, middle)
	if size := f.initrdSize(); size > 0 {
		if start, err = place("initrd", size, free, after); err != nil {
			return ARM64Entry{}, err
		}
		end = start + size
		free = end
		f.writeInitrd(ram, start)
	}
	tree := fdt(start, end)
	at, err := place("device tree", uint64(len(tree)), (free+fdtAlign-1)&^(fdtAlign-1), pageAlign(free), after)
	if err != nil || at < end && start < at+uint64(len(tree)) {
		return ARM64Entry{}, fmt.Errorf("device tree: %d bytes do not fit into %d bytes of RAM", len(tree), ram.Size())
	}
	ram.Write(at, tree)
	return ARM64Entry{PC: im.entry, X0: at}, nil
}

// IsARM64Image recognises the header of Linux's arm64 boot protocol.
func IsARM64Image(file []byte) bool {
	return len(file) >= imageHeader && string(file[imageMagicAt:imageMagicAt+len(imageMagic)]) == imageMagic
}

func loadARM64Kernel(ram *mem.RAM, f Files) (image, error) {
	kernel := f.Kernel
	switch {
	case isELF(kernel):
		return loadELF(ram, kernel, arch.ARM64)
	case IsARM64Image(kernel):
		return loadImage(ram, kernel)
	case len(kernel) >= 2 && kernel[0] == 0x1f && kernel[1] == 0x8b:
		return image{}, errors.New("compressed with gzip; decompress it first")
	case f.Flat && len(kernel) == 0:
		return image{}, errors.New("the file is empty")
	case f.Flat:
		return placeImage(ram, kernel, imageOldOffset, uint64(len(kernel)))
	}
	return image{}, errors.New("neither an ELF file nor a Linux arm64 Image")
}

func loadImage(ram *mem.RAM, kernel []byte) (image, error) {
	le := binary.LittleEndian
	offset, size, flags := le.Uint64(kernel[8:]), le.Uint64(kernel[16:]), le.Uint64(kernel[24:])
	if flags&1 != 0 {
		return image{}, errors.New("a big-endian Image")
	}
	if size == 0 {
		offset = imageOldOffset
	}
	if offset < imageMinOffset {
		offset += imageMoveOffset
	}
	return placeImage(ram, kernel, offset, max(size, uint64(len(kernel))))
}

// placeImage puts an image that takes size bytes of memory at offset in ram. It is entered at its first byte.
func placeImage(ram *mem.RAM, kernel []byte, offset, size uint64) (image, error) {
	if offset > ram.Size() || !ram.Contains(ram.Base()+offset, size) {
		return image{}, fmt.Errorf("the Image of %d bytes at %#x does not fit into %d bytes of RAM", size, ram.Base()+offset, ram.Size())
	}
	low := ram.Base() + offset
	ram.Write(low, kernel)
	clearRAM(ram, low+uint64(len(kernel)), low+size)
	return image{low, low + size, low}, nil
}
