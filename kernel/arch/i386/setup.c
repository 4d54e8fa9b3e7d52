// SPDX-License-Identifier: MIT
/*
 * What the multiboot loader tells.
 */
#include <linux/kernel.h>
#include <linux/arch.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <asm/pgtable.h>
#include <asm/processor.h>

#define MULTIBOOT_BOOTLOADER_MAGIC	0x2BADB002
#define MULTIBOOT_INFO_MEMORY		0x01
#define MULTIBOOT_INFO_CMDLINE		0x04
#define MULTIBOOT_INFO_MODS		0x08

/* The start of the multiboot information (Multiboot 0.6.96, section 3.3). */
struct multiboot_info_header {
	u32 flags;
	u32 mem_lower;		/* KiB from 0 */
	u32 mem_upper;		/* KiB from 1 MiB */
	u32 boot_device;
	u32 cmdline;
	u32 mods_count;
	u32 mods_addr;
};

struct multiboot_module {
	u32 mod_start;
	u32 mod_end;
	u32 string;
	u32 reserved;
};

#define UPPER_MEMORY	0x100000

const char utsname_machine[] = "i686";
unsigned long boot_cpu_features;

/* Set by startup_32. */
u32 multiboot_magic;
u32 multiboot_info;

extern char _head[];

static void setup_modules(const struct multiboot_info_header *info)
{
	const struct multiboot_module *mod = __va(info->mods_addr);

	if (!(info->flags & MULTIBOOT_INFO_MODS) || !info->mods_count)
		return;
	if (mod->mod_end <= mod->mod_start || mod->mod_end > LOWMEM_MAX)
		panic("initrd at %08x-%08x is out of reach", mod->mod_start,
		      mod->mod_end);
	initrd_start = mod->mod_start;
	initrd_end = mod->mod_end;
	memblock_reserve(initrd_start, initrd_end - initrd_start);
}

void setup_arch(void)
{
	const struct multiboot_info_header *info = __va(multiboot_info);
	unsigned int eax, ebx, ecx, edx;
	unsigned long end;

	uart_init();
	cpuid(1, &eax, &ebx, &ecx, &edx);
	boot_cpu_features = edx;

	if (multiboot_magic != MULTIBOOT_BOOTLOADER_MAGIC)
		panic("not started by a multiboot loader");
	if (multiboot_info >= LOWMEM_MAX || !(info->flags & MULTIBOOT_INFO_MEMORY))
		panic("the loader does not tell the size of memory");

	if (info->flags & MULTIBOOT_INFO_CMDLINE) {
		const char *cmdline = __va(info->cmdline);
		size_t n;

		for (n = 0; n < COMMAND_LINE_SIZE - 1 && cmdline[n]; n++)
			boot_command_line[n] = cmdline[n];
		boot_command_line[n] = '\0';
	}

	end = LOWMEM_MAX;
	if (info->mem_upper < (LOWMEM_MAX - UPPER_MEMORY) / 1024)
		end = (UPPER_MEMORY + info->mem_upper * 1024UL) & PAGE_MASK;
	memblock_add(UPPER_MEMORY, end - UPPER_MEMORY);
	memblock_reserve((unsigned long)_head,
			 __pa(_end) - (unsigned long)_head);
	setup_modules(info);

	paging_init();
}

/* Feature bits of CPUID leaf 1, and Linux's names for them. */
static const struct {
	bool in_ecx;	/* or in edx */
	unsigned char bit;
	const char *name;
} cpu_flags[] = {
	{ false, 0, "fpu" },
	{ false, 3, "pse" },
	{ false, 4, "tsc" },
	{ false, 8, "cx8" },
	{ false, 15, "cmov" },
	{ false, 24, "fxsr" },
	{ false, 25, "sse" },
	{ false, 26, "sse2" },
	{ true, 0, "pni" },
	{ true, 9, "ssse3" },
	{ true, 19, "sse4_1" },
	{ true, 20, "sse4_2" },
	{ true, 23, "popcnt" },
};

int arch_cpuinfo(char *buf, size_t size)
{
	unsigned int eax, ebx, ecx, edx, max, i;
	char vendor[13];
	int n;

	cpuid(0, &max, &ebx, &ecx, &edx);
	memcpy(vendor, &ebx, 4);
	memcpy(vendor + 4, &edx, 4);
	memcpy(vendor + 8, &ecx, 4);
	vendor[12] = '\0';
	cpuid(1, &eax, &ebx, &ecx, &edx);
	n = scnprintf(buf, size,
		      "processor\t: 0\n"
		      "vendor_id\t: %s\n"
		      "cpu family\t: %u\n"
		      "model\t\t: %u\n"
		      "stepping\t: %u\n"
		      "fpu\t\t: yes\n"
		      "fpu_exception\t: yes\n"
		      "cpuid level\t: %u\n"
		      "wp\t\t: yes\n"
		      "flags\t\t:",
		      vendor, (eax >> 8) & 0xf, (eax >> 4) & 0xf, eax & 0xf,
		      max);
	for (i = 0; i < ARRAY_SIZE(cpu_flags); i++)
		if ((cpu_flags[i].in_ecx ? ecx : edx) >> cpu_flags[i].bit & 1)
			n += scnprintf(buf + n, size - n, " %s", cpu_flags[i].name);
	return n + scnprintf(buf + n, size - n, "\n\n");
}
