// Package machine is a whole guest: CPU, board, RAM and time, loaded with a kernel and run by Run. Only the instruction count drives it; what
// comes from the host enters through Input at a recorded time, so that two runs with the same input are the same run.
package machine

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"forkscope/machine/board"
	"forkscope/machine/bus"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/dev/power"
	"forkscope/machine/mem"
	"forkscope/machine/timeline"
)

// DefaultMemory is the size of RAM, in bytes, when Config does not say.
const DefaultMemory = 64 << 20

// DefaultDate is what the real-time clock shows at the first instruction when Config does not say: fixed, so that runs repeat.
var DefaultDate = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// consoleSource names console input in the log of inputs.
const consoleSource = "console"

// Config describes a machine and what it boots.
type Config struct {
	// Arch is the name of one of Kinds' architectures.
	Arch string
	// MemorySize is the size of RAM in bytes, a multiple of 4096; 0 is DefaultMemory.
	MemorySize uint64
	// Kernel is an ELF file (i386: of multiboot 1), or of the format of Kind.IsImage.
	Kernel []byte
	// FlatKernel says that Kernel may also be bytes without a header (Kind.FlatKernel).
	FlatKernel bool
	// BIOS is a ROM from which the machine starts, by its reset vector and with no kernel, instead of Kernel (Kind.ROM); nil is none.
	BIOS []byte
	// Semihosting lets the kernel print and end the run by an instruction that is undefined otherwise (Kind.Semihosting).
	Semihosting bool
	// Initrd is the initramfs: archives that are loaded behind each other, each at the beginning of a page. There may be none.
	Initrd [][]byte
	// Cmdline is the kernel's command line.
	Cmdline string
	// Console takes what the guest prints; nil throws it away. Only the goroutine in Run writes to it. If it is an Output, the guest stands still,
	// and its time with it, while there is no room.
	Console io.Writer
	// Serial takes the bytes of the first serial port as they are, beside Console; nil keeps none. Only the goroutine in Run writes to it.
	Serial io.Writer
	// Streams are the ports of a virtio console, by which a program's bytes pass as they are; without any there is no such device. Their
	// names are not empty, differ, and have no colon.
	Streams []Stream
	// Forget keeps no log of what a host does: the run cannot be repeated, and a long input takes no memory.
	Forget bool
	// IdleToLimit makes a guest that idles with no event to come skip to the limit of Run, if there is one, where it otherwise
	// waits for input.
	IdleToLimit bool
	// Clock is how many nanoseconds of guest time an instruction takes, up to clock.MostPerInstruction; 0 is 1. It is fixed for a run: with another
	// value, the same input is another run.
	Clock uint64
	// RealTime lets an idle guest's time pass as the host's does, so that a sleeper is there to be looked at; else it takes none. The run is the
	// same either way, as long as nothing comes from outside meanwhile.
	RealTime bool
	// Date is what the guest's real-time clock shows at the start; the zero time is DefaultDate. Fractions of a second are dropped.
	Date time.Time
	// Log takes warnings about what the guest or the host does; nil is silent.
	Log *logrus.Entry
}

// Machine is one guest. Its methods belong to the goroutine that calls Run, except Input and RequestStop.
type Machine struct {
	kind    *Kind
	log     *logrus.Entry
	clk     *clock.Clock
	ram     *mem.RAM
	cpu     cpu.CPU
	board   *board.Board
	gate    *timeline.Gate
	console console
	serial  console
	streams streams

	rom         string // digest of the BIOS, "" without one
	idleToLimit bool
	pace        pace

	orders  cpu.Orders    // of the run, as far as they are still to be carried out
	held    bool          // interrupts are held off, in the log
	watched *cpu.WatchSet // the pages that are watched, in the log; nil is none
	lent    []cpu.State   // what Borrow has kept

	stopRequested atomic.Bool
	end           *Stop // the guest's run is over
}

// New builds a machine and loads its kernel. Errors name the configuration's part that is at fault.
func New(cfg Config) (*Machine, error) {
	m, err := newMachine(cfg)
	if err != nil {
		return nil, err
	}
	if err := m.kind.build(m, cfg); err != nil {
		m.Close()
		return nil, err
	}
	m.board.ConnectCPU(m.cpu.SetIRQ)
	m.streams.device = m.board.Streams
	return m, nil
}

