package machine

import (
	"bytes"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/snapshot/statetest"
)

var (
	stateMoments = flag.Int("state.moments", 40, "random moments, on both machines together, at which a machine is saved and loaded")
	stateSeed    = flag.Uint64("state.seed", 1, "seed of the moments")
)

// busyShell boots the shell and types programs at it that fork, have threads, take signals and wait for timers.
func busyShell(t *testing.T, arch string, out io.Writer) *Machine {
	t.Helper()
	m := bootConfig(t, Config{Arch: arch, Cmdline: words("shell"), Console: out, MemorySize: 16 << 20})
	m.Input([]byte("forkloop 20\nsignals\nthreads\nfpu\npreempt\ncow\npipes\nvfork\nexit 5\n"))
	m.Run(cpu.UntilTime(10)) // what is typed is the host's until it enters
	return m
}

// advance brings m to a random moment: up to most instructions later, or from there on to where the next handler has been entered, to the next return
// to user mode, or to any time of the 20 ms that follow, which an idle guest skips. It reports whether the run has ended on the way.
func advance(t *testing.T, m *Machine, rng *rand.Rand, most uint64) (ended bool) {
	for target := m.Clock().Mark().Retired + rng.Uint64N(most); m.Clock().Mark().Retired < target; {
		if s := m.Run(cpu.UntilTime(m.Clock().After(target - m.Clock().Mark().Retired))); s.Reason.Final() {
			return true
		}
	}
	o := cpu.UntilTime(m.Clock().Now() + 20_000_000)
	switch rng.IntN(4) {
	case 0:
		o.AtException = true
	case 1:
		o.AtUser = true
	case 2:
		o.Time = m.Clock().Now() + rng.Uint64N(20_000_000)
	default:
		return false
	}
	return m.Run(o).Reason.Final()
}

// runLength is about how many instructions the programs of busyShell take.
const runLength = 300_000_000

// TestSaveAndGoOn saves a machine at random moments, loads each state into a new machine, and lets both run on: they do the same.
func TestSaveAndGoOn(t *testing.T) {
	for i, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(*stateSeed, uint64(i)))
			runs, entered, idle := 0, 0, 0
			var out bytes.Buffer
			var m *Machine
			for n := 0; n < *stateMoments/2; n++ {
				if m == nil || advance(t, m, rng, 2*runLength/uint64(*stateMoments/2)) {
					if m != nil && (m.end.Status != 5 || strings.Contains(out.String(), "FAIL")) {
						t.Fatalf("%+v; console:\n%s", *m.end, out.String())
					}
					out.Reset()
					m = busyShell(t, arch, &out)
					runs++
				}
				at := m.Clock().Mark()
				if at.Entered > 0 {
					entered++
				}
				if m.CPU().Halted() {
					idle++
				}
				var file bytes.Buffer
				if err := m.Save(&file); err != nil {
					t.Fatal(err)
				}
				var out2 bytes.Buffer
				loaded, err := New(Config{Arch: arch, Kernel: tinyKernel(t, arch), Console: &out2, MemorySize: 16 << 20})
				if err != nil {
					t.Fatal(err)
				}
				if err := loaded.Load(&file); err != nil {
					t.Fatalf("at %v: %v", at, err)
				}
				if loaded.Clock().Mark() != at || loaded.Digest() != m.Digest() {
					t.Fatalf("at %v: what was loaded is another state", at)
				}
				from := out.Len()
				end := m.Clock().Now() + 50_000 + rng.Uint64N(100_000)
				if a, b := m.Run(cpu.UntilTime(end)), loaded.Run(cpu.UntilTime(end)); a != b {
					t.Fatalf("at %v: the machine that was saved goes on to %+v, the one that was loaded to %+v", at, a, b)
				}
				if m.Clock().Mark() != loaded.Clock().Mark() || m.Digest() != loaded.Digest() || out.String()[from:] != out2.String() {
					t.Fatalf("at %v: the two went different ways, one to %v, the other to %v", at, m.Clock().Mark(), loaded.Clock().Mark())
				}
				loaded.Close()
			}
			t.Logf("%d moments in %d runs, %d in a handler that was just entered, %d in an idle guest", *stateMoments/2, runs, entered, idle)
			if *stateMoments >= 400 && (entered == 0 || idle == 0) {
				t.Errorf("of %d moments in %d runs, %d were in a handler that was just entered, %d in an idle guest", *stateMoments/2, runs, entered, idle)
			}
		})
	}
}

var kernels = map[string][]byte{}

// tinyKernel is a kernel that can be loaded; it is not meant to run.
func tinyKernel(t *testing.T, arch string) []byte {
	if kernels[arch] == nil {
		file, _ := kernelFiles(arch)
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kernels[arch] = b
	}
	return kernels[arch]
}

// TestStateAfterTheEnd: a machine whose run is over stays so, with its last words.
func TestStateAfterTheEnd(t *testing.T) {
	m := bootKernel(t, "i386", "status 3", io.Discard)
	end := m.Run(cpu.UntilTime(20 * clock.Hz))
	if end.Reason != PowerOff || end.Status != 3 {
		t.Fatalf("%+v", end)
	}
	var file bytes.Buffer
	if err := m.Save(&file); err != nil {
		t.Fatal(err)
	}
	again := bootKernel(t, "i386", "hello", io.Discard)
	if err := again.Load(&file); err != nil {
		t.Fatal(err)
	}
	if s := again.Run(cpu.UntilTime(clock.Never)); s != end || again.Digest() != m.Digest() {
		t.Errorf("%+v, want %+v", s, end)
	}
}

