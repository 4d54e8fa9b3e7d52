package process

import (
	"slices"

	"forkscope/gdbstub"
)

// phase is where a thread is in what it does. The package comment has the table of what happens in each.
type phase uint8

const (
	// inProgram: in the program, or on its way back to it from the kernel.
	inProgram phase = iota
	// atCall: before a system call that the debugger has been told of and that is not made yet. It is shown behind the instruction, as
	// debuggers expect.
	atCall
	// calling: a system call that has been seen to is the next instruction.
	calling
	// atSignal: in the kernel, where it has taken a signal off its queue and nobody has done anything about it.
	atSignal

	phaseCount
)

func (p phase) String() string {
	return [...]string{"in the program", "at a system call", "calling", "at a signal"}[p]
}

// thread is a task of a debugged process, seen from user mode.
type thread struct {
	id    gdbstub.ThreadID
	proc  *process
	task  uint64 // its task_struct
	phase phase
	// call is the number of the system call that it is at (atCall, calling), else of the last one that made a process or executed a program,
	// of which it may still have to return; -1 is none.
	call int
	due  []debt

	// running: the debugger has resumed it, by action.
	running bool
	action  gdbstub.ThreadAction
	step    step
	skip    skip
	// pending are stops found while it was not running; they are reported when it is.
	pending []gdbstub.Stop
	// asked: it is to report that it has stopped, with this signal, because the debugger wanted it to (non-stop); nil is none.
	asked *gdbstub.Signal
	// reported is the last stop that the debugger heard of.
	reported gdbstub.Stop
	signals  signals
	roused   *roused
}

func newThread(p *process, tid int, task uint64) *thread {
	return &thread{id: gdbstub.ThreadID{PID: p.pid, TID: tid}, proc: p, task: task, call: -1}
}

// step is an instruction that is being stepped.
type step struct {
	// from is where it is. It is not known when the thread was in a system call: then its return to user mode ends the step.
	from      uint64
	fromKnown bool
	// inKernel: it has been in the kernel since.
	inKernel bool
}

// skip is a breakpoint's address that was reported, and is not again when the thread goes on from it.
type skip struct {
	pc    uint64
	known bool
	watch bool // what was reported there was a watchpoint, of an access that has not happened
}

// steps says whether the thread is to execute one instruction, or those of a range.
func (t *thread) steps() bool {
	return t.action.Action == gdbstub.ActionStep || t.action.Action == gdbstub.ActionRange
}

// inRange says whether the thread is stepped over a range of addresses and pc is one of them.
func (t *thread) inRange(pc uint64) bool {
	return t.action.Action == gdbstub.ActionRange && pc >= t.action.Start && pc < t.action.End
}

// awaitsUser reports whether the thread must stop when it next enters user mode: it is being stepped or held, owes something, or is to pass a
// breakpoint there.
func (t *thread) awaitsUser() bool { return !t.running || t.steps() || len(t.due) > 0 || t.skip.known }

// catches says whether the debugger wants to hear of a system call of the thread. A step over it is only a step, as under Linux.
func (t *thread) catches(n int) bool {
	return t.proc.catch != nil && t.proc.catch.Has(uint64(n)) && !t.proc.dying && !t.steps()
}

// debtKind says what a thread owes when it is back in user mode; what comes first is seen to first.
type debtKind uint8

const (
	// dueExec: it has called execve, and may execute another program.
	dueExec debtKind = iota
	// dueFork: it has made a process.
	dueFork
	// dueVForkDone: it has made one by vfork, which has been reported, and has its memory for itself again.
	dueVForkDone
	// dueCreated: it is new.
	dueCreated
	// dueReturn: a system call returns.
	dueReturn
)

// debt is one of them. stop is what is reported, of dueFork and dueReturn.
type debt struct {
	kind debtKind
	stop gdbstub.Stop
}

// owe adds a debt in its order.
func (t *thread) owe(kind debtKind, stop gdbstub.Stop) {
	i := len(t.due)
	for i > 0 && t.due[i-1].kind > kind {
		i--
	}
	t.due = slices.Insert(t.due, i, debt{kind, stop})
}

// forgive removes all debts of a kind.
func (t *thread) forgive(kind debtKind) {
	t.due = slices.DeleteFunc(t.due, func(d debt) bool { return d.kind == kind })
}
