package guestfs

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"forkscope/kernel/introspect"
)

// Proc is the file system that a process's debugger sees: files beside a /proc that is made from guest memory whenever a file
// in it is opened, in the words of Linux's proc(5). gdb's "info proc" and generate-core-file read it.
type Proc struct {
	Kernel introspect.GuestOS
	// Files holds everything else; nil is nothing.
	Files fs.FS
	// PID is what /proc/self stands for.
	PID int
	// Traced says of a process that a debugger holds it, which the kernel in the guest does not know; nil is no process.
	Traced func(pid int) bool
}

// procFile makes the text of a file under /proc/PID.
type procFile func(p *Proc, t *introspect.Task) ([]byte, error)

// procFiles are the files under /proc/PID and /proc/PID/task/TID; procLinks are the links.
var (
	procFiles = map[string]procFile{
		"auxv":            func(p *Proc, t *introspect.Task) ([]byte, error) { return orNothing(t, p.Kernel.Auxv) },
		"cmdline":         func(p *Proc, t *introspect.Task) ([]byte, error) { return p.Kernel.Cmdline(t) },
		"comm":            func(_ *Proc, t *introspect.Task) ([]byte, error) { return []byte(t.Comm + "\n"), nil },
		"coredump_filter": func(*Proc, *introspect.Task) ([]byte, error) { return []byte("00000033\n"), nil },
		"environ":         func(p *Proc, t *introspect.Task) ([]byte, error) { return p.Kernel.Environ(t) },
		"maps":            (*Proc).maps,
		"smaps":           (*Proc).smaps,
		"stat":            (*Proc).stat,
		"statm":           (*Proc).statm,
		"status":          (*Proc).status,
	}
	procLinks = map[string]func(k introspect.GuestOS, t *introspect.Task) (string, error){
		"cwd":  func(k introspect.GuestOS, t *introspect.Task) (string, error) { return k.FS().WorkingDirectory(t) },
		"exe":  introspect.GuestOS.ExePath,
		"root": func(k introspect.GuestOS, t *introspect.Task) (string, error) { return k.FS().RootDirectory(t) },
	}
)

// orNothing reads what a task without an address space has none of.
func orNothing(t *introspect.Task, read func(*introspect.Task) ([]byte, error)) ([]byte, error) {
	if t.MM == 0 {
		return nil, nil
	}
	return read(t)
}

