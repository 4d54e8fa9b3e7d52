// Package debug is a debugger's view of a running machine: the one place where the machine, the knowledge of the guest
// kernel and the remote protocol meet. It shows the kernel view: one inferior, the kernel, whose threads are all tasks.
package debug

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
	"forkscope/machine/cpu"
)

// Config says what is debugged.
type Config struct {
	// Machine runs the guest. Whoever calls Target's methods owns it during the call.
	Machine *machine.Machine
	// Image is the guest kernel's image. Where it is nil, NoImage says why, and where tasks cannot be found in it, the kernel view
	// shows the bare CPU as one thread.
	Image   *introspect.Image
	NoImage error
	// ExecFile is the path in Files of the kernel's ELF file, from which gdb takes symbols; "" is none.
	ExecFile string
	// Files is what gdb may read: the kernel's ELF file and the guest's programs; nil serves none.
	Files fs.FS
	// View is what is shown.
	View View
	// Program is the guest path of the program that a debugger of ProcessView starts with; see StartProgram.
	Program string
	// NewMachine makes a machine that will run a program from its beginning, for gdb's "run"; nil refuses that. It sets
	// Start.Path to where the guest has the program, "" being the one before.
	NewMachine func(*Start) (*machine.Machine, error)
	// Reset makes the machine that there was at first, at power on; nil refuses "monitor reset" and gdb's "run" of a kernel.
	Reset func() (*machine.Machine, error)
	// Notify hears what becomes of debugged processes; nil is none. It is called in the middle of things and must not call back.
	Notify func(Event)
	// Context ends everything that the view is at when it is cancelled; nil is never.
	Context context.Context
}

// Start is a program to be run.
type Start struct {
	// Path is the program's in the guest; "" is the one before.
	Path string
	// Args follow its name. Env changes its environment: "NAME=VALUE" sets, "NAME" unsets. Dir is its working directory, ""
	// the guest's choice.
	Args, Env []string
	Dir       string
}

// Debugger is the kernel view of one machine. It is not safe for use by several goroutines.
type Debugger struct {
	config  Config
	view    View
	machine *machine.Machine
	cpu     cpu.CPU
	debug   *cpu.Debug
	image   *introspect.Image
	kernel  *introspect.Kernel // nil: noTasks says why
	noTasks error

	description *gdbstub.Description
	numbers     []int // the CPU's numbers of the description's registers
	pc, sp      int   // the numbers of program counter and stack pointer in the description
	files       files

	// What the kernel's inferior has: code breakpoints by address, and watchpoints.
	breaks  map[uint64][]*gdbstub.Breakpoint
	watches []*gdbstub.Breakpoint
	// second is the other address at which a breakpoint, of the kernel's or a process's, is looked for.
	second map[*gdbstub.Breakpoint]uint64
	// holds counts who wants the CPU to stop at an address.
	holds    map[uint64]int
	stepMask uint32
	// stepFollows makes a step that switches the CPU to another task go on until the stepped task runs again.
	stepFollows bool
	// breaksAnywhere makes breakpoints at user addresses hold in every program, not only in those that the debugger reads.
	breaksAnywhere bool

	// panicAt is the address of the kernel's panic, 0 when not known. It has a breakpoint of its own while a debugger is
	// attached: after a panic comes the end of the machine, and then there is nothing left to look at.
	panicAt      uint64
	stopsAtPanic bool
	shownEnd     bool            // that the CPU cannot go on has been reported
	saidAlone    bool            // that a task does not run alone has been said
	hinted       map[string]bool // programs whose symbols have been mentioned

	// watchesBefore: a watched access has not happened when the CPU stops for it (arm64); else it has (x86).
	watchesBefore bool

	// the task list, valid while the guest is stopped
	tasks    []introspect.Task
	tasksErr error
	fresh    bool

	// where the last stop was reported: resuming there does not report its breakpoint again
	reported place
	atBreak  bool // the run has ended at a breakpoint
	ended    *gdbstub.Stop
	lost     bool
	// Where and why the guest rests: a debugger that attaches to it there is told the signal of the stop that was reported there last.
	restsAt moment
	restsBy gdbstub.Signal
	scratch [64]byte

	// The view of processes.
	kernelPID     int  // of the kernel's threads
	kernelLeft    bool // the debugger has detached from the kernel
	kernelResumed bool
	user          userRegisters
	procs         map[int]*process
	pids          []int // their numbers, ascending
	byTask        map[uint64]*thread
	last          gdbstub.ThreadID // of the last stop
	stepping      *thread          // executes one instruction in this run
	heldForCall   bool             // interrupts are held off for the next instruction of a program, alone
	waiting       []gdbstub.Stop   // ends of processes that nobody has heard of
	launch        *launch
	nonStop       bool
	kernelAsked   bool // the kernel is to report a stop that was asked for (non-stop)

	probes      map[uint64]probe
	armed       bool
	handled     moment // the probe there is done with
	signalTaken uint64 // where dequeue_signal returns to get_signal, once known
	callReturn  uint64

	events         gdbstub.EventSet
	passSignals    gdbstub.SignalSet
	programSignals gdbstub.SignalSet
}

