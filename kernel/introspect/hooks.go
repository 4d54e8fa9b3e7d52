package introspect

import (
	"fmt"
	"strings"

	"forkscope/kernel/syscalls"
)

// Hook is a place in the kernel at which processes are followed: the first instruction of a function, whose arguments say
// what is about to happen.
type Hook uint8

const (
	// HookCreated: the task on the CPU has made another, which has not run yet. Kernel.Created reads it.
	HookCreated Hook = iota + 1
	// HookExit: the task on the CPU will not run in user mode again. Kernel.Exiting reads it.
	HookExit
	// HookSignalSought: the task on the CPU is about to take a signal off its queue. Kernel.SignalSought reads it.
	HookSignalSought
	// HookSignalJudged: a signal sent to a task may be found not worth queueing, because it would do nothing or end the task
	// at once; the function's result, 0 or not, says so. Kernel.Judged reads it.
	HookSignalJudged
)

// Hooks are the places by their addresses. One that the kernel lacks is not among them.
func (k *Kernel) Hooks() map[uint64]Hook {
	at := make(map[uint64]Hook)
	for name, h := range k.Profile.hooks {
		if va, ok := k.types.Symbol(name); ok {
			at[va] = h
		}
	}
	return at
}

// NewTask is a task that has just been made.
type NewTask struct {
	Task Task
	// ExitSignal is what its parent is sent when it ends, by the guest's number; 0 is none, and -1 is a thread's.
	ExitSignal int
	// MakerWaits: its maker sleeps until it has a memory of its own or has ended, as by vfork.
	MakerWaits bool
}

// Created reads the task that has been made, at HookCreated.
func (k *Kernel) Created(call CallFrame) (NewTask, error) {
	addr, err := call.Argument(0)
	if err != nil {
		return NewTask{}, err
	}
	t, err := k.Task(addr)
	if err != nil {
		return NewTask{}, err
	}
	r := &reader{k: k}
	n := NewTask{Task: t, ExitSignal: int(r.int(addr, taskExitSignal)), MakerWaits: r.get(addr, taskVForkDone) != 0}
	return n, r.err
}

// Ending is what a task ends with.
type Ending struct {
	// Code is Linux's exit code: the status shifted left by 8, or the number of the signal that ends it.
	Code int64
	// Group: all of its process ends, with that code.
	Group bool
}

// Exiting reads what the task at that address ends with, at HookExit.
func (k *Kernel) Exiting(task uint64, call CallFrame) (Ending, error) {
	code, err := call.Argument(0)
	if err != nil {
		return Ending{}, err
	}
	end := Ending{Code: int64(int32(code))}
	r := &reader{k: k}
	if group := r.get(task, taskSignal); group != 0 {
		if end.Group = r.get(group, signalFlags)&k.Profile.numbers.groupExit != 0; end.Group {
			end.Code = int64(int32(r.get(group, signalExitCode)))
		}
	}
	if r.err != nil {
		return end, fmt.Errorf("end of the task at %#x: %w", task, r.err)
	}
	return end, nil
}

// SignalSought reads, at HookSignalSought, where the kernel wants the siginfo_t of the signal it is about to find, and where the
// function will return to: CallFrame.Result there is the signal's guest number, or 0 if there is none. onTheWayOut says that the
// task looks for signals on its way to user mode, to act on them; else it is in a system call that takes them itself
// (rt_sigtimedwait), or reads them (signalfd).
func (k *Kernel) SignalSought(call CallFrame) (infoAt, returnTo uint64, onTheWayOut bool, err error) {
	if returnTo, err = call.Return(); err != nil {
		return 0, 0, false, err
	}
	if infoAt, err = call.Argument(2); err != nil {
		return 0, 0, false, err
	}
	// A compiler may have split the function, whose parts then have its name and a suffix.
	caller, _, _ := k.types.Lookup(returnTo - 1)
	name, _, _ := strings.Cut(caller, ".")
	return infoAt, returnTo, name == k.Profile.takesSignals, nil
}

// Judged reads, at HookSignalJudged, the task that a signal is sent to, and the signal's guest number.
func (k *Kernel) Judged(call CallFrame) (task uint64, signal int, err error) {
	if task, err = call.Argument(0); err != nil {
		return 0, 0, err
	}
	n, err := call.Argument(1)
	return task, int(int32(n)), err
}

// SyscallNumber is the number of the system call that a task in the kernel has made and is in; -1 is none, as for one that came by
// an interrupt or a fault. While the task is in user mode it is that of its last way into the kernel.
func (k *Kernel) SyscallNumber(t *Task) int {
	r := &reader{k: k}
	n := int(int32(r.get(r.userRegs(t), regsSyscall)))
	if r.err != nil || n < 0 {
		return -1
	}
	return n
}

// Syscall is the number of a system call on the guest's machine.
func (k *Kernel) Syscall(name string) int { return syscalls.Number(k.Image.Arch.Name, name) }

// SleepsIn names the system call that a task sleeps in. One that was woken by a signal, and has been stopped by it, sleeps in none.
func (k *Kernel) SleepsIn(t *Task) string {
	if t.State&(stateInterrupt|stateUninterrupt) == 0 || t.KernelThread() {
		return ""
	}
	n := k.SyscallNumber(t)
	if n < 0 {
		return ""
	}
	return syscalls.Name(k.Image.Arch.Name, n)
}

// machine is what the profile has of the guest's machine.
func (k *Kernel) machine() *machineNames { return k.Profile.machines[k.Image.Machine] }
