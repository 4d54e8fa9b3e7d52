package debug

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"time"

	"forkscope/gdbstub"

	"github.com/u-root/u-root/pkg/cpio"
)

// files is what a debugger may read: the kernel and the guest's own initial file system, never the host's.
type files struct {
	exec string
	root fs.FS
	// read has the names, without directories, of the programs that were opened.
	read map[string]bool
}

// Open implements fs.FS and takes note of what the debugger knows.
func (f *files) Open(name string) (fs.File, error) {
	file, err := f.root.Open(name)
	if err == nil && name != strings.TrimPrefix(f.exec, "/") {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			f.read[path.Base(name)] = true
		}
	}
	return file, err
}

// ExecFile implements gdbstub.Files.
func (f *files) ExecFile(int) (string, error) {
	if f.exec == "" {
		return "", gdbstub.ErrNotFound
	}
	return f.exec, nil
}

// FileSystem implements gdbstub.Files.
func (f *files) FileSystem(int) (fs.FS, error) { return f, nil }

// FileTree is a read-only file system in memory, by clean slash-separated path without a leading slash.
type FileTree map[string][]byte

// AddArchive adds the regular files of newc cpio archives, as an initramfs holds them: several may follow each other,
// with zeros between them. A later file replaces an earlier one of the same name.
func (t FileTree) AddArchive(archive []byte) error {
	for {
		archive = bytes.TrimLeft(archive, "\x00")
		if len(archive) == 0 {
			return nil
		}
		r := cpio.Newc.Reader(bytes.NewReader(archive))
		end := uint64(0)
		err := cpio.ForEachRecord(r, func(rec cpio.Record) error {
			if rec.Mode&cpio.S_IFMT == cpio.S_IFREG && rec.ReaderAt != nil {
				b, err := io.ReadAll(io.NewSectionReader(rec, 0, int64(rec.FileSize)))
				if err != nil {
					return err
				}
				t[path.Clean(strings.TrimPrefix(rec.Name, "/"))] = b
			}
			end = max(end, uint64(rec.FilePos)+rec.FileSize)
			return nil
		})
		if err != nil {
			return err
		}
		// The trailer is the record behind the last one: find where it ends.
		i := bytes.Index(archive[end:], []byte(cpio.Trailer))
		if i < 0 {
			return nil
		}
		archive = archive[int(end)+i+len(cpio.Trailer):]
	}
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
