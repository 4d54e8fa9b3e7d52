package introspect

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Memory is the guest's kernel memory by virtual address.
type Memory interface {
	// ReadMemory fills all of p from va, or fails.
	ReadMemory(va uint64, p []byte) error
}

// Kernel looks at a running guest through the layout of its image.
type Kernel struct {
	Image *Image
	mem   Memory
	at    layout
	buf   []byte

	fields map[[2]string]Field // what reader has looked up
}

// layout is what the tasks are read with, resolved once from the image.
type layout struct {
	initTask   uint64
	threadSize uint64
	infoTask   Field

	task struct {
		size                                               int64
		state, exitState, exitCode, flags                  Field
		stack, pid, tgid, comm, mm, tasks, threads, leader Field
		parent                                             Field
	}
	mmPgd  Field
	vdso   Field   // where an mm_struct has the address of the kernel's own page in a program; Size 0 where there is no such page
	exe    []Field // from the mm_struct by pointers to the characters of its program's name; nil where there is no such way
	frame  []savedRegister
	parked uint64 // where a task that sleeps in cpu_switch_to continues; 0: at the pc its frame holds
	fresh  uint64 // ret_from_fork
	pc     Field
}

type savedRegister struct {
	name string
	at   Field
}

// New prepares to read tasks from mem. It fails when the image lacks a type or symbol that tasks are found by.
func New(im *Image, mem Memory) (*Kernel, error) {
	if im.lacks != nil {
		return nil, im.lacks
	}
	k := &Kernel{Image: im, mem: mem, fields: make(map[[2]string]Field)}
	at := &k.at
	var errs []error
	field := func(f *Field, typ, path string) {
		var err error
		if *f, err = im.Field(typ, path); err != nil {
			errs = append(errs, err)
		}
	}
	symbol := func(name string) uint64 {
		a, ok := im.Symbol(name)
		if !ok {
			errs = append(errs, fmt.Errorf("kernel image has no symbol %q", name))
		}
		return a
	}
	at.initTask = symbol("init_task")
	size, err := im.GlobalSize("init_thread_union")
	if err != nil {
		errs = append(errs, err)
	} else if size <= 0 || size&(size-1) != 0 {
		errs = append(errs, fmt.Errorf("kernel image has an init_thread_union of %d bytes, which is no power of two", size))
	}
	at.threadSize = uint64(size)
	field(&at.infoTask, "thread_info", "task")
	t := &at.task
	if t.size, err = im.Size("task_struct"); err != nil {
		errs = append(errs, err)
	}
	for _, f := range []struct {
		at   *Field
		path string
	}{
		{&t.state, "state"}, {&t.exitState, "exit_state"}, {&t.exitCode, "exit_code"}, {&t.flags, "flags"},
		{&t.stack, "stack"}, {&t.pid, "pid"}, {&t.tgid, "tgid"}, {&t.comm, "comm"}, {&t.mm, "mm"},
		{&t.tasks, "tasks"}, {&t.threads, "thread_group"}, {&t.leader, "group_leader"}, {&t.parent, "real_parent"},
	} {
		field(f.at, "task_struct", f.path)
	}
	field(&at.mmPgd, "mm_struct", "pgd")
	at.exe = exePath(im)
	at.vdso, _ = im.Field("mm_struct", "context.vdso")
	at.fresh = symbol("ret_from_fork")
	for _, r := range switchFrame(im.Machine) {
		s := savedRegister{name: r.register}
		field(&s.at, "task_struct", r.path)
		at.frame = append(at.frame, s)
	}
	if im.Machine == elf.EM_AARCH64 {
		field(&at.pc, "task_struct", "thread.cpu_context.pc")
		at.parked = symbol("cpu_switch_to_ret")
	}
	if len(errs) > 0 {
		return nil, lacking(errs)
	}
	return k, nil
}

