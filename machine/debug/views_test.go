package debug

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"forkscope/gdbstub"
	"forkscope/machine"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
)

// A run with processes attached to and nothing asked for is the run without a debugger: same instructions, same console, same
// machine at the end.
func TestAttachedIsUnseen(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		// One thread computes: the others would only take long.
		roles := []string{"nap", "pipe", "signals", "wait", "victim", "job", "fault", "spin"}
		plain := newView(t, arch, KernelView, "counters 12 "+strings.Join(roles, " "))
		if s := plain.machine.Run(&cpu.NoOrders); s.Reason != machine.PowerOff {
			t.Fatalf("without a debugger: %v", s)
		}
		c := newCounters(t, arch, BothViews, "12", roles...)
		c.PassSignals(everySignal())
		for i := range roles {
			c.adopted(i + 1)
		}
		c.beats(2, slices.DeleteFunc(c.Debugged(), func(pid int) bool { return pid == KernelPID })...)
		// From here on not even a breakpoint of the kernel's.
		if err := c.Remove(c.heartbeat); err != nil {
			t.Fatal(err)
		}
		ends := make(map[int]gdbstub.Stop)
		for {
			stop := c.resume()
			if stop.Thread.PID == KernelPID {
				if stop.Kind != gdbstub.StopExited || stop.Code != 0 {
					t.Errorf("the guest ended with %+v", stop)
				}
				break
			}
			ends[stop.Thread.PID] = stop
		}
		for i, role := range roles {
			want := gdbstub.SIGKILL
			if role == "fault" {
				want = gdbstub.SIGSEGV
			}
			if stop := ends[pidOf(i+1)]; stop.Kind != gdbstub.StopKilled || stop.Signal != want {
				t.Errorf("%s ended with %+v", role, stop)
			}
		}
		if plain.console.String() != c.console.String() {
			t.Errorf("the consoles differ:\n%s\nwithout a debugger:\n%s", c.console.String(), plain.console.String())
		}
		if a, b := plain.machine.Clock().Now(), c.machine.Clock().Now(); a != b {
			t.Errorf("%d instructions without a debugger, %d with", a, b)
		} else if plain.machine.Digest() != c.machine.Digest() {
			t.Error("the machines differ at the end")
		}
	})
}

func everySignal() (set gdbstub.SignalSet) {
	for i := range set {
		set[i] = true
	}
	return set
}

// BenchmarkAttached is the time for a program that forks and waits, alone and with a debugger attached that asks for no events.
func BenchmarkAttached(b *testing.B) {
	for _, arch := range arch.Names() {
		for _, attached := range []bool{false, true} {
			name := arch + "/alone"
			if attached {
				name = arch + "/attached"
			}
			b.Run(name, func(b *testing.B) {
				for range b.N {
					b.StopTimer()
					g := newView(b, arch, BothViews, "forkloop 1000")
					g.attach()
					at := &gdbstub.Breakpoint{Kind: gdbstub.SoftwareBreakpoint, Thread: g.onCPU(), Address: g.symbol("copy_process")}
					if err := g.Insert(at); err != nil {
						b.Fatal(err)
					}
					for g.onCPU().TID != heart {
						g.resume()
					}
					if err := g.Remove(at); err != nil {
						b.Fatal(err)
					}
					if attached {
						if _, err := g.AttachProcess(heart); err != nil {
							b.Fatal(err)
						}
					}
					b.StartTimer()
					for stop := g.resume(); stop.Thread.PID != KernelPID; stop = g.resume() {
					}
				}
			})
		}
	}
}

// When the guest ends, the debugger hears of each of its processes, frozen or not, and last of the kernel.
func TestGuestEndsWithProcesses(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		c := newCounters(t, arch, BothViews, "6", "nap", "spin")
		if _, err := c.AttachProcess(heart); err != nil {
			t.Fatal(err)
		}
		if _, err := c.AttachProcess(1); err != nil {
			t.Fatal(err)
		}
		c.beats(5, 1, heart)
		// The heart kills the others, has waited for them, and ends; then init powers the guest off.
		first, second := c.goOn(1, heart), c.goOn(1)
		c.wantStop(first, gdbstub.Stop{Kind: gdbstub.StopExited, Thread: gdbstub.ThreadID{PID: heart}})
		c.wantStop(second, gdbstub.Stop{Kind: gdbstub.StopKilled, Thread: gdbstub.ThreadID{PID: 1}, Signal: gdbstub.SIGKILL})
		for range 2 {
			c.wantStop(c.goOn(), gdbstub.Stop{Kind: gdbstub.StopExited, Thread: gdbstub.ThreadID{PID: KernelPID}})
		}
		if ids := c.Debugged(); len(ids) != 0 {
			t.Errorf("still debugged: %v", ids)
		}
		if _, err := c.AttachProcess(1); !errors.Is(err, gdbstub.ErrNotFound) {
			t.Errorf("attaching after the end: %v", err)
		}
	})
}

