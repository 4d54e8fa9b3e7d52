package machine

import (
	"bytes"
	"debug/elf"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/dev/timer"
	"forkscope/machine/timeline"
	"forkscope/scripts/oracle"
)

// guest is the test program of one architecture, assembled from testdata.
type guest struct {
	arch    string
	kernel  []byte
	symbols map[string]uint64
}

// assemble builds testdata/ARCH.S.
func assemble(t *testing.T, arch string) guest { return assembleFile(t, arch, arch+".S") }

// assembleFile builds a file of testdata for arch.
func assembleFile(t *testing.T, arch, source string) guest {
	t.Helper()
	compiler, text := "i686-linux-gnu-gcc", "0x100000"
	switch arch {
	case "arm64":
		compiler, text = "aarch64-linux-gnu-gcc", "0x40080000"
	case "x86_64":
		compiler = "gcc"
	}
	if _, err := exec.LookPath(compiler); err != nil {
		oracle.Missing(t, "programs for the guest", "compiler", compiler+" is not installed")
	}
	file := filepath.Join(t.TempDir(), "kernel")
	out, err := exec.Command(compiler, "-nostdlib", "-static", "-no-pie", "-Wl,-n,--build-id=none,--section-start=.note.pvh=0xff000,-Ttext="+text, "-o", file,
		filepath.Join("testdata", source)).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", compiler, err, out)
	}
	g := guest{arch: arch, symbols: make(map[string]uint64)}
	if g.kernel, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(g.kernel))
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range symbols {
		g.symbols[s.Name] = s.Value
	}
	return g
}

func (g guest) boot(t *testing.T, out io.Writer) *Machine {
	t.Helper()
	m, err := New(Config{Arch: g.arch, Kernel: g.kernel, MemorySize: 4 << 20, Console: out})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func (g guest) at(t *testing.T, symbol string) uint64 {
	t.Helper()
	a, ok := g.symbols[symbol]
	if !ok {
		t.Fatalf("the guest has no symbol %s", symbol)
	}
	return a
}

// architectures runs a test on both machines.
func architectures(t *testing.T, test func(t *testing.T, g guest)) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) { test(t, assemble(t, arch)) })
	}
}

// input is what the tests type, early enough that it waits for the guest to listen.
func input(m *Machine) {
	typeAt(m, 50, "abc")
	typeAt(m, 3_500_000, "defq")
}

// typeAt types text when the clock shows ns nanoseconds.
func typeAt(m *Machine, ns uint64, text string) {
	m.clk.Schedule(&clock.Event{Name: "typist", Fire: func() { m.Input([]byte(text)) }}, ns)
}

// effects is what the log of m has so far.
func effects(m *Machine) []timeline.Effect { return slices.Collect(m.Log().All()) }

func TestGuestRunsToItsPowerOff(t *testing.T) {
	architectures(t, func(t *testing.T, g guest) {
		var out bytes.Buffer
		m := g.boot(t, &out)
		typeAt(m, 5_000_000, "typed, longer than the FIFO is deep: q")
		s := m.Run(cpu.UntilTime(clock.Never))
		if s.Reason != PowerOff || s.Status != 42 {
			t.Errorf("%+v, want status 42", s)
		}
		if got, want := out.String(), "boot\n...typed, longer than the FIFO is deep: "; got != want {
			t.Errorf("console %q, want %q", got, want)
		}
		if m.Clock().Now() < 5_000_000 || m.Clock().Now() > 5_010_000 {
			t.Errorf("the clock shows %d, want a little after the input", m.Clock().Now())
		}
	})
}

