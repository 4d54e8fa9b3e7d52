package debug

import (
	"context"
	"errors"
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine"
	"forkscope/machine/cpu"
)

// steps says whether the thread is to execute one instruction, or those of a range.
func (t *thread) steps() bool {
	return t.action.Action == gdbstub.ActionStep || t.action.Action == gdbstub.ActionRange
}

// awaitsUser says whether there is something to see to when the thread is in user mode.
func (t *thread) awaitsUser() bool {
	return !t.running || t.steps() || t.execing || t.vforking || t.created || t.syscall >= 0 || len(t.forked) > 0
}

// emit reports a stop of a thread that is running; one that is not keeps it until it is.
func (d *Debugger) emit(t *thread, s gdbstub.Stop) (gdbstub.Stop, bool) {
	switch {
	case t.proc.dying:
		return gdbstub.Stop{}, false
	case !t.running:
		t.pending = append(t.pending, s)
		return gdbstub.Stop{}, false
	}
	return d.reportThread(t, s), true
}

// inMotion says whether any thread of a process is running.
func (d *Debugger) inMotion() bool { return d.anyThread(func(t *thread) bool { return t.running }) }

// before prepares the CPU for going on from where it is: whether user mode may go on, and how far. It may find that there is
// something to report first.
func (d *Debugger) before(limit uint64) (until uint64, stop gdbstub.Stop, stopped bool) {
	d.stepping = nil
	if d.heldForCall {
		d.heldForCall, d.orders.Hold = false, false
	}
	if len(d.procs) == 0 && d.launch == nil {
		d.orders.AtUser, d.orders.Park = false, false
		return limit, stop, false
	}
	d.orders.AtUser = d.launch != nil || d.anyThread((*thread).awaitsUser)
	d.orders.Park = false
	if d.cpu.Privileged() {
		return limit, stop, false
	}
	t := d.threadOnCPU()
	if t == nil {
		return limit, stop, false
	}
	if !t.running {
		d.orders.Park = true
		return limit, stop, false
	}
	if t.calling {
		// The next instruction is a system call that is to be made now: no interrupt, and with it no signal, comes before.
		t.calling, d.orders.Pass = false, true
		d.heldForCall, d.orders.Hold = true, true
		limit = min(limit, d.machine.Clock().After(1))
	} else if stop, stopped = d.backFromKernel(t, false); stopped {
		return limit, stop, true
	}
	pc := d.cpu.PC()
	if t.skipKnown && t.skip == pc {
		t.skipKnown = false
		if n, ok := d.syscallNext(); ok && !d.heldForCall {
			// Passing the breakpoint would pass the stop for the call, too.
			if t.catches(n) {
				t.entering = n
				stop, stopped = d.emit(t, gdbstub.Stop{Kind: gdbstub.StopSyscallEntry, Syscall: n})
				return limit, stop, stopped
			}
			d.call(t, n)
			return d.before(limit)
		}
		d.orders.Pass, d.orders.PassWatch = true, t.skipWatch
		// An interrupt would come first, and after it the breakpoint would be reported again.
		d.heldForCall, d.orders.Hold = true, true
		limit = min(limit, d.machine.Clock().After(1))
	}
	t.skipKnown = false
	if t.steps() {
		d.stepping = t
		t.stepFrom, t.stepFromKnown = pc, true
		limit = min(limit, d.machine.Clock().After(1))
	}
	return limit, stop, false
}

// syscallNext says whether the next instruction of the program on the CPU is a system call that the debugger wants to hear of
// or that has to be followed, and which.
func (d *Debugger) syscallNext() (int, bool) {
	n := d.cpu.SyscallNumber()
	if d.orders.Syscalls == nil || !d.orders.Syscalls.Has(n) {
		return 0, false
	}
	b := d.bytesAt(d.cpu.PC())
	if d.machine.Arch() == machine.ARM64 {
		return int(n), len(b) >= 4 && littleEndian(b[:4]) == 0xd4000001 // svc #0
	}
	// int $0x80, sysenter
	return int(n), len(b) >= 2 && (b[0] == 0xcd && b[1] == 0x80 || b[0] == 0x0f && b[1] == 0x34)
}

