package introspect

import (
	"errors"
	"fmt"
)

// pageSize is the guest's, on both machines.
const pageSize = 1 << 12

// Linux's vm_flags (proc(5), VmFlags of smaps, names them).
const (
	vmRead     = 0x1
	vmWrite    = 0x2
	vmExec     = 0x4
	vmMayShare = 0x80
)

// Mapping is a range of a task's address space, as a line of /proc/PID/maps shows it.
type Mapping struct {
	// Start is the first address, End the one behind the last.
	Start, End uint64
	// Flags are Linux's VM_* flags.
	Flags uint64
	// Offset in bytes, device and Inode are of the mapped file, all 0 without one.
	Offset       uint64
	Major, Minor uint32
	Inode        uint64
	// Path is the file's, with " (deleted)" at its end if it has no name any more, or [heap], [stack], [vdso] or "".
	Path string

	file  uint64
	fault bool // pages come from vm_ops.fault
}

// Readable, Writable and Executable are the rights, Shared the "s" in place of "p".
func (m *Mapping) Readable() bool   { return m.Flags&vmRead != 0 }
func (m *Mapping) Writable() bool   { return m.Flags&vmWrite != 0 }
func (m *Mapping) Executable() bool { return m.Flags&vmExec != 0 }
func (m *Mapping) Shared() bool     { return m.Flags&vmMayShare != 0 }

// Anonymous says that no file is mapped.
func (m *Mapping) Anonymous() bool { return m.file == 0 }

// errNoMM is for tasks without an mm.
var errNoMM = errors.New("the task has no address space")

// Maps lists the ranges of a task's address space, in ascending order. It fails for tasks without one: kernel threads, and
// tasks that have ended.
func (k *Kernel) Maps(t *Task) ([]Mapping, error) {
	var out []Mapping
	r := &reader{k: k}
	err := r.eachMapping(t, func(m Mapping) bool {
		if m.file != 0 {
			m.Path = r.filePath(m.file)
		} else {
			m.Path = r.specialName(t.MM, &m)
		}
		out = append(out, m)
		return true
	})
	return out, err
}

// MappingAt finds the range that va is in. Its Path is not set.
func (k *Kernel) MappingAt(t *Task, va uint64) (found Mapping, ok bool, err error) {
	r := &reader{k: k}
	err = r.eachMapping(t, func(m Mapping) bool {
		if va >= m.Start && va < m.End {
			found, ok = m, true
		}
		return va >= m.End
	})
	return found, ok, err
}

// eachMapping visits the ranges until visit says false. Path is not set.
func (r *reader) eachMapping(t *Task, visit func(m Mapping) bool) error {
	if t.MM == 0 {
		return errNoMM
	}
	vma := r.get(t.MM, mmRanges)
	for last := uint64(0); vma != 0 && r.err == nil; {
		m := Mapping{
			Start: r.get(vma, rangeStart), End: r.get(vma, rangeEnd),
			Flags: r.get(vma, rangeFlags), file: r.get(vma, rangeFile),
		}
		if r.err == nil && (m.Start < last || m.End <= m.Start) {
			r.fail(fmt.Errorf("vm_area_struct at %#x: its range %#x-%#x does not follow %#x", vma, m.Start, m.End, last))
		}
		last = m.End
		if ops := r.get(vma, rangeOps); ops != 0 {
			m.fault = r.get(ops, opsFault) != 0
		}
		if m.file != 0 {
			m.Offset = r.get(vma, rangeOffset) * pageSize
			inode := r.get(m.file, fileInode)
			m.Inode = r.get(inode, inodeNumber)
			dev := r.get(r.get(inode, inodeFS), fsDevice)
			m.Major, m.Minor = r.k.Profile.device(dev)
		}
		if r.err == nil && !visit(m) {
			break
		}
		vma = r.get(vma, rangeNext)
	}
	if r.err != nil {
		return fmt.Errorf("address space of task %d: %w", t.PID, r.err)
	}
	return nil
}

// specialName is what the kernel calls a range without a file.
func (r *reader) specialName(mm uint64, m *Mapping) string {
	startBrk, brk := r.get(mm, mmStartBrk), r.get(mm, mmBrk)
	stack := r.get(mm, mmStartStack)
	switch {
	case m.Start <= brk && m.End >= startBrk && brk > startBrk:
		return "[heap]"
	case m.Start <= stack && m.End >= stack:
		return "[stack]"
	}
	if r.k.at.members[mmVDSO].Size > 0 && r.get(mm, mmVDSO) == m.Start {
		return "[vdso]"
	}
	return ""
}

