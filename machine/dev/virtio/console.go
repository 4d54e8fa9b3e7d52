package virtio

import (
	"encoding/binary"
	"errors"
	"io"

	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
)

const (
	consoleID        = 3
	featureMultiport = 1 << 1 // VIRTIO_CONSOLE_F_MULTIPORT (5.3.3)
)

// Queues of the console (5.3.2): those of port 0, of the control messages, of port 1, and so on; receiving ones are even.
const (
	controlIn  = 2
	controlOut = 3
)

// Control messages (5.3.6.2).
const (
	eventDeviceReady = 0
	eventPortAdd     = 1
	eventPortReady   = 3
	eventPortOpen    = 6
	eventPortName    = 7

	controlSize = 8
)

// window is how many bytes of a port's output the host may be behind before buffers stay with the device, and so the guest's writer has
// to wait; piece is how many are moved at a time.
const (
	window = 1 << 20
	piece  = 64 << 10
)

// ErrLater is a Source's word that bytes are not there yet.
var ErrLater = errors.New("later")

// Source is where the bytes come from that a port receives.
type Source interface {
	// Read is called when the guest has room for len(p) bytes. A source whose bytes are always there puts them into p, and returns io.EOF
	// after the last. ErrLater says that the bytes, at most len(p), will come by Deliver, or the end by HangUp; until then it is not called again.
	Read(p []byte) (int, error)
}

// Sink is where the bytes go that a port sends.
type Sink interface {
	// Write takes all of p and keeps no reference to it. It reports whether the host has it; if not, Taken says so later.
	Write(p []byte) (taken bool)
}

// Port is a stream of bytes between guest and host. In or Out may be nil.
type Port struct {
	// Name is told to the guest.
	Name string
	In   Source
	Out  Sink
	// Background says that who asks for bytes does not wait for them: most of the time there are none.
	Background bool
}

type port struct {
	Port
	open bool // the host's end is; once closed it stays so

	add, name, status bool   // what the guest is still to be told: that the port is there, its name, and open
	asked             bool   // the source has been asked
	arrived           []byte // from the host, with no buffer yet
	ended             bool   // nothing comes after what has arrived
	behind            int    // bytes sent that the host has not taken
	done              int    // bytes of the first chain to be sent that were sent
	blocked           bool   // a chain waits for the host
}

// Console is the console device (5.3) with any number of ports, each a pair of streams. It is a bus.Device.
//
// Input is pulled: the source is asked for as many bytes as the guest has made room for, when it has. The end of the input, and the host
// closing its end of the output, are told to the guest by a port that is no longer open.
type Console struct {
	transport
	ports   []port
	scratch []byte
}

// NewConsole returns a console after reset. mem is the guest's RAM.
func NewConsole(mem bus.Memory, irq bus.Line, ports []Port) *Console {
	c := &Console{scratch: make([]byte, piece)}
	c.transport = newTransport(c, mem, irq, max(controlOut+1, 2*len(ports)+2))
	for _, p := range ports {
		c.ports = append(c.ports, port{Port: p, open: true})
	}
	return c
}

func (c *Console) deviceID() uint32 { return consoleID }
func (c *Console) features() uint64 { return featureMultiport }

// config is struct virtio_console_config (5.3.4), of which only max_nr_ports is there.
func (c *Console) config(offset uint64) uint8 {
	var b [12]byte
	binary.LittleEndian.PutUint32(b[4:], uint32(len(c.ports)))
	if offset < uint64(len(b)) {
		return b[offset]
	}
	return 0
}

// inQueue is the number of the queue by which a port receives; the next one is that by which it sends.
func inQueue(port int) int {
	if port == 0 {
		return 0
	}
	return 2*port + 2
}

func (c *Console) multiport() bool { return c.transport.features&featureMultiport != 0 }

