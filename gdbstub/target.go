package gdbstub

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"strconv"
)

// Target is everything a session can reach of the thing being debugged. It is a struct of small interfaces: a nil
// field is a feature that the session does not offer, and the answer to qSupported follows from which fields are set.
//
// One goroutine calls all methods of one target on behalf of one session, never two at once. While Control.Resume
// runs, no other method is called; the context given to Resume is the only thing that reaches into a running target.
type Target struct {
	// Description tells the debugger the architecture and fixes the registers and their numbers. Required without Processes, and the
	// same for the life of the target. With Processes it is not used: Processes.Description has each one's, and while there is no process the
	// debugger is told of none.
	Description *Description
	// Control stops, resumes and lets go of the target. Required.
	Control Control
	// Threads lists what the debugger shows as threads. Required.
	Threads Threads
	// Registers reads and writes registers of a thread. Required.
	Registers Registers
	// Memory reads and writes memory as a thread sees it. Required.
	Memory Memory

	// Breakpoints offers Z0 to Z4 with conditions and commands. Without it the debugger patches memory itself.
	Breakpoints Breakpoints
	// Hardware is what only a target offers that is a machine rather than its processes.
	Hardware Hardware
	// Files offers vFile and qXfer:exec-file.
	Files Files
	// Killer offers k and vKill. Without it k only ends the session.
	Killer Killer
	// Restarter offers R, which gdb's "run" sends in extended mode.
	Restarter Restarter

	// Processes offers several inferiors and everything that a process has beyond a bare processor; see there. Without it
	// the target shows one inferior, whose PID is FlatPID.
	Processes Processes
	// Events offers fork, vfork, exec and thread events.
	Events Events
	// Syscalls offers QCatchSyscalls.
	Syscalls Syscalls
	// Signals offers QPassSignals, QProgramSignals and qXfer:siginfo.
	Signals Signals
	// NonStop offers QNonStop, and with it vCont;t, vCtrlC and vStopped.
	NonStop NonStop
	// Background lets what is not debugged go on while the debugger's user thinks.
	Background Background
	// Auxv offers qXfer:auxv.
	Auxv Auxv
	// TLS offers qGetTLSAddr.
	TLS TLS
	// OSData offers qXfer:osdata, gdb's "info os".
	OSData OSData
	// Monitor holds the commands behind gdb's "monitor". The session itself adds "help". Empty means that only "help"
	// exists.
	Monitor []Command
}

// Hardware is a group of features of a Target, each of which may be nil as those of the Target itself.
type Hardware struct {
	// PhysicalMemory offers qqemu.PhyMemMode: the session's memory packets then go here instead of to Memory.
	PhysicalMemory PhysicalMemory
	// StepMask offers qqemu.sstep.
	StepMask StepMask
	// MemoryMap offers qXfer:memory-map.
	MemoryMap MemoryMap
}

// ThreadID names a thread the way the protocol does. PID is the process, FlatPID for a target that shows one inferior,
// and TID the thread within the whole target: two threads of different processes never share a TID.
// On the wire 0 means "any" and -1 means "all", so a target numbers its own from 1.
type ThreadID struct {
	PID, TID int
}

// Values with a meaning of their own in either half of a ThreadID.
const (
	AnyID = 0
	AllID = -1
)

// FlatPID is the PID of every thread of a target without processes. It never appears on the wire.
const FlatPID = 1

// AnyThread lets the target choose; AllThreads is every thread there is.
var (
	AnyThread  = ThreadID{AnyID, AnyID}
	AllThreads = ThreadID{AllID, AllID}
)

// String gives the id in the protocol's own notation, for logs.
func (t ThreadID) String() string {
	return "p" + strconv.FormatInt(int64(t.PID), 16) + "." + strconv.FormatInt(int64(t.TID), 16)
}

