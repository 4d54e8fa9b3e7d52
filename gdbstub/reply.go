package gdbstub

import (
	"encoding/binary"
	"math/bits"
)

// writer collects outgoing packets in one buffer, so that a reply is one write on the connection.
type writer struct {
	out  []byte
	open int // index of the '$' of the packet being built
}

func (w *writer) begin() {
	w.open = len(w.out)
	w.out = append(w.out, '$')
}

// notify begins a notification, which differs from a packet in its first character and is not acknowledged.
func (w *writer) notify() {
	w.open = len(w.out)
	w.out = append(w.out, '%')
}

// end finishes the packet: run-length encoding where it pays, and the checksum.
func (w *writer) end() (packet []byte) {
	payload := w.out[w.open+1:]
	sum, saving := measure(payload)
	if saving*2 >= len(payload) && saving > 0 && len(payload) <= maxEncoded {
		payload = compress(payload)
		w.out = w.out[:w.open+1+len(payload)]
		sum = checksum(payload)
	}
	w.out = append(w.out, '#', hexChars[sum>>4], hexChars[sum&0xf])
	return w.out[w.open:]
}

func (w *writer) str(s string)       { w.out = append(w.out, s...) }
func (w *writer) byte(c byte)        { w.out = append(w.out, c) }
func (w *writer) hexBytes(b []byte)  { w.out = appendHex(w.out, b) }
func (w *writer) hexText(s string)   { w.out = appendHex(w.out, []byte(s)) }
func (w *writer) binary(b []byte)    { w.out = appendEscaped(w.out, b) }
func (w *writer) num(v uint64)       { w.out = appendNum(w.out, v) }
func (w *writer) twoDigits(v byte)   { w.out = append(w.out, hexChars[v>>4], hexChars[v&0xf]) }
func (w *writer) fill(c byte, n int) { w.out = appendRepeat(w.out, c, n) }

// safeText appends text that is neither hex nor escaped; characters with a meaning to the protocol are replaced.
func (w *writer) safeText(s string) {
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '#' || c == '$' || c == '}' || c == '*' || c < ' ' || c > '~':
			c = '?'
		}
		w.out = append(w.out, c)
	}
}

// Parameters of the run-length encoding (gdb manual, "Overview"): "c*n" stands for c and n-29 more of it, n printable.
const (
	runBias = 29
	runMin  = 3  // fewest repeats the encoding can say
	runMax  = 97 // '~' - 29
	// maxEncoded is the longest payload that is encoded. On the connections that a debugger has to an emulator bytes
	// cost next to nothing, while clients written in Python decode at 40 MB/s.
	maxEncoded = 16 << 10
)

// runRepeats gives how many repeats of at most n one code can say: not those whose character would be '#', '$', '+' or
// '-', which end or acknowledge packets.
func runRepeats(n int) int {
	switch n = min(n, runMax); n {
	case '#' - runBias, '$' - runBias:
		return '#' - runBias - 1
	case '+' - runBias:
		return '+' - runBias - 1
	case '-' - runBias:
		return '-' - runBias - 1
	}
	return n
}

// measure gives the checksum of an unencoded payload and about how many bytes run-length encoding would save: only
// aligned groups of eight equal bytes count, since a reply that is worth encoding is mostly zeros.
func measure(p []byte) (sum byte, saving int) {
	run, last := 0, uint64(0)
	for len(p) >= 8 {
		word := binary.LittleEndian.Uint64(p)
		p = p[8:]
		sum += sumBytes(word)
		if word != bits.RotateLeft64(word, 8) {
			run = 0
			continue
		}
		if word != last {
			run, last = 0, word
		}
		saving += 8
		if run%(runMax+1) < 8 {
			saving -= runMin // a new code: the character, '*' and the count
		}
		run += 8
	}
	return sum + checksum(p), saving
}

// checksum is the sum of all bytes modulo 256.
func checksum(p []byte) (sum byte) {
	for len(p) >= 8 {
		sum += sumBytes(binary.LittleEndian.Uint64(p))
		p = p[8:]
	}
	for _, c := range p {
		sum += c
	}
	return sum
}

// sumBytes adds up the eight bytes of a word, in lanes of 16 bits.
func sumBytes(word uint64) byte {
	const lanes = 0x00ff00ff00ff00ff
	pairs := word&lanes + word>>8&lanes
	return byte(pairs * 0x0001000100010001 >> 48)
}

// compress run-length encodes a payload in place; the result is never longer.
func compress(p []byte) []byte {
	w := 0
	for i := 0; i < len(p); {
		c := p[i]
		j := i + 1
		for j < len(p) && p[j] == c {
			j++
		}
		for rest := j - i; rest > 0; {
			p[w] = c
			w++
			rest--
			if rest >= runMin {
				n := runRepeats(rest)
				p[w], p[w+1] = '*', byte(n+runBias)
				w += 2
				rest -= n
			}
		}
		i = j
	}
	return p[:w]
}

const hexChars = "0123456789abcdef"

// hexPairs is the two digits of each byte, in memory order.
var hexPairs = func() (t [256]uint16) {
	for i := range t {
		t[i] = uint16(hexChars[i>>4]) | uint16(hexChars[i&0xf])<<8
	}
	return t
}()

func appendHex(dst, src []byte) []byte {
	n := len(dst)
	dst = grow(dst, 2*len(src))
	out := dst[n:]
	for i, b := range src {
		binary.LittleEndian.PutUint16(out[2*i:], hexPairs[b])
	}
	return dst
}

// appendEscaped appends binary data with '#', '$', '}' and '*' escaped.
func appendEscaped(dst, src []byte) []byte {
	for len(src) > 0 {
		i := 0
		for i < len(src) && !mustEscape[src[i]] {
			i++
		}
		dst = append(dst, src[:i]...)
		if i == len(src) {
			break
		}
		dst = append(dst, '}', src[i]^0x20)
		src = src[i+1:]
	}
	return dst
}

var mustEscape = [256]bool{'#': true, '$': true, '}': true, '*': true}

// appendNum appends v in hexadecimal without leading zeros.
func appendNum(dst []byte, v uint64) []byte {
	shift := 60
	for shift > 0 && v>>shift == 0 {
		shift -= 4
	}
	for ; shift >= 0; shift -= 4 {
		dst = append(dst, hexChars[v>>shift&0xf])
	}
	return dst
}

func appendRepeat(dst []byte, c byte, n int) []byte {
	for range n {
		dst = append(dst, c)
	}
	return dst
}

// grow lengthens b by n bytes of any content, without allocating when the capacity suffices.
func grow(b []byte, n int) []byte {
	if len(b)+n <= cap(b) {
		return b[:len(b)+n]
	}
	bigger := make([]byte, len(b)+n, 2*cap(b)+n)
	copy(bigger, b)
	return bigger
}
