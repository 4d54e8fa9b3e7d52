package timeline

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"forkscope/machine/clock"
)

// some draws a log's effects, in order.
func some(t *rapid.T) (list []Effect) {
	var at clock.Mark
	for range rapid.IntRange(0, 30).Draw(t, "effects") {
		switch rapid.IntRange(0, 3).Draw(t, "moment") {
		case 1:
			at.Retired += rapid.Uint64Range(1, 1<<40).Draw(t, "retired")
			at.Entered = 0
		case 2:
			at.Entered++
		case 3:
			at.Skipped += rapid.Uint64Range(1, 1<<40).Draw(t, "skipped")
		}
		e := Effect{At: at, Kind: Kind(rapid.IntRange(1, int(kinds)-1).Draw(t, "kind")), N: rapid.Uint64Range(0, 1<<20).Draw(t, "n")}
		if e.Kind == Input {
			e.Source = rapid.StringN(0, 5, 20).Draw(t, "source")
		}
		if b := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "data"); len(b) > 0 && e.Kind != Skip {
			e.Data = b
		}
		list = append(list, e)
	}
	return list
}

// merged is a list with time that passes where the effect before it ended joined to it, the slow way.
func merged(list []Effect) (out []Effect) {
	for _, e := range list {
		if n := len(out) - 1; n >= 0 && e.Kind == Skip && out[n].Kind == Skip {
			end := out[n].At
			end.Skipped += out[n].N
			if e.At == end {
				out[n].N += e.N
				continue
			}
		}
		out = append(out, e)
	}
	return out
}

func TestLogHoldsWhatIsPutIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := some(t)
		var l Log
		for _, e := range list {
			l.Add(e)
		}
		want := merged(list)
		got := slices.Collect(l.All())
		for i := range got {
			if len(got[i].Data) == 0 {
				got[i].Data = nil
			}
		}
		if l.Len() != len(want) || !reflect.DeepEqual(got, want) && len(want) > 0 {
			t.Fatalf("put in %v\ngot     %v", want, got)
		}
		f := &File{
			Header: Header{{"arch", "arm64"}, {"memory", ""}}, Parts: map[string][]byte{"kernel": {1, 2, 3}, "more": {}}, Log: l.Until(clock.Mark{Retired: 1 << 50}), Digest: "abc",
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		whole := slices.Clone(b.Bytes())
		again, err := Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Log.buf, l.buf) || again.Log.End != f.Log.End || again.Digest != "abc" || !slices.Equal(again.Header, f.Header) ||
			!bytes.Equal(again.Parts["kernel"], []byte{1, 2, 3}) || len(again.Parts) != 2 {
			t.Fatalf("wrote %+v, read %+v", f, again)
		}
		cut := rapid.IntRange(0, len(whole)-1).Draw(t, "cut")
		if _, err := Read(bytes.NewReader(whole[:cut])); err == nil {
			t.Fatalf("a log cut off at %d of %d bytes was read", cut, len(whole))
		}
	})
}

// A parked thread's time is one effect, however often something else had a look.
func TestTimeThatPassesIsOneEffect(t *testing.T) {
	var l Log
	at := clock.Mark{Retired: 5, Skipped: 100}
	for range 1_000_000 {
		l.Add(Effect{At: at, Kind: Skip, N: 10})
		at.Skipped += 10
	}
	if l.Len() != 1 || l.Size() > 20 {
		t.Errorf("%d effects, %d bytes", l.Len(), l.Size())
	}
	e, _ := l.Reader().Next()
	if e.N != 10_000_000 || e.At.Skipped != 100 {
		t.Errorf("%v", e)
	}
}

func TestHeadersDiffer(t *testing.T) {
	h := Header{{"machine", "arm64"}, {"memory", "64 MiB"}, {"kernel", "1234"}}
	for _, tt := range []struct {
		here Header
		want string
	}{
		{h, ""},
		{Header{{"machine", "i386"}, {"memory", "128 MiB"}}, "the log's machine is arm64, and here it is i386"},
		{Header{{"machine", "arm64"}, {"memory", ""}}, "the log's memory is 64 MiB, and here it is empty"},
		{h[:2], "the log's machine has a kernel (1234), and this one has none"},
		{append(h[:3:3], Line{"bios", "5"}), "the log's machine has no bios, and this one has (5)"},
	} {
		if got := h.Differs(tt.here); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.here, got, tt.want)
		}
	}
}

