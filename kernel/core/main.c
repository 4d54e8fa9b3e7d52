// SPDX-License-Identifier: MIT
/* From head.S to the first process. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/fs.h>
#include <linux/binfmts.h>
#include <linux/slab.h>
#include <linux/tty.h>
#include <linux/utsname.h>
#include "fork.h"

#define MAX_INIT_ARGS	32

char boot_command_line[COMMAND_LINE_SIZE];
phys_addr_t initrd_start, initrd_end;

static char command_line[COMMAND_LINE_SIZE];	/* cut into words */
static const char *init_path = "/init";
static bool want_kthreadd;
static const char *argv_init[MAX_INIT_ARGS + 2];
static const char *envp_init[] = { "HOME=/", "TERM=linux", "PATH=/bin", NULL };

void start_kernel(void);
int kernel_init(void *unused);
int kthreadd(void *unused);
void rest_init(void);

/* Words with "=" or known ones are ours; after "--" all are init's. */
static void parse_args(void)
{
	char *p = command_line;
	int argc = 1;
	bool ours = true;

	strlcpy(command_line, boot_command_line, sizeof(command_line));
	while (*p) {
		char *word, quote = 0, *out;

		while (*p == ' ')
			p++;
		if (!*p)
			break;
		/* Double quotes hold a word together, and go. */
		word = out = p;
		while (*p && (quote || *p != ' ')) {
			if (*p == '"')
				quote = !quote;
			else
				*out++ = *p;
			p++;
		}
		if (*p)
			p++;
		*out = '\0';

		if (!ours) {
			if (argc <= MAX_INIT_ARGS)
				argv_init[argc++] = word;
		} else if (!strcmp(word, "--")) {
			ours = false;
		} else if (!strncmp(word, "init=", 5)) {
			init_path = word + 5;
		} else if (!strcmp(word, "child_runs_first=1")) {
			sysctl_sched_child_runs_first = 1;
		} else if (!strcmp(word, "kthreadd=1")) {
			want_kthreadd = true;
		} else if (!strcmp(word, "quiet")) {
			printk_set_quiet();
		}
	}
	argv_init[0] = init_path;
}

/* Standard input, output and error of the first process. */
static void open_console(void)
{
	int fd;

	for (fd = 0; fd < 3; fd++) {
		struct file *file = filp_open("/dev/console", O_RDWR, 0);

		if (IS_ERR(file))
			panic("cannot open /dev/console: error %ld",
			      PTR_ERR(file));
		fd_install(get_unused_fd_flags(0), file);
	}
}

/*
 * Process 1 as long as it is a kernel thread. After the exec it goes back
 * through ret_from_fork to user mode, which it has never been in.
 */
__visible int kernel_init(void *unused)
{
	int err;

	if (initrd_end > initrd_start)
		populate_rootfs();
	open_console();
	err = kernel_execve(init_path, argv_init, envp_init);
	if (err)
		panic("Requested init %s failed (error %d).", init_path, err);
	return 0;
}

/*
 * A kernel thread that stays one: Linux's second process, here for those who
 * want to see how one is made. It has no threads to make, and sleeps.
 */
__visible int kthreadd(void *unused)
{
	strlcpy(current->comm, "kthreadd", TASK_COMM_LEN);
	for (int i = 0; i < _NSIG; i++)
		current->sighand->action[i].sa.sa_handler = SIG_IGN;
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	}
	return 0;
}

/* Task 0 makes task 1 and becomes the idle task. */
__visible void rest_init(void)
{
	pid_t pid = user_mode_thread(kernel_init, NULL, SIGCHLD);

	if (pid != 1)
		panic("cannot create init: %d", pid);
	if (want_kthreadd)
		kernel_thread(kthreadd, NULL, CLONE_FS | CLONE_FILES);
	cpu_idle();
}

__visible void start_kernel(void)
{
	setup_arch();
	parse_args();
	printk("forkscope kernel %s (%s)\n", UTS_RELEASE, utsname_machine);
	trap_init();
	mem_init();
	kmem_cache_init();
	sched_init();
	init_IRQ();
	time_init();
	timekeeping_init();
	console_init();
	pidhash_init();
	proc_caches_init();
	fork_init();
	signal_init();
	virtio_console_init();
	vfs_caches_init();
	local_irq_enable();
	rest_init();
}
