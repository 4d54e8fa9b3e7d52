package process

import (
	"bytes"
	"fmt"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine/debug/guest"
)

// registers is what a debugger sees of a program's registers: gdb's own sets for GNU/Linux.
type registers struct {
	*scene
	description *gdbstub.Description
	numbers     []int // the CPU's numbers of the description's registers; -1 for one that only the kernel knows
	index       map[string]int
	pc          int
	fp          map[int]bool // floating point and vectors
	scratch     [64]byte
}

// describe builds the description of a process.
func (r *registers) describe() error {
	g := r.guest
	r.index, r.fp, r.numbers = make(map[string]int), make(map[int]bool), nil
	a := g.Arch()
	desc := a.Registers.Describe("GNU/Linux")
	desc.Features = append(desc.Features, a.Registers.Linux)
	if err := desc.Init(); err != nil {
		return err
	}
	own := make(map[string]int)
	for i, reg := range g.CPU().Registers() {
		own[reg.Name] = i
	}
	for name, other := range a.Registers.CPU {
		if i, ok := own[other]; ok {
			own[name] = i
		}
	}
	for i, reg := range desc.Registers() {
		r.index[reg.Name] = i
		n, ok := own[reg.Name]
		if !ok {
			n = -1
		}
		r.numbers = append(r.numbers, n)
		if ok {
			group := g.CPU().Registers()[n].Group
			r.fp[i] = group == "float" || group == "vector"
		}
	}
	r.description, r.pc = desc, desc.Generic("pc")
	return nil
}

// live reads a register of the program on the CPU. The bytes are valid until the next call.
func (r *registers) live(reg int) []byte {
	return r.guest.CPU().ReadRegister(r.numbers[reg], r.scratch[:])
}

// named reads one of them by its name.
func (r *registers) named(name string) uint64 {
	return guest.LittleEndian(r.live(r.index[name]))
}

// number reads one for a breakpoint's condition.
func (r *registers) number(reg int) (uint64, error) {
	if reg < 0 || reg >= len(r.numbers) || r.numbers[reg] < 0 {
		return 0, fmt.Errorf("%w: register %d", gdbstub.ErrInvalid, reg)
	}
	b := r.live(reg)
	if len(b) > 8 {
		return 0, fmt.Errorf("%w: register %s in a condition", gdbstub.ErrInvalid, r.description.Registers()[reg].Name)
	}
	return guest.LittleEndian(b), nil
}

// callSize is the length of the instruction that makes a system call.
func (r *registers) callSize() uint64 { return uint64(r.guest.Arch().Syscall.Length()) }

// noCall is -1, which Linux shows as the number where there is no call, and errNoCall is -ENOSYS.
const (
	noCall    = ^uint64(0)
	errNoCall = ^uint64(38 - 1)
)

// read fills in the user-mode registers of a thread, wherever they are.
func (r *registers) read(t *thread, f *gdbstub.RegisterFile) error {
	if r.inUserMode(t) {
		r.readLive(t, f)
		return nil
	}
	task, err := r.task(t)
	if err != nil {
		return err
	}
	current := r.onCPU() == t
	frame, err := r.guest.OS.UserFrame(&task)
	if err != nil {
		return err
	}
	for _, saved := range frame {
		i, ok := r.index[saved.Register]
		switch {
		case !ok:
		case saved.Live && current && r.numbers[i] >= 0:
			f.Set(i, r.live(i))
		default:
			f.SetUint(i, saved.Value)
		}
	}
	state, err := r.guest.OS.UserFP(&task, current)
	if err != nil {
		return nil // the rest is known
	}
	return r.readFP(&state, f)
}

// readLive reads those of the program on the CPU.
func (r *registers) readLive(t *thread, f *gdbstub.RegisterFile) {
	for i, n := range r.numbers {
		if n >= 0 {
			f.Set(i, r.live(i))
		}
	}
	call := &r.guest.Arch().Syscall
	if i, ok := r.index[call.Kept]; ok {
		f.SetUint(i, noCall)
		if t.phase == atCall {
			// As under Linux: the number is kept here, and the result is "no such call" until there is another.
			f.SetUint(i, uint64(t.call))
			f.SetUint(r.index[call.Result], errNoCall)
		}
	}
	if t.phase == atCall {
		f.SetUint(r.pc, r.guest.CPU().PC()+r.callSize())
	}
}

// readFP reads floating point and vectors from where the kernel has them.
func (r *registers) readFP(state *introspect.FPState, f *gdbstub.RegisterFile) error {
	if state.Live {
		for i := range r.fp {
			if r.fp[i] {
				f.Set(i, r.live(i))
			}
		}
		return nil
	}
	for _, saved := range state.Registers {
		i, ok := r.index[saved.Register]
		if !ok {
			continue
		}
		value := make([]byte, r.description.Registers()[i].Bits/8)
		if err := r.guest.ReadMemory(saved.Addr, value[:saved.Size]); err != nil {
			return err
		}
		f.Set(i, value)
	}
	if i, ok := r.index["ftag"]; ok {
		var image [160]byte
		if err := r.guest.ReadMemory(state.Addr, image[:]); err != nil {
			return err
		}
		f.SetUint(i, uint64(introspect.FullTag(image[:])))
	}
	return nil
}

