package guestfs

import (
	"io"
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"forkscope/machine"
	"forkscope/machine/debug/debugtest"
)

// text reads a file of a procFS.
func text(t *testing.T, p *Proc, name string) string {
	t.Helper()
	b, err := fs.ReadFile(p, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a program in the guest reads of itself is what is made here at the moment the kernel begins to answer.
func TestProcAgreesWithTheGuest(t *testing.T) {
	for _, name := range []string{"maps", "stat", "statm", "status", "comm", "cmdline", "environ"} {
		t.Run(name, func(t *testing.T) {
			debugtest.ForMachines(t, "cat /proc/self/"+name, func(t *testing.T, g *debugtest.Guest) {
				g.To("proc_file_read")
				task := g.Current()
				p := &Proc{Kernel: g.OS, PID: int(task.TGID)}
				want := text(t, p, "proc/self/"+name)
				if len(want) < 4 || task.Comm != "cat" {
					t.Fatalf("%s of %s: %q", name, task.Comm, want)
				}
				for _, other := range []string{"proc/" + strconv.Itoa(int(task.PID)) + "/" + name, "proc/self/task/" + strconv.Itoa(int(task.PID)) + "/" + name} {
					if got := text(t, p, other); got != want {
						t.Errorf("%s: %q, not %q", other, got, want)
					}
				}
				g.Until(machine.PowerOff)
				if got := strings.ReplaceAll(g.Console.String(), "\r\n", "\n"); !strings.HasSuffix(got, want) {
					t.Errorf("the guest says\n%s, and we\n%s", got, want)
				}
			})
		})
	}
}

func TestProcLinksAndDirectories(t *testing.T) {
	debugtest.ForMachines(t, "cat /proc/self/maps", func(t *testing.T, g *debugtest.Guest) {
		g.To("proc_file_read")
		task := g.Current()
		program := []byte("the program")
		p := &Proc{Kernel: g.OS, PID: int(task.TGID), Files: Tree{"bin/cat": {Data: program}}}
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
			if got := text(t, p, name); got != string(program) {
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
		p.Traced = func(pid int) bool { return pid == int(task.TGID) }
		if got := text(t, p, "proc/self/status"); !strings.Contains(got, "\nState:\tt (tracing stop)\n") {
			t.Errorf("a traced process's status:\n%s", got)
		}
		if got := text(t, p, "proc/1/status"); strings.Contains(got, "tracing") {
			t.Errorf("another process's status:\n%s", got)
		}
	})
}

// A page that a program has written to is anonymous, one that it has only read is not, one that it has not touched is neither.
func TestSmaps(t *testing.T) {
	debugtest.ForMachines(t, "cat /proc/self/maps", func(t *testing.T, g *debugtest.Guest) {
		g.To("proc_file_read")
		task := g.Current()
		p := &Proc{Kernel: g.OS, PID: int(task.TGID)}
		lines := strings.Split(strings.TrimSuffix(text(t, p, "proc/self/smaps"), "\n"), "\n")
		maps := strings.Split(strings.TrimSuffix(text(t, p, "proc/self/maps"), "\n"), "\n")
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
		s, err := g.OS.Stat(&task)
		if err != nil {
			t.Fatal(err)
		}
		// The kernel counts the page of zeros, wherever it is mapped.
		if all := s.MM.RSS * 4; present == 0 || present > all || all-present > 40 {
			t.Errorf("%d kB are present, of %d that the kernel counts", present, all)
		}
	})
}
