package machine

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"forkscope/machine/board"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/mem"
	"forkscope/machine/snapshot"
	"forkscope/machine/timeline"
)

// scripted is a CPU whose every Run is one step of a script; after its end it halts.
type scripted struct {
	m      *Machine
	steps  []func(limit uint64) cpu.Exit
	limits []uint64
	flush  int // how often its translations were forgotten
}

func (c *scripted) Run(o *cpu.Orders) cpu.Exit {
	limit := min(o.Until.Retired, c.m.clk.Reaches(o.Time))
	c.limits = append(c.limits, limit)
	c.m.clk.RunDue()
	if len(c.steps) == 0 {
		return cpu.Exit{Reason: cpu.Halt}
	}
	step := c.steps[0]
	c.steps = c.steps[1:]
	return step(limit)
}

func (c *scripted) RequestExit()                               {}
func (c *scripted) SetIRQ(bool)                                {}
func (c *scripted) PC() uint64                                 { return 0x1234 }
func (c *scripted) Privileged() bool                           { return true }
func (c *scripted) Halted() bool                               { return len(c.steps) == 0 }
func (c *scripted) KernelStack() (uint64, bool)                { return 0, false }
func (c *scripted) Registers() []cpu.Register                  { return []cpu.Register{{Name: "x0", Group: "general"}} }
func (c *scripted) ReadRegister(int, []byte) []byte            { return []byte{0xcd, 0xab} }
func (c *scripted) WriteRegister(int, []byte) error            { return nil }
func (c *scripted) Space() cpu.Space                           { return 0 }
func (c *scripted) Paging() bool                               { return false }
func (c *scripted) Translate(cpu.Space, uint64) (uint64, bool) { return 0, false }
func (c *scripted) State(*snapshot.Visitor)                    {}
func (c *scripted) SyscallNumber() uint64                      { return 4 }
func (c *scripted) EnterKernel()                               {}
func (c *scripted) FaultWrite(uint64)                          {}
func (c *scripted) EnterSyscall()                              {}
func (c *scripted) Writable(cpu.Space, uint64) bool            { return false }
func (c *scripted) Capture() cpu.State                         { return nil }
func (c *scripted) Restore(cpu.State)                          {}
func (c *scripted) Flush()                                     { c.flush++ }
func (c *scripted) Settle()                                    {}

// typed collects what reaches the console's receiver.
type typed struct {
	clk  *clock.Clock
	got  []timeline.Effect
	came chan struct{} // when not nil, told of each input
}

func (t *typed) Receive(p []byte) {
	if t.came != nil {
		defer func() { t.came <- struct{}{} }()
	}
	t.got = append(t.got, timeline.Effect{At: t.clk.Mark(), Source: consoleSource, Data: p})
}

func newScripted(t *testing.T, out *bytes.Buffer, steps ...func(m *Machine, limit uint64) cpu.Exit) (*Machine, *scripted, *typed) {
	t.Helper()
	m, err := newMachine(Config{Arch: "arm64", Console: out})
	if err != nil {
		t.Fatal(err)
	}
	if m.ram, err = mem.New(0, 1<<20); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	c := &scripted{m: m}
	for _, s := range steps {
		c.steps = append(c.steps, func(limit uint64) cpu.Exit { return s(m, limit) })
	}
	m.cpu = c
	console := &typed{clk: m.clk}
	m.board = &board.NewVirt(m.boardConfig(Config{})).Board
	m.board.Console = console
	return m, c, console
}

// toLimit is a step that executes up to the limit; exits with the reason after n instructions otherwise.
func toLimit(m *Machine, limit uint64) cpu.Exit {
	m.clk.Retired = limit
	return cpu.Exit{Reason: cpu.Limit}
}

func after(n uint64, e cpu.Exit) func(*Machine, uint64) cpu.Exit {
	return func(m *Machine, _ uint64) cpu.Exit {
		m.clk.Retired += n
		return e
	}
}

