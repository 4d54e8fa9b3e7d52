package introspect

import "fmt"

// FPRegister is a floating-point or vector register as it lies in guest memory.
type FPRegister struct {
	// Register is gdb's name; Addr the kernel virtual address of its Size bytes.
	Register string
	Addr     uint64
	Size     int
}

// FPState is where a task's floating-point and vector registers are.
type FPState struct {
	// Live: in the CPU, and what memory holds is old. Else in Registers. Where Addr is not 0, the processor's own image is there, from
	// which follows what it does not store as gdb shows it (ftag of FXSAVE's).
	Live      bool
	Addr      uint64
	Registers []FPRegister
}

// UserFP says where the floating-point and vector registers of a task are; current is whether the task is the one on the CPU.
//
// The kernel switches them eagerly and never uses them itself: those of the task on the CPU are in the CPU, in user mode and
// in the kernel alike, and those of any other task in its thread_struct, also of a task that never used any (fork gives it a
// copy, exec fresh ones). Only inside __switch_to the two tasks' are in between; no user mode's event stops there. It fails
// for tasks without user mode, and for one that has given up its memory (a zombie), whose registers nobody keeps.
func (k *Kernel) UserFP(t *Task, current bool) (FPState, error) {
	r := &reader{k: k}
	if t.MM == 0 {
		return FPState{}, fmt.Errorf("task %d has no user mode, and no floating-point registers", t.PID)
	}
	s := FPState{Live: current}
	if list := k.machine().fp; len(list) > 0 {
		if len(k.at.fp) == 0 {
			_, err := registers(k.types, k.Profile.structures[sizeTask], list)
			r.fail(err)
		}
		for _, f := range k.at.fp {
			s.Registers = append(s.Registers, FPRegister{f.name, t.Addr + uint64(f.at.Offset), int(f.at.Size)})
		}
	} else {
		image := k.Image.Arch.FP
		s.Addr = (r.at(t.Addr, taskFP) + image.Align - 1) &^ (image.Align - 1)
		for _, slot := range image.Slots {
			s.Registers = append(s.Registers, FPRegister{slot.Register, s.Addr + slot.Offset, slot.Size})
		}
	}
	if r.err != nil {
		return FPState{}, fmt.Errorf("floating-point registers of task %d: %w", t.PID, r.err)
	}
	return s, nil
}

// FullTag makes FSAVE's tag word, two bits a register, which gdb calls ftag, of an FXSAVE image, which has one bit a register
// (Intel SDM volume 1, 10.5.1.1, table 10-3). The image is at least its first 160 bytes.
func FullTag(fxsave []byte) uint16 {
	top := int(fxsave[3] >> 3 & 7)
	var tag uint16
	for i := range 8 {
		t := uint16(3) // empty
		if fxsave[4]>>i&1 != 0 {
			t = 2 // special
			st := fxsave[32+16*((i-top)&7):]
			exponent := (uint16(st[9])<<8 | uint16(st[8])) & 0x7fff
			zero := true
			for _, b := range st[:8] {
				zero = zero && b == 0
			}
			switch {
			case exponent == 0 && zero:
				t = 1
			case exponent != 0 && exponent != 0x7fff && st[7]&0x80 != 0:
				t = 0 // valid
			}
		}
		tag |= t << (2 * i)
	}
	return tag
}

// AbridgedTag is the other way: the byte 4 of an FXSAVE image for a tag word of FSAVE's form.
func AbridgedTag(tag uint16) byte {
	var b byte
	for i := range 8 {
		if tag>>(2*i)&3 != 3 {
			b |= 1 << i
		}
	}
	return b
}