// backFromKernel sees to what was to be looked at when the thread is back from the kernel: it is in user mode, or, with
// signal, about to take a signal there.
func (d *Debugger) backFromKernel(t *thread, signal bool) (gdbstub.Stop, bool) {
	if t.execing && !signal {
		t.execing = false
		if stop, stopped := d.executed(t); stopped {
			return stop, true
		}
	}
	switch {
	case len(t.forked) > 0:
		stop := t.forked[0]
		t.forked = t.forked[1:]
		c := d.procs[stop.Child.PID]
		if c == nil {
			return d.backFromKernel(t, signal) // killed before it ran
		}
		c.unborn = false
		return d.emit(t, stop)
	case t.vforking:
		t.vforking = false
		if d.events.VFork {
			return d.emit(t, gdbstub.Stop{Kind: gdbstub.StopVForkDone})
		}
	case t.created:
		t.created = false
		if d.events.Threads {
			return d.emit(t, gdbstub.Stop{Kind: gdbstub.StopThreadCreated})
		}
	case t.syscall >= 0:
		n := t.syscall
		t.syscall = -1
		return d.emit(t, gdbstub.Stop{Kind: gdbstub.StopSyscallReturn, Syscall: n})
	}
	if signal || !t.steps() {
		return gdbstub.Stop{}, false
	}
	// The instruction that was being stepped may have been interrupted, or have waited for its page: then it is still next.
	if pc := d.cpu.PC(); d.enteredKernel(t) && (!t.stepFromKnown || pc != t.stepFrom) {
		return d.stepped(t)
	}
	return gdbstub.Stop{}, false
}

// enteredKernel says, once, whether a thread that is stepped has been in the kernel since its step began.
func (d *Debugger) enteredKernel(t *thread) bool {
	was := t.inKernel
	t.inKernel = false
	return was
}

// inRange says whether the thread steps through a range of instructions of which the one at pc is one.
func (t *thread) inRange(pc uint64) bool {
	return t.action.Action == gdbstub.ActionRange && pc >= t.action.Start && pc < t.action.End
}

// stepped ends a step, or goes on with it while the program counter is in its range.
func (d *Debugger) stepped(t *thread) (gdbstub.Stop, bool) {
	pc := d.cpu.PC()
	if t.inRange(pc) {
		t.stepFromKnown = false
		if stop, hit := d.hitUserBreak(t, pc); hit {
			t.skip, t.skipKnown, t.skipWatch = pc, true, false
			return d.emit(t, stop)
		}
		return gdbstub.Stop{}, false
	}
	return d.emit(t, gdbstub.Stop{Kind: gdbstub.StopStep})
}

// after looks at the guest when a run has reached its limit: whether the instruction that was stepped has been executed.
func (d *Debugger) after() (gdbstub.Stop, bool) {
	t := d.stepping
	if t == nil {
		return gdbstub.Stop{}, false
	}
	if d.cpu.Privileged() {
		t.inKernel = true
		return gdbstub.Stop{}, false
	}
	return d.stepped(t)
}

// atUser is called when the CPU has come back to user mode.
func (d *Debugger) atUser() (gdbstub.Stop, bool) {
	if d.launch != nil {
		return d.launching()
	}
	return gdbstub.Stop{}, false // before sees to it
}

// executed is called when a thread is back from execve.
func (d *Debugger) executed(t *thread) (gdbstub.Stop, bool) {
	task, err := d.task(t)
	if err != nil || task.MM == t.proc.mm {
		return gdbstub.Stop{}, false // it failed
	}
	d.forget()
	p := t.proc
	p.mm = task.MM
	p.leaderCode = nil
	// Whatever thread called it is now the process's only one, and its first.
	for _, other := range p.threads {
		delete(d.byTask, other.task)
	}
	d.byTask[t.task] = t
	p.threads = []*thread{t}
	t.id.TID = int(task.PID)
	t.action.Thread = t.id
	t.held, t.skipKnown = nil, false
	if !d.events.Exec {
		return d.emit(t, gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGTRAP})
	}
	t.inCall = int(d.execNumbers()[0])
	path, err := d.kernel.ExePath(&task)
	if err != nil {
		path = ""
	}
	return d.emit(t, gdbstub.Stop{Kind: gdbstub.StopExec, Path: path})
}

// execNumbers are the numbers of execve and execveat (Linux's asm/unistd.h of each machine).
func (d *Debugger) execNumbers() [2]uint64 {
	if d.machine.Arch() == machine.ARM64 {
		return [2]uint64{221, 281}
	}
	return [2]uint64{11, 358}
}

// updateSyscalls tells the CPU before which system calls it is to stop.
func (d *Debugger) updateSyscalls() {
	d.orders.Syscalls = nil
	if len(d.procs) == 0 && d.launch == nil {
		return
	}
	set := &cpu.SyscallSet{}
	for _, n := range d.execNumbers() {
		set.Add(n)
	}
	for _, p := range d.procs {
		if p.catch != nil {
			set.Union(p.catch)
		}
	}
	d.orders.Syscalls = set
}