func (c *Console) notify(i int) error {
	switch {
	case i == controlIn || i == controlOut:
		if !c.multiport() {
			return nil
		}
		if i == controlOut {
			if err := c.control(); err != nil {
				return err
			}
		}
		return c.tell()
	case i > controlOut && !c.multiport():
		return nil
	}
	n := i / 2
	if i > controlOut {
		n--
	}
	if n >= len(c.ports) {
		return nil
	}
	if i%2 == 0 {
		return c.receive(n)
	}
	return c.send(n)
}

func (c *Console) reset() {
	for i := range c.ports {
		p := &c.ports[i]
		p.add, p.name, p.status, p.done, p.blocked = false, false, false, 0, false
	}
}

// control takes the driver's messages.
func (c *Console) control() error {
	q := &c.queues[controlOut]
	for {
		ch, err := q.peek(c.mem)
		if ch == nil {
			return err
		}
		q.pop()
		var m [controlSize]byte
		if ch.copyOut(c.mem, 0, m[:]) == controlSize {
			c.message(binary.LittleEndian.Uint32(m[:]), binary.LittleEndian.Uint16(m[4:]), binary.LittleEndian.Uint16(m[6:]))
		}
		c.push(controlOut, ch, 0)
	}
}

func (c *Console) message(id uint32, event, value uint16) {
	switch {
	case event == eventDeviceReady && value == 1:
		for i := range c.ports {
			c.ports[i].add = true
		}
	case event == eventPortReady && value == 1 && uint64(id) < uint64(len(c.ports)):
		p := &c.ports[id]
		p.name, p.status = p.Name != "", true
	}
}

// tell sends the driver what it is still to be told, as far as it has made room for it.
func (c *Console) tell() error {
	if !c.multiport() {
		return nil
	}
	for i := range c.ports {
		p := &c.ports[i]
		for _, m := range []struct {
			due   *bool
			event uint16
			value uint16
			text  string
		}{
			{&p.add, eventPortAdd, 0, ""},
			{&p.name, eventPortName, 1, p.Name},
			{&p.status, eventPortOpen, bit(p.open), ""},
		} {
			if !*m.due {
				continue
			}
			q := &c.queues[controlIn]
			ch, err := q.peek(c.mem)
			if ch == nil {
				return err
			}
			q.pop()
			b := binary.LittleEndian.AppendUint32(nil, uint32(i))
			b = binary.LittleEndian.AppendUint16(b, m.event)
			b = binary.LittleEndian.AppendUint16(b, m.value)
			c.push(controlIn, ch, ch.copyIn(c.mem, 0, append(b, m.text...)))
			*m.due = false
		}
	}
	return nil
}

// receive fills the buffers that the driver has given to a port.
func (c *Console) receive(n int) error {
	p, i := &c.ports[n], inQueue(n)
	q := &c.queues[i]
	for {
		ch, err := q.peek(c.mem)
		if ch == nil {
			return err
		}
		got := ch.copyIn(c.mem, 0, p.arrived)
		if p.arrived = p.arrived[got:]; len(p.arrived) == 0 {
			p.arrived = nil
		}
		if got == 0 && ch.room > 0 {
			if p.ended {
				return c.hangUp(n)
			}
			if p.In == nil || !p.open || p.asked {
				return nil
			}
			got, err = c.fill(p, ch)
			if err == ErrLater {
				p.asked = true
				return nil
			}
			if got == 0 {
				return c.hangUp(n)
			}
		}
		q.pop()
		c.push(i, ch, got)
	}
}

// fill gives a chain all it has room for, up to the end of the source. Any error but ErrLater is the end.
func (c *Console) fill(p *port, ch *chain) (n int, err error) {
	for n < ch.room {
		m, err := p.In.Read(c.scratch[:min(piece, ch.room-n)])
		n += ch.copyIn(c.mem, n, c.scratch[:m])
		if err != nil {
			return n, err
		}
		if m == 0 {
			return n, io.EOF
		}
	}
	return n, nil
}

