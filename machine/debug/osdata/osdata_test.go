package osdata

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"forkscope/gdbstub"
	"forkscope/machine"
	"forkscope/machine/debug/debugtest"
)

func TestOSData(t *testing.T) {
	debugtest.ForMachines(t, "cat /proc/self/maps", func(t *testing.T, g *debugtest.Guest) {
		g.To("proc_file_read")
		task := g.Current()
		pid := strconv.Itoa(int(task.PID))
		o := Tables{g.OS}
		for name, want := range map[string][]string{
			"processes":  {pid, "root", "/bin/cat /proc/self/maps ", "0"},
			"threads":    {pid, "cat", pid, "0"},
			"files":      {pid, "cat", "3", "/proc/" + pid + "/maps"},
			"procgroups": {pid, "cat", pid, "/bin/cat /proc/self/maps "},
			"mounts":     {"proc", "/proc", "rw"},
		} {
			table, err := o.OSData(name)
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
		tasks, err := o.OSData("tasks")
		if err != nil || !slices.Equal(tasks.Rows[0][:6], []string{"0", "0", "0", "runnable", "", "swapper"}) ||
			!slices.Equal(tasks.Rows[1][:6], []string{"1", "1", "0", "sleeping", "wait4", "init"}) {
			t.Errorf("tasks: %q, %v", tasks.Rows, err)
		}
		for _, table := range o.OSTables() {
			full, err := o.OSData(table.Name)
			if err != nil || len(full.Rows) == 0 || table.Rows != nil {
				t.Errorf("%s: %v, %v", table.Name, full, err)
			}
			for _, row := range full.Rows {
				if len(row) != len(full.Columns) {
					t.Errorf("%s: %q for %q", table.Name, row, full.Columns)
				}
			}
		}
		if _, err := o.OSData("shm"); err == nil || !strings.Contains(err.Error(), gdbstub.ErrNotFound.Error()) {
			t.Errorf("a table that is not there: %v", err)
		}
	})
}

// Interrupts have come as often as the function that handles them was called.
func TestInterrupts(t *testing.T) {
	debugtest.ForMachines(t, "preempt", func(t *testing.T, g *debugtest.Guest) {
		const handler = "timer_interrupt"
		name := debugtest.Of(g, "timer", "arch_timer", "timer")
		for want := range 5 {
			g.To(handler)
			table, err := Tables{g.OS}.OSData("irqs")
			row := slices.IndexFunc(table.Rows, func(row []string) bool { return row[2] == name })
			if err != nil || row < 0 {
				t.Fatalf("no line %s: %q, %v", name, table.Rows, err)
			}
			if got := table.Rows[row][1]; got != strconv.Itoa(want+1) {
				t.Errorf("%s has come %s times, not %d", name, got, want+1)
			}
		}
	})
}

// The mounts are the lines that the guest's own /proc/mounts has.
func TestMounts(t *testing.T) {
	debugtest.ForMachines(t, "cat /proc/mounts", func(t *testing.T, g *debugtest.Guest) {
		g.To("sys_exit_group")
		table, err := Tables{g.OS}.OSData("mounts")
		if err != nil {
			t.Fatal(err)
		}
		var lines string
		for _, row := range table.Rows {
			lines += row[0] + " " + row[1] + " " + row[0] + " " + row[2] + " 0 0\n"
		}
		g.Until(machine.PowerOff)
		if got := strings.ReplaceAll(g.Console.String(), "\r\n", "\n"); len(table.Rows) < 4 || !strings.HasSuffix(got, lines) {
			t.Errorf("the guest says\n%s, and we\n%s", got, lines)
		}
	})
}

// Every page of a table is where the processor finds it, with the rights that it has; and after fork parent and child have the same
// pages, which neither may write.
func TestPageTables(t *testing.T) {
	debugtest.ForMachines(t, "forktwice", func(t *testing.T, g *debugtest.Guest) {
		call := g.To("wake_up_new_task")
		made, err := g.OS.Created(call)
		for err == nil && made.Task.MM == 0 || made.Task.PID < 3 {
			made, err = g.OS.Created(g.To("wake_up_new_task"))
		}
		if err != nil {
			t.Fatal(err)
		}
		maker := g.Current()
		read := func(pid int32) map[string]string {
			table, err := Tables{g.OS}.OSData("pagetables " + strconv.Itoa(int(pid)))
			if err != nil || len(table.Rows) == 0 {
				t.Fatalf("%q, %v", table.Rows, err)
			}
			at := make(map[string]string)
			for _, row := range table.Rows {
				if row[0] != strconv.Itoa(int(pid)) {
					t.Errorf("a row of another process: %q", row)
				}
				at[row[2]] = row[6] + " " + row[5]
				start, err := strconv.ParseUint(row[2], 0, 64)
				if err != nil {
					t.Fatal(err)
				}
				pages, err := strconv.ParseUint(row[4], 10, 64)
				if err != nil || pages == 0 {
					t.Fatalf("%q: %v", row, err)
				}
				if pid != maker.PID {
					continue
				}
				for i := range pages {
					pa, ok := g.Translate(uint64(g.Machine.CPU().Space()), start+i<<12)
					if want, _ := strconv.ParseUint(row[6], 0, 64); pa != want+i<<12 || ok != (row[5][0] == 'r') {
						t.Errorf("%q: page %d is at %#x, %v", row, i, pa, ok)
					}
				}
			}
			return at
		}
		parent, child := read(maker.PID), read(made.Task.PID)
		shared := 0
		for start, what := range child {
			if parent[start] == what {
				shared++
			}
			if strings.Contains(what, "w") {
				t.Errorf("the child may write at %s: %s", start, what)
			}
		}
		if shared == 0 {
			t.Errorf("parent %q, child %q: nothing is shared", parent, child)
		}
	})
}

// What cannot be shown is said in a sentence, in the table.
func TestWordsBehindTables(t *testing.T) {
	debugtest.ForMachines(t, "cat /proc/self/maps", func(t *testing.T, g *debugtest.Guest) {
		o := Tables{g.OS}
		if table, err := o.OSData("tasks"); err != nil || table.Columns[0] != "message" && len(table.Rows) != 1 {
			t.Errorf("before the kernel has run: %q, %v", table.Rows, err)
		}
		g.To("proc_file_read")
		for name, want := range map[string]string{
			"pagetables 77": "task 77: there is no such task", "files x": `"x" is no number of a process`, "threads -1": `"-1" is no number of a process`,
			"mounts 1": "the table mounts is of the whole guest, and takes no pid",
		} {
			table, err := o.OSData(name)
			if err != nil || len(table.Rows) != 1 || table.Rows[0][0] != want || len(table.Columns) != 1 {
				t.Errorf("%s: %q, %v", name, table.Rows, err)
			}
		}
		for _, name := range []string{"threads  " + strconv.Itoa(int(g.Current().PID)), "tasks 1", "files 2 "} {
			if table, err := o.OSData(name); err != nil || len(table.Rows) == 0 || table.Columns[0] != "pid" {
				t.Errorf("%s: %q, %v", name, table.Rows, err)
			}
		}
	})
}
