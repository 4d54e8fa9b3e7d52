package boot

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"
	"testing"

	"forkscope/machine/mem"
)

var le = binary.LittleEndian

func newRAM(t testing.TB, base, size uint64) *mem.RAM {
	t.Helper()
	ram, err := mem.New(base, size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ram.Close() })
	return ram
}

// elfFile builds an executable with one segment: data at p_vaddr/p_paddr, memSize bytes in memory.
func elfFile(m elf.Machine, entry, vaddr, paddr uint64, data []byte, memSize uint64) []byte {
	var b bytes.Buffer
	ident := [16]byte{0x7f, 'E', 'L', 'F', 1, 1, 1}
	if m == elf.EM_386 {
		binary.Write(&b, le, elf.Header32{Ident: ident, Type: 2, Machine: uint16(m), Version: 1, Entry: uint32(entry), Phoff: 52, Ehsize: 52, Phentsize: 32, Phnum: 1})
		binary.Write(&b, le, elf.Prog32{Type: 1, Off: 84, Vaddr: uint32(vaddr), Paddr: uint32(paddr), Filesz: uint32(len(data)), Memsz: uint32(memSize)})
	} else {
		ident[4] = 2
		binary.Write(&b, le, elf.Header64{Ident: ident, Type: 2, Machine: uint16(m), Version: 1, Entry: entry, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1})
		binary.Write(&b, le, elf.Prog64{Type: 1, Off: 120, Vaddr: vaddr, Paddr: paddr, Filesz: uint64(len(data)), Memsz: memSize})
	}
	b.Write(data)
	return b.Bytes()
}

func mbHeader(flags uint32, more ...uint32) []byte {
	var b []byte
	for _, v := range append([]uint32{mbHeaderMagic, flags, -(mbHeaderMagic + flags)}, more...) {
		b = le.AppendUint32(b, v)
	}
	return b
}

func pcKernel() []byte {
	return elfFile(elf.EM_386, 0x10_0010, 0xc010_0000, 0x10_0000, append(mbHeader(3), "code and data"...), 0x3001)
}

// noteFile is an x86-64 kernel at 1 MiB that is its own note with the entry point for PVH.
func noteFile(entry uint32) []byte {
	var note []byte
	for _, v := range []uint32{4, 4, 18} {
		note = le.AppendUint32(note, v)
	}
	note = le.AppendUint32(append(note, "Xen\x00"...), entry)
	const headers = 64 + 2*56
	var b bytes.Buffer
	binary.Write(&b, le, elf.Header64{Ident: [16]byte{0x7f, 'E', 'L', 'F', 2, 1, 1}, Type: 2, Machine: uint16(elf.EM_X86_64), Version: 1, Entry: 0x10_0000,
		Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 2})
	binary.Write(&b, le, elf.Prog64{Type: 1, Off: headers, Vaddr: 0xffff_ffff_8010_0000, Paddr: 0x10_0000, Filesz: uint64(len(note)), Memsz: 0x3001})
	binary.Write(&b, le, elf.Prog64{Type: 4, Off: headers, Filesz: uint64(len(note)), Memsz: uint64(len(note))})
	b.Write(note)
	return b.Bytes()
}

func TestLoadPVH(t *testing.T) {
	ram := newRAM(t, 0, 64<<20)
	initrd := bytes.Repeat([]byte("cpio"), 1000)
	e, err := LoadPVH(ram, Files{Kernel: noteFile(0x10_0004), Initrd: [][]byte{initrd}, Cmdline: "init=/bin/x -- a b"})
	if err != nil {
		t.Fatal(err)
	}
	if e.EIP != 0x10_0004 {
		t.Errorf("EIP = %#x", e.EIP)
	}
	word := func(at uint64) uint32 { return le.Uint32(ram.Bytes()[at:]) }
	long := func(at uint64) uint64 { return le.Uint64(ram.Bytes()[at:]) }
	info := uint64(e.EBX)
	if word(info) != 0x336ec578 || word(info+4) != 1 || word(info+8) != 0 || word(info+12) != 1 {
		t.Errorf("start information begins with % x", ram.Bytes()[info:info+16])
	}
	if at, size := long(long(info+16)), long(long(info+16)+8); size != 4000 || at%4096 != 0 || !bytes.Equal(ram.Bytes()[at:at+size], initrd) {
		t.Errorf("module of %d bytes at %#x", size, at)
	}
	if got := cstring(ram, uint32(long(info+24))); got != "init=/bin/x -- a b" {
		t.Errorf("command line %q", got)
	}
	if long(info+32) != 0 {
		t.Errorf("an RSDP at %#x", long(info+32))
	}
	usable := uint64(0)
	for i := range uint64(word(info + 48)) {
		if p := long(info+40) + 24*i; word(p+16) == 1 {
			usable += long(p + 8)
		}
	}
	if want := uint64(63<<20 - 128<<10 + 639<<10); usable != want {
		t.Errorf("the map has %d usable bytes, want %d", usable, want)
	}
}

