package machine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/sirupsen/logrus"

	"forkscope/machine/dev/virtio"
	"forkscope/machine/timeline"
)

// Stream is one stream of bytes between the host and a port of the guest's virtio console, in one direction or both.
type Stream struct {
	// Name is told to the guest.
	Name string
	In   *Input
	Out  *Output
	// Background says that whoever reads In in the guest has not come to a point where it needs what the host has not sent: time goes on for an idle
	// guest that waits for nothing else.
	Background bool
}

// What happens at a port, as the gate's log has it: "stdin: bytes" with what came, "stdin: end", "stdout: taken" with a count of 8 bytes,
// little-endian, "stdout: closed".
const (
	streamBytes  = ": bytes"
	streamEnd    = ": end"
	streamTaken  = ": taken"
	streamClosed = ": closed"
)

// streams is the host's end of the guest's virtio console.
type streams struct {
	gate   *timeline.Gate
	log    *logrus.Entry
	ports  []virtio.Port
	device *virtio.Console // nil where there are no streams
}

// connect wires the host's streams to the ports of the console, by way of the gate.
func (s *streams) connect(list []Stream) []virtio.Port {
	for _, l := range list {
		p := virtio.Port{Name: l.Name, Background: l.Background}
		if l.In != nil {
			p.In = &source{s, l.Name, l.In}
		}
		if l.Out != nil {
			p.Out = &sink{of: s, name: l.Name, out: l.Out}
		}
		s.ports = append(s.ports, p)
	}
	return s.ports
}

// source is an Input as the device sees it.
type source struct {
	of   *streams
	name string
	in   *Input
}

func (s *source) Read(p []byte) (int, error) {
	if s.in.atOnce {
		n, err := s.in.r.Read(p)
		s.report(err)
		return n, err
	}
	if s.of.gate.Feeding() {
		return 0, virtio.ErrLater // the log has it
	}
	s.in.ask(len(p), func(b []byte, err error) {
		if len(b) > 0 {
			s.of.gate.Put(s.name+streamBytes, b)
		}
		if err != nil {
			s.report(err)
			s.of.gate.Put(s.name+streamEnd, []byte(err.Error()))
		}
	})
	return 0, virtio.ErrLater
}

// report tells of an input that ends by an error, which the guest takes for the end of the file.
func (s *source) report(err error) {
	if err != nil && err != io.EOF {
		s.of.log.WithError(err).Warn("the program's " + s.name + " ends here")
	}
}

// sink is an Output as the device sees it.
type sink struct {
	of   *streams
	name string
	out  *Output
	owed atomic.Int64 // bytes taken that the device was not told of, less those that a log has told it of
}

func (s *sink) Write(p []byte) bool {
	if s.out.atOnce {
		if _, err := s.out.w.Write(p); err != nil && s.out.fail(err) {
			s.closed(err)
		}
		return true
	}
	s.out.put(p, sender{s, s.taken, s.closed})
	return false
}

func (s *sink) taken(n int) {
	s.owed.Add(int64(n))
	s.settle()
}

// settle tells the device what it is owed, unless a log does that.
func (s *sink) settle() {
	if s.of.gate.Feeding() {
		return
	}
	if n := s.owed.Swap(0); n > 0 {
		s.of.gate.Put(s.name+streamTaken, binary.LittleEndian.AppendUint64(nil, uint64(n)))
	} else {
		s.owed.Add(n)
	}
}

func (s *sink) closed(err error) {
	if !s.of.gate.Feeding() {
		s.of.gate.Put(s.name+streamClosed, []byte(err.Error()))
	}
}

// goLive is the end of a log that was repeated: the host is asked what the log has not answered, and what it has taken meanwhile counts.
func (s *streams) goLive() {
	if s.device == nil {
		return
	}
	s.device.AskAgain()
	for _, p := range s.ports {
		if o, ok := p.Out.(*sink); ok {
			o.settle()
		}
	}
}

// takeOver makes the host's streams those of a state that was loaded: they are asked what the device has asked, and owe nothing of what others have not taken.
func (s *streams) takeOver() {
	if s.device == nil {
		return
	}
	for i, p := range s.ports {
		if o, ok := p.Out.(*sink); ok {
			o.owed.Store(int64(s.device.Behind(i)))
		}
	}
	if !s.gate.Feeding() {
		s.goLive()
	}
}

// enter lets an event of a port in, of this host's or of a recorded run.
func (s *streams) enter(what string, data []byte, recorded bool) error {
	name, event, _ := strings.Cut(what, ":")
	i := slices.IndexFunc(s.ports, func(p virtio.Port) bool { return p.Name == name })
	if i < 0 {
		return fmt.Errorf("input from an unknown source %q", what)
	}
	switch ":" + event {
	case streamBytes:
		s.device.Deliver(i, data)
	case streamEnd, streamClosed:
		s.device.HangUp(i)
	case streamTaken:
		if len(data) != 8 {
			return fmt.Errorf("%s: %d bytes instead of a count", what, len(data))
		}
		n := int(binary.LittleEndian.Uint64(data))
		if o, ok := s.ports[i].Out.(*sink); ok && recorded {
			o.owed.Add(int64(-n))
		}
		s.device.Taken(i, n)
	default:
		return fmt.Errorf("input from an unknown source %q", what)
	}
	return nil
}

// awaitHost reports whether something in the guest waits for the host: for bytes that it has not sent yet, or for it to take some.
func (s *streams) awaitHost() bool {
	return s.device != nil && !s.gate.Feeding() && s.device.WaitsForHost()
}

// errClosed is the end of an output whose reader is gone.
var errClosed = errors.New("nobody reads any more")
