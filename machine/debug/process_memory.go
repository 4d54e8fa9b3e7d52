package debug

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

// readUser reads memory as a thread of a process sees it. Pages that the program has not touched yet read as what it would
// find there; looking at them does not bring them in.
func (d *Debugger) readUser(t *thread, va uint64, p []byte) (int, error) {
	if !d.kernel.UserAddress(va) {
		return 0, fmt.Errorf("%w at %#x", gdbstub.ErrFault, va)
	}
	if d.inUserMode(t) {
		if n, err := d.transfer(d.cpu.Space(), va, p, d.machine.RAM().Read); n == len(p) && err == nil {
			return n, nil
		}
	}
	task, err := d.task(t)
	if err != nil {
		return 0, err
	}
	n, err := d.kernel.ReadUser(&task, func(root, va uint64) (uint64, bool) { return d.cpu.Translate(cpu.Space(root), va) }, va, p)
	if n == 0 && err != nil {
		return 0, fmt.Errorf("%w: %w", gdbstub.ErrFault, err)
	}
	return n, nil
}

// FOLL_WRITE and FOLL_FORCE of access_process_vm: pages are made the process's own, and write protection does not count.
const followWriteForce = 0x01 | 0x10

// maxWrite is how much one call of the kernel writes, in bytes: it lies on the kernel's stack meanwhile.
const maxWrite = 512

// writeUser writes memory of a process as the kernel itself does for a debugger: copy on write is broken, so that a
// parent or child that shares the page keeps its own, and a page of a program's file stays as it is for others.
func (d *Debugger) writeUser(t *thread, va uint64, p []byte) (int, error) {
	if !d.kernel.UserAddress(va) {
		return 0, fmt.Errorf("%w at %#x", gdbstub.ErrFault, va)
	}
	done := 0
	for done < len(p) {
		n := min(len(p)-done, maxWrite)
		wrote, err := d.callKernel("access_process_vm", t.task, va+uint64(done), p[done:done+n], uint64(n), uint64(followWriteForce))
		if err != nil {
			return done, err
		}
		if int(int32(wrote)) <= 0 {
			break
		}
		done += int(int32(wrote))
		if int(int32(wrote)) < n {
			break
		}
	}
	if done == 0 && len(p) > 0 {
		return 0, fmt.Errorf("%w at %#x", gdbstub.ErrFault, va)
	}
	return done, nil
}
