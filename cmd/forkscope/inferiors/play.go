package inferiors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"forkscope/machine/cpu/arch"
)

// server is a gdbserver, or ours.
type server struct {
	cmd    *exec.Cmd
	stdout *Output // of the programs
	stderr *Output // of the server
	port   string
}

var (
	listening = regexp.MustCompile(`Listening on port (\d+)\n`)
	reopened  = regexp.MustCompile(`GDBserver will reopen the connection\.\nListening on port \d+\n`)
)

func startServer(ctx context.Context, dir string, command []string) (*server, error) {
	s := &server{cmd: exec.Command(command[0], command[1:]...), stdout: NewOutput(), stderr: NewOutput()}
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
	go s.stdout.CopyFrom(stdout)
	go s.stderr.CopyFrom(stderr)
	if _, _, err := s.stderr.Await(ctx, 0, listening); err != nil {
		s.stop()
		return nil, fmt.Errorf("%v: %w; it said:\n%s%s", command, err, s.stderr.From(0), s.stdout.From(0))
	}
	s.port = listening.FindStringSubmatch(s.stderr.From(0))[1]
	return s, nil
}

func (s *server) stop() {
	// gdbserver takes the programs that it started along with it.
	syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	s.cmd.Wait()
}

// settled waits for all that the server and its programs print after a session.
func (s *server) settled(ctx context.Context, again bool) error {
	if again {
		_, _, err := s.stderr.Await(ctx, 0, reopened)
		return err
	}
	return errors.Join(s.stderr.AwaitEnd(ctx), s.stdout.AwaitEnd(ctx))
}

// patience bounds a session that hangs. gdb waits no less for a reply; what it waits for depends on how busy the host is.
const patience = 4 * time.Minute

var gdbOptions = []string{"-nx", "-q", "-iex", "set pagination off", "-iex", "set width 0", "-iex", "set confirm off",
	"-iex", "set debuginfod enabled off", "-iex", "set remotetimeout 600", "-iex", "set tcp connect-timeout 600"}

// prompt ends what gdb prints for a command; no program prints this. settled is what gdb is told to print, to see what it prints before.
const (
	prompt      = "\n<<type here>>\n"
	settledText = "<<settled>>"
)

var (
	promptRE  = regexp.MustCompile(regexp.QuoteMeta(prompt))
	settledRE = regexp.MustCompile(settledText + `\n(?s:.*?)` + regexp.QuoteMeta(prompt))
)

// user is someone at a gdb that is connected to a server.
type user struct {
	gdb    *exec.Cmd
	in     io.WriteCloser
	out    *Output
	server *server
	read   int             // how much of out has been looked at
	seen   strings.Builder // the session
}

func newUser(t *testing.T, ctx context.Context, s *server) (*user, error) {
	u := &user{server: s, out: NewOutput()}
	u.gdb = exec.CommandContext(ctx, need(t, "gdb-multiarch"), append(gdbOptions, "-ex", `set prompt \n`+strings.TrimSpace(prompt)+`\n`)...)
	u.gdb.Dir = t.TempDir()
	u.gdb.Env = append(os.Environ(), "LC_ALL=C", "TERM=dumb")
	u.gdb.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if u.in, err = u.gdb.StdinPipe(); err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	u.gdb.Stdout, u.gdb.Stderr = w, w
	if err := u.gdb.Start(); err != nil {
		return nil, err
	}
	w.Close()
	go func() { u.out.CopyFrom(r); r.Close() }()
	return u, nil
}

func (u *user) leave() {
	u.gdb.Process.Kill()
	u.gdb.Wait()
}

// types a command, as it is in the script and as gdb is to get it, and waits for all that gdb prints.
func (u *user) types(ctx context.Context, c typed, text string) error {
	fmt.Fprintf(&u.seen, "(gdb) %s\n", strings.ReplaceAll(c.text, "\n", "\n>"))
	printed, start := len(u.server.stdout.From(0)), u.read
	io.WriteString(u.in, text+"\n")
	end, err := u.answer(ctx, c, printed)
	if err != nil {
		end = start + len(u.out.From(start))
		u.read = end
	}
	u.seen.WriteString(u.out.From(start)[:end-start])
	return err
}

