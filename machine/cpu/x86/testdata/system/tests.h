/* Each test is a piece of assembly. It returns, or ends in a trap. */
#define TEST(name, text) __asm__(".text\n.globl t_" #name "\nt_" #name ":\n" text "\n\tret\n");
#define USER(name, text) __asm__(".text\n.globl t_" #name "\nt_" #name ":\n\tpushl $1f\n\tcall user\n1:\n" text "\n\tint $0x81\n");

__asm__(".text\n"
"gate_target:\n.globl gate_target\n"
"	movl %esp, out\n movl (%esp), %eax\n movl %eax, out+4\n movl 4(%esp), %eax\n movl %eax, out+8\n"
"	movl 8(%esp), %eax\n movl %eax, out+12\n movl 12(%esp), %eax\n movl %eax, out+16\n movl 16(%esp), %eax\n movl %eax, out+20\n"
"	movw %cs, out+24\n movw %ss, out+26\n lret $8\n"
"task_target:\n.globl task_target\n"
"	movl %esp, out\n movl %edi, out+4\n str out+8\n sldt out+12\n pushf\n popl out+16\n movw %fs, out+20\n smsw out+24\n"
"	movl tss2, %eax\n movl %eax, out+28\n movl gdt+0x2c, %eax\n movl %eax, out+32\n movl gdt+0x3c, %eax\n movl %eax, out+36\n"
"	movl (%esp), %eax\n movl %eax, out+40\n"
"	testl $0x4000, out+16\n jz 1f\n iret\n"
"	/* resumed by another call */\n"
"	incl out+44\n iret\n"
"1:	ljmp $0x28, $0\n"
"	incl out+44\n ljmp $0x28, $0\n");

/* Segment registers. */
TEST(null_ss, "xorl %eax, %eax\n movw %ax, %ss")
TEST(ss_code, "movl $8, %eax\n movw %ax, %ss")
TEST(ss_rpl, "movl $0x13, %eax\n movw %ax, %ss")
TEST(ss_readonly, "movl $0x80, %eax\n movw %ax, %ss")
TEST(ss_absent, "movl $0x78, %eax\n movw %ax, %ss")
TEST(ds_absent, "movl $0x78, %eax\n movw %ax, %ds")
TEST(ds_exec_only, "movl $0x88, %eax\n movw %ax, %ds")
TEST(ds_system, "movl $0x28, %eax\n movw %ax, %ds")
TEST(ds_beyond, "movl $0x1f8, %eax\n movw %ax, %fs\n movl $0x200, %eax\n movw %ax, %ds")
TEST(ds_null, "xorl %eax, %eax\n movw %ax, %fs\n movw %fs, out")
TEST(ldt_entry, "movl $0xf, %eax\n movw %ax, %fs\n movl $0x1234, 0x300\n movl %fs:0x100, %eax\n movl %eax, out")
TEST(ldt_beyond, "movl $0x47, %eax\n movw %ax, %fs")
TEST(accessed_bit, "movl gdt+0xd4, %eax\n movl %eax, out\n movl $0xd0, %eax\n movw %ax, %es\n movl gdt+0xd4, %eax\n movl %eax, out+4")
TEST(cs_load, ".byte 0x8e, 0xc8")
TEST(sreg_6, ".byte 0x8e, 0xf0")
USER(user_ds_ring0, "movl $0x10, %eax\n movw %ax, %ds")
USER(user_ds_conforming, "movl $0x50, %eax\n movw %ax, %ds\n movl %ds:0x100000, %eax")
USER(user_ss_ring0, "movl $0x10, %eax\n movw %ax, %ss")

TEST(lar, "movl $0, %ebx\n xorl %esi, %esi\n1: larl %ebx, %eax\n jnz 2f\n andl $0xf0ff00, %eax\n roll $5, %esi\n xorl %eax, %esi\n2: addl $0x11, %esi\n addl $1, %ebx\n cmpl $0x208, %ebx\n jb 1b\n movl %esi, out\n lar %bx, %ecx")
TEST(lsl, "movl $0, %ebx\n xorl %esi, %esi\n1: lsll %ebx, %eax\n jnz 2f\n roll $5, %esi\n xorl %eax, %esi\n2: addl $0x11, %esi\n addl $1, %ebx\n cmpl $0x208, %ebx\n jb 1b\n movl %esi, out")
TEST(verr, "movl $0, %ebx\n xorl %esi, %esi\n1: verr %bx\n jnz 2f\n roll $5, %esi\n xorl %ebx, %esi\n2: verw %bx\n jnz 2f\n roll $7, %esi\n xorl %ebx, %esi\n2: addl $1, %ebx\n cmpl $0x208, %ebx\n jb 1b\n movl %esi, out")
USER(user_lar, "movl $0, %ebx\n xorl %esi, %esi\n1: larl %ebx, %eax\n jnz 2f\n andl $0xf0ff00, %eax\n roll $5, %esi\n xorl %eax, %esi\n2: lsll %ebx, %eax\n jnz 2f\n roll $5, %esi\n xorl %eax, %esi\n2: verr %bx\n jnz 2f\n incl %esi\n2: addl $1, %ebx\n cmpl $0x208, %ebx\n jb 1b")

