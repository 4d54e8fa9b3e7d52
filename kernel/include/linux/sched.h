/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/atomic.h>
#include <linux/thread_info.h>
#include <linux/irqflags.h>
#include <linux/wait.h>
#include <linux/completion.h>
#include <linux/rwsem.h>
#include <linux/signal.h>
#include <linux/pid.h>
#include <linux/time.h>
#include <linux/hrtimer.h>
#include <linux/resource.h>
#include <asm/ptrace.h>		/* struct pt_regs */
#include <asm/processor.h>	/* struct thread_struct, TASK_SIZE, STACK_TOP */

/* clone flags; the low byte is the signal sent to the parent at exit. */
#define CSIGNAL			0x000000ff
#define CLONE_VM		0x00000100
#define CLONE_FS		0x00000200
#define CLONE_FILES		0x00000400
#define CLONE_SIGHAND		0x00000800
#define CLONE_PIDFD		0x00001000
#define CLONE_PTRACE		0x00002000
#define CLONE_VFORK		0x00004000
#define CLONE_PARENT		0x00008000
#define CLONE_THREAD		0x00010000
#define CLONE_NEWNS		0x00020000
#define CLONE_SYSVSEM		0x00040000
#define CLONE_SETTLS		0x00080000
#define CLONE_PARENT_SETTID	0x00100000
#define CLONE_CHILD_CLEARTID	0x00200000
#define CLONE_UNTRACED		0x00800000
#define CLONE_CHILD_SETTID	0x01000000
#define CLONE_STOPPED		0x02000000
#define CLONE_NEWUTS		0x04000000
#define CLONE_NEWIPC		0x08000000
#define CLONE_NEWUSER		0x10000000
#define CLONE_NEWPID		0x20000000
#define CLONE_NEWNET		0x40000000

#define TASK_RUNNING		0
#define TASK_INTERRUPTIBLE	1
#define TASK_UNINTERRUPTIBLE	2
#define __TASK_STOPPED		4
#define EXIT_DEAD		16	/* exit_state */
#define EXIT_ZOMBIE		32	/* exit_state */
#define TASK_DEAD		64
#define TASK_WAKEKILL		128
#define TASK_NEW		2048
#define TASK_KILLABLE		(TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_STOPPED		(TASK_WAKEKILL | __TASK_STOPPED)
#define TASK_NORMAL		(TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

#define PF_EXITING		0x00000004
#define PF_FORKNOEXEC		0x00000040
#define PF_SUPERPRIV		0x00000100
#define PF_SIGNALED		0x00000400
#define PF_KTHREAD		0x00200000

#define TASK_COMM_LEN		16

struct mm_struct;
struct files_struct;
struct fs_struct;
struct tty_struct;
struct robust_list_head;
struct file;

/* Signal handlers; shared by tasks cloned with CLONE_SIGHAND. */
struct sighand_struct {
	atomic_t count;
	struct k_sigaction action[_NSIG];
};

#define SIGNAL_STOP_STOPPED	0x00000001
#define SIGNAL_STOP_CONTINUED	0x00000002
#define SIGNAL_GROUP_EXIT	0x00000004
#define SIGNAL_CLD_CONTINUED	0x00000020
#define SIGNAL_UNKILLABLE	0x00000040

/* Interval timers on CPU time. */
#define CPUCLOCK_PROF		0	/* in user mode and in the kernel */
#define CPUCLOCK_VIRT		1	/* in user mode */

struct cpu_itimer {
	u64 expires;			/* on that clock, ns; 0 is off */
	u64 incr;
};

/* One per thread group. */
struct signal_struct {
	atomic_t sigcnt;		/* references */
	atomic_t live;			/* threads not yet in do_exit */
	int nr_threads;
	wait_queue_head_t wait_chldexit;	/* for wait4 */
	struct task_struct *curr_target;
	struct sigpending shared_pending;
	int group_exit_code;
	struct task_struct *group_exit_task;	/* exec waits for others */
	int notify_count;
	int group_stop_count;
	unsigned int flags;		/* SIGNAL_* */
	int leader;			/* session leader */
	struct pid *leader_pid;
	struct tty_struct *tty;		/* NULL when none */
	struct hrtimer real_timer;	/* ITIMER_REAL, alarm */
	ktime_t it_real_incr;
	struct cpu_itimer it[2];	/* by CPUCLOCK_* */
	struct rlimit rlim[RLIM_NLIMITS];
	u64 utime, stime;		/* of threads already gone, ns */
	u64 cutime, cstime;		/* of children waited for, ns */
	unsigned long nvcsw, nivcsw, cnvcsw, cnivcsw;
	unsigned long min_flt, maj_flt, cmin_flt, cmaj_flt;
	unsigned long maxrss, cmaxrss;
};

