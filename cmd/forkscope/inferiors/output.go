package inferiors

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"sync"
)

// Output collects what a process prints; others wait for parts of it.
type Output struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	more chan struct{} // closed when something was added
	eof  bool
}

// NewOutput returns one that has collected nothing.
func NewOutput() *Output { return &Output{more: make(chan struct{})} }

// CopyFrom collects until r ends.
func (o *Output) CopyFrom(r io.Reader) {
	b := make([]byte, 4096)
	for {
		n, err := r.Read(b)
		o.mu.Lock()
		o.buf.Write(b[:n])
		o.eof = err != nil
		close(o.more)
		o.more = make(chan struct{})
		o.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// From is what came after the first start bytes.
func (o *Output) From(start int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()[start:]
}

// Await returns where the first match at or after start begins and ends.
func (o *Output) Await(ctx context.Context, start int, re *regexp.Regexp) (from, to int, err error) {
	for {
		o.mu.Lock()
		loc, more, eof := re.FindIndex(o.buf.Bytes()[start:]), o.more, o.eof
		o.mu.Unlock()
		switch {
		case loc != nil:
			return start + loc[0], start + loc[1], nil
		case eof:
			return 0, 0, fmt.Errorf("the output ended before %q", re)
		}
		select {
		case <-more:
		case <-ctx.Done():
			return 0, 0, fmt.Errorf("%q was not printed in time", re)
		}
	}
}

// AwaitEnd waits until nothing more can come.
func (o *Output) AwaitEnd(ctx context.Context) error {
	for {
		o.mu.Lock()
		more, eof := o.more, o.eof
		o.mu.Unlock()
		if eof {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("the output did not end in time")
		}
	}
}