// TestStateThatDoesNotFit: each is one sentence, and the machine is as it was.
func TestStateThatDoesNotFit(t *testing.T) {
	save := func(cfg Config) []byte {
		cfg.Kernel = tinyKernel(t, cfg.Arch)
		m, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		var b bytes.Buffer
		if err := m.Save(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	good := save(Config{Arch: "i386", MemorySize: 64 << 20})
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for _, c := range []struct {
		name  string
		state []byte
		want  string
	}{
		{"other architecture", save(Config{Arch: "arm64"}), "the state is that of an arm64 machine, this one is i386"},
		{"more RAM", save(Config{Arch: "i386", MemorySize: 128 << 20}), "the state has 128 MB of RAM, this machine has 64 MB"},
		{"less RAM", save(Config{Arch: "i386", MemorySize: 8<<20 + 4096}), "the state has 8392704 bytes of RAM, this machine has 64 MB"},
		{"another clock", save(Config{Arch: "i386", Clock: 10}), "an instruction takes 10 ns in the state, 1 ns in this machine"},
		{"streams", save(Config{Arch: "i386", Streams: []Stream{{Name: "stdin"}, {Name: "stdout"}}}), "the state has the streams stdin stdout, this machine has no streams of the host's"},
		{"nothing", nil, "this is no saved state of a machine"},
		{"garbage", bytes.Repeat([]byte{0x7f, 'E', 'L', 'F'}, 1000), "this is no saved state of a machine"},
		{"a text", []byte("forkscope state of mind\n"), "this is no saved state of a machine"},
		{"another version", bytes.Replace(bytes.Clone(good), []byte("state 1\n"), []byte("state 2\n"), 1), "the state has format 2, of another version of forkscope; this one reads format 1"},
		{"cut off early", good[:200], `the state is cut off, in section "clock"`},
		{"cut off late", good[:len(good)-10], `the state is cut off, in section "ram"`},
		{"damaged", flipped, "the state is damaged: its checksum is not that of its bytes"},
		{"more behind it", append(bytes.Clone(good), 0), "something follows after the end of the state"},
		{"another field", bytes.Replace(bytes.Clone(good), []byte("idtr limit"), []byte("idtr-limit"), 1),
			`the state has number field "idtr-limit" of section "x86" where this machine has number field "idtr limit" of section "x86"`},
		{"another part", bytes.Replace(bytes.Clone(good), []byte("mc146818"), []byte("mc146819"), 1),
			`the state has section "mc146819" where this machine has section "mc146818"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := bootKernel(t, "i386", "hello", io.Discard)
			m.Run(cpu.UntilTime(3_000_000))
			before := m.Digest()
			err := m.Load(bytes.NewReader(c.state))
			if err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
			if m.Digest() != before {
				t.Error("the machine is not as it was")
			}
			if s := m.Run(cpu.UntilTime(20 * clock.Hz)); s.Reason != PowerOff || s.Status != 0 {
				t.Errorf("it goes on to %+v", s)
			}
		})
	}
}

// TestSaveFlushes: what a guest sees of cached translations is the same in the machine that is saved and in one that loads the state; a digest leaves them alone.
func TestSaveFlushes(t *testing.T) {
	m, c, _ := newScripted(t, nil)
	m.Digest()
	if c.flush != 0 {
		t.Error("a digest has flushed")
	}
	if err := m.Save(io.Discard); err != nil || c.flush != 1 {
		t.Errorf("%v, flushed %d times", err, c.flush)
	}
}

// TestDirtyPages compares the pages that are dirty with those that have changed.
func TestDirtyPages(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			m := busyShell(t, arch, io.Discard)
			m.Run(cpu.UntilTime(1_000_000))
			most, changes := 0, 0
			for range 150 {
				was := bytes.Clone(m.ram.Bytes())
				m.ram.Clean()
				if n := len(m.ram.Dirty()); n != 0 {
					t.Fatalf("%d pages are dirty at once", n)
				}
				m.Run(cpu.UntilTime(m.Clock().Now() + 300_000))
				dirty := make(map[uint64]bool)
				for _, pa := range m.ram.Dirty() {
					dirty[pa] = true
				}
				most = max(most, len(dirty))
				now := m.ram.Bytes()
				for at := 0; at < len(now); at += 4096 {
					if !bytes.Equal(was[at:at+4096], now[at:at+4096]) {
						changes++
						if pa := m.ram.Base() + uint64(at); !dirty[pa] {
							t.Fatalf("the page at %#x has changed and is not dirty", pa)
						}
					}
				}
			}
			if changes < 100 || most > 2000 {
				t.Errorf("%d pages have changed, up to %d were dirty at a time", changes, most)
			}
		})
	}
}

// TestMachineStateIsComplete looks for fields of the clock that State does not go over; those of the CPUs and chips have their own tests.
func TestMachineStateIsComplete(t *testing.T) {
	statetest.Complete(t, clock.New(1), map[string]string{
		"Due": "worked out from the events", "per": "matched", "entered": "goes by the Mark", "enteredAt": "goes by the Mark",
		"queue": "the events that wait are visited", "seq": "their order is the order of the visit", "all": "the events of this machine",
	})
}

// FuzzLoad reads states that may be damaged on purpose.
func FuzzLoad(f *testing.F) {
	var file bytes.Buffer
	build := func() *Machine {
		m, err := New(Config{Arch: "i386", BIOS: make([]byte, 4096), MemorySize: 1 << 20, IdleToLimit: true})
		if err != nil {
			f.Fatal(err)
		}
		return m
	}
	m := build()
	if err := m.Save(&file); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add(file.Bytes()[:file.Len()/2])
	f.Add([]byte("forkscope state 1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := m.Digest()
		if err := m.Load(bytes.NewReader(b)); err != nil {
			if m.Digest() != before {
				t.Fatal("the machine is not as it was")
			}
			return
		}
		m.Run(cpu.UntilTime(m.Clock().Now() + 100))
	})
}
