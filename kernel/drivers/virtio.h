/* SPDX-License-Identifier: MIT */
/* Between virtio_mmio.c and virtio_console.c (VIRTIO 1.2). */
#ifndef _DRIVERS_VIRTIO_H
#define _DRIVERS_VIRTIO_H

#include <linux/kernel.h>
#include <linux/interrupt.h>
#include <linux/list.h>

#define VIRTIO_ID_CONSOLE	3
#define VIRTIO_CONSOLE_F_MULTIPORT	1
#define VIRTIO_F_VERSION_1	32

#define VIRTIO_RING_NUM		8	/* descriptors of a queue; a power of two */

/* 2.7.5 */
struct vring_desc {
	u64 addr;
	u32 len;
	u16 flags;
#define VRING_DESC_F_WRITE	2
	u16 next;
};

/* 2.7.6 */
struct vring_avail {
	u16 flags;
#define VRING_AVAIL_F_NO_INTERRUPT	1
	u16 idx;
	u16 ring[VIRTIO_RING_NUM];
};

/* 2.7.8 */
struct vring_used {
	u16 flags;
	u16 idx;
	struct {
		u32 id;
		u32 len;
	} ring[VIRTIO_RING_NUM];
};

/* A queue, in memory that the device reads and writes. Fits one page. */
struct vring {
	struct vring_desc desc[VIRTIO_RING_NUM];
	struct vring_used used;
	struct vring_avail avail;
};

struct virtio_device;

struct virtqueue {
	struct virtio_device *vdev;
	unsigned int index;
	struct vring *vring;
	u16 last_used;		/* up to where the used ring was read */
	void *data;		/* the driver's */
};

struct virtio_device {
	unsigned long base;	/* physical */
	unsigned int irq;
};

/* The first device of that kind, with the driver's bit set; false without one. */
bool virtio_find_device(struct virtio_device *vdev, u32 id);
/* Takes the features; 0 or -ENODEV when the device wants others. */
int virtio_finalize_features(struct virtio_device *vdev, u64 features);
u32 virtio_cread32(struct virtio_device *vdev, unsigned int offset);
int virtio_setup_vq(struct virtio_device *vdev, struct virtqueue *vq,
		    unsigned int index);
void virtio_device_ready(struct virtio_device *vdev);
/* The reasons for an interrupt, which end with the call. */
u32 virtio_interrupt_ack(struct virtio_device *vdev);

/*
 * Gives the device one buffer, which it writes (in) or reads, under a number
 * below VIRTIO_RING_NUM that is free. virtqueue_kick() then tells the device.
 */
void virtqueue_add(struct virtqueue *vq, unsigned int id, void *buf, u32 len,
		   bool in);
void virtqueue_kick(struct virtqueue *vq);
/*
 * Whether an interrupt says when the device is done with a buffer. Look for
 * one after enabling it: it may have been done before.
 */
void virtqueue_disable_cb(struct virtqueue *vq);
void virtqueue_enable_cb(struct virtqueue *vq);
/* A buffer that the device is done with: its number, or -1; *len bytes of it. */
int virtqueue_get_buf(struct virtqueue *vq, u32 *len);

#endif
