package debug

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
)

// vm is a machine with the committed images, and a debugger's view of it.
type vm struct {
	*Debugger
	gdbstub.Control
	gdbstub.Threads
	gdbstub.Registers
	gdbstub.Memory
	gdbstub.Breakpoints
	gdbstub.StepMask
	gdbstub.Processes
	gdbstub.Syscalls
	gdbstub.Events
	gdbstub.Signals

	machine *machine.Machine
	cpu     cpu.View
	image   *introspect.Image
	t       testing.TB
	console bytes.Buffer
}

func newGuest(t testing.TB, arch, program string) *vm {
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
	config := machine.Config{Arch: arch, Kernel: kernel, Initrd: [][]byte{initrd}, Cmdline: "-- /bin/" + program, Console: &g.console}
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
	g.show(Config{Machine: m, Image: im, Files: tree})
	if _, err := g.Attach(); err != nil {
		t.Fatal(err)
	}
	return g
}

// show makes the view, and the parts of what a session talks to.
func (g *vm) show(c Config) {
	g.t.Helper()
	var err error
	if g.Debugger, err = New(c); err != nil {
		g.t.Fatal(err)
	}
	g.machine, g.cpu, g.image = c.Machine, c.Machine.CPU(), c.Image
	t := g.Target()
	g.Control, g.Threads, g.Registers, g.Memory, g.Breakpoints, g.StepMask = t.Control, t.Threads, t.Registers, t.Memory, t.Breakpoints, t.Hardware.StepMask
	g.Processes, g.Syscalls, g.Events, g.Signals = t.Processes, t.Syscalls, t.Events, t.Signals
}

func (g *vm) threadID(pid int32) gdbstub.ThreadID { return g.kernel.ThreadID(pid) }
func (g *vm) onCPU() gdbstub.ThreadID             { return g.kernel.OnCPU() }
func (g *vm) KillProcess(pid int) error           { return g.Processes.KillProcess(pid) }
func (g *vm) Debugged() []int                     { return g.Processes.Debugged() }

// find is the task of a thread.
func (g *vm) find(id gdbstub.ThreadID) (introspect.Task, error) { return g.guest.Find(int32(id.TID)) }

// symbol is an address in the kernel.
func (g *vm) symbol(name string) uint64 {
	g.t.Helper()
	va, ok := g.image.Symbol(name)
	if !ok {
		g.t.Fatalf("the kernel has no %s", name)
	}
	return va
}

// patience bounds what hangs. How long anything takes depends on how busy the host is.
const patience = 4 * time.Minute

// goFor lets the guest run for some of its own time, in nanoseconds, unless something stops it before.
func (g *vm) goFor(time uint64) gdbstub.Stop {
	g.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := g.machine.Clock().(*clock.Clock)
	over := &clock.Event{Name: "test", Fire: cancel}
	c.Schedule(over, c.Now()+time)
	defer c.Cancel(over)
	stop, err := g.Resume(ctx, &gdbstub.Plan{Actions: []gdbstub.ThreadAction{{Thread: gdbstub.AllThreads, Action: gdbstub.ActionContinue}}})
	if err != nil {
		g.t.Fatal(err)
	}
	return stop
}

// resume goes on with the given actions, or continues.
func (g *vm) resume(actions ...gdbstub.ThreadAction) gdbstub.Stop {
	g.t.Helper()
	if len(actions) == 0 {
		actions = []gdbstub.ThreadAction{{Thread: gdbstub.AllThreads, Action: gdbstub.ActionContinue}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stop, err := g.Resume(ctx, &gdbstub.Plan{Actions: actions})
	if err != nil {
		g.t.Fatal(err)
	}
	if ctx.Err() != nil {
		g.t.Fatalf("no stop in time; the console:\n%s", g.console.String())
	}
	return stop
}

// breakAt runs to a function of the kernel.
func (g *vm) breakAt(name string) gdbstub.Stop {
	g.t.Helper()
	b := &gdbstub.Breakpoint{Kind: gdbstub.SoftwareBreakpoint, Address: g.symbol(name)}
	if err := g.Insert(b); err != nil {
		g.t.Fatal(err)
	}
	stop := g.resume()
	if stop.Kind != gdbstub.StopBreakpoint || g.cpu.PC() != b.Address {
		g.t.Fatalf("stopped at %#x for %v, not in %s", g.cpu.PC(), stop.Kind, name)
	}
	if err := g.Remove(b); err != nil {
		g.t.Fatal(err)
	}
	return stop
}

func forBoth(t *testing.T, program string, f func(t *testing.T, g *vm)) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) { f(t, newGuest(t, arch, program)) })
	}
}

