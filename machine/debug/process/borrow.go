package process

import (
	"fmt"
	"slices"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine/clock"
	"forkscope/machine/debug/guest"
)

// What the kernel is to do for a process and may sleep at, the process does itself: one of its threads, in user mode on the CPU, faults or
// makes a system call, and is where it was afterwards. Nothing of it is in the program's memory or code.

// errandLimit bounds how long an errand may take, in instructions and the time that many take.
const errandLimit = 1_000_000_000

// Rights of mprotect (Linux's asm-generic/mman-common.h).
const (
	protRead  = 1
	protWrite = 2
	protExec  = 4
)

// makeWritable lets a process make the page at va its own, and writable for a moment at least.
func (e *errands) makeWritable(t *thread, m *introspect.Mapping, va uint64) error {
	t, err := e.summon(t)
	if err != nil {
		return err
	}
	if m.Writable() {
		return e.touch(t, va)
	}
	if m.Shared() {
		return fmt.Errorf("%w at %#x: the program shares it with others and may only read it", gdbstub.ErrFault, va)
	}
	page := va &^ (pageSize - 1)
	rights := uint64(0)
	if m.Readable() {
		rights |= protRead
	}
	if m.Executable() {
		rights |= protExec
	}
	mprotect := e.guest.OS.Syscall("mprotect")
	if err := e.errand(t, mprotect, page, pageSize, rights|protRead|protWrite); err != nil {
		return fmt.Errorf("%w at %#x: %w", gdbstub.ErrFault, va, err)
	}
	err = e.touch(t, va)
	if back := e.errand(t, mprotect, page, pageSize, rights); err == nil {
		err = back
	}
	return err
}

// touch makes a thread on the CPU fault as by a write to va, until it may write there.
func (e *errands) touch(t *thread, va uint64) error {
	const most = 4 // a page is first brought in, then copied
	for range most {
		if e.guest.CPU().Writable(e.guest.CPU().Space(), va) {
			return nil
		}
		e.control.FaultWrite(va)
		if err := e.comeBack(t); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w at %#x: the program may not write there", gdbstub.ErrFault, va)
}

// errand makes a thread on the CPU make a system call, and leaves it as it was.
func (e *errands) errand(t *thread, number int, args ...uint64) error {
	call := &e.guest.Arch().Syscall
	names := append([]string{call.Number}, call.Arguments[:len(args)]...)
	changed := slices.Concat(names, call.Clobbers)
	before := make([]uint64, len(changed))
	for i, name := range changed {
		before[i] = e.guest.Value(name)
	}
	defer func() {
		for i, name := range changed {
			_ = e.guest.SetValue(name, before[i])
		}
	}()
	for i, value := range append([]uint64{uint64(number)}, args...) {
		if err := e.guest.SetValue(names[i], value); err != nil {
			return err
		}
	}
	e.control.EnterSyscall()
	if err := e.comeBack(t); err != nil {
		return err
	}
	if n := int32(e.guest.Value(call.Result)); n < 0 {
		return fmt.Errorf("the kernel refuses it with error %d", -n)
	}
	return nil
}

// comeBack lets the guest run until a thread is in user mode again. Signals wait meanwhile.
func (e *errands) comeBack(t *thread) error {
	before := e.awaited
	e.awaited = t
	defer func() { e.awaited = before }()
	return e.frozen(func() error {
		for end := e.control.After(errandLimit); !e.inUserMode(t); {
			if err := e.towards(); err != nil {
				return err
			}
			if e.control.Now() >= end || e.set.thread(t.id) == nil {
				return fmt.Errorf("%w: thread %d does not come back from the kernel", gdbstub.ErrUnavailable, t.id.TID)
			}
		}
		return nil
	})
}

// towards lets the guest go on a little: in the kernel by an instruction, for when it idles nothing may come that ends a longer run, and where a
// thread that is held has the CPU, for a while.
func (e *errands) towards() error {
	cpu := e.guest.CPU()
	switch {
	case !cpu.Privileged():
		return e.run(guestMoment)
	case cpu.Halted() && e.control.Machine().Clock().Next() == clock.Never:
		return fmt.Errorf("%w: the guest idles, and nothing will wake it", gdbstub.ErrUnavailable)
	}
	return e.run(1)
}

// guestMoment is how long a held thread has the CPU before it is looked whether the one that is waited for has it, in instructions.
const guestMoment = 1000

// summon brings a thread of the same process to user mode on the CPU: one that is there, else one that is ready or sleeps.
func (e *errands) summon(t *thread) (*thread, error) {
	if on := e.onCPU(); on != nil && on.proc == t.proc && e.inUserMode(on) && on.phase != atCall {
		return on, nil
	}
	if e.kernel.Rests() {
		return nil, guest.ErrBusy
	}
	for _, other := range append([]*thread{t}, t.proc.threads...) {
		task, err := e.task(other)
		if err != nil || task.ExitState != 0 {
			continue
		}
		switch {
		case other.phase == atCall:
		case task.State == taskInterruptible:
			if err := e.rouse(other); err == nil && e.inUserMode(other) {
				return other, nil
			}
		case task.State == 0:
			if err := e.comeBack(other); err == nil {
				return other, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: no thread of process %d can be brought to user mode", gdbstub.ErrUnavailable, t.proc.pid)
}
