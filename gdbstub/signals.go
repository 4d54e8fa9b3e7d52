package gdbstub

func allSignals() (set SignalSet) {
	for i := range set {
		set[i] = true
	}
	return set
}

// signalSet takes :N;N;... in hexadecimal. gdb ends the list with a ';'.
func signalSet(rest []byte) (set SignalSet, err error) {
	a := args{rest: rest}
	a.expect(':')
	for a.more() {
		set[a.upTo(255)] = true
		if a.more() {
			a.expect(';')
		}
	}
	if !a.done() {
		return set, invalid("list of signals")
	}
	return set, nil
}

func (e *eventChoice) passSignals(rest []byte) error {
	if e.target.Signals == nil {
		return ErrUnsupported
	}
	set, err := signalSet(rest)
	if err != nil {
		return err
	}
	e.target.Signals.PassSignals(set)
	return e.ok()
}

func (e *eventChoice) programSignals(rest []byte) error {
	if e.target.Signals == nil {
		return ErrUnsupported
	}
	set, err := signalSet(rest)
	if err != nil {
		return err
	}
	e.target.Signals.ProgramSignals(set)
	return e.ok()
}
