// Package osdata makes the tables of gdb's "info os" from what is known of the guest's operating system. To add one, add a row to
// the list of tables.
package osdata

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
)

// Tables are the tables of a guest. It implements gdbstub.OSData.
type Tables struct{ Kernel introspect.GuestOS }

// table is one, without its rows, and how these are made.
type table struct {
	gdbstub.OSTable
	// each makes the rows of a task, all those of the whole guest.
	each func(k introspect.GuestOS, t *introspect.Task) ([][]string, error)
	all  func(k introspect.GuestOS) ([][]string, error)
}

// tables are in alphabetical order. Columns are gdbserver's where gdbserver has the table.
var tables = []table{
	{gdbstub.OSTable{Name: "files", Title: "File descriptors", Description: "Listing of all file descriptors",
		Columns: []string{"pid", "command", "file descriptor", "name"}}, files, nil},
	{gdbstub.OSTable{Name: "irqs", Title: "Interrupts", Description: "Listing of all interrupt lines that are handled, and how often each has come",
		Columns: []string{"irq", "count", "name"}}, nil, irqs},
	{gdbstub.OSTable{Name: "mounts", Title: "Mounts", Description: "Listing of all mounted file systems",
		Columns: []string{"type", "mounted on", "options"}}, nil, mounts},
	{gdbstub.OSTable{Name: "pagetables", Title: "Page tables", Description: "Listing of the pages in all page tables; with a pid, in that process's",
		Columns: []string{"pid", "command", "start", "end", "pages", "rights", "physical"}}, pageTables, nil},
	{gdbstub.OSTable{Name: "processes", Title: "Processes", Description: "Listing of all processes",
		Columns: []string{"pid", "user", "command", "cores"}}, processes, nil},
	{gdbstub.OSTable{Name: "procgroups", Title: "Process groups", Description: "Listing of all process groups",
		Columns: []string{"pgid", "leader command", "pid", "command line"}}, groups, nil},
	{gdbstub.OSTable{Name: "tasks", Title: "Tasks", Description: "Listing of all tasks as the guest's kernel has them",
		Columns: []string{"pid", "tgid", "ppid", "state", "system call", "command", "task_struct", "kernel stack", "mm_struct"}}, tasks, nil},
	{gdbstub.OSTable{Name: "threads", Title: "Threads", Description: "Listing of all threads",
		Columns: []string{"pid", "command", "tid", "core"}}, threads, nil},
}

// OSTables implements gdbstub.OSData.
func (d Tables) OSTables() []gdbstub.OSTable {
	list := make([]gdbstub.OSTable, len(tables))
	for i := range tables {
		list[i] = tables[i].OSTable
	}
	return list
}

// OSData implements gdbstub.OSData. Behind the name of a table of tasks may stand a process's number, which leaves out all others.
// What a damaged guest still tells is shown. Where that is nothing, or the number is no process's, the table is one sentence that says
// why: gdb has no other place for it, and makes "Can not fetch data now." of an error.
func (d Tables) OSData(name string) (gdbstub.OSTable, error) {
	name, word, limited := strings.Cut(strings.TrimSpace(name), " ")
	i := slices.IndexFunc(tables, func(t table) bool { return t.Name == name })
	if i < 0 {
		return gdbstub.OSTable{}, fmt.Errorf("%w: a table of the name %q", gdbstub.ErrNotFound, name)
	}
	t := tables[i]
	var err error
	switch {
	case limited && t.each == nil:
		err = fmt.Errorf("the table %s is of the whole guest, and takes no pid", name)
	case limited:
		t.Rows, err = d.process(t, strings.TrimSpace(word))
	case t.all != nil:
		t.Rows, err = t.all(d.Kernel)
	default:
		var list []introspect.Task
		list, err = d.Kernel.Tasks()
		t.Rows, err = rows(d.Kernel, t, list, err)
	}
	if len(t.Rows) == 0 && err != nil {
		t.Columns, t.Rows = []string{"message"}, [][]string{{err.Error()}}
	}
	return t.OSTable, nil
}

// rows are those of all tasks in a list, and the first error, if there is one.
func rows(k introspect.GuestOS, t table, list []introspect.Task, err error) ([][]string, error) {
	var out [][]string
	for i := range list {
		more, failed := t.each(k, &list[i])
		if out = append(out, more...); err == nil {
			err = failed
		}
	}
	return out, err
}

