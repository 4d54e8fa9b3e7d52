package debug

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
	"forkscope/machine/cpu/arch"
)

// counting is a guest that runs the program counters (guests/src/counters.c), and a debugger of its processes. Its beats, a
// system call of the first process every 10 ms of the guest's time, are where it can be stopped again and again.
type counting struct {
	*vm
	symbols   map[string]uint64
	view      View
	heartbeat *gdbstub.Breakpoint // on each beat, where the kernel is shown
}

// What counters has in its shared page, by the index of a process.
const (
	sharedPage = 0x50000000
	countAt    = sharedPage + 0x80
	secondAt   = sharedPage + 0x100
	signalsAt  = sharedPage + 0x180
)

// heart is the process that beats.
const heart = 2

// pidOf is the pid of the process of index i, counted from 1.
func pidOf(i int) int { return heart + i }

// newView is newGuest for the other views, where init's child is the named program with its arguments. The machine has run
// nothing.
func newView(t testing.TB, arch string, view View, command string) *vm {
	t.Helper()
	kernel, err := os.ReadFile("../../kernel/image/vmlinux-" + arch)
	if err != nil {
		t.Fatal(err)
	}
	initrd, err := os.ReadFile("../../guests/image/initramfs-" + arch + ".cpio")
	if err != nil {
		t.Fatal(err)
	}
	g := &vm{t: t}
	config := machine.Config{Arch: arch, Kernel: kernel, Initrd: [][]byte{initrd}, Cmdline: "-- /bin/" + command, Console: &g.console}
	m, err := machine.New(config)
	if err != nil {
		t.Fatal(err)
	}
	closeRepeated(t, config, m)
	im, err := introspect.Open(bytes.NewReader(kernel))
	if err != nil {
		t.Fatal(err)
	}
	tree := FileTree{}
	if err := tree.AddArchive(initrd); err != nil {
		t.Fatal(err)
	}
	program, _, _ := strings.Cut(command, " ")
	g.show(Config{Machine: m, Image: im, Files: tree, View: view, Program: "/bin/" + program})
	return g
}

// Signals by gdb's numbers.
const (
	gdbCHLD = 20
	gdbUSR1 = 30
)

// attach begins a session as gdbstub does, where SIGUSR1 and SIGCHLD go to programs without a stop.
func (g *vm) attach() gdbstub.Stop {
	g.t.Helper()
	stop, err := g.Attach()
	if err != nil {
		g.t.Fatal(err)
	}
	g.SetEvents(gdbstub.EventSet{})
	g.PassSignals(gdbstub.SignalSet{gdbUSR1: true, gdbCHLD: true})
	var all gdbstub.SignalSet
	for i := range all {
		all[i] = true
	}
	g.ProgramSignals(all)
	return stop
}

// newCounters starts counters with the given roles, for as many beats, or for ever if beats is "0". With BothViews it stops
// at the first beat, where the kernel alone is debugged; with ProcessView at the first instruction of the program.
func newCounters(t testing.TB, arch string, view View, beats string, roles ...string) *counting {
	t.Helper()
	c := &counting{vm: newView(t, arch, view, strings.Join(append([]string{"counters", beats}, roles...), " ")), view: view}
	c.symbols = c.programSymbols("bin/counters")
	if view == ProcessView {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := c.StartProgram(ctx); err != nil {
			t.Fatal(err)
		}
		c.attach()
		if err := c.CatchSyscalls(heart, false, []int{c.getppid()}); err != nil {
			t.Fatal(err)
		}
		return c
	}
	c.attach()
	c.heartbeat = &gdbstub.Breakpoint{Kind: gdbstub.SoftwareBreakpoint, Thread: c.onCPU(), Address: c.symbol("sys_getppid")}
	if err := c.Insert(c.heartbeat); err != nil {
		t.Fatal(err)
	}
	c.beats(1)
	return c
}

func (g *vm) getppid() int {
	return map[*arch.Arch]int{arch.I386: 64, arch.ARM64: 173, arch.X8664: 110}[g.machine.Arch()]
}

// open opens a file as the debugger does.
func (g *vm) open(name string) (fs.File, error) {
	files, err := g.files.FileSystem(0)
	if err != nil {
		return nil, err
	}
	return files.Open(name)
}

// programSymbols are the addresses of a guest program's symbols.
func (g *vm) programSymbols(name string) map[string]uint64 {
	g.t.Helper()
	f, err := g.open(name)
	if err != nil {
		g.t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		g.t.Fatal(err)
	}
	e, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		g.t.Fatal(err)
	}
	list, err := e.Symbols()
	if err != nil {
		g.t.Fatal(err)
	}
	out := make(map[string]uint64)
	for _, s := range list {
		out[s.Name] = s.Value
	}
	return out
}