func patch(file []byte, at int, v ...byte) []byte {
	file = bytes.Clone(file)
	copy(file[at:], v)
	return file
}

func cstring(ram *mem.RAM, at uint32) string {
	s := ram.Bytes()[at:]
	return string(s[:bytes.IndexByte(s, 0)])
}

func TestLoadMultiboot(t *testing.T) {
	ram := newRAM(t, 0, 64<<20)
	ram.Write(0x10_2000, []byte("left over")) // where the bss will be
	initrd := bytes.Repeat([]byte("cpio"), 1000)
	e, err := LoadMultiboot(ram, Files{Kernel: pcKernel(), Initrd: [][]byte{initrd}, Cmdline: "init=/bin/x -- a b"})
	if err != nil {
		t.Fatal(err)
	}
	if e.EIP != 0x10_0010 {
		t.Errorf("EIP = %#x", e.EIP)
	}
	if got := cstring(ram, 0x10_000c); got != "code and data" {
		t.Errorf("segment holds %q", got)
	}
	if !bytes.Equal(ram.Bytes()[0x10_2000:0x10_2009], make([]byte, 9)) {
		t.Error("the bss is not zero")
	}
	field := func(at uint32) uint32 { return le.Uint32(ram.Bytes()[e.EBX+at:]) }
	if flags := field(0); flags != 0x24d {
		t.Errorf("flags = %#x, want memory, command line, modules, map and loader name", flags)
	}
	if field(4) != 639 || field(8) != 63<<10-128 {
		t.Errorf("memory below %d KiB, above %d KiB", field(4), field(8))
	}
	if got := cstring(ram, field(16)); got != "vmlinux init=/bin/x -- a b" {
		t.Errorf("command line %q", got)
	}
	if field(20) != 1 {
		t.Fatalf("%d modules", field(20))
	}
	start, end := le.Uint32(ram.Bytes()[field(24):]), le.Uint32(ram.Bytes()[field(24)+4:])
	if start != 0x10_4000 || !bytes.Equal(ram.Bytes()[start:end], initrd) {
		t.Errorf("module at %#x to %#x, want the initrd on the page after the kernel, 0x104000", start, end)
	}
	var usable uint64
	p := ram.Bytes()[field(48) : field(48)+field(44)]
	for len(p) > 0 {
		if le.Uint32(p[20:]) == 1 {
			usable += le.Uint64(p[12:])
		}
		p = p[le.Uint32(p)+4:]
	}
	if want := uint64(63<<20 - 128<<10 + 639<<10); usable != want {
		t.Errorf("the map has %d usable bytes, want %d", usable, want)
	}
}

func TestLoadMultibootKludge(t *testing.T) {
	ram := newRAM(t, 0, 4<<20)
	// Header at file offset 4 and address 0x200004; load 0x200000, end of data open, bss to 0x200100, entry 0x200024.
	kernel := append([]byte{1, 2, 3, 4}, mbHeader(mbKludge|2, 0x20_0004, 0x20_0000, 0, 0x20_0100, 0x20_0024)...)
	kernel = append(kernel, "start"...)
	e, err := LoadMultiboot(ram, Files{Kernel: kernel})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(ram.Bytes()[e.EIP:][:5]); e.EIP != 0x20_0024 || got != "start" {
		t.Errorf("EIP = %#x, code there %q", e.EIP, got)
	}
}

