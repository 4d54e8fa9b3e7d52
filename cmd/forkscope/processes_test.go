package main

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"forkscope/machine"
	"forkscope/machine/cpu/arch"
)

// A program's process is debugged from its first instruction on, which is where its ELF file says.
func TestProcessView(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			program := servedProgram(t, arch)
			f, _, err := openELF(program, mustRead(t, program))
			if err != nil {
				t.Fatal(err)
			}
			e := startEmulator(t, "--view", "process", program, "5")
			c := e.dial(t)
			if pid := c.hello(false); pid != "2" {
				t.Errorf("process %q is debugged", pid)
			}
			stop := c.ask("?")
			var entry string
			for v, n := f.Entry, 0; n < map[string]int{"i386": 4, "arm64": 8}[arch]; n++ {
				entry += fmt.Sprintf("%02x", byte(v))
				v >>= 8
			}
			if pc := map[string]string{"i386": "8:", "arm64": "20:"}[arch] + entry + ";"; !strings.Contains(stop, pc) {
				t.Errorf("the first stop is %s, where the pc's %s is missing", stop, pc)
			}
			c.want("vCont;c", "W5;process:2")
			c.Close()
			if status := e.ended(t); status != 5 {
				t.Errorf("status %d", status)
			}
		})
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Which inferior a debugger finds: the kernel under its number, the kernel as before there were processes, or the program.
func TestViews(t *testing.T) {
	program := servedProgram(t, "i386")
	for view, want := range map[string]string{"both": "thread:p400000.", "kernel": "thread:", "process": "thread:p2.2;"} {
		e := startEmulator(t, "--view", view, program, "4")
		c := e.dial(t)
		c.want("qSupported:multiprocess+;swbreak+;vContSupported+", "PacketSize=")
		if stop := c.ask("?"); !strings.Contains(stop, want) || view == "kernel" && strings.Contains(stop, "thread:p") {
			t.Errorf("--view %s: stopped with %s", view, stop)
		}
		c.want("vCont;c", "W")
		c.Close()
		if status := e.ended(t); status != 4 {
			t.Errorf("--view %s: status %d", view, status)
		}
	}
}

// A program that is started again runs in a machine of its own, and the end of the command is that one's.
func TestRunAgain(t *testing.T) {
	for _, arch := range arch.Names() {
		program := servedProgram(t, arch)
		e := startEmulator(t, "--view", "process", program, "5")
		c := e.dial(t)
		c.hello(true)
		for range 5 {
			c.want("vCont;c", "W5;process:2")
			c.want(fmt.Sprintf("vRun;;%x", "5"), "T05")
		}
		c.want(fmt.Sprintf("vKill;%x", 2), "OK")
		// Not the host's programs, as from gdbserver, but the guest's.
		c.want(fmt.Sprintf("vRun;%x", "/usr/bin/env"), "E")
		c.want(fmt.Sprintf("QSetWorkingDir:%x", "/nowhere"), "OK")
		c.want(fmt.Sprintf("vRun;%x;%x", "/bin/status", "9"), "E")
		c.want(fmt.Sprintf("QSetWorkingDir:%x", "/"), "OK")
		c.want(fmt.Sprintf("vRun;%x;%x", "/bin/status", "9"), "T05")
		c.want("vCont;c", "W9;process:2")
		c.Close()
		if status := e.ended(t); status != 9 {
			t.Errorf("%s: status %d; it said:\n%s", arch, status, e.out.String())
		}
	}
}

// A process of the guest is attached to when it is there, and goes on to its end when it is let go.
func TestServerAttach(t *testing.T) {
	for _, arch := range arch.Names() {
		s := serve(t, []string{"forkscope", "gdbserver"}, ".", "--arch", arch, "--attach", ":0", "3")
		c := s.dial(t, 1)
		if pid := c.hello(false); pid != "3" {
			t.Errorf("%s: process %q is debugged", arch, pid)
		}
		c.want("qAttached:3", "1")
		c.want("D;3", "OK")
		c.Close()
		if status := s.ended(t); status != 0 || !strings.Contains(s.stdout.String(), "child 3 ended with status 42\n") {
			t.Errorf("%s: status %d, and the guest printed:\n%s", arch, status, s.stdout.String())
		}
		if !strings.HasPrefix(s.said(), "Attached; pid = 3\nListening on port ") {
			t.Errorf("%s: %s", arch, s.said())
		}
	}
}

