// SPDX-License-Identifier: MIT
/* Task 0: the boot stack's owner, later the idle task. Nobody forks it into being. */
#include <linux/sched.h>
#include <linux/mm.h>
#include <linux/fs.h>

static struct sighand_struct init_sighand = {
	.count = ATOMIC_INIT(1),
};

static struct signal_struct init_signals = {
	.sigcnt = ATOMIC_INIT(1),
	.live = ATOMIC_INIT(1),
	.nr_threads = 1,
	.wait_chldexit =
		__WAIT_QUEUE_HEAD_INITIALIZER(init_signals.wait_chldexit),
	.shared_pending.list = LIST_HEAD_INIT(init_signals.shared_pending.list),
	.real_timer.node = LIST_HEAD_INIT(init_signals.real_timer.node),
	.rlim = {
		[RLIMIT_CPU]	= { RLIM_INFINITY, RLIM_INFINITY },
		[RLIMIT_FSIZE]	= { RLIM_INFINITY, RLIM_INFINITY },
		[RLIMIT_DATA]	= { RLIM_INFINITY, RLIM_INFINITY },
		[RLIMIT_STACK]	= { _STK_LIM, RLIM_INFINITY },
		[RLIMIT_CORE]	= { 0, RLIM_INFINITY },
		[RLIMIT_RSS]	= { RLIM_INFINITY, RLIM_INFINITY },
		[RLIMIT_NPROC]	= { RLIM_INFINITY, RLIM_INFINITY },
		[RLIMIT_NOFILE]	= { 1024, 4096 },
		[RLIMIT_MEMLOCK] = { 65536, 65536 },
		[RLIMIT_AS]	= { RLIM_INFINITY, RLIM_INFINITY },
		[10]		= { RLIM_INFINITY, RLIM_INFINITY }, /* LOCKS */
		[11]		= { 0, 0 },		/* SIGPENDING */
		[12]		= { 819200, 819200 },	/* MSGQUEUE */
		[13]		= { 0, 0 },		/* NICE */
		[14]		= { 0, 0 },		/* RTPRIO */
		[15]		= { RLIM_INFINITY, RLIM_INFINITY }, /* RTTIME */
	},
};

struct pid init_struct_pid = {
	.count = ATOMIC_INIT(1),
	.nr = 0,
};

/* The kernel's own address space: no user part. */
struct mm_struct init_mm = {
	.pgd = swapper_pg_dir,
	.mm_users = ATOMIC_INIT(2),
	.mm_count = ATOMIC_INIT(1),
	.mmap_sem.wait = __WAIT_QUEUE_HEAD_INITIALIZER(init_mm.mmap_sem.wait),
};

struct task_struct init_task = {
	.state = TASK_RUNNING,
	.stack = &init_thread_union,
	.usage = ATOMIC_INIT(2),
	.flags = PF_KTHREAD,
	.run_list = LIST_HEAD_INIT(init_task.run_list),
	.tasks = LIST_HEAD_INIT(init_task.tasks),
	.active_mm = &init_mm,
	.real_parent = &init_task,
	.parent = &init_task,
	.children = LIST_HEAD_INIT(init_task.children),
	.sibling = LIST_HEAD_INIT(init_task.sibling),
	.group_leader = &init_task,
	.thread_group = LIST_HEAD_INIT(init_task.thread_group),
	.pids = {
		[PIDTYPE_PID] = { .pid = &init_struct_pid },
		[PIDTYPE_PGID] = { .pid = &init_struct_pid },
		[PIDTYPE_SID] = { .pid = &init_struct_pid },
	},
	.comm = "swapper",
	.fs = &init_fs,
	.files = &init_files,
	.signal = &init_signals,
	.sighand = &init_sighand,
	.pending.list = LIST_HEAD_INIT(init_task.pending.list),
	.thread = INIT_THREAD,
};

union thread_union init_thread_union
	__section(".data.init_task") __aligned(THREAD_SIZE) = {
	.thread_info = { .task = &init_task },
};
