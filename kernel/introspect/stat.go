package introspect

import "fmt"

// Stat holds what the kernel counts about a task, as /proc/PID/stat and /proc/PID/status show it.
type Stat struct {
	// Parent is a process's number; Group and Session are those of process groups and sessions.
	Parent, Group, Session int32
	// Threads is how many the process has; Nice from -20 to 19; ExitSignal is -1 for a thread.
	Threads, Nice, ExitSignal int64
	// StartTime is when it was made, in nanoseconds since boot. Own is the task's, and Children of those waited for.
	StartTime     uint64
	Own, Children Used
	// Switches the task asked for, and those it did not.
	Voluntary, Involuntary uint64
	// UID and GID are real, effective, saved, and that for file access.
	UID, GID [4]uint32
	// Umask is -1 when the task has let go of its directories, and FDSize 0 of its files.
	Umask  int64
	FDSize uint64
	// RSSLimit in bytes.
	RSSLimit uint64
	Signals  Signals
	// MM is nil without an address space.
	MM *Space
}

// Used is what running has taken.
type Used struct {
	// User and System are times in nanoseconds, in user mode and in the kernel.
	User, System uint64
	// Page faults without and with a wait for a device.
	MinFaults, MajFaults uint64
}

// Signals are those that wait for the thread and the process, are blocked, ignored, and have a handler.
type Signals struct {
	Pending, Shared, Blocked, Ignored, Caught SignalMask
}

// Space holds what the kernel counts about an address space.
type Space struct {
	// Sizes in pages: all ranges, at most so far, locked, and those of data, code and stacks.
	Total, Peak, Locked, Data, Exec, Stack uint64
	// RSS is how many pages are present, PeakRSS at most so far; Tables those of the page table.
	RSS, PeakRSS, Tables uint64
	// Where the program's parts are.
	StartCode, EndCode, StartData, EndData, StartBrk, Brk, StartStack, ArgStart, ArgEnd, EnvStart, EnvEnd uint64
}

// Stat reads what the kernel counts about a task. Times are as of the last switch between user mode and the kernel.
func (k *Kernel) Stat(t *Task) (*Stat, error) {
	r := &reader{k: k}
	task := func(m member) uint64 { return r.get(t.Addr, m) }
	s := &Stat{
		Nice: r.int(t.Addr, taskPrio), ExitSignal: r.int(t.Addr, taskExitSignal), Threads: 1, Umask: -1,
		Own:       Used{User: task(taskUTime), System: task(taskSTime), MinFaults: task(taskMinFaults), MajFaults: task(taskMajFaults)},
		StartTime: task(taskStart), Voluntary: task(taskVoluntary), Involuntary: task(taskInvoluntary),
		Signals: Signals{Pending: SignalMask(task(taskPending)), Blocked: SignalMask(task(taskBlocked))},
	}
	for i, m := range []member{taskUID, taskEUID, taskSUID, taskFSUID} {
		s.UID[i] = uint32(task(m))
	}
	for i, m := range []member{taskGID, taskEGID, taskSGID, taskFSGID} {
		s.GID[i] = uint32(task(m))
	}
	if t.Parent != 0 {
		s.Parent = int32(r.get(t.Parent, taskTGID))
	}
	s.Group, s.Session = r.pidOf(t.Leader, k.Profile.numbers.pidGroup), r.pidOf(t.Leader, k.Profile.numbers.pidSession)
	if sig := task(taskSignal); sig != 0 && r.err == nil {
		r.processStat(s, sig)
	}
	if hand := task(taskHandlers); hand != 0 && r.err == nil {
		r.handlers(s, hand)
	}
	if fs := task(taskFS); fs != 0 && r.err == nil {
		s.Umask = r.int(fs, dirsUmask)
	}
	if files := task(taskFiles); files != 0 && r.err == nil {
		s.FDSize = r.get(files, filesCount)
	}
	if t.MM != 0 {
		s.MM = r.space(t.MM)
	}
	if r.err != nil {
		return nil, fmt.Errorf("figures of task %d: %w", t.PID, r.err)
	}
	return s, nil
}

