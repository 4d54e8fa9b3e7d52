package process

import "forkscope/gdbstub"

// EventKind says what happened to a debugged process.
type EventKind uint8

const (
	// Exited and Killed are the end of a process, by itself with Code or by Signal.
	Exited EventKind = iota
	Killed
	// Killing is said before the debugger's wish to kill is carried out, Detached after it has let go.
	Killing
	Detached
	// Attached and Created are the beginning of debugging.
	Attached
	Created
)

// Event is told to whoever serves the debugger, for the lines that gdbserver prints.
type Event struct {
	Kind   EventKind
	PID    int
	Code   int
	Signal gdbstub.Signal
	// Number is the signal's in the guest.
	Number int
}
