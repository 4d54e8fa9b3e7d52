package gdbstub

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Door lets debuggers in, one at a time. A connection counts as a debugger when it has sent something, as gdb does at once: one that
// says nothing keeps nobody out, and one that speaks HTTP is dropped before a byte of it has been looked at as a packet. A debugger that
// comes while another is connected is told so in words.
type Door struct {
	// Visitors delivers the debuggers that are to be served. Until a visitor is closed the next one is not let in.
	Visitors <-chan *Visitor

	listener net.Listener
	events   DoorEvents
	visitors chan *Visitor
	inside   chan struct{} // holds a token while a visitor is inside
	closed   chan struct{} // the door
	mu       sync.Mutex    // of what follows
	present  *Visitor      // who is inside
	silent   []net.Conn    // connections that have said nothing yet, the oldest first
	shut     bool
}

// DoorEvents are told by goroutines of the Door's own. A nil one is not told.
type DoorEvents struct {
	// Waiting: there is somebody in Visitors.
	Waiting func()
	// Refused: a connection was not let in, and why.
	Refused func(from net.Addr, why string)
}

// Visitor is a debugger's connection. Close lets the next debugger in.
type Visitor struct {
	net.Conn
	door  *Door
	first []byte // read already
	gone  atomic.Bool
	once  sync.Once
}

const (
	// maxSilent is how many connections may say nothing; of more the oldest is closed.
	maxSilent = 32
	// handover is how long it may take until a connection that has been closed is seen to be closed: a debugger that disconnects and
	// comes back finds its own former session inside.
	handover = time.Second
	// maxRefused bounds what is done for a debugger that is refused.
	maxRefused     = 16
	refusedTimeout = 10 * time.Second
)

// NewDoor begins to accept connections, which it does until Close.
func NewDoor(l net.Listener, events DoorEvents) *Door {
	d := &Door{listener: l, events: events, visitors: make(chan *Visitor, 1), inside: make(chan struct{}, 1), closed: make(chan struct{})}
	d.Visitors = d.visitors
	go d.accept()
	return d
}

// Addr is where the door is.
func (d *Door) Addr() net.Addr { return d.listener.Addr() }

// Close ends the accepting of connections, and those that are not inside yet. The visitor inside stays. A second call does nothing.
func (d *Door) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut {
		return nil
	}
	d.shut = true
	close(d.closed)
	for _, c := range d.silent {
		c.Close()
	}
	return d.listener.Close()
}

func (d *Door) accept() {
	for {
		c, err := d.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			// Such as too many open files: the next try succeeds when some have been closed.
			d.refused(d.Addr(), err.Error())
			time.Sleep(handover)
			continue
		}
		if d.expect(c) {
			go d.greet(c)
		}
	}
}

// expect keeps a connection that has not said anything.
func (d *Door) expect(c net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut {
		c.Close()
		return false
	}
	if len(d.silent) == maxSilent {
		d.silent[0].Close()
		d.silent = append(d.silent[:0], d.silent[1:]...)
	}
	d.silent = append(d.silent, c)
	return true
}

// greet waits for the first bytes of a connection, and decides what becomes of it.
func (d *Door) greet(c net.Conn) {
	first := make([]byte, readSize)
	n, err := c.Read(first)
	first = first[:n]
	d.mu.Lock()
	for i, s := range d.silent {
		if s == c {
			d.silent = append(d.silent[:i], d.silent[i+1:]...)
			break
		}
	}
	d.mu.Unlock()
	switch {
	case n == 0 && err != nil:
		c.Close()
	case foreign(first):
		c.Close()
		d.refused(c.RemoteAddr(), "it does not speak gdb's protocol")
	default:
		v := &Visitor{Conn: c, door: d, first: first}
		if !d.enter(v) {
			d.refused(c.RemoteAddr(), errOccupied.Error())
			refuse(c, first, errOccupied.Error())
		}
	}
}

var errOccupied = errors.New("another debugger is connected; come back when it has left")

// foreign reports whether a connection begins as one of HTTP, or of another protocol of words. The first byte of a debugger is '+' or '$', never a
// letter or digit; since a method may consist of other characters too, and so be a packet, the version that follows it counts as well.
func foreign(first []byte) bool {
	c := first[0]
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || bytes.Contains(first, []byte(" HTTP/"))
}

// enter lets a debugger in, if no other is inside.
func (d *Door) enter(v *Visitor) bool {
	select {
	case d.inside <- struct{}{}:
	case <-d.closed:
		v.Conn.Close()
		return true
	case <-time.After(handover):
		d.mu.Lock()
		leaving := d.present == nil || d.present.gone.Load()
		d.mu.Unlock()
		if !leaving {
			return false
		}
		select {
		case d.inside <- struct{}{}:
		case <-d.closed:
			v.Conn.Close()
			return true
		}
	}
	d.mu.Lock()
	d.present = v
	d.mu.Unlock()
	d.visitors <- v
	if d.events.Waiting != nil {
		d.events.Waiting()
	}
	return true
}

func (d *Door) refused(from net.Addr, why string) {
	if d.events.Refused != nil {
		d.events.Refused(from, why)
	}
}

// Read implements net.Conn.
func (v *Visitor) Read(b []byte) (int, error) {
	if len(v.first) > 0 {
		n := copy(b, v.first)
		v.first = v.first[n:]
		return n, nil
	}
	n, err := v.Conn.Read(b)
	if err != nil {
		v.gone.Store(true)
	}
	return n, err
}

// Close implements net.Conn.
func (v *Visitor) Close() error {
	err := v.Conn.Close()
	v.once.Do(func() {
		d := v.door
		d.mu.Lock()
		d.present = nil
		d.mu.Unlock()
		<-d.inside
	})
	return err
}

// refuse answers a debugger's packets by an error in words, until it has understood and leaves.
func refuse(c net.Conn, data []byte, why string) {
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(refusedTimeout)); err != nil {
		return
	}
	in := decoder{limit: defaultPacketSize}
	buf := make([]byte, 4096)
	for answered := 0; answered < maxRefused; {
		for len(data) > 0 {
			kind, n := in.next(data)
			data = data[n:]
			if kind != eventPacket {
				continue
			}
			text := fmt.Appendf(nil, "E.%s", why)
			if _, err := fmt.Fprintf(c, "+$%s#%02x", text, checksum(text)); err != nil {
				return
			}
			answered++
		}
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		data = buf[:n]
	}
}