// pidOf is the number of the process group or session of a leader.
func (r *reader) pidOf(leader uint64, kind int64) int32 {
	link := r.at(leader, taskPIDs) + uint64(kind)*r.size(sizePIDLink)
	return int32(r.get(r.get(link, linkPID), pidNumber))
}

func (r *reader) processStat(s *Stat, sig uint64) {
	get := func(m member) uint64 { return r.get(sig, m) }
	s.Threads = r.int(sig, signalThreads)
	s.Children = Used{User: get(signalUTime), System: get(signalSTime), MinFaults: get(signalMinFaults), MajFaults: get(signalMajFaults)}
	s.Signals.Shared = SignalMask(get(signalPending))
	const rlimitRSS = 5 // RLIMIT_RSS of every Linux
	limit := r.at(sig, signalLimits) + rlimitRSS*r.size(sizeLimit)
	s.RSSLimit = r.get(limit, limitCurrent)
}

// handlers finds which signals are ignored (handler 1, SIG_IGN) and which have a handler.
func (r *reader) handlers(s *Stat, hand uint64) {
	action := r.field(handlersAction)
	size := r.size(sizeAction)
	for i := uint64(0); i < uint64(action.Size)/max(size, 1) && r.err == nil; i++ {
		switch r.get(hand+uint64(action.Offset)+i*size, actionHandler) {
		case 0:
		case 1:
			s.Signals.Ignored |= 1 << i
		default:
			s.Signals.Caught |= 1 << i
		}
	}
}

func (r *reader) space(mm uint64) *Space {
	get := func(m member) uint64 { return r.get(mm, m) }
	return &Space{
		Total: get(mmTotal), Peak: get(mmPeak), Locked: get(mmLocked), Data: get(mmData), Exec: get(mmExec), Stack: get(mmStack),
		RSS: get(mmRSS), PeakRSS: get(mmPeakRSS), Tables: get(mmPTEs) + get(mmPMDs),
		StartCode: get(mmStartCode), EndCode: get(mmEndCode), StartData: get(mmStartData), EndData: get(mmEndData),
		StartBrk: get(mmStartBrk), Brk: get(mmBrk), StartStack: get(mmStartStack),
		ArgStart: get(mmArgStart), ArgEnd: get(mmArgEnd), EnvStart: get(mmEnvStart), EnvEnd: get(mmEnvEnd),
	}
}

// Blocked is the mask of the signals that the task does not take now.
func (k *Kernel) Blocked(t *Task) (SignalMask, error) {
	r := &reader{k: k}
	return SignalMask(r.get(t.Addr, taskBlocked)), r.err
}

// StateLetter is the state as /proc/PID/stat has it, and StateWord what /proc/PID/status says beside it.
func (t *Task) StateLetter() byte {
	switch {
	case t.ExitState == exitZombie:
		return 'Z'
	case t.ExitState != 0:
		return 'X'
	case t.State&stateStopped != 0:
		return 'T'
	case t.State&stateUninterrupt != 0:
		return 'D'
	case t.State&stateInterrupt != 0:
		return 'S'
	}
	return 'R'
}

// StateWord explains StateLetter.
func (t *Task) StateWord() string {
	switch t.StateLetter() {
	case 'Z':
		return "zombie"
	case 'X':
		return "dead"
	case 'T':
		return "stopped"
	case 'D':
		return "disk sleep"
	case 'S':
		return "sleeping"
	}
	return "running"
}

// SignalMask has bit n-1 for signal n.
type SignalMask uint64

// Has says whether the guest's signal number is in the mask.
func (m SignalMask) Has(signal int) bool { return signal > 0 && m>>(signal-1)&1 != 0 }

// SiginfoSize is the size in bytes of siginfo_t.
const SiginfoSize = 128
