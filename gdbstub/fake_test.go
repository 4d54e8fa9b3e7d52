package gdbstub

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing/fstest"
	"time"
)

// fakeTarget is a toy machine that obeys the contract of Target: three threads, of which the first runs a program of
// eight "instructions" in a loop. Each adds 1 to x0; the one at loopStore also stores x0 at counter.
type fakeTarget struct {
	desc    *Description
	mem     []byte // at memBase
	phys    []byte // at 0
	threads []*fakeThread
	bps     []*Breakpoint
	seen    []*Breakpoint // all that were ever inserted
	log     []string      // what the session did to the target
	mask    uint32

	attachStop Stop
	resumeErr  error
	exitAt     uint64 // pc at which the program exits with status 3; 0 is never
	current    ThreadID
	resumed    chan struct{} // has something when the target has been resumed
}

type fakeThread struct {
	id   ThreadID
	info Thread
	regs map[int]uint64 // known ones
}

const (
	memBase   = 0x40000000
	memSize   = 0x20000
	loopStart = memBase + 0x1000
	loopStore = memBase + 0x1008
	loopEnd   = memBase + 0x1020
	counter   = memBase + 0x8000
	regSP     = 31
	regPC     = 32
	regCPSR   = 33
)

func newFakeTarget() *fakeTarget {
	f := &fakeTarget{desc: AArch64("none"), mem: make([]byte, memSize), phys: make([]byte, 0x1000), mask: 7, resumed: make(chan struct{}, 1)}
	for i := range f.phys {
		f.phys[i] = byte(i)
	}
	copy(f.mem, "hello, debugger\x00")
	const nop = 0xd503201f
	for pc := uint64(loopStart); pc < loopEnd; pc += 4 {
		binary.LittleEndian.PutUint32(f.mem[pc-memBase:], nop)
	}
	running := map[int]uint64{}
	for i := range 34 {
		running[i] = uint64(i)
	}
	running[0] = 0
	running[29], running[30] = memBase+0xfff0, 0
	running[regSP], running[regPC], running[regCPSR] = memBase+0xff00, loopStart, 0x600003c5
	for i := 34; i < 68; i++ {
		running[i] = 0
	}
	sleeping := map[int]uint64{regSP: memBase + 0xe000, regPC: memBase + 0x2000, 19: 0x19, 29: memBase + 0xe000}
	f.threads = []*fakeThread{
		{ThreadID{FlatPID, 1}, Thread{Name: "init", Extra: "running"}, running},
		{ThreadID{FlatPID, 0x2a}, Thread{Name: "sh <&>", Extra: "sleeping", Core: -1}, sleeping},
		{ThreadID{FlatPID, 0x101}, Thread{Core: -1}, map[int]uint64{regPC: memBase}},
	}
	f.current = f.threads[0].id
	f.attachStop = Stop{Kind: StopSignal, Signal: SIGTRAP, Thread: f.current}
	return f
}

// target offers everything; tests take parts away.
func (f *fakeTarget) target() *Target {
	return &Target{
		Description: f.desc, Control: f, Threads: f, Registers: f, Memory: f, Breakpoints: f,
		Hardware: Hardware{PhysicalMemory: f, StepMask: fakeStepMask{f}, MemoryMap: f}, Files: fakeFiles{}, Killer: f, Restarter: f,
		Monitor: []Command{
			{"echo", "WORD...", "print the words", func(_ ThreadID, args []string, out io.Writer) error {
				fmt.Fprintln(out, strings.Join(args, " "))
				return nil
			}},
			{"quiet", "", "do nothing", func(ThreadID, []string, io.Writer) error { return nil }},
			{"quit", "", "fail", func(_ ThreadID, _ []string, out io.Writer) error {
				fmt.Fprintln(out, "trying")
				return errors.New("can't quit")
			}},
		},
	}
}

func (f *fakeTarget) note(format string, args ...any) {
	f.log = append(f.log, fmt.Sprintf(format, args...))
}

func (f *fakeTarget) find(id ThreadID) *fakeThread {
	for _, t := range f.threads {
		if t.id == id {
			return t
		}
	}
	return nil
}

