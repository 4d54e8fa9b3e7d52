package main

import (
	"context"
	"errors"
	"io"
	"sync"

	"forkscope/machine"
)

// errQuit is the cause of the end when the user typed Ctrl-A x.
var errQuit = errors.New("ended from the keyboard")

// console passes what the user types to the guest.
type console struct {
	mu      sync.Mutex
	waiting bool // the guest has not been started, so Ctrl-C ends the emulator
}

const (
	ctrlA = 1
	ctrlC = 3
)

// openConsole starts to read in, for the machine that guest names at the moment. t is the terminal that in is, if it is one. Ending the emulator from
// the keyboard cancels with errQuit.
func openConsole(in io.Reader, t *terminal, guest func() *machine.Machine, cancel context.CancelCauseFunc) *console {
	c := &console{}
	raw := t != nil && t.take() == nil
	if in == nil {
		return c
	}
	quit := func() {
		cancel(errQuit)
		guest().RequestStop()
	}
	go func() {
		defer t.guard()
		buf := make([]byte, 4096)
		escaped := false
		for {
			n, err := in.Read(buf)
			if raw {
				var keys []byte
				keys, escaped = c.keys(buf[:n], escaped, quit)
				guest().Input(keys)
			} else if n > 0 {
				guest().Input(buf[:n])
			}
			if err != nil {
				return
			}
		}
	}()
	return c
}

// keys takes the emulator's own keys out of what was typed: Ctrl-A x quits, Ctrl-A a is Ctrl-A.
func (c *console) keys(typed []byte, escaped bool, quit func()) (out []byte, still bool) {
	c.mu.Lock()
	waiting := c.waiting
	c.mu.Unlock()
	for _, k := range typed {
		switch {
		case escaped:
			escaped = false
			switch k {
			case 'x', 'X':
				quit()
			case 'a', 'A', ctrlA:
				out = append(out, ctrlA)
			}
		case k == ctrlA:
			escaped = true
		case k == ctrlC && waiting:
			quit()
		default:
			out = append(out, k)
		}
	}
	return out, escaped
}

// untilStarted says whether the guest is waiting for a debugger.
func (c *console) untilStarted(waiting bool) {
	c.mu.Lock()
	c.waiting = waiting
	c.mu.Unlock()
}
