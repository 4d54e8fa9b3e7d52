package introspect

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"forkscope/machine/cpu/arch"
)

// fakeMemory is guest memory in pages; what was never written cannot be read.
type fakeMemory map[uint64][]byte

func (m fakeMemory) ReadMemory(va uint64, p []byte) error {
	for len(p) > 0 {
		page := m[va>>12]
		if page == nil {
			return fmt.Errorf("nothing at %#x", va)
		}
		n := copy(p, page[va&4095:])
		va, p = va+uint64(n), p[n:]
	}
	return nil
}

func (m fakeMemory) write(va uint64, p []byte) {
	for len(p) > 0 {
		page := m[va>>12]
		if page == nil {
			page = make([]byte, 4096)
			m[va>>12] = page
		}
		n := copy(page[va&4095:], p)
		va, p = va+uint64(n), p[n:]
	}
}

// guest builds task lists in a fake memory with the layout of a real kernel image.
type guest struct {
	t  *testing.T
	im *Image
	m  fakeMemory
	k  *Kernel
}

func newGuest(t *testing.T, arch string) *guest {
	t.Helper()
	b, err := os.ReadFile("../image/vmlinux-" + arch)
	if err != nil {
		t.Fatal(err)
	}
	im, err := Open(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{t: t, im: im, m: fakeMemory{}}
	if g.k, err = New(im, g.m); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *guest) put(base uint64, typ, path string, v uint64) {
	g.t.Helper()
	f, err := g.im.Field(typ, path)
	if err != nil {
		g.t.Fatal(err)
	}
	var b [8]byte
	g.im.Order.PutUint64(b[:], v)
	g.m.write(base+uint64(f.Offset), b[:min(f.Size, 8)])
}

func (g *guest) offset(path string) uint64 {
	f, err := g.im.Field("task_struct", path)
	if err != nil {
		g.t.Fatal(err)
	}
	return uint64(f.Offset)
}

// task writes a task_struct whose lists are empty.
func (g *guest) task(addr uint64, pid, tgid uint64, comm string) {
	size, err := g.im.Size("task_struct")
	if err != nil {
		g.t.Fatal(err)
	}
	g.m.write(addr, make([]byte, size))
	g.put(addr, "task_struct", "pid", pid)
	g.put(addr, "task_struct", "tgid", tgid)
	g.m.write(addr+g.offset("comm"), []byte(comm+"\x00"))
	for _, list := range []string{"tasks", "thread_group"} {
		g.link(addr+g.offset(list), addr+g.offset(list))
	}
}

// link makes b follow a in a list.
func (g *guest) link(a, b uint64) {
	g.put(a, "list_head", "next", b)
	g.put(b, "list_head", "prev", a)
}

// ring closes a list through the given nodes.
func (g *guest) ring(nodes ...uint64) {
	for i, n := range nodes {
		g.link(n, nodes[(i+1)%len(nodes)])
	}
}

// threeTasks is init_task, a process of two threads and a process of one.
func (g *guest) threeTasks() (leader, thread, other uint64) {
	base := g.k.InitTask() &^ 0xffff
	leader, thread, other = base+0x100000, base+0x200000, base+0x300000
	g.task(g.k.InitTask(), 0, 0, "swapper")
	g.task(leader, 7, 7, "server")
	g.task(thread, 8, 7, "worker")
	g.task(other, 9, 9, "client")
	tasks, threads := g.offset("tasks"), g.offset("thread_group")
	g.ring(g.k.InitTask()+tasks, leader+tasks, other+tasks)
	g.ring(leader+threads, thread+threads)
	return leader, thread, other
}

func (g *guest) pids() (string, error) {
	tasks, err := g.k.Tasks()
	var s []string
	for _, t := range tasks {
		s = append(s, fmt.Sprintf("%d/%d %s", t.PID, t.TGID, t.Comm))
	}
	return strings.Join(s, ", "), err
}

func forEachArch(t *testing.T, f func(t *testing.T, g *guest)) {
	for _, arch := range arch.Names() {
		t.Run(arch, func(t *testing.T) { f(t, newGuest(t, arch)) })
	}
}

func TestTasks(t *testing.T) {
	forEachArch(t, func(t *testing.T, g *guest) {
		g.threeTasks()
		got, err := g.pids()
		if want := "0/0 swapper, 7/7 server, 8/7 worker, 9/9 client"; got != want || err != nil {
			t.Errorf("tasks: %s (%v), want %s", got, err, want)
		}
	})
}

// Whatever is broken, what can still be reached is listed and an error says what is wrong.
func TestBrokenTaskLists(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(g *guest, leader, thread, other uint64)
		want  string
		err   string
	}{
		{"list not built yet", func(g *guest, _, _, _ uint64) {
			g.put(g.k.InitTask()+g.offset("tasks"), "list_head", "next", 0)
			g.put(g.k.InitTask()+g.offset("thread_group"), "list_head", "next", 0)
		}, "0/0 swapper", ""},
		{"next into nowhere", func(g *guest, leader, _, _ uint64) {
			g.put(leader+g.offset("tasks"), "list_head", "next", 0x1000)
		}, "0/0 swapper, 7/7 server, 8/7 worker, 9/9 client", "entry at 0x1000"},
		{"broken at both ends", func(g *guest, _, _, _ uint64) {
			g.put(g.k.InitTask()+g.offset("tasks"), "list_head", "next", 0x1000)
			g.put(g.k.InitTask()+g.offset("tasks"), "list_head", "prev", 0x2000)
		}, "0/0 swapper", "entry at 0x1000"},
		{"the first entry broken", func(g *guest, _, _, _ uint64) {
			g.put(g.k.InitTask()+g.offset("tasks"), "list_head", "next", 0x1000)
		}, "0/0 swapper, 9/9 client, 7/7 server, 8/7 worker", "entry at 0x1000"},
		{"null in the middle", func(g *guest, leader, _, _ uint64) {
			g.put(leader+g.offset("tasks"), "list_head", "next", 0)
		}, "0/0 swapper, 7/7 server, 8/7 worker, 9/9 client", "null pointer"},
		{"a ring that misses the head", func(g *guest, leader, _, other uint64) {
			g.put(other+g.offset("tasks"), "list_head", "next", leader+g.offset("tasks"))
		}, "0/0 swapper, 7/7 server, 8/7 worker, 9/9 client", "points back"},
		{"thread group broken, others whole", func(g *guest, leader, _, _ uint64) {
			g.put(leader+g.offset("thread_group"), "list_head", "next", 0x1000)
		}, "0/0 swapper, 7/7 server, 9/9 client", "thread_group"},
		{"a task linked twice", func(g *guest, leader, thread, other uint64) {
			g.ring(g.k.InitTask()+g.offset("tasks"), leader+g.offset("tasks"), thread+g.offset("tasks"), other+g.offset("tasks"))
		}, "0/0 swapper, 7/7 server, 8/7 worker, 9/9 client", "linked twice"},
		{"init_task unreadable", func(g *guest, _, _, _ uint64) {
			clear(g.m)
		}, "", "init_task"},
	} {
		t.Run(c.name, func(t *testing.T) {
			forEachArch(t, func(t *testing.T, g *guest) {
				leader, thread, other := g.threeTasks()
				c.spoil(g, leader, thread, other)
				got, err := g.pids()
				if got != c.want {
					t.Errorf("tasks: %s, want %s", got, c.want)
				}
				if (err == nil) != (c.err == "") || (err != nil && !strings.Contains(err.Error(), c.err)) {
					t.Errorf("error: %v, want one with %q", err, c.err)
				}
			})
		})
	}
}

