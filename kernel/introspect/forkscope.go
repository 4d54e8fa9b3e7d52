package introspect

import "debug/elf"

// forkscope is the profile of the kernel in this repository, whose names are those of the Linux versions that kernel/README.md tells of.
var forkscope = Profile{
	Family:     "forkscope",
	SendSignal: "send_sig_info", ReturnPoint: "start_kernel", Panic: "panic",
	hooks: map[string]Hook{
		"wake_up_new_task": HookCreated,
		"do_exit":          HookExit,
		"dequeue_signal":   HookSignalSought,
		"sig_ignored":      HookSignalJudged,
		"sig_fatal":        HookSignalJudged,
	},
	takesSignals: "get_signal",
	findTask:     (*reader).hashedTask,
	numbers:      numbers{groupExit: 4, unhashed: 1, pseudo: 2, noExec: 8, pidGroup: 1, pidSession: 2, minorBits: 8, flags: [...]uint{FlagSignal: 0, FlagYield: 1}},
	variables: [variableCount]string{
		initTask: "init_task", initStack: "init_thread_union", retFromFork: "ret_from_fork", pidHash: "pid_hash", initFS: "init_fs",
		zeroPage: "empty_zero_page", memMap: "mem_map", minLowPFN: "min_low_pfn", irqDesc: "irq_desc", mounts: "mounts", mountCount: "nr_mounts",
		runQueue: "runqueue", threadCount: "nr_threads", forkCount: "total_forks",
	},
	structures: [structureCount]string{
		sizeTask: "task_struct", sizePtRegs: "pt_regs", sizePIDLink: "pid_link", sizeLimit: "rlimit", sizeAction: "k_sigaction",
		sizePage: "page", sizeIRQ: "irqaction",
	},
	members:  forkscopeMembers,
	machines: map[elf.Machine]*machineNames{elf.EM_386: &forkscope386, elf.EM_AARCH64: &forkscopeARM64, elf.EM_X86_64: &forkscopeX8664},
}

