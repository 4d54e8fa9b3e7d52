package osdata

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"forkscope/gdbstub"
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
		if err != nil || tasks.Rows[0][0] != "0" || tasks.Rows[0][4] != "swapper" {
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
