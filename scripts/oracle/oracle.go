// Package oracle is how tests tell what they were compared with. A family of comparisons is what a reader wants to know of: "x87 arithmetic",
// "gdbserver's printed lines". Each test says how many comparisons of a family it made with which oracle, or why it made none; scripts/test
// collects that over all packages and ends with a table of it (scripts/oracle/table). In strict mode a family without a comparison is a
// failure, also when none of its tests ran; the file families lists them.
//
// Tests talk to whoever collects through a file, since every package's tests are a process of their own:
// FORKSCOPE_ORACLES names it, and FORKSCOPE_STRICT=1 is strict mode.
package oracle

import (
	_ "embed"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

//go:embed families
var families string

// Families lists the families that strict mode wants comparisons of, sorted.
func Families() []string { return strings.Split(strings.TrimSpace(families), "\n") }

// Strict reports whether a comparison that cannot be made is a failure.
func Strict() bool { return os.Getenv("FORKSCOPE_STRICT") == "1" }

// Compared notes n comparisons of a family with an oracle.
func Compared(family, with string, n int) { note("compared", family, with, fmt.Sprint(n)) }

// Absent notes that an oracle is not there, for a test that has another of the same family.
func Absent(family, with, why string) { note("missing", family, with, why) }

// Missing ends a test whose oracle is not there: the test is skipped, and in strict mode it fails. why is one line.
func Missing(t testing.TB, family, with, why string) {
	t.Helper()
	note("missing", family, with, why)
	if Strict() {
		t.Fatalf("%s: no comparison with %s: %s", family, with, why)
	}
	t.Skipf("%s: no comparison with %s: %s", family, with, why)
}

// Work is comparisons that more than one test needs to have been made, such as one that looks at what all of them covered. Whichever test
// needs them first makes them, so that neither the order of the tests nor the choice of some of them matters.
type Work struct {
	Do      func(t *testing.T)
	once    sync.Once
	failed  bool
	skipped bool
}

// Needed makes the comparisons unless they have been made, and ends the test when they failed or could not be made.
func (w *Work) Needed(t *testing.T) {
	t.Helper()
	w.once.Do(func() {
		w.failed = true // should Do panic
		defer func() { w.failed, w.skipped = t.Failed(), t.Skipped() }()
		w.Do(t)
	})
	switch {
	case w.failed:
		t.Fatal("the comparisons failed")
	case w.skipped:
		t.Skip("the comparisons could not be made")
	}
}

// note appends a line to the file. One short write to a file opened for appending is never mixed with another process's.
func note(words ...string) {
	name := os.Getenv("FORKSCOPE_ORACLES")
	if name == "" {
		return
	}
	for i, w := range words {
		words[i] = strings.Join(strings.Fields(w), " ")
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		panic("oracle: " + err.Error())
	}
	defer f.Close()
	if _, err := f.WriteString(strings.Join(words, "\t") + "\n"); err != nil {
		panic("oracle: " + err.Error())
	}
}
