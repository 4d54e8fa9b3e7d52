package introspect

import (
	"debug/elf"
	"fmt"
)

// pageTable is how a user address is found: the shift of each level's index from the root down, the number of its bits, and the
// bits of an entry that are an address.
type pageTable struct {
	shifts  []uint
	bits    uint
	address uint64
}

// tables are those the kernel uses for user pages: 32-bit paging without large pages (Intel SDM volume 3, 4.3), and VMSAv8-64
// with a 4 KiB granule and 48 bits (Arm ARM, D5.3).
func tables(m elf.Machine) pageTable {
	if m == elf.EM_AARCH64 {
		return pageTable{[]uint{39, 30, 21, 12}, 9, 0x0000fffffffff000}
	}
	return pageTable{[]uint{22, 12}, 10, 0xfffff000}
}

// mapped finds the page of va in the task's page table. An entry that the hardware ignores and that is not empty has a page
// too: it belongs to a range whose rights were all taken away (PROT_NONE), for this kernel swaps nothing out.
func (k *Kernel) mapped(t *Task, va uint64) (p Page, ok bool, err error) {
	table, err := k.PageTable(t)
	if err != nil {
		return Page{}, false, err
	}
	format := tables(k.Image.Machine)
	for _, shift := range format.shifts {
		index := va >> shift & (1<<format.bits - 1)
		entry, err := k.pointer(table + index*uint64(k.Image.PointerSize))
		if err != nil {
			return Page{}, false, fmt.Errorf("page table of task %d: %w", t.PID, err)
		}
		if entry == 0 {
			return Page{}, false, nil
		}
		p.Phys = entry & format.address
		table = k.Linear(p.Phys)
	}
	p.Addr = table
	return p, true, nil
}
