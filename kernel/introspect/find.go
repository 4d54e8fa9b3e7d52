package introspect

import (
	"errors"
	"fmt"
)

// ErrNoTask says that no task has the number that was asked for.
var ErrNoTask = errors.New("there is no such task")

// FindTask finds one task by its pid, a thread's number, by the hash that the kernel itself finds it by: the cost does not depend
// on how long the list of tasks is. Pid 0 is the idle task. The error wraps ErrNoTask where no task has that number, as for
// one that has ended and been waited for.
func (k *Kernel) FindTask(pid int32) (Task, error) {
	if pid == 0 {
		return k.Task(k.at.initTask)
	}
	r := &reader{k: k}
	addr := r.hashed(pid)
	if r.err != nil {
		return Task{}, fmt.Errorf("task %d: %w", pid, r.err)
	}
	t, err := k.Task(addr)
	if err != nil {
		return Task{}, err
	}
	if t.PID != pid {
		return Task{}, fmt.Errorf("task %d: the kernel's hash of pids leads to task %d at %#x", pid, t.PID, addr)
	}
	return t, nil
}

// hashed finds the task_struct of a pid. Numbers are spread over the buckets of pid_hash by their remainder; a bucket is a list of
// struct pid, and one of these leads to the task that has the number as its pid.
func (r *reader) hashed(pid int32) uint64 {
	table, ok := r.k.Image.Symbol("pid_hash")
	if !ok {
		return r.fail(errors.New(`kernel image has no symbol "pid_hash"`))
	}
	size, err := r.k.Image.GlobalSize("pid_hash")
	pointer := uint64(r.k.Image.PointerSize)
	buckets := uint64(size) / pointer
	switch {
	case err != nil:
		return r.fail(err)
	case pid < 0 || buckets == 0:
		return r.fail(ErrNoTask)
	}
	chain := uint64(r.field("pid", "pid_chain").Offset)
	node := r.pointer(table + uint64(pid)%buckets*pointer)
	for n := 0; node != 0 && r.err == nil; n++ {
		if uint64(n) > maxTasks/buckets {
			return r.fail(fmt.Errorf("pid_hash: no end after %d entries", n))
		}
		if at := node - chain; int32(r.get(at, "pid", "nr")) == pid {
			if first := r.pointer(r.at(at, "pid", "tasks")); first != 0 {
				return first - uint64(r.field("task_struct", "pids").Offset) - uint64(r.field("pid_link", "node").Offset)
			}
			break
		}
		node = r.pointer(node)
	}
	return r.fail(ErrNoTask)
}

// Owner is the address space that the task at that address has: its mm_struct, which all threads of a process share, and a process
// made by vfork with its maker until it has one of its own. 0 is none, of a kernel thread and of a task that has ended.
func (k *Kernel) Owner(task uint64) (space uint64, err error) { return k.read(task, k.at.task.mm) }

// OwnerOfRoot is the address space whose page-table root is at that physical address, by its mm_struct. Where the task on the
// CPU, current, has it, as nearly always, no other is looked at. The error wraps ErrNoTask where no task has it.
func (k *Kernel) OwnerOfRoot(root, current uint64) (space uint64, err error) {
	has := func(mm uint64) bool {
		pgd, err := k.read(mm, k.at.mmPgd)
		return err == nil && pgd == k.Linear(root)
	}
	if mm, err := k.Owner(current); err == nil && mm != 0 && has(mm) {
		return mm, nil
	}
	tasks, err := k.Tasks()
	for i := range tasks {
		if mm := tasks[i].MM; mm != 0 && has(mm) {
			return mm, nil
		}
	}
	if err == nil {
		err = ErrNoTask
	}
	return 0, fmt.Errorf("owner of the page table at %#x: %w", root, err)
}