func TestRunPassesStopsOn(t *testing.T) {
	w := cpu.Watchpoint{Addr: 0x10, Len: 8, Kind: cpu.WatchWrite}
	m, _, _ := newScripted(t, nil,
		toLimit,
		after(5, cpu.Exit{Reason: cpu.Break}),
		after(5, cpu.Exit{Reason: cpu.Requested}), // nobody asked for it: Run goes on
		after(5, cpu.Exit{Reason: cpu.Watch, Watch: w, Addr: 0x14}),
		after(5, cpu.Exit{Reason: cpu.Shutdown, Detail: "triple fault"}),
	)
	down := Stop{Reason: Shutdown, Status: 1, text: "guest shut down: triple fault (pc 0x1234 after 120 instructions)"}
	for _, tt := range []struct {
		want    Stop
		message string
	}{
		{Stop{Reason: Limit, Time: 100}, "reached 100 ns"},
		{Stop{Reason: Break, Addr: 0x1234}, "breakpoint at 0x1234"},
		{Stop{Reason: Watch, Watch: w, Addr: 0x14}, "watchpoint: 0x14 was accessed"},
		{down, down.text},
		{down, down.text},
	} {
		want := tt.want
		limit := uint64(1000)
		if want.Reason == Limit {
			limit = 100
		}
		if got := m.Run(cpu.UntilTime(limit)); got != want || got.Message() != tt.message {
			t.Errorf("got  %+v %q\nwant %+v %q", got, got.Message(), want, tt.message)
		}
	}
}

func TestPowerRequestsEndTheRun(t *testing.T) {
	for _, tt := range []struct {
		x    [4]uint64
		want Stop
	}{
		{[4]uint64{0x84000008, 7}, Stop{Reason: PowerOff, text: "guest powered off by PSCI SYSTEM_OFF, status 0"}},
		{[4]uint64{0x84000009}, Stop{Reason: Reset, text: "guest reset by PSCI SYSTEM_RESET"}},
	} {
		var m *Machine
		m, _, _ = newScripted(t, nil, func(m *Machine, _ uint64) cpu.Exit {
			cfg := m.boardConfig(Config{})
			cfg.Clock = clock.New(1) // the machine's has a board
			virt := board.NewVirt(cfg)
			virt.HVC(&tt.x)
			virt.HVC(&[4]uint64{0x84000008, 99}) // too late
			return cpu.Exit{Reason: cpu.Requested}
		})
		for range 2 {
			if got := m.Run(cpu.UntilTime(clock.Never)); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		}
	}
}

func TestBugBecomesAStop(t *testing.T) {
	var out bytes.Buffer
	m, _, _ := newScripted(t, &out, func(m *Machine, _ uint64) cpu.Exit {
		m.console.put('x')
		panic("BUG: a wire came loose")
	})
	s := m.Run(cpu.UntilTime(clock.Never))
	if s.Reason != Bug || s.Status != 1 || s.Message() != "emulator bug: a wire came loose (pc 0x1234 after 0 instructions)" {
		t.Errorf("%+v", s)
	}
	if !strings.Contains(s.Report, "x0 abcd\n") || !strings.Contains(s.Report, "run_test.go") {
		t.Errorf("the report has neither registers nor stack:\n%s", s.Report)
	}
	if out.String() != "x" {
		t.Errorf("console %q: what was printed before the bug is lost", out.String())
	}
	if again := m.Run(cpu.UntilTime(clock.Never)); again != s {
		t.Errorf("second Run: %+v", again)
	}
}

func TestIdleSkipsToTheNextEventButNotBeyondTheLimit(t *testing.T) {
	m, _, _ := newScripted(t, nil)
	fired := uint64(0)
	e := &clock.Event{Name: "test", Fire: func() { fired = m.clk.Now() }}
	m.clk.Schedule(e, 5000)
	if s := m.Run(cpu.UntilTime(3000)); s.Reason != Limit || m.clk.Now() != 3000 || fired != 0 {
		t.Errorf("%+v at %d, fired %d", s, m.clk.Now(), fired)
	}
	m.clk.Schedule(&clock.Event{Fire: func() { m.RequestStop() }}, 6000)
	if s := m.Run(cpu.UntilTime(clock.Never)); s.Reason != Requested || m.clk.Now() != 6000 || fired != 5000 {
		t.Errorf("%+v at %d, fired %d", s, m.clk.Now(), fired)
	}
}

