package main

import "encoding/binary"

// The loads are programs of a few instructions, made here so that the benchmark needs no compiler. Both run as the
// guest's first process.
const (
	// syscallLoad makes syscallRound calls of getppid, then one of sched_yield, for ever: a hot kernel function with a
	// known number of calls between two rare ones.
	syscallLoad  = "bin/bench-syscalls"
	syscallRound = 20_000
	hotFunction  = "sys_getppid"
	rareFunction = "sys_sched_yield"

	// touchLoad writes to each page of touchSize bytes of its memory and powers off.
	touchLoad = "bin/bench-touch"
	touchSize = 48 << 20
)

// Arguments of reboot (its manual page).
const (
	rebootMagic1   = 0xfee1dead
	rebootMagic2   = 0x28121969
	rebootPowerOff = 0x4321fedc
)

func syscallProgram(arch string) []byte { return program(arch, targets[arch].syscalls, 0) }

func touchProgram(arch string) []byte {
	t := targets[arch]
	start := uint32(t.base + pageSize)
	return program(arch, t.touch(start, start+touchSize), touchSize)
}

// The same on each machine: syscallLoad's code, and touchLoad's for the pages of [start, end).
var (
	syscallsARM64 = words(
		movz(19, syscallRound&0xffff), // 0: x19 = syscallRound
		movk16(19, syscallRound>>16),
		movz(8, 173), // 8: x8 = getppid
		svc,
		0xf1000673,   // subs x19, x19, #1
		0x54ffffa1,   // b.ne 8
		movz(8, 124), // x8 = sched_yield
		svc,
		0x17fffff8, // b 0
	)
	syscallsI386 = join(
		[]byte{0xbe}, le32(syscallRound), // 0: mov esi, syscallRound
		[]byte{0xb8}, le32(64), // 5: mov eax, getppid
		int80,
		[]byte{0x4e, 0x75, 0xf6}, // dec esi; jnz 5
		[]byte{0xb8}, le32(158),  // mov eax, sched_yield
		int80,
		[]byte{0xeb, 0xe8}, // jmp 0
	)
	syscallsX8664 = join(
		[]byte{0xbb}, le32(syscallRound), // 0: mov ebx, syscallRound
		[]byte{0xb8}, le32(110), // 5: mov eax, getppid
		syscall64,
		[]byte{0xff, 0xcb, 0x75, 0xf5}, // dec ebx; jnz 5
		[]byte{0xb8}, le32(24),         // mov eax, sched_yield
		syscall64,
		[]byte{0xeb, 0xe7}, // jmp 0
	)
)

func touchARM64(start, end uint32) []byte {
	return words(
		movz(19, start&0xffff), // x19 = start
		movk16(19, start>>16),
		movz(20, end&0xffff), // x20 = end
		movk16(20, end>>16),
		0x39000274, // 0x10: strb w20, [x19]
		0x91400673, // add x19, x19, #0x1000
		0xeb14027f, // cmp x19, x20
		0x54ffffa3, // b.lo 0x10
		movz(0, rebootMagic1&0xffff),
		movk16(0, rebootMagic1>>16),
		movz(1, rebootMagic2&0xffff),
		movk16(1, rebootMagic2>>16),
		movz(2, rebootPowerOff&0xffff),
		movk16(2, rebootPowerOff>>16),
		movz(3, 0),
		movz(8, 142), // x8 = reboot
		svc,
	)
}

func touchI386(start, end uint32) []byte {
	return join(
		[]byte{0xbe}, le32(start), // mov esi, start
		[]byte{0xc6, 0x06, 0x01},           // 5: mov byte [esi], 1
		[]byte{0x81, 0xc6}, le32(pageSize), // add esi, 0x1000
		[]byte{0x81, 0xfe}, le32(end), // cmp esi, end
		[]byte{0x72, 0xef},     // jb 5
		[]byte{0xb8}, le32(88), // mov eax, reboot
		[]byte{0xbb}, le32(rebootMagic1), // mov ebx, …
		[]byte{0xb9}, le32(rebootMagic2), // mov ecx, …
		[]byte{0xba}, le32(rebootPowerOff), // mov edx, …
		[]byte{0x31, 0xf6}, // xor esi, esi
		int80,
	)
}

func touchX8664(start, end uint32) []byte {
	return join(
		[]byte{0xbb}, le32(start), // mov ebx, start
		[]byte{0xc6, 0x03, 0x01},           // 5: mov byte [rbx], 1
		[]byte{0x81, 0xc3}, le32(pageSize), // add ebx, 0x1000
		[]byte{0x81, 0xfb}, le32(end), // cmp ebx, end
		[]byte{0x72, 0xef},      // jb 5
		[]byte{0xb8}, le32(169), // mov eax, reboot
		[]byte{0xbf}, le32(rebootMagic1), // mov edi, …
		[]byte{0xbe}, le32(rebootMagic2), // mov esi, …
		[]byte{0xba}, le32(rebootPowerOff), // mov edx, …
		[]byte{0x45, 0x31, 0xd2}, // xor r10d, r10d
		syscall64,
	)
}

// Pieces of A64 code (Arm Architecture Reference Manual, C6.2).
const svc = 0xd4000001

func movz(reg, value uint32) uint32   { return 0xd2800000 | value<<5 | reg }
func movk16(reg, value uint32) uint32 { return 0xf2a00000 | value<<5 | reg }

func words(list ...uint32) []byte {
	var out []byte
	for _, w := range list {
		out = binary.LittleEndian.AppendUint32(out, w)
	}
	return out
}

// Pieces of x86 code (Intel SDM volume 2).
var (
	int80     = []byte{0xcd, 0x80}
	syscall64 = []byte{0x0f, 0x05}
)

func le32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

func join(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}
