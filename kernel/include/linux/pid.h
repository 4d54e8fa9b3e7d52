/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_PID_H
#define _LINUX_PID_H

#include <linux/list.h>
#include <linux/atomic.h>

#define PID_MAX_DEFAULT	32768
#define RESERVED_PIDS	300	/* never reused after the first wrap */

enum pid_type {
	PIDTYPE_PID,
	PIDTYPE_PGID,
	PIDTYPE_SID,
	PIDTYPE_MAX
};

/* A number, and the tasks that use it as their pid, group or session. */
struct pid {
	atomic_t count;
	int nr;
	struct hlist_node pid_chain;		/* in pid_hash */
	struct hlist_head tasks[PIDTYPE_MAX];
};

struct pid_link {
	struct hlist_node node;
	struct pid *pid;
};

struct task_struct;

extern struct pid init_struct_pid;	/* of the idle task, number 0 */

void pidhash_init(void);
struct pid *alloc_pid(void);
void free_pid(struct pid *pid);
void put_pid(struct pid *pid);
void attach_pid(struct task_struct *task, enum pid_type type);
void detach_pid(struct task_struct *task, enum pid_type type);
void change_pid(struct task_struct *task, enum pid_type type, struct pid *pid);
struct pid *find_pid(int nr);
struct pid *get_task_pid(struct task_struct *task, enum pid_type type);
struct task_struct *pid_task(struct pid *pid, enum pid_type type);
struct task_struct *find_task_by_vpid(pid_t nr);
pid_t pid_nr(struct pid *pid);
pid_t pid_vnr(struct pid *pid);

static inline struct pid *get_pid(struct pid *pid)
{
	if (pid)
		atomic_inc(&pid->count);
	return pid;
}

#define do_each_pid_task(pid, type, task)				\
	do {								\
		if ((pid) != NULL)					\
			hlist_for_each_entry((task), &(pid)->tasks[type], \
					     pids[type].node) {

#define while_each_pid_task(pid, type, task)				\
			}						\
	} while (0)

#endif
