package introspect

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// structure writes zeros for a whole structure, so that all of its members can be read.
func (g *guest) structure(addr uint64, typ string) uint64 {
	g.t.Helper()
	size, err := g.im.Size(typ)
	if err != nil {
		g.t.Fatal(err)
	}
	g.m.write(addr, make([]byte, size))
	return addr
}

// member is the address of a member.
func (g *guest) member(addr uint64, typ, path string) uint64 {
	g.t.Helper()
	f, err := g.im.Field(typ, path)
	if err != nil {
		g.t.Fatal(err)
	}
	return addr + uint64(f.Offset)
}

// name makes a dentry.
func (g *guest) name(addr, parent uint64, name string) uint64 {
	g.structure(addr, "dentry")
	g.put(addr, "dentry", "d_parent", parent)
	g.put(addr, "dentry", "d_name", addr+0x200)
	g.m.write(addr+0x200, []byte(name+"\x00"))
	return addr
}

// process gives a task an mm with one range of a file, /bin/prog, on a file system mounted at /bin.
func (g *guest) process(task uint64) (t *Task, mm, vma, file uint64) {
	base := g.k.InitTask()&^0xffff + 0x500000
	mm, vma, file = g.structure(base, "mm_struct"), g.structure(base+0x1000, "vm_area_struct"), g.structure(base+0x2000, "file")
	inode, sb := g.structure(base+0x3000, "inode"), g.structure(base+0x4000, "super_block")
	root := g.name(base+0x5000, base+0x5000, "/")
	bin := g.name(base+0x6000, root, "bin")
	mounted := g.name(base+0x7000, base+0x7000, "/")
	g.put(mounted, "dentry", "d_mountpoint", bin)
	prog := g.name(base+0x8000, mounted, "prog")
	g.put(task, "task_struct", "mm", mm)
	g.put(mm, "mm_struct", "mmap", vma)
	g.put(mm, "mm_struct", "exe_file", file)
	g.put(vma, "vm_area_struct", "vm_start", 0x400000)
	g.put(vma, "vm_area_struct", "vm_end", 0x402000)
	g.put(vma, "vm_area_struct", "vm_flags", 0x75)
	g.put(vma, "vm_area_struct", "vm_pgoff", 3)
	g.put(vma, "vm_area_struct", "vm_file", file)
	g.put(file, "file", "f_dentry", prog)
	g.put(file, "file", "f_inode", inode)
	g.put(inode, "inode", "i_sb", sb)
	g.put(inode, "inode", "i_ino", 42)
	g.put(sb, "super_block", "s_dev", 5<<8|7)
	got, err := g.k.Task(task)
	if err != nil {
		g.t.Fatal(err)
	}
	return &got, mm, vma, file
}