/* Far transfers. */
TEST(far_data, "ljmp $0x10, $0")
TEST(far_null, "ljmp $0, $0")
TEST(far_absent, "ljmp $0x98, $0")
TEST(far_ring3, "ljmp $0x1b, $0")
TEST(far_rpl, "ljmp $0xb, $0")
TEST(far_conforming, "ljmp $0x53, $1f\n1: movw %cs, out\n ljmp $8, $2f\n2:")
TEST(far_beyond, "lcall $0x200, $0")
TEST(far_ldt, "ljmp $0x14, $1f\n1:")
TEST(call_far, "lcall $8, $1f\n1: popl %eax\n popl %edx\n movl %edx, out")
TEST(call_gate_same, "pushl $0x5a5a\n pushl $0xa5a5\n lcall $0x58, $0\n movl %esp, out+28")
TEST(call_gate_absent, "lcall $0x68, $0")
TEST(call_gate_data, "lcall $0xa8, $0")
TEST(jmp_gate, "pushl $1f\n movl $0x08, 4(%esp)\n subl $8, %esp\n ljmp $0x90, $0\n1:")
USER(user_call_gate, "pushl $0x5a5a\n pushl $0xa5a5\n lcall $0x58, $0\n movl %esp, %esi\n movw %cs, %di")
USER(user_call_gate16, "movw $0x81cd, 0x7000\n pushw $1\n pushw $2\n pushw $3\n lcall $0x60, $0")
USER(user_call_gate_rpl, "lcall $0x5b, $0")
USER(user_call_gate_dpl, "lcall $0xc8, $0")
USER(user_call_gate_ring1, "pushl $0x77\n lcall $0xc0, $0")
USER(user_call_gate_conforming, "lcall $0x90, $0\n movl $0, out+24")
USER(user_jmp_gate, "ljmp $0x58, $0")
USER(user_far_ring0, "ljmp $8, $0")
USER(user_far_conforming, "lcall $0x53, $1f\n1: movw %cs, %di\n popl %eax\n popl %edx")
USER(user_retf_inward, "pushl $8\n pushl $1f\n lret\n1:")
TEST(retf_outer, "pushl $0x23\n pushl $user_stack_top\n pushl $0x1b\n pushl $1f\n movl $0x10, %eax\n movw %ax, %fs\n movl $0x23, %eax\n movw %ax, %gs\n lret\n1: int $0x81")
TEST(retf_outer_ss, "pushl $0x10\n pushl $user_stack_top\n pushl $0x1b\n pushl $1f\n lret\n1: int $0x81")
TEST(retf_outer_null_ss, "pushl $0\n pushl $user_stack_top\n pushl $0x1b\n pushl $1f\n lret\n1: int $0x81")
TEST(retf_release, "pushl $0x23\n pushl $user_stack_top-64\n pushl $1\n pushl $2\n pushl $0x1b\n pushl $1f\n lret $8\n1: int $0x81")

/* IRET. */
TEST(iret_same, "pushf\n orl $0x3000, (%esp)\n pushl $8\n pushl $1f\n iret\n1: pushf\n popl out")
TEST(iret_null, "pushf\n pushl $0\n pushl $0\n iret")
TEST(iret_data, "pushf\n pushl $0x10\n pushl $0\n iret")
TEST(iret_outer_iopl, "pushl $0x23\n pushl $user_stack_top\n pushl $0x3202\n pushl $0x1b\n pushl $1f\n iret\n1: cli\n pushf\n popl %eax\n sti\n pushf\n popl %ecx\n int $0x81")
USER(user_iret_flags, "pushl $0x3246\n pushl $0x1b\n pushl $1f\n iret\n1: pushf\n popl %eax")
USER(user_popf, "pushl $0x3ed7\n popf\n pushf\n popl %eax\n pushl $0x2\n popf")
TEST(iret_nt, "movl $1f, %eax\n movl %eax, tss2+32\n movl $0x38, tss\n orb $2, gdt+0x3d\n pushf\n orl $0x4000, (%esp)\n popf\n iret\n1: str %eax\n movl %eax, out\n pushf\n popl out+4\n movl gdt+0x2c, %eax\n movl %eax, out+8\n movl tss+36, %eax\n movl %eax, out+12\n int $0x81")
TEST(iret16, "movw $0x81cd, 0x7000\n pushfw\n pushw $8\n pushw $0x7000\n iretw")

/* Interrupts. */
TEST(int3, "int3")
TEST(into, "movb $0x7f, %al\n addb $1, %al\n into")
TEST(into_not, "xorl %eax, %eax\n into")
TEST(int_absent, "int $0x84")
TEST(int_data, "int $0x85")
TEST(int_ring1, "int $0x86")
TEST(int_gate16, "movw $0x81cd, 0x7000\n pushl $0x12345678\n int $0x87")
TEST(int_beyond, "lidt 1f\n int $0x20\n1: .word 0xff\n .long idt")
TEST(ud, "ud2")
TEST(de, "xorl %ecx, %ecx\n divl %ecx")
TEST(bound, "pushl $5\n pushl $1\n movl $6, %eax\n bound %eax, (%esp)")
USER(user_int3, "int3")
USER(user_int_dpl, "int $0x20")
USER(user_int_conforming, "int $0x83")
USER(user_int_ring1, "int $0x86")
USER(bad_tss_ss, "movl $0x23, tss+16\n lcall $0xc0, $0")
USER(bad_tss_null, "movl $0, tss+16\n lcall $0xc0, $0")
USER(bad_tss_absent, "movl $0x79, tss+16\n orb $0x20, gdt+0x7d\n lcall $0xc0, $0")
USER(bad_tss_beyond, "movl $0x201, tss+16\n lcall $0xc0, $0")
TEST(double_fault, "movw $0, idt+13*8+5\n movl $0x200, %eax\n movw %ax, %ds")

/* Privileged instructions at CPL 3. */
USER(user_hlt, "hlt")
USER(user_cli, "cli")
USER(user_sti, "sti")
USER(user_in, "inb $0x60, %al")
USER(user_in_allowed, "inb $0x80, %al\n movl $1, %eax")
USER(user_in_word, "inw $0x80, %ax")
USER(user_outs, "movl $0x60, %edx\n outsb")
USER(user_mov_cr, "movl %cr0, %eax")
USER(user_mov_to_cr, "movl %eax, %cr3")
USER(user_mov_dr, "movl %dr0, %eax")
USER(user_lgdt, "lgdt gdtr")
USER(user_lidt, "lidt gdtr")
USER(user_lldt, "lldt %ax")
USER(user_ltr, "ltr %ax")
USER(user_lmsw, "lmsw %ax")
USER(user_clts, "clts")
USER(user_invlpg, "invlpg 0")
USER(user_wbinvd, "wbinvd")
USER(user_rdmsr, "rdmsr")
USER(user_wrmsr, "wrmsr")
USER(user_sgdt, "subl $8, %esp\n sgdt (%esp)\n movl 2(%esp), %eax\n addl $8, %esp")
USER(user_str, "str %eax\n sldt %ecx")