var forkscopeMembers = [memberCount]string{
	threadInfoTask: "thread_info.task",

	taskState: "task_struct.state", taskExitState: "task_struct.exit_state", taskExitCode: "task_struct.exit_code",
	taskFlags: "task_struct.flags", taskStack: "task_struct.stack", taskPID: "task_struct.pid", taskTGID: "task_struct.tgid",
	taskComm: "task_struct.comm", taskMM: "task_struct.mm", taskTasks: "task_struct.tasks", taskThreads: "task_struct.thread_group",
	taskLeader: "task_struct.group_leader", taskParent: "task_struct.real_parent", taskPrio: "task_struct.prio",
	taskExitSignal: "task_struct.exit_signal", taskUTime: "task_struct.utime", taskSTime: "task_struct.stime",
	taskStart: "task_struct.start_time", taskMinFaults: "task_struct.min_flt", taskMajFaults: "task_struct.maj_flt",
	taskVoluntary: "task_struct.nvcsw", taskInvoluntary: "task_struct.nivcsw", taskPending: "task_struct.pending.signal",
	taskBlocked: "task_struct.blocked", taskUID: "task_struct.uid", taskEUID: "task_struct.euid", taskSUID: "task_struct.suid",
	taskFSUID: "task_struct.fsuid", taskGID: "task_struct.gid", taskEGID: "task_struct.egid", taskSGID: "task_struct.sgid",
	taskFSGID: "task_struct.fsgid", taskPIDs: "task_struct.pids", taskSignal: "task_struct.signal", taskHandlers: "task_struct.sighand",
	taskFS: "task_struct.fs", taskFiles: "task_struct.files", taskVForkDone: "task_struct.vfork_done",

	pidNumber: "pid.nr", pidChain: "pid.pid_chain", pidTasks: "pid.tasks", linkNode: "pid_link.node", linkPID: "pid_link.pid",

	signalThreads: "signal_struct.nr_threads", signalMinFaults: "signal_struct.cmin_flt", signalMajFaults: "signal_struct.cmaj_flt",
	signalUTime: "signal_struct.cutime", signalSTime: "signal_struct.cstime", signalPending: "signal_struct.shared_pending.signal",
	signalLimits: "signal_struct.rlim", signalFlags: "signal_struct.flags", signalExitCode: "signal_struct.group_exit_code",
	limitCurrent: "rlimit.rlim_cur", handlersAction: "sighand_struct.action", actionHandler: "k_sigaction.sa.sa_handler",

	mmPGD: "mm_struct.pgd", mmRanges: "mm_struct.mmap", mmExe: "mm_struct.exe_file", mmStartBrk: "mm_struct.start_brk", mmBrk: "mm_struct.brk",
	mmStartStack: "mm_struct.start_stack", mmArgStart: "mm_struct.arg_start", mmArgEnd: "mm_struct.arg_end", mmEnvStart: "mm_struct.env_start",
	mmEnvEnd: "mm_struct.env_end", mmAuxv: "mm_struct.saved_auxv", mmTotal: "mm_struct.total_vm", mmPeak: "mm_struct.hiwater_vm",
	mmLocked: "mm_struct.locked_vm", mmData: "mm_struct.data_vm", mmExec: "mm_struct.exec_vm", mmStack: "mm_struct.stack_vm", mmRSS: "mm_struct.rss",
	mmPeakRSS: "mm_struct.hiwater_rss", mmPTEs: "mm_struct.nr_ptes", mmPMDs: "mm_struct.nr_pmds", mmStartCode: "mm_struct.start_code",
	mmEndCode: "mm_struct.end_code", mmStartData: "mm_struct.start_data", mmEndData: "mm_struct.end_data",

	rangeStart: "vm_area_struct.vm_start", rangeEnd: "vm_area_struct.vm_end", rangeFlags: "vm_area_struct.vm_flags", rangeFile: "vm_area_struct.vm_file",
	rangeOps: "vm_area_struct.vm_ops", rangeOffset: "vm_area_struct.vm_pgoff", rangeNext: "vm_area_struct.vm_next", opsFault: "vm_operations_struct.fault",

	fileName: "file.f_dentry", fileInode: "file.f_inode", filePosition: "file.f_pos", fileFlags: "file.f_flags",
	inodeFS: "inode.i_sb", inodeNumber: "inode.i_ino", inodeMode: "inode.i_mode", inodeSize: "inode.i_size", inodePages: "inode.i_pages",
	inodePageCount: "inode.i_nr_pages", inodePrivate: "inode.i_private",
	fsDevice: "super_block.s_dev", fsType: "super_block.s_type", fsFlags: "super_block.s_flags", fsRoot: "super_block.s_root",

	nameFlags: "dentry.d_flags", nameText: "dentry.d_name", nameLength: "dentry.d_len", nameParent: "dentry.d_parent", nameInode: "dentry.d_inode",
	nameCovers: "dentry.d_mountpoint", nameMounted: "dentry.d_mounted", nameSibling: "dentry.d_child", nameEntries: "dentry.d_subdirs",

	dirsRoot: "fs_struct.root", dirsCurrent: "fs_struct.pwd", dirsUmask: "fs_struct.umask", filesCount: "files_struct.max_fds", filesTable: "files_struct.fd",

	irqName: "irqaction.name", irqHandler: "irqaction.handler", irqTimes: "irqaction.count", queueReady: "rq.nr_running",
}

