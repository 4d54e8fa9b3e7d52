/* SPDX-License-Identifier: MIT */
/* Between the files of core/ that make and end tasks. */
#ifndef _CORE_FORK_H
#define _CORE_FORK_H

#include <linux/sched.h>

/* fork.c */
void setup_thread_stack(struct task_struct *p, struct task_struct *org);
struct task_struct *dup_task_struct(struct task_struct *orig);
#ifdef ARCH_CLONE_ARGS
struct task_struct *copy_process(struct pid *pid, int trace, int node,
				 struct kernel_clone_args *args);
#else
struct task_struct *copy_process(unsigned long clone_flags,
				 unsigned long stack_start,
				 unsigned long stack_size,
				 int __user *child_tidptr, struct pid *pid,
				 unsigned long tls);
#endif
int wait_for_vfork_done(struct task_struct *child, struct completion *vfork);

/* fork_share.c */
void signal_caches_init(void);
int copy_files(unsigned long clone_flags, struct task_struct *tsk);
int copy_fs(unsigned long clone_flags, struct task_struct *tsk);
int copy_sighand(unsigned long clone_flags, struct task_struct *tsk);
int copy_signal(unsigned long clone_flags, struct task_struct *tsk);

/* fork_mm.c */
int copy_mm(unsigned long clone_flags, struct task_struct *tsk);
struct mm_struct *dup_mm(struct task_struct *tsk);
struct mm_struct *mm_init(struct mm_struct *mm, struct task_struct *p);
int mm_alloc_pgd(struct mm_struct *mm);
int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm);

/* itimer.c */
void it_real_fn(struct hrtimer *timer);
void rearm_real_timer(struct signal_struct *sig);
void run_posix_cpu_timers(struct task_struct *tsk);

/* printk.c */
void printk_set_quiet(void);

/* time.c */
extern s64 wall_offset;		/* ns: real time = this + monotonic */
void timekeeping_init(void);

/* rlimit.c */
void getrusage(struct task_struct *p, int who, struct rusage *r);
void thread_group_cputime(struct task_struct *tsk, u64 *utime, u64 *stime);

/* signal.c */
void signal_init(void);
void exit_signals(struct task_struct *tsk);

#endif
