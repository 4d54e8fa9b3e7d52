package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"forkscope/machine"
)

// streams are how the program's standard input, output and error reach the host's when not all of those are one terminal. What is no terminal is a
// stream of bytes; a terminal that is written to stays one, as the guest's console, which leaves echo and line ends to the host's.
type streams struct {
	ports   []machine.Stream
	words   []string // init's options
	console io.Writer
	lost    atomic.Bool // something that the program has printed could not be written
}

// openStreams decides what the program's descriptors are. It returns nil where all are terminals: then the console is all of them.
//
// A terminal on standard input is a stream too, unless the others are terminals: it is read when the program reads, so that a pager in the
// same pipeline gets what is typed for it. recorded says that all that is read is to be in the log of the run. lost hears of an error, other than that nobody reads, that ends an output.
func openStreams(stdin io.Reader, stdout, stderr io.Writer, recorded bool, lost func(stream string, err error)) *streams {
	in, inTerminal := stdin.(*os.File)
	inTerminal = inTerminal && isTerminal(in)
	if inTerminal && isTerminal(stdout) && isTerminal(stderr) {
		return nil
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a reader that is gone is the program's matter; to ignore the signal would be inherited
	s := &streams{words: []string{"plain-console"}, console: stderr}
	if !isTerminal(stderr) && isTerminal(stdout) {
		s.console = stdout
	} else if !isTerminal(stderr) {
		s.console = &plainLines{w: stderr}
	}
	if isNull(stdin) {
		s.words = append(s.words, "stdin="+os.DevNull)
	} else {
		s.add(machine.Stream{Name: "stdin", In: machine.NewInput(stdin, isRegular(stdin) && !recorded)})
	}
	var out *machine.Output
	for _, o := range []struct {
		name string
		w    io.Writer
	}{{"stdout", stdout}, {"stderr", stderr}} {
		switch {
		case isTerminal(o.w):
			continue
		case isNullWriter(o.w):
			s.words = append(s.words, o.name+"="+os.DevNull)
			continue
		case out == nil || neverWaits(o.w) || !sameStream(stdout, stderr):
			name := o.name
			out = machine.NewOutput(o.w, neverWaits(o.w), func(err error) {
				s.lost.Store(true)
				lost(name, cause(err))
			})
		}
		s.add(machine.Stream{Name: o.name, Out: out})
	}
	return s
}

// stdio connects the program with the host's streams, unless all are one terminal or the guest is not ours.
func (s *session) stdio(stdin io.Reader, stdout, stderr io.Writer) *streams {
	if !s.hosted {
		return nil
	}
	if s.gdb == "-" { // the protocol has two of them
		stdin, stdout = nil, stderr
	}
	host := openStreams(stdin, stdout, stderr, s.guest.recorder != nil, func(stream string, err error) {
		s.log.Errorf("the program's %s is lost from here on: %v", stream, err)
	})
	if host == nil {
		return nil
	}
	host.attach(s.guest)
	if !s.verbose {
		s.guest.config.Cmdline = strings.TrimSpace("quiet " + s.guest.config.Cmdline)
	}
	s.guest.config.Forget = s.gdb == "" && s.guest.recorder == nil
	s.aside = !isTerminal(stderr) || !isTerminal(stdout)
	return host
}

// mute reports whether the command says nothing of its own but errors: where its output is the program's, and nobody debugs.
func (s *session) mute() bool { return s.aside && !s.verbose && s.gdb == "" }

// stdio connects the programs with the host's streams, unless all are one terminal. With the protocol on two of them the program's output is
// on the third.
func (s *gdbserver) stdio(stdin io.Reader, stdout, stderr io.Writer, overStdio bool) *streams {
	if overStdio {
		stdin, stdout = nil, stderr
	}
	return openStreams(stdin, stdout, stderr, s.record != "", func(stream string, err error) {
		s.say("forkscope: the program's %s is lost from here on: %v", stream, err)
	})
}

// result is the command's result with the program's: one whose output was lost has failed.
func (s *streams) result(ctx context.Context, err error) error {
	if s == nil {
		return err
	}
	if s.flush(ctx); err == nil && s.lost.Load() {
		return exitStatus(statusFailure)
	}
	return err
}

// settle waits for a moment until the host has taken what the program has printed, so that a line about the program comes after it. A reader that
// is slow does not hold up the debugger.
func (s *streams) settle() {
	if s == nil {
		return
	}
	const moment = 200 * time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), moment)
	defer cancel()
	s.flush(ctx)
}

// add makes the next port one of the program's descriptors.
func (s *streams) add(p machine.Stream) {
	s.words = append(s.words, p.Name+"=/dev/vport0p"+strconv.Itoa(len(s.ports)))
	s.ports = append(s.ports, p)
}

// attach makes them the streams of a guest that has not been started. What its console prints is to go to s.console.
func (s *streams) attach(g *guest) {
	g.words = append(g.words, s.words...)
	g.config.Streams = s.ports
}

// flush waits until the host has taken what the program has printed, or ctx is done.
func (s *streams) flush(ctx context.Context) {
	if s == nil {
		return
	}
	for _, p := range s.ports {
		if p.Out != nil {
			p.Out.Flush(ctx)
		}
	}
}

// isRegular reports whether a stream is a regular file, which is read and written at once.
func isRegular(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// neverWaits reports whether a write to a stream waits for nobody: it is a regular file, or a device such as /dev/full, and no terminal.
func neverWaits(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || isTerminal(f) {
		return false
	}
	info, err := f.Stat()
	return err == nil && (info.Mode().IsRegular() || info.Mode()&os.ModeCharDevice != 0)
}

// isNullWriter is isNull of an output.
func isNullWriter(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && isNull(f)
}

// plainLines takes away the carriage returns with which a console ends its lines.
type plainLines struct{ w io.Writer }

func (p *plainLines) Write(b []byte) (int, error) {
	if _, err := p.w.Write(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))); err != nil {
		return 0, err
	}
	return len(b), nil
}
