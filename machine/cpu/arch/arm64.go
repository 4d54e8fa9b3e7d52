package arch

import (
	"debug/elf"
	"encoding/binary"

	"forkscope/gdbstub"
)

// ARM64 is ARMv8-A's AArch64 (Arm ARM; AAPCS64, 6.4).
var ARM64 = &Arch{
	Name: "arm64", Machine: elf.EM_AARCH64, Class: elf.ELFCLASS64, WatchesBefore: true,
	Code: Code{Longest: 4, Breakpoint: 4, IsCall: isA64Call, CallLength: 4},
	Registers: Registers{
		Describe: gdbstub.AArch64,
		Linux: gdbstub.Feature{Name: "org.gnu.gdb.aarch64.tls", Registers: []gdbstub.Register{
			{Name: "tpidr", Bits: 64, Type: "data_ptr"},
		}},
		PC: "pc", SP: "sp", FP: "x29", AddressBits: 56, // the top byte is a tag
		CPU: map[string]string{"tpidr": "TPIDR_EL0"},
	},
	Function: Function{Arguments: []string{"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7"}, Result: "x0", Return: "x30"},
	Syscall: Syscall{
		Instructions: [][]byte{{0x01, 0x00, 0x00, 0xd4}}, // svc #0
		Number:       "x8", Arguments: []string{"x0", "x1", "x2", "x3", "x4", "x5"}, Result: "x0",
		BreakpointCode: 1, // TRAP_BRKPT
	},
	Thread:   Thread{Pointer: "tpidr", Above: true, Header: 16},
	CLibrary: CLibrary{ThreadNumber: 0xd0},
	// VMSAv8-64 with a 4 KiB granule and 48 bits (Arm ARM, D5.3).
	Pages: Pages{Shifts: []uint{39, 30, 21, 12}, Bits: 9, Address: 0x0000fffffffff000, Valid: 1, ReadOnly: 1 << 7, NotExecute: 1 << 54},
}

// isA64Call finds bl and blr.
func isA64Call(at uint64, before []byte) bool {
	word := binary.LittleEndian.Uint32(before)
	return at&3 == 0 && (word&0xfc000000 == 0x94000000 || word&0xfffffc1f == 0xd63f0000)
}
