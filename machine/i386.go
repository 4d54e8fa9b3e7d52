package machine

import (
	"fmt"

	"forkscope/machine/board"
	"forkscope/machine/boot"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/cpu/x86"
)

// pc is the kind of machine that has an i386 CPU.
var pc = Kind{Arch: arch.I386, Title: "an i386 PC", KernelMemory: 768 << 20, ROM: true, build: (*Machine).buildI386}

// buildI386 makes a PC with an i386 CPU and loads its kernel.
func (m *Machine) buildI386(cfg Config) error {
	var err error
	if m.ram, err = newRAM(cfg, 0, board.MaxPCMemory); err != nil {
		return err
	}
	var rom struct{ Base, Size uint32 }
	if cfg.BIOS != nil {
		if err := board.CheckROM(cfg.BIOS); err != nil {
			return fmt.Errorf("BIOS: %w", err)
		}
		base, low := board.LowROM(cfg.BIOS)
		if !m.ram.Contains(base, uint64(len(low))) {
			return fmt.Errorf("BIOS: %d bytes of RAM do not reach to its place below 1 MiB", m.ram.Size())
		}
		m.ram.Write(base, low)
		rom.Base, rom.Size = uint32(base), uint32(len(low))
	}
	b := board.NewPC(m.boardConfig(cfg), m.ram.Size())
	m.board = &b.Board
	c := x86.New(x86.Config{
		RAM: m.ram, Clock: m.clk, Bus: b, AckIRQ: b.AckIRQ, ROM: rom,
		Log: func(r x86.Report) {
			m.log.Warn(fmt.Sprintf("undefined instruction at %#x: % x", r.PC, r.Bytes))
		},
	})
	m.cpu = c
	if cfg.BIOS != nil {
		return nil // the CPU is at its reset vector
	}
	entry, err := boot.LoadMultiboot(m.ram, boot.Files{Kernel: cfg.Kernel, Initrd: cfg.Initrd, Cmdline: cfg.Cmdline})
	if err != nil {
		return err
	}
	c.SetProtectedFlat(x86.Entry{EIP: entry.EIP, EAX: boot.MultibootMagic, EBX: entry.EBX})
	return nil
}
