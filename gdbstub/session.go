package gdbstub

import (
	"bytes"
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
	// Owner hears what concerns the server. Nil is none.
	Owner Owner
}

const (
	defaultPacketSize = 0x20000
	minPacketSize     = 0x400
	// maxOutput ends a Feed early: the next packets wait until the replies have been written, so that many small
	// requests for large replies can't make the output grow without bound.
	maxOutput = 4 * defaultPacketSize
	// maxResend bounds how often a packet is sent again for a client that answers everything with '-'.
	maxResend = 8
)

// Session is one debugger's conversation with one target, without any socket: a state machine fed with bytes.
//
// The owner calls Feed with what arrived, sends Output, and when Running is true calls Run, which returns when the
// target has stopped. A Session belongs to one goroutine.
type Session struct {
	target *Target
	desc   *Description
	opts   Options

	in       decoder
	w        writer
	flush    func() // sends Output, if the session has a connection: an acknowledgement must not wait for the answer
	last     []byte // last packet sent, for '-'
	resends  int
	noAck    bool
	ackNext  bool // QStartNoAckMode was answered: no acks after this packet
	sending  bool
	finished bool
	closed   bool
	reason   DetachReason
	fatal    error // an ErrFatal that ended the session

	client clientFeatures

	extended bool     // '!' was said: the session outlives its processes
	only     int      // with Processes, the one that a client without multiprocess sees; 0 is none
	events   EventSet // what the target was told
	request  RunRequest
	nonStop  nonStopState

	general  ThreadID // Hg: registers and memory
	resume   ThreadID // Hc: the old resume packets
	plan     Plan
	running  bool
	stop     Stop // the last one
	physical bool // memory packets go to PhysicalMemory

	alive     ThreadID // known to be, since the target was last touched; AnyThread is none
	regFiles  map[*Description]*RegisterFile
	regs      *RegisterFile // of regsOf, while regsValid
	regsOf    ThreadID
	regsValid bool

	breakpoints breakpointTable
	threads     threadList
	files       fileTable
	xfer        xferCache

	buf []byte // scratch for one request
}

// NewSession attaches to the target and begins a session with it. The error is the description's or the target's.
func NewSession(t *Target, opts Options) (*Session, error) {
	if t.Description == nil || t.Control == nil || t.Threads == nil || t.Registers == nil || t.Memory == nil {
		return nil, invalid("target without description, control, threads, registers or memory")
	}
	if err := t.Description.Init(); err != nil {
		return nil, err
	}
	if opts.PacketSize == 0 {
		opts.PacketSize = defaultPacketSize
	}
	if opts.Owner == nil {
		opts.Owner = deaf{}
	}
	opts.PacketSize = max(opts.PacketSize, minPacketSize, 4*t.Description.size+64)
	s := &Session{
		target: t,
		desc:   t.Description,
		opts:   opts,
		in:     decoder{limit: opts.PacketSize},
		buf:    make([]byte, opts.PacketSize),
		reason: DetachLost,

		regFiles: map[*Description]*RegisterFile{},
	}
	s.breakpoints.init()
	stop, err := t.Control.Attach()
	if err != nil {
		return nil, fmt.Errorf("attach: %w", err)
	}
	s.beginEvents()
	s.stopped(stop)
	s.only = s.stop.Thread.PID
	return s, nil
}

// Output is what must be sent, in order. Sent forgets it.
func (s *Session) Output() []byte { return s.w.out }

// Sent tells the session that Output has been written.
func (s *Session) Sent() { s.w.out = s.w.out[:0] }

// Running reports whether the debugger has resumed the target: the owner sends Output and calls Run.
func (s *Session) Running() bool { return s.running }

// Finished reports whether the session is over: the owner sends Output and calls Close.
func (s *Session) Finished() bool { return s.finished }

