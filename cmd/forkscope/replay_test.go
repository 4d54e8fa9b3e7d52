package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"forkscope/machine/cpu/arch"
	"forkscope/machine/timeline"
)

// recorded runs a filter whose input comes by a pipe and returns the log.
func recorded(t *testing.T, arch, input string) (path string, log *timeline.File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "log")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() { w.WriteString(input); w.Close() }()
	var stdout, stderr bytes.Buffer
	if status := doMain([]string{"forkscope", "run", "--arch", arch, "--record", path, "cat"}, r, &stdout, &stderr); status != 0 || stdout.String() != input {
		t.Fatalf("status %d; it printed %q%q", status, stdout.String(), stderr.String())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if log, err = timeline.Read(bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	return path, log
}

// again replays a log and returns what it prints.
func again(path string) (stdout, stderr string, status int) {
	var out, words bytes.Buffer
	status = doMain([]string{"forkscope", "replay", path}, strings.NewReader(""), &out, &words)
	return out.String(), words.String(), status
}

func TestReplay(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			const input = "what came by a pipe\nin two lines\n"
			path, log := recorded(t, arch, input)
			if log.Log.Len() == 0 {
				t.Error("nothing is in the log")
			}
			stdout, stderr, status := again(path)
			if want := "forkscope: the same run: digest " + log.Digest + "\n"; stdout != input || stderr != want || status != 0 {
				t.Errorf("status %d; it printed %q%q, want %q", status, stdout, stderr, want)
			}
		})
	}
}

// A log that is of something else, or of nothing, is refused by a sentence that says what differs first.
func TestReplayRefuses(t *testing.T) {
	path, _ := recorded(t, "arm64", "x")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(change func(f *timeline.File)) []byte {
		f, err := timeline.Read(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		change(f)
		var out bytes.Buffer
		if err := f.Write(&out); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	line := func(name, value string) []byte {
		return changed(func(f *timeline.File) {
			for i := range f.Header {
				if f.Header[i].Name == name {
					f.Header[i].Value = value
				}
			}
		})
	}
	for _, c := range []struct {
		name   string
		log    []byte
		status int
		want   string
	}{
		{"nothing", nil, statusUsage, "this is no log of forkscope's"},
		{"another file", []byte("#!/bin/sh\n"), statusUsage, "this is no log of forkscope's"},
		{"half of it", b[:len(b)/2], statusUsage, "the log is cut off"},
		{"another format", append([]byte("forkscope log 9\n"), b[16:]...), statusUsage, "the log is of another version"},
		{"another forkscope", line("forkscope", "v9.9.9"), statusUsage, "the log's forkscope is v9.9.9, and here it is "},
		{"another kernel", line("kernel", "1234"), statusUsage, "the log's kernel is 1234, and here it is "},
		{"other files", line("initial files", "12 34 56"), statusUsage, "the log's initial files is 12 34 56, and here it is "},
		{"no machine", line("machine", "vax"), statusUsage, `there is no machine "vax"`},
		{"memory in words", line("memory", "lots"), statusUsage, `memory "lots" is no number`},
		{"too much memory", line("memory", "99999999999999999"), statusUsage, "memory size"},
		{"a stream that is none", line("streams", "nonsense"), statusUsage, `stream "nonsense" is none`},
		{"input that was a file", line("streams", "stdin<at-once"), statusUsage, "the run's stdin was a file, which is not in the log"},
		{"another state", changed(func(f *timeline.File) { f.Digest = "0123" }), statusFailure, "the run is in another state: digest "},
		{"another input", changed(func(f *timeline.File) {
			var l timeline.Log
			for e := range f.Log.All() {
				e.At.Retired += 7
				l.Add(e)
			}
			f.Log = l.Until(f.Log.End)
		}), statusFailure, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, c.log, 0o600); err != nil {
				t.Fatal(err)
			}
			_, stderr, status := again(path)
			if status != c.status || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, path) {
				t.Errorf("status %d, and it said %q; want status %d and %q", status, stderr, c.status, c.want)
			}
		})
	}
}
