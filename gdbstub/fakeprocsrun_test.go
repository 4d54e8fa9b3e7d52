package gdbstub

import (
	"context"
	"maps"
	"slices"
)

// execute executes the instruction at a thread's pc.
func (f *fakeSystem) execute(t *procThread) (Stop, bool) {
	p := f.procs[t.id.PID]
	pc := t.regs[regPC]
	for _, b := range f.bps {
		if b.Thread.PID == p.pid && b.Kind == SoftwareBreakpoint && b.Address == pc {
			return Stop{Kind: StopBreakpoint, Thread: t.id}, true
		}
	}
	t.siginfo = nil
	op := f.ops[pc]
	if op.what == "syscall" && !t.inCall && (p.all || slices.Contains(p.calls, op.n)) {
		t.inCall = true
		return Stop{Kind: StopSyscallEntry, Thread: t.id, Syscall: op.n}, true
	}
	t.regs[regPC] += 4
	if s, ok := f.do(op, p, t); ok {
		return s, true
	}
	if t.action == ActionStep || t.action == ActionRange {
		return Stop{Kind: StopStep, Thread: t.id}, true
	}
	return Stop{}, false
}

// do is what an instruction does beyond going on to the next.
func (f *fakeSystem) do(op fakeOp, p *fakeProcess, t *procThread) (Stop, bool) {
	switch op.what {
	case "syscall":
		if t.inCall {
			t.inCall = false
			return Stop{Kind: StopSyscallReturn, Thread: t.id, Syscall: op.n}, true
		}
	case "fork", "vfork":
		child := f.spawn(p.path)
		copy(child.mem, p.mem)
		child.threads[0].regs = maps.Clone(t.regs)
		child.threads[0].regs[regPC] = op.child
		child.debugged = op.what == "fork" && f.events.Fork || op.what == "vfork" && f.events.VFork
		f.note("new %x", child.pid)
		if child.debugged {
			kind := StopFork
			if op.what == "vfork" {
				kind = StopVFork
			}
			return Stop{Kind: kind, Thread: t.id, Child: child.threads[0].id}, true
		}
		delete(f.procs, child.pid) // it has run to its end
	case "done":
		return Stop{Kind: StopVForkDone, Thread: t.id}, f.events.VFork
	case "exec":
		p.path = "/bin/second"
		p.threads = []*procThread{t}
		t.regs[regPC] = op.child
		return Stop{Kind: StopExec, Thread: t.id, Path: p.path}, f.events.Exec
	case "exit", "die":
		delete(f.procs, p.pid)
		if op.what == "die" {
			return Stop{Kind: StopKilled, Thread: t.id, Signal: Signal(op.n)}, true
		}
		return Stop{Kind: StopExited, Thread: t.id, Code: op.n}, true
	case "signal":
		if !f.pass[op.n] {
			t.siginfo = []byte{byte(op.n), 0, 0, 0, 9, 0, 0, 0}
			return Stop{Kind: StopSignal, Signal: Signal(op.n), Thread: t.id}, true
		}
	case "clone":
		c := &procThread{id: ThreadID{p.pid, t.id.TID + 0x1000*len(p.threads)}, regs: maps.Clone(t.regs), action: ActionContinue}
		c.regs[regPC] = op.child
		p.threads = append(p.threads, c)
		return Stop{Kind: StopThreadCreated, Thread: c.id}, f.events.Threads
	case "end":
		p.threads = slices.DeleteFunc(p.threads, func(x *procThread) bool { return x == t })
		return Stop{Kind: StopThreadExited, Thread: t.id, Code: op.n}, f.events.Threads
	case "back":
		t.regs[regPC] = op.child
	}
	return Stop{}, false
}

func (f *fakeSystem) SetNonStop(on bool) error {
	f.nonStop = on
	for _, t := range f.all() {
		t.action = ActionStay
	}
	return nil
}

func (f *fakeSystem) Start(plan *Plan) error {
	for _, t := range f.all() {
		switch a := plan.For(t.id); a.Action {
		case ActionStay:
		case ActionStop:
			if t.action != ActionStay {
				f.waiting = append(f.waiting, f.stop(Stop{Kind: StopSignal, Thread: t.id}))
			}
		default:
			t.action = a.Action
		}
	}
	return nil
}

// onlyRuns is the key of the function that a fake calls when its threads have run for long enough to come to anything that happens.
type onlyRuns struct{}

func (f *fakeSystem) RunNonStop(ctx context.Context) (Stop, bool, error) {
	for n := 0; ; n++ {
		if leave, ok := ctx.Value(onlyRuns{}).(context.CancelFunc); ok && (n == 1000 || !f.InMotion()) {
			leave()
		}
		if len(f.waiting) > 0 {
			s := f.waiting[0]
			f.waiting = f.waiting[1:]
			return s, true, nil
		}
		if ctx.Err() != nil {
			return Stop{}, false, nil
		}
		if s, ok := f.round(); ok {
			return f.stop(s), true, nil
		}
	}
}

func (f *fakeSystem) InMotion() bool {
	return len(f.waiting) > 0 || slices.ContainsFunc(f.all(), func(t *procThread) bool { return t.action != ActionStay })
}

func (f *fakeSystem) Stopped() []Stop {
	var list []Stop
	for _, t := range f.all() {
		if t.action == ActionStay {
			s := t.last
			s.Thread, s.Core = t.id, -1
			list = append(list, s)
		}
	}
	return list
}

func (f *fakeSystem) Interrupt() error {
	for _, t := range f.all() {
		if t.action != ActionStay {
			f.waiting = append(f.waiting, f.stop(Stop{Kind: StopSignal, Signal: SIGINT, Thread: t.id}))
			return nil
		}
	}
	return nil
}
