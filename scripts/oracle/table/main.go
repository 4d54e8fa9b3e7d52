// Command table prints what the tests were compared with: for each family of comparisons and each oracle how many were made, or why none.
// Its argument is the file that FORKSCOPE_ORACLES named during the tests. With FORKSCOPE_STRICT=1 it fails when a family of the list in
// scripts/oracle/families made no comparison at all, be it that its tests never ran, or when one was made in a family that is not listed.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"forkscope/scripts/oracle"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: table FILE")
		os.Exit(2)
	}
	f, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
	defer f.Close()
	t, err := read(f)
	if err != nil {
		fmt.Fprintf(os.Stderr, "table: %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
	families := oracle.Families()
	t.print(os.Stdout, families)
	if complaints := t.complaints(families); len(complaints) > 0 && oracle.Strict() {
		for _, c := range complaints {
			fmt.Fprintln(os.Stderr, "table:", c)
		}
		os.Exit(1)
	}
}

// row is one family with one oracle.
type row struct {
	family, with string
	compared     int
	missing      int      // tests that found no oracle
	why          []string // each reason once
}

type table []*row

func (t *table) row(family, with string) *row {
	for _, r := range *t {
		if r.family == family && r.with == with {
			return r
		}
	}
	r := &row{family: family, with: with}
	*t = append(*t, r)
	return r
}

// read collects the notes of tests. Their order does not matter, since packages are tested side by side.
func read(in io.Reader) (t table, err error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f := strings.Split(lines.Text(), "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("%q is no note of a test", lines.Text())
		}
		r := t.row(f[1], f[2])
		switch f[0] {
		case "compared":
			n, err := strconv.Atoi(f[3])
			if err != nil || n < 0 {
				return nil, fmt.Errorf("%q is no note of a test", lines.Text())
			}
			r.compared += n
		case "missing":
			r.missing++
			if !slices.Contains(r.why, f[3]) {
				r.why = append(r.why, f[3])
			}
		default:
			return nil, fmt.Errorf("%q is no note of a test", lines.Text())
		}
	}
	slices.SortFunc(t, func(a, b *row) int { return strings.Compare(a.family+"\t"+a.with, b.family+"\t"+b.with) })
	return t, lines.Err()
}

// print writes the table, with a line for each listed family that nothing was heard of.
func (t table) print(out io.Writer, families []string) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "compared with\tfamily\tcomparisons\tskipped\twhy")
	for _, r := range t {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\n", r.with, r.family, r.compared, r.missing, strings.Join(r.why, "; "))
	}
	for _, family := range families {
		if !t.heardOf(family) {
			fmt.Fprintf(w, "-\t%s\t0\t0\tno test of it ran\n", family)
		}
	}
	w.Flush()
}

func (t table) heardOf(family string) bool {
	return slices.ContainsFunc(t, func(r *row) bool { return r.family == family })
}

// complaints are what strict mode fails for.
func (t table) complaints(families []string) (c []string) {
	for _, family := range families {
		n, why := 0, []string{}
		for _, r := range t {
			if r.family == family {
				n += r.compared
				why = append(why, r.why...)
			}
		}
		switch {
		case n > 0:
		case len(why) > 0:
			c = append(c, fmt.Sprintf("%s: no comparison was made: %s", family, strings.Join(why, "; ")))
		default:
			c = append(c, fmt.Sprintf("%s: no comparison was made: no test of it ran", family))
		}
	}
	for _, r := range t {
		if r.compared > 0 && !slices.Contains(families, r.family) {
			c = append(c, fmt.Sprintf("%s is not in scripts/oracle/families: add it", r.family))
		}
	}
	return slices.Compact(c)
}
