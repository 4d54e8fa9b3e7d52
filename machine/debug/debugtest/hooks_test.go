package debugtest

import (
	"errors"
	"testing"

	"forkscope/kernel/introspect"
)

// hook runs to the next place of a kind.
func (g *Guest) hook(want introspect.Hook) introspect.CallFrame {
	g.t.Helper()
	for va, h := range g.OS.Hooks() {
		if name, _, _ := g.OS.Image.Lookup(va); h == want {
			return g.To(name)
		}
	}
	g.t.Fatalf("the kernel has no place %d", want)
	return introspect.CallFrame{}
}

// What is read at the places where tasks are made and end, in a program whose child is made by vfork and executes another.
func TestHooksOfVfork(t *testing.T) {
	ForMachines(t, "vfork", func(t *testing.T, g *Guest) {
		var made introspect.NewTask
		for !made.MakerWaits {
			call := g.hook(introspect.HookCreated)
			var err error
			if made, err = g.OS.Created(call); err != nil {
				t.Fatal(err)
			}
			if made.Task.PID > 2 && !made.MakerWaits {
				t.Errorf("nobody waits for %+v", made)
			}
		}
		maker := g.Current()
		if made.Task.MM != maker.MM || made.Task.Parent != maker.Addr || made.ExitSignal != 17 {
			t.Errorf("%+v made %+v", maker, made)
		}
		if n, want := g.OS.SyscallNumber(&maker), Of(g, 190, 220, 58); n != want && n != Of(g, 120, 220, 56) {
			t.Errorf("it is made by system call %d, not %d", n, want)
		}
		if found, err := g.OS.FindTask(made.Task.PID); err != nil || found.Addr != made.Task.Addr {
			t.Errorf("task %d is found at %#x (%v), not %#x", made.Task.PID, found.Addr, err, made.Task.Addr)
		}
		if mm, err := g.OS.Pages().Owner(uint64(g.Machine.CPU().Space()), g.OS.InitTask()); err != nil || mm != maker.MM {
			t.Errorf("the page table in use is that of mm_struct %#x (%v), not %#x", mm, err, maker.MM)
		}
		if mm, err := g.OS.Pages().Owner(uint64(g.Machine.CPU().Space())+4096, maker.Addr); !errors.Is(err, introspect.ErrNoTask) {
			t.Errorf("no page table is that of mm_struct %#x, %v", mm, err)
		}
		if n := g.OS.SyscallNumber(&introspect.Task{}); n != -1 {
			t.Errorf("no task is in system call %d", n)
		}
		end, err := g.OS.Exiting(g.Current().Addr, g.hook(introspect.HookExit))
		if err != nil || end.Code != 3<<8 || g.Current().PID != made.Task.PID {
			t.Errorf("task %d ends with %+v, %v", g.Current().PID, end, err)
		}
	})
}

// A thread ends alone, and its process goes on.
func TestHooksOfThreads(t *testing.T) {
	ForMachines(t, "threads", func(t *testing.T, g *Guest) {
		made, err := g.OS.Created(g.hook(introspect.HookCreated))
		for err == nil && made.Task.PID == made.Task.TGID {
			made, err = g.OS.Created(g.hook(introspect.HookCreated))
		}
		if err != nil || made.ExitSignal != -1 || made.MakerWaits {
			t.Fatalf("%+v, %v", made, err)
		}
		call := g.hook(introspect.HookExit)
		end, err := g.OS.Exiting(g.Current().Addr, call)
		if now := g.Current(); err != nil || end.Group || end.Code != 0 || now.TGID != made.Task.TGID || now.PID == now.TGID {
			t.Errorf("task %d ends with %+v, %v", now.PID, end, err)
		}
	})
}

// A signal is judged when it is sent, and sought on the receiver's way to user mode, where the function's result is its number and
// the siginfo_t has it too.
func TestHooksOfSignals(t *testing.T) {
	ForMachines(t, "signals", func(t *testing.T, g *Guest) {
		task, sent, err := g.OS.Judged(g.hook(introspect.HookSignalJudged))
		if err != nil || sent <= 0 || sent > 64 {
			t.Fatalf("signal %d for %#x, %v", sent, task, err)
		}
		call := g.hook(introspect.HookSignalSought)
		for g.Current().Addr != task {
			call = g.hook(introspect.HookSignalSought)
		}
		info, back, onTheWay, err := g.OS.SignalSought(call)
		if err != nil || !onTheWay {
			t.Fatalf("sought on the way to user mode: %v, %v", onTheWay, err)
		}
		name, offset, _ := g.OS.Image.Lookup(back)
		if name != "get_signal" {
			t.Errorf("it returns to %s+%d", name, offset)
		}
		g.ToAddress(back)
		if n := int(int32(call.Result())); n != sent {
			t.Errorf("signal %d was found, and %d was sent", n, sent)
		}
		if n, err := g.OS.Field(info, "siginfo", "si_signo"); err != nil || int(n) != sent {
			t.Errorf("the siginfo_t is of signal %d, %v", n, err)
		}
	})
}
