package debug

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

// FileTree is a read-only file system in memory, by clean slash-separated path without a leading slash.
type FileTree map[string][]byte

// AddArchive adds the regular files of newc cpio archives, as an initramfs holds them: several may follow each other,
// with zeros between them. A later file replaces an earlier one of the same name. The files share the archive's memory.
// When the archive is damaged, what comes before the damage has been added.
func (t FileTree) AddArchive(archive []byte) error {
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
		if r.mode&typeMask != typeRegular {
			continue
		}
		names := append(links[r.link], path.Clean("/" + r.name)[1:])
		if r.links > 1 {
			// Only the last of several names comes with the contents.
			links[r.link] = names
		}
		for _, name := range names {
			t[name] = r.data
		}
	}
}

// The newc format (cpio(5), "New ASCII Format"): six characters, thirteen numbers of eight hexadecimal digits, the name
// with its zero, and the contents; name and contents are padded to four bytes from the record's beginning.
const (
	headerSize  = 6 + 13*8
	trailer     = "TRAILER!!!"
	typeMask    = 0o170000
	typeRegular = 0o100000
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

// Open implements fs.FS.
func (t FileTree) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if b, ok := t[name]; ok {
		return &treeFile{Reader: bytes.NewReader(b), info: treeInfo{name: path.Base(name), size: int64(len(b)), mode: 0o444}}, nil
	}
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	for other := range t {
		if strings.HasPrefix(other, prefix) {
			return &treeFile{Reader: bytes.NewReader(nil), info: treeInfo{name: path.Base(name), mode: fs.ModeDir | 0o555}}, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// Names lists all files, sorted.
func (t FileTree) Names() []string {
	names := make([]string, 0, len(t))
	for n := range t {
		names = append(names, n)
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
