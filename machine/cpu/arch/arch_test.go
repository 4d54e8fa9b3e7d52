package arch

import (
	"debug/elf"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"forkscope/gdbstub"
	"forkscope/scripts/oracle"
)

// mayBeZero says of fields that an architecture has nothing for why that is so. Whatever else is zero was forgotten.
var mayBeZero = map[string]string{
	"WatchesBefore":         "a fact, yes or no",
	"FP":                    "a kernel saves register by register",
	"Registers.CPU":         "the processor names all as gdb does",
	"Function.Arguments":    "all are on the stack",
	"Function.Return":       "it is on the stack",
	"Function.Flags":        "functions rely on no flag",
	"Function.Clear":        "functions rely on no flag",
	"Syscall.Clobbers":      "all registers but the result's come back",
	"Syscall.Kept":          "the number's register keeps it",
	"Thread.Selector":       "a fact, yes or no",
	"Thread.Above":          "a fact, yes or no",
	"Thread.Header":         "blocks lie below the thread pointer",
	"CLibrary.Rotate":       "addresses are only XORed",
	"CLibrary.ThreadNumber": "blocks lie below the thread pointer",
	"Pages.Write":           "what is not forbidden may be written",
	"Pages.ReadOnly":        "what is not allowed may not be written",
	"Pages.NotExecute":      "whatever can be read can be executed",
}

// Every value has all that there is to say of an architecture, and its parts agree.
func TestComplete(t *testing.T) {
	for _, a := range All() {
		t.Run(a.Name, func(t *testing.T) {
			complete(t, "", reflect.ValueOf(a).Elem())
			check := func(ok bool, what string) {
				t.Helper()
				if !ok {
					t.Error(what)
				}
			}
			check(a.Thread.Above == (a.Thread.Header != 0), "a header goes with blocks above the thread pointer")
			check(a.Thread.Above == (a.CLibrary.ThreadNumber != 0), "struct pthread lies below the thread pointer where blocks lie above it")
			check((a.Function.Flags == "") == (a.Function.Clear == 0), "bits of no register of flags")
			check(a.Pages.Write == 0 != (a.Pages.ReadOnly == 0), "writing is either allowed or forbidden by a bit")
			check(a.Registers.AddressBits <= 8*a.PointerSize(), "an address has more bits than a pointer")
			check(a.Code.Breakpoint <= a.Code.Longest && a.Code.CallLength <= a.Code.Longest, "the longest instruction is not the longest")
			for _, code := range a.Syscall.Instructions {
				check(len(code) == a.Syscall.Length() && a.Syscall.Is(append(slices.Clone(code), 0xff)) && !a.Syscall.Is(code[1:]), "system call instruction")
			}
			p := a.Pages
			check(slices.IsSortedFunc(p.Shifts, func(x, y uint) int { return int(y) - int(x) }) && p.Shifts[len(p.Shifts)-1] == 12, "levels of page tables")
			check(a.PointerSize()<<p.Bits == 4096, "a table is not a page")
			check(p.Address&p.Valid == 0 && p.Address&4095 == 0, "bits of an entry")
		})
	}
}

func complete(t *testing.T, path string, v reflect.Value) {
	for i := range v.NumField() {
		name := strings.TrimPrefix(path+"."+v.Type().Field(i).Name, ".")
		f := v.Field(i)
		switch {
		case f.Kind() == reflect.Struct && f.Type().PkgPath() == v.Type().PkgPath():
			complete(t, name, f)
		case f.IsZero() && mayBeZero[name] == "":
			t.Errorf("%s is not said", name)
		}
	}
}

