package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"forkscope/machine/cpu/arch"
	"forkscope/scripts/oracle"
)

// stdioBytes is how much the large transfers move; scripts/soak has it at 100 MB.
var stdioBytes = flag.Int("stdio.bytes", 4_000_000, "bytes to be moved in each direction")

const bytesFamily = "a program's bytes"

// userEmulator runs the programs of each machine on the host. Those of x86-64 it runs itself, by the command env.
var userEmulator = map[string]string{"i386": "qemu-i386", "arm64": "qemu-aarch64", "x86_64": "env"}

// result is all that a program leaves behind.
type result struct {
	stdout, stderr []byte
	status         int
}

func (r result) String() string {
	return fmt.Sprintf("status %d, %d bytes (%.12x) %.300q, error %q", r.status, len(r.stdout), sha256.Sum256(r.stdout), r.stdout, r.stderr)
}

func (r result) equal(to result) bool {
	return r.status == to.status && bytes.Equal(r.stdout, to.stdout) && bytes.Equal(r.stderr, to.stderr)
}

// runner runs a program, given with its arguments, on three files of the host.
type runner func(t *testing.T, words []string, stdin, stdout, stderr *os.File) (status int)

func onForkscope(_ *testing.T, words []string, stdin, stdout, stderr *os.File) int {
	return doMain(append([]string{"forkscope", "run"}, words...), stdin, stdout, stderr)
}

func onQEMUUser(arch string) runner {
	return func(t *testing.T, words []string, stdin, stdout, stderr *os.File) int {
		if _, err := exec.LookPath(userEmulator[arch]); err != nil {
			oracle.Missing(t, bytesFamily, "qemu-user", userEmulator[arch]+" is not installed (scripts/setup installs it)")
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, userEmulator[arch], words...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
		err := cmd.Run()
		var exit *exec.ExitError
		switch {
		case errors.As(err, &exit):
			if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
				return 128 + int(ws.Signal())
			}
			return exit.ExitCode()
		case err != nil:
			t.Fatal(err)
		}
		return 0
	}
}

