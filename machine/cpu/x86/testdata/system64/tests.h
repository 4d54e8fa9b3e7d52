/* Each test is a piece of assembly. It returns, or ends in a trap. */
#define TEST(name, text) __asm__(".text\n.globl t_" #name "\nt_" #name ":\n" text "\n\tret\n"); void t_##name(void);
#define USER(name, text) __asm__(".text\n.globl t_" #name "\nt_" #name ":\n\tleaq 1f(%rip), %rax\n\tjmp user\n1:\n" text "\n\tint $0x81\n"); void t_##name(void);
#define TESTS \
X(nx_jump, "movl $0x40004000, %eax\n call *%rax") \
X(nx_dir, "movl $0x40600000, %eax\n call *%rax") \
X(read_absent, "movq 0x40005008, %rax") \
X(write_absent, "movq %rax, 0x40005008") \
X(write_protected, "movq %rax, 0x40001008") \
X(write_protected_dir, "movq %rax, 0x40400008") \
X(reserved_bit, "movq 0x40006000, %rax") \
X(reserved_2m, "movq 0x40200000, %rax") \
X(reserved_1g, "movl $0xc0000000, %eax\n movq (%rax), %rax") \
X(reserved_pml4, "movq $0x8000000000, %rax\n movq (%rax), %rax") \
X(absent_pml4, "movq $0x10000000000, %rax\n movq (%rax), %rax") \
X(gigabyte, "movl $0x80100004, %eax\n movl (%rax), %eax\n movl %eax, out\n movq pdpt+16, %rax\n andl $0xfff, %eax\n movq %rax, out+8") \
X(accessed_dirty, "movq 0x40000000, %rax\n movq %rax, 0x40002000\n movq page_table, %rax\n andl $0xfff, %eax\n movq %rax, out\n movq page_table+16, %rax\n andl $0xfff, %eax\n movq %rax, out+8\n movq page_dir, %rax\n andl $0xfff, %eax\n movq %rax, out+16\n movq pml4, %rax\n andl $0xfff, %eax\n movq %rax, out+24") \
X(crossing, "movl $0x40001ffc, %eax\n movq $7, (%rax)") \
X(not_canonical, "movq $0x800000000000, %rax\n movq (%rax), %rax") \
X(not_canonical_end, "movq $0x7ffffffffffc, %rax\n movq (%rax), %rax") \
X(not_canonical_stack, "movq $0x800000000000, %rbp\n movq (%rbp), %rax") \
X(not_canonical_push, "movq $0x800000000004, %rsp\n push %rax") \
X(not_canonical_jump, "movq $0x800000000000, %rax\n jmp *%rax") \
X(not_canonical_ret, "movq $0x800000000000, %rax\n push %rax\n ret") \
X(smep, "movq $0x100620, %rax\n movq %rax, %cr4\n movl $0x40002000, %eax\n call *%rax") \
X(smap_read, "movq $0x200620, %rax\n movq %rax, %cr4\n movq 0x40002000, %rax") \
X(smap_open, "movq 0x40002000, %rax\n movq $0x200620, %rax\n movq %rax, %cr4\n stac\n movq 0x40002000, %rax\n movq %rax, 0x40002008\n pushfq\n popq out\n clac\n pushfq\n popq out+8\n movq %rax, 0x40002008") \
X(smap_kernel, "movq $0x200620, %rax\n movq %rax, %cr4\n movq 0x40000000, %rax") \
X(key_read, "movq $0x400620, %rax\n movq %rax, %cr4\n movq 0x40007000, %rax\n xorl %ecx, %ecx\n xorl %edx, %edx\n movl $4, %eax\n wrpkru\n rdpkru\n movq %rax, out\n movq 0x40002000, %rbx\n movq 0x40007000, %rax") \
X(key_write, "movq $0x400620, %rax\n movq %rax, %cr4\n xorl %ecx, %ecx\n xorl %edx, %edx\n movl $8, %eax\n wrpkru\n movq 0x40007000, %rax\n movq %rax, 0x40007000") \
X(key_write_wp, "movq $0x400620, %rax\n movq %rax, %cr4\n movq $0x80000033, %rax\n movq %rax, %cr0\n xorl %ecx, %ecx\n xorl %edx, %edx\n movl $8, %eax\n wrpkru\n movq 0x40007000, %rax\n movq %rax, 0x40007000") \
X(key_ecx, "movq $0x400620, %rax\n movq %rax, %cr4\n movl $1, %ecx\n rdpkru") \
X(key_off, "rdpkru") \
X(int_ist, "movq %rsp, %rbx\n int $0x82") \
X(int_misaligned, "subq $5, %rsp\n int $0x81") \
X(int_absent, "int $0x83") \
X(int_16, "int $0x84") \
X(int_task, "int $0x85") \
X(int_32, "int $0x86") \
X(int_beyond, "int $0x90") \
X(int3, "int3") \
X(ud2, "ud2") \
X(divide, "xorl %ecx, %ecx\n divq %rcx") \
X(single_step, "pushfq\n orl $0x100, (%rsp)\n popfq\n nop\n nop") \
X(iret_kernel, "movq %rsp, %rax\n pushq $0\n push %rax\n pushq $2\n pushq $8\n leaq 1f(%rip), %rax\n push %rax\n iretq\n1: movl %ss, %eax\n movl %eax, out\n movq $1, out+8") \
X(iret_null_ss_user, "movq %rsp, %rax\n pushq $3\n push %rax\n pushq $2\n pushq $0x33\n leaq 1f(%rip), %rax\n push %rax\n iretq\n1:") \
X(iret_nt, "pushfq\n orl $0x4000, (%rsp)\n popfq\n pushq $0x10\n push %rsp\n pushq $2\n pushq $8\n leaq 1f(%rip), %rax\n push %rax\n iretq\n1:") \
X(iret_not_canonical, "movq %rsp, %rax\n pushq $0x10\n push %rax\n pushq $2\n pushq $8\n movq $0x800000000000, %rax\n push %rax\n iretq") \
X(iret_rpl, "movq %rsp, %rax\n pushq $0x10\n push %rax\n pushq $2\n pushq $0xb\n leaq 1f(%rip), %rax\n push %rax\n iretq\n1:") \
X(iret_absent, "movq %rsp, %rax\n pushq $0x10\n push %rax\n pushq $2\n pushq $0x40\n leaq 1f(%rip), %rax\n push %rax\n iretq\n1:") \
X(iret_l_and_d, "movq %rsp, %rax\n pushq $0x10\n push %rax\n pushq $2\n pushq $0x18\n leaq 1f(%rip), %rax\n push %rax\n iretq\n1:") \
X(compat, "pushq $0x2b\n pushq $user_stack_top + 0x40800000\n pushq $2\n pushq $0x23\n leaq 1f(%rip), %rax\n addq $0x40800000, %rax\n push %rax\n iretq\n .code32\n1: movl $-1, %eax\n incl %eax\n movl %esp, %ecx\n .byte 0x40\n movl $0xffffffff, %edx\n movw %cs, %dx\n pushl $0x1234\n int $0x81\n .code64") \
X(compat_jump, "pushq $0x50\n leaq 1f(%rip), %rax\n push %rax\n lretq\n .code32\n1: movl $3, %eax\n decl %eax\n movl %eax, out\n ljmp $8, $2f\n .code64\n2: movl %cs, %eax\n movl %eax, out+8\n addq $0, %rsp") \
X(far_call, "leaq 1f(%rip), %rax\n movl %eax, area\n movl $8, area+4\n lcall *area\n movq $2, out+16\n ret\n1: movl 4(%rsp), %ecx\n movl %ecx, out+24\n movq %rsp, %rax\n andl $15, %eax\n movq %rax, out\n lretl") \
X(far_data, "pushq $0x10\n pushq $0\n lretq") \
X(far_invalid, ".byte 0xea, 0, 0, 0, 0, 8, 0") \
X(invalid_06, ".byte 0x06") \
X(invalid_27, ".byte 0x27") \
X(invalid_60, ".byte 0x60") \
X(invalid_62, ".byte 0x62, 0x07") \
X(invalid_82, ".byte 0x82, 0xc0, 0") \
X(invalid_9a, ".byte 0x9a, 0, 0, 0, 0, 8, 0") \
X(invalid_ce, ".byte 0xce") \
X(invalid_d4, ".byte 0xd4, 10") \
X(invalid_d6, ".byte 0xd6") \
X(null_ss, "xorl %eax, %eax\n movw %ax, %ss\n movl %ss, %ebx\n movl %ebx, out\n push %rax\n pop %rcx") \
X(ss_rpl, "movl $0x13, %eax\n movw %ax, %ss") \
X(ss_code, "movl $8, %eax\n movw %ax, %ss") \
X(ds_absent, "movl $0x48, %eax\n movw %ax, %ds") \
X(ds_null, "xorl %eax, %eax\n movw %ax, %ds\n movq %ds:out, %rbx\n movl $1, out") \
X(fs_base_of_descriptor, "movl $0x58, %eax\n movw %ax, %fs\n movl $0xc0000100, %ecx\n rdmsr\n movl %eax, out\n movl %edx, out+4") \
X(fs_null_base, "movl $0xc0000100, %ecx\n movl $0x1000, %eax\n xorl %edx, %edx\n wrmsr\n movl $0x58, %eax\n movw %ax, %gs\n movl $0xc0000101, %ecx\n rdmsr\n movl %eax, out") \
X(fs_access, "movl $0xc0000100, %ecx\n movl $0x100000, %eax\n xorl %edx, %edx\n wrmsr\n movl %fs:4, %eax\n movl %eax, out\n movl $0xc0000101, %ecx\n movl $0x100001, %eax\n wrmsr\n movl %gs:3, %eax\n movl %eax, out+4") \
X(fs_negative, "movl $0xc0000100, %ecx\n movl $-16, %eax\n movl $-1, %edx\n wrmsr\n movl %fs:0x100014, %eax\n movl %eax, out") \
X(wrmsr_not_canonical, "movl $0xc0000100, %ecx\n xorl %eax, %eax\n movl $0x8000, %edx\n wrmsr") \
X(swapgs, "movl $0xc0000102, %ecx\n movl $0x12345678, %eax\n movl $0x7fff, %edx\n wrmsr\n swapgs\n movl $0xc0000101, %ecx\n rdmsr\n movl %eax, out\n movl %edx, out+4\n swapgs\n rdmsr\n movl %eax, out+8") \
X(fsgsbase, "movq $0x10620, %rax\n movq %rax, %cr4\n movq $0x123456789abc, %rax\n wrfsbase %rax\n rdfsbase %rcx\n movq %rcx, out\n wrgsbase %eax\n rdgsbase %rcx\n movq %rcx, out+8\n rdfsbase %ecx\n movq %rcx, out+16") \
X(fsgsbase_off, "rdfsbase %rax") \
X(wrgsbase_not_canonical, "movq $0x10620, %rax\n movq %rax, %cr4\n movq $0x923456789abc, %rax\n wrgsbase %rax") \
X(efer, "movl $0xc0000080, %ecx\n rdmsr\n movl %eax, out") \
X(star, "movl $0xc0000081, %ecx\n movl $5, %eax\n movl $0x230008, %edx\n wrmsr\n rdmsr\n movl %eax, out\n movl %edx, out+4") \
X(cr8, "movl $5, %eax\n movq %rax, %cr8\n movq %cr8, %rcx\n movq %rcx, out\n movl $16, %eax\n movq %rax, %cr8") \
X(dr7_upper, "movq $0x100000400, %rax\n movq %rax, %dr7") \
X(dr0, "movq $0x123456789abcdef0, %rax\n movq %rax, %dr0\n movq %dr0, %rcx\n movq %rcx, out") \
X(sgdt, "sgdt out\n movq out+2, %rax\n subq $gdt, %rax\n movq %rax, out+2") \
X(lldt, "movw $0x80, %ax\n lldt %ax\n sldt %eax\n movl %eax, out") \
X(ltr_not_canonical, "movw $0x70, %ax\n ltr %ax") \
X(ltr_busy, "movw $0x60, %ax\n ltr %ax") \
X(ltr_16, "movw $0x90, %ax\n ltr %ax") \
X(str, "str %eax\n movl %eax, out") \
X(xsave_off, "xgetbv") \
X(xcr0, "movq $0x40620, %rax\n movq %rax, %cr4\n xorl %ecx, %ecx\n xorl %edx, %edx\n movl $3, %eax\n xsetbv\n xgetbv\n movl %eax, out\n movl %edx, out+4\n movl $2, %eax\n xsetbv") \
X(xsave, "movq $0x40620, %rax\n movq %rax, %cr4\n xorl %ecx, %ecx\n xorl %edx, %edx\n movl $3, %eax\n xsetbv\n fninit\n movl $0x1234, %eax\n movd %eax, %xmm9\n movl $-1, %eax\n xsave area\n movq area+512, %rax\n movq %rax, out\n movl area+160+144, %eax\n movl %eax, out+8\n pxor %xmm9, %xmm9\n movl $2, %eax\n xrstor area\n movd %xmm9, %ecx\n movl %ecx, out+16\n movq $1, area+512\n xrstor area\n movd %xmm9, %ecx\n movl %ecx, out+24\n movq $0x100, area+512\n xrstor area") \
X(xsave_misaligned, "movq $0x40620, %rax\n movq %rax, %cr4\n xsave area+8") \
X(rdtscp, "movl $0xc0000103, %ecx\n movl $0x4321, %eax\n xorl %edx, %edx\n wrmsr\n rdtscp\n movl %ecx, out") \
X(cmpxchg16b_misaligned, "lock cmpxchg16b out+8") \
X(fxsave64, "fninit\n movq $5, out\n fldl out\n fxsave64 area\n movq area+8, %rax\n movq area, %rcx\n andl $0xff, %ecx\n movl %ecx, out") \
X(rip_relative, "movq out+8(%rip), %rax\n addq $3, out(%rip)\n movw $7, out+8(%rip)\n movb $9, out+16(%rip)") \
X(push_16, "movq %rsp, %rbx\n pushw $5\n subq %rsp, %rbx\n movq %rbx, out\n addq $2, %rsp") \
X(enter_leave, "movq %rsp, %rbx\n enter $32, $2\n movq %rsp, %rcx\n subq %rbx, %rcx\n movq %rcx, out\n leave\n movq %rbp, out+8") \
X(sysret_not_canonical, "movq $0x800000000000, %rcx\n movl $2, %r11d\n sysretq") \
X(syscall_off, "movl $0xc0000080, %ecx\n rdmsr\n andl $-2, %eax\n wrmsr\n movl $1, out\n syscall")
#define USERS \
X(u_read_kernel, "movq 0x40000000, %rax") \
X(u_write_protected, "movq %rax, 0x40003000") \
X(u_write, "movq %rax, 0x40002000\n movq 0x40002000, %rax") \
X(u_nx, "movl $0x40004000, %eax\n call *%rax") \
X(u_absent, "movq 0x40005000, %rax") \
X(u_rsp, "movq %rsp, %rcx") \
X(u_int_dpl, "int $0x80") \
X(u_int_ist, "int $0x82") \
X(u_int3, "int3") \
X(u_hlt, "hlt") \
X(u_cli, "cli") \
X(u_in, "inb $0x80, %al") \
X(u_mov_cr, "movq %cr0, %rax") \
X(u_swapgs, "swapgs") \
X(u_wrmsr, "wrmsr") \
X(u_null_ss, "xorl %eax, %eax\n movw %ax, %ss") \
X(u_ss_null_rpl, "movl $3, %eax\n movw %ax, %ss") \
X(u_sysret, "sysretq") \
X(u_sgdt, "sgdt -64(%rsp)\n movw -64(%rsp), %cx") \
X(u_popf, "pushq $0x3202\n popfq\n pushfq\n pop %rcx") \
X(u_pushes, "pushq $-2\n pop %rcx\n pushw $3\n popw %dx") \
X(u_clac, "clac") \
X(u_lret, "pushq $0x33\n leaq 1f(%rip), %rax\n push %rax\n lretq\n1: movl $0x77, %eax")
#define X(name, text) TEST(name, text)
TESTS
#undef X
#define X(name, text) USER(name, text)
USERS
#undef X

