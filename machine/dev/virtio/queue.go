package virtio

import (
	"encoding/binary"
	"errors"
	"fmt"

	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
)

const (
	// queueMax is the most descriptors that a queue can have.
	queueMax = 256
	// chainMax is the most bytes that one chain may cover: far more than any driver's, and a bound on what one notification costs.
	chainMax = 16 << 20
)

// Flags of descriptors (2.7.5) and of the available ring (2.7.6).
const (
	descNext     = 1
	descWrite    = 2
	descIndirect = 4

	availNoInterrupt = 1
)

// What a driver can do wrong.
var (
	errQueueLayout = errors.New("a queue is not where or as large as one can be")
	errQueueIndex  = errors.New("more is available than the queue has room for")
	errDescriptor  = errors.New("a chain of descriptors makes no sense")
)

// queue is a split virtqueue (2.7): the device takes chains of buffers from the available ring and gives them back in the used ring.
type queue struct {
	num                  uint32
	ready                bool
	desc, driver, device uint64 // addresses of the descriptors, the available and the used ring
	seen                 uint16 // the driver's index up to which chains were taken
	used                 uint16 // the device's own index
}

// segment is a buffer of one descriptor.
type segment struct {
	addr uint64
	size uint32
}

// chain is what one entry of the available ring stands for.
type chain struct {
	head     uint16
	in, out  []segment // that the device writes, and reads
	room     int       // bytes of in
	contents int       // bytes of out
}

// write writes one of the queue's registers.
func (q *queue) write(mem bus.Memory, offset uint64, v uint32) error {
	if offset == regQueueReady {
		if v&1 == 0 {
			*q = queue{num: q.num, desc: q.desc, driver: q.driver, device: q.device}
			return nil
		}
		if !q.ready && !q.sound(mem) {
			return errQueueLayout
		}
		q.ready = true
		return nil
	}
	if q.ready {
		return nil // the driver must not, and it has no effect (4.2.2.2)
	}
	switch offset {
	case regQueueNum:
		q.num = v
	case regQueueDesc, regQueueDesc + 4:
		setHalf(&q.desc, uint32(offset-regQueueDesc)/4, v)
	case regQueueDriver, regQueueDriver + 4:
		setHalf(&q.driver, uint32(offset-regQueueDriver)/4, v)
	case regQueueDevice, regQueueDevice + 4:
		setHalf(&q.device, uint32(offset-regQueueDevice)/4, v)
	}
	return nil
}

// sound checks size, alignment and place of the three parts (2.7).
func (q *queue) sound(mem bus.Memory) bool {
	n := uint64(q.num)
	return n > 0 && n <= queueMax && n&(n-1) == 0 && q.desc%16 == 0 && q.driver%2 == 0 && q.device%4 == 0 &&
		mem.Contains(q.desc, 16*n) && mem.Contains(q.driver, 6+2*n) && mem.Contains(q.device, 6+8*n)
}

// peek finds the next chain that the driver has made available, and leaves it there; nil is none.
func (q *queue) peek(mem bus.Memory) (*chain, error) {
	if !q.ready {
		return nil, nil
	}
	waiting := read16(mem, q.driver+2) - q.seen
	if waiting == 0 {
		return nil, nil
	}
	if uint32(waiting) > q.num {
		return nil, errQueueIndex
	}
	c := &chain{head: read16(mem, q.driver+4+2*(uint64(q.seen)%uint64(q.num)))}
	next := c.head
	for range q.num { // a longer chain is a loop
		if uint32(next) >= q.num {
			return nil, fmt.Errorf("%w: descriptor %d of %d", errDescriptor, next, q.num)
		}
		var d [16]byte
		mem.Read(q.desc+16*uint64(next), d[:])
		s := segment{binary.LittleEndian.Uint64(d[:]), binary.LittleEndian.Uint32(d[8:])}
		flags := binary.LittleEndian.Uint16(d[12:])
		if err := c.add(mem, s, flags); err != nil {
			return nil, err
		}
		if flags&descNext == 0 {
			return c, nil
		}
		next = binary.LittleEndian.Uint16(d[14:])
	}
	return nil, fmt.Errorf("%w: it is a loop", errDescriptor)
}

// add adds a descriptor's buffer. What the device writes comes after all that it reads (2.7.4.2).
func (c *chain) add(mem bus.Memory, s segment, flags uint16) error {
	switch {
	case flags&descIndirect != 0:
		return fmt.Errorf("%w: indirect, which was not offered", errDescriptor)
	case !mem.Contains(s.addr, uint64(s.size)):
		return fmt.Errorf("%w: %d bytes at %#x are not in RAM", errDescriptor, s.size, s.addr)
	case c.room+c.contents+int(s.size) > chainMax:
		return fmt.Errorf("%w: over %d bytes", errDescriptor, chainMax)
	case flags&descWrite != 0:
		c.in = append(c.in, s)
		c.room += int(s.size)
	case len(c.in) > 0:
		return fmt.Errorf("%w: a buffer to read after one to write", errDescriptor)
	default:
		c.out = append(c.out, s)
		c.contents += int(s.size)
	}
	return nil
}

// pop takes the chain that peek has found.
func (q *queue) pop() { q.seen++ }

// push gives a chain back, and reports whether the driver wants an interrupt for it.
func (q *queue) push(mem bus.Memory, head uint16, n uint32) bool {
	var e [8]byte
	binary.LittleEndian.PutUint32(e[:], uint32(head))
	binary.LittleEndian.PutUint32(e[4:], n)
	mem.Write(q.device+4+8*(uint64(q.used)%uint64(q.num)), e[:])
	q.used++
	var idx [2]byte
	binary.LittleEndian.PutUint16(idx[:], q.used)
	mem.Write(q.device+2, idx[:])
	return read16(mem, q.driver)&availNoInterrupt == 0
}

// copyOut reads the chain's contents from offset at, as far as p has room.
func (c *chain) copyOut(mem bus.Memory, at int, p []byte) int {
	return each(c.out, at, p, mem.Read)
}

// copyIn writes p to the chain's buffers from offset at, as far as there is room.
func (c *chain) copyIn(mem bus.Memory, at int, p []byte) int {
	return each(c.in, at, p, mem.Write)
}

// each moves the bytes of p that meet the segments from offset at.
func each(segments []segment, at int, p []byte, move func(uint64, []byte) int) (n int) {
	for _, s := range segments {
		if at >= int(s.size) {
			at -= int(s.size)
			continue
		}
		m := min(int(s.size)-at, len(p)-n)
		if m == 0 {
			break
		}
		n += move(s.addr+uint64(at), p[n:n+m])
		at = 0
	}
	return n
}

func read16(mem bus.Memory, addr uint64) uint16 {
	var b [2]byte
	mem.Read(addr, b[:])
	return binary.LittleEndian.Uint16(b[:])
}

func (q *queue) state(v *snapshot.Visitor, mem bus.Memory) {
	snapshot.Uint(v, "size", &q.num)
	snapshot.Bool(v, "ready", &q.ready)
	snapshot.Uint(v, "descriptors", &q.desc)
	snapshot.Uint(v, "available ring", &q.driver)
	snapshot.Uint(v, "used ring", &q.device)
	snapshot.Uint(v, "seen", &q.seen)
	snapshot.Uint(v, "used", &q.used)
	v.Check(!q.ready || q.sound(mem), "size")
}
