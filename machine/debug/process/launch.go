package process

import (
	"context"
	"fmt"
	"strings"

	"forkscope/gdbstub"
	"forkscope/machine/debug/control"
)

// launch is a program that is waited for: a process that executes its file begins to be debugged there.
type launch struct {
	path    string
	execing uint64 // the task that has called execve
	done    *process
}

// Launch lets the guest run until a process executes the program at path, at its first instruction.
func (v *View) Launch(ctx context.Context, path string) (gdbstub.Stop, error) {
	release := context.AfterFunc(ctx, v.control.Machine().RequestStop)
	defer release()
	l := &launch{path: path}
	v.launch = l
	v.set.calls = nil
	defer func() {
		v.launch = nil
		v.guest.Forget()
	}()
	for l.done == nil {
		if _, stopped := v.control.Run(ctx, control.Forever()); !stopped || l.done != nil {
			continue
		}
		if words, over := v.kernel.Over(); over {
			return gdbstub.Stop{}, fmt.Errorf("%s cannot be executed: %s", path, strings.TrimSpace(words))
		}
		if ctx.Err() != nil {
			return gdbstub.Stop{}, context.Cause(ctx)
		}
	}
	v.notify(Event{Kind: Created, PID: l.done.pid})
	return v.report(l.done.threads[0], gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGTRAP}), nil
}

// launching looks whether the task that is back in user mode executes the program that is waited for.
func (v *View) launching() (gdbstub.Stop, bool) {
	l := v.launch
	if l == nil {
		return gdbstub.Stop{}, false
	}
	task, err := v.guest.CurrentTask()
	if err != nil || l.execing != task || v.set.byTask[task] != nil {
		return gdbstub.Stop{}, false
	}
	l.execing = 0
	t, err := v.guest.OS.Task(task)
	if err != nil {
		return gdbstub.Stop{}, false
	}
	if path, err := v.guest.OS.ExePath(&t); err != nil || path != l.path {
		return gdbstub.Stop{}, false
	}
	v.guest.Forget()
	if l.done, err = v.adopt(int(t.TGID), false); err != nil {
		return gdbstub.Stop{}, false
	}
	return gdbstub.Stop{Kind: gdbstub.StopExec}, true
}

// AttachLiving begins to debug the oldest process that lives, but for init and those that still execute its program, if none is debugged:
// the program's own, or what is left of it. (It is one, since gdb reads a single description of registers when it connects.) It says
// whether there is one.
func (v *View) AttachLiving() (bool, error) {
	v.guest.Forget()
	var initial string
	tasks, _ := v.guest.Tasks()
	for i := range tasks {
		t := &tasks[i]
		if !living(t) {
			continue
		}
		path, err := v.guest.OS.ExePath(t)
		if t.PID == 1 {
			initial = path
		}
		if err != nil || path == initial {
			continue
		}
		p, err := v.adopt(int(t.TGID), true)
		if err == nil {
			v.last = p.threads[0].id
		}
		return true, err
	}
	return false, nil
}

// executed is called when a thread is back from execve.
func (v *View) executed(t *thread) (gdbstub.Stop, bool) {
	task, err := v.task(t)
	if err != nil || task.MM == t.proc.mm {
		return gdbstub.Stop{}, false // it failed
	}
	v.guest.Forget()
	p := t.proc
	p.mm = task.MM
	p.leaderCode = nil
	// Whatever thread called it is now the process's only one, and its first.
	for _, other := range p.threads {
		delete(v.set.byTask, other.task)
	}
	v.set.byTask[t.task] = t
	p.threads = []*thread{t}
	t.id.TID = int(task.PID)
	t.action.Thread = t.id
	t.signals.held, t.skip.known = nil, false
	if !v.wants.events.Exec {
		return gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGTRAP}, true
	}
	path, err := v.guest.OS.ExePath(&task)
	if err != nil {
		path = ""
	}
	return gdbstub.Stop{Kind: gdbstub.StopExec, Path: path}, true
}
