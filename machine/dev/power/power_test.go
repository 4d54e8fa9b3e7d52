package power

import (
	"testing"

	"forkscope/machine/bus"
)

// recorder keeps the last request.
type recorder struct{ got []Request }

func (r *recorder) end(q Request) { r.got = append(r.got, q) }

func TestPorts(t *testing.T) {
	type write struct {
		offset uint64
		size   int
		value  uint64
	}
	tests := []struct {
		name   string
		dev    func(Func) bus.Device
		writes []write
		want   string // of the last write; the others must be silent
	}{
		{"S5", func(f Func) bus.Device { return NewACPI(f) }, []write{{4, 2, 0x2000}}, "guest powered off by ACPI S5, status 0"},
		{"S3 is not S5", func(f Func) bus.Device { return NewACPI(f) }, []write{{4, 2, 0x2400}}, ""},
		{"sleep type without enable", func(f Func) bus.Device { return NewACPI(f) }, []write{{4, 2, 0x0001}, {2, 2, 0x2000}}, ""},
		{"debug exit", func(f Func) bus.Device { return DebugExit{f} }, []write{{0, 1, 42}}, "guest powered off by the debug exit port, status 42"},
		{"isa-debug-exit", func(f Func) bus.Device { return ISADebugExit{f} }, []write{{0, 1, 0}}, "guest powered off by the debug exit port, status 1"},
		{"isa-debug-exit keeps the low byte", func(f Func) bus.Device { return ISADebugExit{f} }, []write{{0, 4, 0x1c5}}, "guest powered off by the debug exit port, status 139"},
		{"port 92", func(f Func) bus.Device { return Port92{f} }, []write{{0, 1, 2}, {0, 1, 3}}, "guest reset by port 0x92"},
		{"cf9", func(f Func) bus.Device { return &ResetControl{End: f} }, []write{{0, 1, 2}, {0, 1, 6}}, "guest reset by port 0xcf9"},
		{"cf9 without the edge", func(f Func) bus.Device { return &ResetControl{End: f} }, []write{{0, 1, 2}}, ""},
		{"8042 other command", func(f Func) bus.Device { return KeyboardReset{f} }, []write{{0, 1, 0xff}, {0, 1, 0xaa}}, ""},
		{"8042 reset", func(f Func) bus.Device { return KeyboardReset{f} }, []write{{0, 1, 0x20}, {0, 1, 0xfe}}, "guest reset by the keyboard controller (port 0x64)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r recorder
			d := tt.dev(r.end)
			for i, w := range tt.writes {
				if len(r.got) != 0 {
					t.Fatalf("write %d ended the run: %v", i-1, r.got)
				}
				d.Write(w.offset, w.size, w.value)
			}
			got := ""
			if len(r.got) > 0 {
				got = r.got[0].String()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestACPIRegistersReadBack(t *testing.T) {
	a := NewACPI(func(Request) {})
	a.Write(2, 2, 0x0120)
	a.Write(4, 2, 0x2001|5<<10)
	if v := a.Read(2, 2); v != 0x0120 {
		t.Errorf("PM1a enable %#x", v)
	}
	if v := a.Read(4, 2); v != 0x1401 {
		t.Errorf("PM1a control %#x: SLP_EN is write-only", v)
	}
	if v := a.Read(0, 2); v != 0 {
		t.Errorf("PM1a status %#x", v)
	}
}

func TestPSCI(t *testing.T) {
	var r recorder
	p := PSCI{r.end}
	for _, tt := range []struct {
		name    string
		x0, x1  uint64
		want    uint64
		handled bool
	}{
		{"VERSION", 0x84000000, 0, 0x10000, true},
		{"CPU_ON of the running CPU", 0xc4000003, 0, ^uint64(3), true},
		{"CPU_ON of another", 0xc4000003, 1, ^uint64(1), true},
		{"CPU_OFF of the last CPU", 0x84000002, 0, ^uint64(2), true},
		{"AFFINITY_INFO", 0xc4000004, 0, 0, true},
		{"FEATURES SYSTEM_OFF", 0x8400000a, 0x84000008, 0, true},
		{"FEATURES SYSTEM_SUSPEND", 0x8400000a, 0x8400000e, ^uint64(0), true},
		{"unknown PSCI function", 0x8400001f, 0, ^uint64(0), true},
		{"SMCCC_VERSION", 0x80000000, 0, 0x10001, true},
		{"not PSCI", 0x86000000, 0, 0x86000000, false},
		{"not PSCI, either", 0x84000020, 0, 0x84000020, false},
	} {
		x := [4]uint64{tt.x0, tt.x1}
		if ok := p.Call(&x); ok != tt.handled || x[0] != tt.want {
			t.Errorf("%s: x0 = %#x, %v; want %#x, %v", tt.name, x[0], ok, tt.want, tt.handled)
		}
	}
	if len(r.got) != 0 {
		t.Fatalf("a query ended the run: %v", r.got)
	}
	p.Call(&[4]uint64{0x84000008, 134})
	p.Call(&[4]uint64{0x84000009})
	if len(r.got) != 2 || r.got[0] != (Request{Off, 134, "PSCI SYSTEM_OFF"}) || r.got[1].Kind != Reset {
		t.Errorf("requests %v", r.got)
	}
}
