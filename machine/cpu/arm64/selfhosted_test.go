package arm64

import (
	"testing"

	"forkscope/machine/cpu"
)

const (
	hostedCode    = testBase + 0x1000
	hostedVectors = testBase + 0x2000
)

// TestGuestAndDebuggerBreak puts the guest's breakpoint and the debugger's at one instruction: the debugger stops first, its step over takes the
// guest's exception, and no other instruction of the page is kept from running.
func TestGuestAndDebuggerBreak(t *testing.T) {
	for _, tt := range []struct {
		name  string
		guest bool
		want  uint64 // PC after the step over
	}{
		{"the debugger's alone", false, hostedCode + 12},
		{"both", true, 0x200 + hostedVectors},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBoard(t, 1<<20, nil)
			for i := range uint64(8) {
				b.code(hostedCode+4*i, 0x91000400) // add x0, x0, #1
			}
			b.code(hostedVectors+0x200, 0x14000000) // b .
			b.sys.vbar, b.daif, b.sys.oslock = hostedVectors, 0, 0
			if tt.guest {
				b.sys.mdscr = mdscrMDE | mdscrKDE
				b.sys.dbgbvr[2], b.sys.dbgbcr[2] = hostedCode+8, 1|3<<dbgPrivilege|15<<dbgBAS
			}
			b.selfHostedChanged()
			b.o.Breaks.Add(hostedCode + 8)
			b.SetPC(hostedCode)
			if e := b.Run(100); e.Reason != cpu.Break || b.PC() != hostedCode+8 || b.X(0) != 2 {
				t.Fatalf("%v at %#x, x0 %d", e.Reason, b.PC(), b.X(0))
			}
			b.o.Pass = true
			b.Run(b.clock.Retired + 1)
			if tt.guest && b.sys.elr != hostedCode+8 {
				t.Errorf("ELR %#x", b.sys.elr)
			}
			if b.PC() != tt.want {
				t.Errorf("PC %#x, want %#x", b.PC(), tt.want)
			}
		})
	}
}

// TestGuestWatchSeesFilledPages sets a watchpoint on a page that has been accessed before, and takes it away again.
func TestGuestWatchSeesFilledPages(t *testing.T) {
	b := newBoard(t, 1<<20, nil)
	for i := range uint64(4) {
		b.code(hostedCode+4*i, 0xf9400022) // ldr x2, [x1]
	}
	b.sys.vbar, b.daif, b.sys.oslock, b.sys.mdscr = hostedVectors, 0, 0, mdscrMDE|mdscrKDE
	b.SetX(1, hostedCode+0x8000)
	b.SetPC(hostedCode)
	b.Run(1)
	b.sys.dbgwvr[3], b.sys.dbgwcr[3] = hostedCode+0x8000, 1|3<<dbgPrivilege|1<<dbgLSC|0xff<<dbgBAS
	b.selfHostedChanged()
	b.code(hostedVectors+0x200, 0xd69f03e0) // eret
	b.Run(2)
	if b.sys.esr>>26 != ecWatchLower+1 || b.sys.far != hostedCode+0x8000 || b.sys.elr != hostedCode+4 {
		t.Errorf("ESR %#x FAR %#x ELR %#x", b.sys.esr, b.sys.far, b.sys.elr)
	}
	b.sys.dbgwcr[3] = 0
	b.selfHostedChanged()
	b.Run(5)
	if b.PC() <= hostedCode+4 || b.PC() > hostedCode+16 {
		t.Errorf("PC %#x", b.PC())
	}
}
