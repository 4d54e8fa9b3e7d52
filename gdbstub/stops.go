package gdbstub

// ended reports whether the stop is the end of the target or of a process.
func (s *Stop) ended() bool { return s.Kind == StopExited || s.Kind == StopKilled }

// lastStop is '?'. When the last stop was the end of one process of several, the answer is about one that is left.
func (s *Session) lastStop([]byte) error {
	if s.nonStop.on {
		return s.allStopped()
	}
	if s.target.Processes == nil {
		s.stopReply(&s.stop)
		return nil
	}
	stop := s.stop
	if id := s.exact(AnyThread); id.TID <= 0 || s.exited() {
		stop = Stop{Kind: StopExited} // "W00" says that nothing runs
	} else if id != stop.Thread || stop.ended() || stop.Kind == StopThreadExited || stop.Kind == StopNoResumed {
		stop = Stop{Kind: StopSignal, Thread: id, Core: -1}
	}
	s.stopReply(&stop)
	return nil
}

// threadStopInfoName is lldb's question about one thread; the thread follows.
const threadStopInfoName = "qThreadStopInfo"

// threadStopInfo answers with the last stop, or for another thread that it is stopped for no reason of its own.
func (s *Session) threadStopInfo(rest []byte) error {
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
	s.stopReply(&stop)
	return nil
}

// stopReply writes a stop. The registers that gdb asks for first come along, so that a step costs one exchange.
func (s *Session) stopReply(stop *Stop) {
	s.bareStopReply(stop)
	if stop.Thread.TID > 0 && !stop.ended() && stop.Kind != StopThreadExited && stop.Kind != StopNoResumed {
		s.expedite(stop.Thread)
	}
}

// bareStopReply is stopReply without registers.
func (s *Session) bareStopReply(stop *Stop) {
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
		if s.client.noResumed {
			s.w.byte('N')
			return
		}
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
func (s *Session) expedite(id ThreadID) {
	f, err := s.loadRegisters(id)
	if err != nil {
		return
	}
	for reg, r := range f.description.registers {
		// gdb takes no 'x' digits here; it asks for what is not sent, and is then told that it is unavailable.
		if r.Generic != "" && f.Known(reg) {
			s.w.num(uint64(reg))
			s.w.byte(':')
			s.registerValue(f, reg)
			s.w.byte(';')
		}
	}
}

// ending writes W or X: two digits for a client without multiprocess, and else the number in full and the process.
func (s *Session) ending(letter byte, number, pid int) {
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
func (s *Session) stopReason(stop *Stop) {
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

func (s *Session) born(what string, child ThreadID, understood bool) {
	if !understood {
		return
	}
	s.w.str(what)
	s.threadID(child)
	s.w.byte(';')
}

func (s *Session) numbered(what string, number uint64) {
	s.w.str(what)
	s.w.num(number)
	s.w.byte(';')
}
