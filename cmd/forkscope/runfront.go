package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"forkscope/gdbstub"
	"forkscope/machine"
	view "forkscope/machine/debug"
)

// runFront is run's front end of the server: the guest is there from the start to its end, whose status is the command's, and debuggers may come and go.
type runFront struct {
	session *session
	server  *server
	stderr  io.Writer
	hint    string // how to connect
	waiting bool   // for a debugger
	exiting bool   // monitor exit
	console *console
	host    *streams // nil: the program's descriptors are the console
}

func (s *session) run(stdin io.Reader, stdout, stderr io.Writer) (err error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	overStdio, protocol := s.gdb == "-", stdin
	to := stdout
	if overStdio {
		to = stderr
	}
	host := s.stdio(stdin, stdout, stderr)
	if host != nil {
		stdin, to = nil, host.console
	}
	s.guest.config.RealTime = s.pace.real(s.gdb != "" || host == nil && isTerminal(stdout))
	out, words, finish := newOutlets(to, stderr)
	defer func() { finish(ctx) }()
	defer func() { err = host.result(ctx, err) }()
	s.log.SetOutput(words)
	out.report = func(err error) { s.log.WithError(err).Warn("console: output is lost from here on") }
	s.guest.config.Console = out

	at, err := s.address(overStdio)
	if err != nil {
		return err
	}
	defer at.release()
	closeSerial, err := s.openSerial()
	if err != nil {
		return err
	}
	defer closeSerial()
	if _, err := s.guest.boot(s.guest.first); err != nil {
		return usageError{err}
	}
	defer s.guest.close()

	var t *terminal
	if !overStdio {
		t = openTerminal(stdin)
	}
	defer t.giveBack()
	if isTerminal(stderr) {
		words.cooked = t.raw
	}
	f := s.front(words, host, out.outlet)
	defer f.server.close()
	defer watchSignals(cancel, func() { s.guest.machine().RequestStop() }, t, s.guest.lastResort())()
	defer s.guest.finish() // while a signal does not end it
	if err := f.begin(ctx); err != nil {
		return f.orEnded(ctx, err)
	}
	if overStdio {
		_, err := f.server.session(ctx, stdio{protocol, stdout}, nil)
		return f.orEnded(ctx, err)
	}
	f.console = openConsole(stdin, t, s.guest.machine, cancel)
	return f.serve(ctx, at)
}

// serve lets the guest run to its end, and debuggers in by at, if it is not nil.
func (f *runFront) serve(ctx context.Context, at *endpoint) error {
	if at != nil {
		if err := f.listen(at); err != nil {
			return err
		}
	}
	return f.orEnded(ctx, f.server.loop(ctx))
}

// front is the server with its front end, which says what it has to say to words.
func (s *session) front(words io.Writer, host *streams, out *outlet) *runFront {
	f := &runFront{session: s, stderr: words, host: host}
	f.server = &server{front: f, guest: s.guest, show: s.show, limit: s.limit(), out: out, log: func(m string) { s.log.Info(m) }}
	return f
}

// address takes the address at which debuggers are let in; nil is none.
func (s *session) address(overStdio bool) (*endpoint, error) {
	if s.gdb == "" || overStdio {
		return nil, nil
	}
	return reserveFor(s.gdb, s.remote)
}

// openSerial makes the file for the serial port's bytes, if there is to be one. The result closes it.
func (s *session) openSerial() (closeIt func(), err error) {
	if s.serial == "" {
		return func() {}, nil
	}
	f, err := os.Create(s.serial)
	if err != nil {
		return nil, fileError(s.serial, err)
	}
	s.guest.config.Serial = f
	return func() {
		if err := f.Close(); err != nil {
			s.log.Warn(err)
		}
	}, nil
}

