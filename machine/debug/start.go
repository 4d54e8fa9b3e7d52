package debug

import (
	"context"
	"errors"
	"fmt"
	"io"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
)

// PID is the process of the program that StartProgram has started, or of the last stop.
func (d *Debugger) PID() int { return d.process.PID() }

// Debugged are the numbers of the processes that are debugged.
func (d *Debugger) Debugged() []int { return processes{d}.Debugged() }

// KillProcess makes an end of a process.
func (d *Debugger) KillProcess(pid int) error { return processes{d}.KillProcess(pid) }

// StartProgram runs a machine that has not started yet up to the first instruction of Config.Program.
func (d *Debugger) StartProgram(ctx context.Context) error {
	_, err := d.start(ctx, d.config.Program)
	return err
}

func (d *Debugger) start(ctx context.Context, path string) (gdbstub.Stop, error) {
	stop, err := d.process.Launch(ctx, path)
	if err == nil {
		d.rest(gdbstub.SIGTRAP)
	}
	return stop, err
}

// AttachLiving begins to debug the oldest program that lives, if no process is debugged. Where there is none, the guest goes on to the
// program's first instruction, as by StartProgram.
func (d *Debugger) AttachLiving(ctx context.Context) error {
	if d.Ended() != nil || d.process.Any() {
		return nil
	}
	if found, err := d.process.AttachLiving(); found || err != nil {
		return err
	}
	return d.StartProgram(ctx)
}

// runProcess starts a program: in the guest that lives, beside the processes that are debugged there, or if there are none in a new
// machine, from power on.
func (d *Debugger) runProcess(r gdbstub.RunRequest) (gdbstub.Stop, error) {
	if d.config.NewMachine == nil {
		return gdbstub.Stop{}, errors.New("the guest cannot be started again")
	}
	if d.process.Any() && d.config.Spawn != nil {
		start := Start{Path: r.File, Args: r.Args, Env: r.Env, Dir: r.Dir}
		if err := d.config.Spawn(&start); err != nil {
			return gdbstub.Stop{}, err
		}
		return d.start(d.config.Context, start.Path)
	}
	if d.process.Any() {
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
	case d.process != nil && d.process.Any():
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
	return d.kernel.Report(gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: d.kernel.OnCPU(), Signal: gdbstub.SIGTRAP}), nil
}

// replace goes on with another machine, in which nothing has happened yet. It is of the same kind unless there is another image.
func (d *Debugger) replace(m *machine.Machine, image *introspect.Image) error {
	d.control.Replace(m)
	if image != nil {
		d.config.Image = image
	}
	if err := d.guest.Learn(d.config.Image, d.config.NoImage); err != nil {
		return err
	}
	d.kernel.Restarted()
	if d.process != nil {
		return d.process.Restarted()
	}
	return nil
}

// commands are what gdb's "monitor" offers; "monitor help" lists them.
func (d *Debugger) commands() []gdbstub.Command {
	return d.kernel.Commands(gdbstub.Command{
		Name: "reset", Help: "Start the guest again from power on; gdb notices at the next step or \"maintenance flush register-cache\"", Run: d.monitorReset,
	})
}

func (d *Debugger) monitorReset(_ gdbstub.ThreadID, _ []string, out io.Writer) error {
	if d.view == ProcessView {
		return errors.New("a program is started again by gdb's \"run\", in a session of \"target extended-remote\"")
	}
	if _, err := d.Restart(); err != nil {
		return err
	}
	fmt.Fprintln(out, "The guest is at power on.")
	return nil
}
