package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"
)

// usageError is the user's mistake, said in one line.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// The errors of the flag package, whose words say neither how a flag is typed here nor what to type instead.
var (
	unknownFlag = regexp.MustCompile(`^flag provided but not defined: -+(.*)$`)
	noValue     = regexp.MustCompile(`^flag needs an argument: -+(.*)$`)
	badValue    = regexp.MustCompile(`^invalid (?:boolean )?value "(.*)" for (?:flag )?-+([^:]*): `)
	badSyntax   = regexp.MustCompile(`^bad flag syntax: (.*)$`)
)

// flagError says what is wrong with a flag of a command, and what to type instead.
func flagError(c *cli.Context, err error, _ bool) error {
	text := err.Error()
	flags := c.Command.Flags
	if m := unknownFlag.FindStringSubmatch(text); m != nil {
		return noSuchFlag(c, m[1])
	}
	if m := noValue.FindStringSubmatch(text); m != nil {
		return usagef("%s: needs a value; write %s", dashed(m[1]), sample(flags, m[1]))
	}
	if m := badValue.FindStringSubmatch(text); m != nil {
		what := "not a number; write " + sample(flags, m[2])
		if _, ok := findFlag(flags, m[2]).(*cli.BoolFlag); ok {
			what = fmt.Sprintf("neither true nor false; write --%s or --%[1]s=false", m[2])
		}
		return usagef("%s %s: %s", dashed(m[2]), m[1], what)
	}
	if m := badSyntax.FindStringSubmatch(text); m != nil {
		return usagef("%s: not a flag; before an argument that begins like one, write --", m[1])
	}
	return usageError{err}
}

// noSuchFlag names the flag that was meant, or the command that has it.
func noSuchFlag(c *cli.Context, name string) error {
	if !isApp(c) {
		return usagef("--%s: %s has no such flag%s; forkscope help %[2]s lists them", name, c.Command.Name, didYouMean("--", name, flagNames(c.Command.Flags)))
	}
	for _, command := range c.App.VisibleCommands() {
		if findFlag(command.Flags, name) != nil {
			return usagef("--%s: a flag of %s, and comes after it; write forkscope %[2]s --%[1]s ...", name, command.Name)
		}
	}
	return usagef("--%s: there is no such flag%s; see forkscope help", name, didYouMean("--", name, []string{"help", "version"}))
}

func isApp(c *cli.Context) bool { return c.Command == nil || c.Command.Name == c.App.Name }

// noSuchCommand names the command that was meant, if one is near, and says how a program is run.
func noSuchCommand(c *cli.Context, name string) error {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		return usagef("there is no command %q; to run that file, write forkscope run %s", name, name)
	}
	var names []string
	for _, command := range c.App.VisibleCommands() {
		names = append(names, command.Name)
	}
	return usagef("there is no command %q%s; see forkscope help", name, didYouMean("", name, names))
}

// didYouMean names the nearest of some words, if it is near enough to have been meant.
func didYouMean(prefix, word string, words []string) string {
	best, least := "", min(3, max(1, len(word)/2))+1
	for _, w := range words {
		d := distance(word, w)
		if len(word) > 2 && strings.HasPrefix(w, word) {
			d = 1
		}
		if d < least {
			best, least = w, d
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + prefix + best + "?)"
}

// distance is how many letters must be added, left out or changed to make one word of another (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0]++
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func findFlag(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		for _, n := range f.Names() {
			if n == name {
				return f
			}
		}
	}
	return nil
}

func flagNames(flags []cli.Flag) []string {
	names := []string{"help"}
	for _, f := range flags {
		names = append(names, f.Names()...)
	}
	return names
}

// placeholder is the word in backquotes that stands for the value of a flag.
var placeholder = regexp.MustCompile("`(.*?)`")

// sample shows how a flag is typed.
func sample(flags []cli.Flag, name string) string {
	f, ok := findFlag(flags, name).(cli.DocGenerationFlag)
	if !ok || !f.TakesValue() {
		return dashed(name)
	}
	value := "VALUE"
	if m := placeholder.FindStringSubmatch(f.GetUsage()); m != nil {
		value = m[1]
	}
	return dashed(name) + " " + value
}

// dashed is a flag as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// flagsOfProgram tells somebody at a terminal that what follows PROGRAM is the program's own, if it looks like a flag of the command.
func flagsOfProgram(c *cli.Context, stderr io.Writer) {
	if !isTerminal(stderr) {
		return
	}
	for _, arg := range c.Args().Tail() {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if strings.HasPrefix(arg, "--") && findFlag(c.Command.Flags, name) != nil {
			fmt.Fprintf(stderr, "forkscope: %s is passed to %s; to say it to forkscope, write it before %[2]s\n", arg, c.Args().First())
			return
		}
	}
}

// exitStatus ends the command with a status; the message, if any, has already been printed.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// report prints an error and gives the status for it.
func report(err error, stderr io.Writer) int {
	var status exitStatus
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "forkscope:", err)
		return statusUsage
	}
	fmt.Fprintln(stderr, "forkscope:", err)
	return statusFailure
}
