package debug

import (
	"strings"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
)

// Processes are followed at a few places in the kernel that every Linux has, by breakpoints of the emulator's, which the guest
// cannot see: where a new task is let run, where one ends, the call by which one takes a signal off its queue before
// anything is done about it, and where a signal that would do nothing, or would be the end, is treated before it is queued.
// They are set only while a process is debugged.

// probe looks at the kernel where it has just arrived, and may have something to report.
type probe func() (gdbstub.Stop, bool)

// findProbes looks up the places.
func (d *Debugger) findProbes() {
	d.probes = make(map[uint64]probe)
	for name, p := range map[string]probe{
		"wake_up_new_task": d.newTask,
		"do_exit":          d.taskEnds,
		"dequeue_signal":   d.signalSought,
		"sig_ignored":      d.signalJudged,
		"sig_fatal":        d.signalJudged,
	} {
		if va, ok := d.image.Symbol(name); ok {
			d.probes[va] = p
		}
	}
	d.callReturn, _ = d.image.Symbol(callSymbol)
}

// arm sets or takes away what processes are followed by.
func (d *Debugger) arm() {
	want := len(d.procs) > 0
	if want == d.armed || d.kernel == nil {
		return
	}
	d.armed = want
	for va := range d.probes {
		if want {
			d.addBreak(va)
		} else {
			d.dropBreak(va)
		}
	}
	d.handled = moment{}
	d.updateSyscalls()
}

// moment is a place in the guest's run.
type moment struct{ pc, now uint64 }

func (d *Debugger) moment() moment { return moment{d.cpu.PC(), d.machine.Clock().Now()} }

// atProbe says whether the CPU is at one of the places, where nothing in the kernel is half done.
func (d *Debugger) atProbe() bool { return d.armed && d.probes[d.cpu.PC()] != nil }

// visit is called when the CPU has arrived at a breakpoint in the kernel.
func (d *Debugger) visit() (gdbstub.Stop, bool) {
	p := d.probes[d.cpu.PC()]
	if !d.armed || p == nil || d.handled == d.moment() {
		return gdbstub.Stop{}, false
	}
	at := d.moment()
	stop, stopped := p()
	// Where a signal has been found the debugger has to decide first what becomes of it.
	if at == d.moment() && !(stopped && at.pc == d.signalTaken) {
		d.handled = at
	}
	return stop, stopped
}

// newTask is at the first instruction of wake_up_new_task: the task on the CPU has made another one, which has not run yet.
func (d *Debugger) newTask() (gdbstub.Stop, bool) {
	parent := d.threadOnCPU()
	if parent == nil {
		return gdbstub.Stop{}, false
	}
	addr, err := d.kernel.CallFrame(d.registerByName).Argument(0)
	if err != nil {
		return gdbstub.Stop{}, false
	}
	task, err := d.kernel.Task(addr)
	if err != nil {
		return gdbstub.Stop{}, false
	}
	d.forget()
	signal, err := d.kernelField(addr, "task_struct", "exit_signal")
	waits, _ := d.vforkDone(addr)
	// A task that shares no process but would not tell its parent by SIGCHLD of its end is one of the parent's threads to a
	// debugger under Linux, too.
	if int(task.TGID) == parent.proc.pid || err == nil && int32(signal) != linuxSIGCHLD && !waits {
		t := d.addThread(parent.proc, int(task.PID), addr)
		t.running, t.created = true, d.events.Threads
		t.action = gdbstub.ThreadAction{Thread: t.id, Action: gdbstub.ActionContinue}
		return gdbstub.Stop{}, false
	}
	kind := gdbstub.StopFork
	if waits {
		kind = gdbstub.StopVFork
	}
	if parent.proc.dying || waits && !d.events.VFork || !waits && !d.events.Fork {
		return gdbstub.Stop{}, false
	}
	parent.inCall = d.callNumber(parent)
	p := d.addProcess(int(task.TGID), task.MM, parent.proc.attached)
	p.catch = parent.proc.catch
	child := d.addThread(p, int(task.PID), addr)
	stop := gdbstub.Stop{Kind: kind, Child: child.id}
	if !waits {
		// Reported when the parent is back in user mode, where nothing of the call is left to be done.
		p.unborn = true
		parent.forked = append(parent.forked, stop)
		return gdbstub.Stop{}, false
	}
	parent.vforking = true
	return d.emit(parent, stop)
}

