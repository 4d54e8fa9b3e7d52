package introspect

import (
	"fmt"

	"forkscope/machine/cpu/arch"
)

// Run is a range of pages that follow each other in a task's address space and in physical memory, with the same rights.
type Run struct {
	// Start is the first address, and End the one behind the last. Phys is the first page's physical address.
	Start, End, Phys uint64
	// What the program may do there, by the page table: a page that is copied when it is written cannot be written yet.
	Readable, Writable, Executable bool
}

// rights are those of an entry for a page.
func rights(f *arch.Pages, entry uint64) Run {
	may := entry&f.Valid != 0
	return Run{Readable: may, Writable: may && entry&f.ReadOnly == 0 && entry&f.Write == f.Write, Executable: may && entry&f.NotExecute == 0}
}

// The walk of a damaged page table ends after as many pages as are 8 GiB, more than any of the machines has, and after as many runs as
// nobody reads.
const (
	maxPages = 1 << 21
	maxRuns  = 1 << 16
)

// Runs implements PageTables.
func (p pages) Runs(t *Task) ([]Run, error) {
	if t.MM == 0 {
		return nil, nil
	}
	k, r := p.k, &reader{k: p.k}
	root, err := k.PageTable(t)
	if err != nil {
		return nil, err
	}
	var runs []Run
	count := 0
	format := &k.Image.Arch.Pages
	var walk func(table uint64, level int, start uint64)
	walk = func(table uint64, level int, start uint64) {
		size := k.Image.PointerSize
		entries := r.bytes(table, uint64(size)<<format.Bits)
		for i := 0; i < 1<<format.Bits && r.err == nil; i++ {
			va := start + uint64(i)<<format.Shifts[level]
			entry := k.mem.value(entries, Field{Offset: int64(i * size), Size: int64(size)})
			switch {
			case entry == 0 || !k.UserAddress(va):
			case level+1 < len(format.Shifts):
				walk(r.linear(entry&format.Address), level+1, va)
			default:
				if count++; count > maxPages || len(runs) >= maxRuns {
					r.fail(fmt.Errorf("no end after %d pages, of which %d do not follow the one before", count, len(runs)))
					return
				}
				page := rights(format, entry)
				page.Start, page.End, page.Phys = va, va+pageSize, entry&format.Address
				runs = appendPage(runs, page)
			}
		}
	}
	walk(root, 0, 0)
	if r.err != nil {
		return runs, fmt.Errorf("page table of task %d: %w", t.PID, r.err)
	}
	return runs, nil
}

// appendPage adds a page to the last run if it goes on there.
func appendPage(runs []Run, page Run) []Run {
	if n := len(runs) - 1; n >= 0 {
		next := runs[n]
		next.Start, next.End, next.Phys = next.End, next.End+pageSize, next.Phys+next.End-next.Start
		if next == page {
			runs[n].End = page.End
			return runs
		}
	}
	return append(runs, page)
}

// mapped finds the page of va in the task's page table. An entry that the hardware ignores and that is not empty has a page
// too: it belongs to a range whose rights were all taken away (PROT_NONE), for this kernel swaps nothing out.
func (r *reader) mapped(t *Task, va uint64) (p Page, ok bool, err error) {
	k := r.k
	table, err := k.PageTable(t)
	if err != nil {
		return Page{}, false, err
	}
	format := &k.Image.Arch.Pages
	for _, shift := range format.Shifts {
		index := va >> shift & (1<<format.Bits - 1)
		entry, err := k.mem.pointerAt(table + index*uint64(k.Image.PointerSize))
		if err != nil {
			return Page{}, false, fmt.Errorf("page table of task %d: %w", t.PID, err)
		}
		if entry == 0 {
			return Page{}, false, nil
		}
		p.Phys = entry & format.Address
		table = r.linear(p.Phys)
	}
	p.Addr = table
	return p, true, nil
}
