package machine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"forkscope/machine/dev/virtio"
)

// Stream is one stream of bytes between the host and a port of the guest's virtio console, in one direction or both.
type Stream struct {
	// Name is told to the guest.
	Name string
	In   *Input
	Out  *Output
}

// What happens at a port, as the gate's log has it: "stdin: bytes" with what came, "stdin: end", "stdout: taken" with a count of 8 bytes,
// little-endian, "stdout: closed".
const (
	streamBytes  = ": bytes"
	streamEnd    = ": end"
	streamTaken  = ": taken"
	streamClosed = ": closed"
)

// streamPorts wires the host's streams to the ports of the console, by way of the gate.
func (m *Machine) streamPorts(streams []Stream) []virtio.Port {
	var ports []virtio.Port
	for _, s := range streams {
		p := virtio.Port{Name: s.Name}
		if s.In != nil {
			p.In = &source{m, s.Name, s.In}
		}
		if s.Out != nil {
			p.Out = &sink{m: m, name: s.Name, out: s.Out}
		}
		ports = append(ports, p)
	}
	m.ports = ports
	return ports
}

// source is an Input as the device sees it.
type source struct {
	m    *Machine
	name string
	in   *Input
}

func (s *source) Read(p []byte) (int, error) {
	if s.in.atOnce {
		n, err := s.in.r.Read(p)
		s.report(err)
		return n, err
	}
	if s.m.replaying() {
		return 0, virtio.ErrLater // the log has it
	}
	s.in.ask(len(p), func(b []byte, err error) {
		if len(b) > 0 {
			s.m.gate.Put(s.name+streamBytes, b)
		}
		if err != nil {
			s.report(err)
			s.m.gate.Put(s.name+streamEnd, []byte(err.Error()))
		}
	})
	return 0, virtio.ErrLater
}

// report tells of an input that ends by an error, which the guest takes for the end of the file.
func (s *source) report(err error) {
	if err != nil && err != io.EOF {
		s.m.log.WithError(err).Warn("the program's " + s.name + " ends here")
	}
}

// sink is an Output as the device sees it.
type sink struct {
	m    *Machine
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
	if s.m.replaying() {
		return
	}
	if n := s.owed.Swap(0); n > 0 {
		s.m.gate.Put(s.name+streamTaken, binary.LittleEndian.AppendUint64(nil, uint64(n)))
	} else {
		s.owed.Add(n)
	}
}

func (s *sink) closed(err error) {
	if !s.m.replaying() {
		s.m.gate.Put(s.name+streamClosed, []byte(err.Error()))
	}
}

// replaying reports whether what the host does is in a log that is being repeated. A log that has ended is followed by the live host.
func (m *Machine) replaying() bool { return m.gate.Feeding() }

// goLive is the end of a log: the host is asked what the log has not answered, and what it has taken meanwhile counts.
func (m *Machine) goLive() {
	if m.board.Streams == nil {
		return
	}
	m.board.Streams.AskAgain()
	for _, p := range m.ports {
		if s, ok := p.Out.(*sink); ok {
			s.settle()
		}
	}
}

// takeOver makes the host's streams those of a state that was loaded: they are asked what the device has asked, and owe nothing of what others have not taken.
func (m *Machine) takeOver() {
	if m.board.Streams == nil {
		return
	}
	for i, p := range m.ports {
		if s, ok := p.Out.(*sink); ok {
			s.owed.Store(int64(m.board.Streams.Behind(i)))
		}
	}
	if !m.replaying() {
		m.goLive()
	}
}

// admitStream lets an event of a port in, of this host's or of a recorded run. It reports whether it was one.
func (m *Machine) admitStream(what string, data []byte, recorded bool) (known bool, err error) {
	name, event, ok := strings.Cut(what, ":")
	if !ok || m.board.Streams == nil {
		return false, nil
	}
	for i, p := range m.ports {
		if p.Name != name {
			continue
		}
		switch ":" + event {
		case streamBytes:
			m.board.Streams.Deliver(i, data)
		case streamEnd, streamClosed:
			m.board.Streams.HangUp(i)
		case streamTaken:
			if len(data) != 8 {
				return true, fmt.Errorf("%s: %d bytes instead of a count", what, len(data))
			}
			n := int(binary.LittleEndian.Uint64(data))
			if s, ok := p.Out.(*sink); ok && recorded {
				s.owed.Add(int64(-n))
			}
			m.board.Streams.Taken(i, n)
		default:
			return false, nil
		}
		return true, nil
	}
	return false, nil
}

// awaitsHost reports whether something in the guest waits for the host: for bytes that it has not sent yet, or for it to take some.
func (m *Machine) awaitsHost() bool {
	return m.board.Streams != nil && !m.replaying() && m.board.Streams.WaitsForHost()
}

// errClosed is the end of an output whose reader is gone.
var errClosed = errors.New("nobody reads any more")
