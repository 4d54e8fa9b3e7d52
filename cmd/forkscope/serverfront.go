package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"forkscope/gdbstub"
	"forkscope/machine"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	view "forkscope/machine/debug"
)

// gdbserver is gdbserver's front end of the server: it debugs the processes of a guest, says what gdbserver says, and ends when gdbserver would.
type gdbserver struct {
	options *serverOptions
	server  *server
	guest   *guest
	stdin   io.Reader
	stderr  io.Writer
	input   input
	// extended: a debugger has asked for the extended protocol, where the end of the program is not the end of the server.
	extended bool
	exiting  bool     // monitor exit
	detached int      // the process that was let go, if that was the last thing to happen to one; else 0
	begun    bool     // there is something to run in the guest
	host     *streams // nil: a terminal is all of the program's descriptors
	// Lines about processes wait for what these have printed; settle is set when there is something that waits, or a process that was let go.
	lines  []string
	settle bool
	ctx    context.Context // of the server
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

func (s *gdbserver) say(format string, args ...any) { fmt.Fprintf(s.stderr, format+"\n", args...) }

// runServer is the command. The error is to be printed, except for an exitStatus.
func runServer(o *serverOptions, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	overStdio := o.comm == "-" || o.comm == "stdio"
	s := &gdbserver{options: o, stdin: stdin, ctx: ctx}
	to := stdout
	if overStdio {
		to = stderr
	}
	if s.host = s.stdio(stdin, stdout, stderr, overStdio); s.host != nil {
		to = s.host.console
	}
	out, words, finish := newOutlets(to, stderr)
	defer func() { finish(ctx) }()
	defer s.host.flush(ctx)
	s.stderr = words
	s.input.turn = sync.NewCond(&s.input.mu)

	var at *endpoint
	if !overStdio {
		if at, err = o.reserve(); err != nil {
			return err
		}
		defer at.release()
	}
	g, err := s.prepare()
	if err != nil {
		return s.startup(err)
	}
	defer g.close()
	var printed func([]byte) // gdbserver's own output has it too
	if !overStdio {
		own := &stream{outlet: out.outlet, w: stdout}
		printed = func(text []byte) { own.Write(text) }
	}
	s.connect(g, out, printed)
	defer s.server.close()
	defer watchSignals(cancel, s.poke, nil, g.lastResort())()
	defer g.finish() // while a signal does not end it
	if overStdio {
		s.say("stdin/stdout redirected")
	}
	return s.serve(ctx, at, stdio{stdin, stdout})
}

// serve begins what is debugged, and lets debuggers in by at, or one over standard input and output if that is nil.
func (s *gdbserver) serve(ctx context.Context, at *endpoint, over stdio) error {
	if err := s.begin(ctx); err != nil {
		return s.startup(err)
	}
	if at == nil {
		s.options.once = true
		s.say("Remote debugging using stdio")
		_, err := s.server.session(ctx, over, nil)
		return err
	}
	if err := s.server.listen(at, s.refused); err != nil {
		return s.options.cannotListen(err)
	}
	s.listening()
	return s.server.loop(ctx)
}

// connect connects the guest, whose console is out, with the server and with what the command was started with.
// printed takes what breakpoints' commands print.
func (s *gdbserver) connect(g *guest, out *stream, printed func([]byte)) {
	s.guest = g
	s.server = &server{front: s, guest: g, show: view.ProcessView, limit: clock.Never, out: out.outlet, log: s.note}
	if s.options.remoteDebug {
		s.server.trace = s.packet
	}
	s.server.printed = printed
	g.replacing = s.replacing
	g.refused = func(err error) { s.say("forkscope: %v", err) }
	g.config.Console = out
	out.report = func(err error) { g.config.Log.WithError(err).Warn("console: output is lost from here on") }
	if s.host != nil {
		s.host.attach(g)
	} else {
		go s.passInput()
	}
	g.takeRequests()
}

func (s *gdbserver) poke() {
	if m := s.guest.machine(); m != nil {
		m.RequestStop()
	}
}

// startup reports why there is no program to debug.
func (s *gdbserver) startup(err error) error {
	var u usageError
	if !errors.As(err, &u) {
		return err
	}
	s.say("forkscope: %v", u)
	if s.options.attach || len(s.options.words) == 0 {
		s.say("Exiting")
		return exitStatus(statusFailure)
	}
	if isNotExist(err) {
		return errStartup(127)
	}
	return errStartup(126)
}

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// reserve takes the port, on loopback unless a host is named.
func (o *serverOptions) reserve() (*endpoint, error) {
	host, port, err := net.SplitHostPort(o.comm)
	if err != nil || strings.HasPrefix(o.comm, "unix:") {
		return nil, inWords("Could not open remote device: %s is not :PORT, HOST:PORT, - or stdio.", o.comm)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot resolve name: %s is not a port number", o.comm, port)
	}
	at, err := reserve("tcp", net.JoinHostPort(host, strconv.FormatUint(n, 10)), o.allowRemote)
	var errno syscall.Errno
	switch {
	case err == errPublic:
		return nil, fmt.Errorf("%s: %v (--allow-remote permits it)", o.comm, err)
	case errors.As(err, &errno):
		return nil, o.cannotListen(errno)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", o.comm, cause(err))
	}
	return at, nil
}

// cannotListen is gdbserver's word for a port that cannot be had.
func (o *serverOptions) cannotListen(err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return fmt.Errorf("%s: %w", o.comm, cause(err))
	}
	text := errno.Error()
	return inWords("Can't bind address: %s.", strings.ToUpper(text[:1])+text[1:])
}