// place is a thread at an instruction.
type place struct {
	thread gdbstub.ThreadID
	pc     uint64
	valid  bool
	watch  bool // of a watchpoint, whose access has not happened
	told   bool // of a breakpoint there
}

// New prepares the view. It fails when processes are to be shown alone, and the image is not one whose tasks can be found.
func New(c Config) (*Debugger, error) {
	d := &Debugger{
		config:   c,
		view:     c.View,
		machine:  c.Machine,
		cpu:      c.Machine.CPU(),
		holds:    make(map[uint64]int),
		procs:    make(map[int]*process),
		byTask:   make(map[uint64]*thread),
		image:    c.Image,
		breaks:   make(map[uint64][]*gdbstub.Breakpoint),
		second:   make(map[*gdbstub.Breakpoint]uint64),
		hinted:   make(map[string]bool),
		stepMask: stepEnable | stepNoIRQ | stepNoTimer,

		stopsAtPanic: true,

		watchesBefore: c.Machine.Arch() == machine.ARM64,
		files:         files{exec: c.ExecFile, root: c.Files, read: make(map[string]bool)},
	}
	if d.config.Context == nil {
		d.config.Context = context.Background()
	}
	d.debug = d.cpu.Debug()
	d.kernelPID = gdbstub.FlatPID
	if d.view != KernelView {
		d.kernelPID = KernelPID
	}
	d.programSignals = wholeSignalSet()
	d.rest(gdbstub.SIGTRAP) // as a program at its first instruction
	if err := d.describe(c.Machine.Arch()); err != nil {
		return nil, err
	}
	if d.noTasks = d.findTasks(); d.noTasks != nil {
		if d.view == ProcessView {
			return nil, d.noTasks
		}
		d.view, d.kernelPID = KernelView, gdbstub.FlatPID
	}
	if d.view == KernelView {
		return d, nil
	}
	d.findProbes()
	return d, d.describeUser(c.Machine.Arch())
}

// findTasks prepares to look at the kernel's tasks.
func (d *Debugger) findTasks() (err error) {
	switch {
	case d.image != nil:
		if d.kernel, err = introspect.New(d.image, kernelMemory{d}); err == nil {
			d.panicAt, _ = d.image.Symbol("panic")
		}
	case d.config.NoImage != nil:
		err = d.config.NoImage
	default:
		err = errors.New("there is no image of the kernel")
	}
	return err
}

// NoTasks says why the guest's tasks are not shown, but its CPU as one thread; nil where they are.
func (d *Debugger) NoTasks() error { return d.noTasks }

// Target is what a protocol session talks to.
func (d *Debugger) Target() *gdbstub.Target {
	t := &gdbstub.Target{
		Description: d.description,
		Control:     d,
		Threads:     d,
		Registers:   d,
		Memory:      d,
		Breakpoints: d,
		Hardware:    gdbstub.Hardware{PhysicalMemory: d, StepMask: d},
		Killer:      d,
		Monitor:     d.commands(),
	}
	if d.files.root != nil {
		t.Files = processFiles{d}
	}
	if d.view == KernelView {
		if d.config.Reset != nil {
			t.Restarter = d
		}
		return t
	}
	t.Processes, t.Events, t.Syscalls, t.Signals, t.NonStop, t.Auxv, t.OSData = d, d, d, d, d, d, d
	t.TLS = d
	t.Killer = d
	t.Background = d
	if d.view == ProcessView {
		t.Description = d.user.description
		t.Hardware = gdbstub.Hardware{}
	}
	return t
}