func (f *fakeTarget) AppendThreads(dst []ThreadID) []ThreadID {
	for _, t := range f.threads {
		dst = append(dst, t.id)
	}
	return dst
}

func (f *fakeTarget) Alive(id ThreadID) bool { return f.find(id) != nil }
func (f *fakeTarget) Current() ThreadID      { return f.current }

func (f *fakeTarget) Thread(id ThreadID) (Thread, error) {
	t := f.find(id)
	if t == nil {
		return Thread{}, ErrNotFound
	}
	return t.info, nil
}

func (f *fakeTarget) ReadRegisters(id ThreadID, file *RegisterFile) error {
	t := f.find(id)
	if t == nil {
		return ErrNotFound
	}
	for reg, v := range t.regs {
		file.SetUint(reg, v)
	}
	return nil
}

func (f *fakeTarget) WriteRegister(id ThreadID, reg int, value []byte) error {
	t := f.find(id)
	if _, ok := t.regs[reg]; !ok {
		return ErrUnavailable
	}
	var b [8]byte
	copy(b[:], value)
	t.regs[reg] = binary.LittleEndian.Uint64(b[:])
	f.note("reg %d %s=%x", id.TID, f.desc.Registers()[reg].Name, t.regs[reg])
	return nil
}

func window(mem []byte, base, addr uint64) []byte {
	if addr < base || addr-base >= uint64(len(mem)) {
		return nil
	}
	return mem[addr-base:]
}

func (f *fakeTarget) ReadMemory(_ ThreadID, addr uint64, dst []byte) (int, error) {
	n := copy(dst, window(f.mem, memBase, addr))
	if n == 0 {
		return 0, ErrFault
	}
	return n, nil
}

func (f *fakeTarget) WriteMemory(_ ThreadID, addr uint64, src []byte) (int, error) {
	w := window(f.mem, memBase, addr)
	if len(w) < len(src) {
		return 0, fmt.Errorf("%w at %#x", ErrFault, addr)
	}
	return copy(w, src), nil
}

func (f *fakeTarget) ReadPhysical(addr uint64, dst []byte) (int, error) {
	return copy(dst, window(f.phys, 0, addr)), nil
}

func (f *fakeTarget) WritePhysical(addr uint64, src []byte) (int, error) {
	return copy(window(f.phys, 0, addr), src), nil
}

func (f *fakeTarget) Insert(b *Breakpoint) error {
	if b.Kind == ReadWatchpoint {
		return ErrUnsupported
	}
	f.bps = append(f.bps, b)
	f.seen = append(f.seen, b)
	f.note("insert %d %x", b.Kind, b.Address)
	return nil
}

func (f *fakeTarget) Remove(b *Breakpoint) error {
	for i, x := range f.bps {
		if x == b {
			f.bps = append(f.bps[:i], f.bps[i+1:]...)
			f.note("remove %d %x", b.Kind, b.Address)
			return nil
		}
	}
	return ErrNotFound
}

func (f *fakeTarget) Attach() (Stop, error) { return f.attachStop, nil }

func (f *fakeTarget) Detach(reason DetachReason) { f.note("detach %d", reason) }