// TestTimerInterruptIsExact follows the interrupt to the instruction: it is taken before the instruction at the count at which the
// timer's tick begins, computed here from its frequency.
func TestTimerInterruptIsExact(t *testing.T) {
	architectures(t, func(t *testing.T, g guest) {
		m := g.boot(t, nil)
		handler := func() uint64 { return g.at(t, "timer") }
		if g.arch == "arm64" {
			handler = func() uint64 { return g.at(t, "vectors") + 0x280 } // IRQ from the current EL
		}
		stopAt := func(pc uint64) {
			t.Helper()
			o := cpu.UntilTime(1_000_000)
			o.Breaks = &cpu.BreakSet{}
			o.Breaks.Add(pc)
			if s := m.Run(o); s.Reason != Break {
				t.Fatalf("waiting for %#x: %+v", pc, s)
			}
		}
		var want uint64
		if g.arch != "arm64" {
			stopAt(g.at(t, "programmed"))
			out := m.Clock().Now() - 1 // the outb of the count's high byte, during which the clock showed the count before it
			want = clock.Time(clock.Ticks(out, timer.PITHz)+1001, timer.PITHz)
		} else {
			const hz = 62_500_000
			stopAt(g.at(t, "arm_timer"))
			want = clock.Time(clock.Ticks(m.Clock().Now(), hz)+1000, hz)
		}
		stopAt(handler())
		if got := m.Clock().Now(); got != want {
			t.Errorf("the interrupt came at %d, want %d", got, want)
		}
	})
}

func TestSameInputSameDigest(t *testing.T) {
	architectures(t, func(t *testing.T, g guest) {
		const end = 3_600_000
		run := func(slice uint64) (digest, console string) {
			var out bytes.Buffer
			m := g.boot(t, &out)
			input(m)
			for limit := slice; m.Clock().Now() < end; limit += slice {
				if s := m.Run(cpu.UntilTime(min(limit, end))); s.Reason.Final() {
					break
				}
			}
			if s := m.Run(cpu.UntilTime(end)); s.Status != 42 {
				t.Errorf("%+v", s)
			}
			return m.Digest(), out.String()
		}
		digest, console := run(end)
		if console != "boot\nabc...def" && console != "boot\n...abcdef" {
			t.Errorf("console %q", console)
		}
		for _, slice := range []uint64{end, 100_003, 977, 1} {
			if d, c := run(slice); d != digest || c != console {
				t.Errorf("in slices of %d: digest %.8s console %q; in one piece %.8s %q", slice, d, c, digest, console)
			}
		}
	})
}

func TestLiveRunIsRepeatedByItsLog(t *testing.T) {
	architectures(t, func(t *testing.T, g guest) {
		var out bytes.Buffer
		m := g.boot(t, &out)
		go func() {
			for _, b := range []byte("typed by nobody in particularq") {
				m.Input([]byte{b})
			}
		}()
		live := m.Run(cpu.UntilTime(clock.Never))
		if live.Reason != PowerOff || live.Status != 42 {
			t.Fatalf("%+v", live)
		}
		var out2 bytes.Buffer
		again := g.boot(t, &out2)
		again.Replay(m.Log())
		if s := again.Run(cpu.UntilTime(clock.Never)); s != live {
			t.Errorf("replay: %+v, live: %+v", s, live)
		}
		if out2.String() != out.String() || again.Clock().Now() != m.Clock().Now() || again.Digest() != m.Digest() {
			t.Errorf("replay ended at %d with %q, live at %d with %q", again.Clock().Now(), out2.String(), m.Clock().Now(), out.String())
		}
	})
}

func TestDigestSeesEverything(t *testing.T) {
	architectures(t, func(t *testing.T, g guest) {
		digest := func(change func(m *Machine)) string {
			m := g.boot(t, nil)
			change(m)
			return m.Digest()
		}
		fresh := digest(func(*Machine) {})
		if digest(func(*Machine) {}) != fresh {
			t.Error("two fresh machines differ")
		}
		for name, change := range map[string]func(m *Machine){
			"RAM":  func(m *Machine) { m.WriteMemory(m.RAM().Base()+m.RAM().Size()-1, []byte{1}) },
			"time": func(m *Machine) { m.clk.Retired++ },
			"register": func(m *Machine) {
				m.WriteRegister(1, []byte{1, 2, 3, 4, 5, 6, 7, 8}[:m.CPU().Registers()[1].Bits/8])
			},
			"device": func(m *Machine) { m.board.Console.Receive([]byte("x")) },
		} {
			if digest(change) == fresh {
				t.Errorf("a change of %s is not in the digest", name)
			}
		}
	})
}
