package gdbstub

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// gdb13 is what gdb 13 says that it understands.
const gdb13 = "qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;fork-events+;vfork-events+;exec-events+;vContSupported+;" +
	"QThreadEvents+;no-resumed+;memory-tagging+;xmlRegisters=i386"

// newProcessSession is a session in extended mode with a client like gdb 13.
func newProcessSession(t testing.TB, target *Target) *Session {
	t.Helper()
	s := newTestSession(t, target)
	exchange(t, s, gdb13)
	exchange(t, s, "!")
	return s
}

func TestProcessTranscripts(t *testing.T) {
	names, err := filepath.Glob("testdata/processes/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			f := forking()
			f.ops[at(0xa1)] = fakeOp{what: "clone", child: at(0xa2)}
			f.ops[at(0xa2)] = fakeOp{what: "end", n: 3}
			f.ops[at(0xa4)] = fakeOp{what: "die", n: int(SIGSEGV)}
			if filepath.Base(name) == "nonstop.txt" {
				f.ops[at(8)] = fakeOp{what: "back", child: at(7)}
				f.ops[at(2)], f.ops[at(4)], f.ops[at(6)] = fakeOp{}, fakeOp{}, fakeOp{}
				f.spawn("/bin/other")
			}
			s := newProcessSession(t, f.target())
			play(t, s, name)
			s.Close(DetachLost)
			if len(f.bps) != 0 {
				t.Errorf("%d breakpoints left behind", len(f.bps))
			}
		})
	}
}

func TestFeatures(t *testing.T) {
	f := newFakeSystem()
	full := f.target()
	for _, c := range []struct {
		client string
		change func(*Target)
		with   string
		absent string
	}{
		{gdb13, nil, "multiprocess+ fork-events+ vfork-events+ exec-events+ no-resumed+ QThreadEvents+ QCatchSyscalls+ QPassSignals+ " +
			"QProgramSignals+ qXfer:siginfo:read+ qXfer:siginfo:write+ QNonStop+ qXfer:auxv:read+ qXfer:osdata:read+ QStartupWithShell+ " +
			"QEnvironmentHexEncoded+ QEnvironmentReset+ QEnvironmentUnset+ QSetWorkingDir+ QDisableRandomization+", "error-message+ QThreadOptions+"},
		{"qSupported:fork-events+;vfork-events+", nil, "QThreadEvents+", "multiprocess+ fork-events+ vfork-events+ exec-events+ no-resumed+"},
		{gdb13, func(t *Target) { t.Processes = nil }, "exec-events+", "multiprocess+ fork-events+ QStartupWithShell+"},
		{gdb13, func(t *Target) {
			t.Events, t.Syscalls, t.Signals, t.NonStop, t.Auxv, t.OSData = nil, nil, nil, nil, nil, nil
		}, "multiprocess+",
			"fork-events+ vfork-events+ exec-events+ no-resumed+ QThreadEvents+ QCatchSyscalls+ QPassSignals+ qXfer:siginfo:read+ QNonStop+ qXfer:auxv:read+ qXfer:osdata:read+"},
	} {
		target := *full
		if c.change != nil {
			c.change(&target)
		}
		s := newTestSession(t, &target)
		offered := strings.Split(exchange(t, s, c.client)[0], ";")
		for _, name := range strings.Fields(c.with) {
			if !slices.Contains(offered, name) {
				t.Errorf("%s: %s is not offered: %q", c.client, name, offered)
			}
		}
		for _, name := range strings.Fields(c.absent) {
			if slices.Contains(offered, name) {
				t.Errorf("%s: %s is offered", c.client, name)
			}
		}
	}
}

// What isn't there is unknown.
func TestAbsentParts(t *testing.T) {
	s := newTestSession(t, newFakeTarget().target())
	for _, packet := range []string{"vAttach;1", "QNonStop:1", "QThreadEvents:1", "QCatchSyscalls:1", "QPassSignals:", "QProgramSignals:",
		"qXfer:siginfo:read::0,8", "qXfer:siginfo:write::0:a", "qXfer:auxv:read::0,8", "qXfer:osdata:read::0,8", "qGetTLSAddr:1,0,0",
		"QStartupWithShell:1", "QEnvironmentHexEncoded:413d62", "QEnvironmentUnset:41", "QEnvironmentReset", "QSetWorkingDir:", "vCtrlC", "vStopped"} {
		if got := exchange(t, s, packet); len(got) != 1 || got[0] != "" {
			t.Errorf("%s: %q", packet, got)
		}
	}
}

