package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"forkscope/kernel"
	"forkscope/machine/cpu/arch"
)

// client is a debugger that speaks only as much of the protocol as a test needs.
type client struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func (e *emulator) dial(t *testing.T) *client {
	t.Helper()
	var c net.Conn
	// A socket has its name a moment before anyone listens on it.
	until(t, "a connection", func() (ok bool) {
		var err error
		c, err = net.Dial("unix", e.socket)
		return err == nil
	})
	t.Cleanup(func() { c.Close() })
	return newClient(t, c)
}

// newClient speaks over a connection, with a deadline that only ends a test that hangs.
func newClient(t *testing.T, c net.Conn) *client {
	c.SetDeadline(time.Now().Add(patience))
	return &client{t, c, bufio.NewReader(c)}
}

func (c *client) send(packet string) {
	c.t.Helper()
	if _, err := fmt.Fprintf(c, "$%s#%02x", packet, checksum(packet)); err != nil {
		c.t.Fatal(err)
	}
}

// checksum is the sum of a packet's bytes modulo 256.
func checksum(packet string) (sum byte) {
	for i := range len(packet) {
		sum += packet[i]
	}
	return sum
}

// receive returns the next packet that is no console output.
func (c *client) receive() string {
	c.t.Helper()
	for {
		if _, err := c.r.ReadBytes('$'); err != nil {
			c.t.Fatal("no reply: ", err)
		}
		b, err := c.r.ReadBytes('#')
		if err != nil {
			c.t.Fatal("half a reply: ", err)
		}
		c.r.Discard(2)
		c.Write([]byte("+"))
		if p := string(b[:len(b)-1]); !strings.HasPrefix(p, "O") || p == "OK" {
			return p
		}
	}
}

func (c *client) ask(packet string) string {
	c.t.Helper()
	c.send(packet)
	return c.receive()
}

func (c *client) want(packet, prefix string) {
	c.t.Helper()
	if got := c.ask(packet); !strings.HasPrefix(got, prefix) {
		c.t.Errorf("%s: reply %q, want %q…", packet, got, prefix)
	}
}

// ended waits for the emulator and returns its exit status.
func (e *emulator) ended(t *testing.T) int {
	t.Helper()
	select {
	case <-e.done:
		return e.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatalf("forkscope did not end; it said:\n%s", e.out.String())
		return 0
	}
}

// A guest that runs for ever, so that only the debugger or a signal ends it.
var endless = []string{"--verbose", "--append", "-- /bin/intloop 4000000000"}

func forBoth(t *testing.T, f func(t *testing.T, args []string)) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			f(t, append([]string{"--arch", arch}, endless...))
		})
	}
}

func TestInterruptAndDetach(t *testing.T) {
	forBoth(t, func(t *testing.T, args []string) {
		e := startEmulator(t, args...)
		for range 3 {
			c := e.dial(t)
			c.want("?", "T0")
			c.send("c")
			e.running(t)
			c.Write([]byte{3})
			if stop := c.receive(); !strings.HasPrefix(stop, "T02") {
				t.Errorf("Ctrl-C gave %q", stop)
			}
			c.want("D", "OK")
			c.Close()
		}
		e.cmd.Process.Signal(syscall.SIGTERM)
		if status := e.ended(t); status != 128+15 {
			t.Errorf("SIGTERM gave status %d", status)
		}
	})
}

// A debugger that vanishes while the guest runs leaves it stopped, and the next one finds it there.
func TestLostDebugger(t *testing.T) {
	forBoth(t, func(t *testing.T, args []string) {
		e := startEmulator(t, args...)
		c := e.dial(t)
		c.send("c")
		e.running(t)
		c.Close()
		c = e.dial(t)
		c.want("?", "T0")
		before := c.ask("g")
		for range 5 {
			c.Close()
			c = e.dial(t)
			if after := c.ask("g"); after != before || len(after) < 100 {
				t.Error("the guest did not wait for its debugger")
			}
		}
		c.want("vKill;400000", "OK")
		c.Close()
		if status := e.ended(t); status != 128+9 {
			t.Errorf("a kill gave status %d", status)
		}
	})
}

// A real gdb that is killed in the middle of continue.
func TestKilledGDB(t *testing.T) {
	e := startEmulator(t, endless...)
	cmd := gdbCommand(context.Background(), t, "-batch", "-ex", "target remote "+e.socket, "-ex", "break no_such_place", "-ex", "continue")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	e.running(t)
	cmd.Process.Kill()
	cmd.Wait()
	c := e.dial(t)
	c.want("?", "T0")
	c.want("vCont?", "vCont;c;C;s;S")
	c.want("D", "OK")
}

