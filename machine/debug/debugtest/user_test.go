package debugtest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"forkscope/kernel/introspect"
	"forkscope/machine"
	"forkscope/machine/cpu"
	"forkscope/machine/cpu/arch"
	"forkscope/machine/debug/guestfs"
)

// The registers that a program has when it calls the kernel are what pt_regs shows while the kernel works.
func TestUserFrame(t *testing.T) {
	ForMachines(t, "forktwice", func(t *testing.T, g *Guest) {
		task := g.ToSyscall("wait4")
		if _, err := g.OS.UserFrame(&task); err != nil {
			t.Fatal(err)
		}
		want := make(map[string][]byte)
		for _, r := range g.Machine.CPU().Registers() {
			want[r.Name] = g.Bytes(r.Name)
		}
		g.To("sys_wait4")
		frame, err := g.OS.UserFrame(&task)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, r := range frame {
			var b [8]byte
			binary.LittleEndian.PutUint64(b[:], r.Value)
			in := make([]byte, r.Size)
			if err := g.ReadMemory(r.Addr, in); err != nil || !bytes.Equal(in, b[:r.Size]) {
				t.Errorf("%s: memory has % x (%v), not %#x", r.Register, in, err, r.Value)
			}
			w := want[r.Register]
			switch r.Register {
			case "eip":
				binary.LittleEndian.PutUint32(w, binary.LittleEndian.Uint32(w)+2)
			case "pc":
				binary.LittleEndian.PutUint64(w, binary.LittleEndian.Uint64(w)+4)
			case "orig_eax":
				w = want["eax"]
			case "orig_rax":
				w = want["rax"]
			case "rax":
				w = binary.LittleEndian.AppendUint64(nil, ^uint64(37)) // -ENOSYS, for debuggers
			case "rip", "rcx":
				w = binary.LittleEndian.AppendUint64(nil, binary.LittleEndian.Uint64(want["rip"])+2) // SYSCALL keeps it in rcx
			case "r11":
				w = append(want["eflags"], 0, 0, 0, 0)
			case "tpidr", "fs", "gs", "ds", "es", "fs_base", "gs_base":
				if r.Register == "ds" && !r.Live || r.Register == "es" && !r.Live {
					break // in pt_regs of i386
				}
				if !r.Live {
					t.Errorf("%s is not said to be in the CPU", r.Register)
				}
				continue
			}
			if len(w) == 0 || !bytes.Equal(b[:len(w)], w) {
				t.Errorf("%s is %#x, and was % x in user mode", r.Register, r.Value, w)
			}
			seen++
		}
		if n := Of(g, 15, 34, 21); seen != n {
			t.Errorf("%d registers, not %d: %v", seen, n, frame)
		}
		idle, err := g.OS.FindTask(0)
		if err != nil {
			t.Fatal(err)
		}
		if f, err := g.OS.UserFrame(&idle); err == nil {
			t.Errorf("the idle task has user registers: %v", f)
		}
		if f, err := g.OS.UserFP(&idle, false); err == nil {
			t.Errorf("the idle task has floating-point registers: %v", f)
		}
	})
}