// process are a table's rows of the process with a number, or of the one that a thread of that number belongs to.
func (d Tables) process(t table, number string) ([][]string, error) {
	pid, err := strconv.ParseInt(number, 10, 32)
	if err != nil || pid < 0 {
		return nil, fmt.Errorf("%q is no number of a process", number)
	}
	task, err := d.Kernel.FindTask(int32(pid))
	if err != nil {
		return nil, err
	}
	list, err := d.Kernel.Tasks()
	list = slices.DeleteFunc(list, func(other introspect.Task) bool { return other.TGID != task.TGID })
	if len(list) == 0 {
		list = append(list, task)
	}
	return rows(d.Kernel, t, list, err)
}

// commandLine is the program's arguments with spaces between them, or for a task without any its name in brackets.
func commandLine(k introspect.GuestOS, t *introspect.Task) string {
	b, err := k.Cmdline(t)
	if err != nil || len(b) == 0 {
		return "[" + t.Comm + "]"
	}
	return strings.ReplaceAll(string(b), "\x00", " ")
}

// isProcess says whether the task is a process's first thread; the idle task is no process.
func isProcess(t *introspect.Task) bool { return t.PID != 0 && t.PID == t.TGID }

func decimal(n int32) string { return strconv.Itoa(int(n)) }

func hex(n uint64) string { return "0x" + strconv.FormatUint(n, 16) }

func processes(k introspect.GuestOS, t *introspect.Task) ([][]string, error) {
	if !isProcess(t) {
		return nil, nil
	}
	s, err := k.Stat(t)
	if err != nil {
		return nil, err
	}
	user := "root"
	if s.UID[1] != 0 {
		user = strconv.Itoa(int(s.UID[1]))
	}
	return [][]string{{decimal(t.PID), user, commandLine(k, t), "0"}}, nil
}

func groups(k introspect.GuestOS, t *introspect.Task) ([][]string, error) {
	if !isProcess(t) {
		return nil, nil
	}
	s, err := k.Stat(t)
	if err != nil {
		return nil, err
	}
	leader := "" // it may have ended
	if first, err := k.FindTask(s.Group); err == nil {
		leader = first.Comm
	}
	return [][]string{{decimal(s.Group), leader, decimal(t.PID), commandLine(k, t)}}, nil
}

func threads(_ introspect.GuestOS, t *introspect.Task) ([][]string, error) {
	if t.PID == 0 {
		return nil, nil
	}
	return [][]string{{decimal(t.TGID), t.Comm, decimal(t.PID), "0"}}, nil
}

func files(k introspect.GuestOS, t *introspect.Task) ([][]string, error) {
	if !isProcess(t) {
		return nil, nil
	}
	files, err := k.OpenFiles(t)
	var rows [][]string
	for _, f := range files {
		rows = append(rows, []string{decimal(t.PID), t.Comm, strconv.Itoa(f.FD), f.Path})
	}
	return rows, err
}

func tasks(k introspect.GuestOS, t *introspect.Task) ([][]string, error) {
	s, err := k.Stat(t)
	if err != nil {
		return nil, err
	}
	return [][]string{{decimal(t.PID), decimal(t.TGID), decimal(s.Parent), t.StateName(), k.SleepsIn(t), t.Comm, hex(t.Addr), hex(t.Stack), hex(t.MM)}}, nil
}

func irqs(k introspect.GuestOS) ([][]string, error) {
	list, err := k.Interrupts()
	var rows [][]string
	for _, i := range list {
		rows = append(rows, []string{strconv.Itoa(i.Line), strconv.FormatUint(i.Count, 10), i.Name})
	}
	return rows, err
}

func mounts(k introspect.GuestOS) ([][]string, error) {
	list, err := k.FS().Mounts()
	var rows [][]string
	for _, m := range list {
		options := "rw"
		if m.NoExec {
			options += ",noexec"
		}
		rows = append(rows, []string{m.Type, m.Path, options})
	}
	return rows, err
}

// pageTables has a row for each run of pages that follow each other in the process's memory and in physical memory. A page that a
// parent and its child share since fork has the same physical address in both, and no right to write in either.
func pageTables(k introspect.GuestOS, t *introspect.Task) ([][]string, error) {
	if !isProcess(t) {
		return nil, nil
	}
	runs, err := k.Pages().Runs(t)
	var rows [][]string
	for _, r := range runs {
		rows = append(rows, []string{decimal(t.PID), t.Comm, hex(r.Start), hex(r.End), strconv.FormatUint((r.End-r.Start)>>12, 10), rights(r), hex(r.Phys)})
	}
	return rows, err
}

func rights(r introspect.Run) string {
	b := []byte("---")
	for i, may := range []bool{r.Readable, r.Writable, r.Executable} {
		if may {
			b[i] = "rwx"[i]
		}
	}
	return string(b)
}
