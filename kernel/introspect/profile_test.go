package introspect

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"os"
	"strings"
	"testing"

	"forkscope/machine/cpu/arch"
)

// Both images have all that the profile names, and the profile names all that is asked for.
func TestProfileIsWhole(t *testing.T) {
	for _, a := range arch.All() {
		m, machine := a.Name, a.Machine
		if names := forkscope.machines[machine]; len(names.fp) == 0 && a.FP == nil {
			t.Errorf("%s: nothing says where floating point is kept", m)
		}
		if k := newGuest(t, m).k; k.Lacks != nil {
			t.Errorf("%s: %v", m, k.Lacks)
		}
		for _, name := range []string{forkscope.SendSignal, forkscope.ReturnPoint, forkscope.Panic, forkscope.takesSignals} {
			if _, ok := newGuest(t, m).im.Symbol(name); !ok {
				t.Errorf("%s: the kernel has no %q", m, name)
			}
		}
		for i := range taskFP {
			if typ, path := forkscope.name(i, machine); typ == "" || path == "" {
				t.Errorf("%s: member %d has no name", m, i)
			}
		}
	}
	for i, name := range forkscope.variables {
		if name == "" {
			t.Errorf("variable %d has no name", i)
		}
	}
	for i, name := range forkscope.structures {
		if name == "" {
			t.Errorf("structure %d has no name", i)
		}
	}
}

// without is a kernel's types but for some names.
type without struct {
	Types
	names []string
}

func (w without) lacks(name string) bool {
	for _, n := range w.names {
		if n == name {
			return true
		}
	}
	return false
}

func (w without) Symbol(name string) (uint64, bool) {
	if w.lacks(name) {
		return 0, false
	}
	return w.Types.Symbol(name)
}

func (w without) Field(typ, path string) (Field, error) {
	if w.lacks(typ + "." + path) {
		return Field{}, fmt.Errorf("kernel image has no member %s in struct %s", path, typ)
	}
	return w.Types.Field(typ, path)
}

// An image that lacks names of the profile is told of in one sentence with the first of them; what is not needed to find tasks is missed
// where it is read.
func TestMissingNames(t *testing.T) {
	for _, c := range []struct {
		names       string
		fails, says string
	}{
		{"task_struct.tasks", "the kernel image has no member tasks in struct task_struct", ""},
		{"ret_from_fork", `the kernel image has no symbol "ret_from_fork"`, ""},
		{"task_struct.pid mm_struct.pgd ret_from_fork", `the kernel image has no symbol "ret_from_fork" (the first of 3 missing names that tasks are found by)`, ""},
		{"pid_hash", "", `the kernel image has no symbol "pid_hash"`},
		{"mm_struct.mmap do_exit", "", "the kernel image has no member mmap in struct mm_struct (the first of 2 missing names that a kernel of the family forkscope has)"},
	} {
		t.Run(c.names, func(t *testing.T) {
			forEachArch(t, func(t *testing.T, g *guest) {
				leader, _, _ := g.threeTasks()
				k, err := NewBy(&forkscope, without{g.im, strings.Fields(c.names)}, g.im, g.m)
				if text(err) != c.fails {
					t.Fatalf("%v, not %q", err, c.fails)
				}
				if err != nil {
					return
				}
				if text(k.Lacks) != c.says {
					t.Errorf("it lacks %v, not %q", k.Lacks, c.says)
				}
				if list, err := k.Tasks(); len(list) != 4 || err != nil {
					t.Errorf("%d tasks, %v", len(list), err)
				}
				g.put(leader, "task_struct", "mm", leader)
				task, err := k.Task(leader)
				if err != nil {
					t.Fatal(err)
				}
				_, err = k.FindTask(7)
				if c.names != "pid_hash" {
					_, err = k.Maps(&task)
				}
				if want := strings.Split(c.says, " (")[0][len("the "):]; err == nil || !strings.HasSuffix(err.Error(), want) {
					t.Errorf("what needs it: %v", err)
				}
			})
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// noise is memory full of numbers that have no meaning, but are the same whenever they are read; one pointer in two is to more noise.
type noise struct {
	seed maphash.Seed
	base uint64
	size int
}

func (n noise) ReadMemory(va uint64, p []byte) error {
	if va < n.base&^0xfffffff {
		return fmt.Errorf("nothing at %#x", va)
	}
	for i := range p {
		at := va + uint64(i)
		word := maphash.Comparable(n.seed, at/uint64(n.size))
		if word>>60&1 != 0 {
			word = n.base + word&0xffffff
		}
		p[i] = byte(word >> (8 * (at % uint64(n.size))))
	}
	return nil
}

// Whatever is in memory, looking at it ends.
func TestNoise(t *testing.T) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) {
			b, err := os.ReadFile("../image/vmlinux-" + arch)
			if err != nil {
				t.Fatal(err)
			}
			im, err := Open(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				base, _ := im.Symbol("init_task")
				k, err := New(im, noise{maphash.MakeSeed(), base, im.PointerSize})
				if err != nil {
					t.Fatal(err)
				}
				lookAtAll(k, base)
			}
		})
	}
}

// lookAtAll calls everything that reads guest memory, for what it does with garbage.
func lookAtAll(k *Kernel, base uint64) {
	k.Tasks()
	k.Interrupts()
	k.FS().Mounts()
	k.FS().Lookup("/bin/sh", true)
	for pid := range int32(4) {
		k.FindTask(pid)
	}
	k.Pages().Owner(base, base)
	for i := range uint64(8) {
		t, err := k.Task(base + i*0x1000)
		if err != nil {
			continue
		}
		maps, _ := k.Maps(&t)
		for i := range maps {
			k.Pages().Resident(&t, &maps[i])
		}
		k.ReadUser(&t, nil, 0x400000, make([]byte, 100))
		k.Stat(&t)
		k.ExePath(&t)
		k.Program(t.Addr)
		k.Cmdline(&t)
		k.Auxv(&t)
		k.OpenFiles(&t)
		k.UserFrame(&t)
		k.UserTLS(&t)
		k.SwitchFrame(t.Addr)
		k.SyscallNumber(&t)
		k.Pages().Runs(&t)
	}
}
