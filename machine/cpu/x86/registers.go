package x86

import (
	"encoding/binary"
	"fmt"

	"forkscope/machine/cpu"
)

const (
	featureCore   = "org.gnu.gdb.i386.core"
	featureSSE    = "org.gnu.gdb.i386.sse"
	featureSystem = "forkscope.i386.system"
)

// registerList is in gdb's order for i386: core, SSE, then the system registers.
var registerList = func() []cpu.Register {
	var l []cpu.Register
	add := func(feature string, bits int, typ, group string, names ...string) {
		for _, n := range names {
			l = append(l, cpu.Register{Name: n, Feature: feature, Bits: bits, Type: typ, Group: group})
		}
	}
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

var gdbGeneral = map[string]uint8{"eax": 0, "ecx": 1, "edx": 2, "ebx": 3, "esp": 4, "ebp": 5, "esi": 6, "edi": 7}

// Registers lists what gdb sees.
func (c *CPU) Registers() []cpu.Register { return registerList }

// systemRegister returns where a register of the system feature is held.
func (c *CPU) systemRegister(name string) *uint32 {
	switch name {
	case "fs_base":
		return &c.seg[segFS].base
	case "gs_base":
		return &c.seg[segGS].base
	case "cr0":
		return &c.cr0
	case "cr2":
		return &c.cr2
	case "cr3":
		return &c.cr3
	case "cr4":
		return &c.cr4
	case "gdtr_base":
		return &c.gdt.base
	case "gdtr_limit":
		return &c.gdt.limit
	case "idtr_base":
		return &c.idt.base
	case "idtr_limit":
		return &c.idt.limit
	case "ldtr_base":
		return &c.ldt.base
	case "tr_base":
		return &c.tr.base
	case "dr0", "dr1", "dr2", "dr3", "dr6", "dr7":
		return &c.dr[name[2]-'0']
	}
	return nil
}

// ReadRegister puts register i, little-endian, into p, whose length is grown as needed.
func (c *CPU) ReadRegister(i int, p []byte) []byte {
	if i < 0 || i >= len(registerList) {
		return p[:0]
	}
	r := &registerList[i]
	if n, ok := gdbGeneral[r.Name]; ok {
		return put32(p, c.r[n])
	}
	if n, ok := gdbSegments[r.Name]; ok {
		return put32(p, uint32(c.seg[n].sel))
	}
	switch r.Name {
	case "eip":
		return put32(p, c.eip)
	case "eflags":
		return put32(p, c.getFlags())
	case "ldtr":
		return put32(p, uint32(c.ldt.sel))
	case "tr":
		return put32(p, uint32(c.tr.sel))
	case "efer":
		return put32(p, uint32(c.efer))
	case "cpl":
		return put32(p, uint32(c.cpl))
	}
	if v := c.systemRegister(r.Name); v != nil {
		return put32(p, *v)
	}
	return append(p[:0], c.fpuRegister(r.Name)...)
}

func put32(p []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(p[:0], v) }

// WriteRegister sets register i. A selector is loaded with its descriptor and must be one that the CPU would accept.
func (c *CPU) WriteRegister(i int, p []byte) error {
	if i < 0 || i >= len(registerList) {
		return fmt.Errorf("no register %d", i)
	}
	r := &registerList[i]
	if len(p) != r.Bits/8 {
		return fmt.Errorf("register %s has %d bytes, not %d", r.Name, r.Bits/8, len(p))
	}
	if r.Group == "float" || r.Group == "vector" {
		return c.setFPURegister(r.Name, p)
	}
	v := binary.LittleEndian.Uint32(p)
	if n, ok := gdbGeneral[r.Name]; ok {
		c.r[n] = v
		return nil
	}
	if n, ok := gdbSegments[r.Name]; ok {
		return c.writeSelector(n, r.Name, v)
	}
	switch r.Name {
	case "eip":
		c.eip = v
		c.halted = false
		return nil
	case "eflags":
		if (v^c.eflags)&flagVM != 0 {
			return fmt.Errorf("eflags: VM cannot be changed from outside")
		}
		c.setFlags(v, flagsArith|flagTF|flagIF|flagDF|flagIOPL|flagNT|flagRF|flagAC|flagID)
		return nil
	}
	return c.writeSystem(r.Name, v)
}

func (c *CPU) writeSelector(n uint8, name string, v uint32) error {
	if v == uint32(c.seg[n].sel) {
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

func (c *CPU) writeSystem(name string, v uint32) error {
	ok := true
	switch name {
	case "cr0":
		ok = c.setCR0(v)
	case "cr3":
		ok = c.setCR3(v)
	case "cr4":
		ok = c.setCR4(v)
	case "cr2":
		c.cr2 = v
	case "fs_base", "gs_base":
		*c.systemRegister(name) = v
		c.updateMode()
	case "dr0", "dr1", "dr2", "dr3", "dr6", "dr7":
		*c.systemRegister(name) = v
		c.flushTLB()
	default:
		if p := c.systemRegister(name); p == nil || *p != v {
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
func (c *CPU) KernelStack() (sp uint64, ok bool) {
	if c.cpl == 0 {
		return uint64(c.seg[segSS].base + c.r[regESP]), true
	}
	at, size := c.tr.base+4, 4
	switch {
	case isNull(c.tr.sel):
		return 0, false
	case c.tr.attr&attrTypeMask != sysTSS32Busy:
		at, size = c.tr.base+2, 2
	}
	var v uint32
	for i := range uint32(size) {
		pa, ok := c.Translate(c.Space(), uint64(at+i))
		if !ok || pa-uint64(c.ramBase) >= uint64(c.ramSize) {
			return 0, false
		}
		v |= uint32(c.ramLoad8(uint32(pa)-c.ramBase)) << (8 * i)
	}
	return uint64(v), true
}

var _ cpu.CPU = (*CPU)(nil)
