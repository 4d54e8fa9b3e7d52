package guestfs

import (
	"bytes"
	"fmt"
	"strings"

	"forkscope/kernel/introspect"
)

// mapsLine writes a line of /proc/PID/maps. Names start at a column that leaves room for the machine's longest addresses.
func (p *Proc) mapsLine(b *bytes.Buffer, m *introspect.Mapping) {
	right := func(has bool, letter byte) byte {
		if has {
			return letter
		}
		return '-'
	}
	private := byte('p')
	if m.Shared() {
		private = 's'
	}
	line := fmt.Sprintf("%08x-%08x %c%c%c%c %08x %02x:%02x %d", m.Start, m.End, right(m.Readable(), 'r'), right(m.Writable(), 'w'),
		right(m.Executable(), 'x'), private, m.Offset, m.Major, m.Minor, m.Inode)
	if m.Path != "" {
		column := 25 + p.Kernel.Bits()/8*6
		line += strings.Repeat(" ", max(1, column-len(line))) + m.Path
	}
	b.WriteString(line + "\n")
}

func (p *Proc) maps(t *introspect.Task) ([]byte, error) {
	if t.MM == 0 {
		return nil, nil
	}
	list, err := p.Kernel.Maps(t)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for i := range list {
		p.mapsLine(&b, &list[i])
	}
	return b.Bytes(), nil
}

// vmFlags are the names that proc(5) gives to bits of vm_flags, for the bits that the guest's kernel knows.
var vmFlags = []struct {
	bit  uint
	name string
}{{0, "rd"}, {1, "wr"}, {2, "ex"}, {3, "sh"}, {4, "mr"}, {5, "mw"}, {6, "me"}, {7, "ms"}, {8, "gd"}, {11, "dw"}, {13, "lo"}, {17, "dc"}, {18, "de"}, {21, "nr"}}

// smaps is /proc/PID/smaps with those of its lines that are known. generate-core-file leaves out what a core file need not hold
// by VmFlags and by whether private pages of a file have been written to, which Anonymous tells.
func (p *Proc) smaps(t *introspect.Task) ([]byte, error) {
	if t.MM == 0 {
		return nil, nil
	}
	list, err := p.Kernel.Maps(t)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for i := range list {
		m := &list[i]
		present, anonymous, err := p.Kernel.Pages().Resident(t, m)
		if err != nil {
			return nil, err
		}
		p.mapsLine(&b, m)
		for _, line := range []struct {
			name  string
			pages uint64
		}{{"Size", (m.End - m.Start) / pageBytes}, {"KernelPageSize", 1}, {"MMUPageSize", 1}, {"Rss", present}, {"Anonymous", anonymous}, {"Swap", 0}} {
			fmt.Fprintf(&b, "%-16s%8d kB\n", line.name+":", line.pages*pageBytes/1024)
		}
		b.WriteString("VmFlags: ")
		for _, f := range vmFlags {
			if m.Flags>>f.bit&1 != 0 {
				b.WriteString(f.name + " ")
			}
		}
		b.WriteString("\n")
	}
	return b.Bytes(), nil
}
