package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"forkscope/machine/cpu/arch"
	"forkscope/scripts/oracle"
)

// patience bounds what hangs. How long anything takes depends on how busy the host is.
const patience = 4 * time.Minute

// emulator is a running forkscope that serves gdb on a Unix socket.
type emulator struct {
	socket string
	record string // the log of the run
	cmd    *exec.Cmd
	out    printed // the guest's console and the emulator's own messages
	done   chan error
}

func startEmulator(t *testing.T, args ...string) *emulator {
	t.Helper()
	dir, err := os.MkdirTemp("", "forkscope")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	e := &emulator{socket: filepath.Join(dir, "gdb"), record: filepath.Join(dir, "log"), done: make(chan error, 1)}
	e.cmd = exec.Command("forkscope", append([]string{"run", "--gdb", "unix:" + e.socket, "--record", e.record, "--pace", "none"}, args...)...)
	e.cmd.Stdout, e.cmd.Stderr = &e.out, &e.out
	if _, err := e.cmd.StdinPipe(); err != nil { // nothing comes by it, and no end
		t.Fatal(err)
	}
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { e.done <- e.cmd.Wait() }()
	t.Cleanup(func() { e.cmd.Process.Kill() })
	until(t, "forkscope's socket", func() bool {
		select {
		case err := <-e.done:
			t.Fatalf("forkscope did not open its socket: %v; it said:\n%s", err, e.out.String())
		default:
		}
		_, err := os.Stat(e.socket)
		return err == nil
	})
	return e
}

// replays ends the emulator and repeats its run from the log, with no debugger: whatever a debugger has done to it, it must come to the same state.
func (e *emulator) replays(t *testing.T) {
	t.Helper()
	e.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-e.done:
	case <-time.After(patience):
		t.Fatal("SIGTERM did not end the emulator")
	}
	out, err := exec.Command("forkscope", "replay", e.record).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "forkscope: the same run: ") {
		t.Errorf("replay: %v; it said:\n%s", err, out)
	}
}

// printed is what a process has printed so far.
type printed struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.String()
}

// until waits for a condition; the limit only ends a test that hangs.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for start := time.Now(); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Since(start) > patience {
			t.Fatalf("%s does not come about", what)
		}
	}
}

// running waits until the guest, which stood at its first instruction, runs.
func (e *emulator) running(t *testing.T) {
	t.Helper()
	until(t, "the kernel's banner", func() bool { return strings.Contains(e.out.String(), "forkscope kernel") })
}

// gdbCommand is a gdb for a list of commands, which waits for a busy host.
func gdbCommand(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(ctx, need(t, "gdb-multiarch"), append([]string{"-nx", "-q", "-iex", "set pagination off", "-iex", "set width 0", "-iex", "set confirm off",
		"-iex", "set remotetimeout 600", "-iex", "set tcp connect-timeout 600"}, args...)...)
}

// gdb runs a script in a fresh gdb connected to e, from the top of the repository, where sources are found by name.
func (e *emulator) gdb(t *testing.T, script string) string {
	t.Helper()
	path, err := filepath.Abs(script)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := gdbCommand(ctx, t, "-batch", "-ex", "target remote "+e.socket, "-x", path)
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("gdb did not end in time; it printed:\n%s\nthe emulator:\n%s", out, e.out.String())
	}
	if err != nil {
		t.Logf("gdb: %v", err)
	}
	return string(out)
}

// TestGDB runs the triples in testdata/gdb on both machines: NAME.gdb is what the user types, NAME.c, if there, the
// program that is debugged (else the built-in demo), and NAME.expected what gdb must print: one regular expression a
// line, to be found in this order; "!" before one says that it must not be found at all, and "arm64:" or "i386:" that
// the line is about that machine only. Options for forkscope run can follow "# run:" in the script's first line; without
// them the kernel alone is shown.
func TestGDB(t *testing.T) {
	scripts, err := filepath.Glob("testdata/gdb/*.gdb")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, script := range scripts {
		name := strings.TrimSuffix(script, ".gdb")
		for _, arch := range arch.Names() {
			t.Run(filepath.Base(name)+"/"+arch, func(t *testing.T) {
				t.Parallel()
				args := append(runOptions(t, script), "--arch", arch)
				if _, err := os.Stat(name + ".c"); err == nil {
					args = append(args, compile(t, arch, name+".c"))
				}
				e := startEmulator(t, args...)
				out := e.gdb(t, script)
				oracle.Compared(gdbSessions, "what the script expects", 1)
				if msg := compare(out, name+".expected", arch); msg != "" {
					t.Errorf("%s\ngdb printed:\n%s\nthe emulator:\n%s", msg, out, e.out.String())
				}
				e.replays(t)
			})
		}
	}
}

// runOptions are the options that a script wants.
func runOptions(t *testing.T, script string) []string {
	t.Helper()
	b, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(b), "\n")
	if options, ok := strings.CutPrefix(first, "# run:"); ok {
		return strings.Fields(options)
	}
	return []string{"--view", "kernel"}
}

// compile makes a static program for a machine and returns its path.
func compile(t *testing.T, arch, source string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(source), ".c"))
	cmd := exec.Command(need(t, crossCompiler[arch]), "-static", "-g", "-O1", "-o", out, source)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, b)
	}
	return out
}

// compare says what is wrong with gdb's output, or nothing.
func compare(out, expected, arch string) string {
	b, err := os.ReadFile(expected)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(out, "\n")
	next := 0
	for i, want := range strings.Split(strings.TrimRight(string(b), "\n"), "\n") {
		for a := range crossCompiler {
			if rest, ok := strings.CutPrefix(want, a+":"); ok {
				want = rest
				if a != arch {
					want = ""
				}
			}
		}
		if want == "" || strings.HasPrefix(want, "#") {
			continue
		}
		pattern, never := strings.CutPrefix(want, "!")
		re, err := regexp.Compile(pattern)
		if err != nil {
			return fmt.Sprintf("%s:%d: %v", expected, i+1, err)
		}
		if never {
			for _, l := range lines {
				if re.MatchString(l) {
					return fmt.Sprintf("%s:%d: %q was printed: %s", expected, i+1, pattern, l)
				}
			}
			continue
		}
		for next < len(lines) && !re.MatchString(lines[next]) {
			next++
		}
		if next == len(lines) {
			return fmt.Sprintf("%s:%d: %q is missing", expected, i+1, pattern)
		}
		next++
	}
	return ""
}
