/* SPDX-License-Identifier: MIT */
/*
 * References that a scope gives back, as Linux writes it:
 *
 *	struct file *file __free(fput) = fget(fd);
 *
 * is put on every way out of its block; no_free_ptr(file) hands it on instead.
 * What was declared last goes first.
 */
#ifndef _LINUX_CLEANUP_H
#define _LINUX_CLEANUP_H

#define __free(name)	__attribute__((cleanup(__free_##name)))

/* How the reference _T is given back. */
#define DEFINE_FREE(name, type, free)					\
	static __always_inline void __free_##name(void *p)		\
	{								\
		type _T = *(type *)p;					\
									\
		free;							\
	}

#define no_free_ptr(p)	({ typeof(p) ____p = (p); (p) = NULL; ____p; })

#endif
