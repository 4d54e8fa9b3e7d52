package guest

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

const pageSize = 1 << 12

// Translate finds the physical address that va has in space. Addresses of the kernel image are found where the image is loaded while
// paging is off, and its boot code, which runs before paging, also after.
func (g *Guest) Translate(space cpu.Space, va uint64) (uint64, bool) {
	if g.CPU().Paging() {
		if pa, ok := g.CPU().Translate(space, va); ok {
			return pa, true
		}
	}
	if g.Image != nil {
		if pa, ok := g.Image.LoadAddress(va); ok {
			return pa, true
		}
	}
	if g.CPU().Paging() {
		return 0, false
	}
	return va, true
}

// Read reads what is in RAM of [va, va+len(p)), as seen in space, up to the first page that is not.
func (g *Guest) Read(space cpu.Space, va uint64, p []byte) (int, error) {
	return g.transfer(space, va, p, g.Control.Machine().RAM().Read)
}

// Write is Read's counterpart. It heeds no protection, and does not break copy on write.
func (g *Guest) Write(space cpu.Space, va uint64, p []byte) (int, error) {
	g.current.task = 0
	return g.transfer(space, va, p, g.Control.WriteRAM)
}

// transfer hands each piece of the pages of [va, va+len(p)) that is in RAM to copy.
func (g *Guest) transfer(space cpu.Space, va uint64, p []byte, copy func(pa uint64, p []byte) int) (int, error) {
	ram := g.Control.Machine().RAM()
	done := 0
	for done < len(p) {
		pa, ok := g.Translate(space, va)
		n := min(len(p)-done, int(pageSize-va%pageSize))
		if !ok || !ram.Contains(pa, uint64(n)) {
			break
		}
		copy(pa, p[done:done+n])
		done += n
		va += uint64(n)
	}
	if done == 0 && len(p) > 0 {
		return 0, fmt.Errorf("%w at %#x", gdbstub.ErrFault, va)
	}
	return done, nil
}

// ReadMemory reads all of p as the processor would see it in kernel mode: what the task list is read by.
func (g *Guest) ReadMemory(va uint64, p []byte) error {
	n, err := g.Read(g.CPU().Space(), va, p)
	return whole(va, n, len(p), err)
}

// WriteMemory writes all of p as the processor would in kernel mode.
func (g *Guest) WriteMemory(va uint64, p []byte) error {
	n, err := g.Write(g.CPU().Space(), va, p)
	return whole(va, n, len(p), err)
}

func whole(va uint64, n, wanted int, err error) error {
	if err == nil && n < wanted {
		err = fmt.Errorf("%w at %#x", gdbstub.ErrFault, va+uint64(n))
	}
	return err
}

// InstructionAt reads the beginning of the instruction at va; it is shorter where memory ends.
func (g *Guest) InstructionAt(va uint64) []byte {
	b := g.scratch[:g.Arch().Code.Longest]
	n, err := g.Read(g.CPU().Space(), va, b)
	if err != nil {
		n = 0
	}
	return b[:n]
}

// LittleEndian is the number in b, of which the upper bytes beyond the eighth are lost.
func LittleEndian(b []byte) uint64 {
	var v uint64
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v
}

// ReadPhysical reads RAM by its physical address, and returns how many bytes there are.
func (g *Guest) ReadPhysical(pa uint64, p []byte) int { return g.Control.Machine().RAM().Read(pa, p) }

// WritePhysical is its counterpart.
func (g *Guest) WritePhysical(pa uint64, p []byte) int { return g.Control.WriteRAM(pa, p) }

// Number reads a number of some bytes for a breakpoint's condition, at an address as wide as the machine's pointers.
func (g *Guest) Number(va uint64, size int) (uint64, error) {
	b := g.scratch[:size]
	if err := g.ReadMemory(g.Arch().Pointer(va), b); err != nil {
		return 0, err
	}
	return LittleEndian(b), nil
}

// BreakStop is the stop at a code breakpoint that the debugger's program counter shows.
func BreakStop(b *gdbstub.Breakpoint) gdbstub.Stop {
	if b.Kind == gdbstub.HardwareBreakpoint {
		return gdbstub.Stop{Kind: gdbstub.StopHardwareBreakpoint}
	}
	return gdbstub.Stop{Kind: gdbstub.StopBreakpoint}
}
