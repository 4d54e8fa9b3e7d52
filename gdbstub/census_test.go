package gdbstub

import (
	"fmt"
	"strings"
	"testing"
)

// countingTarget is a fake with a census, whose threads can be described otherwise from one stop to the next.
type countingTarget struct {
	*fakeTarget
	census    uint64
	described int
}

func (c *countingTarget) Census() (uint64, bool) { return c.census, true }

func (c *countingTarget) Thread(id ThreadID) (Thread, error) {
	c.described++
	return c.fakeTarget.Thread(id)
}

// TestCensus: after a step that leaves the census as it was, the list of many threads is the one that the debugger has; asked once more, and after
// whatever else, it is made anew.
func TestCensus(t *testing.T) {
	for _, n := range []int{many - 1, many} {
		fake := newFakeTarget()
		for len(fake.threads) < n {
			th := *fake.threads[0]
			th.id.TID = 1000 + len(fake.threads)
			fake.threads = append(fake.threads, &th)
		}
		c := &countingTarget{fakeTarget: fake}
		target := fake.target()
		target.Threads = c
		s := newTestSession(t, target)
		exchange(t, s, "Z0,40001010,4")
		list := func() (document string, described int) {
			before := c.described
			for more := true; more; {
				reply := exchange(t, s, fmt.Sprintf("qXfer:threads:read::%x,fff", len(document)))[0]
				document += reply[1:]
				more = reply[0] == 'm'
			}
			return document, c.described - before
		}
		whole, described := list()
		if described != n || strings.Count(whole, "<thread ") != n {
			t.Fatalf("%d threads, %d described", strings.Count(whole, "<thread "), described)
		}
		for _, step := range []struct {
			packet string
			change bool
			anew   bool
		}{
			{"s", false, n < many},
			{"", false, true}, // asked once more at the same stop
			{"vCont;s:1;c", false, n < many},
			{"vCont;r40001000,40001010:1", false, n < many},
			{"s", true, true},
			{"c", false, true},
			{"s", false, n < many},
		} {
			if step.packet != "" {
				exchange(t, s, step.packet)
			}
			if step.change {
				c.census++
			}
			document, described := list()
			if document != whole || (described > 0) != step.anew {
				t.Errorf("%d threads: after %q, %d were described", n, step.packet, described)
			}
		}
	}
}