// A client without multiprocess sees one process with plain ids.
func TestOneProcessForOldClients(t *testing.T) {
	f := forking()
	other := f.spawn("/bin/other")
	other.debugged = true
	s := newTestSession(t, f.target())
	exchange(t, s, "qSupported:swbreak+")
	for _, x := range [][2]string{
		{"qfThreadInfo", "m110"}, {"qC", "QC110"}, {"T110", "OK"}, {"T111", "E02"}, {"Hg111", "E02"}, {"vAttach;12", "E16"},
		{"s", "T05thread:110;1d:0000000000000000;1f:00ff004000000000;20:0410004000000000;"}, {"c40001110", "W07"}, {"qfThreadInfo", "l"}, {"g", "E02"},
	} {
		if got := exchange(t, s, x[0]); len(got) != 1 || got[0] != x[1] {
			t.Errorf("%s: %q, want %q", x[0], got, x[1])
		}
	}
}

// Each process is described, and its registers are read and written, by its own description.
func TestDescriptionsPerProcess(t *testing.T) {
	f := newFakeSystem().withKernel()
	f.kernelDesc.OSABI = "none"
	s := newProcessSession(t, f.target())
	for _, x := range [][3]string{{"Hgp10.110", "GNU/Linux", "Linux"}, {"Hgp400000.400000", "none", "Linux"}} {
		exchange(t, s, x[0])
		doc := exchange(t, s, "qXfer:features:read:target.xml:0,1000")[0]
		if !strings.Contains(doc, "<osabi>"+x[1]+"</osabi>") {
			t.Errorf("%s: %.200s", x[0], doc)
		}
		if got := exchange(t, s, "p20")[0]; got != "0010004000000000" {
			t.Errorf("%s: pc %s", x[0], got)
		}
	}
	if got := exchange(t, s, "vKill;400000")[0]; got != "E05" {
		t.Errorf("kill of the kernel: %s", got)
	}
	exchange(t, s, "qSupported:multiprocess+;error-message+")
	if got := exchange(t, s, "vKill;400000")[0]; !strings.Contains(got, "can't be killed") {
		t.Errorf("kill of the kernel: %s", got)
	}
}

// TestInheritedBreakpoints looks at what the target is told around fork, exec, exit and detach.
func TestInheritedBreakpoints(t *testing.T) {
	f := forking()
	f.ops[at(4)] = fakeOp{what: "exec", child: at(0x20)}
	s := newProcessSession(t, f.target())
	for _, p := range []string{"Hgp10.110", "Z0,40001400,4;X3,220127", "Z0,40001500,4", "z0,40001500,4", "vCont;c"} {
		exchange(t, s, p)
	}
	f.log = nil
	for _, p := range []string{"Z0,40001600,4", "z0,40001600,4", "Z0,40001600,4", "vCont;c:p10.-1", "Z0,40001700,4", "Hgp11.111", "Z0,40001400,4;X3,220127", "z0,40001400,4", "D;11"} {
		exchange(t, s, p)
	}
	want := []string{"insert p10.110 40001600", "remove p10.110 40001400", "remove p10.110 40001600", "insert p10.110 40001700", "remove p11.111 40001400", "detach 11"}
	if !slices.Equal(f.log, want) {
		t.Errorf("the target heard\n%q, want\n%q", f.log, want)
	}
}

// The session of a plain "target remote" ends with its last process, that of "target extended-remote" doesn't.
func TestSessionEnds(t *testing.T) {
	for _, extended := range []bool{false, true} {
		f := newFakeSystem()
		f.spawn("/bin/other").debugged = true
		s := newTestSession(t, f.target())
		exchange(t, s, gdb13)
		if extended {
			exchange(t, s, "!")
		}
		if exchange(t, s, "D;11"); s.Finished() {
			t.Error("finished before the last process was let go")
		}
		if exchange(t, s, "D;10"); s.Finished() == extended {
			t.Errorf("extended %v: finished %v", extended, s.Finished())
		}
	}
	f := newFakeSystem().withKernel()
	s := newTestSession(t, f.target())
	exchange(t, s, "k")
	if !s.Finished() || f.procs[procPID] != nil || f.procs[kernelPID] == nil {
		t.Error("k does not kill what it can")
	}
}

