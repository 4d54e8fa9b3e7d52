/* SPDX-License-Identifier: MIT */
#ifndef _ASM_PTRACE_H
#define _ASM_PTRACE_H

#ifndef __ASSEMBLY__

/*
 * What SAVE_ALL leaves on the kernel stack: the registers a system call
 * passes arguments in come first. The CPU itself pushed the last five, esp
 * and xss only when it came from user mode.
 */
struct pt_regs {
	long ebx;
	long ecx;
	long edx;
	long esi;
	long edi;
	long ebp;
	long eax;
	int xds;
	int xes;
	long orig_eax;		/* system call number; -1 for anything else */
	long eip;
	int xcs;
	long eflags;
	long esp;
	int xss;
};

#define user_mode(regs)		(((regs)->xcs & 3) != 0)
#define instruction_pointer(regs)	((unsigned long)(regs)->eip)
#define instruction_pointer_set(regs, v) ((regs)->eip = (v))
#define user_stack_pointer(regs)	((unsigned long)(regs)->esp)
#define regs_return_value(regs)	((regs)->eax)

void show_regs(struct pt_regs *regs);

#endif

/* EFLAGS */
#define X86_EFLAGS_CF	0x00000001
#define X86_EFLAGS_FIXED 0x00000002
#define X86_EFLAGS_PF	0x00000004
#define X86_EFLAGS_AF	0x00000010
#define X86_EFLAGS_ZF	0x00000040
#define X86_EFLAGS_SF	0x00000080
#define X86_EFLAGS_TF	0x00000100
#define X86_EFLAGS_IF	0x00000200
#define X86_EFLAGS_DF	0x00000400
#define X86_EFLAGS_OF	0x00000800
#define X86_EFLAGS_IOPL	0x00003000
#define X86_EFLAGS_RF	0x00010000
#define X86_EFLAGS_AC	0x00040000

#endif