/* System registers. */
TEST(cr_1, ".byte 0x0f, 0x20, 0xc8")
TEST(lmsw_keeps_pe, "movl $0xe, %eax\n lmsw %ax\n smsw %ecx\n movl %ecx, out\n clts\n smsw out+4")
TEST(nm, "movl %cr0, %eax\n orl $8, %eax\n movl %eax, %cr0\n fld1")
TEST(sse4_off, "pshufb %xmm1, %xmm0")
TEST(sse4_em, "movl $0x200, %eax\n movl %eax, %cr4\n movl %cr0, %eax\n orl $4, %eax\n movl %eax, %cr0\n roundpd $3, %xmm1, %xmm0")
TEST(sse4_nm, "movl $0x200, %eax\n movl %eax, %cr4\n movl %cr0, %eax\n orl $8, %eax\n movl %eax, %cr0\n crc32l %ecx, %edx\n popcntl %edx, %ebx\n pcmpistri $0, %xmm1, %xmm0")
TEST(ssse3_mmx_off, "movl $0xff80017f, out\n pabsb out, %mm0\n movq %mm0, out\n emms")
TEST(ssse3_mmx_em, "movl %cr0, %eax\n orl $4, %eax\n movl %eax, %cr0\n palignr $3, %mm1, %mm0")
TEST(ssse3_mmx_nm, "movl %cr0, %eax\n orl $8, %eax\n movl %eax, %cr0\n palignr $3, %mm1, %mm0")
TEST(fisttp_nm, "movl %cr0, %eax\n orl $4, %eax\n movl %eax, %cr0\n fisttpl out")
TEST(ltr_busy, "movl $0x28, %eax\n ltr %ax")
TEST(ltr_null, "xorl %eax, %eax\n ltr %ax")
TEST(ltr_ldt, "movl $0xc, %eax\n ltr %ax")
TEST(ltr_code, "movl $8, %eax\n ltr %ax")
TEST(lldt_null, "xorl %eax, %eax\n lldt %ax\n sldt %ecx\n movl $0xf, %eax\n movw %ax, %fs")
TEST(lldt_code, "movl $8, %eax\n lldt %ax")
TEST(lgdt16, ".byte 0x66\n lgdt 1f\n subl $8, %esp\n sgdt (%esp)\n movl 2(%esp), %eax\n movl %eax, out\n addl $8, %esp\n lgdt gdtr\n jmp 2f\n1: .word 0x1234\n .long 0xabcdef01\n2:")
TEST(rdmsr_unknown, "movl $0x12345, %ecx\n rdmsr")
TEST(rdmsr_efer, "movl $0xc0000080, %ecx\n rdmsr\n movl %eax, out\n movl %edx, out+4")
TEST(msr_sysenter, "movl $0x174, %ecx\n movl $0x08, %eax\n xorl %edx, %edx\n wrmsr\n incl %ecx\n movl $trap_stack_top-16, %eax\n wrmsr\n incl %ecx\n movl $2f, %eax\n wrmsr\n pushf\n orl $0x200, (%esp)\n popf\n"
	" movl $0x5, %eax\n sysenter\n2: pushf\n popl out\n movw %cs, out+4\n movw %ss, out+6\n movl %esp, out+8\n movl $0x174, %ecx\n rdmsr\n movl %eax, out+12\n movl $3f, %edx\n movl $user_stack_top, %ecx\n sysexit\n3: int $0x81")
TEST(sysenter_null, "movl $0x174, %ecx\n xorl %eax, %eax\n xorl %edx, %edx\n wrmsr\n sysenter")
USER(user_sysexit, "sysexit")
TEST(sidt, "subl $8, %esp\n sidt (%esp)\n movl 2(%esp), %eax\n movl %eax, out\n movzwl (%esp), %eax\n movl %eax, out+4\n addl $8, %esp")
TEST(caches, "wbinvd\n invd\n movl $1, out")
TEST(outs, "movl $1f, %esi\n movl $0xe9, %edx\n movl $3, %ecx\n rep\n outsb\n subl $1f, %esi\n movl %esi, out\n movl %ecx, out+4\n jmp 2f\n1: .ascii \"+-*\"\n2:")
TEST(ins, "movl $out, %edi\n movl $0x5550, %edx\n movl $2, %ecx\n rep\n insl\n insb\n subl $out, %edi\n movl %edi, out+12")
TEST(too_long, ".fill 15, 1, 0x66\n nop")
TEST(int1, ".byte 0xf1")
TEST(rdtsc_grows, "rdtsc\n movl %eax, %ecx\n movl %edx, %edi\n rdtsc\n cmpl %ecx, %eax\n sbbl %edi, %edx\n setc out\n setnc out+4")
TEST(cpuid_features, "movl $1, %eax\n pushl %ebx\n cpuid\n popl %ebx\n andl $0x0780a979, %edx\n movl %edx, out\n andl $0x00980201, %ecx\n movl %ecx, out+4")

/* Single step and debug registers. */
TEST(trap_flag, "pushf\n orl $0x100, (%esp)\n popf\n nop\n nop")
TEST(trap_flag_rep, "movl $3, %ecx\n movl $out, %edi\n movl $1, %eax\n pushf\n orl $0x100, (%esp)\n popf\n rep stosl")
TEST(trap_flag_int, "pushf\n orl $0x100, (%esp)\n popf\n int $0x81")
TEST(trap_flag_ss, "movl $0x10, %edx\n pushf\n orl $0x100, (%esp)\n popf\n movw %dx, %ss\n incl %eax\n incl %eax\n incl %eax")
TEST(dr_exec, "movl $1f, %eax\n movl %eax, %dr0\n movl $0x402, %eax\n movl %eax, %dr7\n incl %ecx\n1: incl %ecx\n incl %ecx")
TEST(dr_write, "movl $out+32, %eax\n movl %eax, %dr1\n movl $0x00d00408, %eax\n movl %eax, %dr7\n movl out+32, %eax\n movl $7, out+32\n incl %ecx\n incl %ecx")
TEST(dr_read, "movl $out+32, %eax\n movl %eax, %dr2\n movl $0x0f000420, %eax\n movl %eax, %dr7\n movb out+34, %al\n incl %ecx")
TEST(dr_values, "movl $-1, %eax\n movl %eax, %dr6\n movl %dr6, %ecx\n movl %ecx, out\n movl $0x12345678, %eax\n movl %eax, %dr3\n movl %dr3, %ecx\n movl %ecx, out+4\n movl %dr4, %ecx\n movl %ecx, out+8")
TEST(dr4_de, "movl $8, %eax\n movl %eax, %cr4\n movl %dr4, %ecx")

