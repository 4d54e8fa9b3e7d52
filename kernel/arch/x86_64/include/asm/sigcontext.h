/* SPDX-License-Identifier: MIT */
#ifndef _ASM_SIGCONTEXT_H
#define _ASM_SIGCONTEXT_H

/*
 * What a signal handler finds on its stack: Linux's x86-64 layouts, which
 * programs and debuggers read and write.
 */
#include <linux/signal.h>
#include <linux/types.h>

#define FP_XSTATE_MAGIC1	0x46505853U	/* more than FXSAVE's part follows */
#define FP_XSTATE_MAGIC2	0x46505845U	/* the word after it */

/* uc_flags */
#define UC_FP_XSTATE		0x1
#define UC_SIGCONTEXT_SS	0x2		/* sigcontext has ss */
#define UC_STRICT_RESTORE_SS	0x4		/* and it is loaded as it is */

/* In the bytes of FXSAVE's image that the CPU leaves to software. */
struct _fpx_sw_bytes {
	u32 magic1;
	u32 extended_size;		/* of all, with the last magic word */
	u64 xfeatures;			/* the components that are there */
	u32 xstate_size;		/* without that word */
	u32 padding[7];
};

/* FXSAVE's layout (Intel manual, volume 2, FXSAVE), and XSAVE's behind it. */
struct _fpstate {
	u16 cwd;
	u16 swd;
	u16 twd;			/* one bit a register: 1 is in use */
	u16 fop;
	u64 rip;
	u64 rdp;
	u32 mxcsr;
	u32 mxcsr_mask;
	u8 st[8][16];
	u8 xmm[16][16];
	u8 reserved[48];
	struct _fpx_sw_bytes sw_reserved;
};

struct xstate_header {
	u64 xfeatures;			/* XSTATE_BV: not in their initial state */
	u64 xcomp_bv;
	u64 reserved[6];
};

struct xregs_state {
	struct _fpstate i387;
	struct xstate_header header;
	/* AVX's part and others */
};

struct sigcontext {
	unsigned long r8, r9, r10, r11, r12, r13, r14, r15;
	unsigned long di, si, bp, bx, dx, ax, cx, sp, ip, flags;
	u16 cs, gs, fs, ss;
	unsigned long err;
	unsigned long trapno;
	unsigned long oldmask;
	unsigned long cr2;
	struct _fpstate __user *fpstate;
	u64 reserved1[8];
};

struct ucontext {
	unsigned long uc_flags;
	struct ucontext *uc_link;
	stack_t uc_stack;
	struct sigcontext uc_mcontext;
	sigset_t uc_sigmask;
};

struct rt_sigframe {
	unsigned long pretcode;
	struct ucontext uc;
	siginfo_t info;
	/* The fp state lies above, at a multiple of 64. */
};

/* How much room the state takes in a frame. */
unsigned long fpu_sigframe_size(void);
int fpu_to_sigframe(struct _fpstate __user *fpstate, u32 pkru);
int fpu_from_sigframe(struct _fpstate __user *fpstate);

#endif