func TestCurrent(t *testing.T) {
	forEachArch(t, func(t *testing.T, g *guest) {
		leader, _, _ := g.threeTasks()
		size, err := g.im.GlobalSize("init_thread_union")
		if err != nil {
			t.Fatal(err)
		}
		stack := (g.k.InitTask()+0x400000)&^uint64(size-1) + uint64(size)
		g.m.write(stack, make([]byte, size))
		g.put(stack, "thread_info", "task", leader)
		g.put(leader, "task_struct", "stack", stack)
		for _, sp := range []uint64{stack + 256, stack + uint64(size) - 1} {
			if got, err := g.k.Current(sp); got != leader || err != nil {
				t.Errorf("Current(%#x) = %#x, %v; want %#x", sp, got, err, leader)
			}
		}
		for _, sp := range []uint64{stack - 1, stack + uint64(size), 0, 0x1000} {
			if got, err := g.k.Current(sp); err == nil {
				t.Errorf("Current(%#x) = %#x, outside of the stack", sp, got)
			}
		}
		// A stack whose thread_info names a task that has another stack is stale.
		g.put(leader, "task_struct", "stack", stack+uint64(size))
		if _, err := g.k.Current(stack + 256); err == nil {
			t.Error("a stale stack was believed")
		}
	})
}

