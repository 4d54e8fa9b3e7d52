package introspect

import (
	"bytes"
	"debug/dwarf"
	"debug/elf"
	"os"
	"testing"

	"forkscope/machine/cpu/arch"
)

// What is read unit by unit is what the whole debug information has, and a kernel whose tasks are found is not read to its end.
func TestTypesByUnit(t *testing.T) {
	for _, arch := range arch.Names() {
		b, err := os.ReadFile("../image/vmlinux-" + arch)
		if err != nil {
			t.Fatal(err)
		}
		im, err := Open(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(im, fakeMemory{}); err != nil {
			t.Fatal(err)
		}
		if im.types.(*types).err != nil {
			t.Errorf("%s: all units were read to find tasks: %v", arch, im.types.(*types).err)
		}
		f, err := elf.NewFile(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := f.DWARF()
		if err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]bool)
		eachTopLevel(t, whole, func(e *dwarf.Entry, name string) {
			if decl, _ := e.Val(dwarf.AttrDeclaration).(bool); e.Tag != dwarf.TagStructType && e.Tag != dwarf.TagUnionType || decl || seen[name] {
				return
			}
			seen[name] = true
			want, err := whole.Type(e.Offset)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := im.Size(name); err != nil || got != want.Size() {
				t.Errorf("%s: struct %s has %d bytes (%v), want %d", arch, name, got, err, want.Size())
			}
			for _, m := range want.(*dwarf.StructType).Field {
				if m.Name == "" {
					continue
				}
				if got, err := im.Field(name, m.Name); err != nil || got != (Field{m.ByteOffset, m.Type.Size()}) {
					t.Errorf("%s: %s.%s is at %v (%v), want %d, %d", arch, name, m.Name, got, err, m.ByteOffset, m.Type.Size())
				}
			}
		})
		if len(seen) < 100 || !seen["task_struct"] {
			t.Errorf("%s: only %d types were compared", arch, len(seen))
		}
		if _, err := im.Size("no_such"); err == nil || im.types.(*types).next() {
			t.Errorf("%s: a type that is nowhere: %v", arch, err)
		}
	}
}

// eachTopLevel visits the named entries in units' top level.
func eachTopLevel(t *testing.T, d *dwarf.Data, visit func(e *dwarf.Entry, name string)) {
	r := d.Reader()
	for {
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e == nil {
			return
		}
		if e.Tag == dwarf.TagCompileUnit {
			continue
		}
		if name, _ := e.Val(dwarf.AttrName).(string); name != "" {
			visit(e, name)
		}
		if e.Children {
			r.SkipChildren()
		}
	}
}