func TestBadFiles(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "this is no log of forkscope's"},
		{"\x7fELF", "this is no log of forkscope's"},
		{"forkscope log 7\nabc", `the log is of another version of forkscope's: it begins with "forkscope log 7\n", and this one's with "forkscope log 1\n"`},
		{magic, "the log is cut off"},
		{magic + "no gzip at all", "the log is damaged: gzip: invalid header"},
	} {
		if _, err := Read(strings.NewReader(tt.text)); err == nil || err.Error() != tt.want {
			t.Errorf("%q: %v, want %s", tt.text, err, tt.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	var l Log
	l.Add(Effect{At: clock.Mark{Retired: 5}, Kind: Input, Source: "console", Data: []byte("x")})
	l.Add(Effect{At: clock.Mark{Retired: 9, Entered: 1, Skipped: 7}, Kind: Skip, N: 10})
	var b bytes.Buffer
	if err := (&File{Header: Header{{"arch", "i386"}}, Parts: map[string][]byte{"kernel": {1}}, Log: &l}).Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		for e := range file.Log.All() {
			_ = e.String()
		}
	})
}

// FuzzEffects gives the decoder bytes that no compressed file comes to by chance.
func FuzzEffects(f *testing.F) {
	f.Add(appendEffect(nil, clock.Mark{}, Effect{At: clock.Mark{Retired: 3}, Kind: Memory, N: 5, Data: []byte{1}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := decode(b); err == nil {
			n := 0
			for range l.All() {
				n++
			}
			if n != l.Len() {
				t.Errorf("%d effects of %d", n, l.Len())
			}
		}
	})
}

func expect(t *testing.T, what string, got []Effect, want string) {
	t.Helper()
	s := ""
	for _, e := range got {
		s += string(e.Data)
	}
	if s != want {
		t.Errorf("%s: %q, want %q", what, s, want)
	}
}

func TestLiveInputIsTakenOnce(t *testing.T) {
	woken := 0
	g := NewGate(func() { woken++ })
	data := []byte("ab")
	g.Put("console", data)
	data[0] = 'X' // the gate has its own copy
	g.Put("console", nil)
	if woken != 1 || !g.Pending() {
		t.Errorf("woken %d times, pending %v", woken, g.Pending())
	}
	expect(t, "first", g.Take(), "ab")
	expect(t, "empty", g.Take(), "")
	g.Put("console", []byte("c"))
	expect(t, "second", g.Take(), "c")
}

func TestFeedHoldsLiveInputBack(t *testing.T) {
	g := NewGate(func() {})
	var l Log
	l.Add(Effect{At: clock.Mark{Retired: 7}, Kind: Input, Data: []byte("a")})
	l.Add(Effect{At: clock.Mark{Retired: 9}, Kind: Input, Data: []byte("b")})
	l.End = clock.Mark{Retired: 20}
	g.Feed(&l)
	g.Put("console", []byte("live"))
	var seen []Effect
	for g.Feeding() {
		if g.Pending() || len(g.Take()) > 0 {
			t.Errorf("live input is let in before %v", g.Next())
		}
		seen = append(seen, *g.Next())
		g.Step()
	}
	expect(t, "recorded", seen, "ab")
	if last := seen[len(seen)-1]; last.Kind != End || last.At != l.End {
		t.Errorf("the last is %v", last)
	}
	expect(t, "live", g.Take(), "live")
	g.Feed(&l)
	g.Cut()
	if g.Feeding() {
		t.Error("feeds after Cut")
	}
}

func TestArrivedWakesAWaiter(t *testing.T) {
	g := NewGate(func() {})
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { defer wg.Done(); g.Put("console", []byte("x")) }()
	<-g.Arrived()
	wg.Wait()
	if !g.Pending() {
		t.Error("arrived without input")
	}
	g.Poke()
	g.Poke() // does not block
	<-g.Arrived()
}
