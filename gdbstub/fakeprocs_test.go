package gdbstub

import (
	"context"
	"encoding/binary"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"testing/fstest"
	"time"
)

// fakeSystem is a toy system of processes that obeys the contract of Target with Processes. All run the same program of
// "instructions" of four bytes from procStart on, taking turns; most do nothing, and those in ops do something. Thread ids
// are distinct from process ids, so that a mix-up shows.
type fakeSystem struct {
	desc, kernelDesc *Description
	procs            map[int]*fakeProcess
	ops              map[uint64]fakeOp
	bps              []*Breakpoint
	log              []string
	nextPID          int
	events           EventSet
	pass, program    SignalSet
	stopAt           ThreadID // thread of the last stop
	nonStop          bool
	waiting          []Stop // in non-stop mode, not reported yet
	refuseKill       int    // a process that can't be killed
}

type fakeProcess struct {
	pid      int
	debugged bool
	attached bool
	desc     *Description
	mem      []byte
	threads  []*procThread
	all      bool // system calls that stop
	calls    []int
	path     string
}

type procThread struct {
	id      ThreadID
	regs    map[int]uint64
	siginfo []byte
	inCall  bool // between entry to and return from a system call
	action  Action
	last    Stop
}

// fakeOp is what an instruction does.
type fakeOp struct {
	what  string // "fork", "vfork", "exec", "exit", "die", "syscall", "signal", "clone", "end", "back"
	n     int
	child uint64 // where the new process or thread starts
}

const (
	procStart = memBase + 0x1000
	procPID   = 0x10
	kernelPID = 1 << 22
)

// at is the address of the nth instruction.
func at(n int) uint64 { return procStart + 4*uint64(n) }

func newFakeSystem() *fakeSystem {
	f := &fakeSystem{desc: AArch64("GNU/Linux"), kernelDesc: AArch64("none"), procs: map[int]*fakeProcess{}, ops: map[uint64]fakeOp{}, nextPID: procPID}
	for _, d := range []*Description{f.desc, f.kernelDesc} {
		if err := d.Init(); err != nil {
			panic(err)
		}
	}
	f.spawn("/bin/first").debugged = true
	return f
}

// withKernel adds the kernel, with a description of its own.
func (f *fakeSystem) withKernel() *fakeSystem {
	k := f.spawn("/boot/kernel")
	delete(f.procs, k.pid)
	f.nextPID--
	k.pid, k.debugged, k.attached, k.desc = kernelPID, true, true, f.kernelDesc
	k.threads[0].id = ThreadID{kernelPID, kernelPID}
	f.procs[kernelPID] = k
	return f
}

func (f *fakeSystem) target() *Target {
	return &Target{
		Description: f.desc, Control: f, Threads: f, Registers: f, Memory: f, Breakpoints: f, Processes: f, Events: f,
		Syscalls: f, Signals: f, NonStop: f, Auxv: f, TLS: f, OSData: f, Files: f,
	}
}

func (f *fakeSystem) note(format string, args ...any) {
	f.log = append(f.log, fmt.Sprintf(format, args...))
}

func (f *fakeSystem) spawn(path string) *fakeProcess {
	p := &fakeProcess{pid: f.nextPID, path: path, desc: f.desc, mem: make([]byte, memSize)}
	copy(p.mem, path)
	for pc := uint64(procStart); pc < procStart+0x800; pc += 4 {
		binary.LittleEndian.PutUint32(p.mem[pc-memBase:], 0xd503201f)
	}
	f.nextPID++
	regs := map[int]uint64{regSP: memBase + 0xff00, regPC: procStart, regCPSR: 0}
	for i := range regSP {
		regs[i] = 0
	}
	for i := 34; i < 68; i++ {
		regs[i] = 0
	}
	p.threads = []*procThread{{id: ThreadID{p.pid, 0x100 + p.pid}, regs: regs}}
	f.procs[p.pid] = p
	return p
}

func (f *fakeSystem) Debugged() []int {
	var list []int
	for _, pid := range slices.Sorted(maps.Keys(f.procs)) {
		if f.procs[pid].debugged {
			list = append(list, pid)
		}
	}
	return list
}