// A session may begin with nothing to debug.
func TestNothingToDebug(t *testing.T) {
	f := newFakeSystem()
	clear(f.procs)
	s := newProcessSession(t, f.target())
	for _, x := range [][2]string{{"?", "W00"}, {"qC", ""}, {"Hgp0.0", "E02"}, {"Hc-1", "OK"}, {"qfThreadInfo", "l"}, {"m40000000,4", "E02"},
		{"qAttached", "1"}, {"vRun;", "T05thread:p11.111;1d:0000000000000000;1f:00ff004000000000;20:0010004000000000;"}, {"m40000000,4", "2f62696e"}} {
		if got := exchange(t, s, x[0]); len(got) != 1 || got[0] != x[1] {
			t.Errorf("%s: %q, want %q", x[0], got, x[1])
		}
	}
}

// TestNonStopServe: requests are answered while a thread runs, without a Ctrl-C.
func TestNonStopServe(t *testing.T) {
	f := newFakeSystem()
	f.ops[at(8)] = fakeOp{what: "back", child: at(7)}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c, done := connect(t, ctx, f.target(), Options{})
	ask := func(payload string) string {
		c.send(payload)
		return c.receive()
	}
	for _, x := range [][2]string{{"QNonStop:1", "OK"}, {"vCont;c", "OK"}, {"m40000000,4", "2f62696e"}, {"m40000000,4", "2f62696e"}} {
		if got := ask(x[0]); got != x[1] {
			t.Errorf("%s: %q", x[0], got)
		}
	}
	if got := ask("vCont;t"); got != "OK" {
		t.Errorf("vCont;t: %q", got)
	}
	if got := c.receive(); !strings.HasPrefix(got, "%Stop:T00thread:") {
		t.Errorf("notification %q", got)
	}
	if got := ask("vStopped"); got != "OK" {
		t.Errorf("vStopped: %q", got)
	}
	// A debugger that goes away is noticed while a thread runs.
	if got := ask("vCont;c"); got != "OK" {
		t.Errorf("vCont;c: %q", got)
	}
	c.conn.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// FuzzProcesses is FuzzSession with all parts of the contract.
func FuzzProcesses(f *testing.F) {
	for _, p := range []string{gdb13, "vAttach;11", "vKill;10", "vRun;61;62", "D;10", "D", "k", "Hgp10.0", "vCont;c:p10.-1", "QNonStop:1", "vCont;t",
		"vStopped", "QCatchSyscalls:1;ac", "QPassSignals:e;1e;", "qXfer:siginfo:write::0:ab", "qXfer:siginfo:read::0,8", "qXfer:osdata:read::0,100",
		"qSearch:memory:40000000;100;bin", "QEnvironmentHexEncoded:413d62", "qGetTLSAddr:p10.110,0,0", "QThreadEvents:1", "qAttached:10", "?", "Z0,4000100c,4"} {
		f.Add([]byte(p), []byte("vCont;c"), []byte("g"))
	}
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		system := forking()
		system.spawn("/bin/other")
		s := newProcessSession(t, system.target())
		for _, p := range [][]byte{a, b, c} {
			in := frame(string(p))
			for len(in) > 0 && !s.Finished() {
				in = in[s.Feed(in):]
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
				if s.Running() {
					s.Run(ctx)
				} else if s.Moving() {
					s.RunNonStop(ctx)
				}
				cancel()
			}
			packetsIn(t, s.Output())
			s.Sent()
		}
		if !s.Finished() {
			if got := exchange(t, s, "vMustReplyEmpty"); !slices.Contains(got, "") {
				t.Errorf("afterwards: %q", got)
			}
		}
		s.Close(DetachLost)
		if len(system.bps) != 0 {
			t.Errorf("%d breakpoints left behind", len(system.bps))
		}
	})
}
