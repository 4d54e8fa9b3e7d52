package machine

import (
	"bytes"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
)

// narrow is an Output that is full until room is closed.
type narrow struct {
	bytes.Buffer
	room  chan struct{}
	asked chan struct{}
}

func (n *narrow) Room() <-chan struct{} {
	select {
	case n.asked <- struct{}{}:
	default:
	}
	select {
	case <-n.room:
		return nil
	default:
		return n.room
	}
}

// TestFullOutputStopsTheGuest: while there is no room the guest's time stands still, requests are heard, short runs go on, and input enters; then everything goes on.
func TestFullOutputStopsTheGuest(t *testing.T) {
	out := &narrow{room: make(chan struct{}), asked: make(chan struct{}, 1)}
	m, c, console := newScripted(t, nil, toLimit, after(1, cpu.Exit{Reason: cpu.Break}))
	m.console.w = out
	console.came = make(chan struct{}, 1)
	if s := m.Run(cpu.UntilTime(patience - 1)); s.Reason != Limit || m.clk.Now() != patience-1 {
		t.Errorf("a short run: %+v at %d", s, m.clk.Now())
	}
	stops := make(chan Stop)
	go func() { stops <- m.Run(cpu.UntilTime(clock.Never)) }()
	<-out.asked
	m.Input([]byte("x"))
	<-console.came
	m.RequestStop()
	if s := <-stops; s.Reason != Requested || m.clk.Now() != patience-1 || len(console.got) != 1 {
		t.Errorf("a long run: %+v at %d", s, m.clk.Now())
	}
	go func() { stops <- m.Run(cpu.UntilTime(clock.Never)) }()
	<-out.asked
	close(out.room)
	if s := <-stops; s.Reason != Break || len(c.steps) != 0 {
		t.Errorf("with room: %+v", s)
	}
}