// Covers reports whether the possibly general id t ("all", "any", "all of process 3") includes the exact thread id.
// A zero PID in t stands for any process.
func (t ThreadID) Covers(id ThreadID) bool {
	if t.PID > 0 && t.PID != id.PID {
		return false
	}
	return t.TID <= 0 || t.TID == id.TID
}

// Threads lists the target's threads.
type Threads interface {
	// AppendThreads appends the ids of all live threads to dst, in an order that is stable while the target is
	// stopped. A target that is not exited has at least one.
	AppendThreads(dst []ThreadID) []ThreadID
	// Alive reports whether the exact id still names a thread. It is asked often.
	Alive(id ThreadID) bool
	// Current is the thread used where the debugger names none: the one on the CPU, or the one of the last stop.
	Current() ThreadID
	// Thread describes one thread.
	Thread(id ThreadID) (Thread, error)
}

// Census is a Threads that can tell whether it has other threads than before at a cost that does not grow with their number.
type Census interface {
	// Census differs from what it was before if a thread has come or gone since; ok is false where that cannot be told.
	Census() (n uint64, ok bool)
}

// Thread is what the debugger shows of a thread in lists.
type Thread struct {
	// Name is the short name, gdb's $_thread_name; "" is none.
	Name string
	// Extra is free text beside the name, for example "sleeping, ppid 1"; "" is none.
	Extra string
	// Core is the processor the thread is on or was last on; -1 is none.
	Core int
	// Handle is how the program itself names the thread, which gdb's Python turns into a thread and back: the bytes of its pthread_t as they lie
	// in the program's memory, of the program's pointer size. For Linux that is the thread pointer (FS base, GS base on i386; on AArch64 TPIDR_EL0 less
	// the size of a struct pthread, see each libc). Nil is none.
	Handle []byte
}

// RegisterFile carries the registers of one thread between target and session: one value per register of the
// Description, little-endian, each known or unavailable. A fresh or Reset file is all unavailable.
type RegisterFile struct {
	description *Description
	data        []byte
	known       []bool
}

// Registers reads and writes registers.
type Registers interface {
	// ReadRegisters sets in f every register of the thread that is known. What it doesn't set the debugger shows
	// as <unavailable>; a register that isn't saved for a sleeping thread is left unset, never set to zero.
	ReadRegisters(id ThreadID, f *RegisterFile) error
	// WriteRegister stores the value (little-endian, as long as the register is wide) in register number reg of the
	// Description. ErrUnavailable says that this thread has no place for it.
	WriteRegister(id ThreadID, reg int, value []byte) error
}

// Memory reads and writes the address space of a thread.
type Memory interface {
	// ReadMemory fills dst from addr on and returns how many bytes it could read. Fewer than len(dst) is no error
	// as long as it is more than none; with n == 0 the error says why, ErrFault if nothing is mapped there.
	// Addresses wrap at the width of the target's pointer as the target does it. Reading has no side effects.
	ReadMemory(id ThreadID, addr uint64, dst []byte) (n int, err error)
	// WriteMemory stores src at addr. It checks before it writes where it can: a write that returns an error with
	// n > 0 has been done in part.
	WriteMemory(id ThreadID, addr uint64, src []byte) (n int, err error)
}

// PhysicalMemory is memory by bus address, with the same rules as Memory.
type PhysicalMemory interface {
	ReadPhysical(addr uint64, dst []byte) (n int, err error)
	WritePhysical(addr uint64, src []byte) (n int, err error)
}

// Control stops, runs and releases the target.
type Control interface {
	// Attach is called once when a session begins, before anything else. It stops the target if it runs and says
	// why it is stopped: StopSignal with SIGTRAP for an ordinary attach.
	Attach() (Stop, error)
	// Resume runs the target by the plan and returns when it has stopped. When ctx is cancelled it stops as soon as
	// the target is between two instructions; context.Cause(ctx) is ErrInterrupted if the user asked (report
	// StopSignal with SIGINT) and ErrDisconnected if nobody is left to hear the answer. A ctx may be cancelled
	// before Resume begins. The plan is only valid during the call.
	Resume(ctx context.Context, plan *Plan) (Stop, error)
	// Detach is called once when the session ends, whatever the reason, after the session's breakpoints have been
	// removed. Whether the target then runs on or waits is its own policy.
	Detach(reason DetachReason)
}

