package debug

import (
	"fmt"
	"slices"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine/cpu"
)

// View chooses what a debugger is shown.
type View uint8

const (
	// KernelView is one inferior, the kernel, whose threads are all tasks.
	KernelView View = iota
	// ProcessView is an inferior for each guest process that is debugged, as gdbserver in the guest would show them.
	ProcessView
	// BothViews is the kernel, as process KernelPID, and beside it the processes that the debugger attaches to.
	BothViews
)

// process is a guest process that is debugged. Its breakpoints and settings are its own.
type process struct {
	pid      int
	mm       uint64 // its mm_struct
	attached bool   // it was there before it was debugged
	threads  []*thread
	breaks   map[uint64][]*gdbstub.Breakpoint
	watches  []*gdbstub.Breakpoint
	catch    *cpu.SyscallSet // nil is none
	// unborn: it has just been made, and the debugger has not heard of it.
	unborn bool
	// dying: the debugger kills it, and hears of nothing that happens on the way.
	dying bool
	// leaderCode is what the first thread ended with, when it ended before others.
	leaderCode *int64
}

// thread is a task of a debugged process, seen from user mode.
type thread struct {
	id   gdbstub.ThreadID
	proc *process
	task uint64 // its task_struct

	// running: the debugger has resumed it, by action. While it is not, its user mode makes no progress, wherever the
	// guest's scheduler puts it.
	running bool
	action  gdbstub.ThreadAction
	// pending are stops found while it was not running; they are reported when it is.
	pending []gdbstub.Stop
	// stopAsked: it is to report that it has stopped, with stopSignal, because the debugger wanted it to (non-stop).
	stopAsked  bool
	stopSignal gdbstub.Signal
	// reported is the last stop that the debugger heard of.
	reported gdbstub.Stop

	// stepFrom is where the instruction that is being stepped began; stepFrom is void when the thread was in the kernel, and then
	// its return to user mode ends the step.
	stepFrom      uint64
	stepFromKnown bool
	// inKernel: it has been in the kernel since its step began.
	inKernel bool
	// skip is a breakpoint address that was reported, and is not again when the thread goes on from it.
	skip      uint64
	skipKnown bool
	skipWatch bool // what was reported there was a watchpoint, of an access that has not happened

	// What is to be looked at when the thread is back in user mode.
	syscall  int            // a system call whose return is to be reported, else -1
	execing  bool           // it has called execve
	vforking bool           // it has made a process by vfork, and that has been reported
	forked   []gdbstub.Stop // it has made processes, and that has not been reported
	created  bool           // it is new, and the debugger wants to know

	// entering is the system call at which it is stopped and which it has not made yet, else -1. It is shown behind the
	// instruction, as debuggers expect.
	entering int
	// calling: the CPU is before a system call of this thread's that has been seen to and is next.
	calling bool
	// inCall is the system call in which it has last made a process or executed a program, -1 if it is not known.
	inCall int
	// signal: the CPU is where this thread has taken a signal off its queue and has not acted on it.
	signal *taken
	// held is a signal that was taken off the queue while the debugger wanted other threads to run.
	held *taken
	// given is the siginfo_t that the debugger wants the next signal it sends to have.
	given *taken
	// roused: it was taken out of a system call for the debugger's sake.
	roused  *roused
	rousing bool
	// inject is the guest's number of a signal that the debugger sends, 0 is none.
	inject int
}

// taken is a signal off the queue: the guest's number and its siginfo_t.
type taken struct {
	number int
	at     uint64 // address of the siginfo_t in the kernel; 0 for a held one
	info   []byte
}

// isProcess says whether a process id names a debugged guest process.
func (d *Debugger) isProcess(pid int) bool { return d.procs[pid] != nil }

// thread finds a thread of a debugged process.
func (d *Debugger) thread(id gdbstub.ThreadID) *thread {
	p := d.procs[id.PID]
	if p == nil {
		return nil
	}
	for _, t := range p.threads {
		if t.id.TID == id.TID {
			return t
		}
	}
	return nil
}

// threadOnCPU is the debugged thread that the CPU executes, in user mode or in the kernel; nil when the task is none.
func (d *Debugger) threadOnCPU() *thread {
	if len(d.byTask) == 0 {
		return nil
	}
	task, err := d.currentTask()
	if err != nil {
		return nil
	}
	return d.byTask[task]
}

// eachThread visits the debugged threads in a fixed order.
func (d *Debugger) eachThread(visit func(*thread)) {
	for _, pid := range d.pids {
		for _, t := range d.procs[pid].threads {
			visit(t)
		}
	}
}

func (d *Debugger) anyThread(which func(*thread) bool) bool {
	for _, pid := range d.pids {
		if slices.ContainsFunc(d.procs[pid].threads, which) {
			return true
		}
	}
	return false
}

// addProcess begins to debug a process.
func (d *Debugger) addProcess(pid int, mm uint64, attached bool) *process {
	p := &process{pid: pid, mm: mm, attached: attached, breaks: make(map[uint64][]*gdbstub.Breakpoint)}
	d.procs[pid] = p
	d.pids = append(d.pids, pid)
	slices.Sort(d.pids)
	d.arm()
	return p
}

// addThread adds a task to its process.
func (d *Debugger) addThread(p *process, tid int, task uint64) *thread {
	t := &thread{id: gdbstub.ThreadID{PID: p.pid, TID: tid}, proc: p, task: task, syscall: -1, entering: -1, inCall: -1}
	p.threads = append(p.threads, t)
	d.byTask[task] = t
	return t
}

