/* A system call that is one instruction, between two labels. */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __i386__
#define REGISTERS long r = SYS_getpid
#define CALL "int $0x80\n"
#define OPERANDS "+a"(r)
#elif defined __x86_64__
#define REGISTERS long r = SYS_getpid
#define CALL "syscall\n"
#define OPERANDS "+a"(r) : : "rcx", "r11", "memory"
#else
#define REGISTERS register long r __asm__("x0") = 0; register long n __asm__("x8") = SYS_getpid
#define CALL "svc #0\n"
#define OPERANDS "+r"(r) : "r"(n)
#endif

static long result;

static void process_id(void)
{
	REGISTERS;

	__asm__ volatile(".globl the_call, after_it\nthe_call: " CALL "after_it: nop" : OPERANDS);
	result = r;
}

int main(void)
{
	process_id();
	return result != getpid();
}
