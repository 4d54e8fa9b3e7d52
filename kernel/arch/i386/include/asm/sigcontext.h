/* SPDX-License-Identifier: MIT */
#ifndef _ASM_SIGCONTEXT_H
#define _ASM_SIGCONTEXT_H

/*
 * What a signal handler finds on its stack: Linux's i386 layouts, which
 * programs and debuggers read and write.
 */
#include <linux/signal.h>
#include <linux/types.h>

#define X86_FXSR_MAGIC	0x0000		/* fxsave follows the 112 bytes */

struct _fpreg {
	u16 significand[4];
	u16 exponent;
} __packed;

/* FSAVE's image, and FXSAVE's behind it. */
struct _fpstate {
	u32 cw;
	u32 sw;
	u32 tag;
	u32 ipoff;
	u32 cssel;
	u32 dataoff;
	u32 datasel;
	struct _fpreg _st[8];
	u16 status;			/* sw again */
	u16 magic;			/* 0xffff: no FXSAVE image */
	u8 fxsave[512];
};

struct sigcontext {
	u16 gs, __gsh;
	u16 fs, __fsh;
	u16 es, __esh;
	u16 ds, __dsh;
	unsigned long edi, esi, ebp, esp;
	unsigned long ebx, edx, ecx, eax;
	unsigned long trapno;
	unsigned long err;
	unsigned long eip;
	u16 cs, __csh;
	unsigned long eflags;
	unsigned long esp_at_signal;
	u16 ss, __ssh;
	struct _fpstate __user *fpstate;
	unsigned long oldmask;
	unsigned long cr2;
};

struct ucontext {
	unsigned long uc_flags;
	struct ucontext *uc_link;
	stack_t uc_stack;
	struct sigcontext uc_mcontext;
	sigset_t uc_sigmask;
};

struct sigframe {
	unsigned long pretcode;
	int sig;
	struct sigcontext sc;
	struct _fpstate fpstate;
	unsigned long extramask[_NSIG_WORDS - 1];
	u8 retcode[8];
};

struct rt_sigframe {
	unsigned long pretcode;
	int sig;
	unsigned long pinfo;
	unsigned long puc;
	siginfo_t info;
	struct ucontext uc;
	struct _fpstate fpstate;
	u8 retcode[8];
};

int fpu_to_sigframe(struct _fpstate __user *fpstate);
int fpu_from_sigframe(struct _fpstate __user *fpstate);

#endif