// Close ends the session: the target loses this session's breakpoints and hears why. lost is the reason if the
// debugger gave none. A second call does nothing.
func (s *Session) Close(lost DetachReason) {
	if s.closed {
		return
	}
	s.closed, s.running = true, false
	if !s.finished {
		s.reason = lost
		if lost == DetachLost && s.exited() {
			s.reason = DetachExited
		}
	}
	s.finished = true
	s.files.closeAll()
	s.breakpoints.removeAll(s, allProcesses)
	s.endNonStop()
	s.target.Control.Detach(s.reason)
}

// finish marks the session as over.
func (s *Session) finish(reason DetachReason) {
	s.finished = true
	s.reason = reason
}

// Feed consumes bytes from the debugger and returns how many. It stops early when the target is to be run, when the
// session is finished or when much output is waiting; the owner then feeds the rest again later.
func (s *Session) Feed(data []byte) int {
	used := 0
	for used < len(data) && !s.running && !s.finished && len(s.w.out) < maxOutput {
		kind, n := s.in.next(data[used:])
		used += n
		switch kind {
		case eventPacket:
			s.ack('+')
			s.resends = 0
			if !s.noAck && s.flush != nil {
				s.flush()
				used += s.sentAgain(data[used:])
			}
			s.packet(s.in.payload)
		case eventBad:
			s.log("packet with a wrong checksum")
			s.ack('-')
		case eventTooLong:
			// It is acknowledged, because the client would only send it again.
			s.log("packet longer than PacketSize")
			s.ack('+')
			s.begin()
			s.errorReply(eBIG, "packet too long")
			s.end()
		case eventNak:
			if !s.noAck && s.resends < maxResend {
				s.resends++
				s.w.out = append(s.w.out, s.last...)
			}
		case eventInterrupt:
			// While everything is stopped it comes too late: the target stopped by itself meanwhile.
			if s.Moving() {
				s.interruptNonStop()
			}
		case eventAck, eventNone:
		}
	}
	return used
}

// sentAgain says how many bytes at the front of data are the packet that has just been acknowledged, sent again, or complaints that it has not been
// answered: a client that acknowledges has nothing else to say before it has the acknowledgement, which data has not waited for.
func (s *Session) sentAgain(data []byte) (n int) {
	payload := s.in.payload
	sum := checksum(payload)
	frame := append(append([]byte{'$'}, payload...), '#', hexChars[sum>>4], hexChars[sum&0xf])
	for {
		switch {
		case bytes.HasPrefix(data[n:], frame):
			n += len(frame)
			s.ack('+')
		case n < len(data) && data[n] == '-':
			n++
		default:
			return n
		}
	}
}

func (s *Session) ack(c byte) {
	if !s.noAck {
		s.w.out = append(s.w.out, c)
	}
}

// packet answers one request.
func (s *Session) packet(payload []byte) {
	if s.opts.Trace != nil {
		s.opts.Trace(false, payload)
	}
	s.begin()
	s.sending = true
	h, rest := lookup(payload)
	var err error
	if h != nil {
		err = h(s, rest)
	}
	if err != nil {
		// Whatever the handler had begun to write is dropped.
		s.w.out = s.w.out[:s.w.open+1]
		if !errors.Is(err, ErrUnsupported) {
			s.errorReply(errnoOf(err), err.Error())
		}
	}
	if s.sending {
		s.end()
	} else {
		s.w.out = s.w.out[:s.w.open]
	}
	if s.ackNext {
		s.noAck, s.ackNext = true, false
	}
	if errors.Is(err, ErrFatal) {
		s.fatalError(err)
	}
}

func (s *Session) fatalError(err error) {
	s.log(err.Error())
	s.fatal = err
	s.finish(DetachLost)
}

// begin and end frame a packet; a handler that sends none, or sends its own, clears sending by silent.
func (s *Session) begin() { s.w.begin() }

func (s *Session) end() {
	s.opts.Owner.Replying()
	if s.opts.Trace != nil {
		s.opts.Trace(true, s.w.out[s.w.open+1:])
	}
	p := s.w.end()
	if !s.noAck && p[0] == '$' { // a notification is never asked for again
		s.last = append(s.last[:0], p...)
	}
}

// silent says that this request gets no reply, or none yet.
func (s *Session) silent() { s.sending = false }

