package main

import (
	"fmt"
	"io"
	"math"
	"os"

	"forkscope/machine/mem"

	"github.com/u-root/u-root/pkg/cpio"
)

// The newc format of a cpio archive (cpio(5), "New ASCII Format"): a header in hexadecimal digits, the name with its zeros, the contents. Each begins at
// a multiple of four bytes.
const (
	archiveHeader  = 6 + 13*8
	archiveTrailer = "TRAILER!!!"
	archivePathMax = 4096 // a name that is longer, with its zeros, is none to kernels

	// A file's contents begin at a multiple of one of these, by more zeros behind the name. The guest's kernel takes whole pages as they are, and
	// copies less than that fastest where it lies as it will lie in its page.
	archiveAlign = 64
	archivePage  = mem.PageSize
)

// archiveFiller stands in front of a file whose header fits in front of the next page, but not its name: zeros up to the page after that would make the name
// too long. The directory that it names is always there.
var archiveFiller = cpio.Directory(".", 0o755)

// writeArchive makes a cpio archive of records, whose inode numbers count up from ino. Contents are read once, to where they stay.
func writeArchive(records []cpio.Record, ino uint64) ([]byte, error) {
	var placed []placedRecord
	end := 0
	for _, rec := range append(records[:len(records):len(records)], cpio.TrailerRecord) {
		if rec.FileSize > math.MaxUint32 {
			return nil, fmt.Errorf("initial file system: %s: too large", rec.Name)
		}
		r := placeRecord(rec, end)
		if r.data-r.at-archiveHeader > archivePathMax {
			filler := placedRecord{archiveFiller, end, alignUp(end+archiveHeader, archivePage)}
			placed = append(placed, filler)
			r = placeRecord(rec, filler.data)
		}
		placed = append(placed, r)
		end = r.end()
	}
	out := make([]byte, end)
	for _, r := range placed {
		number := ino
		if r.Name == archiveTrailer {
			number = 0
		}
		ino++
		fields := []uint64{number, r.Mode, r.UID, r.GID, max(r.NLink, 1), r.MTime, r.FileSize, r.Major, r.Minor, r.Rmajor, r.Rminor, uint64(r.data - r.at - archiveHeader), 0}
		head := append(out[r.at:r.at], "070701"...)
		for _, f := range fields {
			head = fmt.Appendf(head, "%08x", f)
		}
		copy(out[r.at+archiveHeader:], r.Name)
		if r.FileSize > 0 {
			if n, err := r.ReadAt(out[r.data:r.data+int(r.FileSize)], 0); n < int(r.FileSize) {
				return nil, fmt.Errorf("initial file system: %s: %w", r.Name, err)
			}
		}
	}
	return out, nil
}

// placedRecord is a record with the places of its header and of its contents in an archive.
type placedRecord struct {
	cpio.Record
	at, data int
}

// end is where the next record can begin.
func (r placedRecord) end() int { return alignUp(r.data+int(r.FileSize), 4) }

// placeRecord puts a record's header at some place and its contents behind it.
func placeRecord(rec cpio.Record, at int) placedRecord {
	data := alignUp(at+archiveHeader+len(rec.Name)+1, 4)
	switch {
	case rec.FileSize >= archivePage && archiveHeader+len(rec.Name) < archivePage:
		data = alignUp(data, archivePage)
	case rec.FileSize >= archiveAlign:
		data = alignUp(data, archiveAlign)
	}
	return placedRecord{rec, at, data}
}

func alignUp[N int | uint64](n, to N) N { return (n + to - 1) / to * to }

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
