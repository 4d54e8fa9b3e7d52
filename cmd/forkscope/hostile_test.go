package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"forkscope/machine/cpu/arch"
)

// Clients, readers and files that misbehave.

const helloGDB = "qSupported:multiprocess+;swbreak+;hwbreak+;vContSupported+;fork-events+"

// program compiles a source text for a machine.
func programOf(t *testing.T, arch, text string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(dir, "program.c")
	if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return compile(t, arch, source)
}

const (
	spins  = "volatile int n; int main(void) { for (;;) n++; }\n"
	prints = "#include <stdio.h>\nint main(void) { for (;;) puts(\"0123456789012345678901234567890123456789012345678901234567890123456789\"); }\n"
	forks  = `#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	for (int i = 0; i < 3; i++)
		if (!fork())
			_exit(0);
	while (wait(0) > 0)
		;
	puts("all are back");
	return 3;
}
`
)

// freePort is a port that nobody listens on and nobody else is about to: it is none of those that the system gives away, and
// no two tests try the same.
func freePort(t *testing.T) string {
	t.Helper()
	const first, count = 15000, 15000
	for range count {
		at := fmt.Sprintf("127.0.0.1:%d", first+(os.Getpid()*32+int(portsTried.Add(1)))%count)
		if l, err := net.Listen("tcp", at); err == nil {
			l.Close()
			return at
		}
	}
	t.Fatal("every port is taken")
	return ""
}

var portsTried atomic.Int32

// TestPortOpensReady: as soon as anything answers at the port, the whole debugger does: what gdb waits for has been prepared.
func TestPortOpensReady(t *testing.T) {
	program := programOf(t, "arm64", spins)
	for name, args := range map[string][]string{
		"gdbserver": {"gdbserver", "PORT", program},
		"process":   {"run", "--view", "process", "--gdb", "PORT", program},
		"kernel":    {"run", "--arch", "arm64", "--gdb", "PORT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := freePort(t)
			for i, a := range args {
				args[i] = strings.Replace(a, "PORT", at, 1)
			}
			cmd := exec.Command("forkscope", args...)
			said, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
			var c net.Conn
			until(t, "a connection", func() bool { c, err = net.Dial("tcp", at); return err == nil })
			defer c.Close()
			// The first to be said when everything is ready is where to connect: it is in the pipe already, or about to be.
			client := newClient(t, c)
			packet := "$" + helloGDB + "#" + fmt.Sprintf("%02x", checksum(helloGDB))
			c.Write([]byte("+" + packet + packet)) // sent again, as by a gdb that had to wait
			client.receive()
			if got := client.ask("vMustReplyEmpty"); got != "" {
				t.Errorf("the second packet is answered by %.40q", got)
			}
			client.want("?", "T05")
			buf := make([]byte, 4096)
			n, _ := said.Read(buf)
			if n == 0 {
				t.Error("nothing was said")
			}
		})
	}
}

// TestRunsWithoutItsDebugger: a program whose processes nobody has come to see runs as by itself.
func TestRunsWithoutItsDebugger(t *testing.T) {
	for _, arch := range arch.Names() {
		e := startEmulator(t, "--view", "process", "--wait=false", programOf(t, arch, forks))
		if status := e.ended(t); status != 3 || !strings.Contains(e.out.String(), "all are back") {
			t.Errorf("%s: status %d:\n%s", arch, status, e.out.String())
		}
	}
}

// TestNonStopEndsWithItsSession: a debugger that has said QNonStop:1 and is gone leaves nothing of it to the next one.
func TestNonStopEndsWithItsSession(t *testing.T) {
	program := programOf(t, "arm64", spins)
	for _, show := range []string{"process", "both"} {
		for _, running := range []bool{false, true} {
			e := startEmulator(t, "--view", show, program)
			c := e.dial(t)
			c.want(helloGDB, "PacketSize=")
			c.want("QNonStop:1", "OK")
			c.want("?", "T0")
			if running {
				c.want("vCont;c:p-1.-1", "OK")
			}
			c.Close()
			c = e.dial(t)
			c.want(helloGDB, "PacketSize=")
			c.want("?", "T0")
			c.interrupted("vCont;c", "T02")
			c.want("QNonStop:1", "OK")
			c.want("vCont;c:p-1.-1", "OK")
			e.cmd.Process.Signal(syscall.SIGTERM)
			if status := e.ended(t); status != 128+15 {
				t.Errorf("%s: SIGTERM in non-stop mode: status %d", show, status)
			}
		}
	}
}

