// SPDX-License-Identifier: MIT
/*
 * x86_64 only: user shadow stacks, as programs ask for them by arch_prctl and
 * map_shadow_stack. Entries from user mode leave SSP in an MSR and returns load it
 * from there (Intel manual, volume 3, 7.14), so in here that is a program's SSP.
 */
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/msr.h>
#include <asm/shstk.h>
#include "../../mm/internal.h"

#define ARCH_SHSTK_ENABLE	0x5001
#define ARCH_SHSTK_DISABLE	0x5002
#define ARCH_SHSTK_LOCK		0x5003
#define ARCH_SHSTK_UNLOCK	0x5004
#define ARCH_SHSTK_STATUS	0x5005

#define ARCH_SHSTK_SHSTK	0x1UL	/* there is one */
#define ARCH_SHSTK_WRSS		0x2UL	/* and the program may write there, by wrss */

#define SHADOW_STACK_SET_TOKEN	0x1	/* map_shadow_stack: ready for rstorssp */

#define SHSTK_ENTRY_SIZE	8UL
#define SHSTK_DATA_BIT		(1UL << 63)	/* an entry that is no return address */
#define SHSTK_TOKEN_64		0x1UL		/* a restore token, for code of 64 bits */
#define SHSTK_MAX		0x100000000UL

static bool shstk_enabled(const struct thread_struct *thread)
{
	return thread->features & ARCH_SHSTK_SHSTK;
}

static u64 user_cet(unsigned long features)
{
	return (features & ARCH_SHSTK_SHSTK ? CET_SHSTK_EN : 0) |
	       (features & ARCH_SHSTK_WRSS ? CET_WRSS_EN : 0);
}

void shstk_init(void)
{
	if (cpu_has(X86_FEATURE_SHSTK))
		cr4_set_bits(X86_CR4_CET);
}

unsigned long current_ssp(void)
{
	return shstk_enabled(&current->thread) ? rdmsrq(MSR_IA32_PL3_SSP) : 0;
}

/* The one way for the kernel to write there; the page may have to be made first. */
static int write_user_shstk(unsigned long addr, u64 value)
{
	int err = 0;

	if (!access_ok((void __user *)addr, sizeof(value)))
		return -EFAULT;
	__asm__ __volatile__("1:	wrussq %1, (%2)\n"
			     "2:\n"
			     "	.pushsection .text.fixup, \"ax\"\n"
			     "3:	movl %3, %0\n"
			     "	jmp 2b\n"
			     "	.popsection\n"
			     "	.pushsection __ex_table, \"a\"\n"
			     "	.quad 1b, 3b\n"
			     "	.popsection\n"
			     : "+r" (err) : "r" (value), "r" (addr), "i" (-EFAULT)
			     : "memory");
	return err;
}

/* At addr, or where there is room. With a token, it is the highest entry below size. */
static unsigned long alloc_shstk(unsigned long addr, unsigned long size,
				 bool set_token)
{
	struct mm_struct *mm = current->mm;
	unsigned long len = PAGE_ALIGN(size), token = size - SHSTK_ENTRY_SIZE;

	addr = get_unmapped_area(mm, addr, len,
				 addr ? MAP_FIXED_NOREPLACE : 0);
	if (IS_ERR_VALUE(addr))
		return addr;
	addr = mmap_region(NULL, addr, len, VM_SHADOW_STACK | VM_READ | VM_WRITE |
			   VM_MAYREAD | VM_MAYWRITE | mm->def_flags,
			   addr >> PAGE_SHIFT);
	if (!IS_ERR_VALUE(addr) && set_token &&
	    write_user_shstk(addr + token, (addr + size) | SHSTK_TOKEN_64)) {
		do_munmap(mm, addr, len);
		return -EFAULT;
	}
	return addr;
}

/* As large as the stack it goes with: each of its entries has one there. */
static unsigned long adjust_shstk_size(unsigned long stack_size)
{
	return PAGE_ALIGN(stack_size ? stack_size :
			  min(rlimit(RLIMIT_STACK), SHSTK_MAX));
}

static long shstk_setup(struct thread_struct *t)
{
	unsigned long size = adjust_shstk_size(0), addr;

	if (!cpu_has(X86_FEATURE_SHSTK))
		return -EOPNOTSUPP;
	if (shstk_enabled(t))
		return 0;
	addr = alloc_shstk(0, size, false);
	if (IS_ERR_VALUE(addr))
		return addr;
	t->shstk_base = addr;
	t->shstk_size = size;
	t->features |= ARCH_SHSTK_SHSTK;
	wrmsrq(MSR_IA32_PL3_SSP, addr + size);
	wrmsrq(MSR_IA32_U_CET, user_cet(t->features));
	return 0;
}

static long wrss_control(struct thread_struct *t, bool enable)
{
	if (!cpu_has(X86_FEATURE_SHSTK))
		return -EOPNOTSUPP;
	if (!shstk_enabled(t))
		return -EPERM;
	if (enable)
		t->features |= ARCH_SHSTK_WRSS;
	else
		t->features &= ~ARCH_SHSTK_WRSS;
	wrmsrq(MSR_IA32_U_CET, user_cet(t->features));
	return 0;
}

static long shstk_disable(struct task_struct *tsk)
{
	if (!cpu_has(X86_FEATURE_SHSTK))
		return -EOPNOTSUPP;
	if (!shstk_enabled(&tsk->thread))
		return 0;
	shstk_free(tsk);
	shstk_reset(&tsk->thread);
	return 0;
}

