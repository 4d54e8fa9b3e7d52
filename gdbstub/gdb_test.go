package gdbstub

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"forkscope/scripts/oracle"
)

// listen serves one session of the fake target on a loopback port. The channel gives what Serve returned.
func listen(t *testing.T, target *Target) (addr string, done <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	result := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			err = Serve(context.Background(), conn, target, Options{})
		}
		result <- err
	}()
	return l.Addr().String(), result
}

// runGDB lets the real gdb run a script against the target and returns what it printed.
func runGDB(t *testing.T, target *Target, script string) string {
	t.Helper()
	return runGDBAs(t, "remote", target, script)
}

const familyGDB = "sessions of gdb with the stub"

// patience bounds what hangs. How long anything takes depends on how busy the host is.
const patience = 4 * time.Minute

// need ends a test whose tool is missing; scripts/setup installs them all.
func need(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		oracle.Missing(t, familyGDB, tool, tool+" is not installed (scripts/setup installs it)")
	}
	return path
}

// runGDBAs is runGDB with "remote" or "extended-remote".
func runGDBAs(t *testing.T, kind string, target *Target, script string) string {
	t.Helper()
	gdb := need(t, "gdb-multiarch")
	addr, done := listen(t, target)
	file := filepath.Join(t.TempDir(), "script")
	text := "set pagination off\nset confirm off\nset width 0\nset remotetimeout 600\ntarget " + kind + " " + addr + "\n" + script
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, gdb, "-nx", "-batch", "-x", file)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("gdb: %v\n%s", err, &out)
	}
	oracle.Compared("sessions of gdb", "gdb-multiarch", 1)
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("Serve: %v", err)
		}
	case <-time.After(patience):
		t.Error("Serve did not return after gdb ended")
	}
	oracle.Compared(familyGDB, "gdb-multiarch", 1)
	return out.String()
}

// converse types to a gdb as a user would: commands and what must be printed before the next one is typed, in turns. ADDR
// in a command stands for the target's address.
func converse(t *testing.T, target *Target, steps ...string) {
	t.Helper()
	gdb := need(t, "gdb-multiarch")
	addr, done := listen(t, target)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, gdb, "-nx", "-q", "-ex", "set pagination off", "-ex", "set confirm off", "-ex", "set width 0", "-ex", "set remotetimeout 600")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all, seen []byte
	buf := make([]byte, 4096)
	for i := 0; i+1 < len(steps); i += 2 {
		if _, err := io.WriteString(in, strings.ReplaceAll(steps[i], "ADDR", addr)+"\n"); err != nil {
			t.Fatalf("gdb: %v\n%s", err, all)
		}
		for want := regexp.MustCompile(steps[i+1]); ; {
			if loc := want.FindIndex(seen); loc != nil {
				seen = seen[loc[1]:]
				break
			}
			n, err := out.Read(buf)
			all, seen = append(all, buf[:n]...), append(seen, buf[:n]...)
			if err != nil {
				t.Fatalf("%s: no %q in\n%s", steps[i], steps[i+1], all)
			}
		}
	}
	in.Close()
	io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		t.Errorf("gdb: %v\n%s", err, all)
	}
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
	oracle.Compared("sessions of gdb", "gdb-multiarch", 1)
}

// expectInOrder finds each regular expression after the one before.
func expectInOrder(t *testing.T, out string, patterns ...string) {
	t.Helper()
	rest := out
	for _, p := range patterns {
		loc := regexp.MustCompile("(?m)" + p).FindStringIndex(rest)
		if loc == nil {
			t.Errorf("gdb did not print %q (after the ones before) in:\n%s", p, out)
			return
		}
		rest = rest[loc[1]:]
	}
}

func TestGDBLooksAround(t *testing.T) {
	fake := newFakeTarget()
	target := fake.target()
	target.Files = nil
	out := runGDB(t, target, `
show architecture
info threads
info registers x1 sp pc cpsr
print $v0.d.u
print $fpcr
x/s 0x40000000
x/4xw 0x40001000
set var *(int *)0x40000100 = 0x12345678
x/1xw 0x40000100
set var $x5 = 77
print $x5
set var $v3.d.u[0] = 5
print $v3.d.u
thread 2
print $x0
print/x $x19
info registers pc
monitor help
monitor echo hi
monitor nonsense
maint packet qqemu.sstepbits
info mem
detach
`)
	expectInOrder(t, out,
		`set to "auto" \(currently "aarch64"\)`,
		`\* 1 .*Thread 1 "init" \(running\)`, `2 .*Thread 42 "sh <&>" \(sleeping\)`, `3 .*Thread 257`,
		`^x1 +0x1 +1$`, `^sp +0x4000ff00`, `^pc +0x40001000`, `^cpsr +0x600003c5 +\[ (EL=1 )?.*C.*Z`,
		`\$1 = \{0, 0\}`, `\$2 = \[ ?(RMode=0)? ?\]`,
		`"hello, debugger"`, `0x40001000:\s+0xd503201f\s+0xd503201f\s+0xd503201f\s+0xd503201f`,
		`0x40000100:\s+0x12345678`, `\$3 = 77`, `= \{5, 0\}`,
		`= <unavailable>`, `= 0x19$`, `^pc +0x40002000`,
		`help \[COMMAND\] +list`, `^hi$`, `unknown monitor command "nonsense"`,
		`received: "ENABLE=1,NOIRQ=2,NOTIMER=4"`,
		`0x0+40000000 0x0+40020000 rw`)
	if last := fake.log[len(fake.log)-1]; last != "detach 0" {
		t.Errorf("last the target heard: %s", last)
	}
}

