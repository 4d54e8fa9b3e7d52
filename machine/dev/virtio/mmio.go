// Package virtio holds devices of the Virtual I/O Device standard (VIRTIO 1.2; section numbers below are its), behind its MMIO transport:
// registers in a window of physical memory, and queues in guest RAM that the device reads and writes by itself. What a driver puts into its
// RAM is not to be trusted: a queue that makes no sense stops the device, which then says that it needs a reset (2.1.2), and never more.
package virtio

import (
	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
)

// WindowSize is the size of a device's register window in bytes, on all boards.
const WindowSize = 0x200

// Register offsets of the MMIO transport (4.2.2).
const (
	regMagic             = 0x000
	regVersion           = 0x004
	regDeviceID          = 0x008
	regVendorID          = 0x00c
	regDeviceFeatures    = 0x010
	regDeviceFeaturesSel = 0x014
	regDriverFeatures    = 0x020
	regDriverFeaturesSel = 0x024
	regQueueSel          = 0x030
	regQueueNumMax       = 0x034
	regQueueNum          = 0x038
	regQueueReady        = 0x044
	regQueueNotify       = 0x050
	regInterruptStatus   = 0x060
	regInterruptACK      = 0x064
	regStatus            = 0x070
	regQueueDesc         = 0x080 // low half; the high half is 4 behind it, as with the next two
	regQueueDriver       = 0x090
	regQueueDevice       = 0x0a0
	regConfigGeneration  = 0x0fc
	regConfig            = 0x100
)

const (
	magic    = 0x74726976 // "virt"
	version  = 2
	vendorID = 0x4b435346 // "FSCK": the vendor is not defined by the standard
)

// Device status (2.1).
const (
	statusAcknowledge = 1
	statusDriver      = 2
	statusDriverOK    = 4
	statusFeaturesOK  = 8
	statusNeedsReset  = 64
	statusFailed      = 128
)

// Bits of the interrupt status register.
const (
	interruptQueue  = 1
	interruptConfig = 2
)

// featureVersion1 is VIRTIO_F_VERSION_1 (6): there is no other interface here than that of the standard.
const featureVersion1 = 1 << 32

// function is what is behind the transport: one type of device.
type function interface {
	deviceID() uint32
	features() uint64
	// config is a byte of the device's configuration.
	config(offset uint64) uint8
	// notify: the driver has put buffers into queue i. It is called only while the device is live.
	notify(i int) error
	// reset: the driver starts over. What comes from the host is kept.
	reset()
}

// transport is the MMIO transport of one device. It is a bus.Device.
type transport struct {
	fn     function
	mem    bus.Memory
	irq    bus.Line
	queues []queue

	status              uint32
	interrupt           uint32
	features            uint64 // that the driver has taken
	deviceSel, driveSel uint32
	queueSel            uint32
}

func newTransport(fn function, mem bus.Memory, irq bus.Line, queues int) transport {
	return transport{fn: fn, mem: mem, irq: irq, queues: make([]queue, queues)}
}

// Empty is a transport with no device behind it, as a board has at the places that are free (4.2.3.1: device ID 0).
type Empty struct{}

// Read reads a register.
func (Empty) Read(offset uint64, size int) uint64 {
	switch {
	case size != 4:
		return 0
	case offset%WindowSize == regMagic:
		return magic
	case offset%WindowSize == regVersion:
		return version
	case offset%WindowSize == regVendorID:
		return vendorID
	}
	return 0
}

// Write does nothing.
func (Empty) Write(uint64, int, uint64) {}

// Read reads a register. Registers are 4 bytes wide and are read in one piece; the configuration is read in pieces of any size (4.2.2.2).
func (t *transport) Read(offset uint64, size int) uint64 {
	if offset >= regConfig {
		var v uint64
		for i := range size {
			v |= uint64(t.fn.config(offset-regConfig+uint64(i))) << (8 * i)
		}
		return v
	}
	if size != 4 {
		return 0
	}
	return uint64(t.read(offset))
}

