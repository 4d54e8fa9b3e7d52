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

// Start resumes or stops the kernel in non-stop mode, if the plan covers the task on the CPU.
func (v *View) Start(plan *gdbstub.Plan) {
	if !v.shown {
		return
	}
	for _, a := range plan.Actions {
		if a.Thread.Covers(v.OnCPU()) {
			v.Resumed = a.Action != gdbstub.ActionStop
			v.asked = a.Action == gdbstub.ActionStop
			return
		}
	}
}

// Ask stops the kernel, if it runs, which is then to be reported (non-stop).
func (v *View) Ask() {
	if v.Resumed {
		v.Resumed, v.asked = false, true
	}
}

// InMotion says whether the kernel runs, or has a stop that has not been reported.
func (v *View) InMotion() bool { return v.Resumed || v.asked }

// Asked takes the stop that was asked for.
func (v *View) Asked() (gdbstub.Stop, bool) {
	if !v.asked {
		return gdbstub.Stop{}, false
	}
	v.asked = false
	return v.Report(gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: v.OnCPU()}), true
}