func (g *vm) threads() string {
	g.t.Helper()
	var out []string
	for _, id := range g.AppendThreads(nil) {
		th, err := g.Thread(id)
		if err != nil {
			g.t.Fatal(err)
		}
		out = append(out, th.Name+" "+th.Extra)
	}
	return strings.Join(out, "; ")
}

func TestThreads(t *testing.T) {
	forBoth(t, "demo", func(t *testing.T, g *vm) {
		if got, want := g.threads(), "swapper running, kernel thread"; got != want {
			t.Errorf("at the first instruction: %s, want %s", got, want)
		}
		stop := g.breakAt("wait_task_zombie")
		if stop.Thread != g.threadID(2) || stop.Core != 0 {
			t.Errorf("stopped in thread %v on core %d", stop.Thread, stop.Core)
		}
		want := "swapper runnable, kernel thread; init sleeping, child of 0; demo running, child of 1; demo zombie, child of 2"
		if got := g.threads(); got != want {
			t.Errorf("threads: %s\nwant %s", got, want)
		}
		if g.Alive(g.threadID(4)) || !g.Alive(g.threadID(0)) || !g.Alive(g.threadID(3)) {
			t.Error("the wrong threads are alive")
		}
		if _, err := g.Thread(g.threadID(99)); !errors.Is(err, gdbstub.ErrNotFound) {
			t.Errorf("a thread that never was: %v", err)
		}
	})
}

// The registers of a task off the CPU are those of its switch frame, and only they can be written.
func TestParkedRegisters(t *testing.T) {
	forBoth(t, "demo", func(t *testing.T, g *vm) {
		g.breakAt("wait_task_zombie")
		f := g.guest.Description.NewRegisterFile()
		if err := g.ReadRegisters(g.threadID(1), f); err != nil {
			t.Fatal(err)
		}
		pc, known := f.Uint(g.guest.PC)
		name, _, _ := g.image.Lookup(pc)
		if !known || !strings.HasPrefix(name, g.sleepsIn()) {
			t.Errorf("a sleeping task is at %#x in %s", pc, name)
		}
		sp, _ := f.Uint(g.guest.SP)
		task, err := g.find(g.threadID(1))
		if err != nil || sp <= task.Stack || sp >= task.Stack+g.kernelStackSize() {
			t.Errorf("stack pointer %#x is not in the task's stack at %#x (%v)", sp, task.Stack, err)
		}
		written := g.guest.SP
		if g.machine.Arch() == arch.X8664 {
			written = g.guest.PC // the stack pointer follows from where the frame is
		}
		value := bytes.Clone(f.Bytes(written))
		value[0] ^= 0x10
		if err := g.WriteRegister(g.threadID(1), written, value); err != nil {
			t.Error(err)
		}
		f.Reset()
		if err := g.ReadRegisters(g.threadID(1), f); err != nil || !bytes.Equal(f.Bytes(written), value) {
			t.Errorf("wrote %x, read %x (%v)", value, f.Bytes(written), err)
		}
		dead := g.guest.Description.Index(g.machine.Arch().Function.Result)
		if f.Known(dead) {
			t.Error("a register that nobody saved has a value")
		}
		if err := g.WriteRegister(g.threadID(1), dead, value); !errors.Is(err, gdbstub.ErrUnavailable) {
			t.Errorf("writing a register that nobody saved: %v", err)
		}
	})
}

func (g *vm) kernelStackSize() uint64 {
	size, err := g.image.GlobalSize("init_thread_union")
	if err != nil {
		g.t.Fatal(err)
	}
	return uint64(size)
}

// sleepsIn is where a task is that is not on the CPU: where it goes on, which on x86-64 is behind the frame on its stack.
func (g *vm) sleepsIn() string {
	if g.machine.Arch() == arch.X8664 {
		return "context_switch"
	}
	return "cpu_switch_to"
}

// A step of a task is one instruction of it, whatever else has to run before.
func TestStepParked(t *testing.T) {
	forBoth(t, "demo", func(t *testing.T, g *vm) {
		g.breakAt("wait_task_zombie")
		parent := gdbstub.ThreadAction{Thread: g.threadID(1), Action: gdbstub.ActionStep}
		stop := g.resume(parent)
		name, _, _ := g.image.Lookup(g.cpu.PC())
		if stop.Kind != gdbstub.StopStep || stop.Thread != g.threadID(1) || g.Current() != g.threadID(1) {
			t.Errorf("stop %v of %v at %s, on the CPU %v", stop.Kind, stop.Thread, name, g.Current())
		}
		if !strings.HasPrefix(name, g.sleepsIn()) && name != "__switch_to" {
			t.Errorf("the step ended in %s", name)
		}
		// A task that has ended is never found on the CPU.
		dead := gdbstub.ThreadAction{Thread: g.threadID(3), Action: gdbstub.ActionStep}
		now := g.machine.Clock().Now()
		if stop := g.resume(dead); stop.Kind != gdbstub.StopSignal || stop.Signal == gdbstub.SIGTRAP || g.machine.Clock().Now() != now {
			t.Errorf("a step of a task that is gone: %+v", stop)
		}
	})
}

