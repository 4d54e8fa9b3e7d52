package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"io"
	"math/bits"
	"strconv"
	"strings"

	"forkscope/guests"
	"forkscope/kernel"
	"forkscope/machine"
	"forkscope/machine/board"
	"forkscope/machine/clock"
	view "forkscope/machine/debug"

	"github.com/sirupsen/logrus"
	"github.com/urfave/cli/v2"
)

var runDescription = `Without PROGRAM the built-in demo runs. PROGRAM is a Linux executable for ` + archChoice + `, made by any compiler;
its ELF header chooses the machine, its exit status becomes forkscope's. The loader and the libraries of a dynamic one
are taken from the cross compiler's, and the executables beside it that it names come with it. It has the path, the
environment and the working directory that it would have here. What follows PROGRAM is its own: flags go before it.
What is no terminal of standard input, output and error is the program's, byte for byte, and nothing else is printed there.

With --gdb the guest waits at its first instruction until gdb has connected and continues it. On a terminal,
Ctrl-A x ends the emulator and Ctrl-A a sends Ctrl-A to the guest.`

func runCommand(stdin io.Reader, stdout, stderr io.Writer) *cli.Command {
	return &cli.Command{
		Name:        "run",
		Usage:       "boot the kernel and run a program",
		ArgsUsage:   "[PROGRAM [ARGUMENT...]]",
		Description: runDescription,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "arch", Usage: "`MACHINE` to emulate: " + archChoice + " (default: PROGRAM's, else " + defaultArch + ")"},
			&cli.StringFlag{Name: "gdb", Usage: "serve gdb at `ADDRESS`: :PORT, HOST:PORT, unix:PATH, or - for standard input and output"},
			&cli.StringFlag{Name: "view", Value: "both", Usage: "what gdb is shown: `WHAT` is kernel, process (PROGRAM and its children, as gdbserver shows them) or both"},
			&cli.BoolFlag{Name: "gdb-allow-remote", Usage: "let --gdb listen on an address other machines can reach"},
			&cli.BoolFlag{Name: "wait", Value: true, Usage: "with --gdb: wait for gdb before the first instruction"},
			&cli.StringFlag{Name: "memory", Aliases: []string{"mem", "m"}, Usage: "guest RAM, `SIZE` in MiB or with suffix K, M or G (default: 64M, and more for large files)"},
			&cli.StringFlag{Name: "kernel", Usage: "kernel image `FILE` instead of the built-in one: Multiboot 1, or an arm64 ELF file, Image or (with --arch) flat binary"},
			&cli.StringFlag{Name: "bios", Usage: "start the i386 machine from the ROM `FILE`, at its reset vector, with no kernel"},
			&cli.StringFlag{Name: "initrd", Usage: "initial file system `FILE` (cpio) instead of the built-in one; with --kernel there is none by default"},
			&cli.StringFlag{Name: "root", Usage: "directory `DIR` whose files the guest gets beside the initial ones; PROGRAM is looked up there first"},
			&cli.StringSliceFlag{Name: "env", Usage: "variable `NAME=VALUE` of PROGRAM's environment, beside this command's own; NAME alone takes the value it has here; can be repeated"},
			&cli.StringFlag{Name: "cwd", Usage: "directory `DIR` of the guest that PROGRAM starts in, made if it is not there (default: this command's own)"},
			&cli.StringFlag{Name: "append", Usage: "more `WORDS` for the kernel command line"},
			&cli.BoolFlag{Name: "semihosting", Usage: "let the arm64 kernel print and exit by hlt #0xf000"},
			&cli.StringFlag{Name: "serial", Usage: "keep the bytes of the console's serial port as they are in `FILE`"},
			&cli.StringFlag{Name: "clock", Usage: clockUsage},
			&cli.StringFlag{Name: "pace", Usage: paceUsage},
			recordFlag(),
			&cli.Uint64Flag{Name: "max-insns", Usage: "end the run with status 1 at instruction `N`, idle time counted as the instructions that take as long; not within gdb's session"},
			&cli.BoolFlag{Name: "quiet", Usage: "say nothing but errors"},
			&cli.BoolFlag{Name: "verbose", Usage: "off a terminal too, let the kernel print its log, and say how the guest ended, on standard error"},
		},
		OnUsageError:    flagError,
		HideHelpCommand: true, // PROGRAM may be called help
		Action: func(c *cli.Context) error {
			flagsOfProgram(c, stderr)
			s, err := prepare(c)
			if err != nil {
				return err
			}
			return s.run(stdin, stdout, stderr)
		},
	}
}

// session is one run of a guest, checked and ready to start.
type session struct {
	guest  *guest
	show   view.View
	kernel []byte
	bios   []byte // instead of kernel
	flat   bool   // kernel may have no header
	serial string // file for the serial port's bytes, or ""
	most   uint64 // instructions, with idle time, that end the run; clock.Never when there is no bound
	gdb    string
	pace   pace
	remote bool
	wait   bool
	quiet  bool
	// verbose: the kernel's log is printed where the program's output is not the console's.
	verbose bool
	// hosted: the program's standard streams may be the host's, since the guest's kernel and init are ours.
	hosted bool
	aside  bool // the program's output is, or a part of it, on streams
	log    *logrus.Logger
}

