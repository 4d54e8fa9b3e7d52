package debug

import (
	"fmt"
	"slices"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

// addBreak makes the CPU stop at va; each call is undone by one of dropBreak.
func (d *Debugger) addBreak(va uint64) {
	if d.holds[va]++; d.holds[va] == 1 {
		d.debug.SetBreak(va)
	}
}

func (d *Debugger) dropBreak(va uint64) {
	if d.holds[va]--; d.holds[va] == 0 {
		delete(d.holds, va)
		d.debug.ClearBreak(va)
	}
}

// Insert implements gdbstub.Breakpoints. A breakpoint of the kernel's holds at its virtual address in every space, and one
// of a process's in that process. Any address will do: one where nothing is mapped may be mapped later.
func (d *Debugger) Insert(b *gdbstub.Breakpoint) error {
	breaks, watches := d.breaks, &d.watches
	p := d.procs[b.Thread.PID]
	if p != nil {
		breaks, watches = p.breaks, &p.watches
	} else if b.Thread.PID > 0 && d.kernelPID != b.Thread.PID {
		return fmt.Errorf("%w: process %d is not debugged", gdbstub.ErrNotFound, b.Thread.PID)
	}
	switch b.Kind {
	case gdbstub.SoftwareBreakpoint, gdbstub.HardwareBreakpoint:
		d.place(breaks, b, b.Address)
		if at, ok := d.secondPlace(p, b.Address); ok {
			d.second[b] = at
			d.place(breaks, b, at)
		}
	case gdbstub.WriteWatchpoint, gdbstub.ReadWatchpoint, gdbstub.AccessWatchpoint:
		if b.Size == 0 || b.Address+b.Size-1 < b.Address {
			return gdbstub.ErrInvalid
		}
		*watches = append(*watches, b)
		w := watchpoint(b)
		d.debug.SetWatch(w)
		if w, ok := d.loadedWatch(w); ok && p == nil {
			d.debug.SetWatch(w)
		}
	default:
		return gdbstub.ErrUnsupported
	}
	return nil
}

// place makes a breakpoint be looked for at va, and displace undoes that.
func (d *Debugger) place(breaks map[uint64][]*gdbstub.Breakpoint, b *gdbstub.Breakpoint, va uint64) {
	breaks[va] = append(breaks[va], b)
	d.addBreak(va)
}

func (d *Debugger) displace(breaks map[uint64][]*gdbstub.Breakpoint, b *gdbstub.Breakpoint, va uint64) bool {
	list := breaks[va]
	if !slices.Contains(list, b) {
		return false
	}
	d.dropBreak(va)
	if list = slices.DeleteFunc(list, func(x *gdbstub.Breakpoint) bool { return x == b }); len(list) > 0 {
		breaks[va] = list
	} else {
		delete(breaks, va)
	}
	return true
}

// Remove implements gdbstub.Breakpoints.
func (d *Debugger) Remove(b *gdbstub.Breakpoint) error {
	breaks, watches := d.breaks, &d.watches
	ofKernel := b.Thread.PID <= 0 || b.Thread.PID == d.kernelPID
	if !ofKernel {
		p := d.procs[b.Thread.PID]
		if p == nil {
			return nil // gone, and its breakpoints with it
		}
		breaks, watches = p.breaks, &p.watches
	}
	if d.displace(breaks, b, b.Address) {
		if at, ok := d.second[b]; ok {
			d.displace(breaks, b, at)
			delete(d.second, b)
		}
		return nil
	}
	if i := slices.Index(*watches, b); i >= 0 {
		*watches = slices.Delete(*watches, i, i+1)
		w := watchpoint(b)
		d.debug.ClearWatch(w)
		if w, ok := d.loadedWatch(w); ok && ofKernel {
			d.debug.ClearWatch(w)
		}
		return nil
	}
	return gdbstub.ErrNotFound
}

func watchpoint(b *gdbstub.Breakpoint) cpu.Watchpoint {
	kind := cpu.WatchWrite
	switch b.Kind {
	case gdbstub.ReadWatchpoint:
		kind = cpu.WatchRead
	case gdbstub.AccessWatchpoint:
		kind = cpu.WatchAccess
	}
	return cpu.Watchpoint{Addr: b.Address, Len: b.Size, Kind: kind}
}

// elsewhere says whether a breakpoint at a user address was reached in a program that it is not meant for: one whose file
// the debugger has not opened, while it has opened others. Programs share their addresses, so without this a breakpoint
// on one's main would stop somewhere inside of another.
func (d *Debugger) elsewhere(va uint64) bool {
	if d.breaksAnywhere || d.kernel == nil || !d.files.HasReadAny() || !d.kernel.UserAddress(va) {
		return false
	}
	task, err := d.currentTask()
	if err != nil {
		return false
	}
	name, err := d.kernel.Program(task)
	return err == nil && !d.files.HasRead(name)
}

// hitBreak says with which stop, if any, the breakpoints at the linear address pc end the run: conditions are tested here, in
// the target, so that a false one costs no round trip.
func (d *Debugger) hitBreak(pc uint64) (gdbstub.Stop, bool) {
	return d.firstHit(d.breaks[pc], func(b *gdbstub.Breakpoint) bool {
		return d.about(b.Address, pc) && !d.elsewhere(b.Address) && b.Hit(d)
	})
}

// hitUserBreak is hitBreak for the breakpoints of the process whose thread is on the CPU, in user mode.
func (d *Debugger) hitUserBreak(t *thread, pc uint64) (gdbstub.Stop, bool) {
	return d.firstHit(t.proc.breaks[pc], func(b *gdbstub.Breakpoint) bool { return b.Hit(userEnv{d, t}) })
}

// firstHit is the stop at the first breakpoint that is hit, of those at the address that the debugger sees if there is one.
func (d *Debugger) firstHit(list []*gdbstub.Breakpoint, hit func(*gdbstub.Breakpoint) bool) (gdbstub.Stop, bool) {
	var first *gdbstub.Breakpoint
	for _, b := range list {
		if (first == nil || b.Address == d.shownPC()) && hit(b) {
			first = b
		}
	}
	if first == nil {
		return gdbstub.Stop{}, false
	}
	return d.breakStop(first), true
}

// breakStop is the stop at b. Told of a breakpoint, gdb looks for it at the program counter, and goes on where it finds none.
// Where the program counter shows another address than the breakpoint's, it is told of a trap only.
func (d *Debugger) breakStop(b *gdbstub.Breakpoint) gdbstub.Stop {
	d.atBreak = true
	switch {
	case d.shownPC() != b.Address:
		return gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGTRAP, Console: d.aboutPlace(b)}
	case b.Kind == gdbstub.HardwareBreakpoint:
		return gdbstub.Stop{Kind: gdbstub.StopHardwareBreakpoint}
	}
	return gdbstub.Stop{Kind: gdbstub.StopBreakpoint}
}

