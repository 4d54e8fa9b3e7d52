package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/u-root/u-root/pkg/cpio"
)

// archOf names the machine that runs an ELF file.
func archOf(m elf.Machine) (string, bool) {
	switch m {
	case elf.EM_386:
		return "i386", true
	case elf.EM_AARCH64:
		return "arm64", true
	}
	return "", false
}

// readFile reads a file named by the user.
func readFile(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	return b, nil
}

// fileError says in one line what is wrong with a file named by the user.
func fileError(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return usagef("%s: %v", path, pe.Err)
	}
	return usageError{err}
}

// openELF checks that a user's file is an ELF file for one of the machines, and says which.
func openELF(path string, b []byte) (*elf.File, string, error) {
	if !bytes.HasPrefix(b, []byte(elf.ELFMAG)) {
		return nil, "", usagef("%s: not an ELF file", path)
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return nil, "", usagef("%s: damaged ELF file: %v", path, err)
	}
	arch, ok := archOf(f.Machine)
	if !ok {
		return nil, "", usagef("%s: an ELF file for %s; forkscope runs i386 and arm64", path, machineName(f.Machine))
	}
	return f, arch, nil
}

func machineName(m elf.Machine) string {
	return strings.ToLower(strings.TrimPrefix(m.String(), "EM_"))
}

// program is what the user asked to run in the guest.
type program struct {
	arch string
	path string // in the guest
	data []byte
}

// readProgram checks that the guest can run the file: a static executable for one of the machines.
func readProgram(path string) (*program, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	f, arch, err := openELF(path, b)
	if err != nil {
		return nil, err
	}
	if f.Type != elf.ET_EXEC && f.Type != elf.ET_DYN {
		return nil, usagef("%s: an ELF file of type %s, not a program", path, strings.ToLower(strings.TrimPrefix(f.Type.String(), "ET_")))
	}
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		interp := make([]byte, min(p.Filesz, 4096))
		if _, err := p.ReadAt(interp, 0); err != nil {
			return nil, usagef("%s: damaged ELF file: %v", path, err)
		}
		return nil, usagef("%s: needs %s, which the guest does not have; link the program with -static",
			path, strings.TrimRight(string(interp), "\x00"))
	}
	return &program{arch: arch, path: "/bin/" + filepath.Base(path), data: b}, nil
}

// archive is a cpio archive, to be appended to the initial file system, that holds the program and its argument list.
func (p *program) archive(args []string) ([]byte, error) {
	argv := strings.Join(append([]string{p.path}, args...), "\x00") + "\x00"
	var out bytes.Buffer
	w := cpio.Newc.Writer(&out)
	for i, rec := range []cpio.Record{
		cpio.Directory("bin", 0o755),
		cpio.Directory("etc", 0o755),
		cpio.StaticRecord(p.data, cpio.Info{Name: strings.TrimPrefix(p.path, "/"), Mode: cpio.S_IFREG | 0o755}),
		cpio.StaticFile("etc/init.args", argv, 0o644),
	} {
		// Inode numbers that no other archive's files have: equal ones would be hard links to the guest.
		rec.Ino = 1<<20 + uint64(i)
		if err := w.WriteRecord(rec); err != nil {
			return nil, fmt.Errorf("initial file system: %w", err)
		}
	}
	if err := cpio.WriteTrailer(w); err != nil {
		return nil, fmt.Errorf("initial file system: %w", err)
	}
	return out.Bytes(), nil
}

// join puts archives behind each other, aligned as the kernel expects them.
func join(archives ...[]byte) []byte {
	var out []byte
	for _, a := range archives {
		for len(out)%512 != 0 {
			out = append(out, 0)
		}
		out = append(out, a...)
	}
	return out
}