// byFiles runs a program with regular files on its three descriptors.
func byFiles(t *testing.T, run runner, words []string, input []byte) (r result) {
	t.Helper()
	dir := t.TempDir()
	var files [3]*os.File
	for i, name := range []string{"in", "out", "err"} {
		name = filepath.Join(dir, name)
		var err error
		if i == 0 {
			if err = os.WriteFile(name, input, 0o600); err == nil {
				files[i], err = os.Open(name)
			}
		} else {
			files[i], err = os.Create(name)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer files[i].Close()
	}
	r.status = run(t, words, files[0], files[1], files[2])
	var err error
	if r.stdout, err = os.ReadFile(files[1].Name()); err != nil {
		t.Fatal(err)
	}
	if r.stderr, err = os.ReadFile(files[2].Name()); err != nil {
		t.Fatal(err)
	}
	return r
}

// byPipes runs a program with pipes on its three descriptors. The input comes in pieces of some size.
func byPipes(t *testing.T, run runner, words []string, input []byte, piece int) (r result) {
	t.Helper()
	in, feed := pipe(t)
	outEnd, out := pipe(t)
	errEnd, err := pipe(t)
	read := func(f *os.File) chan []byte {
		c := make(chan []byte, 1)
		go func() {
			b, _ := io.ReadAll(f)
			c <- b
		}()
		return c
	}
	stdout, stderr := read(outEnd), read(errEnd)
	go func() {
		defer feed.Close()
		for at := 0; at < len(input); at += piece {
			if _, err := feed.Write(input[at:min(at+piece, len(input))]); err != nil {
				return // the program is not interested
			}
		}
	}()
	r.status = run(t, words, in, out, err)
	out.Close()
	err.Close()
	in.Close()
	r.stdout, r.stderr = <-stdout, <-stderr
	return r
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// noise is n bytes of all values, lines and long runs among them.
func noise(n int) []byte {
	b := make([]byte, n)
	x := uint64(88172645463325252)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return b
}

// text is lines of words, some of them the same.
func text(lines int) []byte {
	var b bytes.Buffer
	words := strings.Fields("the quick brown fox jumps over a lazy dog and 17 more 3.5 times, twice\tor\tnever")
	for i := range lines {
		fmt.Fprintf(&b, "%d %s %s\n", i*7919%97, words[i*31%len(words)], words[i*i%len(words)])
	}
	return b.Bytes()
}

// onBoth compares a program on forkscope with QEMU's user emulation on the host's Linux.
func onBoth(t *testing.T, arch string, words []string, how func(runner) result) {
	t.Helper()
	got, want := how(onForkscope), how(onQEMUUser(arch))
	if !got.equal(want) {
		t.Errorf("%s:\nours: %v\nQEMU: %v", strings.Join(words, " "), got, want)
	}
	oracle.Compared(bytesFamily, "qemu-user", 1)
}

// TestProgramsBytes runs our own programs about standard streams, and large transfers.
func TestProgramsBytes(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{"both", "copy", "poll"} {
				prog := []string{buildUser(t, arch, "glibc", "testdata/stdio/"+name+".c")}
				for _, size := range []int{0, 1, 4097, 300_000} {
					input := noise(size)
					onBoth(t, arch, prog, func(r runner) result { return byFiles(t, r, prog, input) })
					onBoth(t, arch, prog, func(r runner) result { return byPipes(t, r, prog, input, 5000) })
				}
				null := func(r runner) result {
					return byFilesWith(t, r, prog, os.DevNull)
				}
				onBoth(t, arch, prog, null)
			}
			cat := []string{buildUser(t, arch, "glibc", "../../guests/src/cat.c")}
			input := noise(*stdioBytes)
			onBoth(t, arch, cat, func(r runner) result { return byFiles(t, r, cat, input) })
			onBoth(t, arch, cat, func(r runner) result { return byPipes(t, r, cat, input, 1<<20) })
		})
	}
}

// byFilesWith is byFiles with a file of the host's as the input.
func byFilesWith(t *testing.T, run runner, words []string, input string) result {
	t.Helper()
	in, err := os.Open(input)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	return byFiles(t, func(t *testing.T, words []string, _, stdout, stderr *os.File) int {
		return run(t, words, in, stdout, stderr)
	}, words, nil)
}

// TestReaderGone closes the reading end of standard output after some bytes: the program dies by SIGPIPE, or hears of EPIPE.
func TestReaderGone(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			prog := []string{buildUser(t, arch, "glibc", "testdata/stdio/epipe.c")}
			cat := []string{buildUser(t, arch, "glibc", "../../guests/src/cat.c")}
			for _, c := range []struct {
				words []string
				input string
			}{{prog, os.DevNull}, {cat, "/dev/zero"}} {
				onBoth(t, arch, c.words, func(r runner) result {
					return byFilesWith(t, func(t *testing.T, words []string, stdin, stdout, stderr *os.File) int {
						end, out := pipe(t)
						go func() {
							io.CopyN(io.Discard, end, 100_000)
							end.Close()
						}()
						defer out.Close()
						return r(t, words, stdin, out, stderr)
					}, c.words, c.input)
				})
			}
		})
	}
}

// TestOutputsInOneFile: what goes to one pipe or file by two descriptors comes in the order in which it was written.
func TestOutputsInOneFile(t *testing.T) {
	for _, arch := range arch.Names() {
		prog := []string{buildUser(t, arch, "glibc", "testdata/stdio/both.c")}
		one := func(r runner) runner {
			return func(t *testing.T, words []string, stdin, stdout, _ *os.File) int {
				return r(t, words, stdin, stdout, stdout)
			}
		}
		onBoth(t, arch, prog, func(r runner) result { return byFiles(t, one(r), prog, nil) })
		onBoth(t, arch, prog, func(r runner) result { return byPipes(t, one(r), prog, nil, 1) })
	}
}

