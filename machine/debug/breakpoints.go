package debug

import (
	"slices"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

// Insert implements gdbstub.Breakpoints. In the kernel view a breakpoint holds at its virtual address in every space.
func (d *Debugger) Insert(b *gdbstub.Breakpoint) error {
	switch b.Kind {
	case gdbstub.SoftwareBreakpoint, gdbstub.HardwareBreakpoint:
		d.breaks[b.Address] = append(d.breaks[b.Address], b)
		d.debug.SetBreak(b.Address)
	case gdbstub.WriteWatchpoint, gdbstub.ReadWatchpoint, gdbstub.AccessWatchpoint:
		if b.Size == 0 || b.Address+b.Size < b.Address {
			return gdbstub.ErrInvalid
		}
		d.watches = append(d.watches, b)
		d.debug.SetWatch(watchpoint(b))
	default:
		return gdbstub.ErrUnsupported
	}
	return nil
}

// Remove implements gdbstub.Breakpoints.
func (d *Debugger) Remove(b *gdbstub.Breakpoint) error {
	if list := d.breaks[b.Address]; slices.Contains(list, b) {
		list = slices.DeleteFunc(list, func(x *gdbstub.Breakpoint) bool { return x == b })
		if len(list) > 0 {
			d.breaks[b.Address] = list
			return nil
		}
		delete(d.breaks, b.Address)
		if b.Address != d.panicAt {
			d.debug.ClearBreak(b.Address)
		}
		return nil
	}
	if i := slices.Index(d.watches, b); i >= 0 {
		d.watches = slices.Delete(d.watches, i, i+1)
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
			if b.Kind == gdbstub.HardwareBreakpoint {
				return gdbstub.StopHardwareBreakpoint, true
			}
			return gdbstub.StopBreakpoint, true
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
		switch b.Kind {
		case gdbstub.ReadWatchpoint:
			return gdbstub.StopReadWatch, true
		case gdbstub.AccessWatchpoint:
			return gdbstub.StopAccessWatch, true
		}
		return gdbstub.StopWatch, true
	}
	return 0, false
}
