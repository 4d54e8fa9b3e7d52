package debug

import (
	"fmt"
	"io"

	"forkscope/gdbstub"
)

// commands are what gdb's "monitor" offers; "monitor help" lists them.
func (d *Debugger) commands() []gdbstub.Command {
	return []gdbstub.Command{
		{Name: "tasks", Help: "List every task with its address, state and address space", Run: d.monitorTasks},
		{Name: "time", Help: "Show the virtual time: instructions and skipped idle time since power on", Run: d.monitorTime},
		{Name: "devices", Help: "List the devices and their addresses", Run: d.monitorDevices},
		{Name: "translate", Usage: "ADDRESS", Help: "Show the physical address of a virtual one in the selected task", Run: d.monitorTranslate},
		{Name: "digest", Help: "Show a digest of all registers and memory, the same for the same run", Run: d.monitorDigest},
		{Name: "step-interrupts", Usage: "[hold|allow]", Help: "Hold interrupts off while stepping, or allow them", Run: d.monitorStepInterrupts},
		{Name: "step-switch", Usage: "[stop|follow]", Help: "End a step that switches to another task, or follow it until its task runs again", Run: d.monitorStepSwitch},
	}
}

func (d *Debugger) monitorTasks(_ gdbstub.ThreadID, _ []string, out io.Writer) error {
	if d.kernel == nil {
		return errNoKernel
	}
	current, _ := d.currentTask()
	fmt.Fprintf(out, "  %5s %5s %-16s %-16s %-*s mm\n", "pid", "tgid", "name", "state", 2+2*d.image.PointerSize, "task")
	tasks := d.list()
	for i := range tasks {
		t := &tasks[i]
		mark, state := " ", t.StateName()
		if t.Addr == current {
			mark, state = "*", "running"
		}
		mm := "-"
		if t.MM != 0 {
			mm = fmt.Sprintf("%#x", t.MM)
		}
		fmt.Fprintf(out, "%s %5d %5d %-16s %-16s %#x %s\n", mark, t.PID, t.TGID, t.Comm, state, t.Addr, mm)
	}
	return d.tasksErr
}

func (d *Debugger) monitorTime(_ gdbstub.ThreadID, _ []string, out io.Writer) error {
	c := d.machine.Clock()
	fmt.Fprintf(out, "%d ns of guest time\n", c.Now)
	return nil
}

func (d *Debugger) monitorDevices(_ gdbstub.ThreadID, _ []string, out io.Writer) error {
	ram := d.machine.RAM()
	fmt.Fprintf(out, "%#x-%#x RAM\n", ram.Base(), ram.Base()+ram.Size()-1)
	for _, w := range d.machine.Devices() {
		fmt.Fprintf(out, "%#x-%#x %s\n", w.Base, w.Base+w.Size-1, w.Name)
	}
	return nil
}

func (d *Debugger) monitorTranslate(id gdbstub.ThreadID, args []string, out io.Writer) error {
	var va uint64
	if len(args) != 1 {
		return fmt.Errorf("monitor translate takes one address")
	}
	if _, err := fmt.Sscanf(args[0], "%v", &va); err != nil {
		return fmt.Errorf("%q is not an address", args[0])
	}
	if id.TID <= 0 {
		id = d.Current()
	}
	space, err := d.space(id)
	if err != nil {
		return err
	}
	pa, ok := d.translate(space, va)
	if !ok {
		return fmt.Errorf("%#x is not mapped", va)
	}
	fmt.Fprintf(out, "%#x is at physical %#x\n", va, pa)
	return nil
}

func (d *Debugger) monitorDigest(_ gdbstub.ThreadID, _ []string, out io.Writer) error {
	fmt.Fprintln(out, d.machine.Digest())
	return nil
}

func (d *Debugger) monitorStepInterrupts(_ gdbstub.ThreadID, args []string, out io.Writer) error {
	held := d.stepMask&stepNoIRQ != 0
	if err := toggle(&held, args, "hold", "allow", out, "interrupts while stepping: "); err != nil {
		return err
	}
	d.stepMask &^= stepNoIRQ | stepNoTimer
	if held {
		d.stepMask |= stepNoIRQ | stepNoTimer
	}
	return nil
}

func (d *Debugger) monitorStepSwitch(_ gdbstub.ThreadID, args []string, out io.Writer) error {
	return toggle(&d.stepFollows, args, "follow", "stop", out, "a step that switches tasks: ")
}

// toggle sets *v by one of two words, or shows it when there is none.
func toggle(v *bool, args []string, yes, no string, out io.Writer, what string) error {
	switch {
	case len(args) == 1 && args[0] == yes:
		*v = true
	case len(args) == 1 && args[0] == no:
		*v = false
	case len(args) > 0:
		return fmt.Errorf("say %q or %q", yes, no)
	}
	word := no
	if *v {
		word = yes
	}
	fmt.Fprintln(out, what+word)
	return nil
}
