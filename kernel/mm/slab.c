// SPDX-License-Identifier: MIT
/*
 * Small objects. A cache owns slabs, each one page cut into equal objects;
 * a free object's first word links to the next free one. Slabs with room are
 * on the cache's partial list, full ones on none; an empty slab goes back to
 * the page allocator unless it is the only one with room.
 *
 * Objects of more than a page (none in the kernel needs a cache of them) and
 * large kmalloc()s take whole blocks of pages.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/irqflags.h>
#include <linux/list.h>
#include <linux/string.h>

#define SLAB_ALIGN	16

struct kmem_cache {
	const char *name;
	size_t size;			/* rounded up to the alignment */
	size_t object_size;		/* as asked for */
	unsigned int num;		/* objects per slab */
	struct list_head partial;
};

/* The cache of caches: the only one that is not allocated. */
static struct kmem_cache cache_cache;

static const size_t kmalloc_sizes[] = {
	16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048,
};

#define NR_KMALLOC	ARRAY_SIZE(kmalloc_sizes)

static struct kmem_cache *kmalloc_caches[NR_KMALLOC];

static void cache_setup(struct kmem_cache *cachep, const char *name, size_t size)
{
	cachep->name = name;
	cachep->object_size = size;
	cachep->size = ALIGN(size, SLAB_ALIGN);
	cachep->num = PAGE_SIZE / cachep->size;
	INIT_LIST_HEAD(&cachep->partial);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size)
{
	struct kmem_cache *cachep = kmem_cache_alloc(&cache_cache, GFP_KERNEL);

	if (!cachep || size > PAGE_SIZE)
		panic("cannot create cache %s", name);
	cache_setup(cachep, name, size);
	return cachep;
}

static struct page *new_slab(struct kmem_cache *cachep)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *start;
	unsigned int i;

	if (!page)
		return NULL;
	start = page_address(page);
	page->flags |= PG_slab;
	page->slab = cachep;
	page->inuse = 0;
	page->freelist = NULL;
	for (i = cachep->num; i-- > 0;) {
		void **object = (void **)(start + i * cachep->size);

		*object = page->freelist;
		page->freelist = object;
	}
	list_add(&page->lru, &cachep->partial);
	return page;
}

void *kmem_cache_alloc(struct kmem_cache *cachep, gfp_t gfp)
{
	struct page *page;
	void **object;
	unsigned long flags;

	local_irq_save(flags);
	if (list_empty(&cachep->partial)) {
		page = new_slab(cachep);
		if (!page) {
			local_irq_restore(flags);
			return NULL;
		}
	} else {
		page = list_first_entry(&cachep->partial, struct page, lru);
	}
	object = page->freelist;
	page->freelist = *object;
	if (++page->inuse == cachep->num)
		list_del(&page->lru);
	local_irq_restore(flags);

	if (gfp & __GFP_ZERO)
		memset(object, 0, cachep->object_size);
	return object;
}

void kmem_cache_free(struct kmem_cache *cachep, void *objp)
{
	struct page *page = virt_to_page(objp);
	void **object = objp;
	unsigned long flags;

	BUG_ON(!(page->flags & PG_slab) || page->slab != cachep);
	local_irq_save(flags);
	BUG_ON(!page->inuse);
	*object = page->freelist;
	page->freelist = object;
	if (page->inuse-- == cachep->num)
		list_add(&page->lru, &cachep->partial);
	if (!page->inuse && cachep->partial.next != cachep->partial.prev) {
		list_del(&page->lru);
		page->flags &= ~PG_slab;
		__free_page(page);
	}
	local_irq_restore(flags);
}

void *kmalloc(size_t size, gfp_t gfp)
{
	unsigned int i, order = 0;

	for (i = 0; i < NR_KMALLOC; i++)
		if (size <= kmalloc_sizes[i])
			return kmem_cache_alloc(kmalloc_caches[i], gfp);
	if (size > PAGE_SIZE << (MAX_ORDER - 1))
		return NULL;
	while (PAGE_SIZE << order < size)
		order++;
	return (void *)__get_free_pages(gfp, order);
}

void kfree(const void *objp)
{
	struct page *page;

	if (!objp)
		return;
	page = virt_to_page(objp);
	if (page->flags & PG_slab)
		kmem_cache_free(page->slab, (void *)objp);
	else
		__free_pages(page, page->order);
}

void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *p = kmalloc(len, gfp);

	if (p)
		memcpy(p, src, len);
	return p;
}

char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	size_t len = strnlen(s, max);
	char *p = kmalloc(len + 1, gfp);

	if (p) {
		memcpy(p, s, len);
		p[len] = '\0';
	}
	return p;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return kstrndup(s, strlen(s), gfp);
}

void kmem_cache_init(void)
{
	unsigned int i;

	cache_setup(&cache_cache, "kmem_cache", sizeof(struct kmem_cache));
	for (i = 0; i < NR_KMALLOC; i++)
		kmalloc_caches[i] = kmem_cache_create("kmalloc", kmalloc_sizes[i]);
}
