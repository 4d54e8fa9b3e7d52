package debug

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

const pageMask = 1<<12 - 1

// space is the page-table root of a thread: its own mm's, or the CPU's for the task on it and for kernel threads.
func (d *Debugger) space(id gdbstub.ThreadID) (cpu.Space, error) {
	if d.kernel == nil || id == d.onCPU() {
		return d.cpu.Space(), nil
	}
	t, err := d.find(id)
	if err != nil {
		return 0, err
	}
	root, err := d.kernel.PageTable(t)
	if err != nil {
		return 0, err
	}
	if root == 0 {
		return d.cpu.Space(), nil
	}
	pa, ok := d.cpu.Translate(d.cpu.Space(), root)
	if !ok {
		return 0, fmt.Errorf("%w: the page tables of task %d at %#x", gdbstub.ErrFault, t.PID, root)
	}
	return cpu.Space(pa), nil
}

// translate finds the physical address that va has in space. Addresses of the kernel image are found where the image is
// loaded while paging is off, and its boot code, which runs before paging, also after.
func (d *Debugger) translate(space cpu.Space, va uint64) (uint64, bool) {
	if d.cpu.Paging() {
		if pa, ok := d.cpu.Translate(space, va); ok {
			return pa, true
		}
	}
	if d.image != nil {
		if pa, ok := d.image.LoadAddress(va); ok {
			return pa, true
		}
	}
	if d.cpu.Paging() {
		return 0, false
	}
	return va, true
}

// transfer walks the pages of [va, va+len(p)) and hands each piece that is in RAM to copy.
func (d *Debugger) transfer(space cpu.Space, va uint64, p []byte, copy func(pa uint64, p []byte) int) (int, error) {
	ram := d.machine.RAM()
	done := 0
	for done < len(p) {
		pa, ok := d.translate(space, va)
		n := min(len(p)-done, int(pageMask+1-va&pageMask))
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

// ReadMemory implements gdbstub.Memory: memory as the selected task sees it. Devices are not memory: reading one could
// change it.
func (d *Debugger) ReadMemory(id gdbstub.ThreadID, addr uint64, dst []byte) (int, error) {
	if t := d.thread(id); t != nil {
		return d.readUser(t, addr, dst)
	}
	space, err := d.space(id)
	if err != nil {
		return 0, err
	}
	return d.transfer(space, addr, dst, d.machine.RAM().Read)
}

// WriteMemory implements gdbstub.Memory. Like the kernel's own access by ptrace it heeds no write protection, but it
// does not break copy on write: a page shared by parent and child changes in both.
func (d *Debugger) WriteMemory(id gdbstub.ThreadID, addr uint64, src []byte) (int, error) {
	if t := d.thread(id); t != nil {
		d.forget()
		return d.writeUser(t, addr, src)
	}
	space, err := d.space(id)
	if err != nil {
		return 0, err
	}
	d.forget()
	return d.transfer(space, addr, src, d.machine.WriteMemory)
}

// ReadPhysical implements gdbstub.PhysicalMemory.
func (d *Debugger) ReadPhysical(addr uint64, dst []byte) (int, error) {
	n := d.machine.RAM().Read(addr, dst)
	if n == 0 && len(dst) > 0 {
		return 0, fmt.Errorf("%w: no RAM at physical address %#x", gdbstub.ErrFault, addr)
	}
	return n, nil
}

// WritePhysical implements gdbstub.PhysicalMemory.
func (d *Debugger) WritePhysical(addr uint64, src []byte) (int, error) {
	d.forget()
	n := d.machine.WriteMemory(addr, src)
	if n == 0 && len(src) > 0 {
		return 0, fmt.Errorf("%w: no RAM at physical address %#x", gdbstub.ErrFault, addr)
	}
	return n, nil
}

// kernelMemory is how the task list is read: through the page tables in use, or as loaded before paging is on.
type kernelMemory struct{ d *Debugger }

func (m kernelMemory) ReadMemory(va uint64, p []byte) error {
	n, err := m.d.transfer(m.d.cpu.Space(), va, p, m.d.machine.RAM().Read)
	if err == nil && n < len(p) {
		err = fmt.Errorf("%w at %#x", gdbstub.ErrFault, va+uint64(n))
	}
	return err
}
