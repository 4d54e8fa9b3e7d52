package main

import (
	"bytes"
	"debug/elf"
	"io"
	"os"
	"path"
)

// A program executes others that lie beside it, and expects them where they are on the host. One of them comes into the guest when its name is a
// word in the program, in its arguments, or in another one that comes.

// maxBeside is how many files a directory may have, to be looked at: more are no directory of one's own.
const maxBeside = 1024

// listBeside lists the executables in the directory that the program has on the host: scripts, and programs for the same machine.
func (c *gathering) listBeside(p *program) {
	c.besideDir = path.Dir(p.path)
	c.beside = make(map[string]bool)
	entries, err := os.ReadDir(c.besideDir)
	if err != nil || len(entries) > maxBeside {
		return
	}
	for _, e := range entries {
		file := path.Join(c.besideDir, e.Name())
		info, err := os.Stat(file)
		if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 && file != p.path {
			c.beside[e.Name()] = true
		}
	}
}

// nameBeside takes those beside the program that text names.
func (c *gathering) nameBeside(text []byte) {
	for name := range c.beside {
		if !names(text, name) {
			continue
		}
		delete(c.beside, name)
		at := path.Join(c.besideDir, name)
		if !c.has(at) && executes(at, c.arch) {
			c.take(at, at, object{own: true})
		}
	}
}

// executes says whether a file is one that a machine can execute, by its first bytes.
func executes(file, arch string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, headerSize)
	n, _ := io.ReadFull(f, head)
	return bytes.HasPrefix(head[:n], []byte("#!")) || n == len(head) && headerArch(head) == arch
}

// headerSize is how much of an ELF file shows its machine.
const headerSize = 20

// headerArch is the machine of an ELF file, by its first bytes; "" if it is none of ours.
func headerArch(head []byte) string {
	if !isELF(head) || len(head) < headerSize || head[elf.EI_DATA] != byte(elf.ELFDATA2LSB) {
		return ""
	}
	arch, _ := archOf(elf.Machine(uint16(head[18]) | uint16(head[19])<<8))
	return arch
}

func isELF(b []byte) bool { return bytes.HasPrefix(b, []byte(elf.ELFMAG)) }

// words is the part of a file where names of other files can be: what is neither code nor information for debuggers.
func words(data []byte) []byte {
	if !isELF(data) {
		return data
	}
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil || len(f.Sections) == 0 {
		return data
	}
	var text [][]byte
	for _, s := range f.Sections {
		if s.Type != elf.SHT_PROGBITS || s.Flags&(elf.SHF_ALLOC|elf.SHF_EXECINSTR) != elf.SHF_ALLOC {
			continue
		}
		if b, err := s.Data(); err == nil {
			text = append(text, b)
		}
	}
	return bytes.Join(text, []byte{0})
}
