package main

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
	view "forkscope/machine/debug"
)

// driver owns the machine on one goroutine, and lets it run or hands it to a debugger's session.
type driver struct {
	*session
	view   *view.Debugger // made when the first debugger connects, unless a program's processes are shown: reading symbols costs start-up time
	conns  chan net.Conn  // one connection that waits for its session
	slot   chan struct{}  // holds a token while a debugger is connected, or waits in conns
	stderr io.Writer
	hint   string // how to connect
}

// gcPercent keeps the emulator's own heap small beside the guest's memory, which is not on it. What lives on the heap is
// mostly decoded code, which hardly changes once a guest runs, so collecting often costs little.
const gcPercent = 50

// killedBy is the cause of the end when the host's user sent a signal.
type killedBy struct{ syscall.Signal }

func (k killedBy) Error() string { return "ended by " + k.String() }

func (s *session) run(stdin io.Reader, stdout, stderr io.Writer) (err error) {
	debug.SetGCPercent(gcPercent)
	s.log.SetOutput(stderr)
	overStdio, protocol := s.gdb == "-", stdin
	s.guest.config.Console = stdout
	if overStdio {
		s.guest.config.Console = stderr
	}
	host := s.stdio(stdin, stdout, stderr)
	var listener net.Listener
	if s.gdb != "" && !overStdio {
		var err error
		if listener, err = listen(s.gdb, s.remote); err != nil {
			return err
		}
		defer listener.Close()
	}
	if s.serial != "" {
		f, err := os.Create(s.serial)
		if err != nil {
			return fileError(s.serial, err)
		}
		defer func() {
			if err := f.Close(); err != nil {
				s.log.Warn(err)
			}
		}()
		s.guest.config.Serial = f
	}
	if _, err := s.guest.boot(s.guest.first); err != nil {
		return usageError{err}
	}
	defer s.guest.close()
	d := &driver{session: s, conns: make(chan net.Conn, 1), slot: make(chan struct{}, 1), stderr: stderr}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	defer d.watchSignals(cancel)()
	if host != nil {
		stdin = nil
		defer func() { err = host.result(ctx, err) }()
	}
	if s.show == view.ProcessView {
		if err := d.startProgram(ctx); err != nil {
			return err
		}
	}
	if overStdio {
		d.serve(ctx, stdio{protocol, stdout})
		return d.afterSession(ctx)
	}
	con := openConsole(stdin, s.guest.machine, cancel)
	defer con.restore()
	waiting := false
	if listener != nil {
		waiting = s.wait
		d.hint = connectHint(listener)
		if waiting {
			d.say("the %s waits at its first instruction for gdb: %s", map[bool]string{false: "guest", true: "program"}[s.show == view.ProcessView], d.hint)
		} else {
			d.say("gdb can connect at any time: %s", d.hint)
		}
		con.untilStarted(waiting)
		go d.accept(listener)
	}
	return d.loop(ctx, waiting, con)
}

// startProgram takes the guest to the program's first instruction, where a debugger of processes finds it.
func (d *driver) startProgram(ctx context.Context) error {
	v, err := d.open()
	if err != nil {
		return err
	}
	d.view = v
	err = v.StartProgram(ctx)
	if err != nil && ctx.Err() != nil {
		return d.afterSession(ctx)
	}
	return err
}

// say tells the person at the terminal something, unless --quiet. A terminal in raw mode needs the carriage return.
func (d *driver) say(format string, args ...any) {
	if !d.quiet && !d.mute() {
		fmt.Fprintf(d.stderr, "forkscope: "+format+"\r\n", args...)
	}
}

// watchSignals turns the host's signals into the end of the run.
func (d *driver) watchSignals(cancel context.CancelCauseFunc) (stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for sig := range c {
			cancel(killedBy{sig.(syscall.Signal)})
			d.guest.machine().RequestStop()
		}
	}()
	return func() { signal.Stop(c); close(c) }
}

// loop runs the guest to its end. While a debugger is connected its session decides what runs.
func (d *driver) loop(ctx context.Context, waiting bool, con *console) error {
	for ctx.Err() == nil {
		if waiting {
			select {
			case c := <-d.conns:
				waiting = d.serve(ctx, c)
			case <-ctx.Done():
			}
		} else {
			select {
			case c := <-d.conns:
				waiting = d.serve(ctx, c)
			default:
				stop := d.guest.machine().Run(d.limit)
				if stop.Reason.Final() {
					return d.end(stop)
				}
				if stop.Reason == machine.Limit {
					return fmt.Errorf("the guest has reached instruction %d, where --max-insns ends it", d.limit)
				}
			}
		}
		con.untilStarted(waiting)
		if d.view != nil && d.view.Ended() != nil {
			break
		}
	}
	return d.afterSession(ctx)
}

