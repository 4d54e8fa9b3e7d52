package x86

import (
	"encoding/binary"
	"fmt"

	"forkscope/machine/cpu"
)

const (
	featureCore     = "org.gnu.gdb.i386.core"
	featureSSE      = "org.gnu.gdb.i386.sse"
	featureSegments = "org.gnu.gdb.i386.segments"
	featureKeys     = "org.gnu.gdb.i386.pkeys"
	featureShadow   = "org.gnu.gdb.i386.pl3_ssp"
	featureSystem   = "forkscope.i386.system"
)

type registerSet []cpu.Register

func (l *registerSet) add(feature string, bits int, typ, group string, names ...string) {
	for _, n := range names {
		*l = append(*l, cpu.Register{Name: n, Feature: feature, Bits: bits, Type: typ, Group: group})
	}
}

// registers64 are in gdb's order for x86-64: core, SSE, segments, keys, then the system registers.
var registers64 = func() (l registerSet) {
	add := l.add
	add(featureCore, 64, "int64", "general", "rax", "rbx", "rcx", "rdx", "rsi", "rdi")
	add(featureCore, 64, "data_ptr", "general", "rbp", "rsp")
	add(featureCore, 64, "int64", "general", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15")
	add(featureCore, 64, "code_ptr", "general", "rip")
	add(featureCore, 32, "i386_eflags", "general", "eflags")
	add(featureCore, 32, "int32", "general", "cs", "ss", "ds", "es", "fs", "gs")
	add(featureCore, 80, "i387_ext", "float", "st0", "st1", "st2", "st3", "st4", "st5", "st6", "st7")
	add(featureCore, 32, "int", "float", "fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop")
	add(featureSSE, 128, "vec128", "vector", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
		"xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")
	add(featureSSE, 32, "i386_mxcsr", "vector", "mxcsr")
	add(featureSegments, 64, "int", "general", "fs_base", "gs_base")
	add(featureKeys, 32, "uint32", "general", "pkru")
	add(featureShadow, 64, "data_ptr", "general", "pl3_ssp")
	add(featureSystem, 64, "data_ptr", "system", "k_gs_base")
	add(featureSystem, 64, "int64", "system", "cr0")
	add(featureSystem, 64, "data_ptr", "system", "cr2", "cr3")
	add(featureSystem, 64, "int64", "system", "cr4", "cr8", "efer")
	add(featureSystem, 32, "int32", "system", "cpl")
	add(featureSystem, 64, "data_ptr", "system", "gdtr_base")
	add(featureSystem, 32, "int32", "system", "gdtr_limit")
	add(featureSystem, 64, "data_ptr", "system", "idtr_base")
	add(featureSystem, 32, "int32", "system", "idtr_limit", "ldtr")
	add(featureSystem, 64, "data_ptr", "system", "ldtr_base")
	add(featureSystem, 32, "int32", "system", "tr")
	add(featureSystem, 64, "data_ptr", "system", "tr_base", "dr0", "dr1", "dr2", "dr3")
	add(featureSystem, 64, "int64", "system", "dr6", "dr7")
	return l
}()

// registers32 are in gdb's order for i386: core, SSE, then the system registers.
var registers32 = func() (l registerSet) {
	add := l.add
	add(featureCore, 32, "int", "general", "eax", "ecx", "edx", "ebx")
	add(featureCore, 32, "data_ptr", "general", "esp", "ebp")
	add(featureCore, 32, "int", "general", "esi", "edi")
	add(featureCore, 32, "code_ptr", "general", "eip")
	add(featureCore, 32, "i386_eflags", "general", "eflags")
	add(featureCore, 32, "int32", "general", "cs", "ss", "ds", "es", "fs", "gs")
	add(featureCore, 80, "i387_ext", "float", "st0", "st1", "st2", "st3", "st4", "st5", "st6", "st7")
	add(featureCore, 32, "int", "float", "fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop")
	add(featureSSE, 128, "vec128", "vector", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7")
	add(featureSSE, 32, "i386_mxcsr", "vector", "mxcsr")
	add(featureSystem, 32, "data_ptr", "system", "fs_base", "gs_base")
	add(featureSystem, 32, "int32", "system", "cr0")
	add(featureSystem, 32, "data_ptr", "system", "cr2", "cr3")
	add(featureSystem, 32, "int32", "system", "cr4", "efer", "cpl")
	add(featureSystem, 32, "data_ptr", "system", "gdtr_base")
	add(featureSystem, 32, "int32", "system", "gdtr_limit")
	add(featureSystem, 32, "data_ptr", "system", "idtr_base")
	add(featureSystem, 32, "int32", "system", "idtr_limit", "ldtr")
	add(featureSystem, 32, "data_ptr", "system", "ldtr_base")
	add(featureSystem, 32, "int32", "system", "tr")
	add(featureSystem, 32, "data_ptr", "system", "tr_base", "dr0", "dr1", "dr2", "dr3")
	add(featureSystem, 32, "int32", "system", "dr6", "dr7")
	return l
}()

// gdbSegments are the segment registers in gdb's order.
var gdbSegments = map[string]uint8{"cs": segCS, "ss": segSS, "ds": segDS, "es": segES, "fs": segFS, "gs": segGS}

// generalNames are the general registers' names by number, as 64-bit code calls them.
var generalNames = [...]string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"}

// gdbGeneral are their numbers by all their names.
var gdbGeneral = func() map[string]uint8 {
	m := map[string]uint8{}
	for i, n := range generalNames {
		m[n] = uint8(i)
		if i < 8 {
			m["e"+n[1:]] = uint8(i)
		}
	}
	return m
}()

// Registers lists what gdb sees.
func (c *CPU) Registers() []cpu.Register { return c.registers() }

func (c *CPU) registers() registerSet {
	if c.cfg.Long {
		return registers64
	}
	return registers32
}

// systemValue returns a register of the system feature.
func (c *CPU) systemValue(name string) (v uint64, ok bool) {
	switch name {
	case "fs_base":
		return c.seg[segFS].base, true
	case "gs_base":
		return c.seg[segGS].base, true
	case "cr0":
		return uint64(c.cr0), true
	case "cr2":
		return c.cr2, true
	case "cr3":
		return c.cr3, true
	case "cr4":
		return uint64(c.cr4), true
	case "cr8":
		return c.cr8, true
	case "pkru":
		return uint64(c.pkru), true
	case "pl3_ssp":
		return *c.userSSP(), true
	case "k_gs_base":
		return c.msr.kernelGSBase, true
	case "efer":
		return c.efer, true
	case "cpl":
		return uint64(c.cpl), true
	case "gdtr_base":
		return c.gdt.base, true
	case "gdtr_limit":
		return uint64(c.gdt.limit), true
	case "idtr_base":
		return c.idt.base, true
	case "idtr_limit":
		return uint64(c.idt.limit), true
	case "ldtr":
		return uint64(c.ldt.sel), true
	case "ldtr_base":
		return c.ldt.base, true
	case "tr":
		return uint64(c.tr.sel), true
	case "tr_base":
		return c.tr.base, true
	case "dr0", "dr1", "dr2", "dr3", "dr6", "dr7":
		return c.dr[name[2]-'0'], true
	}
	return 0, false
}

// ReadRegister puts register i, little-endian, into p, whose length is grown as needed.
func (c *CPU) ReadRegister(i int, p []byte) []byte {
	list := c.registers()
	if i < 0 || i >= len(list) {
		return p[:0]
	}
	r := &list[i]
	v, ok := c.systemValue(r.Name)
	if n, general := gdbGeneral[r.Name]; general {
		v, ok = c.r[n], true
	} else if n, segment := gdbSegments[r.Name]; segment {
		v, ok = uint64(c.seg[n].sel), true
	}
	switch r.Name {
	case "eip", "rip":
		v, ok = c.ip, true
	case "eflags":
		v, ok = uint64(c.getFlags()), true
	}
	if !ok {
		return append(p[:0], c.fpuRegister(r.Name)...)
	}
	return binary.LittleEndian.AppendUint64(p[:0], v)[:r.Bits/8]
}

// WriteRegister sets register i. A selector is loaded with its descriptor and must be one that the CPU would accept.
func (c *CPU) WriteRegister(i int, p []byte) error {
	list := c.registers()
	if i < 0 || i >= len(list) {
		return fmt.Errorf("no register %d", i)
	}
	r := &list[i]
	if len(p) != r.Bits/8 {
		return fmt.Errorf("register %s has %d bytes, not %d", r.Name, r.Bits/8, len(p))
	}
	if r.Group == "float" || r.Group == "vector" {
		return c.setFPURegister(r.Name, p)
	}
	var bytes [8]byte
	copy(bytes[:], p)
	v := binary.LittleEndian.Uint64(bytes[:])
	if n, ok := gdbGeneral[r.Name]; ok {
		c.r[n] = v
		return nil
	}
	if n, ok := gdbSegments[r.Name]; ok {
		return c.writeSelector(n, r.Name, v)
	}
	switch r.Name {
	case "eip", "rip":
		if !canonical(v) {
			return fmt.Errorf("%s: %#x is no canonical address", r.Name, v)
		}
		c.ip = v
		c.halted = false
		return nil
	case "eflags":
		if (uint32(v)^c.eflags)&flagVM != 0 {
			return fmt.Errorf("eflags: VM cannot be changed from outside")
		}
		c.setFlags(uint32(v), flagsArith|flagTF|flagIF|flagDF|flagIOPL|flagNT|flagRF|flagAC|flagID)
		return nil
	}
	return c.writeSystem(r.Name, v)
}

func (c *CPU) writeSelector(n uint8, name string, v uint64) error {
	if v == uint64(c.seg[n].sel) {
		return nil
	}
	if n == segCS {
		return fmt.Errorf("cs cannot be changed from outside")
	}
	if v>>16 != 0 {
		return fmt.Errorf("%s has 16 bits", name)
	}
	if !c.loadSeg(n, uint16(v)) {
		c.exc = exception{}
		return fmt.Errorf("%s: %#x selects no usable segment", name, v)
	}
	return nil
}

func (c *CPU) writeSystem(name string, v uint64) error {
	ok := true
	switch name {
	case "cr0":
		ok = c.setCR0(uint32(v))
	case "cr3":
		ok = c.setCR3(v)
	case "cr4":
		ok = c.setCR4(uint32(v))
	case "cr2":
		c.cr2 = v
	case "fs_base", "gs_base", "k_gs_base":
		if ok = canonical(v); !ok {
			break
		}
		switch name {
		case "fs_base":
			c.setBase(segFS, v)
		case "gs_base":
			c.setBase(segGS, v)
		default:
			c.msr.kernelGSBase = v
		}
	case "pkru":
		c.setPKRU(uint32(v))
	case "pl3_ssp":
		if ok = canonical(v) && v&3 == 0; ok {
			*c.userSSP() = v
		}
	case "dr0", "dr1", "dr2", "dr3", "dr6", "dr7":
		c.dr[name[2]-'0'] = v
		c.flushTLB()
	default:
		if was, known := c.systemValue(name); !known || was != v {
			return fmt.Errorf("%s cannot be changed from outside", name)
		}
	}
	if !ok {
		c.exc = exception{}
		return fmt.Errorf("%s cannot hold %#x", name, v)
	}
	return nil
}

// KernelStack is the stack pointer of CPL 0: ESP when the CPU is there, else what the TSS holds. ok is false while there is no TSS.
// SYSCALL comes to CPL 0 with the program's stack pointer, which kernels take for none of theirs: it is in the lower half of addresses.
func (c *CPU) KernelStack() (sp uint64, ok bool) {
	if c.cpl == 0 && !(c.mode&mode64 != 0 && c.r[regESP]>>63 == 0 && !isNull(c.tr.sel)) {
		return (c.seg[segSS].start + c.r[regESP]) & c.mask, true
	}
	at, size := c.tr.base+4, 4
	switch {
	case isNull(c.tr.sel):
		return 0, false
	case c.long():
		size = 8
	case c.tr.attr&attrTypeMask != sysTSS32Busy:
		at, size = c.tr.base+2, 2
	}
	for i := range uint64(size) {
		pa, ok := c.Translate(c.Space(), at+i)
		if !ok || pa-uint64(c.ramBase) >= uint64(c.ramSize) {
			return 0, false
		}
		sp |= uint64(c.ramLoad8(uint32(pa)-c.ramBase)) << (8 * i)
	}
	return sp, true
}

var _ cpu.CPU = (*CPU)(nil)
