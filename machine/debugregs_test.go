package machine

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"forkscope/machine/cpu"
	"forkscope/scripts/oracle"
)

// debugRegsOnQEMU are where QEMU departs from the manual (SDM vol. 3 §18.2, §18.3), and what must be here instead: it tells of one breakpoint
// where several were hit, of a trap and of the breakpoint at the next instruction at once, of a data breakpoint and of the single step by two
// exceptions; it has no general detection, and no int1.
var debugRegsOnQEMU = map[string]string{
	"stores 31310055": " 3/f",
	"stores 10005":    " 3/1",
	"trap 10001":      " a/4000t d/4001t e/4000t f/4000t 16/4000t 17/4000",
	"trap 10005":      " 9/2t a/4000t d/4001t e/4000t f/4000t 16/4000t 17/4000",
	"general 0":       " c/2000",
	"int1 0":          " 1/0",
}

// TestDebugRegistersAgreeWithQEMU compares what a guest's debug registers make of instructions, accesses to memory and to ports.
func TestDebugRegistersAgreeWithQEMU(t *testing.T) {
	const family, with, compiler = "i386 debug registers", "qemu-system-i386", "i686-linux-gnu-gcc"
	for _, tool := range []string{compiler, with} {
		if _, err := exec.LookPath(tool); err != nil {
			oracle.Missing(t, family, with, tool+" is not installed")
		}
	}
	dir := t.TempDir()
	image, file := filepath.Join(dir, "kernel"), filepath.Join(dir, "out")
	if out, err := exec.Command(compiler, "-march=i686", "-O1", "-fno-pic", "-fno-pie", "-no-pie", "-ffreestanding", "-fno-stack-protector",
		"-fno-asynchronous-unwind-tables", "-nostdlib", "-static", "-fcf-protection=none", "-mgeneral-regs-only",
		"-Wl,-Ttext=0x100000,--build-id=none,-n", "-o", image, filepath.Join("testdata", "debugregs", "debugregs.c")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	kernel, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	var console bytes.Buffer
	m, err := New(Config{Arch: "i386", Kernel: kernel, MemorySize: 16 << 20, Console: &console})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	if s := m.Run(cpu.UntilTime(1_000_000_000)); s.Reason != PowerOff || s.Status != 1 {
		t.Fatalf("%s; the output ends in %s", s.Message(), console.Bytes()[max(0, console.Len()-300):])
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	text, err := exec.CommandContext(ctx, with, "-M", "pc", "-accel", "tcg", "-kernel", image, "-m", "16", "-debugcon", "file:"+file, "-device",
		"isa-debug-exit,iobase=0xf4,iosize=4", "-display", "none", "-monitor", "none", "-serial", "none", "-no-reboot", "-nic", "none").CombinedOutput()
	if ee, ok := err.(*exec.ExitError); !ok || ee.ExitCode() != 1 {
		t.Fatalf("%s: %v %s", with, err, text)
	}
	theirs, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := func(out []byte) []string {
		return regexp.MustCompile(`(?m)^.+$`).FindAllString(strings.ReplaceAll(string(out), "\r", ""), -1)
	}
	got, want := lines(console.Bytes()), lines(theirs)
	if len(got) != len(want) || len(want) < 200 {
		t.Fatalf("%d lines, QEMU's has %d", len(got), len(want))
	}
	for i, line := range got {
		name, did, _ := strings.Cut(line, ":")
		if manual, ok := debugRegsOnQEMU[name]; ok {
			if did != manual {
				t.Errorf("%s:%s, by the manual%s", name, did, manual)
			}
		} else if line != want[i] {
			t.Errorf("here %s\nQEMU %s", line, want[i])
		}
	}
	oracle.Compared(family, with, len(want)-len(debugRegsOnQEMU))
}
