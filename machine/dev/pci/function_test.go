package pci

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
	"forkscope/scripts/oracle"
)

const familyPCI = "windows of PCI functions"

// ramSize is what the machines of these tests have, with a hole of 128 KiB for a display that is not there.
const (
	ramSize = 16 << 20
	hole    = 0xa_0000
)

// guest is a machine that does one access at a time: "outl PORT VALUE", "inl PORT", "writel ADDRESS VALUE", "readl ADDRESS", and of I/O with b and w
// too, as QEMU's qtest protocol has them. It returns what was read.
type guest interface {
	access(line string) uint32
}

// edu is what is behind QEMU's educational device as far as these tests go: who it is, and a register that reads as the complement of what was written.
type edu struct{ alive uint32 }

func (e *edu) Read(offset uint64, _ int) uint64 {
	switch offset {
	case 0:
		return 0x010000ed
	case 4:
		return uint64(^e.alive)
	}
	return 0xffffffff
}

func (e *edu) Write(offset uint64, _ int, value uint64) {
	if offset == 4 {
		e.alive = uint32(value)
	}
}

func (e *edu) State(v *snapshot.Visitor) { snapshot.Uint(v, "alive", &e.alive) }

// scratch is the last port of a 16550A, which is a register for anything.
type scratch struct{ value uint8 }

func (s *scratch) Read(offset uint64, _ int) uint64 {
	if offset == 7 {
		return uint64(s.value)
	}
	return 0
}

func (s *scratch) Write(offset uint64, _ int, value uint64) {
	if offset == 7 {
		s.value = uint8(value)
	}
}

func (s *scratch) State(v *snapshot.Visitor) { snapshot.Uint(v, "value", &s.value) }

// deaf is a chip of the board: it is there, and no device of these tests.
type deaf struct{}

func (deaf) Read(uint64, int) uint64   { return 0 }
func (deaf) Write(uint64, int, uint64) {}

// ours has QEMU's devices in slots 4 to 7, and the chips over which these tests move them.
type ours struct {
	memory, ports *bus.Space
	parts         []snapshot.Part
}