// Floating-point and vector registers stay in the CPU while the task is on it, and are where UserFP says when another is.
func TestUserFP(t *testing.T) {
	ForMachines(t, "forktwice", func(t *testing.T, g *Guest) {
		task := g.ToSyscall("wait4")
		pattern := func(n, size int) []byte {
			b := make([]byte, size)
			for i := range b {
				b[i] = byte(n*16 + i + 1)
			}
			return b
		}
		want := make(map[string][]byte)
		for i := range Of(g, 8, 32, 16) {
			g.SetBytes(fmt.Sprint(Of(g, "xmm", "v", "xmm"), i), pattern(i, 16))
		}
		x86 := g.Machine.Arch().FP != nil
		if x86 {
			for i, name := range []string{"st0", "st1", "st5"} {
				g.SetBytes(name, pattern(i+9, 10))
			}
			g.SetBytes("fctrl", []byte{0x7f, 0x02, 0, 0})
			g.SetBytes("ftag", []byte{0xff, 0x2a, 0, 0})
			g.SetBytes("mxcsr", []byte{0x80, 0x3f, 0, 0})
		} else {
			g.SetBytes("fpsr", []byte{0x1f, 0, 0, 0x08})
			g.SetBytes("fpcr", []byte{0, 0, 0x40, 0})
		}
		for _, r := range g.Machine.CPU().Registers() {
			want[r.Name] = g.Bytes(r.Name)
		}
		state, err := g.OS.UserFP(&task, true)
		if err != nil || !state.Live {
			t.Errorf("of the task on the CPU: %+v, %v", state, err)
		}
		g.To("schedule_tail") // the child's
		if now := g.Current(); now.Addr == task.Addr {
			t.Fatal("no other task is on the CPU")
		}
		if state, err = g.OS.UserFP(&task, false); err != nil || state.Live {
			t.Fatalf("of a task that sleeps: %+v, %v", state, err)
		}
		for _, r := range state.Registers {
			b := make([]byte, r.Size)
			if err := g.ReadMemory(r.Addr, b); err != nil {
				t.Fatal(err)
			}
			w := want[r.Register]
			if len(w) < r.Size || !bytes.Equal(b, w[:r.Size]) {
				t.Errorf("%s: memory has % x, the CPU had % x", r.Register, b, w)
			}
		}
		if n := Of(g, 8+7+8+1, 34, 8+7+16+1); len(state.Registers) != n {
			t.Errorf("%d registers, not %d", len(state.Registers), n)
		}
		if x86 {
			image := make([]byte, 160)
			if err := g.ReadMemory(state.Addr, image); err != nil {
				t.Fatal(err)
			}
			if got := introspect.FullTag(image); got != uint16(binary.LittleEndian.Uint32(want["ftag"])) {
				t.Errorf("ftag %04x, the CPU had % x", got, want["ftag"])
			} else if b := introspect.AbridgedTag(got); b != image[4] {
				t.Errorf("the image's tag is %02x, not %02x", b, image[4])
			}
		}
	})
}

