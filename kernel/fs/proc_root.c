// SPDX-License-Identifier: MIT
/* The texts of /proc itself: what the machine is and how much it has. */
#include <linux/arch.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/utsname.h>
#include "proc.h"

static void show_cpuinfo(struct proc_buf *b, struct task_struct *task)
{
	b->len = arch_cpuinfo(b->data, b->size);
}

static void show_meminfo(struct proc_buf *b, struct task_struct *task)
{
	unsigned long kb = PAGE_SIZE / 1024;

	proc_printf(b, "MemTotal:       %8lu kB\n", totalram_pages * kb);
	proc_printf(b, "MemFree:        %8lu kB\n", nr_free_pages() * kb);
	proc_printf(b, "MemAvailable:   %8lu kB\n", nr_free_pages() * kb);
	proc_printf(b, "Buffers:        %8lu kB\n", 0UL);
	proc_printf(b, "Cached:         %8lu kB\n", 0UL);
	proc_printf(b, "SwapTotal:      %8lu kB\n", 0UL);
	proc_printf(b, "SwapFree:       %8lu kB\n", 0UL);
}

static void show_uptime(struct proc_buf *b, struct task_struct *task)
{
	u64 up = ktime_get_ns() / 10000000, idle = init_task.stime / 10000000;

	proc_printf(b, "%llu.%02llu %llu.%02llu\n", up / 100, up % 100,
		    idle / 100, idle % 100);
}

static void show_version(struct proc_buf *b, struct task_struct *task)
{
	proc_printf(b, "%s version %s %s\n", "Linux", UTS_RELEASE, UTS_VERSION);
}

static void show_filesystems(struct proc_buf *b, struct task_struct *task)
{
	proc_printf(b, "nodev\ttmpfs\nnodev\tproc\nnodev\tdevtmpfs\n");
}

static void show_loadavg(struct proc_buf *b, struct task_struct *task)
{
	struct task_struct *g;
	int running = 0;

	for_each_process(g)
		if (g->state == TASK_RUNNING && !g->exit_state)
			running++;
	proc_printf(b, "0.00 0.00 0.00 %d/%d %d\n", running, nr_threads,
		    current->pid);
}

static void show_stat(struct proc_buf *b, struct task_struct *task)
{
	u64 user = 0, sys = 0;
	struct task_struct *g, *t;
	int row;

	do_each_thread(g, t) {
		user += t->utime;
		sys += t->stime;
	} while_each_thread(g, t);
	for (row = 0; row < 2; row++)
		proc_printf(b, "%s %llu 0 %llu %llu 0 0 0 0 0 0\n",
			    row ? "cpu0" : "cpu ", nsec_to_clock_t(user),
			    nsec_to_clock_t(sys), nsec_to_clock_t(init_task.stime));
	proc_printf(b, "processes %lu\n", total_forks);
}

static void self_path(char *buf, int size)
{
	snprintf(buf, size, "%d", current->tgid);
}

static void mounts_path(char *buf, int size)
{
	strlcpy(buf, "self/mounts", size);
}

const struct proc_entry proc_root_entries[] = {
	{ .name = "self", .mode = S_IFLNK | 0777, .path = self_path },
	{ .name = "cpuinfo", .mode = S_IFREG | 0444, .show = show_cpuinfo },
	{ .name = "filesystems", .mode = S_IFREG | 0444, .show = show_filesystems },
	{ .name = "loadavg", .mode = S_IFREG | 0444, .show = show_loadavg },
	{ .name = "meminfo", .mode = S_IFREG | 0444, .show = show_meminfo },
	{ .name = "mounts", .mode = S_IFLNK | 0777, .path = mounts_path },
	{ .name = "stat", .mode = S_IFREG | 0444, .show = show_stat },
	{ .name = "uptime", .mode = S_IFREG | 0444, .show = show_uptime },
	{ .name = "version", .mode = S_IFREG | 0444, .show = show_version },
};

const unsigned int nr_proc_root_entries = ARRAY_SIZE(proc_root_entries);
