package debug

import (
	"testing"

	"forkscope/gdbstub"
)

// TestWriteWithSignalDue: a page that a program may only read is written for the debugger while a signal waits for the program, which takes it afterwards,
// before it executes anything, and can be killed as well.
func TestWriteWithSignalDue(t *testing.T) {
	forMachine(t, func(t *testing.T, arch string) {
		for _, kill := range []bool{false, true} {
			c := newCounters(t, arch, ProcessView, "0", "signals")
			c.beats(2)
			c.PassSignals(gdbstub.SignalSet{gdbCHLD: true})
			id := c.adopted(1)
			c.beats(2) // one of which has sent it SIGUSR1
			at := c.symbols["spin"]
			text := make([]byte, 4)
			if n, err := c.ReadMemory(id, at, text); err != nil || n != len(text) {
				t.Fatal(n, err)
			}
			if n, err := c.WriteMemory(id, at, text); err != nil || n != len(text) {
				t.Fatalf("%d bytes were written: %v", n, err)
			}
			pid := pidOf(1)
			if kill {
				if err := c.KillProcess(pid); err != nil {
					t.Error(err)
				}
				continue
			}
			before := c.progress(id, 1)
			stop := c.goOn(pid)
			c.wantStop(stop, gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbUSR1, Thread: id})
			if after := c.progress(id, 1); after != before {
				t.Errorf("it has gone on before: %v, %v", before, after)
			}
		}
	})
}
