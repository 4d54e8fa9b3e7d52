package main

import (
	"context"
	"debug/elf"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// inferiorSource is the program that the figures about processes debug.
//
//go:embed inferior/inferior.c
var inferiorSource []byte

// hotPasses is how often the program passes hotUserFunction between two calls of rareUserFunction.
const hotPasses = 2000

// Functions of the program.
const (
	hotUserFunction  = "hot_function"
	rareUserFunction = "rare_function"
	forkingFunction  = "fork_once"
	forkingLines     = "fork_lines"
)

// gdbserverProgram is the peer.
const gdbserverProgram = "gdbserver"

// nativeArch is the machine whose programs a gdbserver on the host can run, where the host is an amd64 Linux: not each of these runs those of i386.
const nativeArch = "native"

// compilerFor is gcc for a machine.
func compilerFor(arch string) string {
	if arch == nativeArch {
		return "gcc"
	}
	return targets[arch].compiler
}

// inferior is the program, linked statically for one machine.
type inferior struct {
	arch    string
	path    string // on the host
	entry   uint64 // its first instruction
	symbols map[string]elf.Symbol
}

// buildInferior compiles the program into temp.
func buildInferior(ctx context.Context, temp, arch string) (*inferior, error) {
	source := filepath.Join(temp, "inferior.c")
	if err := os.WriteFile(source, inferiorSource, 0o600); err != nil {
		return nil, err
	}
	i := &inferior{arch: arch, path: filepath.Join(temp, "inferior-"+arch)}
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, compilerFor(arch), "-static", "-g", "-O1", "-Wall", fmt.Sprintf("-DHOT_PASSES=%d", hotPasses),
		"-o", i.path, source)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compiling the program for %s: %w\n%s", arch, err, out)
	}
	f, err := elf.Open(i.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	i.entry = f.Entry
	i.symbols, err = symbolTable(f)
	return i, err
}

// symbol is a function of the program.
func (i *inferior) symbol(name string) (elf.Symbol, error) {
	if s, ok := i.symbols[name]; ok {
		return s, nil
	}
	return elf.Symbol{}, fmt.Errorf("%s has no symbol %s", i.path, name)
}

// server is one of the two that run a program for gdb: they have the same command line.
type server struct {
	name     string
	argv     []string
	inferior *inferior
}

// listening is what a server prints when gdb can connect.
const listening = "Listening on port"

// start runs the program under the server, which holds it at its first instruction. The server ends with its first
// connection.
func (s *server) start(ctx context.Context, words ...string) (p *process, address string, err error) {
	if address, err = freeAddress(); err != nil {
		return nil, "", err
	}
	argv := append([]string{}, s.argv...)
	argv = append(argv, "--once", address, s.inferior.path)
	p, err = startProcess(ctx, s.name, append(argv, words...))
	return p, address, err
}

// userSession is a program held by a client.
type userSession struct {
	*session
	pid string // as the protocol writes it
}

// processFeatures is what gdb says it can do, as far as it matters here: with it, threads are named with their process and
// a fork is reported.
const processFeatures = "multiprocess+;swbreak+;hwbreak+;fork-events+;vfork-events+;exec-events+;vContSupported+;xmlRegisters=i386"

// passedSignals are those that gdb hands on to the program without a stop unless it is told otherwise: SIGALRM, SIGURG, SIGCHLD and
// such (gdb's numbers).
const passedSignals = "QPassSignals:e;10;14;17;1a;1b;1c;21;24;25;2c;4c;97;"

// debug runs the program and connects to the server.
func (s *server) debug(ctx context.Context, words ...string) (*userSession, error) {
	p, address, err := s.start(ctx, words...)
	if err != nil {
		return nil, err
	}
	conn, err := p.dial(address)
	if err != nil {
		p.kill()
		return nil, err
	}
	u, err := s.open(p, conn)
	if err != nil {
		conn.Close()
		p.kill()
		return nil, p.failed("refused the session: " + err.Error())
	}
	return u, nil
}

func (s *server) open(p *process, conn net.Conn) (*userSession, error) {
	c, err := openClient(conn, s.inferior.arch, processFeatures)
	if err != nil {
		return nil, err
	}
	u := &userSession{session: &session{p, c}}
	if u.pid, err = processOf(c.thread); err != nil {
		return nil, err
	}
	// gdb lets the signals through that it does not stop for.
	return u, c.must(passedSignals)
}

// processOf is the process of a thread id of the form pPID.TID.
func processOf(thread string) (string, error) {
	pid, _, ok := strings.Cut(strings.TrimPrefix(thread, "p"), ".")
	if !ok || !strings.HasPrefix(thread, "p") {
		return "", fmt.Errorf("the stub names a thread %q, without its process", thread)
	}
	return pid, nil
}

// close kills the program and ends the server.
func (u *userSession) close() {
	u.command("vKill;" + u.pid) // it may have ended
	u.session.close()
}

// continueProcess lets the program run to its next stop.
func (u *userSession) continueProcess() error { return u.resume("c:p" + u.pid + ".-1") }

// detachChild lets the child of the fork that was just reported go, as gdb does with detach-on-fork: it looks at the threads
// first, with the child and then the parent selected.
func (u *userSession) detachChild() error {
	child, ok := u.stopField("fork")
	if !ok {
		return fmt.Errorf("stopped by %.60q, not by a fork", u.lastStop)
	}
	thread := string(child)
	pid, err := processOf(thread)
	if err != nil {
		return err
	}
	for _, packet := range []string{"Hg" + thread, "Hg" + u.thread} {
		if err := u.must(packet); err != nil {
			return err
		}
	}
	if list, err := u.command("qXfer:threads:read::0,1000"); err != nil {
		return err
	} else if !strings.Contains(string(list), thread) {
		return fmt.Errorf("child %s is not in the list of threads %.200q", thread, list)
	}
	return u.must("D;" + pid)
}

// gdbProgram is the debugger, which knows both machines.
const gdbProgram = "gdb-multiarch"

// gdb connects a real gdb to the server, which tells it the program, and lets it execute commands.
func (s *server) gdb(ctx context.Context, p *process, address string, commands ...string) (*process, error) {
	if _, _, err := p.line(listening); err != nil {
		return nil, err
	}
	argv := []string{gdbProgram, "-nx", "-q", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set pagination off", "-iex", "set remotetimeout 600",
		"-ex", "target remote " + address}
	for _, c := range commands {
		argv = append(argv, "-ex", c)
	}
	return startProcess(ctx, "gdb with "+s.name, argv)
}

// gdbTime lets gdb execute a script and returns the seconds between its echoing "bench: begin" and "bench: end", and the line it
// prints thereafter that starts with prefix.
func (s *server) gdbTime(ctx context.Context, temp string, words []string, script, prefix string) (seconds float64, text string, err error) {
	p, address, err := s.start(ctx, words...)
	if err != nil {
		return 0, "", err
	}
	defer p.kill()
	file := filepath.Join(temp, "script.gdb")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return 0, "", err
	}
	g, err := s.gdb(ctx, p, address, "source "+file)
	if err != nil {
		return 0, "", err
	}
	defer g.kill()
	var at [2]time.Time
	for i, line := range []string{"bench: begin", "bench: end"} {
		if _, at[i], err = g.line(line); err != nil {
			return 0, "", err
		}
	}
	text, _, err = g.line(prefix)
	return at[1].Sub(at[0]).Seconds(), text, err
}
