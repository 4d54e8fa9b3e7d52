package process

import (
	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine/debug/control"
)

// hooks are the places in the kernel at which processes are followed, by breakpoints of the emulator's, which the guest cannot see. They are
// set only while a process is debugged.
type hooks struct {
	breaks *control.Breaks
	at     map[uint64]introspect.Hook
	armed  bool
	// handled is where the hook has been seen to.
	handled control.Moment
	// taken is where dequeue_signal returns to get_signal, once known.
	taken uint64
}

func (h *hooks) find(v *View) {
	h.breaks = &v.control.Breaks
	h.at = v.guest.OS.Hooks()
}

// arm sets the hooks or takes them away.
func (h *hooks) arm(want bool) {
	if want == h.armed {
		return
	}
	h.armed = want
	set := h.breaks.Release
	if want {
		set = h.breaks.Hold
	}
	for va := range h.at {
		set(va)
	}
	if h.taken != 0 {
		set(h.taken)
	}
	h.handled = control.Moment{}
}

// here says whether the CPU is at one of them, where nothing in the kernel is half done.
func (h *hooks) here(pc uint64) bool { return h.armed && (h.at[pc] != 0 || pc == h.taken && pc != 0) }

// visit is called when the CPU has arrived at a breakpoint in the kernel.
func (h *hooks) visit(v *View) (gdbstub.Stop, bool) {
	at := v.control.Moment()
	if !h.here(at.PC) || h.handled == at {
		return gdbstub.Stop{}, false
	}
	var stop gdbstub.Stop
	var stopped bool
	switch h.at[at.PC] {
	case introspect.HookCreated:
		stop, stopped = v.taskMade()
	case introspect.HookExit:
		stop, stopped = v.taskEnds()
	case introspect.HookSignalSought:
		v.signalSought()
	case introspect.HookSignalJudged:
		v.signalJudged()
	default:
		stop, stopped = v.signalTaken()
	}
	// Where a signal has been found the debugger has to decide first what becomes of it.
	if at == v.control.Moment() && !(stopped && at.PC == h.taken) {
		h.handled = at
	}
	return stop, stopped
}

// taskMade: the task on the CPU has made another one, which has not run yet.
func (v *View) taskMade() (gdbstub.Stop, bool) {
	parent := v.onCPU()
	if parent == nil {
		return gdbstub.Stop{}, false
	}
	made, err := v.guest.OS.Created(v.guest.Frame())
	if err != nil {
		return gdbstub.Stop{}, false
	}
	v.guest.Forget()
	task := &made.Task
	// A task that shares no process but would not tell its parent by SIGCHLD of its end is one of the parent's threads to a debugger under
	// Linux, too.
	if int(task.TGID) == parent.proc.pid || made.ExitSignal != linuxSIGCHLD && !made.MakerWaits {
		t := v.set.addThread(parent.proc, int(task.PID), task.Addr)
		t.running, t.action = true, gdbstub.ThreadAction{Thread: t.id, Action: gdbstub.ActionContinue}
		if v.wants.events.Threads {
			t.owe(dueCreated, gdbstub.Stop{})
		}
		return gdbstub.Stop{}, false
	}
	wanted, kind := v.wants.events.Fork, gdbstub.StopFork
	if made.MakerWaits {
		wanted, kind = v.wants.events.VFork, gdbstub.StopVFork
	}
	if parent.proc.dying || !wanted {
		return gdbstub.Stop{}, false
	}
	parent.call = v.callNumber(parent)
	p := v.add(int(task.TGID), task.MM, parent.proc.attached)
	p.catch = parent.proc.catch
	v.set.calls = nil
	stop := gdbstub.Stop{Kind: kind, Child: v.set.addThread(p, int(task.PID), task.Addr).id}
	if !made.MakerWaits {
		// Reported when the parent is back in user mode, where nothing of the call is left to be done.
		p.unborn = true
		parent.owe(dueFork, stop)
		return gdbstub.Stop{}, false
	}
	parent.owe(dueVForkDone, gdbstub.Stop{})
	return v.emit(parent, stop)
}

// callNumber is the number of the system call that a thread in the kernel is in, -1 if it is in none.
func (v *View) callNumber(t *thread) int {
	task, err := v.task(t)
	if err != nil {
		return -1
	}
	return v.guest.OS.SyscallNumber(&task)
}

// taskEnds: the task on the CPU never runs in user mode again.
func (v *View) taskEnds() (gdbstub.Stop, bool) {
	t := v.onCPU()
	if t == nil {
		return gdbstub.Stop{}, false
	}
	end, err := v.guest.OS.Exiting(t.task, v.guest.Frame())
	if err != nil {
		return gdbstub.Stop{}, false
	}
	p := t.proc
	v.guest.Forget()
	if t.id.TID == p.pid {
		p.leaderCode = &end.Code
	}
	v.dropUnborn(t)
	v.set.dropThread(t)
	if len(p.threads) == 0 {
		code := end.Code
		if !end.Group && p.leaderCode != nil {
			code = *p.leaderCode
		}
		return v.processEnds(p, code, t.running)
	}
	switch {
	case p.dying:
	case v.wants.events.Threads && t.running:
		return gdbstub.Stop{Kind: gdbstub.StopThreadExited, Thread: t.id, Code: int(end.Code >> 8 & 0xff), Core: -1}, true
	case v.wants.events.NoResumed && !v.inMotion():
		return gdbstub.Stop{Kind: gdbstub.StopNoResumed, Core: -1}, true
	}
	return gdbstub.Stop{}, false
}

// processEnds is the end of a process's last thread. It is reported even if the debugger has not resumed it, since there is no thread
// left that it could wait for.
func (v *View) processEnds(p *process, code int64, running bool) (gdbstub.Stop, bool) {
	stop := gdbstub.Stop{Kind: gdbstub.StopExited, Thread: gdbstub.ThreadID{PID: p.pid}, Code: int(code >> 8 & 0xff), Core: -1}
	event := Event{Kind: Exited, PID: p.pid, Code: stop.Code}
	if sig := int(code & 0x7f); sig != 0 {
		stop.Kind, stop.Signal, stop.Code = gdbstub.StopKilled, toDebugger(sig), 0
		event = Event{Kind: Killed, PID: p.pid, Signal: stop.Signal, Number: sig}
	}
	v.drop(p)
	if p.dying {
		return gdbstub.Stop{}, false
	}
	v.notify(event)
	if !running {
		v.waiting = append(v.waiting, stop)
		return gdbstub.Stop{}, false
	}
	return stop, true
}
