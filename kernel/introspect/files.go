package introspect

import (
	"fmt"
	"slices"
	"strings"
)

const pathMax = 1 << 12 // PATH_MAX

// dentryPath walks from a dentry up to the root of everything, crossing mounts, as the kernel's d_path does for a reader
// whose root directory is that one.
func (r *reader) dentryPath(dentry uint64) string {
	flags := r.get(dentry, nameFlags)
	if flags&r.k.Profile.numbers.pseudo != 0 {
		return r.text(r.get(dentry, nameText), maxName)
	}
	deleted := flags&r.k.Profile.numbers.unhashed != 0
	var names []string
	for steps := 0; r.err == nil; steps++ {
		// A step is a name, which takes two bytes at least, or a mount below one.
		if steps > pathMax {
			r.fail(fmt.Errorf("dentry %#x: its path has no beginning", dentry))
		}
		if covered := r.get(dentry, nameCovers); covered != 0 {
			dentry = covered
			continue
		}
		parent := r.get(dentry, nameParent)
		if parent == dentry && (len(names) > 0 || !deleted) {
			break
		}
		name := r.text(r.get(dentry, nameText), maxName)
		names = append(names, name)
		if parent == dentry {
			break
		}
		dentry = parent
	}
	slices.Reverse(names)
	path := "/" + strings.Join(names, "/")
	if deleted {
		path += " (deleted)"
	}
	return path
}

// filePath names an open file as /proc/PID/fd does.
func (r *reader) filePath(file uint64) string {
	if r.err != nil {
		return ""
	}
	path := r.dentryPath(r.get(file, fileName))
	if r.err != nil {
		r.err = fmt.Errorf("path of the file at %#x: %w", file, r.err)
	}
	return path
}

// ExePath is the absolute path of the program that the task executes. It fails for tasks without an address space.
func (k *Kernel) ExePath(t *Task) (string, error) {
	if t.MM == 0 {
		return "", errNoMM
	}
	r := &reader{k: k}
	file := r.get(t.MM, mmExe)
	if r.err == nil && file == 0 {
		r.fail(fmt.Errorf("task %d executes no program", t.PID))
	}
	if r.err != nil {
		return "", r.err
	}
	path := r.filePath(file)
	return path, r.err
}

// OpenFile is a file descriptor of a task.
type OpenFile struct {
	FD int
	// Path as /proc/PID/fd shows it.
	Path string
	// Offset is where the next read or write goes, Flags are its O_* flags.
	Offset int64
	Flags  uint64
}

// maxFiles bounds a damaged table; it is Linux's nr_open.
const maxFiles = 1 << 20

// OpenFiles lists a task's file descriptors in ascending order. A task that has ended has none.
func (k *Kernel) OpenFiles(t *Task) ([]OpenFile, error) {
	r := &reader{k: k}
	files := r.get(t.Addr, taskFiles)
	if r.err == nil && files == 0 {
		return nil, nil
	}
	slots, table := r.get(files, filesCount), r.get(files, filesTable)
	var out []OpenFile
	for fd := uint64(0); fd < min(slots, maxFiles) && r.err == nil; fd++ {
		file := r.pointer(table + fd*uint64(k.Image.PointerSize))
		if r.err != nil || file == 0 {
			continue
		}
		out = append(out, OpenFile{FD: int(fd), Offset: r.int(file, filePosition), Flags: r.get(file, fileFlags), Path: r.filePath(file)})
	}
	if r.err != nil {
		return out, fmt.Errorf("open files of task %d: %w", t.PID, r.err)
	}
	return out, nil
}