func TestGDBRuns(t *testing.T) {
	fake := newFakeTarget()
	target := fake.target()
	target.Files = nil
	out := runGDB(t, target, `
stepi
stepi
break *0x40001010 if $x0 == 36
continue
print $x0
info breakpoints
delete
watch *(long *)0x40008000
continue
continue
delete
hbreak *0x40001018
continue
delete
tbreak *0x40001004 if *(long *)0x40008000 > 60 && $x0 != 0
continue
print *(long *)0x40008000
set var $pc = 0x40001000
stepi 3
kill
`)
	expectInOrder(t, out,
		`0x0+40001004`, `0x0+40001008`,
		`Breakpoint 1, 0x0*40001010`, `\$1 = 36$`,
		`stop only if \$x0 == 36 \(target evals\)`,
		`watchpoint 2`, `Old value = 35`, `New value = 43`, `0x0*4000100c`,
		`Old value = 43`, `New value = 51`,
		`Breakpoint 3, 0x0*40001018`,
		`0x0*40001004`, `\$2 = 67$`,
		`0x0*4000100c`,
		`\[Inferior 1 \(Remote target\) killed\]`)
	if n := len(fake.bps); n != 0 {
		t.Errorf("%d breakpoints left behind", n)
	}
	log := strings.Join(fake.log, "\n")
	if !strings.Contains(log, "kill") || !strings.HasSuffix(log, "detach 3") {
		t.Errorf("the target heard:\n%s", log)
	}
}

func TestGDBSeesTheEnd(t *testing.T) {
	fake := newFakeTarget()
	fake.exitAt = loopStart + 0x14
	target := fake.target()
	target.Files = nil
	out := runGDB(t, target, "continue\nprint $_exitcode\n")
	expectInOrder(t, out, `guest powered off`, `exited with code 03`, `= 3$`)
	if last := fake.log[len(fake.log)-1]; last != "detach 3" {
		t.Errorf("last the target heard: %s", last)
	}
}

func TestGDBStartsAgain(t *testing.T) {
	fake := newFakeTarget()
	target := fake.target()
	target.Files = nil
	out := runGDBAs(t, "extended-remote", target, `
stepi
starti
info registers pc
stepi
detach
`)
	expectInOrder(t, out, `0x0+40001004 in`, `^pc +0x40001000`, `0x0+40001004 in`, `detached`)
	if !strings.Contains(strings.Join(fake.log, "\n"), "restart") {
		t.Errorf("the target heard %q", fake.log)
	}
}

// TestGDBAcceptsI386 checks that gdb takes the i386 registers for the ones it knows: the aliases, the views of xmm0 and
// the value of st0 are gdb's own.
func TestGDBAcceptsI386(t *testing.T) {
	fake := newFakeTarget()
	fake.desc = I386("none")
	if err := fake.desc.Init(); err != nil {
		t.Fatal(err)
	}
	regs := map[int]uint64{}
	for i := range fake.desc.Registers() {
		regs[i] = uint64(i)
	}
	regs[0], regs[8], regs[9], regs[32], regs[40] = 0x11223344, loopStart, 0x246, 0x3f800000, 0x1f80
	fake.threads[0].regs = regs
	target := fake.target()
	target.Files = nil
	out := runGDB(t, target, `
show architecture
info registers eip eflags
print/x $ax
print/x $ah
print $xmm0.v4_float
print $mxcsr
print $fctrl
print $mm0.uint64
print (long double)$st0 > 0
thread 2
print $eax
print $st3
detach
`)
	expectInOrder(t, out, `currently "i386"`, `^eip +0x40001000`, `^eflags +0x246 +\[ .*PF.*ZF.*IF.*\]`, `= 0x3344$`, `= 0x33$`,
		`= \{1, 0, 0, 0\}`, `\[ .*IM.*PM.*\]`, `= 24$`, `= 16$`, `= 1$`, `<unavailable>`, `<unavailable>`)
}

// TestGDBNeedsNoFiles: the program comes from the target, with its symbols and source lines.
func TestGDBNeedsNoFiles(t *testing.T) {
	const compiler = "aarch64-linux-gnu-gcc"
	need(t, compiler)
	dir := t.TempDir()
	source := "int counter;\nvoid tick(int by)\n{\n\tcounter += by;\n}\nvoid _start(void)\n{\n\tfor (;;)\n\t\ttick(2);\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "tick.c"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(compiler, "-g", "-O1", "-fno-inline", "-nostdlib", "-static", "-no-pie", "-Wl,-Ttext=0x40001000", "-o", "kernel", "tick.c")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	fake := newFakeTarget()
	target := fake.target()
	target.Hardware.MemoryMap = nil
	target.Files = servedFiles{dir}
	out := runGDB(t, target, "info symbol $pc\ninfo line tick\nbreak tick\nprint sizeof(counter)\ndetach\n")
	expectInOrder(t, out, `Reading /kernel from remote target`, `^tick in section \.text`, `Line [34] of "tick\.c"`, `Breakpoint 1 at`, `= 4$`)
}

// servedFiles is a directory as the target's file system. In a real target that would be the emulator's images.
type servedFiles struct{ dir string }

func (servedFiles) ExecFile(int) (string, error)    { return "/kernel", nil }
func (s servedFiles) FileSystem(int) (fs.FS, error) { return os.DirFS(s.dir), nil }