// accept passes connections to the loop, one at a time, and stops the guest so that the loop looks.
func (d *driver) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			d.log.WithError(err).Warn("a debugger could not connect")
			continue
		}
		select {
		case d.slot <- struct{}{}:
			d.conns <- c
			d.guest.machine().RequestStop()
		case <-time.After(handover):
			d.log.Warn("a second debugger was turned away: one is connected already")
			c.Close()
		}
	}
}

// handover is how long a new debugger waits for one that is just leaving.
const handover = time.Second

// serve holds one session with a debugger. Afterwards the guest waits if the debugger was lost, so that nothing is
// missed until it is back, and runs on if it let go.
func (d *driver) serve(ctx context.Context, c io.ReadWriteCloser) (waiting bool) {
	defer d.free()
	defer c.Close()
	if d.view == nil {
		v, err := d.open()
		if err != nil {
			d.log.WithError(err).Error("the debugger was turned away")
			return false
		}
		d.view = v
	}
	err := gdbstub.Serve(ctx, c, d.view.Target(), gdbstub.Options{Log: func(m string) { d.log.Info(m) }})
	if err != nil {
		d.log.WithError(err).Warn("the debugger's session ended")
	}
	if d.view.Ended() != nil || ctx.Err() != nil {
		return false
	}
	if d.view.Lost() {
		if d.hint != "" {
			d.say("gdb is gone; the guest waits where it is: %s", d.hint)
		}
		return true
	}
	return false
}

// free lets the next debugger in. The debugger of --gdb - never took the slot.
func (d *driver) free() {
	select {
	case <-d.slot:
	default:
	}
}

// open prepares the debugger's view of the machine.
func (d *driver) open() (*view.Debugger, error) {
	return openView(d.guest, d.guest.machine(), d.show, nil)
}

// openView prepares what a debugger is shown of a machine of the guest. A kernel whose tasks cannot be found is shown as one thread, unless
// that is not what was wanted.
func openView(g *guest, m *machine.Machine, show view.View, notify func(view.Event)) (*view.Debugger, error) {
	c := view.Config{Machine: m, Files: g.tree, View: show, NewMachine: g.again, Notify: notify}
	if p := g.first.program; p != nil {
		c.Program = p.path
	}
	if bytes.HasPrefix(g.kernel, []byte(elf.ELFMAG)) {
		c.ExecFile = "/boot/vmlinux-" + g.config.Arch
		g.tree[c.ExecFile[1:]] = view.TreeFile{Mode: 0o755, Data: g.kernel}
	}
	if g.damage != nil {
		g.config.Log.WithError(g.damage).Warn("gdb cannot read all of the guest's programs")
	}
	im, err := introspect.Open(bytes.NewReader(g.kernel))
	if err == nil {
		c.Image = im
		var v *view.Debugger
		if v, err = view.New(c); err == nil {
			return v, nil
		}
	}
	if show == view.ProcessView {
		return nil, usageError{fmt.Errorf("--view process: the kernel's tasks are not known: %w", err)}
	}
	g.config.Log.WithError(err).Warn("gdb sees the CPU as one thread, and no tasks")
	c.Image, c.View = nil, view.KernelView
	return view.New(c)
}

// end reports how the guest ended and gives the command its exit status.
func (d *driver) end(s machine.Stop) error {
	if s.Status != 0 {
		if !d.mute() || s.Reason != machine.PowerOff {
			d.log.Error(s.Message)
		}
	} else {
		d.say("%s", s.Message)
	}
	if s.Status == 0 {
		return nil
	}
	return exitStatus(s.Status)
}

// afterSession is the end of a run that did not end by itself: by a signal, or inside a debugger's session.
func (d *driver) afterSession(ctx context.Context) error {
	var k killedBy
	if errors.As(context.Cause(ctx), &k) {
		d.say("%v", k)
		return exitStatus(128 + int(k.Signal))
	}
	if errors.Is(context.Cause(ctx), errQuit) {
		return exitStatus(statusFailure)
	}
	if d.view == nil || d.view.Ended() == nil {
		return nil
	}
	stop := d.view.Ended()
	if stop.Kind == gdbstub.StopKilled {
		d.say("the guest was killed by the debugger")
		return exitStatus(128 + int(stop.Signal))
	}
	d.say("%s", bytes.TrimSpace([]byte(stop.Console)))
	if stop.Code == 0 {
		return nil
	}
	return exitStatus(stop.Code)
}