// A debugger that is lost leaves everything where it is, and the next one finds it there; one that detaches lets all go.
func TestLostWithFrozen(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		c := newCounters(t, arch, ProcessView, "0", "spin", "nap")
		c.beats(3)
		id, other := c.adopted(1), c.adopted(2)
		before := c.progress(id, 1)
		c.beats(2, other.PID)
		c.Detach(gdbstub.DetachLost)
		if !c.Lost() {
			t.Error("the loss is forgotten")
		}
		stop := c.attach()
		if got := c.Debugged(); !slices.Equal(got, []int{heart, id.PID, other.PID}) || stop.Kind != gdbstub.StopSignal {
			t.Fatalf("the next debugger finds %v, stop %+v", got, stop)
		}
		if err := c.CatchSyscalls(heart, false, []int{c.getppid()}); err != nil {
			t.Fatal(err)
		}
		c.beats(2, other.PID)
		if after := c.progress(id, 1); after != before {
			t.Errorf("meanwhile the frozen one went from %v to %v", before, after)
		}
		c.Detach(gdbstub.DetachAsked)
		if got := c.Debugged(); len(got) != 0 {
			t.Errorf("after a detach %v are debugged", got)
		}
		now := c.machine.Clock().Now()
		if s := c.machine.Run(cpu.UntilTime(now + 300_000_000)); s.Reason != machine.Limit {
			t.Fatalf("let go: %v %s", s.Reason, s.Message())
		}
		c.attach()
		c.adopted(1)
		if after := c.progress(id, 1); after[1] <= before[1] {
			t.Errorf("let go, it went from %v to %v", before, after)
		}
	})
}

