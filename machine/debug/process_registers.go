package debug

import (
	"bytes"
	"fmt"
	"strings"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
)

// userRegisters is what a debugger sees of a program's registers: gdb's own sets for GNU/Linux.
type userRegisters struct {
	description *gdbstub.Description
	numbers     []int // the CPU's numbers of the description's registers; -1 for one that only the kernel knows
	index       map[string]int
	pc, sp      int
	fp          map[int]bool // floating point and vectors
}

// describeUser builds the description of a process.
func (d *Debugger) describeUser(arch string) error {
	d.user = userRegisters{index: make(map[string]int), fp: make(map[int]bool)}
	u := &d.user
	desc := gdbstub.I386("GNU/Linux")
	system := gdbstub.Feature{Name: "org.gnu.gdb.i386.linux", Registers: []gdbstub.Register{{Name: "orig_eax", Bits: 32, Type: "int", Group: "system"}}}
	if arch == machine.ARM64 {
		desc = gdbstub.AArch64("GNU/Linux")
		system = gdbstub.Feature{Name: "org.gnu.gdb.aarch64.tls", Registers: []gdbstub.Register{{Name: "tpidr", Bits: 64, Type: "data_ptr"}}}
	}
	desc.Features = append(desc.Features, system)
	if err := desc.Init(); err != nil {
		return err
	}
	own := make(map[string]int)
	for i, r := range d.cpu.Registers() {
		own[strings.TrimSuffix(strings.ToLower(r.Name), "_el0")] = i
		own[r.Name] = i
	}
	for i, r := range desc.Registers() {
		u.index[r.Name] = i
		n, ok := own[r.Name]
		if !ok {
			n = -1
		}
		u.numbers = append(u.numbers, n)
		if ok {
			g := d.cpu.Registers()[n].Group
			u.fp[i] = g == "float" || g == "vector"
		}
	}
	u.description, u.pc, u.sp = desc, desc.Generic("pc"), desc.Generic("sp")
	return nil
}

// inUserMode says whether the thread is on the CPU in user mode, so that the CPU's registers are its own.
func (d *Debugger) inUserMode(t *thread) bool { return !d.cpu.Privileged() && d.threadOnCPU() == t }

// syscallSize is the length of the instruction that makes a system call: int $0x80, sysenter; svc.
func (d *Debugger) syscallSize() uint64 {
	if d.machine.Arch() == machine.ARM64 {
		return 4
	}
	return 2
}

// readUserRegisters fills in the user-mode registers of a thread, wherever they are.
func (d *Debugger) readUserRegisters(t *thread, f *gdbstub.RegisterFile) error {
	u := &d.user
	if d.inUserMode(t) {
		for i, n := range u.numbers {
			if n >= 0 {
				f.Set(i, d.cpu.ReadRegister(n, d.scratch[:]))
			}
		}
		if i, ok := u.index["orig_eax"]; ok {
			f.SetUint(i, uint64(0xffffffff))
			if t.entering >= 0 {
				// As under Linux: the number is kept here, and the result is "no such call" until there is another.
				f.SetUint(i, uint64(t.entering))
				f.SetUint(u.index["eax"], errNoCall)
			}
		}
		if t.entering >= 0 {
			f.SetUint(u.pc, d.cpu.PC()+d.syscallSize())
		}
		return nil
	}
	task, err := d.task(t)
	if err != nil {
		return err
	}
	current := d.threadOnCPU() == t
	frame, err := d.kernel.UserFrame(&task)
	if err != nil {
		return err
	}
	for _, r := range frame {
		i, ok := u.index[r.Register]
		switch {
		case !ok:
		case r.Live && current && u.numbers[i] >= 0:
			f.Set(i, d.cpu.ReadRegister(u.numbers[i], d.scratch[:]))
		default:
			f.SetUint(i, r.Value)
		}
	}
	state, err := d.kernel.UserFP(&task, current)
	if err != nil {
		return nil // the rest is known
	}
	if state.Live {
		for i := range u.fp {
			if u.fp[i] {
				f.Set(i, d.cpu.ReadRegister(u.numbers[i], d.scratch[:]))
			}
		}
		return nil
	}
	for _, r := range state.Registers {
		i, ok := u.index[r.Register]
		if !ok {
			continue
		}
		value := make([]byte, u.description.Registers()[i].Bits/8)
		if err := (kernelMemory{d}).ReadMemory(r.Addr, value[:r.Size]); err != nil {
			return err
		}
		f.Set(i, value)
	}
	if i, ok := u.index["ftag"]; ok {
		var image [160]byte
		if err := (kernelMemory{d}).ReadMemory(state.Addr, image[:]); err != nil {
			return err
		}
		f.SetUint(i, uint64(introspect.FullTag(image[:])))
	}
	return nil
}

