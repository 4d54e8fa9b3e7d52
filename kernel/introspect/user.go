package introspect

import (
	"debug/elf"
	"fmt"
	"strconv"
)

// userFrame lists the members of pt_regs by gdb's names of the registers. On arm64 x0 to x30 come before these.
func userFrame(m elf.Machine) [][2]string {
	if m == elf.EM_AARCH64 {
		return [][2]string{{"sp", "sp"}, {"pc", "pc"}, {"cpsr", "pstate"}}
	}
	return [][2]string{
		{"eax", "eax"}, {"ecx", "ecx"}, {"edx", "edx"}, {"ebx", "ebx"}, {"esp", "esp"}, {"ebp", "ebp"}, {"esi", "esi"},
		{"edi", "edi"}, {"eip", "eip"}, {"eflags", "eflags"}, {"cs", "xcs"}, {"ss", "xss"}, {"ds", "xds"}, {"es", "xes"},
		{"orig_eax", "orig_eax"},
	}
}

// userRegs is the address of the pt_regs of user mode: the topmost thing on the task's kernel stack.
func (r *reader) userRegs(t *Task) uint64 {
	if t.KernelThread() && t.MM == 0 {
		r.fail(fmt.Errorf("task %d is a kernel thread, which has no user mode", t.PID))
		return 0
	}
	size := r.size("pt_regs")
	if r.k.Image.Machine == elf.EM_386 {
		// Below it come bytes that stay unused, how many esp0 knows: the CPU starts there on entry from user mode.
		return r.get(t.Addr, "task_struct", "thread.esp0") - size
	}
	return t.Stack + r.k.at.threadSize - size
}

// UserFrame returns the user-mode registers of a task that is in the kernel, by gdb's names, as the entry from user mode
// left them in pt_regs at the top of its kernel stack; for a task that has never run, those it will start with. While the task
// is in user mode they are stale, and the CPU's own count. It fails for kernel threads.
//
// In arm64's fast way out of a system call the result gets to x0 without passing through pt_regs: between the call's end and
// user mode it is only in the CPU.
//
// The registers that a switch between tasks saves, and not the entry to the kernel, are marked Live: fs and gs on i386,
// tpidr (tpidr_el0, gdb's org.gnu.gdb.aarch64.tls) on arm64.
func (k *Kernel) UserFrame(t *Task) ([]Saved, error) {
	r := &reader{k: k}
	regs := r.userRegs(t)
	var out []Saved
	add := func(name string, base uint64, typ, path string, live bool) {
		f := r.field(typ, path)
		out = append(out, Saved{Register: name, Addr: base + uint64(f.Offset), Value: r.get(base, typ, path), Size: int(f.Size), Live: live})
	}
	if k.Image.Machine == elf.EM_AARCH64 {
		x := r.field("pt_regs", "regs")
		x.Size = 8
		for i := range 31 {
			v, err := uint64(0), error(nil)
			if r.err == nil {
				if v, err = k.read(regs, x); err != nil {
					r.fail(fmt.Errorf("pt_regs of task %d at %#x: %w", t.PID, regs, err))
				}
			}
			out = append(out, Saved{Register: "x" + strconv.Itoa(i), Addr: regs + uint64(x.Offset), Value: v, Size: 8})
			x.Offset += 8
		}
	}
	for _, m := range userFrame(k.Image.Machine) {
		add(m[0], regs, "pt_regs", m[1], false)
	}
	if k.Image.Machine == elf.EM_AARCH64 {
		add("tpidr", t.Addr, "task_struct", "thread.tp_value", true)
	} else {
		add("fs", t.Addr, "task_struct", "thread.fs", true)
		add("gs", t.Addr, "task_struct", "thread.gs", true)
	}
	if r.err != nil {
		return nil, fmt.Errorf("user registers of task %d: %w", t.PID, r.err)
	}
	return out, nil
}

// UserTLS is the address of the thread's thread-local storage as the switch away from it saved it: tpidr_el0, or the base of
// the segment in gs. For the task on the CPU, arm64 has it in tpidr_el0; on i386 SegmentBase tells it from the CPU's gs.
func (k *Kernel) UserTLS(t *Task) (base uint64, err error) {
	r := &reader{k: k}
	r.userRegs(t) // fails for kernel threads
	if k.Image.Machine == elf.EM_AARCH64 {
		base = r.get(t.Addr, "task_struct", "thread.tp_value")
	} else if gs := r.get(t.Addr, "task_struct", "thread.gs"); r.err == nil {
		return k.SegmentBase(t, gs)
	}
	if r.err != nil {
		return 0, fmt.Errorf("thread-local storage of task %d: %w", t.PID, r.err)
	}
	return base, nil
}

