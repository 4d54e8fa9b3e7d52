package kernel

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"forkscope/gdbstub"
)

// Commands are what gdb's "monitor" offers of the kernel and its machine; more are those of others.
func (v *View) Commands(more ...gdbstub.Command) []gdbstub.Command {
	m := monitor{v}
	list := append([]gdbstub.Command{
		{Name: "tasks", Help: "List every task with its state, the system call that it sleeps in, its address and address space", Run: m.tasks},
		{Name: "time", Help: "Show the virtual time: instructions and skipped idle time since power on", Run: m.time},
		{Name: "devices", Help: "List the devices and their addresses", Run: m.devices},
		{Name: "translate", Usage: "ADDRESS", Help: "Show the physical address of a virtual one in the selected task", Run: m.translate},
		{Name: "physical", Usage: "ADDRESS [BYTES]", Help: "Show RAM at a physical address, 64 bytes of it if not said otherwise", Run: m.physical},
		{Name: "digest", Help: "Show a digest of all registers and memory, the same for the same run", Run: m.digest},
		{Name: "step-interrupts", Usage: "[hold|allow]", Help: "Hold interrupts off while stepping, or allow them", Run: m.stepInterrupts},
		{Name: "step-switch", Usage: "[stop|follow]", Help: "End a step that switches to another task, or follow it until its task runs again", Run: m.stepSwitch},
		{Name: "user-breaks", Usage: "[read|all]", Help: "Breakpoints and watchpoints at user addresses hold in the programs whose files gdb has read, or in all", Run: m.userBreaks},
		{Name: "panic", Usage: "[stop|go]", Help: "Stop when the kernel panics, or let it go on to its end", Run: m.panic},
	}, more...)
	for i := range list {
		if c := &list[i]; c.Usage == "" {
			c.Run = withoutArguments(c.Name, c.Run)
		}
	}
	return list
}

// monitor is the commands.
type monitor struct{ view *View }

// withoutArguments refuses what a command would otherwise ignore.
func withoutArguments(name string, run func(gdbstub.ThreadID, []string, io.Writer) error) func(gdbstub.ThreadID, []string, io.Writer) error {
	return func(id gdbstub.ThreadID, args []string, out io.Writer) error {
		if len(args) > 0 {
			return fmt.Errorf("monitor %s takes no arguments", name)
		}
		return run(id, args, out)
	}
}

func (m monitor) tasks(_ gdbstub.ThreadID, _ []string, out io.Writer) error {
	g := m.view.guest
	if g.OS == nil {
		return fmt.Errorf("no tasks are known: %w", g.NoTasks)
	}
	current, _ := g.CurrentTask()
	fmt.Fprintf(out, "  %5s %5s %-16s %-16s %-16s %-*s mm\n", "pid", "tgid", "name", "state", "call", 2+2*g.Image.PointerSize, "task")
	tasks, err := g.Tasks()
	for i := range tasks {
		t := &tasks[i]
		mark, state := " ", t.StateName()
		if t.Addr == current {
			mark, state = "*", "running"
		}
		call, mm := "-", "-"
		if name := g.OS.SleepsIn(t); name != "" {
			call = name
		}
		if t.MM != 0 {
			mm = fmt.Sprintf("%#x", t.MM)
		}
		fmt.Fprintf(out, "%s %5d %5d %-16s %-16s %-16s %#x %s\n", mark, t.PID, t.TGID, printable(t.Comm), state, call, t.Addr, mm)
	}
	return err
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

func (m monitor) time(_ gdbstub.ThreadID, _ []string, out io.Writer) error {
	fmt.Fprintf(out, "%d ns of guest time\n", m.view.control.Now())
	return nil
}

func (m monitor) devices(_ gdbstub.ThreadID, _ []string, out io.Writer) error {
	machine := m.view.control.Machine()
	ram := machine.RAM()
	fmt.Fprintf(out, "%#x-%#x RAM\n", ram.Base(), ram.Base()+ram.Size()-1)
	for _, w := range machine.Devices() {
		fmt.Fprintf(out, "%#x-%#x %s\n", w.Base, w.Base+w.Size-1, w.Name)
	}
	for _, w := range machine.Ports() {
		fmt.Fprintf(out, "port %#x-%#x %s\n", w.Base, w.Base+w.Size-1, w.Name)
	}
	return nil
}

func (m monitor) translate(id gdbstub.ThreadID, args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("monitor translate takes one address or symbol of the kernel")
	}
	va, err := m.address(args[0])
	if err != nil {
		return err
	}
	if id.TID <= 0 {
		id = m.view.OnCPU()
	}
	space, err := State{View: m.view}.space(id)
	if err != nil {
		return err
	}
	pa, ok := m.view.guest.Translate(space, va)
	if !ok {
		return fmt.Errorf("%#x is not mapped", va)
	}
	fmt.Fprintf(out, "%#x is at physical %#x\n", va, pa)
	return nil
}

