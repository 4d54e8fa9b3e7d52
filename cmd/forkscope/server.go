package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"

	"forkscope/gdbstub"
	"forkscope/machine"
	"forkscope/machine/cpu"
	view "forkscope/machine/debug"
)

// server owns a guest on one goroutine: it lets the guest run, or hands it to the debuggers that connect, one after the other. What a command
// makes of this is its front end's matter.
type server struct {
	front frontEnd
	guest *guest
	show  view.View
	limit uint64         // count that ends the run
	view  *view.Debugger // nil where nobody can connect
	door  *gdbstub.Door  // nil where nobody can connect but over standard input and output
	out   *outlet
	trace func(sent bool, packet []byte) // nil is none
	log   func(message string)
	// printed takes what breakpoints' commands print (gdb's "dprintf-style agent"); nil is the debugger itself.
	printed func(text []byte)
}

// frontEnd is what run and gdbserver do differently. Its methods are called on the server's goroutine.
type frontEnd interface {
	// Owner hears what a session says to the server.
	gdbstub.Owner
	// opened is called when a debugger has connected, before its session attaches; from is nil over standard input and output.
	opened(ctx context.Context, from net.Addr)
	// offer may change what the session offers.
	offer(t *gdbstub.Target)
	// closed is called when a session is over. It says whether the server is, too, and with what error.
	closed(ctx context.Context) (over bool, err error)
	// holds says whether the guest is to stand still until a debugger comes.
	holds() bool
	// stopped is called when the guest has ended, or come to the limit, with nobody connected. It says whether the server is over, and with what
	// error; if it is not, nothing runs until a debugger comes.
	stopped(ctx context.Context, stop machine.Stop) (over bool, err error)
}

// gcPercent keeps the emulator's own heap small beside the guest's memory, which is not on it. What lives on the heap is
// mostly decoded code, which hardly changes once a guest runs, so collecting often costs little.
const gcPercent = 50

// Until a guest runs, next to nothing of what has been made is garbage: looking for it would be a third of the time that the command takes
// to start. The collector begins with the guest, or with the files of the user's, which may be large.
func holdCollector()  { debug.SetGCPercent(-1) }
func startCollector() { debug.SetGCPercent(gcPercent) }

// open prepares the debugger's view of the machine, so that a debugger finds its answers ready.
func (s *server) open(ctx context.Context, notify func(view.Event)) error {
	v, err := openView(ctx, s.guest, s.show, notify)
	s.view = v
	return err
}

// listen opens the door. A debugger that comes stops the guest, so that the loop looks.
func (s *server) listen(at *endpoint, refused func(from net.Addr, why string)) error {
	l, err := at.open()
	if err != nil {
		return err
	}
	s.door = gdbstub.NewDoor(l, gdbstub.DoorEvents{
		Waiting: func() { s.guest.machine().RequestStop() },
		Refused: refused,
	})
	return nil
}

// close gives back what the server holds.
func (s *server) close() {
	if s.door != nil {
		s.door.Close()
	}
}

// loop lets the guest run to its end. While a debugger is connected its session decides what runs.
func (s *server) loop(ctx context.Context) error {
	var visitors <-chan *gdbstub.Visitor
	if s.door != nil {
		visitors = s.door.Visitors
	}
	startCollector()
	still := false // the guest has come to an end
	for ctx.Err() == nil {
		var visitor *gdbstub.Visitor
		if still || s.front.holds() {
			select {
			case visitor = <-visitors:
			case <-ctx.Done():
				continue
			}
		} else {
			select {
			case visitor = <-visitors:
			default:
			}
		}
		var over bool
		var err error
		if visitor != nil {
			still = false
			over, err = s.session(ctx, visitor, visitor.RemoteAddr())
		} else if stop := s.pass(s.limit); stop.Reason.Final() || stop.Reason == machine.Limit {
			still = true
			over, err = s.front.stopped(ctx, stop)
		}
		if over || err != nil {
			return err
		}
	}
	return ended(ctx)
}

// session holds one session with a debugger.
func (s *server) session(ctx context.Context, c io.ReadWriteCloser, from net.Addr) (over bool, err error) {
	startCollector() // over standard input and output there is no loop
	s.front.opened(ctx, from)
	t := s.view.Target()
	s.front.offer(t)
	if err := gdbstub.Serve(ctx, c, t, gdbstub.Options{Owner: s.front, Trace: s.trace, Log: s.log, Printed: s.printed}); err != nil {
		s.guest.config.Log.WithError(err).Warn("the debugger's session ended")
	}
	c.Close()
	if ctx.Err() != nil {
		return true, ended(ctx)
	}
	return s.front.closed(ctx)
}

// pass lets the guest go on for a while, with nobody there to hear of a breakpoint.
func (s *server) pass(limit uint64) machine.Stop {
	return s.guest.machine().Run(cpu.UntilTime(limit))
}

// runOn lets the guest run, up to a count or to its end. A signal to the command ends it sooner.
func (s *server) runOn(ctx context.Context, limit uint64) {
	for ctx.Err() == nil {
		if stop := s.pass(limit); stop.Reason.Final() || stop.Reason == machine.Limit {
			return
		}
	}
}

// ended is the end that the host's user wanted, by a signal or from the keyboard; nil is none.
func ended(ctx context.Context) error {
	var k killedBy
	switch {
	case errors.As(context.Cause(ctx), &k):
		return exitStatus(128 + int(k.Signal))
	case errors.Is(context.Cause(ctx), errQuit):
		return exitStatus(statusFailure)
	}
	return nil
}

// openView prepares what a debugger is shown of a guest. A kernel whose tasks cannot be found is shown as one thread, unless
// that is not what was wanted.
func openView(ctx context.Context, g *guest, show view.View, notify func(view.Event)) (*view.Debugger, error) {
	c := view.Config{Machine: g.machine(), Files: g.files.tree, View: show, NewMachine: g.again, Notify: notify, Context: ctx}
	c.Reset = func() (*machine.Machine, error) { return g.boot(g.first) }
	if g.requests != nil {
		c.Spawn = g.spawn
	}
	if p := g.first.program; p != nil {
		c.Program = p.image
	}
	c.ExecFile = g.execFile()
	if g.files.damage != nil {
		g.config.Log.WithError(g.files.damage).Warn("gdb cannot read all of the guest's programs")
	}
	if c.Image, c.NoImage = g.image(); c.NoImage != nil {
		c.Image = nil
	}
	v, err := view.New(c)
	if err != nil {
		return nil, usageError{fmt.Errorf("--view process: the kernel's processes cannot be shown: %w", err)}
	}
	if why := v.NoTasks(); why != nil {
		g.config.Log.Warnf("gdb is shown the CPU as one thread, since no tasks are known: %v", why)
	}
	return v, nil
}
