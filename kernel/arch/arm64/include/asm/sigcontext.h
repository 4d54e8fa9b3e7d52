/* SPDX-License-Identifier: MIT */
/* The signal frame, as user mode and debuggers expect it. */
#ifndef _ASM_SIGCONTEXT_H
#define _ASM_SIGCONTEXT_H

#include <linux/signal.h>

struct sigcontext {
	u64 fault_address;
	u64 regs[31];
	u64 sp;
	u64 pc;
	u64 pstate;
	u8 __reserved[4096] __aligned(16);
};

/* Records in __reserved, ended by one of magic 0. */
struct _aarch64_ctx {
	u32 magic;
	u32 size;
};

#define FPSIMD_MAGIC	0x46508001U

struct fpsimd_context {
	struct _aarch64_ctx head;
	u32 fpsr;
	u32 fpcr;
	u64 vregs[64];
};

struct ucontext {
	unsigned long uc_flags;
	struct ucontext __user *uc_link;
	stack_t uc_stack;
	sigset_t uc_sigmask;
	u8 __unused[1024 / 8 - sizeof(sigset_t)];
	struct sigcontext uc_mcontext;
};

struct rt_sigframe {
	struct siginfo info;
	struct ucontext uc;
};

struct frame_record {
	u64 fp;
	u64 lr;
};

int fpu_to_sigframe(struct fpsimd_context __user *ctx);
int fpu_from_sigframe(struct fpsimd_context __user *ctx);

#endif
