package machine

import (
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"forkscope/machine/cpu"
	"forkscope/machine/timeline"
)

// kernelConfig is a machine with the committed images that runs a program.
func kernelConfig(t *testing.T, arch, command string) Config {
	t.Helper()
	kernel, initrd := kernelFiles(arch)
	cfg := Config{Arch: arch, Cmdline: "-- /bin/" + command, Console: io.Discard, IdleToLimit: true}
	var err error
	if cfg.Kernel, err = os.ReadFile(kernel); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadFile(initrd)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Initrd = [][]byte{files}
	return cfg
}

// meddler is a host that does at random all that a host can do to a guest.
type meddler struct {
	*Machine
	rng *rand.Rand
	o   cpu.Orders
}

// run lets the guest go on for some instructions, with a debugger's wishes.
func (m *meddler) run() Stop {
	r := m.rng
	m.o.Until.Retired = m.clk.Retired + r.Uint64N(20_000)
	if r.IntN(3) == 0 {
		m.o.Until.Retired = m.clk.Retired + 1
	}
	m.o.Time = m.clk.Now() + 100_000_000
	s := m.Run(&m.o)
	if s.Passed {
		m.o.Pass = false
	}
	if s.Reason == Break || s.Reason == Watch || s.Reason == Syscall || s.Reason == Outside {
		m.o.Pass, m.o.PassWatch = true, true
	}
	return s
}

// meddle does one thing.
func (m *meddler) meddle(t *testing.T) {
	r := m.rng
	var buf [64]byte
	pc := m.cpu.PC()
	switch r.IntN(14) {
	case 0, 1:
		m.o.Hold = !m.o.Hold
	case 2:
		m.o.Park = r.IntN(2) == 0
	case 3:
		m.o.AtUser, m.o.AtException = r.IntN(2) == 0, r.IntN(4) == 0
	case 4:
		w := cpu.Watchpoint{Addr: pc&^0xfff + r.Uint64N(0x2000), Len: 8, Kind: cpu.WatchAccess}
		if sp, ok := m.cpu.KernelStack(); ok && r.IntN(2) == 0 {
			w.Addr = sp - r.Uint64N(0x400)
		}
		m.o.Watches = cpu.NewWatchSet([]cpu.Watchpoint{w})
	case 5:
		m.o.Watches = nil
	case 6:
		m.o.Breaks = &cpu.BreakSet{}
		m.o.Breaks.Add(pc + 4*r.Uint64N(20))
	case 7:
		m.o.Outside = areaAround(pc)
	case 8:
		m.o.Breaks, m.o.Outside, m.o.Syscalls = nil, nil, nil
	case 9:
		m.EnterKernel()
	case 10:
		m.Flush()
	case 11:
		m.SkipIdle()
	case 12:
		i := r.IntN(len(m.cpu.Registers()))
		if err := m.WriteRegister(i, append([]byte(nil), m.cpu.ReadRegister(i, buf[:])...)); err != nil {
			t.Logf("register %s: %v", m.cpu.Registers()[i].Name, err)
		}
		m.WriteMemory(m.ram.Base()+m.ram.Size()-1-r.Uint64N(64), []byte{byte(r.Uint32())})
	case 13:
		m.Borrow()
		m.o.Hold = true
		for range r.IntN(3) {
			m.run()
		}
		m.GiveBack()
		m.Input([]byte("x"))
	}
}

// areaAround is an area with some instructions at pc inside.
func areaAround(pc uint64) *cpu.Area {
	a := cpu.NewArea(pc&^0xfff, pc&^0xfff+0x1800)
	a.Add(pc, 40)
	a.Privileged = pc>>31 != 0
	return a
}

// TestWhateverAHostDoesIsRepeated lets hosts meddle with guests at random, and repeats each run from its log, in a file and with nobody there.
func TestWhateverAHostDoesIsRepeated(t *testing.T) {
	bothArchitectures(t, func(t *testing.T, arch string) {
		kinds := map[timeline.Kind]int{}
		for seed := range uint64(12) {
			cfg := kernelConfig(t, arch, []string{"preempt", "signals", "threads"}[seed%3])
			live, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer live.Close()
			m := &meddler{Machine: live, rng: rand.New(rand.NewPCG(seed, 9)), o: cpu.NoOrders}
			live.Run(cpu.UntilTime(2_000_000 + m.rng.Uint64N(4_000_000)))
			for range 400 {
				if m.run().Reason.Final() {
					break
				}
				m.meddle(t)
			}
			for e := range live.Log().All() {
				kinds[e.Kind]++
			}
			again, stop, err := Repeat(cfg, live.Log())
			if err != nil {
				t.Fatal(err)
			}
			if a, b := again.Digest(), live.Digest(); a != b {
				t.Errorf("seed %d: after %d effects at %v digest %.8s, repeated at %v %.8s: %s", seed, live.Log().Len(), live.clk.Mark(), b, again.clk.Mark(), a, stop.Message())
			}
			again.Close()
		}
		for k := timeline.Input; k <= timeline.Flush; k++ {
			if kinds[k] == 0 {
				t.Errorf("no effect was: %v", k)
			}
		}
		t.Logf("%v", kinds)
	})
}

// TestStepsWithInterruptsHeldCostTheLogNothing: a debugger that holds interrupts off for each of many steps is in the log only where one came.
func TestStepsWithInterruptsHeldCostTheLogNothing(t *testing.T) {
	bothArchitectures(t, func(t *testing.T, arch string) {
		cfg := kernelConfig(t, arch, "preempt")
		m, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		m.Run(cpu.UntilTime(4_000_000))
		const steps = 300_000
		o := cpu.NoOrders
		for i := range steps {
			o.Hold = i%100 != 0
			o.Time = m.clk.After(1)
			m.Run(&o)
		}
		if n := m.Log().Len(); n > 20 {
			t.Errorf("%d effects in %d steps", n, steps)
		}
		again, _, err := Repeat(cfg, m.Log())
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if again.Digest() != m.Digest() {
			t.Error("the replay is in another state")
		}
	})
}
