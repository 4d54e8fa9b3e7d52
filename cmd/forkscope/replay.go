package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"forkscope/guests"
	"forkscope/kernel"
	"forkscope/machine"
	"forkscope/machine/timeline"

	"github.com/urfave/cli/v2"
)

func replayCommand(stdout, stderr io.Writer) *cli.Command {
	return &cli.Command{
		Name:      "replay",
		Usage:     "repeat a run that --record has written down",
		ArgsUsage: "FILE",
		Description: `The run is the same, bit for bit, with all that was typed and all that a debugger did to it, but without the waiting.
What the guest prints is printed again. The exit status is 0 if the run has come to where it was left.`,
		OnUsageError:    flagError,
		HideHelpCommand: true,
		Action: func(c *cli.Context) error {
			if c.Args().Len() != 1 {
				return usagef("replay: needs one FILE, which forkscope run --record FILE has written")
			}
			return replay(c.Args().First(), stdout, stderr)
		},
	}
}

// replay repeats the run of a log and says whether it was the same.
func replay(path string, stdout, stderr io.Writer) error {
	b, err := readFile(path)
	if err != nil {
		return err
	}
	log, err := timeline.Read(bytes.NewReader(b))
	if err != nil {
		return usagef("%s: %v", path, err)
	}
	config, err := rebuild(log, stdout, stderr)
	if err != nil {
		return usagef("%s: %v", path, err)
	}
	if why := log.Header.Differs(header(config)); why != "" {
		return usagef("%s: %s", path, why)
	}
	m, stop, err := machine.Repeat(config, log.Log)
	if err != nil {
		return usagef("%s: %v", path, err)
	}
	defer m.Close()
	for _, s := range config.Streams {
		if s.Out != nil {
			s.Out.Flush(context.Background())
		}
	}
	switch digest := m.Digest(); {
	case stop.Reason == machine.Diverged:
		return fmt.Errorf("%s: %s", path, stop.Message())
	case m.Clock().Mark() != log.Log.End:
		return fmt.Errorf("%s: the run ends at %v (%s), and the log's at %v", path, m.Clock().Mark(), stop.Message(), log.Log.End)
	case digest != log.Digest:
		return fmt.Errorf("%s: at %v, its end, the run is in another state: digest %s, the log's %s", path, log.Log.End, digest, log.Digest)
	default:
		fmt.Fprintf(stderr, "forkscope: the same run: digest %s\n", digest)
	}
	return nil
}

// rebuild makes the configuration of a log's machine, of the files in the log and this forkscope's own. Whether it is the same is for its header to tell.
func rebuild(f *timeline.File, stdout, stderr io.Writer) (c machine.Config, err error) {
	h := f.Header
	c = machine.Config{
		Arch: h.Value("machine"), Cmdline: h.Value("command line"), BIOS: f.Parts["bios"], Semihosting: h.Value("semihosting") != "",
		FlatKernel: h.Value("kernel's header") != "", Kernel: f.Parts["kernel"],
	}
	if err := checkArch(c.Arch); err != nil || c.Arch == "" {
		return c, fmt.Errorf("there is no machine %q", c.Arch)
	}
	for _, n := range []struct {
		name string
		to   *uint64
	}{{"memory", &c.MemorySize}, {"nanoseconds per instruction", &c.Clock}} {
		if *n.to, err = strconv.ParseUint(h.Value(n.name), 10, 64); err != nil {
			return c, fmt.Errorf("%s %q is no number", n.name, h.Value(n.name))
		}
	}
	if c.Date, err = time.Parse(time.RFC3339, h.Value("date")); err != nil {
		return c, fmt.Errorf("date %q is none", h.Value("date"))
	}
	if c.Kernel == nil && c.BIOS == nil {
		if c.Kernel, err = kernel.Image(c.Arch); err != nil {
			return c, err
		}
	}
	for i := range strings.Fields(h.Value("initial files")) {
		archive, ok := f.Parts[initialFile(i)]
		if !ok {
			if archive, err = guests.Initramfs(c.Arch); err != nil {
				return c, err
			}
		}
		c.Initrd = append(c.Initrd, archive)
	}
	c.Console = stdout
	for _, word := range strings.Fields(h.Value("streams")) {
		s, err := recordedStream(word, stdout, stderr)
		if err != nil {
			return c, err
		}
		c.Streams = append(c.Streams, s)
		if s.Out != nil {
			c.Console = stderr
		}
	}
	return c, nil
}

// recordedStream is one of the host's ends of a log's streams. Nothing comes from it but by the log.
func recordedStream(word string, stdout, stderr io.Writer) (s machine.Stream, err error) {
	at := strings.IndexAny(word, "<>")
	if at <= 0 {
		return s, fmt.Errorf("stream %q is none", word)
	}
	s.Name = word[:at]
	atOnce := word[at+1:] == "at-once"
	switch {
	case word[at] == '<' && atOnce:
		return s, fmt.Errorf("the run's %s was a file, which is not in the log", s.Name)
	case word[at] == '<':
		s.In = machine.NewInput(nobody{}, false)
	case s.Name == "stderr":
		s.Out = machine.NewOutput(stderr, atOnce, nil)
	default:
		s.Out = machine.NewOutput(stdout, atOnce, nil)
	}
	return s, nil
}

// nobody is an input from which nothing ever comes.
type nobody struct{}

func (nobody) Read([]byte) (int, error) { select {} }
