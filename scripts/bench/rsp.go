package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// replyTimeout bounds the wait for any one reply or stop.
const replyTimeout = 4 * time.Minute

// errUnsupported is a stub's empty reply.
var errUnsupported = errors.New("the stub does not know the packet")

// client is the debugger's side of the remote serial protocol (gdb manual, appendix E): what gdb sends for the things
// measured here, without gdb's own cost. One goroutine uses it.
type client struct {
	conn       net.Conn
	in         *bufio.Reader
	out        []byte
	body       []byte // holds the last reply
	spare      []byte
	noAck      bool
	packetSize int // the longest packet the stub takes, in bytes
	layout     registerLayout
	thread     string // of the last stop
	lastStop   []byte // the reply
}

// newClient opens a session with a whole machine.
func newClient(conn net.Conn, arch string) (*client, error) {
	return openClient(conn, arch, "swbreak+;hwbreak+;vContSupported+;xmlRegisters=i386")
}

// openClient opens a session as gdb does, up to the first question why the target is stopped. The features are those of the
// debugger's that the stub is told.
func openClient(conn net.Conn, arch, told string) (*client, error) {
	layout, err := layoutOf(arch)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, in: bufio.NewReaderSize(conn, 1<<19), layout: layout}
	if _, err := conn.Write([]byte{'+'}); err != nil {
		return nil, err
	}
	features, err := c.command("qSupported:" + told)
	if err != nil {
		return nil, err
	}
	c.packetSize = 400
	for _, f := range bytes.Split(features, []byte(";")) {
		if v, ok := bytes.CutPrefix(f, []byte("PacketSize=")); ok {
			n, err := strconv.ParseInt(string(v), 16, 32)
			if err != nil || n < 64 {
				return nil, fmt.Errorf("stub's packet size %q", v)
			}
			c.packetSize = int(n)
		}
	}
	if reply, err := c.command("QStartNoAckMode"); err != nil {
		return nil, err
	} else if string(reply) == "OK" {
		c.noAck = true
	}
	if strings.Contains(told, "multiprocess+") {
		// The description of registers is a process's.
		if err := c.must("Hgp0.0"); err != nil {
			return nil, err
		}
	}
	// A stub may give 32- or 64-bit registers until it has been asked for their description.
	if _, err := c.command("qXfer:features:read:target.xml:0,ffb"); err != nil {
		return nil, err
	}
	reply, err := c.command("?")
	if err != nil {
		return nil, err
	}
	return c, c.stopped(reply)
}

// send writes a packet.
func (c *client) send(body string) error {
	if err := c.conn.SetDeadline(time.Now().Add(replyTimeout)); err != nil {
		return err
	}
	var sum byte
	c.out = append(c.out[:0], '$')
	for i := range len(body) {
		sum += body[i]
	}
	c.out = append(c.out, body...)
	c.out = append(c.out, '#', hexDigits[sum>>4], hexDigits[sum&15])
	_, err := c.conn.Write(c.out)
	return err
}

const hexDigits = "0123456789abcdef"

// receive returns the body of the next packet, valid until the next call. Notifications and acknowledgements are
// passed over: the benchmark asks one thing at a time.
func (c *client) receive() ([]byte, error) {
	for {
		b, err := c.in.ReadByte()
		if err != nil {
			return nil, fmt.Errorf("reading a reply: %w", err)
		}
		if b == '-' {
			return nil, errors.New("the stub refused a packet's checksum")
		}
		if b != '$' && b != '%' {
			continue
		}
		if err := c.readBody(); err != nil {
			return nil, err
		}
		if b == '$' {
			return c.body, nil
		}
	}
}

