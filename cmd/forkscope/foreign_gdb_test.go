package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A kernel of anybody's that is linked elsewhere than it is loaded is stopped by its linked addresses before its page tables are in
// use, and not by other code that is at the loaded ones later. (QEMU's stub knows neither the image nor this.)
func TestForeignKernelLinkedHigh(t *testing.T) {
	for _, c := range []struct{ arch, linked, offset string }{
		{"i386", "0xc0100000", "0xc0000000"},
		{"arm64", "0xffffff8040080000", "0xffffff8000000000"},
	} {
		image := assemble(t, c.arch, "high.S", c.linked, false, "-g", "-DOFFSET="+c.offset,
			"-Wl,-T,testdata/foreign/high.lds", "-Wl,--defsym=OFFSET="+c.offset)
		for _, script := range []string{"high", "high-symbols"} {
			t.Run(script+"/"+c.arch, func(t *testing.T) {
				e := startEmulator(t, "--kernel", image)
				script := filepath.Join("testdata", "foreign", script)
				out := e.gdb(t, script+".gdb")
				if msg := compare(out, script+".expected", c.arch); msg != "" {
					t.Errorf("%s\ngdb printed:\n%s\nthe emulator:\n%s", msg, out, e.out.String())
				}
			})
		}
	}
}

// usualLines are all that gdb may print in testdata/foreign/look.gdb.
var usualLines = regexp.MustCompile(strings.Join([]string{
	`^$`,
	`^warning: No executable has been specified and target does not support$`,
	`^determining executable automatically\.  Try using the "file" command\.$`,
	`^Reading /boot/vmlinux-(i386|arm64) from remote target\.\.\.$`,
	`^warning: File transfers from remote targets can be slow\. Use "set sysroot" to access files locally instead\.$`,
	`^Reading symbols from target:/boot/vmlinux-(i386|arm64)\.\.\.$`,
	`^\(No debugging symbols found in target:/boot/vmlinux-(i386|arm64)\)$`,
	`^(#0  )?(0x[0-9a-f]+ in )?(_start|\?\?) \(\)( at .*multiboot\.S:[0-9]+)?$`,
	`^[0-9]+\t(in )?.*$`, // a source line
	`^Backtrace stopped: not enough registers or memory available to unwind further$`,
	`^  Id +Target Id +Frame $`,
	`^\* 1 +Thread 1 "cpu0" \(running\) +(0x[0-9a-f]+ in )?(_start|\?\?) \(\)( at .*multiboot\.S:[0-9]+)?$`,
	`^  Num +Description +Connection +Executable +$`,
	`^\* 1 +Remote target +1 \(remote .*\) +(target:/boot/vmlinux-(i386|arm64) )?$`,
	`^pc +0x[0-9a-f]+ +0x[0-9a-f]+( <_start(\+[0-9]+)?>)?$`,
	`^Not supported on this target\.$`,
	`^\[Inferior 1 \(Remote target\) detached\]$`,
}, "|"))

// A kernel whose tasks nobody knows, or a ROM, is shown as its CPU: one sentence of forkscope's says so, and gdb prints nothing else than
// what it prints of a machine with one thread.
func TestForeignKernelsInGDB(t *testing.T) {
	multiboot := assemble(t, "i386", "multiboot.S", "0x100000", false)
	withTypes := assemble(t, "i386", "multiboot.S", "0x100000", false, "-g")
	stripped := filepath.Join(t.TempDir(), "stripped")
	if b, err := exec.Command(need(t, "i686-linux-gnu-strip"), "-o", stripped, multiboot).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	flat := assemble(t, "arm64", "flat.S", "0", true)
	for _, c := range []struct {
		name, why string
		args      []string
	}{
		{"Multiboot", "the kernel has no init_task", []string{"--kernel", multiboot}},
		{"with debug information", "the kernel has no init_task", []string{"--kernel", withTypes}},
		{"stripped", "the kernel has no symbols", []string{"--kernel", stripped}},
		{"flat", "the kernel is no ELF file", []string{"--arch", "arm64", "--kernel", flat}},
		{"ROM", "a ROM is no kernel", []string{"--bios", assemble(t, "i386", "rom.S", "0", true)}},
	} {
		for _, view := range []string{"both", "kernel"} {
			t.Run(c.name+"/"+view, func(t *testing.T) {
				e := startEmulator(t, append(c.args, "--view", view, "--max-insns", "1000000")...)
				out := e.gdb(t, filepath.Join("testdata", "foreign", "look.gdb"))
				for _, line := range strings.Split(out, "\n") {
					if !usualLines.MatchString(line) {
						t.Errorf("gdb printed %q, in\n%s", line, out)
					}
				}
				if strings.Count(out, `Thread 1 "cpu0" (running)`) != 1 || !strings.Contains(out, "detached") {
					t.Errorf("gdb printed\n%s", out)
				}
				e.ended(t)
				want := "forkscope: gdb is shown the CPU as one thread, since no tasks are known: " + c.why + "\n"
				if said := e.out.String(); strings.Count(said, want) != 1 || strings.Contains(said, "error") {
					t.Errorf("forkscope said %q", said)
				}
			})
		}
	}
}

// Processes are not shown alone where they cannot be found, and the reason is one sentence.
func TestForeignKernelHasNoProcesses(t *testing.T) {
	image := assemble(t, "i386", "multiboot.S", "0x100000", false)
	program := compile(t, "i386", filepath.Join("testdata", "gdb", "loop.c"))
	var stdout, stderr bytes.Buffer
	status := doMain([]string{"forkscope", "run", "--kernel", image, "--gdb", "unix:" + filepath.Join(t.TempDir(), "gdb"), "--view", "process", program}, nil, &stdout, &stderr)
	want := "forkscope: --view process: the kernel's processes cannot be shown: the kernel has no init_task\n"
	if status != 2 || stderr.String() != want {
		t.Errorf("status %d, %q", status, &stderr)
	}
}