func (d *Debugger) dropThread(t *thread) {
	delete(d.byTask, t.task)
	t.proc.threads = slices.DeleteFunc(t.proc.threads, func(x *thread) bool { return x == t })
}

// dropUnborn lets go of the processes that a thread has made and that the debugger has not heard of.
func (d *Debugger) dropUnborn(t *thread) {
	for _, f := range t.forked {
		if c := d.procs[f.Child.PID]; c != nil && c.unborn {
			d.dropProcess(c)
		}
	}
	t.forked = nil
}

// dropProcess ends the debugging of a process. Its threads, if there are any left, go on as the guest wants.
func (d *Debugger) dropProcess(p *process) {
	for _, t := range p.threads {
		d.dropUnborn(t)
		delete(d.byTask, t.task)
	}
	p.threads = nil
	for va, list := range p.breaks {
		for _, b := range list {
			d.dropBreak(va)
			delete(d.second, b)
		}
	}
	for _, b := range p.watches {
		d.debug.ClearWatch(watchpoint(b))
	}
	p.breaks, p.watches = nil, nil
	delete(d.procs, p.pid)
	d.pids = slices.DeleteFunc(d.pids, func(pid int) bool { return pid == p.pid })
	d.arm()
}

// adopt begins to debug a process that is there already: all its living threads.
func (d *Debugger) adopt(pid int, attached bool) (*process, error) {
	var p *process
	tasks := d.list()
	for i := range tasks {
		t := &tasks[i]
		if int(t.TGID) != pid || t.PID == 0 {
			continue
		}
		switch {
		case t.KernelThread():
			return nil, fmt.Errorf("%w: process %d is a thread of the kernel", gdbstub.ErrInvalid, pid)
		case t.ExitState != 0 || t.MM == 0:
			continue
		}
		if p == nil {
			p = d.addProcess(pid, t.MM, attached)
		}
		d.addThread(p, int(t.PID), t.Addr)
	}
	if p == nil {
		return nil, fmt.Errorf("%w: there is no process %d", gdbstub.ErrNotFound, pid)
	}
	return p, nil
}

// task reads the task_struct of a thread.
func (d *Debugger) task(t *thread) (introspect.Task, error) { return d.kernel.Task(t.task) }

// Debugged implements gdbstub.Processes.
func (d *Debugger) Debugged() []int {
	pids := slices.DeleteFunc(slices.Clone(d.pids), func(pid int) bool { return d.procs[pid].unborn })
	if d.view == BothViews && d.ended == nil && !d.kernelLeft {
		pids = append(pids, KernelPID)
	}
	return pids
}

// Description implements gdbstub.Processes.
func (d *Debugger) Description(pid int) *gdbstub.Description {
	switch {
	case pid == d.kernelPID:
		return d.description
	case d.procs[pid] == nil:
		return nil
	}
	return d.user.description
}

// WasAttached implements gdbstub.Processes.
func (d *Debugger) WasAttached(pid int) bool {
	p := d.procs[pid]
	return p == nil || p.attached
}

// AttachProcess implements gdbstub.Processes.
func (d *Debugger) AttachProcess(pid int) (gdbstub.Stop, error) {
	switch {
	case d.ended != nil:
		return gdbstub.Stop{}, fmt.Errorf("%w: the guest has ended", gdbstub.ErrNotFound)
	case d.kernel == nil:
		return gdbstub.Stop{}, d.noTasks
	case pid == d.kernelPID && d.kernelLeft:
		d.kernelLeft = false
		return d.report(gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: d.onCPU()}), nil
	case d.procs[pid] != nil || pid == d.kernelPID:
		return gdbstub.Stop{}, fmt.Errorf("%w: process %d is debugged already", gdbstub.ErrInvalid, pid)
	}
	d.forget()
	p, err := d.adopt(pid, true)
	if err != nil {
		return gdbstub.Stop{}, err
	}
	return d.reportThread(p.threads[0], gdbstub.Stop{Kind: gdbstub.StopSignal}), nil
}

// DetachProcess implements gdbstub.Processes.
func (d *Debugger) DetachProcess(pid int) error {
	p := d.procs[pid]
	if p == nil {
		if pid == d.kernelPID {
			d.kernelLeft = true // its breakpoints are gone, and there is no other hold on the guest
			return nil
		}
		return fmt.Errorf("%w: process %d is not debugged", gdbstub.ErrNotFound, pid)
	}
	var sent []*thread
	for _, t := range p.threads {
		if t.signal != nil && (t.signal.number == 0 || d.programSignals[toDebugger(t.signal.number)]) {
			t.signal = nil // it is delivered when the thread goes on
		} else if t.signal != nil {
			if err := d.setResult(0); err != nil {
				return err
			}
		}
		if t.held != nil {
			sent = append(sent, t)
		}
	}
	for _, t := range sent {
		if err := d.sendSignal(t, t.held); err != nil {
			return err
		}
	}
	d.dropProcess(p)
	d.notify(Event{Kind: Detached, PID: pid})
	return nil
}

// reportThread remembers a stop as the last of its thread, and passes it on.
func (d *Debugger) reportThread(t *thread, s gdbstub.Stop) gdbstub.Stop {
	s.Thread, s.Core = t.id, 0
	t.reported = s
	d.last = t.id
	return s
}

// appendProcessThreads lists the threads of all debugged processes.
func (d *Debugger) appendProcessThreads(dst []gdbstub.ThreadID) []gdbstub.ThreadID {
	d.eachThread(func(t *thread) {
		if !t.proc.unborn {
			dst = append(dst, t.id)
		}
	})
	return dst
}
