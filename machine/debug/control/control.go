// Package control runs a guest up to its next stop. It owns the breakpoints and watchpoints and gives the processor its orders, and knows
// neither a kernel nor a protocol session: who has a say in where the guest stops is a Party, and what the guest was stopped for is an
// Event that the parties are told of in turn.
//
// Invariants: orders hold for one stretch and are made anew for the next, so that nobody clears what another has set; a breakpoint is found by
// whose it is and its linear address; guest memory is never changed for it.
package control

import (
	"forkscope/gdbstub"
	"forkscope/machine"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
)

// Once makes a stretch one instruction long and keeps interrupts out of it.
func (c *Control) Once(o *cpu.Orders) {
	o.Hold = true
	c.Step(o)
}

// Step makes a stretch one instruction long.
func (c *Control) Step(o *cpu.Orders) { o.Time = min(o.Time, c.After(1)) }

// EventKind says what ended a stretch.
type EventKind uint8

const (
	// Limit: its count is reached.
	Limit EventKind = iota
	// Break: a breakpoint's address is next.
	Break
	// Watch: a watched datum was accessed, or is about to be (arch.Arch.WatchesBefore).
	Watch
	// Outside: the code is left that Orders.Outside is about.
	Outside
	// Syscall: a system call of Orders.Syscalls is next.
	Syscall
	// User: the processor is back in user mode.
	User
	// Interrupted: the context given to Run is over.
	Interrupted
	// Ended: the guest's run is over, by Event.End. Shutdown: its processor cannot go on, which ends it next.
	Ended
	Shutdown
)

// Event is where a stretch has come to.
type Event struct {
	Kind EventKind
	// PC is linear, of the next instruction. User says whether it is the program's, not the kernel's.
	PC   uint64
	User bool
	// Watch is the watchpoint of a Watch, and Addr the first watched address that was accessed.
	Watch cpu.Watchpoint
	Addr  uint64
	// End is why the guest's run is over (Ended, Shutdown).
	End machine.Stop
}

// Answer is what a party says to an event.
type Answer uint8

const (
	// Other: it is for others to say; if all say so, the guest goes on.
	Other Answer = iota
	// Resume: it has been seen to, and the guest goes on from where it is now.
	Resume
	// Report: the run ends with the stop.
	Report
	// Leave: the run ends with nothing to report.
	Leave
)

// Party has a say in how the guest runs.
type Party interface {
	// Before is asked each time before the guest goes on, and may add to the orders. It may find that there is something to report first.
	Before(o *cpu.Orders) (gdbstub.Stop, bool)
	// Reached is told of each event, in the order of the parties, until one has an answer.
	Reached(e *Event) (Answer, gdbstub.Stop)
}

// Control runs one guest.
type Control struct {
	machine *machine.Machine
	parties []Party
	Breaks  Breaks
	first   struct{ pass, passWatch bool } // for the next stretch
	spare   *stretch                       // not in use now
	over    bool
}

// New controls a machine.
func New(m *machine.Machine) *Control {
	c := &Control{}
	c.Breaks.init()
	c.Replace(m)
	return c
}

// Consult sets who has a say, in the order in which they are asked.
func (c *Control) Consult(parties ...Party) { c.parties = parties }

// Replace goes on with another machine, in which nothing has happened yet. Breakpoints stay.
func (c *Control) Replace(m *machine.Machine) {
	c.machine, c.over = m, false
	c.first.pass, c.first.passWatch = false, false
}

// Machine is what is controlled.
func (c *Control) Machine() *machine.Machine { return c.machine }

// CPU is its processor.
func (c *Control) CPU() cpu.View { return c.machine.CPU() }

// Arch is its architecture.
func (c *Control) Arch() *arch.Arch { return c.machine.Arch() }

// WatchesBefore says whether a watched access has not happened yet when its watchpoint stops the processor.
func (c *Control) WatchesBefore() bool { return c.Arch().WatchesBefore }

// Now is the guest's time in nanoseconds, and After that of so many instructions from now, if it does not idle.
func (c *Control) Now() uint64           { return c.machine.Clock().Now() }
func (c *Control) After(n uint64) uint64 { return c.machine.Clock().After(n) }

// Over says whether the guest's run has ended.
func (c *Control) Over() bool { return c.over }

// PassNext lets the next instruction pass breakpoints, and with watch also watchpoints.
func (c *Control) PassNext(pass, watch bool) { c.first.pass, c.first.passWatch = pass, watch }

// Moment is a place in the guest's run.
type Moment struct {
	PC   uint64
	Mark clock.Mark
}

// Moment is the present one.
func (c *Control) Moment() Moment { return Moment{c.CPU().PC(), c.machine.Clock().Mark()} }

// What follows changes the guest; it is all that does, beside running it.

// SkipIdle lets time pass to the next event, as when the guest idles.
func (c *Control) SkipIdle() { c.machine.SkipIdle() }

// WriteRegister sets a register of the processor, by its number there.
func (c *Control) WriteRegister(n int, value []byte) error { return c.machine.WriteRegister(n, value) }

// WriteRAM sets bytes of RAM, and returns how many there are.
func (c *Control) WriteRAM(pa uint64, p []byte) int { return c.machine.WriteMemory(pa, p) }

// EnterKernel, FaultWrite and EnterSyscall make the program on the processor enter its kernel; see cpu.CPU.
func (c *Control) EnterKernel()         { c.machine.EnterKernel() }
func (c *Control) FaultWrite(va uint64) { c.machine.FaultWrite(va) }
func (c *Control) EnterSyscall()        { c.machine.EnterSyscall() }

// Borrow takes the processor from the guest for a call in its kernel, and returns what gives it back as it was.
func (c *Control) Borrow() (giveBack func()) {
	c.machine.Borrow()
	return c.machine.GiveBack
}