#define NGROUPS_MAX	32

/* How nanosleep and futex go on after a handler-less interruption. */
struct restart_block {
	long (*fn)(struct restart_block *restart);
	ktime_t expires;
	void __user *rmtp;
	enum time_kind rmtp_kind;
	u32 __user *uaddr;
	u32 val;
	u32 flags;
	u32 bitset;
};

struct task_struct {
	volatile long state;		/* 0 runnable, else TASK_* */
	void *stack;			/* the kernel stack; thread_info first */
	atomic_t usage;
	unsigned int flags;		/* PF_* */

	/* scheduler; guarded by interrupts off */
	int on_rq;
	int prio;			/* nice value, -20..19 */
	int time_slice;			/* ticks left */
	struct list_head run_list;

	struct list_head tasks;		/* leaders, from init_task.tasks */
	struct mm_struct *mm;		/* NULL for a kernel thread */
	struct mm_struct *active_mm;	/* the one in the MMU while it runs */

	int exit_state;			/* 0, EXIT_ZOMBIE, EXIT_DEAD */
	int exit_code;			/* as wait4 reports it */
	int exit_signal;		/* -1 for a thread */
	int pdeath_signal;
	unsigned int personality;
	int keepcaps;			/* PR_SET_KEEPCAPS, only remembered */

	pid_t pid;
	pid_t tgid;

	struct task_struct *real_parent;
	struct task_struct *parent;	/* gets SIGCHLD and wait4 reports */
	struct list_head children;
	struct list_head sibling;	/* in parent's children */
	struct task_struct *group_leader;
	struct list_head thread_group;	/* the leader's list of threads */
	struct pid_link pids[PIDTYPE_MAX];

	struct completion *vfork_done;	/* the vfork parent sleeps on it */
	int __user *set_child_tid;	/* CLONE_CHILD_SETTID */
	int __user *clear_child_tid;	/* CLONE_CHILD_CLEARTID */

	u64 utime, stime;		/* ns */
	u64 acct_stamp;			/* ktime of the last accounting */
	unsigned long nvcsw, nivcsw;
	u64 start_time;			/* ns since boot */
	unsigned long min_flt, maj_flt;

	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	int ngroups;			/* supplementary ones */
	gid_t groups[NGROUPS_MAX];
	char comm[TASK_COMM_LEN];

	struct fs_struct *fs;
	struct files_struct *files;

	struct signal_struct *signal;
	struct sighand_struct *sighand;
	sigset_t blocked;
	sigset_t saved_sigmask;		/* with TIF_RESTORE_SIGMASK */
	struct sigpending pending;
	unsigned long sas_ss_sp;
	size_t sas_ss_size;
	unsigned int sas_ss_flags;
	int jobctl_stop;		/* owes a stop to the group stop */

	struct robust_list_head __user *robust_list;
	struct restart_block restart_block;

	struct thread_struct thread;	/* of this CPU; keep last */
};

#define task_thread_info(task)	((struct thread_info *)(task)->stack)

/* pt_regs at the top of the kernel stack: where user mode was left. */
#define current_pt_regs()	task_pt_regs(current)

extern struct task_struct init_task;
extern int nr_threads, max_threads;
extern unsigned long total_forks;
extern int sysctl_sched_child_runs_first;

#define for_each_process(p) \
	for (p = &init_task; (p = list_entry(p->tasks.next, \
		struct task_struct, tasks)) != &init_task; )

/* Every thread of every process; no break out of the inner loop. */
#define do_each_thread(g, t) \
	for (g = t = &init_task; (g = t = list_entry(g->tasks.next, \
		struct task_struct, tasks)) != &init_task; ) do
