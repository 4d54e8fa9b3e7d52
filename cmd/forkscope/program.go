package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

// maxFile is the size in bytes of the largest file that is read: what is larger has no place in the guest.
const maxFile = 2 << 30

// readFile reads a file named by the user or by a debugger. Only a regular one is opened: a pipe may never end, and opening a device may do
// something.
func readFile(path string) ([]byte, error) {
	if err := checkFile(os.Stat(path)); err != nil {
		return nil, fileError(path, err)
	}
	// What is there may have been replaced meanwhile.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer f.Close()
	if err := checkFile(f.Stat()); err != nil {
		return nil, fileError(path, err)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, fileError(path, err)
	}
	return b, nil
}

// checkFile says what is wrong with a file that is to be read.
func checkFile(info fs.FileInfo, err error) error {
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return syscall.EISDIR
	case !info.Mode().IsRegular():
		return errors.New("not a regular file")
	case info.Size() > maxFile:
		return fmt.Errorf("too large: %d MiB, and at most %d MiB are read", info.Size()>>20, maxFile>>20)
	}
	return nil
}

// fileError says in one line what is wrong with a file named by the user.
func fileError(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return usageError{fmt.Errorf("%s: %w", path, err)}
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
	arch   string
	name   string // as the user gave it, and the program's own first argument
	path   string // in the guest
	file   string // on the host; "" for one that is in the guest already
	interp string // the loader it needs, "" for a static one
	needed []string
	data   []byte
	placed bool        // where it is on the host
	beside []neighbour // come with it
}

// readProgram reads a program from the host and checks that it is one for one of the machines. In the guest it is /bin/NAME.
func readProgram(file string) (*program, error) {
	b, err := readFile(file)
	if err != nil {
		return nil, err
	}
	p, err := parseProgram(file, b)
	if err != nil {
		return nil, err
	}
	p.file = file
	p.path = "/bin/" + filepath.Base(file)
	return p, nil
}

// hostProgram is a program that has the same path in the guest as on the host, links followed, as a native debugging server would show it. What is
// beside it comes with it.
func hostProgram(file string) (*program, error) {
	p, err := readProgram(file)
	if err != nil {
		return nil, err
	}
	at, err := physical(file)
	if err != nil {
		return nil, fileError(file, err)
	}
	if !hidden(at) {
		p.path = at
		p.beside = p.besides()
	}
	p.placed = true
	return p, nil
}

// namedProgram is a hostProgram by the name that gdbserver gives it: one without a directory gets that of its file.
func namedProgram(name string) (*program, error) {
	p, err := hostProgram(name)
	if err == nil && !strings.Contains(name, "/") {
		if p.name, err = filepath.Abs(name); err != nil {
			return nil, fileError(name, err)
		}
	}
	return p, err
}

// physical is the absolute path of a file without symbolic links.
func physical(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// hidden says whether the guest has a file system of its own there.
func hidden(at string) bool {
	top, _, _ := strings.Cut(at[1:], "/")
	return top == "proc" || top == "dev" || top == "sys"
}

// parseProgram checks that a file is an executable for one of the machines.
func parseProgram(name string, b []byte) (*program, error) {
	f, arch, err := openELF(name, b)
	if err != nil {
		return nil, err
	}
	if f.Type != elf.ET_EXEC && f.Type != elf.ET_DYN {
		return nil, usagef("%s: an ELF file of type %s, not a program", name, strings.ToLower(strings.TrimPrefix(f.Type.String(), "ET_")))
	}
	p := &program{arch: arch, name: name, data: b}
	for _, h := range f.Progs {
		if h.Type != elf.PT_INTERP {
			continue
		}
		interp := make([]byte, min(h.Filesz, 4096))
		if _, err := h.ReadAt(interp, 0); err != nil {
			return nil, usagef("%s: damaged ELF file: %v", name, err)
		}
		p.interp = strings.TrimRight(string(interp), "\x00")
		p.needed, _ = f.ImportedLibraries()
	}
	return p, nil
}
