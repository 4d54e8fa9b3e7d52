package debug

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
	"forkscope/machine/clock"
)

// launch is a program that is waited for: a process that executes its file begins to be debugged there.
type launch struct {
	path    string
	execing uint64 // the task that has called execve
	done    *process
	// failed: a child of init has come back from execve, which is how a further program ends that cannot be executed.
	failed bool
}

// Machine is the machine that is debugged now: gdb's "run" replaces it.
func (d *Debugger) Machine() *machine.Machine { return d.machine }

// PID is the process of the program that StartProgram has started, or of the last stop.
func (d *Debugger) PID() int { return d.last.PID }

// StartProgram runs a machine that has not started yet up to the first instruction of Config.Program.
func (d *Debugger) StartProgram(ctx context.Context) error {
	_, err := d.start(ctx, d.config.Program)
	return err
}

func (d *Debugger) start(ctx context.Context, path string) (gdbstub.Stop, error) {
	release := context.AfterFunc(ctx, d.machine.RequestStop)
	defer release()
	l := &launch{path: path}
	d.launch = l
	d.updateSyscalls()
	defer func() {
		d.launch = nil
		d.updateSyscalls()
		d.forget()
	}()
	for l.done == nil {
		if _, stopped := d.run(ctx, clock.Never, nil); stopped && l.done == nil {
			if d.ended != nil {
				return gdbstub.Stop{}, fmt.Errorf("%s cannot be executed: %s", path, strings.TrimSpace(d.ended.Console))
			}
			if ctx.Err() != nil {
				return gdbstub.Stop{}, context.Cause(ctx)
			}
			if l.failed && len(d.procs) > 0 {
				return gdbstub.Stop{}, fmt.Errorf("%s cannot be executed; init says why", path)
			}
		}
	}
	d.rest(gdbstub.SIGTRAP)
	d.notify(Event{Kind: Created, PID: l.done.pid})
	return d.reportThread(l.done.threads[0], gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGTRAP}), nil
}

// AttachLiving begins to debug the oldest process that lives, but for init and those that still execute its program, if none is debugged: the program's
// own, or what is left of it. (It is one, since gdb reads a single description of registers when it connects.) Where there is none, the guest goes on to the
// program's first instruction, as by StartProgram.
func (d *Debugger) AttachLiving(ctx context.Context) error {
	if d.ended != nil || len(d.procs) > 0 {
		return nil
	}
	d.forget()
	var initial string
	for _, t := range d.list() {
		if t.MM == 0 || t.ExitState != 0 || t.KernelThread() {
			continue
		}
		path, err := d.kernel.ExePath(&t)
		if t.PID == 1 {
			initial = path
		}
		if err != nil || path == initial {
			continue
		}
		p, err := d.adopt(int(t.TGID), true)
		if err == nil {
			d.last = p.threads[0].id
		}
		return err
	}
	return d.StartProgram(ctx)
}

// launching looks whether the task that is back in user mode executes the program that is waited for.
func (d *Debugger) launching() (gdbstub.Stop, bool) {
	l := d.launch
	task, err := d.currentTask()
	if err != nil || l.execing != task || d.byTask[task] != nil {
		return gdbstub.Stop{}, false
	}
	l.execing = 0
	t, err := d.kernel.Task(task)
	if err != nil {
		return gdbstub.Stop{}, false
	}
	at, err := d.kernel.ExePath(&t)
	if err != nil {
		return gdbstub.Stop{}, false
	}
	d.forget()
	if at != l.path {
		l.failed = at == d.initPath()
		return gdbstub.Stop{Kind: gdbstub.StopExec}, l.failed
	}
	if l.done, err = d.adopt(int(t.TGID), false); err != nil {
		return gdbstub.Stop{}, false
	}
	return gdbstub.Stop{Kind: gdbstub.StopExec}, true
}

// initPath is the program of process 1.
func (d *Debugger) initPath() string {
	for _, t := range d.list() {
		if t.PID == 1 {
			path, _ := d.kernel.ExePath(&t)
			return path
		}
	}
	return ""
}

