// SPDX-License-Identifier: MIT
/* A new task: from do_fork down to copy_thread's caller. The mm part is fork_mm.c. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "fork.h"

int nr_threads;			/* tasks but the idle one */
int max_threads;		/* copy_process refuses beyond */
unsigned long total_forks;

static struct kmem_cache *task_struct_cachep;

void fork_init(void)
{
	task_struct_cachep = kmem_cache_create("task_struct",
			sizeof(struct task_struct));
	signal_caches_init();

	/* Kernel stacks may take an eighth of memory. */
	max_threads = totalram_pages / (8 * THREAD_SIZE / PAGE_SIZE);
	if (max_threads < 20)
		max_threads = 20;
	init_task.signal->rlim[RLIMIT_NPROC].rlim_cur = max_threads / 2;
	init_task.signal->rlim[RLIMIT_NPROC].rlim_max = max_threads / 2;
	init_task.signal->rlim[11].rlim_cur = max_threads / 2;
	init_task.signal->rlim[11].rlim_max = max_threads / 2;
}

__visible void set_task_stack_end_magic(struct task_struct *tsk)
{
	unsigned long *stackend = end_of_stack(tsk);

	*stackend = STACK_END_MAGIC;
}

/* The new stack gets the old one's thread_info, made to name the new task. */
__visible void setup_thread_stack(struct task_struct *p,
				  struct task_struct *org)
{
	*task_thread_info(p) = *task_thread_info(org);
	task_thread_info(p)->task = p;
}

__visible struct task_struct *dup_task_struct(struct task_struct *orig)
{
	struct task_struct *tsk;
	void *ti;

	tsk = kmem_cache_alloc(task_struct_cachep, GFP_KERNEL);
	if (!tsk)
		return NULL;
	ti = (void *)__get_free_pages(GFP_KERNEL, THREAD_SIZE_ORDER);
	if (!ti)
		goto free_tsk;
	if (arch_dup_task_struct(tsk, orig))
		goto free_ti;

	tsk->stack = ti;
	setup_thread_stack(tsk, orig);
	clear_tsk_need_resched(tsk);
	set_task_stack_end_magic(tsk);
	/* The copied one was for the parent's own interrupted call. */
	clear_tsk_thread_flag(tsk, TIF_RESTORE_SIGMASK);

	/* One reference while it runs, one until release_task(). */
	atomic_set(&tsk->usage, 2);
	return tsk;

free_ti:
	free_pages((unsigned long)ti, THREAD_SIZE_ORDER);
free_tsk:
	kmem_cache_free(task_struct_cachep, tsk);
	return NULL;
}

void free_task(struct task_struct *tsk)
{
	free_pages((unsigned long)tsk->stack, THREAD_SIZE_ORDER);
	kmem_cache_free(task_struct_cachep, tsk);
}

void put_task_struct(struct task_struct *tsk)
{
	if (atomic_dec_and_test(&tsk->usage)) {
		put_signal_struct(tsk->signal);
		free_task(tsk);
	}
}

/* RLIMIT_NPROC: tasks of the caller's user; root may go to max_threads. */
static bool too_many_processes(void)
{
	struct task_struct *g, *t;
	unsigned long n = 0;

	if (!current->euid)
		return false;
	do_each_thread(g, t) {
		n += t->uid == current->uid;
	} while_each_thread(g, t);
	return n >= rlimit(RLIMIT_NPROC);
}

