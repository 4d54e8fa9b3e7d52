package process

// yield makes the thread on the CPU give it up, as at the end of its time slice. Where it is not known how, it goes on.
func (e *errands) yield(t *thread) {
	task, err := e.task(t)
	if err != nil {
		return
	}
	at, bits, err := e.guest.OS.Yielding(&task)
	var flags [1]byte
	if err != nil || e.guest.ReadMemory(at, flags[:]) != nil {
		return
	}
	flags[0] |= bits
	if e.guest.WriteMemory(at, flags[:]) == nil {
		e.control.EnterKernel()
	}
}

// othersReady says whether any task waits for its turn that would make something of it: not a thread that the debugger holds.
func (e *errands) othersReady() bool {
	ready, err := e.guest.OS.Ready()
	if err != nil || ready == 0 {
		return false
	}
	e.set.each(func(t *thread) {
		if task, err := e.task(t); err == nil && !t.running && task.State == 0 && task.ExitState == 0 {
			ready--
		}
	})
	return ready > 0
}
