package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// listen opens the address of --gdb: ":PORT" and "HOST:PORT" on loopback, or "unix:PATH". Any other host needs
// allowRemote, because whoever connects controls the guest.
func listen(address string, allowRemote bool) (net.Listener, error) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		if path == "" {
			return nil, usagef("--gdb unix: needs a path")
		}
		l, err := net.Listen("unix", path)
		if err != nil {
			return nil, usagef("--gdb %s: %v", address, cause(err))
		}
		return l, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usagef("--gdb %s: not :PORT, HOST:PORT, unix:PATH or -", address)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if !allowRemote && !loopback(host) {
		return nil, usagef("--gdb %s: not a loopback address; whoever can reach it controls the guest (--gdb-allow-remote permits it)", address)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, usagef("--gdb %s: %v", address, cause(err))
	}
	return l, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// cause is the short reason inside a network error.
func cause(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		if errno == syscall.EADDRINUSE {
			return errors.New("the address is in use by another program")
		}
		return errno
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// connectHint is what to type into gdb to reach l.
func connectHint(l net.Listener) string {
	a := l.Addr()
	if a.Network() == "unix" {
		return fmt.Sprintf("target remote %s", a)
	}
	if t, ok := a.(*net.TCPAddr); ok && t.IP.IsLoopback() {
		return fmt.Sprintf("target remote :%d", t.Port)
	}
	return fmt.Sprintf("target remote %s", a)
}

// stdio is the connection of "--gdb -": gdb started this process and talks over its standard input and output.
type stdio struct {
	io.Reader
	io.Writer
}

// Close leaves the streams to the process's end.
func (stdio) Close() error { return nil }
