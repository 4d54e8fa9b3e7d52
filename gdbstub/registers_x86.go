package gdbstub

import "strconv"

// I386 describes the registers of a 32-bit x86 processor with SSE: eax, ecx, edx, ebx, esp, ebp, esi, edi, eip, eflags, cs,
// ss, ds, es, fs, gs are 0 to 15, st0 to st7 are 16 to 23 (80 bits each), fctrl, fstat, ftag, fiseg, fioff, foseg, fooff
// and fop 24 to 31 (ftag in the two-bit form of FSAVE), xmm0 to xmm7 32 to 39, mxcsr 40. Names and order are gdb's (manual,
// "i386 Features"), bit names those of the Intel SDM volume 1, 3.4.3 and 10.2.3. More features, with registers from 41
// on, may be appended before Init.
func I386(osabi string) *Description {
	core := Feature{Name: "org.gnu.gdb.i386.core", Types: eflagsType()}
	for _, name := range []string{"eax", "ecx", "edx", "ebx"} {
		core.Registers = append(core.Registers, Register{Name: name, Bits: 32, Type: "int32"})
	}
	core.Registers = append(core.Registers,
		Register{Name: "esp", Bits: 32, Type: "data_ptr", Generic: "sp"},
		Register{Name: "ebp", Bits: 32, Type: "data_ptr", Generic: "fp"},
		Register{Name: "esi", Bits: 32, Type: "int32"},
		Register{Name: "edi", Bits: 32, Type: "int32"},
		Register{Name: "eip", Bits: 32, Type: "code_ptr", Generic: "pc"})
	core.Registers = append(core.Registers, x86Rest()...)
	return &Description{Architecture: "i386", OSABI: osabi, Features: []Feature{core, sseFeature(8)}}
}

// AMD64 describes the registers of a 64-bit x86 processor: rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8 to r15, rip, eflags, cs, ss, ds, es, fs, gs
// are 0 to 23, st0 to st7 24 to 31, fctrl to fop 32 to 39 as on i386, xmm0 to xmm15 40 to 55, mxcsr 56, fs_base and gs_base 57 and 58. More features, with registers
// from 59 on, may be appended before Init.
func AMD64(osabi string) *Description {
	core := Feature{Name: "org.gnu.gdb.i386.core", Types: eflagsType()}
	for _, name := range []string{"rax", "rbx", "rcx", "rdx", "rsi", "rdi"} {
		core.Registers = append(core.Registers, Register{Name: name, Bits: 64, Type: "int64"})
	}
	core.Registers = append(core.Registers,
		Register{Name: "rbp", Bits: 64, Type: "data_ptr", Generic: "fp"},
		Register{Name: "rsp", Bits: 64, Type: "data_ptr", Generic: "sp"})
	for i := 8; i < 16; i++ {
		core.Registers = append(core.Registers, Register{Name: "r" + strconv.Itoa(i), Bits: 64, Type: "int64"})
	}
	core.Registers = append(core.Registers, Register{Name: "rip", Bits: 64, Type: "code_ptr", Generic: "pc"})
	core.Registers = append(core.Registers, x86Rest()...)
	segments := Feature{Name: "org.gnu.gdb.i386.segments", Registers: []Register{
		{Name: "fs_base", Bits: 64, Type: "int"}, {Name: "gs_base", Bits: 64, Type: "int"},
	}}
	return &Description{Architecture: "i386:x86-64", OSABI: osabi, Features: []Feature{core, sseFeature(16), segments}}
}

func eflagsType() []Type {
	return []Type{{ID: "i386_eflags", FlagBits: 32, Flags: []FlagField{
		{"CF", 0, 0}, {"PF", 2, 2}, {"AF", 4, 4}, {"ZF", 6, 6}, {"SF", 7, 7}, {"TF", 8, 8}, {"IF", 9, 9}, {"DF", 10, 10},
		{"OF", 11, 11}, {"IOPL", 12, 13}, {"NT", 14, 14}, {"RF", 16, 16}, {"VM", 17, 17}, {"AC", 18, 18}, {"VIF", 19, 19},
		{"VIP", 20, 20}, {"ID", 21, 21},
	}}}
}

// x86Rest are the registers of the core behind the program counter.
func x86Rest() []Register {
	list := []Register{{Name: "eflags", Bits: 32, Type: "i386_eflags"}}
	for _, name := range []string{"cs", "ss", "ds", "es", "fs", "gs"} {
		list = append(list, Register{Name: name, Bits: 32, Type: "int32"})
	}
	for i := range 8 {
		list = append(list, Register{Name: "st" + strconv.Itoa(i), Bits: 80, Type: "i387_ext"})
	}
	for _, name := range []string{"fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop"} {
		list = append(list, Register{Name: name, Bits: 32, Type: "int", Group: "float"})
	}
	return list
}

// sseFeature has so many XMM registers, and MXCSR.
func sseFeature(xmm int) Feature {
	sse := Feature{
		Name: "org.gnu.gdb.i386.sse",
		Types: []Type{
			{ID: "v8h", Vector: "ieee_half", Count: 8},
			{ID: "v4f", Vector: "ieee_single", Count: 4},
			{ID: "v2d", Vector: "ieee_double", Count: 2},
			{ID: "v16i8", Vector: "int8", Count: 16},
			{ID: "v8i16", Vector: "int16", Count: 8},
			{ID: "v4i32", Vector: "int32", Count: 4},
			{ID: "v2i64", Vector: "int64", Count: 2},
			{ID: "vec128", Union: []Field{
				{"v8_half", "v8h"}, {"v4_float", "v4f"}, {"v2_double", "v2d"}, {"v16_int8", "v16i8"}, {"v8_int16", "v8i16"},
				{"v4_int32", "v4i32"}, {"v2_int64", "v2i64"}, {"uint128", "uint128"},
			}},
			{ID: "i386_mxcsr", FlagBits: 32, Flags: []FlagField{
				{"IE", 0, 0}, {"DE", 1, 1}, {"ZE", 2, 2}, {"OE", 3, 3}, {"UE", 4, 4}, {"PE", 5, 5}, {"DAZ", 6, 6}, {"IM", 7, 7},
				{"DM", 8, 8}, {"ZM", 9, 9}, {"OM", 10, 10}, {"UM", 11, 11}, {"PM", 12, 12}, {"RC", 13, 14}, {"FZ", 15, 15},
			}},
		},
	}
	for i := range xmm {
		sse.Registers = append(sse.Registers, Register{Name: "xmm" + strconv.Itoa(i), Bits: 128, Type: "vec128"})
	}
	sse.Registers = append(sse.Registers, Register{Name: "mxcsr", Bits: 32, Type: "i386_mxcsr", Group: "vector"})
	return sse
}