// A second debugger is told in words why it is not served, one that says nothing is in nobody's way, and the first goes on.
func TestSecondDebuggerIsTurnedAway(t *testing.T) {
	e := startEmulator(t, endless...)
	e.dial(t) // and says nothing
	first := e.dial(t)
	first.want("?", "T05")
	second := e.dial(t)
	for _, packet := range []string{"qSupported:multiprocess+", "vMustReplyEmpty"} {
		second.want(packet, "E.another debugger is connected")
	}
	first.want("qC", "QC")
	first.send("c")
	first.Close()
	second.Close()
	third := e.dial(t)
	third.want("?", "T0") // 5 where the first was gone before its packet had been read
}

// Garbage gets a NAK or an error, and the session goes on.
func TestGarbagePackets(t *testing.T) {
	e := startEmulator(t, endless...)
	c := e.dial(t)
	c.Write([]byte("$g#00")) // wrong checksum
	if b, err := c.r.ReadByte(); err != nil || b != '-' {
		t.Errorf("a wrong checksum gave %q, %v", b, err)
	}
	c.Write(append(append([]byte("$"), bytes.Repeat([]byte("A"), 1<<20)...), []byte("#00")...)) // far over PacketSize
	c.Write([]byte("\x00\xff}}}###"))
	// The over-long packet may have got an error beside its NAK.
	for got := c.ask("qC"); !strings.HasPrefix(got, "QC"); got = c.receive() {
		if !strings.HasPrefix(got, "E") {
			t.Errorf("an over-long packet gave %q", got)
		}
	}
	for _, p := range []string{"m", "mzz,1", "m0,ffffffffffffffff", "Z9,0,1", "Z0", "G00", "P99999=0", "vCont;x", "vCont;c:zz", "Hgqq", "qXfer:features:read:target.xml:zz",
		"qXfer:threads:read::ffffffffffffffff,1", "X0,10:x", "T999999", "qRcmd,zz", "vFile:open:zz", "vFile:pread:99,1,0"} {
		if got := c.ask(p); got != "" && !strings.HasPrefix(got, "E") && !strings.HasPrefix(got, "F-1") && !strings.HasPrefix(got, "l") {
			t.Errorf("%s: reply %.60q", p, got)
		}
	}
	c.want("?", "T05")
	c.want("qC", "QC")
}

// The guest's own output and status come through a debugger's session unharmed.
func TestRunUnderDebugger(t *testing.T) {
	for _, arch := range arch.Names() {
		e := startEmulator(t, "--arch", arch, "--append", "-- /bin/status 9")
		c := e.dial(t)
		if got := c.ask("vCont;c"); got != "W09" {
			t.Errorf("%s: the end was reported as %q", arch, got)
		}
		c.Close()
		if status := e.ended(t); status != 9 {
			t.Errorf("%s: status %d", arch, status)
		}
	}
}

// gdb starts the emulator itself and talks over its standard input and output.
func TestStdio(t *testing.T) {
	cmd := gdbCommand(context.Background(), t, "-batch", "-ex", "target remote | forkscope run --quiet --arch arm64 --gdb -", "-ex", "break do_exit", "-ex", "continue", "-ex", "bt 1", "-ex", "kill")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "#0  do_exit (") || !strings.Contains(string(out), "demo: child:") {
		t.Errorf("%v:\n%s", err, out)
	}
}

// Without waiting, the guest runs at once and a debugger finds it running.
func TestNoWait(t *testing.T) {
	e := startEmulator(t, append([]string{"--wait=false"}, endless...)...)
	until(t, "a program in the guest", func() bool {
		c := e.dial(t)
		c.want("?", "T0")
		threads := c.ask("qfThreadInfo")
		c.want("D", "OK")
		c.Close()
		return strings.Count(threads, ",") >= 2
	})
	if _, err := os.Stat(e.socket); err != nil {
		t.Error(err)
	}
}

// A kernel without debug information: the debugger is shown its symbols and the CPU as one thread, and the user why.
func TestKernelWithoutTypes(t *testing.T) {
	whole, err := kernel.Image("i386")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "vmlinux")
	if err := os.WriteFile(path, bytes.ReplaceAll(whole, []byte(".debug_info\x00"), []byte(".other_info\x00")), 0o600); err != nil {
		t.Fatal(err)
	}
	e := startEmulator(t, "--kernel", path, "--initrd", "../../guests/image/initramfs-i386.cpio", "--append", "-- /bin/status 7")
	c := e.dial(t)
	c.want("qfThreadInfo", "m1")
	c.want("qsThreadInfo", "l")
	c.want("qXfer:exec-file:read::0,100", "l/boot/vmlinux-i386")
	c.want("qRcmd,"+hex.EncodeToString([]byte("tasks")), hex.EncodeToString([]byte("no tasks are known: the kernel's debug information: there is none")))
	c.want("vCont;s:1", "T05")
	c.want("vCont;c", "W07")
	c.Close()
	if status := e.ended(t); status != 7 {
		t.Errorf("status %d", status)
	}
	if want := "forkscope: gdb is shown the CPU as one thread, since no tasks are known: the kernel's debug information: there is none\n"; !strings.Contains(e.out.String(), want) {
		t.Errorf("no warning: %s", e.out.String())
	}
}

