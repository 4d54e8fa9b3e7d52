package serial

import (
	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
)

// Register offsets of the PL011 (ARM DDI 0183, 3.2).
const (
	pl011DR    = 0x00
	pl011RSR   = 0x04
	pl011FR    = 0x18
	pl011ILPR  = 0x20
	pl011IBRD  = 0x24
	pl011FBRD  = 0x28
	pl011LCRH  = 0x2c
	pl011CR    = 0x30
	pl011IFLS  = 0x34
	pl011IMSC  = 0x38
	pl011RIS   = 0x3c
	pl011MIS   = 0x40
	pl011ICR   = 0x44
	pl011DMACR = 0x48
	pl011ID    = 0xfe0
)

// Bits of its registers.
const (
	frRXFE = 0x10
	frRXFF = 0x40
	frTXFE = 0x80

	crUARTEN = 0x001
	crLBE    = 0x080
	crRXE    = 0x200

	lcrhFEN = 0x10

	intRX  = 0x010
	intTX  = 0x020
	intRT  = 0x040
	intOE  = 0x400
	intAll = 0x7ff

	drOverrun = 0x800
)

var pl011Identity = [8]uint8{0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1}

// PL011 is Arm's UART. The receive interrupt is raised as soon as a byte is in the FIFO whatever the level in UARTIFLS, as on QEMU: so
// guests that do not enable the receive timeout interrupt work alike on both. Nothing stops transmission, enabled or not.
type PL011 struct {
	irq    bus.Line
	output func(byte)

	rx         receiver
	lcrh       uint32
	cr         uint32
	ifls       uint32
	ibrd, fbrd uint32
	ilpr       uint32
	dmacr      uint32
	mask, raw  uint32
	overrun    bool
}

// NewPL011 returns a UART after reset, that passes what the guest sends to output. irq is wired to SPI 1 on the virt board.
func NewPL011(irq bus.Line, output func(byte)) *PL011 {
	return &PL011{irq: irq, output: output, cr: 0x300, ifls: 0x12}
}

// Receive is the other end sending p.
func (u *PL011) Receive(p []byte) {
	u.rx.line = append(u.rx.line, p...)
	u.receive()
}

// receive lets bytes in when the guest listens: it has enabled the receiver and the UART, or a receive interrupt.
func (u *PL011) receive() {
	on := u.cr&(crUARTEN|crRXE) == crUARTEN|crRXE
	if u.cr&crLBE == 0 && (on || u.mask&(intRX|intRT) != 0) && u.rx.fill() {
		u.raw |= intRX
	}
	u.update()
}

func (u *PL011) update() { u.irq.Set(u.raw&u.mask != 0) }

// Read reads a register.
func (u *PL011) Read(offset uint64, _ int) uint64 {
	v := u.read(offset)
	u.receive()
	return uint64(v)
}

func (u *PL011) read(offset uint64) uint32 {
	switch offset {
	case pl011DR:
		return u.readData()
	case pl011RSR:
		return flag(u.overrun, 8)
	case pl011FR:
		return frTXFE | flag(len(u.rx.fifo) == 0, frRXFE) | flag(len(u.rx.fifo) == u.rx.size(), frRXFF)
	case pl011ILPR:
		return u.ilpr
	case pl011IBRD:
		return u.ibrd
	case pl011FBRD:
		return u.fbrd
	case pl011LCRH:
		return u.lcrh
	case pl011CR:
		return u.cr
	case pl011IFLS:
		return u.ifls
	case pl011IMSC:
		return u.mask
	case pl011RIS:
		return u.raw
	case pl011MIS:
		return u.raw & u.mask
	case pl011DMACR:
		return u.dmacr
	}
	if offset >= pl011ID && offset < 0x1000 {
		return uint32(pl011Identity[(offset-pl011ID)/4])
	}
	return 0
}

func (u *PL011) readData() uint32 {
	b, ok := u.rx.pop()
	if !ok {
		return 0
	}
	v := uint32(b) | flag(u.overrun, drOverrun)
	u.overrun = false
	if len(u.rx.fifo) == 0 {
		u.raw &^= intRX | intRT
	}
	return v
}

// Write writes a register.
func (u *PL011) Write(offset uint64, _ int, value uint64) {
	u.write(offset, uint32(value))
	u.receive()
}

func (u *PL011) write(offset uint64, v uint32) {
	switch offset {
	case pl011DR:
		u.transmit(uint8(v))
	case pl011RSR:
		u.overrun = false
	case pl011ILPR:
		u.ilpr = v & 0xff
	case pl011IBRD:
		u.ibrd = v & 0xffff
	case pl011FBRD:
		u.fbrd = v & 0x3f
	case pl011LCRH:
		if (v^u.lcrh)&lcrhFEN != 0 { // changing the FIFO enable empties it
			u.rx.fifo = u.rx.fifo[:0]
			u.raw &^= intRX | intRT
		}
		u.lcrh, u.rx.deep = v&0xff, v&lcrhFEN != 0
	case pl011CR:
		u.cr = v & 0xff87
	case pl011IFLS:
		u.ifls = v & 0x3f
	case pl011IMSC:
		u.mask = v & intAll
	case pl011ICR:
		u.raw &^= v
	case pl011DMACR:
		u.dmacr = v & 7
	}
}

func (u *PL011) transmit(b byte) {
	if u.cr&crLBE == 0 {
		u.output(b)
	} else if len(u.rx.fifo) == u.rx.size() {
		u.overrun = true
		u.raw |= intOE
	} else {
		u.rx.fifo = append(u.rx.fifo, b)
		u.raw |= intRX
	}
	u.raw |= intTX // the byte has left: the transmit FIFO has passed its level
}

func flag(b bool, v uint32) uint32 {
	if b {
		return v
	}
	return 0
}

// State goes over the UART's registers and what it has received.
func (u *PL011) State(v *snapshot.Visitor) {
	v.Section("pl011")
	u.rx.state(v)
	snapshot.Uint(v, "lcrh", &u.lcrh)
	snapshot.Uint(v, "cr", &u.cr)
	snapshot.Uint(v, "ifls", &u.ifls)
	snapshot.Uint(v, "ibrd", &u.ibrd)
	snapshot.Uint(v, "fbrd", &u.fbrd)
	snapshot.Uint(v, "ilpr", &u.ilpr)
	snapshot.Uint(v, "dmacr", &u.dmacr)
	snapshot.Uint(v, "imsc", &u.mask)
	snapshot.Uint(v, "ris", &u.raw)
	snapshot.Bool(v, "overrun", &u.overrun)
}
