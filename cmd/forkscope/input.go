package main

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"forkscope/machine"
)

// input is the way to the guest's console. It is shut while a program is being started: until then the terminal echoes.
type input struct {
	mu   sync.Mutex
	turn *sync.Cond
	to   *machine.Machine // nil while shut
}

// set opens the way to a machine, or shuts it.
func (i *input) set(to *machine.Machine) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.to = to
	i.turn.Broadcast()
}

// put waits for the way to be open.
func (i *input) put(b []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for i.to == nil {
		i.turn.Wait()
	}
	i.to.Input(b)
}

// passInput gives the guest's console what comes from standard input, and the end of it as a terminal would.
func (s *gdbserver) passInput() {
	// In the background, reading a terminal is an error and no reason to stop.
	signal.Ignore(syscall.SIGTTIN)
	const endOfFile = 4
	buf := make([]byte, 4096)
	for {
		n, err := s.stdin.Read(buf)
		if n > 0 {
			s.input.put(buf[:n])
		}
		switch {
		case errors.Is(err, syscall.EIO):
			time.Sleep(200 * time.Millisecond)
		case err != nil:
			s.input.put([]byte{endOfFile})
			return
		}
	}
}

// isNull says whether a stream is the host's null device, which the guest has too.
func isNull(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return in == nil
	}
	here, err := f.Stat()
	if err != nil {
		return true
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(here, null)
}