// console sends an O packet per piece of text. It may be used while a reply is being built, which is put off.
func (s *Session) console(text []byte) {
	var held []byte
	inReply := s.sending
	if inReply {
		held = append(held, s.w.out[s.w.open:]...)
		s.w.out = s.w.out[:s.w.open]
	}
	limit := (s.opts.PacketSize - 8) / 2
	for len(text) > 0 {
		n := min(len(text), limit)
		s.begin()
		s.w.byte('O')
		s.w.hexBytes(text[:n])
		s.end()
		text = text[n:]
	}
	if inReply {
		s.w.open = len(s.w.out)
		s.w.out = append(s.w.out, held...)
	}
}

// errorReply writes an error into the open packet: with text if the client understands it, else as a number.
func (s *Session) errorReply(n errno, text string) {
	if s.client.errorMessage {
		s.w.str("E.")
		s.w.safeText(text)
		return
	}
	s.w.byte('E')
	s.w.twoDigits(byte(n))
}

func (s *Session) ok() error {
	s.w.str("OK")
	return nil
}

func (s *Session) log(message string) {
	if s.opts.Log != nil {
		s.opts.Log(message)
	}
}

// touch forgets what was cached of the target, after anything that may have changed it.
func (s *Session) touch() {
	s.alive = AnyThread
	s.regsValid = false
	s.xfer.valid = false
}

// exited reports whether there is no target left to look at.
func (s *Session) exited() bool {
	if s.target.Processes != nil {
		return len(s.target.Processes.Debugged()) == 0
	}
	return s.stop.ended()
}

// Run resumes the target as the debugger asked and reports the stop. When ctx is cancelled the target stops early,
// for the reason that context.Cause gives. After ErrDisconnected nothing is reported.
func (s *Session) Run(ctx context.Context) {
	if !s.running {
		return
	}
	s.breakpoints.flush(s)
	s.touch()
	s.sending = false
	stop, err := s.target.Control.Resume(ctx, &s.plan)
	for err == nil && s.hidden(&stop) {
		s.forget(stop.Thread.PID)
		stop, err = s.target.Control.Resume(ctx, &s.plan)
	}
	s.running = false
	if err != nil {
		stop = s.failedStop(err)
	}
	s.stopped(stop)
	if errors.Is(context.Cause(ctx), ErrDisconnected) {
		return
	}
	if stop.Console != "" {
		s.console([]byte(stop.Console))
	}
	s.begin()
	s.stopReply(&s.stop)
	s.end()
}

// failedStop makes a stop of an error of the target's, so that the debugger hears of it.
func (s *Session) failedStop(err error) Stop {
	if errors.Is(err, ErrFatal) {
		s.fatalError(err)
	} else {
		s.log(err.Error())
	}
	return Stop{Kind: StopSignal, Signal: SIGTRAP, Thread: s.target.Threads.Current(), Core: -1, Console: err.Error() + "\n"}
}

// stopped notes a stop: its thread becomes the selected one.
func (s *Session) stopped(stop Stop) {
	s.stop = stop
	s.general, s.resume = stop.Thread, AnyThread
	s.touch()
	s.settle(&stop)
}

// lookup finds the handler of a request and the arguments that follow its name.
func lookup(payload []byte) (handler, []byte) {
	if len(payload) == 0 {
		return nil, nil
	}
	switch payload[0] {
	case 'q', 'Q', 'v':
		if rest, ok := bytes.CutPrefix(payload, []byte(threadStopInfoName)); ok {
			return (*Session).threadStopInfo, rest // a thread follows its name without a mark between them
		}
		name := payload
		if i := bytes.IndexAny(payload, ":;,?="); i >= 0 {
			name = payload[:i]
		}
		return namedHandlers[string(name)], payload[len(name):]
	}
	return letterHandlers[payload[0]], payload[1:]
}

// handler answers one request: it writes into s.w and returns nil, or returns an error and what it wrote is dropped.
// ErrUnsupported makes the empty reply, any other an error reply.
type handler func(s *Session, rest []byte) error