// atSyscall is called when the program on the CPU is about to make a system call that is in the set.
func (d *Debugger) atSyscall() (gdbstub.Stop, bool) {
	n := d.cpu.SyscallNumber()
	t := d.threadOnCPU()
	exec := d.execNumbers()
	if t == nil {
		if d.launch != nil && (n == exec[0] || n == exec[1]) {
			d.launch.execing, _ = d.currentTask()
		}
		d.orders.Pass = true
		return gdbstub.Stop{}, false
	}
	if t.catches(int(n)) {
		t.entering = int(n)
		return d.emit(t, gdbstub.Stop{Kind: gdbstub.StopSyscallEntry, Syscall: int(n)})
	}
	d.call(t, int(n))
	return gdbstub.Stop{}, false
}

// catches says whether the debugger wants to hear of a system call of a thread. A step over it is only a step, as under Linux.
func (t *thread) catches(n int) bool {
	return t.proc.catch != nil && t.proc.catch.Has(uint64(n)) && !t.proc.dying && !t.steps()
}

// call lets a thread make the system call that it is at.
func (d *Debugger) call(t *thread, n int) {
	exec := d.execNumbers()
	t.entering, t.syscall, t.calling = -1, -1, true
	t.execing = n == int(exec[0]) || n == int(exec[1])
	if t.catches(n) {
		t.syscall = n
	}
}

// CatchSyscalls implements gdbstub.Syscalls.
func (d *Debugger) CatchSyscalls(pid int, all bool, numbers []int) error {
	p := d.procs[pid]
	if p == nil {
		if pid == d.kernelPID {
			return fmt.Errorf("%w: the kernel makes no system calls; select a process", gdbstub.ErrInvalid)
		}
		return fmt.Errorf("%w: process %d is not debugged", gdbstub.ErrNotFound, pid)
	}
	p.catch = nil
	if all || len(numbers) > 0 {
		p.catch = &cpu.SyscallSet{All: all}
		for _, n := range numbers {
			if n >= 0 {
				p.catch.Add(uint64(n))
			}
		}
	}
	for _, t := range p.threads {
		// Stopped in the middle of a call that made a process or executed a program: it is still to return from that.
		switch t.reported.Kind {
		case gdbstub.StopFork, gdbstub.StopVFork, gdbstub.StopVForkDone, gdbstub.StopExec:
			if t.inCall >= 0 && p.catch != nil && p.catch.Has(uint64(t.inCall)) {
				t.syscall = t.inCall
			}
		}
	}
	d.updateSyscalls()
	return nil
}

// SetEvents implements gdbstub.Events.
func (d *Debugger) SetEvents(e gdbstub.EventSet) { d.events = e }

// PassSignals implements gdbstub.Signals.
func (d *Debugger) PassSignals(s gdbstub.SignalSet) { d.passSignals = s }

// ProgramSignals implements gdbstub.Signals.
func (d *Debugger) ProgramSignals(s gdbstub.SignalSet) { d.programSignals = s }

// resumeProcesses sets the threads of processes in motion by the plan.
func (d *Debugger) resumeProcesses(plan *gdbstub.Plan) error {
	var errs []error
	d.eachThread(func(t *thread) {
		act := plan.For(t.id)
		if act.Action == gdbstub.ActionStay || act.Action == gdbstub.ActionStop {
			t.running = false
			return
		}
		errs = append(errs, d.resumeThread(t, act))
	})
	return errors.Join(errs...)
}

// shareCPU lets others have the CPU when the debugger continues after a stop. In the guest's time a stop takes none, so that a
// thread which stops often would never come to the end of its time slice; under a debugger in the guest, all others would
// have run meanwhile.
func (d *Debugger) shareCPU() {
	t := d.threadOnCPU()
	if t == nil || !t.running || t.steps() || d.cpu.Privileged() || d.reported.valid {
		return // where the kernel is debugged an interrupt must not come before the instruction it is stopped at
	}
	for _, task := range d.list() {
		if other := d.byTask[task.Addr]; task.MM != 0 && task.State == 0 && task.ExitState == 0 && other != t && (other == nil || other.running) {
			d.machine.SkipIdle()
			return
		}
	}
}

