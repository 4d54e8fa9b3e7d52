// SPDX-License-Identifier: MIT
/* The texts of /proc itself: what the machine is and how much it has. */
#include <linux/arch.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/utsname.h>
#include "proc.h"

static int show_cpuinfo(struct proc_buf *b, struct task_struct *task)
{
	int room = b->size - b->len;

	b->len += arch_cpuinfo(b->data + b->len, room);
	return 0;
}

static int show_meminfo(struct proc_buf *b, struct task_struct *task)
{
	unsigned long kb = PAGE_SIZE / 1024;

	proc_printf(b, "MemTotal:       %8lu kB\n", totalram_pages * kb);
	proc_printf(b, "MemFree:        %8lu kB\n", nr_free_pages() * kb);
	proc_printf(b, "MemAvailable:   %8lu kB\n", nr_free_pages() * kb);
	proc_printf(b, "Buffers:        %8lu kB\n", 0UL);
	proc_printf(b, "Cached:         %8lu kB\n", 0UL);
	proc_printf(b, "SwapTotal:      %8lu kB\n", 0UL);
	proc_printf(b, "SwapFree:       %8lu kB\n", 0UL);
	return 0;
}

static int show_uptime(struct proc_buf *b, struct task_struct *task)
{
	u64 up = ktime_get_ns() / 10000000, idle = init_task.stime / 10000000;

	proc_printf(b, "%llu.%02llu %llu.%02llu\n", up / 100, up % 100,
		    idle / 100, idle % 100);
	return 0;
}

static int show_version(struct proc_buf *b, struct task_struct *task)
{
	proc_printf(b, "%s version %s %s\n", "Linux", UTS_RELEASE, UTS_VERSION);
	return 0;
}

int proc_show_mounts(struct proc_buf *b, struct task_struct *task)
{
	int room = b->size - b->len;
	int len = mounts_show(b->data + b->len, room);

	if (len < 0)
		return len;
	b->len += len >= room - 1 ? room + 1 : len;
	return 0;
}

static int show_filesystems(struct proc_buf *b, struct task_struct *task)
{
	proc_printf(b, "nodev\ttmpfs\nnodev\tproc\nnodev\tdevtmpfs\n");
	return 0;
}

static int show_loadavg(struct proc_buf *b, struct task_struct *task)
{
	struct task_struct *g;
	int running = 0;

	for_each_process(g)
		if (g->state == TASK_RUNNING && !g->exit_state)
			running++;
	proc_printf(b, "0.00 0.00 0.00 %d/%d %d\n", running, nr_threads,
		    current->pid);
	return 0;
}

static int show_stat(struct proc_buf *b, struct task_struct *task)
{
	u64 user = 0, sys = 0, idle = init_task.stime / (NSEC_PER_SEC / USER_HZ);
	struct task_struct *g, *t;

	for_each_process(g) {
		t = g;
		do {
			user += t->utime;
			sys += t->stime;
			t = next_thread(t);
		} while (t != g);
	}
	user /= NSEC_PER_SEC / USER_HZ;
	sys /= NSEC_PER_SEC / USER_HZ;
	proc_printf(b, "cpu  %llu 0 %llu %llu 0 0 0 0 0 0\n", user, sys, idle);
	proc_printf(b, "cpu0 %llu 0 %llu %llu 0 0 0 0 0 0\n", user, sys, idle);
	proc_printf(b, "processes %lu\n", total_forks);
	return 0;
}

static int self_readlink(struct task_struct *task, char *buf, int size)
{
	return min(snprintf(buf, size, "%d", current->tgid), size);
}

static int mounts_readlink(struct task_struct *task, char *buf, int size)
{
	return min(snprintf(buf, size, "self/mounts"), size);
}

const struct proc_entry proc_root_entries[] = {
	{ .name = "self", .mode = S_IFLNK | 0777, .readlink = self_readlink },
	{ .name = "cpuinfo", .mode = S_IFREG | 0444, .show = show_cpuinfo },
	{ .name = "filesystems", .mode = S_IFREG | 0444, .show = show_filesystems },
	{ .name = "loadavg", .mode = S_IFREG | 0444, .show = show_loadavg },
	{ .name = "meminfo", .mode = S_IFREG | 0444, .show = show_meminfo },
	{ .name = "mounts", .mode = S_IFLNK | 0777, .readlink = mounts_readlink },
	{ .name = "stat", .mode = S_IFREG | 0444, .show = show_stat },
	{ .name = "uptime", .mode = S_IFREG | 0444, .show = show_uptime },
	{ .name = "version", .mode = S_IFREG | 0444, .show = show_version },
};

const unsigned int nr_proc_root_entries = ARRAY_SIZE(proc_root_entries);
