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

void free_pipe_info(struct pipe_inode_info *pipe);

#endif
