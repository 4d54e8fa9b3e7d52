// SPDX-License-Identifier: MIT
/*
 * What the PVH loader tells.
 */
#include <linux/kernel.h>
#include <linux/arch.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <asm/pgtable.h>
#include <asm/processor.h>

#define HVM_START_MAGIC_VALUE	0x336ec578

/* What a PVH loader leaves (xen/include/public/arch-x86/hvm/start_info.h). */
struct hvm_start_info {
	u32 magic;
	u32 version;		/* 1 and more: there is a memory map */
	u32 flags;
	u32 nr_modules;
	u64 modlist_paddr;
	u64 cmdline_paddr;	/* 0: none */
	u64 rsdp_paddr;
	u64 memmap_paddr;
	u32 memmap_entries;
	u32 reserved;
};

struct hvm_modlist_entry {
	u64 paddr;
	u64 size;
	u64 cmdline_paddr;
	u64 reserved;
};

struct hvm_memmap_table_entry {
	u64 addr;
	u64 size;
	u32 type;
	u32 reserved;
};

#define HVM_MEMMAP_TYPE_RAM	1

/* Below is what the firmware and the loader may use. */
#define UPPER_MEMORY	0x100000UL

const char utsname_machine[] = "x86_64";
unsigned long boot_cpu_features;
u32 boot_cpu_words[NR_CPUID_WORDS];

/* Set by startup_64. */
u32 pvh_start_info;

extern char _head[];

static void setup_modules(const struct hvm_start_info *info)
{
	const struct hvm_modlist_entry *mod = __va(info->modlist_paddr);

	if (!info->nr_modules || !mod->size)
		return;
	if (mod->paddr > LOWMEM_MAX || mod->size > LOWMEM_MAX - mod->paddr)
		panic("initrd at %016llx-%016llx is out of reach", mod->paddr,
		      mod->paddr + mod->size);
	initrd_start = mod->paddr;
	initrd_end = mod->paddr + mod->size;
	memblock_reserve(initrd_start, initrd_end - initrd_start);
}

/* x86_64 only: i386 is told one size. */
static void setup_memory(const struct hvm_start_info *info)
{
	const struct hvm_memmap_table_entry *e = __va(info->memmap_paddr);

	for (u32 i = 0; i < info->memmap_entries; i++, e++) {
		u64 start = max_t(u64, e->addr, UPPER_MEMORY);
		u64 end = min_t(u64, e->addr + e->size, LOWMEM_MAX);

		if (e->type == HVM_MEMMAP_TYPE_RAM && start < end)
			memblock_add(start, end - start);
	}
}

static void identify_cpu(void)
{
	unsigned int eax, ebx, ecx, edx, max;

	cpuid(0, &max, &ebx, &ecx, &edx);
	cpuid(1, &eax, &ebx, &ecx, &edx);
	boot_cpu_features = edx;
	boot_cpu_words[CPUID_1_ECX] = ecx;
	if (max >= 7) {
		cpuid(7, &eax, &ebx, &ecx, &edx);
		boot_cpu_words[CPUID_7_EBX] = ebx;
		boot_cpu_words[CPUID_7_ECX] = ecx;
	}
	cpuid(0x80000001, &eax, &ebx, &ecx, &edx);
	boot_cpu_words[CPUID_80000001_EDX] = edx;
}

void setup_arch(void)
{
	const struct hvm_start_info *info = __va(pvh_start_info);

	uart_init();
	identify_cpu();

	if (pvh_start_info >= BOOT_MAP_MAX || info->magic != HVM_START_MAGIC_VALUE)
		panic("not started by a PVH loader");
	if (info->version < 1 || !info->memmap_entries)
		panic("the loader does not tell the size of memory");

	if (info->cmdline_paddr) {
		const char *cmdline = __va(info->cmdline_paddr);
		size_t n;

		for (n = 0; n < COMMAND_LINE_SIZE - 1 && cmdline[n]; n++)
			boot_command_line[n] = cmdline[n];
		boot_command_line[n] = '\0';
	}

	setup_memory(info);
	memblock_reserve((unsigned long)_head,
			 __pa(_end) - (unsigned long)_head);
	setup_modules(info);

	paging_init();
}

/* The extended numbers count where the first ones are at their end (Intel manual, CPUID). */
static unsigned int cpu_family(unsigned int eax)
{
	unsigned int family = (eax >> 8) & 0xf;

	return family == 0xf ? family + ((eax >> 20) & 0xff) : family;
}

static unsigned int cpu_model(unsigned int eax)
{
	return ((eax >> 4) & 0xf) | ((eax >> 12) & 0xf0);
}

int arch_cpuinfo(char *buf, size_t size)
{
	unsigned int eax, ebx, ecx, edx, max;
	char vendor[13];

	cpuid(0, &max, &ebx, &ecx, &edx);
	memcpy(vendor, &ebx, 4);
	memcpy(vendor + 4, &edx, 4);
	memcpy(vendor + 8, &ecx, 4);
	vendor[12] = '\0';
	cpuid(1, &eax, &ebx, &ecx, &edx);
	return scnprintf(buf, size,
			 "processor\t: 0\n"
			 "vendor_id\t: %s\n"
			 "cpu family\t: %u\n"
			 "model\t\t: %u\n"
			 "stepping\t: %u\n"
			 "fpu\t\t: yes\n"
			 "fpu_exception\t: yes\n"
			 "cpuid level\t: %u\n"
			 "wp\t\t: yes\n"
			 "flags\t\t: fpu tsc cx8 cmov fxsr sse sse2 syscall nx lm%s%s%s%s%s%s%s%s%s%s\n\n",
			 vendor, cpu_family(eax), cpu_model(eax), eax & 0xf, max,
			 ecx & (1 << 0) ? " pni" : "",
			 ecx & (1 << 9) ? " ssse3" : "",
			 ecx & (1 << 13) ? " cx16" : "",
			 ecx & (1 << 19) ? " sse4_1" : "",
			 ecx & (1 << 20) ? " sse4_2" : "",
			 ecx & (1 << 23) ? " popcnt" : "",
			 cpu_has(X86_FEATURE_XSAVE) ? " xsave" : "",
			 cpu_has(X86_FEATURE_FSGSBASE) ? " fsgsbase" : "",
			 cpu_has(X86_FEATURE_PKU) ? " pku ospke" : "",
			 cpu_has(X86_FEATURE_SHSTK) ? " user_shstk" : "");
}