/* What the tests of user mode want set up first. */
#define IN(name, before, text) __asm__(".text\n.globl t_" #name "\nt_" #name ":\n" before "\n\tleaq 1f(%rip), %rax\n\tjmp user\n1:\n" text "\n\tint $0x81\n"); void t_##name(void);
#define SYSCALL_MSRS "movl $0xc0000081, %ecx\n xorl %eax, %eax\n movl $0x230008, %edx\n wrmsr\n movl $0xc0000082, %ecx\n movl $syscall_entry, %eax\n xorl %edx, %edx\n wrmsr\n movl $0xc0000084, %ecx\n movl $0x400, %eax\n wrmsr\n"
IN(u_syscall, SYSCALL_MSRS, "std\n movl $0x99, %eax\n syscall\n movq %rcx, %rdx\n movl %cs, %ecx\n subq $., %rdx")
IN(u_syscall_ac, SYSCALL_MSRS, "pushfq\n orl $0x40001, (%rsp)\n popfq\n syscall\n pushfq\n pop %rcx")
IN(u_umip, "movq $0xe20, %rax\n movq %rax, %cr4", "sidt -64(%rsp)")
IN(u_key, "movq $0x400620, %rax\n movq %rax, %cr4\n xorl %ecx, %ecx\n xorl %edx, %edx\n movl $4, %eax\n wrpkru", "xorl %ecx, %ecx\n xorl %edx, %edx\n xorl %eax, %eax\n wrpkru\n movq 0x40007000, %rbx\n movl $8, %eax\n wrpkru\n movq %rbx, 0x40007000")
IN(u_key_fetch, "movq $0x400620, %rax\n movq %rax, %cr4\n xorl %ecx, %ecx\n xorl %edx, %edx\n movl $4, %eax\n wrpkru", "movl $0x40007000, %eax\n call *%rax\n movl $0x31, %ecx")
IN(u_smep_smap, "movq $0x300620, %rax\n movq %rax, %cr4", "movq 0x40002000, %rax\n movl $0x40003000, %eax\n call *%rax")

static const struct { const char *name; void (*test)(void); } tests[] = {
#define X(name, text) { #name, t_##name },
TESTS
USERS
X(u_syscall, ) X(u_syscall_ac, ) X(u_umip, ) X(u_key, ) X(u_key_fetch, ) X(u_smep_smap, )
#undef X
	{ 0, 0 }
};
