package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"forkscope/gdbstub"
	"forkscope/machine"
	"forkscope/machine/clock"
	view "forkscope/machine/debug"
)

// server is a gdbserver: it debugs the processes of a guest, for one connection after the other.
type server struct {
	*serverOptions
	stdin          io.Reader
	stdout, stderr io.Writer

	guest *guest
	view  *view.Debugger
	input input
	// extended: a debugger has asked for the extended protocol, where the end of the program is not the end of the server.
	extended bool
	exiting  bool     // monitor exit
	detached int      // the process that was let go, if that was the last thing to happen to one; else 0
	begun    bool     // there is something to run in the guest
	host     *streams // nil: a terminal is all of them
	// Lines about processes wait for what these have printed; settle is set when there is something that waits, or a process that was let go.
	lines  []string
	settle bool
}

// errStartup is a program that could not be started.
type errStartup int

func (e errStartup) Error() string {
	return fmt.Sprintf("During startup program exited with code %d.", int(e))
}

// serverLine is an error in gdbserver's own words, which are whole sentences.
type serverLine string

func (l serverLine) Error() string { return string(l) }

func inWords(format string, args ...any) error { return serverLine(fmt.Sprintf(format, args...)) }

func (s *server) say(format string, args ...any) { fmt.Fprintf(s.stderr, format+"\n", args...) }

func (s *server) run() error {
	debug.SetGCPercent(gcPercent)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	stdio := s.comm == "-" || s.comm == "stdio"
	var listener net.Listener
	if !stdio {
		var err error
		if listener, err = s.listen(); err != nil {
			return err
		}
		defer listener.Close()
	}
	g, err := s.prepare()
	if err != nil {
		return s.startup(err)
	}
	defer g.close()
	s.guest = g
	s.input.turn = sync.NewCond(&s.input.mu)
	g.replacing = func() {
		if g.machine() != nil {
			s.runOn(ctx, drain)
		}
		s.input.set(nil)
	}
	g.refused = func(err error) { s.say("forkscope: %v", err) }
	console := s.stdout
	if stdio {
		console = s.stderr
	}
	g.config.Console = console
	defer s.watchSignals(cancel)()
	if s.host = s.stdio(g, stdio); s.host != nil {
		defer s.host.flush(ctx)
	} else {
		go s.passInput()
	}
	if stdio {
		s.say("stdin/stdout redirected")
	}
	if err := s.begin(ctx); err != nil {
		return s.startup(err)
	}
	if stdio {
		s.say("Remote debugging using stdio")
		s.serve(ctx, stdioConn{s.stdin, s.stdout})
		_, err := s.after(ctx, true)
		return err
	}
	for {
		s.say("Listening on port %d", listener.Addr().(*net.TCPAddr).Port)
		c, err := s.wait(ctx, listener)
		if err != nil {
			return err
		}
		if s.once {
			listener.Close()
		}
		from := c.RemoteAddr().(*net.TCPAddr)
		s.say("Remote debugging from host %s, port %d", from.IP, from.Port)
		s.serve(ctx, c)
		if over, err := s.after(ctx, s.once); over || err != nil {
			return err
		}
		s.say("Remote side has terminated connection.  GDBserver will reopen the connection.")
	}
}

// startup reports why there is no program to debug.
func (s *server) startup(err error) error {
	var u usageError
	if !errors.As(err, &u) {
		return err
	}
	s.say("forkscope: %v", u)
	if s.attach || len(s.words) == 0 {
		return exitLine(statusFailure, s)
	}
	if isNotExist(err) {
		return errStartup(127)
	}
	return errStartup(126)
}

func exitLine(status int, s *server) error {
	s.say("Exiting")
	return exitStatus(status)
}

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// listen opens the port, on loopback unless a host is named.
func (s *server) listen() (net.Listener, error) {
	host, port, err := net.SplitHostPort(s.comm)
	if err != nil || strings.HasPrefix(s.comm, "unix:") {
		return nil, inWords("Could not open remote device: %s is not :PORT, HOST:PORT, - or stdio.", s.comm)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, fmt.Errorf("%s: cannot resolve name: %s is not a port number", s.comm, port)
	} else {
		port = strconv.FormatUint(n, 10)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if !s.allowRemote && !loopback(host) {
		if _, err := net.LookupHost(host); err != nil {
			return nil, fmt.Errorf("%s: cannot resolve name: no such host", s.comm)
		}
		return nil, fmt.Errorf("%s: not a loopback address; whoever can reach it controls the guest (--allow-remote permits it)", s.comm)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		var errno syscall.Errno
		if errors.As(err, &errno) {
			text := errno.Error()
			return nil, inWords("Can't bind address: %s.", strings.ToUpper(text[:1])+text[1:])
		}
		return nil, fmt.Errorf("%s: %w", s.comm, cause(err))
	}
	return l, nil
}

// watchSignals turns the host's signals into the end of the server.
func (s *server) watchSignals(cancel context.CancelCauseFunc) (stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for sig := range c {
			cancel(killedBy{sig.(syscall.Signal)})
			if m := s.guest.machine(); m != nil {
				m.RequestStop()
			}
		}
	}()
	return func() { signal.Stop(c); close(c) }
}