// What is typed to the server, before the program runs or later, is the program's to read, without an echo.
func TestServerInput(t *testing.T) {
	program := servedProgram(t, "arm64")
	cmd := exec.Command("forkscope", "gdbserver", "--once", ":0", program, "read")
	cmd.Stdin = strings.NewReader("one\ntwo\n")
	s := &served{cmd: cmd, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &s.stdout, s
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	go func() { cmd.Wait(); close(s.done) }()
	c := s.dial(t, 1)
	c.hello(false)
	c.want("vCont;c", "W0;")
	c.Close()
	if status := s.ended(t); status != 0 || s.stdout.String() != "read one\nread two\n" {
		t.Errorf("status %d, printed %q", status, s.stdout.String())
	}
}

// The same over standard input and output, where the program has neither.
func TestServerStdio(t *testing.T) {
	program := servedProgram(t, "i386")
	for _, comm := range []string{"-", "stdio"} {
		out, err := gdbCommand(context.Background(), t, "-batch", "-ex", "target remote | forkscope gdbserver "+comm+" "+program+" read", "-ex", "continue").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "exited normally") || !strings.Contains(string(out), "Process "+program+" created") {
			t.Errorf("%s: %v\n%s", comm, err, out)
		}
	}
}

// Dynamic programs run with the libraries of --root, and see its files; gdb finds the libraries too.
func TestRoot(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) { testRoot(t, arch) })
	}
}

