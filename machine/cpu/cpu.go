// Package cpu is what every guest CPU offers to the machine that runs it and to the debugger that looks at it.
// The implementations are in x86 and arm64; they never see a device, only a Bus and the wires set by SetIRQ.
package cpu

import "forkscope/machine/snapshot"

// Bus is the way from a CPU to everything that is not RAM. A call may raise interrupt lines, schedule events or
// power the machine off, so the CPU keeps clock.Retired exact before the call and ends its block after it.
type Bus interface {
	// ReadMMIO and WriteMMIO access a physical address outside RAM; ok is false where nothing answers.
	ReadMMIO(pa uint64, size int) (value uint64, ok bool)
	WriteMMIO(pa uint64, size int, value uint64) (ok bool)
	// In and Out access an x86 I/O port. Where nothing answers, reads give all ones and writes are lost.
	In(port uint16, size int) uint32
	Out(port uint16, size int, value uint32)
}

// Reason says why Run returned.
type Reason int

const (
	// Limit: the clock has reached Orders.Until or Orders.Time.
	Limit Reason = iota
	// Break: the next instruction is at a breakpoint, and has not been executed.
	Break
	// Watch: a watched datum was accessed; see Exit.Watch.
	Watch
	// Halt: the CPU waits for an interrupt (hlt, wfi) and none is pending. The machine skips the clock to the next event.
	Halt
	// Parked: the CPU is in user mode with Orders.Park, and no interrupt is pending. Time can pass, and nothing else.
	Parked
	// Shadowed: as Parked, but an interrupt is pending that is held off until the next instruction has been executed. See Settle.
	Shadowed
	// Shutdown: the CPU cannot go on: triple fault on x86, an exception with no vector to take it elsewhere.
	Shutdown
	// Requested: RequestExit was called, by the machine (power off, host input) or another goroutine (interrupt by the user).
	Requested
	// Syscall: the next instruction is a system call out of user mode whose number is in Orders.Syscalls, and has not been executed.
	Syscall
	// User: the CPU has come from kernel mode to user mode and has executed nothing there yet (Orders.AtUser).
	User
	// Exception: an instruction has raised an exception, and its handler is next (Orders.AtException).
	Exception
	// Outside: the next instruction is outside of Orders.Outside, and has not been executed.
	Outside
	// Held: an interrupt would have been taken, but for Orders.Hold.
	Held
)

func (r Reason) String() string {
	return [...]string{"limit", "breakpoint", "watchpoint", "halt", "parked", "parked in a shadow", "shutdown", "requested", "system call", "user mode",
		"exception", "outside", "interrupt held"}[r]
}

// Exit is the result of Run.
type Exit struct {
	Reason Reason
	// Watch is the watchpoint that was hit and Addr the first watched address that was accessed (Reason Watch).
	Watch Watchpoint
	Addr  uint64
	// Passed: what Orders.Pass was for is over, since an instruction has retired or raised an exception.
	Passed bool
	// Detail is one sentence for a person (Reason Shutdown).
	Detail string
}

// CPU is one guest processor. Its methods belong to the goroutine that runs the machine, except RequestExit. Those
// that change it are for the machine alone, which notes them in the log of the run.
type CPU interface {
	View

	// Run executes instructions until the clock reaches o.Until or o.Time (exactly: with one instruction more than now, it executes one) or another
	// Reason arises. It fires due clock events and takes pending interrupts at exact instruction boundaries, in a way that
	// does not depend on how the run is cut into calls. An exception entry or an interrupt entry by itself retires no instruction.
	Run(o *Orders) Exit
	// RequestExit makes Run return soon, at an instruction boundary. It may be called from any goroutine, and before Run.
	RequestExit()
	// SetIRQ drives the CPU's interrupt input (x86 INTR, arm64 IRQ).
	SetIRQ(level bool)

	// WriteRegister sets register i from its bytes. Values the hardware cannot hold are an error.
	WriteRegister(i int, p []byte) error
	// EnterKernel makes the CPU leave user mode as by a page fault on the fetch of its next instruction, one that finds the page
	// present, as happens when another processor has mapped it meanwhile: the kernel has nothing to mend, does on its
	// way back what it does on every way back, such as delivering signals, and the same instruction is next. It retires no
	// instruction. In kernel mode it does nothing.
	EnterKernel()
	// FaultWrite makes the CPU leave user mode as by the page fault of a write by the program to va. The same instruction is next afterwards,
	// unless the kernel takes the fault for the program's own. In kernel mode it does nothing.
	FaultWrite(va uint64)
	// EnterSyscall makes the CPU leave user mode as by its system call instruction, with the call that the registers say, but comes back to
	// the instruction that is next now. In kernel mode it does nothing.
	EnterSyscall()
	// State goes over all of the processor's state: registers, modes, the interrupt input, its own timers; not memory, and not what was decoded
	// or cached of it. After a load nothing is cached.
	snapshot.Part
	// Capture copies the processor's own state, which is State without the interrupt input and the timers, which go on with the clock; and Restore puts
	// it back, so that a debugger can borrow the CPU for a call in the guest's kernel. Translations are forgotten then, for the tables may be others.
	Capture() State
	Restore(State)
	// Settle ends what holds interrupts off for one instruction, for a CPU that is to execute none.
	Settle()
	// Flush forgets every translation of an address: the next access to each page walks the page tables. A guest can see that by the accessed
	// and dirty bits.
	Flush()
}

// View is what can be seen of a CPU without changing anything of it.
type View interface {
	// PC is the address of the next instruction (x86: linear, CS base included).
	PC() uint64
	// Privileged says whether the CPU is in kernel mode (x86 CPL 0, arm64 EL1 and above).
	Privileged() bool
	// Halted says whether the CPU waits in hlt or wfi.
	Halted() bool
	// KernelStack is the stack pointer of kernel mode: the current one, or the one that the next entry from user mode starts
	// with (arm64 SP_EL1; x86 esp0 of the TSS). ok is false before the kernel has set it up.
	KernelStack() (sp uint64, ok bool)

	// Registers lists what gdb sees, in gdb's order. The list never changes for a machine.
	Registers() []Register
	// ReadRegister puts register i into p, little-endian, and returns its bytes.
	ReadRegister(i int, p []byte) []byte

	// Space identifies the page tables now in use for user addresses: the physical address of the root (CR3, TTBR0_EL1).
	Space() Space
	// Paging says whether the MMU is on.
	Paging() bool
	// Translate walks the page tables of space for va, without touching accessed or dirty bits and without permission checks.
	// With the MMU off, va is physical. Addresses of the kernel half are found on arm64 whatever the space.
	Translate(space Space, va uint64) (pa uint64, ok bool)

	// Writable says whether user mode may write at va in the page tables of space.
	Writable(space Space, va uint64) bool

	// SyscallNumber is the number that a system call made here in user mode would have (x86 EAX, arm64 X8).
	SyscallNumber() uint64
}

// Space is the physical address of a page-table root.
type Space uint64

// State is what Capture took; only the same CPU understands it.
type State = snapshot.Memory

// Register describes one register for gdb's target description.
type Register struct {
	// Name is gdb's name; Feature the feature it stands in (org.gnu.gdb.aarch64.core, …).
	Name, Feature string
	// Bits is its size.
	Bits int
	// Type is gdb's type ("int", "data_ptr", "code_ptr", "i387_ext", "aarch64v", "vec128", "i386_eflags", "cpsr_flags", …).
	Type string
	// Group is gdb's register group ("general", "float", "vector", "system").
	Group string
}
