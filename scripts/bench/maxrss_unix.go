//go:build unix

package main

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// maxRSS is the peak of an ended process's resident memory, in bytes, as wait4 reports it. On Linux it is never less
// than this process's own at the moment of the start, which is well below an emulator's.
func maxRSS(s *os.ProcessState) (uint64, error) {
	u, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("the host does not report the use of memory")
	}
	unit := uint64(1024)
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return uint64(u.Maxrss) * unit, nil
}
