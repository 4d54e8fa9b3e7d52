// Package timeline is the record of a run: everything that a host does to a guest, with the moment at which it did it. A machine that is as the
// log's was at power on, and to which the same things happen at the same moments, is the same run.
package timeline

import (
	"fmt"

	"forkscope/machine/clock"
)

// Kind says what a host has done.
type Kind uint8

// The kinds of effects, with what the fields of Effect say. Their numbers are in files.
const (
	// Input: Data has come from Source, such as "console".
	Input Kind = 1 + iota
	// Memory: Data was written to physical memory at N.
	Memory
	// Register: Data, little-endian, was written to the CPU's register number N.
	Register
	// EnterKernel: the CPU was made to leave user mode.
	EnterKernel
	// Borrow: the CPU's state was kept for GiveBack, which undoes the latest Borrow that has not been undone.
	Borrow
	GiveBack
	// Hold: interrupts are held off from here on if N is 1, and taken again if it is 0.
	Hold
	// Skip: N nanoseconds passed without an instruction although the CPU did not wait for an interrupt.
	Skip
	// Watch: from here on the pages of the watchpoints in Data, and no others, are reached by the slow path.
	Watch
	// Flush: the CPU forgot its translations.
	Flush
	// Settle: an interrupt that was held off for one instruction is taken before it.
	Settle
	// FaultWrite: the CPU was made to leave user mode as by a write to N. EnterSyscall: the same as by a system call.
	FaultWrite
	EnterSyscall
	kinds
	// End: the run was left here, and its log says nothing of what came after.
	End = ^Kind(0)
)

func (k Kind) String() string {
	if k == End {
		return "end"
	}
	names := [...]string{"?", "input", "memory written", "register written", "kernel entered", "CPU borrowed", "CPU given back", "interrupts held",
		"time passed", "watched pages", "translations flushed", "interrupt let in", "write faulted", "system call made"}
	if k >= kinds {
		k = 0
	}
	return names[k]
}

// Effect is one thing that a host has done. Effects at the same mark happened in the order in which the log has them.
type Effect struct {
	At     clock.Mark
	Kind   Kind
	Source string // of Input
	N      uint64
	Data   []byte
}

// String is one line for a person.
func (e Effect) String() string {
	s := fmt.Sprintf("at %v: %v", e.At, e.Kind)
	if e.Source != "" {
		s += " from " + e.Source
	}
	switch e.Kind {
	case Memory, Register, Hold, Skip, FaultWrite:
		s += fmt.Sprintf(" %#x", e.N)
	}
	if len(e.Data) > 0 {
		s += fmt.Sprintf(" (%d bytes)", len(e.Data))
	}
	return s
}