func armKernel() []byte {
	return elfFile(elf.EM_AARCH64, 0x4008_0000, 0x4008_0000, 0x4008_0000, []byte("code"), 0x2000)
}

func armImage(offset, size, flags uint64) []byte {
	b := make([]byte, imageHeader)
	le.PutUint64(b[8:], offset)
	le.PutUint64(b[16:], size)
	le.PutUint64(b[24:], flags)
	copy(b[imageMagicAt:], imageMagic)
	return append(b, "image"...)
}

func TestLoadARM64(t *testing.T) {
	tests := []struct {
		name       string
		kernel     []byte
		ramSize    uint64
		initrd     int
		pc, rd, x0 uint64
	}{
		{"ELF", armKernel(), 64 << 20, 5000, 0x4008_0000, 0x4200_0000, 0x4220_0000},
		{"ELF whose entry is virtual", elfFile(elf.EM_AARCH64, 0xffff_0000_4008_0004, 0xffff_0000_4008_0000, 0x4008_0000, []byte("12345678"), 8), 64 << 20, 0, 0x4008_0004, 0, 0x4200_0000},
		{"Image", armImage(0x80000, 0x10_0000, 2), 64 << 20, 1, 0x4008_0000, 0x4200_0000, 0x4220_0000},
		{"Image of an old kernel", armImage(0, 0, 0), 64 << 20, 1, 0x4008_0000, 0x4200_0000, 0x4220_0000},
		{"Image at offset 0", armImage(0, 0x1000, 2), 1 << 30, 1, 0x4020_0000, 0x4800_0000, 0x4820_0000},
		{"Image beyond the middle", armImage(0x80000, 40<<20, 2), 64 << 20, 1, 0x4008_0000, 0x4288_0000, 0x42a0_0000},
		{"little RAM", armKernel(), 2 << 20, 0x10_0000, 0x4008_0000, 0x4010_0000, 0x4008_2000},
		{"initrd larger than half of RAM", armKernel(), 8 << 20, 5 << 20, 0x4008_0000, 0x4008_2000, 0x4060_0000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ram := newRAM(t, 0x4000_0000, tt.ramSize)
			initrd := bytes.Repeat([]byte{0xa5}, tt.initrd)
			var start, end uint64
			e, err := LoadARM64(ram, Files{Kernel: tt.kernel, Initrd: [][]byte{initrd}}, func(s, e uint64) []byte {
				start, end = s, e
				return []byte("device tree")
			})
			if err != nil {
				t.Fatal(err)
			}
			if e.PC != tt.pc || start != tt.rd || end-start != uint64(tt.initrd) || e.X0 != tt.x0 {
				t.Errorf("PC %#x, initrd %#x to %#x, X0 %#x; want %#x, %#x, %#x", e.PC, start, end, e.X0, tt.pc, tt.rd, tt.x0)
			}
			got := make([]byte, 11)
			if ram.Read(e.X0, got); string(got) != "device tree" {
				t.Errorf("X0 points to %q", got)
			}
			got = make([]byte, tt.initrd)
			if ram.Read(start, got); !bytes.Equal(got, initrd) {
				t.Error("the initrd is not where the device tree says")
			}
		})
	}
}

