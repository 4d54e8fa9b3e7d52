/* SPDX-License-Identifier: MIT */
/*
 * Entry from a PVH loader, up to start_kernel.
 *
 * This part is linked at its physical address, so that it runs before paging
 * and a debugger's breakpoint on _start works from the first instruction.
 */
#include <linux/linkage.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <asm/segment.h>
#include <asm/thread_info.h>
#include <generated/asm-offsets.h>

#define XEN_ELFNOTE_PHYS32_ENTRY 18

#define X86_CR0_PE	0x00000001
#define X86_CR0_MP	0x00000002	/* wait instructions honour TS */
#define X86_CR0_EM	0x00000004
#define X86_CR0_NE	0x00000020	/* x87 errors as #MF, not as IRQ 13 */
#define X86_CR0_WP	0x00010000	/* kernel writes obey read-only pages: copy on write */
#define X86_CR0_AM	0x00040000	/* a program that sets AC gets #AC */
#define X86_CR0_PG	0x80000000
#define X86_CR4_PAE	0x00000020
#define X86_CR4_PGE	0x00000080
#define X86_CR4_OSFXSR	0x00000200
#define X86_CR4_OSXMMEXCPT 0x00000400

/* Present, writable, accessed, dirty: a table, and a page of 2 MiB that all roots have. */
#define TABLE_KERNEL	0x63
#define PDE_LARGE_KERNEL 0x1e3
#define PDE_NX		0x8000000000000000

	.cfi_sections .debug_frame

/* Xen's ELF note by which a PVH loader finds the entry (xen/include/public/elfnote.h). */
	.section .note.Xen, "a", %note
	.balign 4
	.long	4, 8, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.quad	_start

	.section .head.text, "ax"

/*
 * void _start(void)
 *
 * ebx = physical address of the hvm_start_info; flat segments of 32 bits, no
 * paging, interrupts off.
 */
	.code32
	.globl	_start
	.type	_start, %function
_start:
	.cfi_startproc
	.cfi_undefined 16		/* rip, which has no name in code of 32 bits */
	cld
	lgdt	boot_gdt_descr
	movl	$(swapper_pg_dir - __START_KERNEL_map), %ecx
	movl	%ecx, %cr3
	movl	%cr4, %ecx
	orl	$(X86_CR4_PAE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT), %ecx
	movl	%ecx, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$(EFER_LME | EFER_NX | EFER_SCE), %eax
	wrmsr
	movl	%cr0, %ecx
	andl	$~X86_CR0_EM, %ecx
	orl	$(X86_CR0_PG | X86_CR0_AM | X86_CR0_WP | X86_CR0_NE | X86_CR0_MP | X86_CR0_PE), %ecx
	movl	%ecx, %cr0
	/* Long mode, but this code segment is one of 32 bits. RAM is seen here and in the kernel's half. */
	ljmp	$__KERNEL_CS, $1f
	.code64
1:	movq	$startup_64, %rcx
	jmp	*%rcx
	.cfi_endproc
	END(_start)

	.balign	4
	.word	0
boot_gdt_descr:
	.word	GDT_ENTRIES * 8 - 1
	.long	gdt_table - __START_KERNEL_map

	.text
/*
 * void startup_64(void)
 *
 * x86_64 only: here only the segments are left to be set up, the tables are data.
 * The first instructions at kernel addresses: ebx as it came.
 */
ENTRY(startup_64)
	.cfi_startproc
	.cfi_undefined rip
	movq	%cr4, %rcx		/* with paging on already: Intel manual, volume 3, 2.5 */
	orq	$X86_CR4_PGE, %rcx
	movq	%rcx, %cr4
	lgdt	gdt_descr
	movl	$__KERNEL_DS, %eax
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	lldt	%ax
	movq	$(init_thread_union + THREAD_SIZE - PT_REGS_SIZE), %rsp
	xorl	%ebp, %ebp
	pushq	$0			/* rflags in a known state */
	popfq
	movl	%ebx, pvh_start_info
	call	start_kernel
2:	cli				/* start_kernel does not return */
	hlt
	jmp	2b
	.cfi_endproc
END(startup_64)

/*
 * The kernel's page tables: the first GiB by pages of 2 MiB at PAGE_OFFSET, at
 * __START_KERNEL_map and (until setup_arch takes it away) at its physical
 * address, which is the latter's table once more.
 */
	.macro	TABLE name:req
	.balign	PAGE_SIZE
	.globl	\name
	.type	\name, %object
\name:
	.endm

	.macro	LARGE_PAGES flags:req
	.set	frame, 0
	.rept	BOOT_MAP_MAX >> 21
	.quad	frame + \flags
	.set	frame, frame + 0x200000
	.endr
	.endm

	.section .data, "aw"
	TABLE	swapper_pg_dir
	.quad	level3_kernel_pgt - __START_KERNEL_map + TABLE_KERNEL
	.fill	272, 8, 0
	.quad	level3_direct_pgt - __START_KERNEL_map + TABLE_KERNEL
	.fill	512 - 1 - 274, 8, 0
	.quad	level3_kernel_pgt - __START_KERNEL_map + TABLE_KERNEL
	.size	swapper_pg_dir, . - swapper_pg_dir

	TABLE	level3_direct_pgt
	.set	table, 0
	.rept	LOWMEM_MAX >> 30
	.quad	level2_direct_pgt - __START_KERNEL_map + table + TABLE_KERNEL
	.set	table, table + PAGE_SIZE
	.endr
	.fill	512 - (LOWMEM_MAX >> 30), 8, 0
	.size	level3_direct_pgt, . - level3_direct_pgt

	TABLE	level2_direct_pgt
	LARGE_PAGES PDE_LARGE_KERNEL + PDE_NX
	.fill	(LOWMEM_MAX - BOOT_MAP_MAX) >> 21, 8, 0
	.size	level2_direct_pgt, . - level2_direct_pgt

	TABLE	level3_kernel_pgt
	.quad	level2_kernel_pgt - __START_KERNEL_map + TABLE_KERNEL
	.fill	509, 8, 0
	.quad	level2_kernel_pgt - __START_KERNEL_map + TABLE_KERNEL
	.quad	0
	.size	level3_kernel_pgt, . - level3_kernel_pgt

	TABLE	level2_kernel_pgt
	LARGE_PAGES PDE_LARGE_KERNEL
	.size	level2_kernel_pgt, . - level2_kernel_pgt