/* Tasks. */
TEST(task_jmp, "ljmp $0x38, $0\n movl $1, out+48\n movl tss+32, %eax\n movl %eax, out+52")
TEST(task_call, "lcall $0x38, $0\n movl $1, out+48\n pushf\n popl out+52\n smsw out+56\n movl gdt+0x3c, %eax\n movl %eax, out+60")
TEST(task_call_twice, "lcall $0x38, $0\n lcall $0x38, $0\n movl $1, out+48")
TEST(task_gate, "lcall $0x70, $0\n movl $1, out+48")
TEST(task_int, "int $0x82\n movl $1, out+48\n pushf\n popl out+52")
TEST(task_busy, "orb $2, gdt+0x3d\n ljmp $0x38, $0")
TEST(task_small, "movb $0x50, gdt+0x38\n ljmp $0x38, $0")
TEST(task_absent, "andb $0x7f, gdt+0x3d\n ljmp $0x38, $0")
TEST(task_absent_ds, "movl $0x78, tss2+84\n ljmp $0x38, $0")
TEST(task_error_code, "movw $0x38, idt+13*8+2\n movb $0x85, idt+13*8+5\n movl $1f, tss2+32\n movl $0x200, %eax\n movw %ax, %ds\n1: popl out\n movl %esp, out+4\n int $0x81")
TEST(task_ring3, "movl $0x1b, tss2+76\n movl $0x23, tss2+80\n movl $0x23, tss2+84\n movl $0x23, tss2+72\n movl $user_stack_top, tss2+56\n movl $1f, tss2+32\n ljmp $0x38, $0\n1: movw %cs, %di\n int $0x81")
TEST(task_v86, "movl $0x700, tss2+76\n movl $0x20, tss2+80\n movl $0x300, tss2+84\n movl $0x400, tss2+72\n movl $0x500, tss2+88\n movl $0x600, tss2+92\n movl $0x100, tss2+56\n movl $0x20002, tss2+36\n movl $0, tss2+32\n movb $0xf4, 0x7000\n ljmp $0x38, $0")
TEST(task_trap, "movw $1, tss2+100\n ljmp $0x38, $0")
USER(user_task_gate, "lcall $0x70, $0\n nop")
USER(user_task_tss, "lcall $0x38, $0\n nop")

/* Virtual-8086 mode: the code is copied to 0x7000 and entered by IRET. */
#define V86(name, iopl, text) __asm__(".text\n.globl t_" #name "\nt_" #name ":\n" \
	" movl $1f, %esi\n movl $0x7000, %edi\n movl $2f-1f, %ecx\n rep movsb\n movl $0x7100, %edi\n movl $64, %ecx\n movl $0x31415926, %eax\n rep stosl\n" \
	" pushl $0x60\n pushl $0x50\n pushl $0x40\n pushl $0x30\n pushl $0x20\n pushl $0x8000\n pushl $" #iopl "\n pushl $0x700\n pushl $0\n movl $0x12345678, %eax\n iret\n" \
	".code16\n1:\n" text "\n int $0x81\n hlt\n2:\n.code32\n");
V86(v86_hlt, 0x20002, "hlt")
V86(v86_int_iopl0, 0x20002, "int $0x81")
V86(v86_int_iopl3, 0x23002, "int $0x81")
V86(v86_int3, 0x20002, "int3")
V86(v86_cli_iopl0, 0x20202, "cli")
V86(v86_cli_iopl3, 0x23202, "cli\n pushf\n popw %bx\n sti\n pushf\n popw %cx")
V86(v86_pushf_iopl0, 0x20002, "pushf")
V86(v86_popf_iopl3, 0x23002, "pushw $0x7fd5\n popf\n pushf\n popw %bx\n pushw $2\n popf")
V86(v86_iret_iopl3, 0x23002, "pushw $0x3246\n pushw $0x700\n pushw $3f-1b\n iret\n3: pushf\n popw %bx")
V86(v86_segments, 0x23002, "movw $0x710, %ax\n movw %ax, %ds\n movl 4, %ebx\n movw %ax, %es\n movw $5, %di\n stosb\n movl 4, %ecx\n pushw %ds\n popw %fs\n lds 8, %si")
V86(v86_far, 0x23002, "ljmp $0x6ff, $3f-1b+16\n3: movw %cs, %bx\n lcall $0x700, $4f-1b\n4: popw %cx\n popw %dx")
V86(v86_in, 0x23002, "inb $0x60, %al")
V86(v86_in_allowed, 0x20002, "inb $0x80, %al")
V86(v86_lgdt, 0x23002, "lgdtl 0")
V86(v86_arpl, 0x23002, ".byte 0x63, 0xc0")
V86(v86_lar, 0x23002, "larw %ax, %bx")
V86(v86_mov_cr, 0x23002, "movl %cr0, %eax")
V86(v86_addr32, 0x23002, "movl $0x7104, %ebx\n xorw %ax, %ax\n movw %ax, %ds\n movl (%ebx), %ecx\n leal 1(%ebx, %ecx, 4), %edx")
V86(v86_loop, 0x23002, "movl $0x10003, %ecx\n xorw %bx, %bx\n3: incw %bx\n loop 3b\n rep\n movsb")
V86(v86_stack, 0x23002, "movl $0x12340004, %esp\n pushw $0x1234\n pushw $0x5678\n movl %esp, %ebx\n popl %ecx\n pushal\n popal\n enter $4, $0\n leave")
V86(v86_smsw, 0x23002, "smsww %bx")
V86(v86_ud, 0x23002, "ud2")

/* Real mode: 16-bit code copied to 0x8000; it must come back by the far jump at its end. */
#define REAL(name, text) __asm__(".text\n.globl t_" #name "\nt_" #name ":\n" \
	" movl $1f, %esi\n movl $0x8000, %edi\n movl $9f-1f, %ecx\n rep movsb\n movl %esp, 0x7ff0\n" \
	" lidt 7f\n movw $0x48, %ax\n movw %ax, %ds\n movw %ax, %es\n movw %ax, %ss\n movw %ax, %fs\n movw %ax, %gs\n ljmp $0x40, $0x8000\n" \
	"7: .word 0x3ff\n .long 0\n" \
	".code16\n1: movl %cr0, %eax\n andb $0xfe, %al\n movl %eax, %cr0\n ljmp $0x800, $2f-1b\n2: xorw %ax, %ax\n movw %ax, %ds\n movw %ax, %es\n movw %ax, %ss\n movw $0x7f00, %sp\n" \
	text "\n8: cli\n xorw %ax, %ax\n movw %ax, %ds\n movl %cr0, %eax\n orb $1, %al\n movl %eax, %cr0\n .byte 0x66, 0xea\n .long 3f\n .word 8\n9:\n.code32\n" \
	"3: movw $0x10, %ax\n movw %ax, %ds\n movw %ax, %es\n movw %ax, %ss\n movl 0x7ff0, %esp\n xorl %eax, %eax\n movw %ax, %fs\n movw %ax, %gs\n lidt idtr\n" \
	" movl $0x7e00, %esi\n movl $out, %edi\n movl $12, %ecx\n rep movsl\n ret\n");
