package process

import (
	"context"
	"slices"

	"forkscope/gdbstub"
	"forkscope/machine/debug/control"
)

// A debugger that changes the registers of a thread asleep in a system call, as it does to call a function in the program, means the thread
// to leave the call. Linux itself leaves it when a debugger stops the thread, and makes the call again afterwards. Here that happens at
// the first change; as long as a debugger only looks, nothing is disturbed.

// roused remembers a thread that was taken out of a system call.
type roused struct {
	// shown are the registers as they were when the thread was asleep, which a debugger may put back.
	shown []userValue
	// actual are those of them that the kernel has left differently: with these it makes the call again, or finds it interrupted.
	actual []userValue
	// restored: it has been given actual back, and has perhaps not gone on yet.
	restored bool
}

// values are the registers that it goes on with.
func (r *roused) values() []userValue {
	list := slices.Clone(r.shown)
	for i, u := range list {
		for _, a := range r.actual {
			if a.reg == u.reg {
				list[i] = a
			}
		}
	}
	return list
}

func same(a, b []userValue) bool {
	return slices.EqualFunc(a, b, func(x, y userValue) bool { return x.reg == y.reg && string(x.value) == string(y.value) })
}

type userValue struct {
	reg   int
	value []byte
}

// taskInterruptible is TASK_INTERRUPTIBLE, the state of a sleeper that signals wake (Linux's linux/sched.h).
const taskInterruptible = 1

// rousers are signals that wake a thread, and are taken from it before they do anything else: those that do nothing to most programs,
// and at last one that none can block.
var rousers = []int{23, 28, 17, 18, 19} // SIGURG, SIGWINCH, SIGCHLD, SIGCONT, SIGSTOP

// rouser is one that a thread does not block.
func (s *scene) rouser(t *thread) (int, error) {
	task, err := s.task(t)
	if err != nil {
		return 0, err
	}
	blocked, err := s.guest.OS.Blocked(&task)
	if err != nil {
		return 0, err
	}
	for _, n := range rousers {
		if !blocked.Has(n) {
			return n, nil
		}
	}
	return rousers[len(rousers)-1], nil
}

// rouse takes a sleeping thread out of its system call. Its registers stay as they were shown.
func (e *errands) rouse(t *thread) error {
	task, err := e.task(t)
	if err != nil || task.State != taskInterruptible || task.ExitState != 0 {
		return err
	}
	shown, err := e.regs.values(t)
	if err != nil {
		return err
	}
	if t.signals.rouse, err = e.rouser(t); err != nil {
		return err
	}
	defer func() { t.signals.rouse = 0 }()
	if err := e.send(t, &signal{number: t.signals.rouse}); err != nil {
		return err
	}
	if err := e.comeBack(t); err != nil {
		return err
	}
	now, err := e.regs.values(t)
	if err != nil {
		return err
	}
	r := &roused{shown: shown}
	for i, u := range now {
		if string(u.value) != string(shown[i].value) && e.regs.numbers[u.reg] >= 0 {
			r.actual = append(r.actual, u)
			if err := e.control.WriteRegister(e.regs.numbers[u.reg], shown[i].value); err != nil {
				return err
			}
		}
	}
	t.roused = r
	return nil
}

// sleepOn gives a thread that was roused, and has the registers again that it was shown with, those with which it goes on as if nothing had
// been. With a signal it is to be asleep when that comes.
func (e *errands) sleepOn(t *thread, signal bool) error {
	r := t.roused
	if r == nil {
		return nil
	}
	now, err := e.regs.values(t)
	if err != nil {
		return err
	}
	switch {
	case r.restored && signal && same(now, r.values()):
		t.roused = nil
		return e.sleepAgain(t)
	case r.restored:
		return nil
	case !same(now, r.shown):
		return nil
	}
	for _, u := range r.actual {
		if err := e.regs.write(t, u.reg, u.value); err != nil {
			return err
		}
	}
	if r.restored = true; signal {
		t.roused = nil
		return e.sleepAgain(t)
	}
	return nil
}

// sleepAgain lets a thread make the call again that it was roused from, so that a signal finds it there: many calls end with EINTR then, and
// are not made once more.
func (e *errands) sleepAgain(t *thread) error {
	return e.frozen(func() error {
		t.running, t.action = true, gdbstub.ThreadAction{Thread: t.id, Action: gdbstub.ActionStep}
		t.step = step{}
		defer func() { t.running = false }()
		for end := e.control.After(errandLimit); e.control.Now() < end; {
			// Instruction by instruction: when it sleeps the guest may idle, and nothing comes that would end a longer run.
			n := uint64(1)
			if !e.guest.CPU().Privileged() && !e.inUserMode(t) {
				n = guestMoment // another one, which is held, has the CPU
			}
			if _, stopped := e.control.Run(context.Background(), control.Until{Time: e.control.After(n)}); stopped {
				return nil // the call did not wait any more
			}
			if task, err := e.task(t); err != nil || task.State != 0 {
				return err
			}
		}
		return nil
	})
}