// Open implements fs.FS.
func (p *Proc) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	rest, ok := strings.CutPrefix(name, "proc/")
	if !ok {
		if p.Files == nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return p.Files.Open(name)
	}
	t, words, err := p.task(rest)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if len(words) == 0 || len(words) == 1 && (words[0] == "task" || words[0] == "fd") {
		return &madeFile{contents: bytes.NewReader(nil), name: path.Base(name), mode: fs.ModeDir | 0o555}, nil
	}
	if target, err := p.link(t, words); err == nil {
		return p.Open(strings.TrimPrefix(target, "/"))
	}
	if text := procFiles[words[0]]; text != nil && len(words) == 1 {
		b, err := text(p, t)
		if err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
		return &madeFile{contents: bytes.NewReader(b), name: words[0], mode: 0o444}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadLink is what vFile:readlink asks for.
func (p *Proc) ReadLink(name string) (string, error) {
	rest, ok := strings.CutPrefix(name, "proc/")
	if !ok {
		if files, ok := p.Files.(interface{ ReadLink(string) (string, error) }); ok {
			return files.ReadLink(name)
		}
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	if rest == "self" {
		return strconv.Itoa(p.PID), nil
	}
	t, words, err := p.task(rest)
	target := ""
	if err == nil {
		target, err = p.link(t, words)
	}
	if err != nil {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: err}
	}
	return target, nil
}

// task finds whose directory a path below /proc is in, and what is left of the path.
func (p *Proc) task(rest string) (*introspect.Task, []string, error) {
	words := strings.Split(rest, "/")
	if words[0] == "self" {
		words[0] = strconv.Itoa(p.PID)
	}
	t, err := p.find(words[0], 0)
	if err != nil {
		return nil, nil, err
	}
	words = words[1:]
	if len(words) > 1 && words[0] == "task" {
		if t, err = p.find(words[1], t.TGID); err != nil {
			return nil, nil, err
		}
		words = words[2:]
	}
	return t, words, nil
}

// find is the task of that number, of the process if it is not 0.
func (p *Proc) find(number string, process int32) (*introspect.Task, error) {
	pid, err := strconv.ParseUint(number, 10, 31)
	if err != nil || pid == 0 || number[0] == '0' {
		return nil, fs.ErrNotExist
	}
	t, err := p.Kernel.FindTask(int32(pid))
	if err != nil || process != 0 && t.TGID != process {
		return nil, fs.ErrNotExist
	}
	return &t, nil
}

// link is what a link below /proc/PID leads to.
func (p *Proc) link(t *introspect.Task, words []string) (string, error) {
	if len(words) == 1 && procLinks[words[0]] != nil {
		target, err := procLinks[words[0]](p.Kernel, t)
		if err != nil {
			return "", fs.ErrNotExist
		}
		return target, nil
	}
	if len(words) == 2 && words[0] == "fd" {
		files, err := p.Kernel.OpenFiles(t)
		if err != nil {
			return "", err
		}
		for _, f := range files {
			if strconv.Itoa(f.FD) == words[1] {
				return f.Path, nil
			}
		}
	}
	return "", fs.ErrNotExist
}

// state is a task's state in a letter and a word; what a debugger holds is in a tracing stop.
func (p *Proc) state(t *introspect.Task) (byte, string) {
	if letter := t.StateLetter(); letter == 'Z' || letter == 'X' || p.Traced == nil || !p.Traced(int(t.TGID)) {
		return letter, t.StateWord()
	}
	return 't', "tracing stop"
}

// ticks are the hundredths of a second in which proc(5) counts time.
func ticks(ns uint64) uint64 { return ns / 10_000_000 }

// pageBytes is the size of a page on all machines.
const pageBytes = 1 << 12

// stat is /proc/PID/stat: 52 numbers.
func (p *Proc) stat(t *introspect.Task) ([]byte, error) {
	s, err := p.Kernel.Stat(t)
	if err != nil {
		return nil, err
	}
	letter, _ := p.state(t)
	var mm, user introspect.Space
	if s.MM != nil {
		mm = *s.MM
		if t.ExitState == 0 {
			user = mm
		}
	}
	word := func(m introspect.SignalMask) uint64 {
		return uint64(m) << (64 - p.Kernel.Bits()) >> (64 - p.Kernel.Bits())
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d (%s) %c %d %d %d 0 -1 %d %d %d %d %d", t.PID, t.Comm, letter, s.Parent, s.Group, s.Session, uint32(t.Flags),
		s.Own.MinFaults, s.Children.MinFaults, s.Own.MajFaults, s.Children.MajFaults)
	fmt.Fprintf(&b, " %d %d %d %d", ticks(s.Own.User), ticks(s.Own.System), ticks(s.Children.User), ticks(s.Children.System))
	fmt.Fprintf(&b, " %d %d %d 0 %d %d %d %d", 20+s.Nice, s.Nice, s.Threads, ticks(s.StartTime), mm.Total*pageBytes, mm.RSS, s.RSSLimit)
	fmt.Fprintf(&b, " %d %d %d 0 0 %d %d 0 0 0 0 0 %d 0 0 0 0 0 0", user.StartCode, user.EndCode, user.StartStack, word(s.Signals.Pending), word(s.Signals.Blocked), s.ExitSignal)
	fmt.Fprintf(&b, " %d %d %d %d %d %d %d %d\n", user.StartData, user.EndData, user.StartBrk, user.ArgStart, user.ArgEnd, user.EnvStart, user.EnvEnd, t.ExitCode)
	return b.Bytes(), nil
}

func (p *Proc) statm(t *introspect.Task) ([]byte, error) {
	s, err := p.Kernel.Stat(t)
	if err != nil {
		return nil, err
	}
	mm := s.MM
	if mm == nil {
		mm = new(introspect.Space)
	}
	return fmt.Appendf(nil, "%d %d 0 %d 0 %d 0\n", mm.Total, mm.RSS, mm.Exec, mm.Data+mm.Stack), nil
}

// status is /proc/PID/status.
func (p *Proc) status(t *introspect.Task) ([]byte, error) {
	s, err := p.Kernel.Stat(t)
	if err != nil {
		return nil, err
	}
	letter, word := p.state(t)
	var b bytes.Buffer
	fmt.Fprintf(&b, "Name:\t%s\n", t.Comm)
	if s.Umask >= 0 {
		fmt.Fprintf(&b, "Umask:\t%04o\n", s.Umask)
	}
	fmt.Fprintf(&b, "State:\t%c (%s)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", letter, word, t.TGID, t.PID, s.Parent)
	fmt.Fprintf(&b, "Uid:\t%d\t%d\t%d\t%d\n", s.UID[0], s.UID[1], s.UID[2], s.UID[3])
	fmt.Fprintf(&b, "Gid:\t%d\t%d\t%d\t%d\n", s.GID[0], s.GID[1], s.GID[2], s.GID[3])
	fmt.Fprintf(&b, "FDSize:\t%d\nGroups:\t\n", s.FDSize)
	if mm := s.MM; mm != nil {
		for _, line := range []struct {
			name  string
			pages uint64
		}{{"VmPeak", mm.Peak}, {"VmSize", mm.Total}, {"VmLck", mm.Locked}, {"VmHWM", mm.PeakRSS}, {"VmRSS", mm.RSS}, {"VmData", mm.Data},
			{"VmStk", mm.Stack}, {"VmExe", mm.Exec}, {"VmPTE", mm.Tables}} {
			fmt.Fprintf(&b, "%s:\t%8d kB\n", line.name, line.pages*pageBytes/1024)
		}
	}
	fmt.Fprintf(&b, "Threads:\t%d\n", s.Threads)
	for _, line := range []struct {
		name string
		mask introspect.SignalMask
	}{{"SigPnd", s.Signals.Pending}, {"ShdPnd", s.Signals.Shared}, {"SigBlk", s.Signals.Blocked}, {"SigIgn", s.Signals.Ignored}, {"SigCgt", s.Signals.Caught}} {
		fmt.Fprintf(&b, "%s:\t%016x\n", line.name, uint64(line.mask))
	}
	fmt.Fprintf(&b, "voluntary_ctxt_switches:\t%d\nnonvoluntary_ctxt_switches:\t%d\n", s.Voluntary, s.Involuntary)
	return b.Bytes(), nil
}

// madeFile is a file that is read from guest memory. The size is given as 0 of all files in /proc, whose contents are made when
// they are opened.
type madeFile struct {
	contents
	name string
	mode fs.FileMode
	size int64
}

type contents interface {
	io.Reader
	io.ReaderAt
	io.Seeker
}

func (f *madeFile) Stat() (fs.FileInfo, error) { return madeInfo{f.name, f.mode, f.size}, nil }
func (f *madeFile) Close() error               { return nil }

type madeInfo struct {
	name string
	mode fs.FileMode
	size int64
}

func (i madeInfo) Name() string       { return i.name }
func (i madeInfo) Size() int64        { return i.size }
func (i madeInfo) Mode() fs.FileMode  { return i.mode }
func (i madeInfo) ModTime() time.Time { return time.Time{} }
func (i madeInfo) IsDir() bool        { return i.mode.IsDir() }
func (i madeInfo) Sys() any           { return nil }