// Resume runs thread 1, whatever else is asked: the others sleep for ever.
func (f *fakeTarget) Resume(ctx context.Context, plan *Plan) (Stop, error) {
	if f.resumeErr != nil {
		return Stop{}, f.resumeErr
	}
	select {
	case f.resumed <- struct{}{}:
	default:
	}
	t := f.threads[0]
	act := plan.For(t.id)
	if act.Signal != 0 {
		f.note("signal %d", act.Signal)
	}
	for n := 0; ; n++ {
		if ctx.Err() != nil {
			return Stop{Kind: StopSignal, Signal: SIGINT, Thread: t.id}, nil
		}
		if act.Action == ActionStay {
			<-ctx.Done()
			continue
		}
		if n > 0 {
			for _, b := range f.bps {
				if b.Kind <= HardwareBreakpoint && b.Address == t.regs[regPC] && b.Hit(fakeEnv{f, t}) {
					return Stop{Kind: StopBreakpoint + StopKind(b.Kind), Thread: t.id}, nil
				}
			}
		} else if act.Action == ActionContinue {
			// A breakpoint at the pc where the user resumes is stepped over by gdb, but not by simple clients.
			for _, b := range f.bps {
				if b.Kind == HardwareBreakpoint && b.Address == t.regs[regPC] {
					return Stop{Kind: StopHardwareBreakpoint, Thread: t.id}, nil
				}
			}
		}
		stored := t.regs[regPC] == loopStore
		if stored && n > 0 {
			// As on AArch64, the stop is before the access, and resuming there goes on.
			for _, b := range f.bps {
				if b.Kind >= WriteWatchpoint && b.Address < counter+8 && counter < b.Address+b.Size && b.Hit(fakeEnv{f, t}) {
					return Stop{Kind: StopWatch + StopKind(b.Kind-WriteWatchpoint), Thread: t.id, Address: counter}, nil
				}
			}
		}
		t.regs[0]++
		t.regs[regPC] += 4
		if t.regs[regPC] >= loopEnd {
			t.regs[regPC] = loopStart
		}
		if f.exitAt != 0 && t.regs[regPC] == f.exitAt {
			f.threads = nil
			return Stop{Kind: StopExited, Code: 3, Thread: t.id, Console: "guest powered off\n"}, nil
		}
		if stored {
			binary.LittleEndian.PutUint64(f.mem[counter-memBase:], t.regs[0])
		}
		switch {
		case act.Action == ActionStep,
			act.Action == ActionRange && (t.regs[regPC] < act.Start || t.regs[regPC] >= act.End):
			return Stop{Kind: StopStep, Thread: t.id}, nil
		}
		if n > 1<<20 {
			time.Sleep(time.Millisecond)
		}
	}
}

func (f *fakeTarget) Kill() error {
	f.note("kill")
	return nil
}

func (f *fakeTarget) Restart() (Stop, error) {
	f.note("restart")
	f.threads[0].regs[regPC] = loopStart
	return Stop{Kind: StopSignal, Signal: SIGTRAP, Thread: f.threads[0].id}, nil
}

func (f *fakeTarget) Regions() []Region {
	return []Region{{false, memBase, memSize}, {true, 0, 0x1000}}
}

// fakeEnv lets agent expressions see the fake.
type fakeEnv struct {
	f *fakeTarget
	t *fakeThread
}

func (e fakeEnv) AgentRegister(reg int) (uint64, error) {
	v, ok := e.t.regs[reg]
	if !ok {
		return 0, ErrUnavailable
	}
	return v, nil
}

func (e fakeEnv) AgentMemory(addr uint64, size int) (uint64, error) {
	var b [8]byte
	if n, _ := e.f.ReadMemory(e.t.id, addr, b[:size]); n < size {
		return 0, ErrFault
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

type fakeStepMask struct{ f *fakeTarget }

func (fakeStepMask) Bits() (enable, noIRQ, noTimer uint32) { return 1, 2, 4 }
func (m fakeStepMask) StepMask() uint32                    { return m.f.mask }
func (m fakeStepMask) SetStepMask(mask uint32) error {
	if mask > 7 {
		return ErrInvalid
	}
	m.f.mask = mask
	return nil
}

type fakeFiles struct{}

func (fakeFiles) ExecFile(pid int) (string, error) {
	if pid > 1 {
		return "", ErrNotFound
	}
	return "/boot/kernel", nil
}

func (fakeFiles) FileSystem(pid int) (fs.FS, error) {
	if pid > 1 {
		return nil, ErrNotFound
	}
	return linkFS{fstest.MapFS{
		"boot/kernel": {Data: []byte("\x7fELF}#$*"), Mode: 0o755},
		"link":        {Data: []byte("boot/kernel"), Mode: 0o777 | fs.ModeSymlink},
	}}, nil
}

type linkFS struct{ fstest.MapFS }

func (l linkFS) ReadLink(name string) (string, error) {
	f := l.MapFS[name]
	if f == nil {
		return "", fs.ErrNotExist
	}
	if f.Mode&fs.ModeSymlink == 0 {
		return "", fs.ErrInvalid
	}
	return string(f.Data), nil
}
