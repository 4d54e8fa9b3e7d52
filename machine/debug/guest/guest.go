// Package guest is what a debugger knows of a guest whoever asks: its memory by virtual address, the processor's registers by gdb's
// names, and the tasks of its kernel. It changes nothing of its own accord, but for a call of one of the kernel's functions (Call).
//
// Invariant: what was read of the guest is forgotten (Forget) whenever it may have changed.
package guest

import (
	"errors"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/debug/control"
)

// ErrBusy says that the kernel cannot be called where the guest is.
var ErrBusy = errors.New("the kernel is in the middle of something; let it go on to where a program runs, and try again")

// Guest is one guest.
type Guest struct {
	// Control runs it.
	Control *control.Control
	// Image is the kernel's, nil where there is none.
	Image *introspect.Image
	// OS finds the kernel's tasks; where it is nil, NoTasks says why.
	OS      introspect.GuestOS
	NoTasks error
	// Description has all registers of the processor, and PC and SP are the numbers of two of them.
	Description *gdbstub.Description
	PC, SP      int

	// OnTheWay is called at each breakpoint in a function of the kernel that is called.
	OnTheWay func()

	numbers []int // the processor's numbers of the description's registers
	scratch [64]byte

	// The task list, valid while fresh.
	tasks    []introspect.Task
	place    map[int32]int // in tasks, by number
	tasksErr error
	fresh    bool

	current struct { // the task that was found at a moment with this stack
		at       control.Moment
		sp, task uint64
	}

	profile    *introspect.Profile // what the kernel calls things; nil without OS
	callReturn uint64              // where functions of the kernel that are called return to
}

// New looks at the guest that c controls. image may be nil, and noImage says why then.
func New(c *control.Control, image *introspect.Image, noImage error) (*Guest, error) {
	g := &Guest{Control: c, OnTheWay: func() {}}
	return g, g.Learn(image, noImage)
}

// Learn takes the machine's architecture and the image of its kernel for what they are now.
func (g *Guest) Learn(image *introspect.Image, noImage error) error {
	g.Image, g.OS, g.profile, g.NoTasks = image, nil, nil, noImage
	g.Forget()
	if err := g.describe(); err != nil {
		return err
	}
	switch {
	case image != nil:
		os, err := introspect.New(image, g)
		if g.NoTasks = err; err == nil {
			g.OS, g.profile = os, os.Profile
			g.callReturn, _ = image.Symbol(os.Profile.ReturnPoint)
		}
	case noImage == nil:
		g.NoTasks = errors.New("there is no image of the kernel")
	}
	return nil
}

// Forget drops what was read of the guest, because it may have changed.
func (g *Guest) Forget() {
	g.fresh = false
	g.current.task = 0
	g.tasks = g.tasks[:0]
	g.tasksErr = nil
}

// CPU is the processor.
func (g *Guest) CPU() cpu.View { return g.Control.CPU() }

// Arch is its architecture.
func (g *Guest) Arch() *arch.Arch { return g.Control.Arch() }

// Panic is where the kernel ends that cannot go on, if that is known.
func (g *Guest) Panic() (uint64, bool) {
	if g.profile == nil {
		return 0, false
	}
	return g.Image.Symbol(g.profile.Panic)
}
