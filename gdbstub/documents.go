package gdbstub

import "bytes"

// documents answers qXfer. It holds the document that is being read in pieces, so that all pieces are of the same one.
type documents struct {
	*core
	threads *threads

	object string
	of     ThreadID // the thread that was selected
	at     uint64   // the epoch
	data   []byte
}

func (d *documents) register(r *requests) { r.names["qXfer"] = d.transfer }

// transfer is qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH.
func (d *documents) transfer(rest []byte) error {
	a := args{rest: rest}
	a.expect(':')
	object := string(a.until(':'))
	operation := string(a.until(':'))
	if object == "siginfo" && operation == "write" && d.target.Signals != nil {
		return d.writeSiginfo(a.rest)
	}
	if operation != "read" {
		return ErrUnsupported
	}
	annex := string(a.until(':'))
	produce := d.document(object, annex)
	if produce == nil {
		return ErrUnsupported
	}
	offset, length := a.addressLength()
	if !a.done() {
		return invalid("offset and length")
	}
	if name := object + ":" + annex; d.at != d.epoch || offset == 0 || d.object != name || d.of != d.general {
		data, err := produce()
		if err != nil {
			return err
		}
		d.object, d.of, d.data, d.at = name, d.general, data, d.epoch
	}
	if offset >= uint64(len(d.data)) {
		d.w.byte('l')
		return nil
	}
	part := d.data[offset:]
	// An escaped byte takes two, and the client's limit is for the packet.
	if most := min(length, uint64(d.opts.PacketSize/2-8)); uint64(len(part)) > most {
		part = part[:most]
		d.w.byte('m')
	} else {
		d.w.byte('l')
	}
	d.w.binary(part)
	return nil
}

// document finds what makes the object's contents, or nil if it isn't offered.
func (d *documents) document(object, annex string) func() ([]byte, error) {
	switch object {
	case "features":
		return func() ([]byte, error) {
			if annex != "target.xml" {
				return nil, ErrNotFound
			}
			// Where there is no process, gdb goes by what its user says.
			pid := d.exact(d.general).PID
			if d.target.Processes != nil && d.debugged(pid) != nil {
				return nil, ErrNotFound
			}
			about, err := d.description(pid)
			if err != nil {
				return nil, err
			}
			return about.xml, nil
		}
	case "threads":
		return d.threads.threadsXML
	case "exec-file":
		if d.target.Files != nil {
			return func() ([]byte, error) { return d.execFile(annex) }
		}
	case "memory-map":
		if d.target.Hardware.MemoryMap != nil {
			return d.memoryMapXML
		}
	case "auxv":
		if d.target.Auxv != nil {
			return d.auxv
		}
	case "siginfo":
		if d.target.Signals != nil {
			return d.readSiginfo
		}
	case "osdata":
		if d.target.OSData != nil {
			return func() ([]byte, error) { return d.osData(annex) }
		}
	}
	return nil
}

func (d *documents) auxv() ([]byte, error) {
	id, err := d.live(d.general)
	if err != nil {
		return nil, err
	}
	return d.target.Auxv.Auxv(id)
}

func (d *documents) execFile(annex string) ([]byte, error) {
	pid := uint64(0)
	if annex != "" {
		a := args{rest: []byte(annex)}
		pid = a.upTo(1<<31 - 1)
		if !a.done() {
			return nil, invalid("process id")
		}
	}
	if annex == "" && d.target.Processes != nil {
		pid = uint64(d.exact(d.general).PID)
	}
	path, err := d.target.Files.ExecFile(int(pid))
	return []byte(path), err
}

func (d *documents) memoryMapXML() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\"?>\n<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" " +
		"\"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n<memory-map>\n")
	for _, r := range d.target.Hardware.MemoryMap.Regions() {
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

func (d *documents) readSiginfo() ([]byte, error) {
	id, err := d.live(d.general)
	if err != nil {
		return nil, err
	}
	return d.target.Signals.ReadSiginfo(id)
}

// writeSiginfo is what follows qXfer:siginfo:write: an empty annex, the offset, and binary data.
func (d *documents) writeSiginfo(rest []byte) error {
	annex, rest, _ := bytes.Cut(rest, []byte(":"))
	head, data, ok := bytes.Cut(rest, []byte(":"))
	a := args{rest: head}
	offset := a.upTo(1<<16 - 1)
	if !ok || len(annex) > 0 || !a.done() {
		return invalid("qXfer:siginfo:write")
	}
	id, err := d.live(d.general)
	if err != nil {
		return err
	}
	data = unescape(data)
	d.touch()
	if err := d.target.Signals.WriteSiginfo(id, int(offset), data); err != nil {
		return err
	}
	d.w.num(uint64(len(data)))
	return nil
}
