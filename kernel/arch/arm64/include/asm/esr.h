/* SPDX-License-Identifier: MIT */
/* ESR_EL1, Arm ARM D13.2.37: exception classes and abort syndromes. */
#ifndef _ASM_ESR_H
#define _ASM_ESR_H

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

#endif