// TLS: what a threaded program's system call to set it was given.
func TestUserTLS(t *testing.T) {
	ForMachines(t, "threads", func(t *testing.T, g *Guest) {
		// copied are the arguments of copy_thread, of which x86-64 has most in a structure.
		copied := func(frame introspect.CallFrame) (flags, child, tls uint64) {
			argument := func(n int) uint64 {
				v, err := frame.Argument(n)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			if g.Machine.Arch() != arch.X8664 {
				return argument(0), argument(3), argument(4)
			}
			member := func(name string) uint64 {
				f, err := g.OS.Image.Field("kernel_clone_args", name)
				if err != nil {
					t.Fatal(err)
				}
				var b [8]byte
				if err := g.ReadMemory(argument(1)+uint64(f.Offset), b[:]); err != nil {
					t.Fatal(err)
				}
				return binary.LittleEndian.Uint64(b[:])
			}
			return member("flags"), argument(0), member("tls")
		}
		frame := g.To("copy_thread")
		flags, child, tls := copied(frame)
		for flags&0x80000 == 0 { // CLONE_SETTLS
			frame = g.To("copy_thread")
			flags, child, tls = copied(frame)
		}
		ret, err := frame.Return()
		if err != nil {
			t.Fatal(err)
		}
		if name, _, ok := g.OS.Image.Lookup(ret); !ok || name != "copy_process" {
			t.Errorf("copy_thread returns to %#x in %s", ret, name)
		}
		parent := g.Current()
		sp := frame.SP()
		g.ToAddress(ret)
		if frame.Result() != 0 || g.Register(g.Machine.Arch().Registers.SP) != sp {
			t.Errorf("copy_thread gave %d, with the stack at %#x", frame.Result(), sp)
		}
		if g.Machine.Arch() == arch.I386 {
			// There it is the address of a user_desc, whose second word is the base.
			b := make([]byte, 4)
			if _, err := g.OS.ReadUser(&parent, nil, tls+4, b); err != nil {
				t.Fatal(err)
			}
			tls = uint64(binary.LittleEndian.Uint32(b))
		}
		thread, err := g.OS.Task(child)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := g.OS.UserTLS(&thread); got != tls || err != nil || tls == 0 {
			t.Errorf("thread-local storage at %#x (%v), not %#x", got, err, tls)
		}
		if g.Machine.Arch() == arch.I386 {
			for selector, want := range map[uint64]bool{0: false, 0x7b: false, 0x33: true} {
				if base, err := g.OS.SegmentBase(&thread, selector); err != nil || (base == tls) != want {
					t.Errorf("segment %#x is at %#x, %v", selector, base, err)
				}
			}
		}
	})
}

// The page that an arm64 kernel adds to every program, for signal handlers to return by, has Linux's name, also after fork.
func TestKernelsOwnPage(t *testing.T) {
	ForMachines(t, "forktwice", func(t *testing.T, g *Guest) {
		check := func(task introspect.Task) {
			t.Helper()
			maps, err := g.OS.Maps(&task)
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, m := range maps {
				if m.Path != "[vdso]" {
					continue
				}
				found++
				code := make([]byte, 8)
				translate := g.Translate
				_, err := g.OS.ReadUser(&task, translate, m.Start, code)
				// mov x8, #139 (rt_sigreturn); svc #0
				if err != nil || binary.LittleEndian.Uint64(code) != 0xd4000001d2801168 || !m.Executable() || m.Writable() || m.End-m.Start != 4096 {
					t.Errorf("[vdso] at %#x: % x, %v", m.Start, code, err)
				}
			}
			if want := Of(g, 0, 1, 0); found != want {
				t.Errorf("task %d has %d mappings of the kernel's, not %d", task.PID, found, want)
			}
		}
		check(g.ToSyscall("wait4"))
		g.To("schedule_tail")
		check(g.Current())
	})
}

// The pages of a program that it has not touched are read from its file, and what is nowhere is zeros or nothing at all.
func TestUserPage(t *testing.T) {
	ForMachines(t, "cat /proc/self/maps", func(t *testing.T, g *Guest) {
		g.To("start_thread") // /init, which executes the program
		g.To("start_thread")
		task := g.ToUser()
		maps, err := g.OS.Maps(&task)
		if err != nil {
			t.Fatal(err)
		}
		initrd := guestfs.Tree{}
		if err := initrd.AddArchive(Archive(t, g.Machine.Arch().Name)); err != nil {
			t.Fatal(err)
		}
		exe, err := g.OS.ExePath(&task)
		if err != nil {
			t.Fatal(err)
		}
		file := initrd[exe[1:]].Data
		untouched := 0
		translate := g.Translate
		for _, m := range maps {
			if m.Anonymous() || m.Writable() {
				continue
			}
			for va := m.Start; va < m.End; va += 4096 {
				want := make([]byte, 4096)
				copy(want, file[min(int(m.Offset+va-m.Start), len(file)):])
				page, ok, err := g.OS.Pages().UserPage(&task, va)
				if err != nil || !ok {
					t.Fatalf("%s at %#x: %v, %v", m.Path, va, ok, err)
				}
				got := make([]byte, 4096)
				if page.Addr != 0 {
					g.Machine.RAM().Read(page.Phys, got)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s at %#x: not the file's page", m.Path, va)
				}
				if _, there := translate(uint64(g.Machine.CPU().Space()), va); !there {
					untouched++
				}
			}
		}
		if untouched == 0 {
			t.Error("no page was untouched")
		}
		for _, va := range []uint64{0, maps[0].Start - 1, maps[len(maps)-1].End, g.OS.InitTask()} {
			if _, ok, err := g.OS.Pages().UserPage(&task, va); ok || err != nil {
				t.Errorf("something at %#x: %v", va, err)
			}
			if n, err := g.OS.ReadUser(&task, translate, va, make([]byte, 8)); n != 0 || err == nil {
				t.Errorf("%d bytes at %#x", n, va)
			}
		}
		// Across the end of what is mapped the part before it is read, by either way the same.
		end := maps[len(maps)-1].End
		quick, slow := make([]byte, 16), make([]byte, 16)
		n, err := g.OS.ReadUser(&task, translate, end-8, quick)
		m, err2 := g.OS.ReadUser(&task, nil, end-8, slow)
		if n != 8 || m != 8 || err != nil || err2 != nil || !bytes.Equal(quick, slow) {
			t.Errorf("at the end: %d bytes % x (%v), %d bytes % x (%v)", n, quick, err, m, slow, err2)
		}
		auxv, err := g.OS.Auxv(&task)
		if err != nil {
			t.Fatal(err)
		}
		word := len(auxv) / (len(auxv) / g.Machine.Arch().PointerSize())
		entries := make(map[uint64]uint64)
		for i := 0; i < len(auxv); i += 2 * word {
			var pair [16]byte
			copy(pair[:], auxv[i:i+word])
			copy(pair[8:], auxv[i+word:i+2*word])
			entries[binary.LittleEndian.Uint64(pair[:])] = binary.LittleEndian.Uint64(pair[8:])
		}
		entry := binary.LittleEndian.Uint32(file[0x18:]) // e_entry
		if entries[6] != 4096 || uint32(entries[9]) != entry {
			t.Errorf("the auxiliary vector is %v: AT_PAGESZ, AT_ENTRY (%#x)", entries, entry)
		}
		// The same bytes lie on the stack, above the environment's pointers.
		stack := make([]byte, 4096)
		sp := g.Register(g.Machine.Arch().Registers.SP)
		if n, _ = g.OS.ReadUser(&task, nil, sp, stack); !bytes.Contains(stack[:n], auxv) {
			t.Errorf("the stack at %#x has no such vector: % x", sp, auxv)
		}
	})
}

// A call of a kernel function prepared by introspect is one that the function understands.
func TestCall(t *testing.T) {
	ForMachines(t, "cat /proc/self/maps", func(t *testing.T, g *Guest) {
		frame := g.To("proc_file_read")
		task := g.Current()
		ret, err := frame.Return()
		if err != nil {
			t.Fatal(err)
		}
		g.Machine.Borrow()
		sp := g.Register(g.Machine.Arch().Registers.SP) - 512
		buffer := sp + 256
		s, err := g.OS.Stat(&task)
		if err != nil {
			t.Fatal(err)
		}
		call, err := g.OS.Call("access_process_vm", sp, ret, task.Addr, s.MM.ArgStart, buffer, 8, 0x10)
		if err != nil {
			t.Fatal(err)
		}
		pa, _ := g.Machine.CPU().Translate(g.Machine.CPU().Space(), call.SP)
		g.Machine.WriteMemory(pa, call.Stack)
		for _, r := range call.Registers {
			var b [8]byte
			binary.LittleEndian.PutUint64(b[:], r.Value)
			g.SetBytes(r.Register, b[:g.Machine.Arch().PointerSize()])
		}
		g.Orders.Hold = true
		g.ToAddress(ret)
		got := make([]byte, 8)
		if err := g.ReadMemory(buffer, got); err != nil || frame.Result() != 8 || string(got) != "/bin/cat" {
			t.Errorf("access_process_vm did %d bytes: %q, %v", frame.Result(), got, err)
		}
		g.Orders.Hold = false
		g.Machine.GiveBack()
		g.Until(machine.PowerOff)
		if _, err := g.OS.Call("no such function", sp, ret); err == nil {
			t.Error("a function that is not there can be called")
		}
	})
}

// A page fault with nothing to mend changes nothing that a program can see, however often it happens.
func TestSpuriousFaults(t *testing.T) {
	ForMachines(t, "signals", func(t *testing.T, g *Guest) {
		g.Until(machine.PowerOff)
		want := g.Console.String()
		again := New(t, g.Machine.Arch().Name, "signals")
		entered := 0
		for {
			s := again.Machine.Run(cpu.UntilTime(again.Machine.Clock().Now() + 1499))
			if s.Reason == machine.PowerOff {
				break
			}
			if s.Reason != machine.Limit || entered > 1_000_000 {
				t.Fatalf("%v: %s", s.Reason, s.Message())
			}
			if !again.Machine.CPU().Privileged() {
				again.Machine.EnterKernel()
				if !again.Machine.CPU().Privileged() {
					t.Fatal("still in user mode")
				}
				entered++
			}
		}
		if got := again.Console.String(); got != want || entered < 20 {
			t.Errorf("with %d faults more it says\n%s, and without\n%s", entered, got, want)
		}
	})
}