// Ended returns the stop with which the guest ended, or nil while it lives.
func (d *Debugger) Ended() *gdbstub.Stop { return d.ended }

// Lost says whether the last session ended without a word, so that the debugger may want to come back to where it was.
func (d *Debugger) Lost() bool { return d.lost }

// Attach implements gdbstub.Control. The guest is between two instructions whenever this is called.
func (d *Debugger) Attach() (gdbstub.Stop, error) {
	d.forget()
	if d.ended != nil {
		return *d.ended, nil
	}
	if d.panicAt != 0 {
		d.addBreak(d.panicAt)
	}
	d.kernelLeft = false
	if d.view == BothViews {
		// gdb reads one description of registers when it connects: processes that an earlier session has left must be attached to anew.
		d.releaseProcesses()
	}
	stop := gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: d.restsBy}
	if d.restsAt != d.moment() {
		stop.Signal = 0
	}
	if d.view == ProcessView {
		if t := d.thread(d.Current()); t != nil {
			return d.reportThread(t, stop), nil
		}
		return gdbstub.Stop{Kind: gdbstub.StopExited, Core: -1}, nil
	}
	stop.Thread = d.onCPU()
	return d.report(stop), nil
}

// Detach implements gdbstub.Control.
func (d *Debugger) Detach(reason gdbstub.DetachReason) {
	// A debugger that has let go of everything need not say more.
	d.lost = reason == gdbstub.DetachLost && !(d.view != KernelView && len(d.Debugged()) == 0)
	d.reported.valid = false
	if d.panicAt != 0 && d.ended == nil {
		d.dropBreak(d.panicAt)
	}
	if reason != gdbstub.DetachLost && reason != gdbstub.DetachShutdown {
		d.releaseProcesses()
		d.rest(0) // it goes on
	}
	d.endSession()
	d.debug.AtUser, d.debug.Park = false, false
	d.debug.StepOver = false
	d.debug.HoldInterrupts, d.heldForCall = false, false
}

// endSession forgets what the debugger has asked for, and stops what it has set in motion.
func (d *Debugger) endSession() {
	d.nonStop, d.kernelResumed, d.kernelAsked = false, false, false
	d.events, d.passSignals, d.programSignals = gdbstub.EventSet{}, gdbstub.SignalSet{}, wholeSignalSet()
	d.eachThread(func(t *thread) {
		t.running, t.stopAsked, t.stopSignal = false, false, 0
	})
	for _, p := range d.procs {
		p.catch = nil
	}
	d.updateSyscalls()
}

func wholeSignalSet() (all gdbstub.SignalSet) {
	for i := range all {
		all[i] = true
	}
	return all
}

// releaseProcesses lets go of all processes; they run on.
func (d *Debugger) releaseProcesses() {
	for _, pid := range slices.Clone(d.pids) {
		if err := d.DetachProcess(pid); err != nil && d.procs[pid] != nil {
			d.dropProcess(d.procs[pid])
		}
	}
}

// Kill implements gdbstub.Killer: the guest is powered off where it stands.
func (d *Debugger) Kill() error {
	if d.ended == nil {
		for _, pid := range d.pids {
			d.notify(Event{Kind: Killing, PID: pid})
		}
		d.ended = &gdbstub.Stop{Kind: gdbstub.StopKilled, Thread: gdbstub.ThreadID{PID: d.kernelPID}, Signal: gdbstub.SIGKILL}
	}
	return nil
}

// rest notes that the guest has stopped where it is, and what the debugger has been told of it: 0 is nothing.
func (d *Debugger) rest(signal gdbstub.Signal) { d.restsAt, d.restsBy = d.moment(), signal }

// forget drops what was read of the guest, because it may have changed.
func (d *Debugger) forget() {
	d.fresh = false
	d.tasks = d.tasks[:0]
	d.tasksErr = nil
}

// report remembers the place of a stop and passes it on.
func (d *Debugger) report(s gdbstub.Stop) gdbstub.Stop {
	onCPU := s.Thread == d.onCPU()
	d.reported = place{thread: s.Thread, pc: d.cpu.PC(), valid: onCPU, told: d.atBreak}
	switch s.Kind {
	case gdbstub.StopWatch, gdbstub.StopReadWatch, gdbstub.StopAccessWatch:
		d.reported.watch = d.watchesBefore
	}
	if !onCPU {
		s.Core = -1
	}
	return s
}
