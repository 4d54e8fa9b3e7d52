package gdbstub

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// processes answers what begins and ends the debugging of processes.
type processes struct {
	*core
	environment *environment
	breakpoints *breakpoints
	stops       *stops
	nonStop     *nonStop
}

func (s *processes) register(r *requests) {
	r.letters['!'] = s.extendedMode
	r.letters['D'] = s.detach
	r.letters['k'] = s.kill
	r.letters['R'] = s.restart
	r.names["qAttached"] = s.attached
	r.names["vAttach"] = s.attach
	r.names["vKill"] = s.vKill
	r.names["vRun"] = s.vRun
}

// left is what follows the end of the debugging of a process without a stop: a selected thread of it is selected no more.
func (s *processes) left(pid int) {
	if s.general.PID == pid {
		s.general = AnyThread
	}
	if s.resume.PID == pid {
		s.resume = AnyThread
	}
	s.nonStop.drop(pid)
	s.touch()
}

// pidArgument takes ;PID up to the end.
func pidArgument(rest []byte) (int, bool) {
	a := args{rest: rest}
	a.expect(';')
	pid := int(a.upTo(1<<31 - 1))
	return pid, a.done()
}

// alone fails if another process would have to be shown to a client that can't tell them apart.
func (s *processes) alone() error {
	if !s.client.multiprocess && slices.Contains(s.target.Processes.Debugged(), s.only) {
		return invalid("a process is debugged already, and the debugger understands only one")
	}
	return nil
}

// extendedMode is '!': the session outlives its processes, and R, vRun and vAttach can give it new ones.
func (s *processes) extendedMode([]byte) error {
	s.extended = true
	s.opts.Owner.Extended()
	return s.ok()
}

// attach is vAttach;PID.
func (s *processes) attach(rest []byte) error {
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
	s.breakpoints.flush()
	stop, err := s.target.Processes.AttachProcess(pid)
	if err != nil {
		return s.failed(what, err)
	}
	s.only = stop.Thread.PID
	s.stops.stopped(stop)
	if s.nonStop.on {
		s.nonStop.queue, s.nonStop.strange = append(s.nonStop.queue, stop), pid
		return s.ok()
	}
	s.stops.reply(&s.stop)
	return nil
}

// attached is qAttached or qAttached:PID: gdb detaches when it quits from a process that was there before, and kills others.
func (s *processes) attached(rest []byte) error {
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

// detach is D or D;PID. The last one ends the session, except in extended mode.
func (s *processes) detach(rest []byte) error {
	p := s.target.Processes
	if p == nil {
		s.finish(DetachAsked)
		return s.ok()
	}
	s.breakpoints.flush()
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
		s.stops.forget(pid)
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
func (s *processes) kill([]byte) error {
	s.w.silent()
	s.opts.Owner.Killing()
	if p := s.target.Processes; p != nil {
		s.breakpoints.flush()
		for _, pid := range slices.Clone(p.Debugged()) {
			if err := p.KillProcess(pid); err != nil {
				s.log(fmt.Sprintf("kill process %d: %v", pid, err))
				continue
			}
			s.stops.forget(pid)
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
func (s *processes) vKill(rest []byte) error {
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
		s.breakpoints.flush()
		err = p.KillProcess(pid)
	}
	if err != nil {
		return s.failed(fmt.Sprintf("kill process %d", pid), err)
	}
	s.stops.forget(pid)
	s.left(pid)
	return s.ok()
}

// restart is R, which has no reply; gdb asks by '?' next. As in gdbserver it exists in extended mode only. Of several processes those that were run
// are killed, and the last program is run again.
func (s *processes) restart([]byte) error {
	if !s.extended {
		return ErrUnsupported
	}
	s.w.silent()
	s.breakpoints.flush()
	stop, err := Stop{}, error(nil)
	switch p := s.target.Processes; {
	case p != nil:
		for _, pid := range slices.Clone(p.Debugged()) {
			if err == nil && !p.WasAttached(pid) {
				if err = p.KillProcess(pid); err == nil {
					s.stops.forget(pid)
					s.left(pid)
				}
			}
		}
		if err == nil {
			stop, err = p.RunProcess(s.environment.request)
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
	s.stops.stopped(stop)
	return nil
}

// vRun is vRun;FILE;ARG... in hexadecimal. A target without processes starts its only program again, from its beginning;
// there are no others and no arguments to choose. Where nothing can be run it is an error and not unknown: gdb would fall
// back to R, which cannot fail.
func (s *processes) vRun(rest []byte) error {
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
	s.stops.stopped(stop)
	s.stops.reply(&s.stop)
	return nil
}

func (s *processes) runProcess(rest []byte) error {
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
	r := s.environment.request
	r.File, r.Args, r.Env = words[0], words[1:], slices.Clone(s.environment.request.Env)
	err := s.alone()
	var stop Stop
	if err == nil {
		s.breakpoints.flush()
		stop, err = s.target.Processes.RunProcess(r)
	}
	if err != nil {
		return s.failed("run "+printable(r.File), err)
	}
	s.only = stop.Thread.PID
	s.stops.stopped(stop)
	s.stops.reply(&s.stop)
	return nil
}
