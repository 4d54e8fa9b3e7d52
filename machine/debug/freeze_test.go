package debug

import (
	"bytes"
	"testing"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

// A process that the debugger leaves stopped makes no progress in user mode, whatever it was doing, while the rest of the
// guest lives; and then it goes on from where it was.
func TestFrozen(t *testing.T) {
	for _, role := range []string{"spin", "nap", "pipe", "signals", "threads", "wait"} {
		t.Run(role, func(t *testing.T) {
			forMachine(t, func(t *testing.T, arch string) {
				for _, view := range []View{BothViews, ProcessView} {
					c := newCounters(t, arch, view, "0", role, "nap")
					c.beats(5)
					id := c.adopted(1)
					free := main(heart)
					if view == BothViews {
						// Where the kernel is not shown, what is not debugged runs; here it is debugged and runs.
						free = c.adopted(2)
					}
					before, beats, others := c.progress(id, 1), c.word(id, sharedPage), c.word(id, countAt+8)
					if before[1] == 0 {
						t.Fatalf("%s has not begun: %v", role, before)
					}
					c.beats(5, free.PID)
					if after := c.progress(id, 1); after != before {
						t.Errorf("frozen, it counted from %v to %v", before, after)
					}
					if n := c.word(free, sharedPage); n < beats+4 {
						t.Errorf("the heart beat %d times", n-beats)
					}
					if n := c.word(free, countAt+8); n <= others {
						t.Errorf("another process stood still at %d", n)
					}
					c.beats(5, free.PID, id.PID)
					after := c.progress(id, 1)
					if after[0] <= before[0] || after[1] <= before[1] || before[2] > 0 && after[2] <= before[2] || before[3] > 0 && after[3] <= before[3] {
						t.Errorf("let go, it goes from %v to %v", before, after)
					}
				}
			})
		})
	}
}

// pages are the present pages of a thread's process, by the address of each: what the program has, but for its stack of calls
// into the kernel.
func (c *counting) pages(id gdbstub.ThreadID) map[uint64][]byte {
	c.t.Helper()
	task, err := c.find(id)
	if err != nil {
		c.t.Fatal(err)
	}
	maps, err := c.guest.OS.Maps(&task)
	if err != nil {
		c.t.Fatal(err)
	}
	root, err := c.guest.OS.PageTable(&task)
	if err != nil {
		c.t.Fatal(err)
	}
	if pa, ok := c.cpu.Translate(c.cpu.Space(), root); ok {
		root = pa
	}
	out := make(map[uint64][]byte)
	for _, m := range maps {
		for va := m.Start; va < m.End; va += 4096 {
			pa, ok := c.cpu.Translate(cpu.Space(root), va)
			if !ok || va == sharedPage {
				continue
			}
			page := make([]byte, 4096)
			if c.machine.RAM().Read(pa, page) == len(page) {
				out[va] = page
			}
		}
	}
	return out
}

// Freezing does nothing to the guest's memory: that of the frozen process is the same, byte for byte, and has come or gone nowhere;
// the kernel's text is what its image says.
func TestFrozenMemory(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		c := newCounters(t, arch, BothViews, "0", "spin", "nap")
		c.beats(2)
		id := c.adopted(1)
		if _, err := c.AttachProcess(pidOf(2)); err != nil {
			t.Fatal(err)
		}
		before, registers := c.pages(id), c.registersOf(id)
		if len(before) < 5 {
			t.Fatalf("the program has %d pages", len(before))
		}
		// Every kind of breakpoint of its own, which it does not get to.
		for _, b := range []*gdbstub.Breakpoint{
			{Kind: gdbstub.SoftwareBreakpoint, Address: c.symbols["spin"]},
			{Kind: gdbstub.HardwareBreakpoint, Address: c.symbols["count"]},
			{Kind: gdbstub.WriteWatchpoint, Address: c.symbols["own"], Size: 4},
		} {
			b.Thread = id
			if err := c.Insert(b); err != nil {
				t.Fatal(err)
			}
		}
		c.beats(5, pidOf(2))
		after := c.pages(id)
		if len(after) != len(before) {
			t.Errorf("it had %d pages and has %d", len(before), len(after))
		}
		for va, page := range before {
			if !bytes.Equal(after[va], page) {
				t.Errorf("the page at %#x has changed", va)
			}
		}
		if c.registersOf(id) != registers {
			t.Error("the registers of a program that was interrupted have changed")
		}
		at := c.symbol("sys_getppid")
		text := make([]byte, 16)
		if _, err := c.ReadMemory(c.onCPU(), at, text); err != nil {
			t.Fatal(err)
		}
		pa, ok := c.image.LoadAddress(at)
		loaded := make([]byte, 16)
		if !ok || c.machine.RAM().Read(pa, loaded) != len(loaded) || !bytes.Equal(text, loaded) {
			t.Errorf("the kernel's text is %x, loaded as %x", text, loaded)
		}
	})
}