// untold reports whether the CPU is at a breakpoint that the debugger cannot see to be there by its program counter.
func (d *Debugger) untold() bool {
	pc := d.cpu.PC()
	return slices.ContainsFunc(d.breaks[pc], func(b *gdbstub.Breakpoint) bool { return b.Address != d.shownPC() && d.about(b.Address, pc) })
}

// hitUserWatch is hitWatch for the process whose thread is on the CPU, in user mode: what the kernel does to a program's
// memory on its behalf is not watched, as it is not with a processor's debug registers under Linux.
func (d *Debugger) hitUserWatch(t *thread, w cpu.Watchpoint) (gdbstub.StopKind, bool) {
	for _, b := range t.proc.watches {
		if watchpoint(b) == w && b.Hit(userEnv{d, t}) {
			return watchKind(b), true
		}
	}
	return 0, false
}

// hitWatch says with which stop, if any, an access at the linear address va that w was hit by ends the run: with none when
// every watchpoint on it has a false condition.
func (d *Debugger) hitWatch(w cpu.Watchpoint, va uint64) (gdbstub.Stop, bool) {
	for _, b := range d.watches {
		of := watchpoint(b)
		if of != w {
			if loaded, ok := d.loadedWatch(of); !ok || loaded != w || !d.runsLoaded(va) {
				continue
			}
		}
		if !d.elsewhere(b.Address) && b.Hit(d) {
			return gdbstub.Stop{Kind: watchKind(b), Address: b.Address + va - w.Addr}, true
		}
	}
	return gdbstub.Stop{}, false
}

func watchKind(b *gdbstub.Breakpoint) gdbstub.StopKind {
	switch b.Kind {
	case gdbstub.ReadWatchpoint:
		return gdbstub.StopReadWatch
	case gdbstub.AccessWatchpoint:
		return gdbstub.StopAccessWatch
	}
	return gdbstub.StopWatch
}