// TestInputIsLeftToOthers: of a file and of a pipe only that is read which the program reads; the next program finds the rest.
func TestInputIsLeftToOthers(t *testing.T) {
	for _, arch := range arch.Names() {
		busybox := debianProgram(t, arch)
		input := text(100)
		words := []string{busybox, "dd", "bs=10", "count=3"}
		rest := func(r runner) runner {
			return func(t *testing.T, words []string, stdin, stdout, stderr *os.File) int {
				status := r(t, words, stdin, stdout, nullFile(t))
				left, err := io.ReadAll(stdin)
				if err != nil {
					t.Error(err)
				}
				fmt.Fprintf(stderr, "%d bytes are left", len(left))
				return status
			}
		}
		onBoth(t, arch, words, func(r runner) result { return byFiles(t, rest(r), words, input) })
		onBoth(t, arch, words, func(r runner) result { return byPipes(t, rest(r), words, input, 1000) })
	}
}

func nullFile(t *testing.T) *os.File {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// debianProgram is Debian's busybox for a machine, which scripts/setup fetches.
func debianProgram(t *testing.T, arch string) string {
	t.Helper()
	file := "/usr/local/lib/forkscope/busybox-" + arch
	if _, err := os.Stat(file); err != nil {
		oracle.Missing(t, bytesFamily, "qemu-user", file+" is not there (scripts/setup fetches it)")
	}
	return file
}

// applets are programs of Debian's busybox that read standard input, with arguments; {} in a script is busybox itself.
var applets = []string{
	"cat", "tac", "rev", "nl", "sort", "sort -nr", "sort -u -k2", "uniq -c", "wc", "wc -c", "head -n 7", "head -c 1000", "tail -n 5", "tail -c 100",
	"tail -n +20", "cut -d ' ' -f 2", "cut -c 3-9", "tr a-z A-Z", "tr -d aeiou", "tr -s a-z", "fold -w 13", "expand", "unexpand -a", "paste - - -",
	"sed -n 3,9p", "sed s/o/0/g", "sed -n $p", "awk {s+=$1;print($2)}END{print(s)}", "awk length($0)>12", "grep -n fox", "grep -c e", "grep -v dog", "grep nowhere",
	"fgrep 3.5", "egrep fox|dog", "md5sum", "sha1sum", "sha256sum", "sha512sum", "sha3sum", "cksum", "sum", "crc32", "od", "od -A d -t x1", "hexdump -C", "xxd", "base64",
	"uuencode name", "strings", "gzip -c", "bzip2 -c", "dd bs=512 count=3 status=none", "tee /dev/stderr", "xargs -n 4 echo", "cmp - /dev/null", "diff - /dev/null",
	"cat /nonexistent", "cat - /nonexistent -", "sh", "sh -c exit\t3", "sh -c kill\t-9\t$$", "sh -c read\tx;echo\t$x;cat>&2", "sh -c cat|sort|uniq\t-c|sort\t-n", "sh -c while\tread\tx;do\techo\t$x;done",
	"sh -c cat>/dev/stdout", "sh -c echo\ta>&2;cat</dev/stdin", "seq 5000", "factor 1234567890", "printf %05d\\n 42", "echo words", "true", "false", "expr 6 * 7", "test -t 0",
	"test -t 1", "basename /a/b.c .c", "dirname /a/b.c", "bc", "dc -e 2p",
}

// TestDebianPrograms runs programs of Debian's on input from files and pipes.
func TestDebianPrograms(t *testing.T) {
	for _, arch := range arch.Names() {
		for i, applet := range applets {
			t.Run(arch+"/"+applet, func(t *testing.T) {
				t.Parallel()
				words := []string{debianProgram(t, arch)}
				for _, w := range strings.Fields(strings.ReplaceAll(applet, "\t", "\x00")) {
					words = append(words, strings.Trim(strings.ReplaceAll(w, "\x00", " "), "'"))
				}
				input := text(300)
				switch words[1] {
				case "bc":
					input = []byte("2^100\n7/3\n1+1\n")
				case "sh":
					if len(words) == 2 {
						input = []byte("echo a; cat <<E\nb\nE\nread x\nthis\necho $x >&2; exit 5\n")
					}
				case "gzip", "bzip2", "md5sum", "sha1sum", "od", "hexdump", "base64", "wc", "cmp":
					input = noise(20_000)
				}
				if (i%2 == 0) == (arch == "i386") {
					onBoth(t, arch, words, func(r runner) result { return byFiles(t, r, words, input) })
				} else {
					onBoth(t, arch, words, func(r runner) result { return byPipes(t, r, words, input, 777) })
				}
			})
		}
	}
}

// TestFullOutputAndSignal: SIGTERM ends the command although nobody reads what the program prints.
func TestFullOutputAndSignal(t *testing.T) {
	end, out := pipe(t)
	cmd := exec.Command("forkscope", "run", "--arch", "arm64", "--append", "-- /bin/cat")
	zero, err := os.Open("/dev/zero")
	if err != nil {
		t.Fatal(err)
	}
	defer zero.Close()
	cmd.Stdin, cmd.Stdout = zero, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 1)
	if _, err := io.ReadFull(end, first); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		cmd.Process.Kill()
		t.Fatal("SIGTERM was not heard")
	}
	if status := cmd.ProcessState.ExitCode(); status != 128+int(syscall.SIGTERM) {
		t.Errorf("status %d", status)
	}
}

