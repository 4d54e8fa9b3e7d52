// SPDX-License-Identifier: MIT
/*
 * execve: everything that can fail is done on a new address space while the
 * old program still lives; flush_old_exec() is the point of no return.
 */
#include <linux/binfmts.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/mmu_context.h>
#include "exec_args.h"

/* The same file, or why it can't be run. */
static struct file *may_exec(struct file *opened)
{
	struct file *file __free(fput) = opened;
	int error;

	if (IS_ERR(file))
		return no_free_ptr(file);
	error = S_ISREG(file->f_inode->i_mode) ?
		inode_permission(file->f_inode, MAY_EXEC) : -EACCES;
	return error ? ERR_PTR(error) : no_free_ptr(file);
}

struct file *open_exec(const char *name)
{
	return may_exec(filp_open(name, O_RDONLY, 0));
}

/* The first bytes of the file, and what its set-id bits make of the caller. */
static int prepare_binprm(struct linux_binprm *bprm)
{
	struct inode *inode = bprm->file->f_inode;
	ssize_t ret;

	bprm->euid = current->euid;
	bprm->egid = current->egid;
	if (inode->i_mode & S_ISUID)
		bprm->euid = inode->i_uid;
	if ((inode->i_mode & (S_ISGID | 0010)) == (S_ISGID | 0010))
		bprm->egid = inode->i_gid;
	bprm->secureexec = bprm->euid != current->uid || bprm->egid != current->gid;
	memset(bprm->buf, 0, BINPRM_BUF_SIZE);
	ret = kernel_read(bprm->file, bprm->buf, BINPRM_BUF_SIZE, 0);
	return ret < 0 ? (int)ret : 0;
}

