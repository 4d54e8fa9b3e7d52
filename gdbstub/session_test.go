package gdbstub

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// TestAcks: until QStartNoAckMode every packet is acknowledged and the last reply is sent again on request.
func TestAcks(t *testing.T) {
	s, err := NewSession(newFakeTarget().target(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, want string }{
		{"+", ""},
		{"$qC#b4", "+ QC1"},
		{"-", "QC1"},
		{"-", "QC1"},
		{"$qC#b5", "-"},
		{"$qC#b4+", "+ QC1"},
		{"noise", ""},
		{"\x03", ""},
		{"$QStartNoAckMode#b0", "+ OK"},
		{"+", ""},
		{"$qC#b4", "QC1"},
		{"-", ""},
		{"$qC#b5", ""},
	} {
		if got := strings.Join(exchangeRaw(t, s, []byte(c.in)), " "); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestResendEnds(t *testing.T) {
	s, err := NewSession(newFakeTarget().target(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	exchange(t, s, "qC")
	if n := len(exchangeRaw(t, s, bytes.Repeat([]byte("-"), 1000))); n != maxResend {
		t.Errorf("sent again %d times", n)
	}
}

// TestGarbage: whatever comes in, the session goes on.
func TestGarbage(t *testing.T) {
	s := newTestSession(t, newFakeTarget().target())
	long := strings.Repeat("0", defaultPacketSize)
	for _, in := range []string{
		string(frame("M0," + long)), "$m40000000,4", "$$$###", "#00", "\xff\xfe\x00", string(frame("q" + long[:100])),
		string(frame("vCont;" + strings.Repeat("s;", 1000))), string(frame("\x00\x01\x02")), string(frame("Z0,1,1;X" + long[:50])),
		string(frame("qXfer:::::::")), string(frame("vFile:::")), string(frame("X0,ffffffffffffffff:")),
	} {
		exchangeRaw(t, s, []byte(in))
		if got := exchange(t, s, "qC"); len(got) == 0 || got[len(got)-1] != "QC1" {
			t.Fatalf("after %.40q: %q", in, got)
		}
	}
	if got := exchange(t, s, "M0,"+long); len(got) != 1 || got[0] != "E07" {
		t.Errorf("a packet that is too long: %q", got)
	}
}

// TestOutputIsBounded: requests in one piece don't make more output than a reply over the bound.
func TestOutputIsBounded(t *testing.T) {
	s := newTestSession(t, newFakeTarget().target())
	in := bytes.Repeat(frame("m40000000,10000"), 100)
	fed := 0
	for len(in) > 0 {
		n := s.Feed(in)
		if len(s.Output()) > maxOutput+defaultPacketSize+16 {
			t.Fatalf("%d bytes of output", len(s.Output()))
		}
		fed += len(packetsIn(t, s.Output()))
		s.Sent()
		in = in[n:]
	}
	if fed != 100 {
		t.Errorf("%d replies", fed)
	}
}

// TestAbsentIsNotOffered: with the required interfaces alone, the optional packets don't exist.
func TestAbsentIsNotOffered(t *testing.T) {
	f := newFakeTarget()
	s := newTestSession(t, &Target{Description: f.desc, Control: f, Threads: f, Registers: f, Memory: f})
	got := exchange(t, s, "qSupported:error-message+;swbreak+")[0]
	want := "PacketSize=20000;QStartNoAckMode+;vContSupported+;binary-upload+;qXfer:features:read+;qXfer:threads:read+;error-message+"
	if got != want {
		t.Errorf("qSupported: %s\nwant %s", got, want)
	}
	for _, packet := range []string{
		"Z0,40001000,4", "z0,40001000,4", "qXfer:exec-file:read::0,10", "qXfer:memory-map:read::0,10", "vFile:setfs:0",
		"qqemu.sstepbits", "qqemu.sstep", "Qqemu.sstep=1", "qqemu.PhyMemMode", "Qqemu.PhyMemMode:1", "qqemu.Supported:",
		"vKill;1",
	} {
		if got := exchange(t, s, packet); len(got) != 1 || got[0] != "" {
			t.Errorf("%s: %q", packet, got)
		}
	}
	if got := exchange(t, s, "k"); len(got) != 0 || !s.Finished() {
		t.Errorf("k: %q, finished %v", got, s.Finished())
	}
}

func TestIncompleteTarget(t *testing.T) {
	f := newFakeTarget()
	for name, target := range map[string]*Target{
		"nothing":         {},
		"no memory":       {Description: f.desc, Control: f, Threads: f, Registers: f},
		"no registers":    {Description: &Description{Architecture: "i386"}, Control: f, Threads: f, Registers: f, Memory: f},
		"no architecture": {Description: &Description{}, Control: f, Threads: f, Registers: f, Memory: f},
	} {
		if _, err := NewSession(target, Options{}); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBreakpointsSettle: what gdb takes out and puts back between two resumes never reaches the target, and the
// session's end leaves nothing behind.
func TestBreakpointsSettle(t *testing.T) {
	f := newFakeTarget()
	s := newTestSession(t, f.target())
	for _, packet := range []string{
		"Z0,40001010,4", "Z0,40001018,4", "vCont;c", "z0,40001010,4", "z0,40001018,4", "Z0,40001018,4", "Z0,40001010,4",
		"vCont;c", "z0,40001018,4", "z0,40001010,4", "Z0,40001010,4", "z0,40001010,4", "Z0,40001018,4", "vCont;c",
	} {
		exchange(t, s, packet)
	}
	exchange(t, s, "Z0,40001018,4;X3,220127")
	exchange(t, s, "z0,40001018,4")
	exchange(t, s, "Z2,40008000,8")
	s.Close(DetachLost)
	want := []string{"insert 0 40001010", "insert 0 40001018", "remove 0 40001010", "remove 0 40001018", "insert 0 40001018",
		"insert 2 40008000", "remove 0 40001018", "remove 2 40008000", "detach 1"}
	if got := strings.Join(f.log, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the target heard:\n%s", got)
	}
}

func TestResumeError(t *testing.T) {
	f := newFakeTarget()
	f.resumeErr = errors.New("no such luck")
	s := newTestSession(t, f.target())
	got := exchange(t, s, "vCont;c")
	if len(got) != 2 || got[0] != fmt.Sprintf("O%x", "no such luck\n") || !strings.HasPrefix(got[1], "T05thread:1;") {
		t.Errorf("%q", got)
	}
	f.resumeErr = fmt.Errorf("machine: %w", ErrFatal)
	exchange(t, s, "vCont;c")
	if !s.Finished() {
		t.Error("the session survives a fatal error")
	}
}

// TestNoClientFeatures: a client that doesn't know swbreak isn't sent it.
func TestNoClientFeatures(t *testing.T) {
	s := newTestSession(t, newFakeTarget().target())
	exchange(t, s, "qSupported")
	exchange(t, s, "Z0,40001010,4")
	if got := exchange(t, s, "c")[0]; !strings.HasPrefix(got, "T05thread:1;") {
		t.Error(got)
	}
}

// TestXMLIsWellFormed reads every document as XML.
func TestXMLIsWellFormed(t *testing.T) {
	for _, d := range []*Description{AArch64("GNU/Linux"), I386("none")} {
		if err := d.Init(); err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Architecture string `xml:"architecture"`
			OSABI        string `xml:"osabi"`
			Feature      []struct {
				Reg []struct {
					Name   string `xml:"name,attr"`
					Bits   int    `xml:"bitsize,attr"`
					Number int    `xml:"regnum,attr"`
				} `xml:"reg"`
			} `xml:"feature"`
		}
		dec := xml.NewDecoder(bytes.NewReader(bytes.TrimSpace(d.xml)))
		if err := dec.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		if _, err := dec.Token(); !errors.Is(err, io.EOF) {
			t.Error("more after the document", err)
		}
		if doc.Architecture != d.Architecture || doc.OSABI != d.OSABI {
			t.Errorf("%s, %s", doc.Architecture, doc.OSABI)
		}
		n := 0
		for _, f := range doc.Feature {
			for _, r := range f.Reg {
				if r.Number != n || d.Index(r.Name) != n || d.Registers()[n].Bits != r.Bits {
					t.Errorf("%s is number %d, listed as %d", r.Name, n, r.Number)
				}
				n++
			}
		}
		if n != len(d.Registers()) {
			t.Errorf("%d registers of %d", n, len(d.Registers()))
		}
	}
}

// TestRegisterNumbers: the numbers that the doc comments promise, from the gdb manual's order.
func TestRegisterNumbers(t *testing.T) {
	a, i := AArch64(""), I386("")
	if err := errors.Join(a.Init(), i.Init()); err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]int{"x0": 0, "x30": 30, "sp": 31, "pc": 32, "cpsr": 33, "v0": 34, "v31": 65, "fpsr": 66, "fpcr": 67} {
		if got := a.Index(name); got != n {
			t.Errorf("aarch64 %s is %d", name, got)
		}
	}
	for name, n := range map[string]int{"eax": 0, "esp": 4, "eip": 8, "eflags": 9, "gs": 15, "st0": 16, "fctrl": 24, "fop": 31,
		"xmm0": 32, "mxcsr": 40} {
		if got := i.Index(name); got != n {
			t.Errorf("i386 %s is %d", name, got)
		}
	}
	if i.Generic("pc") != 8 || i.Generic("sp") != 4 || i.Generic("fp") != 5 || a.Generic("fp") != 29 {
		t.Error("generic registers")
	}
}

func TestRegisterFile(t *testing.T) {
	d := I386("")
	if err := d.Init(); err != nil {
		t.Fatal(err)
	}
	f := d.NewRegisterFile()
	f.SetUint(0, 0x1122334455667788)
	f.SetUint(16, 0x1122334455667788)
	f.Set(32, bytes.Repeat([]byte{7}, 16))
	if v, ok := f.Uint(0); v != 0x55667788 || !ok {
		t.Errorf("eax %#x, %v", v, ok)
	}
	if v, ok := f.Uint(16); v != 0x1122334455667788 || !ok || len(f.Bytes(16)) != 10 {
		t.Errorf("st0 %#x, %v", v, ok)
	}
	if v, ok := f.Uint(32); v != 0x0707070707070707 || !ok {
		t.Errorf("xmm0 %#x, %v", v, ok)
	}
	if _, ok := f.Uint(1); ok || f.Known(1) {
		t.Error("ecx is known")
	}
	f.Reset()
	if f.Known(0) {
		t.Error("eax is known after Reset")
	}
}

// TestTrace sees payloads both ways.
func TestTrace(t *testing.T) {
	var lines []string
	s, err := NewSession(newFakeTarget().target(), Options{Trace: func(sent bool, p []byte) {
		lines = append(lines, fmt.Sprintf("%v %s", sent, p))
	}})
	if err != nil {
		t.Fatal(err)
	}
	exchange(t, s, "qC")
	if got := strings.Join(lines, "|"); got != "false qC|true QC1" {
		t.Error(got)
	}
}

// FuzzSession feeds requests to a session; it must not panic, every reply must be well-formed, and the session must
// answer afterwards unless it was ended.
func FuzzSession(f *testing.F) {
	for _, p := range []string{"qSupported:swbreak+", "g", "p20", "P1=0011223344556677", "m40000000,10", "X40000000,2:ab", "Z0,40001010,4;X3,220127",
		"z0,40001010,4", "vCont;s:1;c", "vCont;r40001000,40001010:1", "Hg2a", "qXfer:threads:read::0,100", "vFile:open:2f626f6f742f6b65726e656c,0,0",
		"vFile:pread:3,10,0", "qRcmd,68656c70", "Qqemu.PhyMemMode:1", "qfThreadInfo", "D", "k", "R00", "s40001000", "vKill;1"} {
		f.Add([]byte(p), []byte("g"))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		s := newTestSession(t, newFakeTarget().target())
		for _, p := range [][]byte{a, b} {
			in := frame(string(p))
			for len(in) > 0 && !s.Finished() {
				in = in[s.Feed(in):]
				if s.Running() {
					ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
					s.Run(ctx)
					cancel()
				}
			}
			packetsIn(t, s.Output())
			s.Sent()
		}
		if !s.Finished() {
			if got := exchange(t, s, "vMustReplyEmpty"); len(got) == 0 || got[len(got)-1] != "" {
				t.Errorf("afterwards: %q", got)
			}
		}
		s.Close(DetachLost)
	})
}

// TestLongMonitorOutput comes in pieces, then OK.
func TestLongMonitorOutput(t *testing.T) {
	target := newFakeTarget().target()
	text := strings.Repeat("all work and no play\n", 20000)
	target.Monitor = []Command{{Name: "long", Run: func(_ ThreadID, _ []string, out io.Writer) error {
		_, err := io.WriteString(out, text)
		return err
	}}}
	s := newTestSession(t, target)
	got := exchange(t, s, fmt.Sprintf("qRcmd,%x", "long"))
	var all []byte
	for i, p := range got {
		if len(p) > defaultPacketSize {
			t.Errorf("packet of %d bytes", len(p))
		}
		if i == len(got)-1 {
			if p != "OK" {
				t.Errorf("last packet %q", p)
			}
			break
		}
		var ok bool
		if all, ok = decodeHex(all, []byte(p[1:])); p[0] != 'O' || !ok {
			t.Errorf("packet %.20q", p)
		}
	}
	if string(all) != text {
		t.Errorf("%d bytes came through of %d", len(all), len(text))
	}
}

// TestManyThreads: the list needs several packets, in both of its forms.
func TestManyThreads(t *testing.T) {
	f := newFakeTarget()
	const count = 20000
	for i := len(f.threads); i < count; i++ {
		f.threads = append(f.threads, &fakeThread{id: ThreadID{FlatPID, 0x1000 + i}, info: Thread{Name: "w\x01", Core: -1}})
	}
	s := newTestSession(t, f.target())
	ids := 0
	for p := exchange(t, s, "qfThreadInfo")[0]; p != "l"; p = exchange(t, s, "qsThreadInfo")[0] {
		if len(p) > defaultPacketSize {
			t.Errorf("packet of %d bytes", len(p))
		}
		ids += strings.Count(p, ",") + 1
	}
	if ids != count {
		t.Errorf("%d ids", ids)
	}
	var doc strings.Builder
	for p := "m"; p[0] == 'm'; {
		p = exchange(t, s, fmt.Sprintf("qXfer:threads:read::%x,1fff0", doc.Len()))[0]
		doc.WriteString(p[1:])
	}
	var list struct {
		Thread []struct {
			Name string `xml:"name,attr"`
		} `xml:"thread"`
	}
	if err := xml.Unmarshal([]byte(doc.String()), &list); err != nil || len(list.Thread) != count || list.Thread[count-1].Name != "w?" {
		t.Errorf("%d threads, %v", len(list.Thread), err)
	}
}

// Without a Restarter, run is refused in a way that gdb shows.
func TestRunWithoutRestarter(t *testing.T) {
	target := newFakeTarget().target()
	target.Restarter = nil
	s := newTestSession(t, target)
	if got := exchange(t, s, "vRun;"); len(got) != 1 || got[0] != "E16" {
		t.Errorf("vRun: %q", got)
	}
}

// System registers are not among those that gdb saves and restores around a call.
func TestSystemRegistersAreNotRestored(t *testing.T) {
	d := &Description{Architecture: "aarch64", Features: []Feature{{Name: "f", Registers: []Register{
		{Name: "pc", Bits: 64, Generic: "pc", Group: "general"}, {Name: "counter", Bits: 64, Group: "system"},
	}}}}
	if err := d.Init(); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(d.xml), "\n") {
		if system := strings.Contains(line, `group="system"`); strings.Contains(line, `save-restore="no"`) != system {
			t.Errorf("save-restore of %s", line)
		}
	}
	if !strings.Contains(string(d.xml), "save-restore") {
		t.Error("no register is left out")
	}
}

// The check value of CRC-32/MPEG-2, which is what gdb computes: 0x0376e6e7 for "123456789".
func TestChecksum(t *testing.T) {
	s := newTestSession(t, newFakeTarget().target())
	at := fmt.Sprintf("%x", uint64(memBase+0x100))
	exchange(t, s, "M"+at+",9:313233343536373839")
	for packet, want := range map[string]string{
		"qCRC:" + at + ",9": "C376e6e7", "qCRC:" + at + ",0": "Cffffffff", "qCRC:" + at: "E16", "qCRC:0,ffffffffffff": "E16",
		"qCRC:ffffffffffffff00,9": "E0e",
	} {
		if got := exchange(t, s, packet); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %s", packet, got, want)
		}
	}
}
