package process

import (
	"context"
	"errors"

	"forkscope/kernel/introspect"
	"forkscope/machine/debug/control"
	"forkscope/machine/debug/guest"
)

// errands are what the view lets the guest do for its own purposes.
type errands struct {
	*scene
	regs *registers
}

// calm says whether a function of the kernel can be called where the guest is.
func (e *errands) calm() bool { return e.guest.Calm() || e.hooks.here(e.guest.CPU().PC()) }

// settle runs the guest, with no program of a debugged process making progress, until the kernel has nothing half done: to user mode, to
// where it idles, or to a hook.
func (e *errands) settle() error {
	const most = 50_000_000
	for range most {
		if e.calm() {
			return nil
		}
		e.control.PassNext(true, false) // a breakpoint on the way is not what is waited for
		if err := e.run(1); err != nil {
			return err
		}
	}
	return guest.ErrBusy
}

// leaveKernel brings the guest to where the kernel can be called.
func (e *errands) leaveKernel() error {
	if e.calm() {
		return nil
	}
	if e.kernel.Rests() {
		return guest.ErrBusy
	}
	return e.frozen(e.settle)
}

// frozen does something that lets the guest run, with no debugged thread making progress.
func (e *errands) frozen(do func() error) error {
	var ran []*thread
	e.set.each(func(t *thread) {
		if t.running {
			ran = append(ran, t)
		}
		t.running = false
	})
	err := do()
	for _, t := range ran {
		t.running = true
		showSignals(e.scene, t)
	}
	return err
}

// run lets the guest go for so many instructions, and the time that many take, for a purpose of its own: a stop on the way is passed. It fails when the guest ends.
func (e *errands) run(counts uint64) error {
	if e.ctx.Err() != nil {
		return context.Cause(e.ctx)
	}
	if _, stopped := e.control.Run(context.Background(), control.Until{Time: e.control.After(counts)}); stopped {
		e.control.PassNext(true, true)
	}
	if words, over := e.kernel.Over(); over {
		return errors.New(words)
	}
	return nil
}

// send queues a signal for a thread. Where the debugger was shown the kernel in the middle of something, the guest stays there, and it fails.
func (e *errands) send(t *thread, s *signal) error {
	info := s.info
	if len(info) == 0 {
		info = newSiginfo(s.number)
	}
	if err := e.leaveKernel(); err != nil {
		return err
	}
	seen := e.hooks.handled == e.control.Moment()
	err := e.guest.SendSignal(t.task, s.number, info)
	if seen {
		e.hooks.handled = e.control.Moment() // time has passed, but not for what was interrupted
	}
	if err != nil {
		return err
	}
	return e.guest.Nudge()
}

// judgeRouser makes sure that a signal that is sent to wake a thread is queued, though the program may ignore it.
func (e *errands) judgeRouser() {
	if e.hooks.at[e.guest.CPU().PC()] != introspect.HookSignalJudged {
		return
	}
	call := e.guest.Frame()
	task, sig, err := e.guest.OS.Judged(call)
	if t := e.set.byTask[task]; err == nil && t != nil && sig == t.signals.rouse {
		_ = e.guest.Answer(call, 0)
	}
}
