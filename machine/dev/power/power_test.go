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
		{"S4", func(f Func) bus.Device { return NewACPI(f) }, []write{{4, 2, 0x2800}}, "guest powered off by ACPI S4, status 0"},
		{"sleep type without enable", func(f Func) bus.Device { return NewACPI(f) }, []write{{4, 2, 0x0001}, {2, 2, 0x2000}}, ""},
		{"debug exit", func(f Func) bus.Device { return DebugExit{End: f} }, []write{{0, 1, 0}}, "guest powered off by the debug exit port, status 1"},
		{"debug exit keeps the low byte", func(f Func) bus.Device { return DebugExit{End: f} }, []write{{0, 4, 0x1c5}}, "guest powered off by the debug exit port, status 139"},
		{"debug exit by custom has no agreed word", func(f Func) bus.Device { return DebugExit{End: f} }, []write{{0, 2, 0x462a}}, "guest powered off by the debug exit port, status 85"},
		{"agreed word", func(f Func) bus.Device { return DebugExit{f, true} }, []write{{0, 2, 0x4600}}, "guest powered off by the debug exit port, status 0"},
		{"agreed word with a status", func(f Func) bus.Device { return DebugExit{f, true} }, []write{{0, 2, 0x46ff}}, "guest powered off by the debug exit port, status 255"},
		{"a byte where the agreed word goes", func(f Func) bus.Device { return DebugExit{f, true} }, []write{{0, 1, 42}}, "guest powered off by the debug exit port, status 85"},
		{"another word there", func(f Func) bus.Device { return DebugExit{f, true} }, []write{{0, 2, 0x472a}}, "guest powered off by the debug exit port, status 85"},
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

// TestPSCI holds what TestFirmwareAgreesWithQEMU in the machine's package cannot see: what ends the run, and with which status.
func TestPSCI(t *testing.T) {
	for _, tt := range []struct {
		name  string
		calls [][4]uint64
		want  string
	}{
		{"off", [][4]uint64{{0x84000008}}, "guest powered off by PSCI SYSTEM_OFF, status 0"},
		{"off with something in x1", [][4]uint64{{0x84000008, 90, 91, 92}}, "guest powered off by PSCI SYSTEM_OFF, status 0"},
		{"status, off", [][4]uint64{{0x86004653, 134}, {0x84000008, 90}}, "guest powered off by PSCI SYSTEM_OFF, status 134"},
		{"the last status counts", [][4]uint64{{0x86004653, 134}, {0x86004653, 0x107}, {0x84000008}}, "guest powered off by PSCI SYSTEM_OFF, status 7"},
		{"vendor calls beside it", [][4]uint64{{0x86004652, 1}, {0x86004654, 1}, {0xc6004653, 1}, {0x84000008}}, "guest powered off by PSCI SYSTEM_OFF, status 0"},
		{"bits above the number do not count", [][4]uint64{{0x1234_0000_8400_0008}}, "guest powered off by PSCI SYSTEM_OFF, status 0"},
		{"reset has no status", [][4]uint64{{0x86004653, 1}, {0x84000009, 1}}, "guest reset by PSCI SYSTEM_RESET"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var r recorder
			p := NewPSCI(r.end)
			for i, x := range tt.calls {
				if len(r.got) != 0 {
					t.Fatalf("call %d ended the run: %v", i-1, r.got)
				}
				p.Call(&x)
			}
			if len(r.got) != 1 || r.got[0].String() != tt.want {
				t.Errorf("%v, want %s", r.got, tt.want)
			}
		})
	}
}