// readBody reads up to the checksum, checks it, and undoes escapes and run-length encoding (gdb manual, E.1).
func (c *client) readBody() error {
	c.body = c.body[:0]
	for {
		part, err := c.in.ReadSlice('#') // a '#' inside a packet is escaped
		c.body = append(c.body, part...)
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("reading a reply: %w", err)
		}
	}
	c.body = c.body[:len(c.body)-1]
	var sum byte
	for _, b := range c.body {
		sum += b
	}
	for _, nibble := range []byte{sum >> 4, sum & 15} {
		if b, err := c.in.ReadByte(); err != nil {
			return fmt.Errorf("reading a reply: %w", err)
		} else if b != hexDigits[nibble] {
			return errors.New("reading a reply: wrong checksum")
		}
	}
	if !c.noAck {
		if _, err := c.conn.Write([]byte{'+'}); err != nil {
			return err
		}
	}
	if bytes.IndexByte(c.body, '}') >= 0 || bytes.IndexByte(c.body, '*') >= 0 {
		// Swapping the two buffers saves an allocation per reply.
		c.spare = expand(c.spare[:0], c.body)
		c.body, c.spare = c.spare, c.body
	}
	return nil
}

// expand undoes escapes, '}' and a byte xor 0x20, and runs, a byte, '*' and the number of repetitions plus 29, and
// appends the result to out.
func expand(out, packed []byte) []byte {
	for i := 0; i < len(packed); {
		plain := i
		for i < len(packed) && packed[i] != '}' && packed[i] != '*' {
			i++
		}
		out = append(out, packed[plain:i]...)
		if i == len(packed) {
			break
		}
		switch more := i+1 < len(packed); {
		case more && packed[i] == '}':
			out = append(out, packed[i+1]^0x20)
		case more && len(out) > 0:
			last := out[len(out)-1]
			for n := int(packed[i+1]) - 29; n > 0; n-- {
				out = append(out, last)
			}
		default:
			out = append(out, packed[i])
			i--
		}
		i += 2
	}
	return out
}

// command sends a packet and returns the reply, valid until the next call.
func (c *client) command(body string) ([]byte, error) {
	if err := c.send(body); err != nil {
		return nil, err
	}
	return c.receive()
}

// must sends a packet whose reply is OK.
func (c *client) must(body string) error {
	reply, err := c.command(body)
	switch {
	case err != nil:
		return err
	case len(reply) == 0:
		return fmt.Errorf("%.40s: %w", body, errUnsupported)
	case string(reply) != "OK":
		return fmt.Errorf("%.40s: the stub says %.60q", body, reply)
	}
	return nil
}

// resume lets the target run by a vCont action ("c", "s:1") until it stops.
func (c *client) resume(action string) error {
	if err := c.send("vCont;" + action); err != nil {
		return err
	}
	for {
		reply, err := c.receive()
		if err != nil {
			return err
		}
		if len(reply) > 0 && reply[0] == 'O' {
			continue // console output
		}
		return c.stopped(reply)
	}
}

// errEnded means that the guest has come to its end.
var errEnded = errors.New("the guest ended")

// stopped takes note of a stop reply.
func (c *client) stopped(reply []byte) error {
	if len(reply) == 0 {
		return fmt.Errorf("resuming: %w", errUnsupported)
	}
	c.lastStop = append(c.lastStop[:0], reply...)
	switch reply[0] {
	case 'T':
		if t, ok := c.stopField("thread"); ok && string(t) != c.thread {
			c.thread = string(t)
		}
		return nil
	case 'S':
		return nil
	case 'W', 'X':
		return fmt.Errorf("%w: %s", errEnded, reply)
	}
	return fmt.Errorf("resuming: the stub says %.60q", reply)
}

// stopField is the value of one of the last stop reply's fields.
func (c *client) stopField(name string) ([]byte, bool) {
	if len(c.lastStop) < 3 || c.lastStop[0] != 'T' {
		return nil, false
	}
	for rest := c.lastStop[3:]; len(rest) > 0; {
		var field []byte
		field, rest, _ = bytes.Cut(rest, []byte{';'})
		if key, value, ok := bytes.Cut(field, []byte{':'}); ok && string(key) == name {
			return value, true
		}
	}
	return nil, false
}

// step executes one instruction of the thread of the last stop.
func (c *client) step() error {
	if c.thread == "" {
		return c.resume("s")
	}
	return c.resume("s:" + c.thread)
}

