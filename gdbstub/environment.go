package gdbstub

import "bytes"

// What the debugger says of the programs that it will run by vRun. A target that runs none doesn't know the packets.

// maxEnvironment bounds the changes that are remembered.
const maxEnvironment = 4096

// flag takes :0 or :1 up to the end, for a target with processes.
func (s *Session) flag(rest []byte) error {
	if s.target.Processes == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	a.upTo(1)
	if !a.done() {
		return invalid("neither 0 nor 1")
	}
	return s.ok()
}

// startupWithShell is accepted and makes no difference: gdb takes the arguments apart itself, and there is no shell between.
func (s *Session) startupWithShell(rest []byte) error { return s.flag(rest) }

// disableRandomization is accepted: addresses are the same in each run of a deterministic machine.
func (s *Session) disableRandomization(rest []byte) error { return s.flag(rest) }

// text takes :HEX up to the end.
func (s *Session) text(rest []byte) (string, error) {
	if s.target.Processes == nil {
		return "", ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	text := a.hex(nil)
	if !a.done() || bytes.IndexByte(text, 0) >= 0 {
		return "", invalid("text")
	}
	return string(text), nil
}

func (s *Session) changeEnvironment(rest []byte, set bool) error {
	change, err := s.text(rest)
	if err != nil {
		return err
	}
	name, _, assigns := bytes.Cut([]byte(change), []byte("="))
	if len(name) == 0 || assigns != set || len(s.request.Env) >= maxEnvironment {
		return invalid("environment variable")
	}
	s.request.Env = append(s.request.Env, change)
	return s.ok()
}

func (s *Session) setEnvironment(rest []byte) error   { return s.changeEnvironment(rest, true) }
func (s *Session) unsetEnvironment(rest []byte) error { return s.changeEnvironment(rest, false) }

func (s *Session) resetEnvironment(rest []byte) error {
	if s.target.Processes == nil {
		return ErrUnsupported
	}
	if len(rest) > 0 {
		return invalid("QEnvironmentReset")
	}
	s.request.Env = nil
	return s.ok()
}

// setWorkingDir: without a directory the choice is the target's again.
func (s *Session) setWorkingDir(rest []byte) error {
	dir, err := s.text(rest)
	if err != nil {
		return err
	}
	s.request.Dir = dir
	return s.ok()
}
