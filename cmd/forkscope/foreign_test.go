package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"forkscope/scripts/oracle"
)

// Images that know nothing of forkscope: what they print and end with is compared with QEMU running the same file.

// assemble makes a bare-metal image of a source in testdata/foreign: an ELF file linked at text, or its bytes alone.
func assemble(t *testing.T, arch, source, text string, flat bool, options ...string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, source+".elf")
	args := []string{"-nostdlib", "-static", "-Wl,--build-id=none", "-Wl,-N", "-Wl,-Ttext=" + text, "-o", file, filepath.Join("testdata", "foreign", source)}
	if b, err := exec.Command(need(t, crossCompiler[arch]), append(args, options...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if !flat {
		return file
	}
	objcopy := map[string]string{"i386": "i686-linux-gnu-objcopy", "arm64": "aarch64-linux-gnu-objcopy"}[arch]
	if b, err := exec.Command(need(t, objcopy), "-O", "binary", "-j", ".text", file, filepath.Join(dir, "flat")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return filepath.Join(dir, "flat")
}

// onQEMU runs an image on QEMU and returns its standard output and exit status.
func onQEMU(t *testing.T, arch string, args ...string) (string, int) {
	t.Helper()
	name, board := "qemu-system-i386", []string{"-M", "pc", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"}
	if arch == "arm64" {
		name, board = "qemu-system-aarch64", []string{"-M", "virt", "-cpu", "cortex-a57"}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	args = append(append(board, "-m", "64", "-nodefaults", "-display", "none", "-no-reboot"), args...)
	out, err := exec.CommandContext(ctx, need(t, name), args...).Output()
	oracle.Compared(foreignImages, name, 1)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(out), exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return string(out), 0
}

// A multiboot kernel prints on COM1 and on port 0xe9, and ends the run through port 0xf4.
func TestForeignMultiboot(t *testing.T) {
	image := assemble(t, "i386", "multiboot.S", "0x100000", false)
	dir := t.TempDir()
	serial, kept := filepath.Join(dir, "qemu"), filepath.Join(dir, "ours")
	debug, wantStatus := onQEMU(t, "i386", "-kernel", image, "-serial", "file:"+serial, "-debugcon", "stdio")
	wantSerial, err := os.ReadFile(serial)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept, []byte("of an earlier, longer run: this must not stay behind in the file"), 0o666); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	status := doMain([]string{"forkscope", "run", "--quiet", "--mem", "64M", "--kernel", image, "--serial", kept}, nil, &stdout, &stderr)
	got, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	if len(wantSerial) == 0 || !bytes.Equal(got, wantSerial) {
		t.Errorf("--serial kept %q, QEMU %q", got, wantSerial)
	}
	if want := string(wantSerial) + debug; stdout.String() != want || debug == "" {
		t.Errorf("the console shows %q, want %q", stdout.String(), want)
	}
	if status != wantStatus || status != 0x2b {
		t.Errorf("status %d, QEMU's %d", status, wantStatus)
	}
}

// --max-insns ends a guest that would go on for ever, one that computes and one that sleeps for good, with one sentence.
func TestMaxInstructions(t *testing.T) {
	for _, c := range []struct {
		name, arch string
		args       []string
	}{
		{"during the boot", "i386", []string{"--max-insns", "1000"}},
		{"during the boot", "arm64", []string{"--max-insns", "1000"}},
		{"asleep for good", "i386", []string{"--max-insns", "1000000", "--kernel", assemble(t, "i386", "halt.S", "0x100000", false)}},
	} {
		t.Run(c.name+"/"+c.arch, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			status := doMain(append([]string{"forkscope", "run", "--arch", c.arch}, c.args...), nil, &stdout, &stderr)
			want := "forkscope: the guest has reached instruction " + c.args[1] + ", where --max-insns ends it\n"
			if status != statusFailure || stderr.String() != want || stdout.Len() != 0 {
				t.Errorf("status %d, %q, console %q", status, &stderr, &stdout)
			}
		})
	}
	if _, status := ours(t, "--arch", "i386", "--max-insns", "100000000000", "--append", "-- /bin/status 3"); status != 3 {
		t.Errorf("a limit that is not reached gave status %d", status)
	}
}

// A multiboot kernel of somebody else's gets no module that it was not given.
func TestForeignKernelGetsNoInitrd(t *testing.T) {
	image := assemble(t, "i386", "modules.S", "0x100000", false)
	initrd := filepath.Join(t.TempDir(), "initrd")
	if err := os.WriteFile(initrd, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, extra := range [][]string{nil, {"--initrd", initrd}} {
		args := append([]string{"--kernel", image}, extra...)
		_, status := ours(t, args...)
		if len(extra) > 0 {
			args = []string{"-kernel", image, "-initrd", initrd}
		} else {
			args = []string{"-kernel", image}
		}
		if _, want := onQEMU(t, "i386", args...); status != want || want != len(extra)+1 {
			t.Errorf("%v: status %d, QEMU's %d", extra, status, want)
		}
	}
}

// A flat arm64 binary finds itself 0x80000 from the start of RAM, and the device tree by x0.
func TestForeignFlatBinary(t *testing.T) {
	image := assemble(t, "arm64", "flat.S", "0", true)
	want, wantStatus := onQEMU(t, "arm64", "-kernel", image, "-serial", "stdio")
	got, status := ours(t, "--arch", "arm64", "--kernel", image)
	if got != want || status != wantStatus || want != "0000000040080000 d00dfeed\n" {
		t.Errorf("status %d, %q; QEMU %d, %q", status, got, wantStatus, want)
	}
}

// A ROM of 64 KiB starts at the reset vector, prints by polling COM1, sees itself at both places and cannot be written. One of 256 KiB is
// seen below 1 MiB with its last 128.
func TestForeignROM(t *testing.T) {
	small, err := os.ReadFile(assemble(t, "i386", "rom.S", "0", true))
	if err != nil || len(small) != 64<<10 {
		t.Fatal(len(small), err)
	}
	for _, size := range []int{64 << 10, 256 << 10} {
		b := bytes.Repeat([]byte{0xee}, size)
		copy(b[size-len(small):], small)
		image := filepath.Join(t.TempDir(), "rom")
		if err := os.WriteFile(image, b, 0o666); err != nil {
			t.Fatal(err)
		}
		want, wantStatus := onQEMU(t, "i386", "-bios", image, "-serial", "stdio")
		got, status := ours(t, "--bios", image)
		if got != want || status != wantStatus || want != "high\nlow\nunchanged\n" {
			t.Errorf("%d KiB: status %d, %q; QEMU %d, %q", size>>10, status, got, wantStatus, want)
		}
	}
}

// A flat arm64 binary prints and exits by semihosting, where that is on; where it is off, hlt is undefined.
func TestForeignSemihosting(t *testing.T) {
	image := assemble(t, "arm64", "semihosting.S", "0", true)
	want, wantStatus := onQEMU(t, "arm64", "-kernel", image, "-chardev", "stdio,id=host", "-semihosting-config", "enable=on,target=native,chardev=host")
	got, status := ours(t, "--arch", "arm64", "--semihosting", "--kernel", image)
	if got != want || status != wantStatus || status != 42 || want != "c\nstring\nfile\n" {
		t.Errorf("status %d, %q; QEMU %d, %q", status, got, wantStatus, want)
	}
	failing := assemble(t, "arm64", "semihosting.S", "0", true, "-DFAIL")
	want, wantStatus = onQEMU(t, "arm64", "-kernel", failing, "-chardev", "stdio,id=host", "-semihosting-config", "enable=on,target=native,chardev=host")
	got, status = ours(t, "--arch", "arm64", "--semihosting", "--kernel", failing)
	if got != want || status != wantStatus || status != 7 {
		t.Errorf("a file that is not there: status %d, %q; QEMU %d, %q", status, got, wantStatus, want)
	}
	if got, status := ours(t, "--arch", "arm64", "--max-insns", "100000", "--kernel", image); got != "" || status != statusFailure {
		t.Errorf("without --semihosting: status %d, %q", status, got)
	}
}