// DetachReason says how a session ended.
type DetachReason uint8

const (
	// DetachAsked is gdb's "detach" (D) or "disconnect".
	DetachAsked DetachReason = iota
	// DetachLost is a connection that ended without a word: a killed gdb, a broken network, a protocol too broken to go on.
	DetachLost
	// DetachKilled follows a k packet.
	DetachKilled
	// DetachExited follows the report that the target exited, when the debugger has closed the connection.
	DetachExited
	// DetachShutdown is the emulator's own wish: the context given to Serve was cancelled.
	DetachShutdown
)

// Action is what one thread does when the target is resumed.
type Action uint8

const (
	// ActionStay keeps the thread where it is although others run.
	ActionStay Action = iota
	// ActionContinue lets the thread run.
	ActionContinue
	// ActionStep lets the thread execute one instruction; the stop is StopStep.
	ActionStep
	// ActionRange steps the thread as long as its pc is in [Start, End) after an instruction; at least one
	// instruction is executed. The stop is StopStep. A target may also stop earlier.
	ActionRange
	// ActionStop stops a running thread, which is then reported as StopSignal with Signal 0 (NonStop only). One that is
	// stopped already stays so and is not reported.
	ActionStop
)

// ThreadAction is one entry of a Plan.
type ThreadAction struct {
	// Thread is exact or general; see ThreadID.Covers.
	Thread ThreadID
	Action Action
	// Signal is delivered to the thread when it resumes, by gdb's numbering; 0 is none. A target without signals
	// ignores it.
	Signal Signal
	// Start and End bound an ActionRange; End is exclusive.
	Start, End uint64
}

// Plan says what each thread does until the next stop.
type Plan struct {
	// Actions in the order given by the debugger: for each thread the first that covers it counts.
	Actions []ThreadAction
}

// For gives the action for one exact thread; without any entry it is ActionStay.
func (p *Plan) For(id ThreadID) ThreadAction {
	for _, a := range p.Actions {
		if a.Thread.Covers(id) {
			a.Thread = id
			return a
		}
	}
	return ThreadAction{Thread: id, Action: ActionStay}
}

// StopKind says why the target stopped.
type StopKind uint8

const (
	// StopSignal is a stop for Stop.Signal: an interrupt by the user (SIGINT), an attach (SIGTRAP), a guest fault.
	StopSignal StopKind = iota
	// StopStep is the end of a step or range step.
	StopStep
	// StopBreakpoint is a software breakpoint (Z0); the pc is the breakpoint's address on every architecture. gdb goes on from one
	// where its pc register shows another address, as in a segment with a base: that is StopSignal with SIGTRAP.
	StopBreakpoint
	// StopHardwareBreakpoint is a hardware breakpoint (Z1).
	StopHardwareBreakpoint
	// StopWatch, StopReadWatch and StopAccessWatch are watchpoints (Z2, Z3, Z4); Stop.Address is the first watched
	// byte that was touched. Where the pc is depends on the architecture, because gdb expects what its processors
	// do: on i386 the access is done and the pc after it; on AArch64 the access is not done yet and the pc at it,
	// and gdb takes the watchpoint out, steps over the instruction and compares the values itself.
	StopWatch
	StopReadWatch
	StopAccessWatch
	// StopExited is the end of the target with status Stop.Code; there are no threads any more. With Processes it is the end of
	// the process Stop.Thread.PID, and others may live on.
	StopExited
	// StopKilled is the end of the target, or process, by Stop.Signal.
	StopKilled
	// StopFork and StopVFork: Thread has made the new process of Stop.Child, which is stopped at its first instruction, and
	// inherits Thread's process's breakpoints and settings. StopVForkDone: a vfork's child has ended or has executed another
	// program, so that Thread has its memory for itself again.
	StopFork
	StopVFork
	StopVForkDone
	// StopExec: Thread's process executes the program Stop.Path from here on, and Thread is its only thread.
	StopExec
	// StopSyscallEntry and StopSyscallReturn: Thread is about to make, or has come back from, the system call Stop.Syscall.
	StopSyscallEntry
	StopSyscallReturn
	// StopThreadCreated: Thread is new and at its first instruction. StopThreadExited: Thread has ended with Stop.Code, while
	// its process lives on.
	StopThreadCreated
	StopThreadExited
	// StopNoResumed: all the threads that were resumed have ended, and those left are stopped.
	StopNoResumed
)

