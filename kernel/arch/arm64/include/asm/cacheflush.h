/* SPDX-License-Identifier: MIT */
#ifndef _ASM_CACHEFLUSH_H
#define _ASM_CACHEFLUSH_H

/* Makes code written at [start, end) visible to instruction fetch. */
void flush_icache_range(unsigned long start, unsigned long end);

#endif
