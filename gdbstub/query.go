package gdbstub

import "bytes"

// supported answers qSupported: what the client can goes into the session, what the target offers comes back.
func (s *Session) supported(rest []byte) error {
	rest = bytes.TrimPrefix(rest, []byte(":"))
	s.client.swBreak, s.client.hwBreak, s.client.errorMessage = false, false, false
	for len(rest) > 0 {
		var feature []byte
		feature, rest, _ = bytes.Cut(rest, []byte(";"))
		switch string(feature) {
		case "swbreak+":
			s.client.swBreak = true
		case "hwbreak+":
			s.client.hwBreak = true
		case "error-message+":
			s.client.errorMessage = true
		}
	}
	t := s.target
	s.w.str("PacketSize=")
	s.w.num(uint64(s.opts.PacketSize))
	s.w.str(";QStartNoAckMode+;vContSupported+;binary-upload+;qXfer:features:read+;qXfer:threads:read+")
	for _, f := range []struct {
		offered bool
		name    string
	}{
		{t.Files != nil, ";qXfer:exec-file:read+"},
		{t.MemoryMap != nil, ";qXfer:memory-map:read+"},
		{t.Breakpoints != nil, ";swbreak+;hwbreak+;ConditionalBreakpoints+"},
		{s.client.errorMessage, ";error-message+"},
	} {
		if f.offered {
			s.w.str(f.name)
		}
	}
	return nil
}

// startNoAckMode is the end of '+' and '-', which a reliable connection doesn't need.
func (s *Session) startNoAckMode([]byte) error {
	s.ackNext = true
	return s.ok()
}

// attached says that the target existed before the session: gdb then detaches when it quits, and doesn't kill.
func (s *Session) attached([]byte) error {
	s.w.byte('1')
	return nil
}

// extendedMode is '!': the session outlives the target, which R can start again.
func (s *Session) extendedMode([]byte) error { return s.ok() }

// detach is D or D;PID.
func (s *Session) detach([]byte) error {
	s.finish(DetachAsked)
	return s.ok()
}

// kill has no reply.
func (s *Session) kill([]byte) error {
	s.silent()
	if s.target.Killer != nil {
		if err := s.target.Killer.Kill(); err != nil {
			s.log("kill: " + err.Error())
		}
	}
	s.finish(DetachKilled)
	return nil
}

func (s *Session) vKill(rest []byte) error {
	if s.target.Killer == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(';')
	a.num()
	if !a.done() {
		return invalid("vKill")
	}
	if err := s.target.Killer.Kill(); err != nil {
		return err
	}
	s.stop = Stop{Kind: StopKilled, Signal: SIGKILL, Thread: s.stop.Thread}
	s.touch()
	return s.ok()
}

// restart is R, which has no reply; gdb asks by '?' next.
func (s *Session) restart([]byte) error {
	s.silent()
	if s.target.Restarter == nil {
		return nil
	}
	stop, err := s.target.Restarter.Restart()
	if err != nil {
		s.log("restart: " + err.Error())
		return nil
	}
	s.stopped(stop)
	return nil
}

// vRun starts the target's only program again, from its beginning; there are no others and no arguments to choose.
// Without a Restarter it is an error and not unknown: gdb would fall back to R, which cannot fail.
func (s *Session) vRun(rest []byte) error {
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

// QEMU's own packets (its manual, "Debugging"). A bit that the target can't do is left out.

func (s *Session) qemuSupported([]byte) error {
	sep := ""
	if s.target.StepMask != nil {
		s.w.str("sstepbits;sstep")
		sep = ";"
	}
	if s.target.PhysicalMemory != nil {
		s.w.str(sep + "PhyMemMode")
	}
	return nil
}

func (s *Session) stepBits([]byte) error {
	if s.target.StepMask == nil {
		return ErrUnsupported
	}
	enable, noIRQ, noTimer := s.target.StepMask.Bits()
	s.w.str("ENABLE=")
	s.w.num(uint64(enable))
	if noIRQ != 0 {
		s.w.str(",NOIRQ=")
		s.w.num(uint64(noIRQ))
	}
	if noTimer != 0 {
		s.w.str(",NOTIMER=")
		s.w.num(uint64(noTimer))
	}
	return nil
}

func (s *Session) stepMask([]byte) error {
	if s.target.StepMask == nil {
		return ErrUnsupported
	}
	s.w.str("0x")
	s.w.num(uint64(s.target.StepMask.StepMask()))
	return nil
}

func (s *Session) setStepMask(rest []byte) error {
	if s.target.StepMask == nil {
		return ErrUnsupported
	}
	a := args{rest: bytes.TrimPrefix(rest, []byte("=0x"))}
	a.accept('=')
	mask := a.upTo(1<<32 - 1)
	if !a.done() {
		return invalid("Qqemu.sstep")
	}
	if err := s.target.StepMask.SetStepMask(uint32(mask)); err != nil {
		return err
	}
	return s.ok()
}

func (s *Session) physicalMode([]byte) error {
	if s.target.PhysicalMemory == nil {
		return ErrUnsupported
	}
	if s.physical {
		s.w.byte('1')
	} else {
		s.w.byte('0')
	}
	return nil
}

func (s *Session) setPhysicalMode(rest []byte) error {
	if s.target.PhysicalMemory == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	on := a.upTo(1)
	if !a.done() {
		return invalid("Qqemu.PhyMemMode")
	}
	s.physical = on == 1
	return s.ok()
}
