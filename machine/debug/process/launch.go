package process

import (
	"context"
	"fmt"
	"strings"

	"forkscope/gdbstub"
	"forkscope/machine/debug/control"
)

// Launch lets the guest run until a process executes the program at path, at its first instruction.
func (v *View) Launch(ctx context.Context, path string) (gdbstub.Stop, error) {
	release := context.AfterFunc(ctx, v.scene.control.Machine().RequestStop)
	defer release()
	l := &launch{path: path}
	v.party.launch = l
	v.scene.set.calls = nil
	defer func() {
		v.party.launch = nil
		v.scene.guest.Forget()
	}()
	for l.done == nil {
		if _, stopped := v.scene.control.Run(ctx, control.Forever()); !stopped || l.done != nil {
			continue
		}
		if words, over := v.scene.kernel.Over(); over {
			return gdbstub.Stop{}, fmt.Errorf("%s cannot be executed: %s", path, strings.TrimSpace(words))
		}
		if ctx.Err() != nil {
			return gdbstub.Stop{}, context.Cause(ctx)
		}
	}
	v.scene.notify(Event{Kind: Created, PID: l.done.pid})
	return v.scene.report(l.done.threads[0], gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGTRAP}), nil
}

// AttachLiving begins to debug the oldest process that lives, but for init and those that still execute its program, if none is debugged:
// the program's own, or what is left of it. (It is one, since gdb reads a single description of registers when it connects.) It says
// whether there is one.
func (v *View) AttachLiving() (bool, error) {
	v.scene.guest.Forget()
	var initial string
	tasks, _ := v.scene.guest.Tasks()
	for i := range tasks {
		t := &tasks[i]
		if !living(t) {
			continue
		}
		path, err := v.scene.guest.OS.ExePath(t)
		if t.PID == 1 {
			initial = path
		}
		if err != nil || path == initial {
			continue
		}
		p, err := v.scene.adopt(int(t.TGID), true)
		if err == nil {
			v.scene.last = p.threads[0].id
		}
		return true, err
	}
	return false, nil
}
