package debug

import (
	"encoding/binary"
	"testing"

	"forkscope/gdbstub"
)

// alone continues one thread, and whatever is not debugged, with a signal or without.
func (c *counting) alone(id gdbstub.ThreadID, signal gdbstub.Signal) gdbstub.Stop {
	c.t.Helper()
	return c.resume(gdbstub.ThreadAction{Thread: id, Action: gdbstub.ActionContinue, Signal: signal})
}

// A signal stops the program before it is delivered; the debugger delivers it, throws it away or delivers another one.
func TestSignalStops(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		c := newCounters(t, arch, ProcessView, "0", "signals")
		c.beats(2)
		id := c.adopted(1)
		handled := func() uint32 { return c.progress(id, 1)[3] }
		if handled() == 0 {
			t.Fatal("nothing was handled before the debugger came")
		}
		c.PassSignals(gdbstub.SignalSet{gdbCHLD: true})
		if err := c.CatchSyscalls(heart, false, nil); err != nil {
			t.Fatal(err)
		}
		next := func(signal gdbstub.Signal) gdbstub.Stop {
			return c.resume(
				gdbstub.ThreadAction{Thread: id, Action: gdbstub.ActionContinue, Signal: signal},
				gdbstub.ThreadAction{Thread: main(heart), Action: gdbstub.ActionContinue},
			)
		}
		usr1 := gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: id, Signal: gdbUSR1}
		c.wantStop(next(0), usr1)
		info, err := c.ReadSiginfo(id)
		if err != nil || len(info) != 128 {
			t.Fatalf("siginfo of %d bytes, %v", len(info), err)
		}
		// si_pid follows si_signo, si_errno, si_code, and on a 64-bit machine four bytes of nothing.
		at := map[string]int{"i386": 12, "arm64": 16, "x86_64": 16}[arch]
		if signo, pid := binary.LittleEndian.Uint32(info), binary.LittleEndian.Uint32(info[at:]); signo != 10 || pid != heart {
			t.Errorf("signal %d from process %d", signo, pid)
		}
		n := handled()
		c.wantStop(next(gdbUSR1), usr1)
		if handled() != n+1 {
			t.Errorf("delivered, it was handled %d times", handled()-n)
		}
		n = handled()
		c.wantStop(next(0), usr1)
		if handled() != n {
			t.Errorf("thrown away, it was handled %d times", handled()-n)
		}
		// SIGTERM in its place is the end.
		c.wantStop(next(gdbstub.SIGTERM), gdbstub.Stop{Kind: gdbstub.StopKilled, Thread: gdbstub.ThreadID{PID: id.PID}, Signal: gdbstub.SIGTERM})
		if c.Alive(id) {
			t.Error("it is alive")
		}
	})
}

// The debugger sends a signal to a program that runs, sleeps or waits for a pipe: it is handled, and the program goes on.
func TestSignalInjected(t *testing.T) {
	for _, role := range []string{"spin", "nap", "pipe", "wait"} {
		t.Run(role, func(t *testing.T) {
			forMachine(t, func(t *testing.T, arch string) {
				c := newCounters(t, arch, ProcessView, "0", role)
				c.beats(3)
				id := c.adopted(1)
				before := c.progress(id, 1)
				// SIGWINCH and SIGCONT do nothing.
				for _, signal := range []gdbstub.Signal{28, 19} {
					stop := c.resume(
						gdbstub.ThreadAction{Thread: id, Action: gdbstub.ActionContinue, Signal: signal},
						gdbstub.ThreadAction{Thread: main(heart), Action: gdbstub.ActionContinue})
					c.wantStop(stop, gdbstub.Stop{Kind: gdbstub.StopSyscallEntry, Thread: main(heart)})
					c.wantStop(c.goOn(id.PID, heart), gdbstub.Stop{Kind: gdbstub.StopSyscallReturn, Thread: main(heart)})
				}
				c.beats(3, id.PID)
				if after := c.progress(id, 1); after[0] <= before[0] {
					t.Errorf("after signals that do nothing it goes from %v to %v", before, after)
				}
				c.wantStop(c.alone(id, gdbstub.SIGQUIT), gdbstub.Stop{Kind: gdbstub.StopKilled, Thread: gdbstub.ThreadID{PID: id.PID}, Signal: gdbstub.SIGQUIT})
			})
		})
	}
}

