package serial

import (
	"forkscope/machine/bus"
	"forkscope/machine/clock"
	"forkscope/machine/snapshot"
)

// Bits of the 16550A's registers (National Semiconductor PC16550D data sheet, section 8).
const (
	ierReceive  = 0x01
	ierTransmit = 0x02
	ierLine     = 0x04
	ierModem    = 0x08

	iirNone     = 0x01
	iirModem    = 0x00
	iirTransmit = 0x02
	iirReceive  = 0x04
	iirLine     = 0x06
	iirTimeout  = 0x0c
	iirFIFO     = 0xc0

	fcrEnable       = 0x01
	fcrClearReceive = 0x02

	lcrBreak = 0x40
	lcrDLAB  = 0x80

	mcrDTR  = 0x01
	mcrRTS  = 0x02
	mcrOut1 = 0x04
	mcrOut2 = 0x08
	mcrLoop = 0x10

	lsrReady   = 0x01
	lsrOverrun = 0x02
	lsrEmpty   = 0x60 // THRE and TEMT: what is written has left at once

	msrDeltas = 0x0f
	msrDRI    = 0x04 // trailing edge of ring
	msrPeer   = 0xb0 // CTS, DSR, DCD: a terminal that is switched on
)

// UART16550 is the PC's serial port.
type UART16550 struct {
	clk    *clock.Clock
	irq    bus.Line
	output func(byte)

	rx       receiver
	ier      uint8
	lcr, mcr uint8
	lsr      uint8 // error bits, until read
	msr      uint8
	scratch  uint8
	trigger  int // receive trigger level in bytes
	divisor  uint16
	thre     bool // transmitter-empty interrupt is waiting
	timedOut bool // bytes below the trigger level have waited for four characters' time
	timeout  clock.Event
}

// NewUART16550 returns a port after reset, that passes what the guest sends to output. irq is wired to IRQ 4 on COM1.
func NewUART16550(clk *clock.Clock, irq bus.Line, output func(byte)) *UART16550 {
	u := &UART16550{clk: clk, irq: irq, output: output, trigger: 1, divisor: 12, msr: msrPeer}
	u.timeout = clock.Event{Name: "16550 timeout", Fire: func() {
		u.timedOut = len(u.rx.fifo) > 0
		u.update()
	}}
	clk.Own(&u.timeout)
	return u
}

// Receive is the other end sending p.
func (u *UART16550) Receive(p []byte) {
	u.rx.line = append(u.rx.line, p...)
	u.receive()
	u.update()
}

// receive lets bytes in when the guest listens: it has asserted RTS, or enabled the receive interrupt.
func (u *UART16550) receive() {
	if u.mcr&mcrLoop != 0 || u.mcr&mcrRTS == 0 && u.ier&ierReceive == 0 {
		return
	}
	if u.rx.fill() {
		u.restartTimeout()
	}
}

// restartTimeout begins the wait of four characters' time that ends in the timeout interrupt (8.6.3); a character arriving or being read
// restarts it.
func (u *UART16550) restartTimeout() {
	u.timedOut = false
	if !u.rx.deep || len(u.rx.fifo) == 0 {
		u.clk.Cancel(&u.timeout)
		return
	}
	bits := uint64(2 + 5 + u.lcr&3) // start, data and one stop bit
	if u.lcr&0x08 != 0 {
		bits++ // parity
	}
	if u.lcr&0x04 != 0 {
		bits++
	}
	divisor := max(uint64(u.divisor), 1)
	u.clk.Schedule(&u.timeout, u.clk.Now()+4*bits*divisor*clock.Hz/115200)
}

// pending is the identification of the interrupt with the highest priority (8.6.4, table 4).
func (u *UART16550) pending() uint8 {
	switch {
	case u.ier&ierLine != 0 && u.lsr != 0:
		return iirLine
	case u.ier&ierReceive != 0 && len(u.rx.fifo) > 0 && (!u.rx.deep || len(u.rx.fifo) >= u.trigger):
		return iirReceive
	case u.ier&ierReceive != 0 && u.timedOut:
		return iirTimeout
	case u.ier&ierTransmit != 0 && u.thre:
		return iirTransmit
	case u.ier&ierModem != 0 && u.msr&msrDeltas != 0:
		return iirModem
	}
	return iirNone
}

func (u *UART16550) update() { u.irq.Set(u.pending() != iirNone) }

// Read reads a register.
func (u *UART16550) Read(offset uint64, _ int) uint64 {
	v := u.read(offset)
	u.receive()
	u.update()
	return uint64(v)
}