// newMachine makes the parts that do not depend on the architecture.
func newMachine(cfg Config) (*Machine, error) {
	kind := KindOf(cfg.Arch)
	if kind == nil {
		return nil, fmt.Errorf("architecture %q: there are %s", cfg.Arch, arch.List("and"))
	}
	if cfg.Clock > clock.MostPerInstruction {
		return nil, fmt.Errorf("clock: an instruction can take 1 to %d ns, not %d", clock.MostPerInstruction, cfg.Clock)
	}
	m := &Machine{kind: kind, log: cfg.Log, clk: clock.New(max(cfg.Clock, 1)), idleToLimit: cfg.IdleToLimit, rom: romDigest(cfg.BIOS)}
	if m.log == nil {
		silent := logrus.New()
		silent.SetOutput(io.Discard)
		m.log = logrus.NewEntry(silent)
	}
	m.console = console{name: "console", w: cfg.Console, log: m.log}
	m.serial = console{name: "serial port file", w: cfg.Serial, log: m.log}
	m.gate = timeline.NewGate(func() { m.cpu.RequestExit() })
	m.streams = streams{gate: m.gate, log: m.log}
	m.pace.real = cfg.RealTime
	if cfg.Forget {
		m.gate.Forget()
	}
	return m, nil
}

// newRAM makes cfg's RAM at base, of at most limit bytes.
func newRAM(cfg Config, base, limit uint64) (*mem.RAM, error) {
	size := cfg.MemorySize
	if size == 0 {
		size = DefaultMemory
	}
	if size < 1<<20 || size > limit || size%mem.PageSize != 0 {
		return nil, fmt.Errorf("memory size %d: must be a multiple of %d from 1 MiB to %d MiB", size, mem.PageSize, limit>>20)
	}
	return mem.New(base, size)
}

func (m *Machine) boardConfig(cfg Config) board.Config {
	date := cfg.Date
	if date.IsZero() {
		date = DefaultDate
	}
	output := m.console.put
	if cfg.Serial != nil {
		output = func(b byte) {
			m.console.put(b)
			m.serial.put(b)
		}
	}
	return board.Config{
		Clock: m.clk, Output: output, Debug: m.console.put, Date: date.Unix(), ROM: cfg.BIOS, Power: m.power,
		RAM: m.ram, Streams: m.streams.connect(cfg.Streams),
	}
}

// power takes note that the guest ends its run. It is called in the middle of an instruction.
func (m *Machine) power(r power.Request) {
	if m.end != nil {
		return // the first wish counts
	}
	m.end = &Stop{Reason: PowerOff, Status: int(r.Status), text: r.String()}
	if r.Kind == power.Reset {
		m.end = &Stop{Reason: Reset, text: r.String()}
	}
	m.cpu.RequestExit()
}

// Close gives the RAM back to the host. The machine must not be used afterwards.
func (m *Machine) Close() error {
	if m.ram == nil {
		return nil
	}
	if err := m.ram.Close(); err != nil {
		return fmt.Errorf("guest RAM: %w", err)
	}
	return nil
}

// Arch is the processor's architecture.
func (m *Machine) Arch() *arch.Arch { return m.kind.Arch }

// CPU is the processor, to be looked at.
func (m *Machine) CPU() cpu.View { return m.cpu }

// Clock is virtual time, to be looked at.
func (m *Machine) Clock() clock.View { return m.clk }

// RAM is guest memory, to be read.
func (m *Machine) RAM() mem.View { return m.ram }

// Devices lists the device windows in physical memory, by ascending address.
func (m *Machine) Devices() []bus.Window { return m.board.Memory.Windows() }

// Ports lists the windows of I/O ports; there are none on arm64.
func (m *Machine) Ports() []bus.Window {
	if m.board.Ports == nil {
		return nil
	}
	return m.board.Ports.Windows()
}

// RequestStop makes Run return Requested soon, even while the guest idles. Any goroutine may call it, and before Run.
func (m *Machine) RequestStop() {
	m.stopRequested.Store(true)
	m.cpu.RequestExit()
	m.gate.Poke()
}
