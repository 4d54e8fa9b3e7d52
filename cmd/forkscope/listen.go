package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// endpoint is where debuggers are to connect. A TCP port is taken when the command starts and opened when the first answer is ready: until then
// a debugger is refused, and gdb tries again by itself.
type endpoint struct {
	network, name string
	socket        int // bound, not listening yet; -1 for a Unix socket
}

var (
	errMalformed = errors.New("no host and port")
	errNoHost    = errors.New("cannot resolve name: no such host")
	errPublic    = errors.New("not a loopback address; whoever can reach it controls the guest")
)

// reserve takes an address: a path, or a host and a port. A host that is not on loopback needs allowRemote, because whoever connects
// controls the guest.
func reserve(network, name string, allowRemote bool) (*endpoint, error) {
	if network == "unix" {
		return &endpoint{network: network, name: name, socket: -1}, nil
	}
	host, port, err := net.SplitHostPort(name)
	if err != nil {
		return nil, errMalformed
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if !allowRemote && !loopback(host) {
		if _, err := net.LookupHost(host); err != nil {
			return nil, errNoHost
		}
		return nil, errPublic
	}
	at, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	socket, err := bind(at)
	if err != nil {
		return nil, err
	}
	return &endpoint{network: network, name: name, socket: socket}, nil
}

// bind makes a socket that has its address and does not listen.
func bind(at *net.TCPAddr) (int, error) {
	family, to := syscall.AF_INET6, syscall.Sockaddr(nil)
	if ip := at.IP.To4(); ip != nil {
		family, to = syscall.AF_INET, &syscall.SockaddrInet4{Port: at.Port, Addr: [4]byte(ip)}
	} else {
		to = &syscall.SockaddrInet6{Port: at.Port, Addr: [16]byte(at.IP.To16())}
	}
	syscall.ForkLock.RLock()
	socket, err := syscall.Socket(family, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(socket)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err = syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		err = syscall.Bind(socket, to)
	}
	if err != nil {
		syscall.Close(socket)
		return -1, os.NewSyscallError("bind", err)
	}
	return socket, nil
}

// open begins to listen. It is called once.
func (a *endpoint) open() (net.Listener, error) {
	if a.network == "unix" {
		return net.Listen(a.network, a.name)
	}
	f := os.NewFile(uintptr(a.socket), a.name)
	a.socket = -1
	defer f.Close()
	if err := syscall.Listen(int(f.Fd()), syscall.SOMAXCONN); err != nil {
		return nil, os.NewSyscallError("listen", err)
	}
	return net.FileListener(f)
}

// release gives up an address that has not been opened.
func (a *endpoint) release() {
	if a != nil && a.socket >= 0 {
		syscall.Close(a.socket)
		a.socket = -1
	}
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

// connectHint is what to type into gdb to reach an address.
func connectHint(a net.Addr) string {
	if a.Network() == "unix" {
		return fmt.Sprintf("target remote %s", a)
	}
	if t, ok := a.(*net.TCPAddr); ok && t.IP.IsLoopback() {
		return fmt.Sprintf("target remote :%d", t.Port)
	}
	return fmt.Sprintf("target remote %s", a)
}

// stdio is the connection over the process's own streams: gdb has started it and talks over its standard input and output.
type stdio struct {
	io.Reader
	io.Writer
}

// Close leaves the streams to the process's end.
func (stdio) Close() error { return nil }