func TestIdleWaitsForTheHost(t *testing.T) {
	m, _, console := newScripted(t, nil)
	console.came = make(chan struct{}, 8)
	stops := make(chan Stop)
	go func() { stops <- m.Run(cpu.UntilTime(clock.Never)) }()
	m.Input([]byte("hello"))
	<-console.came
	select {
	case s := <-stops:
		t.Fatalf("input ended the run: %+v", s)
	case <-time.After(20 * time.Millisecond): // a run that ends late is seen by what follows
	}
	m.RequestStop()
	if s := <-stops; s.Reason != Requested {
		t.Errorf("%+v", s)
	}
	if len(console.got) != 1 || string(console.got[0].Data) != "hello" {
		t.Errorf("console received %v", console.got)
	}
	m.RequestStop() // before Run: it stops at once, and only once
	if s := m.Run(cpu.UntilTime(clock.Never)); s.Reason != Requested {
		t.Errorf("%+v", s)
	}
	m.cpu.(*scripted).steps = append(m.cpu.(*scripted).steps, func(l uint64) cpu.Exit { return toLimit(m, l) })
	if s := m.Run(cpu.UntilTime(10)); s.Reason != Limit {
		t.Errorf("%+v: the request was reported already", s)
	}
}

// TestLiveInputEntersAtItsMark: input that the CPU stops for enters where it has stopped, with what is due there before it, and a replay finds the same
// place, among those at which as many instructions have retired.
func TestLiveInputEntersAtItsMark(t *testing.T) {
	m, c, console := newScripted(t, nil,
		func(m *Machine, _ uint64) cpu.Exit {
			m.clk.Retired = 7
			m.clk.Enter()
			m.Input([]byte("k"))
			return cpu.Exit{Reason: cpu.Requested}
		},
		toLimit,
	)
	m.Run(cpu.UntilTime(100))
	mark := clock.Mark{Retired: 7, Entered: 1}
	if len(console.got) != 1 || console.got[0].At != mark {
		t.Errorf("received %v, want k at %v", console.got, mark)
	}
	if len(c.limits) != 2 || c.limits[1] != 100 {
		t.Errorf("the CPU ran to %v", c.limits)
	}

	again, c2, repeated := newScripted(t, nil,
		toLimit,
		func(m *Machine, _ uint64) cpu.Exit {
			m.clk.Enter()
			return cpu.Exit{Reason: cpu.Limit}
		},
		toLimit)
	again.Replay(m.Log())
	again.Run(cpu.UntilTime(100))
	if len(repeated.got) != 1 || repeated.got[0].At != mark || c2.limits[0] != 7 || c2.limits[1] != 7 {
		t.Errorf("the replay received %v, after runs to %v", repeated.got, c2.limits)
	}
}

func TestReplayIntoAHaltedGuestSkipsToItsInput(t *testing.T) {
	m, _, console := newScripted(t, nil)
	var log timeline.Log
	log.Add(timeline.Effect{At: clock.Mark{Skipped: 500}, Kind: timeline.Input, Source: consoleSource, Data: []byte("a")})
	log.End = clock.Mark{Skipped: 700}
	m.Replay(&log)
	m.clk.Schedule(&clock.Event{Fire: func() { m.RequestStop() }}, 1000)
	m.Run(&cpu.NoOrders)
	if len(console.got) != 1 || console.got[0].At.Skipped != 500 {
		t.Errorf("received %v, want a at 500", console.got)
	}
}

// TestReplayNoticesAnotherRun: a log whose moments never come, or whose effects make no sense, ends the run with what it wanted.
func TestReplayNoticesAnotherRun(t *testing.T) {
	for _, tt := range []struct {
		effect timeline.Effect
		want   string
	}{
		{timeline.Effect{At: clock.Mark{Retired: 5}, Kind: timeline.Flush}, "(at 5: translations flushed), the guest waits for ever"},
		{timeline.Effect{At: clock.Mark{Retired: 3}, Kind: timeline.Flush}, "(at 3: translations flushed), it is at 4 already"},
		{timeline.Effect{At: clock.Mark{Retired: 4}, Kind: timeline.GiveBack}, "(at 4: CPU given back), the CPU was not borrowed"},
		{timeline.Effect{At: clock.Mark{Retired: 4}, Kind: timeline.Input, Source: "martian", Data: []byte("b")}, `input from an unknown source "martian"`},
		{timeline.Effect{At: clock.Mark{Retired: 4}, Kind: timeline.Memory, N: 1 << 40, Data: []byte("b")}, "no RAM at 0x10000000000"},
		{timeline.Effect{At: clock.Mark{Retired: 4}, Kind: timeline.Register, N: 99}, "there is no register 99"},
	} {
		m, _, _ := newScripted(t, nil, after(4, cpu.Exit{Reason: cpu.Limit}))
		var log timeline.Log
		log.Add(tt.effect)
		m.Replay(&log)
		s := m.Run(&cpu.NoOrders)
		if s.Reason != Diverged || s.Status != 1 || !strings.Contains(s.Message(), tt.want) {
			t.Errorf("%v: %+v", tt.effect, s)
		}
	}
}

