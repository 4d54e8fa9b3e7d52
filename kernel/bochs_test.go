package kernel

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/u-root/u-root/pkg/cpio"

	"forkscope/scripts/oracle"
)

// QEMU has no shadow stacks, Bochs has. It boots the kernel from a ROM that does what a PVH loader does.

// The ROM ends at 4 GiB and has the largest size that Bochs takes; its code is in the last 64 KiB.
const (
	romSize  = 512 << 10
	romBase  = 1<<32 - romSize
	codeSize = 64 << 10
)

// The machine's memory, and where in it the ROM puts things.
const (
	memorySize  = 64 << 20
	startInfo   = 0x8000
	moduleList  = 0x8100
	commandLine = 0x8200
	memoryMap   = 0x8300
	initrdStart = 16 << 20
)

// rom is a ROM in the making.
type rom struct {
	bytes []byte
	used  int
	table []byte
}

// put has data copied to an address, and zeros after them.
func (r *rom) put(address uint64, data []byte, zeros uint64) {
	for _, v := range []uint32{uint32(address), uint32(romBase + r.used), uint32(len(data)), uint32(zeros)} {
		r.table = binary.LittleEndian.AppendUint32(r.table, v)
	}
	r.used += copy(r.bytes[r.used:romSize-codeSize], data)
}

// words are little-endian, of 64 bits each.
func words(list ...uint64) (b []byte) {
	for _, w := range list {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

// bootROM makes a ROM that boots the kernel with a program as its init.
func bootROM(t *testing.T, program string) []byte {
	t.Helper()
	r := &rom{bytes: make([]byte, romSize)}
	f, err := elf.Open("image/vmlinux-x86_64")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		data, err := io.ReadAll(p.Open())
		if err != nil {
			t.Fatal(err)
		}
		r.put(p.Paddr, data, p.Memsz-p.Filesz)
	}
	initrd := smallInitrd(t, program)
	r.put(initrdStart, initrd, 0)
	// hvm_start_info: magic and version, no flags and one module.
	r.put(startInfo, words(0x336ec578|1<<32, 1<<32, moduleList, commandLine, 0, memoryMap, 2), 0)
	r.put(moduleList, words(initrdStart, uint64(len(initrd)), 0, 0), 0)
	r.put(commandLine, fmt.Appendf(nil, "quiet init=/%s\x00", filepath.Base(program)), 0)
	r.put(memoryMap, words(0, 0x9f000, 1, 1<<20, memorySize-1<<20, 1), 0)
	r.table = append(r.table, words(f.Entry<<32, 0)...)

	const cross = "x86_64-linux-gnu-"
	object, code := filepath.Join(t.TempDir(), "rom.o"), filepath.Join(t.TempDir(), "rom")
	tool(t, cross+"gcc", "-m32", "-c", "-o", object, "testdata/rom.S")
	tool(t, cross+"ld", "-m", "elf_i386", "-Ttext", "0", "-e", "start", "--oformat", "binary", "-o", code, object)
	b, err := os.ReadFile(code)
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, r.table...)
	if r.used == romSize-codeSize || len(b) > codeSize-16 {
		t.Fatalf("%d bytes and %d of code are too much for the ROM", r.used, len(b))
	}
	copy(r.bytes[romSize-codeSize:], b)
	copy(r.bytes[romSize-16:], []byte{0xe9, 0x0d, 0x00}) // at the first address: a jump to the code's beginning
	return r.bytes
}

// smallInitrd is an archive with one program of the guests', without its debug information, and what it opens.
func smallInitrd(t *testing.T, program string) []byte {
	t.Helper()
	archive, err := os.Open(guests)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var out bytes.Buffer
	w := cpio.Newc.Writer(&out)
	err = cpio.ForEachRecord(cpio.Newc.Reader(archive), func(rec cpio.Record) error {
		name := strings.TrimRight(rec.Name, "\x00") // it is as long as the place of what follows wants
		switch {
		case name == program:
			b, err := io.ReadAll(io.NewSectionReader(rec, 0, int64(rec.FileSize)))
			if err != nil {
				return err
			}
			file := filepath.Join(t.TempDir(), "program")
			if err := os.WriteFile(file, b, 0o700); err != nil {
				return err
			}
			tool(t, "x86_64-linux-gnu-strip", file)
			if b, err = os.ReadFile(file); err != nil {
				return err
			}
			rec = cpio.StaticFile(filepath.Base(program), string(b), 0o755)
		case name != "proc" && name != "dev" && !strings.HasPrefix(name, "dev/"):
			return nil
		}
		return w.WriteRecord(rec)
	})
	if err == nil {
		err = cpio.WriteTrailer(w)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		oracle.Missing(t, familyABI, "Bochs", name+" is not installed (scripts/setup installs it)")
	}
	if b, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, b)
	}
}

// What is wanted of shadow stacks is of Linux's documentation and the manual; the processor that does it is Bochs's.
func TestShadowStacks(t *testing.T) {
	const vga = "/usr/share/bochs/VGABIOS-lgpl-latest"
	for _, name := range []string{"bochs", "script"} {
		if _, err := exec.LookPath(name); err != nil {
			oracle.Missing(t, familyABI, "Bochs", name+" is not installed")
		}
	}
	if _, err := os.Stat(vga); err != nil {
		oracle.Missing(t, familyABI, "Bochs", "its VGA BIOS is not installed")
	}
	want, err := os.ReadFile("testdata/shstk.txt")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	console := file("console", "")
	rc := file("bochsrc", fmt.Sprintf("config_interface: textconfig\ndisplay_library: term\nmemory: guest=%d, host=%[1]d\n"+
		"romimage: file=%s, options=none\nvgaromimage: file=%s\ncpu: model=tigerlake, count=1, ips=50000000\nclock: sync=none\n"+
		"com1: enabled=1, mode=file, dev=%s\nlog: %s\npanic: action=fatal\nerror: action=ignore\ninfo: action=ignore\nspeaker: enabled=0\n",
		memorySize>>20, file("rom", string(bootROM(t, "bin/shstk64"))), vga, console, file("log", "")))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	transcript := file("transcript", "")
	// It wants a terminal; and Debian's is built with its debugger, which waits.
	cmd := exec.CommandContext(ctx, "script", "-qefc", "bochs -q -f "+rc+" -rc "+file("commands", "c\n"), transcript)
	cmd.Env = append(os.Environ(), "TERM=vt100")
	cmd.WaitDelay = 5 * time.Second
	cmd.Run() // its status says nothing: the guest ends it by what Bochs calls a panic
	out, err := os.ReadFile(console)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		b, _ := os.ReadFile(transcript)
		oracle.Missing(t, familyABI, "Bochs", "it does not run here: "+strings.TrimSpace(string(b[max(0, len(b)-200):])))
	}
	// The program was the first process: the kernel does not do without.
	got, _, _ := strings.Cut(strings.ReplaceAll(string(out), "\r", ""), "Kernel panic - not syncing: Attempted to kill init!")
	oracle.Compared(familyABI, "Bochs", strings.Count(got, "\n"))
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