// interrupted sends a packet that lets the guest run, and Ctrl-C. (Whether the guest has begun to run then makes no difference to it.)
func (c *client) interrupted(packet, prefix string) {
	c.t.Helper()
	c.send(packet)
	c.Write([]byte{3})
	if got := c.receive(); !strings.HasPrefix(got, prefix) {
		c.t.Errorf("%s and Ctrl-C: %.60q, want %q…", packet, got, prefix)
	}
}

// acknowledged waits until the packet sent last has been taken.
func (c *client) acknowledged() {
	c.t.Helper()
	if b, err := c.r.ReadBytes('+'); err != nil || len(b) != 1 {
		c.t.Errorf("instead of an acknowledgement %q, %v", b, err)
	}
}

// TestFullPipe: a reader of the program's output that has fallen asleep stops the guest, and nobody else.
func TestFullPipe(t *testing.T) {
	program := programOf(t, "arm64", prints)
	for _, c := range []struct {
		name  string
		both  bool // stderr is the same pipe
		debug bool
		args  []string
	}{
		{"run", false, false, []string{"run", program}},
		{"run --gdb", false, true, []string{"run", "--gdb", "ADDRESS", program}},
		{"process", false, true, []string{"run", "--view", "process", "--gdb", "ADDRESS", program}},
		{"gdbserver", false, true, []string{"gdbserver", "ADDRESS", program}},
		{"messages too", true, true, []string{"run", "--view", "process", "--gdb", "ADDRESS", program}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at := freePort(t)
			args := strings.Fields(strings.Replace(strings.Join(c.args, " "), "ADDRESS", at, 1))
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			cmd := exec.Command("forkscope", args...)
			cmd.Stdout = w
			if c.both {
				cmd.Stderr = w
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			t.Cleanup(func() { cmd.Process.Kill() })
			var debugger *client
			if c.debug {
				var conn net.Conn
				until(t, "a connection", func() bool { conn, err = net.Dial("tcp", at); return err == nil })
				defer conn.Close()
				debugger = newClient(t, conn)
				debugger.want(helloGDB, "PacketSize=")
				debugger.send("vCont;c")
			}
			until(t, "a full pipe", func() bool { return full(t, w) })
			if debugger != nil {
				debugger.Write([]byte{3})
				if got := debugger.receive(); !strings.HasPrefix(got, "T02") {
					t.Errorf("Ctrl-C: %.60q", got)
				}
				debugger.want("qC", "QC")
				debugger.interrupted("vCont;c", "T02")
				debugger.send("vCont;c")
			}
			cmd.Process.Signal(syscall.SIGTERM)
			cmd.Wait()
			if status := cmd.ProcessState.ExitCode(); status != 128+15 {
				t.Errorf("SIGTERM: status %d", status)
			}
		})
	}
}

// full says whether a write to a pipe would wait.
func full(t *testing.T, w *os.File) bool {
	t.Helper()
	fds := []unix.PollFd{{Fd: int32(w.Fd()), Events: unix.POLLOUT}}
	n, err := unix.Poll(fds, 0)
	if err != nil {
		t.Fatal(err)
	}
	return n == 0
}