type failing struct{ calls int }

func (f *failing) Write([]byte) (int, error) { f.calls++; return 0, errors.New("broken pipe") }

func TestConsoleIsWrittenInTime(t *testing.T) {
	var out bytes.Buffer
	expect := func(want string) func(*Machine, uint64) cpu.Exit {
		return func(m *Machine, limit uint64) cpu.Exit {
			if out.String() != want {
				t.Errorf("written %q, want %q", out.String(), want)
			}
			return after(1, cpu.Exit{Reason: cpu.Limit})(m, limit)
		}
	}
	print := func(s string, e cpu.Exit) func(*Machine, uint64) cpu.Exit {
		return func(m *Machine, _ uint64) cpu.Exit {
			for _, b := range []byte(s) {
				m.console.put(b)
			}
			return e
		}
	}
	m, _, _ := newScripted(t, &out,
		func(m *Machine, limit uint64) cpu.Exit {
			e := print("one\ntwo", cpu.Exit{Reason: cpu.Limit})(m, limit)
			if out.String() != "one\n" {
				t.Errorf("written %q at the newline", out.String())
			}
			return e
		},
		expect("one\ntwo"),
		print("$ ", cpu.Exit{Reason: cpu.Halt}), expect("one\ntwo$ "),
		print("end", cpu.Exit{Reason: cpu.Break}),
	)
	m.clk.Schedule(&clock.Event{Fire: func() {}}, 1000)
	m.Run(cpu.UntilTime(clock.Never))
	if out.String() != "one\ntwo$ end" {
		t.Errorf("written %q at the stop", out.String())
	}

	f := &failing{}
	m, _, _ = newScripted(t, nil, print("a\nb\nc\n", cpu.Exit{Reason: cpu.Break}))
	m.console.w = f
	m.Run(cpu.UntilTime(clock.Never))
	if f.calls != 1 {
		t.Errorf("%d writes to a broken console", f.calls)
	}
}

func TestLongRunsAreSlicedForTheConsole(t *testing.T) {
	m, c, _ := newScripted(t, nil, toLimit, toLimit)
	m.Run(cpu.UntilTime(slice + 5))
	if len(c.limits) != 2 || c.limits[0] != slice || c.limits[1] != slice+5 {
		t.Errorf("the CPU ran to %v", c.limits)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{Arch: "vax"}, `architecture "vax": there are ` + arch.List("and")},
		{Config{Arch: "arm64", MemorySize: 12345}, "memory size 12345: must be a multiple of 4096 from 1 MiB to 261120 MiB"},
		{Config{Arch: "i386", MemorySize: 4 << 30}, "memory size 4294967296: must be a multiple of 4096 from 1 MiB to 3072 MiB"},
		{Config{Arch: "arm64", Kernel: []byte("text")}, "kernel: neither an ELF file nor a Linux arm64 Image"},
		{Config{Arch: "arm64", BIOS: make([]byte, 4096)}, "BIOS: only the i386 machine starts from a ROM"},
		{Config{Arch: "i386", BIOS: make([]byte, 4095)}, "BIOS: a ROM of 4095 bytes; it must be a multiple of 4096, up to 256 KiB"},
		{Config{Arch: "i386", Kernel: []byte("text")}, "kernel: neither an ELF file nor a multiboot image"},
	} {
		if m, err := New(tt.cfg); err == nil || err.Error() != tt.want || m != nil {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}