// prepare checks everything the user gave before anything starts.
func prepare(c *cli.Context) (*session, error) {
	s := &session{gdb: c.String("gdb"), remote: c.Bool("gdb-allow-remote"), wait: c.Bool("wait"), quiet: c.Bool("quiet"), verbose: c.Bool("verbose")}
	if s.gdb == "" && (c.IsSet("wait") || s.remote) {
		return nil, usagef("--wait and --gdb-allow-remote need --gdb")
	}
	if err := s.chooseView(c); err != nil {
		return nil, err
	}
	arch := c.String("arch")
	perInstruction, err := s.howItRuns(c)
	if err != nil {
		return nil, err
	}
	g := &guest{}
	if err := g.takeRoot(c.String("root")); err != nil {
		return nil, err
	}
	if err := g.surroundings(c.Args().Present(), c.String("cwd"), c.StringSlice("env")); err != nil {
		return nil, err
	}
	prog, err := g.program(c.Args().First(), &arch)
	if err != nil {
		return nil, err
	}
	if c.IsSet("bios") {
		if err := s.readBIOS(c, &arch); err != nil {
			return nil, err
		}
	} else if err := s.readKernel(c.String("kernel"), c.String("arch") != "", &arch); err != nil {
		return nil, err
	}
	if c.Bool("semihosting") && !machine.KindOf(arch).Semihosting {
		have, _ := machinesWith(func(k *machine.Kind) bool { return k.Semihosting })
		return nil, usagef("--semihosting: only the %s machine has it", have)
	}
	initrd, err := initialFiles(c.String("initrd"), arch, c.String("kernel") == "" && s.bios == nil || c.Args().Present() || c.IsSet("root"))
	if err != nil {
		return nil, err
	}
	s.hosted = c.String("kernel") == "" && c.String("initrd") == "" && s.bios == nil && s.serial == "" && !strings.Contains(c.String("append"), "init=")
	s.log = logrus.New()
	s.log.SetFormatter(lineFormatter{})
	g.foreign = c.IsSet("kernel") || s.bios != nil
	g.kernel, g.config = s.kernel, machine.Config{
		Arch: arch, Kernel: s.kernel, BIOS: s.bios, FlatKernel: s.flat, Cmdline: strings.TrimSpace(c.String("append")),
		Semihosting: c.Bool("semihosting"), IdleToLimit: c.IsSet("max-insns"), Clock: perInstruction, Log: logrus.NewEntry(s.log),
	}
	g.memory = c.String("memory")
	if err := g.fill(initrd); err != nil {
		return nil, err
	}
	if g.recorder, err = newRecorder(c.String("record")); err != nil {
		return nil, err
	}
	s.guest = g
	if s.show == view.ProcessView {
		g.words = []string{"wait-for-all"}
	}
	return s, g.ready(prog, c.Args().First(), c.Args().Tail())
}

// howItRuns takes the flags that say on what machine, how far the run goes, how its time passes and where the serial port's bytes go.
func (s *session) howItRuns(c *cli.Context) (perInstruction uint64, err error) {
	if err := checkArch(c.String("arch")); err != nil {
		return 0, err
	}
	s.serial, s.most = c.String("serial"), clock.Never
	if c.IsSet("serial") && s.serial == "" {
		return 0, usagef("--serial: needs the name of a file")
	}
	if c.IsSet("max-insns") {
		if s.most = c.Uint64("max-insns"); s.most == 0 {
			return 0, usagef("--max-insns 0: at least one instruction must run")
		}
	}
	if s.pace, err = parsePace(c.String("pace")); err != nil {
		return 0, err
	}
	return parseClock(c.String("clock"))
}

// checkArch says whether there is such a machine; "" is for the program to choose.
func checkArch(arch string) error {
	if arch != "" && machine.KindOf(arch) == nil {
		return usagef("--arch %s: there is no such machine; choose %s", arch, archChoice)
	}
	return nil
}

// chooseView takes what gdb is to be shown.
func (s *session) chooseView(c *cli.Context) error {
	name := c.String("view")
	show, ok := map[string]view.View{"kernel": view.KernelView, "process": view.ProcessView, "both": view.BothViews}[name]
	switch {
	case !ok:
		return usagef("--view %s: there is no such view; choose kernel, process or both", name)
	case c.IsSet("view") && s.gdb == "":
		return usagef("--view needs --gdb")
	case show == view.ProcessView && !c.Args().Present():
		return usagef("--view process: needs a PROGRAM, whose processes gdb is shown")
	}
	s.show = show
	return nil
}

