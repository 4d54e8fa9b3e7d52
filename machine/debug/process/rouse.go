package process

// A debugger that changes the registers of a thread asleep in a system call, as it does to call a function in the program, means the thread
// to leave the call. Linux itself leaves it when a debugger stops the thread, and makes the call again afterwards. Here that happens at
// the first change; as long as a debugger only looks, nothing is disturbed.

// roused remembers a thread that was taken out of a system call.
type roused struct {
	// shown are the registers as they were when the thread was asleep, which a debugger may put back.
	shown []userValue
	// actual are those of them that the kernel has left differently: with these it makes the call again, or finds it interrupted.
	actual []userValue
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
func (e *errands) rouser(t *thread) (int, error) {
	task, err := e.task(t)
	if err != nil {
		return 0, err
	}
	blocked, err := e.guest.OS.Blocked(&task)
	if err != nil {
		return 0, err
	}
	for _, n := range rousers {
		if blocked>>(n-1)&1 == 0 {
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
	shown, err := e.userValues(t)
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
	now, err := e.userValues(t)
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
// been.
func (e *errands) sleepOn(t *thread) error {
	r := t.roused
	if r == nil {
		return nil
	}
	now, err := e.userValues(t)
	if err != nil {
		return err
	}
	for i, u := range now {
		if string(u.value) != string(r.shown[i].value) {
			return nil
		}
	}
	t.roused = nil
	for _, u := range r.actual {
		if err := e.regs.write(t, u.reg, u.value); err != nil {
			return err
		}
	}
	return nil
}

// userValues reads the general registers of a thread.
func (e *errands) userValues(t *thread) ([]userValue, error) {
	f := e.regs.description.NewRegisterFile()
	if err := e.regs.read(t, f); err != nil {
		return nil, err
	}
	var list []userValue
	for i, n := range e.regs.numbers {
		if n >= 0 && !e.regs.fp[i] && f.Known(i) {
			list = append(list, userValue{i, append([]byte(nil), f.Bytes(i)...)})
		}
	}
	return list, nil
}
