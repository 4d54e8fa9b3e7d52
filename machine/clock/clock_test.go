package clock

import (
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestEventsFireInOrder(t *testing.T) {
	c := New()
	var fired []string
	event := func(name string) *Event {
		return &Event{Name: name, Fire: func() { fired = append(fired, name) }}
	}
	a, b, early, cancelled := event("a"), event("b"), event("early"), event("cancelled")
	c.Schedule(a, 10)
	c.Schedule(b, 10)
	c.Schedule(early, 7)
	c.Schedule(cancelled, 8)
	c.Cancel(cancelled)
	c.Cancel(cancelled) // twice is harmless
	if c.Next != 7 {
		t.Errorf("next event at %d, want 7", c.Next)
	}
	c.Now = 9
	c.RunDue()
	c.Now = 10
	c.RunDue()
	if want := []string{"early", "a", "b"}; !slices.Equal(fired, want) {
		t.Errorf("fired %v, want %v", fired, want)
	}
	if c.Next != Never || a.At() != Never {
		t.Errorf("an empty queue waits for %d, a fired event for %d", c.Next, a.At())
	}
}

func TestRescheduleReplaces(t *testing.T) {
	c := New()
	n := 0
	var e *Event
	e = &Event{Fire: func() {
		n++
		if n < 3 {
			c.Schedule(e, c.Now+5)
		}
	}}
	c.Schedule(e, 100)
	c.Schedule(e, 5)
	for c.Next != Never {
		if !c.Skip(Never) {
			t.Fatal("nothing to skip to")
		}
		c.RunDue()
	}
	if n != 3 || c.Now != 15 {
		t.Errorf("fired %d times until %d, want 3 times until 15", n, c.Now)
	}
}

func TestSkipStopsAtLimit(t *testing.T) {
	c := New()
	if c.Skip(50) {
		t.Error("skipped with no event")
	}
	c.Schedule(&Event{Fire: func() {}}, 100)
	c.Skip(50)
	if c.Now != 50 {
		t.Errorf("skipped to %d, want 50", c.Now)
	}
}

// Ticks and Counts are compared with exact arithmetic.
func TestConversionIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hz := rapid.SampledFrom([]uint64{1, 32768, 1193182, 3579545, 62500000, Hz}).Draw(t, "hz")
		count := rapid.Uint64Range(0, 1<<62).Draw(t, "count")
		want := new(big.Int).Mul(new(big.Int).SetUint64(count), new(big.Int).SetUint64(hz))
		want.Div(want, big.NewInt(Hz))
		if got := Ticks(count, hz); got != want.Uint64() {
			t.Fatalf("Ticks(%d, %d) = %d, want %d", count, hz, got, want)
		}
		ticks := Ticks(count, hz)
		at := Counts(ticks, hz)
		if at > count || Ticks(at, hz) != ticks || (at > 0 && Ticks(at-1, hz) == ticks) {
			t.Fatalf("Counts(%d, %d) = %d is not the first count of that tick", ticks, hz, at)
		}
	})
	if Counts(Never, 1) != Never {
		t.Error("a tick beyond the end of time does not saturate")
	}
}