// A signal sent to a frozen process waits, and arrives when it is let go.
func TestSignalToFrozen(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		c := newCounters(t, arch, BothViews, "0", "signals", "victim", "job")
		c.beats(2)
		id, victim, job := c.adopted(1), c.adopted(2), c.adopted(3)
		before, jobBefore := c.progress(id, 1), c.progress(job, 3)
		c.beats(3)
		if after := c.progress(id, 1); after != before {
			t.Errorf("frozen, it went from %v to %v", before, after)
		}
		// SIGKILL, at beat 5, waits for nobody. It is reported, though the debugger had not let the process run.
		stop := c.goOn(id.PID)
		for i := 0; i < 3 && stop.Thread.PID == KernelPID; i++ {
			stop = c.goOn(id.PID)
		}
		c.wantStop(stop, gdbstub.Stop{Kind: gdbstub.StopKilled, Thread: gdbstub.ThreadID{PID: victim.PID}, Signal: gdbstub.SIGKILL})
		c.beats(2, id.PID)
		if after := c.progress(id, 1); after[3] <= before[3] {
			t.Errorf("let go, it went from %v to %v", before, after)
		}
		// SIGSTOP, sent at beat 5, reaches the job when it runs; at beat 10 it gets SIGCONT.
		stops := []gdbstub.Signal{}
		for range 8 {
			stop := c.goOn(id.PID, job.PID)
			for stop.Thread == job {
				stops = append(stops, stop.Signal)
				stop = c.resume(
					gdbstub.ThreadAction{Thread: job, Action: gdbstub.ActionContinue, Signal: stop.Signal},
					gdbstub.ThreadAction{Thread: gdbstub.AllThreads, Action: gdbstub.ActionContinue})
			}
		}
		if len(stops) != 2 || stops[0] != 17 || stops[1] != 19 {
			t.Errorf("the job stopped for %v, not for SIGSTOP and SIGCONT", stops)
		}
		if after := c.progress(job, 3); after[0] <= jobBefore[0] {
			t.Errorf("continued, it went from %v to %v", jobBefore, after)
		}
	})
}

// A fault is reported where it happens, with the address in its siginfo.
func TestFaultStops(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		c := newCounters(t, arch, ProcessView, "0", "fault")
		c.beats(2)
		id := c.adopted(1)
		if err := c.CatchSyscalls(heart, false, nil); err != nil {
			t.Fatal(err)
		}
		c.wantStop(c.goOn(id.PID, heart), gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: id, Signal: gdbstub.SIGSEGV})
		info, err := c.ReadSiginfo(id)
		if err != nil {
			t.Fatal(err)
		}
		code, address := binary.LittleEndian.Uint32(info[8:]), uint64(binary.LittleEndian.Uint32(info[12:]))
		if arch != "i386" {
			address = binary.LittleEndian.Uint64(info[16:])
		}
		if code != 1 || address != 0x10 {
			t.Errorf("si_code %d (SEGV_MAPERR is 1), si_addr %#x", code, address)
		}
		f := c.Description(id.PID).NewRegisterFile()
		if err := c.ReadRegisters(id, f); err != nil {
			t.Fatal(err)
		}
		pc, _ := f.Uint(c.Description(id.PID).Generic("pc"))
		if start := c.symbols["fault"]; pc < start || pc > start+200 {
			t.Errorf("stopped at %#x, %v; fault is at %#x", pc, err, start)
		}
		c.wantStop(c.alone(id, gdbstub.SIGSEGV), gdbstub.Stop{Kind: gdbstub.StopKilled, Thread: gdbstub.ThreadID{PID: id.PID}, Signal: gdbstub.SIGSEGV})
	})
}