func (u *UART16550) read(offset uint64) uint8 {
	switch offset & 7 {
	case 0:
		if u.lcr&lcrDLAB != 0 {
			return uint8(u.divisor)
		}
		b, ok := u.rx.pop()
		if ok {
			u.restartTimeout()
		}
		return b
	case 1:
		if u.lcr&lcrDLAB != 0 {
			return uint8(u.divisor >> 8)
		}
		return u.ier
	case 2:
		v := u.pending()
		if v == iirTransmit {
			u.thre = false // reading it as the source acknowledges it
		}
		if u.rx.deep {
			v |= iirFIFO
		}
		return v
	case 3:
		return u.lcr
	case 4:
		return u.mcr
	case 5:
		v := u.lsr | lsrEmpty
		if len(u.rx.fifo) > 0 {
			v |= lsrReady
		}
		u.lsr = 0
		return v
	case 6:
		v := u.msr
		u.msr &^= msrDeltas
		return v
	}
	return u.scratch
}

// Write writes a register.
func (u *UART16550) Write(offset uint64, _ int, value uint64) {
	u.write(offset, uint8(value))
	u.receive()
	u.update()
}

func (u *UART16550) write(offset uint64, v uint8) {
	switch offset & 7 {
	case 0:
		if u.lcr&lcrDLAB != 0 {
			u.divisor = u.divisor&0xff00 | uint16(v)
			return
		}
		u.transmit(v)
	case 1:
		if u.lcr&lcrDLAB != 0 {
			u.divisor = u.divisor&0xff | uint16(v)<<8
			return
		}
		if v&ierTransmit != 0 && u.ier&ierTransmit == 0 {
			u.thre = true // enabling the interrupt with an empty transmitter raises it
		}
		u.ier = v & 0x0f
	case 2:
		u.setFCR(v)
	case 3:
		u.lcr = v
	case 4:
		u.setMCR(v & 0x1f)
	case 7:
		u.scratch = v
	}
}

func (u *UART16550) transmit(v uint8) {
	// The interrupt falls while the byte is on its way and rises when it has left, which an edge-triggered controller must see.
	u.thre = false
	u.update()
	if u.mcr&mcrLoop != 0 {
		if len(u.rx.fifo) >= u.rx.size() {
			u.lsr |= lsrOverrun
		} else {
			u.rx.fifo = append(u.rx.fifo, v)
			u.restartTimeout()
		}
	} else if u.lcr&lcrBreak == 0 {
		u.output(v)
	}
	u.thre = true
}

func (u *UART16550) setFCR(v uint8) {
	deep := v&fcrEnable != 0
	if deep != u.rx.deep || v&fcrClearReceive != 0 {
		u.rx.fifo = u.rx.fifo[:0]
		u.rx.deep = deep
		u.restartTimeout()
	}
	u.trigger = 1
	if deep {
		u.trigger = [...]int{1, 4, 8, 14}[v>>6]
	}
}

// setMCR sets the modem control lines; in loopback they come back as the modem status inputs (8.7).
func (u *UART16550) setMCR(v uint8) {
	u.mcr = v
	inputs := uint8(msrPeer)
	if v&mcrLoop != 0 {
		inputs = v&mcrRTS<<3 | v&mcrDTR<<5 | v&mcrOut1<<4 | v&mcrOut2<<4
	}
	changed := (u.msr ^ inputs) & 0xf0
	deltas := changed >> 4 &^ msrDRI
	if u.msr&^inputs&0x40 != 0 {
		deltas |= msrDRI
	}
	u.msr = inputs | u.msr&msrDeltas | deltas
}

// State goes over the port's registers and what it has received.
func (u *UART16550) State(v *snapshot.Visitor) {
	v.Section("16550A")
	u.rx.state(v)
	snapshot.Uint(v, "ier", &u.ier)
	snapshot.Uint(v, "lcr", &u.lcr)
	snapshot.Uint(v, "mcr", &u.mcr)
	snapshot.Uint(v, "lsr", &u.lsr)
	snapshot.Uint(v, "msr", &u.msr)
	snapshot.Uint(v, "scratch", &u.scratch)
	snapshot.Uint(v, "trigger", &u.trigger)
	snapshot.Uint(v, "divisor", &u.divisor)
	snapshot.Bool(v, "transmitter empty", &u.thre)
	snapshot.Bool(v, "timed out", &u.timedOut)
}