func TestBadKernels(t *testing.T) {
	pc, arm := pcKernel(), armKernel()
	tests := []struct {
		name, arch string
		file       []byte
		want       string
	}{
		{"text", "i386", []byte("hello, this is no kernel"), "kernel: neither an ELF file nor a multiboot image"},
		{"empty", "i386", nil, "kernel: neither an ELF file nor a multiboot image"},
		{"arm64 on i386", "i386", arm, "kernel: ELF file for arm64, where i386 is wanted"},
		{"x86-64", "i386", patch(pc, 18, 62, 0), "kernel: ELF file for x86_64, where i386 is wanted"},
		{"no header", "i386", elfFile(elf.EM_386, 0, 0, 0, []byte("x"), 1), "kernel: ELF file without a multiboot header in its first 8192 bytes"},
		{"bzImage", "i386", patch(make([]byte, 1024), 0x202, 'H', 'd', 'r', 'S'), "kernel: a Linux bzImage; a multiboot ELF file is wanted"},
		{"unknown features", "i386", mbHeader(0x8001), "kernel: multiboot header asks for unknown features 0x8000"},
		{"no addresses", "i386", mbHeader(3), "kernel: multiboot image that is not an ELF file and gives no load addresses"},
		{"short addresses", "i386", mbHeader(mbKludge, 1, 2), "kernel: truncated: the file ends within the multiboot header"},
		{"far kludge", "i386", mbHeader(mbKludge, 0x900_0000, 0x900_0000, 0, 0, 0x900_0000), "kernel: image at physical 0x9000000 to 0x9000020 lies outside RAM (0 to 0x4000000)"},
		{"truncated ELF header", "i386", pc[:30], "kernel: truncated ELF file of 30 bytes"},
		{"very truncated", "i386", pc[:6], "kernel: truncated ELF file of 6 bytes"},
		{"truncated program headers", "i386", pc[:60], "kernel: truncated: the program headers end beyond the file's 60 bytes"},
		{"truncated segment", "i386", pc[:100], "kernel: truncated: segment 0 ends beyond the file's 100 bytes"},
		{"segment outside RAM", "i386", patch(pc, 52+12, 0, 0, 0, 0xc0), "kernel: segment at physical 0xc0000000 of 12289 bytes lies outside RAM (0x0 to 0x4000000)"},
		{"more file than memory", "i386", patch(pc, 52+20, 1, 0, 0, 0), "kernel: segment 0 has 25 bytes in the file and only 1 in memory"},
		{"entry nowhere", "i386", patch(pc, 24, 0, 0, 0, 0), "kernel: entry point 0x0 is in no loaded segment"},
		{"relocatable", "i386", patch(pc, 16, 1, 0), "kernel: ELF file of type 1, where an executable (2) is wanted"},
		{"big-endian", "i386", patch(pc, 5, 2), "kernel: not a little-endian ELF file"},
		{"over the information", "i386", elfFile(elf.EM_386, 0x9000, 0x9000, 0x9000, append(mbHeader(3), 0), 16), "kernel: loaded at 0x9000 to 0x9010, over the multiboot information at 0x9000"},

		{"text", "x86_64", []byte("hello"), "kernel: not an ELF file"},
		{"i386 on x86-64", "x86_64", pc, "kernel: ELF file for i386, where x86_64 is wanted"},
		{"no note", "x86_64", elfFile(elf.EM_X86_64, 0x10_0000, 0x10_0000, 0x10_0000, []byte("x"), 1), "kernel: ELF file without a note that gives an entry point for PVH"},
		{"entry elsewhere", "x86_64", noteFile(0x20_0000), "kernel: entry point 0x200000 for PVH is in no loaded segment"},

		{"text", "arm64", []byte("hello"), "kernel: neither an ELF file nor a Linux arm64 Image"},
		{"gzip", "arm64", []byte{0x1f, 0x8b, 8, 0}, "kernel: compressed with gzip; decompress it first"},
		{"i386 on arm64", "arm64", pc, "kernel: ELF file for i386, where arm64 is wanted"},
		{"outside RAM", "arm64", elfFile(elf.EM_AARCH64, 0x1000, 0x1000, 0x1000, []byte("x"), 1), "kernel: segment at physical 0x1000 of 1 bytes lies outside RAM (0x40000000 to 0x44000000)"},
		{"no segment", "arm64", patch(arm, 64, 2), "kernel: no loadable segment"},
		{"program headers too small", "arm64", patch(arm, 54, 32), "kernel: program headers of 32 bytes, where 56 are wanted"},
		{"big-endian Image", "arm64", armImage(0x80000, 4096, 1), "kernel: a big-endian Image"},
		{"Image too big", "arm64", armImage(0x80000, 64<<20, 2), "kernel: the Image of 67108864 bytes at 0x40080000 does not fit into 67108864 bytes of RAM"},
	}
	for _, tt := range tests {
		t.Run(tt.arch+" "+tt.name, func(t *testing.T) {
			err := load(t, tt.arch, Files{Kernel: tt.file})
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %v", err, tt.want)
			}
		})
	}
}

