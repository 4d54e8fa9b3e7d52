package kernel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	unix "syscall"
	"testing"
	"time"

	"github.com/u-root/u-root/pkg/cpio"

	"forkscope/scripts/oracle"
)

// The x86-64 kernel on QEMU's PC, against the host's own Linux where that is an x86-64 one: the same static programs, the same lines.

// The family of these comparisons, and what they are made with.
const (
	familyABI = "Linux's interface on x86-64"
	native    = "the host's Linux"
)

// patience only bounds what hangs.
const patience = 5 * time.Minute

// build compiles a program of C, static.
func build(t *testing.T, source string) string {
	t.Helper()
	compiler := "x86_64-linux-gnu-gcc"
	if _, err := exec.LookPath(compiler); err != nil {
		oracle.Missing(t, familyABI, native, compiler+" is not installed (scripts/setup installs it)")
	}
	out := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(source), ".c"))
	if b, err := exec.Command(compiler, "-static", "-g", "-O1", "-pthread", "-o", out, source, "-lm").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return out
}

const guests = "../guests/image/initramfs-x86_64.cpio"

// with is the initramfs of the guests and a program, /program.
func with(t *testing.T, program string) (initrd string) {
	t.Helper()
	base, err := os.ReadFile(guests)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	archive := bytes.NewBuffer(base)
	w := cpio.Newc.Writer(archive)
	if err := w.WriteRecord(cpio.StaticFile("program", string(content), 0o755)); err != nil {
		t.Fatal(err)
	}
	if err := cpio.WriteTrailer(w); err != nil {
		t.Fatal(err)
	}
	initrd = filepath.Join(t.TempDir(), "initrd")
	if err := os.WriteFile(initrd, archive.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return initrd
}

// onQEMU runs a program of the guest's and returns what it prints and what is left of its status on the way: the low seven bits.
func onQEMU(t *testing.T, cpu, initrd, program string, args ...string) (string, int) {
	t.Helper()
	emulator, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		oracle.Missing(t, familyABI, native, "qemu-system-x86_64 is not installed (scripts/setup installs it)")
	}
	line := "quiet -- " + program
	for _, a := range args {
		line += fmt.Sprintf(" %q", a)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, emulator, "-cpu", cpu, "-m", "128", "-display", "none", "-serial", "stdio", "-monitor", "none", "-net", "none",
		"-no-reboot", "-device", "isa-debug-exit,iobase=0x501,iosize=2", "-kernel", "image/vmlinux-x86_64", "-initrd", initrd, "-append", line)
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() < 0 {
		t.Fatalf("qemu: %v\n%s%s", err, errs.String(), out.String())
	}
	return strings.ReplaceAll(out.String(), "\r", ""), exit.ExitCode() >> 1
}

// onHost runs it here.
func onHost(t *testing.T, program string, args ...string) (string, int) {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		oracle.Missing(t, familyABI, native, "the host is "+runtime.GOOS+" on "+runtime.GOARCH)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, args...).Output()
	status := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = exit.ExitCode()
		if ws, ok := exit.Sys().(unix.WaitStatus); ok && ws.Signaled() {
			status = 128 + int(ws.Signal())
		}
	} else if err != nil {
		t.Fatal(err)
	}
	return string(out), status
}

// models are CPUs with and without what the kernel uses where it is: XSAVE, FSGSBASE, SMEP, keys.
var models = []string{"max", "qemu64"}

func TestProgramsAsOnTheHost(t *testing.T) {
	sources, err := filepath.Glob("../cmd/forkscope/testdata/user/*.c")
	if err != nil || len(sources) == 0 {
		t.Fatal("no programs", err)
	}
	for _, source := range append(sources, "testdata/abi.c", "testdata/calls.c") {
		t.Run(strings.TrimSuffix(filepath.Base(source), ".c"), func(t *testing.T) {
			program := build(t, source)
			args, initrd := []string{"one", "two words", ""}, with(t, program)
			want, status := onHost(t, program, args...)
			for _, cpu := range models {
				got, left := onQEMU(t, cpu, initrd, "/program", args...)
				oracle.Compared(familyABI, native, 1)
				if sorted(got) != sorted(want) {
					t.Errorf("on %s:\n%s\nhere:\n%s", cpu, got, want)
				}
				if left != status&0x7f {
					t.Errorf("on %s: status %d of seven bits; here %d", cpu, left, status)
				}
			}
		})
	}
}

// sorted makes output comparable whose lines come from processes that run at the same time.
func sorted(s string) string {
	lines := strings.Split(s, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// Few hosts have protection keys: what is wanted is of their manual page, pkeys(7).
func TestProtectionKeys(t *testing.T) {
	want, err := os.ReadFile("testdata/pkeys.txt")
	if err != nil {
		t.Fatal(err)
	}
	for cpu, want := range map[string]string{"max": string(want), "qemu64": "no keys: -1, No space left on device\n"} {
		if got, _ := onQEMU(t, cpu, guests, "/bin/pkeys64"); got != want {
			t.Errorf("on %s:\n%s\nwant:\n%s", cpu, got, want)
		}
	}
}
