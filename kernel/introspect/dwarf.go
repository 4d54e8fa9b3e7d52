package introspect

import (
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"strings"
)

// Field is where a member lies in a structure, in bytes.
type Field struct{ Offset, Size int64 }

// dwarfTypes are the types of an image as its DWARF describes them. A type is read when it is asked for: only where each begins is
// noted before.
type dwarfTypes struct {
	data    *dwarf.Data
	structs map[string]dwarf.Offset
	globals map[string]dwarf.Offset // the types of variables
}

// read notes each named struct and union, and the type of each global variable, at the top level of each unit. The first of a name
// counts.
func (d *dwarfTypes) read(f *elf.File) error {
	errNone := errors.New("there is none")
	if f.Section(".debug_info") == nil && f.Section(".zdebug_info") == nil {
		return errNone
	}
	data, err := f.DWARF()
	if err != nil {
		return err
	}
	d.data, d.structs, d.globals = data, make(map[string]dwarf.Offset), make(map[string]dwarf.Offset)
	found := false
	r := data.Reader()
	for {
		e, err := r.Next()
		if err != nil {
			return err
		}
		if e == nil {
			break
		}
		name, _ := e.Val(dwarf.AttrName).(string)
		switch e.Tag {
		case dwarf.TagCompileUnit:
			found = true
			continue // into its children
		case dwarf.TagStructType, dwarf.TagUnionType:
			if decl, _ := e.Val(dwarf.AttrDeclaration).(bool); name != "" && !decl {
				note(d.structs, name, e.Offset)
			}
		case dwarf.TagVariable:
			if off, ok := e.Val(dwarf.AttrType).(dwarf.Offset); ok && name != "" {
				note(d.globals, name, off)
			}
		}
		if e.Children {
			r.SkipChildren()
		}
	}
	if !found {
		return errNone
	}
	return nil
}

func note(at map[string]dwarf.Offset, name string, off dwarf.Offset) {
	if _, ok := at[name]; !ok {
		at[name] = off
	}
}

func (d *dwarfTypes) size(name string) (int64, error) {
	t := d.structure(name)
	if t == nil {
		return 0, fmt.Errorf("kernel image has no type %q", name)
	}
	return t.Size(), nil
}

func (d *dwarfTypes) globalSize(name string) (int64, error) {
	t := d.typeAt(d.globals, name)
	if t == nil {
		return 0, fmt.Errorf("kernel image has no variable %q", name)
	}
	return t.Size(), nil
}

// structure is a named struct or union, nil if there is none that can be read.
func (d *dwarfTypes) structure(name string) dwarf.Type { return d.typeAt(d.structs, name) }

func (d *dwarfTypes) typeAt(at map[string]dwarf.Offset, name string) dwarf.Type {
	off, ok := at[name]
	if !ok {
		return nil
	}
	t, err := d.data.Type(off)
	if err != nil {
		return nil
	}
	return t
}

// field finds a member of a named struct or union by its path through nested ones.
func (d *dwarfTypes) field(typeName, path string) (Field, error) {
	t := d.structure(typeName)
	if t == nil {
		return Field{}, fmt.Errorf("kernel image has no type %q", typeName)
	}
	var f Field
	for name := range strings.SplitSeq(path, ".") {
		s, ok := resolve(t).(*dwarf.StructType)
		if !ok {
			return Field{}, fmt.Errorf("kernel image has no %s.%s: %q is not in a struct", typeName, path, name)
		}
		m := memberOf(s, name)
		if m == nil {
			return Field{}, fmt.Errorf("kernel image has no member %s in struct %s", path, typeName)
		}
		f.Offset += m.ByteOffset
		f.Size = m.Type.Size()
		t = m.Type
	}
	return f, nil
}

func resolve(t dwarf.Type) dwarf.Type {
	for {
		switch u := t.(type) {
		case *dwarf.TypedefType:
			t = u.Type
		case *dwarf.QualType:
			t = u.Type
		default:
			return t
		}
	}
}

func memberOf(s *dwarf.StructType, name string) *dwarf.StructField {
	for _, f := range s.Field {
		if f.Name == name {
			return f
		}
	}
	return nil
}
