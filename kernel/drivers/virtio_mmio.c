// SPDX-License-Identifier: MIT
/*
 * Virtio over MMIO (VIRTIO 1.2, 4.2) and its split queues (2.7): how a driver
 * finds a device, and passes it buffers.
 */
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <asm/page.h>
#include <asm/virtio_mmio.h>
#include "virtio.h"

/* 4.2.2 */
#define MAGIC_VALUE		0x000
#define VERSION			0x004
#define DEVICE_ID		0x008
#define DEVICE_FEATURES		0x010
#define DEVICE_FEATURES_SEL	0x014
#define DRIVER_FEATURES		0x020
#define DRIVER_FEATURES_SEL	0x024
#define QUEUE_SEL		0x030
#define QUEUE_NUM_MAX		0x034
#define QUEUE_NUM		0x038
#define QUEUE_READY		0x044
#define QUEUE_NOTIFY		0x050
#define INTERRUPT_STATUS	0x060
#define INTERRUPT_ACK		0x064
#define STATUS			0x070
#define QUEUE_DESC_LOW		0x080
#define QUEUE_DRIVER_LOW	0x090
#define QUEUE_DEVICE_LOW	0x0a0
#define CONFIG			0x100

#define VIRTIO_MAGIC		0x74726976	/* "virt" */
#define VIRTIO_VERSION		2
#define SLOT_SIZE		0x200

#define S_ACKNOWLEDGE		1
#define S_DRIVER		2
#define S_DRIVER_OK		4
#define S_FEATURES_OK		8

static u32 vm_read(struct virtio_device *vdev, unsigned int reg)
{
	return virtio_mmio_read(vdev->base + reg);
}

static void vm_write(struct virtio_device *vdev, unsigned int reg, u32 value)
{
	virtio_mmio_write(value, vdev->base + reg);
}

static void vm_write64(struct virtio_device *vdev, unsigned int reg, u64 value)
{
	vm_write(vdev, reg, value);
	vm_write(vdev, reg + 4, value >> 32);
}

static void add_status(struct virtio_device *vdev, u32 bit)
{
	vm_write(vdev, STATUS, vm_read(vdev, STATUS) | bit);
}

bool virtio_find_device(struct virtio_device *vdev, u32 id)
{
	virtio_mmio_map();
	for (int i = 0; i < VIRTIO_MMIO_SLOTS; i++) {
		vdev->base = VIRTIO_MMIO_PHYS + i * SLOT_SIZE;
		vdev->irq = VIRTIO_MMIO_IRQ + i;
		if (vm_read(vdev, MAGIC_VALUE) != VIRTIO_MAGIC ||
		    vm_read(vdev, VERSION) != VIRTIO_VERSION ||
		    vm_read(vdev, DEVICE_ID) != id)
			continue;
		vm_write(vdev, STATUS, 0);
		add_status(vdev, S_ACKNOWLEDGE);
		add_status(vdev, S_DRIVER);
		return true;
	}
	return false;
}

int virtio_finalize_features(struct virtio_device *vdev, u64 features)
{
	for (u32 half = 0; half < 2; half++) {
		u32 wanted = features >> (32 * half);

		vm_write(vdev, DEVICE_FEATURES_SEL, half);
		if ((vm_read(vdev, DEVICE_FEATURES) & wanted) != wanted)
			return -ENODEV;
		vm_write(vdev, DRIVER_FEATURES_SEL, half);
		vm_write(vdev, DRIVER_FEATURES, wanted);
	}
	add_status(vdev, S_FEATURES_OK);
	return vm_read(vdev, STATUS) & S_FEATURES_OK ? 0 : -ENODEV;
}

u32 virtio_cread32(struct virtio_device *vdev, unsigned int offset)
{
	return vm_read(vdev, CONFIG + offset);
}

int virtio_setup_vq(struct virtio_device *vdev, struct virtqueue *vq,
		    unsigned int index)
{
	struct vring *vring = (struct vring *)get_zeroed_page(GFP_KERNEL);

	if (!vring)
		return -ENOMEM;
	vm_write(vdev, QUEUE_SEL, index);
	if (vm_read(vdev, QUEUE_NUM_MAX) < VIRTIO_RING_NUM) {
		free_page((unsigned long)vring);
		return -ENODEV;
	}
	vm_write(vdev, QUEUE_NUM, VIRTIO_RING_NUM);
	vm_write64(vdev, QUEUE_DESC_LOW, __pa(vring->desc));
	vm_write64(vdev, QUEUE_DRIVER_LOW, __pa(&vring->avail));
	vm_write64(vdev, QUEUE_DEVICE_LOW, __pa(&vring->used));
	vm_write(vdev, QUEUE_READY, 1);
	vq->vdev = vdev;
	vq->index = index;
	vq->vring = vring;
	vq->last_used = 0;
	return 0;
}

void virtio_device_ready(struct virtio_device *vdev)
{
	add_status(vdev, S_DRIVER_OK);
}

u32 virtio_interrupt_ack(struct virtio_device *vdev)
{
	u32 status = vm_read(vdev, INTERRUPT_STATUS);

	vm_write(vdev, INTERRUPT_ACK, status);
	return status;
}

void virtqueue_add(struct virtqueue *vq, unsigned int id, void *buf, u32 len,
		   bool in)
{
	struct vring *vring = vq->vring;
	struct vring_desc *desc = &vring->desc[id];

	desc->addr = __pa(buf);
	desc->len = len;
	desc->flags = in ? VRING_DESC_F_WRITE : 0;
	vring->avail.ring[vring->avail.idx % VIRTIO_RING_NUM] = id;
	virtio_mb();		/* the entry before the index */
	vring->avail.idx++;
	virtio_mb();		/* the index before the kick */
}

void virtqueue_kick(struct virtqueue *vq)
{
	vm_write(vq->vdev, QUEUE_NOTIFY, vq->index);
}

void virtqueue_disable_cb(struct virtqueue *vq)
{
	vq->vring->avail.flags = VRING_AVAIL_F_NO_INTERRUPT;
}

void virtqueue_enable_cb(struct virtqueue *vq)
{
	vq->vring->avail.flags = 0;
	virtio_mb();		/* the flag before the caller's look */
}

int virtqueue_get_buf(struct virtqueue *vq, u32 *len)
{
	volatile struct vring_used *used = &vq->vring->used;
	unsigned int at = vq->last_used % VIRTIO_RING_NUM;

	if (used->idx == vq->last_used)
		return -1;
	virtio_mb();		/* the index before the entry */
	*len = used->ring[at].len;
	vq->last_used++;
	return used->ring[at].id;
}
