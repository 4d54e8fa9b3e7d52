package debug

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"forkscope/gdbstub"
)

// commands are what gdb's "monitor" offers; "monitor help" lists them.
func (d *Debugger) commands() []gdbstub.Command {
	list := []gdbstub.Command{
		{Name: "tasks", Help: "List every task with its address, state and address space", Run: d.monitorTasks},
		{Name: "time", Help: "Show the virtual time: instructions and skipped idle time since power on", Run: d.monitorTime},
		{Name: "devices", Help: "List the devices and their addresses", Run: d.monitorDevices},
		{Name: "translate", Usage: "ADDRESS", Help: "Show the physical address of a virtual one in the selected task", Run: d.monitorTranslate},
		{Name: "digest", Help: "Show a digest of all registers and memory, the same for the same run", Run: d.monitorDigest},
		{Name: "step-interrupts", Usage: "[hold|allow]", Help: "Hold interrupts off while stepping, or allow them", Run: d.monitorStepInterrupts},
		{Name: "step-switch", Usage: "[stop|follow]", Help: "End a step that switches to another task, or follow it until its task runs again", Run: d.monitorStepSwitch},
		{Name: "user-breaks", Usage: "[read|all]", Help: "Breakpoints and watchpoints at user addresses hold in the programs whose files gdb has read, or in all", Run: d.monitorUserBreaks},
		{Name: "reset", Help: "Start the guest again from power on; gdb notices at the next step or \"maintenance flush register-cache\"", Run: d.monitorReset},
		{Name: "panic", Usage: "[stop|go]", Help: "Stop when the kernel panics, or let it go on to its end", Run: d.monitorPanic},
	}
	for i := range list {
		if c := &list[i]; c.Usage == "" {
			c.Run = withoutArguments(c.Name, c.Run)
		}
	}
	return list
}

// withoutArguments refuses what a command would otherwise ignore.
func withoutArguments(name string, run func(gdbstub.ThreadID, []string, io.Writer) error) func(gdbstub.ThreadID, []string, io.Writer) error {
	return func(id gdbstub.ThreadID, args []string, out io.Writer) error {
		if len(args) > 0 {
			return fmt.Errorf("monitor %s takes no arguments", name)
		}
		return run(id, args, out)
	}
}

func (d *Debugger) monitorTasks(_ gdbstub.ThreadID, _ []string, out io.Writer) error {
	if d.kernel == nil {
		return fmt.Errorf("no tasks are known: %w", d.noTasks)
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
		fmt.Fprintf(out, "%s %5d %5d %-16s %-16s %#x %s\n", mark, t.PID, t.TGID, printable(t.Comm), state, t.Addr, mm)
	}
	return d.tasksErr
}

// printable replaces what a guest may have put into a name to confuse a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
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
	for _, w := range d.machine.Ports() {
		fmt.Fprintf(out, "port %#x-%#x %s\n", w.Base, w.Base+w.Size-1, w.Name)
	}
	return nil
}

func (d *Debugger) monitorTranslate(id gdbstub.ThreadID, args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("monitor translate takes one address or symbol of the kernel")
	}
	va, err := d.address(args[0])
	if err != nil {
		return err
	}
	if id.TID <= 0 {
		id = d.onCPU()
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

// address reads a number as C writes it, or a symbol of the kernel image.
func (d *Debugger) address(word string) (uint64, error) {
	if va, err := strconv.ParseUint(word, 0, 64); err == nil {
		return va, nil
	}
	if d.image != nil {
		if va, ok := d.image.Symbol(word); ok {
			return va, nil
		}
	}
	return 0, fmt.Errorf("%q is neither an address nor a symbol of the kernel", word)
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

func (d *Debugger) monitorUserBreaks(_ gdbstub.ThreadID, args []string, out io.Writer) error {
	if err := toggle(&d.breaksAnywhere, args, "all", "read", out, "breakpoints at user addresses hold in programs: "); err != nil {
		return err
	}
	for _, name := range d.files.Programs() {
		fmt.Fprintf(out, "gdb has read %s\n", name)
	}
	return nil
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

func (d *Debugger) monitorPanic(_ gdbstub.ThreadID, args []string, out io.Writer) error {
	return toggle(&d.stopsAtPanic, args, "stop", "go", out, "when the kernel panics: ")
}

// toggle sets *v by one of two words, or shows it when there is none.
func toggle(v *bool, args []string, yes, no string, out io.Writer, what string) error {
	switch {
	case len(args) == 1 && args[0] == yes:
		*v = true
	case len(args) == 1 && args[0] == no:
		*v = false
	case len(args) > 0:
		return fmt.Errorf("it can be %q or %q", yes, no)
	}
	word := no
	if *v {
		word = yes
	}
	fmt.Fprintln(out, what+word)
	return nil
}
