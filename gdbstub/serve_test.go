package gdbstub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// client is a debugger without understanding, at the other end of a connection.
type client struct {
	t    testing.TB
	conn net.Conn
	data [1 << 18]byte
	have int // bytes of data in use
	used int // of those, taken as packets
}

// connect serves the target on one end of a loopback connection and gives the client of the other.
func connect(t testing.TB, ctx context.Context, target *Target, opts Options) (*client, <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	other, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, other, target, opts) }()
	c := &client{t: t, conn: conn}
	c.send("QStartNoAckMode")
	if got := c.receive(); got != "OK" {
		t.Fatalf("QStartNoAckMode: %q", got)
	}
	return c, done
}

func (c *client) send(payload string) { c.raw(string(frame(payload))) }

func (c *client) raw(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, s); err != nil {
		c.t.Fatal(err)
	}
}

// packet waits for one and returns it as it came, without frame but for the % of a notification; it is valid until the next call.
func (c *client) packet() []byte {
	c.t.Helper()
	for {
		rest := c.data[c.used:c.have]
		if end := bytes.IndexByte(rest, '#'); end >= 0 && len(rest) >= end+3 {
			c.used += end + 3
			return rest[bytes.IndexByte(rest[:end], '$')+1 : end]
		}
		if c.used == c.have {
			c.used, c.have = 0, 0
		}
		if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			c.t.Fatal(err)
		}
		n, err := c.conn.Read(c.data[c.have:])
		if err != nil {
			c.t.Fatal(err)
		}
		c.have += n
	}
}

func (c *client) receive() string {
	c.t.Helper()
	return expand(c.t, c.packet())
}

func ended(t testing.TB, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		t.Fatal("Serve does not return")
		return nil
	}
}

func TestServeInterrupt(t *testing.T) {
	f := newFakeTarget()
	c, done := connect(t, context.Background(), f.target(), Options{})
	for i := range 3 {
		c.send("vCont;c")
		if i > 0 {
			<-f.resumed
		}
		c.raw("\x03")
		if got := c.receive(); !strings.HasPrefix(got, "T02thread:1;") {
			t.Fatalf("after the interrupt: %q", got)
		}
		if i == 0 {
			<-f.resumed
		}
	}
	// The resume and the interrupt in one piece, and one that comes too late.
	c.raw(string(frame("vCont;c")) + "\x03")
	if got := c.receive(); !strings.HasPrefix(got, "T02") {
		t.Fatalf("%q", got)
	}
	c.raw("\x03" + string(frame("vCont;s:1")))
	if got := c.receive(); !strings.HasPrefix(got, "T05") {
		t.Fatalf("a late interrupt reaches the next resume: %q", got)
	}
	c.send("D")
	if got := c.receive(); got != "OK" {
		t.Fatal(got)
	}
	if err := ended(t, done); err != nil {
		t.Error(err)
	}
}

