package introspect

import (
	"errors"
	"fmt"
)

// ErrNoTask says that no task has the number that was asked for.
var ErrNoTask = errors.New("there is no such task")

// FindTask finds one task by its pid, a thread's number, the way that the kernel itself does: the cost does not depend
// on how long the list of tasks is. Pid 0 is the idle task. The error wraps ErrNoTask where no task has that number, as for
// one that has ended and been waited for.
func (k *Kernel) FindTask(pid int32) (Task, error) {
	if pid == 0 {
		return k.Task(k.InitTask())
	}
	r := &reader{k: k}
	if pid < 0 {
		r.fail(ErrNoTask)
	}
	addr := k.Profile.findTask(r, pid)
	if r.err != nil {
		return Task{}, fmt.Errorf("task %d: %w", pid, r.err)
	}
	t, err := k.Task(addr)
	if err != nil {
		return Task{}, err
	}
	if t.PID != pid {
		return Task{}, fmt.Errorf("task %d: the kernel's table of pids leads to task %d at %#x", pid, t.PID, addr)
	}
	return t, nil
}

// hashedTask finds the task_struct of a pid. Numbers are spread over the buckets of pid_hash by their remainder; a bucket is a list of
// struct pid, and one of these leads to the task that has the number as its pid.
func (r *reader) hashedTask(pid int32) uint64 {
	table, pointer := r.variable(pidHash), uint64(r.k.Image.PointerSize)
	buckets := table.size / pointer
	if r.err != nil || buckets == 0 {
		return r.fail(ErrNoTask)
	}
	node := r.pointer(table.addr + uint64(pid)%buckets*pointer)
	for n := uint64(0); node != 0 && r.err == nil; n++ {
		if n > maxTasks/buckets {
			return r.fail(fmt.Errorf("%s: no end after %d entries", r.k.Profile.variables[pidHash], n))
		}
		if at := r.base(node, pidChain); int32(r.get(at, pidNumber)) == pid {
			if first := r.pointer(r.at(at, pidTasks)); first != 0 {
				return r.base(r.base(first, linkNode), taskPIDs)
			}
			break
		}
		node = r.pointer(node)
	}
	return r.fail(ErrNoTask)
}

// Owner is the address space that the task at that address has: its mm_struct, which all threads of a process share, and a process
// made by vfork with its maker until it has one of its own. 0 is none, of a kernel thread and of a task that has ended.
func (k *Kernel) Owner(task uint64) (space uint64, err error) {
	return k.mem.read(task, k.at.members[taskMM])
}
