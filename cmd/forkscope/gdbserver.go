package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"forkscope/machine"

	"github.com/sirupsen/logrus"
	"github.com/urfave/cli/v2"
)

// The command line is gdbserver's, so that what starts a gdbserver can start this; the words are our own.
const serverUsage = `Usage:	forkscope gdbserver [OPTION...] COMM PROGRAM [ARGUMENT...]
	forkscope gdbserver [OPTION...] --attach COMM PID
	forkscope gdbserver [OPTION...] --multi COMM

`

var serverDescription = `Runs PROGRAM, a Linux executable for ` + archChoice + `, on a machine of its own and lets gdb debug its processes, as gdbserver
does on a machine that is there.

In the guest PROGRAM has the path that it has on the host, and so have the executables beside it that it names; the loader and
the libraries of a dynamic program are taken from the cross compiler's. The working directory has its name; other files of the
host are not there.

COMM is :PORT or HOST:PORT, where port 0 is any free one, or - or stdio for standard input and output.
PID is a process of the guest, which then runs --program or the built-in demo.
`

// serverOptions is gdbserver's command line.
type serverOptions struct {
	attach, multi, once       bool
	help, version             bool
	remoteDebug, allowRemote  bool
	arch, root, memory, under string // under is --program
	cwd, clock, pace, record  string
	env                       []string
	comm                      string
	words                     []string // PROGRAM and its arguments, or PID
}

// errServerUsage is a command line without its COMM or its PROGRAM.
var errServerUsage = fmt.Errorf("usage")

// Categories of gdbserver's flags, in the order of the help.
const (
	whatToDo  = "What to do"
	ofGuest   = "The guest"
	forNobody = "Accepted for gdbserver's sake"
)

// serverFlags are gdbserver's flags, and where they go. gdbserver's way of reading them is not the flag package's: the first word that is none ends
// them, some have a value only behind "=", and a single "-" is COMM.
func (o *serverOptions) flags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "attach", Category: whatToDo, Destination: &o.attach, Usage: "debug process PID of the guest"},
		&cli.BoolFlag{Name: "multi", Category: whatToDo, Destination: &o.multi, Usage: "wait for gdb to start programs, and stay when they have ended"},
		&cli.BoolFlag{Name: "once", Category: whatToDo, Destination: &o.once, Usage: "end with the first connection"},
		&cli.BoolFlag{Name: "help", Category: whatToDo, Destination: &o.help, Usage: "print this text"},
		&cli.BoolFlag{Name: "version", Category: whatToDo, Destination: &o.version, Usage: "print the version"},
		&cli.BoolFlag{Name: "remote-debug", Category: whatToDo, Destination: &o.remoteDebug, Usage: "print the packets of the protocol"},
		&cli.BoolFlag{Name: "allow-remote", Category: whatToDo, Destination: &o.allowRemote, Usage: "listen on an address that other machines can reach"},
		&cli.StringFlag{Name: "arch", Category: ofGuest, Destination: &o.arch, Usage: "`MACHINE`: " + archChoice + " (default: that of the program that is run)"},
		&cli.StringFlag{Name: "program", Category: ofGuest, Destination: &o.under, Usage: "with --attach: what the guest runs, a `PROGRAM`"},
		&cli.StringFlag{Name: "root", Category: ofGuest, Destination: &o.root, Usage: "directory `DIR` of the host whose files the guest gets; PROGRAM is looked up there first"},
		&cli.StringSliceFlag{Name: "env", Category: ofGuest, Usage: "variable `NAME=VALUE` of PROGRAM's environment, beside this command's own; NAME alone takes the value it has here"},
		&cli.StringFlag{Name: "cwd", Category: ofGuest, Destination: &o.cwd, Usage: "directory `DIR` of the guest that PROGRAM starts in (default: this command's own)"},
		&cli.StringFlag{Name: "memory", Aliases: []string{"mem"}, Category: ofGuest, Destination: &o.memory, Usage: "RAM, `SIZE` in MiB or with suffix K, M or G (default: 64M, and more for large files)"},
		&cli.StringFlag{Name: "pace", Category: ofGuest, Destination: &o.pace, Usage: "how idle time passes: `PACE` is real, as long as on the host, or none, at once (default: real)"},
		&cli.StringFlag{Name: "record", Category: ofGuest, Destination: &o.record, Usage: recordUsage},
		&cli.StringFlag{Name: "clock", Category: ofGuest, Destination: &o.clock, Usage: clockUsage},
		&cli.BoolFlag{Name: "disable-randomization", Category: forNobody, Usage: "the guest places programs at the same addresses always"},
		&cli.BoolFlag{Name: "no-disable-randomization", Category: forNobody, Usage: "likewise"},
		&cli.BoolFlag{Name: "startup-with-shell", Category: forNobody, Usage: "PROGRAM is always started without a shell"},
		&cli.BoolFlag{Name: "no-startup-with-shell", Category: forNobody, Usage: "likewise"},
		&cli.BoolFlag{Name: "debug", Category: forNobody, Usage: "nothing more is printed, nor with --debug=COMPONENT"},
		&cli.BoolFlag{Name: "event-loop-debug", Category: forNobody, Usage: "likewise"},
		&cli.StringFlag{Name: "debug-format", Category: forNobody, Usage: "`FORMAT` of what is not printed: all, none or timestamp"},
	}
}

// refusedFlags are gdbserver's that make no sense here.
var refusedFlags = map[string]string{
	"--wrapper":        "there is nothing in the guest to wrap a program; set its environment by --env NAME=VALUE",
	"--selftest":       "there are no self tests in the command",
	"--disable-packet": "no packet can be turned off",
}