// TestServeKilledDebugger: the connection goes while the target runs, with breakpoints set.
func TestServeKilledDebugger(t *testing.T) {
	for name, cut := range map[string]func(*net.TCPConn) error{
		"closed":   func(c *net.TCPConn) error { return c.Close() },
		"reset":    func(c *net.TCPConn) error { return errors.Join(c.SetLinger(0), c.Close()) },
		"half-way": func(c *net.TCPConn) error { _, err := c.Write([]byte("$vCo")); return errors.Join(err, c.Close()) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeTarget()
			c, done := connect(t, context.Background(), f.target(), Options{})
			c.send("Z0,40005000,4")
			if got := c.receive(); got != "OK" {
				t.Fatal(got)
			}
			c.send("vCont;c")
			<-f.resumed
			if err := cut(c.conn.(*net.TCPConn)); err != nil {
				t.Fatal(err)
			}
			if err := ended(t, done); err != nil {
				t.Error(err)
			}
			if got := strings.Join(f.log, "|"); got != "insert 0 40005000|remove 0 40005000|detach 1" {
				t.Errorf("the target heard %s", got)
			}
			// The next debugger finds a target that works.
			c, done = connect(t, context.Background(), f.target(), Options{})
			c.send("vCont;s:1")
			if got := c.receive(); !strings.HasPrefix(got, "T05") {
				t.Error(got)
			}
			c.conn.Close()
			if err := ended(t, done); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestServeShutdown(t *testing.T) {
	for _, running := range []bool{false, true} {
		f := newFakeTarget()
		ctx, cancel := context.WithCancel(context.Background())
		c, done := connect(t, ctx, f.target(), Options{})
		if running {
			c.send("vCont;c")
			<-f.resumed
		}
		cancel()
		if err := ended(t, done); err != nil {
			t.Error(err)
		}
		if got := strings.Join(f.log, "|"); got != "detach 4" {
			t.Errorf("the target heard %s", got)
		}
	}
}

// TestServeFlood: input without end while the target runs ends the session, not the emulator.
func TestServeFlood(t *testing.T) {
	f := newFakeTarget()
	var said []string
	c, done := connect(t, context.Background(), f.target(), Options{Log: func(m string) { said = append(said, m) }})
	c.send("vCont;c")
	junk := strings.Repeat("x", 1<<16)
	for range 1000 {
		if _, err := io.WriteString(c.conn, junk); err != nil {
			break
		}
	}
	if err := ended(t, done); err != nil {
		t.Error(err)
	}
	if len(said) == 0 || !strings.Contains(said[0], "too much input") {
		t.Errorf("log: %q", said)
	}
}

func TestServeFatal(t *testing.T) {
	f := newFakeTarget()
	f.resumeErr = fmt.Errorf("BUG: %w", ErrFatal)
	c, done := connect(t, context.Background(), f.target(), Options{})
	c.send("vCont;c")
	if err := ended(t, done); !errors.Is(err, ErrFatal) {
		t.Errorf("%v", err)
	}
}

// TestServeOverPipe: gdb's "target remote | command" gives two pipes, which have no deadlines and may not be closers.
func TestServeOverPipe(t *testing.T) {
	fromGDB, toStub := io.Pipe()
	fromStub, toGDB := io.Pipe()
	done := make(chan error, 1)
	f := newFakeTarget()
	go func() {
		done <- Serve(context.Background(), struct {
			io.Reader
			io.Writer
		}{fromGDB, toGDB}, f.target(), Options{})
	}()
	go toStub.Write(frame("qC"))
	buf := make([]byte, 64)
	n, err := io.ReadAtLeast(fromStub, buf, 8)
	if err != nil || string(buf[:n]) != "+$QC1#c5" {
		t.Errorf("%q, %v", buf[:n], err)
	}
	toStub.Close()
	if err := ended(t, done); err != nil {
		t.Error(err)
	}
}

// Benchmarks over loopback, with acks off as gdb has it. The floors they are meant for are an order of magnitude below.

func BenchmarkStep(b *testing.B) {
	c, _ := connect(b, context.Background(), newFakeTarget().target(), Options{})
	packet := string(frame("vCont;s:1"))
	for b.Loop() {
		c.raw(packet)
		c.packet()
	}
}

func BenchmarkBreakpointCycle(b *testing.B) {
	c, _ := connect(b, context.Background(), newFakeTarget().target(), Options{})
	var packets []string
	for _, p := range []string{"Z0,40001010,4", "vCont;c", "z0,40001010,4", "vCont;s:1"} {
		packets = append(packets, string(frame(p)))
	}
	for b.Loop() {
		for _, p := range packets {
			c.raw(p)
			c.packet()
		}
	}
}

func BenchmarkMemory(b *testing.B) {
	f := newFakeTarget()
	for i := range f.mem {
		f.mem[i] = byte(i*i>>3 ^ i)
	}
	for name, packet := range map[string]string{"m": "m40000000,fff0", "x": "x40000000,fff0"} {
		b.Run(name, func(b *testing.B) {
			c, _ := connect(b, context.Background(), f.target(), Options{})
			b.SetBytes(0xfff0)
			packet := string(frame(packet))
			for b.Loop() {
				c.raw(packet)
				if n := len(c.packet()); n < 0xfff0 {
					b.Fatal(n)
				}
			}
		})
	}
}

// BenchmarkFeed is the session alone: no connection, no goroutines.
func BenchmarkFeed(b *testing.B) {
	for name, payload := range map[string]string{"m64K": "m40000000,fff0", "g": "g", "m8": "m40000000,8", "threads": "qXfer:threads:read::0,1000"} {
		b.Run(name, func(b *testing.B) {
			s := newTestSession(b, newFakeTarget().target())
			in := frame(payload)
			b.ReportAllocs()
			for b.Loop() {
				s.Feed(in)
				s.Sent()
			}
		})
	}
}
