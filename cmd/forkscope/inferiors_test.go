package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/diff"
)

// repeatNative is for whoever writes a script: one whose text differs from run to run can judge nobody.
var repeatNative = flag.Int("native", 0, "run each script of testdata/inferiors this many times against gdbserver only; it must print the same every time")

// inferiorScript is a script of testdata/inferiors: what a user types after connecting. Its first lines may be settings:
//
//	# program: NAME ARGS…    the program that is debugged; else the one of the script's own name
//	# server: OPTIONS…       options of gdbserver; with --multi it starts no program
//	# before: COMMAND       typed before connecting
//	# once: no               the server waits for another gdb when one has left
//	# connect: COMMAND       in place of "target extended-remote"
//	# machines: i386         not compared on the others
//	# dynamic: yes           the program is linked dynamically, with musl
//
// and, after a command,
//
//	# until: REGEXP          gdb is to print this too, now or later, before the next command is typed
//	# interrupt: REGEXP      Ctrl-C is typed when the program has printed this, while the command runs
//
// In a command, @program@ is the path of the program and @port@ the port of the server.
type inferiorScript struct {
	name     string
	program  string
	args     []string
	server   []string
	before   []string
	connect  string
	machines []string
	dynamic  bool
	again    bool // not --once
	commands []typed
}

// typed is a command and what goes with it.
type typed struct {
	text             string // of several lines, for "commands" and the like
	until, interrupt *regexp.Regexp
}

// opensBlock tells commands that go on until a line "end".
var opensBlock = regexp.MustCompile(`^(commands|define|document|python|if|while)\b`)

func readInferiorScript(t *testing.T, path string) *inferiorScript {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := strings.TrimSuffix(filepath.Base(path), ".gdb")
	s := &inferiorScript{name: name, program: name, connect: "target extended-remote", machines: []string{"i386", "arm64"}}
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
		comment, ok := strings.CutPrefix(line, "#")
		if !ok {
			if line != "" {
				s.commands = append(s.commands, typed{text: line})
			}
			if opensBlock.MatchString(line) && (!strings.HasPrefix(line, "python") || line == "python") {
				depth++
			}
			continue
		}
		key, value, _ := strings.Cut(strings.TrimSpace(comment), ": ")
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
		case "dynamic":
			s.dynamic = value == "yes"
		case "machines":
			s.machines = words
		case "until":
			s.commands[len(s.commands)-1].until = regexp.MustCompile(value)
		case "interrupt":
			s.commands[len(s.commands)-1].interrupt = regexp.MustCompile(value)
		}
	}
	return s
}

// output collects what a process prints; others wait for parts of it.
type output struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	more chan struct{} // closed when something was added
	eof  bool
}

func newOutput() *output { return &output{more: make(chan struct{})} }

