package machine

import (
	"errors"

	"forkscope/machine/board"
	"forkscope/machine/boot"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/cpu/arm64"
)

// virt is the kind of machine that has an AArch64 CPU.
var virt = Kind{
	Arch: arch.ARM64, Title: "an AArch64 board", KernelMemory: 3 << 30, Semihosting: true, FlatKernel: true, IsImage: boot.IsARM64Image,
	build: (*Machine).buildARM64,
}

// buildARM64 makes a virt board with an AArch64 CPU and loads its kernel.
func (m *Machine) buildARM64(cfg Config) error {
	if cfg.BIOS != nil {
		return errors.New("BIOS: only the i386 machine starts from a ROM")
	}
	var err error
	if m.ram, err = newRAM(cfg, board.VirtRAMBase, board.MaxVirtMemory); err != nil {
		return err
	}
	b := board.NewVirt(m.boardConfig(cfg))
	m.board = &b.Board
	var hlt func(uint16) bool
	host := &semihost{m: m, warned: make(map[uint32]bool)}
	if cfg.Semihosting {
		hlt = host.call
	}
	c := arm64.New(arm64.Config{
		RAM: m.ram, Clock: m.clk, Bus: b, HVC: b.HVC, HLT: hlt,
		TimerLine: [...]func(bool){arm64.TimerVirtual: b.VirtualTimer, arm64.TimerPhysical: b.PhysicalTimer},
		Log:       func(message string) { m.log.Warn(message) },
	})
	m.cpu, host.cpu = c, c
	entry, err := boot.LoadARM64(m.ram, boot.Files{Kernel: cfg.Kernel, Initrd: cfg.Initrd, Cmdline: cfg.Cmdline, Flat: cfg.FlatKernel},
		func(start, end uint64) []byte {
			return b.FDT(board.BootInfo{MemorySize: m.ram.Size(), Cmdline: cfg.Cmdline, InitrdStart: start, InitrdEnd: end})
		})
	if err != nil {
		return err
	}
	c.SetPC(entry.PC)
	c.SetX(0, entry.X0)
	return nil
}