// Stop is why and where the target stopped.
type Stop struct {
	Kind StopKind
	// Thread is the thread the stop is reported for; it owns the breakpoint or asked for the step. Unused after an
	// exit, where only PID counts.
	Thread ThreadID
	// Signal is for StopSignal and StopKilled; the other kinds report SIGTRAP by themselves.
	Signal Signal
	// Core is the processor that Thread was on; -1 is none.
	Core int
	// Address is the data address of a watchpoint.
	Address uint64
	// Code is the exit status of StopExited, of which the protocol carries the low 8 bits in old clients.
	Code int
	// Child is the first thread of the new process of StopFork and StopVFork.
	Child ThreadID
	// Path is the absolute path of the program of StopExec.
	Path string
	// Syscall is the number of a system call in the guest's own numbering.
	Syscall int
	// Console is text that the debugger prints before the stop, for example why the guest ended; "" is none.
	Console string
}

// Signal is a signal in gdb's own numbering, which is the traditional one for the few named here.
type Signal uint8

// Signals by their protocol numbers (gdb manual, "Stop Reply Packets").
const (
	SIGHUP  Signal = 1
	SIGINT  Signal = 2
	SIGQUIT Signal = 3
	SIGILL  Signal = 4
	SIGTRAP Signal = 5
	SIGABRT Signal = 6
	SIGFPE  Signal = 8
	SIGKILL Signal = 9
	SIGBUS  Signal = 10
	SIGSEGV Signal = 11
	SIGTERM Signal = 15
)

// BreakpointKind is the type digit of the Z packets.
type BreakpointKind uint8

const (
	SoftwareBreakpoint BreakpointKind = 0
	HardwareBreakpoint BreakpointKind = 1
	WriteWatchpoint    BreakpointKind = 2
	ReadWatchpoint     BreakpointKind = 3
	AccessWatchpoint   BreakpointKind = 4
)

// Breakpoint is one breakpoint or watchpoint of one session. The session allocates it and passes the same pointer to
// Insert and Remove, so that a target can use it as a key.
type Breakpoint struct {
	Kind BreakpointKind
	// Thread was the selected one when the breakpoint was set; it says which process the breakpoint belongs to. Only threads
	// of that process reach it.
	Thread ThreadID
	// Address is virtual, of the first byte.
	Address uint64
	// Size is the number of watched bytes; for code breakpoints it is the protocol's "kind" number, of no use to a
	// target that doesn't patch memory.
	Size uint64
	// Conditions are tested by the target each time the breakpoint is reached: it is hit if there are none or if any
	// of them is true.
	Conditions []*AgentExpr
	// Commands are run when it is hit, by Hit. A breakpoint with commands doesn't stop.
	Commands []*AgentExpr

	long  int               // bits of the program's long, which commands print
	print func(text []byte) // takes what commands print
}

// Hit decides for a target whether a breakpoint that has been reached stops: true without conditions, or if one is not zero, or
// if one can't be evaluated, since then the user should see why. One with commands never stops: Hit runs them where it would. A target calls it
// from within Control.Resume or NonStop.RunNonStop, once each time a thread reaches the breakpoint.
func (b *Breakpoint) Hit(env AgentEnv) bool {
	if !b.holds(env) {
		return false
	}
	if len(b.Commands) > 0 {
		b.runCommands(env)
		return false
	}
	return true
}

