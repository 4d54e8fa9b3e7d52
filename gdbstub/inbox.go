package gdbstub

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// inbox holds what has been read from the debugger but not yet fed to the session, and watches it for Ctrl-C while the
// target runs.
//
// Once packets are not acknowledged any more, whoever waits for one reads the connection itself: to hand each from one goroutine to another costs more
// than to answer it. While the target runs a goroutine reads ahead, but not in the first moments of a run, in which most end; what it has begun to read
// then is handed over. A connection on which a read can't be broken off is read ahead always.
type inbox struct {
	conn io.Reader
	// deadlines is the connection if a read can be broken off, else nil.
	deadlines interface{ SetReadDeadline(time.Time) error }
	buf       []byte // of who reads

	mu      sync.Mutex // of what follows
	changed *sync.Cond // more bytes, fewer bytes, something that has begun, or the end
	pending []byte
	spare   []byte // the other buffer, which the session works on
	err     error  // no more bytes will come, and why
	gone    bool   // nobody takes any more

	inline bool // the session reads itself
	ahead  bool // a goroutine is reading

	doing    activity
	begun    uint          // counts what the session has begun to do
	limit    time.Duration // of waiting
	expired  bool          // the read was broken off for it
	yields   bool          // the run is to stop for any byte, not only for Ctrl-C
	sleeping bool          // the lookout is, and must be told of what begins
	ctx      context.Context
	cancel   context.CancelCauseFunc
}

// activity is what the session does.
type activity uint8

const (
	working activity = iota
	waiting          // reads the connection
	running          // runs the target
)

const (
	readSize = 64 << 10
	// maxPending holds back a client that sends faster than it is answered.
	maxPending = 1 << 20
	// forever is how long take waits without a limit.
	forever time.Duration = -1
)

func newInbox(conn io.Reader) *inbox {
	in := &inbox{conn: conn, buf: make([]byte, readSize), ahead: true}
	in.deadlines, _ = conn.(interface{ SetReadDeadline(time.Time) error })
	in.changed = sync.NewCond(&in.mu)
	in.renew()
	go in.readAhead()
	return in
}

// renew makes a context for the next runs; one serves until it has been cancelled.
func (in *inbox) renew() { in.ctx, in.cancel = context.WithCancelCause(context.Background()) }

// reliable says that packets are not acknowledged any more. As long as they are, what comes before an answer has been sent must be known.
func (in *inbox) reliable() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.inline && in.deadlines != nil {
		in.inline = true
		go in.lookOut()
	}
}

// lookoutInterval is how often the lookout looks: a run is at most twice as long until somebody reads ahead.
const lookoutInterval = 10 * time.Millisecond

// lookOut starts to read ahead when a run lasts, and breaks off a read that has reached its limit. As long as much begins it looks at intervals,
// which costs less than a timer for each; then it sleeps.
func (in *inbox) lookOut() {
	const patience = 20 // looks at which nothing has begun
	in.mu.Lock()
	defer in.mu.Unlock()
	for looks, seen := 0, in.begun; !in.gone && in.err == nil; looks++ {
		if looks > patience {
			in.sleeping = true
			for in.sleeping && !in.gone && in.err == nil {
				in.changed.Wait()
			}
			looks, seen = 0, in.begun
		}
		in.mu.Unlock()
		time.Sleep(lookoutInterval)
		in.mu.Lock()
		switch {
		case in.begun != seen:
			looks, seen = 0, in.begun
		case in.doing == running && !in.ahead:
			in.ahead = true
			in.mu.Unlock()
			in.readAhead()
			in.mu.Lock()
		case in.doing == waiting && in.limit >= 0 && time.Duration(looks)*lookoutInterval >= in.limit && !in.expired:
			in.expired = in.deadlines.SetReadDeadline(time.Unix(0, 1)) == nil
		}
	}
}

// begin notes what the session does now.
func (in *inbox) begin(a activity) {
	in.doing = a
	in.begun++
	if in.sleeping {
		in.sleeping = false
		in.changed.Broadcast()
	}
}

// readAhead reads as long as it is needed; where the session reads itself, that is until the read that ends after a run. It is called with ahead set.
func (in *inbox) readAhead() {
	for {
		n, err := in.conn.Read(in.buf)
		if !in.put(in.buf[:n], err) {
			return
		}
	}
}

