package x86

import (
	"debug/elf"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"forkscope/machine/cpu"
)

// TestFloatingPointPrograms runs what a compiler makes of testdata/fpmath.c on the host and on the CPU, and compares the text.
func TestFloatingPointPrograms(t *testing.T) {
	const musl = "/usr/lib/i386-linux-musl/libc.a"
	if runtime.GOARCH != "amd64" || runtime.GOOS != "linux" {
		t.Skip("the oracle is an x86 processor under Linux")
	}
	if _, err := exec.LookPath("i686-linux-gnu-gcc"); err != nil {
		t.Skip("no i686-linux-gnu-gcc")
	}
	if _, err := os.Stat(musl); err != nil {
		t.Skip("no musl for i386 (package musl-dev:i386)")
	}
	for name, options := range map[string]string{
		"x87":  "-O2 -march=i686 -mno-sse",
		"sse2": "-O2 -march=pentium4 -mfpmath=sse",
		"both": "-O3 -march=pentium4 -mfpmath=both -ffast-math -fno-finite-math-only",
	} {
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "fpmath")
			args := append(strings.Fields(options), "-w", "-fno-pic", "-no-pie", "-fno-stack-protector", "-static", "-nostdlib", "-nostdinc",
				"-isystem", "/usr/include/i386-linux-musl", "-Wl,-Ttext-segment=0x200000", "-o", program, "testdata/fpmath.c", musl, "-lgcc")
			if out, err := exec.Command("i686-linux-gnu-gcc", args...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			out, err := exec.Command(program).Output()
			if err != nil {
				t.Skipf("this host does not run 32-bit programs: %v", err)
			}
			want, got := strings.Split(string(out), "\n"), strings.Split(runProgram(t, program), "\n")
			for i := range want {
				if i >= len(got) || want[i] != got[i] {
					t.Fatalf("line %d\nhost %s\nours %s", i+1, want[i], strings.Join(got[i:min(i+1, len(got))], ""))
				}
			}
			if len(want) < 300 {
				t.Fatalf("only %d lines", len(want))
			}
		})
	}
}

// runProgram runs an ELF file linked in low memory until its function finish, whose arguments are a text and its length.
func runProgram(t *testing.T, program string) string {
	t.Helper()
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := newFPUMachine(t)
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			b := make([]byte, p.Filesz)
			if _, err := p.ReadAt(b, 0); err != nil {
				t.Fatal(err)
			}
			c.mem.Write(p.Vaddr, b)
		}
	}
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]uint32{}
	for _, s := range symbols {
		at[s.Name] = uint32(s.Value)
	}
	c.fpu.init()
	c.fpu.setMXCSR(mxcsrInit)
	c.seg[segGS].sel, c.seg[segGS].base = 0x33, at["thread"]
	c.eip = uint32(f.Entry)
	c.r[regESP] = 0x3ffff0
	c.updateMode()
	c.dbg.SetBreak(uint64(at["finish"]))
	if exit := c.Run(200_000_000); exit.Reason != cpu.Break {
		t.Fatalf("stopped for %v (%s) at %#x", exit.Reason, exit.Detail, c.PC())
	}
	var frame [12]byte
	c.mem.Read(uint64(c.r[regESP]), frame[:])
	text := make([]byte, binary.LittleEndian.Uint32(frame[8:]))
	c.mem.Read(uint64(binary.LittleEndian.Uint32(frame[4:])), text)
	t.Logf("%d instructions", c.clk.Now)
	return string(text)
}
