package debug

import (
	"forkscope/gdbstub"
	"forkscope/machine/debug/guestfs"
	"forkscope/machine/debug/osdata"
)

// FileTree is a read-only file system in memory, and TreeFile a file of one.
type (
	FileTree = guestfs.Tree
	TreeFile = guestfs.File
)

// inferiors implements guestfs.Inferiors.
type inferiors struct{ d *Debugger }

func (i inferiors) Process(pid int) (process int, kernel bool) {
	d := i.d
	if pid == 0 {
		pid = d.Current().PID
	}
	if d.view != KernelView && pid != KernelPID {
		return pid, false
	}
	task, err := d.currentTask()
	if err != nil {
		return 0, true
	}
	t, err := d.kernel.Task(task)
	if err != nil {
		return 0, true
	}
	return int(t.TGID), true
}

func (i inferiors) Traced(process int) bool { return i.d.isProcess(process) }

// OSTables implements gdbstub.OSData.
func (d *Debugger) OSTables() []gdbstub.OSTable { return osdata.Tables{Kernel: d.kernel}.OSTables() }

// OSData implements gdbstub.OSData.
func (d *Debugger) OSData(name string) (gdbstub.OSTable, error) {
	return osdata.Tables{Kernel: d.kernel}.OSData(name)
}
