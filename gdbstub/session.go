package gdbstub

import (
	"context"
	"errors"
	"fmt"
)

// Options are the choices of whoever serves a session. The zero value is good.
type Options struct {
	// PacketSize is the longest packet accepted and, about, the longest sent, in bytes; 0 is 128 KiB.
	PacketSize int
	// Trace sees the payload of every packet, received or sent; it must not keep it. Nil is none.
	Trace func(sent bool, payload []byte)
	// Log hears of what a user may want to know: a broken packet, a lost connection. Nil is none.
	Log func(message string)
	// Printed takes what breakpoints' commands print, gdb's "set dprintf-style agent", from the goroutine that runs the target; it must not keep the
	// text. gdbserver prints it on its own standard output. Nil sends it to the debugger, which prints it where its user types.
	Printed func(text []byte)
	// Owner hears what concerns the server. Nil is none.
	Owner Owner
}

const (
	defaultPacketSize = 0x20000
	minPacketSize     = 0x400
	// maxOutput ends a Feed early: the next packets wait until the replies have been written, so that many small
	// requests for large replies can't make the output grow without bound.
	maxOutput = 4 * defaultPacketSize
)

// Session is one debugger's conversation with one target, without any socket: a state machine fed with bytes.
//
// The owner calls Feed with what arrived, sends Output, and when Running is true calls Run, which returns when the
// target has stopped. A Session belongs to one goroutine.
type Session struct {
	core        *core
	requests    requests
	breakpoints *breakpoints
	files       *files
	stops       *stops
	nonStop     *nonStop
	resumption  *resumption
	closed      bool
}

// NewSession attaches to the target and begins a session with it. The error is the description's or the target's.
func NewSession(t *Target, opts Options) (*Session, error) {
	if t.Description == nil && t.Processes == nil || t.Control == nil || t.Threads == nil || t.Registers == nil || t.Memory == nil {
		return nil, invalid("target without description, control, threads, registers or memory")
	}
	if opts.PacketSize == 0 {
		opts.PacketSize = defaultPacketSize
	}
	if opts.Owner == nil {
		opts.Owner = deaf{}
	}
	opts.PacketSize = max(opts.PacketSize, minPacketSize)
	if d := t.Description; d != nil {
		if err := d.Init(); err != nil {
			return nil, err
		}
		opts.PacketSize = max(opts.PacketSize, 4*d.size+64)
	}
	c := &core{w: newWire(opts), target: t, opts: opts, buf: make([]byte, opts.PacketSize), reason: DetachLost, epoch: 1}
	s := assemble(c)
	stop, err := t.Control.Attach()
	if err != nil {
		return nil, fmt.Errorf("attach: %w", err)
	}
	c.beginEvents()
	s.stops.stopped(stop)
	c.only = c.stop.Thread.PID
	return s, nil
}

// assemble makes the parts of a session, from those that need no other upwards.
func assemble(c *core) *Session {
	s := &Session{core: c}
	s.breakpoints = newBreakpoints(c)
	s.files = &files{core: c}
	regs := newRegisters(c)
	mem := &memory{core: c}
	threads := &threads{core: c}
	s.stops = &stops{core: c, breakpoints: s.breakpoints, registers: regs}
	s.nonStop = &nonStop{core: c, breakpoints: s.breakpoints, stops: s.stops}
	s.resumption = &resumption{core: c, breakpoints: s.breakpoints, registers: regs, stops: s.stops, threads: threads, nonStop: s.nonStop}
	environment := &environment{core: c}
	s.requests.init()
	for _, part := range []interface{ register(*requests) }{
		&features{core: c}, threads, regs, mem, s.breakpoints, s.stops, s.nonStop, s.resumption, environment, s.files,
		&processes{core: c, environment: environment, breakpoints: s.breakpoints, stops: s.stops, nonStop: s.nonStop},
		&eventChoice{core: c},
		&documents{core: c, threads: threads},
		&monitor{core: c},
		&qemu{core: c, memory: mem},
	} {
		part.register(&s.requests)
	}
	return s
}

// Output is what must be sent, in order. Sent forgets it.
func (s *Session) Output() []byte { return s.core.w.out }

// Sent tells the session that Output has been written.
func (s *Session) Sent() { s.core.w.out = s.core.w.out[:0] }

// Running reports whether the debugger has resumed the target: the owner sends Output and calls Run.
func (s *Session) Running() bool { return s.resumption.running }

// Finished reports whether the session is over: the owner sends Output and calls Close.
func (s *Session) Finished() bool { return s.core.finished }

// Close ends the session: the target loses this session's breakpoints and hears why. lost is the reason if the
// debugger gave none. A second call does nothing.
func (s *Session) Close(lost DetachReason) {
	if s.closed {
		return
	}
	c := s.core
	s.closed, s.resumption.running = true, false
	if !c.finished {
		c.reason = lost
		if lost == DetachLost && c.exited() {
			c.reason = DetachExited
		}
	}
	c.finished = true
	s.files.closeAll()
	s.breakpoints.removeAll(allProcesses)
	s.nonStop.end()
	c.target.Control.Detach(c.reason)
}

// Feed consumes bytes from the debugger and returns how many. It stops early when the target is to be run, when the
// session is finished or when much output is waiting; the owner then feeds the rest again later.
func (s *Session) Feed(data []byte) int {
	w := s.core.w
	used := 0
	for used < len(data) && !s.resumption.running && !s.core.finished && len(w.out) < maxOutput {
		kind, n := w.in.next(data[used:])
		used += n
		switch kind {
		case eventPacket:
			used += w.received(data[used:])
			s.packet(w.in.payload)
		case eventBad:
			s.core.log("packet with a wrong checksum")
			w.ack('-')
		case eventTooLong:
			// It is acknowledged, because the client would only send it again.
			s.core.log("packet longer than PacketSize")
			w.ack('+')
			w.begin()
			w.error(eBIG, "packet too long")
			w.finish()
		case eventNak:
			w.resend()
		case eventInterrupt:
			// While everything is stopped it comes too late: the target stopped by itself meanwhile.
			if s.Moving() {
				s.nonStop.interruptAll()
			}
		case eventAck, eventNone:
		}
	}
	return used
}

// packet answers one request.
func (s *Session) packet(payload []byte) {
	w := s.core.w
	w.request(payload)
	var err error
	if h, rest := s.requests.find(payload); h != nil {
		err = h(rest)
	} else {
		err = ErrUnsupported
	}
	w.reply(err)
	if errors.Is(err, ErrFatal) {
		s.core.fatalError(err)
	}
}

// Run resumes the target as the debugger asked and reports the stop. When ctx is cancelled the target stops early,
// for the reason that context.Cause gives. After ErrDisconnected nothing is reported.
func (s *Session) Run(ctx context.Context) { s.resumption.run(ctx) }

// Moving reports whether, in non-stop mode, the owner is to call RunNonStop whenever there is nothing to feed.
func (s *Session) Moving() bool { return s.nonStop.moving() }

// RunNonStop runs the target until a thread stops, of which the debugger is notified, or until ctx is cancelled, which the
// owner does when there are bytes to feed.
func (s *Session) RunNonStop(ctx context.Context) { s.nonStop.run(ctx) }

// runBackground lets what is not debugged live on until ctx is cancelled, or until nothing is left to do.
func (s *Session) runBackground(ctx context.Context) {
	s.breakpoints.flush()
	s.core.target.Background.RunBackground(ctx)
	s.core.touch()
}
