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
// of a process's in that process.
func (d *Debugger) Insert(b *gdbstub.Breakpoint) error {
	breaks, watches := d.breaks, &d.watches
	if p := d.procs[b.Thread.PID]; p != nil {
		breaks, watches = p.breaks, &p.watches
		// As gdbserver does: a breakpoint where nothing is mapped is most likely a mistake.
		var one [1]byte
		if len(p.threads) > 0 && b.Kind <= gdbstub.HardwareBreakpoint {
			if _, err := d.readUser(p.threads[0], b.Address, one[:]); err != nil {
				return err
			}
		}
	} else if b.Thread.PID > 0 && d.kernelPID != b.Thread.PID {
		return fmt.Errorf("%w: process %d is not debugged", gdbstub.ErrNotFound, b.Thread.PID)
	}
	switch b.Kind {
	case gdbstub.SoftwareBreakpoint, gdbstub.HardwareBreakpoint:
		breaks[b.Address] = append(breaks[b.Address], b)
		d.addBreak(b.Address)
	case gdbstub.WriteWatchpoint, gdbstub.ReadWatchpoint, gdbstub.AccessWatchpoint:
		if b.Size == 0 || b.Address+b.Size < b.Address {
			return gdbstub.ErrInvalid
		}
		*watches = append(*watches, b)
		d.debug.SetWatch(watchpoint(b))
	default:
		return gdbstub.ErrUnsupported
	}
	return nil
}

// Remove implements gdbstub.Breakpoints.
func (d *Debugger) Remove(b *gdbstub.Breakpoint) error {
	breaks, watches := d.breaks, &d.watches
	if b.Thread.PID > 0 && b.Thread.PID != d.kernelPID {
		p := d.procs[b.Thread.PID]
		if p == nil {
			return nil // gone, and its breakpoints with it
		}
		breaks, watches = p.breaks, &p.watches
	}
	if list := breaks[b.Address]; slices.Contains(list, b) {
		d.dropBreak(b.Address)
		if list = slices.DeleteFunc(list, func(x *gdbstub.Breakpoint) bool { return x == b }); len(list) > 0 {
			breaks[b.Address] = list
		} else {
			delete(breaks, b.Address)
		}
		return nil
	}
	if i := slices.Index(*watches, b); i >= 0 {
		*watches = slices.Delete(*watches, i, i+1)
		d.debug.ClearWatch(watchpoint(b))
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
	if d.breaksAnywhere || d.kernel == nil || len(d.files.read) == 0 || !d.kernel.UserAddress(va) {
		return false
	}
	task, err := d.currentTask()
	if err != nil {
		return false
	}
	name, err := d.kernel.Program(task)
	return err == nil && !d.files.read[name]
}

// hitBreak says with which kind of stop, if any, the breakpoints at pc end the run: conditions are tested here, in the
// target, so that a false one costs no round trip.
func (d *Debugger) hitBreak(pc uint64) (gdbstub.StopKind, bool) {
	for _, b := range d.breaks[pc] {
		if !d.elsewhere(pc) && b.Hit(d) {
			return breakKind(b), true
		}
	}
	return 0, false
}

func breakKind(b *gdbstub.Breakpoint) gdbstub.StopKind {
	if b.Kind == gdbstub.HardwareBreakpoint {
		return gdbstub.StopHardwareBreakpoint
	}
	return gdbstub.StopBreakpoint
}

// hitUserBreak is hitBreak for the breakpoints of the process whose thread is on the CPU, in user mode.
func (d *Debugger) hitUserBreak(t *thread, pc uint64) (gdbstub.StopKind, bool) {
	for _, b := range t.proc.breaks[pc] {
		if b.Hit(userEnv{d, t}) {
			return breakKind(b), true
		}
	}
	return 0, false
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

// hitWatch says which kind of stop a hit of w is; ok is false when every watchpoint on it has a false condition.
func (d *Debugger) hitWatch(w cpu.Watchpoint) (gdbstub.StopKind, bool) {
	for _, b := range d.watches {
		if watchpoint(b) != w || d.elsewhere(b.Address) || !b.Hit(d) {
			continue
		}
		return watchKind(b), true
	}
	return 0, false
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
