/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <linux/types.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/gfp.h>

struct kmem_cache;

void kmem_cache_init(void);
/* At boot: panics when there is no memory, or an object is larger than a page. */
struct kmem_cache *kmem_cache_create(const char *name, size_t size);
void *kmem_cache_alloc(struct kmem_cache *cachep, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *cachep, void *objp);

/* Sizes of more than half a page come straight from the page allocator. */
void *kmalloc(size_t size, gfp_t gfp);
void kfree(const void *objp);
DEFINE_FREE(kfree, void *, if (!IS_ERR(_T)) kfree(_T))

static inline void *kmem_cache_zalloc(struct kmem_cache *cachep, gfp_t gfp)
{
	return kmem_cache_alloc(cachep, gfp | __GFP_ZERO);
}

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kmalloc(bytes, gfp);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array(n, size, gfp | __GFP_ZERO);
}

char *kstrdup(const char *s, gfp_t gfp);
char *kstrndup(const char *s, size_t max, gfp_t gfp);
void *kmemdup(const void *src, size_t len, gfp_t gfp);

#endif