#define while_each_thread(g, t) \
	while ((t = next_thread(t)) != g)

static inline struct task_struct *next_thread(const struct task_struct *p)
{
	return list_entry(p->thread_group.next, struct task_struct,
			  thread_group);
}

static inline bool thread_group_leader(struct task_struct *p)
{
	return p->exit_signal >= 0;
}

static inline bool thread_group_empty(struct task_struct *p)
{
	return list_empty(&p->thread_group);
}

static inline bool same_thread_group(struct task_struct *a,
				     struct task_struct *b)
{
	return a->signal == b->signal;
}

static inline struct pid *task_pid(struct task_struct *task)
{
	return task->pids[PIDTYPE_PID].pid;
}

static inline struct pid *task_pgrp(struct task_struct *task)
{
	return task->group_leader->pids[PIDTYPE_PGID].pid;
}

static inline struct pid *task_session(struct task_struct *task)
{
	return task->group_leader->pids[PIDTYPE_SID].pid;
}

static inline bool is_global_init(struct task_struct *task)
{
	return task->tgid == 1;
}

static inline unsigned long rlimit(unsigned int limit)
{
	return current->signal->rlim[limit].rlim_cur;
}

/* Thread flags: one bit, changed with interrupts off. */
static inline void set_tsk_thread_flag(struct task_struct *tsk, int flag)
{
	unsigned long irqflags;

	local_irq_save(irqflags);
	task_thread_info(tsk)->flags |= 1UL << flag;
	local_irq_restore(irqflags);
}

static inline void clear_tsk_thread_flag(struct task_struct *tsk, int flag)
{
	unsigned long irqflags;

	local_irq_save(irqflags);
	task_thread_info(tsk)->flags &= ~(1UL << flag);
	local_irq_restore(irqflags);
}

static inline bool test_tsk_thread_flag(struct task_struct *tsk, int flag)
{
	return (READ_ONCE(task_thread_info(tsk)->flags) >> flag) & 1;
}

#define set_thread_flag(flag)	set_tsk_thread_flag(current, flag)
#define clear_thread_flag(flag)	clear_tsk_thread_flag(current, flag)
#define test_thread_flag(flag)	test_tsk_thread_flag(current, flag)

static inline void clear_tsk_need_resched(struct task_struct *tsk)
{
	clear_tsk_thread_flag(tsk, TIF_NEED_RESCHED);
}

static inline void set_tsk_need_resched(struct task_struct *tsk)
{
	set_tsk_thread_flag(tsk, TIF_NEED_RESCHED);
}

static inline bool need_resched(void)
{
	return test_thread_flag(TIF_NEED_RESCHED);
}

static inline bool signal_pending(struct task_struct *p)
{
	return test_tsk_thread_flag(p, TIF_SIGPENDING);
}

static inline bool fatal_signal_pending(struct task_struct *p)
{
	return signal_pending(p) && sigismember(&p->pending.signal, SIGKILL);
}

static inline unsigned long *end_of_stack(struct task_struct *p)
{
	return (unsigned long *)(task_thread_info(p) + 1);
}

#define set_current_state(s)	(current->state = (s))
#define __set_current_state(s)	(current->state = (s))

/* sched.c */
void sched_init(void);
int sched_fork(unsigned long clone_flags, struct task_struct *p);
void wake_up_new_task(struct task_struct *p);
void schedule(void);
void schedule_tail(struct task_struct *prev);
struct task_struct *context_switch(struct task_struct *prev,
				   struct task_struct *next);
int wake_up_process(struct task_struct *p);
int wake_up_state(struct task_struct *p, unsigned int state);
int try_to_wake_up(struct task_struct *p, unsigned int state);
void scheduler_tick(void);
void account_process_time(struct task_struct *p, bool user);
int cond_resched(void);
void cpu_idle(void) __noreturn;
void yield(void);