// RunProcess implements gdbstub.Processes: a new machine runs the program, from power on.
func (d *Debugger) RunProcess(r gdbstub.RunRequest) (gdbstub.Stop, error) {
	if d.config.NewMachine == nil {
		return gdbstub.Stop{}, errors.New("the guest cannot be started again")
	}
	if len(d.procs) > 0 && d.config.Spawn != nil {
		start := Start{Path: r.File, Args: r.Args, Env: r.Env, Dir: r.Dir}
		if err := d.config.Spawn(&start); err != nil {
			return gdbstub.Stop{}, err
		}
		return d.start(d.config.Context, start.Path)
	}
	if len(d.procs) > 0 {
		return gdbstub.Stop{}, errors.New("other processes are being debugged, and a new run ends the guest that they live in; kill or detach them first")
	}
	if r.File == "" && d.config.Program == "" && d.view == BothViews {
		return d.Restart() // what the debugger has is the kernel
	}
	start := Start{Path: r.File, Args: r.Args, Env: r.Env, Dir: r.Dir}
	m, err := d.config.NewMachine(&start)
	if err != nil {
		return gdbstub.Stop{}, err
	}
	if err := d.replace(m, start.Image); err != nil {
		return gdbstub.Stop{}, err
	}
	d.config.Program = start.Path
	return d.start(d.config.Context, start.Path)
}

// Restart implements gdbstub.Restarter: the guest is at power on again.
func (d *Debugger) Restart() (gdbstub.Stop, error) {
	switch {
	case d.config.Reset == nil:
		return gdbstub.Stop{}, errors.New("the guest cannot be started again")
	case len(d.procs) > 0:
		return gdbstub.Stop{}, errors.New("processes are being debugged, and end with the guest that they live in; kill or detach them first")
	}
	m, err := d.config.Reset()
	if err != nil {
		return gdbstub.Stop{}, err
	}
	if err := d.replace(m, nil); err != nil {
		return gdbstub.Stop{}, err
	}
	d.rest(gdbstub.SIGTRAP)
	return d.report(gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: d.onCPU(), Signal: gdbstub.SIGTRAP}), nil
}

// replace goes on with another machine, in which nothing has happened yet. It is of the same kind unless there is another image.
func (d *Debugger) replace(m *machine.Machine, image *introspect.Image) error {
	d.machine, d.cpu = m, m.CPU()
	d.debug = d.cpu.Debug()
	d.ended, d.shownEnd, d.waiting = nil, false, nil
	d.reported.valid = false
	d.forget()
	for va := range d.holds {
		d.debug.SetBreak(va)
	}
	for _, b := range d.watches {
		d.debug.SetWatch(watchpoint(b))
	}
	if image == nil {
		return nil
	}
	d.image, d.config.Image, d.signalTaken = image, image, 0
	return d.learn()
}

// KillProcess implements gdbstub.Processes: the kernel sends SIGKILL, and the guest runs until the process is gone.
func (d *Debugger) KillProcess(pid int) error {
	p := d.procs[pid]
	if p == nil {
		if pid == d.kernelPID {
			return d.Kill()
		}
		return fmt.Errorf("%w: process %d is not debugged", gdbstub.ErrNotFound, pid)
	}
	if pid == 1 {
		return fmt.Errorf("%w: process 1 is init, without which the guest cannot live; the kernel lets nobody kill it", gdbstub.ErrInvalid)
	}
	d.notify(Event{Kind: Killing, PID: pid})
	p.dying = true
	d.stopThreads()
	d.reported.valid = false // wherever the kernel was shown, it goes on
	leader := p.threads[0]
	if leader.signal == nil {
		if err := d.sendSignal(leader, &taken{number: linuxSIGKILL}); err != nil {
			p.dying = false
			return err
		}
	}
	for _, t := range p.threads {
		t.running = true
		t.action = gdbstub.ThreadAction{Thread: t.id, Action: gdbstub.ActionContinue, Signal: linuxSIGKILL}
	}
	end := d.machine.Clock().Now + killLimit
	for d.procs[pid] == p && d.machine.Clock().Now < end && d.ended == nil && d.config.Context.Err() == nil {
		if _, stopped := d.run(context.Background(), min(end, d.machine.Clock().Now+killSlice), nil); stopped {
			d.debug.StepOver = true // breakpoints do not keep a process alive
		}
	}
	d.forget()
	if d.procs[pid] == p {
		d.dropProcess(p)
		return fmt.Errorf("process %d does not die", pid)
	}
	return nil
}

// killSlice is how often it is looked whether the process is gone, in nanoseconds of virtual time.
const killSlice = 10_000

// killLimit bounds how long a process may take to die, in nanoseconds of virtual time.
const killLimit = 60_000_000_000
