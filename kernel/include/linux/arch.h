/* SPDX-License-Identifier: MIT */
/*
 * What an architecture gives to the rest of the kernel. Every name is
 * Linux's. Functions are declared here; the headers listed first give what
 * must be a type, a constant, a macro or inline.
 *
 * asm/thread_info.h   THREAD_SIZE, THREAD_SIZE_ORDER (usable from assembly),
 *                     current_stack_pointer.
 * asm/ptrace.h        struct pt_regs, user_mode(regs), instruction_pointer(regs),
 *                     user_stack_pointer(regs), regs_return_value(regs),
 *                     task_pt_regs(task).
 * asm/processor.h     struct thread_struct, INIT_THREAD, TASK_SIZE, STACK_TOP,
 *                     cpu_relax().
 * asm/irqflags.h      see linux/irqflags.h.
 * asm/switch_to.h     switch_to(prev, next, last).
 * asm/mmu.h           mm_context_t (the member "context" of mm_struct).
 * asm/mmu_context.h   init_new_context(tsk, mm), destroy_context(mm),
 *                     switch_mm(prev, next, tsk), activate_mm(prev, next),
 *                     enter_lazy_tlb(mm, tsk), deactivate_mm(tsk, mm).
 * asm/page.h          PAGE_SHIFT/SIZE/MASK, PAGE_OFFSET, __pa(v), __va(p),
 *                     clear_page(v), copy_page(to, from).
 * asm/pgtable.h       pgd_t pud_t pmd_t pte_t and their accessors; PAGE_NONE,
 *                     PAGE_READONLY, PAGE_READONLY_EXEC, PAGE_SHARED,
 *                     PAGE_SHARED_EXEC (pgprot_t); swapper_pg_dir; pgd_alloc(mm);
 *                     levels that a CPU lacks are folded.
 * asm/tlbflush.h      flush_tlb_all(), flush_tlb_mm(mm), flush_tlb_page(vma, addr),
 *                     flush_tlb_range(vma, start, end).
 * asm/cacheflush.h    flush_icache_range(kstart, kend): after the kernel wrote
 *                     user text through its own mapping.
 * asm/elf.h           ELF_CLASS, ELF_ARCH (EM_*), ELF_DATA, ELF_PLATFORM, ELF_HWCAP,
 *                     ELF_HWCAP2, ELF_ET_DYN_BASE, elf_check_arch(hdr),
 *                     Elf types: linux/elf.h picks by ELF_CLASS.
 * asm/unistd.h        is made of the list of system calls, syscalls/syscall.tbl.
 * asm/termbits.h      nothing special: linux/termios.h is the same for both.
 */
#ifndef _LINUX_ARCH_H
#define _LINUX_ARCH_H

#include <linux/types.h>
#include <linux/signal.h>
#include <linux/linkage.h>
#include <asm/processor.h>

struct task_struct;
struct kernel_clone_args;
struct thread_struct;
struct pt_regs;
struct mm_struct;
struct vm_area_struct;

/* --- setup.c, mmu.c ----------------------------------------------------- */

/*
 * Reads what the loader left (memory, command line, initramfs), tells
 * memblock_add/memblock_reserve about it, copies the command line into
 * boot_command_line, calls paging_init. Runs before any allocator but memblock.
 */
void setup_arch(void);
/* Completes the linear map that head.S began, and takes away the identity map. */
void paging_init(void);
/* "i686", "aarch64" or "x86_64", as uname reports it. */
extern const char utsname_machine[];
/* The lines of /proc/cpuinfo; returns the length. */
int arch_cpuinfo(char *buf, size_t size);

/* --- traps.c, fault.c --------------------------------------------------- */

void trap_init(void);
void show_regs(struct pt_regs *regs);	/* by printk */
/* panic's last lines: the registers of the caller. */
void show_regs_current(void);
/* The kernel itself is broken: says where and stops the machine. */
void die(const char *what, struct pt_regs *regs, long code) __noreturn;
/*
 * do_page_fault decodes a fault into FAULT_FLAG_* and hands it to mm/fault.c,
 * which uses the other two when it can't be mended: code is the machine's own
 * description, for the signal frame or the last words.
 */
