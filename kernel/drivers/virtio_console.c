// SPDX-License-Identifier: MIT
/*
 * The ports of a virtio console (VIRTIO 1.2, 5.3): /dev/vport0pN is a stream
 * of bytes to and from the host, and behaves like an end of a pipe. Where the
 * host closes its end, a reader comes to the end of the file, and a writer
 * gets EPIPE and SIGPIPE.
 *
 * Each port has one buffer for each direction. A read asks the host for as
 * many bytes as it wants, and a host that has them answers before the request
 * returns. A write ends when the host has taken the bytes.
 */
#include <linux/sched.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/termios.h>
#include <linux/uaccess.h>
#include "virtio.h"

#define MAX_PORTS	4
#define BUF_ORDER	4
#define BUF_SIZE	(PAGE_SIZE << BUF_ORDER)

/* 5.3.2: queues of port 0, of the control messages, of port 1, ... */
#define RX_QUEUE(port)	((port) ? 2 * (port) + 2 : 0)
#define CTRL_RX_QUEUE	2
#define CTRL_TX_QUEUE	3

/* 5.3.6.2 */
struct virtio_console_control {
	u32 id;
	u16 event;
	u16 value;
};

#define VIRTIO_CONSOLE_DEVICE_READY	0
#define VIRTIO_CONSOLE_PORT_ADD		1
#define VIRTIO_CONSOLE_PORT_READY	3
#define VIRTIO_CONSOLE_PORT_OPEN	6

#define CTRL_SIZE	64	/* a port's name comes with its message */

/* All of it is guarded by interrupts off. */
struct port {
	struct virtqueue in, out;
	char *inbuf, *outbuf;		/* made when first needed */
	unsigned int start, end;	/* in inbuf: received and not yet read */
	bool asked;			/* the device has inbuf */
	bool sending;			/* the device has outbuf */
	bool at_once;			/* the host had the bytes when last asked */
	bool added, host_open;
	wait_queue_head_t rd_wait, wr_wait;
};

static struct port ports[MAX_PORTS];
static unsigned int nr_ports;
static struct virtio_device vdev;
static struct virtqueue ctrl_in, ctrl_out;
static char (*ctrl_bufs)[CTRL_SIZE];	/* the last one is for sending */

unsigned int virtio_console_ports(void)
{
	return nr_ports;
}

/* --- what the device has done ------------------------------------------- */

static void send_control(u32 id, u16 event, u16 value)
{
	struct virtio_console_control *msg =
		(void *)ctrl_bufs[VIRTIO_RING_NUM];
	u32 len;

	msg->id = id;
	msg->event = event;
	msg->value = value;
	virtqueue_add(&ctrl_out, 0, msg, sizeof(*msg), false);
	virtqueue_kick(&ctrl_out);
	while (virtqueue_get_buf(&ctrl_out, &len) < 0)
		cpu_relax();
}

static void handle_control(const struct virtio_console_control *msg)
{
	struct port *port = &ports[msg->id];

	if (msg->id >= nr_ports)
		return;
	switch (msg->event) {
	case VIRTIO_CONSOLE_PORT_ADD:
		port->added = true;
		send_control(msg->id, VIRTIO_CONSOLE_PORT_READY, 1);
		break;
	case VIRTIO_CONSOLE_PORT_OPEN:
		port->host_open = msg->value;
		wake_up_interruptible_all(&port->rd_wait);
		wake_up_interruptible_all(&port->wr_wait);
		break;
	}
}

static void control_work(void)
{
	u32 len;
	int id;

	while ((id = virtqueue_get_buf(&ctrl_in, &len)) >= 0) {
		if (len >= sizeof(struct virtio_console_control))
			handle_control((void *)ctrl_bufs[id]);
		virtqueue_add(&ctrl_in, id, ctrl_bufs[id], CTRL_SIZE, true);
		virtqueue_kick(&ctrl_in);
	}
}

static void port_work(struct port *port)
{
	u32 len;

	if (port->asked && virtqueue_get_buf(&port->in, &len) >= 0) {
		port->asked = false;
		port->start = 0;
		port->end = len;
		wake_up_interruptible_all(&port->rd_wait);
	}
	if (port->sending && virtqueue_get_buf(&port->out, &len) >= 0) {
		port->sending = false;
		wake_up_interruptible_all(&port->wr_wait);
	}
}