int bprm_change_interp(const char *interp, struct linux_binprm *bprm)
{
	char *copy = kstrdup(interp, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	kfree(bprm->interp_buf);
	bprm->interp_buf = copy;
	bprm->interp = copy;
	return 0;
}

/* current leaves its old address space, which tells a vfork parent. */
static void exec_mmap(struct mm_struct *mm)
{
	struct mm_struct *old_mm = current->mm, *active_mm = current->active_mm;

	mm_release(current, old_mm);
	local_irq_disable();
	current->mm = mm;
	current->active_mm = mm;
	activate_mm(active_mm, mm);
	local_irq_enable();
	if (old_mm)
		mmput(old_mm);
	else
		mmdrop(active_mm);	/* a kernel thread only borrowed it */
}

static void set_comm(const char *filename)
{
	const char *base = strrchr(filename, '/');

	memset(current->comm, 0, TASK_COMM_LEN);
	strlcpy(current->comm, base ? base + 1 : filename, TASK_COMM_LEN);
}

int flush_old_exec(struct linux_binprm *bprm)
{
	struct mm_struct *mm = bprm->mm;
	unsigned long gap;
	int error;

	error = de_thread(current);
	if (error)
		return error;
	mm->exe_file = get_file(bprm->file);
	exec_mmap(mm);
	bprm->mm = NULL;

	gap = rlimit(RLIMIT_STACK);
	gap = max(gap, 128UL * 1024 * 1024);
	gap = min(gap, TASK_SIZE / 6 * 5);
	mm->task_size = TASK_SIZE;
	mm->mmap_base = PAGE_ALIGN(STACK_TOP - gap);

	current->flags &= ~(PF_FORKNOEXEC | PF_KTHREAD);
	flush_thread();
	set_comm(bprm->filename);
	current->sas_ss_sp = 0;
	current->sas_ss_size = 0;
	current->robust_list = NULL;
	current->euid = current->suid = current->fsuid = bprm->euid;
	current->egid = current->sgid = current->fsgid = bprm->egid;
	flush_signal_handlers(current, 0);
	do_close_on_exec(current->files);
	return 0;
}

void setup_arg_pages(struct linux_binprm *bprm, bool executable_stack)
{
	struct vm_area_struct *vma = bprm->vma;
	unsigned long grow = 32 * PAGE_SIZE;

	if (executable_stack) {
		vma->vm_flags |= VM_EXEC;
		vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	}
	current->mm->start_stack = bprm->p;
	/* Room at once for what programs need; a low limit may refuse. */
	if (vma->vm_end - vma->vm_start + grow <= rlimit(RLIMIT_STACK))
		expand_stack(vma, vma->vm_start - grow);
}

static void free_bprm(struct linux_binprm *bprm)
{
	if (bprm->mm)
		mmput(bprm->mm);
	fput(bprm->file);
	kfree(bprm->interp_buf);
	kfree(bprm);
}

DEFINE_FREE(free_bprm, struct linux_binprm *, if (_T) free_bprm(_T))

/* Scripts lead to further files; a chain of more than five is refused. */
static int search_binary_handler(struct linux_binprm *bprm, struct pt_regs *regs)
{
	int depth, error;

	for (depth = 0; depth < 6; depth++) {
		error = prepare_binprm(bprm);
		if (error)
			return error;
		if (bprm->buf[0] != '#' || bprm->buf[1] != '!')
			return load_elf_binary(bprm, regs);
		error = load_script(bprm);
		if (error)
			return error;
	}
	return -ELOOP;
}

/* filename is what the program is told; file, counted or an error, is what is run. */
static int do_execve_file(struct file *file, const char *filename,
			  struct arg_ptr argv, struct arg_ptr envp)
{
	struct linux_binprm *bprm __free(free_bprm) = NULL;
	int error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	bprm = kzalloc(sizeof(*bprm), GFP_KERNEL);
	if (!bprm) {
		fput(file);
		return -ENOMEM;
	}
	bprm->file = file;
	bprm->filename = bprm->interp = filename;
	error = unshare_files();
	if (error)
		return error;
	error = bprm_mm_init(bprm);
	if (error)
		return error;
	error = bprm_fill(bprm, argv, envp);
	if (!error)
		error = search_binary_handler(bprm, current_pt_regs());
	/* With its old memory gone there is nobody to return an error to. */
	if (error < 0 && !bprm->mm)
		force_sig(SIGKILL);
	return error;
}

int kernel_execve(const char *filename, const char *const *argv,
		  const char *const *envp)
{
	return do_execve_file(open_exec(filename), filename,
			      (struct arg_ptr) { true, argv },
			      (struct arg_ptr) { true, envp });
}

static int do_execveat(int dfd, const char __user *filename,
		       const char __user *const __user *argv,
		       const char __user *const __user *envp, int flags)
{
	char *name __free(putname) = getname_flags(filename, flags & AT_EMPTY_PATH);
	char fd_name[sizeof("/dev/fd/") + 11];
	struct dentry *dentry __free(dput) = NULL;
	struct file *file;

	if (IS_ERR(name))
		return PTR_ERR(name);
	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	if (*name) {
		file = do_filp_open(dfd, name, O_RDONLY |
				    (flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0), 0);
	} else {
		dentry = fd_dentry(dfd);
		if (IS_ERR(dentry))
			return PTR_ERR(dentry);
		snprintf(fd_name, sizeof(fd_name), "/dev/fd/%d", dfd);
		file = S_ISREG(dentry->d_inode->i_mode) ?
		       dentry_open(dentry, O_RDONLY) : ERR_PTR(-EACCES);
	}
	return do_execve_file(may_exec(file), *name ? name : fd_name,
			      (struct arg_ptr) { false, argv },
			      (struct arg_ptr) { false, envp });
}

SYSCALL_DEFINE5(execveat, int, dfd, const char __user *, filename,
		const char __user *const __user *, argv,
		const char __user *const __user *, envp, int, flags)
{
	return do_execveat(dfd, filename, argv, envp, flags);
}

SYSCALL_DEFINE3(execve, const char __user *, filename,
		const char __user *const __user *, argv,
		const char __user *const __user *, envp)
{
	return do_execveat(AT_FDCWD, filename, argv, envp, 0);
}
