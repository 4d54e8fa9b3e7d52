package main

import (
	"bytes"
	"context"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"forkscope/machine/cpu/arch"
)

// dynamicSources are a program, a library that it is linked to, and one that it loads itself. The thread that is cancelled makes the C library load
// another one.
var dynamicSources = map[string]string{
	"main.c": `#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
int twice(int);
static void *sleeper(void *p) { for (;;) pause(); return p; }
int main(int argc, char **argv)
{
	pthread_t t;
	void *result, *plugin = dlopen("./plugin.so.1", RTLD_NOW);
	int (*thrice)(int) = plugin ? (int (*)(int))dlsym(plugin, "thrice") : twice;

	pthread_create(&t, 0, sleeper, 0);
	pthread_cancel(t);
	pthread_join(t, &result);
	printf("%d %d %d %.3f %s\n", result == PTHREAD_CANCELED, twice(argc), thrice(argc), sqrt(argc), argv[0]);
	fflush(stdout);
	if (fork() == 0)
		return execl("./helper", "./helper", "said", (char *)0);
	wait(0);
	return 0;
}
`,
	"twice.c":  "int four(int n); int twice(int n) { return four(n) / 2; }\n",
	"four.c":   "int four(int n) { return 4 * n; }\n",
	"thrice.c": "int thrice(int n) { return 3 * n; }\n",
	"helper.c": "#include <stdio.h>\nint main(int n, char **v) { printf(\"%s %d\\n\", v[1], n); return 0; }\n",
}

// buildDynamic makes them in a directory of their own: the program, lib/libtwice.so and lib/libfour.so beneath it, and plugin.so.1 and helper beside it.
func buildDynamic(t *testing.T, arch string) (dir string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range dynamicSources {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"-shared -fPIC -o lib/libfour.so four.c",
		"-shared -fPIC -o lib/libtwice.so twice.c -Llib -lfour -Wl,-rpath,$ORIGIN",
		"-shared -fPIC -o plugin.so.1 thrice.c",
		"-o helper helper.c",
		"-g -pthread -o main main.c -Llib -ltwice -Wl,-rpath,$ORIGIN/lib -Wl,-rpath-link,lib -lm",
	} {
		cmd := exec.Command(need(t, crossCompiler[arch]), strings.Fields(args)...)
		cmd.Dir = dir
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd, err, b)
		}
	}
	return dir
}

// A dynamic program runs as it comes from the cross compiler: its loader, its libraries and theirs are found, those that it loads by itself, and
// what it executes. QEMU's user emulation says what is right.
func TestDynamic(t *testing.T) {
	for arch, emulator := range map[string]string{"i386": "qemu-i386", "arm64": "qemu-aarch64"} {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			dir := buildDynamic(t, arch)
			// QEMU executes nothing but what it was started with.
			want := outputIn(t, dir, need(t, emulator), "-L", hosts[arch].sysroots[0], "./main", "1", "2") +
				outputIn(t, dir, need(t, emulator), "-L", hosts[arch].sysroots[0], "./helper", "said")
			got := strings.ReplaceAll(outputIn(t, dir, "forkscope", "run", "--quiet", "./main", "1", "2"), "\r", "")
			if !strings.Contains(want, "1 6 9 1.732 ./main\nsaid 2\n") || !strings.HasSuffix(got, want) {
				t.Errorf("printed:\n%s\nunder QEMU:\n%s", got, want)
			}
		})
	}
}

// outputIn runs a command in a directory and returns what it has printed.
func outputIn(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%v: %v", cmd, err)
	}
	return string(out)
}

// forkSource forks, and both sides go their own ways.
const forkSource = `#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	pid_t pid = fork();

	if (pid > 0)
		wait(NULL);
	else
		puts("child");
	return pid > 0;
}
`

// forkProgram builds it for a machine, as DIR/fork.
func forkProgram(t *testing.T, arch string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "fork.c"), []byte(forkSource), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(need(t, crossCompiler[arch]), "-g", "-o", "fork", "fork.c")
	cmd.Dir = dir
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, b)
	}
	return filepath.Join(dir, "fork")
}

