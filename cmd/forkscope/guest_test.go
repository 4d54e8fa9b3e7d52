package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"forkscope/machine/cpu/arch"
	"forkscope/scripts/oracle"
)

// ours runs the command in this process and returns what the program prints, or else the guest's console, and the exit status.
func ours(t *testing.T, args ...string) (console string, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = doMain(append([]string{"forkscope", "run", "--quiet"}, args...), nil, &stdout, &stderr)
	if stderr.Len() > 0 {
		t.Logf("forkscope said: %s", stderr.String())
	}
	return strings.ReplaceAll(stdout.String(), "\r", ""), status
}

// userPrograms are what a user brings: C for a Linux of that architecture, and nothing of ours.
func userPrograms(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/user/*.c")
	if err != nil || len(names) == 0 {
		t.Fatal("no programs", err)
	}
	return names
}

// buildUser compiles a program static for a machine with glibc or musl.
func buildUser(t *testing.T, arch, libc, source string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(source), ".c"))
	args := []string{"-static", "-g", "-O2", "-Wall", "-pthread", "-o", out, source, "-lm"}
	if libc == "musl" {
		triple := map[string]string{"i386": "i386-linux-musl", "arm64": "aarch64-linux-musl", "x86_64": "x86_64-linux-musl"}[arch]
		lib := "/usr/lib/" + triple
		if _, err := os.Stat(lib + "/libc.a"); err != nil {
			oracle.Missing(t, userOutput, userEmulator[arch], "musl for "+arch+" is not installed (scripts/setup installs it)")
		}
		args = []string{"-static", "-g", "-O2", "-Wall", "-nostdinc", "-nostdlib", "-fno-stack-protector", "-isystem", "/usr/include/" + triple,
			"-o", out, lib + "/crt1.o", lib + "/crti.o", source, "-L" + lib, "-lc", "-lgcc", "-lgcc_eh", lib + "/crtn.o"}
		if arch == "arm64" {
			args = append(args[:4:4], append([]string{"-mno-outline-atomics"}, args[4:]...)...)
		}
	}
	if b, err := exec.Command(need(t, crossCompiler[arch]), args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return out
}

// A user's static program, of glibc or musl, prints in our guest what it prints under QEMU's user emulation on the
// host's Linux, and ends with the same status.
func TestUserPrograms(t *testing.T) {
	for _, source := range userPrograms(t) {
		for _, arch := range arch.Names() {
			for _, libc := range []string{"glibc", "musl"} {
				name := strings.TrimSuffix(filepath.Base(source), ".c")
				t.Run(name+"/"+arch+"/"+libc, func(t *testing.T) {
					t.Parallel()
					prog := buildUser(t, arch, libc, source)
					args := []string{"one", "two words", ""}
					got, status := ours(t, append([]string{prog}, args...)...)
					ctx, cancel := context.WithTimeout(context.Background(), patience)
					defer cancel()
					out, err := exec.CommandContext(ctx, need(t, userEmulator[arch]), append([]string{prog}, args...)...).Output()
					wantStatus := 0
					var exit *exec.ExitError
					if errors.As(err, &exit) {
						wantStatus = exit.ExitCode()
						if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
							wantStatus = 128 + int(ws.Signal())
						}
					} else if err != nil {
						t.Fatal(err)
					}
					oracle.Compared(userOutput, userEmulator[arch], 1)
					if sortedLines(got) != sortedLines(string(out)) {
						t.Errorf("ours:\n%s\nQEMU:\n%s", got, out)
					}
					if status != wantStatus {
						t.Errorf("status %d, want %d", status, wantStatus)
					}
				})
			}
		}
	}
}

// sortedLines makes output comparable whose lines come from processes that run at the same time.
func sortedLines(s string) string {
	lines := strings.Split(s, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// Statuses of the command are those of the program: its exit code, or 128 and the signal that ended it.
func TestExitStatus(t *testing.T) {
	for _, arch := range arch.Names() {
		for _, n := range []int{0, 1, 42, 255} {
			if _, status := ours(t, "--arch", arch, "--append", "-- /bin/status "+strconv.Itoa(n)); status != n {
				t.Errorf("%s: a program that exits with %d gave %d", arch, n, status)
			}
		}
		if _, status := ours(t, "--arch", arch, "--append", "-- /bin/segv"); status != 128+11 {
			t.Errorf("%s: a program that dies by SIGSEGV gave %d", arch, status)
		}
		var stdout, stderr bytes.Buffer
		status := doMain([]string{"forkscope", "run", "--arch", arch, "--append", "-- /bin/absent"}, nil, &stdout, &stderr)
		if said := stderr.String(); status != 127 || said != "init: /bin/absent: No such file or directory\n" || stdout.Len() > 0 {
			t.Errorf("%s: an absent program gave %d, and on standard error:\n%s", arch, status, said)
		}
	}
}
