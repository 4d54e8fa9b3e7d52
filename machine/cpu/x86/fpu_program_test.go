package x86

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"forkscope/machine/cpu"
	"forkscope/scripts/oracle"
)

const (
	familyPrograms = "floating-point programs for i386"
	programBase    = 0x200000
	programStack   = 0x3ffff0
)

// TestFloatingPointPrograms runs what a compiler makes of testdata/fpmath.c under Bochs and on the CPU, and compares the text, whose digits
// do not reach to where x87 implementations differ.
func TestFloatingPointPrograms(t *testing.T) {
	const musl = "/usr/lib/i386-linux-musl/libc.a"
	if why := bochsReady(t); why != "" {
		oracle.Missing(t, familyPrograms, bochsName, why)
	}
	if _, err := exec.LookPath("i686-linux-gnu-gcc"); err != nil {
		oracle.Missing(t, familyPrograms, bochsName, "i686-linux-gnu-gcc is not installed (scripts/setup installs it)")
	}
	if _, err := os.Stat(musl); err != nil {
		oracle.Missing(t, familyPrograms, bochsName, "musl for i386 is not installed (scripts/setup installs it)")
	}
	for name, options := range map[string]string{
		"x87":  "-O2 -march=i686 -mno-sse",
		"sse2": "-O2 -march=pentium4 -mfpmath=sse",
		"sse4": "-O3 -march=nehalem -mfpmath=sse",
		"both": "-O3 -march=pentium4 -mfpmath=both -ffast-math -fno-finite-math-only",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "fpmath")
			args := append(strings.Fields(options), "-w", "-fno-pic", "-no-pie", "-fno-stack-protector", "-static", "-nostdlib", "-nostdinc",
				"-isystem", "/usr/include/i386-linux-musl", fmt.Sprintf("-Wl,-Ttext-segment=%#x", programBase), "-o", file, "testdata/fpmath.c", musl, "-lgcc")
			if out, err := exec.Command("i686-linux-gnu-gcc", args...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			p := readProgram(t, file)
			want, got := strings.Split(p.underBochs(t), "\n"), strings.Split(p.here(t), "\n")
			for i := range want {
				if i >= len(got) || want[i] != got[i] {
					t.Fatalf("line %d\nBochs %s\nours  %s", i+1, want[i], strings.Join(got[i:min(i+1, len(got))], ""))
				}
			}
			if len(want) < 300 {
				t.Fatalf("only %d lines", len(want))
			}
			oracle.Compared(familyPrograms, bochsName, len(want))
		})
	}
}

// program is an ELF file linked in low memory: its memory from programBase, and its symbols. It runs until its function finish, whose
// arguments are a text and its length.
type program struct {
	memory []byte
	entry  uint32
	symbol map[string]uint32
}

func readProgram(t *testing.T, file string) *program {
	t.Helper()
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := &program{memory: make([]byte, programStack-programBase), entry: uint32(f.Entry), symbol: map[string]uint32{}}
	for _, s := range f.Progs {
		if s.Type == elf.PT_LOAD {
			if _, err := s.ReadAt(p.memory[s.Vaddr-programBase:][:s.Filesz], 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range symbols {
		p.symbol[s.Name] = uint32(s.Value)
	}
	return p
}

// here runs the program on the CPU.
func (p *program) here(t *testing.T) string {
	t.Helper()
	c := newFPUMachine(t, 0)
	c.mem.Write(programBase, p.memory)
	c.fpu.init()
	c.fpu.setMXCSR(mxcsrInit)
	c.seg[segGS].sel = 0x33
	c.setBase(segGS, uint64(p.symbol["thread"]))
	c.ip = uint64(p.entry)
	c.r[regESP] = programStack
	c.updateMode()
	o := cpu.NoOrders
	o.Until.Retired, o.Breaks = 200_000_000, &cpu.BreakSet{}
	o.Breaks.Add(uint64(p.symbol["finish"]))
	if exit := c.Run(&o); exit.Reason != cpu.Break {
		t.Fatalf("stopped for %v (%s) at %#x", exit.Reason, exit.Detail, c.PC())
	}
	var frame [12]byte
	c.mem.Read(uint64(c.r[regESP]), frame[:])
	text := make([]byte, binary.LittleEndian.Uint32(frame[8:]))
	c.mem.Read(uint64(binary.LittleEndian.Uint32(frame[4:])), text)
	t.Logf("%d instructions", c.clk.Retired)
	return string(text)
}

// underBochs runs the program under Bochs, whose debugger stops it at finish and writes its text to a file.
func (p *program) underBochs(t *testing.T) string {
	t.Helper()
	// In place of the monitor: GS with the base of the thread's memory, the FPU and SSE on.
	start := assembleFiles(t, bochsMonitor, nil, map[string]string{"a.S": fmt.Sprintf(`
	.globl _start
_start:	mov $%#[1]x, %%esp
	lgdt gdtr
	mov $0x18, %%eax
	mov %%eax, %%gs
	mov $0x600, %%eax
	mov %%eax, %%cr4
	mov $0x33, %%eax
	mov %%eax, %%cr0
	fninit
	mov $%#[2]x, %%eax
	jmp *%%eax
	.balign 8
gdt:	.quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
	.word 0xffff, %#[3]x & 0xffff, 0x9300 + (%#[3]x >> 16), 0xcf
gdtr:	.word 31
	.long gdt
`, programStack, p.entry, p.symbol["thread"])})
	const room = 32768 // of the text
	dir := bochsDir(t, map[string][]byte{"monitor": start, "cases": p.memory})
	text := strings.TrimRight(string(bochsRun(t, dir, programBase, fmt.Sprintf("lb %#x", p.symbol["finish"]), p.symbol["text"], room)), "\x00")
	if text == "" {
		t.Fatal("Bochs gave no text")
	}
	return text
}