// The fork of a dynamic program is followed from the call of fork@plt into the C library, and out of it on both sides, in each view that shows
// processes; of the kernel's view too the libraries' symbols can be had.
func TestLinkageTable(t *testing.T) {
	const noLines = "set debug-file-directory /no/such/directory" // of the libraries, where the host has them
	inProcess := []string{
		"break main", "continue", "info sharedlibrary", "stepi", "backtrace", "break fork", "continue", "backtrace", "info symbol fork", "delete",
		"catch fork", "set detach-on-fork off", "set schedule-multiple on", "continue", "backtrace",
		"break 9", "continue", "print pid", "continue", "print pid",
	}
	for _, arch := range arch.Names() {
		loader, library := "target:/lib/ld-linux", "target:/lib/libc.so.6\n"
		if arch == "x86_64" { // the host's own
			loader, library = "target:/lib64/ld-linux", "target:/lib/x86_64-linux-gnu/libc.so.6\n"
		}
		inFork := " in fork () from " + library
		seen := []string{
			"Breakpoint 1, main () at fork.c:7\n", loader, library,
			" in fork@plt ()\n", "in fork@plt ()\n", "in main () at fork.c:7\n",
			inFork, "in main () at fork.c:7\n", "fork in section .text of " + library,
			"(forked process 3)", "in main () at fork.c:7\n", "main () at fork.c:9\n", "main () at fork.c:9\n",
		}
		program := forkProgram(t, arch)
		for _, name := range []string{"process", "gdbserver"} {
			t.Run(arch+"/"+name, func(t *testing.T) {
				t.Parallel()
				var at string
				if name == "gdbserver" {
					at = serve(t, []string{"forkscope", "gdbserver"}, filepath.Dir(program), "--once", ":0", program).address(t)
				} else {
					at = startEmulator(t, "--view", "process", program).socket
				}
				out := batch(t, append([]string{noLines, "target extended-remote " + at}, inProcess...)...)
				inOrder(t, out, seen...)
				if parent, child := strings.Count(out, " = 3\n"), strings.Count(out, " = 0\n"); parent != 1 || child != 1 {
					t.Errorf("fork did not return on both sides:\n%s", out)
				}
			})
		}
		t.Run(arch+"/both", func(t *testing.T) {
			t.Parallel()
			out := batch(t, noLines, "target extended-remote "+startEmulator(t, program).socket,
				"break copy_process", "ignore 1 2", "continue", "delete", "add-inferior", "inferior 2", "attach 2", "info sharedlibrary",
				"tbreak 9", "backtrace", "continue", "print pid")
			inOrder(t, out, "copy_process (", library, inFork, "in main () at fork.c:7\n", "main () at fork.c:9\n", "$1 = 3\n")
		})
	}
}

// address waits until the server listens and returns where.
func (s *served) address(t *testing.T) string {
	t.Helper()
	var at string
	until(t, "the server listens", func() bool {
		m := listeningOn.FindStringSubmatch(s.said())
		if m != nil {
			at = "localhost:" + m[1]
		}
		return m != nil
	})
	return at
}

// batch has gdb execute commands and returns what it prints.
func batch(t *testing.T, commands ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	args := []string{"-batch"}
	for _, c := range commands {
		args = append(args, "-ex", c)
	}
	out, err := gdbCommand(ctx, t, args...).CombinedOutput()
	if err != nil {
		t.Logf("gdb: %v", err)
	}
	return string(out)
}

// inOrder checks that text has all of the parts, one behind the other.
func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Fatalf("%q is missing, after the others, in:\n%s", part, text)
		}
		rest = after
	}
}

// A program whose loader is nowhere is refused in one line that says what to do; a library that is nowhere is for the loader to report.
func TestNoLoader(t *testing.T) {
	at := filepath.Join(t.TempDir(), "dynamic")
	if err := os.WriteFile(at, tinyELF(elf.EM_386, elf.ET_DYN, "/lib/ld-nowhere.so.1"), 0o755); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	want := "forkscope: " + at + ": needs /lib/ld-nowhere.so.1, which neither the guest nor /usr/i686-linux-gnu "
	if status := doMain([]string{"forkscope", "run", at}, nil, &stdout, &stderr); status != statusUsage || !strings.HasPrefix(stderr.String(), want) ||
		strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("status %d: %s", status, &stderr)
	}
	for _, arch := range arch.Names() {
		dir := buildDynamic(t, arch)
		if err := os.Remove(filepath.Join(dir, "lib/libfour.so")); err != nil {
			t.Fatal(err)
		}
		stderr.Reset()
		status := doMain([]string{"forkscope", "run", filepath.Join(dir, "main")}, nil, &stdout, &stderr)
		if status != 127 || !strings.Contains(stderr.String(), "libfour.so: cannot open shared object file") {
			t.Errorf("%s: status %d and:\n%s", arch, status, &stderr)
		}
	}
}

// Names of libraries among a file's strings.
func TestLaterNames(t *testing.T) {
	data := "\x00libgcc_s.so.1\x00libgcc_s.so.1 must be installed\x00libnss_%s.so%s\x00./plugin.so\x00.so\x00x.sort\x00/opt/a.so.2\x00end.so"
	if got := strings.Join(laterNames([]byte(data)), " "); got != "libgcc_s.so.1 ./plugin.so /opt/a.so.2" {
		t.Errorf("found %q", got)
	}
}
