// Command forkscope runs an i386 PC or an AArch64 board with a small fork-capable kernel, and lets gdb look inside.
package main

import (
	"io"
	"os"

	"github.com/urfave/cli/v2"
)

func main() {
	holdCollector()
	os.Exit(doMain(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// Exit statuses of the command itself; a run that gets as far as starting the guest ends with the guest's status.
const (
	statusFailure = 1 // the guest or the emulator could not go on
	statusUsage   = 2 // a bad argument or input file
)

// doMain is main without the process around it, for tests.
func doMain(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return report(newApp(stdin, stdout, stderr).Run(args), stderr)
}

// newApp is the command line: what each command takes, and so what the help, the manual page and the shells' completions say.
func newApp(stdin io.Reader, stdout, stderr io.Writer) *cli.App {
	// The package's own way prints the version of a global variable.
	showVersion := &cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Usage: "print the version"}
	app := &cli.App{
		Name:            "forkscope",
		Usage:           "an emulator whose debugger understands fork",
		Description:     "Runs " + titles() + " with a small fork-capable kernel, and lets gdb look inside: kernel tasks are its threads, guest processes its inferiors.",
		HideVersion:     true,
		HideHelpCommand: true,
		Flags:           []cli.Flag{cli.HelpFlag, showVersion},
		Writer:          stdout,
		ErrWriter:       stderr,
		ExitErrHandler:  func(*cli.Context, error) {},
		OnUsageError:    flagError,
		Action: func(c *cli.Context) error {
			switch {
			case c.Bool("version"):
				printVersion(stdout, "forkscope")
				return nil
			case c.Args().Present():
				return noSuchCommand(c, c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
	app.Commands = []*cli.Command{
		runCommand(stdin, stdout, stderr), gdbserverCommand(stdin, stdout, stderr), replayCommand(stdout, stderr),
		versionCommand(stdout), helpCommand(), manCommand(stdout), completionCommand(stdout),
	}
	return app
}

func helpCommand() *cli.Command {
	return &cli.Command{
		Name:            "help",
		Usage:           "say what a command does and takes",
		ArgsUsage:       "[COMMAND]",
		HideHelpCommand: true,
		OnUsageError:    flagError,
		Action: func(c *cli.Context) error {
			name := c.Args().First()
			if name == "" {
				return cli.ShowAppHelp(c.Lineage()[1])
			}
			if c.App.Command(name) == nil {
				return noSuchCommand(c, name)
			}
			if name == "gdbserver" {
				printServerUsage(c.App.Writer)
				return nil
			}
			return cli.ShowCommandHelp(c.Lineage()[1], name)
		},
	}
}
