package gdbstub

import "bytes"

// qemu answers QEMU's own packets (its manual, "Debugging"). A bit that the target can't do is left out.
type qemu struct {
	*core
	memory *memory
}

func (q *qemu) register(r *requests) {
	r.names["qqemu.Supported"] = q.supported
	r.names["qqemu.sstepbits"] = q.stepBits
	r.names["qqemu.sstep"] = q.stepMask
	r.names["Qqemu.sstep"] = q.setStepMask
	r.names["qqemu.PhyMemMode"] = q.physicalMode
	r.names["Qqemu.PhyMemMode"] = q.setPhysicalMode
}

func (q *qemu) supported([]byte) error {
	sep := ""
	if q.target.Hardware.StepMask != nil {
		q.w.str("sstepbits;sstep")
		sep = ";"
	}
	if q.target.Hardware.PhysicalMemory != nil {
		q.w.str(sep + "PhyMemMode")
	}
	return nil
}

func (q *qemu) stepBits([]byte) error {
	if q.target.Hardware.StepMask == nil {
		return ErrUnsupported
	}
	enable, noIRQ, noTimer := q.target.Hardware.StepMask.Bits()
	q.w.str("ENABLE=")
	q.w.num(uint64(enable))
	if noIRQ != 0 {
		q.w.str(",NOIRQ=")
		q.w.num(uint64(noIRQ))
	}
	if noTimer != 0 {
		q.w.str(",NOTIMER=")
		q.w.num(uint64(noTimer))
	}
	return nil
}

func (q *qemu) stepMask([]byte) error {
	if q.target.Hardware.StepMask == nil {
		return ErrUnsupported
	}
	q.w.str("0x")
	q.w.num(uint64(q.target.Hardware.StepMask.StepMask()))
	return nil
}

func (q *qemu) setStepMask(rest []byte) error {
	if q.target.Hardware.StepMask == nil {
		return ErrUnsupported
	}
	a := args{rest: bytes.TrimPrefix(rest, []byte("=0x"))}
	a.accept('=')
	mask := a.upTo(1<<32 - 1)
	if !a.done() {
		return invalid("Qqemu.sstep")
	}
	if err := q.target.Hardware.StepMask.SetStepMask(uint32(mask)); err != nil {
		return err
	}
	return q.ok()
}

func (q *qemu) physicalMode([]byte) error {
	if q.target.Hardware.PhysicalMemory == nil {
		return ErrUnsupported
	}
	if q.memory.physical {
		q.w.byte('1')
	} else {
		q.w.byte('0')
	}
	return nil
}

func (q *qemu) setPhysicalMode(rest []byte) error {
	if q.target.Hardware.PhysicalMemory == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	on := a.upTo(1)
	if !a.done() {
		return invalid("Qqemu.PhyMemMode")
	}
	q.memory.physical = on == 1
	return q.ok()
}
