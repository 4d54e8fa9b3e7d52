package gdbstub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Serve holds one session with the debugger at the other end of conn and returns when it is over, for whatever
// reason. A debugger that detaches or goes away is no error, however the connection breaks; the errors are those of the
// target, when it can't be attached to or said ErrFatal. If conn is an io.Closer, Serve closes it. When ctx is cancelled
// the session ends at once.
//
// Serve calls the target from its own goroutine only. While the target runs another one reads ahead, so that Ctrl-C is seen;
// what reads a conn that is no socket ends when conn's Read does.
func Serve(ctx context.Context, conn io.ReadWriter, t *Target, opts Options) error {
	if c, ok := conn.(io.Closer); ok {
		defer c.Close()
	}
	s, err := NewSession(t, opts)
	if err != nil {
		return err
	}
	in := newInbox(conn)
	s.core.w.flush = func() {
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

	err = s.converse(conn, in)
	in.abandon()
	reason := DetachLost
	switch {
	case ctx.Err() != nil:
		reason = DetachShutdown
	case err != nil && !errors.Is(err, io.EOF):
		s.core.log(err.Error())
	}
	s.Close(reason)
	return s.core.fatal
}

// Causes of a cancelled run, and of a session's end, that nobody outside hears of.
var (
	// errInput: in non-stop mode, or in the background, there is something to read.
	errInput    = errors.New("input from the debugger")
	errShutdown = errors.New("server shut down")
	// errQuiet: nothing has come in all the time given.
	errQuiet = errors.New("nothing from the debugger")
)

// thinkTime is how long a debugger must be silent to be taken to wait for its user: longer than any takes between the
// packets of one command.
const thinkTime = 50 * time.Millisecond

// converse is Serve's loop; it returns nil when the session says that it is over.
func (s *Session) converse(conn io.Writer, in *inbox) error {
	for {
		// In non-stop mode the target runs while there is nothing to read.
		for s.Moving() && in.quiet() {
			s.RunNonStop(in.runUntilInput())
			in.stopped()
			if err := s.send(conn); err != nil || s.core.finished {
				return err
			}
		}
		data, err := in.take(s.thinkTime())
		if errors.Is(err, errQuiet) {
			s.runBackground(in.runUntilInput())
			in.stopped()
			if s.Moving() {
				continue // something has happened of which the debugger is to be told
			}
			data, err = in.take(forever)
		}
		if err != nil {
			return err
		}
		if err := s.answer(data, conn, in); err != nil || s.core.finished {
			return err
		}
	}
}

// thinkTime is how long the debugger may be silent before the background lives on.
func (s *Session) thinkTime() time.Duration {
	if s.core.target.Background == nil {
		return forever
	}
	return thinkTime
}

// answer feeds what has come to the session and runs the target when that says so.
func (s *Session) answer(data []byte, conn io.Writer, in *inbox) error {
	for len(data) > 0 || s.resumption.running || len(s.core.w.out) > 0 {
		data = data[s.Feed(data):]
		if s.core.w.noAck {
			in.reliable()
		} else {
			in.dropNaks()
		}
		if err := s.send(conn); err != nil || s.core.finished {
			return err
		}
		if s.resumption.running {
			s.Run(in.run(bytes.IndexByte(data, interruptByte) >= 0))
			in.stopped()
		}
	}
	return nil
}

// send writes what is to be sent.
func (s *Session) send(conn io.Writer) error {
	out := s.Output()
	if len(out) == 0 {
		return nil
	}
	if _, err := conn.Write(out); err != nil {
		return fmt.Errorf("reply to debugger: %w", err)
	}
	s.Sent()
	return nil
}
