package process

import (
	"bytes"
	"fmt"
	"strings"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine/debug/guest"
)

// registers is what a debugger sees of a program's registers: gdb's own sets for GNU/Linux.
type registers struct {
	description *gdbstub.Description
	numbers     []int // the CPU's numbers of the description's registers; -1 for one that only the kernel knows
	index       map[string]int
	pc          int
	fp          map[int]bool // floating point and vectors
	scratch     [64]byte
}

// describe builds the description of a process.
func (r *registers) describe(g *guest.Guest) error {
	r.index, r.fp = make(map[string]int), make(map[int]bool)
	desc := gdbstub.I386("GNU/Linux")
	system := gdbstub.Feature{Name: "org.gnu.gdb.i386.linux", Registers: []gdbstub.Register{{Name: "orig_eax", Bits: 32, Type: "int", Group: "system"}}}
	if g.ARM64() {
		desc = gdbstub.AArch64("GNU/Linux")
		system = gdbstub.Feature{Name: "org.gnu.gdb.aarch64.tls", Registers: []gdbstub.Register{{Name: "tpidr", Bits: 64, Type: "data_ptr"}}}
	}
	desc.Features = append(desc.Features, system)
	if err := desc.Init(); err != nil {
		return err
	}
	own := make(map[string]int)
	for i, reg := range g.CPU().Registers() {
		own[strings.TrimSuffix(strings.ToLower(reg.Name), "_el0")] = i
		own[reg.Name] = i
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
func (r *registers) live(g *guest.Guest, reg int) []byte {
	return g.CPU().ReadRegister(r.numbers[reg], r.scratch[:])
}

// named reads one of them by its name.
func (r *registers) named(g *guest.Guest, name string) uint64 {
	return guest.LittleEndian(r.live(g, r.index[name]))
}

// number reads one for a breakpoint's condition.
func (r *registers) number(g *guest.Guest, reg int) (uint64, error) {
	if reg < 0 || reg >= len(r.numbers) || r.numbers[reg] < 0 {
		return 0, fmt.Errorf("%w: register %d", gdbstub.ErrInvalid, reg)
	}
	b := r.live(g, reg)
	if len(b) > 8 {
		return 0, fmt.Errorf("%w: register %s in a condition", gdbstub.ErrInvalid, r.description.Registers()[reg].Name)
	}
	return guest.LittleEndian(b), nil
}

// callSize is the length of the instruction that makes a system call: int $0x80, sysenter; svc.
func (v *View) callSize() uint64 {
	if v.guest.ARM64() {
		return 4
	}
	return 2
}

// errNoCall is -ENOSYS in 32 bits.
const errNoCall = 0xffffffda

// State is the registers and the memory of a process's threads.
type State struct{ view *View }

// State returns them.
func (v *View) State() State { return State{v} }

// find is the thread with an id.
func (s State) find(id gdbstub.ThreadID) (*thread, error) {
	if t := s.view.set.thread(id); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("%w: no thread %d", gdbstub.ErrNotFound, id.TID)
}

// ReadRegisters fills in the user-mode registers of a thread, wherever they are.
func (s State) ReadRegisters(id gdbstub.ThreadID, f *gdbstub.RegisterFile) error {
	t, err := s.find(id)
	if err != nil {
		return err
	}
	return s.view.readRegisters(t, f)
}

func (v *View) readRegisters(t *thread, f *gdbstub.RegisterFile) error {
	if v.inUserMode(t) {
		v.readLive(t, f)
		return nil
	}
	task, err := v.task(t)
	if err != nil {
		return err
	}
	current := v.onCPU() == t
	frame, err := v.guest.OS.UserFrame(&task)
	if err != nil {
		return err
	}
	r := &v.regs
	for _, saved := range frame {
		i, ok := r.index[saved.Register]
		switch {
		case !ok:
		case saved.Live && current && r.numbers[i] >= 0:
			f.Set(i, r.live(v.guest, i))
		default:
			f.SetUint(i, saved.Value)
		}
	}
	state, err := v.guest.OS.UserFP(&task, current)
	if err != nil {
		return nil // the rest is known
	}
	return v.readFP(&state, f)
}

// readLive reads those of the program on the CPU.
func (v *View) readLive(t *thread, f *gdbstub.RegisterFile) {
	r := &v.regs
	for i, n := range r.numbers {
		if n >= 0 {
			f.Set(i, r.live(v.guest, i))
		}
	}
	if i, ok := r.index["orig_eax"]; ok {
		f.SetUint(i, uint64(0xffffffff))
		if t.phase == atCall {
			// As under Linux: the number is kept here, and the result is "no such call" until there is another.
			f.SetUint(i, uint64(t.call))
			f.SetUint(r.index["eax"], errNoCall)
		}
	}
	if t.phase == atCall {
		f.SetUint(r.pc, v.guest.CPU().PC()+v.callSize())
	}
}

// readFP reads floating point and vectors from where the kernel has them.
func (v *View) readFP(state *introspect.FPState, f *gdbstub.RegisterFile) error {
	r := &v.regs
	if state.Live {
		for i := range r.fp {
			if r.fp[i] {
				f.Set(i, r.live(v.guest, i))
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
		if err := v.guest.ReadMemory(saved.Addr, value[:saved.Size]); err != nil {
			return err
		}
		f.Set(i, value)
	}
	if i, ok := r.index["ftag"]; ok {
		var image [160]byte
		if err := v.guest.ReadMemory(state.Addr, image[:]); err != nil {
			return err
		}
		f.SetUint(i, uint64(introspect.FullTag(image[:])))
	}
	return nil
}

// WriteRegister changes a user-mode register of a thread. One that sleeps is taken out of its system call first.
func (s State) WriteRegister(id gdbstub.ThreadID, reg int, value []byte) error {
	t, err := s.find(id)
	if err != nil {
		return err
	}
	s.view.guest.Forget()
	return s.view.writeRegister(t, reg, value)
}

func (v *View) writeRegister(t *thread, reg int, value []byte) error {
	if reg == v.regs.pc {
		t.skip.known = false
	}
	if err := v.rouse(t); err != nil {
		return err
	}
	if v.inUserMode(t) {
		return v.writeCurrent(t, reg, value)
	}
	task, err := v.task(t)
	if err != nil {
		return err
	}
	if v.regs.fp[reg] {
		return v.writeFP(t, &task, reg, value)
	}
	frame, err := v.guest.OS.UserFrame(&task)
	if err != nil {
		return err
	}
	name := v.regs.description.Registers()[reg].Name
	for _, saved := range frame {
		if saved.Register != name {
			continue
		}
		if saved.Live && v.onCPU() == t && v.regs.numbers[reg] >= 0 {
			return v.control.WriteRegister(v.regs.numbers[reg], value)
		}
		padded := make([]byte, 8)
		copy(padded, value)
		return v.guest.WriteMemory(saved.Addr, padded[:saved.Size])
	}
	return v.unavailable(t, reg)
}

func (v *View) unavailable(t *thread, reg int) error {
	return fmt.Errorf("%w: %s of thread %d", gdbstub.ErrUnavailable, v.regs.description.Registers()[reg].Name, t.id.TID)
}

// writeCurrent changes a register of the program on the CPU.
func (v *View) writeCurrent(t *thread, reg int, value []byte) error {
	name := v.regs.description.Registers()[reg].Name
	if t.phase == atCall {
		switch {
		case reg == v.regs.pc && guest.LittleEndian(value) == v.guest.CPU().PC()+v.callSize():
			return nil
		case reg == v.regs.pc:
			t.phase = inProgram // it goes somewhere else, and does not make the call
		case name == "eax":
			return nil // it has no effect on a call that has begun
		case name == "orig_eax":
			return v.changeCall(t, value)
		}
	}
	if v.regs.numbers[reg] < 0 {
		return nil // orig_eax: it is in no system call that could be made again
	}
	return v.writeLive(reg, value)
}

// changeCall makes the system call that a thread is at another one, or none.
func (v *View) changeCall(t *thread, number []byte) error {
	n := int(int32(guest.LittleEndian(number)))
	if n == t.call {
		return nil
	}
	t.call = max(n, 0)
	return v.control.WriteRegister(v.regs.numbers[v.regs.index["eax"]], number)
}

// writeLive changes a user register in the CPU. The x87 registers are named from the top of their stack, and a debugger that moves the
// top by fstat means them to keep their names, as in the image that Linux gives to debuggers.
func (v *View) writeLive(reg int, value []byte) error {
	r := &v.regs
	var names []int
	var values [][]byte
	if r.description.Registers()[reg].Name == "fstat" {
		for i := range 8 {
			st := r.index[fmt.Sprintf("st%d", i)]
			names, values = append(names, r.numbers[st]), append(values, bytes.Clone(r.live(v.guest, st)))
		}
	}
	if err := v.control.WriteRegister(r.numbers[reg], value); err != nil {
		return err
	}
	for i, n := range names {
		if err := v.control.WriteRegister(n, values[i]); err != nil {
			return err
		}
	}
	return nil
}

// writeFP changes floating point or a vector where the kernel has it.
func (v *View) writeFP(t *thread, task *introspect.Task, reg int, value []byte) error {
	state, err := v.guest.OS.UserFP(task, v.onCPU() == t)
	if err != nil {
		return err
	}
	if state.Live {
		return v.writeLive(reg, value)
	}
	name := v.regs.description.Registers()[reg].Name
	if name == "ftag" {
		return v.guest.WriteMemory(state.Addr+4, []byte{introspect.AbridgedTag(uint16(guest.LittleEndian(value)))})
	}
	for _, saved := range state.Registers {
		if saved.Register == name {
			return v.guest.WriteMemory(saved.Addr, value[:saved.Size])
		}
	}
	return v.unavailable(t, reg)
}

// userPC is the program counter that a thread has in user mode.
func (v *View) userPC(t *thread) (uint64, error) {
	if v.inUserMode(t) {
		return v.guest.CPU().PC(), nil
	}
	task, err := v.task(t)
	if err != nil {
		return 0, err
	}
	frame, err := v.guest.OS.UserFrame(&task)
	if err != nil {
		return 0, err
	}
	for _, saved := range frame {
		if i, ok := v.regs.index[saved.Register]; ok && i == v.regs.pc {
			return saved.Value, nil
		}
	}
	return 0, gdbstub.ErrUnavailable
}
