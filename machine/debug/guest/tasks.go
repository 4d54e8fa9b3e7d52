package guest

import (
	"fmt"
	"slices"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
)

// CurrentTask finds the task on the CPU; before the kernel has a stack of its own that is the static init_task.
func (g *Guest) CurrentTask() (uint64, error) {
	if g.OS == nil {
		return 0, g.NoTasks
	}
	if sp, ok := g.CPU().KernelStack(); ok {
		mark := g.Control.Moment().Mark
		if c := &g.current; c.task != 0 && c.sp == sp && c.mark == mark {
			return c.task, nil
		}
		// On entry from user mode the stack is empty and its pointer is just past the end.
		if task, err := g.OS.Current(sp - 1); err == nil {
			g.current.mark, g.current.sp, g.current.task = mark, sp, task
			return task, nil
		}
	}
	return g.OS.InitTask(), nil
}

// CurrentPID is the number of the task on the CPU, 0 for the idle task and where it cannot be found.
func (g *Guest) CurrentPID() int32 {
	task, err := g.CurrentTask()
	if err != nil {
		return 0
	}
	pid, err := g.OS.PID(task)
	if err != nil {
		return 0
	}
	return pid
}

// Tasks reads the task list once for each stop. The task on the CPU is always in it, even when the list is not built yet or the task has
// just been taken out of it. Where the list is broken it is what can be read, with the error.
func (g *Guest) Tasks() ([]introspect.Task, error) {
	if g.fresh || g.OS == nil {
		return g.tasks, g.tasksErr
	}
	g.tasks, g.tasksErr = g.OS.Tasks()
	g.fresh = true
	if addr, err := g.CurrentTask(); err == nil && !slices.ContainsFunc(g.tasks, func(t introspect.Task) bool { return t.Addr == addr }) {
		if t, err := g.OS.Task(addr); err == nil {
			g.tasks = append(g.tasks, t)
		}
	}
	g.place = make(map[int32]int, len(g.tasks))
	for i := len(g.tasks) - 1; i >= 0; i-- {
		g.place[g.tasks[i].PID] = i // of a damaged list, the first of a number
	}
	return g.tasks, g.tasksErr
}

// Find returns the task with a number: from the list, where that has been read, else by the kernel's own table, which costs the same with
// any number of tasks.
func (g *Guest) Find(pid int32) (introspect.Task, error) {
	if g.OS == nil {
		return introspect.Task{}, g.NoTasks
	}
	if i, ok := g.place[pid]; ok && g.fresh {
		return g.tasks[i], nil
	}
	if addr, err := g.CurrentTask(); err == nil {
		// The idle task is in no list, and one that has just ended may not be any more.
		if t, err := g.OS.Task(addr); err == nil && t.PID == pid {
			return t, nil
		}
	}
	t, err := g.OS.FindTask(pid)
	if err != nil {
		return t, fmt.Errorf("%w: no task %d: %w", gdbstub.ErrNotFound, pid, err)
	}
	return t, nil
}

// Activity is what the CPU does, in words; halted is the one for waiting for an interrupt.
func (g *Guest) Activity(halted string) string {
	what := "running"
	if g.CPU().Halted() {
		what = halted
	}
	if !g.CPU().Privileged() {
		what += " in user mode"
	}
	return what
}

// Frame is the call of the kernel's function whose first instruction is next, or that has just returned.
func (g *Guest) Frame() introspect.CallFrame { return g.OS.CallFrame(g.Value) }

// TasksError says that the list is broken, if it has been read.
func (g *Guest) TasksError() error { return g.tasksErr }
