package main

import (
	"context"
	"io"
	"os"
	"reflect"
	"sync"
	"time"

	"golang.org/x/term"
)

// outlet passes on what is written to the command's output streams, in the background: a stream whose reader has fallen asleep holds up the
// guest, which is to look for Room, and nobody else. What was written to both streams of one outlet comes in that order.
type outlet struct {
	mu      sync.Mutex
	changed *sync.Cond
	queue   []piece
	size    int           // bytes in queue, or being written
	room    chan struct{} // closed when there is room again; nil while there is
	closing bool
	stuck   bool // a wait for what is being written was in vain
	done    chan struct{}
}

// piece is what is to be written to one stream.
type piece struct {
	to   *stream
	data []byte
}

// stream is one of the command's output streams.
type stream struct {
	*outlet
	w       io.Writer
	message bool        // what comes is the command's own words, which may be dropped
	cooked  func() bool // says whether a line needs a carriage return; nil is never
	failed  error       // of the outlet's goroutine
	report  func(error) // hears of the first error; nil is none
}

const (
	// enoughOutput is how many bytes may wait before the guest is held up, and mostOutput how many before messages are dropped.
	enoughOutput = 64 << 10
	mostOutput   = 1 << 20
	// settling is how long a debugger's answer waits for what the program has printed before: usually it takes microseconds, and if it
	// takes longer the reader is asleep.
	settling = 100 * time.Millisecond
)

// newOutlets makes the ways out for the guest's console and for messages: one for both if they lead to the same place.
func newOutlets(console, messages io.Writer) (out, words *stream, finish func(context.Context)) {
	a := newOutlet()
	b := a
	if !sameStream(console, messages) {
		b = newOutlet()
	}
	out = &stream{outlet: a, w: console}
	words = &stream{outlet: b, w: messages, message: true}
	return out, words, func(ctx context.Context) {
		a.finish(ctx)
		if b != a {
			b.finish(ctx)
		}
	}
}

func newOutlet() *outlet {
	o := &outlet{done: make(chan struct{})}
	o.changed = sync.NewCond(&o.mu)
	go o.pass()
	return o
}

// sameStream says whether two streams are one file, pipe or terminal.
func sameStream(a, b io.Writer) bool {
	f, ok := a.(*os.File)
	g, also := b.(*os.File)
	if !ok || !also {
		return a != nil && reflect.TypeOf(a).Comparable() && a == b
	}
	x, err := f.Stat()
	if err != nil {
		return false
	}
	y, err := g.Stat()
	return err == nil && os.SameFile(x, y)
}

// pass writes what is in the queue until the outlet is finished.
func (o *outlet) pass() {
	defer close(o.done)
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		for len(o.queue) == 0 && !o.closing {
			o.changed.Wait()
		}
		if len(o.queue) == 0 {
			return
		}
		p := o.queue[0]
		o.queue = o.queue[1:]
		o.mu.Unlock()
		p.to.put(p.data)
		o.mu.Lock()
		o.size -= len(p.data)
		o.stuck = false
		if o.room != nil && o.size < enoughOutput {
			close(o.room)
			o.room = nil
		}
		o.changed.Broadcast()
	}
}

// put writes to the stream itself.
func (s *stream) put(b []byte) {
	if s.failed != nil || s.w == nil {
		return
	}
	if _, s.failed = s.w.Write(b); s.failed != nil && s.report != nil {
		s.report(s.failed)
	}
}

// Write implements io.Writer. It never waits.
func (s *stream) Write(b []byte) (int, error) {
	data := append([]byte(nil), b...)
	if s.cooked != nil && s.cooked() {
		data = returned(data)
	}
	o := s.outlet
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing || s.message && o.size >= mostOutput {
		return len(b), nil
	}
	if n := len(o.queue); n > 0 && o.queue[n-1].to == s && len(o.queue[n-1].data) < enoughOutput {
		o.queue[n-1].data = append(o.queue[n-1].data, data...)
	} else {
		o.queue = append(o.queue, piece{s, data})
	}
	o.size += len(data)
	o.changed.Broadcast()
	return len(b), nil
}

// returned puts a carriage return before each line feed that has none.
func returned(b []byte) []byte {
	out := make([]byte, 0, len(b)+8)
	for i, c := range b {
		if c == '\n' && (i == 0 || b[i-1] != '\r') {
			out = append(out, '\r')
		}
		out = append(out, c)
	}
	return out
}

// Room implements machine.BoundedWriter.
func (s *stream) Room() <-chan struct{} {
	o := s.outlet
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.size < enoughOutput {
		return nil
	}
	if o.room == nil {
		o.room = make(chan struct{})
	}
	return o.room
}

// settle waits until everything has been written, unless the reader is asleep.
func (o *outlet) settle() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.size == 0 || o.stuck {
		return
	}
	timer := time.AfterFunc(settling, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.stuck = o.size > 0
		o.changed.Broadcast()
	})
	defer timer.Stop()
	for o.size > 0 && !o.stuck {
		o.changed.Wait()
	}
}

// finish writes what is left, and then takes no more. When ctx is cancelled the rest is dropped.
func (o *outlet) finish(ctx context.Context) {
	o.mu.Lock()
	o.closing = true
	o.changed.Broadcast()
	o.mu.Unlock()
	select {
	case <-o.done:
	case <-ctx.Done():
		// What flows is written nevertheless.
		o.settle()
	}
}

// isTerminal says whether what is printed goes to a terminal.
func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