func newOurs(t *testing.T) *ours {
	o := &ours{memory: bus.NewSpace("memory"), ports: bus.NewSpace("I/O ports")}
	config := NewConfig(deaf{})
	for _, err := range []error{
		o.ports.Map("configuration", 0xcf8, 8, config), o.ports.Map("clock", 0x70, 2, deaf{}), o.memory.Map("I/O APIC", 0xfec0_0000, 0x1000, deaf{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for slot := 4; slot < 8; slot++ {
		var f *Function
		if slot < 6 {
			chip := &edu{}
			f = NewFunction(ID{0x1234, 0x11e8, 0xff00, 0x10, true}, Bar{Region: o.memory.Region("edu", 1<<20, chip)})
			o.parts = append(o.parts, chip)
		} else {
			chip := &scratch{}
			f = NewFunction(ID{0x1b36, 0x0002, 0x0700_02, 1, true}, Bar{Region: o.ports.Region("serial", 8, chip), IO: true})
			o.parts = append(o.parts, chip)
		}
		o.parts = append(o.parts, f)
		config.Plug(slot, f)
	}
	o.parts = append(o.parts, config, o.memory, o.ports)
	return o
}

func (o *ours) State(v *snapshot.Visitor) {
	for _, p := range o.parts {
		p.State(v)
	}
}

func (o *ours) access(line string) uint32 {
	var verb string
	var at, value uint64
	fmt.Sscan(line, &verb, &at, &value)
	size := map[byte]int{'b': 1, 'w': 2, 'l': 4}[verb[len(verb)-1]]
	verb = verb[:len(verb)-1]
	space := o.memory
	if verb == "in" || verb == "out" {
		space = o.ports
	} else if at < ramSize && at>>17 != hole>>17 {
		return 0
	}
	if verb == "out" || verb == "write" {
		space.Write(at, size, value)
		return 0
	}
	v, _ := space.Read(at, size)
	return uint32(v)
}

// qemu is QEMU's machine of the type pc, whose processor stands still.
type qemu struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
}

func newQEMU(t *testing.T) *qemu {
	path, err := exec.LookPath("qemu-system-i386")
	if err != nil {
		oracle.Missing(t, familyPCI, "qemu-system-i386", "qemu-system-i386 is not installed")
	}
	cmd := exec.Command(path, "-machine", "pc", "-accel", "tcg", "-S", "-m", "16", "-display", "none", "-nodefaults", "-qtest", "stdio", "-qtest-log", "none",
		"-device", "edu,addr=4", "-device", "edu,addr=5", "-device", "pci-serial,addr=6", "-device", "pci-serial,addr=7")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	limit := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() {
		limit.Stop()
		cmd.Process.Kill()
		cmd.Wait()
	})
	return &qemu{t, in, bufio.NewScanner(out)}
}

func (q *qemu) access(line string) uint32 {
	q.t.Helper()
	fmt.Fprintln(q.in, line)
	if !q.out.Scan() {
		q.t.Fatalf("%s: QEMU has ended: %v", line, q.out.Err())
	}
	answer, ok := strings.CutPrefix(q.out.Text(), "OK")
	if !ok {
		q.t.Fatalf("%s: QEMU answers %q", line, q.out.Text())
	}
	v, _ := strconv.ParseUint(strings.TrimSpace(answer), 0, 64)
	return uint32(v)
}

// register selects a register of a slot's configuration space.
func register(slot, at int) string { return fmt.Sprintf("outl 0xcf8 %#x", 1<<31|slot<<11|at&^3) }

// script is what a guest does to the devices, and what is compared of what it reads.
type script struct {
	lines []string
	seen  []func(uint32) uint32 // nil for a line that reads nothing
}

func (s *script) do(format string, args ...any) {
	s.lines, s.seen = append(s.lines, fmt.Sprintf(format, args...)), append(s.seen, nil)
}

// read compares a value that is one of those in known, or none of them.
func (s *script) read(line string, known ...uint32) {
	s.lines = append(s.lines, line)
	s.seen = append(s.seen, func(v uint32) uint32 {
		for _, k := range known {
			if v == k {
				return v
			}
		}
		return 0
	})
}

// run returns what is compared. Before each line, change may put another machine in g's place.
func (s *script) run(g guest, change func(line int, g guest) guest) []uint32 {
	var out []uint32
	for i, line := range s.lines {
		if change != nil {
			g = change(i, g)
		}
		v := g.access(line)
		if s.seen[i] != nil {
			v = s.seen[i](v)
		}
		out = append(out, v)
	}
	return out
}

// config writes a register and reads it back.
func (s *script) config(slot, at int, size byte, value uint32) {
	s.do("%s", register(slot, at))
	s.do("out%c %#x %#x", size, 0xcfc+at&3, value)
	s.register(at)
}

// register reads the register that is selected.
func (s *script) register(at int) {
	if at == regCommand {
		s.do("inw 0xcfc") // beside it, the status has bits for what QEMU's devices can do besides
	} else {
		s.do("inl 0xcfc")
	}
}

// look asks who answers at the places of the devices.
func (s *script) look() {
	for _, base := range memoryPlaces {
		s.read(fmt.Sprintf("readl %#x", base+4), ^uint32(0x1111), ^uint32(0x2222))
	}
	for _, base := range portPlaces {
		s.read(fmt.Sprintf("inb %#x", base+7), 0x33, 0x44)
	}
}

var (
	memoryPlaces = []uint32{0xfe00_0000, 0xfe10_0000, 0xe000_0000, 0x40_0000, 0xfec0_0000, 0xffe0_0000, 0xfff0_0000}
	portPlaces   = []uint32{0xc000, 0xc008, 0x70}
)

// named names the devices by what their registers read as.
func (s *script) named() {
	for i, slot := range []int{4, 5} {
		s.config(slot, regBars, 'l', 0xfe00_0000)
		s.config(slot, regCommand, 'w', commandMemory)
		s.do("writel 0xfe000004 %#x", []int{0x1111, 0x2222}[i])
		s.config(slot, regCommand, 'w', 0)
	}
	for i, slot := range []int{6, 7} {
		s.config(slot, regBars, 'l', 0xc000)
		s.config(slot, regCommand, 'w', commandIO)
		s.do("outb 0xc007 %#x", []int{0x33, 0x44}[i])
		s.config(slot, regCommand, 'w', 0)
	}
}

// scripts are what a kernel does, and what it should not, and a random one.
func scripts() map[string]*script {
	all := make(map[string]*script)
	add := func(name string, write func(s *script)) {
		s := &script{}
		s.named()
		write(s)
		all[name] = s
	}
	add("who is there", func(s *script) {
		for slot := 4; slot < 8; slot++ {
			for _, at := range []int{regVendor, regCommand, regRevision, regCacheLine, regBars, regBars + 4, regInterruptLine} {
				s.do("%s", register(slot, at))
				s.register(at)
			}
		}
		for _, address := range []uint32{0x8001_2000, 0x8000_2100, 0x0000_2000, 0x8000_f800} { // bus 1, function 1, not enabled, slot 31
			s.do("outl 0xcf8 %#x", address)
			s.do("inl 0xcfc")
		}
	})
	add("sizes", func(s *script) {
		for slot := 4; slot < 8; slot++ {
			s.config(slot, regCommand, 'w', commandMemory|commandIO)
			for _, v := range []uint32{0xffff_ffff, 0xfe00_0000, 0, 0xffff_ffff} {
				s.config(slot, regBars, 'l', v)
				s.look()
				s.read(fmt.Sprintf("readl %#x", hole+4), 0xffff_ffff) // of a window at 0
			}
		}
	})
	add("command", func(s *script) {
		for slot := 4; slot < 8; slot++ {
			s.config(slot, regBars, 'l', []uint32{0xfe00_0000, 0xfe10_0000, 0xc000, 0xc008}[slot-4])
			for _, v := range []uint32{0, 1, 2, 3, 0xffff, 0} {
				s.config(slot, regCommand, 'w', v)
				s.look()
			}
			s.config(slot, regCommand, 'w', 3)
		}
		s.look()
	})
	add("over each other", func(s *script) {
		for slot := 4; slot < 8; slot++ {
			s.config(slot, regCommand, 'w', 3)
			s.config(slot, regBars, 'l', []uint32{0xfe00_0000, 0xfe00_0000, 0xc000, 0xc000}[slot-4])
			s.look()
		}
		s.config(4, regBars, 'l', 0xfe00_0000) // where it is: nothing changes
		s.look()
		s.config(4, regCommand, 'w', 0)
		s.config(4, regCommand, 'w', 2) // now it is the one that was mapped last
		s.look()
		s.config(4, regBars, 'l', 0xfe10_0000)
		s.look()
	})
	add("over what the board has", func(s *script) {
		for slot, place := range []uint32{0x40_0000, 0xfec0_0000, 0x70, 0x70} {
			s.config(4+slot, regCommand, 'w', 3)
			s.config(4+slot, regBars, 'l', place)
			s.look()
		}
	})
	add("random", func(s *script) {
		rng := rand.New(rand.NewPCG(1, 1))
		for range 2000 {
			slot, places := 4+rng.IntN(2), memoryPlaces
			if rng.IntN(2) == 0 {
				slot, places = slot+2, portPlaces
			}
			switch rng.IntN(6) {
			case 0:
				s.config(slot, regCommand, 'w', rng.Uint32N(4))
			case 1:
				s.config(slot, regBars+rng.IntN(4), 'b', rng.Uint32N(256))
			case 2:
				s.config(slot, regBars, 'l', rng.Uint32())
			default:
				s.config(slot, regBars, 'l', places[rng.IntN(len(places))])
			}
			s.look()
		}
	})
	return all
}

// TestFunctionAgreesWithQEMU compares who answers where while windows move.
func TestFunctionAgreesWithQEMU(t *testing.T) {
	for name, s := range scripts() {
		t.Run(name, func(t *testing.T) {
			got, want := s.run(newOurs(t), nil), s.run(newQEMU(t), nil)
			oracle.Compared(familyPCI, "qemu-system-i386", len(got))
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%s gives %#x, on QEMU %#x, after:\n%s", s.lines[i], got[i], want[i], strings.Join(s.lines[max(0, i-40):i], "\n"))
				}
			}
		})
	}
}

// TestFunctionRoundTrip saves the functions and the places of their windows again and again, and goes on with what was loaded.
func TestFunctionRoundTrip(t *testing.T) {
	s := scripts()["random"]
	loaded := s.run(newOurs(t), func(line int, g guest) guest {
		if line%197 != 0 {
			return g
		}
		next := newOurs(t)
		var file bytes.Buffer
		if err := snapshot.Save(&file, g.(*ours).State); err != nil {
			t.Fatal(err)
		}
		if err := snapshot.Load(&file, next.State); err != nil {
			t.Fatal(err)
		}
		return next
	})
	if !slices.Equal(loaded, s.run(newOurs(t), nil)) {
		t.Error("what was loaded goes another way")
	}
}
