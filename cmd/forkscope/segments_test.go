package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"forkscope/scripts/oracle"
)

// qemuDebugged starts QEMU's machine stopped at its first instruction, with its own gdb stub on a socket.
func qemuDebugged(t *testing.T, arch, family string, args ...string) *emulator {
	t.Helper()
	name, board := "qemu-system-i386", []string{"-M", "pc", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"}
	if arch == "arm64" {
		name, board = "qemu-system-aarch64", []string{"-M", "virt", "-cpu", "cortex-a57"}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		oracle.Missing(t, family, name, "it is not installed")
	}
	dir, err := os.MkdirTemp("", "qemu")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	e := &emulator{socket: filepath.Join(dir, "gdb"), done: make(chan error, 1)}
	e.cmd = exec.Command(path, append(append(board, "-m", "64", "-nodefaults", "-display", "none", "-no-reboot", "-S",
		"-gdb", "unix:"+e.socket+",server=on,wait=off"), args...)...)
	e.cmd.Stdout, e.cmd.Stderr = &e.out, &e.out
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { e.done <- e.cmd.Wait() }()
	t.Cleanup(func() { e.cmd.Process.Kill() })
	return e
}

// greet asks what a debugger asks first; QEMU shows single registers only to one that has read their description.
func (c *client) greet() {
	c.t.Helper()
	c.want("qSupported:swbreak+;hwbreak+;xmlRegisters=i386", "PacketSize")
	c.want("qXfer:features:read:target.xml:0,ffb", "")
}

// symbolsOf are the symbols of an ELF file.
func symbolsOf(t *testing.T, path string) map[string]uint64 {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	symbols := make(map[string]uint64)
	for _, s := range list {
		symbols[s.Name] = s.Value
	}
	return symbols
}

// plain undoes the protocol's run-length encoding.
func plain(packet string) string {
	var out []byte
	for i := 0; i < len(packet); i++ {
		if packet[i] == '*' && i > 0 && i+1 < len(packet) {
			out = append(out, bytes.Repeat(out[len(out)-1:], int(packet[i+1])-29)...)
			i++
			continue
		}
		out = append(out, packet[i])
	}
	return string(out)
}

// register reads a 32-bit register of the i386 machine by gdb's number.
func (c *client) register(n int) uint32 {
	c.t.Helper()
	b, err := hex.DecodeString(plain(c.ask(fmt.Sprintf("p%x", n))))
	if err != nil || len(b) != 4 {
		c.t.Fatalf("register %d: %x, %v", n, b, err)
	}
	return binary.LittleEndian.Uint32(b)
}

// watched finds the watchpoint in a stop, without leading zeros.
var watched = regexp.MustCompile(`([ra]?watch:)0*([0-9a-f]+)`)

// place asks for something after which the guest stops, and says how and where it has.
func (c *client) place(packet string) string {
	c.t.Helper()
	stop := plain(c.ask(packet))
	if len(stop) < 3 || stop[0] != 'T' {
		return stop
	}
	if strings.Contains(stop, "break:") {
		stop = "told of a breakpoint: " + stop // which gdb would not find at eip, and pass
	} else {
		stop = stop[:3] + " " + watched.ReplaceAllString(watched.FindString(stop), "$1$2")
	}
	const esp, eip, eflags, cs = 4, 8, 9, 10
	return fmt.Sprintf("%s at %04x:%08x, esp %08x, VM %x", stop, c.register(cs), c.register(eip), c.register(esp), c.register(eflags)>>17&1)
}

// Where the code segment has a base a breakpoint's address is linear, the program counter an offset, and the stop a plain trap.
// Stops, steps and memory are compared with QEMU's own stub.
func TestBreakpointsUnderSegments(t *testing.T) {
	const family = "breakpoints under segment bases"
	rom := assemble(t, "i386", "segments.S", "0", true)
	at := symbolsOf(t, strings.TrimSuffix(rom, "flat")+"segments.S.elf")
	e := startEmulator(t, "--bios", rom)
	q := qemuDebugged(t, "i386", family, "-bios", rom)
	ours, qemu := e.dial(t), q.dial(t)
	ours.greet()
	qemu.greet()
	compared := 0
	both := func(packet string) string {
		t.Helper()
		compared++
		got, want := ours.place(packet), qemu.place(packet)
		if got != want {
			t.Errorf("%s: %s; on QEMU %s", packet, got, want)
		}
		return got
	}
	// reach goes on to a linear address by one kind of breakpoint, and steps from there.
	reach := func(kind int, linear uint64, where string) {
		t.Helper()
		point := fmt.Sprintf("%d,%x,1", kind, linear)
		both("Z" + point)
		if got := both("c"); !strings.HasPrefix(got, "T05  at "+where) {
			t.Errorf("breakpoint at %#x: %s, want %s", linear, got, where)
		}
		both("z" + point)
		both("s")
	}
	rel := func(name string) uint64 { return at[name] - at["copied"] }
	watch := func(kind int, linear uint64, where string) {
		t.Helper()
		point := fmt.Sprintf("%d,%x,2", kind, linear)
		both("Z" + point)
		if got := both("c"); !strings.Contains(got, where) {
			t.Errorf("watchpoint at %#x: %s, want %s", linear, got, where)
		}
		both("z" + point)
	}
	reach(0, 0xf0000, "f000:00000000")
	reach(1, 0xf0000+at["calls"], fmt.Sprintf("f000:%08x", at["calls"]))
	watch(2, 0x20010, fmt.Sprintf("1000:%08x", rel("store")+6)) // after the store
	reach(0, 0x10000+rel("near"), fmt.Sprintf("1000:%08x", rel("near")))
	watch(3, 0x20010, "rwatch:20010")
	reach(1, 0xf0000+at["protected"], fmt.Sprintf("0008:%08x", at["protected"]))
	watch(4, 0x30020, "awatch:30020")
	for range 3 {
		reach(0, 0xf0000+at["inner"], fmt.Sprintf("0008:%08x", at["inner"]))
	}
	watch(2, 0x20012, fmt.Sprintf("1000:%08x", rel("hlt")))
	both("m20010,4")
	both("m0,10") // linear, whatever the segments
	both("M30020,2:beef")
	both("m30020,4")
	if got := both("s"); !strings.Contains(got, fmt.Sprintf("0008:%08x", at["back"])) {
		t.Errorf("a step over hlt ends %s, not in the handler of its fault", got)
	}
	oracle.Compared(family, "qemu-system-i386", compared)
	if got := ours.ask("c"); got != "W2b" {
		t.Errorf("the end: %s", got)
	}
}

// From the reset vector on every step ends where it does on QEMU, and a step over a range is one over offsets, as gdb sees them.
func TestStepsUnderSegments(t *testing.T) {
	const family = "steps under segment bases"
	rom := assemble(t, "i386", "segments.S", "0", true)
	at := symbolsOf(t, strings.TrimSuffix(rom, "flat")+"segments.S.elf")
	ours, qemu := startEmulator(t, "--bios", rom).dial(t), qemuDebugged(t, "i386", family, "-bios", rom).dial(t)
	ours.greet()
	qemu.greet()
	steps := 0
	for ; steps < 1000; steps++ {
		got, want := ours.place("s"), qemu.place("s")
		if got != want {
			t.Fatalf("step %d: %s; on QEMU %s", steps, got, want)
		}
		if strings.Contains(got, fmt.Sprintf("0008:%08x,", at["again"])) {
			break
		}
	}
	// Over the loop and the calls in it: gdb stops at each call, QEMU's stub knows only single steps.
	start, end := at["again"], at["again"]+5
	got := ours.place(fmt.Sprintf("vCont;r%x,%x:1", start, end))
	want := qemu.place("s")
	if got != want || !strings.Contains(got, fmt.Sprintf("0008:%08x,", at["inner"])) {
		t.Errorf("a step over a range ends with %s; on QEMU %s", got, want)
	}
	start, end = at["inner"], at["inner"]+1
	got, want = ours.place(fmt.Sprintf("vCont;r%x,%x:1", start, end)), qemu.place("s")
	if got != want {
		t.Errorf("a step over one instruction ends with %s; on QEMU %s", got, want)
	}
	oracle.Compared(family, "qemu-system-i386", steps+2)
}

// A step over an instruction that raises an exception ends at the first instruction of its handler.
func TestStepsIntoExceptions(t *testing.T) {
	const family = "steps into exceptions"
	image := assemble(t, "arm64", "exceptions.S", "0x40080000", false)
	at := symbolsOf(t, image)
	ours, qemu := startEmulator(t, "--kernel", image).dial(t), qemuDebugged(t, "arm64", family, "-kernel", image).dial(t)
	ours.greet()
	qemu.greet()
	start := fmt.Sprintf("0,%x,4", at["_start"])
	qemu.want("Z"+start, "OK") // QEMU's own boot code comes first
	qemu.want("c", "T05")
	qemu.want("z"+start, "OK")
	pc := func(c *client) string { return plain(c.ask("p20")) }
	steps, entries := 0, 0
	vector, end := littleEndian(at["vector"]), littleEndian(at["end"])
	for ; steps < 100 && pc(ours) != end; steps++ {
		ours.want("s", "T05")
		qemu.want("s", "T05")
		got, want := pc(ours), pc(qemu)
		if got != want {
			t.Fatalf("step %d ends at %s; on QEMU at %s", steps, got, want)
		}
		if got == vector {
			entries++
		}
	}
	if entries != 4 {
		t.Errorf("%d exceptions in %d steps", entries, steps)
	}
	oracle.Compared(family, "qemu-system-aarch64", steps)
}

// littleEndian is a number as the protocol shows a register of 64 bits.
func littleEndian(v uint64) string {
	return hex.EncodeToString(binary.LittleEndian.AppendUint64(nil, v))
}