static irqreturn_t virtio_console_interrupt(int irq, void *dev_id)
{
	if (!virtio_interrupt_ack(&vdev))
		return IRQ_NONE;
	control_work();
	for (unsigned int i = 0; i < nr_ports; i++)
		port_work(&ports[i]);
	return IRQ_HANDLED;
}

/*
 * Gives the port's buffer to the device, with interrupts off. Most hosts are
 * done with it when the kick returns; an interrupt tells of the others.
 */
static void port_post(struct port *port, struct virtqueue *vq, char *buf,
		      size_t n, bool in)
{
	virtqueue_disable_cb(vq);
	virtqueue_add(vq, 0, buf, n, in);
	virtqueue_kick(vq);
	control_work();
	port_work(port);
	if (in ? port->asked : port->sending) {
		virtqueue_enable_cb(vq);
		port_work(port);
	}
}

/* --- files --------------------------------------------------------------- */

static bool port_readable(struct port *port)
{
	return port->start != port->end || (!port->asked && !port->host_open);
}

/* Asks the host for n bytes, unless there are some or it has been asked. */
static void port_ask(struct port *port, size_t n)
{
	unsigned long flags;

	local_irq_save(flags);
	if (!port->asked && !port_readable(port)) {
		port->asked = true;
		port_post(port, &port->in, port->inbuf, min(n, BUF_SIZE), true);
		port->at_once = !port->asked || !port->host_open;
	}
	/* At the end of the file the device keeps what it was given. */
	if (!port->host_open)
		port->asked = false;
	local_irq_restore(flags);
}

static ssize_t port_read(struct file *file, char __user *buf, size_t n,
			 loff_t *pos)
{
	struct port *port = file->private_data;
	size_t done = 0;

	while (done < n) {
		unsigned int bytes;

		/*
		 * From a host that has all its bytes at hand a read gets what
		 * it wants; otherwise what came.
		 */
		if (done && port->start == port->end && !port->at_once)
			break;
		port_ask(port, n - done);
		if (!port_readable(port)) {
			int error;

			if (done)
				break;
			if (file->f_flags & O_NONBLOCK)
				return -EAGAIN;
			error = wait_event_interruptible(port->rd_wait,
					port_readable(port) || !port->host_open);
			if (error)
				return error;
			continue;
		}
		bytes = min_t(size_t, port->end - port->start, n - done);
		if (!bytes)
			break;
		if (copy_to_user(buf + done, port->inbuf + port->start, bytes))
			return done ? (ssize_t)done : -EFAULT;
		port->start += bytes;
		done += bytes;
	}
	return done;
}

/* Waits until the buffer is the writer's and the host is there. */
static int wait_port_writable(struct port *port, struct file *file)
{
	if (port->host_open && port->sending) {
		int error;

		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		error = wait_event_interruptible(port->wr_wait,
				!port->sending || !port->host_open);
		if (error)
			return error;
	}
	if (!port->host_open) {
		send_sig(SIGPIPE, current, 0);
		return -EPIPE;
	}
	return 0;
}

static void port_send(struct port *port, size_t n)
{
	unsigned long flags;

	local_irq_save(flags);
	port->sending = true;
	port_post(port, &port->out, port->outbuf, n, false);
	local_irq_restore(flags);
}

static ssize_t port_write(struct file *file, const char __user *buf, size_t n,
			  loff_t *pos)
{
	struct port *port = file->private_data;
	size_t done = 0;
	int error = 0;

	while (done < n) {
		size_t bytes = min_t(size_t, n - done, BUF_SIZE);

		error = wait_port_writable(port, file);
		if (error)
			break;
		if (copy_from_user(port->outbuf, buf + done, bytes)) {
			error = -EFAULT;
			break;
		}
		port_send(port, bytes);
		done += bytes;
		/* Handed over: it is the host's, even if a signal comes first. */
		if (!(file->f_flags & O_NONBLOCK) &&
		    wait_event_interruptible(port->wr_wait, !port->sending ||
					     !port->host_open))
			break;
	}
	return done ? (ssize_t)done : error;
}

