package gdbstub

import "errors"

// ended reports whether the stop is the end of the target or of a process.
func (s *Stop) ended() bool { return s.Kind == StopExited || s.Kind == StopKilled }

// stops takes note of what the target stopped for, and tells the debugger.
type stops struct {
	*core
	breakpoints *breakpoints
	registers   *registers
}

func (s *stops) register(r *requests) { r.names[threadStopInfoName] = s.threadStopInfo }

// stopped notes a stop: its thread becomes the selected one.
func (s *stops) stopped(stop Stop) {
	s.stop = stop
	s.general, s.resume = stop.Thread, AnyThread
	s.touch()
	s.settle(&stop)
}

// failed makes a stop of an error of the target's, so that the debugger hears of it.
func (s *stops) failed(err error) Stop {
	if errors.Is(err, ErrFatal) {
		s.fatalError(err)
	} else {
		s.log(err.Error())
	}
	return Stop{Kind: StopSignal, Signal: SIGTRAP, Thread: s.target.Threads.Current(), Core: -1, Console: err.Error() + "\n"}
}

// hidden reports whether a stop means nothing to the client: the end of a process that it can't see.
func (s *stops) hidden(stop *Stop) bool {
	return s.target.Processes != nil && stop.ended() && stop.Thread.PID > 0 && !s.visible(stop.Thread.PID) && !s.exited()
}

// settle does what a stop means for the session's own tables, before the debugger hears of it.
func (s *stops) settle(stop *Stop) {
	if s.target.Processes == nil {
		return
	}
	switch stop.Kind {
	case StopFork, StopVFork:
		if s.target.Breakpoints != nil {
			s.breakpoints.inherit(stop.Thread.PID, stop.Child)
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
func (s *stops) forget(pid int) {
	if pid > 0 {
		s.breakpoints.removeAll(pid)
	}
}

// threadStopInfo answers with the last stop, or for another thread that it is stopped for no reason of its own.
func (s *stops) threadStopInfo(rest []byte) error {
	a := args{rest: rest}
	id := a.thread()
	if !a.done() {
		return invalid(threadStopInfoName)
	}
	id, err := s.live(id)
	if err != nil {
		return err
	}
	stop := Stop{Kind: StopSignal, Thread: id, Core: -1}
	if id == s.stop.Thread {
		stop = s.stop
	}
	s.reply(&stop)
	return nil
}

// reply writes a stop. The registers that gdb asks for first come along, so that a step costs one exchange.
func (s *stops) reply(stop *Stop) {
	s.bareReply(stop)
	if stop.Thread.TID > 0 && !stop.ended() && stop.Kind != StopThreadExited && stop.Kind != StopNoResumed {
		s.expedite(stop.Thread)
	}
}

// bareReply is reply without registers.
func (s *stops) bareReply(stop *Stop) {
	switch stop.Kind {
	case StopExited:
		s.ending('W', stop.Code, stop.Thread.PID)
		return
	case StopKilled:
		s.ending('X', int(stop.Signal), stop.Thread.PID)
		return
	case StopThreadExited:
		s.w.byte('w')
		s.w.num(uint64(uint32(stop.Code)))
		s.w.byte(';')
		s.threadID(stop.Thread)
		return
	case StopNoResumed:
		s.w.byte('N')
		return
	}
	signal := SIGTRAP
	if stop.Kind == StopSignal {
		signal = stop.Signal
	}
	s.w.byte('T')
	s.w.twoDigits(byte(signal))
	s.stopReason(stop)
	if stop.Thread.TID <= 0 {
		return
	}
	s.w.str("thread:")
	s.threadID(stop.Thread)
	s.w.byte(';')
	if s.client.names {
		if t, err := s.target.Threads.Thread(stop.Thread); err == nil && t.Name != "" {
			s.w.str("hexname:")
			s.w.hexText(t.Name)
			s.w.byte(';')
		}
	}
	if stop.Core >= 0 {
		s.w.str("core:")
		s.w.num(uint64(stop.Core))
		s.w.byte(';')
	}
}

// expedite adds registers to a stop reply.
func (s *stops) expedite(id ThreadID) {
	f, err := s.registers.load(id)
	if err != nil {
		return
	}
	for reg, r := range f.description.registers {
		// gdb takes no 'x' digits here; it asks for what is not sent, and is then told that it is unavailable.
		if r.Generic != "" && f.Known(reg) {
			s.w.num(uint64(reg))
			s.w.byte(':')
			s.registers.value(f, reg)
			s.w.byte(';')
		}
	}
}

// ending writes W or X: two digits for a client without multiprocess, and else the number in full and the process.
func (s *stops) ending(letter byte, number, pid int) {
	s.w.byte(letter)
	if !s.multiprocess() || pid <= 0 {
		s.w.twoDigits(byte(number))
		return
	}
	s.w.num(uint64(uint32(number)))
	s.w.str(";process:")
	s.w.num(uint64(pid))
}

// stopReason writes what is said of a stop besides its signal.
func (s *stops) stopReason(stop *Stop) {
	switch stop.Kind {
	case StopBreakpoint:
		if s.client.swBreak {
			s.w.str("swbreak:;")
		}
	case StopHardwareBreakpoint:
		if s.client.hwBreak {
			s.w.str("hwbreak:;")
		}
	case StopWatch:
		s.numbered("watch:", stop.Address)
	case StopReadWatch:
		s.numbered("rwatch:", stop.Address)
	case StopAccessWatch:
		s.numbered("awatch:", stop.Address)
	case StopFork:
		s.born("fork:", stop.Child, s.events.Fork)
	case StopVFork:
		s.born("vfork:", stop.Child, s.events.VFork)
	case StopVForkDone:
		if s.events.VFork {
			s.w.str("vforkdone:;")
		}
	case StopExec:
		if s.events.Exec {
			s.w.str("exec:")
			s.w.hexText(stop.Path)
			s.w.byte(';')
		}
	case StopSyscallEntry:
		s.numbered("syscall_entry:", uint64(uint32(stop.Syscall)))
	case StopSyscallReturn:
		s.numbered("syscall_return:", uint64(uint32(stop.Syscall)))
	case StopThreadCreated:
		s.w.str("create:;")
	}
}

func (s *stops) born(what string, child ThreadID, understood bool) {
	if !understood {
		return
	}
	s.w.str(what)
	s.threadID(child)
	s.w.byte(';')
}

func (s *stops) numbered(what string, number uint64) {
	s.w.str(what)
	s.w.num(number)
	s.w.byte(';')
}