func TestMaps(t *testing.T) {
	forEachArch(t, func(t *testing.T, g *guest) {
		leader, thread, _ := g.threeTasks()
		task, _, vma, file := g.process(leader)
		maps, err := g.k.Maps(task)
		want := Mapping{Start: 0x400000, End: 0x402000, Flags: 0x75, Offset: 0x3000, Major: 5, Minor: 7, Inode: 42, Path: "/bin/prog", file: file}
		if err != nil || len(maps) != 1 || maps[0] != want {
			t.Errorf("%+v (%v), not %+v", maps, err, want)
		}
		m := &maps[0]
		if !m.Readable() || m.Writable() || !m.Executable() || m.Shared() || m.Anonymous() {
			t.Errorf("rights of %+v", m)
		}
		if got, err := g.k.ExePath(task); got != "/bin/prog" || err != nil {
			t.Errorf("program %q, %v", got, err)
		}
		none, err := g.k.Task(thread)
		if err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"Maps":    second(g.k.Maps(&none)),
			"Auxv":    second(g.k.Auxv(&none)),
			"ExePath": second(g.k.ExePath(&none)),
			"UserFP":  second(g.k.UserFP(&none, false)),
		} {
			if err == nil {
				t.Errorf("%s of a task without an address space", name)
			}
		}
		if b, err := g.k.Cmdline(&none); len(b) != 0 || err != nil {
			t.Errorf("arguments of a task without an address space: %q, %v", b, err)
		}
		// The name is gone, and a shared anonymous range has none that anybody gave.
		g.put(g.member(file, "file", "f_dentry")&^0xfff+0x6000, "dentry", "d_flags", forkscope.numbers.unhashed)
		if maps, err = g.k.Maps(task); err != nil || maps[0].Path != "/bin/prog (deleted)" {
			t.Errorf("a deleted file: %+v, %v", maps, err)
		}
		// What never had a place in a tree is its own path, as /proc/PID/fd shows it.
		g.put(g.member(file, "file", "f_dentry")&^0xfff+0x6000, "dentry", "d_flags", forkscope.numbers.pseudo)
		if maps, err = g.k.Maps(task); err != nil || maps[0].Path != "prog" {
			t.Errorf("a file without a path: %+v, %v", maps, err)
		}
		g.put(vma, "vm_area_struct", "vm_file", 0)
		if maps, err = g.k.Maps(task); err != nil || maps[0].Path != "" || !maps[0].Anonymous() || maps[0].Offset != 0 {
			t.Errorf("without a file: %+v, %v", maps, err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// Whatever is broken, the walk ends and says where.
func TestBrokenAddressSpace(t *testing.T) {
	for _, c := range []struct {
		name, want string
		spoil      func(g *guest, mm, vma, file uint64)
	}{
		{"a circle of ranges", "does not follow 0x402000", func(g *guest, _, vma, _ uint64) { g.put(vma, "vm_area_struct", "vm_next", vma) }},
		{"next into nowhere", "vm_area_struct.", func(g *guest, _, vma, _ uint64) { g.put(vma, "vm_area_struct", "vm_next", 0x1000) }},
		{"no such mm", "", func(g *guest, mm, _, _ uint64) { g.put(mm, "mm_struct", "mmap", 0x1000) }},
		{"a file into nowhere", "file.f_inode", func(g *guest, _, vma, _ uint64) { g.put(vma, "vm_area_struct", "vm_file", 0x1000) }},
		{"no inode", "no inode to read", func(g *guest, _, _, file uint64) { g.put(file, "file", "f_inode", 0) }},
		{"a name in a circle", "its path has no beginning", func(g *guest, mm, _, _ uint64) {
			g.put(mm+0x7000, "dentry", "d_mountpoint", 0)
			g.put(mm+0x7000, "dentry", "d_parent", mm+0x8000)
		}},
		{"mounts in a circle", "its path has no beginning", func(g *guest, mm, _, _ uint64) {
			g.put(mm+0x7000, "dentry", "d_mountpoint", mm+0x7000)
		}},
		{"a name without an end", "no end after 255 bytes", func(g *guest, mm, _, _ uint64) {
			g.m.write(mm+0x8200, bytes.Repeat([]byte("x"), 300))
		}},
		{"no parent", "no dentry to read", func(g *guest, mm, _, _ uint64) { g.put(mm+0x8000, "dentry", "d_parent", 0) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			forEachArch(t, func(t *testing.T, g *guest) {
				leader, _, _ := g.threeTasks()
				task, mm, vma, file := g.process(leader)
				c.spoil(g, mm, vma, file)
				maps, err := g.k.Maps(task)
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "task 7") {
					t.Errorf("%+v, %v; want an error with %q", maps, err, c.want)
				}
			})
		})
	}
}

func TestOpenFiles(t *testing.T) {
	forEachArch(t, func(t *testing.T, g *guest) {
		leader, _, _ := g.threeTasks()
		task, mm, _, file := g.process(leader)
		if files, err := g.k.OpenFiles(task); len(files) != 0 || err != nil {
			t.Errorf("without a table: %v, %v", files, err)
		}
		table, slots := g.structure(mm+0x9000, "files_struct"), mm+0xa000
		g.put(leader, "task_struct", "files", table)
		g.put(table, "files_struct", "max_fds", 4)
		g.put(table, "files_struct", "fd", slots)
		size := g.im.PointerSize
		row := make([]byte, 4*size)
		for _, fd := range []int{0, 3} {
			if size == 4 {
				g.im.Order.PutUint32(row[fd*size:], uint32(file))
			} else {
				g.im.Order.PutUint64(row[fd*size:], file)
			}
		}
		g.m.write(slots, row)
		g.put(file, "file", "f_pos", ^uint64(0))
		files, err := g.k.OpenFiles(task)
		if got, want := fmt.Sprint(files), "[{0 /bin/prog -1 0} {3 /bin/prog -1 0}]"; got != want || err != nil {
			t.Errorf("%s (%v), not %s", got, err, want)
		}
		g.put(table, "files_struct", "fd", 0x1000)
		if _, err := g.k.OpenFiles(task); err == nil || !strings.Contains(err.Error(), "open files of task 7") {
			t.Errorf("a table that cannot be read: %v", err)
		}
	})
}

// The tag words of an FPU with every kind of register (Intel SDM volume 1, 8.1.7).
func TestTags(t *testing.T) {
	image := make([]byte, 160)
	image[3] = 6 << 3 // TOP: register 6 is st0
	image[4] = 0b11000111
	st := func(i int, b ...byte) { copy(image[32+16*i:], b) }
	st(0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f) // 1.0, in register 6
	st(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)          // zero, in 7
	st(2, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x7f) // infinity, in 0
	st(3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)          // denormal, in 1
	st(4, 0, 0, 0, 0, 0, 0, 0, 0x40, 0xff, 0x3f) // without its integer bit, in 2
	want := uint16(1<<14 | 0<<12 | 3<<10 | 3<<8 | 3<<6 | 2<<4 | 2<<2 | 2)
	if got := FullTag(image); got != want {
		t.Errorf("full tag %016b, not %016b", got, want)
	}
	if got := AbridgedTag(want); got != image[4] {
		t.Errorf("abridged tag %08b, not %08b", got, image[4])
	}
}

func TestSignalMasks(t *testing.T) {
	forEachArch(t, func(t *testing.T, g *guest) {
		leader, _, _ := g.threeTasks()
		task, err := g.k.Task(leader)
		if err != nil {
			t.Fatal(err)
		}
		g.put(leader, "task_struct", "blocked", 1<<(34-1)|1<<(2-1))
		g.put(leader, "task_struct", "pending.signal", 1<<(9-1))
		shared := g.structure(g.k.InitTask()&^0xffff+0x500000, "signal_struct")
		g.put(leader, "task_struct", "signal", shared)
		g.put(shared, "signal_struct", "shared_pending.signal", 1<<(64-1))
		g.put(leader, "task_struct", "group_leader", leader)
		number := g.structure(shared+0x2000, "pid")
		for kind := uint64(0); kind < 3; kind++ {
			g.pointTo(g.member(leader, "task_struct", "pids")+kind*g.k.at.structures[sizePIDLink]+g.member(0, "pid_link", "pid"), number)
		}
		if task, err = g.k.Task(leader); err != nil {
			t.Fatal(err)
		}
		s, err := g.k.Stat(&task)
		if err != nil {
			t.Fatal(err)
		}
		if b := s.Signals.Blocked; !b.Has(34) || !b.Has(2) || b.Has(1) || b.Has(0) || b.Has(64) {
			t.Errorf("blocked %#x", b)
		}
		if s.Signals.Pending != 1<<8 || !s.Signals.Shared.Has(64) || s.Signals.Shared.Has(9) {
			t.Errorf("pending %#x and %#x", s.Signals.Pending, s.Signals.Shared)
		}
		if size, err := g.im.Size("siginfo"); size != SiginfoSize || err != nil {
			t.Errorf("siginfo_t has %d bytes, %v", size, err)
		}
	})
}
