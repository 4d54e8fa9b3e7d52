// Package power holds the ways in which a guest ends its own run: ACPI soft off, the debug exit port, PSCI, and the PC's reset lines.
package power

import (
	"fmt"

	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
)

// Kind says what the guest asked for.
type Kind int

const (
	// Off: the guest switched the machine off.
	Off Kind = iota
	// Reset: the guest asked for a restart, which ends the run.
	Reset
)

// Request is a guest's wish to end the run.
type Request struct {
	Kind Kind
	// Status is the exit status the guest gave, 0 without one.
	Status uint8
	// Source names the register or call, for people.
	Source string
}

func (r Request) String() string {
	if r.Kind == Reset {
		return "guest reset by " + r.Source
	}
	return fmt.Sprintf("guest powered off by %s, status %d", r.Source, r.Status)
}

// Func receives the request. It is called from the middle of the guest's instruction and must only take note.
type Func func(Request)

// ACPI is the part of the PIIX4 power-management function that a kernel needs to switch the PC off: the PM1a event registers at
// offset 0 and the PM1a control register at offset 4 (ACPI 4.8.1, 4.8.2).
type ACPI struct {
	end             Func
	enable, control uint16
}

// NewACPI returns the registers; a transition to S5 goes to end.
func NewACPI(end Func) *ACPI { return &ACPI{end: end} }

// sleepEnable is SLP_EN of PM1a control; the sleep type, in the three bits below, is 0 for S5 and 2 for S4 as on QEMU's pc, which ends
// by both.
const (
	sleepEnable = 1 << 13
	sleepType   = 7 << 10
	typeS5      = 0 << 10
	typeS4      = 2 << 10
)

// Read reads a register; no event ever has its status set.
func (a *ACPI) Read(offset uint64, size int) uint64 {
	v := uint64(a.enable)<<16 | uint64(a.control)<<32
	return v >> (8 * offset) & (1<<(8*size) - 1)
}

// Write writes a register.
func (a *ACPI) Write(offset uint64, _ int, value uint64) {
	switch offset {
	case 2:
		a.enable = uint16(value)
	case 4:
		a.control = uint16(value) &^ sleepEnable
		if value&sleepEnable == 0 {
			return
		}
		switch value & sleepType {
		case typeS5:
			a.end(Request{Off, 0, "ACPI S5"})
		case typeS4:
			a.end(Request{Off, 0, "ACPI S4"})
		}
	}
}

// State goes over the registers.
func (a *ACPI) State(v *snapshot.Visitor) {
	v.Section("acpi")
	snapshot.Uint(v, "pm1 enable", &a.enable)
	snapshot.Uint(v, "pm1 control", &a.control)
}

// DebugExit is QEMU's isa-debug-exit: the value written ends the run with the status value × 2 + 1, of which the host keeps the low
// byte. By default it is at port 0x501, by custom at 0xf4.
type DebugExit struct {
	End Func
	// Status makes a word with exitWord in its high byte end the run with its low byte as the status. That is how our kernel hands its
	// own over, 0 included; on QEMU it is a value like others.
	Status bool
}

const exitWord = 0x46

// Read gives 0.
func (d DebugExit) Read(uint64, int) uint64 { return 0 }

// Write ends the run.
func (d DebugExit) Write(_ uint64, size int, value uint64) {
	status := uint8(value<<1 | 1)
	if d.Status && size == 2 && value>>8 == exitWord {
		status = uint8(value)
	}
	d.End(Request{Off, status, "the debug exit port"})
}

// Port92 is the PC's system control port A: bit 0 resets, bit 1 gates address line 20, which is always open here.
type Port92 struct{ End Func }

// Read says that A20 is open.
func (p Port92) Read(uint64, int) uint64 { return 2 }

// Write resets when bit 0 is set.
func (p Port92) Write(_ uint64, _ int, value uint64) {
	if value&1 != 0 {
		p.End(Request{Reset, 0, "port 0x92"})
	}
}

// ResetControl is the PIIX3's reset control register at port 0xCF9: a rising bit 2 resets.
type ResetControl struct {
	End   Func
	value uint8
}

// Read returns what was written.
func (r *ResetControl) Read(uint64, int) uint64 { return uint64(r.value) }

// Write resets when bit 2 rises.
func (r *ResetControl) Write(_ uint64, _ int, value uint64) {
	rising := value&^uint64(r.value)&4 != 0
	r.value = uint8(value) & 2
	if rising {
		r.End(Request{Reset, 0, "port 0xcf9"})
	}
}

// State goes over the register.
func (r *ResetControl) State(v *snapshot.Visitor) {
	v.Section("reset control")
	snapshot.Uint(v, "value", &r.value)
}

// KeyboardReset is the port 0x64 of a keyboard controller with no keyboard: it takes the commands that pulse the reset line.
type KeyboardReset struct{ End Func }

// Read says that both buffers are empty.
func (k KeyboardReset) Read(uint64, int) uint64 { return 0 }

// Write takes a command. 0xF0 to 0xFF pulse the output lines whose bits are 0, and bit 0 is reset.
func (k KeyboardReset) Write(_ uint64, _ int, value uint64) {
	if value&0xf1 == 0xf0 {
		k.End(Request{Reset, 0, "the keyboard controller (port 0x64)"})
	}
}

var _ = []bus.Device{(*ACPI)(nil), DebugExit{}, Port92{}, (*ResetControl)(nil), KeyboardReset{}}