// begin makes the machine, and takes it to where the debugging begins.
func (s *server) begin(ctx context.Context) error {
	m, err := s.guest.boot(s.guest.first)
	if err != nil {
		return err
	}
	v, err := openView(s.guest, m, view.ProcessView, s.notify)
	if err != nil {
		return err
	}
	s.view = v
	switch {
	case s.attach:
		s.begun = true
		s.input.set(m)
		pid, err := strconv.Atoi(s.words[0])
		if err != nil || pid <= 0 {
			return inWords("Cannot attach to process %s: No such process (3)", s.words[0])
		}
		if err := s.attachTo(ctx, pid); err != nil {
			return err
		}
	case len(s.words) > 0:
		if err := s.view.StartProgram(ctx); err != nil {
			if ctx.Err() != nil {
				return s.ended(ctx)
			}
			return usageError{err}
		}
	}
	return nil
}

// The guest runs until the process is there that is to be attached to: it is looked for often, since it may not live for long, and not for
// ever. In instructions.
const (
	attachWait  = 2_000_000_000
	attachSlice = 10_000
)

func (s *server) attachTo(ctx context.Context, pid int) error {
	processes := s.processes()
	m := s.guest.machine()
	for ctx.Err() == nil && m.Clock().Now < attachWait {
		stop := m.Run(m.Clock().Now + attachSlice)
		if _, err := processes.AttachProcess(pid); err == nil {
			return nil
		}
		if stop.Reason.Final() {
			break
		}
	}
	if ctx.Err() != nil {
		return s.ended(ctx)
	}
	return inWords("Cannot attach to process %d: No such process (3)", pid)
}

// announcing says when a process is attached to.
type announcing struct {
	gdbstub.Processes
	say func(format string, args ...any)
}

// AttachProcess implements gdbstub.Processes.
func (a announcing) AttachProcess(pid int) (gdbstub.Stop, error) {
	stop, err := a.Processes.AttachProcess(pid)
	if err == nil {
		a.say("Attached; pid = %d", pid)
	}
	return stop, err
}

func (s *server) processes() gdbstub.Processes { return announcing{s.view.Target().Processes, s.say} }

// notify prints what happens to the processes in gdbserver's words.
func (s *server) notify(e view.Event) {
	switch e.Kind {
	case view.Killing:
		s.detached = 0
	case view.Exited:
		s.detached = 0
		s.settle = true
		s.lines = append(s.lines, fmt.Sprintf("\nChild exited with status %d", e.Code))
	case view.Killed:
		s.detached = 0
		s.settle = true
		s.lines = append(s.lines, fmt.Sprintf("\nChild terminated with signal = 0x%x (%s)", e.Number, signalName(e.Signal)))
	case view.Detached:
		s.settle = true
		s.say("Detaching from process %d", e.PID)
		s.detached = e.PID
	case view.Created:
		s.begun = true
		s.input.set(s.guest.machine())
		s.say("Process %s created; pid = %d", s.guest.last, e.PID)
	}
}

// catchUp prints the lines that wait. If nothing is debugged any more the guest runs for a moment before: its output comes first then, and what was let
// go begins to run although the debugger says nothing more.
func (s *server) catchUp(ctx context.Context) {
	if !s.settle {
		return
	}
	s.settle = false
	if s.detached != 0 && len(s.debugged()) == 0 {
		s.runOn(ctx, drain)
	}
	s.host.settle(ctx)
	for _, line := range s.lines {
		s.say("%s", line)
	}
	s.lines = s.lines[:0]
}

