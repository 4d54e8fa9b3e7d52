//go:build unix

package gdbstub

import (
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// poller waits for a socket in the operating system itself. Go's network poller would put the goroutine to sleep and have another thread wake it, which
// takes several system calls for each packet.
type poller struct {
	raw     syscall.RawConn
	look    func(fd uintptr) // wait's part that has the descriptor, made once
	timeout int              // milliseconds; -1 is forever
	ready   bool
}

// newPoller gives the poller of a connection, or nil if it is not a socket.
func newPoller(conn any) *poller {
	if _, ok := conn.(net.Conn); !ok {
		return nil
	}
	c, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	p := &poller{raw: raw}
	fds := make([]unix.PollFd, 1)
	p.look = func(fd uintptr) {
		for {
			fds[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
			n, err := unix.Poll(fds, p.timeout)
			if errors.Is(err, unix.EINTR) {
				continue // the runtime's own signals
			}
			p.ready = n != 0 || err != nil
			return
		}
	}
	return p
}

// wait returns when there is something to read, or an end or error for Read to find, and true; or false after the time given, a negative one being
// for ever.
func (p *poller) wait(limit time.Duration) bool {
	p.timeout = -1
	if limit >= 0 {
		p.timeout = int((limit + time.Millisecond - 1) / time.Millisecond)
	}
	if err := p.raw.Control(p.look); err != nil {
		return true
	}
	return p.ready
}

// hangUp ends the connection's reading and writing, and with it a wait, which the closing of the descriptor would wait for.
func (p *poller) hangUp() {
	// An error is the connection's, which is gone already.
	_ = p.raw.Control(func(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RDWR) })
}
