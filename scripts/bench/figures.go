package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
)

// figure is one row of the table.
type figure struct {
	name  string // for -only
	title string
	unit  string
	less  bool    // smaller is better
	floor float64 // what ours must reach, or stay under if less; 0 is none
	ratio float64 // how many times as good as gdbserver ours must be; 0 is none
	// prepare gets one emulator ready to be measured several times.
	prepare func(ctx context.Context, b *bench, g *guest, e *emulator) (*measurement, error)
	// prepareProcess takes its place in the figures about the debugging of a process.
	prepareProcess func(ctx context.Context, b *bench, s *server) (*measurement, error)
}

// measurement is an emulator that is ready: run gives one value.
type measurement struct {
	run   func() (float64, error)
	close func() // may be nil
}

var figures = []*figure{
	{name: "loop", title: "guest integer loop", unit: "Minstr/s", floor: 100, prepare: prepareLoop},
	{name: "boot", title: "boot to the demo's last line", unit: "s", less: true, floor: 0.3, prepare: prepareBoot},
	{name: "fork", title: "2,000 forks", unit: "s", less: true, prepare: prepareForks},
	{name: "input", title: "a program's input by a pipe", unit: "MB/s", floor: 20, prepare: prepareInput},
	{name: "output", title: "a program's output by a pipe", unit: "MB/s", floor: 20, prepare: prepareOutput},
	{name: "step", title: "single steps", unit: "1/s", floor: 8000, prepare: prepareSteps},
	{name: "condition", title: "false condition, hot function", unit: "1/s", floor: 100_000, prepare: prepareCondition},
	{name: "break", title: "breakpoint cycles, as gdb", unit: "1/s", floor: 3000, prepare: prepareBreak},
	{name: "break-minimal", title: "breakpoint cycles, minimal", unit: "1/s", floor: 3000, prepare: prepareBreakMinimal},
	{name: "memory", title: "memory read (m packets)", unit: "MB/s", floor: 50, prepare: prepareMemory},
	{name: "rss", title: "peak memory, demo", unit: "MiB", less: true, floor: 96, prepare: prepareRSS},
	{name: "rss-full", title: "peak memory, debugged, 48 MiB used", unit: "MiB", less: true, floor: 96, prepare: prepareRSSFull},
	{name: "start", title: "start, to the first stop reply", unit: "s", less: true, floor: 0.06, prepareProcess: prepareStart},
	{name: "start-gdb", title: "start, to gdb's first prompt", unit: "s", less: true, ratio: 1 / 1.3, prepareProcess: prepareStartGDB},
	{name: "catch", title: "1,000 forks caught", unit: "s", less: true, ratio: 1, prepareProcess: prepareCatch},
	{name: "catch-gdb", title: "1,000 forks caught by gdb", unit: "s", less: true, prepareProcess: prepareCatchGDB},
	{name: "user-condition", title: "false condition, hot function", unit: "1/s", prepareProcess: prepareUserCondition},
	{name: "next", title: "next over a fork", unit: "1/s", ratio: 1, prepareProcess: prepareNext},
	{name: "next-gdb", title: "next over a fork, by gdb", unit: "1/s", prepareProcess: prepareNextGDB},
	{name: "overhead", title: "time debugged / time let go", unit: "×", less: true, prepareProcess: prepareOverhead},
}

// met says whether a value reaches the floor.
func (f *figure) met(value float64) bool {
	if f.less {
		return value < f.floor
	}
	return value >= f.floor
}

// better is how many times better ours is than the peer's.
func (f *figure) better(ours, peer float64) float64 {
	if f.less {
		return peer / ours
	}
	return ours / peer
}

// lineOf runs a guest until it prints a line and returns the seconds from exec to that line, and the line. The guest
// must then end by itself. If the user wants CPU time it is that of the process's whole life.
func (b *bench) lineOf(ctx context.Context, g *guest, e *emulator, bt boot, prefix string) (float64, string, error) {
	p, err := e.start(ctx, g, bt)
	if err != nil {
		return 0, "", err
	}
	defer p.kill()
	text, at, err := p.line(prefix)
	if err != nil {
		return 0, "", err
	}
	if err := p.finish(); err != nil {
		return 0, "", err
	}
	t := at.Sub(p.started)
	if b.cpu {
		t = p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
	}
	return t.Seconds(), text, nil
}

func prepareBoot(ctx context.Context, b *bench, g *guest, e *emulator) (*measurement, error) {
	return &measurement{run: func() (float64, error) {
		t, _, err := b.lineOf(ctx, g, e, boot{}, "demo: done")
		return t, err
	}}, nil
}

// baseline is the median time of a program that does next to nothing: boot, start and print.
func (b *bench) baseline(ctx context.Context, g *guest, e *emulator, bt boot, prefix string) (float64, error) {
	var times []float64
	for range b.runs {
		t, _, err := b.lineOf(ctx, g, e, bt, prefix)
		if err != nil {
			return 0, err
		}
		times = append(times, t)
	}
	return spreadOf(times).Median, nil
}

func prepareForks(ctx context.Context, b *bench, g *guest, e *emulator) (*measurement, error) {
	const count = 2000
	run := func(n int) (boot, string) {
		return boot{append: fmt.Sprintf("-- /bin/forkloop %d", n)}, fmt.Sprintf("forkloop: %d forks", n)
	}
	none, line := run(0)
	base, err := b.baseline(ctx, g, e, none, line)
	if err != nil {
		return nil, err
	}
	many, line := run(count)
	return &measurement{run: func() (float64, error) {
		t, _, err := b.lineOf(ctx, g, e, many, line)
		return max(t-base, 1e-9), err
	}}, nil
}

