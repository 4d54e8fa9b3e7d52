package x86

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// fpuRegister gives the bytes, little-endian, of a register that gdb's features org.gnu.gdb.i386.core (st0-7, fctrl …) and
// org.gnu.gdb.i386.sse (xmm0-7, mxcsr) name; nil for any other name.
func (c *CPU) fpuRegister(name string) []byte {
	f := &c.fpu
	if n, ok := numbered(name, "st"); ok && n < 8 {
		st := f.st(n)
		return binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint64(nil, st.Sig), st.SE)
	}
	if n, ok := numbered(name, "xmm"); ok {
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, f.xmm[n].lo), f.xmm[n].hi)
	}
	var v uint32
	switch name {
	case "fctrl":
		v = uint32(f.cw)
	case "fstat":
		v = uint32(f.status())
	case "ftag":
		v = uint32(f.tagWord())
	case "fiseg":
		v = uint32(f.fcs)
	case "fioff":
		v = uint32(f.fip)
	case "foseg":
		v = uint32(f.fds)
	case "fooff":
		v = uint32(f.fdp)
	case "fop":
		v = uint32(f.fop)
	case "mxcsr":
		v = f.mxcsr
	default:
		return nil
	}
	return binary.LittleEndian.AppendUint32(nil, v)
}

// setFPURegister sets a register from its bytes.
func (c *CPU) setFPURegister(name string, p []byte) error {
	f := &c.fpu
	want := 4
	n, isST := numbered(name, "st")
	x, isXMM := numbered(name, "xmm")
	switch {
	case isST:
		want = 10
	case isXMM:
		want = 16
	}
	if len(p) != want {
		return fmt.Errorf("register %s: %d bytes instead of %d", name, len(p), want)
	}
	switch {
	case isST:
		st := f.st(n)
		st.Sig, st.SE = binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint16(p[8:])
		return nil
	case isXMM:
		f.xmm[x] = xmmReg{binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[8:])}
		return nil
	}
	v := binary.LittleEndian.Uint32(p)
	bits := uint32(0xffff)
	switch name {
	case "fctrl":
		if v>>16 == 0 {
			f.setControl(uint16(v))
		}
	case "fstat":
		if v>>16 == 0 {
			f.setStatus(uint16(v))
			f.summarize()
		}
	case "ftag":
		if v>>16 == 0 {
			f.setTagWord(uint16(v))
		}
	case "fiseg":
		f.fcs = uint16(v)
	case "fioff":
		f.fip, bits = uint64(v), 0xffffffff
	case "foseg":
		f.fds = uint16(v)
	case "fooff":
		f.fdp, bits = uint64(v), 0xffffffff
	case "fop":
		f.fop, bits = uint16(v&0x7ff), 0x7ff
	case "mxcsr":
		bits = mxcsrMask
		if v&^bits == 0 {
			f.setMXCSR(v)
		}
	default:
		return fmt.Errorf("register %s: no such register", name)
	}
	if v&^bits != 0 {
		return fmt.Errorf("register %s: the hardware cannot hold %#x", name, v)
	}
	return nil
}

// numbered splits a name such as st3 into its number.
func numbered(name, prefix string) (uint8, bool) {
	d, ok := strings.CutPrefix(name, prefix)
	n, err := strconv.ParseUint(d, 10, 4)
	return uint8(n), ok && err == nil
}
