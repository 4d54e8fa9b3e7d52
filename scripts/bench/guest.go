package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"forkscope/machine/cpu/arch"
)

// guest is what both emulators boot: the same kernel image and the same initial file system.
type guest struct {
	arch    string
	elf     string // the kernel's ELF file
	image   string // the file QEMU boots
	initrd  string // the built-in initial file system
	loads   string // the same with the loads of this package, in a temporary folder
	symbols map[string]elf.Symbol
	text    []byte // the kernel's code as linked, at symbol _text
}

// openGuest reads one machine's images below root, and writes the file system with the loads into temp.
func openGuest(root, temp, arch string) (*guest, error) {
	images := filepath.Join(root, "kernel", "image")
	g := &guest{
		arch:   arch,
		elf:    filepath.Join(images, "vmlinux-"+arch),
		image:  filepath.Join(images, targets[arch].image),
		initrd: filepath.Join(root, "guests", "image", "initramfs-"+arch+".cpio"),
		loads:  filepath.Join(temp, "loads-"+arch+".cpio"),
	}
	f, err := elf.Open(g.elf)
	if err != nil {
		return nil, fmt.Errorf("kernel image: %w", err)
	}
	defer f.Close()
	if g.symbols, err = symbolTable(f); err != nil {
		return nil, fmt.Errorf("kernel image %s: %w", g.elf, err)
	}
	if g.text, err = contents(f, g.symbols["_text"].Value, g.symbols["_etext"].Value); err != nil {
		return nil, fmt.Errorf("kernel image %s: code: %w", g.elf, err)
	}
	archive, err := os.ReadFile(g.initrd)
	if err != nil {
		return nil, fmt.Errorf("initial file system: %w", err)
	}
	extra := archiveOf([]archiveFile{
		{syscallLoad, syscallProgram(arch)},
		{touchLoad, touchProgram(arch)},
	})
	// The kernel takes several archives behind each other, with zeros between them.
	for len(archive)%512 != 0 {
		archive = append(archive, 0)
	}
	if err := os.WriteFile(g.loads, append(archive, extra...), 0o644); err != nil {
		return nil, err
	}
	return g, nil
}

func symbolTable(f *elf.File) (map[string]elf.Symbol, error) {
	list, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	m := make(map[string]elf.Symbol, len(list))
	for _, s := range list {
		m[s.Name] = s
	}
	return m, nil
}

// contents is what an ELF file loads at virtual addresses [start, end).
func contents(f *elf.File, start, end uint64) ([]byte, error) {
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Vaddr <= start && start < end && end <= p.Vaddr+p.Filesz {
			b := make([]byte, end-start)
			_, err := p.ReadAt(b, int64(start-p.Vaddr))
			return b, err
		}
	}
	return nil, fmt.Errorf("%#x to %#x is not in one segment", start, end)
}

// symbol is the address of a kernel function.
func (g *guest) symbol(name string) (uint64, error) {
	if s, ok := g.symbols[name]; ok {
		return s.Value, nil
	}
	return 0, fmt.Errorf("%s has no symbol %s", g.elf, name)
}

// programSymbol is a function of a program in the initial file system.
func (g *guest) programSymbol(program, name string) (elf.Symbol, error) {
	var none elf.Symbol
	archive, err := os.ReadFile(g.initrd)
	if err != nil {
		return none, err
	}
	b, err := findInArchive(archive, program)
	if err != nil {
		return none, fmt.Errorf("%s: %w", g.initrd, err)
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return none, fmt.Errorf("%s in %s: %w", program, g.initrd, err)
	}
	m, err := symbolTable(f)
	if err != nil {
		return none, fmt.Errorf("%s in %s: %w", program, g.initrd, err)
	}
	if s, ok := m[name]; ok {
		return s, nil
	}
	return none, fmt.Errorf("%s in %s has no symbol %s", program, g.initrd, name)
}

type archiveFile struct {
	name string // without a leading slash
	data []byte
}

