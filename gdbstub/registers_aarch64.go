package gdbstub

import "strconv"

// AArch64 describes the registers of an AArch64 processor with floating point: x0 to x30, sp, pc and cpsr are 0 to 33,
// v0 to v31 are 34 to 65, fpsr and fpcr 66 and 67. Names and order are gdb's (manual, "AArch64 Features"), bit names those
// of the Arm Architecture Reference Manual, C5.2. More features, with registers from 68 on, may be appended before Init.
func AArch64(osabi string) *Description {
	core := Feature{
		Name: "org.gnu.gdb.aarch64.core",
		Types: []Type{{ID: "cpsr_flags", FlagBits: 32, Flags: []FlagField{
			{"SP", 0, 0}, {"EL", 2, 3}, {"nRW", 4, 4}, {"F", 6, 6}, {"I", 7, 7}, {"A", 8, 8}, {"D", 9, 9},
			{"IL", 20, 20}, {"SS", 21, 21}, {"V", 28, 28}, {"C", 29, 29}, {"Z", 30, 30}, {"N", 31, 31},
		}}},
	}
	for i := range 31 {
		r := Register{Name: "x" + strconv.Itoa(i), Bits: 64, Type: "int"}
		if i == 29 {
			r.Generic = "fp"
		}
		core.Registers = append(core.Registers, r)
	}
	core.Registers = append(core.Registers,
		Register{Name: "sp", Bits: 64, Type: "data_ptr", Generic: "sp"},
		Register{Name: "pc", Bits: 64, Type: "code_ptr", Generic: "pc"},
		Register{Name: "cpsr", Bits: 32, Type: "cpsr_flags"})

	fpu := Feature{
		Name: "org.gnu.gdb.aarch64.fpu",
		Types: append(aarch64VectorTypes(),
			Type{ID: "fpsr_flags", FlagBits: 32, Flags: []FlagField{
				{"IOC", 0, 0}, {"DZC", 1, 1}, {"OFC", 2, 2}, {"UFC", 3, 3}, {"IXC", 4, 4}, {"IDC", 7, 7}, {"QC", 27, 27},
			}},
			Type{ID: "fpcr_flags", FlagBits: 32, Flags: []FlagField{
				{"IOE", 8, 8}, {"DZE", 9, 9}, {"OFE", 10, 10}, {"UFE", 11, 11}, {"IXE", 12, 12}, {"IDE", 15, 15},
				{"FZ16", 19, 19}, {"RMode", 22, 23}, {"FZ", 24, 24}, {"DN", 25, 25}, {"AHP", 26, 26},
			}}),
	}
	for i := range 32 {
		fpu.Registers = append(fpu.Registers, Register{Name: "v" + strconv.Itoa(i), Bits: 128, Type: "aarch64v"})
	}
	fpu.Registers = append(fpu.Registers,
		Register{Name: "fpsr", Bits: 32, Type: "fpsr_flags", Group: "float"},
		Register{Name: "fpcr", Bits: 32, Type: "fpcr_flags", Group: "float"})
	return &Description{Architecture: "aarch64", OSABI: osabi, Features: []Feature{core, fpu}}
}

// aarch64VectorTypes are the views of a vector register that users know from $v0.d.u and the like.
func aarch64VectorTypes() []Type {
	return []Type{
		{ID: "v2d", Vector: "ieee_double", Count: 2},
		{ID: "v2u", Vector: "uint64", Count: 2},
		{ID: "v2i", Vector: "int64", Count: 2},
		{ID: "v4f", Vector: "ieee_single", Count: 4},
		{ID: "v4u", Vector: "uint32", Count: 4},
		{ID: "v4i", Vector: "int32", Count: 4},
		{ID: "v8f", Vector: "ieee_half", Count: 8},
		{ID: "v8u", Vector: "uint16", Count: 8},
		{ID: "v8i", Vector: "int16", Count: 8},
		{ID: "v16u", Vector: "uint8", Count: 16},
		{ID: "v16i", Vector: "int8", Count: 16},
		{ID: "v1u", Vector: "uint128", Count: 1},
		{ID: "v1i", Vector: "int128", Count: 1},
		{ID: "vnd", Union: []Field{{"f", "v2d"}, {"u", "v2u"}, {"s", "v2i"}}},
		{ID: "vns", Union: []Field{{"f", "v4f"}, {"u", "v4u"}, {"s", "v4i"}}},
		{ID: "vnh", Union: []Field{{"f", "v8f"}, {"u", "v8u"}, {"s", "v8i"}}},
		{ID: "vnb", Union: []Field{{"u", "v16u"}, {"s", "v16i"}}},
		{ID: "vnq", Union: []Field{{"u", "v1u"}, {"s", "v1i"}}},
		{ID: "aarch64v", Union: []Field{{"d", "vnd"}, {"s", "vns"}, {"h", "vnh"}, {"b", "vnb"}, {"q", "vnq"}}},
	}
}
