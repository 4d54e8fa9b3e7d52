package inferiors

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// script is a script of testdata: what a user types after connecting. Its first lines may be settings:
//
//	# program: NAME ARGS…    the program that is debugged; else the one of the script's own name
//	# server: OPTIONS…       options of gdbserver; with --multi it starts no program
//	# before: COMMAND        typed before connecting
//	# once: no               the server waits for another gdb when one has left
//	# connect: COMMAND       in place of "target extended-remote"
//	# machines: i386         the script is about what only these machines have in common with x86-64
//	# pace: real             idle time passes in ours as on the host; else it takes none
//	# hide: REGEXP           lines like it are not compared: how many there are is chance
//	# dynamic: yes           the program is linked dynamically, with musl
//
// and, after a command,
//
//	# until: REGEXP          gdb is to print this too, now or later, before the next command is typed
//	# printed: REGEXP        the program is to print this before the next command is typed
//	# interrupt: REGEXP      Ctrl-C is typed when the program has printed this, while the command runs
//
// Any other comment is for readers. In a command, @program@ is the path of the program, @port@ the port of the server,
// and @number@ and @result@ are the registers that hold the number of a system call and its result.
type script struct {
	name     string
	program  string
	args     []string
	server   []string
	before   []string
	connect  string
	machines []string
	dynamic  bool
	pace     string
	hide     *regexp.Regexp
	again    bool // not --once
	commands []typed
}

// typed is a command and what goes with it.
type typed struct {
	text string // of several lines, for "commands" and the like

	until, printed, interrupt *regexp.Regexp
}

// opensBlock tells commands that go on until a line "end".
var opensBlock = regexp.MustCompile(`^(commands|define|document|python|if|while)\b`)

func readScript(path string) (*script, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	name := strings.TrimSuffix(filepath.Base(path), ".gdb")
	s := &script{name: name, program: name, connect: "target extended-remote", machines: machines, pace: "none"}
	depth := 0
	for in := bufio.NewScanner(f); in.Scan(); {
		line := in.Text()
		if depth > 0 {
			c := &s.commands[len(s.commands)-1]
			c.text += "\n" + line
			if word := strings.TrimSpace(line); word == "end" {
				depth--
			} else if opensBlock.MatchString(word) {
				depth++
			}
			continue
		}
		if comment, ok := strings.CutPrefix(line, "#"); ok {
			if err := s.setting(strings.TrimSpace(comment)); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", path, line, err)
			}
			continue
		}
		if line != "" {
			s.commands = append(s.commands, typed{text: line})
		}
		if opensBlock.MatchString(line) && (!strings.HasPrefix(line, "python") || line == "python") {
			depth++
		}
	}
	if len(s.commands) == 0 {
		return nil, fmt.Errorf("%s: nothing is typed", path)
	}
	return s, nil
}

// setting takes a comment of a script.
func (s *script) setting(comment string) error {
	key, value, _ := strings.Cut(comment, ": ")
	words := strings.Fields(value)
	switch key {
	case "program":
		s.program, s.args = words[0], words[1:]
	case "server":
		s.server = words
	case "before":
		s.before = append(s.before, value)
	case "connect":
		s.connect = value
	case "once":
		s.again = value == "no"
	case "pace":
		s.pace = value
	case "hide":
		re, err := regexp.Compile(value)
		if err != nil {
			return err
		}
		s.hide = re
	case "dynamic":
		s.dynamic = value == "yes"
	case "machines":
		s.machines = words
	case "until", "printed", "interrupt":
		if len(s.commands) == 0 {
			return fmt.Errorf("no command is before it")
		}
		re, err := regexp.Compile(value)
		if err != nil {
			return err
		}
		last := &s.commands[len(s.commands)-1]
		*map[string]**regexp.Regexp{"until": &last.until, "printed": &last.printed, "interrupt": &last.interrupt}[key] = re
	}
	return nil
}

// visible is a text without the lines that the script hides.
func (s *script) visible(text string) string {
	if s.hide == nil {
		return text
	}
	lines := slices.Collect(strings.Lines(text))
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return s.hide.MatchString(line) }), "")
}

// commandLine is the command line of a server for a script.
func (s *script) commandLine(server []string, machine string, p *program) []string {
	c := append([]string{}, server...)
	if !s.again {
		c = append(c, "--once")
	}
	c = append(c, s.server...)
	if machine != nativeMachine {
		c = append(c, "--arch", machine, "--pace", s.pace)
		if p.root != "" {
			c = append(c, "--root", p.root)
		}
	}
	c = append(c, "localhost:0") // the choice of the port is the server's
	if slices.Contains(s.server, "--multi") {
		return c
	}
	return append(append(c, p.path), s.args...)
}
