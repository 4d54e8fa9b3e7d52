package gdbstub

import "context"

// Processes is a target of several processes, each of which the debugger shows as an inferior. Thread ids then carry real
// process ids, in the calls of all other interfaces too.
//
// The kernel that runs the processes may be one of the inferiors, with a PID that no process has; it is then there from
// the start, and can be neither attached to, killed nor run.
type Processes interface {
	// Debugged lists the processes that are debugged now, in ascending order, including the kernel if it is shown. Threads
	// are listed of these only.
	Debugged() []int
	// Description is the target description of a debugged process; nil if it isn't debugged. The debugger asks anew when a process begins and when
	// it executes another program.
	Description(pid int) *Description
	// AttachProcess begins to debug a process, whose threads stop (vAttach). ErrNotFound: there is none of that number.
	AttachProcess(pid int) (Stop, error)
	// DetachProcess ends the debugging of a process, which runs on (D;PID), after its breakpoints have been removed.
	DetachProcess(pid int) error
	// KillProcess makes an end of a process and returns when it is gone (vKill).
	KillProcess(pid int) error
	// RunProcess starts a program (vRun) and returns when it is at its first instruction.
	RunProcess(r RunRequest) (Stop, error)
	// WasAttached says whether the process was there before it was debugged (qAttached): gdb then detaches when it quits,
	// and doesn't kill.
	WasAttached(pid int) bool
}

// RunRequest is what the debugger wants to be run.
type RunRequest struct {
	// File is a path in the target's file system; "" is the program that ran last.
	File string
	// Args are the arguments that follow the program's name.
	Args []string
	// Env holds changes to the environment in the order they were asked for: "NAME=VALUE" sets, "NAME" unsets.
	Env []string
	// Dir is the working directory; "" is the target's own choice.
	Dir string
}

// EventSet says which events the debugger wants to hear of. The others don't stop anything.
type EventSet struct {
	// Fork, VFork (with its end) and Exec are stops; a new process is then debugged from its first instruction.
	Fork, VFork, Exec bool
	// Threads asks for StopThreadCreated and StopThreadExited.
	Threads bool
	// NoResumed asks for StopNoResumed.
	NoResumed bool
}

// Events chooses the events.
type Events interface {
	// SetEvents is called when a session begins, and again when the choice changes.
	SetEvents(EventSet)
}

// Syscalls chooses the system calls that stop.
type Syscalls interface {
	// CatchSyscalls makes a process's threads stop at the entry to and the return from system calls: those of numbers, or all
	// if all is set. Neither means none, as at the start.
	CatchSyscalls(pid int, all bool, numbers []int) error
}

// SignalSet has a truth value for each signal of gdb's numbering.
type SignalSet [256]bool

// Signals chooses what happens when a process gets a signal.
type Signals interface {
	// PassSignals names the signals that go to the process without a stop. At the start there are none.
	PassSignals(SignalSet)
	// ProgramSignals names the signals that a process gets when it is let go or resumed at the end of a session; the others
	// are dropped then. At the start all are in it.
	ProgramSignals(SignalSet)
	// ReadSiginfo returns the guest's siginfo_t of the signal that the thread is stopped for; ErrNotFound if it is stopped
	// for something else.
	ReadSiginfo(id ThreadID) ([]byte, error)
	// WriteSiginfo changes it, before the signal is delivered.
	WriteSiginfo(id ThreadID, offset int, data []byte) error
}

// NonStop is a target whose threads can stop while others run. Once it is on, the session calls Start and RunNonStop in
// place of Control.Resume; a stop stops only its own thread, or with it no other than those of the same process that
// exited.
type NonStop interface {
	// SetNonStop changes the mode. Everything is stopped when it is called; turning it on keeps it so.
	SetNonStop(on bool) error
	// Start sets threads in motion, or stops them (ActionStop), by the plan, without running the target yet. Threads that run
	// already and those no action covers go on as they were.
	Start(plan *Plan) error
	// RunNonStop runs the target until a thread has something to report (ok), or until ctx is cancelled. It returns at once
	// if a stop is waiting.
	RunNonStop(ctx context.Context) (stop Stop, ok bool, err error)
	// InMotion says whether any thread runs, or has a stop that has not been reported: whether RunNonStop is worth a call.
	InMotion() bool
	// Stopped lists the stops of all threads that are stopped and have been reported, for a debugger that asks anew ('?').
	Stopped() []Stop
	// Interrupt is vCtrlC: a thread stops and reports SIGINT.
	Interrupt() error
}

// Background is a target of which a part lives on while all that is debugged is stopped, as the other processes of a
// system do.
type Background interface {
	// RunBackground is called by Serve when everything debugged is stopped and nothing has come from the debugger for a
	// moment. It returns when ctx is cancelled, or when nothing is left to do.
	RunBackground(ctx context.Context)
}

// Auxv gives the auxiliary vector.
type Auxv interface {
	// Auxv is the vector of a thread's process as it lies in the guest's memory, ended by AT_NULL.
	Auxv(id ThreadID) ([]byte, error)
}

// TLS finds thread-local variables.
type TLS interface {
	// TLSAddress is the address of the thread's copy of the variable at offset in the module whose link_map is at linkMap (0
	// for a program without a dynamic linker).
	TLSAddress(id ThreadID, offset, linkMap uint64) (uint64, error)
}

// OSData holds the tables of "info os".
type OSData interface {
	// OSTables lists the tables there are, for "info os" without a word.
	OSTables() []OSTable
	// OSData fills in one table; ErrNotFound if there is none of that name.
	OSData(name string) (OSTable, error)
}

// OSTable is a table of "info os".
type OSTable struct {
	// Name is the word after "info os", Title what the list of tables calls it in its Type column ("processes"), and
	// Description one line about it.
	Name, Title, Description string
	// Columns names the columns, and each row of Rows has as many cells.
	Columns []string
	Rows    [][]string
}
