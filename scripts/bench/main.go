// Command bench measures forkscope beside QEMU, on the same kernel image and the same initial file system, and as a server of
// processes beside gdbserver, on the same program: run it by "go run ./scripts/bench". It prints two tables per machine. It
// talks to the stubs over the wire, by TCP on loopback; where the debugger's own time matters, gdb itself does too.
//
// gdbserver debugs the x86-64 program on the host, where ours debugs the i386 or the arm64 one.
//
// Each figure is the minimum, median and maximum of several runs, for which the two that are compared take turns. The ratio
// compares the medians: above 1 ours is better, whether more or less of the unit is good. A floor is what ours must
// reach, alone or, with a ×, beside gdbserver.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"forkscope/machine/cpu/arch"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(doMain(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Exit statuses.
const (
	statusFailed = 1 // a figure could not be measured
	statusUsage  = 2
)

// buildTimeout bounds the compiler's work.
const buildTimeout = 5 * time.Minute

type options struct {
	archs   []string
	figures []*figure
	runs    int
	span    time.Duration
	cpu     bool
	against string
	json    bool
}

// doMain is main without the process around it.
func doMain(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return statusUsage
	}
	ok, err := o.run(ctx, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return statusFailed
	}
	if !ok {
		return statusFailed
	}
	return 0
}

func parse(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var names []string
	for _, f := range figures {
		names = append(names, f.name)
	}
	machine := flags.String("arch", "", "machine: "+arch.List("or")+" (default all)")
	only := flags.String("only", "", "comma-separated `names` of figures: "+strings.Join(names, ", ")+" (default all)")
	flags.IntVar(&o.runs, "runs", 5, "measurements per figure and emulator")
	flags.DurationVar(&o.span, "span", 500*time.Millisecond, "length of one measurement of a rate")
	flags.BoolVar(&o.cpu, "cpu", false, "take times and rates by the CPU time of forkscope and QEMU: the host's other work disturbs it less (Linux)")
	flags.StringVar(&o.against, "against", "", "compare with another build of forkscope, the `program`, in place of QEMU and gdbserver")
	flags.BoolVar(&o.json, "json", false, "print JSON instead of the table")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(stderr)
			flags.Usage()
		}
		return nil, err
	}
	switch {
	case *machine == "":
		o.archs = arch.Names()
	case arch.Named(*machine) != nil:
		o.archs = []string{*machine}
	default:
		return nil, fmt.Errorf("-arch %s: there are %s", *machine, arch.List("and"))
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("%q is not a flag", flags.Arg(0))
	case o.runs < 1 || o.runs > 1000:
		return nil, fmt.Errorf("-runs %d: from 1 to 1000", o.runs)
	case o.span < time.Millisecond || o.span > time.Minute:
		return nil, fmt.Errorf("-span %v: from 1ms to 1m", o.span)
	}
	o.figures = figures
	if *only != "" {
		o.figures = nil
		for _, name := range strings.Split(*only, ",") {
			f := figureNamed(name)
			if f == nil {
				return nil, fmt.Errorf("-only %s: there are %s", name, strings.Join(names, ", "))
			}
			o.figures = append(o.figures, f)
		}
	}
	return o, nil
}

func figureNamed(name string) *figure {
	for _, f := range figures {
		if f.name == name {
			return f
		}
	}
	return nil
}

// run measures everything; ok is false if a figure could not be measured.
func (o *options) run(ctx context.Context, stdout, stderr io.Writer) (ok bool, err error) {
	root, err := repository()
	if err != nil {
		return false, err
	}
	temp, err := os.MkdirTemp("", "forkscope-bench")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(temp)
	binary := filepath.Join(temp, "forkscope")
	if err := build(ctx, root, binary); err != nil {
		return false, err
	}
	b := &bench{
		runs: o.runs, span: o.span, cpu: o.cpu, ours: forkscope("forkscope", binary, o.against != ""), peers: map[string]*emulator{},
		against: o.against, progress: progressOn(stderr), temp: temp,
		results: map[string]string{}, rounds: map[string]float64{},
	}
	report := struct {
		Host    string    `json:"host"`
		Results []*result `json:"results"`
		Notes   []string  `json:"notes"`
	}{Host: host()}
	table := stdout
	if o.json {
		table = io.Discard
	}
	fmt.Fprintf(table, "%s; ratio > 1: forkscope is better\n", report.Host)
	if o.cpu {
		b.note("times and rates are by the CPU time of forkscope and its peer, but for those of gdb")
	}
	ok = true
	for _, arch := range o.archs {
		machines, processes := o.split()
		for _, group := range [][]*figure{machines, processes} {
			if len(group) == 0 {
				continue
			}
			var g *guest
			title := arch
			if group[0].prepareProcess == nil {
				g, err = b.openMachine(ctx, root, arch, stderr)
			} else {
				title += ", a process"
				err = b.openServers(ctx, binary, arch, stderr)
			}
			if err != nil {
				return false, err
			}
			for i, f := range group {
				list := b.contenders(ctx, f, g)
				if i == 0 {
					peer := ""
					if len(list) > 1 {
						peer = list[1].name
					}
					fmt.Fprintln(table)
					printHead(table, title, peer)
				}
				r := b.measure(ctx, f, arch, list)
				if ctx.Err() != nil {
					return false, errors.New("interrupted")
				}
				ok = ok && r.OursError == "" && r.PeerError == ""
				report.Results = append(report.Results, r)
				printResult(table, r)
			}
		}
	}
	report.Notes = b.notes
	fmt.Fprintln(table)
	for _, n := range b.notes {
		fmt.Fprintln(table, n)
	}
	if o.json {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		return ok, e.Encode(report)
	}
	return ok, nil
}

