package introspect

import "fmt"

// pages reads page tables, and what is in the pages. It implements PageTables.
type pages struct{ k *Kernel }

// Pages is what is known of the pages of the tasks' memory.
func (k *Kernel) Pages() PageTables { return pages{k} }

// Page is where the contents of a page are.
type Page struct {
	// Addr is the kernel virtual address of the page's first byte, or 0 for a page of zeros that is in no memory yet.
	Addr uint64
	// Phys is the same as a physical address, for Addr other than 0.
	Phys uint64
}

// UserPage says what a task would read at va if it touched the page there now: the page of its page table, or what the first
// touch would bring, a page of the mapped file or zeros. ok is false where nothing is mapped, or the file has ended.
func (p pages) UserPage(t *Task, va uint64) (page Page, ok bool, err error) {
	if !p.k.UserAddress(va) {
		return Page{}, false, nil
	}
	r := &reader{k: p.k}
	err = r.eachMapping(t, func(m Mapping) bool {
		if va >= m.End {
			return true
		}
		if va < m.Start {
			return false
		}
		if page, ok, r.err = r.mapped(t, va); ok || r.err != nil {
			return false
		}
		ok = true
		if m.fault {
			page, ok = r.inodePage(r.get(m.file, fileInode), (va-m.Start+m.Offset)/pageSize)
		}
		return false
	})
	if err != nil {
		return Page{}, false, err
	}
	return page, ok, nil
}

// inodePage finds a page of a file in memory. A hole has none, and ok is false behind the end.
func (r *reader) inodePage(inode, index uint64) (p Page, ok bool) {
	size := r.get(inode, inodeSize)
	if r.err != nil || index >= (size+pageSize-1)/pageSize {
		return Page{}, false
	}
	if index >= r.get(inode, inodePageCount) {
		return Page{}, r.err == nil
	}
	pages := r.get(inode, inodePages)
	page := r.pointer(pages + index*uint64(r.k.Image.PointerSize))
	if r.err != nil || page == 0 {
		return Page{}, r.err == nil
	}
	p.Phys = r.framePhys(page)
	p.Addr = r.linear(p.Phys)
	return p, r.err == nil
}

// framePhys is the physical address of the frame that a struct page is for.
func (r *reader) framePhys(page uint64) uint64 {
	first, size := r.global(memMap), r.size(sizePage)
	return (r.global(minLowPFN) + (page-first)/max(size, 1)) * pageSize
}

// Resident counts the pages of a range that are present, and among them the anonymous ones, which are no page of a file: what
// a write to private memory has made. The page of zeros that untouched memory shares counts as neither.
func (p pages) Resident(t *Task, m *Mapping) (present, anonymous uint64, err error) {
	k := p.k
	r := &reader{k: k}
	zero := r.framePhys(r.global(zeroPage))
	root, err := k.PageTable(t)
	if err != nil {
		return 0, 0, err
	}
	format := &k.Image.Arch.Pages
	var walk func(table uint64, level int, start, end uint64)
	walk = func(table uint64, level int, start, end uint64) {
		shift := format.Shifts[level]
		size := k.Image.PointerSize
		entries := r.bytes(table, uint64(size)<<format.Bits)
		for va := start; va < end && r.err == nil; {
			next := min((va>>shift+1)<<shift, end)
			i := int(va >> shift & (1<<format.Bits - 1))
			entry := k.mem.value(entries, Field{Offset: int64(i * size), Size: int64(size)})
			phys := entry & format.Address
			switch {
			case entry == 0 || shift == 12 && phys == zero:
			case shift != 12:
				walk(r.linear(phys), level+1, va, next)
			default:
				present++
				file := Page{}
				if m.fault {
					file, _ = r.inodePage(r.get(m.file, fileInode), (va-m.Start+m.Offset)/pageSize)
				}
				if file.Addr == 0 || file.Phys != phys {
					anonymous++
				}
			}
			va = next
		}
	}
	walk(root, 0, m.Start, m.End)
	if r.err != nil {
		return 0, 0, fmt.Errorf("pages of task %d: %w", t.PID, r.err)
	}
	return present, anonymous, nil
}

// Owner is the address space whose page-table root is at that physical address, by its mm_struct. Where the task on the
// CPU, current, has it, as nearly always, no other is looked at. The error wraps ErrNoTask where no task has it.
func (p pages) Owner(root, current uint64) (space uint64, err error) {
	k, r := p.k, &reader{k: p.k}
	has := func(mm uint64) bool {
		pgd, err := k.mem.read(mm, k.at.members[mmPGD])
		return err == nil && pgd == r.linear(root)
	}
	if mm, err := k.Owner(current); err == nil && mm != 0 && has(mm) {
		return mm, nil
	}
	tasks, err := k.Tasks()
	for i := range tasks {
		if mm := tasks[i].MM; mm != 0 && has(mm) {
			return mm, nil
		}
	}
	if err == nil {
		err = ErrNoTask
	}
	return 0, fmt.Errorf("owner of the page table at %#x: %w", root, err)
}