// write changes a user-mode register of a thread that does not sleep.
func (r *registers) write(t *thread, reg int, value []byte) error {
	if reg == r.pc {
		t.skip.known = false
	}
	if r.inUserMode(t) {
		return r.writeCurrent(t, reg, value)
	}
	task, err := r.task(t)
	if err != nil {
		return err
	}
	if r.fp[reg] {
		return r.writeFP(t, &task, reg, value)
	}
	frame, err := r.guest.OS.UserFrame(&task)
	if err != nil {
		return err
	}
	name := r.description.Registers()[reg].Name
	for _, saved := range frame {
		if saved.Register != name {
			continue
		}
		if saved.Live && r.onCPU() == t && r.numbers[reg] >= 0 {
			return r.control.WriteRegister(r.numbers[reg], value)
		}
		padded := make([]byte, 8)
		copy(padded, value)
		return r.guest.WriteMemory(saved.Addr, padded[:saved.Size])
	}
	return r.unavailable(t, reg)
}

func (r *registers) unavailable(t *thread, reg int) error {
	return fmt.Errorf("%w: %s of thread %d", gdbstub.ErrUnavailable, r.description.Registers()[reg].Name, t.id.TID)
}

// writeCurrent changes a register of the program on the CPU.
func (r *registers) writeCurrent(t *thread, reg int, value []byte) error {
	name, call := r.description.Registers()[reg].Name, &r.guest.Arch().Syscall
	if t.phase == atCall {
		switch {
		case reg == r.pc && guest.LittleEndian(value) == r.guest.CPU().PC()+r.callSize():
			return nil
		case reg == r.pc:
			t.phase = inProgram // it goes somewhere else, and does not make the call
		case call.Kept == "":
		case name == call.Result:
			return nil // it has no effect on a call that has begun
		case name == call.Kept:
			return r.changeCall(t, value)
		}
	}
	if r.numbers[reg] < 0 {
		return nil // the number kept: it is in no system call that could be made again
	}
	return r.writeLive(reg, value)
}

// changeCall makes the system call that a thread is at another one, or none.
func (r *registers) changeCall(t *thread, number []byte) error {
	n := int(int32(guest.LittleEndian(number)))
	if n == t.call {
		return nil
	}
	t.call = max(n, 0)
	return r.control.WriteRegister(r.numbers[r.index[r.guest.Arch().Syscall.Number]], number)
}

// writeLive changes a user register in the CPU. The x87 registers are named from the top of their stack, and a debugger that moves the
// top by fstat means them to keep their names, as in the image that Linux gives to debuggers.
func (r *registers) writeLive(reg int, value []byte) error {
	var names []int
	var values [][]byte
	if r.description.Registers()[reg].Name == "fstat" {
		for i := range 8 {
			st := r.index[fmt.Sprintf("st%d", i)]
			names, values = append(names, r.numbers[st]), append(values, bytes.Clone(r.live(st)))
		}
	}
	if err := r.control.WriteRegister(r.numbers[reg], value); err != nil {
		return err
	}
	for i, n := range names {
		if err := r.control.WriteRegister(n, values[i]); err != nil {
			return err
		}
	}
	return nil
}

// writeFP changes floating point or a vector where the kernel has it.
func (r *registers) writeFP(t *thread, task *introspect.Task, reg int, value []byte) error {
	state, err := r.guest.OS.UserFP(task, r.onCPU() == t)
	if err != nil {
		return err
	}
	if state.Live {
		return r.writeLive(reg, value)
	}
	name := r.description.Registers()[reg].Name
	if name == "ftag" {
		return r.guest.WriteMemory(state.Addr+4, []byte{introspect.AbridgedTag(uint16(guest.LittleEndian(value)))})
	}
	for _, saved := range state.Registers {
		if saved.Register == name {
			return r.guest.WriteMemory(saved.Addr, value[:saved.Size])
		}
	}
	return r.unavailable(t, reg)
}

// userPC is the program counter that a thread has in user mode.
func (r *registers) userPC(t *thread) (uint64, error) {
	if r.inUserMode(t) {
		return r.guest.CPU().PC(), nil
	}
	task, err := r.task(t)
	if err != nil {
		return 0, err
	}
	frame, err := r.guest.OS.UserFrame(&task)
	if err != nil {
		return 0, err
	}
	for _, saved := range frame {
		if i, ok := r.index[saved.Register]; ok && i == r.pc {
			return saved.Value, nil
		}
	}
	return 0, gdbstub.ErrUnavailable
}

// values reads the general registers of a thread.
func (r *registers) values(t *thread) ([]userValue, error) {
	f := r.description.NewRegisterFile()
	if err := r.read(t, f); err != nil {
		return nil, err
	}
	var list []userValue
	for i, n := range r.numbers {
		if n >= 0 && !r.fp[i] && f.Known(i) {
			list = append(list, userValue{i, append([]byte(nil), f.Bytes(i)...)})
		}
	}
	return list, nil
}
