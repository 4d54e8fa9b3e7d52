package process

import (
	"slices"

	"forkscope/machine/cpu"
)

// execNumbers are the numbers of execve and execveat.
func (s *scene) execNumbers() [2]int {
	return [2]int{s.guest.OS.Syscall("execve"), s.guest.OS.Syscall("execveat")}
}

// executes says whether a system call's number is one by which a program executes another.
func (s *scene) executes(n int) bool {
	numbers := s.execNumbers()
	return slices.Contains(numbers[:], n)
}

// followed are the system calls before which the processor is to stop.
func (s *scene) followed() *cpu.SyscallSet {
	if s.set.calls == nil {
		calls := &cpu.SyscallSet{}
		for _, n := range s.execNumbers() {
			calls.Add(uint64(n))
		}
		for _, p := range s.set.procs {
			if p.catch != nil {
				calls.Union(p.catch)
			}
		}
		s.set.calls = calls
	}
	return s.set.calls
}

// callIsNext says whether the next instruction of the program on the CPU is a system call that is followed.
func (s *scene) callIsNext() bool {
	if !s.followed().Has(s.guest.CPU().SyscallNumber()) {
		return false
	}
	return s.guest.Arch().Syscall.Is(s.guest.InstructionAt(s.guest.CPU().PC()))
}
