package gdbstub

import "bytes"

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

func (s *Session) passSignals(rest []byte) error {
	if s.target.Signals == nil {
		return ErrUnsupported
	}
	set, err := signalSet(rest)
	if err != nil {
		return err
	}
	s.target.Signals.PassSignals(set)
	return s.ok()
}

func (s *Session) programSignals(rest []byte) error {
	if s.target.Signals == nil {
		return ErrUnsupported
	}
	set, err := signalSet(rest)
	if err != nil {
		return err
	}
	s.target.Signals.ProgramSignals(set)
	return s.ok()
}

func (s *Session) readSiginfo() ([]byte, error) {
	id, err := s.live(s.general)
	if err != nil {
		return nil, err
	}
	return s.target.Signals.ReadSiginfo(id)
}

// writeSiginfo is what follows qXfer:siginfo:write: an empty annex, the offset, and binary data.
func (s *Session) writeSiginfo(rest []byte) error {
	annex, rest, _ := bytes.Cut(rest, []byte(":"))
	head, data, ok := bytes.Cut(rest, []byte(":"))
	a := args{rest: head}
	offset := a.upTo(1<<16 - 1)
	if !ok || len(annex) > 0 || !a.done() {
		return invalid("qXfer:siginfo:write")
	}
	id, err := s.live(s.general)
	if err != nil {
		return err
	}
	data = unescape(data)
	s.touch()
	if err := s.target.Signals.WriteSiginfo(id, int(offset), data); err != nil {
		return err
	}
	s.w.num(uint64(len(data)))
	return nil
}
