package gdbstub

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// events decodes a stream cut into pieces of the given size, and writes what was found in one line.
func events(d *decoder, stream []byte, size int) string {
	var found []string
	for len(stream) > 0 {
		piece := stream[:min(size, len(stream))]
		stream = stream[len(piece):]
		for len(piece) > 0 {
			kind, n := d.next(piece)
			piece = piece[n:]
			switch kind {
			case eventPacket:
				found = append(found, "<"+string(d.payload)+">")
			case eventBad:
				found = append(found, "bad")
			case eventTooLong:
				found = append(found, "long")
			case eventAck:
				found = append(found, "+")
			case eventNak:
				found = append(found, "-")
			case eventInterrupt:
				found = append(found, "^C")
			}
		}
	}
	return strings.Join(found, " ")
}

func TestDecoder(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"packet", "$OK#9a", "<OK>"},
		{"empty packet", "$#00", "<>"},
		{"upper-case checksum", "$OK#9A", "<OK>"},
		{"acks around", "+$OK#9a-+", "+ <OK> - +"},
		{"two packets", "$?#3f$g#67", "<?> <g>"},
		{"wrong checksum", "$OK#9b$OK#9a", "bad <OK>"},
		{"checksum of no digits", "$OK#zz$OK#9a", "bad <OK>"},
		{"checksum half a digit", "$OK#9z$OK#9a", "bad <OK>"},
		{"noise between", "GET / HTTP/1.1\r\n\r\n$OK#9a\x00\xff", "<OK>"},
		{"interrupt", "\x03$OK#9a\x03", "^C <OK> ^C"},
		{"interrupt byte inside is data", "$\x03#03", "<\x03>"},
		{"a new start gives up the old", "$abc$OK#9a", "<OK>"},
		{"as long as allowed", "$0123456789#0d", "<0123456789>"},
		{"too long", "$0123456789a#6e$OK#9a", "long <OK>"},
		{"too long and wrong", "$0123456789a#6f$OK#9a", "bad <OK>"},
		{"far too long", "$" + strings.Repeat("\x00", 1000) + "#00$OK#9a", "long <OK>"},
		{"after a start there is room again", "$0123456789a$OK#9a", "<OK>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for size := 1; size <= len(c.in); size++ {
				if got := events(&decoder{limit: 10}, []byte(c.in), size); got != c.want {
					t.Errorf("in pieces of %d: %s, want %s", size, got, c.want)
				}
			}
		})
	}
}

func TestRunLength(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		// From the gdb manual: "0* " is 0000.
		{"0000", "0* "},
		{"00000000", "0*\"00"},      // 7 repeats would be '$', and 6 '#'
		{"000000000", "0*%"},        // 8 repeats
		{"000000000000000", "0**0"}, // 14 repeats would be '+'
		{strings.Repeat("0", 98), "0*~"},
		{strings.Repeat("0", 101), "0*~000"},
		{strings.Repeat("x", 16) + strings.Repeat("0", 16), "x*,0*,"},
		{"0123456789abcdef", "0123456789abcdef"},
		{"", ""},
	} {
		got := string(compress([]byte(c.in)))
		if got != c.want {
			t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
		}
		if back := expand(t, []byte(got)); back != c.in {
			t.Errorf("%q comes back as %q", c.in, back)
		}
	}
	var w writer
	w.begin()
	w.fill('0', 1000)
	if p := w.end(); len(p) > 50 {
		t.Errorf("1000 zeros are sent in %d bytes", len(p))
	}
}

func TestRunLengthRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var w writer
		var want []byte
		for range r.IntN(8) {
			want = append(want, bytes.Repeat([]byte{byte(r.IntN(256))}, 1+r.IntN(230))...)
		}
		w.begin()
		w.binary(want)
		w.end()
		if got := packetsIn(t, w.out); got[0] != string(want) {
			t.Fatalf("%q comes back as %q", want, got[0])
		}
	}
}

// TestRunLengthOnlyWherePaid: a reply that would shrink by less than half stays as it is, so that a client with a
// slow decoder reads ordinary memory at full speed.
func TestRunLengthOnlyWherePaid(t *testing.T) {
	var w writer
	w.begin()
	w.str("0000000000000000" + strings.Repeat("0123456789abcdef", 4))
	if p := w.end(); bytes.IndexByte(p, '*') >= 0 {
		t.Errorf("encoded: %q", p)
	}
}

func TestNumbers(t *testing.T) {
	for _, v := range []uint64{0, 1, 15, 16, 0x123456789abcdef0, 1<<64 - 1} {
		a := args{rest: appendNum(nil, v)}
		if got := a.num(); got != v || !a.done() {
			t.Errorf("%#x comes back as %#x", v, got)
		}
	}
	if s := string(appendNum(nil, 0x10)); s != "10" {
		t.Errorf("0x10 is written %s", s)
	}
}

func TestThreadIDs(t *testing.T) {
	for _, c := range []struct {
		in   string
		want ThreadID
		bad  bool
	}{
		{"1", ThreadID{0, 1}, false},
		{"0", ThreadID{0, AnyID}, false},
		{"-1", ThreadID{0, AllID}, false},
		{"p2.3", ThreadID{2, 3}, false},
		{"p2", ThreadID{2, AllID}, false},
		{"p2.-1", ThreadID{2, AllID}, false},
		{"p-1.-1", ThreadID{AllID, AllID}, false},
		{"p0.0", ThreadID{0, 0}, false},
		{"7fffffff", ThreadID{0, 1<<31 - 1}, false},
		{"80000000", ThreadID{}, true},
		{"-2", ThreadID{}, true},
		{"p", ThreadID{}, true},
		{"p1.", ThreadID{}, true},
		{"", ThreadID{}, true},
	} {
		a := args{rest: []byte(c.in)}
		got := a.thread()
		if bad := !a.done(); bad != c.bad || !bad && got != c.want {
			t.Errorf("%q: %v, bad %v", c.in, got, bad)
		}
	}
}

func TestCovers(t *testing.T) {
	id := ThreadID{2, 3}
	for general, want := range map[ThreadID]bool{
		AnyThread: true, AllThreads: true, {2, 3}: true, {2, AllID}: true, {0, 3}: true,
		{1, 3}: false, {2, 4}: false, {1, AllID}: false, {0, 4}: false,
	} {
		if got := general.Covers(id); got != want {
			t.Errorf("%v covers %v: %v", general, id, got)
		}
	}
	p := Plan{[]ThreadAction{{Thread: id, Action: ActionStep}, {Thread: AllThreads, Action: ActionContinue}}}
	for id, want := range map[ThreadID]Action{{2, 3}: ActionStep, {2, 4}: ActionContinue} {
		if got := p.For(id); got.Action != want || got.Thread != id {
			t.Errorf("%v: %v", id, got)
		}
	}
	if got := (&Plan{[]ThreadAction{{Thread: id, Action: ActionStep}}}).For(ThreadID{2, 4}); got.Action != ActionStay {
		t.Errorf("a thread without an entry does %v", got.Action)
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte("+$OK#9a\x03$abc$m0,4#fd-"), 3)
	f.Add([]byte("$0123456789abcdef#00$}\x03#80"), 1)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		if size < 1 {
			return
		}
		whole := events(&decoder{limit: 20}, stream, len(stream)+1)
		if cut := events(&decoder{limit: 20}, stream, size); cut != whole {
			t.Errorf("%q in one: %s; in pieces of %d: %s", stream, whole, size, cut)
		}
	})
}
