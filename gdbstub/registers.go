package gdbstub

import (
	"bytes"
	"errors"
	"fmt"
)

// loadRegisters makes s.regs hold the registers of the selected thread. Between two things that may change them the
// target is asked once.
func (s *Session) loadRegisters(id ThreadID) (*RegisterFile, error) {
	id, err := s.live(id)
	if err != nil {
		return nil, err
	}
	if s.regsValid && s.regsOf == id {
		return s.regs, nil
	}
	s.regsValid = false
	d := s.description(id.PID)
	if s.regs = s.regFiles[d]; s.regs == nil {
		s.regs = d.NewRegisterFile()
		s.regFiles[d] = s.regs
	}
	s.regs.Reset()
	if err := s.target.Registers.ReadRegisters(id, s.regs); err != nil {
		return nil, err
	}
	s.regsOf, s.regsValid = id, true
	return s.regs, nil
}

// registerValue writes a value, or an 'x' per digit if it is unavailable.
func (s *Session) registerValue(f *RegisterFile, reg int) {
	b := f.Bytes(reg)
	if f.Known(reg) {
		s.w.hexBytes(b)
	} else {
		s.w.fill('x', 2*len(b))
	}
}

func (s *Session) readRegisters([]byte) error {
	f, err := s.loadRegisters(s.general)
	if err != nil {
		return err
	}
	for reg := range f.description.registers {
		s.registerValue(f, reg)
	}
	return nil
}

func (s *Session) readRegister(rest []byte) error {
	a := args{rest: rest}
	reg := a.num()
	if !a.done() {
		return invalid("register number")
	}
	f, err := s.loadRegisters(s.general)
	if err != nil {
		return err
	}
	if reg >= uint64(len(f.description.registers)) {
		return invalid("register number")
	}
	s.registerValue(f, int(reg))
	return nil
}

func (s *Session) writeRegister(rest []byte) error {
	a := args{rest: rest}
	reg := a.num()
	a.expect('=')
	value := a.hex(s.buf[:0])
	if !a.done() {
		return invalid("register write")
	}
	id, err := s.live(s.general)
	if err != nil {
		return err
	}
	registers := s.description(id.PID).registers
	if reg >= uint64(len(registers)) || len(value) != registers[reg].Bits/8 {
		return invalid("register write")
	}
	s.touch()
	if err := s.target.Registers.WriteRegister(id, int(reg), value); err != nil {
		return fmt.Errorf("%s: %w", registers[reg].Name, err)
	}
	return s.ok()
}

// writeRegisters is G. Only what differs from the present values is written: gdb sends everything it knows, also
// registers that a thread has no place for. A packet may end early, at a register's end.
func (s *Session) writeRegisters(rest []byte) error {
	f, err := s.loadRegisters(s.general)
	if err != nil {
		return err
	}
	id := s.regsOf
	defer s.touch()
	var value []byte
	for reg, r := range f.description.registers {
		digits := r.Bits / 4
		if len(rest) == 0 {
			break
		}
		if len(rest) < digits {
			return invalid("register data cut off")
		}
		part := rest[:digits]
		rest = rest[digits:]
		if part[0] == 'x' {
			continue
		}
		var ok bool
		if value, ok = decodeHex(s.buf[:0], part); !ok {
			return invalid("register data")
		}
		if f.Known(reg) && bytes.Equal(f.Bytes(reg), value) {
			continue
		}
		err := s.target.Registers.WriteRegister(id, reg, value)
		if err != nil && !(errors.Is(err, ErrUnavailable) && !f.Known(reg)) {
			return fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	if len(rest) != 0 {
		return invalid("too much register data")
	}
	return s.ok()
}
