// Package syscalls knows the system calls of the machines by name and number. They are Linux's, so they hold for any Linux guest.
// Its list, syscall.tbl, is also what the kernel's table is built of.
package syscalls

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed syscall.tbl
var list string

// Call is a line of the list for one machine.
type Call struct {
	Name   string
	Number int
	// Function is what does it in this repository's kernel, empty if nothing does.
	Function string
}

// table is the calls of one machine.
type table struct {
	calls    []Call
	byName   map[string]int
	byNumber map[int]string
}

// tables are those of each machine, by its name in the list's first line. Most runs of the emulator never ask.
var tables = sync.OnceValue(func() map[string]*table {
	tables, err := parse(list)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return tables
})

func parse(list string) (map[string]*table, error) {
	tables := make(map[string]*table)
	var machines []string
	for i, line := range strings.Split(strings.TrimSpace(list), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if machines == nil {
			if len(words) < 3 {
				return nil, fmt.Errorf("syscall.tbl:%d: no machines: %q", i+1, line)
			}
			machines = words[1 : len(words)-1]
			for _, m := range machines {
				tables[m] = &table{byName: make(map[string]int), byNumber: make(map[int]string)}
			}
			continue
		}
		if len(words) != len(machines)+2 {
			return nil, fmt.Errorf("syscall.tbl:%d: %d words where there are %d machines: %q", i+1, len(words), len(machines), line)
		}
		for j, m := range machines {
			if err := tables[m].add(words[0], words[j+1], words[len(words)-1]); err != nil {
				return nil, fmt.Errorf("syscall.tbl:%d: %s: %w", i+1, m, err)
			}
		}
	}
	return tables, nil
}

// add reads the part of a line that is about one machine.
func (t *table) add(name, number, function string) error {
	if number == "-" {
		return nil
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return fmt.Errorf("the number of %s: %w", name, err)
	}
	if other, ok := t.byNumber[int(n)]; ok {
		return fmt.Errorf("%s and %s have the number %d", other, name, n)
	}
	if _, ok := t.byName[name]; ok {
		return fmt.Errorf("%s has two numbers", name)
	}
	if function == "-" {
		function = ""
	}
	t.byName[name], t.byNumber[int(n)] = int(n), name
	t.calls = append(t.calls, Call{name, int(n), function})
	return nil
}

// of is the table of a machine.
func of(machine string) *table {
	t := tables()[machine]
	if t == nil {
		panic("BUG: no system calls are known of the machine " + machine)
	}
	return t
}

// All lists the calls of a machine ("i386", "arm64", "x86_64") by name. Nobody may write to it.
func All(machine string) []Call { return of(machine).calls }

// Number is the number that a call has on a machine ("i386", "arm64", "x86_64"). It panics for a name that is not in the list, which is a mistake
// of the caller's, and for a call that the machine does not have.
func Number(machine, name string) int {
	n, ok := of(machine).byName[name]
	if !ok {
		panic("BUG: " + machine + " has no system call " + name)
	}
	return n
}

// Name is what the call of a number is called on a machine ("i386", "arm64", "x86_64"): "write", or "system call 1234" where Linux has none.
func Name(machine string, number int) string {
	if name, ok := of(machine).byNumber[number]; ok {
		return name
	}
	return fmt.Sprintf("system call %d", number)
}
