package serial

import (
	"strings"
	"testing"

	"forkscope/machine/bus"
	"forkscope/machine/clock"
)

type uartRig struct {
	t     *testing.T
	clk   *clock.Clock
	u     *UART16550
	irq   bool
	edges int
	out   strings.Builder
}

func newUART(t *testing.T) *uartRig {
	r := &uartRig{t: t, clk: clock.New(1)}
	r.u = NewUART16550(r.clk, bus.NewLine(func(l bool) {
		if l && !r.irq {
			r.edges++
		}
		r.irq = l
	}), func(b byte) { r.out.WriteByte(b) })
	return r
}

// open programs 115200 8N1, FIFO with the given trigger bits, and RTS.
func (r *uartRig) open(trigger uint64) {
	for _, w := range [][2]uint64{{3, 0x80}, {0, 1}, {1, 0}, {3, 3}, {2, 0x07 | trigger<<6}, {4, 0x0b}} {
		r.u.Write(w[0], 1, w[1])
	}
}

func (r *uartRig) reg(name string, offset, want uint64) {
	r.t.Helper()
	if v := r.u.Read(offset, 1); v != want {
		r.t.Errorf("%s = %#x, want %#x", name, v, want)
	}
}

func (r *uartRig) wantIRQ(want bool) {
	r.t.Helper()
	if r.irq != want {
		r.t.Errorf("IRQ = %v, want %v", r.irq, want)
	}
}

func TestUARTTransmit(t *testing.T) {
	r := newUART(t)
	r.open(0)
	for _, b := range []byte("hi\n") {
		r.reg("LSR", 5, 0x60)
		r.u.Write(0, 1, uint64(b))
	}
	if r.out.String() != "hi\n" {
		t.Errorf("output %q", r.out.String())
	}
}

func TestUARTTransmitInterrupt(t *testing.T) {
	r := newUART(t)
	r.open(0)
	r.wantIRQ(false)
	r.u.Write(1, 1, ierTransmit)
	r.wantIRQ(true) // the transmitter is empty
	r.reg("IIR", 2, 0xc2)
	r.wantIRQ(false) // reading IIR acknowledged it
	r.reg("IIR", 2, 0xc1)
	edges := r.edges
	r.u.Write(0, 1, 'a')
	r.u.Write(0, 1, 'b')
	if r.edges != edges+2 {
		t.Errorf("%d edges for two bytes: an edge-triggered controller would miss one", r.edges-edges)
	}
	r.u.Write(1, 1, 0)
	r.wantIRQ(false)
}

func TestUARTReceiveTrigger(t *testing.T) {
	r := newUART(t)
	r.open(1) // four bytes
	r.u.Write(1, 1, ierReceive)
	r.u.Receive([]byte("abc"))
	r.wantIRQ(false)
	r.reg("LSR", 5, 0x61)
	r.u.Receive([]byte("d"))
	r.wantIRQ(true)
	r.reg("IIR", 2, 0xc4)
	r.reg("RBR", 0, 'a')
	r.wantIRQ(false) // below the trigger
	for _, b := range "bcd" {
		r.reg("RBR", 0, uint64(b))
	}
	r.reg("LSR", 5, 0x60)
	r.reg("RBR of an empty FIFO", 0, 0)
}

func TestUARTTimeout(t *testing.T) {
	r := newUART(t)
	r.open(3)
	r.u.Write(1, 1, ierReceive)
	r.u.Receive([]byte("xy"))
	const fourCharacters = 4 * 10 * clock.Hz / 115200
	if r.clk.Next() != fourCharacters {
		t.Fatalf("timeout at %d, want %d", r.clk.Next(), fourCharacters)
	}
	r.clk.Retired = fourCharacters
	r.clk.RunDue()
	r.wantIRQ(true)
	r.reg("IIR", 2, 0xcc)
	r.reg("RBR", 0, 'x')
	r.wantIRQ(false) // reading restarts the wait
	r.clk.Retired = 2 * fourCharacters
	r.clk.RunDue()
	r.reg("IIR", 2, 0xcc)
	r.reg("RBR", 0, 'y')
	r.wantIRQ(false)
	if r.clk.Next() != clock.Never {
		t.Error("an event waits on an empty FIFO")
	}
}

func TestUARTBackPressure(t *testing.T) {
	r := newUART(t)
	text := strings.Repeat("0123456789", 10)
	r.u.Receive([]byte(text)) // before the guest listens
	r.reg("LSR", 5, 0x60)
	r.open(0)
	r.u.Write(1, 1, ierReceive)
	var got strings.Builder
	for r.irq {
		if v := r.u.Read(2, 1); v != 0xc4 {
			t.Fatalf("IIR %#x", v)
		}
		got.WriteByte(byte(r.u.Read(0, 1)))
	}
	if got.String() != text {
		t.Errorf("read %q, want all of %q", got.String(), text)
	}
}

func TestUARTWithoutFIFO(t *testing.T) {
	r := newUART(t)
	r.u.Write(4, 1, mcrRTS)
	r.u.Write(1, 1, ierReceive)
	r.u.Receive([]byte("ab"))
	r.reg("IIR", 2, 0x04)
	if n := len(r.u.rx.fifo); n != 1 {
		t.Errorf("%d bytes in the holding register", n)
	}
	r.reg("RBR", 0, 'a')
	r.reg("RBR", 0, 'b')
	r.reg("IIR", 2, 0x01)
}

