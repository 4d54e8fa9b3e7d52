package debug

import (
	"encoding/binary"
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine"
)

// Values of si_code (Linux's asm-generic/siginfo.h).
const (
	trapBreakpoint = 1    // TRAP_BRKPT
	trapTrace      = 2    // TRAP_TRACE
	trapHardware   = 4    // TRAP_HWBKPT
	fromKernel     = 0x80 // SI_KERNEL
)

// ReadSiginfo implements gdbstub.Signals. For a stop that is no signal of the guest's it is what Linux would give to a
// debugger in the guest: that of a trap.
func (d *Debugger) ReadSiginfo(id gdbstub.ThreadID) ([]byte, error) {
	t := d.thread(id)
	if t == nil {
		return nil, fmt.Errorf("%w: no signal", gdbstub.ErrNotFound)
	}
	for _, s := range []*taken{t.given, t.signal, t.held} {
		if s != nil && s.info != nil {
			return s.info, nil
		}
	}
	info := make([]byte, siginfoSize)
	signal, code := uint32(linuxSIGTRAP), uint32(trapTrace)
	switch t.reported.Kind {
	case gdbstub.StopBreakpoint:
		code = trapBreakpoint
		if d.machine.Arch() == machine.I386 {
			code = fromKernel // int3
		}
	case gdbstub.StopHardwareBreakpoint, gdbstub.StopWatch, gdbstub.StopReadWatch, gdbstub.StopAccessWatch:
		code = trapHardware
	case gdbstub.StopSignal:
		if n := toGuest(t.reported.Signal); n != 0 {
			signal, code = uint32(n), 0
		}
	}
	binary.LittleEndian.PutUint32(info, signal)
	binary.LittleEndian.PutUint32(info[8:], code)
	pc, err := d.userPC(t)
	switch {
	case err != nil || code == 0 || code == fromKernel:
	case d.machine.Arch() == machine.ARM64:
		binary.LittleEndian.PutUint64(info[16:], pc)
	default:
		binary.LittleEndian.PutUint32(info[12:], uint32(pc))
	}
	return info, nil
}

// WriteSiginfo implements gdbstub.Signals. Where the thread is stopped for no signal of the guest's, what is written comes along
// with the signal that the debugger resumes the thread with, if it is that signal's.
func (d *Debugger) WriteSiginfo(id gdbstub.ThreadID, offset int, data []byte) error {
	t := d.thread(id)
	if t == nil {
		return fmt.Errorf("%w: no signal", gdbstub.ErrNotFound)
	}
	if offset < 0 || offset > siginfoSize || len(data) > siginfoSize-offset {
		return gdbstub.ErrInvalid
	}
	if t.signal != nil && t.signal.info != nil {
		copy(t.signal.info[offset:], data)
		return d.writeKernel(t.signal.at, t.signal.info)
	}
	info, err := d.ReadSiginfo(id)
	if err != nil {
		return err
	}
	info = append([]byte(nil), info...)
	copy(info[offset:], data)
	t.given = &taken{number: int(binary.LittleEndian.Uint32(info)), info: info}
	return nil
}

// Auxv implements gdbstub.Auxv.
func (d *Debugger) Auxv(id gdbstub.ThreadID) ([]byte, error) {
	t := d.thread(id)
	if t == nil {
		return nil, fmt.Errorf("%w: the kernel has no auxiliary vector", gdbstub.ErrNotFound)
	}
	task, err := d.task(t)
	if err != nil {
		return nil, err
	}
	return d.kernel.Auxv(&task)
}
