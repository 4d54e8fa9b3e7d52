package debug

import (
	"bytes"
	"encoding/binary"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
)

// inside is a machine and what introspect sees in it, without a debugger.
type inside struct {
	*machine.Machine
	t       *testing.T
	k       *introspect.Kernel
	console bytes.Buffer
	o       cpu.Orders // of the next run
}

// ReadMemory implements introspect.Memory by the page table in use.
func (g *inside) ReadMemory(va uint64, p []byte) error {
	for done := 0; done < len(p); {
		pa, ok := g.CPU().Translate(g.CPU().Space(), va)
		n := min(len(p)-done, int(4096-va%4096))
		if !ok || !g.RAM().Contains(pa, uint64(n)) {
			return fs.ErrInvalid
		}
		g.RAM().Read(pa, p[done:done+n])
		done += n
		va += uint64(n)
	}
	return nil
}

func newInside(t *testing.T, arch, words string, more ...byte) *inside {
	t.Helper()
	kernel, err := os.ReadFile("../../kernel/image/vmlinux-" + arch)
	if err != nil {
		t.Fatal(err)
	}
	initrd, err := os.ReadFile("../../guests/image/initramfs-" + arch + ".cpio")
	if err != nil {
		t.Fatal(err)
	}
	initrd = append(initrd, more...)
	g := &inside{t: t, o: cpu.Orders{Breaks: &cpu.BreakSet{}}}
	config := machine.Config{Arch: arch, Kernel: kernel, Initrd: [][]byte{initrd}, Cmdline: "-- /bin/" + words, Console: &g.console}
	if g.Machine, err = machine.New(config); err != nil {
		t.Fatal(err)
	}
	closeRepeated(t, config, g.Machine)
	im, err := introspect.Open(bytes.NewReader(kernel))
	if err != nil {
		t.Fatal(err)
	}
	if g.k, err = introspect.New(im, g); err != nil {
		t.Fatal(err)
	}
	return g
}

func forMachines(t *testing.T, words string, f func(t *testing.T, g *inside)) {
	for _, arch := range []string{machine.I386, machine.ARM64} {
		t.Run(arch, func(t *testing.T) { f(t, newInside(t, arch, words)) })
	}
}

// until runs to a reason; more instructions than these no test needs.
func (g *inside) until(want machine.Reason) {
	g.t.Helper()
	g.o.Until, g.o.Time = clock.Mark{Retired: clock.Never}, 2_000_000_000
	s := g.Run(&g.o)
	g.o.Pass = g.o.Pass && !s.Passed
	if s.Reason != want {
		g.t.Fatalf("%v (%s), not %v; the console:\n%s", s.Reason, s.Message, want, g.console.String())
	}
}

// to runs to the next call of a kernel function.
func (g *inside) to(function string) introspect.CallFrame {
	g.t.Helper()
	va, ok := g.k.Image.Symbol(function)
	if !ok {
		g.t.Fatalf("the kernel has no %s", function)
	}
	g.toAddress(va)
	return g.k.CallFrame(g.register)
}

// toAddress runs to an instruction.
func (g *inside) toAddress(va uint64) {
	g.t.Helper()
	d := &g.o
	d.Pass = true
	d.Breaks.Add(va)
	g.until(machine.Break)
	d.Breaks.Remove(va)
	d.Pass = true
}

// bytesOf is the value of a CPU register by gdb's name.
func (g *inside) bytesOf(name string) []byte {
	g.t.Helper()
	return slices.Clone(g.CPU().ReadRegister(g.number(name), make([]byte, 64)))
}

func (g *inside) number(name string) int {
	g.t.Helper()
	i := slices.IndexFunc(g.CPU().Registers(), func(r cpu.Register) bool { return r.Name == name })
	if i < 0 {
		g.t.Fatalf("the CPU has no register %s", name)
	}
	return i
}

func (g *inside) register(name string) uint64 {
	var b [8]byte
	copy(b[:], g.bytesOf(name))
	return binary.LittleEndian.Uint64(b[:])
}

// current is the task on the CPU.
func (g *inside) current() introspect.Task {
	g.t.Helper()
	sp, ok := g.CPU().KernelStack()
	if !ok {
		g.t.Fatal("there is no kernel stack yet")
	}
	addr, err := g.k.Current(sp - 1)
	if err != nil {
		g.t.Fatal(err)
	}
	t, err := g.k.Task(addr)
	if err != nil {
		g.t.Fatal(err)
	}
	return t
}