// resumeThread lets a thread run, and gives it the signal that the debugger sends along.
func (d *Debugger) resumeThread(t *thread, act gdbstub.ThreadAction) error {
	if err := d.sleepOn(t); err != nil {
		return err
	}
	t.running, t.action = true, act
	if t.entering >= 0 {
		d.call(t, t.entering)
	}
	if t.steps() && (t.reported.Kind == gdbstub.StopFork || t.reported.Kind == gdbstub.StopVForkDone) {
		// The step out of the call that has made the process, at the end of which it is shown already. (Under Linux it is still
		// within the call.)
		t.pending = append(t.pending, gdbstub.Stop{Kind: gdbstub.StopStep})
	}
	t.stepFromKnown, t.inKernel = false, false
	if t.steps() {
		// From within a system call, the return to user mode is the step. Else it is between two instructions.
		t.inKernel = !d.inUserMode(t)
		if t.inKernel && !d.inSyscall(t) {
			if pc, err := d.userPC(t); err == nil {
				t.stepFrom, t.stepFromKnown = pc, true
			}
		}
	}
	if t.signal != nil {
		return nil // seen to where the thread is
	}
	n := toGuest(act.Signal)
	t.action.Signal = 0
	held, given := t.held, t.given
	t.held, t.given = nil, nil
	if n == 0 {
		return nil
	}
	s := &taken{number: n}
	if held != nil && held.number == n {
		s = held
	}
	if given != nil && given.number == n {
		s = given
	}
	t.inject = n
	return d.sendSignal(t, s)
}

// inSyscall says whether a thread that is in the kernel has called it, and was not interrupted, or is about to take a signal
// because the call is over.
func (d *Debugger) inSyscall(t *thread) bool { return t.signal == nil && d.callNumber(t) >= 0 }

// callNumber is the number of the system call that a thread in the kernel is in, -1 if it is in none.
func (d *Debugger) callNumber(t *thread) int {
	task, err := d.task(t)
	if err != nil {
		return -1
	}
	frame, err := d.kernel.UserFrame(&task)
	if err != nil || len(frame) == 0 {
		return -1
	}
	if d.machine.Arch() == machine.ARM64 {
		n, err := d.kernelField(frame[0].Addr, "pt_regs", "syscallno")
		if err != nil {
			return -1
		}
		return int(int32(n))
	}
	for _, r := range frame {
		if r.Register == "orig_eax" {
			return int(int32(r.Value))
		}
	}
	return -1
}

// pendingStop takes a stop that was found while its thread was not running.
func (d *Debugger) pendingStop() (gdbstub.Stop, bool) {
	if len(d.waiting) > 0 {
		s := d.waiting[0]
		d.waiting = d.waiting[1:]
		return s, true
	}
	var found *thread
	d.eachThread(func(t *thread) {
		if found == nil && t.running && len(t.pending) > 0 {
			found = t
		}
	})
	if found == nil {
		return gdbstub.Stop{}, false
	}
	s := found.pending[0]
	found.pending = found.pending[1:]
	return d.reportThread(found, s), true
}

// settle runs the guest, with no program of a debugged process making progress, until the kernel has nothing half done: to
// user mode, to where it idles, or to a probe.
func (d *Debugger) settle() error {
	const most = 50_000_000
	for range most {
		if d.calm() {
			return nil
		}
		if d.config.Context.Err() != nil {
			return context.Cause(d.config.Context)
		}
		d.orders.Pass = true // a breakpoint on the way is not what is waited for
		if d.run(context.Background(), d.machine.Clock().After(1), nil); d.ended != nil {
			return errors.New(d.ended.Console)
		}
	}
	return errBusy
}

// stopThreads is all-stop mode: after a stop of any, no thread runs.
func (d *Debugger) stopThreads() {
	d.eachThread(func(t *thread) { t.running = false })
}

// interrupt answers Ctrl-C. Where the kernel is resumed, the task on the CPU stops where it is; else, of the threads that run, the
// one on the CPU or the one that was reported last.
func (d *Debugger) interrupt() (gdbstub.Stop, bool) {
	if d.nonStop {
		return gdbstub.Stop{}, false // only the session's turn; see Interrupt
	}
	kernel := gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: d.onCPU(), Signal: gdbstub.SIGINT}
	if d.view != ProcessView && (d.kernelResumed || !d.inMotion()) {
		return kernel, true
	}
	var t *thread
	if c := d.threadOnCPU(); c != nil && c.running {
		t = c
	} else if l := d.thread(d.last); l != nil && l.running {
		t = l
	} else {
		d.eachThread(func(x *thread) {
			if t == nil && x.running {
				t = x
			}
		})
	}
	if t == nil {
		return gdbstub.Stop{Kind: gdbstub.StopNoResumed, Core: -1}, true
	}
	id := t.id
	d.stopThreads()
	if err := d.settle(); err != nil && d.ended != nil {
		return *d.ended, true
	}
	if t = d.thread(id); t == nil {
		return d.pendingStop() // it has just ended
	}
	return d.reportThread(t, gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGINT}), true
}
