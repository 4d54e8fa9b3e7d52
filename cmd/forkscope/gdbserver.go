package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"forkscope/guests"
	"forkscope/kernel"
	"forkscope/machine"
	"forkscope/machine/clock"

	"github.com/sirupsen/logrus"
	"github.com/urfave/cli/v2"
)

// The command line is gdbserver's, so that what starts a gdbserver can start this; the words are our own.
const serverUsage = `Usage:	forkscope gdbserver [OPTION...] COMM PROGRAM [ARGUMENT...]
	forkscope gdbserver [OPTION...] --attach COMM PID
	forkscope gdbserver [OPTION...] --multi COMM

Runs PROGRAM, a Linux executable for i386 or arm64, on a machine of its own and lets gdb debug its processes, as gdbserver
does on a machine that is there.

In the guest PROGRAM has the path that it has on the host, and so have the executables beside it that it names; the loader and the
libraries of a dynamic program are taken from the cross compiler's. The working directory has its name; other files of the host are not there.

COMM is :PORT or HOST:PORT, where port 0 is any free one, or - or stdio for standard input and output.
PID is a process of the guest, which then runs --program or the built-in demo.

What to do:

  --attach              debug process PID of the guest
  --multi               wait for gdb to start programs, and stay when they have ended
  --once                end with the first connection
  --help                print this text
  --version             print the version

The guest:

  --arch ARCH           machine without PROGRAM: i386 or arm64 (default: arm64)
  --program PROGRAM     with --attach: what the guest runs
  --root DIR            directory of the host whose files the guest gets; PROGRAM is looked up there first
  --env NAME=VALUE      variable of PROGRAM's environment, beside this command's own; NAME alone takes the value it has here
  --cwd DIR             directory of the guest that PROGRAM starts in (default: this command's own)
  --memory SIZE         RAM, with suffix K, M or G (default: 64M, and more for large files)
  --allow-remote        listen on an address that other machines can reach

Accepted for gdbserver's sake:

  --disable-randomization, --no-disable-randomization
                        the guest places programs at the same addresses always
  --startup-with-shell, --no-startup-with-shell
                        PROGRAM is always started without a shell
  --debug[=...], --event-loop-debug, --debug-format=all|none|timestamp
                        nothing more is printed

  --remote-debug        print the packets of the protocol
  --disable-packet=OPTION[,OPTION...]
                        refused, as --wrapper and --selftest are
`

// serverOptions is gdbserver's command line.
type serverOptions struct {
	attach, multi, once       bool
	help, version             bool
	remoteDebug, allowRemote  bool
	arch, root, memory, under string // under is --program
	cwd                       string
	env                       []string
	comm                      string
	words                     []string // PROGRAM and its arguments, or PID
}

// errServerUsage is a command line without its COMM or its PROGRAM.
var errServerUsage = fmt.Errorf("usage")

// parseServer reads gdbserver's command line, whose options end with COMM: what follows is the program's.
func parseServer(args []string) (*serverOptions, error) {
	o := &serverOptions{}
	flags := map[string]*bool{
		"--attach": &o.attach, "--multi": &o.multi, "--once": &o.once, "--help": &o.help, "--version": &o.version,
		"--remote-debug": &o.remoteDebug, "--allow-remote": &o.allowRemote,
	}
	values := map[string]*string{"--arch": &o.arch, "--root": &o.root, "--memory": &o.memory, "--mem": &o.memory, "--program": &o.under, "--cwd": &o.cwd}
	idle := []string{
		"--disable-randomization", "--no-disable-randomization", "--startup-with-shell", "--no-startup-with-shell",
		"--debug", "--event-loop-debug",
	}
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		name, value, joined := strings.Cut(args[0], "=")
		args = args[1:]
		switch {
		case flags[name] != nil && !joined:
			*flags[name] = true
			if o.help || o.version {
				return o, nil
			}
		case values[name] != nil, name == "--env":
			if !joined {
				if len(args) == 0 {
					return nil, usagef("%s: needs a value", name)
				}
				value, args = args[0], args[1:]
			}
			if name == "--env" {
				o.env = append(o.env, value)
			} else {
				*values[name] = value
			}
		case slices.Contains(idle, name) && !joined, name == "--debug":
		case name == "--debug-format" && joined:
			for _, word := range strings.Split(value, ",") {
				if !slices.Contains([]string{"", "all", "none", "timestamp"}, word) {
					return nil, usagef("Unknown debug-format argument: \"%s\"", word)
				}
			}
		case name == "--wrapper":
			return nil, usagef("--wrapper: there is nothing in the guest to wrap a program; set its environment by the environment of this command")
		case name == "--selftest":
			return nil, usagef("--selftest: there are no self tests in the command")
		case name == "--disable-packet":
			return nil, usagef("--disable-packet: no packet can be turned off")
		default:
			return nil, usagef("Unknown argument: %s", strings.Join(append([]string{name}, valueOf(value, joined)...), "="))
		}
	}
	if len(args) > 0 {
		o.comm, o.words = args[0], args[1:]
	}
	switch {
	case len(args) == 0, o.attach && len(o.words) != 1, o.attach && o.multi, !o.attach && !o.multi && len(o.words) == 0:
		return nil, errServerUsage
	case o.under != "" && !o.attach:
		return nil, usagef("--program: only --attach needs it; otherwise the program follows COMM")
	}
	return o, nil
}

