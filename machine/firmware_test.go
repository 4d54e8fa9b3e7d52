package machine

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forkscope/machine/cpu"
	"forkscope/scripts/oracle"
)

// TestFirmwareAgreesWithQEMU makes firmware calls of every kind on the board and on QEMU's, which has no better firmware than this, and
// compares what comes back. (Bits above the function number are not among them: QEMU looks at them, the specification does not.)
func TestFirmwareAgreesWithQEMU(t *testing.T) {
	const family, with = "firmware calls (PSCI)", "qemu-system-aarch64"
	for _, tool := range []string{"aarch64-linux-gnu-gcc", with} {
		if _, err := exec.LookPath(tool); err != nil {
			oracle.Missing(t, family, with, tool+" is not installed")
		}
	}
	dir := t.TempDir()
	image, serial := filepath.Join(dir, "firmware"), filepath.Join(dir, "serial")
	if out, err := exec.Command("aarch64-linux-gnu-gcc", "-O1", "-ffreestanding", "-nostdlib", "-static", "-mgeneral-regs-only", "-fno-pic",
		"-no-pie", "-Wl,-Ttext=0x40080000,--build-id=none,-n", "-o", image, filepath.Join("testdata", "firmware.c")).CombinedOutput(); err != nil {
		t.Fatalf("building it: %v\n%s", err, out)
	}
	kernel, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	var console bytes.Buffer
	m, err := New(Config{Arch: "arm64", Kernel: kernel, MemorySize: 4 << 20, Console: &console})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	if s := m.Run(cpu.UntilTime(1_000_000_000)); s.Reason != PowerOff || s.Status != 0 {
		t.Fatalf("%s; status %d, console:\n%s", s.Message(), s.Status, console.String())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, with, "-M", "virt,gic-version=2", "-cpu", "cortex-a57", "-m", "64", "-kernel", image,
		"-serial", "file:"+serial, "-monitor", "none", "-display", "none").CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", with, err, out)
	}
	theirs, err := os.ReadFile(serial)
	if err != nil {
		t.Fatal(err)
	}
	got, want := strings.Split(console.String(), "\n"), strings.Split(string(theirs), "\n")
	if len(got) != len(want) || len(want) < 500 {
		t.Fatalf("%d lines, QEMU's has %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d: %q, QEMU has %q", i+1, got[i], want[i])
		}
	}
	oracle.Compared(family, with, len(want))
}
