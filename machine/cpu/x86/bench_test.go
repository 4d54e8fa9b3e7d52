package x86

import (
	"strings"
	"syscall"
	"testing"

	"forkscope/machine/cpu"
)

// Guest loops for the speed floor. They are assembled when the benchmark runs, as flat binaries at 1 MB.

const benchAsm = `
	.code32
	.globl _start
_start:
	movl $0x200000, %esp
1:	call work
	jmp 1b
`

const benchC = `
unsigned seed = 1;
static unsigned table[256];
static unsigned char text[4096];
__attribute__((noinline)) unsigned crc(const unsigned char *p, unsigned n)
{
	unsigned c = ~0u;
	while (n--)
		c = table[(c ^ *p++) & 0xff] ^ c >> 8;
	return ~c;
}
__attribute__((noinline)) unsigned sieve(unsigned n)
{
	unsigned count = 0;
	for (unsigned i = 0; i < n; i++)
		text[i] = 1;
	for (unsigned i = 2; i < n; i++)
		if (text[i]) {
			count++;
			for (unsigned j = i + i; j < n; j += i)
				text[j] = 0;
		}
	return count;
}
__attribute__((noinline)) int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
__attribute__((noinline)) unsigned collatz(unsigned n)
{
	unsigned steps = 0;
	while (n != 1) {
		n = n & 1 ? 3 * n + 1 : n >> 1;
		steps++;
	}
	return steps;
}
void work(void)
{
	for (unsigned i = 0; i < 256; i++) {
		unsigned c = i;
		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
		table[i] = c;
	}
	seed += crc(text, sizeof text);
	seed += sieve(sizeof text);
	seed += fib(15);
	for (unsigned i = 1; i < 100; i++)
		seed += collatz(i);
}
`

const countLoop = `
	.code32
	.globl _start
_start:
	movl $0x200000, %esp
	xorl %eax, %eax
	xorl %edx, %edx
1:	addl %edx, %eax
	xorl $0x5555, %eax
	incl %edx
	cmpl $1000000, %edx
	jne 1b
	jmp _start
`

const memLoop = `
	.code32
	.globl _start
_start:
	movl $0x200000, %esp
2:	xorl %ecx, %ecx
1:	movl 0x180000(,%ecx,4), %eax
	addl %eax, %ebx
	addl $1, %eax
	movl %eax, 0x180000(,%ecx,4)
	incl %ecx
	cmpl $1024, %ecx
	jb 1b
	jmp 2b
`

func buildBench(b testing.TB, opt, asm, c string) []byte {
	return assembleFiles(b, testOrg, []string{opt}, map[string]string{"a.S": asm, "b.c": c})
}

func benchmark(b *testing.B, image []byte) {
	m := newMachine(b, 4<<20)
	m.write(0x100000, image)
	m.c.SetProtectedFlat(Entry{EIP: 0x100000})
	run(b, m)
}

// run measures what a machine does.
func run(b *testing.B, m *machine) {
	m.upTo(1_000_000)
	cpuTime := func() float64 {
		var r syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &r)
		return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
	}
	start := cpuTime()
	b.ResetTimer()
	for range b.N {
		if e := m.upTo(m.clk.Retired + 1_000_000); e.Reason != cpu.Limit {
			b.Fatalf("%v at %#x %s", e.Reason, m.c.PC(), e.Detail)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N), "ns/instr")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "Minstr/s")
	b.ReportMetric(float64(b.N)/(cpuTime()-start), "Minstr/cpu-s") // what a host that does nothing else would give
}

func BenchmarkCount(b *testing.B)  { benchmark(b, buildBench(b, "-O2", countLoop, "")) }
func BenchmarkMemory(b *testing.B) { benchmark(b, buildBench(b, "-O2", memLoop, "")) }
func BenchmarkO2(b *testing.B)     { benchmark(b, buildBench(b, "-O2", benchAsm, benchC)) }
func BenchmarkO0(b *testing.B)     { benchmark(b, buildBench(b, "-O0", benchAsm, benchC)) }

// benchmark64 is benchmark in 64-bit mode, without paging.
func benchmark64(b *testing.B, opt string) {
	m := newLongMachine(b, 4<<20)
	m.write(0x100000, assembleFiles64(b, []string{opt}, map[string]string{"a.S": strings.ReplaceAll(strings.ReplaceAll(benchAsm, ".code32", ".code64"), "movl $0x200000, %esp", "movq $0x200000, %rsp"), "b.c": benchC}))
	m.c.SetProtectedFlat(Entry{EIP: 0x100000})
	m.c.setCR4(cr4OSFXSR)
	m.c.set64()
	run(b, m)
}

func BenchmarkLongO2(b *testing.B) { benchmark64(b, "-O2") }
func BenchmarkLongO0(b *testing.B) { benchmark64(b, "-O0") }

// patchLoop stores a number in the byte that its last line defines as count.
const patchLoop = `
	.code32
	.globl _start
_start:
1:	addl %edx, %ebx
	xorl $0x5555, %ebx
patch:	addl $1, %eax
	movb %dl, count
	incl %edx
	jmp 1b
	.balign 64
beside:	.long 0
	count = `

// The loop stores in a page without code, beside the code, and in one of its own instructions.
func BenchmarkStoreElsewhere(b *testing.B) {
	benchmark(b, buildBench(b, "-O2", patchLoop+"0x180000\n", ""))
}
func BenchmarkStoreBesideCode(b *testing.B) {
	benchmark(b, buildBench(b, "-O2", patchLoop+"beside\n", ""))
}
func BenchmarkStoreInCode(b *testing.B) {
	benchmark(b, buildBench(b, "-O2", patchLoop+"patch + 2\n", ""))
}

// BenchmarkStep runs an instruction at a time, as the debugger's stepi does.
func BenchmarkStep(b *testing.B) {
	m := newMachine(b, 4<<20)
	m.write(0x100000, buildBench(b, "-O2", benchAsm, benchC))
	m.c.SetProtectedFlat(Entry{EIP: 0x100000})
	m.upTo(1_000_000)
	b.ResetTimer()
	for range b.N {
		m.upTo(m.clk.Retired + 1)
	}
}
