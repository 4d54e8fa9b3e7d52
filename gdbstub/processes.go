package gdbstub

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// exactOfProcesses is exact where there are several processes. What names no thread, or no process, is resolved to the
// thread of the last stop if that fits, else to the current one, else to the first that fits. If none does, the result is
// no live thread.
func (s *Session) exactOfProcesses(id ThreadID) ThreadID {
	if id.PID <= 0 && !s.client.multiprocess {
		id.PID = s.only
	}
	if id.PID > 0 && id.TID > 0 {
		return id
	}
	for _, best := range [...]ThreadID{s.stop.Thread, s.target.Threads.Current()} {
		if best.PID > 0 && best.TID > 0 && id.Covers(best) && s.target.Threads.Alive(best) {
			return best
		}
	}
	for _, best := range s.target.Threads.AppendThreads(nil) {
		if id.Covers(best) {
			return best
		}
	}
	return id
}

// visible reports whether the debugger may know of threads of the process: there is one, and a client without
// multiprocess sees no other.
func (s *Session) visible(pid int) bool {
	if s.target.Processes == nil {
		return !s.exited()
	}
	return s.client.multiprocess || pid == s.only
}

// hidden reports whether a stop means nothing to the client: the end of a process that it can't see.
func (s *Session) hidden(stop *Stop) bool {
	return s.target.Processes != nil && stop.ended() && stop.Thread.PID > 0 && !s.visible(stop.Thread.PID) && !s.exited()
}

// description is that of a process, or of the target if it has but one.
func (s *Session) description(pid int) *Description {
	if s.target.Processes == nil {
		return s.desc
	}
	d := s.target.Processes.Description(pid)
	if d == nil {
		return s.desc
	}
	if err := d.Init(); err != nil {
		panic("BUG: target description of a process: " + err.Error())
	}
	return d
}

// settle does what a stop means for the session's own tables, before the debugger hears of it.
func (s *Session) settle(stop *Stop) {
	if s.target.Processes == nil {
		return
	}
	switch stop.Kind {
	case StopFork, StopVFork:
		if s.target.Breakpoints != nil {
			s.breakpoints.inherit(s, stop.Thread.PID, stop.Child)
		}
	case StopExec:
		s.forget(stop.Thread.PID)
	case StopExited, StopKilled:
		s.forget(stop.Thread.PID)
		s.general = AnyThread
	case StopThreadExited, StopNoResumed:
		s.general = AnyThread
	}
}

// forget removes what the session has in a process that is no more, or is another program now.
func (s *Session) forget(pid int) {
	if pid > 0 {
		s.breakpoints.removeAll(s, pid)
	}
}

// left is what follows the end of the debugging of a process without a stop: a selected thread of it is selected no more.
func (s *Session) left(pid int) {
	if s.general.PID == pid {
		s.general = AnyThread
	}
	if s.resume.PID == pid {
		s.resume = AnyThread
	}
	s.nonStop.drop(pid)
	s.touch()
}

// debugged fails for a process that isn't.
func (s *Session) debugged(pid int) error {
	if !slices.Contains(s.target.Processes.Debugged(), pid) {
		return ErrNotFound
	}
	return nil
}

// failed notes the reason for a refusal where whoever runs the server sees it: gdb before 16 shows the user no more than
// that attach, kill or run has failed.
func (s *Session) failed(what string, err error) error {
	err = fmt.Errorf("%s: %w", what, err)
	s.log(err.Error())
	return err
}

// pidArgument takes ;PID up to the end.
func pidArgument(rest []byte) (int, bool) {
	a := args{rest: rest}
	a.expect(';')
	pid := int(a.upTo(1<<31 - 1))
	return pid, a.done()
}

// alone fails if another process would have to be shown to a client that can't tell them apart.
func (s *Session) alone() error {
	if !s.client.multiprocess && slices.Contains(s.target.Processes.Debugged(), s.only) {
		return invalid("a process is debugged already, and the debugger understands only one")
	}
	return nil
}

// attach is vAttach;PID.
func (s *Session) attach(rest []byte) error {
	if s.target.Processes == nil {
		return ErrUnsupported
	}
	pid, ok := pidArgument(rest)
	if !ok || pid == 0 {
		return invalid("vAttach")
	}
	what := fmt.Sprintf("attach to process %d", pid)
	if err := s.alone(); err != nil {
		return s.failed(what, err)
	}
	if s.debugged(pid) == nil {
		return s.failed(what, invalid("it is debugged already"))
	}
	s.breakpoints.flush(s)
	stop, err := s.target.Processes.AttachProcess(pid)
	if err != nil {
		return s.failed(what, err)
	}
	s.only = stop.Thread.PID
	s.stopped(stop)
	if s.nonStop.on {
		s.nonStop.queue, s.nonStop.strange = append(s.nonStop.queue, stop), pid
		return s.ok()
	}
	s.stopReply(&s.stop)
	return nil
}

// attached is qAttached or qAttached:PID: gdb detaches when it quits from a process that was there before, and kills others.
func (s *Session) attached(rest []byte) error {
	was := true
	if p := s.target.Processes; p != nil {
		pid := s.exact(s.general).PID
		if len(rest) > 0 {
			a := args{rest: rest}
			a.expect(':')
			pid = int(a.upTo(1<<31 - 1))
			if !a.done() {
				return invalid("qAttached")
			}
			if err := s.debugged(pid); err != nil {
				return err
			}
		}
		was = s.debugged(pid) != nil || p.WasAttached(pid)
	}
	if was {
		s.w.byte('1')
	} else {
		s.w.byte('0')
	}
	return nil
}

