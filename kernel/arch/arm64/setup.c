// SPDX-License-Identifier: MIT
/*
 * What the device tree tells.
 */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/memblock.h>
#include <asm/fdt.h>
#include <asm/psci.h>

unsigned long __fdt_pointer;		/* physical, from the loader's x0 */
int psci_use_smc;
const char utsname_machine[] = "aarch64";

/* The image's first byte in the linear map, from kernel.lds. */
extern char _image[];

void setup_arch(void)
{
	struct fdt_info fdt;

	uart_init();
	if (!__fdt_pointer || fdt_scan(__va(__fdt_pointer), &fdt))
		panic("no device tree at %016lx", __fdt_pointer);
	if (!fdt.memory_size)
		panic("the device tree has no memory node");

	memblock_add(fdt.memory_base, fdt.memory_size);
	memblock_reserve(__pa(_image), _end - _image);
	memblock_reserve(__fdt_pointer, fdt.totalsize);
	if (fdt.initrd_end > fdt.initrd_start) {
		initrd_start = fdt.initrd_start;
		initrd_end = fdt.initrd_end;
		memblock_reserve(initrd_start, initrd_end - initrd_start);
	}
	if (fdt.bootargs)
		strlcpy(boot_command_line, fdt.bootargs, COMMAND_LINE_SIZE);
	psci_use_smc = fdt.psci_smc;

	paging_init();
}

int arch_cpuinfo(char *buf, size_t size)
{
	unsigned long midr;

	__asm__ __volatile__("mrs %0, midr_el1" : "=r" (midr));
	return scnprintf(buf, size,
			 "processor\t: 0\n"
			 "Features\t: fp asimd\n"
			 "CPU implementer\t: 0x%02lx\n"
			 "CPU architecture: 8\n"
			 "CPU variant\t: 0x%lx\n"
			 "CPU part\t: 0x%03lx\n"
			 "CPU revision\t: %lu\n\n",
			 (midr >> 24) & 0xff, (midr >> 20) & 15,
			 (midr >> 4) & 0xfff, midr & 15);
}
