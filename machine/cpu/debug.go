package cpu

// WatchKind says which accesses a watchpoint wants.
type WatchKind uint8

const (
	WatchWrite WatchKind = 1 << iota
	WatchRead
	WatchAccess = WatchRead | WatchWrite
)

// Watchpoint is a range of virtual addresses whose accesses end Run. On arm64, as on the hardware, the access has not
// happened when Run returns; on x86 the instruction has completed.
type Watchpoint struct {
	Addr, Len uint64
	Kind      WatchKind
}

// Debug is the set of breakpoints and watchpoints of one CPU. They live here and never in guest memory, so the guest
// cannot see them and they hold before paging is on, in absent pages and across copy on write.
// Only the goroutine that runs the machine may change it.
type Debug struct {
	// StepOver makes Run execute its first instruction even when a breakpoint is on it, or it is a system call that Run would stop
	// at. Run clears both when that instruction has retired or raised an exception.
	StepOver bool
	// PassWatch, together with StepOver, lets the instruction's accesses pass watchpoints too.
	PassWatch bool
	// HoldInterrupts keeps interrupts from being taken. An exception the instruction itself raises is taken.
	HoldInterrupts bool

	// Syscalls are the numbers of the system calls before which Run stops (Reason Syscall); nil is none. It does not matter by which
	// instruction the kernel is called. StepOver lets the first one pass.
	Syscalls *SyscallSet
	// AtUser makes Run stop (Reason User) each time the CPU comes from kernel mode to user mode.
	AtUser bool
	// AtException makes Run stop (Reason Exception) when an instruction raises an exception in place of being retired, before the
	// first instruction of the handler.
	AtException bool
	// Park keeps the CPU, while it is in user mode, from executing anything: only an interrupt takes it out, HoldInterrupts or not.
	// It has no effect in kernel mode. Whoever sets it also sets AtUser, to decide anew at the next return.
	Park bool

	pages   map[uint64]*pageBreaks // by virtual page number
	last    *pageBreaks            // that of the page number lastVPN, or nil
	lastVPN uint64
	filter  uint64 // one bit for each virtual page number modulo 64 that has a breakpoint
	count   int
	version uint64
	watches []Watchpoint

	// OnChange tells the CPU that watchpoints changed, so that it can route the watched pages through its slow path.
	OnChange func()
}

type pageBreaks struct {
	bits  [4096 / 64]uint64
	count int
}

// SetBreak puts a breakpoint at virtual address va; setting it twice is harmless.
func (d *Debug) SetBreak(va uint64) {
	if d.pages == nil {
		d.pages = make(map[uint64]*pageBreaks)
	}
	p := d.pages[va>>12]
	if p == nil {
		p = &pageBreaks{}
		d.pages[va>>12] = p
	}
	word, bit := va>>6&63, uint64(1)<<(va&63)
	if p.bits[word]&bit == 0 {
		p.bits[word] |= bit
		p.count++
		d.count++
		d.version++
		d.filter |= 1 << (va >> 12 & 63)
	}
}

// ClearBreak takes the breakpoint at va away, if there is one.
func (d *Debug) ClearBreak(va uint64) {
	p := d.pages[va>>12]
	if p == nil {
		return
	}
	word, bit := va>>6&63, uint64(1)<<(va&63)
	if p.bits[word]&bit == 0 {
		return
	}
	p.bits[word] &^= bit
	p.count--
	d.count--
	d.version++
	if p.count == 0 {
		delete(d.pages, va>>12)
		d.last = nil
		d.filter = 0
		for vpn := range d.pages {
			d.filter |= 1 << (vpn & 63)
		}
	}
}

// Version changes whenever a breakpoint is set or cleared, so that a CPU can keep what it derived from them.
func (d *Debug) Version() uint64 { return d.version }

// MayBreak is the cheap question at the start of a block: may there be a breakpoint in the page of va?
func (d *Debug) MayBreak(va uint64) bool { return d.filter&(1<<(va>>12&63)) != 0 }

// BreakAt says whether there is a breakpoint at va.
func (d *Debug) BreakAt(va uint64) bool {
	p := d.page(va)
	return p != nil && p.bits[va>>6&63]&(1<<(va&63)) != 0
}

// BreakIn says whether there is a breakpoint in [lo, hi), which spans less than a page.
func (d *Debug) BreakIn(lo, hi uint64) bool {
	for lo < hi {
		end := min(hi, lo&^0xfff+0x1000) // in this page
		if p := d.page(lo); p != nil {
			for va := lo; va < end; va = va&^63 + 64 {
				word := p.bits[va>>6&63] >> (va & 63) << (va & 63)
				if n := end - va&^63; n < 64 {
					word &= 1<<n - 1
				}
				if word != 0 {
					return true
				}
			}
		}
		lo = end
	}
	return false
}

func (d *Debug) page(va uint64) *pageBreaks {
	if !d.MayBreak(va) {
		return nil
	}
	if d.last == nil || d.lastVPN != va>>12 {
		d.last, d.lastVPN = d.pages[va>>12], va>>12
	}
	return d.last
}

// SetWatch adds a watchpoint.
func (d *Debug) SetWatch(w Watchpoint) {
	d.watches = append(d.watches, w)
	d.changed()
}

// ClearWatch removes one watchpoint equal to w, if there is one.
func (d *Debug) ClearWatch(w Watchpoint) {
	for i := range d.watches {
		if d.watches[i] == w {
			d.watches = append(d.watches[:i:i], d.watches[i+1:]...)
			d.changed()
			return
		}
	}
}

// Watching says whether any watchpoint touches the page of va; such a page must not be reached by a fast path.
func (d *Debug) Watching(va uint64) bool {
	for i := range d.watches {
		w := &d.watches[i]
		if va>>12 >= w.Addr>>12 && va>>12 <= (w.Addr+w.Len-1)>>12 {
			return true
		}
	}
	return false
}

// Hit returns the first watchpoint that an access of size bytes at va touches, and the first watched address accessed.
func (d *Debug) Hit(va, size uint64, kind WatchKind) (w Watchpoint, addr uint64, ok bool) {
	for i := range d.watches {
		w := &d.watches[i]
		if w.Kind&kind != 0 && (va-w.Addr < w.Len || w.Addr-va < size) { // also where one of them ends with the last address
			return *w, max(va, w.Addr), true
		}
	}
	return Watchpoint{}, 0, false
}

func (d *Debug) changed() {
	if d.OnChange != nil {
		d.OnChange()
	}
}

// SyscallSet is a set of system call numbers. The zero value is empty.
type SyscallSet struct {
	All  bool // every number
	bits [16]uint64
}

// Add puts number n into the set. Kernels have some hundred calls; larger numbers than 1023 are only in a set of All.
func (s *SyscallSet) Add(n uint64) {
	if n < uint64(64*len(s.bits)) {
		s.bits[n>>6] |= 1 << (n & 63)
	}
}

// Union puts all numbers of o into the set too.
func (s *SyscallSet) Union(o *SyscallSet) {
	s.All = s.All || o.All
	for i := range s.bits {
		s.bits[i] |= o.bits[i]
	}
}

// Has says whether n is in the set.
func (s *SyscallSet) Has(n uint64) bool {
	return s.All || n < uint64(64*len(s.bits)) && s.bits[n>>6]&(1<<(n&63)) != 0
}