// lacking is one sentence about all that an image lacks, of which it names the first few.
func lacking(errs []error) error {
	const named = 3
	var words []string
	for _, err := range errs {
		if w := strings.TrimPrefix(err.Error(), "kernel image "); !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	if more := len(words) - named; more > 0 {
		words = append(words[:named], fmt.Sprintf("lacks %d more things that tasks are found by", more))
	}
	return errors.New("the kernel image " + strings.Join(words, ", "))
}

// exePath finds the way from an mm_struct to the name of the program in it, or nil: a kernel can do without.
func exePath(im *Image) []Field {
	var way []Field
	for _, step := range [][2]string{{"mm_struct", "exe_file"}, {"file", "f_dentry"}, {"dentry", "d_name"}} {
		f, err := im.Field(step[0], step[1])
		if err != nil || f.Size != int64(im.PointerSize) {
			return nil
		}
		way = append(way, f)
	}
	return way
}

// maxName is the longest name of a file, in bytes (Linux's NAME_MAX).
const maxName = 255

// Program returns the name, without directories, of the file that the task at addr executes. It fails for kernel threads.
func (k *Kernel) Program(addr uint64) (string, error) {
	if k.at.exe == nil {
		return "", errors.New("the kernel image does not say how programs are named")
	}
	at, err := k.read(addr, k.at.task.mm)
	for _, f := range k.at.exe {
		if err == nil && at == 0 {
			err = fmt.Errorf("task_struct at %#x executes no program", addr)
		}
		if err != nil {
			return "", err
		}
		at, err = k.read(at, f)
	}
	if err != nil {
		return "", err
	}
	var name []byte
	for len(name) <= maxName {
		c, err := k.read(at+uint64(len(name)), Field{Size: 1})
		if err != nil {
			return "", err
		}
		if c == 0 {
			return string(name), nil
		}
		name = append(name, byte(c))
	}
	return "", fmt.Errorf("name of the program of task_struct at %#x: no end", addr)
}

// UserAddress says whether va is in the half of the address space that each process has to itself.
func (k *Kernel) UserAddress(va uint64) bool { return va < k.UserEnd() }

// UserEnd is the first address behind that half.
func (k *Kernel) UserEnd() uint64 { return k.at.initTask &^ (1<<30 - 1) }

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
		head := leader + uint64(k.at.task.threads.Offset)
		return k.walk("thread_group", head, false, func(node uint64) error {
			return add(node - uint64(k.at.task.threads.Offset))
		})
	}
	if err := addGroup(k.at.initTask); err != nil {
		errs = append(errs, err)
	}
	head := k.at.initTask + uint64(k.at.task.tasks.Offset)
	visit := func(node uint64) error {
		leader := node - uint64(k.at.task.tasks.Offset)
		if seen[leader] {
			return fmt.Errorf("task list: task_struct at %#x is linked twice", leader)
		}
		// A broken thread group loses only itself; the walk of the leaders goes on.
		if err := addGroup(leader); err != nil {
			errs = append(errs, err)
		}
		return nil
	}
	if err := k.walk("init_task.tasks", head, false, visit); err != nil {
		errs = append(errs, err)
		// What lies behind the break is found from the other end, up to the break's other side or to what is known already.
		k.walk("init_task.tasks", head, true, visit)
	}
	return tasks, errors.Join(errs...)
}

