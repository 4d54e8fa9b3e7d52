package gdbstub

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// packetsIn splits what a session sent: '+' and '-' as they are, packets decoded as a client would, after their
// checksum has been checked.
func packetsIn(t testing.TB, out []byte) []string {
	t.Helper()
	var list []string
	for len(out) > 0 {
		if out[0] != '$' && out[0] != '%' {
			list = append(list, string(out[:1]))
			out = out[1:]
			continue
		}
		end := bytes.IndexByte(out, '#')
		if end < 0 || len(out) < end+3 {
			t.Fatalf("unfinished packet %q", out)
		}
		var sum byte
		for _, c := range out[1:end] {
			sum += c
		}
		if want := fmt.Sprintf("%02x", sum); string(out[end+1:end+3]) != want {
			t.Fatalf("packet %q has checksum %s, want %s", out[:end], out[end+1:end+3], want)
		}
		list = append(list, expand(t, out[1:end]))
		out = out[end+3:]
	}
	return list
}

// expand undoes run-length encoding and escapes, written from the manual and apart from the code under test.
func expand(t testing.TB, body []byte) string {
	var b []byte
	for i := 0; i < len(body); i++ {
		switch c := body[i]; c {
		case '}':
			i++
			b = append(b, body[i]^' ')
		case '*':
			i++
			if body[i] < ' ' || body[i] > '~' || strings.IndexByte("#$+-", body[i]) >= 0 {
				t.Fatalf("repeat count %q", body[i])
			}
			b = append(b, bytes.Repeat(b[len(b)-1:], int(body[i])-29)...)
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// frame makes a packet of a payload.
func frame(payload string) []byte {
	var sum byte
	for i := range len(payload) {
		sum += payload[i]
	}
	return fmt.Appendf(nil, "$%s#%02x", payload, sum)
}

// exchange sends one request to a session without acks and returns the replies.
func exchange(t testing.TB, s *Session, payload string) []string {
	t.Helper()
	return exchangeRaw(t, s, frame(payload))
}

func exchangeRaw(t testing.TB, s *Session, in []byte) []string {
	t.Helper()
	for len(in) > 0 && !s.Finished() {
		in = in[s.Feed(in):]
		if s.Running() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			s.Run(ctx)
			cancel()
		}
	}
	if s.Moving() {
		// A target that only runs is left alone.
		ctx, cancel := context.WithCancel(context.Background())
		s.RunNonStop(context.WithValue(ctx, onlyRuns{}, cancel))
		cancel()
	}
	got := packetsIn(t, s.Output())
	s.Sent()
	return got
}

// newTestSession is a session in no-ack mode with a client that understands what gdb 13 does.
func newTestSession(t testing.TB, target *Target) *Session {
	t.Helper()
	s, err := NewSession(target, Options{})
	if err != nil {
		t.Fatal(err)
	}
	exchange(t, s, "QStartNoAckMode")
	exchange(t, s, "qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;vContSupported+;xmlRegisters=i386")
	return s
}

// TestTranscripts plays testdata/*.txt: one exchange a line, "request -> reply", more replies after " | ", no
// reply as "(none)". Both sides may hold Go escapes. "..." at the end of a reply stands for anything.
func TestTranscripts(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			fake := newFakeTarget()
			s := newTestSession(t, fake.target())
			play(t, s, name)
			s.Close(DetachLost)
		})
	}
}

// play plays a transcript; see TestTranscripts.
func play(t *testing.T, s *Session, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == ' ' || line[0] == '=' {
			continue // a heading or a blank line
		}
		request, want, ok := strings.Cut(line, " -> ")
		if !ok {
			t.Fatalf("%s:%d: no exchange: %s", name, i+1, line)
		}
		replies := exchange(t, s, unquote(t, request))
		for i, r := range replies {
			if r == "" {
				replies[i] = "(empty)"
			}
		}
		got := strings.Join(replies, " | ")
		if len(replies) == 0 {
			got = "(none)"
		}
		want = unquote(t, want)
		head, open := strings.CutSuffix(want, "...")
		if got != want && !(open && strings.HasPrefix(got, head)) {
			t.Errorf("%s:%d: %s\n got %q\nwant %q", name, i+1, request, got, want)
		}
	}
}

func unquote(t *testing.T, s string) string {
	t.Helper()
	u, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return u
}
