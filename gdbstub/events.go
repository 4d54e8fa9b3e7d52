package gdbstub

// eventChoice answers which events, system calls and signals are to stop the target.
type eventChoice struct{ *core }

func (e *eventChoice) register(r *requests) {
	r.names["QThreadEvents"] = e.threadEvents
	r.names["QCatchSyscalls"] = e.catchSyscalls
	r.names["QPassSignals"] = e.passSignals
	r.names["QProgramSignals"] = e.programSignals
}

// beginEvents tells the target what a debugger wants that has said nothing yet.
func (c *core) beginEvents() {
	if c.target.Events != nil {
		c.target.Events.SetEvents(c.events)
	}
	if c.target.Signals != nil {
		c.target.Signals.PassSignals(SignalSet{})
		c.target.Signals.ProgramSignals(allSignals())
	}
}

// chooseEvents tells the target if the choice has changed.
func (c *core) chooseEvents(e EventSet) {
	if e != c.events && c.target.Events != nil {
		c.target.Events.SetEvents(e)
	}
	c.events = e
}

// threadEvents is QThreadEvents:0 or 1.
func (e *eventChoice) threadEvents(rest []byte) error {
	if e.target.Events == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	on := a.upTo(1)
	if !a.done() {
		return invalid("QThreadEvents")
	}
	chosen := e.core.events
	chosen.Threads = on == 1
	e.chooseEvents(chosen)
	return e.ok()
}

// maxCaught bounds a list of system calls; no system has as many.
const maxCaught = 4096

// catchSyscalls is QCatchSyscalls:0, or :1 for all, or :1;N;N... in hexadecimal, for the selected process.
func (e *eventChoice) catchSyscalls(rest []byte) error {
	if e.target.Syscalls == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	on := a.upTo(1) == 1
	var numbers []int
	for a.more() && on && len(numbers) < maxCaught {
		a.expect(';')
		numbers = append(numbers, int(a.upTo(1<<31-1)))
	}
	if !a.done() {
		return invalid("QCatchSyscalls")
	}
	id, err := e.live(e.general)
	if err != nil {
		return err
	}
	if err := e.target.Syscalls.CatchSyscalls(id.PID, on && len(numbers) == 0, numbers); err != nil {
		return err
	}
	return e.ok()
}
