package process

import (
	"fmt"
	"slices"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

// Debugged are the numbers of the processes that are debugged, ascending.
func (v *View) Debugged() []int {
	return slices.DeleteFunc(slices.Clone(v.scene.set.pids), func(pid int) bool { return v.scene.set.procs[pid].unborn })
}

// Any says whether any process is debugged.
func (v *View) Any() bool { return !v.scene.set.empty() }

// Has says whether a process is debugged.
func (v *View) Has(pid int) bool { return v.scene.set.procs[pid] != nil }

// WasAttached says whether a process was there before it was debugged.
func (v *View) WasAttached(pid int) bool {
	p := v.scene.set.procs[pid]
	return p == nil || p.attached
}

// Attach begins to debug a process.
func (v *View) Attach(pid int) (gdbstub.Stop, error) {
	if v.Has(pid) {
		return gdbstub.Stop{}, fmt.Errorf("%w: process %d is debugged already", gdbstub.ErrInvalid, pid)
	}
	v.scene.guest.Forget()
	p, err := v.scene.adopt(pid, true)
	if err != nil {
		return gdbstub.Stop{}, err
	}
	return v.scene.report(p.threads[0], gdbstub.Stop{Kind: gdbstub.StopSignal}), nil
}

// Detach lets a process run on.
func (v *View) Detach(pid int) error {
	p := v.scene.set.procs[pid]
	if p == nil {
		return notFound(pid)
	}
	var sent []*thread
	for _, t := range p.threads {
		if s := t.signals.now; s != nil && s.number != 0 && !v.scene.wants.program[toDebugger(s.number)] {
			if err := v.scene.guest.SetResult(0); err != nil {
				return err
			}
		}
		t.signals.now = nil // what is kept is delivered when the thread goes on
		if t.phase == atSignal {
			t.phase = inProgram
		}
		if t.signals.held != nil {
			sent = append(sent, t)
		}
	}
	for _, t := range sent {
		if err := v.errands.send(t, t.signals.held); err != nil {
			return err
		}
	}
	v.scene.drop(p)
	v.scene.notify(Event{Kind: Detached, PID: pid})
	return nil
}

// Release lets go of all processes; they run on.
func (v *View) Release() {
	for _, pid := range slices.Clone(v.scene.set.pids) {
		if err := v.Detach(pid); err != nil && v.scene.set.procs[pid] != nil {
			v.scene.drop(v.scene.set.procs[pid])
		}
	}
}

// Killing says of each process that it is about to end with the guest.
func (v *View) Killing() {
	for _, pid := range v.scene.set.pids {
		v.scene.notify(Event{Kind: Killing, PID: pid})
	}
}

const (
	// killSlice is how often it is looked whether a process is gone, in instructions and the time that many take.
	killSlice = 10_000
	// killLimit bounds how long one may take to die.
	killLimit = 60_000_000_000
)

// Kill sends a process SIGKILL, and the guest runs until it is gone.
func (v *View) Kill(pid int) error {
	p := v.scene.set.procs[pid]
	switch {
	case p == nil:
		return notFound(pid)
	case pid == 1:
		return fmt.Errorf("%w: process 1 is init, without which the guest cannot live; the kernel lets nobody kill it", gdbstub.ErrInvalid)
	}
	v.scene.notify(Event{Kind: Killing, PID: pid})
	p.dying = true
	v.scene.stopAll()
	v.scene.kernel.Unplace() // wherever the kernel was shown, it goes on
	if leader := p.threads[0]; leader.phase != atSignal {
		if err := v.errands.send(leader, &signal{number: linuxSIGKILL}); err != nil {
			p.dying = false
			return err
		}
	}
	for _, t := range p.threads {
		t.running = true
		t.action = gdbstub.ThreadAction{Thread: t.id, Action: gdbstub.ActionContinue, Signal: linuxSIGKILL}
	}
	var err error
	for end := v.scene.control.After(killLimit); v.scene.set.procs[pid] == p && v.scene.control.Now() < end && err == nil; {
		err = v.errands.run(killSlice)
	}
	v.scene.guest.Forget()
	if v.scene.set.procs[pid] == p {
		v.scene.drop(p)
		return fmt.Errorf("process %d does not die", pid)
	}
	return nil
}

// CatchSyscalls implements gdbstub.Syscalls.
func (v *View) CatchSyscalls(pid int, all bool, numbers []int) error {
	p := v.scene.set.procs[pid]
	if p == nil {
		return notFound(pid)
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
	v.scene.set.calls = nil
	for _, t := range p.threads {
		// Stopped in the middle of a call that made a process or executed a program: it is still to return from that.
		switch t.reported.Kind {
		case gdbstub.StopFork, gdbstub.StopVFork, gdbstub.StopVForkDone, gdbstub.StopExec:
			if t.call >= 0 && p.catch != nil && p.catch.Has(uint64(t.call)) {
				t.forgive(dueReturn)
				t.owe(dueReturn, gdbstub.Stop{Kind: gdbstub.StopSyscallReturn, Syscall: t.call})
			}
		}
	}
	return nil
}

// SetEvents implements gdbstub.Events.
func (v *View) SetEvents(e gdbstub.EventSet) { v.scene.wants.events = e }

// Insert adds a breakpoint or watchpoint of a process's.
func (v *View) Insert(b *gdbstub.Breakpoint) error {
	p := v.scene.set.procs[b.Thread.PID]
	if p == nil {
		return notFound(b.Thread.PID)
	}
	var also []uint64
	if len(p.threads) > 0 && b.Kind <= gdbstub.HardwareBreakpoint {
		if at, ok := v.memory.unscrambled(p.threads[0], b.Address); ok {
			also = []uint64{at}
		}
	}
	return v.scene.control.Breaks.Insert(p.owner(), b, also...)
}

// Remove takes one away. That of a process that is gone is gone with it.
func (v *View) Remove(b *gdbstub.Breakpoint) error {
	p := v.scene.set.procs[b.Thread.PID]
	if p == nil {
		return nil
	}
	return v.scene.control.Breaks.Remove(p.owner(), b)
}

// AppendThreads lists the threads of all debugged processes.
func (v *View) AppendThreads(dst []gdbstub.ThreadID) []gdbstub.ThreadID {
	v.scene.set.each(func(t *thread) {
		if !t.proc.unborn {
			dst = append(dst, t.id)
		}
	})
	return dst
}

// Census stands for the threads that AppendThreads lists: with others it is another.
func (v *View) Census() (n uint64) {
	v.scene.set.each(func(t *thread) {
		if !t.proc.unborn {
			n = n*31 + uint64(t.id.TID)
		}
	})
	return n
}

// Alive says whether there is a thread.
func (v *View) Alive(id gdbstub.ThreadID) bool { return v.scene.set.thread(id) != nil }

// Thread describes a thread.
func (v *View) Thread(id gdbstub.ThreadID) (gdbstub.Thread, error) {
	t := v.scene.set.thread(id)
	if t == nil {
		return gdbstub.Thread{}, fmt.Errorf("%w: no thread %d", gdbstub.ErrNotFound, id.TID)
	}
	task, err := v.scene.task(t)
	if err != nil {
		return gdbstub.Thread{}, err
	}
	return gdbstub.Thread{Name: task.Comm, Core: 0, Handle: v.memory.handle(t, &task)}, nil
}

// Current is the thread of the last stop, or any where it is gone.
func (v *View) Current() (gdbstub.ThreadID, bool) {
	if v.scene.set.thread(v.scene.last) != nil {
		return v.scene.last, true
	}
	for _, pid := range v.scene.set.pids {
		if p := v.scene.set.procs[pid]; len(p.threads) > 0 {
			return p.threads[0].id, true
		}
	}
	return v.scene.last, false
}

// Report tells a stop of the thread with that id, as that of a debugger that comes.
func (v *View) Report(id gdbstub.ThreadID, s gdbstub.Stop) gdbstub.Stop {
	return v.scene.report(v.scene.set.thread(id), s)
}
