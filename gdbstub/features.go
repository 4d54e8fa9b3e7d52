package gdbstub

import "bytes"

// clientFeatures is what the debugger said it understands, in qSupported.
type clientFeatures struct {
	swBreak, hwBreak, multiprocess bool
	fork, vfork, exec, noResumed   bool
	names                          bool // of threads are to be in stop replies
}

// features answers what the session can.
type features struct{ *core }

func (f *features) register(r *requests) {
	r.names["qSupported"] = f.supported
	r.names["QStartNoAckMode"] = f.startNoAckMode
	r.names["QThreadSuffixSupported"] = f.threadSuffix
	r.names["vMustReplyEmpty"] = nil
}

// startNoAckMode is the end of '+' and '-', which a reliable connection doesn't need.
func (f *features) startNoAckMode([]byte) error {
	f.w.ackNext = true
	return f.ok()
}

// supported answers qSupported: what the client can goes into the session, what the target offers comes back.
func (f *features) supported(rest []byte) error {
	f.understand(rest)
	f.touch() // ids look different in what was cached
	multi := f.multiprocess()
	events := EventSet{Threads: f.core.events.Threads}
	if f.target.Events != nil {
		// A new process can only be named with its number.
		c := &f.client
		events.Fork, events.VFork, events.Exec = c.fork && multi, c.vfork && multi, c.exec
		events.NoResumed = c.noResumed
	}
	f.chooseEvents(events)
	f.w.str("PacketSize=")
	f.w.num(uint64(f.opts.PacketSize))
	f.w.str(";QStartNoAckMode+;vContSupported+;binary-upload+;qXfer:features:read+;qXfer:threads:read+")
	f.offers()
	return nil
}

// understand notes what the client says that it can.
func (f *features) understand(rest []byte) {
	rest = bytes.TrimPrefix(rest, []byte(":"))
	f.client = clientFeatures{names: f.client.names}
	f.w.words = false
	c := &f.client
	for len(rest) > 0 {
		var feature []byte
		feature, rest, _ = bytes.Cut(rest, []byte(";"))
		switch string(feature) {
		case "swbreak+":
			c.swBreak = true
		case "hwbreak+":
			c.hwBreak = true
		case "error-message+":
			f.w.words = true
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
}

// offers lists what follows from what the target has.
func (f *features) offers() {
	t, events := f.target, f.core.events
	for _, o := range []struct {
		offered bool
		name    string
	}{
		{t.Files != nil, ";qXfer:exec-file:read+"},
		{t.Hardware.MemoryMap != nil, ";qXfer:memory-map:read+"},
		{t.Breakpoints != nil, ";swbreak+;hwbreak+;ConditionalBreakpoints+;BreakpointCommands+"},
		{f.multiprocess(), ";multiprocess+"},
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
		{f.w.words, ";error-message+"},
	} {
		if o.offered {
			f.w.str(o.name)
		}
	}
}

// threadSuffix is lldb's question whether packets may name a thread, which is answered as unknown. It reads no list of threads with names, and takes the name of
// each from its stop reply.
func (f *features) threadSuffix([]byte) error {
	f.client.names = true
	return ErrUnsupported
}
