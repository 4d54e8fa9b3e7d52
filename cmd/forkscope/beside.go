package main

import (
	"bytes"
	"debug/elf"
	"io"
	"os"
	"path"
	"slices"
)

// A program executes others that lie beside it, and expects them where they are on the host. They come with it into the guest: all of them if they
// are small, else those whose names are in the program.
const (
	maxBeside      = 1024    // files looked at: more are no directory of one's own
	smallBeside    = 4 << 20 // bytes
	maxBesideBytes = 64 << 20
)

// neighbour is an executable beside a program.
type neighbour struct {
	name string
	data []byte
}

// besides reads the executables in the directory that the program has on the host: scripts, and programs for the same machine.
func (p *program) besides() []neighbour {
	dir := path.Dir(p.path)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > maxBeside {
		return nil
	}
	var names []string
	sizes := make(map[string]int64)
	total := func() (n int64) {
		for _, name := range names {
			n += sizes[name]
		}
		return n
	}
	for _, e := range entries {
		file := path.Join(dir, e.Name())
		info, err := os.Stat(file)
		if err != nil || !info.Mode().IsRegular() || info.Mode()&0o111 == 0 || file == p.path || !p.executes(file) {
			continue
		}
		names = append(names, e.Name())
		sizes[e.Name()] = info.Size()
	}
	if total() > smallBeside {
		names = slices.DeleteFunc(names, func(name string) bool { return !bytes.Contains(p.data, []byte(name)) })
	}
	if total() > maxBesideBytes {
		return nil
	}
	var found []neighbour
	for _, name := range names {
		if data, err := os.ReadFile(path.Join(dir, name)); err == nil {
			found = append(found, neighbour{name, data})
		}
	}
	return found
}

// executes says whether a file is one that the program's machine can execute, by its first bytes.
func (p *program) executes(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 20)
	n, _ := io.ReadFull(f, head)
	if bytes.HasPrefix(head[:n], []byte("#!")) {
		return true
	}
	if n < len(head) || !bytes.HasPrefix(head, []byte(elf.ELFMAG)) || head[elf.EI_DATA] != byte(elf.ELFDATA2LSB) {
		return false
	}
	arch, _ := archOf(elf.Machine(uint16(head[18]) | uint16(head[19])<<8))
	return arch == p.arch
}
