package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tinyELF is an ELF file of a header and program headers, with nothing to run.
func tinyELF(machine elf.Machine, typ elf.Type, interp string) []byte {
	var b bytes.Buffer
	h := elf.Header32{Type: uint16(typ), Machine: uint16(machine), Version: 1, Phoff: 52, Ehsize: 52, Phentsize: 32}
	copy(h.Ident[:], elf.ELFMAG+"\x01\x01\x01")
	p := elf.Prog32{Type: uint32(elf.PT_INTERP), Off: 84, Filesz: uint32(len(interp) + 1)}
	if interp != "" {
		h.Phnum = 1
	}
	binary.Write(&b, binary.LittleEndian, h)
	binary.Write(&b, binary.LittleEndian, p)
	b.WriteString(interp + "\x00")
	return b.Bytes()
}

// Each mistake a newcomer can make gets one line that says what and why, and status 2.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, b, 0o755); err != nil {
			t.Fatal(err)
		}
		return p
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	damaged := tinyELF(elf.EM_386, elf.ET_EXEC, "")
	i386 := file("i386", tinyELF(elf.EM_386, elf.ET_EXEC, ""))
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no such file", []string{filepath.Join(dir, "absent")}, "absent: no such file or directory"},
		{"a folder", []string{dir}, "is a directory"},
		{"no ELF", []string{file("notes.txt", []byte("hello\n"))}, "notes.txt: not an ELF file"},
		{"empty", []string{file("empty", nil)}, "empty: not an ELF file"},
		{"cut off", []string{file("cut", damaged[:40])}, "cut: damaged ELF file"},
		{"other machine", []string{file("sparc", tinyELF(elf.EM_SPARC, elf.ET_EXEC, ""))}, "for sparc; forkscope runs " + archs},
		{"object file", []string{file("a.o", tinyELF(elf.EM_386, elf.ET_REL, ""))}, "not a program"},
		{"against its own architecture", []string{"--arch", "arm64", i386}, "--arch arm64: " + i386 + " is a program for i386"},
		{"no such machine", []string{"--arch", "mips"}, "--arch mips: there is no such machine"},
		{"kernel unreadable", []string{"--kernel", filepath.Join(dir, "nokernel")}, "nokernel: no such file"},
		{"kernel no ELF", []string{"--kernel", file("bad-kernel", []byte("MZ, but no kernel"))}, "bad-kernel: not an ELF file"},
		{"kernel no ELF, i386", []string{"--arch", "i386", "--kernel", file("bad-kernel32", []byte("MZ, but no kernel"))}, "kernel: neither an ELF file nor a multiboot image"},
		{"flat kernel of nothing", []string{"--arch", "arm64", "--kernel", file("nothing", nil)}, "kernel: the file is empty"},
		{"flat kernel larger than memory", []string{"--arch", "arm64", "--mem", "8M", "--kernel", file("large", make([]byte, 8<<20))}, "does not fit"},
		{"kernel of the other machine", []string{"--arch", "arm64", "--kernel", i386}, "a kernel for i386, not for arm64"},
		{"initrd absent", []string{"--initrd", filepath.Join(dir, "noinitrd")}, "noinitrd: no such file"},
		{"memory in words", []string{"--memory", "lots"}, "--memory lots: not a size"},
		{"memory too small", []string{"--memory", "1M"}, "8M to 3G"},
		{"memory that overflows", []string{"--memory", "99999999999G"}, "--memory 99999999999G"},
		{"busy port", []string{"--gdb", busy.Addr().String()}, "in use"},
		{"remote address", []string{"--gdb", "192.0.2.1:1234"}, "not a loopback address"},
		{"every address", []string{"--gdb", "0.0.0.0:1234"}, "not a loopback address"},
		{"no port", []string{"--gdb", "1234"}, "a port is written with a colon: --gdb :1234"},
		{"port out of range", []string{"--gdb", ":99999"}, "invalid port"},
		{"socket without path", []string{"--gdb", "unix:"}, "needs a path"},
		{"socket in no folder", []string{"--gdb", "unix:" + filepath.Join(dir, "no", "socket")}, "no such file or directory"},
		{"wait without gdb", []string{"--wait"}, "need --gdb"},
		{"memory under its short name", []string{"--mem", "lots"}, "not a size"},
		{"no instructions", []string{"--max-insns", "0"}, "at least one"},
		{"instructions in words", []string{"--max-insns", "few"}, "max-insns"},
		{"no time at all", []string{"--clock", "0"}, "--clock 0: an instruction takes a whole number of nanoseconds from 1 to 1000000"},
		{"too slow a clock", []string{"--clock", "1000001"}, "--clock 1000001: an instruction takes"},
		{"a clock in words", []string{"--clock", "slow"}, "--clock slow: an instruction takes"},
		{"a pace there is not", []string{"--pace", "fast"}, "--pace fast: there is no such pace; choose real or none"},
		{"log in no folder", []string{"--record", filepath.Join(dir, "no", "log")}, "log: no such file or directory"},
		{"serial file in no folder", []string{"--serial", filepath.Join(dir, "no", "file")}, "file: no such file or directory"},
		{"serial file is a folder", []string{"--serial", dir}, "is a directory"},
		{"no serial file", []string{"--serial", ""}, "needs the name"},
		{"ROM absent", []string{"--bios", filepath.Join(dir, "norom")}, "norom: no such file"},
		{"ROM of nothing", []string{"--bios", file("nothing", nil)}, "a ROM of 0 bytes"},
		{"ROM of a bad size", []string{"--bios", file("odd.rom", make([]byte, 5000))}, "a ROM of 5000 bytes; it must be a multiple of 4096"},
		{"ROM too large", []string{"--bios", file("large.rom", make([]byte, 260<<10))}, "up to 256 KiB"},
		{"ROM on arm64", []string{"--arch", "arm64", "--bios", file("rom", make([]byte, 4096))}, "the arm64 machine starts from no ROM; i386 and x86_64 can"},
		{"ROM and kernel", []string{"--kernel", i386, "--bios", filepath.Join(dir, "rom")}, "a ROM boots no kernel"},
		{"semihosting on i386", []string{"--arch", "i386", "--semihosting"}, "only the arm64 machine"},
		{"view without gdb", []string{"--view", "kernel"}, "--view needs --gdb"},
		{"no such view", []string{"--gdb", ":0", "--view", "tasks"}, "--view tasks: there is no such view; choose kernel, process or both"},
		{"processes of no program", []string{"--gdb", ":0", "--view", "process"}, "--view process: needs a PROGRAM"},
		{"no such root", []string{"--root", filepath.Join(dir, "noroot")}, "noroot: no such file or directory"},
		{"root is a file", []string{"--root", i386}, "not a directory"},
		{"no such flag", []string{"--frobnicate"}, "--frobnicate: run has no such flag; "},
		{"a flag mistyped", []string{"--arhc", "arm64"}, "--arhc: run has no such flag (did you mean --arch?)"},
		{"a flag cut off", []string{"--mem=64M", "--max", "5"}, "--max: run has no such flag (did you mean --max-insns?)"},
		{"one dash", []string{"-arhc", "arm64"}, "--arhc: run has no such flag (did you mean --arch?)"},
		{"no value", []string{"--arch"}, "--arch: needs a value; write --arch MACHINE"},
		{"no value, short name", []string{"-m"}, "-m: needs a value; write -m SIZE"},
		{"value of no sense", []string{"--wait=perhaps", "--gdb", ":0"}, "--wait perhaps: neither true nor false; write --wait or --wait=false"},
		{"number of no sense", []string{"--max-insns", "few"}, "--max-insns few: not a number; write --max-insns N"},
		{"dashes", []string{"---"}, "---: not a flag; before an argument that begins like one, write --"},
		{"variable without a name", []string{"--env", "=x"}, "--env =x: write it like NAME=VALUE"},
		{"a source", []string{file("hello.c", []byte("int main;"))}, "hello.c: the source of a program; build it first: aarch64-linux-gnu-gcc -g -o"},
		{"neither a file nor the guest's", []string{"nothere"}, "nothere: no such file or directory"},
		{"working directory that is a file", []string{"--cwd", "/etc/motd", i386}, "/etc/motd is no directory in the guest"},
		{"script of nobody", []string{file("script", []byte("#!/no/such/shell\n"))}, "script: a script for /no/such/shell, which the guest does not have"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			status := doMain(append([]string{"forkscope", "run"}, c.args...), nil, &stdout, &stderr)
			msg := stderr.String()
			if status != statusUsage {
				t.Errorf("status %d, want %d", status, statusUsage)
			}
			if !strings.HasPrefix(msg, "forkscope: ") || strings.Count(msg, "\n") != 1 || !strings.Contains(msg, c.want) {
				t.Errorf("the message is not one line with %q:\n%s", c.want, msg)
			}
		})
	}
}

func TestSizes(t *testing.T) {
	for s, want := range map[string]uint64{"64M": 64 << 20, "1g": 1 << 30, "65536K": 64 << 20, "256": 256 << 20, "8m": 8 << 20} {
		if got, err := parseSize(s); err != nil || got != want {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "M", "64MB", "-1M", "64 M", "4G", "0", "7", "16777216", "99999999999999999999"} {
		if got, err := parseSize(s); err == nil {
			t.Errorf("%q was taken as %d bytes", s, got)
		}
	}
}
