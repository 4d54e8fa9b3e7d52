package process

import "forkscope/gdbstub"

// The signals that gdb numbers differently from Linux, by Linux's numbers for i386 and arm64, which are the same
// (signal(7); gdb's include/gdb/signals.def in its manual's "Stop Reply Packets").
var linuxToDebugger = map[int]gdbstub.Signal{
	7: 10, 10: 30, 12: 31, 16: 143, 17: 20, 18: 19, 19: 17, 20: 18, 23: 16, 29: 23, 30: 32, 31: 12, 32: 77, 64: 78,
}

// debuggerToLinux is the inverse.
var debuggerToLinux = func() map[gdbstub.Signal]int {
	m := make(map[gdbstub.Signal]int)
	for n := 1; n <= 64; n++ {
		m[toDebugger(n)] = n
	}
	return m
}()

// toDebugger gives gdb's number of a signal of the guest. Signals 33 to 63 are gdb's from 45 on.
func toDebugger(n int) gdbstub.Signal {
	if s, ok := linuxToDebugger[n]; ok {
		return s
	}
	if n >= 33 && n <= 63 {
		return gdbstub.Signal(n - 33 + 45)
	}
	return gdbstub.Signal(n)
}

// toGuest gives the guest's number of a signal, 0 if it has none.
func toGuest(s gdbstub.Signal) int { return debuggerToLinux[s] }

// The guest's numbers that have a meaning here.
const (
	linuxSIGTRAP = 5
	linuxSIGKILL = 9
	linuxSIGCHLD = 17
)
