package debug

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"forkscope/gdbstub"
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

// Read, Any, Names and Has implement kernel.Known.
func (f *files) Read(name string) bool { return f.read[name] }
func (f *files) Any() bool             { return len(f.read) > 0 }
func (f *files) Names() []string       { return slices.Sorted(maps.Keys(f.read)) }

// Has looks among the guest's programs.
func (f *files) Has(name string) bool {
	if f.root == nil {
		return false
	}
	_, err := fs.Stat(f.root, "bin/"+name)
	return err == nil
}
