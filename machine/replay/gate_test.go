package replay

import (
	"fmt"
	"sync"
	"testing"

	"forkscope/machine/clock"
)

func text(in []Input) string {
	s := ""
	for _, i := range in {
		s += fmt.Sprintf("%d %s %s;", i.At, i.Source, i.Data)
	}
	return s
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestLiveInputIsLoggedAtItsCount(t *testing.T) {
	woken := 0
	g := New(func() { woken++ })
	data := []byte("ab")
	g.Put("console", data)
	data[0] = 'X' // the gate has its own copy
	g.Put("console", nil)
	if woken != 1 || !g.Pending() {
		t.Errorf("woken %d times, pending %v", woken, g.Pending())
	}
	expect(t, "closed", text(g.Take(5, false)), "")
	expect(t, "open", text(g.Take(7, true)), "7 console ab;")
	expect(t, "empty", text(g.Take(8, true)), "")
	g.Put("console", []byte("c"))
	expect(t, "second", text(g.Take(9, true)), "9 console c;")
	expect(t, "log", text(g.Log()), "7 console ab;9 console c;")
}

func TestFeedRepeatsALogAndHoldsLiveInputBack(t *testing.T) {
	g := New(func() {})
	g.Feed([]Input{{7, "console", []byte("a")}, {7, "console", []byte("b")}, {9, "console", []byte("c")}})
	g.Put("console", []byte("live"))
	if g.NextAt() != 7 || g.Pending() {
		t.Errorf("next at %d, pending %v", g.NextAt(), g.Pending())
	}
	expect(t, "early", text(g.Take(6, true)), "")
	expect(t, "due", text(g.Take(7, true)), "7 console a;7 console b;")
	expect(t, "last, then live", text(g.Take(9, true)), "9 console c;9 console live;")
	if g.NextAt() != clock.Never {
		t.Errorf("next at %d after the end", g.NextAt())
	}
}

func TestArrivedWakesAWaiter(t *testing.T) {
	g := New(func() {})
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { defer wg.Done(); g.Put("console", []byte("x")) }()
	<-g.Arrived()
	wg.Wait()
	if !g.Pending() {
		t.Error("arrived without input")
	}
	g.Poke()
	g.Poke() // does not block
	<-g.Arrived()
}