// TestFullOutputUnderDebugger: a program whose output nobody reads waits, and its debugger does not: Ctrl-C stops the guest, what is asked is
// answered, and SIGTERM ends the command.
func TestFullOutputUnderDebugger(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "forkscope")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.RemoveAll(dir) })
			end, out := pipe(t)
			zero, err := os.Open("/dev/zero")
			if err != nil {
				t.Fatal(err)
			}
			defer zero.Close()
			e := &emulator{socket: filepath.Join(dir, "gdb"), done: make(chan error, 1)}
			e.cmd = exec.Command("forkscope", "run", "--arch", arch, "--gdb", "unix:"+e.socket, "--append", "-- /bin/cat")
			e.cmd.Stdin, e.cmd.Stdout = zero, out
			if err := e.cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { e.cmd.Process.Kill() })
			go func() { e.done <- e.cmd.Wait() }()
			for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
				if _, err := os.Stat(e.socket); err == nil {
					break
				} else if time.Now().After(deadline) {
					t.Fatal(err)
				}
			}
			c := e.dial(t)
			c.send("vCont;c")
			if _, err := io.ReadFull(end, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			for range 3 { // with what is printed, the pipe is soon full
				c.Write([]byte{3})
				if stop := c.receive(); !strings.HasPrefix(stop, "T02") {
					t.Fatalf("Ctrl-C gave %q", stop)
				}
				if list := c.ask("qXfer:threads:read::0,1000"); !strings.Contains(list, "cat") {
					t.Errorf("threads: %q", list)
				}
				c.send("vCont;c")
			}
			if err := e.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			select {
			case <-e.done:
			case <-time.After(time.Minute):
				t.Fatal("SIGTERM was not heard")
			}
			if status := e.cmd.ProcessState.ExitCode(); status != 128+int(syscall.SIGTERM) {
				t.Errorf("status %d", status)
			}
		})
	}
}

// TestLostOutput: what can't be written is said, and the command fails even if the program has heard nothing of it.
func TestLostOutput(t *testing.T) {
	for _, arch := range arch.Names() {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			oracle.Missing(t, bytesFamily, "/dev/full", err.Error())
		}
		var stderr bytes.Buffer
		status := doMain([]string{"forkscope", "run", "--arch", arch, "--append", "-- /bin/cat /etc/motd"}, nil, full, &stderr)
		if want := "forkscope: the program's stdout is lost from here on: no space left on device\n"; status != statusFailure || stderr.String() != want {
			t.Errorf("%s: status %d, %q", arch, status, stderr.String())
		}
		full.Close()
	}
}