// reserveFor takes the address of --gdb: ":PORT", "HOST:PORT" or "unix:PATH".
func reserveFor(name string, allowRemote bool) (*endpoint, error) {
	network, path, isPath := strings.Cut(name, ":")
	if isPath = isPath && network == "unix"; !isPath {
		network, path = "tcp", name
	} else if path == "" {
		return nil, usagef("--gdb unix: needs a path")
	}
	at, err := reserve(network, path, allowRemote)
	switch {
	case err == errMalformed && isNumber(name):
		return nil, usagef("--gdb %s: a port is written with a colon: --gdb :%s", name, name)
	case err == errMalformed:
		return nil, usagef("--gdb %s: not :PORT, HOST:PORT, unix:PATH or -", name)
	case err == errPublic:
		return nil, usagef("--gdb %s: %v (--gdb-allow-remote permits it)", name, err)
	case err != nil:
		return nil, usagef("--gdb %s: %v", name, cause(err))
	}
	return at, nil
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// begin makes ready what a debugger, if one can come, will find: the kernel's symbols, and the guest at its first instruction or that of the program whose processes are
// shown.
func (f *runFront) begin(ctx context.Context) error {
	if f.session.gdb == "" {
		return nil
	}
	if err := f.server.open(ctx, nil); err != nil {
		return err
	}
	f.waiting = f.session.wait || f.session.gdb == "-"
	if f.session.show == view.ProcessView && f.waiting {
		return f.server.view.StartProgram(ctx)
	}
	return nil
}

// listen lets debuggers in from now on, and says how to connect. Without an address nobody comes.
func (f *runFront) listen(at *endpoint) error {
	if at == nil {
		return nil
	}
	err := f.server.listen(at, func(from net.Addr, why string) { f.session.log.Warn("a connection was refused: " + why) })
	if err != nil {
		return usagef("--gdb %s: %v", f.session.gdb, cause(err))
	}
	f.hint = connectHint(f.server.door.Addr())
	if f.waiting {
		f.say("the %s waits at its first instruction for gdb: %s", map[bool]string{false: "guest", true: "program"}[f.session.show == view.ProcessView], f.hint)
	} else {
		f.say("gdb can connect at any time: %s", f.hint)
	}
	f.console.untilStarted(f.waiting)
	return nil
}

// say tells the person at the terminal something, unless --quiet.
func (f *runFront) say(format string, args ...any) {
	if !f.session.quiet && !f.session.mute() {
		fmt.Fprintf(f.stderr, "forkscope: "+format+"\n", args...)
	}
}

// orEnded is the end of a run, of which the user's own wish has to be told.
func (f *runFront) orEnded(ctx context.Context, err error) error {
	var k killedBy
	if errors.As(context.Cause(ctx), &k) {
		f.say("%v", k)
	}
	if ctx.Err() != nil {
		return ended(ctx)
	}
	return err
}

// Extended implements gdbstub.Owner.
func (f *runFront) Extended() {}

// Killing implements gdbstub.Owner.
func (f *runFront) Killing() {}

// Replying implements gdbstub.Owner.
func (f *runFront) Replying() {
	f.host.settle()
	f.server.out.settle()
}

func (f *runFront) opened(ctx context.Context, from net.Addr) {
	if f.session.show != view.ProcessView {
		return
	}
	if err := f.server.view.AttachLiving(ctx); err != nil {
		f.session.log.WithError(err).Warn("there is no process to be shown")
	}
}

func (f *runFront) offer(t *gdbstub.Target) {
	t.Monitor = append(t.Monitor, exitCommand(func() { f.exiting = true }))
}

// closed: the guest waits if the debugger was lost, so that nothing is missed until it is back, and runs on if it let go.
func (f *runFront) closed(ctx context.Context) (over bool, err error) {
	v := f.server.view
	switch {
	case f.exiting:
		f.say("ended by the debugger")
		return true, nil
	case v.Ended() != nil:
		f.host.flush(ctx)
		return true, f.endedInSession()
	}
	if f.waiting = v.Lost(); f.waiting && f.hint != "" {
		f.say("gdb is gone; the guest waits where it is: %s", f.hint)
	}
	if f.console != nil {
		f.console.untilStarted(f.waiting)
	}
	return false, nil
}

func (f *runFront) holds() bool { return f.waiting }

// stopped reports how the guest ended and gives the command its exit status.
func (f *runFront) stopped(ctx context.Context, s machine.Stop) (over bool, err error) {
	f.host.flush(ctx)
	switch {
	case s.Reason == machine.Limit:
		return true, fmt.Errorf("the guest has reached instruction %d, where --max-insns ends it", f.session.most)
	case s.Status != 0:
		if !f.session.mute() || s.Reason != machine.PowerOff {
			f.session.log.Error(s.Message())
		}
		return true, exitStatus(s.Status)
	}
	f.say("%s", s.Message())
	return true, nil
}

// endedInSession is the end of a guest that ended while a debugger was connected.
func (f *runFront) endedInSession() error {
	stop := f.server.view.Ended()
	if stop.Kind == gdbstub.StopKilled {
		f.say("the guest was killed by the debugger")
		return exitStatus(128 + int(stop.Signal))
	}
	f.say("%s", bytes.TrimSpace([]byte(stop.Console)))
	if stop.Code == 0 {
		return nil
	}
	return exitStatus(stop.Code)
}

// exitCommand is "monitor exit".
func exitCommand(note func()) gdbstub.Command {
	return gdbstub.Command{
		Name: "exit", Help: "end the server and the guest",
		Run: func(gdbstub.ThreadID, []string, io.Writer) error {
			note()
			return gdbstub.ErrLeave
		},
	}
}