// prepareLoop finds a number of rounds that takes about two measuring times. What boot and start take is measured by a
// run of few rounds and taken off.
func prepareLoop(ctx context.Context, b *bench, g *guest, e *emulator) (*measurement, error) {
	perRound, err := b.roundLength(ctx, g)
	if err != nil {
		return nil, err
	}
	run := func(rounds float64) (float64, error) {
		n := uint32(rounds)
		t, text, err := b.lineOf(ctx, g, e, boot{append: fmt.Sprintf("-- /bin/intloop %d", n)}, fmt.Sprintf("intloop: %d rounds", n))
		if err != nil {
			return 0, err
		}
		return t, b.agree(text)
	}
	const few = 1000
	var times []float64
	for range b.runs {
		t, err := run(few)
		if err != nil {
			return nil, err
		}
		times = append(times, t)
	}
	base := spreadOf(times).Median
	want := 2 * b.span.Seconds()
	rounds := 1e6
	for {
		t, err := run(rounds)
		if err != nil {
			return nil, err
		}
		if t-base > want/4 || rounds > math.MaxUint32/4 {
			rounds = min(rounds*want/(t-base), math.MaxUint32)
			break
		}
		rounds *= 4
	}
	return &measurement{run: func() (float64, error) {
		t, err := run(rounds)
		return (rounds - few) * perRound / (t - base) / 1e6, err
	}}, nil
}

// agree checks a result line against the one that came for the same input before, from either emulator.
func (b *bench) agree(text string) error {
	input, _, _ := strings.Cut(text, ",")
	if before, ok := b.results[input]; ok && before != text {
		return fmt.Errorf("the guest printed %q, before it was %q", text, before)
	}
	b.results[input] = text
	return nil
}

// roundLength is the number of instructions in one round of /bin/intloop: a fact of the program, counted by single
// steps in each emulator, which must agree.
func (b *bench) roundLength(ctx context.Context, g *guest) (float64, error) {
	if n, ok := b.rounds[g.arch]; ok {
		return n, nil
	}
	var by []string
	length := 0
	for _, e := range b.emulators(g.arch) {
		n, err := countRound(ctx, g, e)
		if err != nil {
			return 0, fmt.Errorf("counting the loop's instructions by single steps: %w", err)
		}
		if length != 0 && n != length {
			return 0, fmt.Errorf("a round of intloop has %d instructions by single steps in %s, %d in %s", length, by[0], n, e.name)
		}
		length = n
		by = append(by, e.name)
	}
	b.note("%s: a round of intloop is %d instructions, counted by single steps in %s", g.arch, length, strings.Join(by, " and in "))
	b.rounds[g.arch] = float64(length)
	return b.rounds[g.arch], nil
}

// countRound steps through the program's main until it repeats itself.
func countRound(ctx context.Context, g *guest, e *emulator) (int, error) {
	start, err := g.programSymbol("bin/intloop", "main")
	if err != nil {
		return 0, err
	}
	// As the first process, so that no other program passes the address.
	s, err := e.debug(ctx, g, boot{append: "init=/bin/intloop -- 1000000"})
	if err != nil {
		return 0, err
	}
	defer s.close()
	at := breakpoint{c: s.client, addr: start.Value}
	if err := errors.Join(at.insert(), at.reach(), at.remove()); err != nil {
		return 0, err
	}
	const most = 50_000
	var pcs []uint64 // since something other than main ran
	for range most {
		if err := s.step(); err != nil {
			return 0, err
		}
		pc, _, err := s.registers()
		if err != nil {
			return 0, err
		}
		if pc < start.Value || pc >= start.Value+start.Size {
			pcs = pcs[:0]
			continue
		}
		pcs = append(pcs, pc)
		if n := period(pcs, 8); n > 0 {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%s: no loop in %d steps from main", e.name, most)
}

// period is the shortest length by which the end of list repeats itself the given number of times, or 0.
func period(list []uint64, times int) int {
	for n := 1; n*times <= len(list); n++ {
		same := true
		for i := len(list) - 1; same && i >= len(list)-n*(times-1); i-- {
			same = list[i] == list[i-n]
		}
		if same {
			return n
		}
	}
	return 0
}

// peak is what an ended emulator needed, in MiB.
func (p *process) peak() (float64, error) {
	<-p.ended
	n, err := maxRSS(p.cmd.ProcessState)
	return float64(n) / (1 << 20), err
}

func prepareRSS(ctx context.Context, _ *bench, g *guest, e *emulator) (*measurement, error) {
	return &measurement{run: func() (float64, error) {
		p, err := e.start(ctx, g, boot{})
		if err != nil {
			return 0, err
		}
		defer p.kill()
		if _, _, err := p.line("demo: done"); err != nil {
			return 0, err
		}
		if err := p.finish(); err != nil {
			return 0, err
		}
		return p.peak()
	}}, nil
}

// prepareRSSFull measures a guest that writes to three quarters of its memory under a debugger that lists the threads.
func prepareRSSFull(ctx context.Context, _ *bench, g *guest, e *emulator) (*measurement, error) {
	return &measurement{run: func() (float64, error) {
		s, err := e.debug(ctx, g, boot{loads: true, append: "init=/" + touchLoad})
		if err != nil {
			return 0, err
		}
		defer s.close()
		for _, packet := range []string{"qfThreadInfo", "g"} {
			if _, err := s.command(packet); err != nil {
				return 0, err
			}
		}
		if err := s.resume("c"); err == nil {
			return 0, s.failed("stopped before the guest's end")
		} else if !errors.Is(err, errEnded) {
			return 0, err
		}
		if string(s.lastStop) != "W00" {
			return 0, s.failed(fmt.Sprintf("ended the guest by %q", s.lastStop))
		}
		s.conn.Close()
		if err := s.finish(); err != nil {
			return 0, err
		}
		return s.peak()
	}}, nil
}
