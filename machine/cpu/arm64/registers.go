package arm64

import (
	"encoding/binary"
	"fmt"
	"slices"

	"forkscope/machine/cpu"
)

const (
	featureCore   = "org.gnu.gdb.aarch64.core"
	featureFPU    = "org.gnu.gdb.aarch64.fpu"
	featureSystem = "forkscope.aarch64.system"
)

// Numbers of the first registers after X0..X30 in the list for gdb.
const (
	gdbSP     = 31
	gdbPC     = 32
	gdbCPSR   = 33
	gdbV0     = 34
	gdbFPSR   = 66
	gdbFPCR   = 67
	gdbSystem = 68
)

// systemForDebugger are the system registers that a kernel debugger wants to see, by name in sysregTable.
var systemForDebugger = []string{
	"TTBR0_EL1", "TTBR1_EL1", "TCR_EL1", "SCTLR_EL1", "MAIR_EL1", "CPACR_EL1", "VBAR_EL1", "ESR_EL1", "FAR_EL1", "ELR_EL1",
	"SPSR_EL1", "SP_EL0", "SP_EL1", "TPIDR_EL0", "TPIDRRO_EL0", "TPIDR_EL1", "CONTEXTIDR_EL1", "PAR_EL1", "MDSCR_EL1",
	"CNTV_CTL_EL0", "CNTV_CVAL_EL0", "CNTP_CTL_EL0", "CNTP_CVAL_EL0", "CNTVCT_EL0", "CNTFRQ_EL0", "CNTKCTL_EL1",
	"MIDR_EL1", "MPIDR_EL1", "CurrentEL",
}

var debuggerSysregs = func() []*sysreg {
	out := make([]*sysreg, len(systemForDebugger))
	for i, name := range systemForDebugger {
		for j := range sysregTable {
			if sysregTable[j].name == name {
				out[i] = &sysregTable[j]
			}
		}
	}
	return out
}()

var registerList = func() (out []cpu.Register) {
	for i := range 31 {
		out = append(out, cpu.Register{Name: fmt.Sprintf("x%d", i), Feature: featureCore, Bits: 64, Type: "int", Group: "general"})
	}
	out = append(out,
		cpu.Register{Name: "sp", Feature: featureCore, Bits: 64, Type: "data_ptr", Group: "general"},
		cpu.Register{Name: "pc", Feature: featureCore, Bits: 64, Type: "code_ptr", Group: "general"},
		cpu.Register{Name: "cpsr", Feature: featureCore, Bits: 32, Type: "cpsr_flags", Group: "general"})
	for i := range 32 {
		out = append(out, cpu.Register{Name: fmt.Sprintf("v%d", i), Feature: featureFPU, Bits: 128, Type: "aarch64v", Group: "vector"})
	}
	out = append(out,
		cpu.Register{Name: "fpsr", Feature: featureFPU, Bits: 32, Type: "int", Group: "float"},
		cpu.Register{Name: "fpcr", Feature: featureFPU, Bits: 32, Type: "int", Group: "float"})
	for _, name := range systemForDebugger {
		out = append(out, cpu.Register{Name: name, Feature: featureSystem, Bits: 64, Type: "int", Group: "system"})
	}
	return out
}()

// Registers lists what gdb sees: the core and FPU features as gdb defines them, then system registers.
func (c *CPU) Registers() []cpu.Register { return slices.Clone(registerList) }

// ReadRegister puts register i into p, little-endian, and returns its bytes. p must have room for 16.
func (c *CPU) ReadRegister(i int, p []byte) []byte {
	u64 := func(v uint64) []byte {
		binary.LittleEndian.PutUint64(p, v)
		return p[:8]
	}
	u32 := func(v uint64) []byte {
		binary.LittleEndian.PutUint32(p, uint32(v))
		return p[:4]
	}
	switch {
	case i <= gdbSP:
		return u64(c.x[i])
	case i == gdbPC:
		return u64(c.pc)
	case i == gdbCPSR:
		return u32(c.pstate())
	case i < gdbFPSR:
		v := &c.v[i-gdbV0]
		binary.LittleEndian.PutUint64(p, v[0])
		binary.LittleEndian.PutUint64(p[8:], v[1])
		return p[:16]
	case i == gdbFPSR:
		return u32(c.fp.fpsr())
	case i == gdbFPCR:
		return u32(c.fp.fpcr)
	}
	if systemForDebugger[i-gdbSystem] == "SP_EL1" {
		return u64(c.spOf(1))
	}
	if systemForDebugger[i-gdbSystem] == "SP_EL0" {
		return u64(c.spOf(0))
	}
	return u64(debuggerSysregs[i-gdbSystem].get(c))
}

// WriteRegister sets register i from its bytes.
func (c *CPU) WriteRegister(i int, p []byte) error {
	regs := registerList
	if i < 0 || i >= len(regs) {
		return fmt.Errorf("register %d does not exist", i)
	}
	if len(p) != regs[i].Bits/8 {
		return fmt.Errorf("register %s has %d bytes, not %d", regs[i].Name, regs[i].Bits/8, len(p))
	}
	var full [16]byte
	copy(full[:], p)
	v := binary.LittleEndian.Uint64(full[:])
	switch {
	case i == gdbSP:
		c.setSPOf(c.spBank(), v)
	case i < gdbSP:
		c.x[i] = v
	case i == gdbPC:
		c.pc = v
		c.halted = false
	case i == gdbCPSR:
		return c.setPState(v)
	case i < gdbFPSR:
		c.v[i-gdbV0] = vreg{v, binary.LittleEndian.Uint64(full[8:])}
	case i == gdbFPSR:
		c.fp.setFPSR(v)
	case i == gdbFPCR:
		c.fp.setFPCR(v)
	default:
		return c.writeSystem(i-gdbSystem, v)
	}
	return nil
}

func (c *CPU) writeSystem(i int, v uint64) error {
	switch systemForDebugger[i] {
	case "SP_EL0":
		c.setSPOf(0, v)
		return nil
	case "SP_EL1":
		c.setSPOf(1, v)
		return nil
	}
	r := debuggerSysregs[i]
	if r.write == nil && r.field == nil {
		if r.get(c) == v {
			return nil
		}
		return fmt.Errorf("register %s is read-only", r.name)
	}
	r.set(c, v)
	return nil
}

// setPState sets flags, masks and mode from gdb's cpsr.
func (c *CPU) setPState(v uint64) error {
	el, spsel := uint8(v>>2&3), v&1 != 0
	if v&0x12 != 0 || el > 1 || el == 0 && spsel {
		return fmt.Errorf("cpsr %#x: the CPU has only the modes EL0t (0), EL1t (4) and EL1h (5)", v)
	}
	c.setFlags(uint8(v >> 28))
	c.daif = v & daifMask
	c.il, c.ss, c.pan = v&spsrIL != 0, v&spsrSS != 0, v&spsrPAN != 0
	c.setMode(el, spsel)
	c.toUser = c.toUser && el == 0
	return nil
}