// writeUserRegister changes a user-mode register of a thread.
func (d *Debugger) writeUserRegister(t *thread, reg int, value []byte) error {
	u := &d.user
	name := u.description.Registers()[reg].Name
	if reg == u.pc {
		t.skipKnown = false
	}
	if err := d.rouse(t); err != nil {
		return err
	}
	if d.inUserMode(t) {
		if reg == u.pc && t.entering >= 0 {
			if littleEndian(value) == d.cpu.PC()+d.syscallSize() {
				return nil
			}
			t.entering = -1 // it goes somewhere else, and does not make the call
		}
		if t.entering >= 0 && name == "eax" {
			return nil // it has no effect on a call that has begun
		}
		if t.entering >= 0 && name == "orig_eax" {
			return d.changeCall(t, value)
		}
		if u.numbers[reg] < 0 {
			return nil // orig_eax: it is in no system call that could be made again
		}
		return d.writeLive(reg, value)
	}
	task, err := d.task(t)
	if err != nil {
		return err
	}
	current := d.threadOnCPU() == t
	if u.fp[reg] {
		state, err := d.kernel.UserFP(&task, current)
		if err != nil {
			return err
		}
		if state.Live {
			return d.writeLive(reg, value)
		}
		if name == "ftag" {
			return d.writeKernel(state.Addr+4, []byte{introspect.AbridgedTag(uint16(littleEndian(value)))})
		}
		for _, r := range state.Registers {
			if r.Register == name {
				return d.writeKernel(r.Addr, value[:r.Size])
			}
		}
		return fmt.Errorf("%w: %s of thread %d", gdbstub.ErrUnavailable, name, t.id.TID)
	}
	frame, err := d.kernel.UserFrame(&task)
	if err != nil {
		return err
	}
	for _, r := range frame {
		if r.Register != name {
			continue
		}
		if r.Live && current && u.numbers[reg] >= 0 {
			return d.cpu.WriteRegister(u.numbers[reg], value)
		}
		padded := make([]byte, 8)
		copy(padded, value)
		return d.writeKernel(r.Addr, padded[:r.Size])
	}
	return fmt.Errorf("%w: %s of thread %d", gdbstub.ErrUnavailable, name, t.id.TID)
}

// errNoCall is -ENOSYS in 32 bits.
const errNoCall = 0xffffffda

// changeCall makes the system call that a thread is at another one, or none.
func (d *Debugger) changeCall(t *thread, number []byte) error {
	n := int(int32(littleEndian(number)))
	if n == t.entering {
		return nil
	}
	t.entering = max(n, 0)
	return d.cpu.WriteRegister(d.user.numbers[d.user.index["eax"]], number)
}

// writeLive changes a user register in the CPU. The x87 registers are named from the top of their stack, and a debugger that
// moves the top by fstat means them to keep their names, as in the image that Linux gives to debuggers.
func (d *Debugger) writeLive(reg int, value []byte) error {
	u := &d.user
	var names []int
	var values [][]byte
	if u.description.Registers()[reg].Name == "fstat" {
		for i := range 8 {
			n := u.numbers[u.index[fmt.Sprintf("st%d", i)]]
			names, values = append(names, n), append(values, bytes.Clone(d.cpu.ReadRegister(n, d.scratch[:])))
		}
	}
	if err := d.cpu.WriteRegister(u.numbers[reg], value); err != nil {
		return err
	}
	for i, n := range names {
		if err := d.cpu.WriteRegister(n, values[i]); err != nil {
			return err
		}
	}
	return nil
}

// writeKernel writes the kernel's own memory.
func (d *Debugger) writeKernel(va uint64, p []byte) error {
	n, err := d.transfer(d.cpu.Space(), va, p, d.machine.RAM().Write)
	if err == nil && n < len(p) {
		err = fmt.Errorf("%w at %#x", gdbstub.ErrFault, va+uint64(n))
	}
	return err
}

// userPC is the program counter that a thread has in user mode.
func (d *Debugger) userPC(t *thread) (uint64, error) {
	if d.inUserMode(t) {
		return d.cpu.PC(), nil
	}
	task, err := d.task(t)
	if err != nil {
		return 0, err
	}
	frame, err := d.kernel.UserFrame(&task)
	if err != nil {
		return 0, err
	}
	for _, r := range frame {
		if i, ok := d.user.index[r.Register]; ok && i == d.user.pc {
			return r.Value, nil
		}
	}
	return 0, gdbstub.ErrUnavailable
}

// userEnv lets the conditions of a process's breakpoint look at the thread that has reached it. It is on the CPU.
type userEnv struct {
	d *Debugger
	t *thread
}

// AgentRegister implements gdbstub.AgentEnv.
func (e userEnv) AgentRegister(reg int) (uint64, error) {
	u := &e.d.user
	if reg < 0 || reg >= len(u.numbers) || u.numbers[reg] < 0 {
		return 0, fmt.Errorf("%w: register %d", gdbstub.ErrInvalid, reg)
	}
	b := e.d.cpu.ReadRegister(u.numbers[reg], e.d.scratch[:])
	if len(b) > 8 {
		return 0, fmt.Errorf("%w: register %s in a condition", gdbstub.ErrInvalid, u.description.Registers()[reg].Name)
	}
	return littleEndian(b), nil
}

// AgentMemory implements gdbstub.AgentEnv.
func (e userEnv) AgentMemory(addr uint64, size int) (uint64, error) {
	if e.d.machine.Arch() == machine.I386 {
		addr = uint64(uint32(addr))
	}
	b := e.d.scratch[:size]
	n, err := e.d.readUser(e.t, addr, b)
	if err != nil || n < size {
		return 0, gdbstub.ErrFault
	}
	return littleEndian(b), nil
}
