package board

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/dev/virtio"
	"forkscope/machine/mem"
	"forkscope/machine/snapshot"
	"forkscope/machine/snapshot/statetest"
)

// rig is a board with its clock, and what it drives.
type rig struct {
	*Board
	clk *clock.Clock
	irq bool
	out bytes.Buffer
	pc  *PC
}

func (r *rig) State(v *snapshot.Visitor) {
	r.clk.State(v)
	r.Board.State(v)
}

func (r *rig) digest() string {
	h := sha256.New()
	v := snapshot.NewDigest(h)
	r.State(v)
	v.Finish()
	return fmt.Sprintf("%x irq %v", h.Sum(nil), r.irq)
}

// deaf takes output and says that the host has not taken it; mute never has input.
type (
	deaf struct{}
	mute struct{}
)

func (deaf) Write([]byte) bool        { return false }
func (mute) Read([]byte) (int, error) { return 0, virtio.ErrLater }

func newRig(t *testing.T, arch string) *rig {
	t.Helper()
	ram, err := mem.New(0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ram.Close() })
	h := &host{}
	cfg := h.config()
	r := &rig{clk: cfg.Clock}
	cfg.Output = func(b byte) { r.out.WriteByte(b) }
	cfg.RAM, cfg.Date = ram, testDate
	cfg.Streams = []virtio.Port{{Name: "stdin", In: mute{}}, {Name: "stdout", Out: deaf{}}}
	if arch == "i386" {
		cfg.Debug = func(byte) {}
		r.pc = NewPC(cfg, 64<<20)
		r.Board = &r.pc.Board
		r.build([]chip{pciToy(r.pc)}, r.pc.pic.IRQ)
	} else {
		r.Board = &NewVirt(cfg).Board
	}
	r.ConnectCPU(func(level bool) { r.irq = level })
	return r
}

// testDate is an hour before a new year.
const testDate = 1609455600

// step does something to the board, as a guest, a typist and time would, and returns what is seen of it.
func (r *rig) step(rng *rand.Rand) string {
	switch n := rng.IntN(20); {
	case n == 0:
		b := make([]byte, rng.IntN(20))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		r.Console.Receive(b)
	case n < 4:
		r.clk.SkipTo(r.clk.Now() + rng.Uint64N([]uint64{100, 1e6, 2e9}[rng.IntN(3)]))
		r.clk.RunDue()
	case n < 5 && r.pc != nil && r.irq:
		return fmt.Sprint(r.pc.AckIRQ())
	case n < 6 && r.pc != nil:
		return r.configure(rng)
	}
	space := r.Memory
	if r.Ports != nil && rng.IntN(8) > 0 {
		space = r.Ports
	}
	all := space.Windows()
	w := all[rng.IntN(len(all))]
	for strings.HasPrefix(w.Name, "debug exit") {
		w = all[rng.IntN(len(all))]
	}
	size := 1
	if space == r.Memory {
		size = 4
	}
	at := w.Base + rng.Uint64N(min(w.Size, 0x400))&^uint64(size-1)
	if rng.IntN(2) == 0 {
		v, ok := space.Read(at, size)
		return fmt.Sprint(w.Name, at, v, ok)
	}
	v := uint64(rng.Uint32())
	if rng.IntN(2) == 0 {
		v = uint64(rng.Uint32N(64))
	}
	space.Write(at, size, v)
	return w.Name
}

// configure moves a window of the PCI device, enables some or writes anything to its configuration space.
func (r *rig) configure(rng *rand.Rand) string {
	at, v := rng.Uint32N(64)&^3, rng.Uint32()
	switch rng.IntN(4) {
	case 0:
		at, v = 0x04, rng.Uint32N(4)
	case 1:
		at, v = 0x10, pcVirtio-0x800+rng.Uint32N(3)*0x800 // also over the virtio console
	case 2:
		at, v = 0x14, 0x3f0+rng.Uint32N(3)*8 // also over COM1
	}
	r.Out(0xcf8, 4, 1<<31|3<<11|at)
	r.Out(0xcfc, 4, v)
	return fmt.Sprintf("%#x to register %#x, which is %#x", v, at, r.In(0xcfc, 4))
}

// TestRoundTrip saves boards after much random traffic, loads them into new ones, and compares what both do with the same traffic then.
func TestRoundTrip(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			for seed := range uint64(200) {
				a := newRig(t, arch)
				rng := rand.New(rand.NewPCG(seed, 9))
				for range 300 {
					a.step(rng)
				}
				var file bytes.Buffer
				if err := snapshot.Save(&file, a.State); err != nil {
					t.Fatal(err)
				}
				b := newRig(t, arch)
				if err := snapshot.Load(&file, b.State); err != nil {
					t.Fatal(err)
				}
				b.irq = a.irq // the CPU's input is the CPU's state
				if a.digest() != b.digest() {
					t.Fatalf("seed %d: the state that was loaded is another", seed)
				}
				a.out.Reset()
				ra, rb := rand.New(rand.NewPCG(seed, 10)), rand.New(rand.NewPCG(seed, 10))
				for i := range 300 {
					if x, y := a.step(ra), b.step(rb); x != y || a.irq != b.irq {
						t.Fatalf("seed %d: %d steps later %s, irq %v; loaded: %s, irq %v", seed, i, x, a.irq, y, b.irq)
					}
				}
				if a.digest() != b.digest() || a.out.String() != b.out.String() {
					t.Fatalf("seed %d: the two went different ways", seed)
				}
			}
		})
	}
}

// TestStateIsComplete looks for fields of chips that State does not go over.
func TestStateIsComplete(t *testing.T) {
	fixed := "the same for the life of the board"
	reasons := map[string]map[string]string{
		"*intc.PIC":       {"master.isMaster": fixed, "slave.isMaster": fixed},
		"*pci.Config":     {"slots": "wiring"},
		"*pci.Function":   {"writable": fixed, "bars": fixed},
		"*virtio.Console": {"ports.Port": "the host's", "scratch": "free between two calls"},
	}
	// The clock goes over its events.
	wiring := []string{"*clock.Clock", "clock.Event", "bus.Line"}
	seen := make(map[string]bool)
	for _, arch := range arch.Names() {
		for _, p := range newRig(t, arch).parts {
			name := fmt.Sprintf("%T", p)
			seen[name] = true
			t.Run(arch+"/"+name, func(t *testing.T) { statetest.Complete(t, p, reasons[name], wiring...) })
		}
	}
	for name := range reasons {
		if !seen[name] {
			t.Errorf("no board has a %s", name)
		}
	}
}
