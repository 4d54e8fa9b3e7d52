/* SPDX-License-Identifier: MIT */
#ifndef _ASM_MMU_H
#define _ASM_MMU_H

/* Generation in the high bits, ASID in the low 8; 0 is "none yet". */
typedef struct {
	unsigned long id;
	void *vdso;		/* user address of sigtramp */
} mm_context_t;

#endif