REAL(real_segments, "movl $0x12345678, %eax\n movl %eax, 0x7e00\n movw $0x7e0, %ax\n movw %ax, %fs\n movl %fs:0, %ebx\n incl %ebx\n movl %ebx, %fs:4\n movw %cs, %fs:8\n movw %ss, %fs:10\n movw $0xffff, %ax\n movw %ax, %gs\n movl %gs:0x10, %ebx")
REAL(real_int, "movw $6f-1b, 0x1f0*1\n movw $0x800, 0x1f2\n movl $0x11, %ecx\n stc\n sti\n int $0x7c\n pushf\n popw 0x7e08\n movl %ecx, 0x7e00\n movw %sp, 0x7e04\n jmp 8f\n6: movw %sp, %bp\n movw (%bp), %cx\n movw %cx, 0x7e0c\n movw 2(%bp), %cx\n movw %cx, 0x7e0e\n movw 4(%bp), %cx\n movw %cx, 0x7e10\n pushf\n popw 0x7e12\n movl $0x22, %ecx\n iret")
REAL(real_de, "movw $6f-1b, 0\n movw $0x800, 2\n xorw %cx, %cx\n5: divw %cx\n movw $1, 0x7e00\n jmp 8f\n6: popw 0x7e04\n movw $8f-1b, %ax\n pushw %ax\n iret")
REAL(real_pusha, "movl $0x01020304, %eax\n movl $0x11121314, %ebx\n pushal\n movw %sp, 0x7e00\n popw 0x7e04\n popw 0x7e06\n addw $28, %sp\n pushaw\n movw %sp, 0x7e08\n popaw\n movl %eax, 0x7e0c")
REAL(real_far, "lcall $0x7ff, $6f-1b+16\n movw %sp, 0x7e04\n jmp 8f\n6: movw %cs, 0x7e00\n movw %sp, 0x7e02\n lret")
REAL(real_string, "movw $0xfffe, %si\n movw $0x7e00, %di\n movl $0x10004, %ecx\n movb $0x5a, 0xfffe\n movb $0xa5, 0xffff\n movw $0x8000, %ax\n rep\n movsb\n movl %ecx, 0x7e08\n movw %si, 0x7e0c\n movw $0, 0x7e02")
REAL(real_popf, "pushw $0x7ad5\n popf\n pushf\n popw 0x7e00\n pushl $0x00247002\n popfl\n pushfl\n popl 0x7e04\n pushw $2\n popf")
REAL(real_big, "movl %cr0, %eax\n orb $1, %al\n movl %eax, %cr0\n movw $0x10, %bx\n movw %bx, %fs\n andb $0xfe, %al\n movl %eax, %cr0\n movl $0x100004, %ebx\n movl %fs:(%ebx), %ecx\n movl %ecx, 0x7e00")

/* Paging. */
#define PAGED(name, text) TEST(name, " movl $page_dir, %eax\n movl %eax, %cr3\n movl $0x80010011, %eax\n movl %eax, %cr0\n" text)
#define MAP(at, value) " movl $" #value ", page_table2+4*(" #at ")\n invlpg 0x400000+" #at "*4096\n"
PAGED(page_absent, "movl 0x400123, %eax")
PAGED(page_absent_write, "movl %eax, 0x400123")
PAGED(page_readonly_wp, MAP(1, 0x200001) "movl %eax, 0x401000")
PAGED(page_readonly_no_wp, MAP(1, 0x200001) "movl $0x80000011, %eax\n movl %eax, %cr0\n movl $0xabc, 0x401000\n movl 0x200000, %eax\n movl %eax, out\n movl page_table2+4, %eax\n movl %eax, out+4")
PAGED(page_accessed, MAP(2, 0x200003) "movl 0x402000, %eax\n movl page_table2+8, %eax\n movl %eax, out\n movl %eax, 0x402000\n movl page_table2+8, %eax\n movl %eax, out+4\n movl page_dir+4, %eax\n movl %eax, out+8")
PAGED(page_fetch, "movl $0x400000, %eax\n jmp *%eax")
PAGED(page_across, MAP(3, 0x200003) "movl $0x12345678, 0x403ffe")
PAGED(page_user, MAP(4, 0x200003) "pushl $1f\n call user\n1: movl 0x404000, %eax")
PAGED(page_user_write, MAP(4, 0x200005) "pushl $1f\n call user\n1: movl 0x404000, %eax\n incl 0x404000")
PAGED(page_user_absent, "pushl $1f\n call user\n1: incl 0x404000")
PAGED(page_user_fetch, MAP(4, 0x100003) "pushl $1f\n call user\n1: movl $0x404000, %eax\n jmp *%eax")
PAGED(page_pde_user, "movl $page_table2+3, page_dir+4\n" MAP(4, 0x200007) "movl %cr3, %eax\n movl %eax, %cr3\n pushl $1f\n call user\n1: movl 0x404000, %eax")
PAGED(page_4m, "movl $0x10, %eax\n movl %eax, %cr4\n movl $0x83, page_dir+8\n movl $0x77, 0x800000+0x200010\n movl 0x200010, %eax\n movl %eax, out\n movl page_dir+8, %eax\n movl %eax, out+4")
PAGED(page_stale, MAP(5, 0x200003) "movl $1, 0x200000\n movl $2, 0x201000\n movl 0x405000, %ebx\n movl $0x201003, page_table2+20\n invlpg 0x405abc\n movl 0x405000, %ecx\n movl %ebx, out\n movl %ecx, out+4")
PAGED(page_stack_fault, "movw $0x38, idt+8*8+2\n movb $0x85, idt+8*8+5\n movl $1f, tss2+32\n movl $page_dir, tss2+28\n movl $0x400800, %esp\n pushl %eax\n1: popl out\n str out+4\n movl tss+56, %eax\n movl %eax, out+8\n int $0x81")
PAGED(page_cr2_kept, "movl $0x1234, %eax\n movl %eax, %cr2\n movl %cr2, %ecx\n movl %ecx, out")
#define PAE(name, text) TEST(name, " movl $pdpt, %eax\n movl %eax, %cr3\n movl $0x20, %eax\n movl %eax, %cr4\n movl $0xc0000080, %ecx\n rdmsr\n orl $0x800, %eax\n wrmsr\n movl $0x80010011, %eax\n movl %eax, %cr0\n" text)
PAE(pae_read, "movl $0x200005, pae_dir+4096\n movl $0x99, 0x1f0000\n movl 0x400000+0, %eax\n movl pae_dir+4096, %eax\n movl %eax, out\n movl pae_dir, %eax\n movl %eax, out+4\n movl 0x1f0000, %eax\n movl %eax, out+8")
PAE(pae_absent, "movl 0x401000, %eax")
PAE(pae_write, "movl $0x1f0005, pae_dir+4096\n movl %eax, 0x400000")
PAE(pae_nx, "movl $0x1f0007, pae_dir+4096\n movl $0x80000000, pae_dir+4100\n movb $0xc3, 0x1f0000\n movl 0x400000, %ebx\n movl $0x400000, %eax\n jmp *%eax")
PAE(pae_reserved, "movl $0x1f0007, pae_dir+4096\n movl $0x00100000, pae_dir+4100\n movl 0x400000, %ebx")
PAE(pae_no_pdpte, "movl 0x40000000, %ebx")
PAE(pae_pdpte_reserved, "movl $0x1e6, pdpt+8\n orl $1, pdpt+8\n movl $pdpt, %eax\n movl %eax, %cr3")
PAE(pae_user, "movl $0x1f0003, pae_dir+4096\n pushl $1f\n call user\n1: movl 0x400000, %eax")