// What cannot be is refused with a reason, and changes nothing.
func TestBadProcesses(t *testing.T) {
	for _, view := range []View{BothViews, ProcessView} {
		forMachine(t, func(t *testing.T, arch string) {
			c := newCounters(t, arch, view, "0", "nap", "victim", "wait")
			c.beats(3)
			id := c.adopted(1)
			for _, bad := range []struct {
				name string
				err  error
				want error
				text string
			}{
				{"attach twice", second(c.AttachProcess(id.PID)), gdbstub.ErrInvalid, "debugged already"},
				{"attach to none", second(c.AttachProcess(999)), gdbstub.ErrNotFound, "no process 999"},
				{"attach to the idle task", second(c.AttachProcess(0)), gdbstub.ErrNotFound, "no process 0"},
				{"attach to a negative number", second(c.AttachProcess(-5)), gdbstub.ErrNotFound, "no process -5"},
				{"attach to the kernel", second(c.AttachProcess(KernelPID)), nil, ""},
				{"kill init", c.KillProcess(1), gdbstub.ErrNotFound, "not debugged"},
				{"detach from what is not attached", c.DetachProcess(999), gdbstub.ErrNotFound, "not debugged"},
				{"catch in what is not attached", c.CatchSyscalls(999, true, nil), gdbstub.ErrNotFound, "not debugged"},
				{"run in a guest with processes", second(c.RunProcess(gdbstub.RunRequest{File: "/bin/demo"})), nil, "again"},
				{"breakpoint in what is not attached", c.Insert(&gdbstub.Breakpoint{Thread: main(999), Address: c.symbols["main"]}), gdbstub.ErrNotFound, ""},
				{"watchpoint over the end of memory", c.Insert(&gdbstub.Breakpoint{Kind: gdbstub.WriteWatchpoint, Thread: id, Address: ^uint64(0), Size: 8}), gdbstub.ErrInvalid, ""},
			} {
				if bad.err == nil || bad.want != nil && !errors.Is(bad.err, bad.want) || !strings.Contains(bad.err.Error(), bad.text) {
					t.Errorf("%s: %v", bad.name, bad.err)
				}
			}
			var b [8]byte
			for _, va := range []uint64{0x10, c.symbol("schedule"), ^uint64(7)} {
				if n, err := c.ReadMemory(id, va, b[:]); n != 0 || !errors.Is(err, gdbstub.ErrFault) {
					t.Errorf("reading %#x: %d bytes, %v", va, n, err)
				}
				if view == BothViews && va == 0x10 {
					continue // the kernel is in the middle of its breakpoint and can write for nobody
				}
				if n, err := c.WriteMemory(id, va, b[:]); n != 0 || !errors.Is(err, gdbstub.ErrFault) {
					t.Errorf("writing %#x: %d bytes, %v", va, n, err)
				}
			}
			// A read that runs into a hole gets what is before it.
			long := make([]byte, 8192)
			if n, err := c.ReadMemory(id, sharedPage+0x800, long); err != nil || n != 0x800 {
				t.Errorf("reading over the end of a mapping: %d bytes, %v", n, err)
			}
			if init, err := c.AttachProcess(1); err != nil || init.Thread != main(1) {
				t.Errorf("attaching to init: %+v, %v", init, err)
			} else if err := c.KillProcess(1); !errors.Is(err, gdbstub.ErrInvalid) || !strings.Contains(err.Error(), "init") {
				t.Errorf("killing init: %v", err)
			} else if !c.Alive(main(1)) {
				t.Error("init is gone")
			}
			// The victim is killed at beat 5 and stays a zombie, since its parent does not wait.
			victim := c.adopted(2)
			at := &gdbstub.Breakpoint{Thread: victim, Address: c.symbols["count"]}
			if err := c.Insert(at); err != nil {
				t.Fatal(err)
			}
			for i := 0; c.Alive(victim); i++ {
				if i > 8 {
					t.Fatal("the victim lives on")
				}
				c.goOn(1, heart)
			}
			if c.Description(victim.PID) != nil {
				t.Error("a process that has died has a description")
			}
			f := c.Description(id.PID).NewRegisterFile()
			if err := c.ReadRegisters(victim, f); !errors.Is(err, gdbstub.ErrNotFound) {
				t.Errorf("registers of a thread that has died: %v", err)
			}
			if err := c.WriteRegister(victim, 0, make([]byte, 8)); !errors.Is(err, gdbstub.ErrNotFound) {
				t.Errorf("writing them: %v", err)
			}
			if n, err := c.ReadMemory(victim, c.symbols["own"], b[:]); n != 0 || !errors.Is(err, gdbstub.ErrNotFound) {
				t.Errorf("memory of a process that has died: %d bytes, %v", n, err)
			}
			if err := c.Remove(at); err != nil {
				t.Errorf("removing its breakpoint: %v", err)
			}
			c.wantStop(c.goOn(1, heart, victim.PID), gdbstub.Stop{Kind: gdbstub.StopKilled, Thread: gdbstub.ThreadID{PID: victim.PID}, Signal: gdbstub.SIGKILL})
			if _, err := c.AttachProcess(victim.PID); !errors.Is(err, gdbstub.ErrNotFound) {
				t.Errorf("attaching to a zombie: %v", err)
			}
			if err := c.KillProcess(victim.PID); !errors.Is(err, gdbstub.ErrNotFound) {
				t.Errorf("killing a zombie: %v", err)
			}
			if stop := c.goOn(1, heart); stop.Thread.TID != heart {
				t.Errorf("the guest does not go on: %+v", stop)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

// A process can be killed wherever the kernel is shown, through breakpoints of the kernel's on its way.
func TestKillAtKernelBreakpoint(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		c := newCounters(t, arch, BothViews, "0", "nap", "spin", "pipe")
		for i := 1; i <= 3; i++ {
			id := c.adopted(i)
			var set []*gdbstub.Breakpoint
			for _, name := range []string{"do_exit", "schedule"} {
				b := &gdbstub.Breakpoint{Kind: gdbstub.SoftwareBreakpoint, Thread: c.onCPU(), Address: c.symbol(name)}
				if err := c.Insert(b); err != nil {
					t.Fatal(err)
				}
				set = append(set, b)
			}
			if err := c.KillProcess(id.PID); err != nil {
				t.Errorf("killing process %d: %v", i, err)
			}
			if c.Alive(id) || slices.Contains(c.Debugged(), id.PID) {
				t.Errorf("process %d is alive", i)
			}
			for _, b := range set {
				if err := c.Remove(b); err != nil {
					t.Fatal(err)
				}
			}
			c.beats(1)
		}
	})
}
