package gdbstub

// beginEvents tells the target what a debugger wants that has said nothing yet.
func (s *Session) beginEvents() {
	if s.target.Events != nil {
		s.target.Events.SetEvents(s.events)
	}
	if s.target.Signals != nil {
		s.target.Signals.PassSignals(SignalSet{})
		s.target.Signals.ProgramSignals(allSignals())
	}
}

// chooseEvents tells the target if the choice has changed.
func (s *Session) chooseEvents(e EventSet) {
	if e != s.events && s.target.Events != nil {
		s.target.Events.SetEvents(e)
	}
	s.events = e
}

// threadEvents is QThreadEvents:0 or 1.
func (s *Session) threadEvents(rest []byte) error {
	if s.target.Events == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	on := a.upTo(1)
	if !a.done() {
		return invalid("QThreadEvents")
	}
	e := s.events
	e.Threads = on == 1
	s.chooseEvents(e)
	return s.ok()
}

// maxCaught bounds a list of system calls; no system has as many.
const maxCaught = 4096

// catchSyscalls is QCatchSyscalls:0, or :1 for all, or :1;N;N... in hexadecimal, for the selected process.
func (s *Session) catchSyscalls(rest []byte) error {
	if s.target.Syscalls == nil {
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
	id, err := s.live(s.general)
	if err != nil {
		return err
	}
	if err := s.target.Syscalls.CatchSyscalls(id.PID, on && len(numbers) == 0, numbers); err != nil {
		return err
	}
	return s.ok()
}
