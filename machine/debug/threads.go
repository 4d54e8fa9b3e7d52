package debug

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
)

// idleID is the thread id of the idle task, whose pid, 0, means "any thread" in the protocol: one above the largest pid
// of a 64-bit Linux.
const idleID = 1 << 22

func threadID(pid int32) gdbstub.ThreadID {
	if pid <= 0 {
		return gdbstub.ThreadID{PID: gdbstub.FlatPID, TID: idleID}
	}
	return gdbstub.ThreadID{PID: gdbstub.FlatPID, TID: int(pid)}
}

// currentTask finds the task on the CPU; before the kernel has a stack of its own that is the static init_task.
func (d *Debugger) currentTask() (uint64, error) {
	if d.kernel == nil {
		return 0, errNoKernel
	}
	if sp, ok := d.cpu.KernelStack(); ok {
		// On entry from user mode the stack is empty and its pointer is just past the end.
		if task, err := d.kernel.Current(sp - 1); err == nil {
			return task, nil
		}
	}
	return d.kernel.InitTask(), nil
}

// Current implements gdbstub.Threads: the task on the CPU.
func (d *Debugger) Current() gdbstub.ThreadID {
	task, err := d.currentTask()
	if err != nil {
		return threadID(0)
	}
	pid, err := d.kernel.PID(task)
	if err != nil {
		return threadID(0)
	}
	return threadID(pid)
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
		if threadID(tasks[i].PID) == id {
			return &tasks[i], nil
		}
	}
	return nil, fmt.Errorf("%w: no task %d", gdbstub.ErrNotFound, id.TID)
}

// AppendThreads implements gdbstub.Threads.
func (d *Debugger) AppendThreads(dst []gdbstub.ThreadID) []gdbstub.ThreadID {
	start := len(dst)
next:
	for _, t := range d.list() {
		id := threadID(t.PID)
		for _, have := range dst[start:] {
			if have == id {
				continue next
			}
		}
		dst = append(dst, id)
	}
	if len(dst) == start {
		dst = append(dst, d.Current())
	}
	return dst
}

// Alive implements gdbstub.Threads.
func (d *Debugger) Alive(id gdbstub.ThreadID) bool {
	if id == d.Current() {
		return true
	}
	_, err := d.find(id)
	return err == nil
}

// Thread implements gdbstub.Threads.
func (d *Debugger) Thread(id gdbstub.ThreadID) (out gdbstub.Thread, err error) {
	current := id == d.Current()
	if d.kernel == nil {
		return gdbstub.Thread{Name: "cpu0", Extra: "the kernel's tasks are not known", Core: 0}, nil
	}
	t, err := d.find(id)
	if err != nil {
		return gdbstub.Thread{}, err
	}
	out = gdbstub.Thread{Name: t.Comm, Core: -1, Extra: t.StateName()}
	if current {
		out.Core = 0
		out.Extra = "running"
		if d.cpu.Halted() {
			out.Extra = "idle"
		}
		if !d.cpu.Privileged() {
			out.Extra += " in user mode"
		}
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