// archiveMagic starts each header of a cpio archive in the "new ASCII" form: 13 fields of 8 hexadecimal digits follow,
// then the name with a NUL, padded to a multiple of 4, and the data, padded likewise.
const (
	archiveMagic   = "070701"
	archiveHeader  = len(archiveMagic) + 13*8
	archiveTrailer = "TRAILER!!!"
)

// archiveOf makes a cpio archive of programs, to be put behind another one.
func archiveOf(files []archiveFile) []byte {
	var out bytes.Buffer
	pad := func() {
		for out.Len()%4 != 0 {
			out.WriteByte(0)
		}
	}
	put := func(inode, mode int, name string, data []byte) {
		fmt.Fprint(&out, archiveMagic)
		for _, field := range []int{inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0} {
			fmt.Fprintf(&out, "%08x", field)
		}
		out.WriteString(name + "\x00")
		pad()
		out.Write(data)
		pad()
	}
	for i, f := range files {
		// Inode numbers that the other archive's files don't have: equal ones are hard links.
		put(1<<24+i, 0o100755, f.name, f.data)
	}
	put(0, 0, archiveTrailer, nil)
	return out.Bytes()
}

// findInArchive returns a file's data from a cpio archive.
func findInArchive(archive []byte, name string) ([]byte, error) {
	for at := 0; at+archiveHeader <= len(archive) && string(archive[at:at+len(archiveMagic)]) == archiveMagic; {
		var size, nameSize int
		header := archive[at : at+archiveHeader]
		if _, err := fmt.Sscanf(string(header[54:62])+" "+string(header[94:102]), "%x %x", &size, &nameSize); err != nil {
			return nil, fmt.Errorf("archive header at %d: %w", at, err)
		}
		data := (at + archiveHeader + nameSize + 3) &^ 3
		if size < 0 || nameSize < 1 || data+size > len(archive) {
			return nil, fmt.Errorf("archive header at %d: sizes go beyond the end", at)
		}
		// More than one zero behind a name puts the data on a page of its own.
		switch string(bytes.TrimRight(archive[at+archiveHeader:at+archiveHeader+nameSize], "\x00")) {
		case name:
			return archive[data : data+size], nil
		case archiveTrailer:
			return nil, fmt.Errorf("no file %s", name)
		}
		at = (data + size + 3) &^ 3
	}
	return nil, fmt.Errorf("no file %s", name)
}

// program wraps machine code in a static ELF executable: one segment, entered behind the headers, with room for extra
// bytes of zeros from the next page on.
func program(name string, code []byte, room uint64) []byte {
	var out bytes.Buffer
	put := func(v any) {
		if err := binary.Write(&out, binary.LittleEndian, v); err != nil {
			panic("BUG: " + err.Error())
		}
	}
	a, base := arch.Named(name), targets[name].base
	ident := [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(a.Class), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)}
	if a.Class == elf.ELFCLASS64 {
		const headers = 64 + 56
		put(elf.Header64{Ident: ident, Type: uint16(elf.ET_EXEC), Machine: uint16(a.Machine), Version: 1,
			Entry: base + headers, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1})
		put(elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_W | elf.PF_X), Vaddr: base, Paddr: base,
			Filesz: uint64(headers + len(code)), Memsz: pageSize + room, Align: pageSize})
	} else {
		const headers = 52 + 32
		put(elf.Header32{Ident: ident, Type: uint16(elf.ET_EXEC), Machine: uint16(a.Machine), Version: 1,
			Entry: uint32(base) + headers, Phoff: 52, Ehsize: 52, Phentsize: 32, Phnum: 1})
		put(elf.Prog32{Type: uint32(elf.PT_LOAD), Vaddr: uint32(base), Paddr: uint32(base), Filesz: uint32(headers + len(code)),
			Memsz: uint32(pageSize + room), Flags: uint32(elf.PF_R | elf.PF_W | elf.PF_X), Align: pageSize})
	}
	out.Write(code)
	return out.Bytes()
}

const pageSize = 4096
