package process

import (
	"slices"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
	"forkscope/machine/debug/control"
	"forkscope/machine/debug/guest"
)

// Before implements control.Party: whether user mode may go on, and how far.
func (v *View) Before(o *control.Orders) (gdbstub.Stop, bool) {
	v.stepping = nil
	if v.set.empty() && v.launch == nil {
		return gdbstub.Stop{}, false
	}
	o.Syscalls = v.followed()
	o.AtUser = v.launch != nil || v.set.any((*thread).awaitsUser)
	if v.guest.CPU().Privileged() {
		return gdbstub.Stop{}, false
	}
	t := v.onCPU()
	switch {
	case t == nil:
		return gdbstub.Stop{}, false
	case !t.running:
		o.Park = true
		return gdbstub.Stop{}, false
	}
	return v.happens(t, goes, o)
}

// Reached implements control.Party.
func (v *View) Reached(e *control.Event) (control.Answer, gdbstub.Stop) {
	var stop gdbstub.Stop
	var stopped bool
	switch e.Kind {
	case control.Limit:
		stop, stopped = v.stretchOver()
	case control.User:
		stop, stopped = v.launching()
	case control.Syscall:
		return v.atCall()
	case control.Break:
		return v.atBreak(e)
	case control.Watch:
		if t := v.onCPU(); t != nil && e.User {
			stop, stopped = v.hitWatch(t, e)
		}
	case control.Interrupted:
		return v.interrupted()
	case control.Ended:
		v.end(e.End.Message)
	}
	if stopped {
		return control.Report, stop
	}
	return control.Other, stop
}

// stretchOver looks whether the instruction that was stepped has been executed.
func (v *View) stretchOver() (gdbstub.Stop, bool) {
	t := v.stepping
	if t == nil {
		return gdbstub.Stop{}, false
	}
	if v.guest.CPU().Privileged() {
		t.step.inKernel = true
		return gdbstub.Stop{}, false
	}
	return v.stepped(t)
}

// atCall is told that the program on the CPU is about to make a system call that is followed.
func (v *View) atCall() (control.Answer, gdbstub.Stop) {
	t := v.onCPU()
	if t == nil {
		if v.launch != nil && v.executes(int(v.guest.CPU().SyscallNumber())) {
			v.launch.execing, _ = v.guest.CurrentTask()
		}
		return control.Other, gdbstub.Stop{}
	}
	if stop, stopped := v.happens(t, called, nil); stopped {
		return control.Report, stop
	}
	return control.Resume, gdbstub.Stop{}
}

// atBreak is told that a breakpoint's address is next: a hook's, or one of a process's.
func (v *View) atBreak(e *control.Event) (control.Answer, gdbstub.Stop) {
	if !e.User {
		stop, stopped := v.hooks.visit(v)
		switch {
		case stopped:
			return control.Report, stop
		case v.guest.CPU().PC() != e.PC:
			return control.Resume, stop
		}
		return control.Other, stop
	}
	t := v.onCPU()
	if t == nil {
		return control.Other, gdbstub.Stop{}
	}
	t.skip = skip{pc: e.PC, known: true}
	if stop, hit := v.hitBreak(t, e.PC); hit {
		if stop, stopped := v.emit(t, stop); stopped {
			return control.Report, stop
		}
	}
	return control.Other, gdbstub.Stop{}
}

// hitBreak says with which stop, if any, the breakpoints of the process whose thread is on the CPU end the run: conditions are tested
// here, in the target. Of several the one at the address that the debugger sees counts first.
func (v *View) hitBreak(t *thread, pc uint64) (gdbstub.Stop, bool) {
	var first *gdbstub.Breakpoint
	for _, b := range v.control.Breaks.At(t.proc.owner(), pc) {
		if (first == nil || b.Address == pc) && b.Hit(condition{v, t}) {
			first = b
		}
	}
	switch {
	case first == nil:
		return gdbstub.Stop{}, false
	case first.Address != pc:
		return gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGTRAP, Console: aboutJump(first.Address)}, true
	}
	return guest.BreakStop(first), true
}

