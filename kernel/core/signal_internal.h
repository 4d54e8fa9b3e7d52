/* SPDX-License-Identifier: MIT */
/* Between signal.c, signal_deliver.c, signal_sys.c and exit.c. */
#ifndef _CORE_SIGNAL_INTERNAL_H
#define _CORE_SIGNAL_INTERNAL_H

#include <linux/sched.h>

/* What a signal does when there is no handler. */
bool sig_kernel_stop(int sig);
bool sig_kernel_ignore(int sig);

void free_sigqueue(struct sigqueue *q);
int kill_pgrp_info(int sig, const siginfo_t *info, struct pid *pgrp);
int check_kill_permission(int sig, const siginfo_t *info,
			  struct task_struct *t);
bool sig_ignored(struct task_struct *t, int sig, bool force);
bool sig_fatal(struct task_struct *p, int sig);
int dequeue_signal(struct task_struct *tsk, sigset_t *mask, siginfo_t *info);
void do_notify_parent_cldstop(struct task_struct *leader, int why);

#endif
