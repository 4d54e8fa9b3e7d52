package gdbstub

import (
	"bytes"
	"errors"
)

// wire is the packets of a session, in and out: what has come, what must be sent, and what either side has acknowledged. It knows
// nothing of their meaning.
type wire struct {
	writer
	in    decoder
	trace func(sent bool, payload []byte)
	owner Owner
	// flush sends Output, if the session has a connection: an acknowledgement, or what the guest prints, must not wait for the answer.
	flush func()

	last    []byte // last packet sent, for '-'
	resends int
	noAck   bool
	ackNext bool // QStartNoAckMode was answered: no acks after this packet
	sending bool // a reply is being built
	words   bool // the client said error-message+
}

// maxResend bounds how often a packet is sent again for a client that answers everything with '-'.
const maxResend = 8

func newWire(o Options) *wire {
	return &wire{in: decoder{limit: o.PacketSize}, trace: o.Trace, owner: o.Owner}
}

// received acknowledges the packet that has just been found, at once if there is a connection, and says how many bytes at the front of data are that
// packet again.
func (w *wire) received(data []byte) (again int) {
	w.ack('+')
	w.resends = 0
	if w.noAck || w.flush == nil {
		return 0
	}
	w.flush()
	return w.sentAgain(data)
}

// sentAgain says how many bytes at the front of data are the packet that has just been acknowledged, sent again, or complaints that it has not been
// answered: a client that acknowledges has nothing else to say before it has the acknowledgement, which data has not waited for.
func (w *wire) sentAgain(data []byte) (n int) {
	payload := w.in.payload
	sum := checksum(payload)
	frame := append(append([]byte{'$'}, payload...), '#', hexChars[sum>>4], hexChars[sum&0xf])
	for {
		switch {
		case bytes.HasPrefix(data[n:], frame):
			n += len(frame)
			w.ack('+')
		case n < len(data) && data[n] == '-':
			n++
		default:
			return n
		}
	}
}

func (w *wire) ack(c byte) {
	if !w.noAck {
		w.out = append(w.out, c)
	}
}

// resend is '-': the client has not understood the last packet.
func (w *wire) resend() {
	if !w.noAck && w.resends < maxResend {
		w.resends++
		w.out = append(w.out, w.last...)
	}
}

// request begins the reply to a request.
func (w *wire) request(payload []byte) {
	if w.trace != nil {
		w.trace(false, payload)
	}
	w.begin()
	w.sending = true
}

// reply finishes a request: its handler has written the answer, or has failed with err, and what it wrote is dropped.
func (w *wire) reply(err error) {
	if err != nil {
		w.drop()
		if !errors.Is(err, ErrUnsupported) {
			w.error(errnoOf(err), err.Error())
		}
	}
	if w.sending {
		w.finish()
	} else {
		w.out = w.out[:w.open]
	}
	if w.ackNext {
		w.noAck, w.ackNext = true, false
	}
}

// finish frames the packet that was begun.
func (w *wire) finish() {
	w.owner.Replying()
	if w.trace != nil {
		w.trace(true, w.out[w.open+1:])
	}
	p := w.end()
	if !w.noAck && p[0] == '$' { // a notification is never asked for again
		w.last = append(w.last[:0], p...)
	}
}

// drop forgets what has been written of the reply.
func (w *wire) drop() { w.out = w.out[:w.open+1] }

// silent says that this request gets no reply, or none yet.
func (w *wire) silent() { w.sending = false }

// error writes an error into the open packet: with text if the client understands it, else as a number.
func (w *wire) error(n errno, text string) {
	if w.words {
		w.str("E.")
		w.safeText(text)
		return
	}
	w.byte('E')
	w.twoDigits(byte(n))
}

// console sends an O packet per piece of text. It may be used while a reply is being built, which is put off.
func (w *wire) console(text []byte) {
	var held []byte
	inReply := w.sending
	if inReply {
		held = append(held, w.out[w.open:]...)
		w.out = w.out[:w.open]
	}
	limit := (w.in.limit - 8) / 2
	for len(text) > 0 {
		n := min(len(text), limit)
		w.begin()
		w.byte('O')
		w.hexBytes(text[:n])
		w.finish()
		text = text[n:]
	}
	if inReply {
		w.open = len(w.out)
		w.out = append(w.out, held...)
	}
}
