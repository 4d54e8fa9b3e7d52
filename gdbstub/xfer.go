package gdbstub

import "bytes"

// xferCache holds the document that is being read in pieces, so that all pieces are of the same one.
type xferCache struct {
	object string
	of     ThreadID // the thread that was selected
	data   []byte
	valid  bool
}

// transfer is qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH.
func (s *Session) transfer(rest []byte) error {
	a := args{rest: rest}
	a.expect(':')
	object := string(a.until(':'))
	operation := string(a.until(':'))
	if object == "siginfo" && operation == "write" && s.target.Signals != nil {
		return s.writeSiginfo(a.rest)
	}
	if operation != "read" {
		return ErrUnsupported
	}
	annex := string(a.until(':'))
	produce := s.document(object, annex)
	if produce == nil {
		return ErrUnsupported
	}
	offset, length := a.addressLength()
	if !a.done() {
		return invalid("offset and length")
	}
	c := &s.xfer
	if name := object + ":" + annex; !c.valid || offset == 0 || c.object != name || c.of != s.general {
		data, err := produce()
		if err != nil {
			return err
		}
		c.object, c.of, c.data, c.valid = name, s.general, data, true
	}
	if offset >= uint64(len(c.data)) {
		s.w.byte('l')
		return nil
	}
	part := c.data[offset:]
	// An escaped byte takes two, and the client's limit is for the packet.
	if most := min(length, uint64(s.opts.PacketSize/2-8)); uint64(len(part)) > most {
		part = part[:most]
		s.w.byte('m')
	} else {
		s.w.byte('l')
	}
	s.w.binary(part)
	return nil
}

// document finds what makes the object's contents, or nil if it isn't offered.
func (s *Session) document(object, annex string) func() ([]byte, error) {
	switch object {
	case "features":
		return func() ([]byte, error) {
			if annex != "target.xml" {
				return nil, ErrNotFound
			}
			return s.description(s.exact(s.general).PID).xml, nil
		}
	case "threads":
		return s.threadsXML
	case "exec-file":
		if s.target.Files != nil {
			return func() ([]byte, error) { return s.execFile(annex) }
		}
	case "memory-map":
		if s.target.MemoryMap != nil {
			return s.memoryMapXML
		}
	case "auxv":
		if s.target.Auxv != nil {
			return s.auxv
		}
	case "siginfo":
		if s.target.Signals != nil {
			return s.readSiginfo
		}
	case "osdata":
		if s.target.OSData != nil {
			return func() ([]byte, error) { return s.osData(annex) }
		}
	}
	return nil
}

func (s *Session) auxv() ([]byte, error) {
	id, err := s.live(s.general)
	if err != nil {
		return nil, err
	}
	return s.target.Auxv.Auxv(id)
}

func (s *Session) execFile(annex string) ([]byte, error) {
	pid := uint64(0)
	if annex != "" {
		a := args{rest: []byte(annex)}
		pid = a.upTo(1<<31 - 1)
		if !a.done() {
			return nil, invalid("process id")
		}
	}
	if annex == "" && s.target.Processes != nil {
		pid = uint64(s.exact(s.general).PID)
	}
	path, err := s.target.Files.ExecFile(int(pid))
	return []byte(path), err
}

func (s *Session) memoryMapXML() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\"?>\n<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" " +
		"\"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n<memory-map>\n")
	for _, r := range s.target.MemoryMap.Regions() {
		kind := "ram"
		if r.ReadOnly {
			kind = "rom"
		}
		line := append([]byte(nil), "<memory"...)
		line = appendAttr(line, "type", kind)
		line = appendAttr(line, "start", "0x"+string(appendNum(nil, r.Start)))
		line = appendAttr(line, "length", "0x"+string(appendNum(nil, r.Length)))
		b.Write(append(line, "/>\n"...))
	}
	b.WriteString("</memory-map>\n")
	return b.Bytes(), nil
}
