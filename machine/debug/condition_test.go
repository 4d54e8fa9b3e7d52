package debug

import (
	"testing"

	"forkscope/gdbstub"
	"forkscope/machine/cpu/arch"
)

// TestFalseConditionAllocates: a breakpoint that is reached for nothing costs no memory, whatever it is reached by.
func TestFalseConditionAllocates(t *testing.T) {
	never, err := gdbstub.ParseAgentExpr([]byte{0x22, 0, 0x27}) // const8 0, end
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range arch.Names() { // one at a time: what others allocate is counted, too
		g := newView(t, arch, BothViews, "forkloop 1000")
		g.attach()
		stops := &gdbstub.Breakpoint{Kind: gdbstub.SoftwareBreakpoint, Thread: g.onCPU(), Address: g.symbol("copy_process")}
		if err := g.Insert(stops); err != nil {
			t.Fatal(err)
		}
		const rounds = 50
		count := func() float64 {
			for range 10 { // code is decoded
				g.resume()
			}
			return testing.AllocsPerRun(rounds, func() { g.resume() })
		}
		alone := count()
		hot := &gdbstub.Breakpoint{
			Kind: gdbstub.SoftwareBreakpoint, Thread: g.onCPU(), Address: g.symbol("handle_mm_fault"), Conditions: []*gdbstub.AgentExpr{never},
		}
		if err := g.Insert(hot); err != nil {
			t.Fatal(err)
		}
		if with := count(); with > alone {
			t.Errorf("%v allocations from one stop to the next, and %v with a false condition in between", alone, with)
		}
	}
}
