package kernel

import (
	"fmt"

	"forkscope/gdbstub"
)

// ThreadID is a task as a thread of the kernel.
func (v *View) ThreadID(pid int32) gdbstub.ThreadID {
	switch {
	case v.guest.OS == nil:
		return gdbstub.ThreadID{PID: v.pid, TID: 1} // the CPU
	case pid <= 0:
		return gdbstub.ThreadID{PID: v.pid, TID: idleID}
	}
	return gdbstub.ThreadID{PID: v.pid, TID: int(pid)}
}

// OnCPU is the task on the CPU, as a thread of the kernel.
func (v *View) OnCPU() gdbstub.ThreadID { return v.ThreadID(v.guest.CurrentPID()) }

// AppendThreads lists the tasks.
func (v *View) AppendThreads(dst []gdbstub.ThreadID) []gdbstub.ThreadID {
	start := len(dst)
	tasks, _ := v.guest.Tasks()
	seen := make(map[gdbstub.ThreadID]bool, len(tasks))
	for i := range tasks {
		if id := v.ThreadID(tasks[i].PID); !seen[id] {
			seen[id] = true
			dst = append(dst, id)
		}
	}
	if len(dst) == start {
		dst = append(dst, v.OnCPU())
	}
	return dst
}

// Census stands for the tasks that there are: it changes when one comes or goes.
func (v *View) Census() (n uint64, ok bool) {
	if v.guest.OS == nil {
		return 0, false
	}
	alive, made, err := v.guest.OS.Census()
	return made<<32 + alive, err == nil
}

// Alive says whether a thread of the kernel's is there.
func (v *View) Alive(id gdbstub.ThreadID) bool {
	if id == v.OnCPU() {
		return true
	}
	_, err := v.find(id)
	return err == nil
}

// Thread describes one.
func (v *View) Thread(id gdbstub.ThreadID) (out gdbstub.Thread, err error) {
	g := v.guest
	if g.OS == nil {
		return gdbstub.Thread{Name: "cpu0", Extra: g.Activity("halted"), Core: 0}, nil
	}
	t, err := v.find(id)
	if err != nil {
		return gdbstub.Thread{}, err
	}
	out = gdbstub.Thread{Name: t.Comm, Core: -1, Extra: t.StateName()}
	if id == v.OnCPU() {
		out.Core, out.Extra = 0, g.Activity("idle")
		if err := g.TasksError(); err != nil {
			// A thread list has no other place for a message.
			defer func() { out.Extra += "; the task list is broken, see monitor tasks" }()
		}
	}
	switch {
	case t.KernelThread():
		out.Extra += ", kernel thread"
	case t.TGID != t.PID:
		out.Extra += fmt.Sprintf(", thread of %d", t.TGID)
	default:
		if parent, err := g.OS.PID(t.Parent); err == nil {
			out.Extra += fmt.Sprintf(", child of %d", parent)
		}
	}
	return out, nil
}
