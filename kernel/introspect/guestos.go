// Package introspect reads a running kernel's tasks, saved registers, address spaces and files out of guest memory: what a debugger
// knows of the guest's operating system, a GuestOS.
//
// What the kernel calls things is in a Profile, one for each family of kernels; where they lie is taken from the types and the
// symbols of the kernel image itself, never from constants, so that a rebuilt kernel needs no change here. Guest memory is not
// trusted: whatever is in it, a walk ends, and gives what it could read and an error that says where it stopped.
package introspect

// GuestOS is what a debugger knows of the operating system in a guest. It only looks: nothing in the guest changes. A task is
// named by the address of its task_struct, or by a Task that was read before; the guest must not have run between.
type GuestOS interface {
	TaskList
	Registers
	UserMemory
	Programs
	Follower
	// FS is the guest's file system.
	FS() FileSystem
	// Pages is what is known of the pages of the tasks' memory.
	Pages() PageTables
	// Census is how many tasks there are and have been: while both stay the same, so does the list of tasks.
	Census() (alive, made uint64, err error)
	// Ready is how many tasks wait for their turn on the CPU, beside the one that has it.
	Ready() (int, error)
	// Flag is where a flag of a task is in the guest's memory: a bit of a byte.
	Flag(t *Task, flag Flag) (addr uint64, bit byte, err error)
	// Interrupts lists the lines that have a handler, ascending, and how often each has come.
	Interrupts() ([]Interrupt, error)
	// Field reads a number or a pointer in a structure at addr; member goes through nested structures.
	Field(addr uint64, typ, member string) (uint64, error)
	// Bits is the width of the guest's long.
	Bits() int
}

// TaskList finds tasks. But for that of Tasks, the cost does not depend on how many there are.
type TaskList interface {
	// Tasks lists every task. What a broken list still tells comes with the error.
	Tasks() ([]Task, error)
	// FindTask finds one by its pid; the error wraps ErrNoTask where there is none.
	FindTask(pid int32) (Task, error)
	// Task reads the one at an address, and PID only its pid.
	Task(addr uint64) (Task, error)
	PID(addr uint64) (int32, error)
	// Current is the task whose kernel stack holds sp, and InitTask the one that there is from the beginning.
	Current(sp uint64) (addr uint64, err error)
	InitTask() uint64
	// Owner is the address space of a task, 0 for none.
	Owner(task uint64) (space uint64, err error)
	// PageTable is the kernel virtual address of the root of a task's own page table, 0 for a kernel thread.
	PageTable(t *Task) (uint64, error)
	// SyscallNumber is the system call that a task in the kernel is in, -1 for none, and Syscall the number of the one with a name.
	// SleepsIn names the call that a task sleeps in, empty for one that is ready to run or waits for something else.
	SyscallNumber(t *Task) int
	Syscall(name string) int
	SleepsIn(t *Task) string
}

// Registers tells where the registers of a task are that are not in the CPU.
type Registers interface {
	// SwitchFrame has those of the kernel of the task at an address that is not on the CPU.
	SwitchFrame(addr uint64) ([]Saved, error)
	// UserFrame has those of its user mode while it is in the kernel.
	UserFrame(t *Task) ([]Saved, error)
	// UserFP has those of floating point and vectors; current says that the task is on the CPU.
	UserFP(t *Task, current bool) (FPState, error)
	// UserTLS is the address of its thread-local storage. SegmentBase is that of a segment of its program's, where there are segments.
	UserTLS(t *Task) (uint64, error)
	SegmentBase(t *Task, selector uint64) (uint64, error)
}

// UserMemory is the memory of a task's program.
type UserMemory interface {
	// UserAddress says whether an address is in the part of the address space that each process has to itself, and UserEnd where that ends.
	UserAddress(va uint64) bool
	UserEnd() uint64
	// Maps lists the ranges that are mapped, ascending.
	Maps(t *Task) ([]Mapping, error)
	// MappingAt finds the one that an address is in. Its Path is not set.
	MappingAt(t *Task, va uint64) (m Mapping, ok bool, err error)
	// ReadUser reads it, also where the program has not touched it yet; translate, if there is one, is asked first.
	ReadUser(t *Task, translate Translate, va uint64, p []byte) (int, error)
}

// Programs tells what a task executes, and what the kernel counts about it.
type Programs interface {
	// Program is the name of its file without directories, ExePath the file's absolute path.
	Program(addr uint64) (string, error)
	ExePath(t *Task) (string, error)
	// Cmdline and Environ are strings, each ended by a zero, as the program was given them; Auxv is the auxiliary vector.
	Cmdline(t *Task) ([]byte, error)
	Environ(t *Task) ([]byte, error)
	Auxv(t *Task) ([]byte, error)
	// OpenFiles lists its descriptors, ascending.
	OpenFiles(t *Task) ([]OpenFile, error)
	// Blocked are the signals that it does not take now. Stat holds figures.
	Blocked(t *Task) (SignalMask, error)
	Stat(t *Task) (*Stat, error)
}

// Follower tells of the places in the kernel at which processes are followed, and how its functions are called.
type Follower interface {
	// Hooks are the places by their addresses; what is read there is by the method for that kind of place.
	Hooks() map[uint64]Hook
	Created(call CallFrame) (NewTask, error)
	Exiting(task uint64, call CallFrame) (Ending, error)
	SignalSought(call CallFrame) (infoAt, returnTo uint64, onTheWayOut bool, err error)
	Judged(call CallFrame) (task uint64, signal int, err error)
	// CallFrame looks at the call of the function whose first instruction the CPU is at; Call prepares one.
	CallFrame(reg func(name string) uint64) CallFrame
	Call(function string, sp, ret uint64, args ...uint64) (Call, error)
}

// FileSystem is the guest's own file system, in its memory.
type FileSystem interface {
	// Lookup finds a file by its path, and LinkTarget and ReadFile what is in it.
	Lookup(name string, follow bool) (n Node, at string, err error)
	LinkTarget(n Node) (string, error)
	ReadFile(n Node, p []byte, offset int64) (int, error)
	// WorkingDirectory and RootDirectory are a task's, absolute paths.
	WorkingDirectory(t *Task) (string, error)
	RootDirectory(t *Task) (string, error)
	// Mounts lists what is mounted where, in the order of mounting.
	Mounts() ([]Mount, error)
}

// PageTables tells of pages.
type PageTables interface {
	// UserPage says what a task would read at va if it touched the page there now.
	UserPage(t *Task, va uint64) (page Page, ok bool, err error)
	// Resident counts the pages of a range that are present, and the anonymous ones among them.
	Resident(t *Task, m *Mapping) (present, anonymous uint64, err error)
	// Owner is the address space whose page-table root is at a physical address. Where the task on the CPU, current, has it, as nearly
	// always, no other is looked at.
	Owner(root, current uint64) (space uint64, err error)
	// Runs lists what a task's page table maps, ascending; nothing for a task without an address space.
	Runs(t *Task) ([]Run, error)
}

var (
	_ GuestOS = (*Kernel)(nil)
	_ Types   = (*Image)(nil)
)
