/* SPDX-License-Identifier: MIT */
/*
 * From the boot loader to start_kernel. Entered at PHYS_BASE with the MMU and
 * caches off, at EL1 or EL2, x0 = physical address of the device tree.
 * This section is linked at its physical address.
 */
#include <linux/linkage.h>
#include <asm/page.h>
#include <asm/pgtable.h>
#include <asm/ptrace.h>
#include <asm/thread_info.h>
#include <generated/asm-offsets.h>

/* Block entry: valid, AF, inner shareable, UXN. */
#define BLOCK_NORMAL	((1 << 54) | (1 << 10) | (3 << 8) | (MT_NORMAL << 2) | 1)
/* As above but device memory and PXN. */
#define BLOCK_DEVICE	((3 << 53) | (1 << 10) | (MT_DEVICE_nGnRnE << 2) | 1)

/* RES1 bits of ARMv8.0, then UCI nTWE nTWI UCT DZE I SA0 SA C M. */
#define SCTLR_EL1_RES1	0x30d00800
#define SCTLR_EL1_SET	(SCTLR_EL1_RES1 | (1 << 26) | (1 << 18) | (1 << 16) | \
			 (1 << 15) | (1 << 14) | (1 << 12) | (1 << 4) | \
			 (1 << 3) | (1 << 2) | 1)

/*
 * T0SZ = T1SZ = 16; walks write-back cacheable, inner shareable; 4 KiB
 * granules; 8-bit ASIDs from TTBR0. IPS is added from ID_AA64MMFR0_EL1.
 */
#define TCR_SET		((2 << 30) | (3 << 28) | (1 << 26) | (1 << 24) | \
			 (16 << 16) | (3 << 12) | (1 << 10) | (1 << 8) | 16)

	.cfi_sections .debug_frame
	.section .head.text, "ax"

/* The header of a Linux arm64 Image (Documentation/arm64/booting). */
	.globl _start
	.type _start, %function
_start:
	.cfi_startproc
	.cfi_undefined x30
	b	stext
	nop
	.quad	0x80000			// text_offset from the start of RAM
	.quad	_image_size
	.quad	2			// little endian, 4 KiB pages
	.quad	0
	.quad	0
	.quad	0
	.ascii	"ARM\x64"
	.long	0
	.cfi_endproc
END(_start)

/*
 * arm64 only: a loader may leave the CPU at EL2, and the tables are to be made.
 */
ENTRY(stext)
	.cfi_startproc
	.cfi_undefined x30
	mov	x21, x0
	bl	el2_setup
	bl	__create_page_tables
	bl	__cpu_setup
	b	__enable_mmu
	.cfi_endproc
ENDPROC(stext)

/* Drops to EL1h when the loader left us at EL2. */
ENTRY(el2_setup)
	.cfi_startproc
	msr	spsel, #1
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.eq	1f
	ret
1:	mov	x0, #(1 << 31)			// EL1 is AArch64, nothing trapped
	msr	hcr_el2, x0
	mrs	x0, cnthctl_el2
	orr	x0, x0, #3			// EL1 may use the counter and timer
	msr	cnthctl_el2, x0
	msr	cntvoff_el2, xzr
	mov	x0, #0x33ff			// no FP/SIMD traps to EL2
	msr	cptr_el2, x0
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr
	ldr	w0, =SCTLR_EL1_RES1
	msr	sctlr_el1, x0
	mov	x0, #(PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT | PSR_MODE_EL1h)
	msr	spsr_el2, x0
	msr	elr_el2, x30
	eret
	.cfi_endproc
ENDPROC(el2_setup)

/*
 * Clears .bss and maps the first two GiB (devices, then RAM) as 1 GiB blocks
 * at PAGE_OFFSET. The same root serves TTBR0 until the MMU is on: PAGE_OFFSET
 * is 512 GiB aligned, so index 0 is both the identity and the linear map.
 * setup_arch adds blocks for RAM beyond.
 */
ENTRY(__create_page_tables)
	.cfi_startproc
	ldr	x0, =__bss_start - PAGE_OFFSET
	ldr	x1, =__bss_stop - PAGE_OFFSET
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b

	ldr	x0, =swapper_pg_dir - PAGE_OFFSET
	ldr	x1, =swapper_pud - PAGE_OFFSET
	orr	x2, x1, #3			// table
	str	x2, [x0]
	ldr	x2, =BLOCK_DEVICE
	str	x2, [x1]
	ldr	x2, =BLOCK_NORMAL + (1 << PUD_SHIFT)
	str	x2, [x1, #8]
	ret
	.cfi_endproc
ENDPROC(__create_page_tables)

/* Memory attributes, translation control and bases, FP access. */
ENTRY(__cpu_setup)
	.cfi_startproc
	mov	x0, #0xff			// index 0 normal write-back, 1 device
	msr	mair_el1, x0
	ldr	x0, =TCR_SET
	mrs	x1, id_aa64mmfr0_el1
	and	x1, x1, #7			// PARange
	cmp	x1, #5				// 48 bits is all we can use
	mov	x2, #5
	csel	x1, x1, x2, lo
	orr	x0, x0, x1, lsl #32		// IPS
	msr	tcr_el1, x0
	ldr	x0, =swapper_pg_dir - PAGE_OFFSET
	msr	ttbr0_el1, x0
	msr	ttbr1_el1, x0
	mov	x0, #(3 << 20)			// FPEN: no traps
	msr	cpacr_el1, x0
	mov	x0, #(1 << 1)			// EL0 may read CNTVCT
	msr	cntkctl_el1, x0
	msr	mdscr_el1, xzr
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	ret
	.cfi_endproc
ENDPROC(__cpu_setup)

ENTRY(__enable_mmu)
	.cfi_startproc
	.cfi_undefined x30
	ldr	w0, =SCTLR_EL1_SET
	msr	sctlr_el1, x0
	isb
	ic	iallu
	dsb	nsh
	isb
	ldr	x8, =__mmap_switched
	br	x8
	.ltorg
	.cfi_endproc
ENDPROC(__enable_mmu)

	.text

/* At virtual addresses now: x21 = device tree. */
ENTRY(__mmap_switched)
	.cfi_startproc
	.cfi_undefined x30
	ldr	x0, =init_thread_union + THREAD_SIZE - S_FRAME_SIZE
	mov	sp, x0
	ldr	x0, =vectors
	msr	vbar_el1, x0
	isb
	ldr	x0, =__fdt_pointer
	str	x21, [x0]
	mov	x29, xzr
	mov	x30, xzr
	bl	start_kernel
1:	wfi
	b	1b
	.ltorg
	.cfi_endproc
ENDPROC(__mmap_switched)

	.section .bss.page_aligned, "aw", %nobits
	.balign	4096
	.globl	swapper_pg_dir
	.type	swapper_pg_dir, %object
swapper_pg_dir:
	.space	4096
	.size	swapper_pg_dir, 4096
	/* arm64 only: two levels and two roots, where i386 has one of each. */
	.globl	swapper_pud
	.type	swapper_pud, %object
swapper_pud:
	.space	4096
	.size	swapper_pud, 4096
	/* TTBR0 of tasks without user memory: nothing valid. */
	.globl	reserved_pg_dir
	.type	reserved_pg_dir, %object
reserved_pg_dir:
	.space	4096
	.size	reserved_pg_dir, 4096
