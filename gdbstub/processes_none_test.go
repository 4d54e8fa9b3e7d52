package gdbstub

import (
	"context"
	"strings"
	"testing"
)

// TestNoProcess: with none there is no description, and gdb's "set architecture" is the user's; then each process has its own.
func TestNoProcess(t *testing.T) {
	const features = "qXfer:features:read:target.xml:0,1000"
	f := newFakeSystem()
	target := f.target()
	target.Description = nil
	delete(f.procs, procPID)
	s := newProcessSession(t, target)
	for _, c := range []struct{ request, want string }{
		{"Hgp0.0", "E02"}, {features, "E02"}, {"g", "E02"}, {"?", "W00"}, {"qXfer:threads:read::0,1000", "l<?xml version=\"1.0\"?>\n<threads>\n</threads>\n"},
		{"vRun;2f62696e2f78", "T05thread:p11.111;1d:0000000000000000;1f:00ff004000000000;20:0010004000000000;"},
		{features, "m<?xml version=\"1.0\"?>"}, {"vKill;11", "OK"}, {features, "E02"},
	} {
		got := strings.Join(exchange(t, s, c.request), " | ")
		if c.request == features {
			got = got[:min(len(got), len(c.want))]
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.request, got, c.want)
		}
	}
}

// TestNoResumed: N only when nothing is left of what was resumed, since gdb 13 waits on where its list of threads says otherwise.
func TestNoResumed(t *testing.T) {
	for _, c := range []struct{ ends, want string }{
		{"p10.110", "N"},
		{"", "T00thread:p10.110;1d:0000000000000000;1f:00ff004000000000;20:0010004000000000;"},
	} {
		f := newFakeSystem()
		p := f.procs[procPID]
		second := *p.threads[0]
		second.id.TID = 0x200
		p.threads = append(p.threads, &second)
		target := f.target()
		target.Control = idle{f, c.ends != ""}
		s := newProcessSession(t, target)
		if got := strings.Join(exchange(t, s, "vCont;c:p10.110"), " | "); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
		if got := strings.Join(exchange(t, s, "qC"), " | "); c.ends != "" && got != "QCp10.200" {
			t.Errorf("afterwards: %q", got)
		}
	}
}

// idle is a system in which what is resumed never runs, or ends.
type idle struct {
	*fakeSystem
	ends bool
}

func (i idle) Resume(_ context.Context, _ *Plan) (Stop, error) {
	if p := i.procs[procPID]; i.ends {
		p.threads = p.threads[1:]
	}
	return Stop{Kind: StopNoResumed}, nil
}

// TestThreadHandle: as libthread_db gives it to gdbserver, the bytes of a pthread_t.
func TestThreadHandle(t *testing.T) {
	f := newFakeTarget()
	f.threads[0].info.Handle = []byte{0x40, 0x17, 0xdd, 0xf7, 0xff, 0x7f, 0, 0}
	s := newTestSession(t, f.target())
	got := strings.Join(exchange(t, s, "qXfer:threads:read::0,1000"), "")
	if !strings.Contains(got, "<thread id=\"1\" core=\"0\" name=\"init\" handle=\"4017ddf7ff7f0000\">") || strings.Count(got, "handle") != 1 {
		t.Errorf("%s", got)
	}
}

// TestPrinted: what commands print goes where the owner wants it, before the stop, also in non-stop mode.
func TestPrinted(t *testing.T) {
	for _, owner := range []bool{false, true} {
		f := newFakeTarget()
		var printed []string
		opts := Options{}
		if owner {
			opts.Printed = func(text []byte) { printed = append(printed, string(text)) }
		}
		s, err := NewSession(f.target(), opts)
		if err != nil {
			t.Fatal(err)
		}
		exchange(t, s, "QStartNoAckMode")
		sent := exchange(t, s, "Z0,40001010,4;cmds:1,X"+hexOf(printCode(`x0=%d\n`, 7)))
		sent = append(sent, exchange(t, s, "Z0,40001014,4")...)
		sent = append(sent, exchange(t, s, "vCont;c")...)
		got := strings.Join(sent[:len(sent)-1], " ") + " " + strings.Join(printed, " ")
		if want := map[bool]string{false: "OK OK O78303d370a ", true: "OK OK x0=7\n"}[owner]; got != want || !strings.HasPrefix(sent[len(sent)-1], "T05thread:1;") {
			t.Errorf("%q, %q; want %q", got, sent[len(sent)-1], want)
		}
	}
}

func hexOf(code []byte) string {
	return string(appendNum(nil, uint64(len(code)))) + "," + string(appendHex(nil, code))
}