func (t *transport) read(offset uint64) uint32 {
	switch offset {
	case regMagic:
		return magic
	case regVersion:
		return version
	case regDeviceID:
		return t.fn.deviceID()
	case regVendorID:
		return vendorID
	case regDeviceFeatures:
		return half(t.fn.features()|featureVersion1, t.deviceSel)
	case regQueueNumMax:
		if t.selected() != nil {
			return queueMax
		}
	case regQueueReady:
		if q := t.selected(); q != nil && q.ready {
			return 1
		}
	case regInterruptStatus:
		return t.interrupt
	case regStatus:
		return t.status
	}
	return 0 // the configuration never changes, so its generation does not either
}

// half is the low (0) or high (1) half of v.
func half(v uint64, which uint32) uint32 {
	if which > 1 {
		return 0
	}
	return uint32(v >> (32 * which))
}

// setHalf replaces that half.
func setHalf(v *uint64, which, to uint32) {
	if which <= 1 {
		*v = *v&^(0xffff_ffff<<(32*which)) | uint64(to)<<(32*which)
	}
}

// selected is the queue that the driver has selected, nil if there is none of that number.
func (t *transport) selected() *queue {
	if uint64(t.queueSel) >= uint64(len(t.queues)) {
		return nil
	}
	return &t.queues[t.queueSel]
}

// Write writes a register. The configuration cannot be written.
func (t *transport) Write(offset uint64, size int, value uint64) {
	if size != 4 || offset >= regConfig {
		return
	}
	v := uint32(value)
	switch offset {
	case regDeviceFeaturesSel:
		t.deviceSel = v
	case regDriverFeaturesSel:
		t.driveSel = v
	case regDriverFeatures:
		if t.status&statusFeaturesOK == 0 {
			setHalf(&t.features, t.driveSel, v)
		}
	case regQueueSel:
		t.queueSel = v
	case regQueueNotify:
		if t.live() && uint64(v) < uint64(len(t.queues)) {
			t.check(t.fn.notify(int(v)))
		}
	case regInterruptACK:
		t.interrupt &^= v
		t.update()
	case regStatus:
		t.setStatus(v)
	default:
		if q := t.selected(); q != nil {
			t.check(q.write(t.mem, offset, v))
		}
	}
}

// live reports whether the driver has finished setting up and nothing has gone wrong since.
func (t *transport) live() bool {
	return t.status&(statusDriverOK|statusNeedsReset|statusFailed) == statusDriverOK
}

// setStatus is the driver's way through the initialisation (3.1.1).
func (t *transport) setStatus(v uint32) {
	if v == 0 {
		t.status, t.interrupt, t.features = 0, 0, 0
		t.deviceSel, t.driveSel, t.queueSel = 0, 0, 0
		clear(t.queues)
		t.update()
		t.fn.reset()
		return
	}
	v |= t.status // the driver must not clear a bit (2.1.1)
	if v&statusFeaturesOK != 0 && (t.features&featureVersion1 == 0 || t.features&^(t.fn.features()|featureVersion1) != 0) {
		v &^= statusFeaturesOK // the driver reads it back and sees that its choice won't do
	}
	t.status = v
}

// check stops the device after an error of the driver.
func (t *transport) check(err error) {
	if err == nil || t.status&statusNeedsReset != 0 {
		return
	}
	t.status |= statusNeedsReset
	if t.status&statusDriverOK != 0 {
		t.raise(interruptConfig)
	}
}

func (t *transport) raise(bits uint32) {
	t.interrupt |= bits
	t.update()
}

func (t *transport) update() { t.irq.Set(t.interrupt != 0) }

// push gives a chain of queue i back to the driver, with n bytes written to it.
func (t *transport) push(i int, c *chain, n int) {
	if t.queues[i].push(t.mem, c.head, uint32(n)) {
		t.raise(interruptQueue)
	}
}

func (t *transport) state(v *snapshot.Visitor) {
	snapshot.Uint(v, "status", &t.status)
	snapshot.Uint(v, "interrupt", &t.interrupt)
	snapshot.Uint(v, "features", &t.features)
	snapshot.Uint(v, "device features selected", &t.deviceSel)
	snapshot.Uint(v, "driver features selected", &t.driveSel)
	snapshot.Uint(v, "queue selected", &t.queueSel)
	for i := range t.queues {
		t.queues[i].state(v, t.mem)
	}
}
