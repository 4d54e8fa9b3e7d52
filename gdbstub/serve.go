package gdbstub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Serve holds one session with the debugger at the other end of conn and returns when it is over, for whatever
// reason. A debugger that detaches or goes away is no error, however the connection breaks; the errors are those of the
// target, when it can't be attached to or said ErrFatal. If conn is an io.Closer, Serve closes it. When ctx is cancelled
// the session ends at once.
//
// Serve calls the target from its own goroutine only. A second one reads ahead, so that Ctrl-C is seen while the target
// runs; it ends when conn's Read does.
func Serve(ctx context.Context, conn io.ReadWriter, t *Target, opts Options) error {
	if c, ok := conn.(io.Closer); ok {
		defer c.Close()
	}
	s, err := NewSession(t, opts)
	if err != nil {
		return err
	}
	in := newInbox()
	s.flush = func() {
		// An error is seen again when the answer is sent.
		_ = s.send(conn)
	}
	stop := context.AfterFunc(ctx, func() {
		in.end(errShutdown)
		if c, ok := conn.(io.Closer); ok {
			c.Close() // a write may be waiting for a debugger that doesn't read
		}
	})
	defer stop()
	go in.readFrom(conn)

	err = s.converse(conn, in)
	in.abandon()
	reason := DetachLost
	switch {
	case ctx.Err() != nil:
		reason = DetachShutdown
	case err != nil && !errors.Is(err, io.EOF):
		s.log(err.Error())
	}
	s.Close(reason)
	return s.fatal
}

// errInput is the cause of a cancelled run in non-stop mode: there is something to read.
var errInput = errors.New("input from the debugger")

var errShutdown = errors.New("server shut down")

// converse is Serve's loop; it returns nil when the session says that it is over.
func (s *Session) converse(conn io.Writer, in *inbox) error {
	for {
		// In non-stop mode the target runs while there is nothing to read.
		for s.Moving() && in.quiet() {
			s.RunNonStop(in.runningUntilInput())
			in.stopped()
			if err := s.send(conn); err != nil || s.finished {
				return err
			}
		}
		if b := s.target.Background; b != nil && !s.Moving() && in.quietFor(thinkTime) {
			s.breakpoints.flush(s)
			b.RunBackground(in.runningUntilInput())
			in.stopped()
			s.touch()
			if s.Moving() {
				continue // something has happened of which the debugger is to be told
			}
		}
		data, err := in.take()
		if err != nil {
			return err
		}
		for len(data) > 0 || s.running || len(s.w.out) > 0 {
			data = data[s.Feed(data):]
			if !s.noAck {
				in.dropNaks()
			}
			if err := s.send(conn); err != nil {
				return err
			}
			if s.finished {
				return nil
			}
			if s.running {
				s.Run(in.running(bytes.IndexByte(data, interruptByte) >= 0))
				in.stopped()
			}
		}
	}
}

// send writes what is to be sent.
func (s *Session) send(conn io.Writer) error {
	if len(s.w.out) == 0 {
		return nil
	}
	if _, err := conn.Write(s.w.out); err != nil {
		return fmt.Errorf("reply to debugger: %w", err)
	}
	s.Sent()
	return nil
}

// inbox holds what has been read from the debugger but not yet fed to the session, and watches it for Ctrl-C while the
// target runs.
type inbox struct {
	mu      sync.Mutex
	changed *sync.Cond // more bytes, fewer bytes, or the end
	pending []byte
	spare   []byte // the other buffer, which the session works on
	err     error  // no more bytes will come, and why
	gone    bool   // nobody takes any more

	active bool // the target runs
	yields bool // and is to stop for any byte, not only for Ctrl-C
	ctx    context.Context
	cancel context.CancelCauseFunc
}

const (
	readSize = 64 << 10
	// maxPending holds back a client that sends faster than it is answered.
	maxPending = 1 << 20
)

func newInbox() *inbox {
	in := &inbox{}
	in.changed = sync.NewCond(&in.mu)
	in.renew()
	return in
}

