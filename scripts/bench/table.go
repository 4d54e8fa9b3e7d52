package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// columns of the table: title, unit, ours, the peer's, ratio, floor. A width below 0 means left-aligned.
var columns = []int{-34, -8, 26, 26, 8, -18}

func printRow(w io.Writer, cells ...string) {
	var b strings.Builder
	for i, c := range cells {
		width := columns[i]
		pad := strings.Repeat(" ", max(0, max(width, -width)-utf8.RuneCountInString(c)))
		if width < 0 {
			c += pad
		} else {
			c = pad + c
		}
		b.WriteString(c + "  ")
	}
	fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
}

// printHead begins a table; peer is "" without one.
func printHead(w io.Writer, title, peer string) {
	other, ratio := "", ""
	if peer != "" {
		other, ratio = peer+" min/median/max", "ratio"
	}
	printRow(w, title, "", "forkscope min/median/max", other, ratio, "floor")
}

func printResult(w io.Writer, r *result) {
	cell := func(s *spread, err string) string {
		switch {
		case err != "":
			return "failed"
		case s == nil:
			return ""
		}
		return short(s.Min) + " / " + short(s.Median) + " / " + short(s.Max)
	}
	ratio, floor := "", ""
	if r.Better != nil {
		ratio = short(*r.Better) + "×"
	}
	if r.Floor != nil {
		sign := "≥"
		if r.Less {
			sign = "<"
		}
		floor = sign + " " + short(*r.Floor)
	}
	if r.Ratio != nil {
		floor = "≥ " + short(*r.Ratio) + "×"
	}
	if r.Met != nil {
		floor += map[bool]string{true: ": met", false: ": MISSED"}[*r.Met]
	}
	printRow(w, r.Title, r.Unit, cell(r.Ours, r.OursError), cell(r.Peer, r.PeerError), ratio, floor)
	for _, e := range []string{r.OursError, r.PeerError} {
		if e != "" {
			fmt.Fprintf(w, "    %s\n", e)
		}
	}
}

// short writes a number with three significant digits, or all digits of its integer part.
func short(v float64) string {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return fmt.Sprint(v)
	}
	digits := max(0, 2-int(math.Floor(math.Log10(math.Abs(v)))))
	return fmt.Sprintf("%.*f", min(digits, 6), v)
}
