package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	view "forkscope/machine/debug"
)

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
	info, err := f.Stat()
	if err := checkFile(info, err); err != nil {
		return nil, fileError(path, err)
	}
	b := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(f, maxFile)); err != nil {
		return nil, fileError(path, err)
	}
	return b.Bytes(), nil
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
		return nil, "", usagef("%s: an ELF file for %s; forkscope runs %s (%s build for them)", path, machineName(f.Machine), archs, compilers())
	}
	return f, arch, nil
}

func machineName(m elf.Machine) string {
	return strings.ToLower(strings.TrimPrefix(m.String(), "EM_"))
}

// program is what the user asked to run in the guest.
type program struct {
	arch   string // "" for a script that any machine may run
	name   string // as the user gave it, and the program's own first argument
	path   string // in the guest
	image  string // what the kernel executes: path, or a script's interpreter
	file   string // on the host, links followed; "" for one that is in the guest already
	interp string // the loader that it needs, or the script's interpreter; "" for a static one
	script bool
	data   []byte
}

// findProgram finds PROGRAM: in the tree of files that the user gives to the guest, whose working directory is dir, else on the host.
func findProgram(name string, root view.FileTree, dir string) (*program, error) {
	p, err := programIn(root, name, dir)
	if isNotExist(err) {
		p, err = hostProgram(name)
	}
	return p, err
}

// searchPath is where a program without a directory in its name is looked up.
var searchPath = []string{"/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin"}

// programIn finds a program in a tree of files of the guest.
func programIn(tree view.FileTree, name, dir string) (*program, error) {
	places := []string{path.Clean(name)}
	if !strings.Contains(name, "/") {
		places = nil
		for _, d := range searchPath {
			places = append(places, path.Join(d, name))
		}
	} else if !path.IsAbs(name) {
		places = []string{path.Join("/", dir, name)}
	}
	for _, at := range places {
		data, err := fs.ReadFile(tree, at[1:])
		if err != nil {
			continue
		}
		p, err := parseProgram(name, data)
		if err == nil {
			p.path = at
			if p.script {
				p.arch = treeArch(tree, p.interp)
			}
		}
		return p, err
	}
	return nil, usageError{fmt.Errorf("%s: %w", name, fs.ErrNotExist)}
}

// treeArch is the machine of a script's interpreter, "" if the tree does not show it.
func treeArch(tree view.FileTree, interp string) string {
	f, err := tree.Open(path.Clean(interp)[1:])
	if err != nil {
		return ""
	}
	defer f.Close()
	head := make([]byte, headerSize)
	n, _ := io.ReadFull(f, head)
	return headerArch(head[:n])
}

// hostProgram reads a program from the host and checks that it is one for one of the machines. In the guest it has the path that it has on the host,
// links followed, as a native debugging server would show it, unless the guest has a file system of its own there: then it is /bin/NAME.
func hostProgram(file string) (*program, error) {
	b, err := readFile(file)
	if err != nil {
		return nil, err
	}
	p, err := parseProgram(file, b)
	if err != nil {
		return nil, err
	}
	if p.file, err = physical(file); err != nil {
		return nil, fileError(file, err)
	}
	p.path = p.file
	if hidden(p.path) {
		p.path = "/bin/" + path.Base(p.path)
	}
	if p.script {
		p.arch = soleArch(p.interp)
	}
	return p, nil
}

// namedProgram is a program by the name that gdbserver gives it: one without a directory gets that of its file.
func namedProgram(p *program) (*program, error) {
	if p.file == "" || strings.Contains(p.name, "/") {
		return p, nil
	}
	name, err := filepath.Abs(p.name)
	if err != nil {
		return nil, fileError(p.name, err)
	}
	p.name = name
	return p, nil
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

// parseProgram checks that a file is an executable for one of the machines, or a script.
func parseProgram(name string, b []byte) (*program, error) {
	if interp, ok := scriptInterpreter(b); ok {
		return &program{name: name, data: b, interp: interp, script: true}, nil
	}
	if ext := path.Ext(name); ext == ".c" || ext == ".cc" || ext == ".cpp" || ext == ".S" || ext == ".s" {
		return nil, usagef("%s: the source of a program; build it first: %s -g -o %s %[1]s", name, hosts[defaultArch].compiler, strings.TrimSuffix(name, ext))
	}
	if !isELF(b) {
		return nil, usagef("%s: not an ELF file, and no script, which begins with #! and the path of its interpreter", name)
	}
	f, arch, err := openELF(name, b)
	if err != nil {
		return nil, err
	}
	if f.Type != elf.ET_EXEC && f.Type != elf.ET_DYN {
		return nil, usagef("%s: an ELF file of type %s, not a program", name, strings.ToLower(strings.TrimPrefix(f.Type.String(), "ET_")))
	}
	return &program{arch: arch, name: name, data: b, interp: interpreter(f)}, nil
}
