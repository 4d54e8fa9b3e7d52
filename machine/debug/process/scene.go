package process

import (
	"context"
	"fmt"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine/debug/control"
	"forkscope/machine/debug/guest"
)

// scene is the guest and the processes that are debugged in it: what every part of the view looks at.
type scene struct {
	guest   *guest.Guest
	control *control.Control
	kernel  Kernel
	notify  func(Event)
	ctx     context.Context

	set     set
	wants   wants
	hooks   hooks
	last    gdbstub.ThreadID // of the last stop
	waiting []gdbstub.Stop   // ends of processes that nobody has heard of
	nonStop bool
	awaited *thread // is to come to user mode without taking signals
}

// wants is what the debugger wants to hear of.
type wants struct {
	events  gdbstub.EventSet
	pass    gdbstub.SignalSet // go to the process without a stop
	program gdbstub.SignalSet // go to a process that is let go
}

// onCPU is the debugged thread that the CPU executes, in user mode or in the kernel; nil when the task is none.
func (s *scene) onCPU() *thread {
	if s.set.empty() {
		return nil
	}
	task, err := s.guest.CurrentTask()
	if err != nil {
		return nil
	}
	return s.set.byTask[task]
}

// inUserMode says whether the thread is on the CPU in user mode, so that the CPU's registers are its own.
func (s *scene) inUserMode(t *thread) bool { return !s.guest.CPU().Privileged() && s.onCPU() == t }

// task reads the task_struct of a thread.
func (s *scene) task(t *thread) (introspect.Task, error) { return s.guest.OS.Task(t.task) }

// report remembers a stop as the last of its thread, and passes it on. A breakpoint that was told of before is not what the debugger goes
// on from then.
func (s *scene) report(t *thread, stop gdbstub.Stop) gdbstub.Stop {
	t.skip.known = false
	stop.Thread, stop.Core = t.id, 0
	t.reported = stop
	s.last = t.id
	if c := s.set.procs[stop.Child.PID]; c != nil {
		c.unborn = false
	}
	return stop
}

// emit reports a stop of a thread that is running; one that is not keeps it until it is.
func (s *scene) emit(t *thread, stop gdbstub.Stop) (gdbstub.Stop, bool) {
	switch {
	case t.proc.dying:
		return gdbstub.Stop{}, false
	case !t.running:
		t.pending = append(t.pending, stop)
		return gdbstub.Stop{}, false
	}
	return s.report(t, stop), true
}

// inMotion says whether any thread of a process is running.
func (s *scene) inMotion() bool { return s.set.any(func(t *thread) bool { return t.running }) }

// notFound is the error for a process that is not debugged.
func notFound(pid int) error {
	return fmt.Errorf("%w: process %d is not debugged", gdbstub.ErrNotFound, pid)
}

// add begins to debug a process.
func (s *scene) add(pid int, mm uint64, attached bool) *process {
	p := s.set.add(pid, mm, attached)
	s.hooks.arm(true)
	return p
}

// drop ends the debugging of a process. Its threads, if there are any left, go on as the guest wants.
func (s *scene) drop(p *process) {
	for _, t := range p.threads {
		s.dropUnborn(t)
	}
	s.control.Breaks.Disown(p.owner())
	s.set.drop(p)
	s.hooks.arm(!s.set.empty())
}

// dropUnborn lets go of the processes that a thread has made and that the debugger has not heard of.
func (s *scene) dropUnborn(t *thread) {
	unheard := t.pending
	for _, d := range t.due {
		unheard = append(unheard, d.stop)
	}
	t.due, t.pending = nil, nil
	for _, stop := range unheard {
		if c := s.set.procs[stop.Child.PID]; c != nil && c.unborn {
			s.drop(c)
		}
	}
}

// callNumber is the number of the system call that a thread in the kernel is in, -1 if it is in none.
func (s *scene) callNumber(t *thread) int {
	task, err := s.task(t)
	if err != nil {
		return -1
	}
	return s.guest.OS.SyscallNumber(&task)
}

// stopAll is all-stop mode: after a stop of any, no thread runs.
func (s *scene) stopAll() { s.set.each(func(t *thread) { t.running = false }) }

// nextEnd takes the end of a process that nobody has heard of.
func (s *scene) nextEnd() (gdbstub.Stop, bool) {
	if len(s.waiting) == 0 {
		return gdbstub.Stop{}, false
	}
	stop := s.waiting[0]
	s.waiting = s.waiting[1:]
	return stop, true
}

// pending takes a stop that was found while its thread was not running. Of several threads with one, none is always the first.
func (s *scene) pending() (gdbstub.Stop, bool) {
	if stop, ok := s.nextEnd(); ok {
		return stop, true
	}
	var found *thread
	s.set.after(s.last, func(t *thread) bool {
		if t.running && len(t.pending) > 0 {
			found = t
		}
		return found != nil
	})
	if found == nil {
		return gdbstub.Stop{}, false
	}
	stop := found.pending[0]
	found.pending = found.pending[1:]
	if stop.Child.PID != 0 && s.set.procs[stop.Child.PID] == nil {
		return s.pending() // killed before it ran
	}
	return s.report(found, stop), true
}

// adopt begins to debug a process that is there already: all its living threads.
func (s *scene) adopt(pid int, attached bool) (*process, error) {
	if pid <= 0 {
		return nil, fmt.Errorf("%w: there is no process %d", gdbstub.ErrNotFound, pid)
	}
	var p *process
	tasks, _ := s.guest.Tasks()
	for i := range tasks {
		t := &tasks[i]
		switch {
		case int(t.TGID) != pid:
			continue
		case t.KernelThread():
			return nil, fmt.Errorf("%w: process %d is a thread of the kernel", gdbstub.ErrInvalid, pid)
		case t.ExitState != 0 || t.MM == 0:
			continue
		}
		if p == nil {
			p = s.add(pid, t.MM, attached)
		}
		s.set.addThread(p, int(t.PID), t.Addr)
	}
	if p == nil {
		return nil, fmt.Errorf("%w: there is no process %d", gdbstub.ErrNotFound, pid)
	}
	return p, nil
}
