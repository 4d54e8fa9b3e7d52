package guestfs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Tree is a read-only file system in memory: regular files, symbolic links and directories by clean slash-separated path
// without a leading slash. Directories that hold something need not be in it.
type Tree map[string]File

// File is a file of a Tree.
type File struct {
	// Mode has the permissions, and fs.ModeSymlink or fs.ModeDir for what is no regular file.
	Mode fs.FileMode
	// Data is what a file holds, or where a link leads.
	Data []byte
}

// AddArchive adds the regular files, symbolic links and directories of newc cpio archives, as an initramfs holds them: several
// may follow each other, with zeros between them. A later file replaces an earlier one of the same name, and one whose name leads through
// a link is where the link leads. The files share the archive's memory. When the archive is damaged, what comes before the damage has been added.
func (t Tree) AddArchive(archive []byte) error {
	rest := archive
	links := make(map[link][]string) // names that wait for the contents of their file
	for {
		// Between archives there may be zeros; between the records of one there are none but the padding.
		if rest = bytes.TrimLeft(rest, "\x00"); len(rest) == 0 {
			return nil
		}
		r, n, err := readRecord(rest)
		if err != nil {
			return fmt.Errorf("cpio archive: at byte %d: %w", len(archive)-len(rest), err)
		}
		rest = rest[n:]
		if r.name == trailer {
			clear(links)
			continue
		}
		name := path.Clean("/" + r.name)[1:]
		if dir, err := t.Resolve(path.Dir(name)); err == nil && dir != "." {
			name = dir + "/" + path.Base(name)
		}
		file := File{Mode: fs.FileMode(r.mode & 0o777), Data: r.data}
		switch r.mode & typeMask {
		case typeLink:
			file.Mode |= fs.ModeSymlink
			t[name] = file
		case typeDirectory:
			if name != "" {
				t[name] = File{Mode: file.Mode | fs.ModeDir}
			}
		case typeRegular:
			names := append(links[r.link], name)
			if r.links > 1 {
				// Only the last of several names comes with the contents.
				links[r.link] = names
			}
			for _, name := range names {
				t[name] = file
			}
		}
	}
}

// The newc format (cpio(5), "New ASCII Format"): six characters, thirteen numbers of eight hexadecimal digits, the name
// with its zero, and the contents; name and contents are padded to four bytes from the record's beginning.
const (
	headerSize    = 6 + 13*8
	trailer       = "TRAILER!!!"
	typeMask      = 0o170000
	typeRegular   = 0o100000
	typeDirectory = 0o040000
	typeLink      = 0o120000
)

// link is what the names of one file have in common.
type link struct{ ino, major, minor uint32 }

type record struct {
	name        string
	mode, links uint32
	link        link
	data        []byte
}

var errCutOff = errors.New("the archive ends in the middle of a file")

// readRecord takes the record at the front of b and gives its length.
func readRecord(b []byte) (r record, n int, err error) {
	if len(b) < headerSize {
		return r, 0, errCutOff
	}
	if magic := string(b[:6]); magic != "070701" && magic != "070702" {
		return r, 0, errors.New("there is no file's header (newc)")
	}
	var field [13]uint32
	for i := range field {
		v, err := strconv.ParseUint(string(b[6+8*i:14+8*i]), 16, 32)
		if err != nil {
			return r, 0, fmt.Errorf("damaged header: %w", err)
		}
		field[i] = uint32(v)
	}
	r = record{mode: field[1], links: field[4], link: link{field[0], field[7], field[8]}}
	nameSize, dataSize := uint64(field[11]), uint64(field[6])
	start := (headerSize + nameSize + 3) &^ 3
	end := start + dataSize
	if end > uint64(len(b)) {
		return r, 0, errCutOff
	}
	r.name, _, _ = strings.Cut(string(b[headerSize:headerSize+nameSize]), "\x00")
	r.data = b[start:end:end]
	return r, int(min((end+3)&^3, uint64(len(b)))), nil
}

// Resolve follows the symbolic links on the way to name and at its end, inside the tree: an absolute link begins at its root, and nothing
// leads out of it. The result need not be there. The error is fs.ErrInvalid for more links than anybody makes.
func (t Tree) Resolve(name string) (string, error) {
	return t.resolve(name, true)
}

// maxLinks is how many links a path may lead through, as on Linux.
const maxLinks = 40

func (t Tree) resolve(name string, last bool) (string, error) {
	var done []string
	rest := strings.Split(name, "/")
	for links := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			done = done[:max(len(done)-1, 0)]
			continue
		}
		at := strings.Join(append(done, part), "/")
		f := t[at]
		if f.Mode&fs.ModeSymlink == 0 || len(rest) == 0 && !last {
			done = append(done, part)
			continue
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
		}
		to := string(f.Data)
		if strings.HasPrefix(to, "/") {
			done = done[:0]
		}
		rest = append(strings.Split(to, "/"), rest...)
	}
	if len(done) == 0 {
		return ".", nil
	}
	return strings.Join(done, "/"), nil
}

// Open implements fs.FS. It follows symbolic links.
func (t Tree) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	at, err := t.Resolve(name)
	if err != nil {
		return nil, err
	}
	f, ok := t[at]
	if !ok && !t.holds(at) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	info := treeInfo{name: path.Base(name), size: int64(len(f.Data)), mode: f.Mode}
	if !ok {
		info.mode = fs.ModeDir | 0o555
	}
	return &treeFile{Reader: bytes.NewReader(f.Data), info: info}, nil
}

// holds says whether a directory that is not in the tree has something in it.
func (t Tree) holds(name string) bool {
	if name == "." {
		return len(t) > 0
	}
	for other := range t {
		if strings.HasPrefix(other, name+"/") {
			return true
		}
	}
	return false
}

// ReadLink says where the symbolic link name leads. What is no link is fs.ErrInvalid.
func (t Tree) ReadLink(name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	at, err := t.resolve(name, false)
	if err != nil {
		return "", err
	}
	f, ok := t[at]
	switch {
	case ok && f.Mode&fs.ModeSymlink != 0:
		return string(f.Data), nil
	case ok || t.holds(at):
		err = fs.ErrInvalid
	default:
		err = fs.ErrNotExist
	}
	return "", &fs.PathError{Op: "readlink", Path: name, Err: err}
}

// Names lists the regular files, sorted.
func (t Tree) Names() []string {
	names := make([]string, 0, len(t))
	for n, f := range t {
		if f.Mode.IsRegular() {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	return names
}

type treeFile struct {
	*bytes.Reader
	info treeInfo
}

func (f *treeFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *treeFile) Close() error               { return nil }

type treeInfo struct {
	name string
	size int64
	mode fs.FileMode
}

func (i treeInfo) Name() string       { return i.name }
func (i treeInfo) Size() int64        { return i.size }
func (i treeInfo) Mode() fs.FileMode  { return i.mode }
func (i treeInfo) ModTime() time.Time { return time.Time{} }
func (i treeInfo) IsDir() bool        { return i.mode.IsDir() }
func (i treeInfo) Sys() any           { return nil }
