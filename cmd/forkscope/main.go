// Command forkscope runs an i386 PC or an AArch64 board with a small fork-capable kernel, and lets gdb look inside.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"
)

func main() {
	os.Exit(doMain(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// Exit statuses of the command itself; a run that gets as far as starting the guest ends with the guest's status.
const (
	statusFailure = 1 // the guest or the emulator could not go on
	statusUsage   = 2 // a bad argument or input file
)

// exitStatus ends the command with a status; the message, if any, has already been printed.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// usageError is the user's mistake, said in one line.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// doMain is main without the process around it, for tests.
func doMain(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app := &cli.App{
		Name:            "forkscope",
		Usage:           "an emulator whose debugger understands fork",
		HideVersion:     true,
		HideHelpCommand: true,
		Writer:          stdout,
		ErrWriter:       stderr,
		ExitErrHandler:  func(*cli.Context, error) {},
		OnUsageError:    func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
		Commands:        []*cli.Command{runCommand(stdin, stdout, stderr), gdbserverCommand(stdin, stdout, stderr)},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("there is no command %q; see forkscope --help", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
	err := app.Run(args)
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