// firstTLSEntry is the GDT index of the first thread-local segment, as get_thread_area tells it to programs (i386 ABI of Linux).
const firstTLSEntry = 6

// SegmentBase is the base of a task's thread-local segment on i386, by its selector; the descriptors are kept in thread_struct
// always, also while the task runs. Any other segment is flat and has base 0.
func (k *Kernel) SegmentBase(t *Task, selector uint64) (uint64, error) {
	r := &reader{k: k}
	list := r.field("task_struct", "thread.tls_array")
	entry := r.size("desc_struct")
	if r.err != nil {
		return 0, fmt.Errorf("segments of task %d: %w", t.PID, r.err)
	}
	i := selector>>3 - firstTLSEntry
	if selector>>3 < firstTLSEntry || i >= uint64(list.Size)/entry || selector&4 != 0 {
		return 0, nil
	}
	desc := t.Addr + uint64(list.Offset) + i*entry
	a, b := r.get(desc, "desc_struct", "a"), r.get(desc, "desc_struct", "b")
	if r.err != nil {
		return 0, fmt.Errorf("segments of task %d: %w", t.PID, r.err)
	}
	return a>>16&0xffff | b&0xff<<16 | b&0xff000000, nil
}

// FPRegister is a floating-point or vector register as it lies in guest memory.
type FPRegister struct {
	// Register is gdb's name; Addr the kernel virtual address of its Size bytes.
	Register string
	Addr     uint64
	Size     int
}

// FPState is where a task's floating-point and vector registers are.
type FPState struct {
	// Live: in the CPU, and what memory holds is old. Else in Registers, or for i386 what is not stored as gdb shows it
	// (ftag) follows from the FXSAVE image at Addr.
	Live      bool
	Addr      uint64
	Registers []FPRegister
}

// fxsaveAlign is what FXSAVE demands of the address of its image (Intel SDM volume 1, 10.5.1).
const fxsaveAlign = 16

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
	add := func(name string, offset uint64, size int) {
		s.Registers = append(s.Registers, FPRegister{name, s.Addr + offset, size})
	}
	if k.Image.Machine == elf.EM_AARCH64 {
		s.Addr = r.at(t.Addr, "task_struct", "thread.fpsimd_state")
		vregs := r.field("fpsimd_state", "vregs")
		for i := range 32 {
			add("v"+strconv.Itoa(i), uint64(vregs.Offset)+16*uint64(i), 16)
		}
		add("fpsr", uint64(r.field("fpsimd_state", "fpsr").Offset), 4)
		add("fpcr", uint64(r.field("fpsimd_state", "fpcr").Offset), 4)
	} else {
		s.Addr = (r.at(t.Addr, "task_struct", "thread.fpu") + fxsaveAlign - 1) &^ (fxsaveAlign - 1)
		// Intel SDM volume 1, table 10-2.
		for i := range 8 {
			add("st"+strconv.Itoa(i), 32+16*uint64(i), 10)
		}
		for _, f := range []struct {
			name   string
			offset uint64
			size   int
		}{{"fctrl", 0, 2}, {"fstat", 2, 2}, {"fop", 6, 2}, {"fioff", 8, 4}, {"fiseg", 12, 2}, {"fooff", 16, 4}, {"foseg", 20, 2}} {
			add(f.name, f.offset, f.size)
		}
		for i := range 8 {
			add("xmm"+strconv.Itoa(i), 160+16*uint64(i), 16)
		}
		add("mxcsr", 24, 4)
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

// SignalMask has bit n-1 for signal n.
type SignalMask uint64

// Has says whether the guest's signal number is in the mask.
func (m SignalMask) Has(signal int) bool { return signal > 0 && m>>(signal-1)&1 != 0 }

// Blocked is the mask of the signals that the task does not take now.
func (k *Kernel) Blocked(t *Task) (SignalMask, error) {
	r := &reader{k: k}
	return SignalMask(r.get(t.Addr, "task_struct", "blocked")), r.err
}

// Pending tells which signals wait for the thread itself, and which for any thread of its process.
func (k *Kernel) Pending(t *Task) (thread, process SignalMask, err error) {
	r := &reader{k: k}
	thread = SignalMask(r.get(t.Addr, "task_struct", "pending.signal"))
	if sig := r.get(t.Addr, "task_struct", "signal"); sig != 0 {
		process = SignalMask(r.get(sig, "signal_struct", "shared_pending.signal"))
	}
	return thread, process, r.err
}

// SiginfoSize is the size in bytes of siginfo_t.
const SiginfoSize = 128
