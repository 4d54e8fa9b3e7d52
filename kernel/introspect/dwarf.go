package introspect

import (
	"debug/dwarf"
	"fmt"
	"strings"
)

// Field is where a member lies in a structure, in bytes.
type Field struct{ Offset, Size int64 }

// noTypes is an image without debug information.
type noTypes struct{}

func (noTypes) field(name, _ string) (Field, error)   { return Field{}, lacksType(name) }
func (noTypes) size(name string) (int64, error)       { return 0, lacksType(name) }
func (noTypes) globalSize(name string) (int64, error) { return 0, lacksVariable(name) }

func lacksType(name string) error     { return fmt.Errorf("kernel image has no type %q", name) }
func lacksVariable(name string) error { return fmt.Errorf("kernel image has no variable %q", name) }

// structure is a named struct or union.
func (t *types) structure(name string) (dwarf.Type, error) {
	d, err := t.get(t.named, name)
	if err == nil && d == nil {
		err = lacksType(name)
	}
	return d, err
}

func (t *types) size(name string) (int64, error) {
	d, err := t.structure(name)
	if err != nil {
		return 0, err
	}
	return d.Size(), nil
}

func (t *types) globalSize(name string) (int64, error) {
	d, err := t.get(t.globals, name)
	if err == nil && d == nil {
		err = lacksVariable(name)
	}
	if err != nil {
		return 0, err
	}
	return d.Size(), nil
}

// field finds a member of a named struct or union by its path through nested ones.
func (t *types) field(typeName, path string) (Field, error) {
	d, err := t.structure(typeName)
	if err != nil {
		return Field{}, err
	}
	var f Field
	for name := range strings.SplitSeq(path, ".") {
		s, ok := resolve(d).(*dwarf.StructType)
		if !ok {
			return Field{}, fmt.Errorf("kernel image has no %s.%s: %q is not in a struct", typeName, path, name)
		}
		m := memberOf(s, name)
		if m == nil {
			return Field{}, fmt.Errorf("kernel image has no member %s in struct %s", path, typeName)
		}
		f.Offset += m.ByteOffset
		f.Size = m.Type.Size()
		d = m.Type
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