func (g *inside) task(pid int32) introspect.Task {
	g.t.Helper()
	tasks, err := g.k.Tasks()
	if err != nil {
		g.t.Fatal(err)
	}
	for _, t := range tasks {
		if t.PID == pid {
			return t
		}
	}
	g.t.Fatalf("there is no task %d among %v", pid, tasks)
	return introspect.Task{}
}

// text reads a file of a procFS.
func (g *inside) text(p *procFS, name string) string {
	g.t.Helper()
	b, err := fs.ReadFile(p, name)
	if err != nil {
		g.t.Fatal(err)
	}
	return string(b)
}

// What a program in the guest reads of itself is what is made here at the moment the kernel begins to answer.
func TestProcAgreesWithTheGuest(t *testing.T) {
	for _, name := range []string{"maps", "stat", "statm", "status", "comm", "cmdline", "environ"} {
		t.Run(name, func(t *testing.T) {
			forMachines(t, "cat /proc/self/"+name, func(t *testing.T, g *inside) {
				g.to("proc_file_read")
				task := g.current()
				p := &procFS{kernel: g.k, pid: int(task.TGID)}
				want := g.text(p, "proc/self/"+name)
				if len(want) < 4 || task.Comm != "cat" {
					t.Fatalf("%s of %s: %q", name, task.Comm, want)
				}
				for _, other := range []string{"proc/" + strconv.Itoa(int(task.PID)) + "/" + name, "proc/self/task/" + strconv.Itoa(int(task.PID)) + "/" + name} {
					if got := g.text(p, other); got != want {
						t.Errorf("%s: %q, not %q", other, got, want)
					}
				}
				g.until(machine.PowerOff)
				if got := strings.ReplaceAll(g.console.String(), "\r\n", "\n"); !strings.HasSuffix(got, want) {
					t.Errorf("the guest says\n%s, and we\n%s", got, want)
				}
			})
		})
	}
}

func TestProcLinksAndDirectories(t *testing.T) {
	forMachines(t, "cat /proc/self/maps", func(t *testing.T, g *inside) {
		g.to("proc_file_read")
		task := g.current()
		program := []byte("the program")
		p := &procFS{kernel: g.k, pid: int(task.TGID), files: FileTree{"bin/cat": {Data: program}}}
		for name, want := range map[string]string{
			"proc/self": strconv.Itoa(int(task.PID)), "proc/self/exe": "/bin/cat", "proc/self/cwd": "/", "proc/self/root": "/", "proc/self/fd/0": "/dev/console",
			"proc/self/fd/3": "/proc/" + strconv.Itoa(int(task.PID)) + "/maps",
		} {
			if got, err := p.ReadLink(name); got != want || err != nil {
				t.Errorf("%s leads to %q (%v), not %q", name, got, err, want)
			}
		}
		for _, name := range []string{"proc/self/fd/99", "proc/self/maps", "proc/99999/exe", "proc/0/exe", "proc/01/exe", "proc/2/task/1/exe", "proc/self/"} {
			if got, err := p.ReadLink(name); err == nil {
				t.Errorf("%s leads to %q", name, got)
			}
		}
		for _, name := range []string{"proc/self/no", "proc/99999/maps", "proc/self/maps/x", "bin/dog", "../x"} {
			if f, err := p.Open(name); err == nil {
				t.Errorf("%s is there: %v", name, f)
			}
		}
		for _, name := range []string{"proc/self/exe", "bin/cat"} {
			if got := g.text(p, name); got != string(program) {
				t.Errorf("%s has %q", name, got)
			}
		}
		f, err := p.Open("proc/self/task")
		if err != nil {
			t.Fatal(err)
		}
		if info, err := f.Stat(); err != nil || !info.IsDir() || info.Name() != "task" {
			t.Errorf("proc/self/task is %v, %v", info, err)
		}
		if f, err = p.Open("proc/self/maps"); err != nil {
			t.Fatal(err)
		}
		if _, ok := f.(io.ReaderAt); !ok {
			t.Error("a file in /proc cannot be read at an offset")
		}
		p.traced = func(pid int) bool { return pid == int(task.TGID) }
		if got := g.text(p, "proc/self/status"); !strings.Contains(got, "\nState:\tt (tracing stop)\n") {
			t.Errorf("a traced process's status:\n%s", got)
		}
		if got := g.text(p, "proc/1/status"); strings.Contains(got, "tracing") {
			t.Errorf("another process's status:\n%s", got)
		}
	})
}