func TestSwitchFrame(t *testing.T) {
	g := newGuest(t, "arm64")
	leader, _, _ := g.threeTasks()
	fresh, _ := g.im.Symbol("ret_from_fork")
	parked, _ := g.im.Symbol("cpu_switch_to_ret")
	for _, c := range []struct{ saved, pc uint64 }{{fresh, fresh}, {0xffff000040090000, parked}} {
		g.put(leader, "task_struct", "thread.cpu_context.pc", c.saved)
		g.put(leader, "task_struct", "thread.cpu_context.sp", 0xffff000041000010)
		frame, err := g.k.SwitchFrame(leader)
		if err != nil {
			t.Fatal(err)
		}
		regs := map[string]uint64{}
		for _, r := range frame {
			regs[r.Register] = r.Value
		}
		if regs["pc"] != c.pc || regs["sp"] != 0xffff000041000010 {
			t.Errorf("saved pc %#x: shown pc %#x sp %#x", c.saved, regs["pc"], regs["sp"])
		}
		if lr, ok := regs["x30"]; ok != (c.pc == parked) || (ok && lr != c.saved) {
			t.Errorf("saved pc %#x: x30 %#x, known %v", c.saved, lr, ok)
		}
	}

	g = newGuest(t, "i386")
	leader, _, _ = g.threeTasks()
	g.put(leader, "task_struct", "thread.esp", 0xc1234560)
	g.put(leader, "task_struct", "thread.eip", 0xc0101234)
	frame, err := g.k.SwitchFrame(leader)
	if err != nil || len(frame) != 2 || frame[0].Value != 0xc1234560 || frame[1].Value != 0xc0101234 {
		t.Errorf("i386 frame: %+v, %v", frame, err)
	}
}

func TestStateNames(t *testing.T) {
	for _, c := range []struct {
		state, exit int64
		want        string
	}{
		{0, 0, "runnable"}, {1, 0, "sleeping"}, {2, 0, "uninterruptible"}, {4, 0, "stopped"}, {8, 0, "traced"},
		{0, 32, "zombie"}, {64, 16, "dead"},
	} {
		if got := (&Task{State: c.state, ExitState: c.exit}).StateName(); got != c.want {
			t.Errorf("state %d, exit state %d: %q, want %q", c.state, c.exit, got, c.want)
		}
	}
}

