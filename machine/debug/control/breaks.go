package control

import (
	"slices"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

// Owner is whose a breakpoint is: the kernel's, or a process's by its number.
type Owner int

// Kernel owns what the kernel's debugger has set.
const Kernel Owner = 0

// Breaks are the breakpoints and watchpoints.
type Breaks struct {
	at      map[site][]*gdbstub.Breakpoint
	watches map[Owner][]watch
	sites   map[*gdbstub.Breakpoint][]uint64 // where each code breakpoint is looked for
	holds   map[uint64]int                   // how many want the processor to stop at an address
	set     *cpu.BreakSet
	watched *cpu.WatchSet
}

// site is a linear address in its owner's space.
type site struct {
	owner Owner
	va    uint64
}

// watch is a watchpoint and the addresses at which its bytes are watched.
type watch struct {
	b     *gdbstub.Breakpoint
	sites []uint64
}

func (b *Breaks) init() {
	b.at = make(map[site][]*gdbstub.Breakpoint)
	b.watches = make(map[Owner][]watch)
	b.sites = make(map[*gdbstub.Breakpoint][]uint64)
	b.holds = make(map[uint64]int)
	b.set, b.watched = new(cpu.BreakSet), new(cpu.WatchSet)
}

// Hold makes the processor stop at va; each call is undone by one of Release.
func (b *Breaks) Hold(va uint64) {
	if b.holds[va]++; b.holds[va] == 1 {
		b.set.Add(va)
	}
}

// Release undoes Hold.
func (b *Breaks) Release(va uint64) {
	if b.holds[va]--; b.holds[va] == 0 {
		delete(b.holds, va)
		b.set.Remove(va)
	}
}

// Insert adds a breakpoint or watchpoint. Where the owner's debugger and the processor name the same bytes differently, also has the
// processor's addresses for it. Any address will do: one where nothing is mapped may be mapped later.
func (b *Breaks) Insert(owner Owner, p *gdbstub.Breakpoint, also ...uint64) error {
	sites := append([]uint64{p.Address}, also...)
	switch p.Kind {
	case gdbstub.SoftwareBreakpoint, gdbstub.HardwareBreakpoint:
		b.sites[p] = sites
		for _, va := range sites {
			b.at[site{owner, va}] = append(b.at[site{owner, va}], p)
			b.Hold(va)
		}
	case gdbstub.WriteWatchpoint, gdbstub.ReadWatchpoint, gdbstub.AccessWatchpoint:
		if p.Size == 0 || p.Address+p.Size-1 < p.Address {
			return gdbstub.ErrInvalid
		}
		w := watch{p, sites}
		b.watches[owner] = append(b.watches[owner], w)
		b.eachWatch(w, b.watched.Add)
	default:
		return gdbstub.ErrUnsupported
	}
	return nil
}

// Remove takes one away.
func (b *Breaks) Remove(owner Owner, p *gdbstub.Breakpoint) error {
	if sites, ok := b.sites[p]; ok {
		delete(b.sites, p)
		for _, va := range sites {
			b.drop(site{owner, va}, p)
		}
		return nil
	}
	list := b.watches[owner]
	i := slices.IndexFunc(list, func(w watch) bool { return w.b == p })
	if i < 0 {
		return gdbstub.ErrNotFound
	}
	b.eachWatch(list[i], b.watched.Remove)
	b.watches[owner] = slices.Delete(list, i, i+1)
	return nil
}

func (b *Breaks) drop(at site, p *gdbstub.Breakpoint) {
	b.Release(at.va)
	list := slices.DeleteFunc(b.at[at], func(x *gdbstub.Breakpoint) bool { return x == p })
	if len(list) == 0 {
		delete(b.at, at)
		return
	}
	b.at[at] = list
}

// Disown takes away all that an owner has.
func (b *Breaks) Disown(owner Owner) {
	for at, list := range b.at {
		if at.owner != owner {
			continue
		}
		for _, p := range list {
			b.Release(at.va)
			delete(b.sites, p)
		}
		delete(b.at, at)
	}
	for _, w := range b.watches[owner] {
		b.eachWatch(w, b.watched.Remove)
	}
	delete(b.watches, owner)
}

// At are an owner's breakpoints that are looked for at a linear address.
func (b *Breaks) At(owner Owner, va uint64) []*gdbstub.Breakpoint { return b.at[site{owner, va}] }

// Watched visits those of an owner's watchpoints that w is of, with the address at which w has their bytes, until visit is satisfied.
func (b *Breaks) Watched(owner Owner, w cpu.Watchpoint, visit func(p *gdbstub.Breakpoint, at uint64) bool) {
	for _, x := range b.watches[owner] {
		for _, at := range x.sites {
			if watchpoint(x.b, at) == w && visit(x.b, at) {
				return
			}
		}
	}
}

func (b *Breaks) eachWatch(w watch, do func(cpu.Watchpoint)) {
	for _, at := range w.sites {
		do(watchpoint(w.b, at))
	}
}

func watchpoint(b *gdbstub.Breakpoint, at uint64) cpu.Watchpoint {
	kind := cpu.WatchWrite
	switch b.Kind {
	case gdbstub.ReadWatchpoint:
		kind = cpu.WatchRead
	case gdbstub.AccessWatchpoint:
		kind = cpu.WatchAccess
	}
	return cpu.Watchpoint{Addr: at, Len: b.Size, Kind: kind}
}

// WatchStop is the kind of stop that a watchpoint makes.
func WatchStop(b *gdbstub.Breakpoint) gdbstub.StopKind {
	switch b.Kind {
	case gdbstub.ReadWatchpoint:
		return gdbstub.StopReadWatch
	case gdbstub.AccessWatchpoint:
		return gdbstub.StopAccessWatch
	}
	return gdbstub.StopWatch
}