// Twenty processes, every other one frozen.
func TestManyFrozen(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		const n = 20
		roles := make([]string, n)
		for i := range roles {
			roles[i] = []string{"nap", "signals", "wait", "spin", "nap", "signals", "nap", "wait", "nap", "signals"}[i/2]
		}
		c := newCounters(t, arch, BothViews, "0", roles...)
		var run, all []int
		var ids [n + 1]gdbstub.ThreadID
		var before [n + 1][4]uint32
		for i := 1; i <= n; i++ {
			ids[i] = c.adopted(i)
			all = append(all, ids[i].PID)
			if i%2 == 0 {
				run = append(run, ids[i].PID)
			}
		}
		mark := func() {
			for i := 1; i <= n; i++ {
				before[i] = c.progress(ids[i], i)
			}
		}
		// moved goes on, with some processes, until all of them have counted; a frozen one that computes takes its turns on the CPU.
		moved := func(pids []int, counts func(i int) bool) {
			t.Helper()
			var still []int
			for range 60 {
				c.beats(4, pids...)
				still = still[:0]
				for i := 1; i <= n; i++ {
					after := c.progress(ids[i], i)
					if counts(i) && after[0] <= before[i][0] {
						still = append(still, i)
					}
					if !counts(i) && after != before[i] {
						t.Fatalf("frozen process %d went from %v to %v", i, before[i], after)
					}
				}
				if len(still) == 0 {
					return
				}
			}
			t.Errorf("processes %v have not counted", still)
		}
		mark()
		moved(all, func(int) bool { return true })
		mark()
		moved(run, func(i int) bool { return i%2 == 0 })
		mark()
		moved(all, func(int) bool { return true })
	})
}

// One thread of a process runs and the other does not, as with gdb's scheduler-locking.
func TestFrozenThread(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		c := newCounters(t, arch, BothViews, "0", "threads")
		c.beats(3)
		id := c.adopted(1)
		var second gdbstub.ThreadID
		for _, other := range c.AppendThreads(nil) {
			if other.PID == id.PID && other != id {
				second = other
			}
		}
		if second.TID == 0 || second.PID != id.PID {
			t.Fatalf("the second thread is %v", second)
		}
		run := func(which gdbstub.ThreadID) {
			t.Helper()
			for range 4 {
				c.wantStop(c.resume(
					gdbstub.ThreadAction{Thread: which, Action: gdbstub.ActionContinue},
					gdbstub.ThreadAction{Thread: gdbstub.ThreadID{PID: KernelPID, TID: gdbstub.AllID}, Action: gdbstub.ActionContinue},
				), gdbstub.Stop{Kind: gdbstub.StopBreakpoint, Thread: c.threadID(heart)})
			}
		}
		start := c.progress(id, 1)
		run(id)
		first := c.progress(id, 1)
		if first[1] <= start[1] || first[2] != start[2] {
			t.Errorf("the first alone: %v, then %v", start, first)
		}
		run(second)
		if then := c.progress(id, 1); then[1] != first[1] || then[2] <= first[2] {
			t.Errorf("the second alone: %v, then %v", first, then)
		}
	})
}

// Each time a program goes round its loop, its breakpoint stops it once, however the guest's interrupts fall.
func TestOneStopEachRound(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		c := newCounters(t, arch, ProcessView, "0", "spin", "spin")
		c.beats(2)
		id := c.adopted(1)
		if err := c.CatchSyscalls(heart, false, nil); err != nil {
			t.Fatal(err)
		}
		if err := c.Insert(&gdbstub.Breakpoint{Kind: gdbstub.SoftwareBreakpoint, Thread: id, Address: c.symbols["count"]}); err != nil {
			t.Fatal(err)
		}
		hit := gdbstub.Stop{Kind: gdbstub.StopBreakpoint, Thread: id}
		c.wantStop(c.goOn(id.PID, heart), hit)
		before := c.progress(id, 1)
		for i := uint32(1); i <= 3; i++ {
			c.wantStop(c.goOn(id.PID, heart), hit)
			if n := c.progress(id, 1)[0]; n != before[0]+i {
				t.Fatalf("stop %d after %d rounds", i, n-before[0])
			}
		}
	})
}
