package debug

import (
	"errors"
	"fmt"

	"forkscope/machine"
)

const (
	// callRoom is left below the kernel's stack pointer for the data that arguments point to, in bytes.
	callRoom = 1024
	// callLimit bounds a call of a kernel function, in instructions: all that are called take some thousand.
	callLimit = 50_000_000
)

var errBusy = errors.New("the kernel is in the middle of something; let it go on to where a program runs, and try again")

// callKernel borrows the CPU for a call of one of the kernel's functions, and gives it back as it was. An argument is a number
// or bytes, which are put on the stack and passed by their address. Interrupts are held off meanwhile; time passes.
//
// The CPU is in user mode, idle, or at one of our own places in the kernel (see probes): elsewhere the kernel may be
// changing what the function needs.
func (d *Debugger) callKernel(function string, args ...any) (result uint64, err error) {
	if err := d.leaveKernel(); err != nil {
		return 0, err
	}
	d.machine.Borrow()
	saved := d.orders
	seen := d.handled == d.moment()
	defer func() {
		defer func() {
			if seen {
				d.handled = d.moment() // time has passed, but not for what was interrupted
			}
		}()
		d.machine.GiveBack()
		d.orders = saved
	}()
	d.machine.EnterKernel()
	sp := littleEndian(d.register(d.sp)) - callRoom
	numbers := make([]uint64, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case uint64:
			numbers[i] = a
		case int:
			numbers[i] = uint64(a)
		case []byte:
			sp = (sp - uint64(len(a))) &^ 15
			if err := d.writeKernel(sp, a); err != nil {
				return 0, err
			}
			numbers[i] = sp
		default:
			panic(fmt.Sprintf("BUG: argument of type %T for %s", a, function))
		}
	}
	call, err := d.kernel.Call(function, sp, d.callReturn, numbers...)
	if err != nil {
		return 0, err
	}
	if err := d.writeKernel(call.SP, call.Stack); err != nil {
		return 0, err
	}
	for _, r := range call.Registers {
		if err := d.setRegister(r.Register, r.Value); err != nil {
			return 0, err
		}
	}
	if reg := d.description.Index("eflags"); reg >= 0 {
		// A program may have left the direction flag set; the kernel's entry clears it, and functions rely on that.
		const direction = 1 << 10
		if err := d.setRegister("eflags", littleEndian(d.register(reg))&^direction); err != nil {
			return 0, err
		}
	}
	d.orders.AtUser, d.orders.Park, d.orders.Syscalls, d.orders.Pass, d.orders.PassWatch = false, false, nil, false, false
	d.orders.Hold, d.orders.AtException, d.orders.Outside = true, false, nil
	d.addBreak(d.callReturn)
	defer d.dropBreak(d.callReturn)
	end := d.machine.Clock().After(callLimit)
	for {
		s := d.goOn(end)
		switch {
		case s.Reason == machine.Break && d.cpu.PC() == d.callReturn:
			return d.kernel.CallFrame(d.registerByName).Result(), nil
		case s.Reason == machine.Break, s.Reason == machine.Watch && d.watchesBefore:
			d.orders.Pass, d.orders.PassWatch = true, s.Reason == machine.Watch
		case s.Reason == machine.Watch:
		case s.Reason == machine.Requested:
			defer d.machine.RequestStop() // whoever wants a stop gets it when the guest goes on
		default:
			return 0, fmt.Errorf("the kernel's %s did not return: %s", function, s.Message)
		}
	}
}

// leaveKernel brings the guest to where the kernel can be called. Where the debugger was shown the kernel in the middle of
// something, the guest stays there, and it fails.
func (d *Debugger) leaveKernel() error {
	if d.calm() {
		return nil
	}
	if d.reported.valid {
		return errBusy
	}
	var ran []*thread
	d.eachThread(func(t *thread) {
		if t.running {
			ran = append(ran, t)
		}
		t.running = false
	})
	err := d.settle()
	for _, t := range ran {
		t.running = true
	}
	return err
}

// calm says whether the kernel has nothing half done.
func (d *Debugger) calm() bool { return !d.cpu.Privileged() || d.cpu.Halted() || d.atProbe() }

// callSymbol is where the kernel functions that are called return to: never executed after the kernel has booted.
const callSymbol = "start_kernel"

// wake makes the task on the CPU look at what a call has left to do, such as a signal or a task to switch to: in user mode it
// enters the kernel, and when idle it stops waiting.
func (d *Debugger) wake() error {
	if !d.cpu.Privileged() {
		d.machine.EnterKernel()
		return nil
	}
	if d.cpu.Halted() {
		return d.machine.WriteRegister(d.numbers[d.pc], append([]byte(nil), d.register(d.pc)...))
	}
	return nil
}

// registerByName reads a register of the CPU.
func (d *Debugger) registerByName(name string) uint64 {
	reg := d.description.Index(name)
	if reg < 0 {
		return 0
	}
	return littleEndian(d.register(reg))
}

// setRegister writes a register of the CPU.
func (d *Debugger) setRegister(name string, v uint64) error {
	reg := d.description.Index(name)
	if reg < 0 {
		return fmt.Errorf("BUG: there is no register %s", name)
	}
	b := make([]byte, d.description.Registers()[reg].Bits/8)
	for i := range b {
		b[i] = byte(v)
		v >>= 8
	}
	return d.machine.WriteRegister(d.numbers[reg], b)
}

// setResult makes the function that has just returned have returned v.
func (d *Debugger) setResult(v uint64) error {
	if d.machine.Arch() == machine.ARM64 {
		return d.setRegister("x0", v)
	}
	return d.setRegister("eax", v)
}
