package arm64

import (
	"debug/elf"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"forkscope/machine/cpu"
	"forkscope/scripts/oracle"
)

// uart is a bus with the transmit register of a PL011 where the virt board has it.
type uart struct{ out strings.Builder }

func (*uart) ReadMMIO(pa uint64, _ int) (uint64, bool) {
	return 0, pa>>12 == 0x09000 || pa < 0x08000000 // the virt board has flash there
}
func (u *uart) WriteMMIO(pa uint64, _ int, v uint64) bool {
	if pa == 0x09000000 {
		u.out.WriteByte(byte(v))
	}
	return pa>>12 == 0x09000
}
func (*uart) In(uint16, int) uint32   { return 0 }
func (*uart) Out(uint16, int, uint32) {}

// runImage runs an ELF file until it powers off, and returns what it printed.
func runImage(t *testing.T, file string) string {
	t.Helper()
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	u := &uart{}
	b := newBoard(t, 16<<20, u)
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		data, err := io.ReadAll(p.Open())
		if err != nil {
			t.Fatal(err)
		}
		b.ram.Write(p.Paddr, data)
	}
	b.hvc = func(x *[4]uint64) bool {
		b.RequestExit()
		return true
	}
	b.SetPC(f.Entry)
	if e := b.Run(1 << 32); e.Reason != cpu.Requested {
		t.Fatalf("ended with %v %s at %#x after %q", e.Reason, e.Detail, b.PC(), u.out.String())
	}
	return u.out.String()
}

// probeDiffers are lines where QEMU 7.2 departs from the architecture, by how they begin, and what must be there instead.
var probeDiffers = []struct{ line, got, why string }{
	{"sp check=1 el=1 off=8", "sp check=1 el=1 off=8 esr=9a000000 esr=9a000000 sp=208", "QEMU never checks the alignment of SP"},
	{"sp check=2 el=0 off=8", "sp check=2 el=0 off=8 esr=9a000000 esr=9a000000 sp=208", "QEMU never checks the alignment of SP"},
	{"sp check=3 el=0 off=8", "sp check=3 el=0 off=8 esr=9a000000 esr=9a000000 sp=208", "QEMU never checks the alignment of SP"},
	{"sp check=3 el=1 off=8", "sp check=3 el=1 off=8 esr=9a000000 esr=9a000000 sp=208", "QEMU never checks the alignment of SP"},
	{"stub_daifset EL0", "stub_daifset EL0 vector=8 esr=620cd3e4 elr=0 spsr=3c0 x0=0", "QEMU swaps Op1 and Op2 in the syndrome"},
	{"stub_daifclr EL0", "stub_daifclr EL0 vector=8 esr=620ed3e4 elr=0 spsr=3c0 x0=0", "QEMU swaps Op1 and Op2 in the syndrome"},
	{"stub_cvau EL1", "stub_cvau EL1 vector=4 esr=96000147 far=8000000000 elr=0 spsr=3c5 x0=0", "QEMU does not translate for cache maintenance"},
	{"stub_cvap EL1", "stub_cvap EL1 vector=4 esr=96000147 far=8000000000 elr=0 spsr=3c5 x0=0", "QEMU reports it as a read"},
	{"stub_civac EL1", "stub_civac EL1 vector=4 esr=96000147 far=8000000008 elr=0 spsr=3c5 x0=0", "QEMU does not translate for cache maintenance"},
}

// A hit by a load, or by the load of an atomic instruction: the syndrome's WnR bit is 0, but 1 on QEMU when the watchpoint had been hit by a store before.
var loadAfterStore = regexp.MustCompile(`^( stub_(?:l\w+|swp|cas) EL[01]=d[26]0000)62 (.*)$`)

// departs says whether QEMU's line is one of those where the manual says got. Under the OS lock there are no debug exceptions; QEMU looks at
// the wrong bit of OSLSR_EL1.
func departs(section, got, want string) bool {
	if m := loadAfterStore.FindStringSubmatch(want); m != nil && got == m[1]+"22 "+m[2] {
		return true
	}
	if section == " mde,kde,lock=5" || section == " mde,kde,lock=7" {
		return strings.HasSuffix(got, "=56000077") // that of the stub's own svc
	}
	for _, d := range probeDiffers {
		if strings.HasPrefix(want, d.line) && got == d.got {
			return true
		}
	}
	return false
}

// TestSystemProbe compares what exceptions tell with QEMU's system emulator.
func TestSystemProbe(t *testing.T) {
	for _, tool := range []string{"aarch64-linux-gnu-gcc", "qemu-system-aarch64"} {
		if _, err := exec.LookPath(tool); err != nil {
			oracle.Missing(t, familySystem, systemReference, tool+" is not installed")
		}
	}
	dir := t.TempDir()
	image := filepath.Join(dir, "probe.elf")
	if out, err := exec.Command("aarch64-linux-gnu-gcc", "-O1", "-ffreestanding", "-nostdlib", "-static", "-mgeneral-regs-only",
		"-fno-pic", "-no-pie", "-Wl,-T,testdata/system/system.lds,--build-id=none,-z,max-page-size=4096", "-o", image,
		"testdata/system/start.S", "testdata/system/probe.c").CombinedOutput(); err != nil {
		t.Fatalf("building the probe: %v\n%s", err, out)
	}
	got := strings.Split(runImage(t, image), "\n")
	serial := filepath.Join(dir, "serial")
	if out, err := exec.Command("timeout", "60", "qemu-system-aarch64", "-M", "virt", "-cpu", "neoverse-n1", "-m", "64", "-kernel", image,
		"-serial", "file:"+serial, "-monitor", "none", "-display", "none").CombinedOutput(); err != nil {
		t.Fatalf("running the probe on QEMU: %v\n%s", err, out)
	}
	reference, err := os.ReadFile(serial)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(string(reference), "\n")
	if len(want) < 400 || len(got) != len(want) {
		t.Errorf("%d lines, the reference has %d", len(got), len(want))
	}
	section, differ := "", 0
	for i := range min(len(got), len(want)) {
		if !strings.Contains(want[i], "stub_") {
			section = want[i]
		}
		if got[i] != want[i] && !departs(section, got[i], want[i]) {
			if differ++; differ <= 20 {
				t.Errorf("line %d (%s):\n\tgot  %s\n\twant %s", i+1, section, got[i], want[i])
			}
		}
	}
	t.Logf("%d lines, %d differ", len(want), differ)
	oracle.Compared(familySystem, systemReference, len(want))
}
