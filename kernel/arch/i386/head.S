/* SPDX-License-Identifier: MIT */
/*
 * Entry from a multiboot 1 loader, up to start_kernel.
 *
 * This part is linked at its physical address, so that it runs before paging
 * and a debugger's breakpoint on _start works from the first instruction.
 */
#include <linux/linkage.h>
#include <asm/page.h>
#include <asm/segment.h>
#include <asm/thread_info.h>
#include <generated/asm-offsets.h>

#define MULTIBOOT_HEADER_MAGIC	0x1BADB002
#define MULTIBOOT_FLAGS		0x00000003	/* modules page aligned, memory size */

#define X86_CR0_MP	0x00000002	/* wait instructions honour TS */
#define X86_CR0_NE	0x00000020	/* x87 errors as #MF, not as IRQ 13 */
#define X86_CR0_WP	0x00010000	/* kernel writes obey read-only pages: copy on write */
#define X86_CR0_AM	0x00040000	/* a program that sets AC gets #AC */
#define X86_CR0_PG	0x80000000
#define X86_CR0_EM	0x00000004
#define X86_CR4_PSE	0x00000010
#define X86_CR4_PGE	0x00000080
#define X86_CR4_OSFXSR	0x00000200
#define X86_CR4_OSXMMEXCPT 0x00000400

#define PDE_LARGE_KERNEL 0x83		/* present, writable, 4 MiB */
#define PDE_GLOBAL	0x100		/* a load of cr3 leaves its translation alone */

	.cfi_sections .debug_frame

	.section .multiboot, "a"
	.balign 4
	.long	MULTIBOOT_HEADER_MAGIC
	.long	MULTIBOOT_FLAGS
	.long	-(MULTIBOOT_HEADER_MAGIC + MULTIBOOT_FLAGS)

	.section .head.text, "ax"

/*
 * void _start(void)
 *
 * eax = multiboot magic, ebx = physical address of the multiboot information;
 * flat segments, no paging, interrupts off.
 */
	.globl	_start
	.type	_start, %function
_start:
	.cfi_startproc
	.cfi_undefined eip
	cld
	movl	%eax, %esi
	movl	$(swapper_pg_dir - PAGE_OFFSET), %ecx
	movl	%ecx, %cr3
	movl	%cr4, %ecx
	orl	$(X86_CR4_PSE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT), %ecx
	movl	%ecx, %cr4
	movl	%cr0, %ecx
	andl	$~X86_CR0_EM, %ecx
	orl	$(X86_CR0_PG | X86_CR0_AM | X86_CR0_WP | X86_CR0_NE | X86_CR0_MP), %ecx
	movl	%ecx, %cr0
	/* Paging is on; RAM is seen both here and from PAGE_OFFSET up. */
	movl	$startup_32, %ecx
	jmp	*%ecx
	.cfi_endproc
	END(_start)

	.text
/*
 * void startup_32(void)
 *
 * i386 only: here only the segments are left to be set up, the tables are data.
 * The first instructions at kernel addresses: esi and ebx as they came.
 */
ENTRY(startup_32)
	.cfi_startproc
	.cfi_undefined eip
	movl	%cr4, %ecx		/* with paging on already: IA-32 manual, volume 3, 2.5 */
	orl	$X86_CR4_PGE, %ecx
	movl	%ecx, %cr4
	lgdt	gdt_descr
	ljmp	$__KERNEL_CS, $1f
1:	movl	$__KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	lldt	%ax
	movl	$(init_thread_union + THREAD_SIZE - 8 - PT_REGS_SIZE), %esp
	xorl	%ebp, %ebp
	pushl	$0			/* eflags in a known state */
	popfl
	movl	%esi, multiboot_magic
	movl	%ebx, multiboot_info
	call	start_kernel
2:	cli				/* start_kernel does not return */
	hlt
	jmp	2b
	.cfi_endproc
END(startup_32)

	.section .data, "aw"
/*
 * The kernel's page directory: all RAM it can use, by 4 MiB pages, at
 * PAGE_OFFSET and (until setup_arch takes it away) at its physical address.
 * Each root has the former, so they are global.
 */
	.balign	PAGE_SIZE
	.globl	swapper_pg_dir
	.type	swapper_pg_dir, %object
swapper_pg_dir:
	.set	frame, 0
	.rept	LOWMEM_MAX >> 22
	.long	frame + PDE_LARGE_KERNEL
	.set	frame, frame + 0x400000
	.endr
	.fill	(PAGE_OFFSET >> 22) - (LOWMEM_MAX >> 22), 4, 0
	.set	frame, 0
	.rept	LOWMEM_MAX >> 22
	.long	frame + PDE_LARGE_KERNEL + PDE_GLOBAL
	.set	frame, frame + 0x400000
	.endr
	.fill	1024 - (PAGE_OFFSET >> 22) - (LOWMEM_MAX >> 22), 4, 0
	.size	swapper_pg_dir, . - swapper_pg_dir
