// Package introspect reads a running kernel's tasks, saved registers and address spaces out of guest memory.
// Where things lie is taken from the DWARF and the symbols of the kernel image itself, never from constants,
// so a rebuilt kernel needs no change here.
package introspect

import (
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
)

// Image is a kernel image with its symbols and types.
type Image struct {
	// Machine is the ELF machine the image is for.
	Machine elf.Machine
	// Order is the guest's byte order, and PointerSize the size of its pointers in bytes.
	Order       binary.ByteOrder
	PointerSize int

	symbols map[string]elf.Symbol
	byAddr  []elf.Symbol // functions, ascending
	types   *types       // nil if there are none
	loads   []elf.ProgHeader
	lacks   error // why tasks cannot be found, as far as that is known before types are looked at
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
	defer f.Close()
	im := &Image{Machine: f.Machine, Order: f.ByteOrder, PointerSize: 4}
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
	var err error
	if im.types, err = openTypes(f); err != nil {
		im.types = nil
		return fmt.Errorf("the kernel's debug information: %w", err)
	}
	return nil
}

func (im *Image) readSymbols(f *elf.File) error {
	syms, err := f.Symbols()
	if err != nil {
		return err
	}
	im.symbols = make(map[string]elf.Symbol, len(syms))
	for _, s := range syms {
		kind := elf.ST_TYPE(s.Info)
		if s.Name == "" || s.Section == elf.SHN_UNDEF || kind == elf.STT_SECTION || kind == elf.STT_FILE || s.Name[0] == '$' {
			continue
		}
		// A local symbol never hides a global one of the same name.
		if old, ok := im.symbols[s.Name]; !ok || elf.ST_BIND(old.Info) == elf.STB_LOCAL {
			im.symbols[s.Name] = s
		}
		if int(s.Section) < len(f.Sections) && f.Sections[s.Section].Flags&elf.SHF_EXECINSTR != 0 {
			im.byAddr = append(im.byAddr, s)
		}
	}
	sort.SliceStable(im.byAddr, func(i, j int) bool { return im.byAddr[i].Value < im.byAddr[j].Value })
	return nil
}

// Symbol returns the address of a symbol.
func (im *Image) Symbol(name string) (addr uint64, ok bool) {
	s, ok := im.symbols[name]
	return s.Value, ok
}

// Lookup names the function or assembly label that contains addr, and the offset in it.
func (im *Image) Lookup(addr uint64) (name string, offset uint64, ok bool) {
	i := sort.Search(len(im.byAddr), func(i int) bool { return im.byAddr[i].Value > addr })
	for i--; i >= 0; i-- {
		s := im.byAddr[i]
		if s.Size == 0 || addr-s.Value < s.Size {
			return s.Name, addr - s.Value, true
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

// Field is where a member lies in a structure.
type Field struct{ Offset, Size int64 }

// Field finds a member of a named struct or union; path goes through nested structs ("thread.cpu_context.pc").
func (im *Image) Field(typeName, path string) (Field, error) {
	t, err := im.namedType(typeName)
	if err != nil {
		return Field{}, err
	}
	var f Field
	rest := path
	for rest != "" {
		name := rest
		rest = ""
		for i := range name {
			if name[i] == '.' {
				name, rest = name[:i], name[i+1:]
				break
			}
		}
		s, ok := resolve(t).(*dwarf.StructType)
		if !ok {
			return Field{}, fmt.Errorf("kernel image has no %s.%s: %q is not in a struct", typeName, path, name)
		}
		m := member(s, name)
		if m == nil {
			return Field{}, fmt.Errorf("kernel image has no member %[2]s in struct %[1]s", typeName, path)
		}
		f.Offset += m.ByteOffset
		f.Size = m.Type.Size()
		t = m.Type
	}
	return f, nil
}

// Size is the size in bytes of a named struct or union.
func (im *Image) Size(typeName string) (int64, error) {
	t, err := im.namedType(typeName)
	if err != nil {
		return 0, err
	}
	return t.Size(), nil
}

// GlobalSize is the size in bytes of a global variable, as its symbol says, or its type where the symbol, from a linker script or from
// assembly, has none.
func (im *Image) GlobalSize(name string) (int64, error) {
	if s := im.symbols[name]; s.Size != 0 {
		return int64(s.Size), nil
	}
	var t dwarf.Type
	if im.types != nil {
		var err error
		if t, err = im.types.get(im.types.globals, name); err != nil {
			return 0, err
		}
	}
	if t == nil {
		return 0, fmt.Errorf("kernel image has no variable %q", name)
	}
	return t.Size(), nil
}

// namedType is a struct or union by its name.
func (im *Image) namedType(name string) (dwarf.Type, error) {
	var t dwarf.Type
	if im.types != nil {
		var err error
		if t, err = im.types.get(im.types.named, name); err != nil {
			return nil, err
		}
	}
	if t == nil {
		return nil, fmt.Errorf("kernel image has no type %q", name)
	}
	return t, nil
}

func resolve(t dwarf.Type) dwarf.Type {
	for {
		switch u := t.(type) {
		case *dwarf.TypedefType:
			t = u.Type
		case *dwarf.QualType:
			t = u.Type
		default:
			return t
		}
	}
}

func member(s *dwarf.StructType, name string) *dwarf.StructField {
	for _, f := range s.Field {
		if f.Name == name {
			return f
		}
	}
	return nil
}