func TestNames(t *testing.T) {
	for i, a := range All() {
		if Named(a.Name) != a || OfELF(a.Machine) != a || Names()[i] != a.Name {
			t.Errorf("%s is not found", a)
		}
	}
	if Named("") != nil || OfELF(0) != nil {
		t.Error("something is found by no name")
	}
	for want, names := range map[string][]string{"a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := sentence(names, "or"); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestPointer(t *testing.T) {
	if got := I386.Pointer(0x1_2345_6789); got != 0x2345_6789 {
		t.Errorf("a pointer of 32 bits is %#x", got)
	}
	if got := ARM64.Pointer(1<<63 | 1); got != 1<<63|1 {
		t.Errorf("a pointer of 64 bits is %#x", got)
	}
}

// describe is the description of a program's registers.
func describe(t *testing.T, a *Arch) *gdbstub.Description {
	t.Helper()
	d := a.Registers.Describe("GNU/Linux")
	d.Features = append(d.Features, a.Registers.Linux)
	if err := d.Init(); err != nil {
		t.Fatal(err)
	}
	return d
}

// Every register that a value names is in the description that gdb gets.
func TestRegistersAreDescribed(t *testing.T) {
	for _, a := range All() {
		t.Run(a.Name, func(t *testing.T) {
			d := describe(t, a)
			var sent struct {
				Registers []struct {
					Name string `xml:"name,attr"`
					Bits int    `xml:"bitsize,attr"`
					N    int    `xml:"regnum,attr"`
				} `xml:"feature>reg"`
			}
			if err := xml.Unmarshal(d.XML(), &sent); err != nil {
				t.Fatal(err)
			}
			bits := map[string]int{}
			for i, r := range sent.Registers {
				if own := d.Registers()[i]; r.Name != own.Name || r.Bits != own.Bits || r.N != i {
					t.Errorf("register %d is %v, and gdb is told %v", i, own, r)
				}
				bits[r.Name] = r.Bits
			}
			if len(sent.Registers) != len(d.Registers()) {
				t.Errorf("gdb is told of %d registers, and there are %d", len(sent.Registers), len(d.Registers()))
			}
			names := slices.Concat(a.Function.Arguments, a.Syscall.Arguments,
				[]string{a.Function.Result, a.Function.Return, a.Function.Flags, a.Syscall.Number, a.Syscall.Result, a.Syscall.Kept, a.Thread.Pointer})
			for name := range a.Registers.CPU {
				names = append(names, name)
			}
			for _, name := range names {
				if name != "" && bits[name] == 0 {
					t.Errorf("gdb is told of no %s", name)
				}
			}
			for generic, name := range map[string]string{"pc": a.Registers.PC, "sp": a.Registers.SP, "fp": a.Registers.FP} {
				if i := d.Generic(generic); i < 0 || d.Registers()[i].Name != name || bits[name] != 8*a.PointerSize() {
					t.Errorf("%s of %d bits is not gdb's %s", name, bits[name], generic)
				}
			}
			if a.FP == nil {
				return
			}
			end := uint64(0)
			slices.SortFunc(a.FP.Slots, func(x, y Slot) int { return int(x.Offset) - int(y.Offset) })
			for _, s := range a.FP.Slots {
				if 8*s.Size > bits[s.Register] || s.Offset < end {
					t.Errorf("%s of %d bits is saved as %d bytes at %d, and what is before ends at %d", s.Register, bits[s.Register], s.Size, s.Offset, end)
				}
				end = s.Offset + uint64(s.Size)
			}
		})
	}
}

const family = "architectures as values"

// gdb takes the description, and has each register under the same number and at the same place of a g packet.
func TestRegistersAgreeWithGDB(t *testing.T) {
	const gdb = "gdb-multiarch"
	if _, err := exec.LookPath(gdb); err != nil {
		oracle.Missing(t, family, gdb, "it is not installed (scripts/setup installs it)")
	}
	row := regexp.MustCompile(`(?m)^ *(\S+) +\d+ +-?\d+ +\d+ +(\d+) +.*?(\d+) +(\d+) *$`)
	for _, a := range All() {
		t.Run(a.Name, func(t *testing.T) {
			d := describe(t, a)
			file := filepath.Join(t.TempDir(), "target.xml")
			if err := os.WriteFile(file, d.XML(), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(gdb, "-nx", "-batch", "-ex", "set tdesc filename "+file, "-ex", "maint print remote-registers")
			cmd.Env = append(os.Environ(), "LC_ALL=C")
			out, err := cmd.CombinedOutput()
			if err != nil || strings.Contains(string(out), "warning") {
				t.Fatalf("gdb says %v:\n%s", err, out)
			}
			has := map[string][3]int{} // size, number, offset
			for _, m := range row.FindAllStringSubmatch(string(out), -1) {
				var v [3]int
				for i := range v {
					v[i], _ = strconv.Atoi(m[2+i])
				}
				has[m[1]] = v
			}
			at := 0
			for i, r := range d.Registers() {
				if want := [3]int{r.Bits / 8, i, at}; has[r.Name] != want {
					t.Errorf("gdb has %s as %v, not %v (bytes, number, place)", r.Name, has[r.Name], want)
				}
				at += r.Bits / 8
			}
			oracle.Compared(family, gdb, len(d.Registers()))
		})
	}
}

// toolchain is what the compiler of an architecture is asked.
type toolchain struct {
	gcc, macro string   // macro is one that it defines for this architecture alone
	syscalls   string   // its system call instructions, in the order of the value
	calls      []string // instructions that are calls
	others     string   // instructions that are none
}

var toolchains = map[string]toolchain{
	"i386": {
		gcc: "i686-linux-gnu-gcc", macro: "__i386__", syscalls: "int $0x80; sysenter",
		calls: []string{"call .+100", "call *%eax", "call *(%ebx)", "call *8(%ebx,%ecx,4)", "call *0x12345678(%ebx,%ecx,4)"}, others: "nop; nop; jmp *%eax; inc %ebx; ret",
	},
	"arm64": {
		gcc: "aarch64-linux-gnu-gcc", macro: "__aarch64__", syscalls: "svc #0",
		calls: []string{"bl .+100", "bl .-100", "blr x0", "blr x30"}, others: "br x0; ret; b .+100; nop",
	},
	"x86_64": {
		gcc: "gcc", macro: "__x86_64__", syscalls: "syscall",
		calls: []string{"call .+100", "call *%rax", "call *(%rbx)", "call *8(%rbx,%r12,4)", "call *0x12345678(%rbx,%rcx,4)"}, others: "nop; nop; jmp *%rax; inc %rbx; ret",
	},
}

// What the compiler and the assembler of each architecture say: the ELF file's kind and instructions.
func TestAgreesWithCompiler(t *testing.T) {
	for _, a := range All() {
		t.Run(a.Name, func(t *testing.T) {
			tools, ok := toolchains[a.Name]
			if !ok {
				t.Fatalf("nothing is known of %s's compiler", a)
			}
			if _, err := exec.LookPath(tools.gcc); err != nil {
				oracle.Missing(t, family, tools.gcc, "it is not installed (scripts/setup installs it)")
			}
			cmd := exec.Command(tools.gcc, "-E", "-P", "-")
			cmd.Stdin = strings.NewReader("__SIZEOF_POINTER__ " + tools.macro + "\n")
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprint(a.PointerSize(), 1)
			if got := strings.Join(strings.Fields(string(out)), " "); got != want {
				t.Errorf("the compiler says %s, the value %s", got, want)
			}
			oracle.Compared(family, tools.gcc, 2)

			syscalls := assemble(t, a, tools.gcc, tools.syscalls)
			if got := slices.Concat(a.Syscall.Instructions...); string(got) != string(syscalls) {
				t.Errorf("%s is % x, the value has % x", tools.syscalls, syscalls, got)
			}
			pad := make([]byte, a.Code.CallLength)
			for _, call := range tools.calls {
				code := append(slices.Clone(pad), assemble(t, a, tools.gcc, call)...)
				if !a.Code.IsCall(uint64(len(code)), code[len(code)-len(pad):]) {
					t.Errorf("%s is no call", call)
				}
			}
			code := append(slices.Clone(pad), assemble(t, a, tools.gcc, tools.others)...)
			for end := len(pad) + 1; end <= len(code); end++ {
				if a.Code.IsCall(uint64(end), code[end-len(pad):end]) {
					t.Errorf("%s: a call ends at byte %d", tools.others, end-len(pad))
				}
			}
			oracle.Compared(family, tools.gcc, 2+len(tools.calls))
		})
	}
}

// assemble is the machine code of instructions, of an object file that must be of the architecture's kind.
func assemble(t *testing.T, a *Arch, gcc, instructions string) []byte {
	t.Helper()
	object := filepath.Join(t.TempDir(), "code.o")
	cmd := exec.Command(gcc, "-c", "-x", "assembler", "-o", object, "-")
	cmd.Stdin = strings.NewReader(strings.ReplaceAll(instructions, ";", "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := elf.Open(object)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Machine != a.Machine || f.Class != a.Class || f.Data != elf.ELFDATA2LSB {
		t.Errorf("the compiler makes files of %v, %v, %v", f.Machine, f.Class, f.Data)
	}
	code, err := f.Section(".text").Data()
	if err != nil {
		t.Fatal(err)
	}
	return code
}
