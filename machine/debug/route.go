package debug

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine/debug/kernel"
)

// ofProcess says whether a process id names a debugged process of the guest.
func (d *Debugger) ofProcess(pid int) bool { return d.process != nil && d.process.Has(pid) }

// threads implements gdbstub.Threads.
type threads struct{ *Debugger }

// AppendThreads implements gdbstub.Threads.
func (d threads) AppendThreads(dst []gdbstub.ThreadID) []gdbstub.ThreadID {
	if d.view != ProcessView {
		dst = d.kernel.AppendThreads(dst)
	}
	if d.process != nil {
		dst = d.process.AppendThreads(dst)
	}
	return dst
}

// Census implements gdbstub.Census.
func (d threads) Census() (n uint64, ok bool) {
	if d.view != ProcessView {
		if n, ok = d.kernel.Census(); !ok {
			return 0, false
		}
	}
	if d.process != nil {
		n = n*31 + d.process.Census()
	}
	return n, true
}

// Alive implements gdbstub.Threads.
func (d threads) Alive(id gdbstub.ThreadID) bool {
	if id.PID != d.kernel.PID() || d.view == ProcessView {
		return d.process != nil && d.process.Alive(id)
	}
	return d.kernel.Alive(id)
}

// Current implements gdbstub.Threads: the task on the CPU, and where the kernel is not shown the thread of the last stop.
func (d threads) Current() gdbstub.ThreadID {
	if d.view != ProcessView {
		return d.kernel.OnCPU()
	}
	id, _ := d.process.Current()
	return id
}

// Thread implements gdbstub.Threads.
func (d threads) Thread(id gdbstub.ThreadID) (gdbstub.Thread, error) {
	if d.ofProcess(id.PID) {
		return d.process.Thread(id)
	}
	return d.kernel.Thread(id)
}

// state implements gdbstub.Registers and gdbstub.Memory.
type state struct{ *Debugger }

// ReadRegisters implements gdbstub.Registers.
func (d state) ReadRegisters(id gdbstub.ThreadID, f *gdbstub.RegisterFile) error {
	if d.ofProcess(id.PID) {
		return d.process.State().ReadRegisters(id, f)
	}
	return kernel.State{View: d.kernel}.ReadRegisters(id, f)
}

// WriteRegister implements gdbstub.Registers.
func (d state) WriteRegister(id gdbstub.ThreadID, reg int, value []byte) error {
	if d.ofProcess(id.PID) {
		return d.process.State().WriteRegister(id, reg, value)
	}
	return kernel.State{View: d.kernel}.WriteRegister(id, reg, value)
}

// ReadMemory implements gdbstub.Memory.
func (d state) ReadMemory(id gdbstub.ThreadID, addr uint64, dst []byte) (int, error) {
	if d.ofProcess(id.PID) {
		return d.process.State().ReadMemory(id, addr, dst)
	}
	return kernel.State{View: d.kernel}.ReadMemory(id, addr, dst)
}

// WriteMemory implements gdbstub.Memory.
func (d state) WriteMemory(id gdbstub.ThreadID, addr uint64, src []byte) (int, error) {
	if d.ofProcess(id.PID) {
		return d.process.State().WriteMemory(id, addr, src)
	}
	return kernel.State{View: d.kernel}.WriteMemory(id, addr, src)
}

// breakpoints implements gdbstub.Breakpoints.
type breakpoints struct{ *Debugger }

// Insert implements gdbstub.Breakpoints. A breakpoint of the kernel's holds at its virtual address in every space, and one of a process's in
// that process.
func (d breakpoints) Insert(b *gdbstub.Breakpoint) error {
	switch {
	case d.ofProcess(b.Thread.PID):
		return d.process.Insert(b)
	case b.Thread.PID > 0 && b.Thread.PID != d.kernel.PID():
		return fmt.Errorf("%w: process %d is not debugged", gdbstub.ErrNotFound, b.Thread.PID)
	}
	return d.kernel.Insert(b)
}

// Remove implements gdbstub.Breakpoints.
func (d breakpoints) Remove(b *gdbstub.Breakpoint) error {
	if b.Thread.PID > 0 && b.Thread.PID != d.kernel.PID() && d.process != nil {
		return d.process.Remove(b)
	}
	return d.kernel.Remove(b)
}

// processes implements gdbstub.Processes and gdbstub.Syscalls.
type processes struct{ *Debugger }

// Debugged implements gdbstub.Processes.
func (d processes) Debugged() []int {
	pids := d.process.Debugged()
	if d.view == BothViews && d.Ended() == nil && !d.kernel.Left {
		pids = append(pids, KernelPID)
	}
	return pids
}

// Description implements gdbstub.Processes.
func (d processes) Description(pid int) *gdbstub.Description {
	switch {
	case pid == d.kernel.PID():
		return d.guest.Description
	case d.process.Has(pid):
		return d.process.Description()
	}
	return nil
}

// WasAttached implements gdbstub.Processes.
func (d processes) WasAttached(pid int) bool { return d.process.WasAttached(pid) }

// AttachProcess implements gdbstub.Processes.
func (d processes) AttachProcess(pid int) (gdbstub.Stop, error) {
	switch {
	case d.Ended() != nil:
		return gdbstub.Stop{}, fmt.Errorf("%w: the guest has ended", gdbstub.ErrNotFound)
	case pid == d.kernel.PID() && d.kernel.Left:
		d.kernel.Left = false
		return d.kernel.Report(gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: d.kernel.OnCPU()}), nil
	case pid == d.kernel.PID():
		return gdbstub.Stop{}, fmt.Errorf("%w: process %d is debugged already", gdbstub.ErrInvalid, pid)
	}
	return d.process.Attach(pid)
}

// DetachProcess implements gdbstub.Processes.
func (d processes) DetachProcess(pid int) error {
	if pid == d.kernel.PID() {
		d.kernel.Left = true // its breakpoints are gone, and there is no other hold on the guest
		return nil
	}
	return d.process.Detach(pid)
}

// KillProcess implements gdbstub.Processes: the kernel sends SIGKILL, and the guest runs until the process is gone.
func (d processes) KillProcess(pid int) error {
	if pid == d.kernel.PID() {
		return d.Kill()
	}
	return d.process.Kill(pid)
}

// RunProcess implements gdbstub.Processes.
func (d processes) RunProcess(r gdbstub.RunRequest) (gdbstub.Stop, error) { return d.runProcess(r) }

// CatchSyscalls implements gdbstub.Syscalls.
func (d processes) CatchSyscalls(pid int, all bool, numbers []int) error {
	if pid == d.kernel.PID() {
		return fmt.Errorf("%w: the kernel makes no system calls; select a process", gdbstub.ErrInvalid)
	}
	return d.process.CatchSyscalls(pid, all, numbers)
}
