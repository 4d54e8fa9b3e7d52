package timeline

import (
	"sync"
	"sync/atomic"
)

// Gate is where a host's effects pass into the guest. What comes at any time, from any goroutine, waits in a queue until the run loop lets it in;
// what the run loop's own goroutine does is only noted. A gate that is fed a log hands out its effects one after the other, and holds live input
// back until they are all done. The zero Gate is not usable.
type Gate struct {
	pending atomic.Bool // live input waits
	feeding atomic.Bool // recorded effects are still to come
	arrived chan struct{}
	wake    func()

	mu    sync.Mutex
	queue []Effect // live input, whose At is not known yet

	// These belong to the goroutine that runs the machine.
	log    Log
	forget bool
	feed   *Reader
	next   Effect // the first of what is still to come, while feeding
}

// NewGate returns an empty gate. wake is called, by whatever goroutine, after input has been put into it.
func NewGate(wake func()) *Gate {
	return &Gate{arrived: make(chan struct{}, 1), wake: wake}
}

// Put adds live input. Any goroutine may call it; data is copied.
func (g *Gate) Put(source string, data []byte) {
	if len(data) == 0 {
		return
	}
	g.mu.Lock()
	g.queue = append(g.queue, Effect{Kind: Input, Source: source, Data: append([]byte(nil), data...)})
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

// Pending says whether live input waits to be taken. While recorded effects are still to come, live input stays outside.
func (g *Gate) Pending() bool { return g.pending.Load() && !g.feeding.Load() }

// Take takes the live input that waits.
func (g *Gate) Take() []Effect {
	if !g.Pending() {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.queue
	g.queue = nil
	g.pending.Store(false)
	return q
}

// Feed makes the gate hand out the effects of a log.
func (g *Gate) Feed(l *Log) {
	g.feed = l.Reader()
	g.Step()
}

// Cut forgets the recorded effects that are still to come.
func (g *Gate) Cut() {
	g.feed = nil
	g.feeding.Store(false)
}

// Feeding reports whether recorded effects are still to come. Any goroutine may call it.
func (g *Gate) Feeding() bool { return g.feeding.Load() }

// Next is the recorded effect that comes next, while Feeding. Step goes on to the one after it.
func (g *Gate) Next() *Effect { return &g.next }

func (g *Gate) Step() {
	var ok bool
	g.next, ok = g.feed.Next()
	g.feeding.Store(ok)
}

// Forget makes the gate keep no log.
func (g *Gate) Forget() { g.forget = true }

// Note adds an effect to the log.
func (g *Gate) Note(e Effect) {
	if !g.forget {
		g.log.Add(e)
	}
}

// Log is all effects so far.
func (g *Gate) Log() *Log { return &g.log }