// physicalMost is the most that is shown of RAM, in bytes.
const physicalMost = 4096

func (m monitor) physical(_ gdbstub.ThreadID, args []string, out io.Writer) error {
	if len(args) < 1 || len(args) > 2 {
		return errors.New("monitor physical takes one physical address, and how many bytes")
	}
	pa, err := strconv.ParseUint(args[0], 0, 64)
	if err != nil {
		return fmt.Errorf("%q is not an address", args[0])
	}
	size := uint64(64)
	if len(args) == 2 {
		if size, err = strconv.ParseUint(args[1], 0, 64); err != nil || size == 0 || size > physicalMost {
			return fmt.Errorf("%q bytes: it can be 1 to %d", args[1], physicalMost)
		}
	}
	ram := m.view.control.Machine().RAM()
	if !ram.Contains(pa, size) {
		return fmt.Errorf("not all of the %d bytes at %#x are in RAM, which is from %#x to %#x", size, pa, ram.Base(), ram.Base()+ram.Size()-1)
	}
	p := make([]byte, size)
	ram.Read(pa, p)
	for ; len(p) > 0; pa += 16 {
		line := p[:min(16, len(p))]
		fmt.Fprintf(out, "%#x: % x\n", pa, line)
		p = p[len(line):]
	}
	return nil
}

// address reads a number as C writes it, or a symbol of the kernel image.
func (m monitor) address(word string) (uint64, error) {
	if va, err := strconv.ParseUint(word, 0, 64); err == nil {
		return va, nil
	}
	if image := m.view.guest.Image; image != nil {
		if va, ok := image.Symbol(word); ok {
			return va, nil
		}
	}
	return 0, fmt.Errorf("%q is neither an address nor a symbol of the kernel", word)
}

func (m monitor) digest(_ gdbstub.ThreadID, _ []string, out io.Writer) error {
	fmt.Fprintln(out, m.view.control.Machine().Digest())
	return nil
}

func (m monitor) stepInterrupts(_ gdbstub.ThreadID, args []string, out io.Writer) error {
	steps := &m.view.Steps
	held := steps.mask&stepNoIRQ != 0
	if err := toggle(&held, args, "hold", "allow", out, "interrupts while stepping: "); err != nil {
		return err
	}
	steps.mask &^= stepNoIRQ | stepNoTimer
	if held {
		steps.mask |= stepNoIRQ | stepNoTimer
	}
	return nil
}

func (m monitor) stepSwitch(_ gdbstub.ThreadID, args []string, out io.Writer) error {
	return toggle(&m.view.Steps.follows, args, "follow", "stop", out, "a step that switches tasks: ")
}

func (m monitor) userBreaks(_ gdbstub.ThreadID, args []string, out io.Writer) error {
	if err := toggle(&m.view.places.anywhere, args, "all", "read", out, "breakpoints at user addresses hold in programs: "); err != nil {
		return err
	}
	for _, name := range m.view.known.Names() {
		fmt.Fprintf(out, "gdb has read %s\n", name)
	}
	return nil
}

func (m monitor) panic(_ gdbstub.ThreadID, args []string, out io.Writer) error {
	return toggle(&m.view.panic.stops, args, "stop", "go", out, "when the kernel panics: ")
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
