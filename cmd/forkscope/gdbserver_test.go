package main

import (
	"bufio"
	"bytes"
	"context"
	"debug/elf"
	"fmt"
	"net"
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

	"forkscope/machine/cpu/arch"
	"forkscope/scripts/oracle"
)

// servedSource is a program that does what its first argument says.
const servedSource = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	char line[256];

	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "where")) {
		printf("%s %s %s %s\n", argv[0], getcwd(line, sizeof line), getenv("FORKSCOPE_TEST"), argv[2]);
		return 0;
	}
	if (!strcmp(how, "read")) {
		while (fgets(line, sizeof line, stdin))
			printf("read %s", line);
		return 0;
	}
	puts("hello");
	return atoi(how);
}
`

// servedProgram builds it for a machine as DIR/served.
func servedProgram(t *testing.T, arch string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(dir, "served.c")
	if err := os.WriteFile(source, []byte(servedSource), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "served")
	if b, err := exec.Command(need(t, compilerFor(arch)), "-static", "-g", "-o", out, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return out
}

// served is a running gdbserver, native or ours.
type served struct {
	cmd    *exec.Cmd
	mu     sync.Mutex
	stdout bytes.Buffer
	stderr bytes.Buffer
	done   chan struct{}
}

func (s *served) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.String()
}

func (s *served) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.Write(b)
}

// serve starts server, a command and its first words, with args, in dir.
func serve(t *testing.T, server []string, dir string, args ...string) *served {
	t.Helper()
	return serveInto(t, false, server, dir, args...)
}

// serveInto does so, with both output streams in one if together is set.
func serveInto(t *testing.T, together bool, server []string, dir string, args ...string) *served {
	t.Helper()
	words := append(append([]string{}, server[1:]...), args...)
	s := &served{cmd: exec.Command(need(t, server[0]), words...), done: make(chan struct{})}
	s.cmd.Dir = dir
	s.cmd.Env = append(os.Environ(), "FORKSCOPE_TEST=value")
	s.cmd.Stdout, s.cmd.Stderr = &s.stdout, s
	if together {
		s.cmd.Stdout = s
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.cmd.Wait(); close(s.done) }()
	t.Cleanup(func() { s.cmd.Process.Kill() })
	return s
}

var listeningOn = regexp.MustCompile(`Listening on port (\d+)\n`)

// dial connects to the server when it has said for the n-th time that it listens.
func (s *served) dial(t *testing.T, n int) *client {
	t.Helper()
	for start := time.Now(); time.Since(start) < patience; {
		if m := listeningOn.FindAllStringSubmatch(s.said(), -1); len(m) >= n {
			c, err := net.Dial("tcp", "127.0.0.1:"+m[n-1][1])
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			c.SetDeadline(time.Now().Add(patience))
			return &client{t, c, bufio.NewReader(c)}
		}
		select {
		case <-s.done:
			t.Fatalf("the server has ended; it said:\n%s", s.said())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("the server does not listen; it said:\n%s", s.said())
	return nil
}

// await waits for text among what the server says.
func (s *served) await(t *testing.T, text string) {
	t.Helper()
	for start := time.Now(); time.Since(start) < patience; {
		if strings.Contains(s.said(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%q was not said:\n%s", text, s.said())
}

// ended waits for the server's end and returns its exit status; a signal is 128 plus its number, as a shell would say.
func (s *served) ended(t *testing.T) int {
	t.Helper()
	select {
	case <-s.done:
	case <-time.After(patience):
		t.Fatalf("the server did not end; it said:\n%s", s.said())
	}
	if w := s.cmd.ProcessState.Sys().(syscall.WaitStatus); w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.cmd.ProcessState.ExitCode()
}

// hello begins a session as gdb does and returns the process that is debugged, in the protocol's notation.
func (c *client) hello(extended bool) (pid string) {
	c.t.Helper()
	c.want("qSupported:multiprocess+;swbreak+;vContSupported+", "PacketSize=")
	if extended {
		c.want("!", "OK")
	}
	if m := regexp.MustCompile(`thread:p([0-9a-f]+)\.`).FindStringSubmatch(c.ask("?")); m != nil {
		return m[1]
	}
	return ""
}

var numbers = regexp.MustCompile(`(pid = |process |process\(es\): |port )\d+`)

// serverSession is a command line and what happens then.
type serverSession struct {
	name string
	args []string
	play func(t *testing.T, s *served)
}

// TestServerLines makes the same sessions with the host's gdbserver and with ours: what they and the program print and how they end is the same but for
// the numbers of processes and ports.
func TestServerLines(t *testing.T) {
	needNativeServer(t)
	programs := map[string]string{}
	for _, arch := range append(arch.Names(), nativeMachine) {
		programs[arch] = servedProgram(t, arch)
	}
	for i, session := range serverSessions(programs[nativeMachine]) {
		t.Run(session.name, func(t *testing.T) {
			want := session.lines(t, filepath.Dir(programs[nativeMachine]), "gdbserver")
			for _, arch := range arch.Names() {
				if got := serverSessions(programs[arch])[i].lines(t, filepath.Dir(programs[arch]), "forkscope", "gdbserver"); got != want {
					t.Errorf("gdbserver:\n%s\nours, %s:\n%s", want, arch, got)
				}
				oracle.Compared(serverBehavior, nativeServer, 1)
			}
		})
	}
}

// lines are what a server, started in the program's directory, and the program print, and the status.
func (c *serverSession) lines(t *testing.T, dir string, server ...string) string {
	t.Helper()
	s := serveInto(t, true, server, dir, c.args...)
	c.play(t, s)
	status := s.ended(t)
	text := numbers.ReplaceAllString(strings.ReplaceAll(s.said(), dir, "DIR"), "${1}N")
	return fmt.Sprintf("%s[status %d]\n", text, status)
}

// serverSessions are sessions with a program.
func serverSessions(program string) []serverSession {
	again := func(t *testing.T, s *served) { s.await(t, "GDBserver will reopen the connection.\nListening") }
	return []serverSession{
		{"to its end", []string{":0", "./served"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(false)
			c.want("vCont;c", "W0;")
			c.Close()
		}},
		{"status", []string{"--once", "localhost:0", program, "7"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(false)
			c.want("vCont;c", "W7;")
			c.Close()
		}},
		{"name without a directory", []string{"--no-startup-with-shell", "127.0.0.1:0", "served"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(false)
			c.want("vCont;c", "W0;")
			c.Close()
		}},
		{"signal", []string{":0", "./served", "abort"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(false)
			c.want("vCont;c", "T06")
			c.want("vCont;C06", "X6;")
			c.Close()
		}},
		{"kill", []string{":0", "./served"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.want("vKill;"+c.hello(false), "OK")
			c.Close()
		}},
		{"kill in one word", []string{":0", "./served"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(false)
			c.send("k")
		}},
		{"detach", []string{":0", "./served"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.want("D;"+c.hello(false), "OK")
			c.Close()
		}},
		{"disconnect and come back", []string{":0", "./served"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(false)
			c.Close()
			c = s.dial(t, 2)
			c.hello(false)
			c.want("vCont;c", "W0;")
			c.Close()
		}},
		{"disconnect with --once", []string{"--once", ":0", "./served"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(false)
			c.Close()
		}},
		{"monitor exit", []string{":0", "./served"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(false)
			c.send("qRcmd,65786974")
			c.Write([]byte("+")) // for the answer, which gdbserver waits for
		}},
		{"extended", []string{":0", "./served"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(true)
			c.want("vCont;c", "W0;")
			c.want("?", "W00")
			c.Close()
			again(t, s)
			s.cmd.Process.Signal(syscall.SIGTERM)
		}},
		{"extended, run again", []string{"--once", ":0", "./served"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(true)
			c.want("vCont;c", "W0;")
			c.want(fmt.Sprintf("vRun;%x;%x", "./served", "3"), "T05")
			c.want("vCont;c", "W3;")
			c.Close()
		}},
		{"multi", []string{"--multi", ":0"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(true)
			c.want("?", "W00")
			c.want("vRun;", "E")
			c.Close()
			again(t, s)
			c = s.dial(t, 2)
			c.hello(true)
			c.send("qRcmd,65786974")
			c.Write([]byte("+")) // for the answer, which gdbserver waits for
		}},
		{"multi and not extended", []string{"--multi", ":0"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(false)
			c.Close()
		}},
		{"multi, once", []string{"--multi", "--once", ":0", program}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(true)
			c.Close()
		}},
		{"interrupt", []string{":0", "./served"}, func(t *testing.T, s *served) {
			s.dial(t, 1).hello(false)
			s.cmd.Process.Signal(syscall.SIGINT)
		}},
		{"in its place and with its environment", []string{":0", "./served", "where", "a b*"}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.hello(false)
			c.want("vCont;c", "W0;")
			c.Close()
		}},
		{"environment and directory by packets", []string{"--once", "--multi", ":0", program}, func(t *testing.T, s *served) {
			c := s.dial(t, 1)
			c.want("vKill;"+c.hello(true), "OK")
			run := func() {
				c.want(fmt.Sprintf("vRun;%x;%x;%x", program, "where", "x"), "T05")
				c.want("vCont;c", "W0;")
			}
			c.want("QStartupWithShell:0", "OK")
			c.want(fmt.Sprintf("QEnvironmentHexEncoded:%x", "FORKSCOPE_TEST=by packet"), "OK")
			c.want(fmt.Sprintf("QSetWorkingDir:%x", "/tmp"), "OK")
			run()
			c.want(fmt.Sprintf("QEnvironmentUnset:%x", "FORKSCOPE_TEST"), "OK")
			run()
			c.want("QEnvironmentReset", "OK")
			c.want("QSetWorkingDir:", "OK")
			run()
			c.Close()
		}},
	}
}

// What is wrong with a command line is said in words, with gdbserver's exit status; where gdbserver's own words are good, in those.
func TestServerBadInput(t *testing.T) {
	needNativeServer(t)
	program := servedProgram(t, "i386")
	nativeDir := filepath.Dir(servedProgram(t, nativeMachine))
	dir := filepath.Dir(program)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	dynamic := filepath.Join(dir, "dynamic")
	if err := os.WriteFile(dynamic, tinyELF(elf.EM_386, elf.ET_DYN, "/lib/ld-nowhere.so.1"), 0o755); err != nil {
		t.Fatal(err)
	}
	other := servedProgram(t, "arm64")
	t.Chdir(dir)
	for _, c := range []struct {
		name   string
		args   []string
		want   string
		native bool // gdbserver says so too
	}{
		{"nothing", nil, "Usage:\t", true},
		{"no program", []string{":0"}, "Usage:\t", true},
		{"no COMM", []string{"--once"}, "Usage:\t", true},
		{"attach to nothing", []string{"--attach", ":0"}, "Usage:\t", true},
		{"attach to two", []string{"--attach", ":0", "1", "2"}, "Usage:\t", true},
		{"unknown option", []string{"--frobnicate", ":0", program}, "Unknown argument: --frobnicate\n", true},
		{"unknown option with a value", []string{"--frobnicate=1", ":0", program}, "Unknown argument: --frobnicate=1\n", true},
		{"unknown debug format", []string{"--debug-format=all,foo", ":0", program}, "Unknown debug-format argument: \"foo\"\n", true},
		{"busy port", []string{busy.Addr().String(), program}, "Can't bind address: Address already in use.\nExiting\n", true},
		{"no such program", []string{":0", "./none"}, "During startup program exited with code 127.\nExiting\n", true},
		{"no program at all", []string{":0", "./served.c"}, "During startup program exited with code 126.\nExiting\n", true},
		{"a directory", []string{":0", dir}, "During startup program exited with code 126.\nExiting\n", true},
		{"no such process", []string{"--attach", ":0", "999999"}, "Cannot attach to process 999999: No such process (3)\nExiting\n", true},
		{"no port", []string{":no", program}, ":no: cannot resolve name: ", true},
		{"port out of range", []string{":99999", program}, "99999 is not a port number\nExiting\n", false},
		{"no address", []string{"nothing", program}, "Could not open remote device: ", true},
		{"every address", []string{"0.0.0.0:0", program}, "not a loopback address", false},
		{"process in words", []string{"--attach", ":0", "init"}, "Cannot attach to process init", false},
		{"wrapper", []string{"--wrapper", "env", "A=b", "--", ":0", program}, "--wrapper: there is nothing in the guest", false},
		{"self test", []string{"--selftest"}, "--selftest: there are no", false},
		{"packets", []string{"--disable-packet=vCont", ":0", program}, "--disable-packet: no packet", false},
		{"dynamic without its libraries", []string{":0", dynamic}, "needs /lib/ld-nowhere.so.1, which neither the guest nor ", false},
		{"other machine", []string{"--arch", "arm64", ":0", program}, "is a program for i386", false},
		{"no such machine", []string{"--arch", "mips", ":0", program}, "--arch mips: there is no such machine", false},
		{"a clock that stands still", []string{"--clock", "0", ":0", program}, "--clock 0: an instruction takes a whole number of nanoseconds from 1 to 1000000", false},
		{"a pace there is not", []string{"--pace", "fast", ":0", program}, "--pace fast: there is no such pace; choose real or none", false},
		{"log in no folder", []string{"--record", "no/log", ":0", program}, "no/log: no such file or directory", false},
		{"memory in words", []string{"--memory", "lots", ":0", program}, "--memory lots: not a size", false},
		{"option without its value", []string{"--root"}, "--root: needs a value", false},
		{"no such root", []string{"--root", "none", ":0", program}, "none: no such file or directory", false},
		{"root is a file", []string{"--root", program, ":0", program}, "not a directory", false},
		{"program without attach", []string{"--program", program, ":0", other}, "only --attach needs it", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			status := doMain(append([]string{"forkscope", "gdbserver"}, c.args...), nil, &stdout, &stderr)
			if status != 1 || !strings.Contains(stderr.String(), c.want) || strings.Count(c.want, "Usage") == 0 && strings.Count(stderr.String(), "\n") > 3 {
				t.Errorf("status %d, and it said, where %q was wanted:\n%s", status, c.want, &stderr)
			}
			if !c.native {
				return
			}
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			args := slices.Clone(c.args)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], dir, nativeDir)
			}
			native := exec.CommandContext(ctx, "gdbserver", args...)
			native.Dir = nativeDir
			if b, err := native.CombinedOutput(); err == nil || !strings.Contains(string(b), c.want) {
				t.Errorf("gdbserver says otherwise: %v\n%s", err, b)
			}
			oracle.Compared(serverBehavior, nativeServer, 1)
		})
	}
}
