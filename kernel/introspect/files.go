package introspect

import (
	"fmt"
	"slices"
	"strings"
)

const (
	unhashed = 1       // DCACHE_UNHASHED: no name leads there any more
	pseudo   = 2       // DCACHE_PSEUDO: the name is all of the path
	pathMax  = 1 << 12 // PATH_MAX
)

// dentryPath walks from a dentry up to the root of everything, crossing mounts, as the kernel's d_path does for a reader
// whose root directory is that one.
func (r *reader) dentryPath(dentry uint64) string {
	flags := r.get(dentry, "dentry", "d_flags")
	if flags&pseudo != 0 {
		return r.text(r.get(dentry, "dentry", "d_name"), maxName)
	}
	deleted := flags&unhashed != 0
	var names []string
	for steps := 0; r.err == nil; steps++ {
		// A step is a name, which takes two bytes at least, or a mount below one.
		if steps > pathMax {
			r.fail(fmt.Errorf("dentry %#x: its path has no beginning", dentry))
		}
		if covered := r.get(dentry, "dentry", "d_mountpoint"); covered != 0 {
			dentry = covered
			continue
		}
		parent := r.get(dentry, "dentry", "d_parent")
		if parent == dentry && (len(names) > 0 || !deleted) {
			break
		}
		name := r.text(r.get(dentry, "dentry", "d_name"), maxName)
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
func (k *Kernel) filePath(file uint64) (string, error) {
	r := &reader{k: k}
	path := r.dentryPath(r.get(file, "file", "f_dentry"))
	if r.err != nil {
		return "", fmt.Errorf("path of the file at %#x: %w", file, r.err)
	}
	return path, nil
}

// ExePath is the absolute path of the program that the task executes. It fails for tasks without an address space.
func (k *Kernel) ExePath(t *Task) (string, error) {
	if t.MM == 0 {
		return "", errNoMM
	}
	r := &reader{k: k}
	file := r.get(t.MM, "mm_struct", "exe_file")
	if r.err == nil && file == 0 {
		r.fail(fmt.Errorf("task %d executes no program", t.PID))
	}
	if r.err != nil {
		return "", r.err
	}
	return k.filePath(file)
}

// WorkingDirectory and RootDirectory are absolute paths. They fail for tasks that have ended.
func (k *Kernel) WorkingDirectory(t *Task) (string, error) { return k.fsPath(t, "pwd") }

// RootDirectory is where the task's absolute paths start.
func (k *Kernel) RootDirectory(t *Task) (string, error) { return k.fsPath(t, "root") }

func (k *Kernel) fsPath(t *Task, which string) (string, error) {
	r := &reader{k: k}
	fs := r.get(t.Addr, "task_struct", "fs")
	path := r.dentryPath(r.get(fs, "fs_struct", which))
	if r.err != nil {
		return "", fmt.Errorf("%s of task %d: %w", which, t.PID, r.err)
	}
	return path, nil
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
	files := r.get(t.Addr, "task_struct", "files")
	if r.err == nil && files == 0 {
		return nil, nil
	}
	slots, table := r.get(files, "files_struct", "max_fds"), r.get(files, "files_struct", "fd")
	var out []OpenFile
	for fd := uint64(0); fd < min(slots, maxFiles) && r.err == nil; fd++ {
		file := r.pointer(table + fd*uint64(k.Image.PointerSize))
		if r.err != nil || file == 0 {
			continue
		}
		f := OpenFile{FD: int(fd), Offset: r.int(file, "file", "f_pos"), Flags: r.get(file, "file", "f_flags")}
		path, err := k.filePath(file)
		if err != nil {
			r.fail(err)
		}
		f.Path = path
		out = append(out, f)
	}
	if r.err != nil {
		return out, fmt.Errorf("open files of task %d: %w", t.PID, r.err)
	}
	return out, nil
}
