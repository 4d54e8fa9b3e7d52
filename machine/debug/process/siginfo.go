package process

import (
	"encoding/binary"
	"fmt"

	"forkscope/gdbstub"
)

// Values of si_code (Linux's asm-generic/siginfo.h).
const (
	trapTrace    = 2    // TRAP_TRACE
	trapHardware = 4    // TRAP_HWBKPT
	fromKernel   = 0x80 // SI_KERNEL
)

// Signals is what a debugger sees and wants of signals.
type Signals struct{ view *View }

// Signals returns it.
func (v *View) Signals() Signals { return Signals{v} }

// PassSignals implements gdbstub.Signals.
func (s Signals) PassSignals(set gdbstub.SignalSet) { s.view.scene.wants.pass = set }

// ProgramSignals implements gdbstub.Signals.
func (s Signals) ProgramSignals(set gdbstub.SignalSet) { s.view.scene.wants.program = set }

// ReadSiginfo implements gdbstub.Signals. For a stop that is no signal of the guest's it is what Linux would give to a debugger in the
// guest: that of a trap.
func (s Signals) ReadSiginfo(id gdbstub.ThreadID) ([]byte, error) {
	v := s.view
	t := v.scene.set.thread(id)
	if t == nil {
		return nil, fmt.Errorf("%w: no signal", gdbstub.ErrNotFound)
	}
	for _, s := range []*signal{t.signals.given, t.signals.now, t.signals.held} {
		if s != nil && s.info != nil {
			return s.info, nil
		}
	}
	info := make([]byte, siginfoSize)
	number, code := uint32(linuxSIGTRAP), uint32(trapTrace)
	switch t.reported.Kind {
	case gdbstub.StopBreakpoint:
		code = v.scene.guest.Arch().Syscall.BreakpointCode
	case gdbstub.StopHardwareBreakpoint, gdbstub.StopWatch, gdbstub.StopReadWatch, gdbstub.StopAccessWatch:
		code = trapHardware
	case gdbstub.StopSignal:
		if n := toGuest(t.reported.Signal); n != 0 {
			number, code = uint32(n), 0
		}
	}
	binary.LittleEndian.PutUint32(info, number)
	binary.LittleEndian.PutUint32(info[8:], code)
	if pc, err := v.regs.userPC(t); err == nil && code != 0 && code != fromKernel {
		// si_addr is a pointer, behind three numbers of 32 bits.
		size := v.scene.guest.Arch().PointerSize()
		var address [8]byte
		binary.LittleEndian.PutUint64(address[:], pc)
		copy(info[(12+size-1)&^(size-1):], address[:size])
	}
	return info, nil
}

// WriteSiginfo implements gdbstub.Signals. Where the thread is stopped for no signal of the guest's, what is written comes along with the
// signal that the debugger resumes the thread with, if it is that signal's.
func (s Signals) WriteSiginfo(id gdbstub.ThreadID, offset int, data []byte) error {
	t := s.view.scene.set.thread(id)
	if t == nil {
		return fmt.Errorf("%w: no signal", gdbstub.ErrNotFound)
	}
	if offset < 0 || offset > siginfoSize || len(data) > siginfoSize-offset {
		return gdbstub.ErrInvalid
	}
	if now := t.signals.now; now != nil && now.info != nil {
		copy(now.info[offset:], data)
		return s.view.scene.guest.WriteMemory(now.at, now.info)
	}
	info, err := s.ReadSiginfo(id)
	if err != nil {
		return err
	}
	info = append([]byte(nil), info...)
	copy(info[offset:], data)
	t.signals.given = &signal{number: int(binary.LittleEndian.Uint32(info)), info: info}
	return nil
}

// Auxv implements gdbstub.Auxv.
func (s State) Auxv(id gdbstub.ThreadID) ([]byte, error) {
	t := s.view.scene.set.thread(id)
	if t == nil {
		return nil, fmt.Errorf("%w: the kernel has no auxiliary vector", gdbstub.ErrNotFound)
	}
	task, err := s.view.scene.task(t)
	if err != nil {
		return nil, err
	}
	return s.view.scene.guest.OS.Auxv(&task)
}
