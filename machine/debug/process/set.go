package process

import (
	"slices"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine/cpu"
	"forkscope/machine/debug/control"
)

// process is a guest process that is debugged. Its breakpoints and settings are its own.
type process struct {
	pid      int
	mm       uint64 // its mm_struct
	attached bool   // it was there before it was debugged
	threads  []*thread
	catch    *cpu.SyscallSet // nil is none
	// unborn: it has just been made, and the debugger has not heard of it.
	unborn bool
	// dying: the debugger kills it, and hears of nothing that happens on the way.
	dying bool
	// leaderCode is what the first thread ended with, when it ended before others.
	leaderCode *int64
}

// owner owns its breakpoints.
func (p *process) owner() control.Owner { return control.Owner(p.pid) }

// set is the debugged processes.
type set struct {
	procs  map[int]*process
	pids   []int // their numbers, ascending
	byTask map[uint64]*thread
	calls  *cpu.SyscallSet // those followed in any of them; nil when it is to be made anew
}

func (s *set) init() {
	s.procs = make(map[int]*process)
	s.byTask = make(map[uint64]*thread)
}

func (s *set) empty() bool { return len(s.procs) == 0 }

// thread finds a thread; nil is none.
func (s *set) thread(id gdbstub.ThreadID) *thread {
	p := s.procs[id.PID]
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

// each visits the threads in a fixed order.
func (s *set) each(visit func(*thread)) {
	for _, pid := range s.pids {
		for _, t := range s.procs[pid].threads {
			visit(t)
		}
	}
}

// after visits the threads beginning behind the one with that id, so that none of several is always the first, until visit is satisfied.
func (s *set) after(id gdbstub.ThreadID, visit func(*thread) bool) {
	var before, behind []*thread
	s.each(func(t *thread) {
		if t.id.PID > id.PID || t.id.PID == id.PID && t.id.TID > id.TID {
			behind = append(behind, t)
		} else {
			before = append(before, t)
		}
	})
	for _, t := range append(behind, before...) {
		if visit(t) {
			return
		}
	}
}

func (s *set) any(which func(*thread) bool) bool {
	for _, pid := range s.pids {
		if slices.ContainsFunc(s.procs[pid].threads, which) {
			return true
		}
	}
	return false
}

func (s *set) add(pid int, mm uint64, attached bool) *process {
	p := &process{pid: pid, mm: mm, attached: attached}
	s.procs[pid] = p
	s.calls = nil
	s.pids = append(s.pids, pid)
	slices.Sort(s.pids)
	return p
}

func (s *set) addThread(p *process, tid int, task uint64) *thread {
	t := newThread(p, tid, task)
	p.threads = append(p.threads, t)
	s.byTask[task] = t
	return t
}

func (s *set) dropThread(t *thread) {
	delete(s.byTask, t.task)
	t.proc.threads = slices.DeleteFunc(t.proc.threads, func(x *thread) bool { return x == t })
}

func (s *set) drop(p *process) {
	for _, t := range p.threads {
		delete(s.byTask, t.task)
	}
	p.threads = nil
	delete(s.procs, p.pid)
	s.calls = nil
	s.pids = slices.DeleteFunc(s.pids, func(pid int) bool { return pid == p.pid })
}

// living says whether a task is one of a process that can be debugged.
func living(t *introspect.Task) bool { return t.MM != 0 && t.ExitState == 0 && !t.KernelThread() }
