package introspect

import (
	"bytes"
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// types are the types of a kernel, read from its DWARF no further than they are asked for: a kernel's debug information is by far the
// largest part of its image, and what tasks are found by is in one of its first units, as nearly all that a kernel declares is.
type types struct {
	// shared are the sections that all units refer to.
	shared struct{ abbrev, str, lineStr, strOffsets, addr []byte }
	info   io.Reader // .debug_info, at the next unit
	order  binary.ByteOrder
	err    error // why there are no more units; io.EOF at their end

	named, globals map[string]*entry
}

// entry is a type that has been seen; it is read when it is asked for.
type entry struct {
	unit *dwarf.Data
	at   dwarf.Offset
	read dwarf.Type
}

var errNoTypes = errors.New("there is none")

// openTypes reads the types of f up to the first unit. It is an error if there is none.
func openTypes(f *elf.File) (*types, error) {
	info := f.Section(".debug_info")
	if info == nil {
		return nil, errNoTypes
	}
	t := &types{info: info.Open(), order: f.ByteOrder, named: make(map[string]*entry), globals: make(map[string]*entry)}
	s := &t.shared
	for name, to := range map[string]*[]byte{
		".debug_abbrev": &s.abbrev, ".debug_str": &s.str, ".debug_line_str": &s.lineStr, ".debug_str_offsets": &s.strOffsets, ".debug_addr": &s.addr,
	} {
		section := f.Section(name)
		if section == nil {
			continue
		}
		var err error
		if *to, err = section.Data(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	t.next()
	if t.err == io.EOF {
		return nil, errNoTypes
	}
	return t, t.err
}

// next lists what one more unit declares, and reports whether there was one.
func (t *types) next() bool {
	if t.err == nil {
		var unit []byte
		if unit, t.err = t.readUnit(); t.err == nil {
			t.err = t.list(unit)
		}
	}
	return t.err == nil
}

// readUnit reads a unit as it is. Its length is in front of it (DWARF 5, 7.4).
func (t *types) readUnit() ([]byte, error) {
	head := make([]byte, 4, 12)
	if _, err := io.ReadFull(t.info, head); err != nil {
		return nil, err
	}
	size := uint64(t.order.Uint32(head))
	if size == 0xffffffff {
		if _, err := io.ReadFull(t.info, head[4:12]); err != nil {
			return nil, err
		}
		head = head[:12]
		size = t.order.Uint64(head[4:])
	}
	unit := bytes.NewBuffer(head) // it grows as far as there is something to be read, whatever the length says
	_, err := io.CopyN(unit, t.info, int64(min(size, math.MaxInt64)))
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return unit.Bytes(), err
}

// list notes each named struct and union of a unit, and each variable's type. Only its top level is visited.
func (t *types) list(unit []byte) error {
	s := &t.shared
	d, err := dwarf.New(s.abbrev, nil, nil, unit, nil, nil, nil, s.str)
	if err != nil {
		return err
	}
	for _, more := range []struct {
		name string
		data []byte
	}{{".debug_line_str", s.lineStr}, {".debug_str_offsets", s.strOffsets}, {".debug_addr", s.addr}} {
		if err := d.AddSection(more.name, more.data); err != nil {
			return err
		}
	}
	r := d.Reader()
	for {
		e, err := r.Next()
		if err != nil || e == nil {
			return err
		}
		name, _ := e.Val(dwarf.AttrName).(string)
		switch e.Tag {
		case dwarf.TagCompileUnit:
			continue // into its children
		case dwarf.TagStructType, dwarf.TagUnionType:
			if decl, _ := e.Val(dwarf.AttrDeclaration).(bool); name != "" && !decl && t.named[name] == nil {
				t.named[name] = &entry{unit: d, at: e.Offset}
			}
		case dwarf.TagVariable:
			if at, ok := e.Val(dwarf.AttrType).(dwarf.Offset); ok && name != "" && t.globals[name] == nil {
				t.globals[name] = &entry{unit: d, at: at}
			}
		}
		if e.Children {
			r.SkipChildren()
		}
	}
}

// get finds a name in one of the lists of t, which grow as long as it is in none. It is nil if no unit has it.
func (t *types) get(list map[string]*entry, name string) (dwarf.Type, error) {
	for list[name] == nil {
		if !t.next() {
			if t.err == io.EOF {
				return nil, nil
			}
			return nil, fmt.Errorf("kernel image's debug information: %w", t.err)
		}
	}
	e := list[name]
	if e.read == nil {
		var err error
		if e.read, err = e.unit.Type(e.at); err != nil {
			return nil, fmt.Errorf("kernel image's debug information: %w", err)
		}
	}
	return e.read, nil
}
