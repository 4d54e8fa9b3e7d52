package machine

import (
	"fmt"

	"forkscope/machine/board"
	"forkscope/machine/boot"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/cpu/x86"
)

// pc and pc64 are the kinds of machines that have an i386 and an x86-64 CPU. They are one board.
var (
	pc   = Kind{Arch: arch.I386, Title: "an i386 PC", KernelMemory: 768 << 20, ROM: true, build: (*Machine).buildI386}
	pc64 = Kind{Arch: arch.X8664, Title: "an x86-64 PC", KernelMemory: board.MaxPCMemory, ROM: true, build: (*Machine).buildX8664}
)

// buildI386 makes a PC with an i386 CPU and loads its kernel.
func (m *Machine) buildI386(cfg Config) error {
	c, err := m.buildPC(cfg, false)
	if err != nil || cfg.BIOS != nil {
		return err // with a BIOS the CPU is at its reset vector
	}
	entry, err := boot.LoadMultiboot(m.ram, boot.Files{Kernel: cfg.Kernel, Initrd: cfg.Initrd, Cmdline: cfg.Cmdline})
	if err != nil {
		return err
	}
	c.SetProtectedFlat(x86.Entry{EIP: entry.EIP, EAX: boot.MultibootMagic, EBX: entry.EBX})
	return nil
}

// buildX8664 makes a PC with an x86-64 CPU and loads its kernel.
func (m *Machine) buildX8664(cfg Config) error {
	c, err := m.buildPC(cfg, true)
	if err != nil || cfg.BIOS != nil {
		return err
	}
	entry, err := boot.LoadPVH(m.ram, boot.Files{Kernel: cfg.Kernel, Initrd: cfg.Initrd, Cmdline: cfg.Cmdline})
	if err != nil {
		return err
	}
	c.SetProtectedFlat(x86.Entry{EIP: entry.EIP, EBX: entry.EBX})
	return nil
}

// buildPC makes a PC; long says that its CPU has long mode.
func (m *Machine) buildPC(cfg Config, long bool) (*x86.CPU, error) {
	var err error
	if m.ram, err = newRAM(cfg, 0, board.MaxPCMemory); err != nil {
		return nil, err
	}
	var rom struct{ Base, Size uint32 }
	if cfg.BIOS != nil {
		if err := board.CheckROM(cfg.BIOS); err != nil {
			return nil, fmt.Errorf("BIOS: %w", err)
		}
		base, low := board.LowROM(cfg.BIOS)
		if !m.ram.Contains(base, uint64(len(low))) {
			return nil, fmt.Errorf("BIOS: %d bytes of RAM do not reach to its place below 1 MiB", m.ram.Size())
		}
		m.ram.Write(base, low)
		rom.Base, rom.Size = uint32(base), uint32(len(low))
	}
	b := board.NewPC(m.boardConfig(cfg), m.ram.Size())
	m.board = &b.Board
	c := x86.New(x86.Config{
		RAM: m.ram, Clock: m.clk, Bus: b, AckIRQ: b.AckIRQ, ROM: rom, Long: long,
		Log: func(r x86.Report) {
			m.log.Warn(fmt.Sprintf("undefined instruction at %#x: % x", r.PC, r.Bytes))
		},
	})
	m.cpu = c
	return c, nil
}