// answer returns where that which gdb prints for a command ends.
func (u *user) answer(ctx context.Context, c typed, printed int) (end int, err error) {
	if c.interrupt != nil {
		if _, _, err := u.server.stdout.Await(ctx, printed, c.interrupt); err != nil {
			return 0, err
		}
		u.gdb.Process.Signal(os.Interrupt)
	}
	start := u.read
	if _, u.read, err = u.out.Await(ctx, start, promptRE); err != nil {
		return 0, err
	}
	if c.printed != nil {
		if _, _, err := u.server.stdout.Await(ctx, printed, c.printed); err != nil {
			return 0, err
		}
	}
	if c.until == nil {
		return u.read, nil
	}
	if _, _, err = u.out.Await(ctx, start, c.until); err != nil {
		return 0, err
	}
	// What belongs to the same stop is printed before gdb takes the next command.
	io.WriteString(u.in, `echo `+settledText+`\n`+"\n")
	end, u.read, err = u.out.Await(ctx, start, settledRE)
	return end, err
}

// play types the script into a gdb that is connected to a server, started by command, and returns what a user would have
// seen: the session, then what the programs printed.
func (s *script) play(t *testing.T, machine string, p *program, command []string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var log string
	if machine != nativeMachine {
		log = filepath.Join(t.TempDir(), "log")
		command = slices.Insert(slices.Clone(command), 2, "--record", log)
	}
	server, err := startServer(ctx, p.dir(), command)
	if err != nil {
		return "", err
	}
	defer server.stop()
	u, err := newUser(t, ctx, server)
	if err != nil {
		return "", err
	}
	defer u.leave()

	var commands []typed
	for _, c := range s.before {
		commands = append(commands, typed{text: c})
	}
	commands = append(commands, typed{text: s.connect + " :" + server.port})
	_, u.read, err = u.out.Await(ctx, 0, promptRE)
	number, result := callRegisters(machine)
	words := strings.NewReplacer("@program@", p.path, "@port@", server.port, "@number@", number, "@result@", result)
	for _, c := range append(commands, s.commands...) {
		if err != nil {
			break
		}
		err = u.types(ctx, c, words.Replace(c.text))
	}
	if err == nil {
		// gdb kills what is left when it ends; what was detached runs to its end.
		u.in.Close()
		err = errors.Join(u.out.AwaitEnd(ctx), server.settled(ctx, s.again))
	}
	if err != nil {
		fmt.Fprintf(&u.seen, "[%v]\n", err)
		err = errors.New("the session came to no end")
	}
	seen := u.seen.String() + "[the programs printed]\n" + server.stdout.From(0) + "[the server printed]\n" + server.stderr.From(0)
	if err == nil && log != "" {
		replays(ctx, t, server, command[0], log)
	}
	return seen, err
}

// replays repeats the runs of a session from their logs, with no debugger: whatever that has done to them, they must come to the same state.
func replays(ctx context.Context, t *testing.T, s *server, forkscope, log string) {
	t.Helper()
	s.cmd.Process.Signal(syscall.SIGTERM) // one that waits for another session ends by it
	if err := errors.Join(s.stderr.AwaitEnd(ctx), s.stdout.AwaitEnd(ctx)); err != nil {
		t.Errorf("SIGTERM does not end the server: %v", err)
		return
	}
	logs, err := filepath.Glob(log + "*")
	if err != nil || len(logs) == 0 {
		t.Errorf("no logs: %v", err)
	}
	for _, log := range logs {
		out, err := exec.CommandContext(ctx, forkscope, "replay", log).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "forkscope: the same run: ") {
			t.Errorf("replay: %v; it said:\n%s", err, out)
		}
	}
}

// callRegisters are, as gdb's expressions, those that hold a system call's number, as long as it is going on, and its result.
func callRegisters(machine string) (number, result string) {
	if machine == nativeMachine {
		return "$orig_rax", "$rax"
	}
	call := &arch.Named(machine).Syscall
	return "$" + call.NumberInCall(), "(long)$" + call.Result
}
