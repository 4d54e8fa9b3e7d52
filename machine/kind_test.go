package machine

import (
	"io"
	"reflect"
	"testing"

	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
)

// There is a kind of machine for each architecture, and its processor has the registers that gdb is told of.
func TestKinds(t *testing.T) {
	if len(Kinds()) != len(arch.All()) {
		t.Errorf("%d kinds of machines, %d architectures", len(Kinds()), len(arch.All()))
	}
	for i, a := range arch.All() {
		t.Run(a.Name, func(t *testing.T) {
			k := KindOf(a.Name)
			if k == nil || k.Arch != a || k != Kinds()[i] {
				t.Fatalf("its machine is %+v", k)
			}
			v := reflect.ValueOf(*k)
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				if optional := v.Field(i).Kind() == reflect.Bool || name == "IsImage"; v.Field(i).IsZero() && !optional {
					t.Errorf("%s is not said", name)
				}
			}
			m := bootKernel(t, a.Name, "hello", io.Discard)
			if m.Arch() != a {
				t.Errorf("the machine's architecture is %v", m.Arch())
			}
			has := map[string]cpu.Register{}
			for _, r := range m.CPU().Registers() {
				has[r.Name] = r
			}
			d := a.Registers.Describe("none")
			for _, f := range d.Features {
				for _, r := range f.Registers {
					if own := has[r.Name]; own.Bits != r.Bits || own.Feature != f.Name {
						t.Errorf("gdb is told of %s in %s, and the processor has %+v", r.Name, f.Name, own)
					}
				}
			}
			for name, own := range a.Registers.CPU {
				if _, ok := has[own]; !ok {
					t.Errorf("the processor has no %s, which is to be gdb's %s", own, name)
				}
			}
		})
	}
	if KindOf("") != nil {
		t.Error("there is a machine without a name")
	}
}
