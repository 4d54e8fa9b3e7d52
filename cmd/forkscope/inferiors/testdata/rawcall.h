/* RAW_CALL(n, a, b, c) is a system call without a function of the library: what makes it is the line that it is on. */
#if defined __i386__
#define RAW_CALL(n, a, b, c) ({ \
	long result_; \
	__asm__ volatile("int $0x80" : "=a"(result_) : "0"(n), "b"(a), "c"(b), "d"(c) : "memory"); \
	result_; })
#elif defined __x86_64__
#define RAW_CALL(n, a, b, c) ({ \
	long result_; \
	__asm__ volatile("syscall" : "=a"(result_) : "0"((long)(n)), "D"((long)(a)), "S"(b), "d"((long)(c)) : "rcx", "r11", "memory"); \
	result_; })
#else
#define RAW_CALL(n, a, b, c) ({ \
	register long n_ __asm__("x8") = n; \
	register long result_ __asm__("x0") = a; \
	register const void *b_ __asm__("x1") = b; \
	register long c_ __asm__("x2") = c; \
	__asm__ volatile("svc #0" : "+r"(result_) : "r"(n_), "r"(b_), "r"(c_) : "memory"); \
	result_; })
#endif