// send passes on what the driver has given to a port, as far as the host is not too far behind. What is sent to an end that is closed is lost.
func (c *Console) send(n int) error {
	p, i := &c.ports[n], inQueue(n)+1
	q := &c.queues[i]
	p.blocked = false
	for {
		ch, err := q.peek(c.mem)
		if ch == nil {
			return err
		}
		for p.open && p.Out != nil && p.done < ch.contents {
			m := min(piece, ch.contents-p.done, window-p.behind)
			if m == 0 {
				p.blocked = true
				return nil
			}
			ch.copyOut(c.mem, p.done, c.scratch[:m])
			p.done += m
			if !p.Out.Write(c.scratch[:m]) {
				p.behind += m
			}
		}
		p.done = 0
		q.pop()
		c.push(i, ch, 0)
	}
}

// hangUp closes the host's end.
func (c *Console) hangUp(n int) error {
	p := &c.ports[n]
	if !p.open {
		return nil
	}
	p.open, p.status, p.asked = false, true, false
	if err := c.send(n); err != nil {
		return err
	}
	return c.tell()
}

// Deliver gives a port what its source has announced.
func (c *Console) Deliver(n int, b []byte) {
	p := &c.ports[n]
	p.asked = false
	p.arrived = append(p.arrived, b...)
	if c.live() {
		c.check(c.receive(n))
	}
}

// AskAgain asks the sources once more that have been asked and have not answered.
func (c *Console) AskAgain() {
	for i := range c.ports {
		if p := &c.ports[i]; p.asked {
			p.asked = false
			if c.live() {
				c.check(c.receive(i))
			}
		}
	}
}

// Taken says that the host has taken so many more bytes of a port's output.
func (c *Console) Taken(n, bytes int) {
	p := &c.ports[n]
	p.behind = max(0, p.behind-bytes)
	if c.live() {
		c.check(c.send(n))
	}
}

// HangUp says that the host's end of a port is closed: nothing comes after what was delivered, and nothing more is taken.
func (c *Console) HangUp(n int) {
	p := &c.ports[n]
	switch {
	case len(p.arrived) > 0:
		p.ended, p.asked = true, false
	case c.live():
		c.check(c.hangUp(n))
	default:
		p.open, p.asked = false, false
	}
}

// Behind is how many bytes of a port's output the host has not taken.
func (c *Console) Behind(n int) int { return c.ports[n].behind }

// Ports is the number of ports.
func (c *Console) Ports() int { return len(c.ports) }

// WaitsForHost reports whether the guest waits for something that the host has not yet done: to send bytes, or to take them.
func (c *Console) WaitsForHost() bool {
	for i := range c.ports {
		if p := &c.ports[i]; p.asked && !p.Background || p.blocked {
			return true
		}
	}
	return false
}

func bit(b bool) uint16 {
	if b {
		return 1
	}
	return 0
}

// arrivedMost bounds the bytes that wait for a port's buffers in a state that is loaded.
const arrivedMost = 1 << 30

// State goes over the transport and the ports, whose names and number are the machine's. What the host was asked for is state, what the host holds is not.
func (c *Console) State(v *snapshot.Visitor) {
	v.Section("virtio console")
	c.transport.state(v)
	for i := range c.ports {
		c.ports[i].state(v)
	}
}

func (p *port) state(v *snapshot.Visitor) {
	snapshot.Bool(v, "open", &p.open)
	snapshot.Bool(v, "add to tell", &p.add)
	snapshot.Bool(v, "name to tell", &p.name)
	snapshot.Bool(v, "open to tell", &p.status)
	snapshot.Bool(v, "asked", &p.asked)
	snapshot.Bytes(v, "arrived", &p.arrived, arrivedMost)
	snapshot.Bool(v, "ended", &p.ended)
	snapshot.Uint(v, "behind", &p.behind)
	snapshot.Uint(v, "done", &p.done)
	snapshot.Bool(v, "blocked", &p.blocked)
	v.Check(p.behind >= 0 && p.behind <= window, "behind")
	v.Check(p.done >= 0 && p.done <= chainMax, "done")
}
