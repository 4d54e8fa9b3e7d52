package guest

import (
	"fmt"

	"forkscope/kernel/introspect"
	"forkscope/machine"
)

const (
	// callRoom is left below the kernel's stack pointer for the data that arguments point to, in bytes.
	callRoom = 1024
	// callLimit bounds a call of a kernel function, in instructions: all that are called take some thousand.
	callLimit = 50_000_000
)

// Calm says whether the kernel has nothing half done: a program runs, the CPU idles.
func (g *Guest) Calm() bool { return !g.CPU().Privileged() || g.CPU().Halted() }

// SendSignal queues a signal for a task, by the guest's number and with its siginfo_t.
func (g *Guest) SendSignal(task uint64, number int, info []byte) error {
	_, err := g.call(g.profile.SendSignal, number, info, task)
	return err
}

// call borrows the CPU for a call of one of the kernel's functions, and gives it back as it was. An argument is a number or bytes, which
// are put on the stack and passed by their address. Interrupts are held off meanwhile; time passes.
//
// Only what takes no lock that its holder may sleep with is called, and only where no such lock can be held: in user mode, idle, or at
// a place of which the caller knows that nothing is half done there.
func (g *Guest) call(function string, args ...any) (result uint64, err error) {
	defer g.Control.Borrow()()
	g.Control.EnterKernel()
	if err := g.prepare(function, args); err != nil {
		return 0, err
	}
	g.Control.Breaks.Hold(g.callReturn)
	defer g.Control.Breaks.Release(g.callReturn)
	s := g.Control.Until(g.callReturn, callLimit, g.OnTheWay)
	if s.Reason != machine.Break {
		return 0, fmt.Errorf("the kernel's %s did not return: %s", function, s.Message())
	}
	return g.Frame().Result(), nil
}

// prepare puts the arguments where the function finds them, and makes its first instruction the next.
func (g *Guest) prepare(function string, args []any) error {
	sp := g.StackPointer() - callRoom
	numbers := make([]uint64, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case uint64:
			numbers[i] = a
		case int:
			numbers[i] = uint64(a)
		case []byte:
			sp = (sp - uint64(len(a))) &^ 15
			if err := g.WriteMemory(sp, a); err != nil {
				return err
			}
			numbers[i] = sp
		default:
			panic(fmt.Sprintf("BUG: argument of type %T for %s", a, function))
		}
	}
	call, err := g.OS.Call(function, sp, g.callReturn, numbers...)
	if err != nil {
		return err
	}
	if err := g.WriteMemory(call.SP, call.Stack); err != nil {
		return err
	}
	for _, r := range call.Registers {
		if err := g.SetValue(r.Register, r.Value); err != nil {
			return err
		}
	}
	if f := &g.Arch().Function; f.Flags != "" {
		// A program may have left flags set that the kernel's entry clears, and that functions rely on.
		return g.SetValue(f.Flags, g.Value(f.Flags)&^f.Clear)
	}
	return nil
}

// Answer makes the kernel function whose first instruction is next return v at once.
func (g *Guest) Answer(call introspect.CallFrame, v uint64) error {
	ret, err := call.Return()
	if err != nil {
		return err
	}
	if err := g.SetResult(v); err != nil {
		return err
	}
	if err := g.SetValue(g.RegisterName(g.SP), call.SP()); err != nil {
		return err
	}
	return g.SetValue(g.RegisterName(g.PC), ret)
}

// Nudge makes the task on the CPU look at what a call has left to do, such as a signal or a task to switch to: in user mode it enters the
// kernel, and when idle it stops waiting.
func (g *Guest) Nudge() error {
	if !g.CPU().Privileged() {
		g.Control.EnterKernel()
		return nil
	}
	if g.CPU().Halted() {
		return g.SetRegister(g.PC, append([]byte(nil), g.Register(g.PC)...))
	}
	return nil
}
