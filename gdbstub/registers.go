package gdbstub

import (
	"bytes"
	"errors"
	"fmt"
)

// registers answers what is asked of registers. Between two things that may change them the target is asked once.
type registers struct {
	*core
	files map[*Description]*RegisterFile
	file  *RegisterFile // of the thread of, in the epoch at
	of    ThreadID
	at    uint64
}

func newRegisters(c *core) *registers {
	return &registers{core: c, files: map[*Description]*RegisterFile{}}
}

func (r *registers) register(t *requests) {
	t.letters['g'] = r.readAll
	t.letters['G'] = r.writeAll
	t.letters['p'] = r.read
	t.letters['P'] = r.write
}

// load gives the registers of a thread; they are valid until the next call.
func (r *registers) load(id ThreadID) (*RegisterFile, error) {
	id, err := r.live(id)
	if err != nil {
		return nil, err
	}
	if r.at == r.epoch && r.of == id {
		return r.file, nil
	}
	r.at = 0
	d, err := r.description(id.PID)
	if err != nil {
		return nil, err
	}
	if r.file = r.files[d]; r.file == nil {
		r.file = d.NewRegisterFile()
		r.files[d] = r.file
	}
	r.file.Reset()
	if err := r.target.Registers.ReadRegisters(id, r.file); err != nil {
		return nil, err
	}
	r.of, r.at = id, r.epoch
	return r.file, nil
}

// value writes a value, or an 'x' per digit if it is unavailable.
func (r *registers) value(f *RegisterFile, reg int) {
	b := f.Bytes(reg)
	if f.Known(reg) {
		r.w.hexBytes(b)
	} else {
		r.w.fill('x', 2*len(b))
	}
}

func (r *registers) readAll([]byte) error {
	f, err := r.load(r.general)
	if err != nil {
		return err
	}
	for reg := range f.description.registers {
		r.value(f, reg)
	}
	return nil
}

func (r *registers) read(rest []byte) error {
	a := args{rest: rest}
	reg := a.num()
	if !a.done() {
		return invalid("register number")
	}
	f, err := r.load(r.general)
	if err != nil {
		return err
	}
	if reg >= uint64(len(f.description.registers)) {
		return invalid("register number")
	}
	r.value(f, int(reg))
	return nil
}

func (r *registers) write(rest []byte) error {
	a := args{rest: rest}
	reg := a.num()
	a.expect('=')
	value := a.hex(r.buf[:0])
	if !a.done() {
		return invalid("register write")
	}
	id, err := r.live(r.general)
	if err != nil {
		return err
	}
	d, err := r.description(id.PID)
	if err != nil {
		return err
	}
	registers := d.registers
	if reg >= uint64(len(registers)) || len(value) != registers[reg].Bits/8 {
		return invalid("register write")
	}
	r.touch()
	if err := r.target.Registers.WriteRegister(id, int(reg), value); err != nil {
		return fmt.Errorf("%s: %w", registers[reg].Name, err)
	}
	return r.ok()
}

// writeRegisters is G. Only what differs from the present values is written: gdb sends everything it knows, also
// registers that a thread has no place for. A packet may end early, at a register's end.
func (r *registers) writeAll(rest []byte) error {
	f, err := r.load(r.general)
	if err != nil {
		return err
	}
	id := r.of
	defer r.touch()
	var value []byte
	for reg, info := range f.description.registers {
		digits := info.Bits / 4
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
		if value, ok = decodeHex(r.buf[:0], part); !ok {
			return invalid("register data")
		}
		if f.Known(reg) && bytes.Equal(f.Bytes(reg), value) {
			continue
		}
		err := r.target.Registers.WriteRegister(id, reg, value)
		if err != nil && !(errors.Is(err, ErrUnavailable) && !f.Known(reg)) {
			return fmt.Errorf("%s: %w", info.Name, err)
		}
	}
	if len(rest) != 0 {
		return invalid("too much register data")
	}
	return r.ok()
}

// jump sets the program counter.
func (r *registers) jump(id ThreadID, at uint64) error {
	d, err := r.description(id.PID)
	if err != nil {
		return err
	}
	pc := d.Generic("pc")
	f := d.NewRegisterFile()
	f.SetUint(pc, at)
	r.touch()
	return r.target.Registers.WriteRegister(id, pc, f.Bytes(pc))
}
