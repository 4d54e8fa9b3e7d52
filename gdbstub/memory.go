package gdbstub

import "bytes"

// memory answers what is asked of the bytes of an address space.
type memory struct {
	*core
	physical bool // the packets go to PhysicalMemory
}

func (m *memory) register(r *requests) {
	r.letters['m'] = m.readHex
	r.letters['M'] = m.writeHex
	r.letters['x'] = m.readBinary
	r.letters['X'] = m.writeBinary
	r.names["qCRC"] = m.checksum
	r.names["qSearch"] = m.search
	r.names["qGetTLSAddr"] = m.tlsAddress
}

// readMemory fills dst as the selected thread sees it, or by bus address in physical mode.
func (m *memory) readMemory(addr uint64, dst []byte) (int, error) {
	if m.physical {
		return m.target.Hardware.PhysicalMemory.ReadPhysical(addr, dst)
	}
	id, err := m.live(m.general)
	if err != nil {
		return 0, err
	}
	return m.target.Memory.ReadMemory(id, addr, dst)
}

// writeMemory stores all of src or fails. Registers may change by it: those of a sleeping thread lie in memory.
func (m *memory) writeMemory(addr uint64, src []byte) error {
	m.touch()
	var n int
	var err error
	if m.physical {
		n, err = m.target.Hardware.PhysicalMemory.WritePhysical(addr, src)
	} else {
		id, lost := m.live(m.general)
		if lost != nil {
			return lost
		}
		n, err = m.target.Memory.WriteMemory(id, addr, src)
	}
	if err == nil && n < len(src) {
		err = ErrFault
	}
	return err
}

// addressLength takes ADDR,LENGTH.
func (a *args) addressLength() (addr, length uint64) {
	addr = a.num()
	a.expect(',')
	return addr, a.num()
}

// read reads what an m or x packet asks for into the scratch buffer; what doesn't fit in a reply is left out, as
// the protocol allows.
func (m *memory) read(rest []byte, most int) ([]byte, error) {
	a := args{rest: rest}
	addr, length := a.addressLength()
	if !a.done() {
		return nil, invalid("address and length")
	}
	dst := m.buf[:min(length, uint64(most))]
	if len(dst) == 0 {
		return dst, nil
	}
	n, err := m.readMemory(addr, dst)
	if n > 0 {
		return dst[:n], nil
	}
	if err == nil {
		err = ErrFault
	}
	return nil, err
}

func (m *memory) readHex(rest []byte) error {
	data, err := m.read(rest, m.opts.PacketSize/2)
	if err != nil {
		return err
	}
	m.w.hexBytes(data)
	return nil
}

// readBinary is x as gdb 16 defines it: the data follow a 'b', so that an empty reply still means that the
// packet is unknown.
func (m *memory) readBinary(rest []byte) error {
	data, err := m.read(rest, m.opts.PacketSize-1)
	if err != nil {
		return err
	}
	m.w.byte('b')
	m.w.binary(data)
	return nil
}

func (m *memory) writeHex(rest []byte) error {
	a := args{rest: rest}
	addr, length := a.addressLength()
	a.expect(':')
	data := a.hex(m.buf[:0])
	if !a.done() || uint64(len(data)) != length {
		return invalid("memory write")
	}
	return m.write(addr, data)
}

// writeBinary is X. One of no bytes is how gdb finds out that it exists.
func (m *memory) writeBinary(rest []byte) error {
	head, data, ok := bytes.Cut(rest, []byte(":"))
	a := args{rest: head}
	addr, length := a.addressLength()
	data = unescape(data)
	if !ok || !a.done() || uint64(len(data)) != length {
		return invalid("memory write")
	}
	return m.write(addr, data)
}

func (m *memory) write(addr uint64, data []byte) error {
	if len(data) > 0 {
		if err := m.writeMemory(addr, data); err != nil {
			return err
		}
	}
	return m.ok()
}

// checksum is qCRC:ADDR,LENGTH of gdb's compare-sections. The addresses are those at which an image's sections are loaded:
// where no virtual memory of that address exists, they mean the bus.
func (m *memory) checksum(rest []byte) error {
	a := args{rest: rest}
	a.expect(':')
	addr, length := a.addressLength()
	if !a.done() || length > maxChecksum || addr+length < addr {
		return invalid("qCRC")
	}
	crc, err := m.crc(addr, length, m.readMemory)
	if err != nil && m.target.Hardware.PhysicalMemory != nil {
		crc, err = m.crc(addr, length, m.target.Hardware.PhysicalMemory.ReadPhysical)
	}
	if err != nil {
		return err
	}
	m.w.byte('C')
	m.w.num(uint64(crc))
	return nil
}

// maxChecksum bounds the work that one packet asks for, in bytes.
const maxChecksum = 256 << 20

// crc is the CRC-32 of IEEE 802.3 with the highest bit first, begun with all ones and not inverted at the end (gdb manual,
// "General Query Packets").
func (m *memory) crc(addr, length uint64, read func(uint64, []byte) (int, error)) (uint32, error) {
	crc := ^uint32(0)
	for length > 0 {
		n, err := read(addr, m.buf[:min(length, uint64(len(m.buf)))])
		if err == nil && n == 0 {
			err = ErrFault
		}
		if err != nil {
			return 0, err
		}
		for _, b := range m.buf[:n] {
			crc = crc<<8 ^ crcTable[byte(crc>>24)^b]
		}
		addr += uint64(n)
		length -= uint64(n)
	}
	return crc, nil
}

var crcTable = func() (t [256]uint32) {
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			carry := c >> 31
			c = c<<1 ^ carry*0x04c11db7
		}
		t[i] = c
	}
	return t
}()

// tlsAddress is qGetTLSAddr:THREAD,OFFSET,LINKMAP.
func (m *memory) tlsAddress(rest []byte) error {
	if m.target.TLS == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	id := a.thread()
	a.expect(',')
	offset := a.num()
	a.expect(',')
	linkMap := a.num()
	if !a.done() {
		return invalid("qGetTLSAddr")
	}
	id, err := m.live(id)
	if err != nil {
		return err
	}
	addr, err := m.target.TLS.TLSAddress(id, offset, linkMap)
	if err != nil {
		return err
	}
	m.w.num(addr)
	return nil
}
