// Package inferiors judges the process view by gdbserver. It plays each script of testdata, which is what a user types into
// gdb, against the host's gdbserver with a program built for x86-64, and then against forkscope's with the same program
// built for a guest; gdb must print the same, but for what normalize hides.
//
// The machines' tests are packages of their own, so that each ends within the time that go test gives to one.
package inferiors

import (
	"flag"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"

	"forkscope/scripts/oracle"
)

// testdata holds the scripts and the programs, seen from the machines' packages.
const testdata = "../testdata"

// repeatNative is for whoever writes a script: one whose text differs from run to run can judge nobody.
var repeatNative = flag.Int("native", 0, "run each script of testdata this many times against gdbserver only; it must print the same every time")

// Scripts compares all scripts on a machine.
func Scripts(t *testing.T, machine string) {
	needNative(t)
	paths, err := filepath.Glob(testdata + "/*.gdb")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range paths {
		s, err := readScript(path)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(s.machines, machine) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			compare(t, s, machine)
		})
	}
}

const noRegisters = "<unavailable> in ?? ()"

func compare(t *testing.T, s *script, machine string) {
	native := programFor(t, s.program, nativeMachine, s.dynamic)
	play := func(machine string, p *program, server ...string) string {
		text, err := s.play(t, machine, p, s.commandLine(server, machine, p))
		text = s.visible(normalize(text, p.dir()))
		if err != nil {
			t.Fatalf("%v: %v\n%s", server, err, text)
		}
		return text
	}
	// gdbserver 13 may have no registers of a process whose child ends while it stops that process: then it judges nothing.
	want := play(nativeMachine, native, "gdbserver")
	for tries := 1; strings.Contains(want, noRegisters) && tries < 5; tries++ {
		want = play(nativeMachine, native, "gdbserver")
	}
	if testing.Verbose() {
		t.Logf("gdbserver:\n%s", want)
	}
	for range *repeatNative - 1 {
		if d := diff.Diff("gdbserver", []byte(want), "gdbserver again", []byte(play(nativeMachine, native, "gdbserver"))); d != nil {
			t.Errorf("%s", d)
		}
	}
	if *repeatNative > 0 {
		return
	}
	got := play(machine, programFor(t, s.program, machine, s.dynamic), forkscope(t), "gdbserver")
	if d := diff.Diff("gdbserver", []byte(want), "forkscope gdbserver", []byte(got)); d != nil {
		t.Errorf("%s", d)
	}
	oracle.Compared(family, judge, 1)
}