func (o *output) copyFrom(r io.Reader) {
	b := make([]byte, 4096)
	for {
		n, err := r.Read(b)
		o.mu.Lock()
		o.buf.Write(b[:n])
		o.eof = err != nil
		close(o.more)
		o.more = make(chan struct{})
		o.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (o *output) from(start int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()[start:]
}

// await returns the position after the first match at or after start.
func (o *output) await(ctx context.Context, start int, re *regexp.Regexp) (int, error) {
	for {
		o.mu.Lock()
		loc, more, eof := re.FindIndex(o.buf.Bytes()[start:]), o.more, o.eof
		o.mu.Unlock()
		switch {
		case loc != nil:
			return start + loc[1], nil
		case eof:
			return 0, fmt.Errorf("the output ended before %q", re)
		}
		select {
		case <-more:
		case <-ctx.Done():
			return 0, fmt.Errorf("%q was not printed in time", re)
		}
	}
}

// inferiorServer is a gdbserver, or ours.
type inferiorServer struct {
	cmd    *exec.Cmd
	stdout *output // of the programs
	stderr *output // of the server
	port   string
}

var listening = regexp.MustCompile(`Listening on port (\d+)\n`)

func startInferiorServer(ctx context.Context, dir string, command []string) (*inferiorServer, error) {
	s := &inferiorServer{cmd: exec.Command(command[0], command[1:]...), stdout: newOutput(), stderr: newOutput()}
	s.cmd.Dir = dir
	// A group of its own, so that nothing is left behind and a Ctrl-C of whoever runs the test doesn't become part of it.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go s.stdout.copyFrom(stdout)
	go s.stderr.copyFrom(stderr)
	if _, err := s.stderr.await(ctx, 0, listening); err != nil {
		s.stop()
		return nil, fmt.Errorf("%v: %w; it said:\n%s%s", command, err, s.stderr.from(0), s.stdout.from(0))
	}
	s.port = listening.FindStringSubmatch(s.stderr.from(0))[1]
	return s, nil
}

func (s *inferiorServer) stop() {
	// gdbserver takes the programs that it started along with it.
	syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	s.cmd.Wait()
}

// prompt ends what gdb prints for a command; no program prints this.
const prompt = "\n<<type here>>\n"

// never matches nothing; to wait for it is to wait for the end.
var never = regexp.MustCompile(`[^\x00-\x{10ffff}]`)

var promptRE = regexp.MustCompile(regexp.QuoteMeta(prompt))

// playInferiorScript types the script into a gdb that is connected to a server, started by command, and returns what a
// user would have seen: the session, then what the programs printed.
func playInferiorScript(t *testing.T, s *inferiorScript, program string, command []string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	server, err := startInferiorServer(ctx, filepath.Dir(program), command)
	if err != nil {
		return "", err
	}
	defer server.stop()

	gdb := exec.CommandContext(ctx, need(t, "gdb-multiarch"), "-nx", "-q",
		"-iex", "set pagination off", "-iex", "set width 0", "-iex", "set confirm off", "-iex", "set debuginfod enabled off",
		"-ex", `set prompt \n`+strings.TrimSpace(prompt)+`\n`)
	gdb.Dir = t.TempDir()
	gdb.Env = append(os.Environ(), "LC_ALL=C", "TERM=dumb")
	gdb.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := gdb.StdinPipe()
	if err != nil {
		return "", err
	}
	pr, pw, err := os.Pipe()
	if err != nil {
		return "", err
	}
	gdb.Stdout, gdb.Stderr = pw, pw
	if err := gdb.Start(); err != nil {
		return "", err
	}
	pw.Close()
	defer gdb.Wait()
	defer gdb.Process.Kill()
	out := newOutput()
	go func() { out.copyFrom(pr); pr.Close() }()

	var session strings.Builder
	pos, err := out.await(ctx, 0, promptRE)
	var commands []typed
	for _, c := range s.before {
		commands = append(commands, typed{text: c})
	}
	commands = append(commands, typed{text: s.connect + " :" + server.port})
	for _, c := range append(commands, s.commands...) {
		if err != nil {
			break
		}
		fmt.Fprintf(&session, "(gdb) %s\n", strings.ReplaceAll(c.text, "\n", "\n>"))
		printed := len(server.stdout.from(0))
		io.WriteString(in, strings.NewReplacer("@program@", program, "@port@", server.port).Replace(c.text)+"\n")
		if c.interrupt != nil {
			if _, err = server.stdout.await(ctx, printed, c.interrupt); err == nil {
				// Let the program get to what it does next.
				time.Sleep(300 * time.Millisecond)
				gdb.Process.Signal(os.Interrupt)
			}
		}
		start := pos
		if err == nil {
			pos, err = out.await(ctx, start, promptRE)
		}
		if err == nil && c.until != nil {
			if _, err = out.await(ctx, start, c.until); err == nil {
				// What belongs to the same stop follows at once, up to the prompt that gdb repeats.
				time.Sleep(200 * time.Millisecond)
				pos = start + len(out.from(start))
			}
		}
		end := pos
		if err != nil {
			end = start + len(out.from(start))
		}
		session.WriteString(out.from(start)[:end-start])
	}
	if err != nil {
		fmt.Fprintf(&session, "[%v]\n", err)
		err = errors.New("the session came to no end")
	} else {
		// gdb kills what is left when it ends; what was detached runs to its end.
		in.Close()
		end, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		for _, o := range []*output{out, server.stderr, server.stdout} {
			o.await(end, len(o.from(0)), never)
		}
	}
	return session.String() + "[the programs printed]\n" + server.stdout.from(0) +
		"[the server printed]\n" + server.stderr.from(0), err
}

// listenAnywhere leaves the choice of the port to the server.
const listenAnywhere = "localhost:0"

// serverCommand is the command line of a server for a script.
func serverCommand(s *inferiorScript, server []string, program string) []string {
	c := append([]string{}, server...)
	if !s.again {
		c = append(c, "--once")
	}
	c = append(c, s.server...)
	if dir := filepath.Dir(program); server[0] != "gdbserver" {
		c = append(c, "--arch", filepath.Base(dir))
		if s.dynamic {
			c = append(c, "--root", filepath.Join(dir, "root"))
		}
	}
	for _, option := range s.server {
		if option == "--multi" {
			return append(c, listenAnywhere)
		}
	}
	return append(append(c, listenAnywhere, program), s.args...)
}

// muslMachine is what the files of a musl are named by.
var muslMachine = map[string]string{"i386": "i386", "arm64": "aarch64"}

// dynamicProgram builds one of the programs for the musl of a machine into a directory, which it returns. In the
// directory root is what the guest needs for it; on the host it is installed.
func dynamicProgram(t *testing.T, arch, program string) string {
	t.Helper()
	loader := "/lib/ld-musl-" + muslMachine[arch] + ".so.1"
	specs := "/usr/lib/" + muslMachine[arch] + "-linux-musl/musl-gcc.specs"
	library, err := os.ReadFile(loader)
	if _, specsErr := os.Stat(specs); err != nil || specsErr != nil {
		t.Skipf("musl for %s is not installed (scripts/setup installs it): %v %v", arch, err, specsErr)
	}
	dir := filepath.Join(t.TempDir(), arch)
	if err := os.MkdirAll(filepath.Join(dir, "root/lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "root", loader), library, 0o755); err != nil {
		t.Fatal(err)
	}
	compileInferior(t, need(t, crossCompiler[arch]), program+".c", dir, "-specs", specs)
	return dir
}

func compileInferior(t *testing.T, compiler, source, dir string, options ...string) {
	t.Helper()
	args := append([]string{"-g", "-O0", "-Wall", "-Werror", "-o", filepath.Join(dir, strings.TrimSuffix(source, ".c")), source}, options...)
	cmd := exec.Command(compiler, args...)
	// Names without a directory, so that gdb prints the same wherever the sources are.
	cmd.Dir = "testdata/inferiors"
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, b)
	}
}

// inferiorPrograms builds programs of testdata/inferiors, all if none is named, for a machine into a directory, which it
// returns.
func inferiorPrograms(t *testing.T, arch string, names ...string) string {
	t.Helper()
	// The emulator's guest has the program under the path that it has here.
	dir := filepath.Join(t.TempDir(), arch)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("testdata/inferiors/*.c")
	if err != nil || len(sources) == 0 {
		t.Fatal("no programs", err)
	}
	compiler := need(t, crossCompiler[arch])
	for _, source := range sources {
		if len(names) > 0 && !slices.Contains(names, strings.TrimSuffix(filepath.Base(source), ".c")) {
			continue
		}
		compileInferior(t, compiler, filepath.Base(source), dir, "-static", "-pthread", "-fno-pie", "-no-pie")
	}
	return dir
}

// TestInferiors judges the process view by gdbserver: it plays each script of testdata/inferiors against a native
// gdbserver and an i386 program, and then against the emulator's, for both machines. gdb must print the same, but for
// what normalizeSession hides.
func TestInferiors(t *testing.T) {
	need(t, "gdbserver")
	scripts, err := filepath.Glob("testdata/inferiors/*.gdb")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts", err)
	}
	if *repeatNative == 0 {
		if out, err := exec.Command("forkscope", "gdbserver", "--version").CombinedOutput(); err != nil {
			t.Fatalf("forkscope gdbserver --version: %v\n%s", err, out)
		}
	}
	dirs := map[string]string{}
	for arch := range crossCompiler {
		dirs[arch] = inferiorPrograms(t, arch)
	}
	for _, path := range scripts {
		s := readInferiorScript(t, path)
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			dirs := dirs
			if s.dynamic {
				dirs = map[string]string{}
				for arch := range crossCompiler {
					dirs[arch] = dynamicProgram(t, arch, s.program)
				}
			}
			play := func(t *testing.T, arch string, server ...string) string {
				program := filepath.Join(dirs[arch], s.program)
				text, err := playInferiorScript(t, s, program, serverCommand(s, server, program))
				text = normalizeSession(text, dirs[arch])
				if err != nil {
					t.Errorf("%v: %v\n%s", server, err, text)
				}
				return text
			}
			want := play(t, "i386", "gdbserver")
			for range *repeatNative - 1 {
				if d := diff.Diff("gdbserver", []byte(want), "gdbserver again", []byte(play(t, "i386", "gdbserver"))); d != nil {
					t.Errorf("%s", d)
				}
			}
			if testing.Verbose() {
				t.Logf("gdbserver:\n%s", want)
			}
			if *repeatNative > 0 || t.Failed() {
				return
			}
			for _, arch := range s.machines {
				t.Run(arch, func(t *testing.T) {
					got := play(t, arch, "forkscope", "gdbserver")
					if d := diff.Diff("gdbserver", []byte(want), "forkscope gdbserver", []byte(got)); d != nil {
						t.Errorf("%s", d)
					}
				})
			}
		})
	}
}
