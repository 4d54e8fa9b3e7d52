package arm64

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// TestRegisterRoundTrip: what is written is read back, and the lists agree with gdb's feature layouts.
func TestRegisterRoundTrip(t *testing.T) {
	m := newBoard(t, 1<<20, noBus{})
	regs := m.Registers()
	if len(regs) <= gdbSystem || regs[gdbSP].Name != "sp" || regs[gdbPC].Name != "pc" || regs[gdbV0].Name != "v0" || regs[gdbFPCR].Name != "fpcr" {
		t.Fatal("the list is out of step with its numbers")
	}
	readOnly := map[string]bool{"CNTVCT_EL0": true, "CNTFRQ_EL0": true, "MIDR_EL1": true, "MPIDR_EL1": true, "CurrentEL": true}
	for i, r := range regs {
		value := bytes.Repeat([]byte{0}, r.Bits/8)
		value[1] = 0x08 // a value every register can hold
		switch r.Name {
		case "cpsr":
			value = []byte{0xc5, 3, 0, 0x60}
		case "fpsr":
			value = []byte{0x15, 0, 0, 0x08}
		case "fpcr":
			value = []byte{0, 0, 0xc0, 0x01}
		case "CPACR_EL1":
			value = []byte{0, 0, 0x30, 0, 0, 0, 0, 0}
		case "CNTV_CTL_EL0", "CNTP_CTL_EL0":
			value[0], value[1] = 2, 0
		}
		err := m.WriteRegister(i, value)
		if readOnly[r.Name] {
			if err == nil {
				t.Errorf("%s can be written", r.Name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
			continue
		}
		var p [16]byte
		if got := m.ReadRegister(i, p[:]); !bytes.Equal(got, value) {
			t.Errorf("%s reads %x after %x", r.Name, got, value)
		}
	}
	if err := m.WriteRegister(gdbCPSR, []byte{0xcd, 3, 0, 0}); err == nil || !strings.Contains(err.Error(), "EL1h") {
		t.Errorf("a mode that does not exist: %v", err)
	}
	if err := m.WriteRegister(0, []byte{1, 2}); err == nil {
		t.Error("a short value was taken")
	}
}

// TestStackPointers: SP is the bank that the mode chooses, to the debugger and to the program.
func TestStackPointers(t *testing.T) {
	m := newBoard(t, 1<<20, noBus{})
	put := func(i int, v uint64) {
		t.Helper()
		p := binary.LittleEndian.AppendUint64(nil, v)[:m.Registers()[i].Bits/8]
		if err := m.WriteRegister(i, p); err != nil {
			t.Fatal(err)
		}
	}
	get := func(i int) uint64 {
		var p [16]byte
		m.ReadRegister(i, p[:])
		return binary.LittleEndian.Uint64(p[:])
	}
	sp0, sp1 := 0, 0
	for i, r := range m.Registers() {
		switch r.Name {
		case "SP_EL0":
			sp0 = i
		case "SP_EL1":
			sp1 = i
		}
	}
	put(gdbSP, 0x1000) // at EL1h
	put(sp0, 0x2000)
	put(gdbCPSR, 0x3c0)
	if get(gdbSP) != 0x2000 || get(sp1) != 0x1000 {
		t.Errorf("at EL0: sp %#x, SP_EL1 %#x", get(gdbSP), get(sp1))
	}
	if sp, ok := m.KernelStack(); !ok || sp != 0x1000 {
		t.Errorf("kernel stack %#x, %v", sp, ok)
	}
	put(sp1, 0x3000)
	put(gdbCPSR, 0x3c4)
	if get(gdbSP) != 0x2000 {
		t.Errorf("at EL1t: sp %#x", get(gdbSP))
	}
	put(gdbCPSR, 0x3c5)
	if get(gdbSP) != 0x3000 || get(sp0) != 0x2000 {
		t.Errorf("at EL1h: sp %#x, SP_EL0 %#x", get(gdbSP), get(sp0))
	}
}