// vforkDone says whether the maker of a new task waits until that has its own memory.
func (d *Debugger) vforkDone(task uint64) (bool, error) {
	v, err := d.kernelField(task, "task_struct", "vfork_done")
	return v != 0, err
}

// kernelField reads a number in a structure of the kernel's.
func (d *Debugger) kernelField(addr uint64, typ, path string) (uint64, error) {
	f, err := d.image.Field(typ, path)
	if err != nil {
		return 0, err
	}
	var b [8]byte
	if err := (kernelMemory{d}).ReadMemory(addr+uint64(f.Offset), b[:f.Size]); err != nil {
		return 0, err
	}
	return littleEndian(b[:f.Size]), nil
}

// signalGroupExit is SIGNAL_GROUP_EXIT of signal_struct.flags (Linux's linux/sched/signal.h).
const signalGroupExit = 0x4

// taskEnds is at the first instruction of do_exit: the task on the CPU never runs in user mode again.
func (d *Debugger) taskEnds() (gdbstub.Stop, bool) {
	t := d.threadOnCPU()
	if t == nil {
		return gdbstub.Stop{}, false
	}
	arg, err := d.kernel.CallFrame(d.registerByName).Argument(0)
	if err != nil {
		return gdbstub.Stop{}, false
	}
	code := int64(int32(arg))
	p := t.proc
	d.forget()
	group, err := d.kernelField(t.task, "task_struct", "signal")
	together := false
	if err == nil && group != 0 {
		flags, _ := d.kernelField(group, "signal_struct", "flags")
		together = flags&signalGroupExit != 0
		if together {
			c, _ := d.kernelField(group, "signal_struct", "group_exit_code")
			code = int64(int32(c))
		}
	}
	if t.id.TID == p.pid {
		p.leaderCode = &code
	}
	d.dropUnborn(t)
	d.dropThread(t)
	if len(p.threads) == 0 {
		if !together && p.leaderCode != nil {
			code = *p.leaderCode
		}
		return d.processEnds(p, code, t.running)
	}
	stop := gdbstub.Stop{Kind: gdbstub.StopThreadExited, Thread: t.id, Code: int(code >> 8 & 0xff), Core: -1}
	switch {
	case p.dying:
		return gdbstub.Stop{}, false
	case d.events.Threads && t.running:
		return stop, true
	case d.events.NoResumed && !d.inMotion():
		return gdbstub.Stop{Kind: gdbstub.StopNoResumed, Core: -1}, true
	}
	return gdbstub.Stop{}, false
}

// processEnds is the end of a process's last thread. It is reported even if the debugger has not resumed it, since there is
// no thread left that it could wait for.
func (d *Debugger) processEnds(p *process, code int64, running bool) (gdbstub.Stop, bool) {
	stop := gdbstub.Stop{Kind: gdbstub.StopExited, Thread: gdbstub.ThreadID{PID: p.pid}, Code: int(code >> 8 & 0xff), Core: -1}
	event := Event{Kind: Exited, PID: p.pid, Code: stop.Code}
	if sig := int(code & 0x7f); sig != 0 {
		stop.Kind, stop.Signal, stop.Code = gdbstub.StopKilled, toDebugger(sig), 0
		event = Event{Kind: Killed, PID: p.pid, Signal: stop.Signal, Number: sig}
	}
	d.dropProcess(p)
	if p.dying {
		return gdbstub.Stop{}, false
	}
	d.notify(event)
	if !running {
		d.waiting = append(d.waiting, stop)
		return gdbstub.Stop{}, false
	}
	return stop, true
}

// signalSought is at the first instruction of dequeue_signal. Only its call by get_signal, on the way back to user mode, is
// followed: from there on a probe sits where it returns to. A thread that is not running takes no signals: for it the queue
// looks empty, and time passes until the next interrupt.
func (d *Debugger) signalSought() (gdbstub.Stop, bool) {
	t := d.threadOnCPU()
	if t == nil {
		return gdbstub.Stop{}, false
	}
	call := d.kernel.CallFrame(d.registerByName)
	ret, err := call.Return()
	if err != nil {
		return gdbstub.Stop{}, false
	}
	if name, _, _ := d.image.Lookup(ret - 1); !strings.HasPrefix(name, "get_signal") {
		return gdbstub.Stop{}, false
	}
	if d.signalTaken == 0 {
		d.signalTaken = ret
		d.probes[ret] = d.signalFound
		d.addBreak(ret)
	}
	if !t.running && !t.rousing {
		d.answer(call, 0)
		d.machine.SkipIdle()
		d.handled = d.moment()
		d.orders.Pass = true
		return gdbstub.Stop{}, false
	}
	at, err := call.Argument(2)
	if err != nil {
		return gdbstub.Stop{}, false
	}
	t.signal = &taken{at: at}
	return gdbstub.Stop{}, false
}

