package machine

import (
	"bytes"
	"strings"
	"testing"

	"forkscope/machine/bus"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
)

// lettered is a device whose window holds i386 code that returns its letter. A write at 0x20 moves the window.
type lettered struct {
	letter byte
	region *bus.Region
}

func (d *lettered) Read(offset uint64, size int) uint64 {
	code := []byte{0xb0, d.letter, 0xc3} // mov $letter, %al; ret
	var v uint64
	for i := range uint64(size) {
		if offset+i < uint64(len(code)) {
			v |= uint64(code[offset+i]) << (8 * i)
		}
	}
	return v
}

func (d *lettered) Write(offset uint64, _ int, value uint64) {
	if offset == 0x20 {
		d.region.Move(value)
	}
}

// mover moves the windows of devices: one at each offset of 4.
type mover []*bus.Region

func (m mover) Read(uint64, int) uint64 { return 0 }
func (m mover) Write(offset uint64, _ int, value uint64) {
	if r := m[offset/4]; value == 0 {
		r.Unmap()
	} else {
		r.Move(value)
	}
}

// bootMoving is a machine with two devices whose windows move, and one by which the guest moves them.
func bootMoving(t *testing.T, g guest, out *bytes.Buffer) *Machine {
	t.Helper()
	m := g.boot(t, out)
	var all mover
	for _, letter := range "ab" {
		d := &lettered{letter: byte(letter)}
		d.region = m.board.Memory.Region(string(letter), 0x40, d)
		all = append(all, d.region)
	}
	space, base := m.board.Ports, uint64(0x2000)
	if g.arch == "arm64" {
		space, base = m.board.Memory, 0x0b00_0000
	}
	if err := space.Map("mover", base, 8, all); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestWindowsMove has a guest move the windows of devices while it uses them: the CPU sees each move at its next access, also to what it has executed
// before. After every few instructions the machine is saved, and a new one that loads the state goes on in the same way.
func TestWindowsMove(t *testing.T) {
	for _, tt := range []struct{ arch, line string }{
		{"i386", "aabbaab--bbr\n"},
		{"arm64", "abab--br\n"},
	} {
		t.Run(tt.arch, func(t *testing.T) {
			want := strings.Repeat(tt.line, 4)
			g := assembleFile(t, tt.arch, "window_"+tt.arch+".S")
			var out bytes.Buffer
			m := bootMoving(t, g, &out)
			if s := m.Run(cpu.UntilTime(clock.Hz)); s.Reason != PowerOff || out.String() != want {
				t.Fatalf("%+v, printed %q, want %q", s, out.String(), want)
			}
			end, digest := m.Clock().Now(), m.Digest()

			out.Reset()
			m = bootMoving(t, g, &out)
			for at := uint64(0); at < end; at += 5 {
				m.Run(cpu.UntilTime(at))
				var file, rest bytes.Buffer
				if err := m.Save(&file); err != nil {
					t.Fatal(err)
				}
				loaded := bootMoving(t, g, &rest)
				if err := loaded.Load(&file); err != nil {
					t.Fatalf("at %d: %v", at, err)
				}
				if loaded.Digest() != m.Digest() {
					t.Fatalf("at %d: what was loaded is another state", at)
				}
				if s := loaded.Run(cpu.UntilTime(clock.Hz)); s.Reason != PowerOff || out.String()+rest.String() != want {
					t.Fatalf("loaded at %d: %+v, printed %q after %q, want %q", at, s, rest.String(), out.String(), want)
				}
				if loaded.Digest() != digest {
					t.Fatalf("loaded at %d: it ends in another state", at)
				}
				loaded.Close()
			}
		})
	}
}
