package introspect

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Linux's file types in i_mode (inode(7)).
const (
	typeMask      = 0o170000
	typeDirectory = 0o040000
	typeRegular   = 0o100000
	typeLink      = 0o120000
)

// Node is a file of the guest, in its memory.
type Node struct {
	// Mode is Linux's i_mode, and Size the length in bytes.
	Mode uint32
	Size int64

	dentry, inode uint64
}

// Regular, Directory and Link say what kind of file it is.
func (n Node) Regular() bool   { return n.Mode&typeMask == typeRegular }
func (n Node) Directory() bool { return n.Mode&typeMask == typeDirectory }
func (n Node) Link() bool      { return n.Mode&typeMask == typeLink }

// maxSymlinks is how many links a path may lead through (path_resolution(7)).
const maxSymlinks = 40

// maxEntries bounds the walk of a directory.
const maxEntries = 1 << 20

// files reads the guest's files out of its memory. It implements FileSystem.
type files struct{ k *Kernel }

// FS is the guest's own file system.
func (k *Kernel) FS() FileSystem { return files{k} }

// Lookup finds a file by its path, in the file system as every task sees it, and the path that it has when all links on the way
// have been followed; the last one too if follow is set. The error is fs.ErrNotExist where there is no such file, also before
// the guest has any.
func (f files) Lookup(name string, follow bool) (n Node, at string, err error) {
	r := &reader{k: f.k}
	start := r.variable(initFS)
	if r.err != nil {
		return Node{}, "", r.err
	}
	root := r.get(start.addr, dirsRoot)
	if r.err != nil || root == 0 {
		return Node{}, "", fs.ErrNotExist
	}
	rest := strings.Split(name, "/")
	at, n = "/", r.node(root)
	for links := 0; len(rest) > 0 && r.err == nil; {
		word := rest[0]
		rest = rest[1:]
		switch {
		case word == "" || word == ".":
			continue
		case word == "..":
			// at has no links in it, so that this is the way up. It is found from the root again.
			rest = append(strings.Split(path.Dir(at), "/"), rest...)
			at, n = "/", r.node(root)
			continue
		case !n.Directory():
			return Node{}, "", fs.ErrNotExist
		}
		child, ok := r.child(n, word)
		if r.err == nil && !ok {
			return Node{}, "", fs.ErrNotExist
		}
		if r.err == nil && child.Link() && (follow || len(rest) > 0) {
			if links++; links > maxSymlinks {
				return Node{}, "", fmt.Errorf("%s: too many links", name)
			}
			target := r.linkTarget(child)
			if path.IsAbs(target) {
				at, n = "/", r.node(root)
			}
			rest = append(strings.Split(target, "/"), rest...)
			continue
		}
		at, n = path.Join(at, word), child
	}
	if r.err != nil {
		return Node{}, "", fmt.Errorf("%s: %w", name, r.err)
	}
	return n, at, nil
}

// node is the file of a dentry; one that something is mounted on is that.
func (r *reader) node(dentry uint64) Node {
	for range 16 {
		mounted := r.get(dentry, nameMounted)
		if mounted == 0 || r.err != nil {
			break
		}
		dentry = mounted
	}
	inode := r.get(dentry, nameInode)
	return Node{uint32(r.get(inode, inodeMode)), r.int(inode, inodeSize), dentry, inode}
}

// child finds a name in a directory.
func (r *reader) child(dir Node, name string) (n Node, ok bool) {
	var found uint64
	count := 0
	stop := errors.New("found")
	link := r.field(nameSibling)
	err := r.k.mem.walk("d_subdirs", r.at(dir.dentry, nameEntries), false, func(node uint64) error {
		dentry := node - uint64(link.Offset)
		if r.get(dentry, nameLength) == uint64(len(name)) && r.text(r.get(dentry, nameText), maxName) == name && r.err == nil {
			found = dentry
			return stop
		}
		if count++; count > maxEntries {
			r.fail(fmt.Errorf("directory at %#x has no end", dir.dentry))
		}
		return r.err
	})
	if err != nil && err != stop {
		r.fail(err)
	}
	if r.err != nil || found == 0 || r.get(found, nameInode) == 0 {
		return Node{}, false
	}
	return r.node(found), true
}

func (r *reader) linkTarget(n Node) string {
	return r.text(r.get(n.inode, inodePrivate), pathMax)
}

// LinkTarget is where a symbolic link leads to.
func (f files) LinkTarget(n Node) (string, error) {
	if !n.Link() {
		return "", fs.ErrInvalid
	}
	r := &reader{k: f.k}
	target := r.linkTarget(n)
	return target, r.err
}

// ReadFile reads a regular file at an offset, up to its end. A file that is not in memory page by page, such as one of /proc, has
// no contents here.
func (f files) ReadFile(n Node, p []byte, offset int64) (int, error) {
	if !n.Regular() || offset < 0 {
		return 0, fs.ErrInvalid
	}
	p = p[:max(0, min(int64(len(p)), n.Size-offset))]
	r := &reader{k: f.k}
	for done := 0; done < len(p); {
		page, _ := r.inodePage(n.inode, uint64(offset)/pageSize)
		piece := p[done:min(len(p), done+int(pageSize-offset%pageSize))]
		clear(piece)
		if page.Addr != 0 && r.err == nil {
			r.err = f.k.mem.ReadMemory(page.Addr+uint64(offset%pageSize), piece)
		}
		if r.err != nil {
			return done, fmt.Errorf("contents of a file: %w", r.err)
		}
		done += len(piece)
		offset += int64(len(piece))
	}
	return len(p), nil
}

// WorkingDirectory and RootDirectory are absolute paths. They fail for tasks that have ended.
func (f files) WorkingDirectory(t *Task) (string, error) { return f.directory(t, dirsCurrent) }

// RootDirectory is where the task's absolute paths start.
func (f files) RootDirectory(t *Task) (string, error) { return f.directory(t, dirsRoot) }

func (f files) directory(t *Task, which member) (string, error) {
	r := &reader{k: f.k}
	path := r.dentryPath(r.get(r.get(t.Addr, taskFS), which))
	if r.err != nil {
		return "", fmt.Errorf("%s of task %d: %w", r.name(which), t.PID, r.err)
	}
	return path, nil
}
