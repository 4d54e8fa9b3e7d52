package introspect

import (
	"slices"
	"strings"
	"testing"
)

// call is the call of a function with the given arguments.
func (g *guest) call(args ...uint64) CallFrame {
	sp := g.k.InitTask()&^0xffff + 0x600000
	g.m.write(sp, make([]byte, 64))
	for i, a := range args {
		g.pointTo(sp+uint64((i+1)*g.im.PointerSize), a)
	}
	return g.k.CallFrame(func(name string) uint64 {
		if i := slices.Index(g.im.Arch.Function.Arguments, name); i >= 0 && i < len(args) {
			return args[i]
		}
		return map[string]uint64{g.im.Arch.Registers.SP: sp}[name]
	})
}

// A task ends by itself, or with all of its process and that one's code.
func TestExiting(t *testing.T) {
	forEachArch(t, func(t *testing.T, g *guest) {
		leader, _, _ := g.threeTasks()
		if end, err := g.k.Exiting(leader, g.call(3<<8)); err != nil || end != (Ending{Code: 3 << 8}) {
			t.Errorf("%+v, %v", end, err)
		}
		group := g.structure(g.k.InitTask()&^0xffff+0x500000, "signal_struct")
		g.put(leader, "task_struct", "signal", group)
		g.put(group, "signal_struct", "flags", 4)
		g.put(group, "signal_struct", "group_exit_code", 9)
		if end, err := g.k.Exiting(leader, g.call(3<<8)); err != nil || end != (Ending{Code: 9, Group: true}) {
			t.Errorf("of a whole process: %+v, %v", end, err)
		}
		g.put(leader, "task_struct", "signal", 0x1000)
		if end, err := g.k.Exiting(leader, g.call(3<<8)); err == nil || end.Code != 3<<8 || !strings.Contains(err.Error(), "signal_struct.flags") {
			t.Errorf("of a process that cannot be read: %+v, %v", end, err)
		}
	})
}

func TestCreatedUnreadable(t *testing.T) {
	forEachArch(t, func(t *testing.T, g *guest) {
		if n, err := g.k.Created(g.call(0x1000)); err == nil {
			t.Errorf("%+v was made", n)
		}
		if len(g.k.Hooks()) != 5 {
			t.Errorf("places: %v", g.k.Hooks())
		}
	})
}
