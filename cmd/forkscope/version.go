package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

// version is build, and for what and by which Go.
func version() string {
	return fmt.Sprintf("%s %s %s/%s", build(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// build is what the Go tool knows of how the command was built: the module's version if it was installed by one, or else the commit.
func build() string {
	v, commit, modified := "devel", "", false
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				commit = s.Value
			case "vcs.modified":
				modified = s.Value == "true"
			}
		}
	}
	if commit != "" {
		v += " (commit " + commit[:min(len(commit), 12)]
		if modified {
			v += ", modified"
		}
		v += ")"
	}
	return v
}

func printVersion(w io.Writer, name string) { fmt.Fprintln(w, name, version()) }

func versionCommand(stdout io.Writer) *cli.Command {
	return &cli.Command{
		Name:            "version",
		Usage:           "print the version",
		HideHelpCommand: true,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("version: takes no arguments; write forkscope version")
			}
			printVersion(stdout, "forkscope")
			return nil
		},
	}
}
