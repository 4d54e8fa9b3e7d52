package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"forkscope/scripts/oracle"
)

// buildI386 compiles a static program for the guest.
func buildI386(t *testing.T, family, with, source string) string {
	t.Helper()
	const compiler = "i686-linux-gnu-gcc"
	if _, err := exec.LookPath(compiler); err != nil {
		oracle.Missing(t, family, with, compiler+" is not installed")
	}
	prog := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(source), ".c"))
	if out, err := exec.Command(compiler, "-O1", "-static", "-o", prog, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return prog
}

// programLines are the lines that a program printed, one by one.
func programLines(out string) []string {
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(out, "\r\n", "\n")), "\n")
}

// TestX87StatusAgreesWithHost compares what each x87 instruction leaves in the status word, C1 above all, with the host's processor, on which
// the same source runs as a 64-bit program.
func TestX87StatusAgreesWithHost(t *testing.T) {
	const family, with = "x87 status word", "the host's processor"
	if runtime.GOARCH != "amd64" {
		oracle.Missing(t, family, with, "it is no x86-64")
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		oracle.Missing(t, family, with, "gcc is not installed")
	}
	source := filepath.Join("testdata", "x87", "c1.c")
	guest := buildI386(t, family, with, source)
	native := filepath.Join(t.TempDir(), "native")
	if out, err := exec.Command("gcc", "-O1", "-o", native, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(native).Output()
	if err != nil {
		t.Fatal(err)
	}
	got, status := ours(t, guest)
	if status != 0 {
		t.Fatalf("status %d\n%s", status, got)
	}
	want := programLines(string(out))
	have := programLines(got[max(0, strings.Index(got, want[0])):]) // behind what the kernel says
	if len(have) != len(want) || len(want) < 70 {
		t.Fatalf("%d lines in the guest, %d on the host", len(have), len(want))
	}
	for i := range want {
		if have[i] != want[i] {
			t.Errorf("in the guest %s\non the host  %s", have[i], want[i])
		}
	}
	oracle.Compared(family, with, len(want)*10)
}

// qemuUserDiffers are the lines of ldt386 in which QEMU's user emulation is not Linux on a processor: it has no trap numbers, and a clone that is
// no thread shares no memory.
var qemuUserDiffers = regexp.MustCompile(`ldt386: signal .* error 0x1c|shares the memory`)

// TestModifyLDTAgreesWithLinux compares the guest kernel's modify_ldt with that of QEMU's user emulation.
func TestModifyLDTAgreesWithLinux(t *testing.T) {
	const family, with = "modify_ldt", "qemu-i386"
	if _, err := exec.LookPath(with); err != nil {
		oracle.Missing(t, family, with, "it is not installed")
	}
	prog := buildI386(t, family, with, filepath.Join("..", "..", "guests", "src", "ldt386.c"))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, with, prog).Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", with, err, out)
	}
	got, status := ours(t, prog)
	if status != 0 {
		t.Fatalf("status %d\n%s", status, got)
	}
	trap := regexp.MustCompile(` trap -?\d+ `)
	comparable := func(text string) (lines []string) {
		for _, l := range programLines(text) {
			if strings.HasPrefix(l, "ldt386: ") && !qemuUserDiffers.MatchString(l) {
				lines = append(lines, trap.ReplaceAllString(l, " "))
			}
		}
		return lines
	}
	have, want := comparable(got), comparable(string(out))
	if len(want) < 40 || strings.Join(have, "\n") != strings.Join(want, "\n") {
		t.Errorf("in the guest:\n%s\nby %s:\n%s", strings.Join(have, "\n"), with, strings.Join(want, "\n"))
	}
	if !strings.Contains(got, "shares the memory: 1003") {
		t.Error("the table is not shared with the memory")
	}
	oracle.Compared(family, with, len(want))
}
