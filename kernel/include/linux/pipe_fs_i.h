/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_PIPE_FS_I_H
#define _LINUX_PIPE_FS_I_H

#include <linux/types.h>
#include <linux/wait.h>

#define PIPE_BUF	4096
#define PIPE_DEF_BUFFERS 16

/* A ring of bytes in single pages, which are allocated as they fill. */
struct pipe_inode_info {
	wait_queue_head_t rd_wait;	/* readers: something to read, or EOF */
	wait_queue_head_t wr_wait;	/* writers: room, or nobody to read */
	unsigned int nrbufs;		/* pages in the ring */
	size_t head;			/* offset of the first byte to read */
	size_t len;			/* bytes in the ring */
	unsigned int readers;
	unsigned int writers;
	unsigned int r_counter;		/* opens so far: a FIFO's open waits on these */
	unsigned int w_counter;
	void **bufs;
};

struct pipe_inode_info *alloc_pipe_info(void);
void free_pipe_info(struct pipe_inode_info *pipe);

/* 1: there is something to read, 0: there never will be; or -errno. */
int pipe_wait_readable(struct pipe_inode_info *pipe, bool nonblock);
/* 0: a write of n bytes has room (if n is more than PIPE_BUF, some); or -errno. */
int pipe_wait_writable(struct pipe_inode_info *pipe, size_t n, bool nonblock);
bool pipe_has_room(struct pipe_inode_info *pipe, size_t n);
/* These move what there is, or what fits; *errorp says why it is less. */
size_t pipe_copy_out(struct pipe_inode_info *pipe, char __user *buf, size_t n);
size_t pipe_copy_in(struct pipe_inode_info *pipe, const char __user *buf,
		    size_t n, int *errorp);

#endif
