package introspect

import (
	"errors"
	"strings"
	"testing"
)

// counted counts the reads of guest memory.
type counted struct {
	fakeMemory
	reads int
}

func (c *counted) ReadMemory(va uint64, p []byte) error {
	c.reads++
	return c.fakeMemory.ReadMemory(va, p)
}

// pidHash makes the table of the hash, empty.
func (g *guest) pidHash() (table, buckets uint64) {
	g.t.Helper()
	table, ok := g.im.Symbol("pid_hash")
	size, err := g.im.GlobalSize("pid_hash")
	if !ok || err != nil {
		g.t.Fatalf("pid_hash: %v", err)
	}
	g.m.write(table, make([]byte, size))
	return table, uint64(size) / uint64(g.im.PointerSize)
}

// number makes the struct pid at addr, first in its bucket, that leads to a task.
func (g *guest) number(table, buckets, addr, pid, task uint64) {
	head := table + pid%buckets*uint64(g.im.PointerSize)
	next, err := g.k.mem.pointerAt(head)
	if err != nil {
		g.t.Fatal(err)
	}
	g.structure(addr, "pid")
	g.put(addr, "pid", "nr", pid)
	g.pointTo(g.member(addr, "pid", "pid_chain"), next)
	g.pointTo(g.member(addr, "pid", "tasks"), g.member(task, "task_struct", "pids")+g.member(0, "pid_link", "node"))
	g.pointTo(head, g.member(addr, "pid", "pid_chain"))
}

// pointTo writes a pointer.
func (g *guest) pointTo(at, to uint64) {
	var b [8]byte
	g.im.Order.PutUint64(b[:], to)
	g.m.write(at, b[:g.im.PointerSize])
}

// A task is found with as few looks at the guest's memory among 10,000 as among 10, give or take its bucket's length.
func TestFindTaskCost(t *testing.T) {
	forEachArch(t, func(t *testing.T, g *guest) {
		base := g.k.InitTask()&^0xffff + 0x1000000
		task := func(pid uint64) uint64 { return base + pid*0x2000 }
		table, buckets := g.pidHash()
		g.task(g.k.InitTask(), 0, 0, "swapper")
		nodes := []uint64{g.k.InitTask() + g.offset("tasks")}
		memory := &counted{fakeMemory: g.m}
		k, err := New(g.im, memory)
		if err != nil {
			t.Fatal(err)
		}
		cost := func(pid uint64) int {
			t.Helper()
			memory.reads = 0
			found, err := k.FindTask(int32(pid))
			if err != nil || found.PID != int32(pid) || found.Addr != task(pid) {
				t.Fatalf("task %d is %+v, %v", pid, found, err)
			}
			return memory.reads
		}
		few := 0
		for pid := uint64(1); pid <= 10_000; pid++ {
			g.task(task(pid), pid, pid, "sleeper")
			g.number(table, buckets, task(pid)+0x1800, pid, task(pid))
			nodes = append(nodes, task(pid)+g.offset("tasks"))
			if pid == 10 {
				few = cost(10)
			}
		}
		g.ring(nodes...)
		all, err := k.Tasks()
		if err != nil || len(all) != len(nodes) {
			t.Fatalf("%d tasks of %d, %v", len(all), len(nodes), err)
		}
		whole := memory.reads
		worst := 0
		for pid := uint64(1); pid <= 10_000; pid += 7 {
			worst = max(worst, cost(pid))
		}
		// Two reads for each number in the bucket: its own, and where the next one is.
		if most := few + 2*int(10_000/buckets+1); worst > most {
			t.Errorf("%d reads among 10,000 tasks, %d among 10; a bucket adds %d at most", worst, few, most-few)
		}
		if worst*100 > whole {
			t.Errorf("%d reads, and %d for the whole list", worst, whole)
		}
	})
}

func TestFindTask(t *testing.T) {
	forEachArch(t, func(t *testing.T, g *guest) {
		leader, thread, other := g.threeTasks()
		if _, err := g.k.FindTask(7); err == nil || errors.Is(err, ErrNoTask) {
			t.Errorf("a hash that cannot be read: %v", err)
		}
		table, buckets := g.pidHash()
		for i, at := range []uint64{leader, thread, other} {
			g.number(table, buckets, at+0x8000, uint64(7+i), at)
		}
		g.number(table, buckets, leader+0x9000, 7+buckets, leader) // in the same bucket, before 7
		g.number(table, buckets, leader+0xa000, 11, leader)
		g.number(table, buckets, leader+0xb000, 12, leader)
		g.pointTo(g.member(leader+0xb000, "pid", "tasks"), 0) // a process group's number, of no task
		for pid, want := range map[int32]uint64{0: g.k.InitTask(), 7: leader, 8: thread, 9: other} {
			if got, err := g.k.FindTask(pid); got.Addr != want || got.PID != pid || err != nil {
				t.Errorf("task %d is %+v, %v", pid, got, err)
			}
		}
		for pid, want := range map[int32]string{10: "there is no such task", 12: "there is no such task", -1: "there is no such task", 11: "leads to task 7"} {
			got, err := g.k.FindTask(pid)
			if err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, ErrNoTask) != (want == ErrNoTask.Error()) {
				t.Errorf("task %d is %+v, %v", pid, got, err)
			}
		}
		// A bucket whose list has no end.
		g.pointTo(g.member(other+0x8000, "pid", "pid_chain"), g.member(other+0x8000, "pid", "pid_chain"))
		if _, err := g.k.FindTask(int32(9 + buckets)); err == nil || !strings.Contains(err.Error(), "no end") {
			t.Errorf("an endless bucket: %v", err)
		}
		g.pointTo(table+9*uint64(g.im.PointerSize), 0x1000)
		if _, err := g.k.FindTask(9); err == nil || errors.Is(err, ErrNoTask) {
			t.Errorf("a bucket into nowhere: %v", err)
		}
	})
}