// goOn continues every process named, by all its threads, and with the kernel shown also that; the others stay as they are.
func (c *counting) goOn(pids ...int) gdbstub.Stop {
	c.t.Helper()
	var actions []gdbstub.ThreadAction
	if c.view == BothViews {
		pids = append(slices.Clone(pids), KernelPID)
	}
	for _, pid := range pids {
		actions = append(actions, gdbstub.ThreadAction{Thread: gdbstub.ThreadID{PID: pid, TID: gdbstub.AllID}, Action: gdbstub.ActionContinue})
	}
	return c.resume(actions...)
}

// beats goes on to the nth beat from now, with the named processes; the heart need not be named.
func (c *counting) beats(n int, pids ...int) {
	c.t.Helper()
	if c.view == ProcessView {
		pids = append(slices.Clone(pids), heart)
		for range n {
			c.wantStop(c.goOn(pids...), gdbstub.Stop{Kind: gdbstub.StopSyscallEntry, Thread: main(heart)})
			c.wantStop(c.goOn(pids...), gdbstub.Stop{Kind: gdbstub.StopSyscallReturn, Thread: main(heart)})
		}
		return
	}
	for range n {
		c.wantStop(c.goOn(pids...), gdbstub.Stop{Kind: gdbstub.StopBreakpoint, Thread: c.threadID(heart)})
	}
}

// main is the first thread of a process.
func main(pid int) gdbstub.ThreadID { return gdbstub.ThreadID{PID: pid, TID: pid} }

// wantStop compares what every kind of stop has: kind, thread, and for signals the signal.
func (g *vm) wantStop(got, want gdbstub.Stop) {
	g.t.Helper()
	if got.Kind != want.Kind || got.Thread != want.Thread || got.Signal != want.Signal {
		g.t.Fatalf("stop %d of %v, signal %d (%q); want %d of %v, signal %d; the console:\n%s",
			got.Kind, got.Thread, got.Signal, got.Console, want.Kind, want.Thread, want.Signal, g.console.String())
	}
}

// adopted attaches to the process of index i.
func (c *counting) adopted(i int) gdbstub.ThreadID {
	c.t.Helper()
	stop, err := c.AttachProcess(pidOf(i))
	if err != nil {
		c.t.Fatal(err)
	}
	if stop.Kind != gdbstub.StopSignal || stop.Thread != main(pidOf(i)) {
		c.t.Fatalf("attached to %v with stop %d, signal %d", stop.Thread, stop.Kind, stop.Signal)
	}
	return stop.Thread
}

// word reads 32 bits of memory as a thread sees it.
func (g *vm) word(id gdbstub.ThreadID, va uint64) uint32 {
	g.t.Helper()
	var b [4]byte
	if n, err := g.ReadMemory(id, va, b[:]); err != nil || n < len(b) {
		g.t.Fatalf("reading %#x of %v: %d bytes, %v", va, id, n, err)
	}
	return binary.LittleEndian.Uint32(b[:])
}

// setWord writes it.
func (g *vm) setWord(id gdbstub.ThreadID, va uint64, v uint32) {
	g.t.Helper()
	if n, err := g.WriteMemory(id, va, binary.LittleEndian.AppendUint32(nil, v)); err != nil || n < 4 {
		g.t.Fatalf("writing %#x of %v: %d bytes, %v", va, id, n, err)
	}
}

// progress is how far the process of index i has counted, in its own memory, the shared page, by its second thread and in
// its signal handler, all seen by id.
func (c *counting) progress(id gdbstub.ThreadID, i int) [4]uint32 {
	c.t.Helper()
	at := uint64(4 * i)
	return [4]uint32{c.word(id, c.symbols["own"]), c.word(id, countAt+at), c.word(id, secondAt+at), c.word(id, signalsAt+at)}
}

// registersOf are all the registers of a thread, as they would be sent.
func (g *vm) registersOf(id gdbstub.ThreadID) string {
	g.t.Helper()
	f := g.Description(id.PID).NewRegisterFile()
	if err := g.ReadRegisters(id, f); err != nil {
		g.t.Fatal(err)
	}
	var out bytes.Buffer
	for i := range g.Description(id.PID).Registers() {
		if f.Known(i) {
			out.Write(f.Bytes(i))
		}
		out.WriteByte('|')
	}
	return out.String()
}

// forMachine runs a test on each machine.
func forMachine(t *testing.T, f func(t *testing.T, arch string)) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			f(t, arch)
		})
	}
}