void set_fault_info(unsigned long address, unsigned long code);
void do_kernel_fault(struct pt_regs *regs, unsigned long address,
		     unsigned long code);

/* --- irq.c -------------------------------------------------------------- */

void init_IRQ(void);
void arch_unmask_irq(unsigned int irq);
void arch_mask_irq(unsigned int irq);
/* Called by entry-traps.S. */
asmlinkage void do_IRQ(struct pt_regs *regs);

/* --- time.c ------------------------------------------------------------- */

/* Sets the clock going and requests the timer's interrupt. */
void time_init(void);
/* Monotonic nanoseconds since time_init (0 before it). */
u64 arch_clock_ns(void);
/* One interrupt, delta nanoseconds from now; replaces an earlier request. */
void arch_timer_program(u64 delta_ns);
/* No interrupt until the next arch_timer_program. */
void arch_timer_stop(void);
/* Seconds since 1970 from the board's RTC. */
time64_t arch_rtc_read(void);

/* --- process.c ---------------------------------------------------------- */

int arch_dup_task_struct(struct task_struct *dst, struct task_struct *src);
#ifdef ARCH_CLONE_ARGS
int copy_thread(struct task_struct *p, const struct kernel_clone_args *args);
#else
int copy_thread(unsigned long clone_flags, unsigned long stack_start,
		unsigned long stk_sz, struct task_struct *p, unsigned long tls);
#endif
struct task_struct *cpu_switch_to(struct task_struct *prev,
				  struct task_struct *next);
/* exec: user registers, FPU, TLS as for a new program. */
void flush_thread(void);
void start_thread(struct pt_regs *regs, unsigned long pc, unsigned long sp);
/*
 * exec, once the new mm is active: maps what the machine adds to every program
 * (arm64: the page with the sigreturn code). 0 or a negative errno.
 */
int arch_setup_additional_pages(void);
/* What /proc calls a mapping that the machine added, or NULL. */
const char *arch_vma_name(struct vm_area_struct *vma);
/* current leaves: gives back what thread_struct owns (io bitmap). */
void exit_thread(struct task_struct *tsk);
/* Waits for an interrupt; entered and left with interrupts off, race-free. */
void arch_cpu_idle(void);
/* Power off with an exit status for the emulator; does not return. */
void machine_power_off(int status) __noreturn;
void machine_restart(void) __noreturn;

/* --- fpu.c -------------------------------------------------------------- */

/* The CPU's registers to and from a task's thread_struct. */
void fpu_save(struct thread_struct *thread);
void fpu_restore(const struct thread_struct *thread);
/* fork: what the parent has now; exec: as new. */
#ifdef ARCH_CLONE_ARGS
void fpu_clone(struct task_struct *dst, unsigned long clone_flags, bool minimal,
	       unsigned long ssp);
#else
void fpu_clone(struct task_struct *dst);
#endif
void fpu_flush(void);

/* --- signal.c ----------------------------------------------------------- */

/*
 * do_notify_resume calls do_signal on the way to user mode: it delivers signals
 * (get_signal, then setup_rt_frame, then signal_setup_done) and restarts
 * system calls. sys_rt_sigreturn (and sys_sigreturn on i386) live there too.
 */
void do_signal(struct pt_regs *regs);

/* --- serial.c: the console ---------------------------------------------- */

/* Line settings; before it, output may be lost. */
void uart_init(void);
/* Polled output of one byte. */
void arch_console_putc(char c);
/* Requests the receive interrupt; its handler calls tty_receive_char(byte). */
void arch_console_init(void);

/* --- kernel image, from kernel.lds -------------------------------------- */
extern char _text[], _etext[], _end[], __bss_start[], __bss_stop[];

#endif