// expedited is the value of a register that the last stop reply brought along.
func (c *client) expedited(number int) ([]byte, bool) {
	if len(c.lastStop) < 3 || c.lastStop[0] != 'T' {
		return nil, false
	}
	for rest := c.lastStop[3:]; len(rest) > 0; {
		var field []byte
		field, rest, _ = bytes.Cut(rest, []byte{';'})
		key, value, ok := bytes.Cut(field, []byte{':'})
		if n, err := strconv.ParseUint(string(key), 16, 16); ok && err == nil && int(n) == number {
			return value, true
		}
	}
	return nil, false
}

// registers returns pc and sp: from the stop reply if the stub sent them along, else by a g packet, as gdb does.
func (c *client) registers() (pc, sp uint64, err error) {
	l := c.layout
	pcHex, ok1 := c.expedited(l.pc)
	spHex, ok2 := c.expedited(l.sp)
	if !ok1 || !ok2 {
		reply, err := c.command("g")
		if err != nil {
			return 0, 0, err
		}
		if len(reply) < 2*(l.pcAt+l.size) {
			return 0, 0, fmt.Errorf("registers: the stub says %.60q", reply)
		}
		pcHex, spHex = reply[2*l.pcAt:2*(l.pcAt+l.size)], reply[2*l.spAt:2*(l.spAt+l.size)]
	}
	if pc, err = littleEndian(pcHex); err != nil {
		return 0, 0, err
	}
	sp, err = littleEndian(spHex)
	return pc, sp, err
}

// littleEndian reads a number in target byte order.
func littleEndian(digits []byte) (uint64, error) {
	var b [8]byte
	if len(digits) > 2*len(b) {
		return 0, fmt.Errorf("number %.60q is too long", digits)
	}
	if _, err := hex.Decode(b[:], digits); err != nil {
		return 0, fmt.Errorf("number %.60q: %w", digits, err)
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

// memory reads n bytes by an m packet, whose one reply must hold them all, and returns their hexadecimal digits, valid
// until the next call.
func (c *client) memory(addr uint64, n int) ([]byte, error) {
	reply, err := c.command(fmt.Sprintf("m%x,%x", addr, n))
	if err == nil && len(reply) != 2*n {
		err = fmt.Errorf("memory at %#x: the stub says %.60q (%d characters for %d bytes)", addr, reply, len(reply), n)
	}
	return reply, err
}

// readMemory fills dst by an m packet.
func (c *client) readMemory(addr uint64, dst []byte) error {
	digits, err := c.memory(addr, len(dst))
	if err != nil {
		return err
	}
	if _, err := hex.Decode(dst, digits); err != nil {
		return fmt.Errorf("memory at %#x: %w", addr, err)
	}
	return nil
}

// breakpoint is a Z0 breakpoint, inserted or not.
type breakpoint struct {
	c         *client
	addr      uint64
	condition []byte // an agent expression, or none
}

func (b breakpoint) insert() error {
	packet := fmt.Sprintf("Z0,%x,%x", b.addr, b.c.layout.kind)
	if b.condition != nil {
		packet += fmt.Sprintf(";X%x,%x", len(b.condition), b.condition)
	}
	return b.c.must(packet)
}

func (b breakpoint) remove() error { return b.c.must(fmt.Sprintf("z0,%x,%x", b.addr, b.c.layout.kind)) }

// reach continues to the next hit.
func (b breakpoint) reach() error {
	if err := b.c.resume("c"); err != nil {
		return err
	}
	return b.here()
}

// here says that the target is stopped at the breakpoint.
func (b breakpoint) here() error {
	pc, _, err := b.c.registers()
	if err == nil && pc != b.addr {
		err = fmt.Errorf("stopped at %#x, not at the breakpoint at %#x", pc, b.addr)
	}
	return err
}

// leave goes on from the breakpoint the way gdb does: without it for one instruction, then with it.
func (b breakpoint) leave() error {
	if err := b.remove(); err != nil {
		return err
	}
	if err := b.c.step(); err != nil {
		return err
	}
	if err := b.insert(); err != nil {
		return err
	}
	return b.c.resume("c")
}
