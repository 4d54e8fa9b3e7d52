package process

import "forkscope/machine/cpu"

// executes says whether a system call's number is one by which a program executes another.
func (s *scene) executes(n int) bool {
	call := &s.guest.Arch().Syscall
	return n >= 0 && (uint64(n) == call.Execve || uint64(n) == call.Execveat)
}

// followed are the system calls before which the processor is to stop.
func (s *scene) followed() *cpu.SyscallSet {
	if s.set.calls == nil {
		calls := &cpu.SyscallSet{}
		calls.Add(s.guest.Arch().Syscall.Execve)
		calls.Add(s.guest.Arch().Syscall.Execveat)
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
