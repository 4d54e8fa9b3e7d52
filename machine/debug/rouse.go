package debug

import (
	"context"
	"fmt"

	"forkscope/gdbstub"
)

// A debugger that changes the registers of a thread asleep in a system call, as it does to call a function in the program,
// means the thread to leave the call. Linux itself leaves it when a debugger stops the thread, and makes the call again
// afterwards. Here that happens at the first change; as long as a debugger only looks, nothing is disturbed.

// roused remembers a thread that was taken out of a system call.
type roused struct {
	// shown are the registers as they were when the thread was asleep, which a debugger may put back.
	shown []userValue
	// actual are those of them that the kernel has left differently: with these it makes the call again, or finds it
	// interrupted.
	actual []userValue
}

type userValue struct {
	reg   int
	value []byte
}

// taskInterruptible is TASK_INTERRUPTIBLE, the state of a sleeper that signals wake (Linux's linux/sched.h).
const taskInterruptible = 1

// rouseLimit bounds how long a thread may take to leave a system call, in instructions and the time that many take.
const rouseLimit = 1_000_000_000

// rouse takes a sleeping thread out of its system call. Its registers stay as they were shown.
func (d *Debugger) rouse(t *thread) error {
	task, err := d.task(t)
	if err != nil || task.State != taskInterruptible || task.ExitState != 0 {
		return err
	}
	shown, err := d.userValues(t)
	if err != nil {
		return err
	}
	if _, err := d.callKernel("signal_wake_up", t.task, 0); err != nil {
		return err
	}
	if err := d.wake(); err != nil {
		return err
	}
	t.rousing = true
	defer func() { t.rousing = false }()
	const slice = 1000
	for end := d.machine.Clock().After(rouseLimit); !d.inUserMode(t); {
		if d.config.Context.Err() != nil {
			return context.Cause(d.config.Context)
		}
		if d.run(context.Background(), d.machine.Clock().After(slice), nil); d.ended != nil || d.machine.Clock().Now() >= end {
			return fmt.Errorf("%w: thread %d does not leave its system call", gdbstub.ErrUnavailable, t.id.TID)
		}
	}
	now, err := d.userValues(t)
	if err != nil {
		return err
	}
	r := &roused{shown: shown}
	for i, v := range now {
		if string(v.value) != string(shown[i].value) && d.user.numbers[v.reg] >= 0 {
			r.actual = append(r.actual, v)
			if err := d.machine.WriteRegister(d.user.numbers[v.reg], shown[i].value); err != nil {
				return err
			}
		}
	}
	t.roused = r
	return nil
}

// sleepOn gives a thread that was roused, and has the registers again that it was shown with, those with which it goes on
// as if nothing had been.
func (d *Debugger) sleepOn(t *thread) error {
	r := t.roused
	if r == nil {
		return nil
	}
	now, err := d.userValues(t)
	if err != nil {
		return err
	}
	for i, v := range now {
		if string(v.value) != string(r.shown[i].value) {
			return nil
		}
	}
	t.roused = nil
	for _, v := range r.actual {
		if err := d.writeUserRegister(t, v.reg, v.value); err != nil {
			return err
		}
	}
	return nil
}

// userValues reads the general registers of a thread.
func (d *Debugger) userValues(t *thread) ([]userValue, error) {
	f := d.user.description.NewRegisterFile()
	if err := d.readUserRegisters(t, f); err != nil {
		return nil, err
	}
	var list []userValue
	for i, n := range d.user.numbers {
		if n >= 0 && !d.user.fp[i] && f.Known(i) {
			list = append(list, userValue{i, append([]byte(nil), f.Bytes(i)...)})
		}
	}
	return list, nil
}
