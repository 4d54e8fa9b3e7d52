/* SPDX-License-Identifier: MIT */
/* What mm/'s files share with each other only. */
#ifndef _MM_INTERNAL_H
#define _MM_INTERNAL_H

struct mm_struct;

void page_alloc_init(void);
void page_alloc_add(unsigned long start_pfn, unsigned long end_pfn);
void page_alloc_finish(void);
void mm_populate(struct mm_struct *mm, unsigned long start, unsigned long len);

#endif