func TestUARTLoopback(t *testing.T) {
	r := newUART(t)
	r.open(0)
	r.reg("MSR", 6, 0xb0)
	r.u.Write(4, 1, mcrLoop|mcrOut2|mcrRTS)
	r.reg("MSR in loopback: DCD, CTS; DSR fell", 6, 0x92)
	r.reg("MSR again: deltas are cleared", 6, 0x90)
	r.u.Write(0, 1, 'z')
	r.reg("LSR", 5, 0x61)
	r.reg("RBR", 0, 'z')
	if r.out.Len() != 0 {
		t.Error("loopback let a byte out")
	}
	for range fifoSize + 1 {
		r.u.Write(0, 1, 'o')
	}
	r.u.Write(1, 1, ierLine)
	r.reg("IIR", 2, 0xc6)
	r.reg("LSR", 5, 0x63)
	r.reg("IIR", 2, 0xc1)
}

func TestUARTRegistersKeepTheirValues(t *testing.T) {
	r := newUART(t)
	r.u.Write(7, 1, 0x5a)
	r.reg("SCR", 7, 0x5a)
	r.u.Write(3, 1, 0x83)
	r.u.Write(0, 1, 0x34)
	r.u.Write(1, 1, 0x12)
	r.reg("DLL", 0, 0x34)
	r.reg("DLM", 1, 0x12)
	r.u.Write(3, 1, 0x03)
	r.reg("LCR", 3, 0x03)
	r.u.Write(1, 1, 0xff)
	r.reg("IER", 1, 0x0f)
	r.u.Write(4, 1, 0xe8)
	r.reg("MCR", 4, 0x08)
	r.u.Write(1, 1, 0)
	r.reg("IIR without FIFO", 2, 0x01)
}

type pl011Rig struct {
	t   *testing.T
	u   *PL011
	irq bool
	out strings.Builder
}

func newPL011(t *testing.T) *pl011Rig {
	r := &pl011Rig{t: t}
	r.u = NewPL011(bus.NewLine(func(l bool) { r.irq = l }), func(b byte) { r.out.WriteByte(b) })
	return r
}

func (r *pl011Rig) reg(name string, offset, want uint64) {
	r.t.Helper()
	if v := r.u.Read(offset, 4); v != want {
		r.t.Errorf("%s = %#x, want %#x", name, v, want)
	}
}

func (r *pl011Rig) wantIRQ(want bool) {
	r.t.Helper()
	if r.irq != want {
		r.t.Errorf("IRQ = %v, want %v", r.irq, want)
	}
}

func TestPL011Transmit(t *testing.T) {
	r := newPL011(t)
	for _, b := range []byte("ok") {
		r.reg("FR", pl011FR, frTXFE|frRXFE)
		r.u.Write(pl011DR, 4, uint64(b))
	}
	if r.out.String() != "ok" {
		t.Errorf("output %q", r.out.String())
	}
	r.wantIRQ(false)
	r.u.Write(pl011IMSC, 4, intTX)
	r.wantIRQ(true)
	r.u.Write(pl011ICR, 4, intTX)
	r.wantIRQ(false)
	r.u.Write(pl011DR, 4, '!')
	r.reg("MIS", pl011MIS, intTX)
}

func TestPL011Receive(t *testing.T) {
	r := newPL011(t)
	r.u.Receive([]byte("early "))
	r.reg("FR: not enabled yet", pl011FR, frTXFE|frRXFE)
	r.u.Write(pl011LCRH, 4, 0x70)
	r.u.Write(pl011CR, 4, 0x301)
	r.u.Write(pl011IMSC, 4, intRX|intRT)
	r.wantIRQ(true)
	r.u.Receive([]byte(strings.Repeat("-", 30)))
	r.reg("FR: full", pl011FR, frTXFE|frRXFF)
	var got strings.Builder
	for r.u.Read(pl011FR, 4)&frRXFE == 0 {
		got.WriteByte(byte(r.u.Read(pl011DR, 4)))
	}
	if want := "early " + strings.Repeat("-", 30); got.String() != want {
		t.Errorf("read %q, want %q", got.String(), want)
	}
	r.wantIRQ(false)
	r.reg("RIS", pl011RIS, 0)
	r.u.Receive([]byte("x"))
	r.wantIRQ(true)
	r.u.Write(pl011ICR, 4, intRX)
	r.wantIRQ(false)
	r.reg("DR", pl011DR, 'x')
}

func TestPL011Loopback(t *testing.T) {
	r := newPL011(t)
	r.u.Write(pl011CR, 4, 0x381)
	r.u.Write(pl011DR, 4, 'a')
	r.reg("FR", pl011FR, frTXFE|frRXFF) // one holding register
	r.u.Write(pl011DR, 4, 'b')
	r.reg("RSR", pl011RSR, 8)
	r.reg("DR with overrun", pl011DR, 'a'|drOverrun)
	r.reg("RIS", pl011RIS, intOE|intTX)
	if r.out.Len() != 0 {
		t.Error("loopback let a byte out")
	}
}

func TestPL011Registers(t *testing.T) {
	r := newPL011(t)
	r.reg("CR after reset", pl011CR, 0x300)
	r.reg("IFLS after reset", pl011IFLS, 0x12)
	r.u.Write(pl011IBRD, 4, 13)
	r.u.Write(pl011FBRD, 4, 0xff)
	r.reg("IBRD", pl011IBRD, 13)
	r.reg("FBRD", pl011FBRD, 0x3f)
	for i, want := range []uint64{0x11, 0x10, 0x14, 0, 0x0d, 0xf0, 0x05, 0xb1} {
		r.reg("identification", pl011ID+4*uint64(i), want)
	}
}
