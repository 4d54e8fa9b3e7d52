// Package guestfs shows the guest's files to a debugger: those in its memory, the archives that it was started with, and a /proc of its
// processes, made from guest memory. It never shows the host's, and changes nothing.
package guestfs

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
)

// Inferiors tells which of the guest's processes are debugged.
type Inferiors interface {
	// Process is the guest's process that an inferior is, pid 0 being the selected one. For the kernel's inferior kernel is true, and
	// process is the one that the CPU executes.
	Process(pid int) (process int, kernel bool)
	// Traced says that a debugger holds a process.
	Traced(process int) bool
}

// Files is what a debugger may read. It implements gdbstub.Files: each process has its own /proc/self, and the kernel its image.
type Files struct {
	// Exec is the path in Root of the kernel's ELF file; "" is none.
	Exec string
	// Root holds the kernel's ELF file, and the guest's programs as it was started with them; nil serves none.
	Root fs.FS
	// Kernel is nil where the guest's tasks are not known: then there is only Root.
	Kernel    introspect.GuestOS
	Inferiors Inferiors

	read map[string]bool
}

// ExecFile implements gdbstub.Files.
func (f *Files) ExecFile(pid int) (string, error) {
	kernel := f.Kernel == nil
	if !kernel {
		pid, kernel = f.Inferiors.Process(pid)
	}
	switch {
	case kernel && f.Exec == "":
		return "", gdbstub.ErrNotFound
	case kernel:
		return f.Exec, nil
	}
	p := &Proc{Kernel: f.Kernel, PID: pid}
	name, err := p.ReadLink("proc/self/exe")
	if errors.Is(err, fs.ErrNotExist) {
		return "", gdbstub.ErrNotFound
	}
	return strings.TrimSuffix(name, " (deleted)"), err
}

// FileSystem implements gdbstub.Files.
func (f *Files) FileSystem(pid int) (fs.FS, error) {
	switch {
	case f.Kernel == nil && f.Root == nil:
		return nil, gdbstub.ErrNotFound
	case f.Kernel == nil:
		return noting{f, f.Root}, nil
	}
	pid, _ = f.Inferiors.Process(pid)
	return &Proc{Kernel: f.Kernel, Files: noting{f, Guest{f.Kernel, f.Root}}, PID: pid, Traced: f.Inferiors.Traced}, nil
}

// Read says whether the debugger has opened a program of that name, without directories, and Any whether it has opened any.
func (f *Files) Read(name string) bool { return f.read[name] }
func (f *Files) Any() bool             { return len(f.read) > 0 }

// Names lists the programs that it has opened, without directories, sorted.
func (f *Files) Names() []string { return slices.Sorted(maps.Keys(f.read)) }

// Has says whether there is a program of that name to be opened.
func (f *Files) Has(name string) bool {
	if f.Root == nil {
		return false
	}
	_, err := fs.Stat(f.Root, "bin/"+name)
	return err == nil
}

// noting takes note of what the debugger opens.
type noting struct {
	files *Files
	fs    fs.FS
}

// Open implements fs.FS.
func (n noting) Open(name string) (fs.File, error) {
	file, err := n.fs.Open(name)
	if err == nil && name != strings.TrimPrefix(n.files.Exec, "/") {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			if n.files.read == nil {
				n.files.read = make(map[string]bool)
			}
			n.files.read[path.Base(name)] = true
		}
	}
	return file, err
}

// ReadLink is what vFile:readlink asks for.
func (n noting) ReadLink(name string) (string, error) {
	if links, ok := n.fs.(interface{ ReadLink(string) (string, error) }); ok {
		return links.ReadLink(name)
	}
	return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
}