// A debugger that goes away in the middle of a step over a breakpoint, and one that finds no trace of it.
func TestReattachInStepOver(t *testing.T) {
	forBoth(t, func(t *testing.T, args []string) {
		e := startEmulator(t, args...)
		c := e.dial(t)
		at := strings.TrimPrefix(c.ask("qRcmd,"+hex.EncodeToString([]byte("translate schedule"))), "O")
		text, err := hex.DecodeString(at)
		if err != nil {
			t.Fatal(err)
		}
		schedule := strings.TrimPrefix(strings.Fields(string(text))[0], "0x")
		c.want("Z0,"+schedule+",4", "OK")
		c.want("vCont;c", "T05thread")
		c.want("z0,"+schedule+",4", "OK")
		c.send("vCont;s")
		c.Close()
		c = e.dial(t)
		c.want("?", "T0")
		// Its breakpoint is gone with it: nothing but Ctrl-C stops the guest.
		c.send("vCont;c")
		c.Write([]byte{3})
		if stop := c.receive(); !strings.HasPrefix(stop, "T02") {
			t.Errorf("stopped by %q", stop)
		}
		c.want("vKill;400000", "OK")
	})
}

// A guest that waits for its console is stopped by Ctrl-C, and shown idle.
func TestInterruptIdle(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			e := startEmulator(t, "--verbose", "--arch", arch, "--append", "-- /bin/cat")
			c := e.dial(t)
			interrupt := func() string {
				c.send("vCont;c")
				c.Write([]byte{3})
				return c.receive()
			}
			c.send("vCont;c")
			e.running(t)
			c.Write([]byte{3})
			c.receive()
			until(t, "the idle guest", func() bool {
				interrupt()
				return strings.Contains(c.ask("qXfer:threads:read::0,1000"), ">idle, kernel thread<")
			})
			for range 2 {
				if stop := interrupt(); !strings.HasPrefix(stop, "T02thread:400000;") {
					t.Errorf("Ctrl-C gave %q", stop)
				}
			}
			if list := c.ask("qXfer:threads:read::0,1000"); !strings.Contains(list, ">idle, kernel thread<") {
				t.Errorf("threads: %s", list)
			}
			// A step of the halted CPU waits for an interrupt, and can be interrupted.
			c.send("vCont;s:400000;c")
			c.Write([]byte{3})
			if stop := c.receive(); !strings.HasPrefix(stop, "T02thread:400000;") {
				t.Errorf("Ctrl-C in a step gave %q", stop)
			}
			c.want("vKill;400000", "OK")
		})
	}
}

// What an editor does: the machine interface, all threads, expressions and memory.
func TestMachineInterface(t *testing.T) {
	e := startEmulator(t, "--arch", "arm64")
	cmd := gdbCommand(context.Background(), t, "-i=mi")
	cmd.Dir = "../.."
	cmd.Stdin = strings.NewReader(strings.Join([]string{
		"-gdb-set confirm off",
		"-target-select remote " + e.socket,
		"-break-insert -c \"p->tgid == 2\" copy_thread",
		"-exec-continue --all",
		"-thread-info",
		"-stack-list-frames --thread 2",
		"-data-evaluate-expression p->comm",
		"-data-list-register-names",
		"-data-read-memory-bytes &init_task 8",
		"-exec-next",
		"-exec-finish",
		"-break-delete 1",
		"-exec-continue --all",
		"-gdb-exit",
	}, "\n") + "\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Error(err)
	}
	rest := string(out)
	for _, want := range []string{
		`^connected`, `^done,bkpt={number="1"`, `evaluated-by="target"`, `*stopped,reason="breakpoint-hit"`, `stopped-threads="all"`,
		`^done,threads=[{id="1",target-id="Thread 4194304.4194304",details="runnable, kernel thread",name="swapper"`, `func="do_fork"`,
		`^done,value="\"demo\"`, `"x30","sp","pc","cpsr"`, `^done,memory=[{begin="0x`, `*stopped,reason="end-stepping-range"`,
		`*stopped,reason="function-finished"`, `*stopped,reason="exited-normally"`, `^exit`,
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("%s is missing in what gdb printed:\n%s", want, out)
		}
		rest = after
	}
	if bytes.Contains(out, []byte("^error")) {
		t.Errorf("an error:\n%s", out)
	}
}
