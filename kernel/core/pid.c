// SPDX-License-Identifier: MIT
/* Process numbers: a bitmap gives them out in turn, a hash finds the tasks. */
#include <linux/sched.h>
#include <linux/slab.h>

#define BITS_PER_BYTE	8
#define PIDHASH_SIZE	256

static unsigned char pid_bitmap[PID_MAX_DEFAULT / BITS_PER_BYTE] = { 1 };
static struct hlist_head pid_hash[PIDHASH_SIZE];
static struct kmem_cache *pid_cachep;
static int last_pid;

static struct hlist_head *pid_hashfn(int nr)
{
	return &pid_hash[(unsigned int)nr % PIDHASH_SIZE];
}

void pidhash_init(void)
{
	pid_cachep = kmem_cache_create("pid", sizeof(struct pid));
}

/* The number after the last one given; low ones are kept for the first round. */
static int alloc_pidmap(void)
{
	int pid = last_pid + 1, tries;

	for (tries = 0; tries < PID_MAX_DEFAULT; tries++, pid++) {
		if (pid >= PID_MAX_DEFAULT)
			pid = RESERVED_PIDS;
		if (!(pid_bitmap[pid / 8] & (1 << pid % 8))) {
			pid_bitmap[pid / 8] |= 1 << pid % 8;
			last_pid = pid;
			return pid;
		}
	}
	return -1;
}

static void free_pidmap(int nr)
{
	pid_bitmap[nr / 8] &= ~(1 << nr % 8);
}

/* NULL when numbers or memory have run out. */
__visible struct pid *alloc_pid(void)
{
	struct pid *pid = kmem_cache_alloc(pid_cachep, GFP_KERNEL);
	int nr, type;

	if (!pid)
		return NULL;
	nr = alloc_pidmap();
	if (nr < 0) {
		kmem_cache_free(pid_cachep, pid);
		return NULL;
	}
	atomic_set(&pid->count, 1);
	pid->nr = nr;
	for (type = 0; type < PIDTYPE_MAX; type++)
		INIT_HLIST_HEAD(&pid->tasks[type]);
	hlist_add_head(&pid->pid_chain, pid_hashfn(nr));
	return pid;
}

void put_pid(struct pid *pid)
{
	if (pid && atomic_dec_and_test(&pid->count))
		kmem_cache_free(pid_cachep, pid);
}

/* The number may be given out again; the struct lives while referenced. */
void free_pid(struct pid *pid)
{
	hlist_del_init(&pid->pid_chain);
	free_pidmap(pid->nr);
	put_pid(pid);
}

__visible void attach_pid(struct task_struct *task, enum pid_type type)
{
	struct pid_link *link = &task->pids[type];

	hlist_add_head(&link->node, &link->pid->tasks[type]);
}

static void __change_pid(struct task_struct *task, enum pid_type type,
			 struct pid *new)
{
	struct pid_link *link = &task->pids[type];
	struct pid *pid = link->pid;
	int tmp;

	hlist_del_init(&link->node);
	link->pid = new;

	/* The last user of the number in any role frees it. */
	for (tmp = 0; tmp < PIDTYPE_MAX; tmp++)
		if (!hlist_empty(&pid->tasks[tmp]))
			return;
	if (pid != &init_struct_pid)
		free_pid(pid);
}

void detach_pid(struct task_struct *task, enum pid_type type)
{
	__change_pid(task, type, NULL);
}

void change_pid(struct task_struct *task, enum pid_type type, struct pid *pid)
{
	__change_pid(task, type, pid);
	attach_pid(task, type);
}

struct pid *find_pid(int nr)
{
	struct pid *pid;

	hlist_for_each_entry(pid, pid_hashfn(nr), pid_chain)
		if (pid->nr == nr)
			return pid;
	return NULL;
}

struct task_struct *pid_task(struct pid *pid, enum pid_type type)
{
	if (!pid || !pid->tasks[type].first)
		return NULL;
	return container_of(pid->tasks[type].first, struct task_struct,
			    pids[type].node);
}

__visible struct task_struct *find_task_by_vpid(pid_t nr)
{
	return pid_task(find_pid(nr), PIDTYPE_PID);
}

struct pid *get_task_pid(struct task_struct *task, enum pid_type type)
{
	if (type != PIDTYPE_PID)
		task = task->group_leader;
	return get_pid(task->pids[type].pid);
}

__visible pid_t pid_nr(struct pid *pid)
{
	return pid ? pid->nr : 0;
}

/* One namespace: the number is the same for everybody. */
pid_t pid_vnr(struct pid *pid)
{
	return pid_nr(pid);
}
