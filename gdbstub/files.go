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

// files answers vFile, the debugger's view of the target's files (gdb manual, "Host I/O Packets").
type files struct {
	*core
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

func (f *files) register(r *requests) { r.names["vFile"] = f.answer }

func (f *files) closeAll() {
	for i, o := range f.open {
		if o != nil {
			o.file.Close()
			f.open[i] = nil
		}
	}
}

// answer is vFile:OPERATION:ARGUMENTS. Operations that are not offered are unknown packets.
func (f *files) answer(rest []byte) error {
	if f.target.Files == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	operation := string(a.until(':'))
	var run func(*args) error
	switch operation {
	case "setfs":
		run = f.setFS
	case "open":
		run = f.openFile
	case "pread":
		run = f.pread
	case "close":
		run = f.close
	case "fstat":
		run = f.fstat
	case "readlink":
		run = f.readlink
	case "pwrite", "unlink":
		run = f.change
	}
	if run == nil {
		return ErrUnsupported
	}
	err := run(&a)
	if err == nil && !a.done() {
		err = invalid("vFile:%s", operation)
	}
	if errors.Is(err, ErrUnsupported) {
		return err
	}
	if err != nil {
		// Errors of files have their own form of reply, with file-I/O numbers.
		f.w.drop()
		f.w.str("F-1,")
		f.w.num(uint64(fileErrno(err)))
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

func (f *files) setFS(a *args) error {
	pid := int(a.upTo(1<<31 - 1))
	if a.bad {
		return invalid("process id")
	}
	if _, err := f.target.Files.FileSystem(pid); err != nil {
		return err
	}
	f.pid = pid
	f.w.str("F0")
	return nil
}

// name decodes a path and makes it one of io/fs: relative to the root, without "." and "..".
func (f *files) name(digits []byte) (string, error) {
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

func (f *files) openFile(a *args) error {
	path := a.until(',')
	flags := a.num()
	a.expect(',')
	a.num() // the mode is for new files, and there are none
	if !a.done() {
		return invalid("vFile:open")
	}
	name, err := f.name(path)
	if err != nil {
		return err
	}
	const accessMode = 3
	if flags&accessMode != 0 {
		return errFileReadOnly
	}
	slot := slices.Index(f.open, nil)
	if slot < 0 {
		if len(f.open) >= maxOpenFiles {
			return errFileMany
		}
		slot = len(f.open)
		f.open = append(f.open, nil)
	}
	system, err := f.target.Files.FileSystem(f.pid)
	if err != nil {
		return err
	}
	o, err := openForReading(system, name)
	if err != nil {
		return err
	}
	f.open[slot] = o
	f.w.byte('F')
	f.w.num(uint64(slot) + firstDescriptor)
	return nil
}

// firstDescriptor keeps 0, 1 and 2 free, so that a debugger's mistake is noticed.
const firstDescriptor = 3

func openForReading(system fs.FS, name string) (*openFile, error) {
	file, err := system.Open(name)
	if err != nil {
		return nil, err
	}
	o := &openFile{file: file}
	if o.info, err = file.Stat(); err != nil {
		file.Close()
		return nil, err
	}
	if o.info.IsDir() {
		file.Close()
		return nil, fmt.Errorf("%s: %w", name, errFileIsDir)
	}
	if at, ok := file.(io.ReaderAt); ok {
		o.at = at
		return o, nil
	}
	whole, err := io.ReadAll(io.LimitReader(file, maxWholeFile))
	if err != nil {
		file.Close()
		return nil, err
	}
	o.at = bytes.NewReader(whole)
	return o, nil
}

// opened takes a descriptor.
func (f *files) opened(a *args) (slot int, o *openFile, err error) {
	fd := a.num()
	i := fd - firstDescriptor
	if a.bad || fd < firstDescriptor || i >= uint64(len(f.open)) || f.open[i] == nil {
		return 0, nil, errFileBad
	}
	return int(i), f.open[i], nil
}

// change refuses what would change a file, in words that gdb shows: to an operation that does not exist it says that a function is not implemented.
func (f *files) change(*args) error { return errFileReadOnly }

func (f *files) pread(a *args) error {
	_, o, err := f.opened(a)
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
	// Half of a packet, because each byte may need an escape.
	dst := f.buf[:min(count, uint64(o.ahead.limit(int64(offset), len(f.buf)/2-32)))]
	n, err := o.at.ReadAt(dst, int64(offset))
	o.ahead.answered(int64(offset), n)
	if n == 0 && err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	f.attachment(dst[:n])
	return nil
}

func (f *files) close(a *args) error {
	slot, o, err := f.opened(a)
	if err != nil {
		return err
	}
	f.open[slot] = nil
	if err := o.file.Close(); err != nil {
		return err
	}
	f.w.str("F0")
	return nil
}

// fstat answers with the protocol's own struct stat, big-endian (gdb manual, "struct stat").
func (f *files) fstat(a *args) error {
	_, o, err := f.opened(a)
	if err != nil {
		return err
	}
	const (
		typeRegular   = 0o100000
		typeDirectory = 0o040000
		typeCharacter = 0o020000
	)
	mode := uint32(o.info.Mode().Perm())
	switch {
	case o.info.IsDir():
		mode |= typeDirectory
	case o.info.Mode()&fs.ModeCharDevice != 0:
		mode |= typeCharacter
	default:
		mode |= typeRegular
	}
	size := uint64(o.info.Size())
	mtime := uint32(0)
	if t := o.info.ModTime(); !t.IsZero() {
		mtime = uint32(t.Unix())
	}
	be := binary.BigEndian
	b := f.buf[:0]
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
	f.attachment(b)
	return nil
}

func (f *files) readlink(a *args) error {
	path := a.rest
	a.rest = nil
	name, err := f.name(path)
	if err != nil {
		return err
	}
	system, err := f.target.Files.FileSystem(f.pid)
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
	f.attachment([]byte(to))
	return nil
}

// attachment writes the reply of an operation whose result is a number of bytes that follow.
func (f *files) attachment(data []byte) {
	f.w.byte('F')
	f.w.num(uint64(len(data)))
	f.w.byte(';')
	f.w.binary(data)
}
