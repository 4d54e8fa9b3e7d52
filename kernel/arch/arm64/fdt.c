// SPDX-License-Identifier: MIT
/*
 * arm64 only: a PC's loader tells of memory in a structure of its own (setup.c).
 * The flattened device tree (Devicetree Specification, chapter 5), read once
 * for the few properties that say where memory, command line and initramfs
 * are. Everything in it is big endian.
 */
#include <linux/kernel.h>
#include <asm/fdt.h>

#define FDT_MAGIC	0xd00dfeed
#define FDT_BEGIN_NODE	1
#define FDT_END_NODE	2
#define FDT_PROP	3
#define FDT_NOP		4
#define FDT_END		9

struct fdt_header {
	__be32 magic;
	__be32 totalsize;
	__be32 off_dt_struct;
	__be32 off_dt_strings;
	__be32 off_mem_rsvmap;
	__be32 version;
	__be32 last_comp_version;
	__be32 boot_cpuid_phys;
	__be32 size_dt_strings;
	__be32 size_dt_struct;
};

static u32 be32(__be32 x)
{
	return __builtin_bswap32(x);
}

/* n cells of a property, most significant first. */
static u64 cells(const __be32 *p, int n)
{
	u64 value = 0;

	while (n-- > 0)
		value = value << 32 | be32(*p++);
	return value;
}

struct fdt_walk {
	int depth;
	int address_cells, size_cells;	/* of the root */
	bool in_memory, in_chosen, in_psci;	/* the node at depth 2 */
	struct fdt_info *info;
};

static void enter_node(struct fdt_walk *w, const char *name)
{
	w->depth++;
	if (w->depth != 2)
		return;
	w->in_memory = !strncmp(name, "memory", 6) &&
		       (name[6] == '@' || !name[6]);
	w->in_chosen = !strcmp(name, "chosen");
	w->in_psci = !strcmp(name, "psci");
}

static void read_prop(struct fdt_walk *w, const char *name, const __be32 *data,
		      u32 len)
{
	struct fdt_info *info = w->info;

	if (w->depth == 1) {
		if (!strcmp(name, "#address-cells"))
			w->address_cells = be32(*data);
		else if (!strcmp(name, "#size-cells"))
			w->size_cells = be32(*data);
	} else if (w->depth == 2 && w->in_memory) {
		if (!strcmp(name, "reg") && !info->memory_size) {
			info->memory_base = cells(data, w->address_cells);
			info->memory_size = cells(data + w->address_cells,
						  w->size_cells);
		}
	} else if (w->depth == 2 && w->in_chosen) {
		if (!strcmp(name, "bootargs"))
			info->bootargs = (const char *)data;
		else if (!strcmp(name, "linux,initrd-start"))
			info->initrd_start = cells(data, len / 4);
		else if (!strcmp(name, "linux,initrd-end"))
			info->initrd_end = cells(data, len / 4);
	} else if (w->depth == 2 && w->in_psci) {
		if (!strcmp(name, "method"))
			info->psci_smc = !strcmp((const char *)data, "smc");
	}
}

int fdt_scan(const void *fdt, struct fdt_info *info)
{
	const struct fdt_header *h = fdt;
	struct fdt_walk w = { .address_cells = 2, .size_cells = 1,
			      .info = info };
	const char *strings;
	const __be32 *p, *end;

	memset(info, 0, sizeof(*info));
	if (be32(h->magic) != FDT_MAGIC)
		return -EINVAL;
	info->totalsize = be32(h->totalsize);
	strings = (const char *)fdt + be32(h->off_dt_strings);
	p = (const __be32 *)((const char *)fdt + be32(h->off_dt_struct));
	end = (const __be32 *)((const char *)fdt + info->totalsize);

	while (p < end) {
		u32 len;

		switch (be32(*p++)) {
		case FDT_BEGIN_NODE:
			enter_node(&w, (const char *)p);
			p += strlen((const char *)p) / 4 + 1;
			break;
		case FDT_END_NODE:
			w.depth--;
			break;
		case FDT_PROP:
			len = be32(p[0]);
			read_prop(&w, strings + be32(p[1]), p + 2, len);
			p += 2 + (len + 3) / 4;
			break;
		case FDT_NOP:
			break;
		case FDT_END:
			return 0;
		default:
			return -EINVAL;
		}
	}
	return -EINVAL;
}