func load(t testing.TB, arch string, f Files) error {
	var err error
	switch arch {
	case "i386":
		_, err = LoadMultiboot(newRAM(t, 0, 64<<20), f)
	case "x86_64":
		_, err = LoadPVH(newRAM(t, 0, 64<<20), f)
	default:
		_, err = LoadARM64(newRAM(t, 0x4000_0000, 64<<20), f, func(uint64, uint64) []byte { return make([]byte, 4096) })
	}
	return err
}

func TestBadCompanions(t *testing.T) {
	for _, tt := range []struct {
		name string
		arch string
		f    Files
		want string
	}{
		{"huge initrd", "i386", Files{Kernel: pcKernel(), Initrd: [][]byte{make([]byte, 63<<20)}}, "initrd: 66060288 bytes at 0x104000 do not fit into 67108864 bytes of RAM"},
		{"huge initrd", "arm64", Files{Kernel: armKernel(), Initrd: [][]byte{make([]byte, 64<<20)}}, "initrd: 67108864 bytes do not fit behind the kernel into 67108864 bytes of RAM"},
		{"no room for the tree", "arm64", Files{Kernel: armKernel(), Initrd: [][]byte{make([]byte, 64<<20-0x8_2000)}}, "device tree: 4096 bytes do not fit into 67108864 bytes of RAM"},
		{"long command line", "i386", Files{Kernel: pcKernel(), Cmdline: strings.Repeat("x", 700_000)}, "command line: 700000 bytes are too long"},
		{"NUL", "i386", Files{Kernel: pcKernel(), Cmdline: "a\x00b"}, "command line: contains a NUL byte"},
		{"huge initrd", "x86_64", Files{Kernel: noteFile(0x10_0000), Initrd: [][]byte{make([]byte, 63<<20)}}, "initrd: 66060288 bytes do not fit behind the kernel, which ends at 0x103001, into 67108864 bytes of RAM"},
		{"long command line", "x86_64", Files{Kernel: noteFile(0x10_0000), Cmdline: strings.Repeat("x", 700_000)}, "command line: 700000 bytes are too long"},
		{"NUL", "arm64", Files{Kernel: armKernel(), Cmdline: "a\x00b"}, "command line: contains a NUL byte"},
	} {
		if err := load(t, tt.arch, tt.f); err == nil || err.Error() != tt.want {
			t.Errorf("%s %s: got %v, want %s", tt.arch, tt.name, err, tt.want)
		}
	}
}

// FuzzLoad feeds the loaders any file: each is loaded or refused, and never more than RAM is written.
func FuzzLoad(f *testing.F) {
	for _, seed := range [][]byte{
		pcKernel(), noteFile(0x10_0000), armKernel(), armImage(0x80000, 4096, 2), mbHeader(mbKludge, 0x10_0000, 0x10_0000, 0, 0, 0x10_0000), nil,
	} {
		f.Add(seed)
	}
	pc, arm := newRAM(f, 0, 2<<20), newRAM(f, 0x4000_0000, 4<<20)
	f.Fuzz(func(t *testing.T, file []byte) {
		if e, err := LoadMultiboot(pc, Files{Kernel: file, Initrd: [][]byte{[]byte("initrd")}}); err == nil && !pc.Contains(uint64(e.EIP), 1) {
			t.Errorf("EIP %#x is not in RAM", e.EIP)
		}
		if e, err := LoadPVH(pc, Files{Kernel: file, Initrd: [][]byte{[]byte("initrd")}}); err == nil && !pc.Contains(uint64(e.EIP), 1) {
			t.Errorf("EIP %#x for PVH is not in RAM", e.EIP)
		}
		e, err := LoadARM64(arm, Files{Kernel: file, Initrd: [][]byte{[]byte("initrd")}}, func(uint64, uint64) []byte { return []byte("tree") })
		if err == nil && (!arm.Contains(e.PC, 1) || !arm.Contains(e.X0, 4)) {
			t.Errorf("PC %#x or X0 %#x is not in RAM", e.PC, e.X0)
		}
	})
}
