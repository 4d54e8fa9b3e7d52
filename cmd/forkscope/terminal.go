package main

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// terminal is the host's terminal on standard input. While the guest has it, it is raw, so that Ctrl-C reaches the guest; on every way out it must be
// given back as it was.
type terminal struct {
	fd     int
	mu     sync.Mutex
	before *term.State // nil while the terminal is not raw
	wanted bool        // raw, but for the time that the command is stopped
}

// openTerminal is nil if in is none.
func openTerminal(in io.Reader) *terminal {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return &terminal{fd: int(f.Fd())}
}

// take makes the terminal raw.
func (t *terminal) take() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wanted = true
	return t.makeRaw()
}

func (t *terminal) makeRaw() error {
	if t.before != nil {
		return nil
	}
	state, err := term.MakeRaw(t.fd)
	if err == nil {
		t.before = state
	}
	return err
}

// giveBack restores the terminal for good.
func (t *terminal) giveBack() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wanted = false
	t.restore()
}

func (t *terminal) restore() {
	if t.before != nil {
		term.Restore(t.fd, t.before)
		t.before = nil
	}
}

// lend restores the terminal while the command is stopped, and takeAgain takes it afterwards.
func (t *terminal) lend() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.restore()
}

func (t *terminal) takeAgain() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wanted {
		t.restore() // whoever stopped the command may have left it in any state
		t.makeRaw()
	}
}

// raw says whether a line feed on the terminal needs a carriage return.
func (t *terminal) raw() bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.before != nil
}

// guard, deferred in a goroutine, gives the terminal back before a crash of the command ends it.
func (t *terminal) guard() {
	if p := recover(); p != nil {
		t.giveBack()
		panic(p)
	}
}