// Two runs are the same run, the one with breakpoints, steps with interrupts let in, and looks at everything.
func TestLookingChangesNothing(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			plain := newGuest(t, arch, "demo")
			plain.resume()
			g := newGuest(t, arch, "demo")
			if err := g.SetStepMask(1); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"copy_thread", "schedule", "ret_from_fork", "do_exit"} {
				g.breakAt(name)
				g.threads()
				for range 20 {
					g.resume(gdbstub.ThreadAction{Thread: g.Current(), Action: gdbstub.ActionStep})
				}
			}
			if stop := g.resume(); stop.Kind != gdbstub.StopExited {
				t.Fatalf("the run ended with %v", stop.Kind)
			}
			if a, b := plain.machine.Digest(), g.machine.Digest(); a != b || plain.machine.Clock().Now() != g.machine.Clock().Now() {
				t.Errorf("after %d and %d instructions the guests differ", plain.machine.Clock().Now(), g.machine.Clock().Now())
			}
			if plain.console.String() != g.console.String() {
				t.Error("the consoles differ")
			}
		})
	}
}

// A condition, a watchpoint and an address nobody ever reaches, all at once.
func TestBreakpointsTogether(t *testing.T) {
	forBoth(t, "demo", func(t *testing.T, g *vm) {
		size := uint64(g.image.PointerSize)
		switches, err := g.image.Field("rq", "nr_switches")
		if err != nil {
			t.Fatal(err)
		}
		watch := &gdbstub.Breakpoint{Kind: gdbstub.WriteWatchpoint, Address: g.symbol("runqueue") + uint64(switches.Offset), Size: size}
		never, err := gdbstub.ParseAgentExpr([]byte{0x22, 0, 0x27}) // const8 0, end
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range []*gdbstub.Breakpoint{
			watch,
			{Kind: gdbstub.SoftwareBreakpoint, Address: g.symbol("schedule"), Conditions: []*gdbstub.AgentExpr{never}},
			{Kind: gdbstub.SoftwareBreakpoint, Address: 0x12345678},
		} {
			if err := g.Insert(b); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 3 {
			if stop := g.resume(); stop.Kind != gdbstub.StopWatch || stop.Address < watch.Address || stop.Address >= watch.Address+size {
				t.Fatalf("stop %d: %v at data %#x, pc %#x", i, stop.Kind, stop.Address, g.cpu.PC())
			}
		}
		if err := g.Remove(watch); err != nil {
			t.Fatal(err)
		}
		if err := g.Remove(watch); !errors.Is(err, gdbstub.ErrNotFound) {
			t.Errorf("removed twice: %v", err)
		}
		if stop := g.resume(); stop.Kind != gdbstub.StopExited || stop.Code != 0 {
			t.Errorf("the run ended with %v, status %d", stop.Kind, stop.Code)
		}
		if err := g.Insert(&gdbstub.Breakpoint{Kind: gdbstub.WriteWatchpoint, Address: ^uint64(0), Size: 8}); !errors.Is(err, gdbstub.ErrInvalid) {
			t.Errorf("a watchpoint over the end of memory: %v", err)
		}
	})
}

// command runs a monitor command as gdb would.
func (g *vm) command(line ...string) (string, error) {
	g.t.Helper()
	for _, c := range g.commands() {
		if c.Name == line[0] {
			var out bytes.Buffer
			err := c.Run(g.Current(), line[1:], &out)
			return out.String(), err
		}
	}
	g.t.Fatalf("there is no monitor command %s", line[0])
	return "", nil
}

func TestMonitor(t *testing.T) {
	forBoth(t, "demo", func(t *testing.T, g *vm) {
		g.breakAt("wait_task_zombie")
		task, err := g.find(g.threadID(3))
		if err != nil {
			t.Fatal(err)
		}
		comm, err := g.image.Field("task_struct", "comm")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.WriteMemory(g.Current(), task.Addr+uint64(comm.Offset), []byte("\x1b[2Jdemo\xff\x00")); err != nil {
			t.Fatal(err)
		}
		initTask := fmt.Sprintf("%#x", g.symbol("init_task"))
		pa, _ := g.cpu.Translate(g.cpu.Space(), g.symbol("init_task")+uint64(comm.Offset))
		name := fmt.Sprintf("%#x", pa)
		lastByte := fmt.Sprintf("%#x", g.machine.RAM().Base()+g.machine.RAM().Size()-1)
		for _, c := range []struct {
			line string
			want string // in what is printed, or in the error
			fail bool
		}{
			{"tasks", "?[2Jdemo? ", false},
			{"tasks", " init             sleeping         wait4 ", false},
			{"tasks now", "takes no arguments", true},
			{"time", "ns of guest time", false},
			{"devices", "RAM\n", false},
			{"devices", map[string]string{"i386": "port 0x3f8-0x3ff COM1", "arm64": "PL011"}[g.machine.Arch().Name], false},
			{"translate init_task", initTask + " is at physical ", false},
			{"translate " + initTask, initTask + " is at physical ", false},
			{"translate 0x8", "not mapped", true},
			{"translate no_such_thing", "neither an address nor a symbol", true},
			{"translate 0x12xyz", "neither an address nor a symbol", true},
			{"translate", "takes one address", true},
			{"physical", "takes one physical address", true},
			{"physical init_task", `"init_task" is not an address`, true},
			{"physical 0xfffffffffffffff8 16", "not all of the 16 bytes at 0xfffffffffffffff8 are in RAM", true},
			{"physical " + lastByte, lastByte[:2], true},
			{"physical " + lastByte + " 1", lastByte + ": 00\n", false},
			{"physical " + lastByte + " 5000", `"5000" bytes: it can be 1 to 4096`, true},
			{"physical " + name + " 7", name + ": 73 77 61 70 70 65 72\n", false}, // swapper
			{"physical " + name, fmt.Sprintf("\n%#x: ", pa+48), false},
			{"step-interrupts", "hold", false},
			{"step-interrupts allow", "allow", false},
			{"step-interrupts perhaps", `can be "hold" or "allow"`, true},
			{"step-switch follow", "follow", false},
			{"user-breaks", "read", false},
			{"panic go", "go", false},
		} {
			out, err := g.command(strings.Fields(c.line)...)
			if err != nil {
				out += err.Error()
			}
			if (err != nil) != c.fail || !strings.Contains(out, c.want) {
				t.Errorf("monitor %s: %q, %v; want %q", c.line, out, err, c.want)
			}
			if strings.Contains(out, "\x1b") || strings.Contains(out, "\xff") {
				t.Errorf("monitor %s lets the guest write to the terminal: %q", c.line, out)
			}
		}
		if g.StepMask.StepMask() != 1 || false {
			t.Error("the commands changed nothing")
		}
	})
}

// Who stops in a program without its symbols is told once where they are; a breakpoint at a user address holds in the
// programs that were read.
func TestProgramsRead(t *testing.T) {
	forBoth(t, "intloop 4000000000", func(t *testing.T, g *vm) {
		const long, moment = 20_000_000, 10_000
		interrupt := func() gdbstub.Stop {
			stop := g.goFor(long)
			for g.cpu.Privileged() { // in the timer's interrupt
				stop = g.goFor(moment)
			}
			if stop.Kind != gdbstub.StopSignal || stop.Signal != gdbstub.SIGINT {
				t.Fatalf("stop %v", stop.Kind)
			}
			return stop
		}
		if stop := interrupt(); !strings.Contains(stop.Console, "add-symbol-file target:/bin/intloop") {
			t.Errorf("no hint: %q (privileged %v)", stop.Console, g.cpu.Privileged())
		}
		if stop := interrupt(); stop.Console != "" {
			t.Errorf("the hint comes again: %q", stop.Console)
		}
		// The loop's own address, which only intloop executes.
		b := &gdbstub.Breakpoint{Kind: gdbstub.SoftwareBreakpoint, Address: g.cpu.PC()}
		if err := g.Insert(b); err != nil {
			t.Fatal(err)
		}
		if stop := g.resume(); stop.Kind != gdbstub.StopBreakpoint {
			t.Errorf("with nothing read: %v", stop.Kind)
		}
		for _, c := range []struct {
			file string
			hit  bool
		}{{"bin/demo", false}, {"bin/intloop", true}} {
			f, err := g.open(c.file)
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			stop := g.goFor(long)
			if hit := stop.Kind == gdbstub.StopBreakpoint; hit != c.hit {
				t.Errorf("%s read: stop %v", c.file, stop.Kind)
			}
		}
	})
}