// split parts the figures about whole machines from those about processes.
func (o *options) split() (machines, processes []*figure) {
	for _, f := range o.figures {
		if f.prepareProcess != nil {
			processes = append(processes, f)
		} else {
			machines = append(machines, f)
		}
	}
	return machines, processes
}

// openMachine gets a machine's images and its peer.
func (b *bench) openMachine(ctx context.Context, root, arch string, stderr io.Writer) (*guest, error) {
	g, err := openGuest(root, b.temp, arch)
	if err != nil {
		return nil, err
	}
	if b.against != "" {
		b.peers[arch] = forkscope(otherBuild, b.against, true)
		return g, nil
	}
	if path, err := exec.LookPath(targets[arch].system); err == nil {
		b.peers[arch] = qemu(path)
		b.note("peer for %s: %s", arch, version(ctx, path))
	} else {
		fmt.Fprintf(stderr, "bench: %s is not installed: forkscope alone is measured for %s\n", targets[arch].system, arch)
	}
	return g, nil
}

// otherBuild is the peer's name where that is another forkscope.
const otherBuild = "other build"

// openServers gets the program that is debugged, for ours and for the peer.
func (b *bench) openServers(ctx context.Context, binary, arch string, stderr io.Writer) error {
	program, err := buildInferior(ctx, b.temp, arch)
	if err != nil {
		return err
	}
	b.servers = []*server{{"forkscope", []string{binary, "gdbserver"}, program}}
	path, err := exec.LookPath(gdbserverProgram)
	switch {
	case b.against != "":
		b.servers = append(b.servers, &server{otherBuild, []string{b.against, "gdbserver"}, program})
		return nil
	case b.cpu:
		b.note("the time that a program takes under gdbserver is not gdbserver's: forkscope alone is measured for processes")
		return nil
	case err != nil:
		fmt.Fprintf(stderr, "bench: %s is not installed: forkscope alone is measured for processes\n", gdbserverProgram)
		return nil
	case runtime.GOOS != "linux" || runtime.GOARCH != "amd64":
		b.note("this host cannot run an x86-64 program under gdbserver: forkscope alone is measured for processes")
		return nil
	}
	native, err := buildInferior(ctx, b.temp, nativeArch)
	if err != nil {
		return err
	}
	b.servers = append(b.servers, &server{gdbserverProgram, []string{path}, native})
	b.note("peer for processes: %s, with the x86-64 program on the host", version(ctx, path))
	return nil
}

// repository finds the top of the source tree, from the working directory upwards.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		mod, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil && strings.HasPrefix(string(mod), "module forkscope\n") {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s is not inside forkscope's source tree", dir)
		}
	}
}

// build compiles the command.
func build(ctx context.Context, root, binary string) error {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/forkscope")
	cmd.Dir = root
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building forkscope: %w\n%s", err, out)
	}
	return nil
}

// version is the first line of what a program says about itself.
func version(ctx context.Context, path string) string {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return "of unknown version"
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}

// host describes where the figures come from.
func host() string {
	s := fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		load, _, _ := strings.Cut(string(b), " ")
		s += ", load " + load + " at the start"
	}
	return s
}

// progressOn shows what is being measured on a terminal, in one line that is overwritten; elsewhere nothing.
func progressOn(stderr io.Writer) func(string) {
	f, ok := stderr.(*os.File)
	if !ok {
		return func(string) {}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func(string) {}
	}
	return func(s string) { fmt.Fprintf(f, "\r\x1b[K%s", s) }
}
