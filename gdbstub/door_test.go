package gdbstub

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// house serves fake targets to whoever comes through its door.
type house struct {
	t       testing.TB
	door    *Door
	mu      sync.Mutex
	refused []string
	targets []*fakeTarget
}

func newHouse(t testing.TB) *house {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t}
	ctx, cancel := context.WithCancel(context.Background())
	h.door = NewDoor(l, DoorEvents{Refused: func(_ net.Addr, why string) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.refused = append(h.refused, why)
	}})
	over := make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case v := <-h.door.Visitors:
				f := newFakeTarget()
				h.mu.Lock()
				h.targets = append(h.targets, f)
				h.mu.Unlock()
				Serve(ctx, v, f.target(), Options{})
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		h.door.Close()
		<-over
	})
	return h
}

func (h *house) served() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.targets)
}

func (h *house) refusals() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.refused)
}

// guest is a connection to the door that has deadlines only against hanging.
func (h *house) guest() *client {
	h.t.Helper()
	c, err := net.Dial("tcp", h.door.Addr().String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		h.t.Fatal(err)
	}
	return &client{t: h.t, conn: c}
}

func (c *client) ask(payload string) string {
	c.t.Helper()
	c.send(payload)
	return c.receive()
}

// TestDoorDropsHTTP: whatever the method, nothing that comes with it is taken for a packet.
func TestDoorDropsHTTP(t *testing.T) {
	h := newHouse(t)
	packets := string(frame("qSupported")) + string(frame("M40000000,1:00")) + string(frame("k"))
	head := " / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n\r\n"
	requests := []string{"P"} // the rest comes later
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "query", "2FAST", "SSH-2.0-x",
		"$k#6b", "+$k#6b", "-x", "#", "!"} {
		requests = append(requests, method+head+packets)
	}
	for _, request := range requests {
		c := h.guest()
		c.raw(request)
		// Where there is unread data, closing a connection resets it.
		if answer, _ := io.ReadAll(c.conn); len(answer) > 0 {
			t.Errorf("%.30q is answered by %q", request, answer)
		}
	}
	if n := h.served(); n != 0 {
		t.Errorf("%d of them have reached a target", n)
	}
	if got := h.guest().ask("qC"); got != "QC1" {
		t.Errorf("a debugger is answered by %q", got)
	}
	// The refusal is told after the connection has been closed.
	for end := time.Now().Add(time.Minute); h.refusals() < len(requests) && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.refused) != len(requests) || !strings.Contains(h.refused[0], "does not speak gdb's protocol") {
		t.Errorf("refusals: %q", h.refused)
	}
}

// TestDoorTellsTheSecond: a debugger that comes while another is inside is told so, in the words of each gdb, and the first goes on.
func TestDoorTellsTheSecond(t *testing.T) {
	h := newHouse(t)
	first := h.guest()
	if got := first.ask("qC"); got != "QC1" {
		t.Fatal(got)
	}
	second := h.guest()
	second.raw("+")
	for _, packet := range []string{"qSupported:multiprocess+;error-message+", "vMustReplyEmpty", "qC"} {
		if got := second.ask(packet); got != "E."+errOccupied.Error() {
			t.Errorf("%s: %q", packet, got)
		}
	}
	if got := first.ask("qC"); got != "QC1" {
		t.Errorf("the first: %q", got)
	}
	first.conn.Close()
	third := h.guest()
	if got := third.ask("qC"); got != "QC1" {
		t.Errorf("the next: %q", got)
	}
	if n := h.served(); n != 2 {
		t.Errorf("%d sessions", n)
	}
}

// TestDoorIgnoresTheSilent: connections that say nothing keep no debugger out, and there are never many of them.
func TestDoorIgnoresTheSilent(t *testing.T) {
	h := newHouse(t)
	var silent []*client
	for range 3 * maxSilent {
		silent = append(silent, h.guest())
	}
	c := h.guest()
	if got := c.ask("qC"); got != "QC1" {
		t.Errorf("a debugger among them: %q", got)
	}
	// The oldest have been closed, and one may still become a debugger.
	for _, s := range silent[:maxSilent] {
		if n, err := s.conn.Read(s.data[:]); err == nil || n > 0 {
			t.Errorf("%d bytes, %v", n, err)
		}
	}
	c.conn.Close()
	if got := silent[len(silent)-1].ask("qC"); got != "QC1" {
		t.Errorf("a silent one that speaks: %q", got)
	}
}

// TestAcknowledgedAtOnce: the acknowledgement of a packet does not wait for its answer, and a packet that is sent again meanwhile, or a complaint
// that nothing has come, makes no second answer.
func TestAcknowledgedAtOnce(t *testing.T) {
	f := newFakeTarget()
	target := f.target()
	release := make(chan struct{})
	target.Monitor = []Command{{Name: "slow", Run: func(ThreadID, []string, io.Writer) error { <-release; return nil }}}
	here, there := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- Serve(context.Background(), there, target, Options{}) }()
	if err := here.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	write := func(s string) {
		t.Helper()
		if _, err := io.WriteString(here, s); err != nil {
			t.Fatal(err)
		}
	}
	read := func(want string) {
		t.Helper()
		got := make([]byte, len(want))
		if _, err := io.ReadFull(here, got); err != nil || string(got) != want {
			t.Fatalf("%q, %v, want %q", got, err, want)
		}
	}
	slow := string(frame(fmt.Sprintf("qRcmd,%x", "slow")))
	write(slow + slow + slow)
	read("+")
	write("--")
	write("+") // which is taken when that has been seen to
	close(release)
	read("++" + string(frame("OK")))
	write("+" + string(frame("qC")))
	read("+" + string(frame("QC1")))
	// After an answer a complaint is about that answer.
	write("-")
	read(string(frame("QC1")))
	// Two equal packets, of which the second comes after the answer to the first, are two.
	write("+" + string(frame("qC")))
	read("+" + string(frame("QC1")))
	here.Close()
	if err := ended(t, done); err != nil {
		t.Error(err)
	}
}

