package debugtest

import (
	"testing"

	"forkscope/machine"
)

// Every task of the list is found by its number, at the same place, and no other number is one's; while tasks come, end and are
// waited for.
func TestTasksAreFound(t *testing.T) {
	ForMachines(t, "forkloop 60", func(t *testing.T, g *Guest) {
		most := 0
		for range 40 {
			g.To("do_exit")
			list, err := g.OS.Tasks()
			if err != nil {
				t.Fatal(err)
			}
			most = max(most, len(list))
			there := make(map[int32]bool)
			for _, want := range list {
				there[want.PID] = true
				g.Reads = 0
				got, err := g.OS.FindTask(want.PID)
				if err != nil || got != want {
					t.Errorf("%+v is found as %+v, %v", want, got, err)
				}
				if g.Reads > 12 {
					t.Errorf("task %d takes %d reads", want.PID, g.Reads)
				}
				if mm, err := g.OS.Owner(want.Addr); mm != want.MM || err != nil {
					t.Errorf("task %d has mm_struct %#x (%v), not %#x", want.PID, mm, err, want.MM)
				}
			}
			for pid := range int32(100) {
				if _, err := g.OS.FindTask(pid); (err == nil) != there[pid] {
					t.Errorf("task %d: %v", pid, err)
				}
			}
		}
		if most < 4 {
			t.Errorf("there were %d tasks at most", most)
		}
		g.Until(machine.PowerOff)
	})
}
