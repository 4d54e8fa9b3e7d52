package debug

import "forkscope/machine/debug/guestfs"

// FileTree is a read-only file system in memory, and TreeFile a file of one.
type (
	FileTree = guestfs.Tree
	TreeFile = guestfs.File
)

// inferiors implements guestfs.Inferiors.
type inferiors struct{ *Debugger }

// Process is the guest's process that an inferior is; for the kernel's it is the one that the CPU executes.
func (d inferiors) Process(pid int) (process int, isKernel bool) {
	if pid == 0 {
		pid = threads(d).Current().PID
	}
	if d.view != KernelView && pid != KernelPID {
		return pid, false
	}
	addr, err := d.guest.CurrentTask()
	if err != nil {
		return 0, true
	}
	t, err := d.guest.OS.Task(addr)
	if err != nil {
		return 0, true
	}
	return int(t.TGID), true
}

// Traced says that a debugger holds a process.
func (d inferiors) Traced(process int) bool { return d.ofProcess(process) }