// A page that a program has written to is anonymous, one that it has only read is not, one that it has not touched is neither.
func TestSmaps(t *testing.T) {
	forMachines(t, "cat /proc/self/maps", func(t *testing.T, g *inside) {
		g.to("proc_file_read")
		task := g.current()
		p := &procFS{kernel: g.k, pid: int(task.TGID)}
		lines := strings.Split(strings.TrimSuffix(g.text(p, "proc/self/smaps"), "\n"), "\n")
		maps := strings.Split(strings.TrimSuffix(g.text(p, "proc/self/maps"), "\n"), "\n")
		if len(lines) != 8*len(maps) {
			t.Fatalf("%d lines for %d ranges", len(lines), len(maps))
		}
		var present uint64
		for i, m := range maps {
			part := lines[8*i : 8*i+8]
			number := func(line int) uint64 {
				n, err := strconv.ParseUint(strings.Fields(part[line])[1], 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
			rss, anonymous := number(4), number(5)
			present += rss
			if part[0] != m || !strings.HasPrefix(part[7], "VmFlags: rd ") {
				t.Errorf("%q for %q", part, m)
			}
			if strings.Contains(m, "r-xp") && strings.Contains(m, "/bin/cat") && (anonymous != 0 || rss == 0) || strings.Contains(m, "[stack]") && (anonymous == 0 || anonymous > rss) || rss > number(1) {
				t.Errorf("%q", part)
			}
		}
		s, err := g.k.Stat(&task)
		if err != nil {
			t.Fatal(err)
		}
		// The kernel counts the page of zeros, wherever it is mapped.
		if all := s.MM.RSS * 4; present == 0 || present > all || all-present > 40 {
			t.Errorf("%d kB are present, of %d that the kernel counts", present, all)
		}
	})
}

func TestOSData(t *testing.T) {
	forMachines(t, "cat /proc/self/maps", func(t *testing.T, g *inside) {
		g.to("proc_file_read")
		task := g.current()
		pid := strconv.Itoa(int(task.PID))
		o := &osData{g.k}
		for name, want := range map[string][]string{
			"processes":  {pid, "root", "/bin/cat /proc/self/maps ", "0"},
			"threads":    {pid, "cat", pid, "0"},
			"files":      {pid, "cat", "3", "/proc/" + pid + "/maps"},
			"procgroups": {pid, "cat", pid, "/bin/cat /proc/self/maps "},
		} {
			table, err := o.table(name)
			if err != nil {
				t.Fatal(err)
			}
			if name == "procgroups" {
				want[0] = table.Rows[len(table.Rows)-1][0]
				want[1] = table.Rows[len(table.Rows)-1][1]
			}
			if !slices.ContainsFunc(table.Rows, func(row []string) bool { return slices.Equal(row, want) }) {
				t.Errorf("%s: no row %q in %q", name, want, table.Rows)
			}
		}
		tasks, err := o.table("tasks")
		if err != nil || tasks.Rows[0][0] != "0" || tasks.Rows[0][4] != "swapper" {
			t.Errorf("tasks: %q, %v", tasks.Rows, err)
		}
		for _, table := range o.tables() {
			full, err := o.table(table.Name)
			if err != nil || len(full.Rows) == 0 || table.Rows != nil {
				t.Errorf("%s: %v, %v", table.Name, full, err)
			}
			for _, row := range full.Rows {
				if len(row) != len(full.Columns) {
					t.Errorf("%s: %q for %q", table.Name, row, full.Columns)
				}
			}
		}
		if _, err := o.table("shm"); err == nil || !strings.Contains(err.Error(), gdbstub.ErrNotFound.Error()) {
			t.Errorf("a table that is not there: %v", err)
		}
	})
}

func guestArchive(t *testing.T, arch string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../guests/image/initramfs-" + arch + ".cpio")
	if err != nil {
		t.Fatal(err)
	}
	return b
}
