// Package debug is a debugger's view of a running machine: it puts the views of the kernel and of the processes together to what a protocol
// session talks to. Each request goes to the view whose inferior it names; what changes the whole guest is done here.
//
// Below it, each knowing only those below: kernel and process (the two views, which know nothing of each other), guest (memory, registers
// and tasks), control (breakpoints and runs; it knows no kernel). Beside them guestfs and osdata, what a debugger reads of files and tables.
package debug

import (
	"context"
	"io/fs"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
	"forkscope/machine/debug/control"
	"forkscope/machine/debug/guest"
	"forkscope/machine/debug/guestfs"
	"forkscope/machine/debug/kernel"
	"forkscope/machine/debug/osdata"
	"forkscope/machine/debug/process"
)

// View chooses what a debugger is shown.
type View uint8

const (
	// KernelView is one inferior, the kernel, whose threads are all tasks.
	KernelView View = iota
	// ProcessView is an inferior for each guest process that is debugged, as gdbserver in the guest would show them.
	ProcessView
	// BothViews is the kernel, as process KernelPID, and beside it the processes that the debugger attaches to.
	BothViews
)

// KernelPID is the process id of the kernel's own inferior, where processes are shown too.
const KernelPID = kernel.PID

// Event is told to whoever serves the debugger, for the lines that gdbserver prints.
type Event = process.Event

// The kinds of events; see package process.
const (
	Exited   = process.Exited
	Killed   = process.Killed
	Killing  = process.Killing
	Detached = process.Detached
	Attached = process.Attached
	Created  = process.Created
)

// Config says what is debugged.
type Config struct {
	// Machine runs the guest. Whoever calls Target's methods owns it during the call.
	Machine *machine.Machine
	// Image is the guest kernel's image. Where it is nil, NoImage says why, and where tasks cannot be found in it, the kernel view shows the
	// bare CPU as one thread.
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
	// NewMachine makes a machine that will run a program from its beginning, for gdb's "run"; nil refuses that. It sets Start.Path to where
	// the guest has the program, "" being the one before.
	NewMachine func(*Start) (*machine.Machine, error)
	// Spawn has the guest that lives run a further program when it runs next, for gdb's "run" beside processes that are debugged; nil refuses
	// that. It sets Start.Path as NewMachine does.
	Spawn func(*Start) error
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
	// Args follow its name. Env changes its environment: "NAME=VALUE" sets, "NAME" unsets. Dir is its working directory, "" the guest's
	// choice.
	Args, Env []string
	Dir       string
	// Image is set by NewMachine to the image of the kernel, if it has made a machine of another architecture than the one before.
	Image *introspect.Image
}

// Debugger is what is shown of one machine. It is not safe for use by several goroutines.
type Debugger struct {
	config  Config
	view    View
	control *control.Control
	guest   *guest.Guest
	kernel  *kernel.View
	process *process.View // nil: no processes are shown
	files   *guestfs.Files
	lost    bool
	// Where and why the guest rests: a debugger that attaches to it there is told the signal of the stop that was reported there last.
	restsAt control.Moment
	restsBy gdbstub.Signal
}

// New prepares the view. It fails when processes are to be shown alone, and the image is not one whose tasks can be found.
func New(c Config) (*Debugger, error) {
	if c.Context == nil {
		c.Context = context.Background()
	}
	if c.Notify == nil {
		c.Notify = func(Event) {}
	}
	d := &Debugger{config: c, view: c.View, control: control.New(c.Machine)}
	d.files = &guestfs.Files{Exec: c.ExecFile, Root: c.Files, Inferiors: inferiors{d}}
	var err error
	if d.guest, err = guest.New(d.control, c.Image, c.NoImage); err != nil {
		return nil, err
	}
	if d.guest.OS != nil {
		d.files.Kernel = d.guest.OS
	} else {
		if d.view == ProcessView {
			return nil, d.guest.NoTasks
		}
		d.view = KernelView
	}
	pid := gdbstub.FlatPID
	if d.view != KernelView {
		pid = KernelPID
	}
	d.kernel = kernel.New(d.guest, d.view != ProcessView, pid, d.files, c.ExecFile)
	d.rest(gdbstub.SIGTRAP) // as a program at its first instruction
	if d.view == KernelView {
		d.control.Consult(d.kernel)
		return d, nil
	}
	d.process, err = process.New(process.Config{Guest: d.guest, Kernel: d.kernel, Notify: c.Notify, Context: c.Context})
	if err != nil {
		return nil, err
	}
	d.control.Consult(d.process.Party(), d.kernel)
	return d, nil
}

// NoTasks says why the guest's tasks are not shown, but its CPU as one thread; nil where they are.
func (d *Debugger) NoTasks() error { return d.guest.NoTasks }

// Machine is the machine that is debugged now: gdb's "run" replaces it.
func (d *Debugger) Machine() *machine.Machine { return d.control.Machine() }

// Ended returns the stop with which the guest ended, or nil while it lives.
func (d *Debugger) Ended() *gdbstub.Stop { return d.kernel.Ended() }

// Lost says whether the last session ended without a word, so that the debugger may want to come back to where it was.
func (d *Debugger) Lost() bool { return d.lost }

// Target is what a protocol session talks to.
func (d *Debugger) Target() *gdbstub.Target {
	t := &gdbstub.Target{
		Description: d.guest.Description,
		Control:     session{d},
		Threads:     threads{d},
		Registers:   state{d},
		Memory:      state{d},
		Breakpoints: breakpoints{d},
		Hardware:    gdbstub.Hardware{PhysicalMemory: kernel.State{View: d.kernel}, StepMask: &d.kernel.Steps},
		Killer:      d,
		Monitor:     d.commands(),
	}
	if d.files.Root != nil {
		t.Files = d.files
	}
	if d.guest.OS != nil {
		t.OSData = osdata.Tables{Kernel: d.guest.OS}
	}
	if d.view == KernelView {
		if d.config.Reset != nil {
			t.Restarter = d
		}
		return t
	}
	t.Processes, t.Syscalls = processes{d}, processes{d}
	t.Events, t.Signals = d.process, d.process.Signals()
	t.NonStop, t.Background = nonStop{d}, nonStop{d}
	t.Auxv, t.TLS = d.process.State(), d.process.State()
	if d.view == ProcessView {
		t.Description = d.process.Description()
		t.Hardware = gdbstub.Hardware{}
	}
	return t
}

// rest notes that the guest has stopped where it is, and what the debugger has been told of it: 0 is nothing.
func (d *Debugger) rest(signal gdbstub.Signal) {
	d.restsAt, d.restsBy = d.control.Moment(), signal
}

// Kill implements gdbstub.Killer: the guest is powered off where it stands.
func (d *Debugger) Kill() error {
	if d.Ended() == nil && d.process != nil {
		d.process.Killing()
	}
	d.kernel.Kill()
	return nil
}

// final is what is left to be told after the end of the guest: of each of its processes, and last of the kernel.
func (d *Debugger) final() gdbstub.Stop {
	if d.process != nil {
		if s, ok := d.process.Waiting(); ok {
			return s
		}
	}
	return *d.Ended()
}