func valueOf(value string, given bool) []string {
	if given {
		return []string{value}
	}
	return nil
}

func gdbserverCommand(stdin io.Reader, stdout, stderr io.Writer) *cli.Command {
	return &cli.Command{
		Name:            "gdbserver",
		Usage:           "run a program for gdb, with gdbserver's command line",
		ArgsUsage:       "COMM PROGRAM [ARGUMENT...]",
		SkipFlagParsing: true,
		Action: func(c *cli.Context) error {
			o, err := parseServer(c.Args().Slice())
			switch {
			case err == errServerUsage:
				fmt.Fprint(stderr, serverUsage)
				return exitStatus(statusFailure)
			case err != nil:
				fmt.Fprintln(stderr, err)
				return exitStatus(statusFailure)
			case o.help:
				fmt.Fprint(stdout, serverUsage)
				return nil
			case o.version:
				fmt.Fprintln(stdout, "forkscope gdbserver")
				return nil
			}
			s := &server{serverOptions: o, stdin: stdin, stdout: stdout, stderr: stderr}
			if err := s.run(); err != nil {
				if _, ok := err.(exitStatus); ok {
					return err
				}
				fmt.Fprintf(stderr, "%v\nExiting\n", err)
				return exitStatus(statusFailure)
			}
			return nil
		},
	}
}

// prepare makes the guest that the command line asks for.
func (s *server) prepare() (*guest, error) {
	g := &guest{host: true, words: []string{"wait-for-all", "plain-console"}}
	var name string
	var args []string
	switch {
	case s.attach:
		name = s.under
	case len(s.words) > 0:
		name, args = s.words[0], s.words[1:]
	}
	arch := s.arch
	if err := checkArch(arch); err != nil {
		return nil, err
	}
	if err := g.surroundings(true, s.cwd, s.env); err != nil {
		return nil, err
	}
	var err error
	if g.root, err = readRoot(s.root); err != nil {
		return nil, err
	}
	p, err := g.program(name, &arch)
	if err != nil {
		return nil, err
	}
	if p != nil {
		if p, err = namedProgram(p); err != nil {
			return nil, err
		}
	}
	if arch == "" {
		arch = machine.ARM64
	}
	log := logrus.New()
	log.SetOutput(s.stderr)
	log.SetFormatter(lineFormatter{})
	if g.kernel, err = kernel.Image(arch); err != nil {
		return nil, err
	}
	g.config = machine.Config{Arch: arch, Kernel: g.kernel, Cmdline: "quiet", Log: logrus.NewEntry(log)}
	initrd, err := guests.Initramfs(arch)
	if err != nil {
		return nil, err
	}
	if err := g.fill(initrd, s.memory); err != nil {
		return nil, err
	}
	g.first.nothing = name == "" && !s.attach
	return g, g.ready(p, name, args)
}

// noLimit lets the guest run for ever.
const noLimit = clock.Never