void t_null_ss(void);
void t_ss_code(void);
void t_ss_rpl(void);
void t_ss_readonly(void);
void t_ss_absent(void);
void t_ds_absent(void);
void t_ds_exec_only(void);
void t_ds_system(void);
void t_ds_beyond(void);
void t_ds_null(void);
void t_ldt_entry(void);
void t_ldt_beyond(void);
void t_accessed_bit(void);
void t_cs_load(void);
void t_sreg_6(void);
void t_user_ds_ring0(void);
void t_user_ds_conforming(void);
void t_user_ss_ring0(void);
void t_lar(void);
void t_lsl(void);
void t_verr(void);
void t_user_lar(void);
void t_far_data(void);
void t_far_null(void);
void t_far_absent(void);
void t_far_ring3(void);
void t_far_rpl(void);
void t_far_conforming(void);
void t_far_beyond(void);
void t_far_ldt(void);
void t_call_far(void);
void t_call_gate_same(void);
void t_call_gate_absent(void);
void t_call_gate_data(void);
void t_jmp_gate(void);
void t_user_call_gate(void);
void t_user_call_gate16(void);
void t_user_call_gate_rpl(void);
void t_user_call_gate_dpl(void);
void t_user_call_gate_ring1(void);
void t_user_call_gate_conforming(void);
void t_user_jmp_gate(void);
void t_user_far_ring0(void);
void t_user_far_conforming(void);
void t_user_retf_inward(void);
void t_retf_outer(void);
void t_retf_outer_ss(void);
void t_retf_outer_null_ss(void);
void t_retf_release(void);
void t_iret_same(void);
void t_iret_null(void);
void t_iret_data(void);
void t_iret_outer_iopl(void);
void t_user_iret_flags(void);
void t_user_popf(void);
void t_iret_nt(void);
void t_iret16(void);
void t_int3(void);
void t_into(void);
void t_into_not(void);
void t_int_absent(void);
void t_int_data(void);
void t_int_ring1(void);
void t_int_gate16(void);
void t_int_beyond(void);
void t_ud(void);
void t_de(void);
void t_bound(void);
void t_user_int3(void);
void t_user_int_dpl(void);
void t_user_int_conforming(void);
void t_user_int_ring1(void);
void t_bad_tss_ss(void);
void t_bad_tss_null(void);
void t_bad_tss_absent(void);
void t_bad_tss_beyond(void);
void t_double_fault(void);
void t_user_hlt(void);
void t_user_cli(void);
void t_user_sti(void);
void t_user_in(void);
void t_user_in_allowed(void);
void t_user_in_word(void);
void t_user_outs(void);
void t_user_mov_cr(void);
void t_user_mov_to_cr(void);
void t_user_mov_dr(void);
void t_user_lgdt(void);
void t_user_lidt(void);
void t_user_lldt(void);
void t_user_ltr(void);
void t_user_lmsw(void);
void t_user_clts(void);
void t_user_invlpg(void);
void t_user_wbinvd(void);
void t_user_rdmsr(void);
void t_user_wrmsr(void);
void t_user_sgdt(void);
void t_user_str(void);
void t_cr_1(void);
void t_lmsw_keeps_pe(void);
void t_nm(void);
void t_sse4_off(void);
void t_sse4_em(void);
void t_sse4_nm(void);
void t_ssse3_mmx_off(void);
void t_ssse3_mmx_em(void);
void t_ssse3_mmx_nm(void);
void t_fisttp_nm(void);
void t_ltr_busy(void);
void t_ltr_null(void);
void t_ltr_ldt(void);
void t_ltr_code(void);
void t_lldt_null(void);
void t_lldt_code(void);
void t_lgdt16(void);
void t_rdmsr_unknown(void);
void t_rdmsr_efer(void);
void t_msr_sysenter(void);
void t_sysenter_null(void);
void t_user_sysexit(void);
void t_sidt(void);
void t_caches(void);
void t_outs(void);
void t_ins(void);
void t_too_long(void);
void t_int1(void);
void t_rdtsc_grows(void);
void t_cpuid_features(void);
void t_trap_flag(void);
void t_trap_flag_rep(void);
void t_trap_flag_int(void);
void t_trap_flag_ss(void);
void t_dr_exec(void);
void t_dr_write(void);
void t_dr_read(void);
void t_dr_values(void);
void t_dr4_de(void);
void t_task_jmp(void);
void t_task_call(void);
void t_task_call_twice(void);
void t_task_gate(void);
void t_task_int(void);
void t_task_busy(void);
void t_task_small(void);
void t_task_absent(void);
void t_task_absent_ds(void);
void t_task_error_code(void);
void t_task_ring3(void);
void t_task_v86(void);
void t_task_trap(void);
void t_user_task_gate(void);
void t_user_task_tss(void);
void t_v86_hlt(void);
void t_v86_int_iopl0(void);
void t_v86_int_iopl3(void);
void t_v86_int3(void);
void t_v86_cli_iopl0(void);
void t_v86_cli_iopl3(void);
void t_v86_pushf_iopl0(void);
void t_v86_popf_iopl3(void);
void t_v86_iret_iopl3(void);
void t_v86_segments(void);
void t_v86_far(void);
void t_v86_in(void);
void t_v86_in_allowed(void);
void t_v86_lgdt(void);
void t_v86_arpl(void);
void t_v86_lar(void);
void t_v86_mov_cr(void);
void t_v86_addr32(void);
void t_v86_loop(void);
void t_v86_stack(void);
void t_v86_smsw(void);
void t_v86_ud(void);
void t_real_segments(void);
void t_real_int(void);
void t_real_de(void);
void t_real_pusha(void);
void t_real_far(void);
void t_real_string(void);
void t_real_popf(void);
void t_real_big(void);
void t_page_absent(void);
void t_page_absent_write(void);
void t_page_readonly_wp(void);
void t_page_readonly_no_wp(void);
void t_page_accessed(void);
void t_page_fetch(void);
void t_page_across(void);
void t_page_user(void);
void t_page_user_write(void);
void t_page_user_absent(void);
void t_page_user_fetch(void);
void t_page_pde_user(void);
void t_page_4m(void);
void t_page_stale(void);
void t_page_stack_fault(void);
void t_page_cr2_kept(void);
void t_pae_read(void);
void t_pae_absent(void);
void t_pae_write(void);
void t_pae_nx(void);
void t_pae_reserved(void);
void t_pae_no_pdpte(void);
void t_pae_pdpte_reserved(void);
void t_pae_user(void);