/* exec begins without, and whoever gives it up goes on without. */
void shstk_reset(struct thread_struct *thread)
{
	thread->shstk_base = thread->shstk_size = 0;
	if (!thread->features)
		return;
	thread->features = 0;
	wrmsrq(MSR_IA32_U_CET, 0);
	wrmsrq(MSR_IA32_PL3_SSP, 0);
}

long shstk_prctl(struct task_struct *tsk, int option, unsigned long arg2)
{
	struct thread_struct *t = &tsk->thread;

	switch (option) {
	case ARCH_SHSTK_STATUS:
		return put_user(t->features, (unsigned long __user *)arg2);
	case ARCH_SHSTK_LOCK:
		t->features_locked |= arg2;
		return 0;
	case ARCH_SHSTK_ENABLE:
	case ARCH_SHSTK_DISABLE:
		break;
	default:
		return -EINVAL;
	}
	if (arg2 & t->features_locked)
		return -EPERM;
	/* One at a time. */
	switch (arg2) {
	case ARCH_SHSTK_SHSTK:
		return option == ARCH_SHSTK_ENABLE ? shstk_setup(t) : shstk_disable(tsk);
	case ARCH_SHSTK_WRSS:
		return wrss_control(t, option == ARCH_SHSTK_ENABLE);
	}
	return -EINVAL;
}

__visible unsigned long shstk_alloc_thread_stack(struct task_struct *p,
						 unsigned long clone_flags,
						 unsigned long stack_size)
{
	unsigned long size, addr;

	if (!shstk_enabled(&p->thread))
		return 0;
	/* A copy of the memory has a copy of it, at the same place. */
	if (!(clone_flags & CLONE_VM))
		return 0;
	/* The parent waits while the child is on its stacks; they are not the child's to free. */
	if (clone_flags & CLONE_VFORK) {
		p->thread.shstk_base = p->thread.shstk_size = 0;
		return 0;
	}
	size = adjust_shstk_size(stack_size);
	addr = alloc_shstk(0, size, false);
	if (IS_ERR_VALUE(addr))
		return addr;
	p->thread.shstk_base = addr;
	p->thread.shstk_size = size;
	return addr + size;
}

void shstk_free(struct task_struct *tsk)
{
	struct thread_struct *t = &tsk->thread;

	if (!shstk_enabled(t) || !t->shstk_base || !tsk->mm || tsk->mm != current->mm)
		return;
	do_munmap(tsk->mm, t->shstk_base, t->shstk_size);
	t->shstk_base = t->shstk_size = 0;
}

void shstk_switch(struct task_struct *prev, struct task_struct *next)
{
	struct thread_struct *p = &prev->thread, *n = &next->thread;

	if (shstk_enabled(p))
		p->ssp = rdmsrq(MSR_IA32_PL3_SSP);
	if (shstk_enabled(n))
		wrmsrq(MSR_IA32_PL3_SSP, n->ssp);
	if (unlikely(p->features != n->features))
		wrmsrq(MSR_IA32_U_CET, user_cet(n->features));
}

/*
 * For the return from a handler: the place to go on, and above that, which ret
 * takes down first, its restorer's address.
 */
int setup_signal_shadow_stack(struct ksignal *ksig)
{
	unsigned long ssp = current_ssp();

	if (!ssp)
		return 0;
	if (ssp % SHSTK_ENTRY_SIZE ||
	    write_user_shstk(ssp - SHSTK_ENTRY_SIZE, ssp | SHSTK_DATA_BIT) ||
	    write_user_shstk(ssp - 2 * SHSTK_ENTRY_SIZE,
			     (unsigned long)ksig->ka.sa.sa_restorer))
		return -EFAULT;
	wrmsrq(MSR_IA32_PL3_SSP, ssp - 2 * SHSTK_ENTRY_SIZE);
	return 0;
}

int restore_signal_shadow_stack(void)
{
	unsigned long ssp = current_ssp(), token;
	struct vm_area_struct *vma;

	if (!shstk_enabled(&current->thread))
		return 0;
	/* Nothing but a shadow stack is to be believed. */
	vma = find_vma(current->mm, ssp);
	if (ssp % SHSTK_ENTRY_SIZE || !vma || vma->vm_start > ssp ||
	    !(vma->vm_flags & VM_SHADOW_STACK) ||
	    get_user(token, (unsigned long __user *)ssp))
		return -EFAULT;
	if (!(token & SHSTK_DATA_BIT))
		return -EINVAL;
	token &= ~SHSTK_DATA_BIT;
	if (token % SHSTK_ENTRY_SIZE || token >= TASK_SIZE)
		return -EINVAL;
	wrmsrq(MSR_IA32_PL3_SSP, token);
	return 0;
}

SYSCALL_DEFINE3(map_shadow_stack, unsigned long, addr, unsigned long, size,
		unsigned int, flags)
{
	bool set_token = flags & SHADOW_STACK_SET_TOKEN;

	if (!cpu_has(X86_FEATURE_SHSTK))
		return -EOPNOTSUPP;
	if (flags & ~SHADOW_STACK_SET_TOKEN)
		return -EINVAL;
	if (set_token && size < SHSTK_ENTRY_SIZE)
		return -ENOSPC;
	if (addr && addr < SHSTK_MAX)
		return -ERANGE;
	if (size && PAGE_ALIGN(size) < size)
		return -EOVERFLOW;
	if (!size || offset_in_page(addr) || (set_token && size % SHSTK_ENTRY_SIZE))
		return -EINVAL;
	return alloc_shstk(addr, size, set_token);
}
