package introspect

import "fmt"

// userRegs is the address of the pt_regs of user mode: the topmost thing on the task's kernel stack.
func (r *reader) userRegs(t *Task) uint64 {
	if t.KernelThread() && t.MM == 0 {
		r.fail(fmt.Errorf("task %d is a kernel thread, which has no user mode", t.PID))
		return 0
	}
	size := r.size(sizePtRegs)
	if r.k.at.members[taskStackTop].Size > 0 {
		// Below it come bytes that stay unused, how many esp0 knows: the CPU starts there on entry from user mode.
		return r.get(t.Addr, taskStackTop) - size
	}
	return t.Stack + r.k.at.threadSize() - size
}

// UserFrame returns the user-mode registers of a task that is in the kernel, by gdb's names, as the entry from user mode
// left them in pt_regs at the top of its kernel stack; for a task that has never run, those it will start with. While the task
// is in user mode they are stale, and the CPU's own count. It fails for kernel threads.
//
// In arm64's fast way out of a system call the result gets to x0 without passing through pt_regs: between the call's end and
// user mode it is only in the CPU.
//
// The registers that a switch between tasks saves, and not the entry to the kernel, are marked Live, such as that of thread-local storage.
func (k *Kernel) UserFrame(t *Task) ([]Saved, error) {
	r := &reader{k: k}
	regs := r.userRegs(t)
	if r.err == nil && len(k.at.user) == 0 {
		_, err := registers(k.types, k.Profile.structures[sizePtRegs], k.machine().user)
		r.fail(err)
	}
	out := make([]Saved, 0, len(k.at.user)+len(k.at.kept))
	add := func(base uint64, list []savedRegister, live bool) {
		for _, s := range list {
			if r.err != nil {
				return
			}
			v, err := k.mem.read(base, s.at)
			if err != nil {
				r.fail(fmt.Errorf("%s at %#x: %w", s.name, base, err))
			}
			out = append(out, Saved{Register: s.name, Addr: base + uint64(s.at.Offset), Value: v, Size: int(s.at.Size), Live: live})
		}
	}
	add(regs, k.at.user, false)
	add(t.Addr, k.at.kept, true)
	if r.err != nil {
		return nil, fmt.Errorf("user registers of task %d: %w", t.PID, r.err)
	}
	return out, nil
}

// UserTLS is the address of the thread's thread-local storage as the switch away from it saved it. For the task on the CPU it follows
// from the CPU's register in the same way.
func (k *Kernel) UserTLS(t *Task) (base uint64, err error) {
	r := &reader{k: k}
	r.userRegs(t) // fails for kernel threads
	thread := &k.Image.Arch.Thread
	for _, s := range k.at.kept {
		if r.err == nil && s.name == thread.Pointer {
			base, r.err = k.mem.read(t.Addr, s.at)
		}
	}
	if r.err != nil {
		return 0, fmt.Errorf("thread-local storage of task %d: %w", t.PID, r.err)
	}
	if thread.Selector {
		return k.SegmentBase(t, base)
	}
	return base, nil
}

// firstTLSEntry is the GDT index of the first thread-local segment, as get_thread_area tells it to programs (i386 ABI of Linux), and
// descriptorSize the size of an entry in bytes (Intel SDM volume 3, 3.4.5).
const (
	firstTLSEntry  = 6
	descriptorSize = 8
)

// SegmentBase is the base of a task's thread-local segment on i386, by its selector; the descriptors are kept in thread_struct
// always, also while the task runs. Any other segment is flat and has base 0.
func (k *Kernel) SegmentBase(t *Task, selector uint64) (uint64, error) {
	r := &reader{k: k}
	list := r.field(taskTLS)
	if r.err != nil {
		return 0, fmt.Errorf("segments of task %d: %w", t.PID, r.err)
	}
	i := selector>>3 - firstTLSEntry
	if selector>>3 < firstTLSEntry || i >= uint64(list.Size)/descriptorSize || selector&4 != 0 {
		return 0, nil
	}
	desc := t.Addr + uint64(list.Offset) + i*descriptorSize
	a, b := r.get(desc, descriptorLow), r.get(desc, descriptorHigh)
	if r.err != nil {
		return 0, fmt.Errorf("segments of task %d: %w", t.PID, r.err)
	}
	return a>>16&0xffff | b&0xff<<16 | b&0xff000000, nil
}
