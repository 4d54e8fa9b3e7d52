package arm64

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"forkscope/machine/cpu"
	"forkscope/machine/snapshot"
	"forkscope/machine/snapshot/statetest"
)

// TestStateIsComplete looks for fields of the CPU that State does not go over.
func TestStateIsComplete(t *testing.T) {
	const (
		running  = "of the instruction or block that runs; Run begins with it anew"
		derived  = "worked out from what is visited"
		cache    = "a cache, empty after a load"
		wiring   = "wiring"
		debugger = "the debugger's"
		flags    = "in nzcv"
		events   = "the clock's, which goes over its events"
		ended    = "of a Run that has ended"
	)
	reasons := map[string]string{
		"x":     "SP is in sp_el0 or sp_el1, the slots beyond it are scratch",
		"sp":    "in sp_el0 and sp_el1",
		"flagA": flags, "flagB": flags, "flagKind": flags, "nzcv": flags,
		"fpTrap": derived, "rtlb": derived, "wtlb": derived, "xtlb": derived, "spBad": derived, "selfHosted": derived, "fp": "in fpcr and fpsr",
		"timer.event": events, "timer.line": wiring,
		"steppingExclusive": running, "leave": running, "scratch": running,
		"exit.Reason": "always Shutdown when it waits", "exit.Watch": ended, "exit.Addr": ended, "exit.Passed": ended,
		"mmu": cache, "code": cache, "decoder": cache, "breakVersion": cache,
		"ram": wiring, "ramBase": wiring, "ramSize": wiring, "clock": wiring,
		"raised": debugger, "toUser": debugger, "orders": debugger, "until": debugger, "stops": debugger, "watched": debugger,
		"requested": "the host's",
		"reported":  "the host's: what the log has said",
	}
	statetest.Complete(t, newBoard(t, 1<<20, noBus{}).CPU, reasons)
}

// TestStateRoundTrip gives every field that is visited a random value and loads it into another CPU.
func TestStateRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		a, b := newBoard(t, 1<<20, noBus{}).CPU, newBoard(t, 1<<20, noBus{}).CPU
		scramble(a, rng)
		a.irq, a.toUser = rng.IntN(2) == 0, true
		for i := range a.timer {
			a.timer[i].ctl, a.timer[i].cval = rng.Uint64N(4), rng.Uint64()
		}
		was := saved(t, a)
		if err := snapshot.Load(bytes.NewReader([]byte(was)), b.State); err != nil {
			t.Fatal(err)
		}
		if saved(t, b) != was {
			t.Fatal("what was loaded is another state")
		}
		if b.spBad != a.spBad || b.fpTrap != a.fpTrap || b.selfHosted != a.selfHosted || b.fp != a.fp || b.spOf(0) != a.spOf(0) || b.spOf(1) != a.spOf(1) || b.toUser {
			t.Fatal("what follows from the state was not worked out")
		}
		// Borrowed and given back, the CPU is as it was, but for its interrupt input and timers.
		kept := a.Capture()
		scramble(a, rng)
		a.toUser = false
		a.Restore(kept)
		if saved(t, a) != was || !a.toUser || b.spBad != a.spBad || b.fpTrap != a.fpTrap || b.fp != a.fp {
			t.Fatal("the CPU was not given back as it was")
		}
	}
}

func saved(t *testing.T, c *CPU) string {
	t.Helper()
	var file bytes.Buffer
	if err := snapshot.Save(&file, c.State); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// scramble gives the CPU's own state random values that it could have.
func scramble(c *CPU, rng *rand.Rand) {
	flip := func() bool { return rng.IntN(2) == 0 }
	for i := range 31 {
		c.x[i] = rng.Uint64()
	}
	c.sp = [2]uint64{rng.Uint64() >> 1 << 1, rng.Uint64()}
	c.el, c.spsel = uint8(rng.IntN(2)), false
	if c.el == 1 {
		c.spsel = flip()
	}
	c.x[regSP] = c.sp[c.spBank()]
	c.setFlags(uint8(rng.IntN(16)))
	c.pc, c.daif, c.pan, c.il, c.ss = rng.Uint64(), rng.Uint64()&daifMask, flip(), flip(), flip()
	for i := range c.v {
		c.v[i] = vreg{rng.Uint64(), rng.Uint64()}
	}
	c.fp.setFPCR(rng.Uint64())
	c.fp.setFPSR(rng.Uint64())
	c.sys.state(random(rng))
	c.monitor = monitor{flip(), rng.Uint64(), rng.Uint64N(17)}
	c.stepped, c.halted = rng.Uint64(), flip()
	c.lastException.now, c.lastException.vector = rng.Uint64(), rng.Uint64()
	c.exiting, c.exit = false, cpu.Exit{Reason: cpu.Shutdown}
	if rng.IntN(4) == 0 {
		c.exiting, c.exit.Detail = true, "exception loop"
	}
	c.selfHostedChanged()
	c.contextChanged()
}

// random is a visitor that gives each number a random value.
func random(rng *rand.Rand) *snapshot.Visitor {
	return snapshot.NewTrace(func(_ string, p any) {
		switch p := p.(type) {
		case *uint64:
			*p = rng.Uint64()
		case []uint64:
			for i := range p {
				p[i] = rng.Uint64()
			}
		}
	})
}

func BenchmarkCapture(b *testing.B) {
	m := newBoard(b, 1<<20, noBus{})
	for b.Loop() {
		m.Restore(m.Capture())
	}
}
