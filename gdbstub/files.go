package gdbstub

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// fileTable is the session's view of the target's files (gdb manual, "Host I/O Packets").
type fileTable struct {
	pid  int // of setfs; 0 is the target's own file system
	open []*openFile
}

type openFile struct {
	file  fs.File
	at    io.ReaderAt
	info  fs.FileInfo
	ahead readahead
}

const (
	maxOpenFiles = 64
	maxWholeFile = 64 << 20
)

func (t *fileTable) closeAll() {
	for i, f := range t.open {
		if f != nil {
			f.file.Close()
			t.open[i] = nil
		}
	}
}

// file is vFile:OPERATION:ARGUMENTS. Operations that are not offered are unknown packets.
func (s *Session) file(rest []byte) error {
	if s.target.Files == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	operation := string(a.until(':'))
	run := map[string]func(*Session, *args) error{
		"setfs":    (*Session).fileSetFS,
		"open":     (*Session).fileOpen,
		"pread":    (*Session).filePread,
		"close":    (*Session).fileClose,
		"fstat":    (*Session).fileFstat,
		"readlink": (*Session).fileReadlink,
		"pwrite":   (*Session).fileChange,
		"unlink":   (*Session).fileChange,
	}[operation]
	if run == nil {
		return ErrUnsupported
	}
	err := run(s, &a)
	if err == nil && !a.done() {
		err = invalid("vFile:%s", operation)
	}
	if errors.Is(err, ErrUnsupported) {
		return err
	}
	if err != nil {
		// Errors of files have their own form of reply, with file-I/O numbers.
		s.w.out = s.w.out[:s.w.open+1]
		s.w.str("F-1,")
		s.w.num(uint64(fileErrno(err)))
	}
	return nil
}

// fileErrno translates errors of a file system.
func fileErrno(err error) errno {
	switch {
	case errors.Is(err, errFileBad):
		return eBADF
	case errors.Is(err, errFileReadOnly):
		return eROFS
	case errors.Is(err, errFileMany):
		return eMFILE
	case errors.Is(err, errFileIsDir):
		return eISDIR
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrNotFound):
		return eNOENT
	case errors.Is(err, fs.ErrPermission):
		return eACCES
	case errors.Is(err, fs.ErrInvalid), errors.Is(err, ErrInvalid):
		return eINVAL
	}
	return eUNKNOWN
}

var (
	errFileBad      = errors.New("no such file descriptor")
	errFileReadOnly = errors.New("read-only file system")
	errFileMany     = errors.New("too many open files")
	errFileIsDir    = errors.New("is a directory")
)

func (s *Session) fileSetFS(a *args) error {
	pid := int(a.upTo(1<<31 - 1))
	if a.bad {
		return invalid("process id")
	}
	if _, err := s.target.Files.FileSystem(pid); err != nil {
		return err
	}
	s.files.pid = pid
	s.w.str("F0")
	return nil
}