static const struct { const char *name; void (*f)(void); } tests[] = {
	{ "null_ss", t_null_ss },
	{ "ss_code", t_ss_code },
	{ "ss_rpl", t_ss_rpl },
	{ "ss_readonly", t_ss_readonly },
	{ "ss_absent", t_ss_absent },
	{ "ds_absent", t_ds_absent },
	{ "ds_exec_only", t_ds_exec_only },
	{ "ds_system", t_ds_system },
	{ "ds_beyond", t_ds_beyond },
	{ "ds_null", t_ds_null },
	{ "ldt_entry", t_ldt_entry },
	{ "ldt_beyond", t_ldt_beyond },
	{ "accessed_bit", t_accessed_bit },
	{ "cs_load", t_cs_load },
	{ "sreg_6", t_sreg_6 },
	{ "user_ds_ring0", t_user_ds_ring0 },
	{ "user_ds_conforming", t_user_ds_conforming },
	{ "user_ss_ring0", t_user_ss_ring0 },
	{ "lar", t_lar },
	{ "lsl", t_lsl },
	{ "verr", t_verr },
	{ "user_lar", t_user_lar },
	{ "far_data", t_far_data },
	{ "far_null", t_far_null },
	{ "far_absent", t_far_absent },
	{ "far_ring3", t_far_ring3 },
	{ "far_rpl", t_far_rpl },
	{ "far_conforming", t_far_conforming },
	{ "far_beyond", t_far_beyond },
	{ "far_ldt", t_far_ldt },
	{ "call_far", t_call_far },
	{ "call_gate_same", t_call_gate_same },
	{ "call_gate_absent", t_call_gate_absent },
	{ "call_gate_data", t_call_gate_data },
	{ "jmp_gate", t_jmp_gate },
	{ "user_call_gate", t_user_call_gate },
	{ "user_call_gate16", t_user_call_gate16 },
	{ "user_call_gate_rpl", t_user_call_gate_rpl },
	{ "user_call_gate_dpl", t_user_call_gate_dpl },
	{ "user_call_gate_ring1", t_user_call_gate_ring1 },
	{ "user_call_gate_conforming", t_user_call_gate_conforming },
	{ "user_jmp_gate", t_user_jmp_gate },
	{ "user_far_ring0", t_user_far_ring0 },
	{ "user_far_conforming", t_user_far_conforming },
	{ "user_retf_inward", t_user_retf_inward },
	{ "retf_outer", t_retf_outer },
	{ "retf_outer_ss", t_retf_outer_ss },
	{ "retf_outer_null_ss", t_retf_outer_null_ss },
	{ "retf_release", t_retf_release },
	{ "iret_same", t_iret_same },
	{ "iret_null", t_iret_null },
	{ "iret_data", t_iret_data },
	{ "iret_outer_iopl", t_iret_outer_iopl },
	{ "user_iret_flags", t_user_iret_flags },
	{ "user_popf", t_user_popf },
	{ "iret_nt", t_iret_nt },
	{ "iret16", t_iret16 },
	{ "int3", t_int3 },
	{ "into", t_into },
	{ "into_not", t_into_not },
	{ "int_absent", t_int_absent },
	{ "int_data", t_int_data },
	{ "int_ring1", t_int_ring1 },
	{ "int_gate16", t_int_gate16 },
	{ "int_beyond", t_int_beyond },
	{ "ud", t_ud },
	{ "de", t_de },
	{ "bound", t_bound },
	{ "user_int3", t_user_int3 },
	{ "user_int_dpl", t_user_int_dpl },
	{ "user_int_conforming", t_user_int_conforming },
	{ "user_int_ring1", t_user_int_ring1 },
	{ "bad_tss_ss", t_bad_tss_ss },
	{ "bad_tss_null", t_bad_tss_null },
	{ "bad_tss_absent", t_bad_tss_absent },
	{ "bad_tss_beyond", t_bad_tss_beyond },
	{ "double_fault", t_double_fault },
	{ "user_hlt", t_user_hlt },
	{ "user_cli", t_user_cli },
	{ "user_sti", t_user_sti },
	{ "user_in", t_user_in },
	{ "user_in_allowed", t_user_in_allowed },
	{ "user_in_word", t_user_in_word },
	{ "user_outs", t_user_outs },
	{ "user_mov_cr", t_user_mov_cr },
	{ "user_mov_to_cr", t_user_mov_to_cr },
	{ "user_mov_dr", t_user_mov_dr },
	{ "user_lgdt", t_user_lgdt },
	{ "user_lidt", t_user_lidt },
	{ "user_lldt", t_user_lldt },
	{ "user_ltr", t_user_ltr },
	{ "user_lmsw", t_user_lmsw },
	{ "user_clts", t_user_clts },
	{ "user_invlpg", t_user_invlpg },
	{ "user_wbinvd", t_user_wbinvd },
	{ "user_rdmsr", t_user_rdmsr },
	{ "user_wrmsr", t_user_wrmsr },
	{ "user_sgdt", t_user_sgdt },
	{ "user_str", t_user_str },
	{ "cr_1", t_cr_1 },
	{ "lmsw_keeps_pe", t_lmsw_keeps_pe },
	{ "nm", t_nm },
	{ "sse4_off", t_sse4_off },
	{ "sse4_em", t_sse4_em },
	{ "sse4_nm", t_sse4_nm },
	{ "ssse3_mmx_off", t_ssse3_mmx_off },
	{ "ssse3_mmx_em", t_ssse3_mmx_em },
	{ "ssse3_mmx_nm", t_ssse3_mmx_nm },
	{ "fisttp_nm", t_fisttp_nm },
	{ "ltr_busy", t_ltr_busy },
	{ "ltr_null", t_ltr_null },
	{ "ltr_ldt", t_ltr_ldt },
	{ "ltr_code", t_ltr_code },
	{ "lldt_null", t_lldt_null },
	{ "lldt_code", t_lldt_code },
	{ "lgdt16", t_lgdt16 },
	{ "rdmsr_unknown", t_rdmsr_unknown },
	{ "rdmsr_efer", t_rdmsr_efer },
	{ "msr_sysenter", t_msr_sysenter },
	{ "sysenter_null", t_sysenter_null },
	{ "user_sysexit", t_user_sysexit },
	{ "sidt", t_sidt },
	{ "caches", t_caches },
	{ "outs", t_outs },
	{ "ins", t_ins },
	{ "too_long", t_too_long },
	{ "int1", t_int1 },
	{ "rdtsc_grows", t_rdtsc_grows },
	{ "cpuid_features", t_cpuid_features },
	{ "trap_flag", t_trap_flag },
	{ "trap_flag_rep", t_trap_flag_rep },
	{ "trap_flag_int", t_trap_flag_int },
	{ "trap_flag_ss", t_trap_flag_ss },
	{ "dr_exec", t_dr_exec },
	{ "dr_write", t_dr_write },
	{ "dr_read", t_dr_read },
	{ "dr_values", t_dr_values },
	{ "dr4_de", t_dr4_de },
	{ "task_jmp", t_task_jmp },
	{ "task_call", t_task_call },
	{ "task_call_twice", t_task_call_twice },
	{ "task_gate", t_task_gate },
	{ "task_int", t_task_int },
	{ "task_busy", t_task_busy },
	{ "task_small", t_task_small },
	{ "task_absent", t_task_absent },
	{ "task_absent_ds", t_task_absent_ds },
	{ "task_error_code", t_task_error_code },
	{ "task_ring3", t_task_ring3 },
	{ "task_v86", t_task_v86 },
	{ "task_trap", t_task_trap },
	{ "user_task_gate", t_user_task_gate },
	{ "user_task_tss", t_user_task_tss },
	{ "v86_hlt", t_v86_hlt },
	{ "v86_int_iopl0", t_v86_int_iopl0 },
	{ "v86_int_iopl3", t_v86_int_iopl3 },
	{ "v86_int3", t_v86_int3 },
	{ "v86_cli_iopl0", t_v86_cli_iopl0 },
	{ "v86_cli_iopl3", t_v86_cli_iopl3 },
	{ "v86_pushf_iopl0", t_v86_pushf_iopl0 },
	{ "v86_popf_iopl3", t_v86_popf_iopl3 },
	{ "v86_iret_iopl3", t_v86_iret_iopl3 },
	{ "v86_segments", t_v86_segments },
	{ "v86_far", t_v86_far },
	{ "v86_in", t_v86_in },
	{ "v86_in_allowed", t_v86_in_allowed },
	{ "v86_lgdt", t_v86_lgdt },
	{ "v86_arpl", t_v86_arpl },
	{ "v86_lar", t_v86_lar },
	{ "v86_mov_cr", t_v86_mov_cr },
	{ "v86_addr32", t_v86_addr32 },
	{ "v86_loop", t_v86_loop },
	{ "v86_stack", t_v86_stack },
	{ "v86_smsw", t_v86_smsw },
	{ "v86_ud", t_v86_ud },
	{ "real_segments", t_real_segments },
	{ "real_int", t_real_int },
	{ "real_de", t_real_de },
	{ "real_pusha", t_real_pusha },
	{ "real_far", t_real_far },
	{ "real_string", t_real_string },
	{ "real_popf", t_real_popf },
	{ "real_big", t_real_big },
	{ "page_absent", t_page_absent },
	{ "page_absent_write", t_page_absent_write },
	{ "page_readonly_wp", t_page_readonly_wp },
	{ "page_readonly_no_wp", t_page_readonly_no_wp },
	{ "page_accessed", t_page_accessed },
	{ "page_fetch", t_page_fetch },
	{ "page_across", t_page_across },
	{ "page_user", t_page_user },
	{ "page_user_write", t_page_user_write },
	{ "page_user_absent", t_page_user_absent },
	{ "page_user_fetch", t_page_user_fetch },
	{ "page_pde_user", t_page_pde_user },
	{ "page_4m", t_page_4m },
	{ "page_stale", t_page_stale },
	{ "page_stack_fault", t_page_stack_fault },
	{ "page_cr2_kept", t_page_cr2_kept },
	{ "pae_read", t_pae_read },
	{ "pae_absent", t_pae_absent },
	{ "pae_write", t_pae_write },
	{ "pae_nx", t_pae_nx },
	{ "pae_reserved", t_pae_reserved },
	{ "pae_no_pdpte", t_pae_no_pdpte },
	{ "pae_pdpte_reserved", t_pae_pdpte_reserved },
	{ "pae_user", t_pae_user },
};
