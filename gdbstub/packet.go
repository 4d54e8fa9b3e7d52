package gdbstub

import "bytes"

// eventKind is what the decoder found in the byte stream.
type eventKind uint8

const (
	eventNone      eventKind = iota // all bytes used up, nothing complete
	eventPacket                     // a packet with a good checksum
	eventBad                        // a packet with a wrong checksum
	eventTooLong                    // the end of a packet that is longer than the limit, with a good checksum
	eventAck                        // '+'
	eventNak                        // '-'
	eventInterrupt                  // the byte 0x03 outside of a packet
)

const interruptByte = 0x03

// decoder finds packets in a stream of bytes that may be cut anywhere. It never fails: what makes no sense between
// packets is skipped, and a packet that breaks off is given up when the next one starts.
type decoder struct {
	limit    int // longest payload kept
	state    decodeState
	payload  []byte
	sum      byte
	want     byte // first digit of the checksum
	badDigit bool
	tooLong  bool
}

type decodeState uint8

const (
	stateIdle decodeState = iota
	statePayload
	stateSum1
	stateSum2
)

// next takes bytes from data up to the end of one event and returns how many it took. The payload, still escaped, is
// valid until the next call.
func (d *decoder) next(data []byte) (kind eventKind, n int) {
	for n < len(data) {
		switch d.state {
		case stateIdle:
			c := data[n]
			n++
			switch c {
			case '$':
				d.start()
			case '+':
				return eventAck, n
			case '-':
				return eventNak, n
			case interruptByte:
				return eventInterrupt, n
			}
		case statePayload:
			n += d.take(data[n:])
		case stateSum1:
			v, ok := hexDigit(data[n])
			d.want, d.badDigit = v<<4, !ok
			d.state = stateSum2
			n++
		case stateSum2:
			v, ok := hexDigit(data[n])
			n++
			d.state = stateIdle
			switch {
			case !ok || d.badDigit || d.want|v != d.sum:
				return eventBad, n
			case d.tooLong:
				return eventTooLong, n
			}
			return eventPacket, n
		}
	}
	return eventNone, n
}

func (d *decoder) start() {
	d.state = statePayload
	d.payload = d.payload[:0]
	d.sum = 0
	d.tooLong = false
}

// take consumes payload bytes up to and including the '#' or '$' that ends them.
func (d *decoder) take(data []byte) int {
	end := bytes.IndexByte(data, '#')
	part := data
	if end >= 0 {
		part = data[:end]
	}
	// Neither '#' nor '$' occurs in a payload, where they are escaped: a '$' begins a new packet after a broken one.
	if i := bytes.LastIndexByte(part, '$'); i >= 0 {
		d.start()
		return i + 1
	}
	d.sum += checksum(part)
	if len(d.payload)+len(part) > d.limit {
		d.tooLong = true
		d.payload = d.payload[:0]
	} else if !d.tooLong {
		d.payload = append(d.payload, part...)
	}
	if end < 0 {
		return len(data)
	}
	d.state = stateSum1
	return end + 1
}

// unescape undoes the escapes of binary data in place: '}' says that the next byte is XORed with 0x20.
func unescape(b []byte) []byte {
	i := bytes.IndexByte(b, '}')
	if i < 0 {
		return b
	}
	w := i
	for ; i < len(b); i++ {
		c := b[i]
		if c == '}' && i+1 < len(b) {
			i++
			c = b[i] ^ 0x20
		}
		b[w] = c
		w++
	}
	return b[:w]
}

// hexValue maps a character to its value as a hexadecimal digit, 0xff for others.
var hexValue = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i := range 10 {
		t['0'+i] = byte(i)
	}
	for i := range 6 {
		t['a'+i], t['A'+i] = byte(10+i), byte(10+i)
	}
	return t
}()

func hexDigit(c byte) (v byte, ok bool) {
	v = hexValue[c]
	return v & 0xf, v != 0xff
}

// decodeHex appends the bytes that the pairs of digits in src stand for.
func decodeHex(dst, src []byte) ([]byte, bool) {
	if len(src)%2 != 0 {
		return dst, false
	}
	for i := 0; i < len(src); i += 2 {
		h, l := hexValue[src[i]], hexValue[src[i+1]]
		if h|l > 0xf {
			return dst, false
		}
		dst = append(dst, h<<4|l)
	}
	return dst, true
}
