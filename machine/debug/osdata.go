package debug

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
)

// osTable is a table of "info os" and how its rows are made. Columns are gdbserver's where gdbserver has the table.
type osTable struct {
	gdbstub.OSTable
	rows func(o *osData, list []introspect.Task, t *introspect.Task) ([][]string, error)
}

var osTableList = []osTable{
	{gdbstub.OSTable{Name: "files", Title: "File descriptors", Description: "Listing of all file descriptors",
		Columns: []string{"pid", "command", "file descriptor", "name"}}, (*osData).files},
	{gdbstub.OSTable{Name: "processes", Title: "Processes", Description: "Listing of all processes",
		Columns: []string{"pid", "user", "command", "cores"}}, (*osData).processes},
	{gdbstub.OSTable{Name: "procgroups", Title: "Process groups", Description: "Listing of all process groups",
		Columns: []string{"pgid", "leader command", "pid", "command line"}}, (*osData).groups},
	{gdbstub.OSTable{Name: "tasks", Title: "Tasks", Description: "Listing of all tasks as the guest's kernel has them",
		Columns: []string{"pid", "tgid", "ppid", "state", "command", "task_struct", "kernel stack", "mm_struct"}}, (*osData).tasks},
	{gdbstub.OSTable{Name: "threads", Title: "Threads", Description: "Listing of all threads",
		Columns: []string{"pid", "command", "tid", "core"}}, (*osData).threads},
}

// osData makes the tables of "info os" from guest memory.
type osData struct{ kernel *introspect.Kernel }

func (o *osData) tables() []gdbstub.OSTable {
	if o.kernel == nil {
		return nil
	}
	var list []gdbstub.OSTable
	for _, t := range osTableList {
		list = append(list, t.OSTable)
	}
	return list
}

func (o *osData) table(name string) (gdbstub.OSTable, error) {
	i := slices.IndexFunc(osTableList, func(t osTable) bool { return t.Name == name })
	if i < 0 {
		return gdbstub.OSTable{}, fmt.Errorf("%w: a table of the name %q", gdbstub.ErrNotFound, name)
	}
	making := osTableList[i]
	table := making.OSTable
	tasks, err := o.kernel.Tasks()
	if len(tasks) == 0 && err != nil {
		return gdbstub.OSTable{}, err
	}
	for i := range tasks {
		rows, err := making.rows(o, tasks, &tasks[i])
		if err != nil {
			return gdbstub.OSTable{}, err
		}
		table.Rows = append(table.Rows, rows...)
	}
	return table, nil
}

// commandLine is the program's arguments with spaces between them, or for a task without any its name in brackets.
func (o *osData) commandLine(t *introspect.Task) string {
	b, err := o.kernel.Cmdline(t)
	if err != nil || len(b) == 0 {
		return "[" + t.Comm + "]"
	}
	return strings.ReplaceAll(string(b), "\x00", " ")
}

// isProcess says whether the task is a process's first thread; the idle task is no process.
func isProcess(t *introspect.Task) bool { return t.PID != 0 && t.PID == t.TGID }

func decimal(n int32) string { return strconv.Itoa(int(n)) }

func (o *osData) processes(_ []introspect.Task, t *introspect.Task) ([][]string, error) {
	if !isProcess(t) {
		return nil, nil
	}
	s, err := o.kernel.Stat(t)
	if err != nil {
		return nil, err
	}
	user := "root"
	if s.UID[1] != 0 {
		user = strconv.Itoa(int(s.UID[1]))
	}
	return [][]string{{decimal(t.PID), user, o.commandLine(t), "0"}}, nil
}

func (o *osData) groups(list []introspect.Task, t *introspect.Task) ([][]string, error) {
	if !isProcess(t) {
		return nil, nil
	}
	s, err := o.kernel.Stat(t)
	if err != nil {
		return nil, err
	}
	leader := ""
	if i := slices.IndexFunc(list, func(t introspect.Task) bool { return t.PID == s.Group }); i >= 0 {
		leader = list[i].Comm
	}
	return [][]string{{decimal(s.Group), leader, decimal(t.PID), o.commandLine(t)}}, nil
}

func (o *osData) threads(_ []introspect.Task, t *introspect.Task) ([][]string, error) {
	if t.PID == 0 {
		return nil, nil
	}
	return [][]string{{decimal(t.TGID), t.Comm, decimal(t.PID), "0"}}, nil
}

func (o *osData) files(_ []introspect.Task, t *introspect.Task) ([][]string, error) {
	if !isProcess(t) {
		return nil, nil
	}
	files, err := o.kernel.OpenFiles(t)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for _, f := range files {
		rows = append(rows, []string{decimal(t.PID), t.Comm, strconv.Itoa(f.FD), f.Path})
	}
	return rows, nil
}

func (o *osData) tasks(_ []introspect.Task, t *introspect.Task) ([][]string, error) {
	s, err := o.kernel.Stat(t)
	if err != nil {
		return nil, err
	}
	return [][]string{{decimal(t.PID), decimal(t.TGID), decimal(s.Parent), t.StateName(), t.Comm, fmt.Sprintf("%#x", t.Addr),
		fmt.Sprintf("%#x", t.Stack), fmt.Sprintf("%#x", t.MM)}}, nil
}
