// Package serial holds the UARTs: the PC's 16550A and Arm's PL011. Transmission takes no virtual time, as on QEMU. Received
// bytes wait in an unbounded queue, part of the machine's state, and enter the chip's FIFO only when the guest listens and there
// is room: the other end of the line honours flow control, so no input is lost however fast a person types or pastes.
package serial

import "forkscope/machine/snapshot"

// fifoSize is the depth of the receive FIFO of both chips.
const fifoSize = 16

// receiver is a receive FIFO and the line behind it.
type receiver struct {
	line []byte // sent by the other end, not yet let in
	fifo []byte
	deep bool // FIFO enabled; otherwise there is a single holding register
}

func (r *receiver) size() int {
	if r.deep {
		return fifoSize
	}
	return 1
}

// fill lets in what fits, and reports whether anything came.
func (r *receiver) fill() bool {
	n := min(len(r.line), r.size()-len(r.fifo))
	if n <= 0 {
		return false
	}
	r.fifo = append(r.fifo, r.line[:n]...)
	r.line = r.line[n:]
	if len(r.line) == 0 {
		r.line = nil
	}
	return true
}

// pop takes the oldest byte.
func (r *receiver) pop() (b byte, ok bool) {
	if len(r.fifo) == 0 {
		return 0, false
	}
	b = r.fifo[0]
	r.fifo = append(r.fifo[:0], r.fifo[1:]...)
	return b, true
}

// lineMost bounds the bytes that wait on the line of a state that is loaded.
const lineMost = 1 << 30

func (r *receiver) state(v *snapshot.Visitor) {
	snapshot.Bytes(v, "line", &r.line, lineMost)
	snapshot.Bool(v, "fifo on", &r.deep)
	snapshot.Bytes(v, "fifo", &r.fifo, fifoSize)
	v.Check(len(r.fifo) <= r.size(), "fifo")
}