func TestBadImages(t *testing.T) {
	if _, err := Open(strings.NewReader("not an image")); err == nil {
		t.Error("text was taken for an image")
	}
	b, err := os.ReadFile("../image/vmlinux-arm64")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(bytes.NewReader(b[:len(b)/2])); err == nil {
		t.Error("half an image was taken for one")
	}
	im, err := Open(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := im.Field("task_struct", "no.such"); err == nil || !strings.Contains(err.Error(), "task_struct") {
		t.Errorf("a missing member gave %v", err)
	}
	delete(im.symbols, "init_task")
	for im.types.(*types).next() {
	}
	delete(im.types.(*types).named, "mm_struct")
	_, err = New(im, fakeMemory{})
	if want := `the kernel image has no symbol "init_task" (the first of 2 missing names that tasks are found by)`; err == nil || err.Error() != want {
		t.Errorf("what the image lacks: %v", err)
	}
	im.types = noTypes{}
	_, err = New(im, fakeMemory{})
	if err == nil || !strings.HasPrefix(err.Error(), `the kernel image has no symbol "init_task" (the first of 4 missing names`) {
		t.Errorf("what an image without types lacks: %v", err)
	}
}

// FuzzOpen looks for images that make the reader panic.
func FuzzOpen(f *testing.F) {
	b, err := os.ReadFile("../image/vmlinux-i386")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[:64])
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if im, err := Open(bytes.NewReader(b)); err == nil {
			New(im, fakeMemory{})
		}
	})
}

func TestProgram(t *testing.T) {
	forEachArch(t, func(t *testing.T, g *guest) {
		leader, thread, other := g.threeTasks()
		base := g.k.InitTask()&^0xffff + 0x500000
		mm, file, dentry, name := base, base+0x1000, base+0x2000, base+0x3000
		g.put(leader, "task_struct", "mm", mm)
		g.put(mm, "mm_struct", "exe_file", file)
		g.put(file, "file", "f_dentry", dentry)
		g.put(dentry, "dentry", "d_name", name)
		g.m.write(name, []byte("a program\x00"))
		if got, err := g.k.Program(leader); got != "a program" || err != nil {
			t.Errorf("program %q, %v", got, err)
		}
		if got, err := g.k.Program(thread); err == nil {
			t.Errorf("a task without an mm executes %q", got)
		}
		g.put(other, "task_struct", "mm", 0x1000)
		if got, err := g.k.Program(other); err == nil {
			t.Errorf("a task whose mm cannot be read executes %q", got)
		}
		g.m.write(name, bytes.Repeat([]byte("x"), 300))
		if got, err := g.k.Program(leader); err == nil {
			t.Errorf("a name without an end: %d bytes", len(got))
		}
	})
}

func TestUserAddress(t *testing.T) {
	for arch, last := range map[string]uint64{"i386": 0xbfffffff, "arm64": 0x0000ffffffffffff, "x86_64": 0x00007fffffffffff} {
		k := newGuest(t, arch).k
		for _, va := range []uint64{0, 0x400000, last} {
			if !k.UserAddress(va) {
				t.Errorf("%s: %#x is no user address", arch, va)
			}
		}
		for _, symbol := range []string{"init_task", "schedule", "panic"} {
			if va, ok := k.Image.Symbol(symbol); !ok || k.UserAddress(va) {
				t.Errorf("%s: %s at %#x is a user address", arch, symbol, va)
			}
		}
	}
}

// A kernel that was stripped, or is not one like Linux, is an image all the same, whose tasks cannot be found: one sentence says why.
func TestImagesWithoutTasks(t *testing.T) {
	whole, err := os.ReadFile("../image/vmlinux-arm64")
	if err != nil {
		t.Fatal(err)
	}
	without := func(old, new string) []byte { return bytes.ReplaceAll(whole, []byte(old), []byte(new)) }
	for _, c := range []struct {
		want string
		data []byte
	}{
		{"the kernel's debug information: there is none", without(".debug_info\x00", ".other_info\x00")},
		{"the kernel has no init_task", without("\x00init_task\x00", "\x00other_one\x00")},
		{"the kernel is no ELF file", []byte("#!/bin/sh\necho this is no kernel, but it is long enough to have a header\n")},
		{"the kernel is no ELF file", nil},
		{"the kernel's ELF file is damaged: EOF", whole[:1000]},
	} {
		im, err := Open(bytes.NewReader(c.data))
		if err == nil {
			if pa, ok := im.LoadAddress(0xffff000040082000); !ok || pa != 0x40082000 {
				t.Errorf("%s: the image's place is not known: %#x", c.want, pa)
			}
			_, err = New(im, fakeMemory{})
		}
		if err == nil || err.Error() != c.want {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
