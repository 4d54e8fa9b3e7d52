package cpu

import "forkscope/machine/clock"

// Orders say how a run is to end, and what is held off meanwhile. They are a value: whoever calls Run makes them, nobody else changes them during
// the run, and the CPU keeps nothing of them afterwards. The zero value ends at once; NoOrders never does.
type Orders struct {
	// Until and Time are the moment and the time, in nanoseconds, of which the first that is reached ends the run (Limit). Until is reached when the
	// clock's mark has reached it in each of its parts; a count of instructions alone is clock.Mark{Retired: n}.
	Until clock.Mark
	Time  uint64
	// Breaks, Watches and Syscalls are what Run stops before (Break, Syscall) or at (Watch); nil is none. It does not matter by which instruction
	// the kernel is called. They may be changed between two runs.
	Breaks   *BreakSet
	Watches  *WatchSet
	Syscalls *SyscallSet
	// Outside is the code that the run ends on leaving (Outside); nil is none.
	Outside *Area
	// AtUser makes Run stop (User) each time the CPU comes from kernel mode to user mode.
	AtUser bool
	// AtException makes Run stop (Exception) when an instruction raises an exception in place of being retired, before the
	// first instruction of the handler.
	AtException bool
	// Pass lets the first instruction pass the breakpoint that is on it, Outside, and the stop for a system call; with PassWatch its accesses
	// pass watchpoints too. Exit.Passed says when that is over: a run that goes on after it does not pass again.
	Pass, PassWatch bool
	// Hold keeps interrupts from being taken. An exception the instruction itself raises is taken. When an interrupt would have been taken, Run
	// returns Held, before the next instruction; with Held set, it has been told, and goes on.
	Hold, Held bool
	// Park keeps the CPU, while it is in user mode, from executing anything: only an interrupt takes it out, Hold or not. It has no effect in
	// kernel mode. Whoever sets it also sets AtUser, to decide anew at the next return.
	Park bool
}

// NoOrders lets the guest run for ever.
var NoOrders = Orders{Until: clock.Mark{Retired: clock.Never}, Time: clock.Never}

// UntilTime lets the guest run to a time, in nanoseconds.
func UntilTime(ns uint64) *Orders {
	o := NoOrders
	o.Time = ns
	return &o
}

// Area is a set of addresses in a window of them, for a run that is to end when code is left, such as a loop that is known: Run stops before an
// instruction that is in the window and not in the set. The window of one that is not a single range is at most AreaMost bytes.
type Area struct {
	low, high  uint64
	start, end uint64   // inside, of NewRange
	inside     []uint64 // else a bit for each address of the window
	version    uint64
	// Privileged is the mode of the CPU, kernel or user, in which the area holds.
	Privileged bool
	// SP is the lowest stack pointer with which it does: the same code further down the stack is another call of it.
	SP uint64
}

// AreaMost is the largest window of an Area, in bytes.
const AreaMost = 1 << 20

// NewArea returns an area whose window is [low, high), cut to AreaMost, with nothing inside.
func NewArea(low, high uint64) *Area {
	if high-low > AreaMost {
		high = low + AreaMost
	}
	return &Area{low: low, high: high, inside: make([]uint64, (high-low+63)/64), version: nextVersion()}
}

// NewRange returns an area whose window, of any size, is [low, high), with [start, end) inside.
func NewRange(low, high, start, end uint64) *Area {
	return &Area{low: low, high: high, start: start, end: end, version: nextVersion()}
}

// Add puts the n bytes at va, as far as they are in the window, into the set.
func (a *Area) Add(va, n uint64) {
	a.version = nextVersion()
	for ; n > 0; va, n = va+1, n-1 {
		if i := va - a.low; i < a.high-a.low {
			a.inside[i>>6] |= 1 << (i & 63)
		}
	}
}

// Leaves says whether va is in the window and not in the set.
func (a *Area) Leaves(va uint64) bool {
	i := va - a.low
	if i >= a.high-a.low {
		return false
	}
	if a.inside == nil {
		return va < a.start || va >= a.end
	}
	return a.inside[i>>6]>>(i&63)&1 == 0
}

// Stops is what a CPU knows of the instructions before which its orders make it stop.
type Stops struct {
	// Version changes when the instructions do, so that a CPU can keep what it derived from them.
	Version uint64

	breaks               *BreakSet
	area                 *Area
	ofBreaks, ofArea     uint64 // versions
	firstPage, pageBytes uint64 // the pages that the area's window touches: the address of the first, and how many bytes
}

var noBreaks = &BreakSet{}

// Take takes over what orders say. It reports whether it differs from what they said before.
func (s *Stops) Take(o *Orders) (changed bool) {
	s.breaks, s.area = o.Breaks, o.Outside
	if s.breaks == nil {
		s.breaks = noBreaks
	}
	var ofArea uint64
	s.firstPage, s.pageBytes = 0, 0
	if a := s.area; a != nil {
		ofArea = a.version
		s.firstPage = a.low &^ 0xfff
		s.pageBytes = (a.high+0xfff)&^0xfff - s.firstPage
	}
	if s.ofBreaks == s.breaks.version && s.ofArea == ofArea {
		return false
	}
	s.ofBreaks, s.ofArea = s.breaks.version, ofArea
	s.Version++
	return true
}

// May is the cheap question at the start of a block: may there be a stop in the page of va?
func (s *Stops) May(va uint64) bool {
	return s.breaks.filter&(1<<(va>>12&63)) != 0 || va-s.firstPage < s.pageBytes
}

// At says whether there may be a stop at va: one of the area depends on the state of the CPU, too.
func (s *Stops) At(va uint64) bool { return s.breaks.Has(va) || s.area != nil && s.area.Leaves(va) }

// First returns the lowest address of [lo, hi), which spans less than a page, before which there may be a stop, or hi.
func (s *Stops) First(lo, hi uint64) uint64 {
	hi = s.breaks.First(lo, hi)
	for va := lo; s.area != nil && va < hi; va++ {
		if s.area.Leaves(va) {
			return va
		}
	}
	return hi
}

// Reason is why the CPU, in kernel mode or not and with stack pointer sp, stops before the instruction at va, if it does.
func (s *Stops) Reason(va uint64, privileged bool, sp uint64) (Reason, bool) {
	if s.breaks.Has(va) {
		return Break, true
	}
	if a := s.area; a != nil && privileged == a.Privileged && sp >= a.SP && a.Leaves(va) {
		return Outside, true
	}
	return 0, false
}