/* Which flags make sense together. */
static int check_clone_flags(unsigned long clone_flags)
{
	/* There are no namespaces and no pidfds. */
	if (clone_flags & (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
			   CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
			   CLONE_PIDFD))
		return -EINVAL;
	/* Threads must share signal handlers, and handlers need one memory. */
	if ((clone_flags & CLONE_THREAD) && !(clone_flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((clone_flags & CLONE_SIGHAND) && !(clone_flags & CLONE_VM))
		return -EINVAL;
	/* A sibling of init would have no reaper. */
	if ((clone_flags & CLONE_PARENT) &&
	    (current->signal->flags & SIGNAL_UNKILLABLE))
		return -EINVAL;
	return 0;
}

/* What no child takes over: its parent's relatives, times and pending signals. */
static void init_new_task(struct task_struct *p)
{
	p->flags &= ~(PF_SUPERPRIV | PF_SIGNALED | PF_EXITING);
	p->flags |= PF_FORKNOEXEC;
	INIT_LIST_HEAD(&p->children);
	INIT_LIST_HEAD(&p->sibling);
	INIT_LIST_HEAD(&p->thread_group);
	p->vfork_done = NULL;
	init_sigpending(&p->pending);
	p->utime = p->stime = 0;
	p->nvcsw = p->nivcsw = 0;
	p->min_flt = p->maj_flt = 0;
	p->start_time = ktime_get_ns();
	p->jobctl_stop = 0;
	p->pdeath_signal = 0;
	p->robust_list = NULL;
	p->restart_block.fn = do_no_restart_syscall;
}

/* What user mode asked clone() to do at the child's start and end. */
static void set_child_tids(unsigned long clone_flags, struct task_struct *p,
			   int __user *child_tidptr)
{
	p->set_child_tid = (clone_flags & CLONE_CHILD_SETTID) ?
			   child_tidptr : NULL;
	/* mm_release zeroes it, for pthread_join. */
	p->clear_child_tid = (clone_flags & CLONE_CHILD_CLEARTID) ?
			     child_tidptr : NULL;

	/* Two tasks in one memory must not use one alternate stack. */
	if ((clone_flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM) {
		p->sas_ss_sp = p->sas_ss_size = 0;
		p->sas_ss_flags = SS_DISABLE;
	}
}

/* Who it is, and to which group it belongs. */
static void set_task_ids(unsigned long clone_flags, struct task_struct *p,
			 struct pid *pid)
{
	p->pid = pid_nr(pid);
	if (clone_flags & CLONE_THREAD) {
		p->exit_signal = -1;
		p->group_leader = current->group_leader;
		p->tgid = current->tgid;
	} else {
		if (clone_flags & CLONE_PARENT)
			p->exit_signal = current->group_leader->exit_signal;
		else
			p->exit_signal = (clone_flags & CSIGNAL);
		p->group_leader = p;
		p->tgid = p->pid;
	}
}

/* The lists by which others find it: a process's, or a thread's. */
static void link_task(struct task_struct *p, struct pid *pid)
{
	p->pids[PIDTYPE_PID].pid = pid;
	INIT_HLIST_NODE(&p->pids[PIDTYPE_PID].node);
	INIT_HLIST_NODE(&p->pids[PIDTYPE_PGID].node);
	INIT_HLIST_NODE(&p->pids[PIDTYPE_SID].node);
	if (thread_group_leader(p)) {
		p->pids[PIDTYPE_PGID].pid = task_pgrp(current);
		p->pids[PIDTYPE_SID].pid = task_session(current);
		/* The first process adopts orphans, for ever. */
		if (p->pid == 1)
			p->signal->flags |= SIGNAL_UNKILLABLE;
		p->signal->leader_pid = pid;
		p->signal->tty = current->signal->tty;
		list_add_tail(&p->sibling, &p->real_parent->children);
		list_add_tail(&p->tasks, &init_task.tasks);
		attach_pid(p, PIDTYPE_PGID);
		attach_pid(p, PIDTYPE_SID);
	} else {
		current->signal->nr_threads++;
		atomic_inc(&current->signal->live);
		atomic_inc(&current->signal->sigcnt);
		p->pids[PIDTYPE_PGID].pid = NULL;
		p->pids[PIDTYPE_SID].pid = NULL;
		list_add_tail(&p->thread_group, &p->group_leader->thread_group);
	}
	attach_pid(p, PIDTYPE_PID);
	nr_threads++;
}

/* Makes it visible to the rest of the system, but does not wake it up yet. */
static int publish_task(unsigned long clone_flags, struct task_struct *p,
			struct pid *pid)
{
	unsigned long flags;

	local_irq_save(flags);

	/* CLONE_PARENT re-uses the old parent */
	if (clone_flags & (CLONE_PARENT | CLONE_THREAD))
		p->real_parent = current->real_parent;
	else
		p->real_parent = current;
	p->parent = p->real_parent;

	/*
	 * A group's signals go to the parent alone before the fork, to both
	 * after it: with one pending, first it, then the fork again. A dying
	 * task makes no children.
	 */
	recalc_sigpending();
	if (signal_pending(current)) {
		local_irq_restore(flags);
		return -ERESTARTNOINTR;
	}

	if (likely(p->pid))
		link_task(p, pid);

	total_forks++;
	local_irq_restore(flags);
	return 0;
}

/*
 * Copies the current task as the flags say. The copy is in all lists but not
 * yet running: see wake_up_new_task.
 */
#ifdef ARCH_CLONE_ARGS
__visible struct task_struct *copy_process(struct pid *pid, int trace, int node,
					   struct kernel_clone_args *args)
{
	const u64 clone_flags = args->flags;
#else
__visible struct task_struct *copy_process(unsigned long clone_flags,
					   unsigned long stack_start,
					   unsigned long stack_size,
					   int __user *child_tidptr,
					   struct pid *pid,
					   unsigned long tls)
{
#endif
	struct task_struct *p;
	int retval;

	retval = check_clone_flags(clone_flags);
	if (retval)
		return ERR_PTR(retval);

	retval = -ENOMEM;
	p = dup_task_struct(current);
	if (!p)
		goto fork_out;

	retval = -EAGAIN;
	if (nr_threads >= max_threads || too_many_processes())
		goto bad_fork_free;
	init_new_task(p);
#ifdef ARCH_CLONE_ARGS
	p->flags &= ~PF_KTHREAD;
	if (args->kthread)
		p->flags |= PF_KTHREAD;
#endif

	/* Perform scheduler related setup: it does not run yet. */
	retval = sched_fork(clone_flags, p);
	if (retval)
		goto bad_fork_free;

	/* Copy all the process information, or share what a flag says. */
	retval = copy_files(clone_flags, p);
	if (retval)
		goto bad_fork_free;
	retval = copy_fs(clone_flags, p);
	if (retval)
		goto bad_fork_cleanup_files;
	retval = copy_sighand(clone_flags, p);
	if (retval)
		goto bad_fork_cleanup_fs;
	retval = copy_signal(clone_flags, p);
	if (retval)
		goto bad_fork_cleanup_sighand;
	retval = copy_mm(clone_flags, p);
	if (retval)
		goto bad_fork_cleanup_signal;
#ifdef ARCH_CLONE_ARGS
	retval = copy_thread(p, args);
#else
	retval = copy_thread(clone_flags, stack_start, stack_size, p, tls);
#endif
	if (retval)
		goto bad_fork_cleanup_mm;

	if (pid != &init_struct_pid) {
		retval = -EAGAIN;
		pid = alloc_pid();
		if (!pid)
			goto bad_fork_cleanup_thread;
	}
#ifdef ARCH_CLONE_ARGS
	set_child_tids(clone_flags, p, args->child_tid);
	set_task_ids(clone_flags | args->exit_signal, p, pid);
#else
	set_child_tids(clone_flags, p, child_tidptr);
	set_task_ids(clone_flags, p, pid);
#endif

	retval = publish_task(clone_flags, p, pid);
	if (retval)
		goto bad_fork_free_pid;
	return p;

bad_fork_free_pid:
	if (pid != &init_struct_pid)
		free_pid(pid);
bad_fork_cleanup_thread:
	exit_thread(p);
bad_fork_cleanup_mm:
	if (p->mm)
		mmput(p->mm);
bad_fork_cleanup_signal:
	if (!(clone_flags & CLONE_THREAD))
		put_signal_struct(p->signal);
bad_fork_cleanup_sighand:
	__cleanup_sighand(p->sighand);
bad_fork_cleanup_fs:
	exit_fs(p);
bad_fork_cleanup_files:
	exit_files(p);
bad_fork_free:
	free_task(p);
fork_out:
	return ERR_PTR(retval);
}

/* The vfork parent sleeps until the child execs or exits, or is killed. */
__visible int wait_for_vfork_done(struct task_struct *child,
				  struct completion *vfork)
{
	int killed = wait_for_completion_killable(vfork);

	/* Nobody may complete a completion on a stack that is left. */
	if (killed)
		child->vfork_done = NULL;
	put_task_struct(child);
	return killed;
}

#ifdef ARCH_CLONE_ARGS
/*
 * fork, vfork, clone, clone3 and kernel_thread all come here. Returns the
 * child's pid, or a negative errno.
 */
__visible pid_t kernel_clone(struct kernel_clone_args *args)
{
	const u64 clone_flags = args->flags;
	int __user *parent_tidptr = args->parent_tid;
	struct task_struct *p;
	struct completion vfork;
	struct pid *pid;
	pid_t nr;

	p = copy_process(NULL, 0, NUMA_NO_NODE, args);
#else
/*
 * fork, vfork, clone and kernel_thread all come here. Returns the child's
 * pid, or a negative errno.
 */
__visible long do_fork(unsigned long clone_flags, unsigned long stack_start,
		       unsigned long stack_size, int __user *parent_tidptr,
		       int __user *child_tidptr, unsigned long tls)
{
	struct task_struct *p;
	struct completion vfork;
	struct pid *pid;
	long nr;

	p = copy_process(clone_flags, stack_start, stack_size, child_tidptr,
			 NULL, tls);
#endif
	if (IS_ERR(p))
		return PTR_ERR(p);

	/* Once awake the child may be gone before we look: its number first. */
	pid = get_task_pid(p, PIDTYPE_PID);
	nr = pid_vnr(pid);

	if (clone_flags & CLONE_PARENT_SETTID)
		put_user((int)nr, parent_tidptr);

	if (clone_flags & CLONE_VFORK) {
		init_completion(&vfork);
		p->vfork_done = &vfork;
		get_task_struct(p);
	}

	if (!(clone_flags & CLONE_STOPPED)) {
		wake_up_new_task(p);
	} else {
		/* As if SIGSTOP had come before its first instruction. */
		p->state = TASK_STOPPED;
		p->signal->flags |= SIGNAL_STOP_STOPPED;
	}

	if (clone_flags & CLONE_VFORK)
		wait_for_vfork_done(p, &vfork);

	put_pid(pid);
	return nr;
}

#ifdef ARCH_CLONE_ARGS
/* A task that runs fn(arg) in the kernel and is the kernel's own; it may exec. */
pid_t kernel_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
	struct kernel_clone_args args = {
		.flags = (flags | CLONE_VM | CLONE_UNTRACED) & ~CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.fn = fn,
		.fn_arg = arg,
		.kthread = 1,
	};

	return kernel_clone(&args);
}

/* The same, but a process like others, which only has no program yet. */
pid_t user_mode_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
	struct kernel_clone_args args = {
		.flags = (flags | CLONE_VM | CLONE_UNTRACED) & ~CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.fn = fn,
		.fn_arg = arg,
	};

	return kernel_clone(&args);
}
#else
/* A task that runs fn(arg) in the kernel; it may exec and become a process. */
pid_t kernel_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
	return do_fork(flags | CLONE_VM | CLONE_UNTRACED, (unsigned long)fn,
		       (unsigned long)arg, NULL, NULL, 0);
}
#endif
