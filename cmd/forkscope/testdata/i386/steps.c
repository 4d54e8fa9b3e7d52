/*
 * steps: code that runs with TF set: where each step stops, and what the trap says.
 */
#include "traps.h"

CODE(plain, "	nop\n	mov $1, %eax\n	add $2, %eax\n	nop");
CODE(jumps, "	xor %eax, %eax\n	jz 1f\n	nop\n1:	jnz 1b\n	call 2f\n	jmp 3f\n2:	ret\n3:	mov $2, %ecx\n4:	loop 4b\n	jecxz 5f\n	nop\n5:	nop");
CODE(pop_ss, "	push %ss\n	pop %ss\n	nop\n	nop");
CODE(mov_ss, "	mov %ss, %eax\n	mov %eax, %ss\n	nop\n	nop");
CODE(mov_ss_twice, "	mov %ss, %eax\n	mov %eax, %ss\n	mov %eax, %ss\n	nop\n	nop");
CODE(lss_code, "	push %ss\n	lea 4(%esp), %eax\n	push %eax\n	lss (%esp), %esp\n	nop");
CODE(mov_ds, "	mov %ds, %eax\n	mov %eax, %ds\n	nop");
CODE(rep_stos, "	mov $5, %ecx\n	mov $room, %edi\n	rep stosb\n	nop");
CODE(rep_movs, "	mov $3, %ecx\n	mov $room, %edi\n	mov $room + 4, %esi\n	rep movsl\n	nop");
CODE(rep_none, "	xor %ecx, %ecx\n	rep stosb\n	nop");
CODE(repe_cmps, "	mov $4, %ecx\n	mov $room, %edi\n	mov $room, %esi\n	repe cmpsb\n	nop");
CODE(repne_scas, "	mov $9, %ecx\n	mov $room, %edi\n	xor %eax, %eax\n	repne scasb\n	nop");
CODE(int_80, "	mov $20, %eax\n	int $0x80\n	nop\n	nop");
CODE(int_3, "	nop\n	int3\n	nop\n	nop");
CODE(pushf_popf, "	pushf\n	popf\n	nop\n	pushf\n	popl %edx\n	and $0x100, %edx\n	nop");
CODE(popf_clears, "	pushf\n	andl $~0x100, (%esp)\n	popf\n	nop\n	nop");
CODE(iret_keeps, "	pushf\n	push %cs\n	push $1f\n	iret\n1:	nop");
CODE(iret_clears, "	pushf\n	andl $~0x100, (%esp)\n	push %cs\n	push $1f\n	iret\n1:	nop\n	nop");
CODE(far_jump, "	push %cs\n	push $1f\n	lret\n1:	nop");
CODE(faulting, "	nop\n	hlt\n	nop");
CODE(reading, "	nop\n	mov 0, %eax\n	nop");
CODE(dividing, "	xor %ecx, %ecx\n	div %ecx\n	nop");
CODE(pusha_enter, "	pusha\n	popa\n	enter $8, $2\n	leave\n	nop");
CODE(prefixes, "	.byte 0x2e, 0x66, 0x90\n	lock incl room\n	.byte 0x65, 0x90\n	nop");
CODE(float_code, "	fninit\n	fld1\n	fwait\n	fstp %st(0)\n	nop");
CODE(cmov, "	xor %eax, %eax\n	cmovz %ecx, %edx\n	cmovnz %ecx, %edx\n	nop");
CODE(shadow_fault, "	mov %ss, %eax\n	mov %eax, %ss\n	hlt\n	nop");
CODE(shadow_int3, "	mov %ss, %eax\n	mov %eax, %ss\n	int3\n	nop\n	nop");
CODE(shadow_call, "	mov $20, %eax\n	mov %ss, %edx\n	mov %edx, %ss\n	int $0x80\n	nop\n	nop");
char room[64] __attribute__((used));

/* From here the steps count; the word ends with stepping's own ret. */
extern const char stepping[];
extern const void *step_target;
const void *step_target;
__asm__(".pushsection .text\nstepping:	pushf\n	orl $0x100, (%esp)\n	popf\n	mov $0, %ecx\n	jmp *step_target\n.popsection\n");

static int steps;

static void step(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	greg_t *r = u->uc_mcontext.gregs;
	unsigned long off = r[REG_EIP] - (unsigned long)current_code;

	if (r[REG_EIP] == (long)attempt_out || ++steps > 40) {
		printf("%s: done after %d\n", current_name, steps);
		leave(u);
		return;
	}
	if (off > 0x100)	/* the jump into the code */
		return;
	printf("%s: signal %d code %#x", current_name, sig, info->si_code);
	tell_address("address", info->si_code == SI_KERNEL ? 0 : (unsigned long)info->si_addr);
	printf(" trap %d error %#x ecx %#x flags %#x\n", (int)r[REG_TRAPNO], (unsigned int)r[REG_ERR], (unsigned int)r[REG_ECX], (unsigned int)r[REG_EFL] & 0x10d00);
	if (sig != SIGTRAP) {
		printf("%s: left\n", current_name);
		leave(u);
	}
}

static void walk(const char *name, const void *code)
{
	current_name = name;
	current_code = step_target = code;
	steps = 0;
	attempt(stepping);
	printf("%s: over\n", name);
}

#define WALK(name) walk(#name, name)

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	on_signals(step);
	WALK(plain);
	WALK(jumps);
	WALK(pop_ss);
	WALK(mov_ss);
	WALK(mov_ss_twice);
	WALK(lss_code);
	WALK(mov_ds);
	WALK(rep_stos);
	WALK(rep_movs);
	WALK(rep_none);
	WALK(repe_cmps);
	WALK(repne_scas);
	WALK(int_80);
	WALK(int_3);
	WALK(pushf_popf);
	WALK(popf_clears);
	WALK(iret_keeps);
	WALK(iret_clears);
	WALK(far_jump);
	WALK(faulting);
	WALK(reading);
	WALK(dividing);
	WALK(pusha_enter);
	WALK(prefixes);
	WALK(float_code);
	WALK(cmov);
	WALK(shadow_fault);
	WALK(shadow_int3);
	WALK(shadow_call);
	return 0;
}
