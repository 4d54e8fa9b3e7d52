package kernel

import (
	"fmt"

	"forkscope/gdbstub"
)

// Hint says once for each program how the debugger gets its symbols, when it stops in one that it has not read: without them it cannot
// unwind user stacks.
func (v *View) Hint() string {
	if v.guest.OS == nil || v.guest.CPU().Privileged() {
		return ""
	}
	task, err := v.guest.CurrentTask()
	if err != nil {
		return ""
	}
	name, err := v.guest.OS.Program(task)
	if err != nil || v.hinted[name] || printable(name) != name || v.known.Read(name) || !v.known.Has(name) {
		return ""
	}
	v.hinted[name] = true
	return fmt.Sprintf("In the program %s, whose symbols can be had by: add-symbol-file target:/bin/%s\n", name, name)
}

// NotAlone says once that scheduler-locking does not hold for the kernel's tasks.
func (v *View) NotAlone(plan *gdbstub.Plan) string {
	if v.saidAlone || !v.Steps.Alone(plan) {
		return ""
	}
	v.saidAlone = true
	return "Other tasks ran too: scheduler-locking has no power over the guest's own scheduler.\n"
}

// NonStop is the view in non-stop mode.
type NonStop struct{ View *View }

// Start resumes or stops the kernel in non-stop mode, if the plan covers the task on the CPU.
func (n NonStop) Start(plan *gdbstub.Plan) {
	if !n.View.shown {
		return
	}
	for _, a := range plan.Actions {
		if a.Thread.Covers(n.View.OnCPU()) {
			n.View.Resumed = a.Action != gdbstub.ActionStop
			n.View.asked = a.Action == gdbstub.ActionStop
			return
		}
	}
}

// Ask stops the kernel, if it runs, which is then to be reported (non-stop).
func (n NonStop) Ask() {
	if n.View.Resumed {
		n.View.Resumed, n.View.asked = false, true
	}
}

// InMotion says whether the kernel runs, or has a stop that has not been reported.
func (n NonStop) InMotion() bool { return n.View.Resumed || n.View.asked }

// Asked takes the stop that was asked for.
func (n NonStop) Asked() (gdbstub.Stop, bool) {
	if !n.View.asked {
		return gdbstub.Stop{}, false
	}
	n.View.asked = false
	return n.View.Report(gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: n.View.OnCPU()}), true
}