// hitWatch is hitBreak for watchpoints: what the kernel does to a program's memory on its behalf is not watched, as it is not with a
// processor's debug registers under Linux.
func (v *View) hitWatch(t *thread, e *control.Event) (stop gdbstub.Stop, stopped bool) {
	v.control.Breaks.Watched(t.proc.owner(), e.Watch, func(b *gdbstub.Breakpoint, _ uint64) bool {
		if !b.Hit(condition{v, t}) {
			return false
		}
		t.skip = skip{pc: e.PC, known: v.control.WatchesBefore(), watch: true}
		stop, stopped = v.emit(t, gdbstub.Stop{Kind: control.WatchStop(b), Address: e.Addr})
		return true
	})
	return stop, stopped
}

// execNumbers are the numbers of execve and execveat (Linux's asm/unistd.h of each machine).
func (v *View) execNumbers() [2]int {
	if v.guest.ARM64() {
		return [2]int{221, 281}
	}
	return [2]int{11, 358}
}

// executes says whether a system call's number is one by which a program executes another.
func (v *View) executes(n int) bool {
	numbers := v.execNumbers()
	return slices.Contains(numbers[:], n)
}

// followed are the system calls before which the processor is to stop.
func (v *View) followed() *cpu.SyscallSet {
	if v.set.calls == nil {
		s := &cpu.SyscallSet{}
		for _, n := range v.execNumbers() {
			s.Add(uint64(n))
		}
		for _, p := range v.set.procs {
			if p.catch != nil {
				s.Union(p.catch)
			}
		}
		v.set.calls = s
	}
	return v.set.calls
}

// callIsNext says whether the next instruction of the program on the CPU is a system call that is followed.
func (v *View) callIsNext() bool {
	if !v.followed().Has(v.guest.CPU().SyscallNumber()) {
		return false
	}
	b := v.guest.InstructionAt(v.guest.CPU().PC())
	if v.guest.ARM64() {
		return len(b) >= 4 && guest.LittleEndian(b[:4]) == 0xd4000001 // svc #0
	}
	// int $0x80, sysenter
	return len(b) >= 2 && (b[0] == 0xcd && b[1] == 0x80 || b[0] == 0x0f && b[1] == 0x34)
}

// end takes note of the end of the guest, with which all its processes end too.
func (v *View) end(why string) {
	for _, pid := range slices.Clone(v.set.pids) {
		v.drop(v.set.procs[pid])
		v.waiting = append(v.waiting, gdbstub.Stop{
			Kind: gdbstub.StopKilled, Signal: gdbstub.SIGKILL, Thread: gdbstub.ThreadID{PID: pid}, Core: -1, Console: why + "\n",
		})
		v.notify(Event{Kind: Killed, PID: pid, Signal: gdbstub.SIGKILL, Number: linuxSIGKILL})
	}
}

// Waiting takes the end of a process that nobody has heard of.
func (v *View) Waiting() (gdbstub.Stop, bool) {
	if len(v.waiting) == 0 {
		return gdbstub.Stop{}, false
	}
	s := v.waiting[0]
	v.waiting = v.waiting[1:]
	return s, true
}

// condition lets the conditions of a process's breakpoint look at the thread that has reached it. It is on the CPU.
type condition struct {
	v *View
	t *thread
}

// AgentRegister implements gdbstub.AgentEnv.
func (c condition) AgentRegister(reg int) (uint64, error) { return c.v.regs.number(c.v.guest, reg) }

// AgentMemory implements gdbstub.AgentEnv.
func (c condition) AgentMemory(addr uint64, size int) (uint64, error) {
	if !c.v.guest.ARM64() {
		addr = uint64(uint32(addr))
	}
	var b [8]byte
	n, err := c.v.readMemory(c.t, addr, b[:size])
	if err != nil || n < size {
		return 0, gdbstub.ErrFault
	}
	return guest.LittleEndian(b[:size]), nil
}