// renew makes a context for the next runs; one serves until it has been cancelled.
func (in *inbox) renew() { in.ctx, in.cancel = context.WithCancelCause(context.Background()) }

func (in *inbox) readFrom(r io.Reader) {
	buf := make([]byte, readSize)
	for {
		n, err := r.Read(buf)
		if !in.put(buf[:n]) {
			return
		}
		if err != nil {
			in.end(err)
			return
		}
	}
}

// put adds bytes; false says that nobody wants them.
func (in *inbox) put(b []byte) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.active && bytes.IndexByte(b, interruptByte) >= 0 {
		in.cancel(ErrInterrupted)
	}
	if in.active && in.yields && len(b) > 0 {
		in.cancel(errInput)
	}
	if in.active && len(in.pending)+len(b) > maxPending {
		// No debugger sends that much while it waits for a stop, and not to read on would hide its Ctrl-C.
		in.fail(errors.New("too much input while the target runs"))
		return false
	}
	for len(in.pending) > 0 && len(in.pending)+len(b) > maxPending && !in.gone {
		in.changed.Wait()
	}
	if in.gone || in.err != nil {
		return false
	}
	in.pending = append(in.pending, b...)
	in.changed.Broadcast()
	return true
}

// end says that no more will come.
func (in *inbox) end(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.fail(err)
}

func (in *inbox) fail(err error) {
	if in.err == nil {
		in.err = err
	}
	if in.active {
		in.cancel(ErrDisconnected)
	}
	in.changed.Broadcast()
}

// take waits for bytes and returns them all; they are valid until the next call. At the end, what was still pending
// is returned first, except after a shutdown.
func (in *inbox) take() ([]byte, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.pending) == 0 && in.err == nil {
		in.changed.Wait()
	}
	if len(in.pending) == 0 || in.err == errShutdown {
		return nil, in.err
	}
	data := in.pending
	in.pending, in.spare = in.spare[:0], data
	in.changed.Broadcast()
	return data, nil
}

// dropNaks forgets complaints that nothing has come. It is called before an answer is sent, which they cannot be about.
func (in *inbox) dropNaks() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.pending) > 0 && in.pending[0] == '-' {
		in.pending = in.pending[1:]
	}
}

// abandon lets the reader go.
func (in *inbox) abandon() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.gone = true
	in.changed.Broadcast()
}

// running begins a run. Its context is cancelled at once if a Ctrl-C has come already, in what the session has not
// used yet (interrupted) or in what is pending, and later when one comes or the debugger goes away.
func (in *inbox) running(interrupted bool) context.Context {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.active = true
	switch {
	case interrupted || bytes.IndexByte(in.pending, interruptByte) >= 0:
		in.cancel(ErrInterrupted)
	case in.err != nil:
		in.cancel(ErrDisconnected)
	}
	return in.ctx
}

// quiet reports whether nothing waits to be taken.
func (in *inbox) quiet() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.pending) == 0 && in.err == nil
}

// thinkTime is how long a debugger must be silent to be taken to wait for its user: longer than any takes between the
// packets of one command.
const thinkTime = 50 * time.Millisecond

// quietFor waits, and says whether nothing has come in all that time.
func (in *inbox) quietFor(d time.Duration) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	over := false
	timer := time.AfterFunc(d, func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		over = true
		in.changed.Broadcast()
	})
	defer timer.Stop()
	for len(in.pending) == 0 && in.err == nil && !over {
		in.changed.Wait()
	}
	return len(in.pending) == 0 && in.err == nil
}

// runningUntilInput begins a run in non-stop mode, whose context is cancelled as soon as anything comes.
func (in *inbox) runningUntilInput() context.Context {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.active, in.yields = true, true
	switch {
	case in.err != nil:
		in.cancel(ErrDisconnected)
	case len(in.pending) > 0:
		in.cancel(errInput)
	}
	return in.ctx
}

// stopped ends a run.
func (in *inbox) stopped() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.active, in.yields = false, false
	if in.ctx.Err() != nil {
		in.renew()
	}
}
