package gdbstub

import "bytes"

// clientFeatures is what the debugger said it understands, in qSupported.
type clientFeatures struct {
	swBreak, hwBreak, errorMessage, multiprocess bool
	fork, vfork, exec, noResumed                 bool
	names                                        bool // of threads are to be in stop replies
}

// supported answers qSupported: what the client can goes into the session, what the target offers comes back.
func (s *Session) supported(rest []byte) error {
	rest = bytes.TrimPrefix(rest, []byte(":"))
	s.client = clientFeatures{names: s.client.names}
	c := &s.client
	for len(rest) > 0 {
		var feature []byte
		feature, rest, _ = bytes.Cut(rest, []byte(";"))
		switch string(feature) {
		case "swbreak+":
			c.swBreak = true
		case "hwbreak+":
			c.hwBreak = true
		case "error-message+":
			c.errorMessage = true
		case "multiprocess+":
			c.multiprocess = true
		case "fork-events+":
			c.fork = true
		case "vfork-events+":
			c.vfork = true
		case "exec-events+":
			c.exec = true
		case "no-resumed+":
			c.noResumed = true
		}
	}
	s.touch() // ids look different in what was cached
	t := s.target
	multi := s.multiprocess()
	events := EventSet{Threads: s.events.Threads}
	if t.Events != nil {
		// A new process can only be named with its number.
		events.Fork, events.VFork, events.Exec = c.fork && multi, c.vfork && multi, c.exec
		events.NoResumed = c.noResumed
	}
	s.chooseEvents(events)
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
		{multi, ";multiprocess+"},
		{events.Fork, ";fork-events+"},
		{events.VFork, ";vfork-events+"},
		{events.Exec, ";exec-events+"},
		{events.NoResumed, ";no-resumed+"},
		{t.Events != nil, ";QThreadEvents+"},
		{t.Syscalls != nil, ";QCatchSyscalls+"},
		{t.Signals != nil, ";QPassSignals+;QProgramSignals+;qXfer:siginfo:read+;qXfer:siginfo:write+"},
		{t.NonStop != nil, ";QNonStop+"},
		{t.Auxv != nil, ";qXfer:auxv:read+"},
		{t.OSData != nil, ";qXfer:osdata:read+"},
		{t.Processes != nil, ";QStartupWithShell+;QEnvironmentHexEncoded+;QEnvironmentReset+;QEnvironmentUnset+;QSetWorkingDir+" +
			";QDisableRandomization+"},
		{c.errorMessage, ";error-message+"},
	} {
		if f.offered {
			s.w.str(f.name)
		}
	}
	return nil
}

// threadSuffix is lldb's question whether packets may name a thread, which is answered as unknown. It reads no list of threads with names, and takes the name of
// each from its stop reply.
func (s *Session) threadSuffix([]byte) error {
	s.client.names = true
	return ErrUnsupported
}

// multiprocess reports whether ids carry a process.
func (s *Session) multiprocess() bool { return s.target.Processes != nil && s.client.multiprocess }