func testRoot(t *testing.T, arch string) {
	dir := filepath.Dir(servedProgram(t, arch))
	dynamic := filepath.Join(dir, "dynamic")
	if b, err := exec.Command(need(t, crossCompiler[arch]), "-g", "-o", dynamic, filepath.Join(dir, "served.c")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	sysroot := hosts[arch].sysroots[0]
	// As on today's distributions, the directories of the root are links into usr.
	root := filepath.Join(dir, "root")
	for _, d := range []string{"usr/bin", "usr/lib", "etc", "dev", "proc"} {
		if err := os.MkdirAll(filepath.Join(root, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for at, file := range map[string]string{
		"i386": "lib/ld-linux.so.2", "arm64": "lib/ld-linux-aarch64.so.1", "x86_64": "lib64/ld-linux-x86-64.so.2",
	} {
		if at != arch {
			continue
		}
		library := filepath.Join(sysroot, "lib/libc.so.6")
		if arch == "x86_64" {
			library = "/lib/x86_64-linux-gnu/libc.so.6"
		}
		for from, to := range map[string]string{filepath.Join(sysroot, file): file, library: "lib/libc.so.6"} {
			to = filepath.Join(root, "usr", to)
			if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, mustRead(t, from), 0o755)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for link, to := range map[string]string{"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "etc/motd"), []byte("the root's own\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, status := ours(t, "--root", root, dynamic, "6"); status != 6 || !strings.HasSuffix(got, "hello\n") {
		t.Errorf("status %d, printed %q", status, got)
	}
	// The built-in programs are there too, beside the root's files.
	if got, _ := ours(t, "--root", root, "--arch", arch, "--append", "-- /usr/bin/cat /etc/motd /etc/greeting"); !strings.HasSuffix(got, "the root's own\nthe root's own\n") {
		t.Errorf("printed %q", got)
	}
	out, err := gdbCommand(context.Background(), t, "-batch", "-ex", "target remote | forkscope gdbserver --root "+root+" - "+dynamic,
		"-ex", "break main", "-ex", "continue", "-ex", "info sharedlibrary", "-ex", "continue").CombinedOutput()
	text := string(out)
	for _, want := range []string{"Breakpoint 1, main (argc=1", "target:/lib/libc.so.6\n", "hello\n", "exited normally"} {
		_, after, found := strings.Cut(text, want)
		if !found {
			t.Fatalf("%q is missing, in this order: %v\n%s", want, err, out)
		}
		text = after
	}
}

// Of what is beside a program comes what is asked for by name, as far as its machine can execute it.
func TestBeside(t *testing.T) {
	program := servedProgram(t, "i386")
	dir := filepath.Dir(program)
	write := func(name string, mode os.FileMode, contents ...string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(contents, "")), mode); err != nil {
			t.Fatal(err)
		}
	}
	beside := func(args ...string) string {
		p, err := hostProgram(program)
		if err != nil {
			t.Fatal(err)
		}
		g := &guest{config: machine.Config{Arch: "i386"}}
		found, err := g.companions(start{program: p, args: args}, g.files.base)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range found {
			names = append(names, strings.TrimPrefix(c.at, dir+"/"))
		}
		slices.Sort(names)
		return strings.Join(names, " ")
	}
	elf386 := string(tinyELF(elf.EM_386, elf.ET_EXEC, ""))
	arm64 := string(tinyELF(elf.EM_AARCH64, elf.ET_EXEC, ""))
	write("abort", 0o755, elf386) // a word of the program
	write("hell", 0o755, elf386)  // part of one
	write("secret", 0o755, elf386)
	write("other", 0o755, elf386)
	write("script", 0o755, "#!/bin/sh\nexec ./other2 x\n")
	write("other2", 0o755, elf386, "\x00./third\x00")
	write("third", 0o755, elf386)
	write("read", 0o644, elf386)  // nobody may execute it
	write("where", 0o755, arm64)  // nor this machine this
	write("hello", 0o755, "hi\n") // nor anybody this
	if got := beside(); got != "abort" {
		t.Errorf("beside the program come %q", got)
	}
	if got := beside("-x", "./other", "notscript"); got != "abort other" {
		t.Errorf("of the arguments come %q", got)
	}
	if got := beside(dir + "/script"); got != "abort other2 script third" {
		t.Errorf("of what is named by others come %q", got)
	}
	// A program that executes what is beside it.
	source := filepath.Join(dir, "caller.c")
	write("caller.c", 0o600, "#include <unistd.h>\nint main(void) { return execl(\"./run-served\", \"run\", \"3\", (char *)0); }\n")
	write("run-served", 0o755, "#!"+program+"\n")
	if b, err := exec.Command(need(t, crossCompiler["i386"]), "-static", "-o", filepath.Join(dir, "caller"), source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	s := serve(t, []string{"forkscope", "gdbserver"}, dir, ":0", "./caller")
	c := s.dial(t, 1)
	c.hello(false)
	c.want("vCont;c", "T05") // for who wants no events, execve is a trap
	c.want("vCont;c", "W0;")
	c.Close()
	if status := s.ended(t); status != 0 || s.stdout.String() != "hello\n" {
		t.Errorf("status %d, printed %q and said:\n%s", status, s.stdout.String(), s.said())
	}
}

// The environment of a program: what is asked for, on top of what there is.
func TestEnvironment(t *testing.T) {
	for _, c := range []struct {
		env, changes []string
		want         string
	}{
		{nil, nil, "HOME=/ PATH=/bin TERM=linux"},
		{nil, []string{"HOME=/root", "A=1", "A=2", "TERM"}, "HOME=/root PATH=/bin A=2"},
		{[]string{}, []string{"A"}, ""},
		{[]string{"AB=1"}, []string{"A=", "B"}, "AB=1 A="},
	} {
		if got := strings.Join(environment(c.env, c.changes), " "); got != c.want {
			t.Errorf("%q with %q is %q", c.env, c.changes, got)
		}
	}
}
