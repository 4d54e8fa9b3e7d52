// Package replay is the gate through which everything from the host enters the machine. Input waits in a queue that any
// goroutine may fill; the run loop lets it in at a moment of virtual time, which is noted in a log. A machine that is fed
// such a log repeats the run.
package replay

import (
	"sync"
	"sync/atomic"

	"forkscope/machine/clock"
)

// Input is one piece of input and where in the run it entered.
type Input struct {
	// At is the virtual time, in nanoseconds; see clock.Clock.Now.
	At uint64
	// Source says what it is, such as "console".
	Source string
	Data   []byte
}

// Gate holds input until the run loop takes it. The zero Gate is not usable.
type Gate struct {
	pending atomic.Bool // live input waits
	arrived chan struct{}
	wake    func()

	mu    sync.Mutex
	queue []Input // live input, whose At is not known yet

	// These belong to the goroutine that runs the machine.
	log    []Input
	forget bool
	feed   []Input // recorded input still to come
	feeds  atomic.Bool
}

// New returns an empty gate. wake is called, by whatever goroutine, after input has been put into it.
func New(wake func()) *Gate {
	return &Gate{arrived: make(chan struct{}, 1), wake: wake}
}

// Put adds live input. Any goroutine may call it; data is copied.
func (g *Gate) Put(source string, data []byte) {
	if len(data) == 0 {
		return
	}
	g.mu.Lock()
	g.queue = append(g.queue, Input{Source: source, Data: append([]byte(nil), data...)})
	g.pending.Store(true)
	g.mu.Unlock()
	g.Poke()
	g.wake()
}

// Poke ends a wait on Arrived without adding input. Any goroutine may call it.
func (g *Gate) Poke() {
	select {
	case g.arrived <- struct{}{}:
	default:
	}
}

// Arrived is for waiting: it delivers after Put or Poke, perhaps once too often.
func (g *Gate) Arrived() <-chan struct{} { return g.arrived }

// Pending says whether live input waits. While recorded input is still to come, live input stays outside.
func (g *Gate) Pending() bool { return g.pending.Load() && len(g.feed) == 0 }

// Feed makes the gate repeat a log: each entry is due when the clock reaches its time.
func (g *Gate) Feed(log []Input) {
	g.feed = append([]Input(nil), log...)
	g.feeds.Store(len(g.feed) > 0)
}

// Feeding reports whether recorded input is still to come. Any goroutine may call it.
func (g *Gate) Feeding() bool { return g.feeds.Load() }

// Forget makes the gate keep no log.
func (g *Gate) Forget() { g.forget = true }

// NextAt is the time at which the next recorded input is due, or clock.Never.
func (g *Gate) NextAt() uint64 {
	if len(g.feed) == 0 {
		return clock.Never
	}
	return g.feed[0].At
}

// Take lets in what may enter at the time now: recorded input that is due, and live input if live is set. It is logged. The result is good until
// the next call.
func (g *Gate) Take(now uint64, live bool) []Input {
	if g.forget {
		clear(g.log)
		g.log = g.log[:0]
	}
	start := len(g.log)
	for len(g.feed) > 0 && g.feed[0].At <= now {
		g.log = append(g.log, Input{now, g.feed[0].Source, g.feed[0].Data})
		g.feed = g.feed[1:]
		g.feeds.Store(len(g.feed) > 0)
	}
	if live && g.Pending() {
		g.mu.Lock()
		for _, in := range g.queue {
			in.At = now
			g.log = append(g.log, in)
		}
		g.queue = nil
		g.pending.Store(false)
		g.mu.Unlock()
	}
	return g.log[start:]
}

// Log is everything that has entered so far, in order.
func (g *Gate) Log() []Input { return g.log }
