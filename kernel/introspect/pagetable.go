package introspect

import "fmt"

// pageTable is how a user address is found: the shift of each level's index from the root down, the number of its bits, the
// bits of an entry that are an address, and of one for a page those that say what a program may do there: what it may at all, and
// what allows or forbids it to write or execute.
type pageTable struct {
	shifts                      []uint
	bits                        uint
	address                     uint64
	valid                       uint64
	write, readOnly, notExecute uint64
}

// Those that the kernel uses for user pages: 32-bit paging without large pages, where whatever can be read can be executed (Intel SDM
// volume 3, 4.3), and VMSAv8-64 with a 4 KiB granule and 48 bits (Arm ARM, D5.3).
var (
	tables386   = pageTable{shifts: []uint{22, 12}, bits: 10, address: 0xfffff000, valid: 1, write: 1 << 1}
	tablesARM64 = pageTable{shifts: []uint{39, 30, 21, 12}, bits: 9, address: 0x0000fffffffff000, valid: 1, readOnly: 1 << 7, notExecute: 1 << 54}
)

// Run is a range of pages that follow each other in a task's address space and in physical memory, with the same rights.
type Run struct {
	// Start is the first address, and End the one behind the last. Phys is the first page's physical address.
	Start, End, Phys uint64
	// What the program may do there, by the page table: a page that is copied when it is written cannot be written yet.
	Readable, Writable, Executable bool
}

// rights are those of an entry for a page.
func (f *pageTable) rights(entry uint64) Run {
	may := entry&f.valid != 0
	return Run{Readable: may, Writable: may && entry&f.readOnly == 0 && entry&f.write == f.write, Executable: may && entry&f.notExecute == 0}
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
	format := &k.at.tables
	var walk func(table uint64, level int, start uint64)
	walk = func(table uint64, level int, start uint64) {
		size := k.Image.PointerSize
		entries := r.bytes(table, uint64(size)<<format.bits)
		for i := 0; i < 1<<format.bits && r.err == nil; i++ {
			va := start + uint64(i)<<format.shifts[level]
			entry := k.mem.value(entries, Field{Offset: int64(i * size), Size: int64(size)})
			switch {
			case entry == 0 || !k.UserAddress(va):
			case level+1 < len(format.shifts):
				walk(r.linear(entry&format.address), level+1, va)
			default:
				if count++; count > maxPages || len(runs) >= maxRuns {
					r.fail(fmt.Errorf("no end after %d pages, of which %d do not follow the one before", count, len(runs)))
					return
				}
				page := format.rights(entry)
				page.Start, page.End, page.Phys = va, va+pageSize, entry&format.address
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
	format := k.at.tables
	for _, shift := range format.shifts {
		index := va >> shift & (1<<format.bits - 1)
		entry, err := k.mem.pointerAt(table + index*uint64(k.Image.PointerSize))
		if err != nil {
			return Page{}, false, fmt.Errorf("page table of task %d: %w", t.PID, err)
		}
		if entry == 0 {
			return Page{}, false, nil
		}
		p.Phys = entry & format.address
		table = r.linear(p.Phys)
	}
	p.Addr = table
	return p, true, nil
}
