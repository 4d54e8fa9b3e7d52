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
	familySystem64    = "x86-64 privileged instructions and paging"
	systemReference64 = "qemu-system-x86_64"
)

// system64Image builds testdata/system64.
func system64Image(t *testing.T) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "image")
	args := []string{"-m64", "-march=x86-64", "-O1", "-mno-red-zone", "-mgeneral-regs-only", "-mcmodel=kernel", "-fno-pic", "-fno-pie", "-no-pie", "-ffreestanding",
		"-fno-asynchronous-unwind-tables", "-nostdlib", "-static", "-fcf-protection=none", "-fno-stack-protector",
		"-Wl,-Ttext=0x100000,--oformat=binary,-e,_start,--build-id=none", "-o", out,
		filepath.Join("testdata", "system64", "entry.S"), filepath.Join("testdata", "system64", "long.c")}
	if _, err := exec.LookPath("gcc"); err != nil {
		oracle.Missing(t, familySystem64, systemReference64, err.Error())
	}
	if text, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	p, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// runSystem64 returns what the image prints; run executes it until over.
func runSystem64(t *testing.T, image []byte, run func(m *machine, over *bool)) string {
	m := newLongMachine(t, 32<<20)
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

func qemuSystem64(t *testing.T, image []byte) string {
	t.Helper()
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		oracle.Missing(t, familySystem64, systemReference64, err.Error())
	}
	dir := t.TempDir()
	file, out := filepath.Join(dir, "image"), filepath.Join(dir, "out")
	if err := os.WriteFile(file, image, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // bounds a hang only
	defer cancel()
	text, err := exec.CommandContext(ctx, qemu, "-M", "pc", "-accel", "tcg",
		"-cpu", "Nehalem,+smep,+smap,+pku,+fsgsbase,+umip,+xsave,+xsaveopt,+pdpe1gb,+rdtscp", "-m", "32", "-kernel", file, "-debugcon", "file:"+out,
		"-display", "none", "-monitor", "none", "-serial", "none", "-no-reboot", "-nic", "none").CombinedOutput()
	p, _ := os.ReadFile(out)
	if err != nil {
		t.Fatalf("qemu: %v %s; output ends in %s", err, text, p[max(0, len(p)-300):])
	}
	return string(p)
}

// qemuDeviates64 lists the tests in which QEMU does not do what the manual says, and what must be in our line instead.
var qemuDeviates64 = map[string]string{
	"reserved_bit":           "err=9", // SDM vol. 3 §4.7: the entry is present
	"reserved_2m":            "err=9",
	"reserved_1g":            "err=9",
	"reserved_pml4":          "err=9",
	"not_canonical_end":      "vec=d err=0", // the last byte counts too; so do the host's processors
	"not_canonical_stack":    "vec=c err=0", // SDM vol. 3 §6.15, #SS
	"not_canonical_push":     "vec=c err=0",
	"not_canonical_ret":      "vec=d err=0", // the stack pointer is as before
	"iret_not_canonical":     "vec=d err=0",
	"int_absent":             "vec=b err=41a", // SDM vol. 3 §6.13: the vector's number in bits 3 to 15
	"int_16":                 "vec=d err=422",
	"int_task":               "vec=d err=42a",
	"int_beyond":             "vec=d err=482",
	"u_int_dpl":              "vec=d err=402",
	"wrmsr_not_canonical":    "vec=d err=0", // SDM vol. 2, WRMSR, WRFSBASE, LTR, MOV to CR8
	"wrgsbase_not_canonical": "vec=d err=0",
	"cr8":                    "vec=d err=0",
	"ltr_not_canonical":      "vec=d err=70",
	"ltr_16":                 "vec=d err=90",
	"xsave":                  "=2 =1234 =1234",   // SDM vol. 1, 13.6: x87 is in its initial state, and not in use
	"sysret_not_canonical":   "cs=8 ",            // SDM vol. 2, SYSRET: the exception comes first
	"u_syscall_ac":           "=40003 =40911000", // FMASK has not masked CF
	"iret_l_and_d":           "vec=d err=18",     // SDM vol. 3 §3.4.5, L
}

// TestSystem64AgainstQEMU runs the same image on both.
func TestSystem64AgainstQEMU(t *testing.T) { workSystem64.Needed(t) }

func compareSystem64(t *testing.T) {
	image := system64Image(t)
	text := runSystem64(t, image, func(m *machine, _ *bool) {
		if e := m.upTo(20_000_000); e.Reason != cpu.Requested {
			t.Errorf("the run ended by %v %s", e.Reason, e.Detail)
		}
	})
	if stepped := runSystem64(t, image, countSystem); stepped != text {
		t.Error("the image prints other things when it is run in steps")
	}
	names, ours := systemLines(text)
	_, theirs := systemLines(qemuSystem64(t, image))
	if len(names) < 120 {
		t.Errorf("only %d tests ran", len(names))
	}
	oracle.Compared(familySystem64, systemReference64, len(names)-len(qemuDeviates64))
	for _, n := range names {
		if want, ok := qemuDeviates64[n]; ok {
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

// TestINVPCID: what each type drops, at least, and what is refused (SDM vol. 2, INVPCID).
func TestINVPCID(t *testing.T) {
	for _, test := range []struct {
		what, lo, hi uint64
		ok           bool
	}{
		{0, 0, nativeData, true}, {1, 0, 0, true}, {2, 0, 0, true}, {3, 0, 0, true},
		{4, 0, 0, false}, {0, 0, 1 << 47, false}, {1, 1 << 12, 0, false}, {1, 5, 0, false},
	} {
		m := user64Machine(t)
		n := newInput([]byte{0x90})
		m.load64(n)
		c := m.c
		c.setFlat(0x10, 0x18, 0, mode64)
		c.load8(nativeData)
		m.write64(physData, test.lo, test.hi)
		c.r[regEAX] = test.what
		op := Op{Cold: kINVPCID, Flags: FlagMem, Base: regZero, Index: regZero, Disp: nativeData, Seg: segDS, Size: 4, Reg: regEAX}
		if got := execINVPCID(c, &op); got != test.ok {
			t.Errorf("%+v: %v, exception %+v", test, got, c.exc)
		}
		held := c.rd[nativeData>>12%tlbSize].tag != 0
		if held == test.ok {
			t.Errorf("%+v: the translation is held: %v", test, held)
		}
	}
}
