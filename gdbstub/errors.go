package gdbstub

import (
	"errors"
	"fmt"
)

// Errors that have a meaning to the session. A target returns them, or an error that wraps them, or any other.
var (
	// ErrUnsupported: the target doesn't do this at all. The reply is the empty one, and gdb stops asking.
	ErrUnsupported = errors.New("not supported")
	// ErrUnavailable: the thread has no such register now.
	ErrUnavailable = errors.New("unavailable")
	// ErrFault: nothing is mapped at the address, or it may not be written.
	ErrFault = errors.New("cannot access memory")
	// ErrNotFound: no such thread, file or process.
	ErrNotFound = errors.New("not found")
	// ErrInvalid: the request can't be understood or is out of range.
	ErrInvalid = errors.New("invalid request")
	// ErrFatal: the target is beyond use; the session ends after the error reply.
	ErrFatal = errors.New("target lost")

	// ErrLeave: a monitor command has been done, and the session ends after the reply.
	ErrLeave = errors.New("session over")

	// ErrInterrupted is the cause of a cancelled Resume when the user pressed Ctrl-C.
	ErrInterrupted = errors.New("interrupted by the debugger")
	// ErrDisconnected is the cause of a cancelled Resume when the connection is gone or the server shuts down.
	ErrDisconnected = errors.New("debugger gone")
)

// errno is an error number as the protocol carries it in Exx and in file replies.
type errno uint16

// The numbers of the file-I/O part of the protocol (gdb manual, "Errno Values"); E replies use the same.
const (
	eNOENT   errno = 2
	eIO      errno = 5
	eBIG     errno = 7
	eBADF    errno = 9
	eACCES   errno = 13
	eFAULT   errno = 14
	eISDIR   errno = 21
	eINVAL   errno = 22
	eMFILE   errno = 24
	eROFS    errno = 30
	eUNKNOWN errno = 9999
)

// errnoOf finds the number for an E reply.
func errnoOf(err error) errno {
	switch {
	case errors.Is(err, ErrFault):
		return eFAULT
	case errors.Is(err, ErrNotFound):
		return eNOENT
	case errors.Is(err, ErrInvalid):
		return eINVAL
	default:
		return eIO
	}
}

// invalid builds an ErrInvalid that says what was wrong.
func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}