func (b *Breakpoint) holds(env AgentEnv) bool {
	for _, c := range b.Conditions {
		if v, err := c.Eval(env); err != nil || v != 0 {
			return true
		}
	}
	return len(b.Conditions) == 0
}

// runCommands prints what the commands print. One that fails is replaced by its reason: there is nobody to ask what to do.
func (b *Breakpoint) runCommands(env AgentEnv) {
	for _, c := range b.Commands {
		var m agentMachine
		out := agentOutput{long: max(b.long, 32)}
		if _, err := m.run(c, env, &out); err != nil {
			out.text = fmt.Appendf(nil, "breakpoint commands at %#x: %v\n", b.Address, err)
		}
		if b.print != nil && len(out.text) > 0 {
			b.print(out.text)
		}
	}
}

// Breakpoints inserts and removes them. Calls come only while the target is stopped. The session never inserts the
// same kind, address and size twice, and hides the removals and insertions that gdb does around every stop: what stays
// the same until the next resume never reaches the target.
type Breakpoints interface {
	// Insert adds b. It must also work where nothing is mapped yet. ErrUnsupported declines the kind for good, any
	// other error this one breakpoint.
	Insert(b *Breakpoint) error
	// Remove takes away a breakpoint inserted before, also when its thread or address space are gone.
	Remove(b *Breakpoint) error
}

// StepMask is QEMU's choice of what is held off while single-stepping: a mask of bits that Bits names.
type StepMask interface {
	// Bits are the values of the three bits: enable single-step, hold interrupts, hold timers. A bit that the
	// target can't do is 0.
	Bits() (enable, noIRQ, noTimer uint32)
	// StepMask is the mask in use.
	StepMask() uint32
	// SetStepMask changes it; unknown bits are an error.
	SetStepMask(mask uint32) error
}

// Files gives the debugger the programs that run on the target. Everything is read-only, and a target serves only
// what belongs to the guest or to the emulator's own images, never the host's files.
type Files interface {
	// ExecFile is the absolute path, in FileSystem's terms, of the program that the process runs; 0 is the
	// target's one process. ErrNotFound if it isn't known.
	ExecFile(pid int) (string, error)
	// FileSystem is the file system as the process sees it; 0 is the target's own. Its files should implement
	// io.ReaderAt; one that doesn't is read whole when it is opened, up to 64 MiB. If the file system has a method
	// ReadLink(name string) (string, error) it serves vFile:readlink too.
	FileSystem(pid int) (fs.FS, error)
}

// MemoryMap lists the regions of the address space.
type MemoryMap interface {
	// Regions in ascending order. gdb takes everything outside of them as inaccessible, so a target whose address
	// spaces come and go covers all of it or has no MemoryMap.
	Regions() []Region
}

// Region is an entry of the memory map.
type Region struct {
	// ReadOnly memory makes gdb use hardware breakpoints in it and refuse to write.
	ReadOnly      bool
	Start, Length uint64
}

// Killer ends the guest.
type Killer interface {
	// Kill powers the target off. The session's end follows.
	Kill() error
}

// Restarter starts the guest again from its beginning.
type Restarter interface {
	// Restart puts the target back to its first instruction, stopped, and returns that stop. Breakpoints stay.
	Restart() (Stop, error)
}

// Command is one monitor command.
type Command struct {
	// Name is what the user types, one word. A unique beginning of it works too.
	Name string
	// Usage shows the arguments, for example "on|off"; "" is none.
	Usage string
	// Help is one line, without a full stop.
	Help string
	// Run does the command for the selected thread with the words after the name, and prints to out, which never
	// fails. The error is shown to the user, but for ErrLeave. It may change anything in the target.
	Run func(id ThreadID, args []string, out io.Writer) error
}