func (s *gdbserver) listening() {
	s.say("Listening on port %d", s.server.door.Addr().(*net.TCPAddr).Port)
}

// refused tells of a connection that is not let in. It is called by another goroutine.
func (s *gdbserver) refused(from net.Addr, why string) {
	s.say("forkscope: a connection from %v was refused: %s", from, why)
}

// begin makes the machine, and takes it to where the debugging begins.
func (s *gdbserver) begin(ctx context.Context) error {
	if _, err := s.guest.boot(s.guest.first); err != nil {
		return err
	}
	if err := s.server.open(ctx, s.notify); err != nil {
		return err
	}
	switch {
	case s.options.attach:
		s.begun = true
		s.input.set(s.guest.machine())
		word := s.options.words[0]
		pid, err := strconv.Atoi(word)
		if err != nil || pid <= 0 {
			return inWords("Cannot attach to process %s: No such process (3)", word)
		}
		return s.attachTo(ctx, pid)
	case len(s.options.words) > 0:
		if err := s.server.view.StartProgram(ctx); err != nil {
			if ctx.Err() != nil {
				return ended(ctx)
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

func (s *gdbserver) attachTo(ctx context.Context, pid int) error {
	processes := s.processes()
	m := s.guest.machine()
	for ctx.Err() == nil && m.Clock().Now() < attachWait*m.Clock().PerInstruction() {
		stop := m.Run(cpu.UntilTime(m.Clock().After(attachSlice)))
		if _, err := processes.AttachProcess(pid); err == nil {
			return nil
		}
		if stop.Reason.Final() {
			break
		}
	}
	if ctx.Err() != nil {
		return ended(ctx)
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

func (s *gdbserver) processes() gdbstub.Processes {
	return announcing{s.server.view.Target().Processes, s.say}
}

func (s *gdbserver) debugged() []int { return s.server.view.Debugged() }

// Extended implements gdbstub.Owner.
func (s *gdbserver) Extended() { s.extended = true }

// Killing implements gdbstub.Owner.
func (s *gdbserver) Killing() { s.say("Killing all inferiors") }

// Replying implements gdbstub.Owner.
func (s *gdbserver) Replying() {
	s.catchUp()
	s.server.out.settle()
}

func (s *gdbserver) note(message string) {
	if s.options.remoteDebug {
		s.say("%s", message)
	}
}

// packet shows what goes over the connection.
func (s *gdbserver) packet(sent bool, payload []byte) {
	direction := "getpkt"
	if sent {
		direction = "putpkt"
	}
	s.say("[remote] %s: %q", direction, payload)
}

// notify prints what happens to the processes in gdbserver's words.
func (s *gdbserver) notify(e view.Event) {
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
		s.settleWords()
		s.detached = e.PID
	case view.Created:
		s.begun = true
		s.input.set(s.guest.machine())
		s.say("Process %s created; pid = %d", s.guest.last, e.PID)
	}
}

// catchUp prints the lines that wait. If nothing is debugged any more the guest runs for a moment before: its output comes first then, and what was let
// go begins to run although the debugger says nothing more.
func (s *gdbserver) catchUp() {
	if !s.settle {
		return
	}
	s.settle = false
	if s.detached != 0 && len(s.debugged()) == 0 {
		s.runFor(drain)
	}
	s.host.settle()
	for _, line := range s.lines {
		s.say("%s", line)
	}
	s.lines = s.lines[:0]
}

func (s *gdbserver) opened(_ context.Context, from net.Addr) {
	if s.options.once && s.server.door != nil {
		s.server.door.Close()
	}
	if at, ok := from.(*net.TCPAddr); ok {
		s.say("Remote debugging from host %s, port %d", at.IP, at.Port)
	}
	s.settleWords()
	s.detached = 0
}

// settleWords waits until what was said is written: it comes before anything that the program prints from here on.
func (s *gdbserver) settleWords() {
	if words, ok := s.stderr.(*stream); ok {
		words.settle()
	}
}

func (s *gdbserver) offer(t *gdbstub.Target) {
	t.Monitor = append(slices.Clone(t.Monitor), exitCommand(func() { s.exiting = true }))
	t.Processes = s.processes()
}

// holds: what is debugged stands still until a debugger comes back to it.
func (s *gdbserver) holds() bool { return !s.begun || len(s.debugged()) > 0 }

func (s *gdbserver) stopped(context.Context, machine.Stop) (over bool, err error) { return false, nil }

// closed decides what comes after a session: the next one, or the end.
func (s *gdbserver) closed(ctx context.Context) (over bool, err error) {
	s.catchUp()
	left := s.debugged()
	switch {
	case s.exiting, s.options.once && len(left) > 0:
		s.killAll(left)
		s.runFor(drain)
		return true, nil
	case len(left) > 0, s.extended && !s.options.once:
		s.say("Remote side has terminated connection.  GDBserver will reopen the connection.")
		s.listening()
		return false, nil
	}
	// A program that was let go runs to its end. After the end of one, those that it has left behind have a moment.
	if s.detached != 0 {
		s.runFor(clock.Never)
	} else {
		s.runFor(grace)
	}
	return true, ended(ctx)
}

func (s *gdbserver) killAll(pids []int) {
	if len(pids) == 0 {
		return
	}
	s.say("Killing process(es): %s", strings.Trim(fmt.Sprint(pids), "[]"))
	for _, pid := range pids {
		if err := s.server.view.KillProcess(pid); err != nil {
			s.say("forkscope: process %d: %v", pid, err)
			return
		}
	}
}

// In instructions and the time that many take: how long processes may go on that nobody debugs when the server ends, and how long the guest needs to pass
// on what has been printed when it ends at once.
const (
	grace = 1_000_000_000
	drain = 10_000_000
)

// runFor lets the guest run, for the time that so many instructions take or with clock.Never to its end, when nothing in it is debugged.
func (s *gdbserver) runFor(instructions uint64) {
	if !s.begun {
		return
	}
	until := uint64(clock.Never)
	if instructions != clock.Never {
		until = s.guest.machine().Clock().After(instructions)
	}
	s.server.runOn(s.ctx, until)
}

// replacing is called when another machine is about to take the guest's place.
func (s *gdbserver) replacing() {
	if s.guest.machine() != nil {
		s.runFor(drain)
	}
	s.input.set(nil)
}

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