// TestOutputIsWhole: a slow reader gets every byte.
func TestOutputIsWhole(t *testing.T) {
	const lines = 30_000
	program := programOf(t, "arm64", fmt.Sprintf("#include <stdio.h>\nint main(void) { for (int i = 0; i < %d; i++) printf(\"%%d\\n\", i); }\n", lines))
	cmd := exec.Command("forkscope", "run", "--quiet", program)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	// It begins to read when the pipe is full.
	until(t, "a full pipe", func() bool { return full(t, w) })
	w.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	text := strings.ReplaceAll(string(b), "\r", "")
	var want strings.Builder
	for i := range lines {
		fmt.Fprintf(&want, "%d\n", i)
	}
	if !strings.HasSuffix(text, want.String()) {
		t.Errorf("%d bytes of output, want %d at the end of it", len(text), want.Len())
	}
}

// TestSpecialFilesAreNotRun: a debugger cannot make the command open a pipe or a device, and its session goes on.
func TestSpecialFilesAreNotRun(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, []string{"forkscope", "gdbserver"}, dir, "--multi", ":0")
	c := s.dial(t, 1)
	c.hello(true)
	for _, file := range []string{fifo, "/dev/zero", dir, "/dev/tty"} {
		c.want(fmt.Sprintf("vRun;%x", file), "E")
	}
	c.want("?", "W00")
	for _, line := range []string{"fifo: not a regular file\n", "/dev/zero: not a regular file\n", ": is a directory\n"} {
		s.await(t, line)
	}
}

// TestHTTPDrivesNothing: a web page that posts packets to the port neither stops nor kills the guest.
func TestHTTPDrivesNothing(t *testing.T) {
	e := startEmulator(t, append([]string{"--wait=false"}, endless...)...)
	for _, method := range []string{"POST", "PUT", "OPTIONS", "BREW"} {
		c := e.dial(t)
		fmt.Fprintf(c, "%s / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 24\r\n\r\n$k#6b$vKill;1#6f$?#3f", method)
		if b, _ := io.ReadAll(c); len(b) > 0 {
			t.Errorf("%s is answered by %q", method, b)
		}
	}
	c := e.dial(t)
	c.want(helloGDB, "PacketSize=")
	c.interrupted("vCont;c", "T02")
	c.want("D", "OK")
}

// TestComingBack: a debugger that comes back is told the stop that it has heard of last, and no signal if the guest has run since; where it has let go of
// the program, it finds it alive.
func TestComingBack(t *testing.T) {
	program := programOf(t, "arm64", spins)
	for _, show := range []string{"process", "kernel", "both"} {
		e := startEmulator(t, "--view", show, program)
		come := func() *client {
			c := e.dial(t)
			c.want(helloGDB, "PacketSize=")
			return c
		}
		c := come()
		c.want("?", "T05") // as a program at its first instruction
		c.interrupted("vCont;c", "T02")
		c.Close()
		c = come()
		c.want("?", "T02")
		c.send("vCont;c")
		c.acknowledged() // before that is read, the guest may not run
		c.Close()
		c = come()
		c.want("?", "T00")
		c.want("D", "OK")
		c.Close()
		c = come()
		c.want("?", "T00")
		if show == "process" {
			c.want("qAttached:2", "1") // so that gdb lets go of it when it quits
		}
		c.interrupted("vCont;c", "T02")
		c.want("qRcmd,"+hex.EncodeToString([]byte("exit")), "OK")
		if status := e.ended(t); status != 0 {
			t.Errorf("monitor exit: status %d", status)
		}
	}
}

// TestReset: the guest starts again from power on, by monitor reset and by gdb's run.
func TestReset(t *testing.T) {
	for _, arch := range arch.Names() {
		e := startEmulator(t, append([]string{"--view", "kernel", "--arch", arch}, endless...)...)
		c := e.dial(t)
		c.want("!", "OK")
		first := c.ask("g")
		for _, packet := range []string{"qRcmd," + hex.EncodeToString([]byte("reset")), "vRun;", "R00"} {
			c.interrupted("vCont;c", "T02")
			if packet == "R00" {
				c.send(packet)
			} else if got := c.ask(packet); strings.HasPrefix(got, "E") {
				t.Errorf("%s: %s: %q", arch, packet, got)
			}
			if got := c.ask("g"); got != first {
				t.Errorf("%s: after %s the registers are others", arch, packet)
			}
		}
	}
}
