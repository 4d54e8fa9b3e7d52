package introspect

import (
	"debug/elf"
	"fmt"
)

// Stat holds what the kernel counts about a task, as /proc/PID/stat and /proc/PID/status show it.
type Stat struct {
	// Parent is a process's number; Group and Session are those of process groups and sessions.
	Parent, Group, Session int32
	// Threads is how many the process has; Nice from -20 to 19; ExitSignal is -1 for a thread.
	Threads, Nice, ExitSignal int64
	// UTime, STime and those of children waited for, and StartTime since boot, are nanoseconds.
	UTime, STime, CUTime, CSTime, StartTime uint64
	// Faults with and without a wait for a device, and of children waited for.
	MinFaults, MajFaults, CMinFaults, CMajFaults uint64
	// Switches the task asked for, and those it did not.
	Voluntary, Involuntary uint64
	// UID and GID are real, effective, saved, and that for file access.
	UID, GID [4]uint32
	// Umask is -1 when the task has let go of its directories, and FDSize 0 of its files.
	Umask  int64
	FDSize uint64
	// RSSLimit in bytes.
	RSSLimit uint64
	// Signals, by numbers, that wait for the thread and the process, are blocked, ignored, and have a handler.
	Pending, Shared, Blocked, Ignored, Caught SignalMask
	// MM is nil without an address space.
	MM *Space
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

// Linux's enum pid_type.
const (
	pidTypeGroup   = 1
	pidTypeSession = 2
)

// Stat reads what the kernel counts about a task. Times are as of the last switch between user mode and the kernel.
func (k *Kernel) Stat(t *Task) (*Stat, error) {
	r := &reader{k: k}
	task := func(path string) uint64 { return r.get(t.Addr, "task_struct", path) }
	s := &Stat{
		Nice: r.int(t.Addr, "task_struct", "prio"), ExitSignal: r.int(t.Addr, "task_struct", "exit_signal"), Threads: 1, Umask: -1,
		UTime: task("utime"), STime: task("stime"), StartTime: task("start_time"),
		MinFaults: task("min_flt"), MajFaults: task("maj_flt"), Voluntary: task("nvcsw"), Involuntary: task("nivcsw"),
		Pending: SignalMask(task("pending.signal")), Blocked: SignalMask(task("blocked")),
	}
	for i, name := range []string{"uid", "euid", "suid", "fsuid"} {
		s.UID[i] = uint32(task(name))
	}
	for i, name := range []string{"gid", "egid", "sgid", "fsgid"} {
		s.GID[i] = uint32(task(name))
	}
	if t.Parent != 0 {
		s.Parent = int32(r.get(t.Parent, "task_struct", "tgid"))
	}
	s.Group, s.Session = r.pidOf(t.Leader, pidTypeGroup), r.pidOf(t.Leader, pidTypeSession)
	if sig := task("signal"); sig != 0 && r.err == nil {
		r.processStat(s, sig)
	}
	if hand := task("sighand"); hand != 0 && r.err == nil {
		r.handlers(s, hand)
	}
	if fs := task("fs"); fs != 0 && r.err == nil {
		s.Umask = r.int(fs, "fs_struct", "umask")
	}
	if files := task("files"); files != 0 && r.err == nil {
		s.FDSize = r.get(files, "files_struct", "max_fds")
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
	link := r.at(leader, "task_struct", "pids") + uint64(kind)*r.size("pid_link")
	return int32(r.get(r.get(link, "pid_link", "pid"), "pid", "nr"))
}

func (r *reader) processStat(s *Stat, sig uint64) {
	get := func(path string) uint64 { return r.get(sig, "signal_struct", path) }
	s.Threads = r.int(sig, "signal_struct", "nr_threads")
	s.CMinFaults, s.CMajFaults = get("cmin_flt"), get("cmaj_flt")
	s.CUTime, s.CSTime = get("cutime"), get("cstime")
	s.Shared = SignalMask(get("shared_pending.signal"))
	const rlimitRSS = 5 // RLIMIT_RSS of every Linux
	limit := r.at(sig, "signal_struct", "rlim") + rlimitRSS*r.size("rlimit")
	s.RSSLimit = r.get(limit, "rlimit", "rlim_cur")
}

// handlers finds which signals are ignored (handler 1, SIG_IGN) and which have a handler.
func (r *reader) handlers(s *Stat, hand uint64) {
	action := r.field("sighand_struct", "action")
	size := r.size("k_sigaction")
	for i := uint64(0); i < uint64(action.Size)/max(size, 1) && r.err == nil; i++ {
		switch r.get(hand+uint64(action.Offset)+i*size, "k_sigaction", "sa.sa_handler") {
		case 0:
		case 1:
			s.Ignored |= 1 << i
		default:
			s.Caught |= 1 << i
		}
	}
}

func (r *reader) space(mm uint64) *Space {
	get := func(path string) uint64 { return r.get(mm, "mm_struct", path) }
	return &Space{
		Total: get("total_vm"), Peak: get("hiwater_vm"), Locked: get("locked_vm"), Data: get("data_vm"), Exec: get("exec_vm"), Stack: get("stack_vm"),
		RSS: get("rss"), PeakRSS: get("hiwater_rss"), Tables: get("nr_ptes") + get("nr_pmds"),
		StartCode: get("start_code"), EndCode: get("end_code"), StartData: get("start_data"), EndData: get("end_data"),
		StartBrk: get("start_brk"), Brk: get("brk"), StartStack: get("start_stack"),
		ArgStart: get("arg_start"), ArgEnd: get("arg_end"), EnvStart: get("env_start"), EnvEnd: get("env_end"),
	}
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

// Resident counts the pages of a range that are present, and among them the anonymous ones, which are no page of a file: what
// a write to private memory has made. The page of zeros that untouched memory shares counts as neither.
func (k *Kernel) Resident(t *Task, m *Mapping) (present, anonymous uint64, err error) {
	r := &reader{k: k}
	zero := r.framePhys(r.global("empty_zero_page"))
	root, err := k.PageTable(t)
	if err != nil {
		return 0, 0, err
	}
	format := tables(k.Image.Machine)
	var walk func(table uint64, level int, start, end uint64)
	walk = func(table uint64, level int, start, end uint64) {
		shift := format.shifts[level]
		size := k.Image.PointerSize
		entries := r.bytes(table, uint64(size)<<format.bits)
		for va := start; va < end && r.err == nil; {
			next := min((va>>shift+1)<<shift, end)
			i := int(va >> shift & (1<<format.bits - 1))
			entry := k.value(entries, Field{Offset: int64(i * size), Size: int64(size)})
			phys := entry & format.address
			switch {
			case entry == 0 || shift == 12 && phys == zero:
			case shift != 12:
				walk(k.Linear(phys), level+1, va, next)
			default:
				present++
				file := Page{}
				if m.fault {
					file, _ = r.inodePage(r.get(m.file, "file", "f_inode"), (va-m.Start+m.Offset)/pageSize)
				}
				if file.Addr == 0 || file.Phys != phys {
					anonymous++
				}
			}
			va = next
		}
	}
	walk(root, 0, m.Start, m.End)
	if r.err != nil {
		return 0, 0, fmt.Errorf("pages of task %d: %w", t.PID, r.err)
	}
	return present, anonymous, nil
}

// framePhys is the physical address of the frame that a struct page is for.
func (r *reader) framePhys(page uint64) uint64 {
	first, size := r.global("mem_map"), r.size("page")
	return (r.global("min_low_pfn") + (page-first)/max(size, 1)) * pageSize
}

// Bits is the width of the guest's long.
func (k *Kernel) Bits() int {
	if k.Image.Machine == elf.EM_AARCH64 {
		return 64
	}
	return 32
}
