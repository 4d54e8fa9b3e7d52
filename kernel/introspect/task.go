package introspect

import (
	"bytes"
	"errors"
	"fmt"
)

// maxName is the longest name of a file, in bytes (Linux's NAME_MAX).
const maxName = 255

// Program returns the name, without directories, of the file that the task at addr executes. It fails for kernel threads.
func (k *Kernel) Program(addr uint64) (string, error) {
	r := &reader{k: k}
	mm := r.get(addr, taskMM)
	if r.err == nil && mm == 0 {
		r.fail(fmt.Errorf("task_struct at %#x executes no program", addr))
	}
	name := r.text(r.get(r.get(r.get(mm, mmExe), fileName), nameText), maxName)
	if r.err != nil {
		return "", fmt.Errorf("program of the task at %#x: %w", addr, r.err)
	}
	return name, nil
}

// UserAddress says whether va is in the half of the address space that each process has to itself.
func (k *Kernel) UserAddress(va uint64) bool { return va < k.UserEnd() }

// UserEnd is the first address behind that half.
func (k *Kernel) UserEnd() uint64 { return min(k.InitTask(), k.linear()) &^ (1<<30 - 1) }

// Task is one task_struct as it was in guest memory.
type Task struct {
	// Addr is the address of the task_struct.
	Addr uint64
	// PID is the thread's id and TGID the process's; init_task, which idles, has 0.
	PID, TGID int32
	Comm      string
	// State and ExitState are Linux's TASK_* and EXIT_* values, Flags its PF_* values.
	State, ExitState int64
	ExitCode         int64
	Flags            uint64
	// Stack is the lowest address of the kernel stack; MM the mm_struct (0 for a kernel thread); Leader and Parent are tasks.
	Stack, MM, Leader, Parent uint64
}

// Linux's values of task_struct.flags, state and exit_state (its user-visible scheduler interface).
const (
	flagKernelThread = 0x00200000
	stateInterrupt   = 1
	stateUninterrupt = 2
	stateStopped     = 4
	stateTraced      = 8
	exitDead         = 16
	exitZombie       = 32
)

// KernelThread says whether the task never had a user address space of its own.
func (t *Task) KernelThread() bool { return t.Flags&flagKernelThread != 0 || t.PID == 0 }

// StateName names the state as ps does, in words. A task that is on the CPU is "running" to its caller; here it is runnable.
func (t *Task) StateName() string {
	switch {
	case t.ExitState&exitZombie != 0:
		return "zombie"
	case t.ExitState&exitDead != 0:
		return "dead"
	case t.State == 0:
		return "runnable"
	case t.State&stateStopped != 0:
		return "stopped"
	case t.State&stateTraced != 0:
		return "traced"
	case t.State&stateUninterrupt != 0:
		return "uninterruptible"
	}
	return "sleeping"
}

// maxTasks bounds a walk of a task list that corruption has made endless; it is Linux's largest pid on 64-bit machines.
const maxTasks = 4 << 20

// Tasks lists every task: each thread group's leader, in the order of init_task.tasks, followed by its other threads.
// When the lists are corrupt or half-built it returns what could be read, last what was found backwards from the list's
// end, and an error that says where reading ended.
func (k *Kernel) Tasks() ([]Task, error) {
	var tasks []Task
	seen := make(map[uint64]bool)
	var errs []error
	add := func(addr uint64) error {
		if seen[addr] {
			return fmt.Errorf("task list: task_struct at %#x is linked twice", addr)
		}
		t, err := k.Task(addr)
		if err != nil {
			return err
		}
		seen[addr] = true
		tasks = append(tasks, t)
		return nil
	}
	addGroup := func(leader uint64) error {
		if err := add(leader); err != nil {
			return err
		}
		head := leader + uint64(k.at.members[taskThreads].Offset)
		return k.mem.walk("thread_group", head, false, func(node uint64) error {
			return add(node - uint64(k.at.members[taskThreads].Offset))
		})
	}
	if err := addGroup(k.InitTask()); err != nil {
		errs = append(errs, err)
	}
	head := k.InitTask() + uint64(k.at.members[taskTasks].Offset)
	visit := func(node uint64) error {
		leader := node - uint64(k.at.members[taskTasks].Offset)
		if seen[leader] {
			return fmt.Errorf("task list: task_struct at %#x is linked twice", leader)
		}
		// A broken thread group loses only itself; the walk of the leaders goes on.
		if err := addGroup(leader); err != nil {
			errs = append(errs, err)
		}
		return nil
	}
	if err := k.mem.walk("init_task.tasks", head, false, visit); err != nil {
		errs = append(errs, err)
		// What lies behind the break is found from the other end, up to the break's other side or to what is known already.
		k.mem.walk("init_task.tasks", head, true, visit)
	}
	return tasks, errors.Join(errs...)
}

// Task reads the task_struct at addr.
func (k *Kernel) Task(addr uint64) (Task, error) {
	size := k.at.structures[sizeTask]
	if uint64(len(k.buf)) < size {
		k.buf = make([]byte, size)
	}
	b := k.buf[:size]
	if err := k.mem.ReadMemory(addr, b); err != nil {
		return Task{}, fmt.Errorf("task_struct at %#x: %w", addr, err)
	}
	value := func(m member) uint64 { return k.mem.value(b, k.at.members[m]) }
	signed := func(m member) int64 { return k.mem.signed(b, k.at.members[m]) }
	at := k.at.members[taskComm]
	comm := b[at.Offset : at.Offset+at.Size]
	if i := bytes.IndexByte(comm, 0); i >= 0 {
		comm = comm[:i]
	}
	return Task{
		Addr: addr, Comm: string(comm),
		PID: int32(value(taskPID)), TGID: int32(value(taskTGID)),
		State: signed(taskState), ExitState: signed(taskExitState), ExitCode: signed(taskExitCode),
		Flags: value(taskFlags), Stack: value(taskStack), MM: value(taskMM),
		Leader: value(taskLeader), Parent: value(taskParent),
	}, nil
}

// InitTask is the address of the static task, which exists before the kernel's first instruction.
func (k *Kernel) InitTask() uint64 { return k.at.variables[initTask].addr }

// Current finds the task whose kernel stack holds sp, the way the kernel itself does: thread_info is at the bottom of
// the stack and points to the task, which points back. It fails where sp is in no task's stack, as early in boot.
func (k *Kernel) Current(sp uint64) (task uint64, err error) {
	info := sp &^ (k.at.threadSize() - 1)
	task, err = k.mem.read(info, k.at.members[threadInfoTask])
	if err != nil {
		return 0, err
	}
	stack, err := k.mem.read(task, k.at.members[taskStack])
	if err != nil {
		return 0, err
	}
	if stack != info {
		return 0, fmt.Errorf("stack pointer %#x is in no task's kernel stack", sp)
	}
	return task, nil
}

// PID reads only the pid of the task at addr.
func (k *Kernel) PID(addr uint64) (int32, error) {
	v, err := k.mem.read(addr, k.at.members[taskPID])
	return int32(v), err
}

// PageTable returns the kernel virtual address of the page-table root of t's own address space, or 0 for a kernel thread.
func (k *Kernel) PageTable(t *Task) (uint64, error) {
	if t.MM == 0 {
		return 0, nil
	}
	return k.mem.read(t.MM, k.at.members[mmPGD])
}
