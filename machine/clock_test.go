package machine

import (
	"bytes"
	"fmt"
	"forkscope/machine/cpu"
	"strings"
	"testing"

	"forkscope/machine/clock"
	"forkscope/machine/cpu/arch"
)

// TestSlowClock runs busy processes that take turns at the timer's interrupts, with instructions of several lengths. The longer one takes, the fewer
// make the same time; the run is the same in one piece and in pieces, whose limits need not be a whole number of instructions.
func TestSlowClock(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			var last uint64
			for _, per := range []uint64{1, 7, 100} {
				run := func(slice uint64) (m *Machine, console string) {
					var out bytes.Buffer
					m = bootConfig(t, Config{Arch: arch, Cmdline: words("preempt"), Console: &out, Clock: per})
					for limit := slice; ; limit += slice {
						if s := m.Run(cpu.UntilTime(limit)); s.Reason == PowerOff && s.Status == 0 {
							break
						} else if s.Reason != Limit {
							t.Fatalf("%+v; console:\n%s", s, out.String())
						}
					}
					return m, out.String()
				}
				whole, console := run(60 * clock.Hz)
				if !strings.Contains(console, "preempt: ok") {
					t.Fatalf("%d ns: console:\n%s", per, console)
				}
				parts, _ := run(per*100_003 - per/2)
				if whole.Digest() != parts.Digest() {
					t.Errorf("%d ns: in pieces the end is at %v, in one piece at %v", per, parts.Clock().Mark(), whole.Clock().Mark())
				}
				mark := whole.Clock().Mark()
				if now := whole.Clock().Now(); now != mark.Retired*per+mark.Skipped {
					t.Errorf("%d ns: the time is %d at %v", per, now, mark)
				}
				if last > 0 && mark.Retired*2 > last {
					t.Errorf("%d ns: %d instructions, %d when one was shorter", per, mark.Retired, last)
				}
				last = mark.Retired
			}
		})
	}
}

func TestClockOutOfRange(t *testing.T) {
	_, err := New(Config{Arch: "i386", Clock: clock.MostPerInstruction + 1})
	if want := fmt.Sprintf("clock: an instruction can take 1 to %d ns, not %d", clock.MostPerInstruction, clock.MostPerInstruction+1); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
