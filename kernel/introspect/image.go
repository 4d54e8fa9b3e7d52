package introspect

import (
	"cmp"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"

	"forkscope/machine/cpu/arch"
)

// Image is a kernel image with its symbols and types.
type Image struct {
	// Machine is the ELF machine the image is for, and Arch its architecture, nil if it is none of ours.
	Machine elf.Machine
	Arch    *arch.Arch
	// Order is the guest's byte order, and PointerSize the size of its pointers in bytes.
	Order       binary.ByteOrder
	PointerSize int

	symbols map[string]elf.Symbol
	byAddr  []function // ascending
	types   typeSource
	loads   []elf.ProgHeader
	lacks   error // why tasks cannot be found, as far as that is known before types are looked at
}

// typeSource is where the types of an image are found.
type typeSource interface {
	field(typ, path string) (Field, error)
	size(typ string) (int64, error)
	globalSize(variable string) (int64, error)
}

// Open reads the image in r. It fails when r is no ELF file. Symbols and types are read as far as there are any: whether they
// are enough to find tasks by is New's question.
func Open(r io.ReaderAt) (*Image, error) {
	magic := make([]byte, len(elf.ELFMAG))
	if _, err := r.ReadAt(magic, 0); err != nil && err != io.EOF {
		return nil, fmt.Errorf("kernel image: %w", err)
	} else if string(magic) != elf.ELFMAG {
		return nil, errors.New("the kernel is no ELF file")
	}
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, fmt.Errorf("the kernel's ELF file is damaged: %w", err)
	}
	im := &Image{Machine: f.Machine, Arch: arch.OfELF(f.Machine), Order: f.ByteOrder, PointerSize: 4, types: noTypes{}}
	if f.Class == elf.ELFCLASS64 {
		im.PointerSize = 8
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			im.loads = append(im.loads, p.ProgHeader)
		}
	}
	im.lacks = im.readNames(f)
	return im, nil
}

// readNames reads what tasks are found by, and says what of it is not there.
func (im *Image) readNames(f *elf.File) error {
	if err := im.readSymbols(f); errors.Is(err, elf.ErrNoSymbols) {
		return errors.New("the kernel has no symbols")
	} else if err != nil {
		return fmt.Errorf("the kernel's symbols: %w", err)
	}
	if _, ok := im.Symbol("init_task"); !ok {
		return errors.New("the kernel has no init_task")
	}
	t, err := openTypes(f)
	if err != nil {
		return fmt.Errorf("the kernel's debug information: %w", err)
	}
	im.types = t
	return nil
}

// function is a symbol in code, of a function or a label.
type function struct {
	addr, size uint64
	name       string
	order      int // in the symbol table
}

func (im *Image) readSymbols(f *elf.File) error {
	syms, err := f.Symbols()
	if err != nil {
		return err
	}
	im.symbols = make(map[string]elf.Symbol, len(syms))
	im.byAddr = make([]function, 0, len(syms))
	for i, s := range syms {
		kind := elf.ST_TYPE(s.Info)
		if s.Name == "" || s.Section == elf.SHN_UNDEF || kind == elf.STT_SECTION || kind == elf.STT_FILE || s.Name[0] == '$' {
			continue
		}
		// A local symbol never hides a global one of the same name.
		if old, ok := im.symbols[s.Name]; !ok || elf.ST_BIND(old.Info) == elf.STB_LOCAL {
			im.symbols[s.Name] = s
		}
		if int(s.Section) < len(f.Sections) && f.Sections[s.Section].Flags&elf.SHF_EXECINSTR != 0 {
			im.byAddr = append(im.byAddr, function{s.Value, s.Size, s.Name, i})
		}
	}
	slices.SortFunc(im.byAddr, func(a, b function) int { return cmp.Or(cmp.Compare(a.addr, b.addr), cmp.Compare(a.order, b.order)) })
	return nil
}

// Symbol returns the address of a symbol.
func (im *Image) Symbol(name string) (addr uint64, ok bool) {
	s, ok := im.symbols[name]
	return s.Value, ok
}

// Lookup names the function or assembly label that contains addr, and the offset in it.
func (im *Image) Lookup(addr uint64) (name string, offset uint64, ok bool) {
	i := sort.Search(len(im.byAddr), func(i int) bool { return im.byAddr[i].addr > addr })
	for i--; i >= 0; i-- {
		s := im.byAddr[i]
		if s.size == 0 || addr-s.addr < s.size {
			return s.name, addr - s.addr, true
		}
	}
	return "", 0, false
}

// LoadAddress gives the physical address at which the image's own bytes of virtual address va are loaded. It is
// how the kernel's addresses are meant before the guest has switched paging on.
func (im *Image) LoadAddress(va uint64) (pa uint64, ok bool) {
	for _, p := range im.loads {
		if va >= p.Vaddr && va-p.Vaddr < p.Memsz {
			return p.Paddr + va - p.Vaddr, true
		}
	}
	return 0, false
}

// Field finds a member of a named struct or union; path goes through nested structs ("thread.cpu_context.pc").
func (im *Image) Field(typeName, path string) (Field, error) { return im.types.field(typeName, path) }

// Size is the size in bytes of a named struct or union.
func (im *Image) Size(typeName string) (int64, error) { return im.types.size(typeName) }

// GlobalSize is the size in bytes of a global variable, as its symbol says, or its type where the symbol, from a linker script or from
// assembly, has none.
func (im *Image) GlobalSize(name string) (int64, error) {
	if s := im.symbols[name]; s.Size != 0 {
		return int64(s.Size), nil
	}
	return im.types.globalSize(name)
}
