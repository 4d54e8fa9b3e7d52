package debug

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
)

// guestFS is the guest's own file system as it is in its memory now, and where a file is not in it, as before the kernel has
// unpacked any, another one.
type guestFS struct {
	kernel *introspect.Kernel
	other  fs.FS
}

// Open implements fs.FS.
func (g guestFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	n, at, err := g.kernel.Lookup(name, true)
	switch {
	case err == nil && n.Directory():
		return &madeFile{contents: strings.NewReader(""), name: path.Base(at), mode: fs.ModeDir | fs.FileMode(n.Mode&0o777)}, nil
	case err == nil && n.Regular() && n.Size > 0:
		mode := fs.FileMode(n.Mode & 0o777)
		return &madeFile{contents: io.NewSectionReader(nodeReader{g.kernel, n}, 0, n.Size), name: path.Base(at), mode: mode, size: n.Size}, nil
	case g.other != nil:
		return g.other.Open(name)
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadLink is what vFile:readlink asks for.
func (g guestFS) ReadLink(name string) (string, error) {
	if n, _, err := g.kernel.Lookup(name, false); err == nil {
		if target, err := g.kernel.LinkTarget(n); err == nil {
			return target, nil
		}
	}
	if other, ok := g.other.(interface{ ReadLink(string) (string, error) }); ok {
		return other.ReadLink(name)
	}
	return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
}

// nodeReader reads a file of the guest.
type nodeReader struct {
	kernel *introspect.Kernel
	node   introspect.Node
}

// ReadAt implements io.ReaderAt.
func (r nodeReader) ReadAt(p []byte, offset int64) (int, error) {
	n, err := r.kernel.ReadFile(r.node, p, offset)
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

// processFiles implements gdbstub.Files: each process has its own /proc/self, and the kernel its image.
type processFiles struct{ *Debugger }

// ExecFile implements gdbstub.Files.
func (f processFiles) ExecFile(pid int) (string, error) {
	if pid == 0 {
		pid = threads{f.Debugger}.Current().PID
	}
	if f.guest.OS == nil || f.view == KernelView || pid == KernelPID {
		return f.files.ExecFile(pid)
	}
	p := &procFS{kernel: f.guest.OS, pid: pid}
	name, err := p.ReadLink("proc/self/exe")
	if errors.Is(err, fs.ErrNotExist) {
		return "", gdbstub.ErrNotFound
	}
	return strings.TrimSuffix(name, " (deleted)"), err
}

// FileSystem implements gdbstub.Files.
func (f processFiles) FileSystem(pid int) (fs.FS, error) {
	if f.guest.OS == nil {
		return &f.files, nil
	}
	if pid == 0 || pid == KernelPID {
		pid = threads{f.Debugger}.Current().PID
	}
	seen := &files{exec: f.files.exec, root: guestFS{f.guest.OS, f.files.root}, read: f.files.read}
	return &procFS{kernel: f.guest.OS, files: seen, pid: pid, traced: f.ofProcess}, nil
}
