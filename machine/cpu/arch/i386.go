package arch

import (
	"debug/elf"
	"fmt"

	"forkscope/gdbstub"
)

// I386 is the 32-bit x86 with SSE4.2 (Intel SDM; System V ABI i386, 2.2 and 3.2.3).
var I386 = &Arch{
	Name: "i386", Machine: elf.EM_386, Class: elf.ELFCLASS32,
	Code: Code{Longest: 15, Breakpoint: 1, IsCall: isX86Call, CallLength: 7},
	Registers: Registers{
		Describe: gdbstub.I386,
		Linux: gdbstub.Feature{Name: "org.gnu.gdb.i386.linux", Registers: []gdbstub.Register{
			{Name: "orig_eax", Bits: 32, Type: "int", Group: "system"},
		}},
		PC: "eip", SP: "esp", FP: "ebp", AddressBits: 32,
	},
	Function: Function{Result: "eax", Flags: "eflags", Clear: 1 << 10}, // DF
	Syscall: Syscall{
		Instructions: [][]byte{{0xcd, 0x80}, {0x0f, 0x34}}, // int $0x80, sysenter
		Number:       "eax", Arguments: []string{"ebx", "ecx", "edx", "esi", "edi", "ebp"}, Result: "eax", Kept: "orig_eax",
		BreakpointCode: 0x80, // SI_KERNEL
	},
	Thread:   Thread{Pointer: "gs", Selector: true},
	CLibrary: CLibrary{Rotate: 9},
	// 32-bit paging without large pages, where whatever can be read can be executed (Intel SDM volume 3, 4.3).
	Pages: Pages{Shifts: []uint{22, 12}, Bits: 10, Address: 0xfffff000, Valid: 1, Write: 1 << 1},
	FP:    fxsave(8, 16),
}

// isX86Call finds a call with a distance, or with a register or memory operand (opcode ff /2) of any length. It takes other code that
// looks alike for one.
func isX86Call(_ uint64, before []byte) bool {
	n := len(before)
	if before[n-5] == 0xe8 {
		return true
	}
	for i, op := range before[:n-1] {
		if op == 0xff && before[i+1]>>3&7 == 2 {
			return true
		}
	}
	return false
}

// fxsave is the image of FXSAVE with so many XMM registers, at such an alignment (Intel SDM volume 1, 10.5.1 and table 10-2). The tag word is not in it as gdb shows it.
func fxsave(xmm int, align uint64) *FPImage {
	im := &FPImage{Align: align, Slots: []Slot{
		{"fctrl", 0, 2}, {"fstat", 2, 2}, {"fop", 6, 2}, {"fioff", 8, 4}, {"fiseg", 12, 2}, {"fooff", 16, 4}, {"foseg", 20, 2}, {"mxcsr", 24, 4},
	}}
	for i := range 8 {
		im.Slots = append(im.Slots, Slot{fmt.Sprint("st", i), 32 + 16*uint64(i), 10})
	}
	for i := range xmm {
		im.Slots = append(im.Slots, Slot{fmt.Sprint("xmm", i), 160 + 16*uint64(i), 16})
	}
	return im
}
