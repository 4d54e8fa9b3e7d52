package gdbstub

import (
	"bytes"
	"errors"
)

// vCont answers the question what it can do, and resumes by a list of actions.
func (s *Session) vCont(rest []byte) error {
	if string(rest) == "?" {
		// All four of c, C, s, S, or gdb does without vCont altogether.
		s.w.str("vCont;c;C;s;S;r")
		if s.target.NonStop != nil {
			s.w.str(";t")
		}
		return nil
	}
	s.plan.Actions = s.plan.Actions[:0]
	if len(rest) < 2 || rest[0] != ';' {
		return invalid("vCont")
	}
	for rest = rest[1:]; ; {
		item, more, found := bytes.Cut(rest, []byte(";"))
		act, err := s.action(item)
		switch {
		case err == nil:
			s.plan.Actions = append(s.plan.Actions, act)
		case s.nonStop.on && errors.Is(err, ErrNotFound):
			// The thread ended while the debugger took it for stopped; the report of that is on its way.
		default:
			return err
		}
		if !found {
			return s.start()
		}
		rest = more
	}
}

// action reads one item of a vCont: c, CXX, s, SXX, rSTART,END or t, each with an optional :THREAD.
func (s *Session) action(item []byte) (ThreadAction, error) {
	a := args{rest: item}
	act := ThreadAction{Thread: AllThreads}
	switch {
	case a.accept('c'):
		act.Action = ActionContinue
	case a.accept('C'):
		act.Action = ActionContinue
		act.Signal = Signal(a.upTo(255))
	case a.accept('s'):
		act.Action = ActionStep
	case a.accept('S'):
		act.Action = ActionStep
		act.Signal = Signal(a.upTo(255))
	case a.accept('r'):
		act.Action = ActionRange
		act.Start = a.num()
		a.expect(',')
		act.End = a.num()
	case s.nonStop.on && a.accept('t'):
		act.Action = ActionStop
	default:
		return act, invalid("vCont action")
	}
	if a.accept(':') {
		act.Thread = a.thread()
	}
	if !a.done() {
		return act, invalid("vCont action")
	}
	if act.Thread.TID > 0 {
		var err error
		if act.Thread, err = s.live(act.Thread); err != nil {
			return act, err
		}
	}
	return act, nil
}

// start makes the session Running with s.plan; the reply is the next stop's.
func (s *Session) start() error {
	if s.exited() {
		return s.lastStop(nil)
	}
	if s.nonStop.on {
		return s.startNonStop()
	}
	s.silent()
	s.running = true
	return nil
}

// The packets of clients without vCont. An address to go on at may follow.

func (s *Session) oldContinue(rest []byte) error {
	return s.oldResume(ActionContinue, 0, args{rest: rest})
}

func (s *Session) oldStep(rest []byte) error {
	return s.oldResume(ActionStep, 0, args{rest: rest})
}

func (s *Session) oldContinueSignal(rest []byte) error {
	return s.oldResumeSignal(ActionContinue, rest)
}

func (s *Session) oldStepSignal(rest []byte) error {
	return s.oldResumeSignal(ActionStep, rest)
}

func (s *Session) oldResumeSignal(action Action, rest []byte) error {
	a := args{rest: rest}
	signal := Signal(a.upTo(255))
	if a.more() {
		a.expect(';')
		if !a.more() {
			a.bad = true
		}
	}
	return s.oldResume(action, signal, a)
}

// oldResume lets only the thread of Hc run if that is a particular one. Else all run, and a step or signal is for the
// current thread.
func (s *Session) oldResume(action Action, signal Signal, a args) error {
	at, jump := uint64(0), a.more()
	if jump {
		at = a.num()
	}
	if !a.done() {
		return invalid("resume")
	}
	if s.exited() {
		return s.start()
	}
	id, err := s.live(s.resume)
	if err != nil {
		return err
	}
	if jump {
		if err := s.jump(id, at); err != nil {
			return err
		}
	}
	s.plan.Actions = append(s.plan.Actions[:0], ThreadAction{Thread: id, Action: action, Signal: signal})
	if s.resume.TID <= 0 {
		all := AllThreads
		if s.resume.PID > 0 {
			all.PID = s.resume.PID
		}
		s.plan.Actions = append(s.plan.Actions, ThreadAction{Thread: all, Action: ActionContinue})
	}
	return s.start()
}

// jump sets the program counter.
func (s *Session) jump(id ThreadID, at uint64) error {
	d := s.description(id.PID)
	pc := d.Generic("pc")
	f := d.NewRegisterFile()
	f.SetUint(pc, at)
	s.touch()
	return s.target.Registers.WriteRegister(id, pc, f.Bytes(pc))
}