func (f *fakeSystem) Description(pid int) *Description {
	if p := f.procs[pid]; p != nil {
		return p.desc
	}
	return nil
}

func (f *fakeSystem) AttachProcess(pid int) (Stop, error) {
	p := f.procs[pid]
	if p == nil {
		return Stop{}, ErrNotFound
	}
	p.debugged, p.attached = true, true
	f.note("attach %x", pid)
	return f.stop(Stop{Kind: StopSignal, Thread: p.threads[0].id, Core: -1}), nil
}

func (f *fakeSystem) DetachProcess(pid int) error {
	f.procs[pid].debugged = false
	f.note("detach %x", pid)
	return nil
}

func (f *fakeSystem) KillProcess(pid int) error {
	if pid == f.refuseKill || pid == kernelPID {
		return fmt.Errorf("process %d can't be killed", pid)
	}
	delete(f.procs, pid)
	f.note("kill %x", pid)
	return nil
}

func (f *fakeSystem) RunProcess(r RunRequest) (Stop, error) {
	f.note("run %q %q env %q dir %q", r.File, r.Args, r.Env, r.Dir)
	if r.File == "/bin/none" {
		return Stop{}, ErrNotFound
	}
	p := f.spawn("/bin/first")
	p.debugged = true
	return f.stop(Stop{Kind: StopSignal, Signal: SIGTRAP, Thread: p.threads[0].id, Core: -1}), nil
}

func (f *fakeSystem) WasAttached(pid int) bool { return f.procs[pid].attached }

func (f *fakeSystem) SetEvents(e EventSet) {
	f.events = e
	f.note("events %+v", e)
}

func (f *fakeSystem) CatchSyscalls(pid int, all bool, numbers []int) error {
	f.procs[pid].all, f.procs[pid].calls = all, numbers
	f.note("catch %x %v %v", pid, all, numbers)
	return nil
}

func (f *fakeSystem) PassSignals(set SignalSet)    { f.pass = set }
func (f *fakeSystem) ProgramSignals(set SignalSet) { f.program = set }

func (f *fakeSystem) ReadSiginfo(id ThreadID) ([]byte, error) {
	if t := f.find(id); t != nil && t.siginfo != nil {
		return t.siginfo, nil
	}
	return nil, ErrNotFound
}

func (f *fakeSystem) WriteSiginfo(id ThreadID, offset int, data []byte) error {
	t := f.find(id)
	if t == nil || offset+len(data) > len(t.siginfo) {
		return ErrInvalid
	}
	copy(t.siginfo[offset:], data)
	return nil
}

