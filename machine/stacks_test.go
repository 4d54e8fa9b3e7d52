package machine

import (
	"bytes"
	"context"
	"fmt"
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

// stacksROM builds testdata/stacks.
func stacksROM(t *testing.T, family, with string) string {
	t.Helper()
	const compiler = "i686-linux-gnu-gcc"
	if _, err := exec.LookPath(compiler); err != nil {
		oracle.Missing(t, family, with, compiler+" is not installed")
	}
	rom := filepath.Join(t.TempDir(), "rom")
	dir := filepath.Join("testdata", "stacks")
	if out, err := exec.Command(compiler, "-march=i686", "-O1", "-fno-pic", "-fno-pie", "-no-pie", "-ffreestanding", "-fno-stack-protector",
		"-fno-asynchronous-unwind-tables", "-nostdlib", "-static", "-fcf-protection=none",
		"-Wl,-T,"+filepath.Join(dir, "stacks.lds")+",--oformat=binary,--build-id=none", "-o", rom,
		filepath.Join(dir, "stacks.S"), filepath.Join(dir, "driver.c")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return rom
}

// stacksLines are the ROM's lines in what a machine printed: what was run, and what it did.
func stacksLines(out []byte) (names []string, did map[string]string) {
	did = make(map[string]string)
	for _, l := range regexp.MustCompile(`(?m)^(\w+ code\d\d stack\d\d inner\d\d \w+ \w+): (.*?)\r?$`).FindAllSubmatch(out, -1) {
		names = append(names, string(l[1]))
		did[string(l[1])] = string(l[2])
	}
	return names, did
}

func stacksHere(t *testing.T, rom string) (names []string, did map[string]string) {
	t.Helper()
	bios, err := os.ReadFile(rom)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	m, err := New(Config{Arch: "i386", BIOS: bios, MemorySize: 16 << 20, Console: &out})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	if s := m.Run(cpu.UntilTime(4_000_000_000)); s.Reason != PowerOff || s.Status != 1 {
		t.Fatalf("%s; the output ends in %s", s.Message(), out.Bytes()[max(0, out.Len()-300):])
	}
	if names, did = stacksLines(out.Bytes()); len(names) < 2000 || len(did) != len(names) {
		t.Fatalf("%d lines, %d of them different", len(names), len(did))
	}
	return names, did
}

// stacksOnQEMU are where QEMU departs from the manual: the frame pointer that ENTER makes is ESP, not SP, when the operand size is 32; pop to an
// address based on ESP takes it after the increment, which wraps; processors write 16 bits of a segment register; the operand of RET
// has no sign; an absent address reads otherwise.
var stacksOnQEMU = regexp.MustCompile(`^(enter_\w+l|mixed_ewl) code\d\d stack16|^pop_stack[wl] .* stack16|^push_[df]sl |^ret_big. .* stack32|^push_stack[wl] .* beef8002`)

// stacksOnBochs are where Bochs departs from a chain of pushes and pops: it takes the frame of a far transfer from memory in one piece, beyond
// the end of 64 KiB too, and its 32-bit call gate saves 16 bits of a 16-bit stack's pointer. QEMU does neither.
var stacksOnBochs = regexp.MustCompile(`^(lcall|lret|iret|int_and_back|inner)\w* .* stack16 .* (10000 10000|10002 1fffe|ffff0008 12340000)$|^inner_gatel `)

func compareStacks(t *testing.T, names []string, ours, theirs map[string]string, differs *regexp.Regexp) (n int) {
	t.Helper()
	if len(theirs) != len(ours) {
		t.Fatalf("%d lines here, %d there", len(ours), len(theirs))
	}
	for _, name := range names {
		if differs.MatchString(name) {
			continue
		}
		if n++; ours[name] != theirs[name] {
			t.Errorf("%s:\nhere  %s\nthere %s", name, ours[name], theirs[name])
		}
	}
	return n
}

// TestStacksAgreeWithQEMU runs everything that pushes and pops, in both operand sizes, on stacks of both sizes, with pointers at the ends of 64
// KiB and with a high half.
func TestStacksAgreeWithQEMU(t *testing.T) {
	const family, with = "stacks of 16 and 32 bits", "qemu-system-i386"
	if _, err := exec.LookPath(with); err != nil {
		oracle.Missing(t, family, with, "it is not installed")
	}
	rom := stacksROM(t, family, with)
	names, ours := stacksHere(t, rom)
	file := filepath.Join(t.TempDir(), "out")
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	text, err := exec.CommandContext(ctx, with, "-M", "pc", "-accel", "tcg", "-bios", rom, "-m", "16", "-debugcon", "file:"+file, "-device",
		"isa-debug-exit,iobase=0xf4,iosize=4", "-display", "none", "-monitor", "none", "-serial", "none", "-no-reboot", "-nic", "none").CombinedOutput()
	if ee, ok := err.(*exec.ExitError); !ok || ee.ExitCode() != 1 {
		t.Fatalf("%s: %v %s", with, err, text)
	}
	out, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, theirs := stacksLines(out)
	oracle.Compared(family, with, compareStacks(t, names, ours, theirs, stacksOnQEMU))
}

// TestStacksAgreeWithBochs is the same with Bochs, which differs from the manual in other places.
func TestStacksAgreeWithBochs(t *testing.T) {
	const family, with = "stacks of 16 and 32 bits", "Bochs"
	const vga = "/usr/share/bochs/VGABIOS-lgpl-latest"
	for _, tool := range []string{"bochs", "script"} {
		if _, err := exec.LookPath(tool); err != nil {
			oracle.Missing(t, family, with, tool+" is not installed")
		}
	}
	if _, err := os.Stat(vga); err != nil {
		oracle.Missing(t, family, with, "its VGA BIOS is not installed")
	}
	rom := stacksROM(t, family, with)
	names, ours := stacksHere(t, rom)
	dir := t.TempDir()
	rc, debugger, file := filepath.Join(dir, "bochsrc"), filepath.Join(dir, "commands"), filepath.Join(dir, "out")
	os.WriteFile(debugger, []byte("c\n"), 0o600) // Debian's is built with its debugger, which waits
	if err := os.WriteFile(rc, fmt.Appendf(nil, "config_interface: textconfig\ndisplay_library: term\nmemory: guest=16, host=16\n"+
		"romimage: file=%s, options=none\nvgaromimage: file=%s\ncpu: count=1, ips=50000000\nclock: sync=none\nport_e9_hack: enabled=1\n"+
		"log: %s\npanic: action=fatal\nerror: action=ignore\ninfo: action=ignore\nspeaker: enabled=0\n", rom, vga, filepath.Join(dir, "log")), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "script", "-qefc", "bochs -q -f "+rc+" -rc "+debugger, file) // it wants a terminal
	cmd.Env = append(os.Environ(), "TERM=vt100")
	cmd.WaitDelay = 5 * time.Second
	cmd.Run() // its status says nothing: the ROM ends it by what it calls a panic
	out, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, theirs := stacksLines(out)
	if len(theirs) == 0 {
		oracle.Missing(t, family, with, "it does not run here: "+strings.TrimSpace(string(out[max(0, len(out)-200):])))
	}
	oracle.Compared(family, with, compareStacks(t, names, ours, theirs, stacksOnBochs))
}
