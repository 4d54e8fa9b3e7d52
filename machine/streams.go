package machine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

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
			p.Out = &sink{m, s.Name, s.Out}
		}
		ports = append(ports, p)
	}
	m.streams = streams
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
		if err != nil && err != io.EOF {
			s.m.log.WithError(err).Warn("the guest's " + s.name + " ends here")
		}
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
			s.m.gate.Put(s.name+streamEnd, []byte(err.Error()))
		}
	})
	return 0, virtio.ErrLater
}

// sink is an Output as the device sees it.
type sink struct {
	m    *Machine
	name string
	out  *Output
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
	if !s.m.replaying() {
		s.m.gate.Put(s.name+streamTaken, binary.LittleEndian.AppendUint64(nil, uint64(n)))
	}
}

func (s *sink) closed(err error) {
	if !s.m.replaying() {
		s.m.gate.Put(s.name+streamClosed, []byte(err.Error()))
	}
}

// replaying reports whether what the host does is in a log that is being repeated. A log that has ended is followed by the live host.
func (m *Machine) replaying() bool { return m.gate.Feeding() }

// admitStream lets an event of a port in. It reports whether it was one.
func (m *Machine) admitStream(what string, data []byte) (known bool, err error) {
	name, event, ok := strings.Cut(what, ":")
	if !ok || m.board.Streams == nil {
		return false, nil
	}
	for i, s := range m.streams {
		if s.Name != name {
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
			m.board.Streams.Taken(i, int(binary.LittleEndian.Uint64(data)))
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