// name is a register's name by its number in the kernel's description.
func (d *Debugger) name(reg int) string { return d.description.Registers()[reg].Name }

// signalFound is where get_signal has the number of a signal, and has done nothing about it. A debugger that wants to hear
// of it decides what becomes of it; in the time between, this place is visited again.
func (d *Debugger) signalFound() (gdbstub.Stop, bool) {
	t := d.threadOnCPU()
	if t == nil || t.signal == nil {
		return gdbstub.Stop{}, false
	}
	if t.running {
		if stop, stopped := d.backFromKernel(t, true); stopped {
			return stop, true
		}
	}
	s := t.signal
	if s.number == 0 { // nobody has looked yet
		if t.running && t.steps() && t.inKernel {
			// The step over a system call ends before a signal that came meanwhile.
			if pc, err := d.userPC(t); err == nil && (!t.stepFromKnown || pc != t.stepFrom) && !t.inRange(pc) {
				t.inKernel = false
				return d.emit(t, gdbstub.Stop{Kind: gdbstub.StopStep})
			}
		}
		n := int(int32(d.kernel.CallFrame(d.registerByName).Result()))
		switch {
		case n == 0, t.proc.dying:
		case n == t.inject:
			t.inject = 0
		case d.passSignals[toDebugger(n)] && !t.steps():
		default:
			s.number = n
			s.info = d.siginfo(s.at)
			return d.emit(t, gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: toDebugger(n)})
		}
		t.signal = nil
		return gdbstub.Stop{}, false
	}
	t.signal = nil
	if !t.running {
		// Other threads are wanted. This one goes on to user mode, where it waits, and gets its signal when it is resumed.
		s.at = 0
		t.held = s
		d.setResult(0)
		return gdbstub.Stop{}, false
	}
	n := toGuest(t.action.Signal)
	t.action.Signal = 0
	if n != s.number {
		d.setResult(uint64(n))
		if n != 0 {
			d.writeKernel(s.at, d.newSiginfo(n))
		}
	}
	return gdbstub.Stop{}, false
}

// signalJudged is at the first instruction of sig_ignored and sig_fatal, which say of a signal sent to a task that it need not be
// queued. For a debugged process every signal is queued, as Linux does for one with a debugger, who may want to hear of it; but for
// those of which it does not.
func (d *Debugger) signalJudged() (gdbstub.Stop, bool) {
	call := d.kernel.CallFrame(d.registerByName)
	task, err := call.Argument(0)
	if err != nil || d.byTask[task] == nil {
		return gdbstub.Stop{}, false
	}
	sig, err := call.Argument(1)
	if err == nil && int32(sig) != linuxSIGKILL && !d.byTask[task].proc.dying && !d.passSignals[toDebugger(int(int32(sig)))] {
		d.answer(call, 0)
	}
	return gdbstub.Stop{}, false
}

// answer makes the kernel function whose first instruction is next return v at once.
func (d *Debugger) answer(call introspect.CallFrame, v uint64) {
	ret, err := call.Return()
	if err != nil {
		return
	}
	if d.setResult(v) == nil && d.setRegister(d.name(d.sp), call.SP()) == nil {
		d.setRegister(d.name(d.pc), ret)
	}
}

// siginfoSize is the size of the guest's siginfo_t.
const siginfoSize = 128

func (d *Debugger) siginfo(at uint64) []byte {
	b := make([]byte, siginfoSize)
	if err := (kernelMemory{d}).ReadMemory(at, b); err != nil {
		return nil
	}
	return b
}

// newSiginfo is that of a signal which the debugger sends: from a user, of process 0.
func (d *Debugger) newSiginfo(n int) []byte {
	b := make([]byte, siginfoSize)
	b[0] = byte(n)
	return b
}

// sendSignal queues a signal for a thread.
func (d *Debugger) sendSignal(t *thread, s *taken) error {
	info := s.info
	if len(info) == 0 {
		info = d.newSiginfo(s.number)
	}
	if _, err := d.callKernel("send_sig_info", s.number, info, t.task); err != nil {
		return err
	}
	return d.wake()
}