static unsigned int port_poll(struct file *file, poll_table *pt)
{
	struct port *port = file->private_data;
	unsigned int mask = 0;

	poll_wait(file, &port->rd_wait, pt);
	poll_wait(file, &port->wr_wait, pt);
	if (file->f_mode & FMODE_READ) {
		port_ask(port, BUF_SIZE);
		if (port_readable(port))
			mask |= POLLIN | POLLRDNORM;
		if (!port->host_open && port->start == port->end)
			mask |= POLLHUP;
	}
	if (file->f_mode & FMODE_WRITE) {
		if (!port->sending || !port->host_open)
			mask |= POLLOUT | POLLWRNORM;
		if (!port->host_open)
			mask |= POLLERR;
	}
	return mask;
}

static long port_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct port *port = file->private_data;

	if (cmd != FIONREAD)
		return -ENOTTY;
	return put_user((int)(port->end - port->start), (int __user *)arg);
}

/* The port's buffer, which stays with it. */
static bool port_buffer(char **buf)
{
	if (!*buf)
		*buf = (char *)__get_free_pages(GFP_KERNEL, BUF_ORDER);
	return *buf;
}

static int port_open(struct inode *inode, struct file *file)
{
	unsigned int minor = MINOR(inode->i_rdev);
	struct port *port = &ports[minor];
	unsigned long flags;

	if (minor >= nr_ports || !port->added)
		return -ENXIO;
	if ((file->f_mode & FMODE_READ) && !port_buffer(&port->inbuf))
		return -ENOMEM;
	if ((file->f_mode & FMODE_WRITE) && !port_buffer(&port->outbuf))
		return -ENOMEM;
	local_irq_save(flags);
	send_control(minor, VIRTIO_CONSOLE_PORT_OPEN, 1);
	local_irq_restore(flags);
	file->private_data = port;
	file->f_mode |= FMODE_NOSEEK;
	return 0;
}

static const struct file_operations port_fops = {
	.llseek = no_llseek,
	.read = port_read,
	.write = port_write,
	.poll = port_poll,
	.unlocked_ioctl = port_ioctl,
	.open = port_open,
};

/* --- start --------------------------------------------------------------- */

static int setup_queues(void)
{
	int error;

	error = virtio_setup_vq(&vdev, &ctrl_in, CTRL_RX_QUEUE);
	if (!error)
		error = virtio_setup_vq(&vdev, &ctrl_out, CTRL_TX_QUEUE);
	for (unsigned int i = 0; !error && i < nr_ports; i++) {
		init_waitqueue_head(&ports[i].rd_wait);
		init_waitqueue_head(&ports[i].wr_wait);
		error = virtio_setup_vq(&vdev, &ports[i].in, RX_QUEUE(i));
		if (!error)
			error = virtio_setup_vq(&vdev, &ports[i].out,
						RX_QUEUE(i) + 1);
	}
	return error;
}

/* Without the device there are no ports, and nothing else changes. */
void virtio_console_init(void)
{
	if (!virtio_find_device(&vdev, VIRTIO_ID_CONSOLE) ||
	    virtio_finalize_features(&vdev, 1ULL << VIRTIO_F_VERSION_1 |
				     1ULL << VIRTIO_CONSOLE_F_MULTIPORT))
		return;
	/* 5.3.4: max_nr_ports. */
	nr_ports = min_t(u32, virtio_cread32(&vdev, 4), MAX_PORTS);
	ctrl_bufs = kmalloc((VIRTIO_RING_NUM + 1) * CTRL_SIZE, GFP_KERNEL);
	if (!ctrl_bufs || setup_queues()) {
		nr_ports = 0;
		return;
	}
	register_chrdev(VPORT_MAJOR, "virtio-portsdev", &port_fops);
	virtio_device_ready(&vdev);
	for (int i = 0; i < VIRTIO_RING_NUM; i++)
		virtqueue_add(&ctrl_in, i, ctrl_bufs[i], CTRL_SIZE, true);
	virtqueue_kick(&ctrl_in);
	request_irq(vdev.irq, virtio_console_interrupt, "virtio0", NULL);
	send_control(-1, VIRTIO_CONSOLE_DEVICE_READY, 1);
	control_work();
}
