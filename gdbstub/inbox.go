package gdbstub

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// inbox holds what has been read from the debugger but not yet fed to the session, and watches it for Ctrl-C while the
// target runs.
//
// Whoever waits for a packet reads the connection itself: to hand each from one goroutine to another costs more than to answer it. While the target runs
// a goroutine reads ahead, but not in the first moments of a run, in which most end; what it has begun to read then is handed over. A
// connection that can't be waited for with a time limit is read ahead always.
type inbox struct {
	conn io.Reader
	poll *poller // nil if the connection can't be waited for
	buf  []byte  // of who reads
	told bool    // something has been read

	mu      sync.Mutex // of what follows
	changed *sync.Cond // more bytes, fewer bytes, a run that began, or the end
	pending []byte
	spare   []byte // the other buffer, which the session works on
	err     error  // no more bytes will come, and why
	gone    bool   // nobody takes any more
	ahead   bool   // a goroutine is reading

	active   bool // the target runs
	yields   bool // and is to stop for any byte, not only for Ctrl-C
	runs     uint // counts the runs that began
	sleeping bool // the lookout is, and must be told of a run
	ctx      context.Context
	cancel   context.CancelCauseFunc
}

const (
	readSize = 64 << 10
	// maxPending holds back a client that sends faster than it is answered.
	maxPending = 1 << 20
	// forever is how long take waits without a limit.
	forever time.Duration = -1
)

func newInbox(conn io.Reader) *inbox {
	in := &inbox{conn: conn, poll: newPoller(conn), buf: make([]byte, readSize)}
	in.changed = sync.NewCond(&in.mu)
	in.renew()
	if in.poll == nil {
		in.ahead = true
		go in.readAhead()
	} else {
		go in.lookOut()
	}
	return in
}

// renew makes a context for the next runs; one serves until it has been cancelled.
func (in *inbox) renew() { in.ctx, in.cancel = context.WithCancelCause(context.Background()) }

// lookoutDelay is how long a run lasts before somebody looks for a Ctrl-C.
const lookoutDelay = time.Millisecond

// lookOut starts to read ahead when a run lasts. As long as runs follow each other it looks after each delay, which costs less than to be told of
// each of them; then it sleeps.
func (in *inbox) lookOut() {
	const patience = 50 // looks without a run
	in.mu.Lock()
	defer in.mu.Unlock()
	for idle, seen := 0, in.runs; !in.gone && in.err == nil; {
		if idle >= patience {
			in.sleeping = true
			for in.sleeping && !in.gone && in.err == nil {
				in.changed.Wait()
			}
			idle = 0
		}
		in.mu.Unlock()
		time.Sleep(lookoutDelay)
		in.mu.Lock()
		switch {
		case in.active && in.runs == seen && !in.ahead:
			in.ahead = true
			in.mu.Unlock()
			in.readAhead()
			in.mu.Lock()
		case in.runs == seen:
			idle++
		default:
			idle, seen = 0, in.runs
		}
	}
}

// readAhead reads while the target runs; the last read ends after the run. It is called with ahead set.
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
	if in.active && bytes.IndexByte(b, interruptByte) >= 0 {
		in.cancel(ErrInterrupted)
	}
	if in.active && in.yields && len(b) > 0 {
		in.cancel(errInput)
	}
	if in.active && len(in.pending)+len(b) > maxPending {
		// No debugger sends that much while it waits for a stop, and not to read on would hide its Ctrl-C.
		err = errors.New("too much input while the target runs")
		b = nil
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
	in.ahead = !in.gone && in.err == nil && (in.active || in.poll == nil)
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
	if in.active {
		in.cancel(ErrDisconnected)
	}
	in.changed.Broadcast()
}

// hangUp wakes who waits for the connection.
func (in *inbox) hangUp() {
	if in.poll != nil {
		in.poll.hangUp()
	}
}

// take waits for bytes and returns them all; they are valid until the next call. It gives up with errQuiet after the time given. At the end,
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
	over := false
	for len(in.pending) == 0 && in.err == nil && !over {
		switch {
		case !in.ahead:
			over = !in.read(limit)
		case limit == forever:
			in.changed.Wait()
		default:
			over = !in.delivered(limit)
		}
	}
	return !over
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

// read reads the connection once, where nobody else does; false says that there was nothing in the time given. A connection may hold what was
// read from it before it was served, so the first time there is no need to wait.
func (in *inbox) read(limit time.Duration) (came bool) {
	in.mu.Unlock()
	var n int
	var err error
	if came = !in.told || in.poll.wait(limit); came {
		n, err = in.conn.Read(in.buf)
		in.told = true
	}
	in.mu.Lock()
	in.pending = append(in.pending, in.buf[:n]...)
	if err != nil {
		in.fail(err)
	}
	return came
}

// dropNaks forgets complaints that nothing has come. It is called before an answer is sent, which they cannot be about.
func (in *inbox) dropNaks() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.ahead && in.err == nil && len(in.pending) < maxPending {
		in.read(0)
	}
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

// running begins a run. Its context is cancelled at once if a Ctrl-C has come already, in what the session has not
// used yet (interrupted) or in what is pending, and later when one comes or the debugger goes away.
func (in *inbox) running(interrupted bool) context.Context {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.active = true
	in.runs++
	if in.sleeping {
		in.sleeping = false
		in.changed.Broadcast()
	}
	switch {
	case interrupted || bytes.IndexByte(in.pending, interruptByte) >= 0:
		in.cancel(ErrInterrupted)
	case in.err != nil:
		in.cancel(ErrDisconnected)
	}
	return in.ctx
}

// runningUntilInput begins a run whose context is cancelled as soon as anything comes.
func (in *inbox) runningUntilInput() context.Context {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.active, in.yields = true, true
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
	in.active, in.yields = false, false
	if in.ctx.Err() != nil {
		in.renew()
	}
}