// parseServer reads gdbserver's command line, whose options end with COMM: what follows is the program's.
func parseServer(args []string) (*serverOptions, error) {
	o := &serverOptions{}
	flags := o.flags()
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		name, value, joined := strings.Cut(args[0], "=")
		args = args[1:]
		if why := refusedFlags[name]; why != "" {
			return nil, usagef("%s: %s", name, why)
		}
		switch f := findFlag(flags, strings.TrimPrefix(name, "--")).(type) {
		case *cli.BoolFlag:
			if joined && f.Name != "debug" {
				return nil, unknownArgument(name+"="+value, flags)
			}
			if f.Destination != nil {
				*f.Destination = true
			}
			if o.help || o.version {
				return o, nil
			}
		case cli.DocGenerationFlag:
			if !joined && name == "--debug-format" {
				return nil, unknownArgument(name, flags)
			}
			if !joined {
				if len(args) == 0 {
					return nil, usagef("%s: needs a value; write %s", name, sample(flags, strings.TrimPrefix(name, "--")))
				}
				value, args = args[0], args[1:]
			}
			if err := o.set(f, name, value); err != nil {
				return nil, err
			}
		default:
			return nil, unknownArgument(strings.Join(append([]string{name}, valueOf(value, joined)...), "="), flags)
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

// set gives a flag its value.
func (o *serverOptions) set(f cli.DocGenerationFlag, name, value string) error {
	switch f := f.(type) {
	case *cli.StringSliceFlag:
		o.env = append(o.env, value)
	case *cli.StringFlag:
		if f.Destination != nil {
			*f.Destination = value
			return nil
		}
		for _, word := range strings.Split(value, ",") {
			if !slices.Contains([]string{"", "all", "none", "timestamp"}, word) {
				return usagef("Unknown debug-format argument: \"%s\"", word)
			}
		}
	}
	return nil
}

// unknownArgument is an option that there is not, in gdbserver's words; the option that was meant is named, if one is near.
func unknownArgument(arg string, flags []cli.Flag) error {
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	if hint := didYouMean("--", name, flagNames(flags)); hint != "" {
		return usagef("Unknown argument: %s\nforkscope: %s", arg, strings.Trim(hint, " ()"))
	}
	return usagef("Unknown argument: %s", arg)
}

func valueOf(value string, given bool) []string {
	if given {
		return []string{value}
	}
	return nil
}

// printServerUsage prints the help, of which the flags are a part.
func printServerUsage(w io.Writer) {
	fmt.Fprint(w, serverUsage, serverDescription)
	category := ""
	for _, f := range (&serverOptions{}).flags() {
		doc := f.(cli.DocGenerationFlag)
		if in := f.(cli.CategorizableFlag).GetCategory(); in != category {
			category = in
			fmt.Fprintf(w, "\n%s:\n\n", category)
		}
		fmt.Fprintf(w, "  %-28s %s\n", sample([]cli.Flag{f}, f.Names()[0]), strings.ReplaceAll(doc.GetUsage(), "`", ""))
	}
	fmt.Fprint(w, "\nRefused: --wrapper, --selftest, --disable-packet\n")
}

func gdbserverCommand(stdin io.Reader, stdout, stderr io.Writer) *cli.Command {
	return &cli.Command{
		Name:            "gdbserver",
		Usage:           "run a program for gdb, with gdbserver's command line",
		ArgsUsage:       "COMM PROGRAM [ARGUMENT...]",
		Description:     serverDescription,
		SkipFlagParsing: true,
		HideHelp:        true,
		HideHelpCommand: true,
		Flags:           (&serverOptions{}).flags(),
		Action: func(c *cli.Context) error {
			o, err := parseServer(c.Args().Slice())
			switch {
			case err == errServerUsage:
				printServerUsage(stderr)
				return exitStatus(statusFailure)
			case err != nil:
				fmt.Fprintln(stderr, err)
				return exitStatus(statusFailure)
			case o.help:
				printServerUsage(stdout)
				return nil
			case o.version:
				printVersion(stdout, "forkscope gdbserver")
				return nil
			}
			if err := runServer(o, stdin, stdout, stderr); err != nil {
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

// howItRuns takes the pace of idle time, and whether the run is recorded.
func (s *gdbserver) howItRuns(g *guest) error {
	pace, err := parsePace(s.options.pace)
	if err != nil {
		return err
	}
	g.config.RealTime = pace.real(true)
	g.recorder, err = newRecorder(s.options.record)
	return err
}

// prepare makes the guest that the command line asks for.
func (s *gdbserver) prepare() (*guest, error) {
	g := &guest{host: true, words: []string{"wait-for-all", "plain-console"}, memory: s.options.memory, follows: s.options.arch == ""}
	var name string
	var args []string
	switch {
	case s.options.attach:
		name = s.options.under
	case len(s.options.words) > 0:
		name, args = s.options.words[0], s.options.words[1:]
	}
	arch := s.options.arch
	if err := checkArch(arch); err != nil {
		return nil, err
	}
	perInstruction, err := parseClock(s.options.clock)
	if err != nil {
		return nil, err
	}
	if err := g.surroundings(true, s.options.cwd, s.options.env); err != nil {
		return nil, err
	}
	if err := g.takeRoot(s.options.root); err != nil {
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
		arch = defaultArch
	}
	log := logrus.New()
	log.SetOutput(s.stderr)
	log.SetFormatter(lineFormatter{})
	g.config = machine.Config{Cmdline: "quiet", Log: logrus.NewEntry(log)}
	if err := g.builtIn(arch); err != nil {
		return nil, err
	}
	g.config.Clock = perInstruction
	if err := s.howItRuns(g); err != nil {
		return nil, err
	}
	g.first.nothing = name == "" && !s.options.attach
	return g, g.ready(p, name, args)
}
