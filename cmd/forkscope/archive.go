package main

import (
	"fmt"
	"io"
	"math"
	"os"

	"github.com/u-root/u-root/pkg/cpio"
)

// The newc format of a cpio archive (cpio(5), "New ASCII Format"): a header in hexadecimal digits, the name with its zeros, the contents. Each begins at
// a multiple of four bytes.
const (
	archiveHeader  = 6 + 13*8
	archiveTrailer = "TRAILER!!!"
	// A file's contents begin at a multiple of this, by more zeros behind the name: the guest's kernel copies them fastest where they lie
	// as they will lie in its pages.
	archiveAlign = 64
)

// writeArchive makes a cpio archive of records, whose inode numbers count up from ino. Contents are read once, to where they stay.
func writeArchive(records []cpio.Record, ino uint64) ([]byte, error) {
	records = append(records[:len(records):len(records)], cpio.TrailerRecord)
	size := 0
	for _, rec := range records {
		if rec.FileSize > math.MaxUint32 {
			return nil, fmt.Errorf("initial file system: %s: too large", rec.Name)
		}
		_, size = placeRecord(size, rec)
	}
	out := make([]byte, size)
	at := 0
	for i, rec := range records {
		data, next := placeRecord(at, rec)
		number := ino + uint64(i)
		if rec.Name == archiveTrailer {
			number = 0
		}
		fields := []uint64{number, rec.Mode, rec.UID, rec.GID, max(rec.NLink, 1), rec.MTime, rec.FileSize, rec.Major, rec.Minor, rec.Rmajor, rec.Rminor, uint64(data - at - archiveHeader), 0}
		head := append(out[at:at], "070701"...)
		for _, f := range fields {
			head = fmt.Appendf(head, "%08x", f)
		}
		copy(out[at+archiveHeader:], rec.Name)
		if rec.FileSize > 0 {
			if n, err := rec.ReadAt(out[data:data+int(rec.FileSize)], 0); n < int(rec.FileSize) {
				return nil, fmt.Errorf("initial file system: %s: %w", rec.Name, err)
			}
		}
		at = next
	}
	return out, nil
}

// placeRecord says where in an archive the contents of a record at some place begin, and where the next record does.
func placeRecord(at int, rec cpio.Record) (data, next int) {
	up := func(n, to int) int { return (n + to - 1) / to * to }
	data = up(at+archiveHeader+len(rec.Name)+1, 4)
	if rec.FileSize >= archiveAlign {
		data = up(data, archiveAlign)
	}
	return data, up(data+int(rec.FileSize), 4)
}

// hostFile is a file of the host that is opened when it is read.
type hostFile string

// ReadAt implements io.ReaderAt. A file that has become shorter is an error.
func (name hostFile) ReadAt(p []byte, off int64) (int, error) {
	f, err := os.Open(string(name))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return io.ReadFull(io.NewSectionReader(f, off, int64(len(p))), p)
}
