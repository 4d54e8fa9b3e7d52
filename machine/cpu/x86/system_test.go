package x86

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

const (
	familySystem    = "x86 privileged instructions and transfers"
	systemReference = "qemu-system-i386"
)

// systemImage builds testdata/system: tests of privileged instructions and transfers that print what they see to port 0xe9.
func systemImage(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	out := filepath.Join(dir, "image")
	args := []string{"-march=i686", "-O1", "-fno-pic", "-fno-pie", "-no-pie", "-ffreestanding", "-fno-asynchronous-unwind-tables", "-nostdlib", "-static",
		"-fcf-protection=none", "-fno-stack-protector", "-Wl,-Ttext=0x100000,--oformat=binary,-e,_start,--build-id=none", "-o", out,
		filepath.Join("testdata", "system", "entry.S"), filepath.Join("testdata", "system", "system.c")}
	if _, err := exec.LookPath("i686-linux-gnu-gcc"); err != nil {
		oracle.Missing(t, familySystem, systemReference, err.Error())
	}
	if text, err := exec.Command("i686-linux-gnu-gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	p, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// runSystem returns what the image prints; run executes it until over, which is set by the image's write to the power port.
func runSystem(t *testing.T, image []byte, run func(m *machine, over *bool)) string {
	m := newMachine(t, 32<<20)
	var out bytes.Buffer
	over := false
	m.bus.onOut = func(port uint16, size int, v uint32) {
		switch port {
		case 0xe9:
			out.WriteByte(byte(v))
		case 0x604:
			over = true
			m.c.RequestExit()
		}
	}
	m.write(testOrg, image)
	m.c.SetProtectedFlat(Entry{EIP: testOrg, EAX: 0x2badb002})
	run(m, &over)
	if !over {
		tail := out.String()
		t.Errorf("the run ended at %#x; last output: %s", m.c.PC(), tail[max(0, len(tail)-200):])
	}
	return out.String()
}

func qemuSystem(t *testing.T, image []byte) string {
	t.Helper()
	qemu, err := exec.LookPath("qemu-system-i386")
	if err != nil {
		oracle.Missing(t, familySystem, systemReference, err.Error())
	}
	dir := t.TempDir()
	file, out := filepath.Join(dir, "image"), filepath.Join(dir, "out")
	if err := os.WriteFile(file, image, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // bounds a hang only
	defer cancel()
	text, err := exec.CommandContext(ctx, qemu, "-M", "pc", "-accel", "tcg", "-cpu", "pentium3,+sse2,+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+nx", "-m", "32", "-kernel", file, "-debugcon", "file:"+out,
		"-display", "none", "-monitor", "none", "-serial", "none", "-no-reboot", "-nic", "none").CombinedOutput()
	p, _ := os.ReadFile(out)
	if err != nil {
		t.Fatalf("qemu: %v %s; output ends in %s", err, text, p[max(0, len(p)-300):])
	}
	return string(p)
}

// systemLines cuts the output into one line for each test, by name.
func systemLines(out string) (names []string, lines map[string]string) {
	lines = make(map[string]string)
	for _, l := range strings.Split(out, "\n") {
		if name, rest, ok := strings.Cut(l, ":"); ok {
			names = append(names, name)
			lines[name] = rest
		}
	}
	return names, lines
}

// qemuDeviates lists the tests in which QEMU does not do what the manual says, and what must be in our line instead.
var qemuDeviates = map[string]string{
	"bad_tss_absent":     "vec=c err=78", // SDM vol. 2 CALL: an absent inner stack segment is #SS, not #TS
	"ltr_null":           "vec=d err=0",  // LTR of a null selector is #GP(0)
	"rdmsr_unknown":      "vec=d err=0",
	"dr_values":          "out=ffffefff", // DR6 bit 12 is always 0
	"task_absent_ds":     "vec=b err=78", // reported in the new task, at its EIP
	"task_trap":          "dr6=8000",     // the T bit of the TSS
	"page_user_absent":   "err=6",        // a read-modify-write asks for writing at once; so do the host's processors
	"pae_pdpte_reserved": "vec=d err=0",
	"int1":               "vec=1", // SDM vol. 3, 6.3.1: F1 raises #DB
}

// TestSystemAgainstQEMU runs the same image on both.
func TestSystemAgainstQEMU(t *testing.T) { workSystem.Needed(t) }

func compareSystem(t *testing.T) {
	image := systemImage(t)
	text := runSystem(t, image, func(m *machine, _ *bool) {
		if e := m.upTo(50_000_000); e.Reason != cpu.Requested {
			t.Errorf("the run ended by %v %s", e.Reason, e.Detail)
		}
	})
	if stepped := runSystem(t, image, countSystem); stepped != text {
		t.Error("the image prints other things when it is run in steps")
	}
	names, ours := systemLines(text)
	_, theirs := systemLines(qemuSystem(t, image))
	if len(names) < 150 {
		t.Errorf("only %d tests ran", len(names))
	}
	oracle.Compared(familySystem, systemReference, len(names)-len(qemuDeviates))
	for _, n := range names {
		if want, ok := qemuDeviates[n]; ok {
			if !strings.Contains(ours[n], want) {
				t.Errorf("%s:%s, want %s in it", n, ours[n], want)
			}
			continue
		}
		if ours[n] != theirs[n] {
			t.Errorf("%s:\nqemu%s\nhere%s", n, theirs[n], ours[n])
		}
	}
}

// TestTimingLeaf: CPUID says that there is a hypervisor and at what frequency the time-stamp counter counts, and that is the clock's.
func TestTimingLeaf(t *testing.T) {
	m := newMachine(t, 4<<20)
	m.start([]byte{
		0xb8, 1, 0, 0, 0, // mov $1, %eax
		0x0f, 0xa2, // cpuid
		0x89, 0xce, // mov %ecx, %esi
		0xb8, 0x10, 0, 0, 0x40, // mov $0x40000010, %eax
		0x0f, 0xa2, // cpuid
		0x89, 0xc7, // mov %eax, %edi
		0x0f, 0x31, // rdtsc
		0xf4, // hlt
	})
	m.runToHalt()
	if m.c.r[regESI]>>31 != 1 || m.c.r[regEDI] != 1_000_000 {
		t.Errorf("leaf 1 has ECX %#x, and the frequency is %d kHz", m.c.r[regESI], m.c.r[regEDI])
	}
	if tsc, now := uint64(m.c.r[regEAX]), m.clk.Now(); tsc > now || now-tsc > 2 {
		t.Errorf("the counter is %d at %d ns", tsc, now)
	}
}
