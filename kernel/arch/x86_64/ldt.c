// SPDX-License-Identifier: MIT
/*
 * x86 only: arm64 has no segments.
 * modify_ldt: a table of segments that belongs to an address space. It is copied
 * by fork, shared by threads and gone after exec.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/desc.h>
#include <asm/mmu_context.h>

#define LDT_ENTRIES		8192
#define LDT_ENTRY_SIZE		sizeof(struct desc_struct)
/* The table grows by this many entries, a page of them. */
#define LDT_STEP		(PAGE_SIZE / LDT_ENTRY_SIZE)

/* Without entries the null selector is loaded: every LDT selector faults. */
void load_LDT(const mm_context_t *context)
{
	/* 2: an LDT. */
	if (context->ldt)
		set_system_desc(GDT_ENTRY_LDT, 2, context->ldt,
				context->ldt_entries * LDT_ENTRY_SIZE);
	__asm__ __volatile__("lldt %w0" : : "r" (context->ldt ? GDT_ENTRY_LDT * 8 : 0));
}

/*
 * fork has copied the context by value; the table itself is the child's own. A
 * new address space knows key 0 alone.
 */
int init_new_context(struct task_struct *tsk, struct mm_struct *mm)
{
	const struct desc_struct *old = mm->context.ldt;
	size_t size = mm->context.ldt_entries * LDT_ENTRY_SIZE;

	if (cpu_has(X86_FEATURE_PKU))
		mm->context.pkey_allocation_map |= 1;
	if (!old)
		return 0;
	mm->context.ldt = kmalloc(size, GFP_KERNEL);
	if (!mm->context.ldt)
		return -ENOMEM;
	memcpy(mm->context.ldt, old, size);
	return 0;
}

void destroy_context(struct mm_struct *mm)
{
	kfree(mm->context.ldt);
	mm->context.ldt = NULL;
}

/* Makes room for entry nr. */
static int ldt_grow(mm_context_t *context, unsigned int nr)
{
	unsigned int entries = (nr / LDT_STEP + 1) * LDT_STEP;
	struct desc_struct *ldt;

	if (nr < context->ldt_entries)
		return 0;
	ldt = kzalloc(entries * LDT_ENTRY_SIZE, GFP_KERNEL);
	if (!ldt)
		return -ENOMEM;
	if (context->ldt)
		memcpy(ldt, context->ldt, context->ldt_entries * LDT_ENTRY_SIZE);
	kfree(context->ldt);
	context->ldt = ldt;
	context->ldt_entries = entries;
	return 0;
}

static int write_ldt(mm_context_t *context, void __user *ptr,
		     unsigned long bytecount, bool oldmode)
{
	struct user_desc info;
	struct desc_struct desc;
	unsigned int contents;
	int err;

	if (bytecount != sizeof(info))
		return -EINVAL;
	if (copy_from_user(&info, ptr, sizeof(info)))
		return -EFAULT;
	if (info.entry_number >= LDT_ENTRIES)
		return -EINVAL;
	contents = (info.flags & USER_DESC_CONTENTS) >> USER_DESC_CONTENTS_SHIFT;
	/* A conforming code segment cannot be the way to more privilege when absent. */
	if (contents == 3 && (oldmode || !(info.flags & USER_DESC_SEG_NOT_PRESENT)))
		return -EINVAL;

	desc.a = 0;
	desc.b = 0;
	if (!(oldmode && !info.base_addr && !info.limit) && !LDT_empty(&info)) {
		if (oldmode)
			info.flags &= ~USER_DESC_USEABLE;
		desc.a = LDT_entry_a(&info);
		desc.b = LDT_entry_b(&info);
	}

	err = ldt_grow(context, info.entry_number);
	if (err)
		return err;
	context->ldt[info.entry_number] = desc;
	load_LDT(context);
	return 0;
}

/* Copies n bytes and fills up to bytecount with zeros. */
static int read_descriptors(void __user *ptr, unsigned long bytecount,
			    const void *from, unsigned long n)
{
	n = min(n, bytecount);
	if (copy_to_user(ptr, from, n) ||
	    clear_user((char __user *)ptr + n, bytecount - n))
		return -EFAULT;
	return bytecount;
}

SYSCALL_DEFINE3(modify_ldt, int, func, void __user *, ptr,
		unsigned long, bytecount)
{
	mm_context_t *context = &current->mm->context;

	switch (func) {
	case 0:
		if (!context->ldt)
			return 0;
		bytecount = min(bytecount, LDT_ENTRIES * (unsigned long)LDT_ENTRY_SIZE);
		return read_descriptors(ptr, bytecount, context->ldt,
					context->ldt_entries * LDT_ENTRY_SIZE);
	case 1:
	case 0x11:
		return write_ldt(context, ptr, bytecount, func == 1);
	case 2:		/* what a table begins as */
		bytecount = min(bytecount, 5 * (unsigned long)LDT_ENTRY_SIZE);
		return read_descriptors(ptr, bytecount, NULL, 0);
	}
	return -ENOSYS;
}
