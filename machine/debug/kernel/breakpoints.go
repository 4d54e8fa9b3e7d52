package kernel

import (
	"fmt"
	"slices"

	"forkscope/gdbstub"
	"forkscope/machine/debug/control"
	"forkscope/machine/debug/guest"
)

// A kernel's code is linked to addresses that only its page tables bring; until they do, the CPU executes it where it is loaded. So a
// breakpoint of the kernel's is looked for there, too.

// places says where breakpoints at user addresses hold.
type places struct {
	// anywhere: in every program, not only in those that the debugger reads.
	anywhere bool
}

// Insert adds a breakpoint or watchpoint of the kernel's debugger. It holds at its virtual address in every space.
func (v *View) Insert(b *gdbstub.Breakpoint) error {
	var also []uint64
	if at, ok := v.loadedAt(b.Address); ok {
		also = []uint64{at}
	}
	return v.control.Breaks.Insert(control.Kernel, b, also...)
}

// Remove takes one away.
func (v *View) Remove(b *gdbstub.Breakpoint) error { return v.control.Breaks.Remove(control.Kernel, b) }

// loadedAt is where the kernel's own bytes of va are loaded, if that is another address.
func (v *View) loadedAt(va uint64) (uint64, bool) {
	if v.guest.Image == nil {
		return 0, false
	}
	pa, ok := v.guest.Image.LoadAddress(va)
	return pa, ok && pa != va
}

// about reports whether the instruction at pc, which is next, is the one that the kernel's debugger knows by the address va.
func (v *View) about(va, pc uint64) bool {
	at, ok := v.loadedAt(va)
	return va == pc || ok && at == pc && v.runsLoaded(pc)
}

// runsLoaded reports whether the kernel's access to va is one to that physical address.
func (v *View) runsLoaded(va uint64) bool {
	cpu := v.guest.CPU()
	pa, ok := cpu.Translate(cpu.Space(), va)
	return cpu.Privileged() && ok && pa == va
}

// elsewhere says whether a breakpoint at a user address was reached in a program that it is not meant for: one whose file the debugger
// has not opened, while it has opened others. Programs share their addresses, so without this a breakpoint on one's main would stop
// somewhere inside of another.
func (v *View) elsewhere(va uint64) bool {
	if v.places.anywhere || v.guest.OS == nil || !v.known.Any() || !v.guest.OS.UserAddress(va) {
		return false
	}
	task, err := v.guest.CurrentTask()
	if err != nil {
		return false
	}
	name, err := v.guest.OS.Program(task)
	return err == nil && !v.known.Read(name)
}

// hitBreak says with which stop, if any, the breakpoints at the linear address pc end the run: conditions are tested here, in the
// target, so that a false one costs no round trip. Of several the one at the address that the debugger sees counts first.
func (v *View) hitBreak(pc uint64) (gdbstub.Stop, bool) {
	var first *gdbstub.Breakpoint
	for _, b := range v.control.Breaks.At(control.Kernel, pc) {
		if (first == nil || b.Address == v.guest.ShownPC()) && v.about(b.Address, pc) && !v.elsewhere(b.Address) && b.Hit(condition{v.guest}) {
			first = b
		}
	}
	if first == nil {
		return gdbstub.Stop{}, false
	}
	v.atBreak = true
	if v.guest.ShownPC() != first.Address {
		return gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGTRAP, Console: v.aboutPlace(first)}, true
	}
	return guest.BreakStop(first), true
}

// aboutPlace is what a debugger is told of a breakpoint that was reached where its program counter shows another address. Told of a
// breakpoint, gdb would look for it at the program counter, and go on where it finds none.
func (v *View) aboutPlace(b *gdbstub.Breakpoint) string {
	pc := v.guest.CPU().PC()
	if pc == b.Address {
		return fmt.Sprintf("Breakpoint at the linear address %#x.\n", pc)
	}
	text := fmt.Sprintf("Breakpoint at %#x, which the kernel executes at %#x until its page tables are in use.\n", b.Address, pc)
	if v.execFile != "" && !v.hinted[v.execFile] {
		v.hinted[v.execFile] = true
		text += fmt.Sprintf("Its symbols there can be had by: add-symbol-file target:%s -o %#x\n", v.execFile, pc-b.Address)
	}
	return text
}

// untold reports whether the CPU is at a breakpoint that the debugger cannot see to be there by its program counter.
func (v *View) untold() bool {
	pc := v.guest.CPU().PC()
	return slices.ContainsFunc(v.control.Breaks.At(control.Kernel, pc), func(b *gdbstub.Breakpoint) bool {
		return b.Address != v.guest.ShownPC() && v.about(b.Address, pc)
	})
}

// hitWatch says with which stop, if any, an access ends the run: with none when every watchpoint on it has a false condition.
func (v *View) hitWatch(e *control.Event) (stop gdbstub.Stop, hit bool) {
	v.control.Breaks.Watched(control.Kernel, e.Watch, func(b *gdbstub.Breakpoint, at uint64) bool {
		if at != b.Address && !v.runsLoaded(e.Addr) || v.elsewhere(b.Address) || !b.Hit(condition{v.guest}) {
			return false
		}
		stop, hit = gdbstub.Stop{Kind: control.WatchStop(b), Address: b.Address + e.Addr - e.Watch.Addr}, true
		return true
	})
	return stop, hit
}

// condition lets a breakpoint's condition look at the task on the CPU.
type condition struct{ guest *guest.Guest }

// AgentRegister implements gdbstub.AgentEnv.
func (c condition) AgentRegister(reg int) (uint64, error) {
	registers := c.guest.Description.Registers()
	if reg < 0 || reg >= len(registers) {
		return 0, fmt.Errorf("%w: register %d", gdbstub.ErrInvalid, reg)
	}
	if registers[reg].Bits > 64 {
		return 0, fmt.Errorf("%w: register %s in a condition", gdbstub.ErrInvalid, registers[reg].Name)
	}
	return guest.LittleEndian(c.guest.Register(reg)), nil
}

// AgentMemory implements gdbstub.AgentEnv.
func (c condition) AgentMemory(addr uint64, size int) (uint64, error) {
	return c.guest.Number(addr, size)
}
