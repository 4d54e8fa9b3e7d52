package debug

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
)

// idleID is the thread id of the idle task, whose pid, 0, means "any thread" in the protocol: one above the largest pid
// of a 64-bit Linux.
const idleID = 1 << 22

// KernelPID is the process id of the kernel's own inferior, where processes are shown too: no process can have it.
const KernelPID = idleID

// threadID is a task as a thread of the kernel.
func (d *Debugger) threadID(pid int32) gdbstub.ThreadID {
	switch {
	case d.kernel == nil:
		return gdbstub.ThreadID{PID: d.kernelPID, TID: 1} // the CPU
	case pid <= 0:
		return gdbstub.ThreadID{PID: d.kernelPID, TID: idleID}
	}
	return gdbstub.ThreadID{PID: d.kernelPID, TID: int(pid)}
}

// currentTask finds the task on the CPU; before the kernel has a stack of its own that is the static init_task.
func (d *Debugger) currentTask() (uint64, error) {
	if d.kernel == nil {
		return 0, d.noTasks
	}
	if sp, ok := d.cpu.KernelStack(); ok {
		// On entry from user mode the stack is empty and its pointer is just past the end.
		if task, err := d.kernel.Current(sp - 1); err == nil {
			return task, nil
		}
	}
	return d.kernel.InitTask(), nil
}

// onCPU is the task on the CPU, as a thread of the kernel.
func (d *Debugger) onCPU() gdbstub.ThreadID {
	task, err := d.currentTask()
	if err != nil {
		return d.threadID(0)
	}
	pid, err := d.kernel.PID(task)
	if err != nil {
		return d.threadID(0)
	}
	return d.threadID(pid)
}

// Current implements gdbstub.Threads: the task on the CPU, and where the kernel is not shown the thread of the last stop.
func (d *Debugger) Current() gdbstub.ThreadID {
	if d.view != ProcessView {
		return d.onCPU()
	}
	if t := d.thread(d.last); t != nil {
		return d.last
	}
	for _, pid := range d.pids {
		if p := d.procs[pid]; p != nil && len(p.threads) > 0 {
			return p.threads[0].id
		}
	}
	return d.last
}

// list reads the task list once for each stop. The task on the CPU is always in it, even when the list is not built yet
// or the task has just been taken out of it.
func (d *Debugger) list() []introspect.Task {
	if d.fresh || d.kernel == nil {
		return d.tasks
	}
	d.tasks, d.tasksErr = d.kernel.Tasks()
	d.fresh = true
	if addr, err := d.currentTask(); err == nil {
		for i := range d.tasks {
			if d.tasks[i].Addr == addr {
				return d.tasks
			}
		}
		if t, err := d.kernel.Task(addr); err == nil {
			d.tasks = append(d.tasks, t)
		}
	}
	return d.tasks
}

// find returns the task with a thread's id.
func (d *Debugger) find(id gdbstub.ThreadID) (*introspect.Task, error) {
	tasks := d.list()
	for i := range tasks {
		if d.threadID(tasks[i].PID) == id {
			return &tasks[i], nil
		}
	}
	return nil, fmt.Errorf("%w: no task %d", gdbstub.ErrNotFound, id.TID)
}

// AppendThreads implements gdbstub.Threads.
func (d *Debugger) AppendThreads(dst []gdbstub.ThreadID) []gdbstub.ThreadID {
	if d.view == ProcessView {
		return d.appendProcessThreads(dst)
	}
	start := len(dst)
next:
	for _, t := range d.list() {
		id := d.threadID(t.PID)
		for _, have := range dst[start:] {
			if have == id {
				continue next
			}
		}
		dst = append(dst, id)
	}
	if len(dst) == start {
		dst = append(dst, d.onCPU())
	}
	return d.appendProcessThreads(dst)
}

// Alive implements gdbstub.Threads.
func (d *Debugger) Alive(id gdbstub.ThreadID) bool {
	if id.PID != d.kernelPID || d.view == ProcessView {
		return d.thread(id) != nil
	}
	if id == d.onCPU() {
		return true
	}
	_, err := d.find(id)
	return err == nil
}

// Thread implements gdbstub.Threads.
func (d *Debugger) Thread(id gdbstub.ThreadID) (out gdbstub.Thread, err error) {
	if t := d.thread(id); t != nil {
		task, err := d.task(t)
		return gdbstub.Thread{Name: task.Comm, Core: 0}, err
	}
	if d.kernel == nil {
		return gdbstub.Thread{Name: "cpu0", Extra: d.activity("halted"), Core: 0}, nil
	}
	current := id == d.onCPU()
	t, err := d.find(id)
	if err != nil {
		return gdbstub.Thread{}, err
	}
	out = gdbstub.Thread{Name: t.Comm, Core: -1, Extra: t.StateName()}
	if current {
		out.Core = 0
		out.Extra = d.activity("idle")
	}
	if d.tasksErr != nil && current {
		// A thread list has no other place for a message.
		defer func() { out.Extra += "; the task list is broken, see monitor tasks" }()
	}
	switch {
	case t.KernelThread():
		out.Extra += ", kernel thread"
	case t.TGID != t.PID:
		out.Extra += fmt.Sprintf(", thread of %d", t.TGID)
	default:
		if parent, err := d.kernel.PID(t.Parent); err == nil {
			out.Extra += fmt.Sprintf(", child of %d", parent)
		}
	}
	return out, nil
}

// activity is what the CPU does, in words; halted is the one for waiting for an interrupt.
func (d *Debugger) activity(halted string) string {
	what := "running"
	if d.cpu.Halted() {
		what = halted
	}
	if !d.cpu.Privileged() {
		what += " in user mode"
	}
	return what
}