// extendedMode is '!': the session outlives its processes, and R, vRun and vAttach can give it new ones.
func (s *Session) extendedMode([]byte) error {
	s.extended = true
	s.opts.Owner.Extended()
	return s.ok()
}

// detach is D or D;PID. The last one ends the session, except in extended mode.
func (s *Session) detach(rest []byte) error {
	p := s.target.Processes
	if p == nil {
		s.finish(DetachAsked)
		return s.ok()
	}
	s.breakpoints.flush(s)
	pids := p.Debugged()
	if len(rest) > 0 {
		pid, ok := pidArgument(rest)
		if !ok {
			return invalid("D")
		}
		if err := s.debugged(pid); err != nil {
			return s.failed(fmt.Sprintf("detach from process %d", pid), err)
		}
		pids = []int{pid}
	} else if !s.client.multiprocess {
		pids = slices.DeleteFunc(slices.Clone(pids), func(pid int) bool { return pid != s.only })
	}
	for _, pid := range slices.Clone(pids) {
		s.forget(pid)
		if err := p.DetachProcess(pid); err != nil {
			return s.failed(fmt.Sprintf("detach from process %d", pid), err)
		}
		s.left(pid)
	}
	if !s.extended && (s.exited() || !s.client.multiprocess) {
		s.finish(DetachAsked)
	}
	return s.ok()
}

// kill is k, which has no reply. Of several processes all are killed that can be; in extended mode the session goes on.
func (s *Session) kill([]byte) error {
	s.silent()
	s.opts.Owner.Killing()
	if p := s.target.Processes; p != nil {
		s.breakpoints.flush(s)
		for _, pid := range slices.Clone(p.Debugged()) {
			if err := p.KillProcess(pid); err != nil {
				s.log(fmt.Sprintf("kill process %d: %v", pid, err))
				continue
			}
			s.forget(pid)
			s.left(pid)
		}
		if s.extended {
			return nil
		}
	}
	if s.target.Killer != nil {
		if err := s.target.Killer.Kill(); err != nil {
			s.log("kill: " + err.Error())
		}
	}
	s.finish(DetachKilled)
	return nil
}

// vKill is vKill;PID.
func (s *Session) vKill(rest []byte) error {
	if s.target.Killer == nil && s.target.Processes == nil {
		return ErrUnsupported
	}
	pid, ok := pidArgument(rest)
	if !ok {
		return invalid("vKill")
	}
	p := s.target.Processes
	if p == nil {
		if err := s.target.Killer.Kill(); err != nil {
			return err
		}
		s.stop = Stop{Kind: StopKilled, Signal: SIGKILL, Thread: s.stop.Thread}
		s.touch()
		return s.ok()
	}
	err := s.debugged(pid)
	if err == nil {
		s.breakpoints.flush(s)
		err = p.KillProcess(pid)
	}
	if err != nil {
		return s.failed(fmt.Sprintf("kill process %d", pid), err)
	}
	s.forget(pid)
	s.left(pid)
	return s.ok()
}

// restart is R, which has no reply; gdb asks by '?' next. As in gdbserver it exists in extended mode only. Of several processes those that were run
// are killed, and the last program is run again.
func (s *Session) restart([]byte) error {
	if !s.extended {
		return ErrUnsupported
	}
	s.silent()
	s.breakpoints.flush(s)
	stop, err := Stop{}, error(nil)
	switch p := s.target.Processes; {
	case p != nil:
		for _, pid := range slices.Clone(p.Debugged()) {
			if err == nil && !p.WasAttached(pid) {
				if err = p.KillProcess(pid); err == nil {
					s.forget(pid)
					s.left(pid)
				}
			}
		}
		if err == nil {
			stop, err = p.RunProcess(s.request)
		}
	case s.target.Restarter != nil:
		stop, err = s.target.Restarter.Restart()
	default:
		err = errors.New("it cannot be started again")
	}
	if err != nil {
		s.log("restart: " + err.Error())
		return nil
	}
	s.only = stop.Thread.PID
	s.stopped(stop)
	return nil
}

// vRun is vRun;FILE;ARG... in hexadecimal. A target without processes starts its only program again, from its beginning;
// there are no others and no arguments to choose. Where nothing can be run it is an error and not unknown: gdb would fall
// back to R, which cannot fail.
func (s *Session) vRun(rest []byte) error {
	if s.target.Processes != nil {
		return s.runProcess(rest)
	}
	if s.target.Restarter == nil {
		return invalid("the target cannot be started again")
	}
	if len(bytes.Trim(rest, ";")) > 0 {
		return invalid("the target runs no program of the debugger's choice")
	}
	stop, err := s.target.Restarter.Restart()
	if err != nil {
		return err
	}
	s.stopped(stop)
	s.stopReply(&s.stop)
	return nil
}

func (s *Session) runProcess(rest []byte) error {
	if len(rest) == 0 || rest[0] != ';' {
		return invalid("vRun")
	}
	var words []string
	for _, part := range bytes.Split(rest[1:], []byte(";")) {
		word, ok := decodeHex(nil, part)
		if !ok || bytes.IndexByte(word, 0) >= 0 {
			return invalid("vRun")
		}
		words = append(words, string(word))
	}
	r := s.request
	r.File, r.Args, r.Env = words[0], words[1:], slices.Clone(s.request.Env)
	err := s.alone()
	var stop Stop
	if err == nil {
		s.breakpoints.flush(s)
		stop, err = s.target.Processes.RunProcess(r)
	}
	if err != nil {
		return s.failed("run "+printable(r.File), err)
	}
	s.only = stop.Thread.PID
	s.stopped(stop)
	s.stopReply(&s.stop)
	return nil
}