// name decodes a path and makes it one of io/fs: relative to the root, without "." and "..".
func (s *Session) name(digits []byte) (string, error) {
	raw, ok := decodeHex(nil, digits)
	if !ok || len(raw) == 0 || bytes.IndexByte(raw, 0) >= 0 {
		return "", invalid("file name")
	}
	var parts []string
	for _, part := range strings.Split(string(raw), "/") {
		switch part {
		case "", ".":
		case "..":
			parts = parts[:max(len(parts)-1, 0)]
		default:
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return ".", nil
	}
	return strings.Join(parts, "/"), nil
}

func (s *Session) fileOpen(a *args) error {
	path := a.until(',')
	flags := a.num()
	a.expect(',')
	a.num() // the mode is for new files, and there are none
	if !a.done() {
		return invalid("vFile:open")
	}
	name, err := s.name(path)
	if err != nil {
		return err
	}
	const accessMode = 3
	if flags&accessMode != 0 {
		return errFileReadOnly
	}
	slot := slices.Index(s.files.open, nil)
	if slot < 0 {
		if len(s.files.open) >= maxOpenFiles {
			return errFileMany
		}
		slot = len(s.files.open)
		s.files.open = append(s.files.open, nil)
	}
	system, err := s.target.Files.FileSystem(s.files.pid)
	if err != nil {
		return err
	}
	f, err := openForReading(system, name)
	if err != nil {
		return err
	}
	s.files.open[slot] = f
	s.w.byte('F')
	s.w.num(uint64(slot) + firstDescriptor)
	return nil
}

// firstDescriptor keeps 0, 1 and 2 free, so that a debugger's mistake is noticed.
const firstDescriptor = 3

func openForReading(system fs.FS, name string) (*openFile, error) {
	file, err := system.Open(name)
	if err != nil {
		return nil, err
	}
	f := &openFile{file: file}
	if f.info, err = file.Stat(); err != nil {
		file.Close()
		return nil, err
	}
	if f.info.IsDir() {
		file.Close()
		return nil, fmt.Errorf("%s: %w", name, errFileIsDir)
	}
	if at, ok := file.(io.ReaderAt); ok {
		f.at = at
		return f, nil
	}
	whole, err := io.ReadAll(io.LimitReader(file, maxWholeFile))
	if err != nil {
		file.Close()
		return nil, err
	}
	f.at = bytes.NewReader(whole)
	return f, nil
}

// opened takes a descriptor.
func (s *Session) opened(a *args) (slot int, f *openFile, err error) {
	fd := a.num()
	i := fd - firstDescriptor
	if a.bad || fd < firstDescriptor || i >= uint64(len(s.files.open)) || s.files.open[i] == nil {
		return 0, nil, errFileBad
	}
	return int(i), s.files.open[i], nil
}

// fileChange refuses what would change a file, in words that gdb shows: to an operation that does not exist it says that a function is not implemented.
func (s *Session) fileChange(*args) error { return errFileReadOnly }

func (s *Session) filePread(a *args) error {
	_, f, err := s.opened(a)
	if err != nil {
		return err
	}
	a.expect(',')
	count := a.num()
	a.expect(',')
	offset := a.upTo(1<<63 - 1)
	if !a.done() {
		return invalid("vFile:pread")
	}
	// Half, because each byte may need an escape.
	dst := s.buf[:min(count, uint64(f.ahead.limit(int64(offset), len(s.buf)/2-32)))]
	n, err := f.at.ReadAt(dst, int64(offset))
	f.ahead.answered(int64(offset), n)
	if n == 0 && err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	s.attachment(dst[:n])
	return nil
}

func (s *Session) fileClose(a *args) error {
	slot, f, err := s.opened(a)
	if err != nil {
		return err
	}
	s.files.open[slot] = nil
	if err := f.file.Close(); err != nil {
		return err
	}
	s.w.str("F0")
	return nil
}

// fileFstat answers with the protocol's own struct stat, big-endian (gdb manual, "struct stat").
func (s *Session) fileFstat(a *args) error {
	_, f, err := s.opened(a)
	if err != nil {
		return err
	}
	const (
		typeRegular   = 0o100000
		typeDirectory = 0o040000
		typeCharacter = 0o020000
	)
	mode := uint32(f.info.Mode().Perm())
	switch {
	case f.info.IsDir():
		mode |= typeDirectory
	case f.info.Mode()&fs.ModeCharDevice != 0:
		mode |= typeCharacter
	default:
		mode |= typeRegular
	}
	size := uint64(f.info.Size())
	mtime := uint32(0)
	if t := f.info.ModTime(); !t.IsZero() {
		mtime = uint32(t.Unix())
	}
	be := binary.BigEndian
	b := s.buf[:0]
	b = be.AppendUint32(b, 0) // st_dev
	b = be.AppendUint32(b, 0) // st_ino
	b = be.AppendUint32(b, mode)
	b = be.AppendUint32(b, 1) // st_nlink
	b = be.AppendUint32(b, 0) // st_uid
	b = be.AppendUint32(b, 0) // st_gid
	b = be.AppendUint32(b, 0) // st_rdev
	b = be.AppendUint64(b, size)
	b = be.AppendUint64(b, 512)            // st_blksize
	b = be.AppendUint64(b, (size+511)/512) // st_blocks
	b = be.AppendUint32(b, mtime)          // st_atime
	b = be.AppendUint32(b, mtime)
	b = be.AppendUint32(b, mtime) // st_ctime
	s.attachment(b)
	return nil
}

func (s *Session) fileReadlink(a *args) error {
	path := a.rest
	a.rest = nil
	name, err := s.name(path)
	if err != nil {
		return err
	}
	system, err := s.target.Files.FileSystem(s.files.pid)
	if err != nil {
		return err
	}
	links, ok := system.(interface {
		ReadLink(name string) (string, error)
	})
	if !ok {
		return invalid("%s is no link", name)
	}
	to, err := links.ReadLink(name)
	if err != nil {
		return err
	}
	s.attachment([]byte(to))
	return nil
}

// attachment writes the reply of an operation whose result is a number of bytes that follow.
func (s *Session) attachment(data []byte) {
	s.w.byte('F')
	s.w.num(uint64(len(data)))
	s.w.byte(';')
	s.w.binary(data)
}
