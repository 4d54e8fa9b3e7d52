package arch

import (
	"debug/elf"

	"forkscope/gdbstub"
)

// X8664 is the 64-bit x86 in long mode (Intel SDM; System V ABI x86-64, 3.2.3 and A.2.1).
var X8664 = &Arch{
	Name: "x86_64", Machine: elf.EM_X86_64, Class: elf.ELFCLASS64,
	Code: Code{Longest: 15, Breakpoint: 1, IsCall: isX86Call, CallLength: 7},
	Registers: Registers{
		Describe: gdbstub.AMD64,
		Linux: gdbstub.Feature{Name: "org.gnu.gdb.i386.linux", Registers: []gdbstub.Register{
			{Name: "orig_rax", Bits: 64, Type: "int", Group: "system"},
		}},
		PC: "rip", SP: "rsp", FP: "rbp", AddressBits: 64,
	},
	Function: Function{
		Arguments: []string{"rdi", "rsi", "rdx", "rcx", "r8", "r9"}, Result: "rax",
		Flags: "eflags", Clear: 1 << 10, // DF
	},
	Syscall: Syscall{
		Instructions: [][]byte{{0x0f, 0x05}}, // syscall
		Number:       "rax", Arguments: []string{"rdi", "rsi", "rdx", "r10", "r8", "r9"}, Result: "rax", Kept: "orig_rax",
		Clobbers:       []string{"rcx", "r11"}, // the return address and the flags
		BreakpointCode: 0x80,                   // SI_KERNEL
	},
	Thread:   Thread{Pointer: "fs_base"},
	CLibrary: CLibrary{Rotate: 17},
	// 4-level paging (Intel SDM volume 3, 4.5).
	Pages: Pages{Shifts: []uint{39, 30, 21, 12}, Bits: 9, Address: 0x000ffffffffff000, Valid: 1, Write: 1 << 1, NotExecute: 1 << 63},
	FP:    fxsave(16, 64), // where XSAVE puts it, too
}