// listener notes what an Owner hears.
type listener struct{ bytes.Buffer }

func (l *listener) Extended() { l.WriteString("extended ") }
func (l *listener) Killing()  { l.WriteString("killing ") }
func (l *listener) Replying() { l.WriteString("replying ") }

func TestOwner(t *testing.T) {
	f := forking()
	var heard listener
	s, err := NewSession(f.target(), Options{Owner: &heard})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ packet, heard string }{
		{"QStartNoAckMode", "replying "}, {"!", "extended replying "}, {"qC", "replying "}, {"k", "killing "},
	} {
		heard.Reset()
		exchange(t, s, c.packet)
		if got := heard.String(); got != c.heard {
			t.Errorf("%s: the owner hears %q, want %q", c.packet, got, c.heard)
		}
	}
}

// TestSessionLeavesNothing: what a debugger has asked for ends with its session.
func TestSessionLeavesNothing(t *testing.T) {
	f := forking()
	s := newProcessSession(t, f.target())
	for _, p := range []string{"QNonStop:1", "QThreadEvents:1"} {
		if got := exchange(t, s, p); len(got) != 1 || got[0] != "OK" {
			t.Fatalf("%s: %q", p, got)
		}
	}
	if !f.nonStop {
		t.Fatal("the target is not in non-stop mode")
	}
	s.Close(DetachLost)
	if f.nonStop {
		t.Error("the target is still in non-stop mode")
	}
	newProcessSession(t, f.target())
	if f.events.Threads {
		t.Errorf("events of the next session: %+v", f.events)
	}
}

// TestRestart: R exists in extended mode only, has no answer, and a failure ends nothing.
func TestRestart(t *testing.T) {
	f := forking()
	s := newTestSession(t, f.target())
	exchange(t, s, gdb13)
	if got := exchange(t, s, "R00"); len(got) != 1 || got[0] != "" {
		t.Errorf("R in a plain session: %q", got)
	}
	exchange(t, s, "!")
	before := exchange(t, s, "qC")[0]
	if got := exchange(t, s, "R00"); len(got) != 0 {
		t.Errorf("R: %q", got)
	}
	if got := exchange(t, s, "qC")[0]; got == before || !strings.HasPrefix(got, "QCp") {
		t.Errorf("the process afterwards is %q, before it was %q", got, before)
	}
	flat := newTestSession(t, newFakeTarget().target())
	exchange(t, flat, "!")
	exchange(t, flat, "R00")
	if got := exchange(t, flat, "?"); len(got) != 1 || !strings.HasPrefix(got[0], "T05") {
		t.Errorf("after R of a target that cannot be restarted: %q", got)
	}
}

// TestFilesAreReadOnly: what would change a file is refused by an error that has a name, not as unknown.
func TestFilesAreReadOnly(t *testing.T) {
	s := newTestSession(t, newFakeTarget().target())
	for _, p := range []string{"vFile:open:2f746d702f78,601,1b6", "vFile:pwrite:3,0,abc", "vFile:unlink:2f746d702f78"} {
		if got := exchange(t, s, p); len(got) != 1 || got[0] != "F-1,1e" {
			t.Errorf("%s: %q", p, got)
		}
	}
}

// TestMonitorLeaves: a command that ends the session is answered first.
func TestMonitorLeaves(t *testing.T) {
	target := newFakeTarget().target()
	target.Monitor = []Command{{Name: "exit", Run: func(ThreadID, []string, io.Writer) error { return ErrLeave }}}
	s := newTestSession(t, target)
	if got := exchange(t, s, fmt.Sprintf("qRcmd,%x", "exit")); len(got) != 1 || got[0] != "OK" || !s.Finished() {
		t.Errorf("%q, finished %v", got, s.Finished())
	}
}

// TestConditionsAreBounded: long conditions are refused before they fill the emulator's memory, and room comes back with what is removed.
func TestConditionsAreBounded(t *testing.T) {
	s := newTestSession(t, newFakeTarget().target())
	code := append(bytes.Repeat([]byte{0x28}, 32<<10-1), 0x27) // dup … end
	set := func(i int) string {
		return exchange(t, s, fmt.Sprintf("Z0,%x,4;X%x,%x", memBase+4*i, len(code), code))[0]
	}
	n := 0
	for n < maxBreakpoints && set(n) == "OK" {
		n++
	}
	if n*len(code) > maxConditionBytes || (n+1)*len(code) <= maxConditionBytes {
		t.Errorf("%d conditions of %d bytes are accepted", n, len(code))
	}
	exchange(t, s, fmt.Sprintf("z0,%x,4", memBase))
	exchange(t, s, "vCont;s:1")
	if got := set(n); got != "OK" {
		t.Errorf("after one is gone: %q", got)
	}
}