var forkscope386 = machineNames{
	members: map[member]string{
		taskFP: "task_struct.thread.fpu", taskTLS: "task_struct.thread.tls_array", taskStackTop: "task_struct.thread.esp0",
		regsSyscall: "pt_regs.orig_eax", descriptorLow: "desc_struct.a", descriptorHigh: "desc_struct.b",
	},
	switched: []place{{"esp", "thread.esp", 0}, {"eip", "thread.eip", 0}},
	user: []place{
		{"eax", "eax", 0}, {"ecx", "ecx", 0}, {"edx", "edx", 0}, {"ebx", "ebx", 0}, {"esp", "esp", 0}, {"ebp", "ebp", 0}, {"esi", "esi", 0},
		{"edi", "edi", 0}, {"eip", "eip", 0}, {"eflags", "eflags", 0}, {"cs", "xcs", 0}, {"ss", "xss", 0}, {"ds", "xds", 0}, {"es", "xes", 0},
		{"orig_eax", "orig_eax", 0},
	},
	kept: []place{{"fs", "thread.fs", 0}, {"gs", "thread.gs", 0}},
}

var forkscopeARM64 = machineNames{
	members: map[member]string{
		taskTLS: "task_struct.thread.tp_value", regsSyscall: "pt_regs.syscallno", mmVDSO: "mm_struct.context.vdso",
	},
	switched: []place{
		{"x19", "thread.cpu_context.x19", 0}, {"x20", "thread.cpu_context.x20", 0}, {"x21", "thread.cpu_context.x21", 0},
		{"x22", "thread.cpu_context.x22", 0}, {"x23", "thread.cpu_context.x23", 0}, {"x24", "thread.cpu_context.x24", 0},
		{"x25", "thread.cpu_context.x25", 0}, {"x26", "thread.cpu_context.x26", 0}, {"x27", "thread.cpu_context.x27", 0},
		{"x28", "thread.cpu_context.x28", 0}, {"x29", "thread.cpu_context.fp", 0}, {"sp", "thread.cpu_context.sp", 0},
		{"pc", "thread.cpu_context.pc", 0},
	},
	parked: "cpu_switch_to_ret",
	user:   []place{{"x", "regs", 31}, {"sp", "sp", 0}, {"pc", "pc", 0}, {"cpsr", "pstate", 0}},
	kept:   []place{{"tpidr", "thread.tp_value", 0}},
	fp:     []place{{"v", "thread.fpsimd_state.vregs", 32}, {"fpsr", "thread.fpsimd_state.fpsr", 0}, {"fpcr", "thread.fpsimd_state.fpcr", 0}},
}

var forkscopeX8664 = machineNames{
	linear: 0xffff888000000000,
	members: map[member]string{
		taskFP: "task_struct.thread.fpu", taskTLS: "task_struct.thread.fsbase", regsSyscall: "pt_regs.orig_ax",
	},
	frame: &frameNames{"thread.sp", "inactive_task_frame", []place{
		{"rbx", "bx", 0}, {"rbp", "bp", 0}, {"r12", "r12", 0}, {"r13", "r13", 0}, {"r14", "r14", 0}, {"r15", "r15", 0}, {"rip", "ret_addr", 0},
	}},
	user: []place{
		{"rax", "ax", 0}, {"rbx", "bx", 0}, {"rcx", "cx", 0}, {"rdx", "dx", 0}, {"rsi", "si", 0}, {"rdi", "di", 0}, {"rbp", "bp", 0}, {"rsp", "sp", 0},
		{"r8", "r8", 0}, {"r9", "r9", 0}, {"r10", "r10", 0}, {"r11", "r11", 0}, {"r12", "r12", 0}, {"r13", "r13", 0}, {"r14", "r14", 0}, {"r15", "r15", 0},
		{"rip", "ip", 0}, {"eflags", "flags", 0}, {"cs", "cs", 0}, {"ss", "ss", 0}, {"orig_rax", "orig_ax", 0},
	},
	kept: []place{{"fs_base", "thread.fsbase", 0}, {"gs_base", "thread.gsbase", 0}, {"ds", "thread.ds", 0}, {"es", "thread.es", 0}, {"fs", "thread.fsindex", 0}, {"gs", "thread.gsindex", 0}},
}
