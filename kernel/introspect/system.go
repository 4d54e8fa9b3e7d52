package introspect

import "fmt"

// Interrupt is an interrupt line that somebody handles.
type Interrupt struct {
	// Line is the kernel's number of it, which is the interrupt controller's.
	Line int
	// Name is whose it is, and Count how often it has come since boot.
	Name  string
	Count uint64
}

// Interrupts lists the lines that have a handler, ascending.
func (k *Kernel) Interrupts() ([]Interrupt, error) {
	r := &reader{k: k}
	table, size := r.variable(irqDesc), r.size(sizeIRQ)
	if r.err != nil {
		return nil, r.err
	}
	var list []Interrupt
	for i := uint64(0); i < table.size/size; i++ {
		at := table.addr + i*size
		if r.get(at, irqHandler) != 0 {
			list = append(list, Interrupt{Line: int(i), Name: r.text(r.get(at, irqName), maxName), Count: r.get(at, irqTimes)})
		}
		if r.err != nil {
			return list, fmt.Errorf("interrupt line %d: %w", i, r.err)
		}
	}
	return list, nil
}

// Census is how many tasks there are, and how many there have been: while both stay the same, so does the list of tasks. It costs the same with
// any number of them.
func (k *Kernel) Census() (alive, made uint64, err error) {
	r := &reader{k: k}
	alive, made = r.global(threadCount), r.global(forkCount)
	return alive, made, r.err
}

// Ready is how many tasks wait for their turn on the CPU, beside the one that has it.
func (k *Kernel) Ready() (int, error) {
	r := &reader{k: k}
	n := int(r.get(r.variable(runQueue).addr, queueReady))
	return n, r.err
}

// Mount is a file system in its place.
type Mount struct {
	// Type is Linux's name of it, such as tmpfs; Path where it is mounted.
	Type, Path string
	// NoExec: no program can be executed from it.
	NoExec bool
}

// Mounts implements FileSystem.
func (f files) Mounts() ([]Mount, error) {
	r := &reader{k: f.k}
	table, pointer := r.variable(mounts), uint64(f.k.Image.PointerSize)
	count := min(r.global(mountCount), table.size/pointer)
	var list []Mount
	for i := uint64(0); i < count && r.err == nil; i++ {
		fs := r.pointer(table.addr + i*pointer)
		m := Mount{Type: r.text(r.get(fs, fsType), maxName), Path: r.dentryPath(r.get(fs, fsRoot))}
		m.NoExec = r.get(fs, fsFlags)&f.k.Profile.numbers.noExec != 0
		if r.err == nil {
			list = append(list, m)
		}
	}
	if r.err != nil {
		return list, fmt.Errorf("mounts: %w", r.err)
	}
	return list, nil
}

// Yielding is the byte of the guest's memory, and the bits to be set in it, that make a task give up the CPU when it is next on its way to
// user mode, as the end of its time slice would.
func (k *Kernel) Yielding(t *Task) (addr uint64, bits byte, err error) {
	f, err := k.types.Field("thread_info", "flags")
	if err != nil {
		return 0, 0, err
	}
	n := k.Profile.numbers.reschedule
	return t.Stack + uint64(f.Offset) + uint64(n/8), 1 << (n % 8), nil
}
