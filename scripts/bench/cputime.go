package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// clockTicks is USER_HZ, the unit of times in /proc/PID/stat: 100 a second on every Linux that Go runs on.
const clockTicks = 100

// cpuTime is how long a running process has had a processor, in seconds. Only Linux tells it.
func (p *process) cpuTime() (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("%s: CPU time: %w", p.name, err)
	}
	return cpuTimeIn(b)
}

// cpuTimeIn reads /proc/PID/stat (proc(5)): utime and stime are the 12th and 13th field after the command's name, which is in
// brackets and may hold anything.
func cpuTimeIn(stat []byte) (float64, error) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const utime = 11
	if len(fields) < utime+2 {
		return 0, fmt.Errorf("CPU time: /proc/PID/stat is %.80q", stat)
	}
	ticks := 0
	for _, f := range fields[utime : utime+2] {
		n, err := strconv.Atoi(string(f))
		if err != nil {
			return 0, fmt.Errorf("CPU time: %w", err)
		}
		ticks += n
	}
	return float64(ticks) / clockTicks, nil
}