// walk follows a list_head's next pointers, or its prev pointers, from head until it is back there. A head that is all
// zero is a list not built yet.
func (k *Kernel) walk(name string, head uint64, backwards bool, visit func(node uint64) error) error {
	onward, behind := uint64(0), uint64(k.Image.PointerSize)
	if backwards {
		onward, behind = behind, onward
	}
	node, err := k.pointer(head + onward)
	if err != nil {
		return fmt.Errorf("list %s: head at %#x: %w", name, head, err)
	}
	prev := head
	for n := 0; node != head; n++ {
		if node == 0 {
			if prev == head {
				return nil
			}
			return fmt.Errorf("list %s: null pointer after %#x", name, prev)
		}
		if n == maxTasks {
			return fmt.Errorf("list %s: no end after %d entries", name, n)
		}
		back, err := k.pointer(node + behind)
		if err != nil {
			return fmt.Errorf("list %s: entry at %#x: %w", name, node, err)
		}
		if back != prev {
			return fmt.Errorf("list %s: entry at %#x points back to %#x, not to %#x", name, node, back, prev)
		}
		if err := visit(node); err != nil {
			return err
		}
		prev = node
		if node, err = k.pointer(node + onward); err != nil {
			return fmt.Errorf("list %s: entry at %#x: %w", name, prev, err)
		}
	}
	return nil
}

// Task reads the task_struct at addr.
func (k *Kernel) Task(addr uint64) (Task, error) {
	l := &k.at.task
	if int64(len(k.buf)) < l.size {
		k.buf = make([]byte, l.size)
	}
	b := k.buf[:l.size]
	if err := k.mem.ReadMemory(addr, b); err != nil {
		return Task{}, fmt.Errorf("task_struct at %#x: %w", addr, err)
	}
	comm := b[l.comm.Offset : l.comm.Offset+l.comm.Size]
	if i := bytes.IndexByte(comm, 0); i >= 0 {
		comm = comm[:i]
	}
	return Task{
		Addr: addr, Comm: string(comm),
		PID: int32(k.value(b, l.pid)), TGID: int32(k.value(b, l.tgid)),
		State: k.signed(b, l.state), ExitState: k.signed(b, l.exitState), ExitCode: k.signed(b, l.exitCode),
		Flags: k.value(b, l.flags), Stack: k.value(b, l.stack), MM: k.value(b, l.mm),
		Leader: k.value(b, l.leader), Parent: k.value(b, l.parent),
	}, nil
}

// InitTask is the address of the static task, which exists before the kernel's first instruction.
func (k *Kernel) InitTask() uint64 { return k.at.initTask }

// Current finds the task whose kernel stack holds sp, the way the kernel itself does: thread_info is at the bottom of
// the stack and points to the task, which points back. It fails where sp is in no task's stack, as early in boot.
func (k *Kernel) Current(sp uint64) (task uint64, err error) {
	info := sp &^ (k.at.threadSize - 1)
	task, err = k.pointer(info + uint64(k.at.infoTask.Offset))
	if err != nil {
		return 0, err
	}
	stack, err := k.pointer(task + uint64(k.at.task.stack.Offset))
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
	v, err := k.read(addr, k.at.task.pid)
	return int32(v), err
}

// PageTable returns the kernel virtual address of the page-table root of t's own address space, or 0 for a kernel thread.
func (k *Kernel) PageTable(t *Task) (uint64, error) {
	if t.MM == 0 {
		return 0, nil
	}
	return k.read(t.MM, k.at.mmPgd)
}

func (k *Kernel) pointer(va uint64) (uint64, error) {
	return k.read(va, Field{Size: int64(k.Image.PointerSize)})
}

func (k *Kernel) read(base uint64, f Field) (uint64, error) {
	var b [8]byte
	if f.Size > 8 {
		return 0, fmt.Errorf("field of %d bytes at %#x is no number", f.Size, base)
	}
	if err := k.mem.ReadMemory(base+uint64(f.Offset), b[:f.Size]); err != nil {
		return 0, err
	}
	return k.value(b[:], Field{Size: f.Size}), nil
}

func (k *Kernel) value(b []byte, f Field) uint64 {
	b = b[f.Offset:]
	switch f.Size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(k.Image.Order.Uint16(b))
	case 4:
		return uint64(k.Image.Order.Uint32(b))
	default:
		return k.Image.Order.Uint64(b)
	}
}

func (k *Kernel) signed(b []byte, f Field) int64 {
	v := k.value(b, f)
	shift := 64 - 8*uint(f.Size)
	return int64(v<<shift) >> shift
}
