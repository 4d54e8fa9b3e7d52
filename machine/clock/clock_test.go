package clock

import (
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestEventsFireInOrder(t *testing.T) {
	c := New(1)
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
	if c.Next() != 7 || c.Due != 7 {
		t.Errorf("next event at %d, due at %d, want 7", c.Next(), c.Due)
	}
	c.Retired = 9
	c.RunDue()
	c.Retired = 10
	c.RunDue()
	if want := []string{"early", "a", "b"}; !slices.Equal(fired, want) {
		t.Errorf("fired %v, want %v", fired, want)
	}
	if c.Next() != Never || c.Due != Never || a.At() != Never {
		t.Errorf("an empty queue waits for %d, until %d, a fired event for %d", c.Next(), c.Due, a.At())
	}
}

func TestRescheduleReplaces(t *testing.T) {
	c := New(1)
	n := 0
	var e *Event
	e = &Event{Fire: func() {
		n++
		if n < 3 {
			c.Schedule(e, c.Now()+5)
		}
	}}
	c.Schedule(e, 100)
	c.Schedule(e, 5)
	for c.Next() != Never {
		c.SkipTo(c.Next())
		c.RunDue()
	}
	if n != 3 || c.Now() != 15 || c.Retired != 0 {
		t.Errorf("fired %d times until %d, want 3 times until 15", n, c.Now())
	}
}

// Due is the first count of instructions at which the earliest event is due, whatever one takes and was skipped.
func TestDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		per := rapid.Uint64Range(1, MostPerInstruction).Draw(t, "per")
		c := New(per)
		e := &Event{Fire: func() {}}
		at := rapid.Uint64Range(0, 1<<40).Draw(t, "at")
		c.Schedule(e, at)
		c.Retired = rapid.Uint64Range(0, 1<<20).Draw(t, "retired")
		before := c.Now()
		skip := rapid.Uint64Range(0, 1<<41).Draw(t, "skip")
		c.SkipTo(skip)
		if want := max(before, skip); c.Now() != want {
			t.Fatalf("skipped from %d to %d, want %d", before, c.Now(), want)
		}
		if c.Due != c.Reaches(at) || c.At(c.Due) < at || c.Due > 0 && c.At(c.Due-1) >= at {
			t.Fatalf("due at instruction %d, which is at %d; the event is at %d and an instruction takes %d", c.Due, c.At(c.Due), at, per)
		}
	})
}

// Each step of a run makes a later Mark, and only the skipped part moves when time is skipped.
func TestMarks(t *testing.T) {
	c := New(3)
	marks := []Mark{c.Mark()}
	step := func(f func()) { f(); marks = append(marks, c.Mark()) }
	step(c.Enter)
	step(func() { c.SkipTo(c.Now() + 1) })
	step(c.Enter)
	step(func() { c.Retired++ })
	step(func() { c.SkipTo(c.Now() + 5) })
	step(c.Enter)
	step(func() { c.Retired += 10 })
	for i, m := range marks {
		for j, n := range marks {
			if m.Before(n) != (i < j) {
				t.Errorf("%v before %v: %v", m, n, m.Before(n))
			}
		}
	}
	want := []string{"0", "0+1", "0+1 skipped 1", "0+2 skipped 1", "1 skipped 1", "1 skipped 6", "1+1 skipped 6", "11 skipped 6"}
	for i, m := range marks {
		if m.String() != want[i] {
			t.Errorf("%v, want %s", m, want[i])
		}
	}
	if c.Now() != 11*3+6 {
		t.Errorf("the time is %d", c.Now())
	}
}

// Ticks and Time are compared with exact arithmetic.
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
		at := Time(ticks, hz)
		if at > count || Ticks(at, hz) != ticks || (at > 0 && Ticks(at-1, hz) == ticks) {
			t.Fatalf("Time(%d, %d) = %d is not the first nanosecond of that tick", ticks, hz, at)
		}
	})
	if Time(Never, 1) != Never {
		t.Error("a tick beyond the end of time does not saturate")
	}
}
