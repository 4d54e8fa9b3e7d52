package machine

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
)

// TestUserModeStopsAreInvisible runs the kernel and programs with a stop before every system call and on every return to user mode, and
// finds it where a run without stops is.
func TestUserModeStopsAreInvisible(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			const end = 9_000_000
			plain := bootKernel(t, arch, "forkloop", io.Discard)
			if s := plain.Run(cpu.UntilTime(end)); s.Reason != Limit {
				t.Fatalf("%+v", s)
			}
			m := bootKernel(t, arch, "forkloop", io.Discard)
			d := cpu.UntilTime(end)
			d.AtUser, d.Syscalls = true, &cpu.SyscallSet{All: true}
			user, calls := 0, 0
			for s := m.Run(d); s.Reason != Limit; s = m.Run(d) {
				d.Pass = d.Pass && !s.Passed
				switch s.Reason {
				case User:
					user++
				case Syscall:
					calls++
					d.Pass = true
				default:
					t.Fatalf("%+v", s)
				}
				if m.CPU().Privileged() {
					t.Fatalf("%v in the kernel", s.Reason)
				}
			}
			if user < 200 || calls < 200 || user < calls/2 {
				t.Errorf("%d returns to user mode and %d system calls", user, calls)
			}
			if a, b := m.Digest(), plain.Digest(); a != b {
				t.Errorf("after %d returns and %d calls, digest %.8s; without stops %.8s", user, calls, a, b)
			}
		})
	}
}

// TestParkOneTask takes one of two busy processes out of the running for 400 ms of guest time, some turns of the scheduler. It is where
// it was afterwards, the others have lived on, and all end well. Tasks are told apart by their kernel stacks.
func TestParkOneTask(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			var out bytes.Buffer
			m := bootKernel(t, arch, "preempt", &out)
			c, d := m.CPU(), cpu.UntilTime(clock.Never)
			d.AtUser = true
			stack := func() uint64 {
				s, ok := c.KernelStack()
				if !ok {
					t.Fatal("no kernel stack in user mode")
				}
				return s
			}
			registers := func() (all []byte) {
				for i, r := range c.Registers() {
					if r.Group == "general" {
						var p [16]byte
						all = append(all, c.ReadRegister(i, p[:])...)
					}
				}
				return all
			}
			run := func(limit uint64) Reason {
				d.Time = limit
				s := m.Run(d)
				if s.Reason != User && s.Reason != Limit {
					t.Fatalf("%+v; console:\n%s", s, out.String())
				}
				return s.Reason
			}
			// init, preempt, and its two children: the newest of them has just begun. Let it count a little.
			tasks := map[uint64]bool{}
			for len(tasks) < 4 {
				if run(clock.Never) == User {
					tasks[stack()] = true
				}
			}
			parked := stack()
			for n := 0; n < 3; {
				if run(clock.Never) == User && stack() == parked {
					n++
				}
			}
			was := registers()
			d.Park = true
			returns, others, places := 0, 0, map[uint64]bool{}
			for end := m.Clock().Now() + 400*clock.Hz/1000; m.Clock().Now() < end; {
				if run(end) != User {
					continue
				}
				if d.Park = stack() == parked; !d.Park {
					others++
					places[c.PC()] = true
					continue
				}
				returns++
				if !bytes.Equal(registers(), was) {
					t.Fatalf("the parked process has changed, after %d returns", returns)
				}
			}
			if returns < 2 || others < 4 || len(places) < 2 {
				t.Errorf("in 400 ms %d returns to the parked process, %d to others at %d places", returns, others, len(places))
			}
			d.Park, d.AtUser = false, false
			if s := m.Run(cpu.UntilTime(60 * clock.Hz)); s.Reason != PowerOff || s.Status != 0 {
				t.Errorf("%+v", s)
			}
			if !strings.Contains(out.String(), "preempt: ok") {
				t.Errorf("console:\n%s", out.String())
			}
		})
	}
}

// TestEnterKernelIsHarmless sends every third return to user mode back to the kernel. Programs end as ever, and say the same.
func TestEnterKernelIsHarmless(t *testing.T) {
	for _, arch := range arch.Names() {
		for _, program := range []string{"signals", "threads", "cow", "fpu"} {
			t.Run(arch+"/"+program, func(t *testing.T) {
				var want bytes.Buffer
				plain := bootKernel(t, arch, program, &want).Run(cpu.UntilTime(60 * clock.Hz))
				if plain.Reason != PowerOff {
					t.Fatalf("without: %+v", plain)
				}
				var got bytes.Buffer
				m := bootKernel(t, arch, program, &got)
				o := cpu.UntilTime(60 * clock.Hz)
				o.AtUser = true
				s, returns := m.Run(o), 0
				for ; s.Reason == User; s = m.Run(o) {
					returns++
					pc := m.CPU().PC()
					if returns%3 == 0 {
						m.EnterKernel()
						if !m.CPU().Privileged() || m.CPU().PC() == pc {
							t.Fatalf("still in user mode at %#x", pc)
						}
					}
				}
				if s.Reason != plain.Reason || s.Status != plain.Status || returns < 20 {
					t.Errorf("%+v after %d returns, without: %+v", s, returns, plain)
				}
				if got.String() != want.String() {
					t.Errorf("console:\n%s\nwithout:\n%s", got.String(), want.String())
				}
			})
		}
	}
}
