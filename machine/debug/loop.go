package debug

import (
	"context"

	"forkscope/gdbstub"
	"forkscope/machine"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
)

// A line that loops for long, such as one that waits for another task to write a variable, is not stepped to its end:
// that would be slow, and with interrupts held off the other task would never run. Once the loop is known, the guest
// runs at full speed, interrupts and other tasks included, until the task is about to execute something else.
const (
	loopSettles = 10_000 // steps in the range after which the loop is taken to go round
	loopKnown   = 20_000 // steps after which the instructions seen since then are taken to be the loop
	// loopWindow is how far behind and before the loop, in bytes, an instruction that leaves it can jump to: about the
	// longest function. What leaves a range further away is a call, and the call itself is outside of the loop.
	loopWindow = 64 << 10
)

// loop is what a step over a range knows of the instructions in it.
type loop struct {
	steps      int
	seen       map[uint64]bool // bytes of the instructions executed since the loop settled, as far as it is sure
	last       uint64          // address of the one before
	low, high  uint64          // the lowest and highest of them
	sp         uint64          // the lowest stack pointer
	privileged bool
}

// note takes the CPU's present place into account, and says whether the loop is known.
func (l *loop) note(d *Debugger) bool {
	l.steps++
	if l.steps < loopSettles {
		return false
	}
	pc, sp := d.cpu.PC(), littleEndian(d.register(d.sp))
	if l.steps == loopSettles || d.cpu.Privileged() != l.privileged {
		*l = loop{steps: loopSettles, seen: make(map[uint64]bool), last: pc, low: pc, high: pc, sp: sp, privileged: d.cpu.Privileged()}
	}
	if !l.seen[pc] {
		l.seen[pc] = true
		l.low, l.high = min(l.low, pc), max(l.high, pc)
	}
	if d.machine.Arch() == machine.I386 && pc != l.last && !l.seen[l.last+1] {
		for i := range uint64(lengthX86(d.bytesAt(l.last), pc-l.last)) {
			l.seen[l.last+i] = true
		}
	}
	l.last, l.sp = pc, min(l.sp, sp)
	return l.steps >= loopKnown
}

// bytesAt reads the beginning of the instruction at va; it is shorter where memory ends.
func (d *Debugger) bytesAt(va uint64) []byte {
	b := d.scratch[:maxLengthX86]
	n, err := d.transfer(d.cpu.Space(), va, b, d.machine.RAM().Read)
	if err != nil {
		n = 0
	}
	return b[:n]
}

const maxLengthX86 = 15

// lengthX86 gives the length of the instruction in b, which is followed in execution by the one at distance from it, or 1
// when that is not sure. Bytes inside of instructions need no breakpoints, and the CPU runs faster without. (Intel SDM
// volume 2, appendix A.)
func lengthX86(b []byte, distance uint64) int {
	n := 0
	for n < len(b) && (b[n] == 0x2e || b[n] == 0x3e || b[n] == 0xf2) {
		n++ // branch hints and bnd
	}
	if n+1 >= len(b) {
		return 1
	}
	op, second := b[n], b[n+1]
	group := second >> 3 & 7
	switch {
	case op >= 0x70 && op <= 0x7f, op >= 0xe0 && op <= 0xe3, op == 0xeb:
		return n + 2
	case op == 0xe9:
		return n + 5
	case op == 0x0f && second >= 0x80 && second <= 0x8f:
		return n + 6
	case op == 0xff && group >= 2 && group <= 5, op == 0xc2, op == 0xc3, op == 0x66, op == 0x67:
		return 1 // an indirect jump or call, a return, or a jump of an unusual form
	case distance <= maxLengthX86:
		return int(distance) // no jump: the next one follows it
	}
	return 1
}

// leave lets the guest run until the task is at an instruction near the loop but not in it. The same code reached in an
// interrupt or a signal handler, which use the stack below the loop's, does not count, nor does another task.
func (d *Debugger) leave(ctx context.Context, id gdbstub.ThreadID, l *loop) (gdbstub.Stop, bool) {
	step := uint64(1)
	if d.machine.Arch() == machine.ARM64 {
		step = 4
	}
	start, end := l.low-min(l.low, loopWindow), l.high+loopWindow
	area := cpu.NewArea(start, end)
	area.Privileged, area.SP = l.privileged, l.sp
	for va := range l.seen {
		area.Add(va, step)
	}
	d.orders.Outside = area
	defer func() { d.orders.Outside = nil }()
	d.orders.Hold = false
	return d.run(ctx, clock.Never, func(pc uint64) bool {
		return pc >= start && pc < end && !l.seen[pc] && d.cpu.Privileged() == l.privileged &&
			d.onCPU() == id && littleEndian(d.register(d.sp)) >= l.sp
	})
}
