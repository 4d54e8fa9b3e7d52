package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// screen is a terminal on which a command runs.
type screen struct {
	master, slave *os.File
	mu            sync.Mutex
	text          bytes.Buffer
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	s := &screen{master: master, slave: slave}
	go io.Copy(s, master)
	return s
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *screen) shows() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// start runs the command on the screen, which becomes its own.
func (s *screen) start(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("forkscope", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.slave, s.slave, s.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd
}

// raw says whether what is typed is passed on as it is.
func (s *screen) raw(t *testing.T) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(s.slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&(unix.ICANON|unix.ECHO) == 0 && state.Oflag&unix.OPOST == 0
}

// TestTerminalIsGivenBack: however the command ends, the terminal is as it was, and what the command said while it was raw stands in lines.
func TestTerminalIsGivenBack(t *testing.T) {
	for _, c := range []struct {
		name   string
		end    func(s *screen, p *os.Process)
		status int
	}{
		{"SIGTERM", sends(syscall.SIGTERM), 128 + 15},
		{"SIGHUP", sends(syscall.SIGHUP), 128 + 1},
		{"SIGINT", sends(syscall.SIGINT), 128 + 2},
		{"SIGQUIT", sends(syscall.SIGQUIT), 2}, // Go's own status, after its report
		{"SIGSEGV", sends(syscall.SIGSEGV), 2},
		{"SIGABRT", sends(syscall.SIGABRT), 2},
		{"Ctrl-A x", func(s *screen, _ *os.Process) { s.master.Write([]byte("\x01x")) }, statusFailure},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScreen(t)
			cmd := s.start(t, append([]string{"run", "--gdb", "127.0.0.1:0", "--wait=false"}, endless...)...)
			until(t, "a raw terminal", func() bool { return s.raw(t) && strings.Contains(s.shows(), "gdb can connect") })
			c.end(s, cmd.Process)
			cmd.Wait()
			if status := cmd.ProcessState.ExitCode(); status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if s.raw(t) {
				t.Error("the terminal is raw")
			}
			if text := strings.ReplaceAll(s.shows(), "\r\n", ""); strings.Contains(text, "\n") {
				t.Errorf("a line without its carriage return: %q", text)
			}
		})
	}
}

func sends(sig syscall.Signal) func(*screen, *os.Process) {
	return func(_ *screen, p *os.Process) { p.Signal(sig) }
}

// TestTerminalIsLent: while the command is stopped the terminal is as it was.
func TestTerminalIsLent(t *testing.T) {
	s := newScreen(t)
	cmd := s.start(t, append([]string{"run"}, endless...)...)
	until(t, "a raw terminal", func() bool { return s.raw(t) })
	for range 2 {
		cmd.Process.Signal(syscall.SIGTSTP)
		until(t, "a stopped command", func() bool {
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
			if err != nil {
				t.Fatal(err)
			}
			return strings.HasPrefix(string(b[bytes.LastIndexByte(b, ')')+1:]), " T")
		})
		if s.raw(t) {
			t.Error("a stopped command has left the terminal raw")
		}
		cmd.Process.Signal(syscall.SIGCONT)
		until(t, "a raw terminal again", func() bool { return s.raw(t) })
	}
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	if s.raw(t) {
		t.Error("the terminal is raw")
	}
}

// TestTerminalAfterCrash: a goroutine that crashes gives the terminal back first.
func TestTerminalAfterCrash(t *testing.T) {
	s := newScreen(t)
	own := openTerminal(s.slave)
	if own == nil {
		t.Fatal("a terminal is not taken for one")
	}
	if err := own.take(); err != nil || !s.raw(t) || !own.raw() {
		t.Fatal("the terminal cannot be taken", err)
	}
	func() {
		defer func() {
			if recover() != "crash" {
				t.Error("the crash is hidden")
			}
		}()
		defer own.guard()
		panic("crash")
	}()
	if s.raw(t) {
		t.Error("the terminal is raw")
	}
}