/* fork.c */
struct kernel_clone_args {
	u64 flags;
	int __user *pidfd;
	int __user *child_tid;
	int __user *parent_tid;
	int exit_signal;
	unsigned long stack;		/* its top, 0 to go on with the parent's */
	unsigned long stack_size;
	unsigned long tls;
	int kthread;			/* belongs to the kernel */
	int (*fn)(void *);		/* begins there, instead of where the parent is */
	void *fn_arg;
};
void fork_init(void);
void proc_caches_init(void);
#define NUMA_NO_NODE	(-1)
pid_t kernel_clone(struct kernel_clone_args *args);
#ifdef ARCH_CLONE_ARGS
pid_t user_mode_thread(int (*fn)(void *), void *arg, unsigned long flags);
#else
long do_fork(unsigned long clone_flags, unsigned long stack_start,
	     unsigned long stack_size, int __user *parent_tidptr,
	     int __user *child_tidptr, unsigned long tls);
#define user_mode_thread	kernel_thread
#endif
pid_t kernel_thread(int (*fn)(void *), void *arg, unsigned long flags);
struct mm_struct *mm_alloc(void);
void mmput(struct mm_struct *mm);
void mmdrop(struct mm_struct *mm);
/* On exec and exit: clears the tid, tells a vfork parent. */
void mm_release(struct task_struct *tsk, struct mm_struct *mm);
void put_task_struct(struct task_struct *tsk);
void free_task(struct task_struct *tsk);
void set_task_stack_end_magic(struct task_struct *tsk);
void put_signal_struct(struct signal_struct *sig);
void __cleanup_sighand(struct sighand_struct *sighand);
/* Gives current a sighand of its own before exec changes it. */
int unshare_sighand(struct task_struct *tsk);

static inline void get_task_struct(struct task_struct *t)
{
	atomic_inc(&t->usage);
}

/* cred.c */
bool in_group_p(gid_t gid);

/* exit.c */
void do_exit(long code) __noreturn;
void do_group_exit(int exit_code) __noreturn;
void release_task(struct task_struct *p);
int is_current_pgrp_orphaned(void);
/* exec: kills the other threads and makes current the group leader. */
int de_thread(struct task_struct *tsk);

/* signal.c */
void recalc_sigpending(void);
void recalc_sigpending_tsk(struct task_struct *t);
void signal_wake_up(struct task_struct *t, bool fatal);
int send_sig(int sig, struct task_struct *p, int priv);
int send_sig_info(int sig, const siginfo_t *info, struct task_struct *p);
int group_send_sig_info(int sig, const siginfo_t *info, struct task_struct *p);
int kill_pgrp(struct pid *pid, int sig, int priv);
int kill_pid(struct pid *pid, int sig, int priv);
/* A fault of current's own: cannot be blocked or ignored. */
void force_sig(int sig);
void force_sig_info(int sig, const siginfo_t *info);
void force_sig_fault(int sig, int code, void __user *addr);
void force_sigsegv(int sig);
asmlinkage void do_notify_resume(struct pt_regs *regs, unsigned long flags);
bool get_signal(struct ksignal *ksig);
void signal_setup_done(int failed, struct ksignal *ksig);
void set_current_blocked(sigset_t *newset);
void restore_saved_sigmask(void);
sigset_t *sigmask_to_save(void);
/* For ppoll, rt_sigsuspend: mask now, the old one back after delivery. */
int set_user_sigmask(const sigset_t __user *umask, size_t sigsetsize);
void restore_saved_sigmask_unless(bool interrupted);
void flush_sigqueue(struct sigpending *queue);
/* exec: handlers back to default (ignored ones stay, unless forced). */
void flush_signal_handlers(struct task_struct *t, int force_default);
int do_notify_parent(struct task_struct *tsk, int sig);
int zap_other_threads(struct task_struct *p);
bool on_sig_stack(unsigned long sp);
int sas_ss_flags(unsigned long sp);
unsigned long sigsp(unsigned long sp, struct ksignal *ksig);
int restore_altstack(const stack_t __user *uss);
int save_altstack(stack_t __user *uss, unsigned long sp);
int do_sigaction(int sig, const struct k_sigaction *act,
		 struct k_sigaction *oact);
long do_no_restart_syscall(struct restart_block *restart);

/* futex.c */
int futex_wake(u32 __user *uaddr, int nr_wake);
void exit_robust_list(struct task_struct *curr);
long do_futex(u32 __user *uaddr, int op, u32 val, const ktime_t *timeout,
	      u32 __user *uaddr2, u32 val2, u32 val3);

/* reboot.c */
void kernel_power_off(int status) __noreturn;

#endif
