package process

import (
	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
)

// follower does what is to be done where the kernel is at a hook.
type follower struct {
	*scene
	phases *phases
}

// visit is called when the CPU has arrived at a breakpoint in the kernel.
func (f *follower) visit() (gdbstub.Stop, bool) {
	h := &f.hooks
	at := f.control.Moment()
	if !h.here(at.PC) || h.handled == at {
		return gdbstub.Stop{}, false
	}
	var stop gdbstub.Stop
	var stopped bool
	switch h.at[at.PC] {
	case introspect.HookCreated:
		stop, stopped = f.taskMade()
	case introspect.HookExit:
		stop, stopped = f.taskEnds()
	case introspect.HookSignalSought:
		f.signalSought()
	case introspect.HookSignalJudged:
		f.signalJudged()
	default:
		stop, stopped = f.signalTaken()
	}
	// Where a signal has been found the debugger has to decide first what becomes of it.
	if at == f.control.Moment() && !(stopped && at.PC == h.taken) {
		h.handled = at
	}
	return stop, stopped
}

// taskMade: the task on the CPU has made another one, which has not run yet.
func (f *follower) taskMade() (gdbstub.Stop, bool) {
	parent := f.onCPU()
	if parent == nil {
		return gdbstub.Stop{}, false
	}
	made, err := f.guest.OS.Created(f.guest.Frame())
	if err != nil {
		return gdbstub.Stop{}, false
	}
	f.guest.Forget()
	task := &made.Task
	// A task that shares no process but would not tell its parent by SIGCHLD of its end is one of the parent's threads to a debugger under
	// Linux, too.
	if int(task.TGID) == parent.proc.pid || made.ExitSignal != linuxSIGCHLD && !made.MakerWaits {
		t := f.set.addThread(parent.proc, int(task.PID), task.Addr)
		t.running, t.action = true, gdbstub.ThreadAction{Thread: t.id, Action: gdbstub.ActionContinue}
		if f.wants.events.Threads {
			t.owe(dueCreated, gdbstub.Stop{})
		}
		return gdbstub.Stop{}, false
	}
	wanted, kind := f.wants.events.Fork, gdbstub.StopFork
	if made.MakerWaits {
		wanted, kind = f.wants.events.VFork, gdbstub.StopVFork
	}
	if parent.proc.dying || !wanted {
		return gdbstub.Stop{}, false
	}
	parent.call = f.callNumber(parent)
	p := f.add(int(task.TGID), task.MM, parent.proc.attached)
	p.catch = parent.proc.catch
	f.set.calls = nil
	p.unborn = true
	stop := gdbstub.Stop{Kind: kind, Child: f.set.addThread(p, int(task.PID), task.Addr).id}
	if !made.MakerWaits {
		// Reported when the parent is back in user mode, where nothing of the call is left to be done.
		parent.owe(dueFork, stop)
		return gdbstub.Stop{}, false
	}
	parent.owe(dueVForkDone, gdbstub.Stop{})
	return f.emit(parent, stop)
}

// taskEnds: the task on the CPU never runs in user mode again.
func (f *follower) taskEnds() (gdbstub.Stop, bool) {
	t := f.onCPU()
	if t == nil {
		return gdbstub.Stop{}, false
	}
	end, err := f.guest.OS.Exiting(t.task, f.guest.Frame())
	if err != nil {
		return gdbstub.Stop{}, false
	}
	p := t.proc
	f.guest.Forget()
	if t.id.TID == p.pid {
		p.leaderCode = &end.Code
	}
	f.dropUnborn(t)
	f.set.dropThread(t)
	if len(p.threads) == 0 {
		code := end.Code
		if !end.Group && p.leaderCode != nil {
			code = *p.leaderCode
		}
		return f.processEnds(p, code, t.running)
	}
	switch {
	case p.dying:
	case f.wants.events.Threads && t.running:
		return gdbstub.Stop{Kind: gdbstub.StopThreadExited, Thread: t.id, Code: int(end.Code >> 8 & 0xff), Core: -1}, true
	case f.wants.events.NoResumed && !f.inMotion():
		return gdbstub.Stop{Kind: gdbstub.StopNoResumed, Core: -1}, true
	}
	return gdbstub.Stop{}, false
}

// processEnds is the end of a process's last thread. It is reported even if the debugger has not resumed it, since there is no thread
// left that it could wait for.
func (f *follower) processEnds(p *process, code int64, running bool) (gdbstub.Stop, bool) {
	stop := gdbstub.Stop{Kind: gdbstub.StopExited, Thread: gdbstub.ThreadID{PID: p.pid}, Code: int(code >> 8 & 0xff), Core: -1}
	event := Event{Kind: Exited, PID: p.pid, Code: stop.Code}
	if sig := int(code & 0x7f); sig != 0 {
		stop.Kind, stop.Signal, stop.Code = gdbstub.StopKilled, toDebugger(sig), 0
		event = Event{Kind: Killed, PID: p.pid, Signal: stop.Signal, Number: sig}
	}
	f.drop(p)
	if p.dying || p.unborn {
		return gdbstub.Stop{}, false
	}
	f.notify(event)
	if !running {
		f.waiting = append(f.waiting, stop)
		return gdbstub.Stop{}, false
	}
	return stop, true
}