// put takes what the goroutine that reads ahead has read; false says that it is not to go on.
func (in *inbox) put(b []byte, err error) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	defer in.changed.Broadcast()
	if in.doing == running {
		switch {
		case bytes.IndexByte(b, interruptByte) >= 0:
			in.cancel(ErrInterrupted)
		case in.yields && len(b) > 0:
			in.cancel(errInput)
		}
		if len(in.pending)+len(b) > maxPending {
			// No debugger sends that much while it waits for a stop, and not to read on would hide its Ctrl-C.
			b, err = nil, errors.New("too much input while the target runs")
		}
	}
	for len(in.pending) > 0 && len(in.pending)+len(b) > maxPending && !in.gone {
		in.changed.Wait()
	}
	if !in.gone && in.err == nil {
		in.pending = append(in.pending, b...)
	}
	if err != nil {
		in.fail(err)
	}
	in.ahead = !in.gone && in.err == nil && (in.doing == running || !in.inline)
	return in.ahead
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
	if in.doing == running {
		in.cancel(ErrDisconnected)
	}
	in.changed.Broadcast()
}

// take waits for bytes and returns them all; they are valid until the next call. It gives up with errQuiet after about the time given. At the end,
// what was still pending is returned first, except after a shutdown.
func (in *inbox) take(limit time.Duration) ([]byte, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.arrives(limit) {
		return nil, errQuiet
	}
	if len(in.pending) == 0 || in.err == errShutdown {
		return nil, in.err
	}
	data := in.pending
	in.pending, in.spare = in.spare[:0], data
	if in.ahead {
		in.changed.Broadcast() // the reader may wait for room
	}
	return data, nil
}

// arrives waits until there are bytes, or an end.
func (in *inbox) arrives(limit time.Duration) bool {
	for len(in.pending) == 0 && in.err == nil {
		switch {
		case !in.ahead:
			if !in.read(limit) {
				return false
			}
		case limit < 0:
			in.changed.Wait()
		case !in.delivered(limit):
			return false
		}
	}
	return true
}

// delivered waits for what the goroutine that reads ahead delivers.
func (in *inbox) delivered(limit time.Duration) bool {
	over := false
	timer := time.AfterFunc(limit, func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		over = true
		in.changed.Broadcast()
	})
	defer timer.Stop()
	for len(in.pending) == 0 && in.err == nil && !over {
		in.changed.Wait()
	}
	return len(in.pending) > 0 || in.err != nil
}

// read reads the connection once, where nobody else does; false says that there was nothing in the time given.
func (in *inbox) read(limit time.Duration) bool {
	in.limit = limit
	in.begin(waiting)
	in.mu.Unlock()
	n, err := in.conn.Read(in.buf)
	in.mu.Lock()
	in.doing = working
	in.pending = append(in.pending, in.buf[:n]...)
	if in.expired {
		in.expired = false
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = in.deadlines.SetReadDeadline(time.Time{})
		} else {
			err = errors.Join(err, in.deadlines.SetReadDeadline(time.Time{}))
		}
		if n == 0 && err == nil {
			return false
		}
	}
	if err != nil {
		in.fail(err)
	}
	return true
}

// dropNaks forgets complaints that nothing has come. It is called before an answer is sent, which they cannot be about.
func (in *inbox) dropNaks() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.pending) > 0 && in.pending[0] == '-' {
		in.pending = in.pending[1:]
	}
}

// abandon lets the readers go.
func (in *inbox) abandon() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.gone = true
	in.changed.Broadcast()
}

// quiet reports whether nothing waits to be taken.
func (in *inbox) quiet() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.pending) == 0 && in.err == nil
}

// run begins a run. Its context is cancelled at once if a Ctrl-C has come already, in what the session has not
// used yet (interrupted) or in what is pending, and later when one comes or the debugger goes away.
func (in *inbox) run(interrupted bool) context.Context {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.begin(running)
	switch {
	case interrupted || bytes.IndexByte(in.pending, interruptByte) >= 0:
		in.cancel(ErrInterrupted)
	case in.err != nil:
		in.cancel(ErrDisconnected)
	}
	return in.ctx
}

// runUntilInput begins a run whose context is cancelled as soon as anything comes.
func (in *inbox) runUntilInput() context.Context {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.begin(running)
	in.yields = true
	switch {
	case in.err != nil:
		in.cancel(ErrDisconnected)
	case len(in.pending) > 0:
		in.cancel(errInput)
	case !in.ahead:
		in.ahead = true
		go in.readAhead()
	}
	return in.ctx
}

// stopped ends a run.
func (in *inbox) stopped() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.doing, in.yields = working, false
	if in.ctx.Err() != nil {
		in.renew()
	}
}
