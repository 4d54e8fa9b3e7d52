package machine

import (
	"encoding/binary"
	"fmt"

	"forkscope/machine/cpu/arm64"
	"forkscope/machine/dev/power"
)

// Numbers of Arm's Semihosting for AArch32 and AArch64, release 2.0.
const (
	semihostTrap = 0xf000 // hlt #imm in A64

	sysOpen         = 0x01
	sysClose        = 0x02
	sysWriteC       = 0x03
	sysWrite0       = 0x04
	sysWrite        = 0x05
	sysExit         = 0x18
	sysExitExtended = 0x20

	stoppedApplicationExit = 0x20026
	consoleFile            = ":tt"
	modeWrite              = 4 // the least of the open modes that write

	// consoleHandle is the only file there is: the console, for output.
	consoleHandle = 1
	failed        = ^uint64(0)
)

// semihost is the host debugger behind hlt #0xf000: it prints and ends the run, and has no files.
type semihost struct {
	cpu    *arm64.CPU
	m      *Machine
	warned map[uint32]bool
}

// call does what the kernel asks for in w0, with x1 as the parameter; the result is in x0. As on QEMU it is not for programs at EL0.
func (s *semihost) call(imm uint16) bool {
	if imm != semihostTrap || !s.cpu.Privileged() {
		return false
	}
	op := uint32(s.cpu.X(0))
	s.cpu.SetX(0, s.do(op, s.cpu.X(1)))
	return true
}

func (s *semihost) do(op uint32, arg uint64) uint64 {
	switch op {
	case sysOpen:
		p, ok := s.fields(arg, 3)
		if !ok || p[2] != uint64(len(consoleFile)) || p[1] < modeWrite {
			return failed
		}
		for i := range consoleFile {
			if b, ok := s.byteAt(p[0] + uint64(i)); !ok || b != consoleFile[i] {
				return failed
			}
		}
		return consoleHandle
	case sysClose:
		if p, ok := s.fields(arg, 1); !ok || p[0] != consoleHandle {
			return failed
		}
		return 0
	case sysWriteC:
		if b, ok := s.byteAt(arg); ok {
			s.m.console.put(b)
		}
		return uint64(op) // the manual leaves x0 corrupted
	case sysWrite0:
		for b, ok := s.byteAt(arg); ok && b != 0; b, ok = s.byteAt(arg) {
			s.m.console.put(b)
			arg++
		}
		return uint64(op)
	case sysWrite:
		p, ok := s.fields(arg, 3)
		if !ok || p[0] != consoleHandle {
			return failed
		}
		for left := p[2]; left > 0; left-- {
			b, ok := s.byteAt(p[1] + p[2] - left)
			if !ok {
				return left
			}
			s.m.console.put(b)
		}
		return 0
	case sysExit, sysExitExtended:
		status := uint8(1)
		if p, ok := s.fields(arg, 2); ok && p[0] == stoppedApplicationExit {
			status = uint8(p[1])
		}
		s.m.power(power.Request{Kind: power.Off, Status: status, Source: "semihosting"})
		return 0
	}
	if !s.warned[op] && len(s.warned) < 16 {
		s.warned[op] = true
		s.m.log.Warn(fmt.Sprintf("semihosting: there is no operation %#x; it fails", op))
	}
	return failed
}

// fields reads the n 64-bit words of an argument block.
func (s *semihost) fields(va uint64, n int) (words [3]uint64, ok bool) {
	for i := range n {
		var b [8]byte
		for j := range b {
			if b[j], ok = s.byteAt(va + uint64(8*i+j)); !ok {
				return words, false
			}
		}
		words[i] = binary.LittleEndian.Uint64(b[:])
	}
	return words, true
}

// byteAt reads guest memory by virtual address; only RAM can be read.
func (s *semihost) byteAt(va uint64) (byte, bool) {
	pa := va
	if s.cpu.Paging() {
		var ok bool
		if pa, ok = s.cpu.Translate(s.cpu.Space(), va); !ok {
			return 0, false
		}
	}
	var b [1]byte
	n := s.m.ram.Read(pa, b[:])
	return b[0], n == 1
}