// wait lets the guest run, if nothing of it is debugged, until a debugger connects.
func (s *server) wait(ctx context.Context, l net.Listener) (net.Conn, error) {
	type result struct {
		conn net.Conn
		err  error
	}
	arrived := make(chan result, 1)
	var here atomic.Bool
	go func() {
		c, err := l.Accept()
		arrived <- result{c, err}
		here.Store(true)
		s.guest.machine().RequestStop()
	}()
	for ctx.Err() == nil {
		if s.begun && !here.Load() && len(s.debugged()) == 0 {
			if stop := s.guest.machine().Run(noLimit); !stop.Reason.Final() {
				continue
			}
		}
		select {
		case r := <-arrived:
			return r.conn, r.err
		case <-ctx.Done():
		}
	}
	return nil, s.ended(ctx)
}

func (s *server) debugged() []int { return s.view.Target().Processes.Debugged() }

// serve holds one session.
func (s *server) serve(ctx context.Context, c io.ReadWriteCloser) {
	defer c.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := s.view.Target()
	t.Monitor = append(slices.Clone(t.Monitor), gdbstub.Command{
		Name: "exit", Help: "end the server and the guest",
		Run: func(gdbstub.ThreadID, []string, io.Writer) error {
			s.exiting = true
			cancel()
			return nil
		},
	})
	t.Processes = s.processes()
	s.detached = 0
	err := gdbstub.Serve(ctx, c, t, gdbstub.Options{Trace: func(sent bool, packet []byte) { s.trace(ctx, sent, packet) }, Log: func(m string) {
		if s.remoteDebug {
			s.say("%s", m)
		}
	}})
	if err != nil {
		s.say("forkscope: the debugger's session ended: %v", err)
	}
}

// trace sees every packet.
func (s *server) trace(ctx context.Context, sent bool, payload []byte) {
	if s.remoteDebug {
		direction := "getpkt"
		if sent {
			direction = "putpkt"
		}
		s.say("[remote] %s: %q", direction, payload)
	}
	if sent {
		s.catchUp(ctx)
		return
	}
	switch string(payload) {
	case "!":
		s.extended = true
	case "k":
		s.say("Killing all inferiors")
	}
}

// after decides what comes after a session: the next one, or the end.
func (s *server) after(ctx context.Context, last bool) (over bool, err error) {
	if ctx.Err() != nil {
		return true, s.ended(ctx)
	}
	s.catchUp(ctx)
	left := s.debugged()
	switch {
	case s.exiting, last && len(left) > 0:
		if len(left) > 0 {
			s.say("Killing process(es): %s", strings.Trim(fmt.Sprint(left), "[]"))
			for _, pid := range left {
				if err := s.processes().KillProcess(pid); err != nil {
					s.say("forkscope: process %d: %v", pid, err)
					return true, nil
				}
			}
		}
		s.runOn(ctx, drain)
		return true, nil
	case len(left) > 0, s.extended && !last:
		return false, nil
	}
	// A program that was let go runs to its end. After the end of one, those that it has left behind have a moment.
	if s.detached != 0 {
		s.runOn(ctx, noLimit)
	} else {
		s.runOn(ctx, grace)
	}
	return true, s.ended(ctx)
}

// In nanoseconds of the guest's time: how long processes may go on that nobody debugs when the server ends, and how long the guest needs to pass
// on what has been printed when it ends at once.
const (
	grace = 1_000_000_000
	drain = 10_000_000
)

// runOn lets the guest run, for a time or to its end, when nothing in it is debugged. A signal to the command ends it sooner.
func (s *server) runOn(ctx context.Context, time uint64) {
	m := s.guest.machine()
	until := uint64(clock.Never)
	if time != noLimit {
		until = m.Clock().Now + time
	}
	for s.begun && ctx.Err() == nil {
		stop := m.Run(until)
		if stop.Reason.Final() || stop.Reason == machine.Limit {
			return
		}
		m.CPU().Debug().StepOver = stop.Reason != machine.Requested // nobody is there to hear of a breakpoint
	}
}

// ended is the end by a signal, nil without one.
func (s *server) ended(ctx context.Context) error {
	var k killedBy
	if errors.As(context.Cause(ctx), &k) {
		return exitStatus(128 + int(k.Signal))
	}
	return nil
}

// stdioConn is the connection over the process's own streams.
type stdioConn = stdio

// hostEnvironment is the environment that programs get: the command's own, as from gdbserver.
func hostEnvironment() []string { return os.Environ() }

// workingDirectory is the path of the directory that the command was started in.
func workingDirectory() (string, error) {
	dir, err := physical(".")
	if err != nil {
		return "", fmt.Errorf("working directory: %w", err)
	}
	if hidden(dir) {
		return "/", nil
	}
	return dir, nil
}
