package machine

import (
	"io"

	"github.com/sirupsen/logrus"
)

// consoleBuffer is how many bytes of one line wait before they are written.
const consoleBuffer = 4096

// BoundedWriter is a Console that never makes the machine wait in the middle of an instruction.
type BoundedWriter interface {
	io.Writer
	// Room is nil while there is room for more, else a channel that is closed when there is again.
	Room() <-chan struct{}
}

// console collects the guest's output into lines. It is written out at a newline, when the guest idles, at each stop, and at
// least every slice of instructions.
type console struct {
	name   string // in messages
	w      io.Writer
	log    *logrus.Entry
	buf    []byte
	failed bool
}

func (c *console) put(b byte) {
	c.buf = append(c.buf, b)
	if b == '\n' || len(c.buf) >= consoleBuffer {
		c.flush()
	}
}

func (c *console) flush() {
	if len(c.buf) == 0 {
		return
	}
	if c.w != nil && !c.failed {
		if _, err := c.w.Write(c.buf); err != nil {
			c.failed = true
			c.log.WithError(err).Warn(c.name + ": output is lost from here on")
		}
	}
	c.buf = c.buf[:0]
}

// room is the BoundedWriter's.
func (c *console) room() <-chan struct{} {
	if o, ok := c.w.(BoundedWriter); ok {
		return o.Room()
	}
	return nil
}
