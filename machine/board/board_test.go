package board

import (
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/dev/power"
)

type host struct {
	clk     *clock.Clock
	out     []byte
	request []power.Request
	irq     bool
}

func (h *host) config() Config {
	h.clk = clock.New(1)
	return Config{Clock: h.clk, Output: func(b byte) { h.out = append(h.out, b) }, Power: func(r power.Request) { h.request = append(h.request, r) }}
}

func (h *host) setIRQ(level bool) { h.irq = level }

func TestPCWiring(t *testing.T) {
	h := &host{}
	b := NewPC(h.config(), 64<<20)
	b.ConnectCPU(h.setIRQ)
	out := func(port uint16, values ...uint32) {
		for _, v := range values {
			b.Out(port, 1, v)
		}
	}
	for i, base := range []uint16{0x20, 0xa0} { // vectors 0x20 and 0x28
		out(base, 0x11)
		out(base+1, uint32(0x20+8*i), 4>>i, 1, 0)
	}

	out(0x43, 0x30)
	out(0x40, 10, 0)
	h.clk.Retired = h.clk.Next()
	h.clk.RunDue()
	if !h.irq || b.AckIRQ() != 0x20 {
		t.Error("the 8254 does not reach vector 0x20")
	}
	out(0x20, 0x20)

	out(0x3f9, 1)
	b.Console.Receive([]byte("q"))
	if !h.irq || b.AckIRQ() != 0x24 {
		t.Error("COM1 does not reach vector 0x24")
	}
	if c := b.In(0x3f8, 1); c != 'q' {
		t.Errorf("COM1 gave %q", c)
	}
	out(0x20, 0x20)

	out(0x70, 0x8b)
	out(0x71, 0x12) // update-ended interrupt
	h.clk.Retired = h.clk.Next()
	h.clk.RunDue()
	if !h.irq || b.AckIRQ() != 0x28 {
		t.Error("the RTC does not reach vector 0x28")
	}

	out(0x3f8, 'h', 'i')
	if string(h.out) != "hi" {
		t.Errorf("console output %q", h.out)
	}
}

func TestPCPorts(t *testing.T) {
	h := &host{}
	b := NewPC(h.config(), 64<<20)
	tests := []struct {
		name string
		port uint16
		size int
		want uint32
	}{
		{"nothing at COM2", 0x2fd, 1, 0xff},
		{"nothing, 32 bits", 0x2000, 4, 0xffffffff},
		{"no PCI device", 0xcfc, 4, 0xffffffff},
		{"keyboard controller", 0x64, 1, 0},
		{"A20 open", 0x92, 1, 2},
		{"COM1 LSR and MSR by one 16-bit access", 0x3fd, 2, 0xb060},
	}
	for _, tt := range tests {
		if got := b.In(tt.port, tt.size); got != tt.want {
			t.Errorf("%s: %#x, want %#x", tt.name, got, tt.want)
		}
	}
	b.Out(0x70, 2, 0x5a7f) // index and data in one word
	if b.Out(0x70, 1, 0x7f); b.In(0x71, 1) != 0x5a {
		t.Errorf("CMOS byte %#x, want 0x5a", b.In(0x71, 1))
	}
	b.Out(0x70, 1, 0x35)
	high := b.In(0x71, 1) << 8
	b.Out(0x70, 1, 0x34)
	if high |= b.In(0x71, 1); high != 48<<20>>16 {
		t.Errorf("CMOS says %d units of 64 KiB above 16 MiB, want %d", high, 48<<20>>16)
	}
	h.clk.Retired = clock.Hz
	if v := b.In(0x608, 4); v != 3579545 {
		t.Errorf("ACPI timer %d after a second", v)
	}
	for _, w := range []struct {
		port uint16
		size int
		v    uint32
		want power.Request
	}{
		{0x501, 1, 7, power.Request{Kind: power.Off, Status: 15, Source: "the debug exit port"}},
		{0x501, 2, 0x4607, power.Request{Kind: power.Off, Status: 7, Source: "the debug exit port"}},
		{0xf4, 2, 0x4607, power.Request{Kind: power.Off, Status: 15, Source: "the debug exit port"}},
		{0x604, 2, 0x2000, power.Request{Kind: power.Off, Source: "ACPI S5"}},
		{0xcf9, 1, 6, power.Request{Kind: power.Reset, Source: "port 0xcf9"}},
		{0x64, 1, 0xfe, power.Request{Kind: power.Reset, Source: "the keyboard controller (port 0x64)"}},
	} {
		h.request = nil
		b.Out(w.port, w.size, w.v)
		if len(h.request) != 1 || h.request[0] != w.want {
			t.Errorf("port %#x: %v, want %v", w.port, h.request, w.want)
		}
	}
}

func TestVirtWiring(t *testing.T) {
	h := &host{}
	b := NewVirt(h.config())
	b.ConnectCPU(h.setIRQ)
	write := func(pa uint64, v uint64) {
		t.Helper()
		if !b.WriteMMIO(pa, 4, v) {
			t.Fatalf("nothing at %#x", pa)
		}
	}
	read := func(pa uint64) uint64 {
		t.Helper()
		v, ok := b.ReadMMIO(pa, 4)
		if !ok {
			t.Fatalf("nothing at %#x", pa)
		}
		return v
	}
	write(virtGICD, 1)
	write(virtGICC, 1)
	write(virtGICC+4, 0xff)
	write(virtGICD+0x100, 1<<27|1<<30)
	write(virtGICD+0x104, 1<<1|1<<2)

	for _, tt := range []struct {
		name  string
		set   func(level bool)
		intid uint64
	}{
		{"virtual timer", b.VirtualTimer, 27},
		{"physical timer", b.PhysicalTimer, 30},
	} {
		tt.set(true)
		if !h.irq {
			t.Errorf("%s: no IRQ", tt.name)
		}
		if n := read(virtGICC + 0xc); n != tt.intid {
			t.Errorf("%s: interrupt %d, want %d", tt.name, n, tt.intid)
		}
		tt.set(false)
		write(virtGICC+0x10, tt.intid)
	}

	write(virtUART+0x38, 0x10)
	b.Console.Receive([]byte("z"))
	if n := read(virtGICC + 0xc); n != 33 {
		t.Errorf("PL011: interrupt %d, want 33", n)
	}
	if c := read(virtUART); c != 'z' {
		t.Errorf("PL011 gave %q", rune(c))
	}
	write(virtGICC+0x10, 33)
	write(virtRTC+0x10, 1)
	write(virtRTC+0x04, 1)
	h.clk.Retired = h.clk.Next()
	h.clk.RunDue()
	if n := read(virtGICC + 0xc); n != 34 {
		t.Errorf("PL031: interrupt %d, want 34", n)
	}

	write(virtUART, '!')
	if string(h.out) != "!" {
		t.Errorf("console output %q", h.out)
	}
	// A place for a virtio device has the magic value, and no device (VIRTIO 1.2, 4.2.3.1).
	if v, device := read(0x0a00_3e00), read(0x0a00_3e08); v != 0x74726976 || device != 0 {
		t.Errorf("the last virtio slot has %#x and device %d", v, device)
	}
	if _, ok := b.ReadMMIO(0x0a00_4000, 4); ok {
		t.Error("something answers where nothing is mapped")
	}
	x := [4]uint64{0x84000008, 3}
	if b.HVC(&x) || len(h.request) != 1 || h.request[0].Status != 0 {
		t.Errorf("SYSTEM_OFF with 3 in x1, which it does not look at: %v", h.request)
	}
}