// readBIOS takes the user's ROM. Nothing that a loader would put into memory can go with it.
func (s *session) readBIOS(c *cli.Context, arch *string) error {
	path := c.String("bios")
	if c.Args().Present() || c.IsSet("kernel") || c.IsSet("initrd") || c.IsSet("append") {
		return usagef("--bios %s: a ROM boots no kernel, so there can be no PROGRAM, --kernel, --initrd or --append", path)
	}
	have, first := machinesWith(func(k *machine.Kind) bool { return k.ROM })
	if *arch == "" {
		*arch = first
	}
	if !machine.KindOf(*arch).ROM {
		return usagef("--bios %s: the %s machine starts from no ROM; %s can", path, *arch, have)
	}
	b, err := readFile(path)
	if err != nil {
		return err
	}
	if err := board.CheckROM(b); err != nil {
		return usagef("--bios %s: %v", path, err)
	}
	s.bios = b
	return nil
}

// readKernel takes the user's kernel, whose machine must be arch if that is known, or the built-in one. Only where the user has named the
// machine can the file be one that does not show it.
func (s *session) readKernel(path string, named bool, arch *string) error {
	if path == "" {
		if *arch == "" {
			*arch = defaultArch
		}
		b, err := kernel.Image(*arch)
		s.kernel = b
		return err
	}
	b, err := readFile(path)
	if err != nil {
		return err
	}
	s.kernel = b
	if of := imageOf(b); of != "" {
		if *arch != "" && *arch != of {
			return usagef("%s: a kernel for %s, not for %s", path, of, *arch)
		}
		*arch = of
		return nil
	}
	if named && !bytes.HasPrefix(b, []byte(elf.ELFMAG)) {
		s.flat = machine.KindOf(*arch).FlatKernel
		return nil
	}
	_, of, err := openELF(path, b)
	if err != nil {
		return err
	}
	if *arch != "" && *arch != of {
		return usagef("%s: a kernel for %s, not for %s", path, of, *arch)
	}
	*arch = of
	return nil
}

// initialFiles reads the user's initial file system. Without one, builtIn says whether the guest gets ours: a kernel of the user's has
// no use for it, unless it is to run a program.
func initialFiles(path, arch string, builtIn bool) ([]byte, error) {
	if path != "" {
		return readFile(path)
	}
	if !builtIn {
		return nil, nil
	}
	return guests.Initramfs(arch)
}

const clockUsage = "an instruction takes `N` nanoseconds of the guest's time: the more, the less is executed until a timer is due (default: 10)"

// defaultClock makes a second of a guest that polls its clock about one of the host's. It is the same everywhere, so that a run is.
const defaultClock = 10

// parseClock reads how many nanoseconds an instruction takes; "" is the default.
func parseClock(s string) (uint64, error) {
	if s == "" {
		return defaultClock, nil
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n < 1 || n > clock.MostPerInstruction {
		return 0, usagef("--clock %s: an instruction takes a whole number of nanoseconds from 1 to %d", s, clock.MostPerInstruction)
	}
	return n, nil
}

const paceUsage = "how idle time of the guest passes: `PACE` is real, as long as on the host, or none, at once (default: real on a terminal and with gdb, else none)"

// pace is how an idle guest's time passes.
type pace string

// parsePace reads a pace; "" leaves it to the command.
func parsePace(s string) (pace, error) {
	if s != "" && s != "real" && s != "none" {
		return "", usagef("--pace %s: there is no such pace; choose real or none", s)
	}
	return pace(s), nil
}

// real reports whether it passes as the host's does, which it does if nobody has chosen and there is somebody who looks.
func (p pace) real(looked bool) bool { return p == "real" || p == "" && looked }

// limit is when the run ends, in nanoseconds of the guest's time.
func (s *session) limit() uint64 {
	if over, n := bits.Mul64(s.most, s.guest.config.Clock); over == 0 {
		return n
	}
	return clock.Never
}

// parseSize reads a number of MiB, or one with a suffix K, M or G, as QEMU has it.
func parseSize(s string) (uint64, error) {
	digits := strings.TrimRight(s, "KMGkmg")
	shift, ok := map[string]uint{"": 20, "K": 10, "M": 20, "G": 30}[strings.ToUpper(s[len(digits):])]
	n, err := strconv.ParseUint(digits, 10, 64)
	if errors.Is(err, strconv.ErrSyntax) || !ok {
		return 0, errors.New("not a size; write it like 64M or 1G")
	}
	const most = 3 << 30
	if err != nil || n > most>>shift || n<<shift < 8<<20 {
		return 0, errors.New("the guest can have 8M to 3G")
	}
	return n << shift, nil
}

// lineFormatter prints a log entry as one plain line.
type lineFormatter struct{}

func (lineFormatter) Format(e *logrus.Entry) ([]byte, error) {
	line := "forkscope: " + e.Message
	if len(e.Data) > 0 {
		text, err := (&logrus.TextFormatter{DisableColors: true, DisableTimestamp: true}).Format(&logrus.Entry{Data: e.Data, Logger: e.Logger, Level: e.Level})
		if err == nil {
			line += " (" + strings.TrimSpace(strings.TrimPrefix(string(text), "level="+e.Level.String())) + ")"
		}
	}
	return []byte(line + "\n"), nil
}
