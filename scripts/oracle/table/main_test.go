package main

import (
	"slices"
	"strings"
	"testing"
)

const notes = "compared\tx87\thost processor\t100\n" +
	"missing\tlines\tgdbserver\tgdbserver is not installed\n" +
	"compared\tx87\thost processor\t20\n" +
	"missing\tlines\tgdbserver\tgdbserver is not installed\n" +
	"missing\tx87\tBochs\tbochs is not installed\n"

func TestTable(t *testing.T) {
	got, err := read(strings.NewReader(notes))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	got.print(&out, []string{"x87", "lines", "signals"})
	const want = `compared with   family   comparisons  skipped  why
gdbserver       lines    0            2        gdbserver is not installed
Bochs           x87      0            1        bochs is not installed
host processor  x87      120          0        
-               signals  0            0        no test of it ran
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
}

func TestComplaints(t *testing.T) {
	for _, test := range []struct {
		name     string
		families []string
		want     []string
	}{
		{"one oracle of a family is enough", []string{"x87"}, nil},
		{"no oracle at all", []string{"x87", "lines"}, []string{"lines: no comparison was made: gdbserver is not installed"}},
		{"one that is not listed", []string{"lines"}, []string{"lines: no comparison was made: gdbserver is not installed", "x87 is not in scripts/oracle/families: add it"}},
		{"no test at all", []string{"x87", "lines", "signals"},
			[]string{"lines: no comparison was made: gdbserver is not installed", "signals: no comparison was made: no test of it ran"}},
	} {
		got, err := read(strings.NewReader(notes))
		if err != nil {
			t.Fatal(err)
		}
		if c := got.complaints(test.families); !slices.Equal(c, test.want) {
			t.Errorf("%s: %q, want %q", test.name, c, test.want)
		}
	}
}

func TestBadNotes(t *testing.T) {
	for _, text := range []string{"compared\tx87\thost\n", "compared\tx87\thost\tmany\n", "compared\tx87\thost\t-1\n", "seen\tx87\thost\t1\n"} {
		if _, err := read(strings.NewReader(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
