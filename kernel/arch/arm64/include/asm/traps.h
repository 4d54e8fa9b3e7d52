/* SPDX-License-Identifier: MIT */
#ifndef _ASM_TRAPS_H
#define _ASM_TRAPS_H

/* ESR_EL1, Arm ARM D13.2.37: exception classes and abort syndromes. */
#define ESR_ELx_EC_SHIFT	26
#define ESR_ELx_EC_SVC64	0x15
#define ESR_ELx_EC_IABT_LOW	0x20
#define ESR_ELx_EC_IABT_CUR	0x21
#define ESR_ELx_EC_PC_ALIGN	0x22
#define ESR_ELx_EC_DABT_LOW	0x24
#define ESR_ELx_EC_DABT_CUR	0x25
#define ESR_ELx_EC_SP_ALIGN	0x26
#define ESR_ELx_EC_FP_EXC64	0x2c
#define ESR_ELx_EC_BREAKPT_LOW	0x30

#define ESR_ELx_EC(esr)		(((esr) >> ESR_ELx_EC_SHIFT) & 0x3f)
#define ESR_ELx_WNR		(1 << 6)
#define ESR_ELx_CM		(1 << 8)
#define ESR_ELx_FSC		0x3f
#define ESR_ELx_FSC_TYPE	0x3c
#define ESR_ELx_FSC_FAULT	0x04	/* translation, any level */
#define ESR_ELx_FSC_ACCESS	0x08
#define ESR_ELx_FSC_PERM	0x0c
#define ESR_ELx_FSC_ALIGN	0x21

/* Which of the never armed vectors was taken: bad_mode's reason. */
#define BAD_SYNC	0
#define BAD_IRQ		1
#define BAD_FIQ		2
#define BAD_ERROR	3

#ifndef __ASSEMBLY__

#include <linux/linkage.h>

struct pt_regs;

/* Called from entry.S. */
void bad_mode(struct pt_regs *regs, int reason, unsigned int esr);
void do_undefinstr(struct pt_regs *regs);
void do_fpsimd_exc(unsigned int esr, struct pt_regs *regs);
void do_sp_pc_abort(unsigned long addr, unsigned int esr,
		    struct pt_regs *regs);
void do_debug_exception(unsigned long addr, unsigned int esr,
			struct pt_regs *regs);
void do_page_fault(unsigned long addr, unsigned int esr, struct pt_regs *regs);
void do_mem_abort(unsigned long addr, unsigned int esr, struct pt_regs *regs);
long do_ni_syscall(struct pt_regs *regs);

#endif
#endif
