package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Bounds of one guest's life: to the line that is waited for, and from there to the process's end. They end what hangs, on a busy host too.
const (
	guestTimeout = 10 * time.Minute
	endTimeout   = 4 * time.Minute
	dialTimeout  = 4 * time.Minute
)

// emulator is one of the two that are compared.
type emulator struct {
	name    string
	command func(g *guest, b boot) []string
}

// boot is how a guest is started; the zero boot is the demo.
type boot struct {
	loads  bool   // the initial file system with the loads of this package
	append string // kernel command line
	gdb    string // HOST:PORT of the stub, where the guest waits before its first instruction; "" is none
}

func (b boot) files(g *guest) string {
	if b.loads {
		return g.loads
	}
	return g.initrd
}

// forkscope is the emulator of this repository, with its built-in files where they are the ones wanted, or, with given, with
// the guest's files by name: another build's may differ.
func forkscope(name, binary string, given bool) *emulator {
	return &emulator{name, func(g *guest, b boot) []string {
		argv := []string{binary, "run", "--arch", g.arch, "--memory", "64M"}
		if given {
			argv = append(argv, "--kernel", g.elf)
		}
		if b.loads || given {
			argv = append(argv, "--initrd", b.files(g))
		}
		if b.append != "" {
			argv = append(argv, "--append", b.append)
		}
		if b.gdb != "" {
			argv = append(argv, "--gdb", b.gdb)
		}
		return argv
	}}
}

// qemu is the peer. It gets no network card, whose boot ROM would cost it start-up time.
func qemu(binary string) *emulator {
	return &emulator{"QEMU", func(g *guest, b boot) []string {
		argv := append([]string{binary}, targets[g.arch].board...)
		argv = append(argv, "-accel", "tcg", "-m", "64", "-nographic", "-nic", "none", "-monitor", "none", "-serial", "stdio",
			"-kernel", g.image, "-initrd", b.files(g))
		if b.append != "" {
			argv = append(argv, "-append", b.append)
		}
		if b.gdb != "" {
			argv = append(argv, "-S", "-gdb", "tcp:"+b.gdb)
		}
		return argv
	}}
}

// process is a running emulator, server or debugger.
type process struct {
	name    string
	cmd     *exec.Cmd
	started time.Time
	cancel  context.CancelFunc
	ended   chan struct{} // closed when the process has ended
	output  consoleLog
}

// start executes an emulator.
func (e *emulator) start(ctx context.Context, g *guest, b boot) (*process, error) {
	return startProcess(ctx, e.name, e.command(g, b))
}

// startProcess executes a command line. Its standard input is empty.
func startProcess(ctx context.Context, name string, argv []string) (*process, error) {
	ctx, cancel := context.WithTimeout(ctx, guestTimeout)
	p := &process{name: name, cancel: cancel, ended: make(chan struct{})}
	p.output.changed = make(chan struct{})
	p.cmd = exec.CommandContext(ctx, argv[0], argv[1:]...)
	p.cmd.WaitDelay = time.Second
	r, w, err := os.Pipe()
	if err != nil {
		cancel()
		return nil, err
	}
	p.cmd.Stdout, p.cmd.Stderr = w, w
	p.started = time.Now()
	err = p.cmd.Start()
	w.Close()
	if err != nil {
		r.Close()
		cancel()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	go func() {
		p.output.read(r)
		r.Close()
		p.cmd.Wait() // the status is in ProcessState
		close(p.ended)
	}()
	return p, nil
}

// kill ends the process if it hasn't ended.
func (p *process) kill() {
	p.cancel()
	<-p.ended
}

// finish waits for the process's own end.
func (p *process) finish() error {
	select {
	case <-p.ended:
		return nil
	case <-time.After(endTimeout):
		return p.failed("did not end in time")
	}
}

// line waits for a line of output that starts with prefix, and returns it and when it came.
func (p *process) line(prefix string) (string, time.Time, error) {
	seen := 0
	for {
		lines, changed, closed := p.output.snapshot()
		for ; seen < len(lines); seen++ {
			if strings.HasPrefix(lines[seen].text, prefix) {
				return lines[seen].text, lines[seen].at, nil
			}
		}
		if closed {
			return "", time.Time{}, p.failed(fmt.Sprintf("never printed %q", prefix))
		}
		<-changed
	}
}

// failed is an error with the last that the process said.
func (p *process) failed(what string) error {
	lines, _, _ := p.output.snapshot()
	var last []string
	for _, l := range lines[max(0, len(lines)-4):] {
		last = append(last, l.text)
	}
	return fmt.Errorf("%s %s; its last lines: %q", p.name, what, last)
}

// consoleLog collects a process's output by lines.
type consoleLog struct {
	mu      sync.Mutex
	lines   []timedLine
	closed  bool
	changed chan struct{} // closed at the next change
}

type timedLine struct {
	text string
	at   time.Time
}

// maxLines bounds what is kept of a guest gone wild.
const maxLines = 10_000

// ptraceWarning begins what gdbserver prints about each stop of a 32-bit program on some 64-bit hosts.
const ptraceWarning = "Warning: ptrace("

func (c *consoleLog) read(r io.Reader) {
	in := bufio.NewReader(r)
	for {
		text, err := in.ReadString('\n')
		now := time.Now()
		if strings.HasPrefix(text, ptraceWarning) {
			continue
		}
		c.mu.Lock()
		if text != "" && len(c.lines) < maxLines {
			c.lines = append(c.lines, timedLine{strings.TrimRight(text, "\r\n"), now})
		}
		c.closed = err != nil
		close(c.changed)
		c.changed = make(chan struct{})
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (c *consoleLog) snapshot() (lines []timedLine, changed chan struct{}, closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines, c.changed, c.closed
}

// session is an emulator whose guest is held by a client.
type session struct {
	*process
	*client
}

// debug starts an emulator and connects to its stub; the guest is before its first instruction.
func (e *emulator) debug(ctx context.Context, g *guest, b boot) (*session, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	b.gdb = address
	p, err := e.start(ctx, g, b)
	if err != nil {
		return nil, err
	}
	conn, err := p.dial(address)
	if err != nil {
		p.kill()
		return nil, err
	}
	c, err := newClient(conn, g.arch)
	if err != nil {
		conn.Close()
		p.kill()
		return nil, p.failed("refused the session: " + err.Error())
	}
	return &session{p, c}, nil
}

// close ends the session and the emulator.
func (s *session) close() {
	s.conn.Close()
	s.kill()
}

// freeAddress finds a loopback port that nobody uses at this moment.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// dial waits until the process listens.
func (p *process) dial(address string) (net.Conn, error) {
	for deadline := time.Now().Add(dialTimeout); ; {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return conn, nil
		}
		select {
		case <-p.ended:
			return nil, p.failed("ended before it could be debugged")
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return nil, p.failed("cannot be connected to: " + errors.Unwrap(err).Error())
		}
	}
}
