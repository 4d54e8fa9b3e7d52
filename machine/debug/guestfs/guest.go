package guestfs

import (
	"io"
	"io/fs"
	"path"
	"strings"

	"forkscope/kernel/introspect"
)

// Guest is the guest's own file system as it is in its memory now, and where a file is not in it, as before the kernel has
// unpacked any, another one.
type Guest struct {
	Kernel introspect.GuestOS
	// Other is that other one; nil is nothing.
	Other fs.FS
}

// Open implements fs.FS.
func (g Guest) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	n, at, err := g.Kernel.FS().Lookup(name, true)
	switch {
	case err == nil && n.Directory():
		return &madeFile{contents: strings.NewReader(""), name: path.Base(at), mode: fs.ModeDir | fs.FileMode(n.Mode&0o777)}, nil
	case err == nil && n.Regular() && n.Size > 0:
		mode := fs.FileMode(n.Mode & 0o777)
		return &madeFile{contents: io.NewSectionReader(nodeReader{g.Kernel.FS(), n}, 0, n.Size), name: path.Base(at), mode: mode, size: n.Size}, nil
	case g.Other != nil:
		return g.Other.Open(name)
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadLink is what vFile:readlink asks for.
func (g Guest) ReadLink(name string) (string, error) {
	if n, _, err := g.Kernel.FS().Lookup(name, false); err == nil {
		if target, err := g.Kernel.FS().LinkTarget(n); err == nil {
			return target, nil
		}
	}
	if other, ok := g.Other.(interface{ ReadLink(string) (string, error) }); ok {
		return other.ReadLink(name)
	}
	return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
}

// nodeReader reads a file of the guest.
type nodeReader struct {
	files introspect.FileSystem
	node  introspect.Node
}

// ReadAt implements io.ReaderAt.
func (r nodeReader) ReadAt(p []byte, offset int64) (int, error) {
	n, err := r.files.ReadFile(r.node, p, offset)
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}
