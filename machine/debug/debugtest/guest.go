// Package debugtest runs a machine for tests of what is read out of a guest: a Guest is a machine and its operating system, without a
// debugger.
package debugtest

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"forkscope/kernel/introspect"
	"forkscope/machine"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
)

// Guest is a machine that a test runs.
type Guest struct {
	Machine *machine.Machine
	OS      *introspect.Kernel
	// Console is what the guest has printed.
	Console bytes.Buffer
	// Orders are those of the next run.
	Orders cpu.Orders
	// Reads counts the reads of guest memory.
	Reads int

	t testing.TB
}

// file reads a file of the repository.
func file(t testing.TB, name string) []byte {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	b, err := os.ReadFile(filepath.Join(filepath.Dir(here), "../../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Archive is the initial file system of an architecture.
func Archive(t testing.TB, arch string) []byte {
	t.Helper()
	return file(t, "guests/image/initramfs-"+arch+".cpio")
}

// New makes a machine in which init executes a program of /bin, named with its arguments. more are archives for its file system.
func New(t testing.TB, arch, words string, more ...byte) *Guest {
	t.Helper()
	kernel := file(t, "kernel/image/vmlinux-"+arch)
	g := &Guest{t: t, Orders: cpu.Orders{Breaks: &cpu.BreakSet{}}}
	var err error
	initrd := append(Archive(t, arch), more...)
	config := machine.Config{Arch: arch, Kernel: kernel, Initrd: [][]byte{initrd}, Cmdline: "-- /bin/" + words, Console: &g.Console}
	if g.Machine, err = machine.New(config); err != nil {
		t.Fatal(err)
	}
	CloseRepeated(t, config, g.Machine)
	im, err := introspect.Open(bytes.NewReader(kernel))
	if err != nil {
		t.Fatal(err)
	}
	if g.OS, err = introspect.New(im, g); err != nil {
		t.Fatal(err)
	}
	return g
}

// ForMachines makes one on each architecture.
func ForMachines(t *testing.T, words string, f func(t *testing.T, g *Guest)) {
	for _, name := range arch.Names() {
		t.Run(name, func(t *testing.T) { f(t, New(t, name, words)) })
	}
}

// Of is one of several values, by the architecture.
func Of[T any](g *Guest, i386, arm64, x8664 T) T {
	of := map[*arch.Arch]T{arch.I386: i386, arch.ARM64: arm64, arch.X8664: x8664}
	v, ok := of[g.Machine.Arch()]
	if !ok {
		g.t.Fatalf("the test does not know what is so on %v", g.Machine.Arch())
	}
	return v
}

// ReadMemory implements introspect.Memory by the page table in use.
func (g *Guest) ReadMemory(va uint64, p []byte) error {
	g.Reads++
	for done := 0; done < len(p); {
		pa, ok := g.Translate(uint64(g.Machine.CPU().Space()), va)
		n := min(len(p)-done, int(4096-va%4096))
		if !ok || !g.Machine.RAM().Contains(pa, uint64(n)) {
			return fs.ErrInvalid
		}
		g.Machine.RAM().Read(pa, p[done:done+n])
		done += n
		va += uint64(n)
	}
	return nil
}

// Translate implements introspect.Translate.
func (g *Guest) Translate(root, va uint64) (uint64, bool) {
	return g.Machine.CPU().Translate(cpu.Space(root), va)
}

// Until runs to a reason; more instructions than these no test needs.
func (g *Guest) Until(want machine.Reason) {
	g.t.Helper()
	g.Orders.Until, g.Orders.Time = clock.Mark{Retired: clock.Never}, 2_000_000_000
	s := g.Machine.Run(&g.Orders)
	g.Orders.Pass = g.Orders.Pass && !s.Passed
	if s.Reason != want {
		g.t.Fatalf("%v (%s), not %v; the console:\n%s", s.Reason, s.Message(), want, g.Console.String())
	}
}

// ToAddress runs to an instruction.
func (g *Guest) ToAddress(va uint64) {
	g.t.Helper()
	g.Orders.Pass = true
	g.Orders.Breaks.Add(va)
	g.Until(machine.Break)
	g.Orders.Breaks.Remove(va)
	g.Orders.Pass = true
}

// To runs to the next call of a kernel function.
func (g *Guest) To(function string) introspect.CallFrame {
	g.t.Helper()
	va, ok := g.OS.Image.Symbol(function)
	if !ok {
		g.t.Fatalf("the kernel has no %s", function)
	}
	g.ToAddress(va)
	return g.OS.CallFrame(g.Register)
}

// ToUser runs to the next instruction of a program.
func (g *Guest) ToUser() introspect.Task {
	g.t.Helper()
	g.Orders.AtUser = true
	g.Until(machine.User)
	g.Orders.AtUser = false
	return g.Current()
}

// ToSyscall runs to where user mode is about to make a system call.
func (g *Guest) ToSyscall(name string) introspect.Task {
	g.t.Helper()
	g.Orders.Syscalls = new(cpu.SyscallSet)
	g.Orders.Syscalls.Add(uint64(g.OS.Syscall(name)))
	g.Orders.Pass = false
	g.Until(machine.Syscall)
	g.Orders.Syscalls = nil
	return g.Current()
}

func (g *Guest) number(name string) int {
	g.t.Helper()
	i := slices.IndexFunc(g.Machine.CPU().Registers(), func(r cpu.Register) bool { return r.Name == name })
	if i < 0 {
		g.t.Fatalf("the CPU has no register %s", name)
	}
	return i
}

// Bytes is the value of a CPU register by gdb's name, and SetBytes sets it.
func (g *Guest) Bytes(name string) []byte {
	g.t.Helper()
	return slices.Clone(g.Machine.CPU().ReadRegister(g.number(name), make([]byte, 64)))
}

// SetBytes gives a register a value.
func (g *Guest) SetBytes(name string, value []byte) {
	g.t.Helper()
	if err := g.Machine.WriteRegister(g.number(name), value); err != nil {
		g.t.Fatal(err)
	}
}

// Register is the value of a CPU register as a number.
func (g *Guest) Register(name string) uint64 {
	var b [8]byte
	copy(b[:], g.Bytes(name))
	return binary.LittleEndian.Uint64(b[:])
}

// Current is the task on the CPU.
func (g *Guest) Current() introspect.Task {
	g.t.Helper()
	sp, ok := g.Machine.CPU().KernelStack()
	if !ok {
		g.t.Fatal("there is no kernel stack yet")
	}
	addr, err := g.OS.Current(sp - 1)
	if err != nil {
		g.t.Fatal(err)
	}
	t, err := g.OS.Task(addr)
	if err != nil {
		g.t.Fatal(err)
	}
	return t
}
