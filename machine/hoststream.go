package machine

import (
	"context"
	"errors"
	"io"
	"sync"
	"syscall"
)

// Input is a stream of the host's that guests read, one after the other.
type Input struct {
	r      io.Reader
	atOnce bool

	mu      sync.Mutex
	reading bool
	deliver func([]byte, error) // to whom what is being read goes: the last that asked
}

// NewInput returns an Input that reads r. atOnce says that a read of r never waits and that its bytes do not depend on when they are read, as
// with a regular file: then they enter the guest when it asks for them, and the same file is the same run. Otherwise r is read, by another
// goroutine, when the guest asks and no further than it asks, and what comes passes the gate.
func NewInput(r io.Reader, atOnce bool) *Input { return &Input{r: r, atOnce: atOnce} }

// ask begins a read of at most n bytes, unless one that an earlier machine has begun is still under way.
func (i *Input) ask(n int, deliver func([]byte, error)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.deliver = deliver
	if i.reading {
		return
	}
	i.reading = true
	go func() {
		b := make([]byte, n)
		var err error
		for n = 0; n == 0 && err == nil; {
			n, err = i.r.Read(b)
		}
		i.mu.Lock()
		deliver := i.deliver
		i.reading = false
		i.mu.Unlock()
		deliver(b[:n], err)
	}()
}

// Output is a stream of the host's that guests write. Several ports may share one: their bytes stay in order.
type Output struct {
	w      io.Writer
	atOnce bool
	report func(error)

	mu      sync.Mutex
	changed *sync.Cond
	queue   []byte
	shares  []share // whose bytes the queue's are, in order
	writing bool
	failed  error
	senders map[any]sender
	unsaid  map[any]int // bytes taken that the sender was not told of
}

// sender is who hears of what becomes of the bytes: key tells senders apart.
type sender struct {
	key    any
	taken  func(n int)
	closed func(error)
}

type share struct {
	key any
	n   int
}

// takenStep is how many bytes of a sender must have been taken before it hears of it. It is much less than how far a port lets the host be behind, so
// what was not said holds nothing up, and a run that prints little hears of nothing.
const takenStep = 128 << 10

// NewOutput returns an Output that writes w. atOnce says that a write to w never waits for anybody, as with a regular file; otherwise another
// goroutine writes. report hears of the error that ends the output, if it is another than that nobody reads it; nil is nobody.
func NewOutput(w io.Writer, atOnce bool, report func(error)) *Output {
	o := &Output{w: w, atOnce: atOnce, report: report, senders: make(map[any]sender), unsaid: make(map[any]int)}
	o.changed = sync.NewCond(&o.mu)
	return o
}

// put queues bytes.
func (o *Output) put(p []byte, from sender) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed != nil {
		from.closed(o.failed)
		return
	}
	o.senders[from.key] = from
	o.queue = append(o.queue, p...)
	if last := len(o.shares) - 1; last >= 0 && o.shares[last].key == from.key {
		o.shares[last].n += len(p)
	} else {
		o.shares = append(o.shares, share{from.key, len(p)})
	}
	if !o.writing {
		o.writing = true
		go o.write()
	}
}

// write writes until the queue is empty.
func (o *Output) write() {
	var spare []byte
	for {
		o.mu.Lock()
		if len(o.queue) == 0 || o.failed != nil {
			o.writing = false
			o.queue, o.shares = nil, nil
			o.changed.Broadcast()
			o.mu.Unlock()
			return
		}
		b, shares := o.queue, o.shares
		o.queue, o.shares = spare[:0], nil
		o.mu.Unlock()

		_, err := o.w.Write(b)
		spare = b
		if err != nil {
			o.fail(err)
			continue
		}
		o.mu.Lock()
		for _, s := range shares {
			o.unsaid[s.key] += s.n
			if n := o.unsaid[s.key]; n >= takenStep {
				o.unsaid[s.key] = 0
				o.senders[s.key].taken(n)
			}
		}
		o.mu.Unlock()
	}
}

// fail ends the output, and reports whether it had not ended yet.
func (o *Output) fail(err error) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed != nil {
		return false
	}
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		err = errClosed
	} else if o.report != nil {
		o.report(err)
	}
	o.failed = err
	for _, s := range o.senders {
		s.closed(err)
	}
	return true
}

// Flush waits until everything has been written, or can't be, or ctx is done.
func (o *Output) Flush(ctx context.Context) {
	defer context.AfterFunc(ctx, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.changed.Broadcast()
	})()
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.writing && ctx.Err() == nil {
		o.changed.Wait()
	}
}
