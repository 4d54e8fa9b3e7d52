package machine

import (
	"io"

	"github.com/sirupsen/logrus"
)

// consoleBuffer is how many bytes of one line wait before they are written.
const consoleBuffer = 4096

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
