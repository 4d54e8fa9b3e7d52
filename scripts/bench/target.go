package main

import (
	"forkscope/machine/cpu/arch"
)

// target is what there is to be compared with on a machine, and what runs there.
type target struct {
	system   string   // QEMU
	board    []string // its options for the board
	user     string   // QEMU's user emulation, the peer of the figures about streams
	compiler string
	image    string // name of the file that QEMU boots, in the kernel's folder of images
	base     uint64 // where programs are linked by convention
	syscalls []byte // see loads.go
	touch    func(start, end uint32) []byte
}

// targets has a row for each of arch.All.
var targets = map[string]target{
	"i386": {
		system: "qemu-system-i386", board: []string{"-M", "pc"}, user: "qemu-i386", compiler: "i686-linux-gnu-gcc",
		image: "vmlinux-i386", base: 0x08048000, syscalls: syscallsI386, touch: touchI386,
	},
	"arm64": {
		system: "qemu-system-aarch64", board: []string{"-M", "virt", "-cpu", "cortex-a57"}, user: "qemu-aarch64", compiler: "aarch64-linux-gnu-gcc",
		image: "Image-arm64", base: 0x400000, syscalls: syscallsARM64, touch: touchARM64,
	},
	"x86_64": {
		system: "qemu-system-x86_64", board: []string{"-M", "pc", "-cpu", "max"}, user: "qemu-x86_64", compiler: "gcc",
		image: "vmlinux-x86_64", base: 0x400000, syscalls: syscallsX8664, touch: touchX8664,
	},
}

// registerLayout is where the registers that the benchmark reads are, in gdb's numbering and in the g packet's bytes.
type registerLayout struct {
	size       int // of a register, in bytes
	kind       int // of a breakpoint: gdb's size of the breakpoint instruction
	pc, sp     int // numbers, as agent expressions and stop replies use them
	pcAt, spAt int // byte offsets in a g reply
	returnAt   int // of the return address in a g reply; -1: it is on top of the stack
}

// nativeLayout is that of x86-64.
var nativeLayout = registerLayout{size: 8, kind: 1, pc: 16, sp: 7, pcAt: 128, spAt: 56, returnAt: -1}

// layoutOf finds out that of a machine.
func layoutOf(name string) (registerLayout, error) {
	if name == nativeArch {
		return nativeLayout, nil
	}
	a := arch.Named(name)
	d := a.Registers.Describe("none")
	if err := d.Init(); err != nil {
		return registerLayout{}, err
	}
	l := registerLayout{size: a.PointerSize(), kind: a.Code.Breakpoint, pc: d.Index(a.Registers.PC), sp: d.Index(a.Registers.SP), returnAt: -1}
	at := 0
	for _, r := range d.Registers() {
		switch r.Name {
		case a.Registers.PC:
			l.pcAt = at
		case a.Registers.SP:
			l.spAt = at
		case a.Function.Return:
			l.returnAt = at
		}
		at += r.Bits / 8
	}
	return l, nil
}
