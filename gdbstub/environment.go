package gdbstub

import "bytes"

// What the debugger says of the programs that it will run by vRun. A target that runs none doesn't know the packets.

// environment holds what the debugger has said of the programs that it will run.
type environment struct {
	*core
	request RunRequest
}

func (e *environment) register(r *requests) {
	r.names["QStartupWithShell"] = e.startupWithShell
	r.names["QDisableRandomization"] = e.disableRandomization
	r.names["QEnvironmentHexEncoded"] = e.set
	r.names["QEnvironmentUnset"] = e.unset
	r.names["QEnvironmentReset"] = e.reset
	r.names["QSetWorkingDir"] = e.setWorkingDir
}

// maxEnvironment bounds the changes that are remembered.
const maxEnvironment = 4096

// flag takes :0 or :1 up to the end, for a target with processes.
func (e *environment) flag(rest []byte) error {
	if e.target.Processes == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	a.upTo(1)
	if !a.done() {
		return invalid("neither 0 nor 1")
	}
	return e.ok()
}

// startupWithShell is accepted and makes no difference: gdb takes the arguments apart itself, and there is no shell between.
func (e *environment) startupWithShell(rest []byte) error { return e.flag(rest) }

// disableRandomization is accepted: addresses are the same in each run of a deterministic machine.
func (e *environment) disableRandomization(rest []byte) error { return e.flag(rest) }

// text takes :HEX up to the end.
func (e *environment) text(rest []byte) (string, error) {
	if e.target.Processes == nil {
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

func (e *environment) change(rest []byte, set bool) error {
	text, err := e.text(rest)
	if err != nil {
		return err
	}
	name, _, assigns := bytes.Cut([]byte(text), []byte("="))
	if len(name) == 0 || assigns != set || len(e.request.Env) >= maxEnvironment {
		return invalid("environment variable")
	}
	e.request.Env = append(e.request.Env, text)
	return e.ok()
}

func (e *environment) set(rest []byte) error   { return e.change(rest, true) }
func (e *environment) unset(rest []byte) error { return e.change(rest, false) }

func (e *environment) reset(rest []byte) error {
	if e.target.Processes == nil {
		return ErrUnsupported
	}
	if len(rest) > 0 {
		return invalid("QEnvironmentReset")
	}
	e.request.Env = nil
	return e.ok()
}

// setWorkingDir: without a directory the choice is the target's again.
func (e *environment) setWorkingDir(rest []byte) error {
	dir, err := e.text(rest)
	if err != nil {
		return err
	}
	e.request.Dir = dir
	return e.ok()
}
