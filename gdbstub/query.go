package gdbstub

import "bytes"

// startNoAckMode is the end of '+' and '-', which a reliable connection doesn't need.
func (s *Session) startNoAckMode([]byte) error {
	s.ackNext = true
	return s.ok()
}

// QEMU's own packets (its manual, "Debugging"). A bit that the target can't do is left out.

func (s *Session) qemuSupported([]byte) error {
	sep := ""
	if s.target.StepMask != nil {
		s.w.str("sstepbits;sstep")
		sep = ";"
	}
	if s.target.PhysicalMemory != nil {
		s.w.str(sep + "PhyMemMode")
	}
	return nil
}

func (s *Session) stepBits([]byte) error {
	if s.target.StepMask == nil {
		return ErrUnsupported
	}
	enable, noIRQ, noTimer := s.target.StepMask.Bits()
	s.w.str("ENABLE=")
	s.w.num(uint64(enable))
	if noIRQ != 0 {
		s.w.str(",NOIRQ=")
		s.w.num(uint64(noIRQ))
	}
	if noTimer != 0 {
		s.w.str(",NOTIMER=")
		s.w.num(uint64(noTimer))
	}
	return nil
}

func (s *Session) stepMask([]byte) error {
	if s.target.StepMask == nil {
		return ErrUnsupported
	}
	s.w.str("0x")
	s.w.num(uint64(s.target.StepMask.StepMask()))
	return nil
}

func (s *Session) setStepMask(rest []byte) error {
	if s.target.StepMask == nil {
		return ErrUnsupported
	}
	a := args{rest: bytes.TrimPrefix(rest, []byte("=0x"))}
	a.accept('=')
	mask := a.upTo(1<<32 - 1)
	if !a.done() {
		return invalid("Qqemu.sstep")
	}
	if err := s.target.StepMask.SetStepMask(uint32(mask)); err != nil {
		return err
	}
	return s.ok()
}

func (s *Session) physicalMode([]byte) error {
	if s.target.PhysicalMemory == nil {
		return ErrUnsupported
	}
	if s.physical {
		s.w.byte('1')
	} else {
		s.w.byte('0')
	}
	return nil
}

func (s *Session) setPhysicalMode(rest []byte) error {
	if s.target.PhysicalMemory == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	on := a.upTo(1)
	if !a.done() {
		return invalid("Qqemu.PhyMemMode")
	}
	s.physical = on == 1
	return s.ok()
}