func (f *fakeSystem) Auxv(id ThreadID) ([]byte, error) {
	var b []byte
	for _, v := range []uint64{11, uint64(id.PID), 0, 0} { // AT_UID, AT_NULL
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b, nil
}

func (f *fakeSystem) TLSAddress(id ThreadID, offset, linkMap uint64) (uint64, error) {
	if linkMap != 0 {
		return 0, ErrNotFound
	}
	return uint64(id.PID)<<16 + offset, nil
}

func (f *fakeSystem) OSTables() []OSTable {
	return []OSTable{{Name: "processes", Title: "Processes", Description: "all of them"}}
}

func (f *fakeSystem) OSData(name string) (OSTable, error) {
	if name != "processes" {
		return OSTable{}, ErrNotFound
	}
	t := OSTable{Name: name, Columns: []string{"pid", "command"}}
	for _, pid := range slices.Sorted(maps.Keys(f.procs)) {
		t.Rows = append(t.Rows, []string{fmt.Sprint(pid), f.procs[pid].path + " <&>"})
	}
	return t, nil
}

func (f *fakeSystem) ExecFile(pid int) (string, error) {
	if p := f.procs[pid]; p != nil {
		return p.path, nil
	}
	return "", ErrNotFound
}

func (f *fakeSystem) FileSystem(int) (fs.FS, error) { return fstest.MapFS{}, nil }

func (f *fakeSystem) find(id ThreadID) *procThread {
	if p := f.procs[id.PID]; p != nil && p.debugged {
		for _, t := range p.threads {
			if t.id == id {
				return t
			}
		}
	}
	return nil
}

// all lists the threads of debugged processes.
func (f *fakeSystem) all() []*procThread {
	var list []*procThread
	for _, pid := range f.Debugged() {
		list = append(list, f.procs[pid].threads...)
	}
	return list
}

func (f *fakeSystem) AppendThreads(dst []ThreadID) []ThreadID {
	for _, t := range f.all() {
		dst = append(dst, t.id)
	}
	return dst
}

func (f *fakeSystem) Alive(id ThreadID) bool { return f.find(id) != nil }

func (f *fakeSystem) Current() ThreadID {
	if f.Alive(f.stopAt) {
		return f.stopAt
	}
	if list := f.all(); len(list) > 0 {
		return list[0].id
	}
	return ThreadID{}
}

func (f *fakeSystem) Thread(id ThreadID) (Thread, error) {
	return Thread{Name: f.procs[id.PID].path[1:], Core: -1}, nil
}

func (f *fakeSystem) ReadRegisters(id ThreadID, file *RegisterFile) error {
	for reg, v := range f.find(id).regs {
		file.SetUint(reg, v)
	}
	return nil
}

func (f *fakeSystem) WriteRegister(id ThreadID, reg int, value []byte) error {
	var b [8]byte
	copy(b[:], value)
	f.find(id).regs[reg] = binary.LittleEndian.Uint64(b[:])
	return nil
}

func (f *fakeSystem) ReadMemory(id ThreadID, addr uint64, dst []byte) (int, error) {
	n := copy(dst, window(f.procs[id.PID].mem, memBase, addr))
	if n == 0 && len(dst) > 0 {
		return 0, ErrFault
	}
	return n, nil
}

func (f *fakeSystem) WriteMemory(id ThreadID, addr uint64, src []byte) (int, error) {
	w := window(f.procs[id.PID].mem, memBase, addr)
	if len(w) < len(src) {
		return 0, ErrFault
	}
	return copy(w, src), nil
}

func (f *fakeSystem) Insert(b *Breakpoint) error {
	f.bps = append(f.bps, b)
	f.note("insert %s %x", b.Thread, b.Address)
	return nil
}

func (f *fakeSystem) Remove(b *Breakpoint) error {
	i := slices.Index(f.bps, b)
	if i < 0 {
		return ErrNotFound
	}
	f.bps = slices.Delete(f.bps, i, i+1)
	f.note("remove %s %x", b.Thread, b.Address)
	return nil
}

func (f *fakeSystem) Attach() (Stop, error) {
	list := f.all()
	if len(list) == 0 {
		return Stop{Kind: StopExited}, nil
	}
	return f.stop(Stop{Kind: StopSignal, Signal: SIGTRAP, Thread: list[0].id, Core: -1}), nil
}

func (f *fakeSystem) Detach(reason DetachReason) { f.note("end %d", reason) }

// stop notes a stop of a thread.
func (f *fakeSystem) stop(s Stop) Stop {
	s.Core = -1
	f.stopAt = s.Thread
	if t := f.find(s.Thread); t != nil {
		t.last, t.action = s, ActionStay
	}
	return s
}

// Resume lets every thread that may run execute one instruction after the other's.
func (f *fakeSystem) Resume(ctx context.Context, plan *Plan) (Stop, error) {
	for _, t := range f.all() {
		a := plan.For(t.id)
		t.action = a.Action
		if a.Signal != 0 {
			f.note("signal %d to %s", a.Signal, t.id)
		}
	}
	for {
		if ctx.Err() != nil {
			return f.stop(Stop{Kind: StopSignal, Signal: SIGINT, Thread: f.Current()}), nil
		}
		if s, ok := f.round(); ok {
			return f.stop(s), nil
		}
	}
}

// round lets each moving thread execute once.
func (f *fakeSystem) round() (Stop, bool) {
	moved := false
	for _, t := range f.all() {
		if t.action == ActionStay || !f.Alive(t.id) {
			continue
		}
		moved = true
		if s, ok := f.execute(t); ok {
			return s, true
		}
	}
	if !moved {
		if f.events.NoResumed && !f.nonStop {
			return Stop{Kind: StopNoResumed}, true
		}
		time.Sleep(time.Millisecond)
	}
	return Stop{}, false
}