// linear is the kernel virtual address at which the kernel itself reaches the byte of RAM at physical address pa.
func (r *reader) linear(pa uint64) uint64 { return r.k.linear() + pa }

func (k *Kernel) linear() uint64 {
	if at := k.machine().linear; at != 0 {
		return at
	}
	loaded, _ := k.Image.LoadAddress(k.InitTask())
	return k.InitTask() - loaded
}

// Translate finds the physical address of va in the address space whose root table is at physical address root, as the
// processor would.
type Translate func(root, va uint64) (pa uint64, ok bool)

// ReadUser reads a task's memory as UserPage finds it. translate, if there is one, is asked first, for it is quicker. It returns
// how many bytes it could read; with none, the error says why.
func (k *Kernel) ReadUser(t *Task, translate Translate, va uint64, p []byte) (int, error) {
	root, err := k.PageTable(t)
	if err != nil {
		return 0, err
	}
	if root == 0 {
		return 0, errNoMM
	}
	r := &reader{k: k}
	root -= r.linear(0)
	for done := 0; done < len(p); {
		piece := p[done:min(len(p), done+int(pageSize-va%pageSize))]
		from, ok := uint64(0), false
		if translate != nil && k.UserAddress(va) {
			var pa uint64
			if pa, ok = translate(root, va); ok {
				from = r.linear(pa)
			}
		}
		if !ok {
			page, ok, err := k.Pages().UserPage(t, va)
			switch {
			case err != nil:
				return done, err
			case !ok && done > 0:
				return done, nil
			case !ok:
				return 0, fmt.Errorf("nothing is mapped at %#x", va)
			case page.Addr != 0:
				from = page.Addr + va%pageSize
			}
		}
		clear(piece)
		if from != 0 {
			if err := k.mem.ReadMemory(from, piece); err != nil {
				return done, err
			}
		}
		done += len(piece)
		va += uint64(len(piece))
	}
	return len(p), nil
}

// maxArguments bounds what is read as arguments, in bytes (Linux allows a quarter of the stack).
const maxArguments = 2 << 20

// Cmdline is the program's arguments, each ended by a zero, as /proc/PID/cmdline has them: as they are in the process's memory
// now. Without an address space there are none.
func (k *Kernel) Cmdline(t *Task) ([]byte, error) {
	return (&reader{k: k}).strings(t, mmArgStart, mmArgEnd)
}

// Environ is the same of the environment that the program was started with.
func (k *Kernel) Environ(t *Task) ([]byte, error) {
	return (&reader{k: k}).strings(t, mmEnvStart, mmEnvEnd)
}

func (r *reader) strings(t *Task, from, to member) ([]byte, error) {
	if t.MM == 0 {
		return nil, nil
	}
	start, end := r.get(t.MM, from), r.get(t.MM, to)
	if r.err != nil {
		return nil, fmt.Errorf("%s of task %d: %w", r.name(from), t.PID, r.err)
	}
	if end <= start {
		return nil, nil
	}
	b := make([]byte, min(end-start, maxArguments))
	n, err := r.k.ReadUser(t, nil, start, b)
	return b[:n], err
}

// Auxv is the auxiliary vector that exec gave the program, to and with AT_NULL.
func (k *Kernel) Auxv(t *Task) ([]byte, error) {
	if t.MM == 0 {
		return nil, errNoMM
	}
	r := &reader{k: k}
	f := r.field(mmAuxv)
	b := r.bytes(t.MM+uint64(f.Offset), uint64(f.Size))
	if r.err != nil {
		return nil, fmt.Errorf("auxiliary vector of task %d: %w", t.PID, r.err)
	}
	pair := 2 * k.Image.PointerSize
	for i := 0; i+pair <= len(b); i += pair {
		if k.mem.value(b, Field{Offset: int64(i), Size: int64(k.Image.PointerSize)}) == 0 {
			return b[:i+pair], nil
		}
	}
	return nil, fmt.Errorf("auxiliary vector of task %d has no end", t.PID)
}
